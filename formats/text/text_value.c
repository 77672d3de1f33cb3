/* Readers by type; the rules of the values themselves are those of cell.h. */
#include "formats/text/text_value.h"

#include "formats/json/json_minify.h"
#include "formats/json/json_text.h"
#include "pipeline/text/value_cell.h"

#include <math.h>

typedef struct place {
    const cp_field *field;
    cp_column *column;
    cp_batch *batch;
    cp_refusal *why;
    bool no_memory;
} place;

static bool is_word(cp_span text, const char *word)
{
    return cp_span_equal(text, cp_span_of(word));
}

/* The words that stand for floats without digits, as the sinks write them. */
static cp_reason read_other_number(cp_span text, place *at)
{
    double value = is_word(text, "NaN")         ? NAN
                   : is_word(text, "Infinity")  ? HUGE_VAL
                   : is_word(text, "-Infinity") ? -HUGE_VAL
                                                : 0;
    if (value != 0 && cp_type_is_float(at->field->type))
        return cp_cell_float(at->field, at->column, at->batch->rows, value);
    if (at->field->type == CP_TYPE_TIMESTAMP)
        at->why->detail = cp_time_expected(at->field);
    return CP_WRONG_TYPE;
}

static cp_reason read_number(cp_span text, place *at)
{
    cp_decimal number;
    const uint8_t *end = text.data + text.size;
    if (cp_decimal_read(text.data, end, &number) != end)
        return read_other_number(text, at);
    return cp_cell_decimal(at->field, at->column, at->batch->rows, &number);
}

static cp_reason read_bool(cp_span text, place *at)
{
    bool value = is_word(text, "true");
    if (!value && !is_word(text, "false"))
        return CP_WRONG_TYPE;
    return cp_cell_bool(at->field, at->column, at->batch->rows, value);
}

static cp_reason read_string(cp_span text, place *at)
{
    return cp_cell_text(at->field, at->column, at->batch->rows, text);
}

static cp_reason read_enum(cp_span text, place *at)
{
    return cp_cell_symbol(at->field, at->column, at->batch->rows, text);
}

static cp_reason read_time(cp_span text, place *at)
{
    if (at->field->encoding != CP_TIME_RFC3339)
        return read_number(text, at);
    cp_reason reason = cp_cell_rfc3339(at->field, at->column, at->batch->rows, text);
    if (reason == CP_INVALID_TIME)
        at->why->detail = cp_time_expected(at->field);
    return reason;
}

/* A '\n' between JSON's parts becomes a space, which means the same; one inside of a string a
 * '\r', which may not stand there either, and does not end the record for the JSON kernels. */
static void join_lines(uint8_t *text, size_t size)
{
    bool in_string = false, is_escaped = false;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = text[i];
        if (byte == '\n')
            text[i] = in_string ? '\r' : ' ';
        in_string ^= byte == '"' && !is_escaped;
        is_escaped = byte == '\\' && !is_escaped;
    }
}

/* The text with a '\n' behind it, where the JSON kernels stop. NULL where memory is out. */
static uint8_t *json_line(cp_span text, cp_arena *arena)
{
    uint8_t *line = cp_arena_take(arena, text.size + 1);
    if (!line)
        return NULL;
    if (text.size)
        memcpy(line, text.data, text.size);
    line[text.size] = '\n';
    if (memchr(line, '\n', text.size))
        join_lines(line, text.size);
    return line;
}

static cp_reason refuse_json(const cp_json_check *check, place *at)
{
    const cp_field *field = at->field;
    *at->why = check->refusal;
    at->why->field = field;
    return check->refusal.reason;
}

static cp_reason read_json(cp_span text, place *at)
{
    uint8_t *line = json_line(text, &at->batch->arena);
    if (!line) {
        at->no_memory = true;
        return CP_JSON_SYNTAX;
    }
    cp_json_check check = {.record = line, .end = line + text.size, .form = CP_JSON_LINES};
    const uint8_t *p = cp_json_space(line, CP_JSON_LINES);
    const uint8_t *end = cp_json_value_skip(p, &check, 0);
    const uint8_t *rest = end ? cp_json_space(end, CP_JSON_LINES) : NULL;
    if (rest && rest != check.end)
        rest = cp_json_syntax(rest, &check, "expected the end of the value");
    if (!rest)
        return refuse_json(&check, at);
    if (*p == 'n')
        return CP_ACCEPTED_NULL;
    cp_span value = {p, (size_t)(end - p)};
    if (check.has_gaps)
        value.size = (size_t)(cp_json_minify(value, line + (p - line)) - p);
    return cp_cell_text(at->field, at->column, at->batch->rows, value);
}

typedef cp_reason (*reader)(cp_span, place *);

static const reader readers[] = {
    [CP_TYPE_BOOL] = read_bool,      [CP_TYPE_INT8] = read_number,
    [CP_TYPE_INT16] = read_number,   [CP_TYPE_INT32] = read_number,
    [CP_TYPE_INT64] = read_number,   [CP_TYPE_UINT8] = read_number,
    [CP_TYPE_UINT16] = read_number,  [CP_TYPE_UINT32] = read_number,
    [CP_TYPE_UINT64] = read_number,  [CP_TYPE_FLOAT32] = read_number,
    [CP_TYPE_FLOAT64] = read_number, [CP_TYPE_STRING] = read_string,
    [CP_TYPE_ENUM] = read_enum,      [CP_TYPE_TIMESTAMP] = read_time,
    [CP_TYPE_JSON] = read_json,
};

cp_reason cp_text_value_read(cp_span text, const cp_field *field, cp_column *column,
                             cp_batch *batch, cp_refusal *why)
{
    place at = {field, column, batch, why, false};
    *why = (cp_refusal){.field = field};
    cp_reason reason = readers[field->type](text, &at);
    why->reason = at.no_memory ? CP_ACCEPTED : reason;
    return reason;
}
