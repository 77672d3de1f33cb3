/* Bounds: the least and the greatest value of a page or a chunk, as statistics and the page index
 * have them (parquet.thrift, Statistics, ColumnIndex, ColumnOrder; README.md, "Sort Order").
 *
 *   numbers   in the column's order; NaNs are counted and else left out; a zero is -0.0 as the
 *             least and 0.0 as the greatest. Beside a NaN no greatest value is told: to DuckDB and
 *             Spark a NaN is above all numbers, and they skip by the bound alone
 *   texts     byte by byte; longer ones are cut to at most 64 bytes of UTF-8, the greatest then
 *             rounded up */
#ifndef CP_FORMATS_PARQUET_BOUNDS_H
#define CP_FORMATS_PARQUET_BOUNDS_H

#include "formats/parquet/dictionary.h"
#include "formats/parquet/thrift.h"

enum { CP_PARQUET_BOUND_BYTES_MAX = 64 };

typedef struct cp_parquet_bound {
    union {
        int64_t i; /* signed order */
        uint64_t u;
        double f;
    };
    cp_span text; /* borrowed from the values */
} cp_parquet_bound;

/* Zeroed is no value. */
typedef struct cp_parquet_bounds {
    bool any; /* else there is no least and no greatest: all are null or NaN */
    cp_parquet_bound least, greatest;
    uint64_t null_count;
    uint64_t nan_count;
} cp_parquet_bounds;

/* Of `count` values from `first` on; nulls are the caller's to count. The values' own dictionary
 * makes texts fast; NULL or not usable: there is none, which no enum's is. */
cp_parquet_bounds cp_parquet_bounds_of(const cp_parquet_values *values,
                                       const cp_parquet_dictionary *dictionary, size_t first,
                                       size_t count);

/* Widens `into` by `from`, both counts included. */
void cp_parquet_bounds_join(cp_parquet_order order, cp_parquet_bounds *into,
                            const cp_parquet_bounds *from);

/* Negative, 0, positive. */
int cp_parquet_bound_compare(cp_parquet_order order, const cp_parquet_bound *a,
                             const cp_parquet_bound *b);

/* A bound as it is written: PLAIN, texts without their length. */
typedef struct cp_parquet_written_bound {
    uint8_t bytes[CP_PARQUET_BOUND_BYTES_MAX];
    size_t size;
    bool exact;
    bool absent; /* a greatest text that has no short text above it */
} cp_parquet_written_bound;

static inline cp_span cp_parquet_written_span(const cp_parquet_written_bound *written)
{
    return (cp_span){written->bytes, written->size};
}

cp_parquet_written_bound cp_parquet_write_least(cp_parquet_type type,
                                                const cp_parquet_bound *bound);
cp_parquet_written_bound cp_parquet_write_greatest(cp_parquet_type type,
                                                   const cp_parquet_bound *bound);

/* Whether the greatest value is above all values, as every reader sees it. */
static inline bool cp_parquet_bounds_hold(const cp_parquet_bounds *bounds)
{
    return bounds->any && bounds->nan_count == 0;
}

/* Appends struct Statistics. CP_E_MEMORY. */
cp_rc cp_parquet_statistics_put(cp_parquet_type type, const cp_parquet_bounds *bounds,
                                cp_bytes *out, cp_error *err);

#endif
