/* Counting PLAIN values (Encodings.md, "Plain") as their bytes come by, in constant memory. */
#ifndef CP_FORMATS_PARQUET_PLAIN_COUNT_H
#define CP_FORMATS_PARQUET_PLAIN_COUNT_H

#include "formats/parquet/metadata.h"

/* Zeroed but for the element it counts at its start. */
typedef struct cp_plain_count {
    uint64_t values;      /* whole ones so far */
    uint64_t width;       /* of each; 0: a length of 4 bytes stands before each */
    uint64_t left;        /* bytes of the value at hand */
    uint32_t length;      /* as much of it as is there */
    unsigned length_bits; /* of it */
    bool in_value;
} cp_plain_count;

/* Not for BOOLEAN, whose values are bits. */
cp_plain_count cp_plain_count_of(const cp_parquet_schema_element *element);

void cp_plain_count_add(cp_plain_count *count, cp_span bytes);

/* Whether the bytes ended with a value, and there were `values`. */
bool cp_plain_count_is(const cp_plain_count *count, uint64_t values);

#endif
