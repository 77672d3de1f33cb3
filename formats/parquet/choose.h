/* Which encoding a column chunk gets: the one whose pages are smallest, as measured.
 *
 *   sample --each encoding that the type allows--> body --squeeze, with and without looking for
 *   repetitions--> bytes, scaled to the chunk; the smallest is the choice
 *
 * Of texts that repeat often, and of enums, the dictionary alone is tried, and what is much larger
 * than the best in the first half of the sample is not measured in the second.
 *
 * The sample is the chunk where it is small, else two runs of values from inside of it, of some
 * thousands of values or half a megabyte of text each. It depends on the values alone, so that the
 * same chunk is always encoded in the same way. */
#ifndef CP_FORMATS_PARQUET_CHOOSE_H
#define CP_FORMATS_PARQUET_CHOOSE_H

#include "formats/parquet/squeeze.h"

typedef struct cp_parquet_choice {
    cp_parquet_coding coding;
    bool compress; /* compression makes the chunk at least a hundredth smaller */
    cp_squeeze_effort effort;
} cp_parquet_choice;

/* What encoding works with; used again for each chunk. */
typedef struct cp_parquet_bench {
    cp_squeezer *squeezer; /* NULL: nothing is compressed */
    cp_parquet_body body;
    cp_bytes squeezed;
    cp_bytes dictionary; /* its page, compressed, where there is one: filled by cp_parquet_choose */
} cp_parquet_bench;

void cp_parquet_bench_close(cp_parquet_bench *bench); /* may be called twice */

/* CP_E_MEMORY. */
cp_rc cp_parquet_choose(const cp_parquet_values *values, const cp_parquet_dictionary *dictionary,
                        const cp_parquet_levels *levels, cp_parquet_bench *bench,
                        cp_parquet_choice *out, cp_error *err);

#endif
