/* Rejects of struct records, with their places in the block. */
#ifndef CP_FORMATS_RECORDS_STRUCT_REFUSE_H
#define CP_FORMATS_RECORDS_STRUCT_REFUSE_H

#include "formats/records/struct_plan.h"
#include "formats/records/struct_run.h"

/* Moves the cursor over the run, adding its rejects in record order; stops before the record whose
 * reject would find no room. *kept: a bit for each accepted one among the records passed.
 * CP_E_MEMORY. */
cp_rc cp_struct_pass_run(const cp_struct_plan *p, const cp_struct_run *r, cp_cursor *cursor,
                         cp_rejects *rejects, uint64_t *kept, cp_error *err);

/* The block's end cuts a record short; there is room for a reject. CP_E_MEMORY. */
cp_rc cp_struct_refuse_tail(const cp_struct_plan *p, const cp_block *block, cp_cursor *cursor,
                            cp_rejects *rejects, cp_error *err);

#endif
