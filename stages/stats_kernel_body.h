/* The loops over slots: the same text for each instruction set. The file that includes it defines
 * KERNEL_TARGET, and CP_STATS_FOUR where there is AVX2 and FMA. The sums need the exact rounding
 * error of each product, which is one instruction where there is FMA, and a call of libm where
 * there is not. */
#include "stages/stats_slot.h"
#ifdef CP_STATS_FOUR
#include "stages/moments_fma.h"
#endif

#define KERNEL_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

/* `wins` ? value : best. Whether a value is the least so far is hard to foretell while there are
 * few, so it is no branch. */
KERNEL_INLINE double choose(bool wins, double value, double best)
{
    uint64_t mask = -(uint64_t)wins, value_bits, best_bits;
    memcpy(&value_bits, &value, sizeof value);
    memcpy(&best_bits, &best, sizeof best);
    best_bits ^= (best_bits ^ value_bits) & mask;
    memcpy(&best, &best_bits, sizeof best);
    return best;
}

/* NaN in place of a bound gives way to anything. */
KERNEL_INLINE void extend_floats(cp_stats_slot *s, double min, double max)
{
    s->min.f = choose((min < s->min.f) | (s->min.f != s->min.f), min, s->min.f);
    s->max.f = choose((max > s->max.f) | (s->max.f != s->max.f), max, s->max.f);
}

KERNEL_INLINE void extend_signed(cp_stats_slot *s, int64_t min, int64_t max)
{
    bool is_first = s->moments.count == 0;
    s->min.i = is_first || min < s->min.i ? min : s->min.i;
    s->max.i = is_first || max > s->max.i ? max : s->max.i;
}

KERNEL_INLINE void extend_unsigned(cp_stats_slot *s, uint64_t min, uint64_t max)
{
    bool is_first = s->moments.count == 0;
    s->min.u = is_first || min < s->min.u ? min : s->min.u;
    s->max.u = is_first || max > s->max.u ? max : s->max.u;
}

KERNEL_INLINE void add_float(cp_stats_slot *s, double value)
{
    extend_floats(s, value, value);
    cp_moments_add(&s->moments, value);
}

KERNEL_INLINE void add_signed(cp_stats_slot *s, int64_t value)
{
    extend_signed(s, value, value);
    cp_moments_add_int(&s->moments, value);
}

KERNEL_INLINE void add_unsigned(cp_stats_slot *s, uint64_t value)
{
    extend_unsigned(s, value, value);
    cp_moments_add_uint(&s->moments, value);
}

/* `type` is a constant wherever this is called, and only its case is left. */
KERNEL_INLINE void add_value(cp_stats_slot *s, cp_type type, const void *data, uint32_t row)
{
    switch (type) {
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

/* Slots come from the second-level cache or from another core's, and whether a value is the first
 * of its group is only known when its slot is there. */
KERNEL_INLINE void fetch_ahead(const cp_stats_slot *slots, const cp_group_rows *run, uint32_t i)
{
    enum { ROWS_AHEAD = 12 };
    if (i + ROWS_AHEAD >= run->count)
        return;
    const char *slot = (const char *)&slots[run->groups[i + ROWS_AHEAD]];
    __builtin_prefetch(slot, 1);
    __builtin_prefetch(slot + sizeof *slots - 1, 1);
}

KERNEL_INLINE void add_rows(cp_stats_slot *slots, const cp_group_rows *run, const cp_column *value,
                            cp_type type, const cp_column *time)
{
    for (uint32_t i = 0; i < run->count; i++) {
        fetch_ahead(slots, run, i);
        uint32_t row = run->rows[i];
        cp_stats_slot *s = &slots[run->groups[i]];
        if (cp_column_is_valid(value, row))
            add_value(s, type, value->data, row);
        else
            s->nulls++;
        if (time && cp_column_is_valid(time, row)) {
            int64_t at = ((const int64_t *)time->data)[row];
            cp_stats_slot_time(s, at, at);
        }
    }
}

KERNEL_TARGET static void add_all_rows(cp_stats_slot *slots, const cp_group_rows *run,
                                       const cp_column *value, const cp_column *time)
{
    switch (value->type) {
    case CP_TYPE_FLOAT64:
        add_rows(slots, run, value, CP_TYPE_FLOAT64, time);
        break;
    case CP_TYPE_INT64:
        add_rows(slots, run, value, CP_TYPE_INT64, time);
        break;
    default:
        add_rows(slots, run, value, value->type, time);
        break;
    }
}

/* All but the moments. */
KERNEL_INLINE void combine_rest(cp_stats_slot *into, const cp_stats_slot *from, cp_type type)
{
    bool any = from->moments.count > 0;
    if (any && cp_type_is_float(type))
        extend_floats(into, from->min.f, from->max.f);
    else if (any && cp_type_is_signed(type))
        extend_signed(into, from->min.i, from->max.i);
    else if (any)
        extend_unsigned(into, from->min.u, from->max.u);
    into->nulls += from->nulls;
    cp_stats_slot_time(into, from->first, from->last);
}

/* Four pairs; false where their moments have to be combined one by one. */
KERNEL_INLINE bool combine_four(cp_stats_slot *const to[4], const cp_stats_slot *const from[4],
                                cp_type type)
{
    for (int k = 0; k < 4; k++)
        combine_rest(to[k], from[k], type);
#ifdef CP_STATS_FOUR
    return combine4(
        (cp_moments *[4]){&to[0]->moments, &to[1]->moments, &to[2]->moments, &to[3]->moments},
        (const cp_moments *[4]){&from[0]->moments, &from[1]->moments, &from[2]->moments,
                                &from[3]->moments});
#else
    return false;
#endif
}

KERNEL_TARGET static void combine_all(cp_stats_slot *into, const cp_stats_slot *parts,
                                      const cp_stats_pairs *pairs, cp_type type)
{
    uint32_t i = 0;
    for (; i + 4 <= pairs->count; i += 4) {
        cp_stats_slot *to[4];
        const cp_stats_slot *from[4];
        for (int k = 0; k < 4; k++) {
            to[k] = &into[pairs->to[i + (uint32_t)k]];
            from[k] = &parts[pairs->from[i + (uint32_t)k]];
        }
        if (!combine_four(to, from, type))
            for (int k = 0; k < 4; k++)
                cp_moments_combine(&to[k]->moments, &from[k]->moments);
    }
    for (; i < pairs->count; i++) {
        cp_stats_slot *to = &into[pairs->to[i]];
        const cp_stats_slot *from = &parts[pairs->from[i]];
        combine_rest(to, from, type);
        cp_moments_combine(&to->moments, &from->moments);
    }
}

static const cp_stats_kernels kernels = {add_all_rows, combine_all};
