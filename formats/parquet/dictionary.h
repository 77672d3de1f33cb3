/* The dictionary of a column chunk: its distinct values, and the number of each value's.
 *
 *   values --hash--> indices by first occurrence, entries
 *          --sort--> entries by how often they occur, indices renumbered
 *
 * Entries of about the same frequency (more than half of the greatest, more than a quarter, ...,
 * three times at most) are a class. The most frequent class gets the best numbers (numbering.h),
 * and in a class numbers ascend with the values, so that like values stand near each other in the
 * dictionary page. */
#ifndef CP_FORMATS_PARQUET_DICTIONARY_H
#define CP_FORMATS_PARQUET_DICTIONARY_H

#include "formats/parquet/values.h"
#include "pipeline/core/text_key.h"

typedef struct cp_parquet_entry {
    cp_text_key key; /* of a number: its bits, in `low` */
    cp_span text;
    uint32_t count; /* values that are this one */
    uint32_t rank;  /* among the entries by value, in the column's order; to be asked of texts */
} cp_parquet_entry;

/* Zeroed is empty; used again for the next chunk. */
typedef struct cp_parquet_dictionary {
    bool usable;               /* false: there are too many distinct values, and all else is void */
    uint32_t distinct;         /* entries that values have */
    uint32_t count;            /* of entries, with those that no value has */
    cp_parquet_entry *entries; /* by number */
    uint32_t *indices;         /* of each value */
    size_t plain_bytes;        /* of the dictionary page */

    uint32_t *slots; /* entry + 1, 0 is free: by hash, of narrow types by value; then new numbers */
    uint32_t *order; /* for sorting */
    cp_parquet_entry *unsorted;
    size_t entry_capacity, index_capacity, slot_capacity, order_capacity, unsorted_capacity;
    size_t slot_count;
} cp_parquet_dictionary;

/* `compressed`: pages may be, so that empty entries cost next to nothing (numbering.h); of numbers,
 * that is: dictionaries of texts are kept as such by some readers, which want no text twice. Texts
 * are borrowed from the values. A dictionary is not usable where more than half of the values are
 * distinct (of some thousands at least), or most of the first ones, or where its page were over
 * 4 MiB; that of an enum always is, and there is none for bools.
 * CP_E_MEMORY. */
cp_rc cp_parquet_dictionary_make(cp_parquet_dictionary *dictionary, const cp_parquet_values *values,
                                 bool compressed, cp_error *err);
void cp_parquet_dictionary_close(cp_parquet_dictionary *dictionary); /* may be called twice */

/* The dictionary page's entries, PLAIN. CP_E_MEMORY. */
cp_rc cp_parquet_dictionary_put(const cp_parquet_dictionary *dictionary, cp_parquet_type type,
                                cp_bytes *out, cp_error *err);

/* Bits of an index: at least 1, since some readers have no room for 0. */
unsigned cp_parquet_index_width(const cp_parquet_dictionary *dictionary);

#endif
