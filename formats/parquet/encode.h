/* Encodings (Encodings.md): values to the bytes of a data page, before compression. */
#ifndef CP_FORMATS_PARQUET_ENCODE_H
#define CP_FORMATS_PARQUET_ENCODE_H

#include "formats/parquet/dictionary.h"
#include "formats/parquet/values.h"

/* An encoding, and what it leaves to the writer. */
typedef struct cp_parquet_coding {
    cp_parquet_encoding encoding;
    unsigned index_width; /* RLE_DICTIONARY: bits of an index, at least what they need */
    bool is_uniform;      /* DELTA_*: as in delta.h */
} cp_parquet_coding;

/* The bytes of a page. Parts of different kinds are told apart, since a compressor does better
 * where it begins anew between them. */
enum { CP_PARQUET_PARTS_MAX = 9 }; /* levels and eight streams */
typedef struct cp_parquet_body {
    cp_bytes bytes;
    size_t part_ends[CP_PARQUET_PARTS_MAX]; /* the last part's end is the body's */
    size_t part_count;
    cp_bytes room; /* for lengths and bits on the way */
} cp_parquet_body;

void cp_parquet_body_clear(cp_parquet_body *body); /* keeps the memory */
void cp_parquet_body_close(cp_parquet_body *body); /* may be called twice */

/* Appends `count` values from `first` on. `dictionary` is the values' own and usable, for
 * RLE_DICTIONARY; the others do not look at it, and are not for values that are symbols' codes
 * unless there are none. CP_E_MEMORY. */
cp_rc cp_parquet_encode(const cp_parquet_coding *coding, const cp_parquet_values *values,
                        const cp_parquet_dictionary *dictionary, size_t first, size_t count,
                        cp_parquet_body *body, cp_error *err);

/* Which rows have a value. */
typedef struct cp_parquet_levels {
    const uint64_t *valid; /* a bit for each row (pipeline/core/bits.h); NULL: all have */
    size_t rows;
} cp_parquet_levels;

/* Appends the definition levels of `count` rows from `first` on, of a column that is optional, as a
 * data page of version 1 has them. CP_E_MEMORY. */
cp_rc cp_parquet_encode_levels(const cp_parquet_levels *levels, size_t first, size_t count,
                               cp_parquet_body *body, cp_error *err);

/* Appends the dictionary page: its entries, PLAIN. CP_E_MEMORY. */
cp_rc cp_parquet_encode_dictionary(const cp_parquet_dictionary *dictionary, cp_parquet_type type,
                                   cp_parquet_body *body, cp_error *err);

#endif
