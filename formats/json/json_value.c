/* Values by type: a table of readers, one for each kind of field. No coercion: "1" is no number,
 * 1.5 no integer. */
#include "formats/json/json_value.h"

#include "formats/json/json_minify.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/value_cell.h"

typedef struct place {
    cp_json_check *check;
    unsigned depth;
    const cp_field *field;
    cp_column *column;
    cp_batch *batch;
    cp_reason reason; /* out: the verdict */
} place;

static const uint8_t *refuse(place *at, cp_reason reason, const uint8_t *start, const uint8_t *end)
{
    at->check->refusal =
        (cp_refusal){.reason = reason, .field = at->field, .value = {start, (size_t)(end - start)}};
    return NULL;
}

/* The cell's verdict on the value from `start` to `end`. */
static const uint8_t *judged(place *at, cp_reason reason, const uint8_t *start, const uint8_t *end)
{
    at->reason = reason;
    return reason <= CP_ACCEPTED_NULL ? end : refuse(at, reason, start, end);
}

/* Not what the type asks for: null, or a reject once the value proves to be JSON at all. */
static const uint8_t *other_read(const uint8_t *p, place *at)
{
    const uint8_t *end = cp_json_value_skip(p, at->check, at->depth);
    if (!end)
        return NULL;
    if (*p != 'n')
        return refuse(at, CP_WRONG_TYPE, p, end);
    at->reason = CP_ACCEPTED_NULL;
    return end;
}

/* The number at p, or NULL: *answer is then what the caller returns. */
static const uint8_t *number_read(const uint8_t *p, place *at, cp_decimal *decimal,
                                  const uint8_t **answer)
{
    if (*p != '-' && (*p < '0' || *p > '9')) {
        *answer = other_read(p, at);
        return NULL;
    }
    const uint8_t *end = cp_decimal_read(p, at->check->end, decimal);
    if (!end)
        *answer = cp_json_syntax(p, at->check, "expected a number");
    return end;
}

/* Integers, floats and times since 1970; what is no number is told what it would have meant. */
static const uint8_t *numeric_read(const uint8_t *p, place *at)
{
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end && !answer && at->field->type == CP_TYPE_TIMESTAMP &&
        at->check->refusal.reason == CP_WRONG_TYPE)
        at->check->refusal.detail = cp_time_expected(at->field);
    if (!end)
        return answer;
    return judged(at, cp_cell_decimal(at->field, at->column, at->batch->rows, &decimal), p, end);
}

static const uint8_t *bool_read(const uint8_t *p, place *at)
{
    if (*p != 't' && *p != 'f')
        return other_read(p, at);
    const uint8_t *end = cp_json_literal_read(p, at->check);
    if (!end)
        return NULL;
    return judged(at, cp_cell_bool(at->field, at->column, at->batch->rows, *p == 't'), p, end);
}

/* The string at p with its escapes resolved. */
static const uint8_t *text_read(const uint8_t *p, place *at, cp_span *text)
{
    cp_json_string string;
    const uint8_t *end = cp_json_string_read(p + 1, at->check, &string);
    *text = string.inside;
    if (!end || !string.has_escapes)
        return end;
    uint8_t *plain = cp_arena_take(&at->batch->arena, string.inside.size);
    if (!plain)
        return refuse(at, CP_ACCEPTED, p, end);
    *text = (cp_span){plain, cp_unescape(string.inside, plain)};
    return end;
}

static const uint8_t *string_read(const uint8_t *p, place *at)
{
    if (*p != '"')
        return other_read(p, at);
    if (!cp_cell_reads_text(at->field, at->column)) {
        cp_json_string ignored;
        return cp_json_string_read(p + 1, at->check, &ignored);
    }
    cp_span text;
    const uint8_t *end = text_read(p, at, &text);
    if (!end)
        return NULL;
    return judged(at, cp_cell_text(at->field, at->column, at->batch->rows, text), p, end);
}

static const uint8_t *enum_read(const uint8_t *p, place *at)
{
    if (*p != '"')
        return other_read(p, at);
    cp_span text;
    const uint8_t *end = text_read(p, at, &text);
    if (!end)
        return NULL;
    return judged(at, cp_cell_symbol(at->field, at->column, at->batch->rows, text), p, end);
}

static const uint8_t *time_text_read(const uint8_t *p, place *at)
{
    if (*p != '"')
        return other_read(p, at);
    cp_span text;
    const uint8_t *end = text_read(p, at, &text);
    if (!end)
        return NULL;
    end = judged(at, cp_cell_rfc3339(at->field, at->column, at->batch->rows, text), p, end);
    if (!end)
        at->check->refusal.detail = cp_time_expected(at->field);
    return end;
}

static const uint8_t *time_read(const uint8_t *p, place *at)
{
    return at->field->encoding == CP_TIME_RFC3339 ? time_text_read(p, at) : numeric_read(p, at);
}

static const uint8_t *json_read(const uint8_t *p, place *at)
{
    at->check->has_gaps = false;
    const uint8_t *end = cp_json_value_skip(p, at->check, at->depth);
    if (!end)
        return NULL;
    if (*p == 'n') {
        at->reason = CP_ACCEPTED_NULL;
        return end;
    }
    cp_span text = {p, (size_t)(end - p)};
    bool is_read = cp_cell_reads_text(at->field, at->column);
    if (at->check->has_gaps && is_read && !cp_json_minify_aside(&text, &at->batch->arena))
        return refuse(at, CP_ACCEPTED, p, end);
    return judged(at, cp_cell_text(at->field, at->column, at->batch->rows, text), p, end);
}

typedef const uint8_t *(*reader)(const uint8_t *, place *);

static const reader readers[] = {
    [CP_TYPE_BOOL] = bool_read,       [CP_TYPE_INT8] = numeric_read,
    [CP_TYPE_INT16] = numeric_read,   [CP_TYPE_INT32] = numeric_read,
    [CP_TYPE_INT64] = numeric_read,   [CP_TYPE_UINT8] = numeric_read,
    [CP_TYPE_UINT16] = numeric_read,  [CP_TYPE_UINT32] = numeric_read,
    [CP_TYPE_UINT64] = numeric_read,  [CP_TYPE_FLOAT32] = numeric_read,
    [CP_TYPE_FLOAT64] = numeric_read, [CP_TYPE_STRING] = string_read,
    [CP_TYPE_ENUM] = enum_read,       [CP_TYPE_TIMESTAMP] = time_read,
    [CP_TYPE_JSON] = json_read,
};

const uint8_t *cp_json_value_read(const uint8_t *p, cp_json_check *check, unsigned depth,
                                  const cp_field *field, cp_column *column, cp_batch *batch,
                                  cp_reason *reason)
{
    place at = {check, depth, field, column, batch, CP_ACCEPTED};
    p = readers[field->type](p, &at);
    *reason = at.reason;
    return p;
}
