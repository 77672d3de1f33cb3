/* Gathered values to the file's types: small integers widened, seconds made milliseconds. */
#include "formats/parquet/values.h"

#include <stdio.h>

static cp_rc refuse(const cp_parquet_column *column, const char *reason, const char *message,
                    cp_error *err)
{
    cp_rc rc = cp_fail(err, CP_E_DATA, reason, "%s", message);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", column->field->name);
    return rc;
}

static void widen_8(uint32_t *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
}

static void widen_16(uint32_t *to, const uint16_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
}

static void widen_signed_8(uint32_t *to, const int8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint32_t)from[i];
}

static void widen_signed_16(uint32_t *to, const int16_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint32_t)from[i];
}

static cp_rc widen(cp_type type, const cp_gathered *gathered, cp_bytes *room, cp_error *err)
{
    room->size = 0;
    cp_rc rc = cp_bytes_reserve(room, gathered->count * sizeof(uint32_t), err);
    if (rc)
        return rc;
    uint32_t *to = (uint32_t *)(void *)room->data;
    if (type == CP_TYPE_INT8)
        widen_signed_8(to, gathered->values, gathered->count);
    else if (type == CP_TYPE_UINT8)
        widen_8(to, gathered->values, gathered->count);
    else if (type == CP_TYPE_INT16)
        widen_signed_16(to, gathered->values, gathered->count);
    else
        widen_16(to, gathered->values, gathered->count);
    return CP_OK;
}

static cp_rc to_milliseconds(const cp_parquet_column *column, const cp_gathered *gathered,
                             cp_bytes *room, cp_error *err)
{
    room->size = 0;
    cp_rc rc = cp_bytes_reserve(room, gathered->count * sizeof(int64_t), err);
    if (rc)
        return rc;
    const int64_t *seconds = gathered->values;
    int64_t *to = (int64_t *)(void *)room->data;
    bool overflow = false;
    for (size_t i = 0; i < gathered->count; i++)
        overflow |= __builtin_mul_overflow(seconds[i], CP_MILLIS_PER_SECOND, &to[i]);
    return overflow ? refuse(column, "time_out_of_range",
                             "a time in seconds is beyond what milliseconds can hold", err)
                    : CP_OK;
}

static cp_rc check_sizes(const cp_parquet_column *column, const cp_gathered *gathered,
                         cp_error *err)
{
    const cp_span *texts = gathered->values;
    size_t largest = 0;
    for (size_t i = 0; i < gathered->count; i++)
        largest = texts[i].size > largest ? texts[i].size : largest;
    return largest > CP_PARQUET_TEXT_BYTES_MAX
               ? refuse(column, "value_too_large", "a text is larger than a page can be", err)
               : CP_OK;
}

static bool is_narrow(cp_type type)
{
    return type == CP_TYPE_INT8 || type == CP_TYPE_UINT8 || type == CP_TYPE_INT16 ||
           type == CP_TYPE_UINT16;
}

cp_rc cp_parquet_values_make(const cp_parquet_column *column, const cp_gathered *gathered,
                             cp_bytes *room, cp_parquet_values *out, cp_error *err)
{
    const cp_field *field = column->field;
    *out = (cp_parquet_values){.type = column->type,
                               .order = column->order,
                               .count = gathered->count,
                               .bools = gathered->values,
                               .key_bits = 8 * (unsigned)cp_type_width(field->type)};
    if (field->required && gathered->count < gathered->rows)
        return refuse(column, "null_value", "a required field has no value", err);
    if (field->type == CP_TYPE_ENUM) {
        out->symbols = field->symbols;
        return CP_OK;
    }
    if (column->type == CP_PARQUET_BYTE_ARRAY)
        return check_sizes(column, gathered, err);
    cp_rc rc = CP_OK;
    if (is_narrow(field->type))
        rc = widen(field->type, gathered, room, err);
    else if (field->type == CP_TYPE_TIMESTAMP && field->unit == CP_UNIT_S)
        rc = to_milliseconds(column, gathered, room, err);
    else
        return CP_OK;
    out->bools = room->data;
    return rc;
}
