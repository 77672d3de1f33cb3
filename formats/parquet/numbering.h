/* Which numbers the entries of a dictionary get, so that an entropy coder of bytes makes little of
 * the values' indices.
 *
 * Where all numbers have one byte, or some have three, the smallest are the best. One of two bytes
 * costs what both of them do, in a code that the two places share, and there are two ways:
 *
 *   dense    0 to count - 1, those first whose bytes are both small. By the number alone the
 *            frequent entries would all share a high byte of 0, which takes a bit for itself and
 *            makes every other byte a bit longer.
 *   square   two digits, each below the root of the count. Where all entries are about as frequent
 *            all digits are, and two of them take no more than the entry is worth. Numbers between
 *            them stay empty: the dictionary has more places than entries, with nothing in them. */
#ifndef CP_FORMATS_PARQUET_NUMBERING_H
#define CP_FORMATS_PARQUET_NUMBERING_H

#include "pipeline/core/error.h"

#include <stdbool.h>

/* How often entries occur: classes of about the same frequency, the most frequent first. */
typedef struct cp_frequency_class {
    uint32_t entries;
    uint64_t values; /* of all of them */
} cp_frequency_class;

/* Fills numbers[0] to numbers[count - 1], each class' own in ascending order, one class behind the
 * other; *places is one more than the largest. Unless places `may_be_empty`, numbers are dense.
 * CP_E_MEMORY. */
cp_rc cp_numbering_make(const cp_frequency_class *classes, size_t class_count, uint32_t count,
                        bool may_be_empty, uint32_t *numbers, uint32_t *places, cp_error *err);

#endif
