/* Values of each type as text. */
#include "formats/text/text_column.h"

#include "pipeline/text/number.h"
#include "pipeline/text/time.h"

#include <math.h>

static uint8_t *put_word(const char *word, uint8_t *to)
{
    size_t size = strlen(word);
    memcpy(to, word, size);
    return to + size;
}

static uint8_t *put_bool(const cp_text_column *column, const void *value, uint8_t *to)
{
    (void)column;
    return put_word(*(const uint8_t *)value ? "true" : "false", to);
}

#define PUT_INTEGER(name, type, write)                                                             \
    static uint8_t *name(const cp_text_column *column, const void *value, uint8_t *to)             \
    {                                                                                              \
        (void)column;                                                                              \
        return to + write(*(const type *)value, (char *)to);                                       \
    }

PUT_INTEGER(put_int8, int8_t, cp_int64_write)
PUT_INTEGER(put_int16, int16_t, cp_int64_write)
PUT_INTEGER(put_int32, int32_t, cp_int64_write)
PUT_INTEGER(put_int64, int64_t, cp_int64_write)
PUT_INTEGER(put_uint8, uint8_t, cp_uint64_write)
PUT_INTEGER(put_uint16, uint16_t, cp_uint64_write)
PUT_INTEGER(put_uint32, uint32_t, cp_uint64_write)
PUT_INTEGER(put_uint64, uint64_t, cp_uint64_write)

/* Forms that cannot hold these have them refused at the boundary. */
static uint8_t *put_not_finite(double value, uint8_t *to)
{
    if (isnan(value))
        return put_word("NaN", to);
    return put_word(value > 0 ? "Infinity" : "-Infinity", to);
}

static uint8_t *put_float32(const cp_text_column *column, const void *value, uint8_t *to)
{
    (void)column;
    float number = *(const float *)value;
    return isfinite(number) ? to + cp_float_write(number, (char *)to)
                            : put_not_finite((double)number, to);
}

static uint8_t *put_float64(const cp_text_column *column, const void *value, uint8_t *to)
{
    (void)column;
    double number = *(const double *)value;
    return isfinite(number) ? to + cp_double_write(number, (char *)to) : put_not_finite(number, to);
}

static uint8_t *put_string(const cp_text_column *column, const void *value, uint8_t *to)
{
    return column->form->put_string(*(const cp_span *)value, to);
}

static uint8_t *put_json(const cp_text_column *column, const void *value, uint8_t *to)
{
    return column->form->put_json(*(const cp_span *)value, to);
}

static uint8_t *put_enum(const cp_text_column *column, const void *value, uint8_t *to)
{
    uint16_t code = *(const uint16_t *)value;
    uint32_t start = code ? column->symbol_ends[code - 1] : 0;
    uint32_t size = column->symbol_ends[code] - start;
    memcpy(to, column->symbols.data + start, size);
    return to + size;
}

static uint8_t *put_epoch(const cp_text_column *column, const void *value, uint8_t *to)
{
    const cp_field *field = column->field;
    return to +
           cp_time_write_epoch(*(const int64_t *)value, field->unit, field->encoding, (char *)to);
}

/* RFC 3339 has nothing that would have to be escaped. */
static uint8_t *put_time(const cp_text_column *column, const void *value, uint8_t *to)
{
    bool quoted = column->form->quotes_times;
    if (quoted)
        *to++ = '"';
    to += cp_time_write(*(const int64_t *)value, column->field->unit, (char *)to);
    if (quoted)
        *to++ = '"';
    return to;
}

static uint8_t *(*const writers[])(const cp_text_column *, const void *, uint8_t *) = {
    [CP_TYPE_BOOL] = put_bool,       [CP_TYPE_INT8] = put_int8,       [CP_TYPE_INT16] = put_int16,
    [CP_TYPE_INT32] = put_int32,     [CP_TYPE_INT64] = put_int64,     [CP_TYPE_UINT8] = put_uint8,
    [CP_TYPE_UINT16] = put_uint16,   [CP_TYPE_UINT32] = put_uint32,   [CP_TYPE_UINT64] = put_uint64,
    [CP_TYPE_FLOAT32] = put_float32, [CP_TYPE_FLOAT64] = put_float64, [CP_TYPE_STRING] = put_string,
    [CP_TYPE_ENUM] = put_enum,       [CP_TYPE_TIMESTAMP] = put_time,  [CP_TYPE_JSON] = put_json,
};

/* Longest first: a double, a time in quotes. */
enum { VALUE_BYTES = CP_TIME_BYTES * 2 };

static cp_rc render_symbols(cp_text_column *column, cp_error *err)
{
    const cp_field *field = column->field;
    cp_rc rc =
        cp_calloc(field->symbol_count, sizeof *column->symbol_ends, &column->symbol_ends, err);
    for (size_t i = 0; !rc && i < field->symbol_count; i++) {
        cp_bytes *out = &column->symbols;
        rc = cp_bytes_reserve(out, column->form->text_factor * field->symbols[i].size + 2, err);
        if (rc)
            break;
        uint8_t *end = column->form->put_string(field->symbols[i], out->data + out->size);
        size_t size = (size_t)(end - (out->data + out->size));
        if (size > column->bound)
            column->bound = size;
        out->size += size;
        column->symbol_ends[i] = (uint32_t)out->size;
    }
    return rc;
}

cp_rc cp_text_column_open(cp_text_column *column, const cp_text_form *form, const cp_field *field,
                          cp_error *err)
{
    *column = (cp_text_column){.form = form, .field = field, .put = writers[field->type]};
    if (field->type == CP_TYPE_TIMESTAMP && field->encoding != CP_TIME_RFC3339)
        column->put = put_epoch;
    column->bound = VALUE_BYTES;
    cp_rc rc = field->type == CP_TYPE_ENUM ? render_symbols(column, err) : CP_OK;
    column->bound += strlen(form->null);
    return rc;
}

void cp_text_column_close(cp_text_column *column)
{
    cp_bytes_free(&column->before);
    cp_bytes_free(&column->symbols);
    free(column->symbol_ends);
    *column = (cp_text_column){0};
}
