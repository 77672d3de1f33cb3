/* Cells: the rules of DESIGN.md section 5 that concern one value, and the typed stores. */
#include "pipeline/core/cell.h"

#include <math.h>

typedef struct limits {
    int64_t low;
    uint64_t high;
} limits;

/* By cp_type; integers, and bool as 0 and 1. */
static const limits integer_limits[] = {
    [CP_TYPE_BOOL] = {0, 1},
    [CP_TYPE_INT8] = {INT8_MIN, INT8_MAX},
    [CP_TYPE_INT16] = {INT16_MIN, INT16_MAX},
    [CP_TYPE_INT32] = {INT32_MIN, INT32_MAX},
    [CP_TYPE_INT64] = {INT64_MIN, INT64_MAX},
    [CP_TYPE_UINT8] = {0, UINT8_MAX},
    [CP_TYPE_UINT16] = {0, UINT16_MAX},
    [CP_TYPE_UINT32] = {0, UINT32_MAX},
    [CP_TYPE_UINT64] = {0, UINT64_MAX},
};

/* Two's complement makes one store serve signed and unsigned of a width. */
static void store_integer(cp_column *column, uint32_t row, uint64_t bits)
{
    if (!column->data)
        return;
    switch (cp_type_width(column->type)) {
    case 1:
        ((uint8_t *)column->data)[row] = (uint8_t)bits;
        break;
    case 2:
        ((uint16_t *)column->data)[row] = (uint16_t)bits;
        break;
    case 4:
        ((uint32_t *)column->data)[row] = (uint32_t)bits;
        break;
    default:
        ((uint64_t *)column->data)[row] = bits;
        break;
    }
}

static cp_reason check_signed(const cp_field *field, int64_t value)
{
    for (size_t i = 0; i < field->null_if_count; i++)
        if (field->null_if[i].i == value)
            return CP_ACCEPTED_NULL;
    if (field->has_min && value < field->min.i)
        return CP_BELOW_MIN;
    if (field->has_max && value > field->max.i)
        return CP_ABOVE_MAX;
    return CP_ACCEPTED;
}

static cp_reason check_unsigned(const cp_field *field, uint64_t value)
{
    for (size_t i = 0; i < field->null_if_count; i++)
        if (field->null_if[i].u == value)
            return CP_ACCEPTED_NULL;
    if (field->has_min && value < field->min.u)
        return CP_BELOW_MIN;
    if (field->has_max && value > field->max.u)
        return CP_ABOVE_MAX;
    return CP_ACCEPTED;
}

cp_reason cp_cell_int(const cp_field *field, cp_column *column, uint32_t row, int64_t value)
{
    if (value >= 0)
        return cp_cell_uint(field, column, row, (uint64_t)value);
    if (value < integer_limits[field->type].low)
        return CP_OUT_OF_RANGE;
    cp_reason reason = check_signed(field, value);
    if (reason == CP_ACCEPTED)
        store_integer(column, row, (uint64_t)value);
    return reason;
}

cp_reason cp_cell_uint(const cp_field *field, cp_column *column, uint32_t row, uint64_t value)
{
    if (value > integer_limits[field->type].high)
        return CP_OUT_OF_RANGE;
    cp_reason reason = cp_type_is_signed(field->type) ? check_signed(field, (int64_t)value)
                                                      : check_unsigned(field, value);
    if (reason == CP_ACCEPTED)
        store_integer(column, row, value);
    return reason;
}

static cp_reason check_float(const cp_field *field, double value)
{
    if (!isfinite(value)) {
        if (field->nan == CP_NAN_REJECT)
            return CP_NOT_FINITE;
        if (field->nan == CP_NAN_NULL)
            return CP_ACCEPTED_NULL;
    }
    for (size_t i = 0; i < field->null_if_count; i++)
        if (field->null_if[i].f == value)
            return CP_ACCEPTED_NULL;
    if (field->has_min && value < field->min.f)
        return CP_BELOW_MIN;
    if (field->has_max && value > field->max.f)
        return CP_ABOVE_MAX;
    if (field->finite_max > 0 && fabs(value) > field->finite_max && !isinf(value))
        return CP_DOES_NOT_FIT;
    return CP_ACCEPTED;
}

cp_reason cp_cell_float(const cp_field *field, cp_column *column, uint32_t row, double value)
{
    cp_reason reason = check_float(field, value);
    if (reason == CP_ACCEPTED && column->data) {
        if (field->type == CP_TYPE_FLOAT32)
            ((float *)column->data)[row] = (float)value;
        else
            ((double *)column->data)[row] = value;
    }
    return reason;
}

cp_reason cp_cell_bool(const cp_field *field, cp_column *column, uint32_t row, bool value)
{
    (void)field;
    if (column->data)
        ((bool *)column->data)[row] = value;
    return CP_ACCEPTED;
}

static bool fits(const cp_field *field, cp_span value)
{
    if (!field->is_padded)
        return value.size == field->fixed_bytes;
    return value.size <= field->fixed_bytes && (value.size == 0 || value.data[value.size - 1] != 0);
}

cp_reason cp_cell_text(const cp_field *field, cp_column *column, uint32_t row, cp_span value)
{
    for (size_t i = 0; i < field->null_if_count; i++)
        if (cp_span_equal(field->null_if[i].text, value))
            return CP_ACCEPTED_NULL;
    if (field->fixed_bytes && !fits(field, value))
        return CP_DOES_NOT_FIT;
    if (column->data)
        ((cp_span *)column->data)[row] = value;
    return CP_ACCEPTED;
}

cp_reason cp_cell_code(const cp_field *field, cp_column *column, uint32_t row, uint64_t code)
{
    if (code >= field->symbol_count)
        return CP_UNKNOWN_SYMBOL;
    for (size_t i = 0; i < field->null_if_count; i++)
        if (cp_span_equal(field->null_if[i].text, field->symbols[code]))
            return CP_ACCEPTED_NULL;
    if (column->data)
        ((uint16_t *)column->data)[row] = (uint16_t)code;
    return CP_ACCEPTED;
}

cp_reason cp_cell_symbol(const cp_field *field, cp_column *column, uint32_t row, cp_span symbol)
{
    int32_t code = cp_names_find(field->symbol_codes, symbol);
    if (code >= 0)
        return cp_cell_code(field, column, row, (uint64_t)code);
    /* "N/A" may stand for null without being a symbol. */
    for (size_t i = 0; i < field->null_if_count; i++)
        if (cp_span_equal(field->null_if[i].text, symbol))
            return CP_ACCEPTED_NULL;
    return CP_UNKNOWN_SYMBOL;
}

cp_reason cp_cell_time(const cp_field *field, cp_column *column, uint32_t row, int64_t value)
{
    cp_reason reason = check_signed(field, value);
    if (reason == CP_ACCEPTED && column->data)
        ((int64_t *)column->data)[row] = value;
    return reason;
}
