/* Cells: one value into one column, every rule of its field checked on the way. All decoders
 * store through these, so that a rule means the same in every format.
 *
 * Each answers CP_ACCEPTED (stored), CP_ACCEPTED_NULL (the value stands for null; nothing stored,
 * and `required` is for the caller to judge, as with a null in the input), or the reason why not.
 * A column without data (nobody wants it) is checked all the same. */
#ifndef CP_CORE_CELL_H
#define CP_CORE_CELL_H

#include "pipeline/core/batch.h"
#include "pipeline/core/reject.h"

/* Integers of any width, and bool fields for 0 and 1 of binary formats (see cp_cell_bool). */
cp_reason cp_cell_int(const cp_field *field, cp_column *column, uint32_t row, int64_t value);
cp_reason cp_cell_uint(const cp_field *field, cp_column *column, uint32_t row, uint64_t value);

/* float64 and float32 fields. For float32 the caller has rounded the input directly to float. */
cp_reason cp_cell_float(const cp_field *field, cp_column *column, uint32_t row, double value);

cp_reason cp_cell_bool(const cp_field *field, cp_column *column, uint32_t row, bool value);

/* string and json: `value` must live as long as the batch; its UTF-8 is checked already. */
cp_reason cp_cell_text(const cp_field *field, cp_column *column, uint32_t row, cp_span value);
/* Whether it makes a difference to cp_cell_text what the text is. */
static inline bool cp_cell_reads_text(const cp_field *field, const cp_column *column)
{
    return column->data || field->null_if_count || field->fixed_bytes;
}

/* enum, by symbol or by position. */
cp_reason cp_cell_symbol(const cp_field *field, cp_column *column, uint32_t row, cp_span symbol);
cp_reason cp_cell_code(const cp_field *field, cp_column *column, uint32_t row, uint64_t code);

/* timestamp, in the field's unit. */
cp_reason cp_cell_time(const cp_field *field, cp_column *column, uint32_t row, int64_t value);

#endif
