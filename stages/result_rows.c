/* Binding by name, and emitting groups in key order, a batch at a time. */
#include "stages/result_rows.h"

#include <stdio.h>
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

enum { RESULT_NAME_BYTES = 16 };

static const char *free_name(const cp_schema *out, const char *name, char room[RESULT_NAME_BYTES])
{
    if (cp_schema_find(out, cp_span_of(name)) == SIZE_MAX)
        return name;
    snprintf(room, RESULT_NAME_BYTES, "%s_", name);
    return room;
}

cp_rc cp_result_add(cp_schema *out, const char *name, cp_type type, cp_field **field, cp_error *err)
{
    char room[RESULT_NAME_BYTES];
    return cp_schema_add(out, free_name(out, name, room), type, field, err);
}

cp_rc cp_result_add_copy(cp_schema *out, const cp_field *like, const char *name, cp_field **field,
                         cp_error *err)
{
    char room[RESULT_NAME_BYTES];
    return cp_schema_add_copy(out, like, free_name(out, name, room), field, err);
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
