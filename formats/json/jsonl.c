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
#include "formats/json/json_row.h"
#include "formats/json/json_shape.h"
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
    const jsonl_format *format;
    cp_json_row row;
    cp_json_shapes shapes;
    cp_json_notes notes;
} jsonl_decoder;

enum { SURE = 80 };

/* Sure where a whole object stands on the first line that is not blank; a guess where a line at
 * least begins like one. */
static int probe_lines(cp_span head, bool whole)
{
    const uint8_t *p = head.data, *end = head.data + head.size;
    bool only_blank = true;
    if (head.size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
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

static cp_rc jsonl_infer(cp_span sample, bool whole, const cp_format_options *options,
                         cp_schema **out, cp_error *err)
{
    (void)options;
    return cp_json_infer(sample, whole, out, err);
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
    jsonl_decoder *self = (jsonl_decoder *)decoder;
    cp_json_row_close(&self->row);
    cp_json_shapes_close(&self->shapes);
    free(decoder);
}

static cp_rc jsonl_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    jsonl_decoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_jsonl_format;
    self->format = (const jsonl_format *)format;
    rc = cp_json_row_open(&self->format->plan, &self->row, err);
    if (!rc)
        rc = cp_json_shapes_open(&self->format->plan, self->format->max_record_bytes, &self->shapes,
                                 err);
    if (rc)
        jsonl_decoder_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* Only JSON after all: nothing but whitespace up to the line's end. */
static bool ends_line(const uint8_t *p, cp_json_check *check)
{
    p = cp_json_space(p);
    if (*p == '\n')
        return true;
    cp_json_syntax(p, check, "expected the end of the record");
    return false;
}

/* A rule was broken; but a record that is no JSON at all is refused for that. */
static void prefer_syntax(const uint8_t *start, cp_json_check *check)
{
    cp_refusal rule = check->refusal;
    const uint8_t *end = cp_json_value_skip(start, check, 0);
    if (end && ends_line(end, check))
        check->refusal = rule;
}

static bool is_rule(cp_reason reason)
{
    return reason >= CP_NOT_AN_OBJECT;
}

/* Reads the record whose first character is at `start`. */
static bool read_record(jsonl_decoder *self, const uint8_t *start, cp_json_check *check,
                        cp_batch *batch, const uint8_t **line_end)
{
    self->row.notes = self->shapes.learns ? &self->notes : NULL;
    const uint8_t *p = cp_json_row_read(&self->row, start, check, batch);
    if (!p || !ends_line(p, check)) {
        if (!p && is_rule(check->refusal.reason))
            prefer_syntax(start, check);
        return false;
    }
    *line_end = cp_json_space(p);
    if (cp_line_bytes(check->record, *line_end) > self->format->max_record_bytes ||
        !cp_json_row_complete(&self->row, check, batch))
        return false;
    if (self->row.notes)
        cp_json_shapes_learn(&self->shapes, check->record, *line_end, &self->notes);
    return true;
}

static cp_rc refuse_record(const jsonl_decoder *self, const cp_block *block,
                           const cp_cursor *cursor, cp_json_check *check, const uint8_t *line_end,
                           cp_rejects *rejects, cp_error *err)
{
    if (check->refusal.reason == CP_ACCEPTED)
        return cp_fail_memory(err, 0);
    const uint8_t *start = check->record;
    size_t length = cp_line_bytes(start, line_end);
    bool too_large = length > self->format->max_record_bytes;
    if (too_large)
        check->refusal =
            (cp_refusal){.reason = CP_RECORD_TOO_LARGE, .at = self->format->max_record_bytes};
    cp_reject where = {
        .record = cursor->records,
        .line = cursor->lines,
        .offset = (uint64_t)(start - block->bytes.data),
        .length = length,
        .raw = {too_large ? NULL : start, length},
    };
    return cp_rejects_add(rejects, self->format->plan.schema, &where, &check->refusal, err);
}

/* One line, blank or a record. */
static cp_rc decode_line(jsonl_decoder *self, const cp_block *block, cp_cursor *cursor,
                         cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    const uint8_t *line = block->bytes.data + cursor->offset;
    if (block->offset + cursor->offset == 0 && memcmp(line, "\xEF\xBB\xBF", 3) == 0)
        line += 3;
    const uint8_t *line_end = cp_json_space(line);
    cp_rc rc = CP_OK;
    if (*line_end != '\n') {
        cp_json_check check = {.record = line, .end = end};
        check.refusal.reason = CP_RECORD_TOO_LARGE;
        if (read_record(self, line_end, &check, batch, &line_end)) {
            batch->rows++;
        } else {
            line_end = cp_line_end(line, end);
            rc = refuse_record(self, block, cursor, &check, line_end, rejects, err);
        }
        cursor->records++;
    }
    bool has_newline = line_end < end;
    cursor->lines += has_newline;
    cursor->offset = (size_t)(line_end - block->bytes.data) + has_newline;
    return rc;
}

/* As many lines as shapes can read. */
static void decode_by_shape(jsonl_decoder *self, const cp_block *block, cp_cursor *cursor,
                            cp_batch *batch)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    uint32_t before = batch->rows;
    const uint8_t *line =
        cp_json_shapes_read(&self->shapes, block->bytes.data + cursor->offset, end, batch);
    bool lacks_newline = line > end;
    cursor->records += batch->rows - before;
    cursor->lines += batch->rows - before - lacks_newline;
    cursor->offset = (size_t)(line - block->bytes.data) - lacks_newline;
}

static cp_rc jsonl_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                          cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    jsonl_decoder *self = (jsonl_decoder *)decoder;
    cp_rc rc = CP_OK;
    while (!rc && cursor->offset < block->bytes.size) {
        decode_by_shape(self, block, cursor, batch);
        if (cursor->offset == block->bytes.size)
            break;
        if (batch->rows == batch->capacity || cp_rejects_full(rejects)) {
            rc = CP_MORE;
            break;
        }
        rc = decode_line(self, block, cursor, batch, rejects, err);
    }
    batch->selection_count = batch->rows;
    return rc;
}

const cp_format_type cp_jsonl_format = {
    .name = "jsonl",
    .has_lines = true,
    .probe = jsonl_probe,
    .infer = jsonl_infer,
    .plan = jsonl_plan,
    .plan_close = jsonl_plan_close,
    .splitter_open = jsonl_splitter_open,
    .splitter_close = cp_line_splitter_close,
    .split = cp_line_split,
    .decoder_open = jsonl_decoder_open,
    .decoder_close = jsonl_decoder_close,
    .decode = jsonl_decode,
};
