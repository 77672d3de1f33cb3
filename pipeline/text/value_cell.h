/* Spelled values into cells: what a number or a time means is the same in every text format. */
#ifndef CP_TEXT_VALUE_CELL_H
#define CP_TEXT_VALUE_CELL_H

#include "pipeline/core/cell.h"
#include "pipeline/text/number.h"

/* Fields whose values are spelled as numbers: integers, floats, times since 1970. */
static inline bool cp_field_is_numeric(const cp_field *field)
{
    return cp_type_is_integer(field->type) || cp_type_is_float(field->type) ||
           (field->type == CP_TYPE_TIMESTAMP && field->encoding != CP_TIME_RFC3339);
}

/* A number into a numeric field. */
cp_reason cp_cell_decimal(const cp_field *field, cp_column *column, uint32_t row,
                          const cp_decimal *number);

/* RFC 3339 into a timestamp field. */
cp_reason cp_cell_rfc3339(const cp_field *field, cp_column *column, uint32_t row, cp_span text);

/* What to tell somebody who gave a timestamp field something else (cp_refusal.detail). */
const char *cp_time_expected(const cp_field *field);

#endif
