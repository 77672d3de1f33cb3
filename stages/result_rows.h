/* What the FOLD stages share when they bind and when they emit. */
#ifndef CP_STAGES_RESULT_ROWS_H
#define CP_STAGES_RESULT_ROWS_H

#include "stages/groups.h"

/* Finds the field `name` of `in` and marks it wanted. CP_E_CONFIG where there is none. */
cp_rc cp_result_field(cp_schema *in, const char *name, size_t *number, cp_field **field,
                      cp_error *err);

/* A column of the result named `name`, or where the key has that name already, `name`_.
 * CP_E_MEMORY.
 */
cp_rc cp_result_add(cp_schema *out, const char *name, cp_type type, cp_field **field,
                    cp_error *err);
/* The same with type and unit of a field of the input. */
cp_rc cp_result_add_copy(cp_schema *out, const cp_field *like, const char *name, cp_field **field,
                         cp_error *err);

/* The order in which a partial's groups are emitted, across calls of emit. Zeroed is not begun. */
typedef struct cp_result_order {
    uint32_t *groups; /* by ascending key; NULL: not sorted yet */
    uint32_t count, next;
} cp_result_order;

/* Empties `rows`; sorts at the first call. CP_E_MEMORY. */
cp_rc cp_result_order_begin(cp_result_order *order, const cp_groups *groups, cp_batch *rows,
                            cp_error *err);
/* The next group, while there are any and `rows` has room. */
bool cp_result_order_next(cp_result_order *order, const cp_batch *rows, uint32_t *group);
void cp_result_order_close(cp_result_order *order);

/* What emit returns: `rc` where it failed, CP_END where no rows were left, else CP_OK. */
cp_rc cp_result_rows_end(cp_rc rc, cp_batch *rows);

#endif
