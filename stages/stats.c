/* stats: groups, and one slot of running figures for each. */
#include "stages/stats.h"

#include "pipeline/core/checked.h"
#include "stages/result_rows.h"
#include "stages/stats_slot.h"

static const cp_stage_type stats_type;

typedef struct stats_stage {
    cp_stage base;
    cp_stats_options names;
    size_t by, value, time; /* field numbers; time SIZE_MAX: none */
    cp_type by_type, value_type;
    const cp_stats_kernels *kernels;
} stats_stage;

typedef struct stats_partial {
    cp_partial base;
    cp_groups groups;
    cp_stats_slot *slots; /* by group */
    size_t capacity;
    cp_result_order order;
} stats_partial;

static const cp_stats_slot empty_slot = {
    .min.f = NAN, .max.f = NAN, .first = INT64_MAX, .last = INT64_MIN};

static cp_rc add_result_fields(const stats_stage *self, const cp_schema *in, cp_schema *out,
                               cp_error *err)
{
    const cp_field *value = &in->fields[self->value];
    cp_field *field;
    cp_rc rc = cp_schema_add_copy(out, &in->fields[self->by], NULL, &field, err);
    if (!rc)
        rc = cp_result_add(out, "count", CP_TYPE_UINT64, &field, err);
    if (!rc)
        rc = cp_result_add(out, "nulls", CP_TYPE_UINT64, &field, err);
    if (!rc)
        rc = cp_result_add_copy(out, value, "min", &field, err);
    if (!rc)
        rc = cp_result_add_copy(out, value, "max", &field, err);
    if (!rc)
        rc = cp_result_add(out, "mean", CP_TYPE_FLOAT64, &field, err);
    if (!rc)
        rc = cp_result_add(out, "stddev", CP_TYPE_FLOAT64, &field, err);
    if (!rc && self->time != SIZE_MAX)
        rc = cp_result_add_copy(out, &in->fields[self->time], "first", &field, err);
    if (!rc && self->time != SIZE_MAX)
        rc = cp_result_add_copy(out, &in->fields[self->time], "last", &field, err);
    return rc;
}

static cp_rc stats_bind(cp_stage *stage, cp_schema *in, cp_schema *out, cp_error *err)
{
    stats_stage *self = (stats_stage *)stage;
    cp_field *by, *value, *time;
    cp_rc rc = cp_result_field(in, self->names.by, &self->by, &by, err);
    if (!rc)
        rc = cp_result_field(in, self->names.value, &self->value, &value, err);
    self->time = SIZE_MAX;
    if (!rc && self->names.time)
        rc = cp_result_field(in, self->names.time, &self->time, &time, err);
    if (rc)
        return rc;
    char type[CP_TYPE_NAME_BYTES];
    if (!cp_type_is_float(value->type) && !cp_type_is_integer(value->type))
        return cp_fail(err, CP_E_CONFIG, "not_a_number", "the value field \"%s\" is %s, no number",
                       value->name, cp_type_name(value, type));
    if (self->names.time && time->type != CP_TYPE_TIMESTAMP)
        return cp_fail(err, CP_E_CONFIG, "not_a_time", "the time field \"%s\" is %s, no timestamp",
                       time->name, cp_type_name(time, type));
    self->by_type = by->type;
    self->value_type = value->type;
    return add_result_fields(self, in, out, err);
}

static void stats_partial_close(cp_partial *partial)
{
    stats_partial *self = (stats_partial *)partial;
    if (!self)
        return;
    cp_groups_close(&self->groups);
    cp_result_order_close(&self->order);
    free(self->slots);
    free(self);
}

static cp_rc stats_partial_open(const cp_stage *stage, size_t memory_limit_bytes, cp_partial **out,
                                cp_error *err)
{
    stats_partial *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &stats_type;
    rc = cp_groups_open(&self->groups, ((const stats_stage *)stage)->by_type, memory_limit_bytes,
                        err);
    if (rc)
        stats_partial_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* Slots for all groups; those of new ones are empty. */
static cp_rc make_room(stats_partial *self, cp_error *err)
{
    size_t old = self->capacity;
    if (self->groups.count <= old)
        return CP_OK;
    cp_rc rc = cp_grow(&self->slots, &self->capacity, self->groups.count, sizeof *self->slots, err);
    for (size_t i = old; !rc && i < self->capacity; i++)
        self->slots[i] = empty_slot;
    return rc;
}

static cp_rc stats_fold(const cp_stage *stage, cp_partial *partial, const cp_batch *batch,
                        cp_error *err)
{
    const stats_stage *self = (const stats_stage *)stage;
    stats_partial *state = (stats_partial *)partial;
    const cp_column *value = &batch->columns[self->value];
    const cp_column *time = self->time == SIZE_MAX ? NULL : &batch->columns[self->time];
    cp_group_rows run;
    uint32_t next = 0;
    do {
        cp_rc rc = cp_groups_find_rows(&state->groups, batch, self->by, &next, &run, err);
        if (!rc)
            rc = make_room(state, err);
        if (rc)
            return rc;
        self->kernels->add_rows(state->slots, &run, value, time);
    } while (run.count > 0);
    return CP_OK;
}

/* Carried keys that no row had this time are no part of the result. */
static bool is_used(const cp_stats_slot *s)
{
    return s->moments.count > 0 || s->nulls > 0;
}

/* The part's groups that have rows, and theirs in the total; pairs->from and ->to are the caller's
 * to free. */
static cp_rc pair_groups(stats_partial *total, const stats_partial *part, cp_stats_pairs *pairs,
                         cp_error *err)
{
    cp_rc rc = cp_calloc(part->groups.count, sizeof *pairs->from, &pairs->from, err);
    if (!rc)
        rc = cp_calloc(part->groups.count, sizeof *pairs->to, &pairs->to, err);
    for (uint32_t i = 0; !rc && i < part->groups.count; i++) {
        if (!is_used(&part->slots[i]))
            continue;
        uint32_t *to = &pairs->to[pairs->count];
        pairs->from[pairs->count++] = i;
        rc = cp_groups_find_key(&total->groups, &part->groups.keys[i], to, err);
    }
    return rc ? rc : make_room(total, err);
}

static cp_rc stats_combine(const cp_stage *stage, cp_partial *into, cp_partial *from, cp_error *err)
{
    const stats_stage *self = (const stats_stage *)stage;
    stats_partial *total = (stats_partial *)into, *part = (stats_partial *)from;
    cp_stats_pairs pairs = {0};
    cp_rc rc = pair_groups(total, part, &pairs, err);
    if (!rc)
        self->kernels->combine(total->slots, part->slots, &pairs, self->value_type);
    free(pairs.from);
    free(pairs.to);
    for (uint32_t i = 0; i < part->groups.count; i++)
        part->slots[i] = empty_slot;
    cp_groups_renew(&part->groups);
    return rc;
}

static void store_number(cp_column *column, uint32_t row, bool present, cp_stats_number value)
{
    if (!present)
        cp_column_set_null(column, row);
    else if (column->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = (float)value.f;
    else /* integers of any width: little-endian, the low bytes come first */
        memcpy((uint8_t *)column->data + row * cp_type_width(column->type), &value,
               cp_type_width(column->type));
}

static void emit_slot(const cp_stats_slot *s, cp_batch *rows, uint32_t row)
{
    cp_column *columns = rows->columns;
    bool any = s->moments.count > 0;
    double mean = cp_moments_mean(&s->moments), deviation = cp_moments_deviation(&s->moments);
    ((uint64_t *)columns[CP_STATS_COUNT].data)[row] = s->moments.count;
    ((uint64_t *)columns[CP_STATS_NULLS].data)[row] = s->nulls;
    store_number(&columns[CP_STATS_MIN], row, any, s->min);
    store_number(&columns[CP_STATS_MAX], row, any, s->max);
    store_number(&columns[CP_STATS_MEAN], row, isfinite(mean), (cp_stats_number){.f = mean});
    store_number(&columns[CP_STATS_STDDEV], row, isfinite(deviation),
                 (cp_stats_number){.f = deviation});
    if (rows->schema->field_count > CP_STATS_FIRST) {
        bool timed = s->first <= s->last;
        store_number(&columns[CP_STATS_FIRST], row, timed, (cp_stats_number){.i = s->first});
        store_number(&columns[CP_STATS_LAST], row, timed, (cp_stats_number){.i = s->last});
    }
}

static cp_rc stats_emit(const cp_stage *stage, cp_partial *partial, cp_batch *rows, cp_error *err)
{
    stats_partial *self = (stats_partial *)partial;
    (void)stage;
    cp_rc rc = cp_result_order_begin(&self->order, &self->groups, rows, err);
    uint32_t group;
    while (!rc && cp_result_order_next(&self->order, rows, &group)) {
        if (!is_used(&self->slots[group]))
            continue;
        uint32_t row = rows->rows++;
        cp_group_key_store(&self->groups, group, &rows->columns[CP_STATS_BY], row);
        emit_slot(&self->slots[group], rows, row);
    }
    return cp_result_rows_end(rc, rows);
}

bool cp_stats_time_range(const cp_partial *partial, int64_t *first, int64_t *last)
{
    const stats_partial *self = (const stats_partial *)partial;
    cp_stats_slot all = empty_slot;
    for (uint32_t i = 0; i < self->groups.count; i++)
        cp_stats_slot_time(&all, self->slots[i].first, self->slots[i].last);
    *first = all.first;
    *last = all.last;
    return *first <= *last;
}

static void stats_close(cp_stage *stage)
{
    free(stage);
}

static const cp_stage_type stats_type = {
    .name = "stats",
    .kind = CP_STAGE_FOLD,
    .bind = stats_bind,
    .partial_open = stats_partial_open,
    .fold = stats_fold,
    .combine = stats_combine,
    .emit = stats_emit,
    .partial_close = stats_partial_close,
    .close = stats_close,
};

cp_rc cp_stats_open(const cp_stats_options *options, cp_stage **out, cp_error *err)
{
    stats_stage *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &stats_type;
    self->names = *options;
    const cp_stats_kernels *with_fma = cp_stats_kernels_fma();
    self->kernels = with_fma ? with_fma : cp_stats_kernels_portable();
    *out = &self->base;
    return CP_OK;
}
