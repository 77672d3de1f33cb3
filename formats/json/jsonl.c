/* JSONL: one JSON value a line; where a schema has fields, an object.
 *
 *   split    a block ends at the last '\n' within its first MiB; a longer line is a block of its
 *            own up to --max-record-size, and beyond it is passed over and refused
 *   decode   line by line; whatever a record's quotes say, the next '\n' ends it, so that a bad
 *            record never touches its neighbours
 *
 * '\r\n' ends a line too, blank lines are counted and skipped, a byte order mark may stand at the
 * start of the input, and the last '\n' may be missing. */
#include "formats/json/json_infer.h"
#include "formats/json/json_outline.h"
#include "formats/json/json_reader.h"
#include "formats/registry.h"
#include "formats/text/line_splitter.h"
#include "formats/text/text_probe.h"
#include "pipeline/core/checked.h"

typedef struct jsonl_format {
    cp_format base;
    cp_json_plan plan;
    uint64_t max_record_bytes;
} jsonl_format;

typedef struct jsonl_decoder {
    cp_decoder base;
    cp_json_reader reader;
} jsonl_decoder;

/* ---- probe ---- */

enum { SURE = 80, BEGUN = 30, BROKEN = 20, GUESS = 10, BLANK = 1 };

typedef struct head_line {
    cp_span text;  /* without the white space around it */
    bool is_ended; /* else there is more of it than the head shows */
} head_line;

/* The next line that is not blank; false: there is none. *rest: what has not been read. */
static bool next_line(cp_span *rest, bool whole, head_line *line)
{
    const uint8_t *p = rest->data, *end = p + rest->size;
    while (p < end && cp_json_is_space(*p))
        p++;
    if (p == end)
        return false;
    const uint8_t *line_end = cp_line_end(p, end);
    *line = (head_line){cp_json_row_text(p, line_end), line_end < end || whole};
    *rest = (cp_span){line_end, (size_t)(end - line_end)};
    return true;
}

/* Sure where a whole object stands on the first line that begins like one. */
static int probe_objects(cp_span rest, bool whole)
{
    head_line line;
    bool is_blank = true;
    for (; next_line(&rest, whole, &line); is_blank = false) {
        bool begins = line.text.data[0] == '{';
        if (!line.is_ended)
            return begins ? BEGUN : 0;
        if (begins)
            return line.text.data[line.text.size - 1] == '}' ? SURE : BROKEN;
    }
    return is_blank ? BLANK : 0; /* no records, then */
}

/* As much of it as is shown. */
static bool is_value(const head_line *line)
{
    cp_json_outline outline;
    const uint8_t *p = line->text.data, *end = p + line->text.size;
    cp_json_outline_start(&outline, NULL);
    return cp_json_outline_read(&outline, p, end, &p) == CP_OUTLINE_ALL &&
           (!line->is_ended || cp_json_outline_is_whole(&outline));
}

/* Sure where one value ends with its line and another one stands on the next. What stands alone in
 * its file is a line, too, unless it has brackets: it is a document then. */
static int probe_values(cp_span rest, bool whole)
{
    head_line first, second;
    if (!next_line(&rest, whole, &first) || !first.is_ended || !is_value(&first))
        return 0;
    if (next_line(&rest, whole, &second))
        return is_value(&second) ? SURE : 0;
    bool has_brackets = first.text.data[0] == '[' || first.text.data[0] == '{';
    return whole && !has_brackets ? GUESS : 0;
}

static int jsonl_probe(cp_span head, bool whole)
{
    size_t mark = cp_mark_bytes(head);
    cp_span rest = {head.data + mark, head.size - mark};
    int score = probe_objects(rest, whole);
    if (score < SURE) {
        int values = probe_values(rest, whole);
        score = values > score ? values : score;
    }
    return score < SURE && cp_looks_binary(head) ? 0 : score;
}

static void jsonl_plan_close(cp_format *format)
{
    cp_json_plan_close(&((jsonl_format *)format)->plan);
    free(format);
}

static cp_rc jsonl_plan(const cp_schema *schema, const cp_format_options *options, cp_format **out,
                        cp_error *err)
{
    jsonl_format *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_jsonl_format;
    self->max_record_bytes = options->max_record_bytes;
    rc = cp_json_plan_open(schema, &self->plan, err);
    if (rc)
        free(self);
    else
        *out = &self->base;
    return rc;
}

static cp_rc jsonl_splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    return cp_line_splitter_open(&cp_jsonl_format, ((const jsonl_format *)format)->max_record_bytes,
                                 out, err);
}

static void jsonl_decoder_close(cp_decoder *decoder)
{
    cp_json_reader_close(&((jsonl_decoder *)decoder)->reader);
    free(decoder);
}

static cp_rc jsonl_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    const jsonl_format *plan = (const jsonl_format *)format;
    jsonl_decoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_jsonl_format;
    rc =
        cp_json_reader_open(&plan->plan, plan->max_record_bytes, CP_JSON_LINES, &self->reader, err);
    if (rc)
        free(self);
    else
        *out = &self->base;
    return rc;
}

/* Bytes at p that are no part of its line: the byte order mark of the input. */
static size_t mark_at(const cp_block *block, const uint8_t *p)
{
    return block->offset == 0 && p == block->bytes.data ? cp_mark_bytes(block->bytes) : 0;
}

static const uint8_t *jsonl_find_record(const cp_format *format, const cp_block *block,
                                        const uint8_t *p, cp_span *record, uint64_t *lines)
{
    (void)format;
    const uint8_t *end = block->bytes.data + block->bytes.size;
    p += mark_at(block, p);
    const uint8_t *line_end = cp_line_end(p, end);
    bool is_blank = cp_json_space(p, CP_JSON_LINES) >= line_end;
    *record = (cp_span){0};
    if (!is_blank)
        *record = (cp_span){p, cp_json_record_bytes(p, line_end, CP_JSON_LINES)};
    *lines = line_end < end;
    return line_end + *lines;
}

/* One line, blank or a record. */
static cp_rc decode_line(cp_json_reader *reader, const cp_block *block, cp_cursor *cursor,
                         cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    const uint8_t *line = block->bytes.data + cursor->offset;
    line += mark_at(block, line);
    const uint8_t *line_end = cp_json_space(line, CP_JSON_LINES);
    cp_rc rc = CP_OK;
    if (*line_end != '\n') {
        cp_json_check check = {.record = line, .end = end, .form = CP_JSON_LINES};
        line_end = cp_json_reader_read(reader, line, line_end, &check, batch);
        if (!line_end) {
            line_end = cp_line_end(line, end);
            size_t length = cp_json_record_bytes(line, line_end, CP_JSON_LINES);
            rc = cp_json_reader_refuse(reader, block, cursor, length, &check, rejects, err);
        }
        cursor->records++;
    }
    bool has_newline = line_end < end;
    cursor->lines += has_newline;
    cursor->offset = (size_t)(line_end - block->bytes.data) + has_newline;
    return rc;
}

static cp_rc jsonl_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                          cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    cp_json_reader *reader = &((jsonl_decoder *)decoder)->reader;
    cp_rc rc = CP_OK;
    while (!rc && cursor->offset < block->bytes.size) {
        cp_json_reader_run(reader, block, cursor, batch);
        if (cursor->offset == block->bytes.size)
            break;
        if (batch->rows == batch->capacity || cp_rejects_full(rejects)) {
            rc = CP_MORE;
            break;
        }
        rc = decode_line(reader, block, cursor, batch, rejects, err);
    }
    batch->selection_count = batch->rows;
    return rc;
}

const cp_format_type cp_jsonl_format = {
    .name = "jsonl",
    .has_lines = true,
    .keeps_text = true,
    .probe = jsonl_probe,
    .infer = cp_json_infer,
    .plan = jsonl_plan,
    .plan_close = jsonl_plan_close,
    .splitter_open = jsonl_splitter_open,
    .splitter_close = cp_line_splitter_close,
    .split = cp_line_split,
    .find_record = jsonl_find_record,
    .decoder_open = jsonl_decoder_open,
    .decoder_close = jsonl_decoder_close,
    .decode = jsonl_decode,
};
