/* Values by type: a table of readers, one for each kind of field. No coercion: "1" is no number,
 * 1.5 no integer. */
#include "formats/json/json_value.h"

#include "pipeline/core/cell.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"

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

static const cp_reason integer_reasons[] = {
    [CP_INTEGER_OK] = CP_ACCEPTED,
    [CP_NOT_WHOLE] = CP_NOT_AN_INTEGER,
    [CP_INTEGER_RANGE] = CP_OUT_OF_RANGE,
};

static const uint8_t *signed_read(const uint8_t *p, place *at)
{
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end)
        return answer;
    int64_t value;
    cp_reason reason = integer_reasons[cp_decimal_to_int64(&decimal, &value)];
    if (reason == CP_ACCEPTED)
        reason = cp_cell_int(at->field, at->column, at->batch->rows, value);
    return judged(at, reason, p, end);
}

static const uint8_t *unsigned_read(const uint8_t *p, place *at)
{
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end)
        return answer;
    uint64_t value;
    cp_reason reason = integer_reasons[cp_decimal_to_uint64(&decimal, &value)];
    if (reason == CP_ACCEPTED)
        reason = cp_cell_uint(at->field, at->column, at->batch->rows, value);
    return judged(at, reason, p, end);
}

static const uint8_t *float32_read(const uint8_t *p, place *at)
{
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end)
        return answer;
    float value;
    cp_reason reason = CP_FLOAT_OVERFLOW;
    if (cp_decimal_to_float(&decimal, &value))
        reason = cp_cell_float(at->field, at->column, at->batch->rows, (double)value);
    return judged(at, reason, p, end);
}

static const uint8_t *float64_read(const uint8_t *p, place *at)
{
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end)
        return answer;
    double value;
    cp_reason reason = CP_FLOAT_OVERFLOW;
    if (cp_decimal_to_double(&decimal, &value))
        reason = cp_cell_float(at->field, at->column, at->batch->rows, value);
    return judged(at, reason, p, end);
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

static const cp_reason time_reasons[] = {
    [CP_TIME_OK] = CP_ACCEPTED,
    [CP_TIME_MALFORMED] = CP_INVALID_TIME,
    [CP_TIME_RANGE] = CP_TIME_OUT_OF_RANGE,
};

static const uint8_t *time_judged(place *at, cp_time_rc time_rc, int64_t value,
                                  const uint8_t *start, const uint8_t *end)
{
    cp_reason reason = time_reasons[time_rc];
    if (reason == CP_ACCEPTED)
        reason = cp_cell_time(at->field, at->column, at->batch->rows, value);
    return judged(at, reason, start, end);
}

static const uint8_t *time_text_read(const uint8_t *p, place *at)
{
    if (*p != '"')
        return other_read(p, at);
    cp_span text;
    const uint8_t *end = text_read(p, at, &text);
    if (!end)
        return NULL;
    int64_t value = 0;
    cp_time_rc rc = cp_time_parse(text, at->field->unit, at->field->zone_utc, &value);
    end = time_judged(at, rc, value, p, end);
    if (!end)
        at->check->refusal.detail = "RFC 3339 such as 2026-11-19T08:30:00Z";
    return end;
}

/* What is no number is told what the number would have meant. */
static const uint8_t *refused_epoch(const uint8_t *answer, place *at)
{
    static const char *const names[] = {
        [CP_TIME_RFC3339] = NULL,
        [CP_TIME_EPOCH_S] = "number of seconds since 1970 (epoch_s)",
        [CP_TIME_EPOCH_MS] = "number of milliseconds since 1970 (epoch_ms)",
        [CP_TIME_EPOCH_US] = "number of microseconds since 1970 (epoch_us)",
        [CP_TIME_EPOCH_NS] = "number of nanoseconds since 1970 (epoch_ns)",
    };
    if (!answer && at->check->refusal.reason == CP_WRONG_TYPE)
        at->check->refusal.detail = names[at->field->encoding];
    return answer;
}

static const uint8_t *time_read(const uint8_t *p, place *at)
{
    if (at->field->encoding == CP_TIME_RFC3339)
        return time_text_read(p, at);
    cp_decimal decimal;
    const uint8_t *answer, *end = number_read(p, at, &decimal, &answer);
    if (!end)
        return refused_epoch(answer, at);
    int64_t value = 0;
    cp_time_rc rc = cp_time_from_decimal(&decimal, at->field->encoding, at->field->unit, &value);
    return time_judged(at, rc, value, p, end);
}

static const uint8_t *json_read(const uint8_t *p, place *at)
{
    const uint8_t *end = cp_json_value_skip(p, at->check, at->depth);
    if (!end)
        return NULL;
    if (*p == 'n') {
        at->reason = CP_ACCEPTED_NULL;
        return end;
    }
    cp_span text = {p, (size_t)(end - p)};
    return judged(at, cp_cell_text(at->field, at->column, at->batch->rows, text), p, end);
}

typedef const uint8_t *(*reader)(const uint8_t *, place *);

static const reader readers[] = {
    [CP_TYPE_BOOL] = bool_read,       [CP_TYPE_INT8] = signed_read,
    [CP_TYPE_INT16] = signed_read,    [CP_TYPE_INT32] = signed_read,
    [CP_TYPE_INT64] = signed_read,    [CP_TYPE_UINT8] = unsigned_read,
    [CP_TYPE_UINT16] = unsigned_read, [CP_TYPE_UINT32] = unsigned_read,
    [CP_TYPE_UINT64] = unsigned_read, [CP_TYPE_FLOAT32] = float32_read,
    [CP_TYPE_FLOAT64] = float64_read, [CP_TYPE_STRING] = string_read,
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
