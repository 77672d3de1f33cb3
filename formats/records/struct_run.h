/* Up to 64 records on their way into a batch, and which of them are refused. */
#ifndef CP_FORMATS_RECORDS_STRUCT_RUN_H
#define CP_FORMATS_RECORDS_STRUCT_RUN_H

#include "formats/records/struct_step.h"

/* Records decoded into the batch's rows from `row` on. */
typedef struct cp_struct_run {
    const uint8_t *records;
    size_t count;
    uint32_t row;
    uint64_t bad; /* bit i: record i is refused, for why[i] at value step[i] */
    uint16_t step[CP_STRUCT_RUN_ROWS];
    uint8_t why[CP_STRUCT_RUN_ROWS];
} cp_struct_run;

/* The lowest `count` bits, 0 to 64. */
static inline uint64_t cp_struct_low_bits(size_t count)
{
    return count ? UINT64_MAX >> (64 - count) : 0;
}

#endif
