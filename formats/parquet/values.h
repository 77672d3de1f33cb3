/* Values of a column chunk as the file's types have them, nulls left out.
 *
 *   gathered (int8, uint16, enum codes, timestamp[s], ...) --> uint32_t | uint64_t | span | ... */
#ifndef CP_FORMATS_PARQUET_VALUES_H
#define CP_FORMATS_PARQUET_VALUES_H

#include "formats/parquet/bytes.h"
#include "formats/parquet/columns.h"
#include "pipeline/core/group.h"

/* Borrowed arrays; the one that suits the column's type is set. */
typedef struct cp_parquet_values {
    cp_parquet_type type;
    cp_parquet_order order;
    size_t count;
    union {
        const uint8_t *bools;
        const uint32_t *words32; /* INT32, FLOAT: their bits */
        const uint64_t *words64; /* INT64, DOUBLE */
        const cp_span *texts;    /* BYTE_ARRAY; CP_TEXT_KEY_BYTES are readable at each */
        const uint16_t *codes;   /* BYTE_ARRAY of an enum: texts are symbols[code] */
    };
    const cp_span *symbols; /* NULL: no enum */
    unsigned key_bits;      /* values differ in their lowest so many bits alone: 8, 16, or more */
} cp_parquet_values;

/* A text may not be larger: a page's size is an int32 (parquet.thrift, PageHeader). */
enum { CP_PARQUET_TEXT_BYTES_MAX = 1 << 30 };

/* `room` holds what has to be converted, until its next use. CP_E_DATA, with the field named, for
 * a time that milliseconds cannot hold, a null in a required field, a text that is too large;
 * CP_E_MEMORY. */
cp_rc cp_parquet_values_make(const cp_parquet_column *column, const cp_gathered *gathered,
                             cp_bytes *room, cp_parquet_values *out, cp_error *err);

/* Value `i` of a BYTE_ARRAY. */
static inline cp_span cp_parquet_text_at(const cp_parquet_values *values, size_t i)
{
    return values->symbols ? values->symbols[values->codes[i]] : values->texts[i];
}

#endif
