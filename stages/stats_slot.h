/* The running figures of one group of the stage stats. */
#ifndef CP_STAGES_STATS_SLOT_H
#define CP_STAGES_STATS_SLOT_H

#include "stages/groups.h"
#include "stages/moments.h"

/* A value in its own kind, so that 64-bit integers stay exact. */
typedef union cp_stats_number {
    double f;
    int64_t i;
    uint64_t u;
} cp_stats_number;

typedef struct cp_stats_slot {
    cp_moments moments;
    cp_stats_number min, max; /* without values: of a float NaN, of others anything */
    uint64_t nulls;
    int64_t first, last;
} cp_stats_slot;

static inline void cp_stats_slot_time(cp_stats_slot *s, int64_t first, int64_t last)
{
    s->first = first < s->first ? first : s->first;
    s->last = last > s->last ? last : s->last;
}

/* Slots of one partial, and those of another that they go into. */
typedef struct cp_stats_pairs {
    uint32_t *from, *to;
    uint32_t count;
} cp_stats_pairs;

/* The loops over slots, one set for each instruction set; all give the same bits. */
typedef struct cp_stats_kernels {
    /* Adds rows to their groups' slots. `value` is a number's column; `time` a timestamp's, or
     * NULL. */
    void (*add_rows)(cp_stats_slot *slots, const cp_group_rows *rows, const cp_column *value,
                     const cp_column *time);
    /* Adds parts[from] to into[to] for each pair, of values of `type`; no slot is in two pairs. */
    void (*combine)(cp_stats_slot *into, const cp_stats_slot *parts, const cp_stats_pairs *pairs,
                    cp_type type);
} cp_stats_kernels;

const cp_stats_kernels *cp_stats_kernels_portable(void);
const cp_stats_kernels *cp_stats_kernels_fma(void); /* NULL where the machine has no FMA */

#endif
