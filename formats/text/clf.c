/* Access logs: a line for each request, Common and Combined mixed as they come (clf_line.h).
 *
 * Fields are found by the names of the parts; without a schema it is the built-in one. "-" is null
 * for identity, user, bytes, referer and user agent. A request that is none keeps its record:
 * method, path and protocol are null then. Escapes in quotes are put back; where that gives no
 * UTF-8, the value stays as it stands in the log. What follows the parts is an unknown field. */
#include "formats/registry.h"
#include "formats/text/clf_schema.h"
#include "formats/text/column_name.h"
#include "formats/text/line_splitter.h"
#include "formats/text/text_probe.h"
#include "formats/text/text_value.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/utf8.h"
#include "pipeline/text/value_cell.h"

typedef struct clf_format {
    cp_format base;
    const cp_schema *schema;
    size_t fields[CP_CLF_PARTS]; /* SIZE_MAX: nobody asked for the part */
    bool *is_part;               /* by field: there is a part for it */
    uint64_t max_record_bytes;
} clf_format;

typedef struct clf_decoder {
    cp_decoder base;
    const clf_format *format;
    bool *is_null; /* by field, of the record at hand */
} clf_decoder;

/* ---- plan ---- */

static void clf_plan_close(cp_format *format)
{
    free(((clf_format *)format)->is_part);
    free(format);
}

static cp_rc clf_plan(const cp_schema *schema, const cp_format_options *options, cp_format **out,
                      cp_error *err)
{
    clf_format *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_clf_format;
    self->schema = schema;
    self->max_record_bytes = options->max_record_bytes;
    rc = cp_calloc(schema->field_count, sizeof *self->is_part, &self->is_part, err);
    if (rc) {
        clf_plan_close(&self->base);
        return rc;
    }
    for (size_t i = 0; i < CP_CLF_PARTS; i++) {
        size_t number = cp_column_field(schema, cp_span_of(cp_clf_part_name((cp_clf_part)i)));
        bool is_taken = number == SIZE_MAX || self->is_part[number];
        self->fields[i] = is_taken ? SIZE_MAX : number;
        if (!is_taken)
            self->is_part[number] = true;
    }
    *out = &self->base;
    return CP_OK;
}

static cp_rc clf_splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    return cp_line_splitter_open(&cp_clf_format, ((const clf_format *)format)->max_record_bytes,
                                 out, err);
}

/* ---- lines ---- */

static bool is_blank(cp_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\r')
            return false;
    return true;
}

/* The text of the line at p, without the byte order mark of the input; *line_end is its '\n', or
 * the block's end. */
static cp_span read_line(const cp_block *block, const uint8_t *p, const uint8_t **line_end)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    if (block->offset == 0 && p == block->bytes.data)
        p += cp_mark_bytes(block->bytes);
    *line_end = cp_line_end(p, end);
    return (cp_span){p, cp_line_bytes(p, *line_end)};
}

static const uint8_t *clf_find_record(const cp_format *format, const cp_block *block,
                                      const uint8_t *p, cp_span *record, uint64_t *lines)
{
    (void)format;
    const uint8_t *end = block->bytes.data + block->bytes.size, *line_end;
    *record = read_line(block, p, &line_end);
    if (is_blank(*record))
        *record = (cp_span){0};
    *lines = line_end < end;
    return line_end + *lines;
}

/* ---- decode ---- */

static void clf_decoder_close(cp_decoder *decoder)
{
    free(((clf_decoder *)decoder)->is_null);
    free(decoder);
}

static cp_rc clf_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    clf_decoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_clf_format;
    self->format = (const clf_format *)format;
    rc = cp_calloc(self->format->schema->field_count, sizeof *self->is_null, &self->is_null, err);
    if (rc)
        clf_decoder_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static bool refuse(cp_refusal *why, cp_reason reason, const cp_field *field, cp_span value)
{
    *why = (cp_refusal){.reason = reason, .field = field, .value = value};
    return false;
}

/* A part in quotes as text; false where memory is out. */
static bool unescape(cp_span *part, cp_arena *arena)
{
    if (!part->size || !memchr(part->data, '\\', part->size))
        return true;
    uint8_t *plain = cp_arena_take(arena, part->size);
    if (!plain)
        return false;
    cp_span text = {plain, cp_clf_unescape(*part, plain)};
    if (cp_utf8_valid(text) == text.size)
        *part = text;
    return true;
}

/* The line's parts as text. */
static bool read_parts(cp_span text, cp_batch *batch, cp_clf_line *line, cp_refusal *why)
{
    size_t good = cp_utf8_valid(text);
    if (good < text.size) {
        *why = (cp_refusal){.reason = CP_INVALID_UTF8, .at = good};
        return false;
    }
    if (!cp_clf_line_read(text, line, why))
        return false;
    if (!unescape(&line->parts[CP_CLF_REQUEST], &batch->arena) ||
        !unescape(&line->parts[CP_CLF_REFERER], &batch->arena) ||
        !unescape(&line->parts[CP_CLF_AGENT], &batch->arena))
        return refuse(why, CP_ACCEPTED, NULL, text);
    cp_clf_request_read(line->parts[CP_CLF_REQUEST], line);
    return true;
}

static bool is_dash(cp_clf_part part, cp_span text)
{
    static const bool may_be[CP_CLF_PARTS] = {
        [CP_CLF_IDENT] = true,   [CP_CLF_USER] = true,  [CP_CLF_BYTES] = true,
        [CP_CLF_REFERER] = true, [CP_CLF_AGENT] = true,
    };
    return may_be[part] && text.size == 1 && *text.data == '-';
}

static cp_reason read_time(cp_span text, const cp_field *field, cp_column *column, uint32_t row,
                           cp_refusal *why)
{
    uint8_t spelled[CP_CLF_TIME_BYTES];
    cp_reason reason = CP_INVALID_TIME;
    if (cp_clf_time_read(text, spelled))
        reason = cp_cell_rfc3339(field, column, row, (cp_span){spelled, sizeof spelled});
    if (reason > CP_ACCEPTED_NULL)
        *why = (cp_refusal){.reason = reason,
                            .field = field,
                            .detail = reason == CP_INVALID_TIME
                                          ? "a time such as 10/Oct/2000:13:55:36 -0700"
                                          : NULL};
    return reason;
}

/* One part into its field. Absent parts are null, too; which it is matters where it is required. */
static bool read_part(clf_decoder *self, cp_clf_part part, cp_span text, cp_batch *batch,
                      cp_refusal *why)
{
    size_t number = self->format->fields[part];
    const cp_field *field = &self->format->schema->fields[number];
    cp_column *column = &batch->columns[number];
    cp_reason reason = CP_ACCEPTED_NULL;
    bool is_optional = part == CP_CLF_REFERER || part == CP_CLF_AGENT;
    if (!text.data && is_optional && field->required)
        return refuse(why, CP_MISSING_FIELD, field, text);
    if (part == CP_CLF_TIME && field->type == CP_TYPE_TIMESTAMP)
        reason = read_time(text, field, column, batch->rows, why);
    else if (text.data && !is_dash(part, text))
        reason = cp_text_value_read(text, field, column, batch, why);
    why->value = text;
    self->is_null[number] = reason == CP_ACCEPTED_NULL;
    if (self->is_null[number] && field->required)
        return refuse(why, CP_NULL_VALUE, field, text);
    return reason <= CP_ACCEPTED_NULL;
}

/* What no part fills, and what a line has beyond them. */
static bool check_whole(const clf_decoder *self, const cp_clf_line *line, cp_refusal *why)
{
    const cp_schema *schema = self->format->schema;
    for (size_t i = 0; i < schema->field_count; i++)
        if (!self->format->is_part[i] && schema->fields[i].required)
            return refuse(why, CP_MISSING_FIELD, &schema->fields[i], (cp_span){0});
    if (schema->reject_unknown && line->rest.size)
        return refuse(why, CP_UNKNOWN_FIELD, NULL, line->rest);
    return true;
}

static void set_nulls(const clf_decoder *self, cp_batch *batch)
{
    for (size_t i = 0; i < self->format->schema->field_count; i++)
        if (batch->columns[i].data && (self->is_null[i] || !self->format->is_part[i]))
            cp_column_set_null(&batch->columns[i], batch->rows);
}

static bool read_record(clf_decoder *self, cp_span text, cp_batch *batch, cp_refusal *why)
{
    cp_clf_line line;
    uint64_t limit = self->format->max_record_bytes;
    *why = (cp_refusal){.reason = CP_RECORD_TOO_LARGE, .at = limit};
    if (text.size > limit || !read_parts(text, batch, &line, why) || !check_whole(self, &line, why))
        return false;
    for (size_t i = 0; i < CP_CLF_PARTS; i++)
        if (self->format->fields[i] != SIZE_MAX &&
            !read_part(self, (cp_clf_part)i, line.parts[i], batch, why))
            return false;
    set_nulls(self, batch);
    return true;
}

static cp_rc refuse_record(const clf_decoder *self, const cp_block *block, const cp_cursor *cursor,
                           cp_span text, const cp_refusal *why, cp_rejects *rejects, cp_error *err)
{
    if (why->reason == CP_ACCEPTED)
        return cp_fail_memory(err, 0);
    cp_reject where = {
        .record = cursor->records,
        .line = cursor->lines,
        .offset = (uint64_t)(text.data - block->bytes.data),
        .length = text.size,
        .raw = {why->reason == CP_RECORD_TOO_LARGE ? NULL : text.data, text.size},
    };
    return cp_rejects_add(rejects, self->format->schema, &where, why, err);
}

/* One line, blank or a record. */
static cp_rc decode_line(clf_decoder *self, const cp_block *block, cp_cursor *cursor,
                         cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    const uint8_t *line_end;
    cp_span text = read_line(block, block->bytes.data + cursor->offset, &line_end);
    cp_rc rc = CP_OK;
    if (!is_blank(text)) {
        cp_refusal why;
        if (read_record(self, text, batch, &why))
            batch->rows++;
        else
            rc = refuse_record(self, block, cursor, text, &why, rejects, err);
        cursor->records++;
    }
    cursor->lines += line_end < end;
    cursor->offset = (size_t)(line_end - block->bytes.data) + (line_end < end);
    return rc;
}

static cp_rc clf_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                        cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc && cursor->offset < block->bytes.size) {
        if (batch->rows == batch->capacity || cp_rejects_full(rejects))
            rc = CP_MORE;
        else
            rc = decode_line((clf_decoder *)decoder, block, cursor, batch, rejects, err);
    }
    batch->selection_count = batch->rows;
    return rc;
}

/* ---- by content ---- */

/* Sure where the first line that is not blank is one of an access log, its time and status too. */
static int clf_probe(cp_span head, bool whole)
{
    enum { SURE = 70 };
    const uint8_t *p = head.data + cp_mark_bytes(head), *end = head.data + head.size;
    for (; p < end; p++) {
        const uint8_t *line_end = cp_line_end(p, end);
        cp_span text = {p, cp_line_bytes(p, line_end)};
        uint8_t spelled[CP_CLF_TIME_BYTES];
        cp_clf_line line;
        cp_refusal why;
        if (line_end == end && !whole)
            return 0;
        if (!is_blank(text))
            return cp_clf_line_read(text, &line, &why) &&
                           cp_clf_time_read(line.parts[CP_CLF_TIME], spelled) &&
                           line.parts[CP_CLF_STATUS].size == 3
                       ? SURE
                       : 0;
        p = line_end;
    }
    return 0;
}

static cp_rc clf_infer(const cp_format_options *options, cp_span sample, bool whole, cp_guess *out,
                       cp_error *err)
{
    (void)sample;
    (void)whole;
    (void)options;
    *out = (cp_guess){.records = UINT64_MAX};
    return cp_schema_clf(&out->schema, err);
}

const cp_format_type cp_clf_format = {
    .name = "clf",
    .has_lines = true,
    .probe = clf_probe,
    .infer = clf_infer,
    .plan = clf_plan,
    .plan_close = clf_plan_close,
    .splitter_open = clf_splitter_open,
    .splitter_close = cp_line_splitter_close,
    .split = cp_line_split,
    .find_record = clf_find_record,
    .decoder_open = clf_decoder_open,
    .decoder_close = clf_decoder_close,
    .decode = clf_decode,
};
