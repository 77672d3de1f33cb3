/* Statistics of a number by key: count, nulls, min, max, mean, sample deviation, and the first and
 * last time. */
#ifndef CP_STAGES_STATS_H
#define CP_STAGES_STATS_H

#include "pipeline/core/stage.h"

typedef struct cp_stats_options {
    const char *by;    /* the key field; borrowed, as all names here */
    const char *value; /* an integer or float field */
    const char *time;  /* a timestamp field; NULL: no first and last */
} cp_stats_options;

/* The result columns, in order; the last two only with a time. */
enum {
    CP_STATS_BY,
    CP_STATS_COUNT,
    CP_STATS_NULLS,
    CP_STATS_MIN,
    CP_STATS_MAX,
    CP_STATS_MEAN,
    CP_STATS_STDDEV,
    CP_STATS_FIRST,
    CP_STATS_LAST,
};

/* Result rows, by ascending key, null last:
 *
 *   by      the key
 *   count   uint64, values that are not null     nulls   uint64, records without a value
 *   min, max   of the value's type               mean, stddev   float64
 *   first, last   the earliest and latest time of the key's records, values or not
 *
 * min, max and mean are null without values, stddev under two. CP_E_MEMORY. */
cp_rc cp_stats_open(const cp_stats_options *options, cp_stage **out, cp_error *err);

/* The earliest and latest time over all keys of a partial of this stage; false where none. */
bool cp_stats_time_range(const cp_partial *partial, int64_t *first, int64_t *last);

#endif
