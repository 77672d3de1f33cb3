/* JSONL: one JSON object a line.
 *
 *   split    a block ends at the last '\n' within its first MiB; a longer line is a block of its
 *            own up to --max-record-size, and beyond it is passed over and refused
 *   decode   line by line; whatever a record's quotes say, the next '\n' ends it, so that a bad
 *            record never touches its neighbours
 *
 * '\r\n' ends a line too, blank lines are counted and skipped, a byte order mark may stand at the
 * start of the input, and the last '\n' may be missing. */
#include "formats/json/json_infer.h"
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

enum { SURE = 80 };

/* Sure where a whole object stands on the first line that is not blank; a guess where a line at
 * least begins like one. */
static int probe_lines(cp_span head, bool whole)
{
    const uint8_t *p = head.data, *end = head.data + head.size;
    bool only_blank = true;
    p += cp_mark_bytes(head);
    while (p < end) {
        const uint8_t *line_end = memchr(p, '\n', (size_t)(end - p));
        if (!line_end && !whole)
            return *p == '{' ? 30 : 0;
        if (!line_end)
            line_end = end;
        const uint8_t *last = line_end;
        while (p < last && (*p == ' ' || *p == '\t' || *p == '\r'))
            p++;
        while (last > p && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
            last--;
        if (p < last && *p == '{')
            return last[-1] == '}' ? SURE : 20;
        only_blank &= p == last;
        p = line_end + 1;
    }
    return only_blank; /* no records, then */
}

static int jsonl_probe(cp_span head, bool whole)
{
    int score = probe_lines(head, whole);
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
