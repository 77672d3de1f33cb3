/* stats: groups, and one slot of running figures for each.
 *
 * min and max are kept in the value's own kind, so that 64-bit integers stay exact. */
#include "stages/stats.h"

#include "pipeline/core/checked.h"
#include "stages/groups.h"
#include "stages/moments.h"
#include "stages/result_rows.h"

static const cp_stage_type stats_type;

typedef union number {
    double f;
    int64_t i;
    uint64_t u;
} number;

typedef struct slot {
    cp_moments moments;
    number min, max;
    uint64_t nulls;
    int64_t first, last;
} slot;

typedef struct stats_stage {
    cp_stage base;
    cp_stats_options names;
    size_t by, value, time; /* field numbers; time SIZE_MAX: none */
    cp_type by_type, value_type;
} stats_stage;

typedef struct stats_partial {
    cp_partial base;
    cp_groups groups;
    slot *slots; /* by group */
    size_t capacity;
    cp_result_order order;
} stats_partial;

static const slot empty_slot = {.first = INT64_MAX, .last = INT64_MIN};

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

/* The slot of a group; those of new groups are empty. */
static cp_rc slot_of(stats_partial *self, uint32_t group, slot **out, cp_error *err)
{
    if (group >= self->capacity) {
        size_t old = self->capacity;
        cp_rc rc =
            cp_grow(&self->slots, &self->capacity, group + (size_t)1, sizeof *self->slots, err);
        if (rc)
            return rc;
        for (size_t i = old; i < self->capacity; i++)
            self->slots[i] = empty_slot;
    }
    *out = &self->slots[group];
    return CP_OK;
}

static void add_float(slot *s, double value)
{
    if (s->moments.count == 0)
        s->min.f = s->max.f = value;
    if (value < s->min.f || s->min.f != s->min.f)
        s->min.f = value;
    if (value > s->max.f || s->max.f != s->max.f)
        s->max.f = value;
    cp_moments_add(&s->moments, value);
}

static void add_signed(slot *s, int64_t value)
{
    if (s->moments.count == 0)
        s->min.i = s->max.i = value;
    s->min.i = value < s->min.i ? value : s->min.i;
    s->max.i = value > s->max.i ? value : s->max.i;
    cp_moments_add_int(&s->moments, value);
}

static void add_unsigned(slot *s, uint64_t value)
{
    if (s->moments.count == 0)
        s->min.u = s->max.u = value;
    s->min.u = value < s->min.u ? value : s->min.u;
    s->max.u = value > s->max.u ? value : s->max.u;
    cp_moments_add_uint(&s->moments, value);
}

static void add_value(slot *s, const cp_column *column, uint32_t row)
{
    const void *data = column->data;
    switch (column->type) {
    case CP_TYPE_FLOAT64:
        add_float(s, ((const double *)data)[row]);
        break;
    case CP_TYPE_FLOAT32:
        add_float(s, (double)((const float *)data)[row]);
        break;
    case CP_TYPE_INT8:
        add_signed(s, ((const int8_t *)data)[row]);
        break;
    case CP_TYPE_INT16:
        add_signed(s, ((const int16_t *)data)[row]);
        break;
    case CP_TYPE_INT32:
        add_signed(s, ((const int32_t *)data)[row]);
        break;
    case CP_TYPE_INT64:
        add_signed(s, ((const int64_t *)data)[row]);
        break;
    case CP_TYPE_UINT8:
        add_unsigned(s, ((const uint8_t *)data)[row]);
        break;
    case CP_TYPE_UINT16:
        add_unsigned(s, ((const uint16_t *)data)[row]);
        break;
    case CP_TYPE_UINT32:
        add_unsigned(s, ((const uint32_t *)data)[row]);
        break;
    default: /* bind allows no other */
        add_unsigned(s, ((const uint64_t *)data)[row]);
        break;
    }
}

static void add_time(slot *s, int64_t first, int64_t last)
{
    s->first = first < s->first ? first : s->first;
    s->last = last > s->last ? last : s->last;
}

static cp_rc stats_fold(const cp_stage *stage, cp_partial *partial, const cp_batch *batch,
                        cp_error *err)
{
    const stats_stage *self = (const stats_stage *)stage;
    stats_partial *state = (stats_partial *)partial;
    const cp_column *by = &batch->columns[self->by], *value = &batch->columns[self->value];
    const cp_column *time = self->time == SIZE_MAX ? NULL : &batch->columns[self->time];
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; i < batch->selection_count; i++) {
        uint32_t row = batch->selects_all ? i : batch->selection[i], group;
        slot *s;
        rc = cp_groups_find(&state->groups, by, row, &group, err);
        if (!rc)
            rc = slot_of(state, group, &s, err);
        if (rc)
            return rc;
        if (cp_column_is_valid(value, row))
            add_value(s, value, row);
        else
            s->nulls++;
        if (time && cp_column_is_valid(time, row)) {
            int64_t at = ((const int64_t *)time->data)[row];
            add_time(s, at, at);
        }
    }
    return rc;
}

static void combine_range(const stats_stage *self, slot *into, const slot *from)
{
    if (cp_type_is_float(self->value_type)) {
        if (from->min.f < into->min.f || into->min.f != into->min.f)
            into->min = from->min;
        if (from->max.f > into->max.f || into->max.f != into->max.f)
            into->max = from->max;
    } else if (cp_type_is_signed(self->value_type)) {
        into->min = from->min.i < into->min.i ? from->min : into->min;
        into->max = from->max.i > into->max.i ? from->max : into->max;
    } else {
        into->min = from->min.u < into->min.u ? from->min : into->min;
        into->max = from->max.u > into->max.u ? from->max : into->max;
    }
}

static void combine_slot(const stats_stage *self, slot *into, const slot *from)
{
    if (into->moments.count == 0) {
        into->min = from->min;
        into->max = from->max;
    } else if (from->moments.count > 0) {
        combine_range(self, into, from);
    }
    cp_moments_combine(&into->moments, &from->moments);
    into->nulls += from->nulls;
    add_time(into, from->first, from->last);
}

static cp_rc stats_combine(const cp_stage *stage, cp_partial *into, cp_partial *from, cp_error *err)
{
    stats_partial *total = (stats_partial *)into, *part = (stats_partial *)from;
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < part->groups.count; i++) {
        uint32_t group;
        slot *s;
        rc = cp_groups_find_key(&total->groups, &part->groups.keys[i], &group, err);
        if (!rc)
            rc = slot_of(total, group, &s, err);
        if (!rc)
            combine_slot((const stats_stage *)stage, s, &part->slots[i]);
        part->slots[i] = empty_slot;
    }
    cp_groups_clear(&part->groups);
    return rc;
}

static void store_number(cp_column *column, uint32_t row, bool present, number value)
{
    if (!present)
        cp_column_set_null(column, row);
    else if (column->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = (float)value.f;
    else /* integers of any width: little-endian, the low bytes come first */
        memcpy((uint8_t *)column->data + row * cp_type_width(column->type), &value,
               cp_type_width(column->type));
}

static void emit_slot(const slot *s, cp_batch *rows, uint32_t row)
{
    cp_column *columns = rows->columns;
    bool any = s->moments.count > 0;
    double mean = cp_moments_mean(&s->moments), deviation = cp_moments_deviation(&s->moments);
    ((uint64_t *)columns[CP_STATS_COUNT].data)[row] = s->moments.count;
    ((uint64_t *)columns[CP_STATS_NULLS].data)[row] = s->nulls;
    store_number(&columns[CP_STATS_MIN], row, any, s->min);
    store_number(&columns[CP_STATS_MAX], row, any, s->max);
    store_number(&columns[CP_STATS_MEAN], row, isfinite(mean), (number){.f = mean});
    store_number(&columns[CP_STATS_STDDEV], row, isfinite(deviation), (number){.f = deviation});
    if (rows->schema->field_count > CP_STATS_FIRST) {
        bool timed = s->first <= s->last;
        store_number(&columns[CP_STATS_FIRST], row, timed, (number){.i = s->first});
        store_number(&columns[CP_STATS_LAST], row, timed, (number){.i = s->last});
    }
}

static cp_rc stats_emit(const cp_stage *stage, cp_partial *partial, cp_batch *rows, cp_error *err)
{
    stats_partial *self = (stats_partial *)partial;
    (void)stage;
    cp_rc rc = cp_result_order_begin(&self->order, &self->groups, rows, err);
    uint32_t group;
    while (!rc && cp_result_order_next(&self->order, rows, &group)) {
        uint32_t row = rows->rows++;
        cp_group_key_store(&self->groups, group, &rows->columns[CP_STATS_BY], row);
        emit_slot(&self->slots[group], rows, row);
    }
    return cp_result_rows_end(rc, rows);
}

bool cp_stats_time_range(const cp_partial *partial, int64_t *first, int64_t *last)
{
    const stats_partial *self = (const stats_partial *)partial;
    slot all = empty_slot;
    for (uint32_t i = 0; i < self->groups.count; i++)
        add_time(&all, self->slots[i].first, self->slots[i].last);
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
    *out = &self->base;
    return CP_OK;
}
