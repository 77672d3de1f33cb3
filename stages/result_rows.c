/* Binding by name, and emitting groups in key order, a batch at a time. */
#include "stages/result_rows.h"

#include <stdlib.h>

cp_rc cp_result_field(cp_schema *in, const char *name, size_t *number, cp_field **field,
                      cp_error *err)
{
    *number = cp_schema_find(in, cp_span_of(name));
    if (*number == SIZE_MAX)
        return cp_fail(err, CP_E_CONFIG, "no_such_field", "the schema has no field \"%s\"", name);
    *field = &in->fields[*number];
    (*field)->wanted = true;
    return CP_OK;
}

cp_rc cp_result_order_begin(cp_result_order *order, const cp_groups *groups, cp_batch *rows,
                            cp_error *err)
{
    cp_batch_reset(rows);
    if (order->groups)
        return CP_OK;
    order->count = groups->count;
    return cp_groups_sort(groups, &order->groups, err);
}

bool cp_result_order_next(cp_result_order *order, const cp_batch *rows, uint32_t *group)
{
    if (order->next == order->count || rows->rows == rows->capacity)
        return false;
    *group = order->groups[order->next++];
    return true;
}

void cp_result_order_close(cp_result_order *order)
{
    free(order->groups);
    *order = (cp_result_order){0};
}

cp_rc cp_result_rows_end(cp_rc rc, cp_batch *rows)
{
    rows->selection_count = rows->rows;
    return rc ? rc : rows->rows ? CP_OK : CP_END;
}
