/* count: groups, and one uint64_t for each. */
#include "stages/count.h"

#include "pipeline/core/checked.h"
#include "stages/groups.h"
#include "stages/result_rows.h"

static const cp_stage_type count_type;

typedef struct count_stage {
    cp_stage base;
    const char *by;
    size_t by_field;
    cp_type by_type;
} count_stage;

typedef struct count_partial {
    cp_partial base;
    cp_groups groups;
    uint64_t *counts; /* by group */
    size_t capacity;
    cp_result_order order;
} count_partial;

static cp_rc count_bind(cp_stage *stage, cp_schema *in, cp_schema *out, cp_error *err)
{
    count_stage *self = (count_stage *)stage;
    cp_field *by;
    cp_rc rc = cp_result_field(in, self->by, &self->by_field, &by, err);
    if (rc)
        return rc;
    self->by_type = by->type;
    cp_field *field;
    rc = cp_schema_add_copy(out, by, NULL, &field, err);
    return rc ? rc : cp_result_add(out, "count", CP_TYPE_UINT64, &field, err);
}

static void count_partial_close(cp_partial *partial)
{
    count_partial *self = (count_partial *)partial;
    if (!self)
        return;
    cp_groups_close(&self->groups);
    cp_result_order_close(&self->order);
    free(self->counts);
    free(self);
}

static cp_rc count_partial_open(const cp_stage *stage, size_t memory_limit_bytes, cp_partial **out,
                                cp_error *err)
{
    count_partial *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &count_type;
    rc = cp_groups_open(&self->groups, ((const count_stage *)stage)->by_type, memory_limit_bytes,
                        err);
    if (rc)
        count_partial_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* Counts for all groups; those of new ones are 0. */
static cp_rc make_room(count_partial *self, cp_error *err)
{
    size_t old = self->capacity;
    if (self->groups.count <= old)
        return CP_OK;
    cp_rc rc =
        cp_grow(&self->counts, &self->capacity, self->groups.count, sizeof *self->counts, err);
    if (!rc)
        memset(self->counts + old, 0, (self->capacity - old) * sizeof *self->counts);
    return rc;
}

static cp_rc count_fold(const cp_stage *stage, cp_partial *partial, const cp_batch *batch,
                        cp_error *err)
{
    size_t by = ((const count_stage *)stage)->by_field;
    count_partial *self = (count_partial *)partial;
    cp_group_rows run;
    uint32_t next = 0;
    do {
        cp_rc rc = cp_groups_find_rows(&self->groups, batch, by, &next, &run, err);
        if (!rc)
            rc = make_room(self, err);
        if (rc)
            return rc;
        for (uint32_t i = 0; i < run.count; i++)
            self->counts[run.groups[i]]++;
    } while (run.count > 0);
    return CP_OK;
}

static cp_rc count_combine(const cp_stage *stage, cp_partial *into, cp_partial *from, cp_error *err)
{
    count_partial *total = (count_partial *)into, *part = (count_partial *)from;
    (void)stage;
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < part->groups.count; i++) {
        uint32_t group;
        if (part->counts[i] == 0)
            continue; /* a carried key (cp_groups_renew) that no row had this time */
        rc = cp_groups_find_key(&total->groups, &part->groups.keys[i], &group, err);
        if (!rc)
            rc = make_room(total, err);
        if (!rc)
            total->counts[group] += part->counts[i];
        part->counts[i] = 0;
    }
    cp_groups_renew(&part->groups);
    return rc;
}

static cp_rc count_emit(const cp_stage *stage, cp_partial *partial, cp_batch *rows, cp_error *err)
{
    count_partial *self = (count_partial *)partial;
    (void)stage;
    cp_rc rc = cp_result_order_begin(&self->order, &self->groups, rows, err);
    uint32_t group;
    while (!rc && cp_result_order_next(&self->order, rows, &group)) {
        if (self->counts[group] == 0)
            continue;
        uint32_t row = rows->rows++;
        cp_group_key_store(&self->groups, group, &rows->columns[0], row);
        ((uint64_t *)rows->columns[1].data)[row] = self->counts[group];
    }
    return cp_result_rows_end(rc, rows);
}

static void count_close(cp_stage *stage)
{
    free(stage);
}

static const cp_stage_type count_type = {
    .name = "count",
    .kind = CP_STAGE_FOLD,
    .bind = count_bind,
    .partial_open = count_partial_open,
    .fold = count_fold,
    .combine = count_combine,
    .emit = count_emit,
    .partial_close = count_partial_close,
    .close = count_close,
};

cp_rc cp_count_open(const cp_count_options *options, cp_stage **out, cp_error *err)
{
    count_stage *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &count_type;
    self->by = options->by;
    *out = &self->base;
    return CP_OK;
}
