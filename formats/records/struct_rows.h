/* The rows of a run, once its records are judged: accepted ones stand densely, absent fields are
 * null. */
#ifndef CP_FORMATS_RECORDS_STRUCT_ROWS_H
#define CP_FORMATS_RECORDS_STRUCT_ROWS_H

#include "formats/records/struct_plan.h"
#include "formats/records/struct_run.h"

/* Moves the kept records' values and validity together, from the run's first row on. */
void cp_struct_rows_compact(const cp_struct_plan *p, const cp_struct_run *r, cp_batch *batch,
                            uint64_t kept);

/* `count` rows, 0 to 64, from `row` on are null in the fields that the layout does not feed. */
void cp_struct_rows_mark_absent(const cp_struct_plan *p, cp_batch *batch, uint32_t row,
                                uint32_t count);

#endif
