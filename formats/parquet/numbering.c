/* See numbering.h. */
#include "formats/parquet/numbering.h"

#include "formats/parquet/bit_pack.h"
#include "pipeline/core/checked.h"

#include <math.h>

enum { ONE_BYTE_NUMBERS = 1 << 8, TWO_BYTE_NUMBERS = 1 << 16 };

static int compare_ranked(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Were byte b as frequent as 1 / (b + 1), the product of the two would tell. */
static cp_rc dense(uint32_t count, uint32_t *numbers, cp_error *err)
{
    uint64_t *ranked;
    cp_rc rc = cp_calloc(count, sizeof *ranked, &ranked, err);
    if (rc)
        return rc;
    for (uint64_t i = 0; i < count; i++)
        ranked[i] = ((i & 0xff) + 1) * ((i >> 8) + 1) << 32 | i;
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)ranked[i];
    free(ranked);
    return CP_OK;
}

/* Squares of growing size: each adds the pairs whose larger digit is a new one. */
static void square(uint32_t count, uint32_t *numbers)
{
    uint32_t n = 0;
    for (uint32_t digit = 0; n < count; digit++) {
        for (uint32_t low = 0; low <= digit && n < count; low++)
            numbers[n++] = digit << 8 | low;
        for (uint32_t high = 0; high < digit && n < count; high++)
            numbers[n++] = high << 8 | digit;
    }
}

static void sort_in_classes(const cp_frequency_class *classes, size_t class_count,
                            uint32_t *numbers)
{
    for (size_t i = 0; i < class_count; numbers += classes[i++].entries)
        qsort(numbers, classes[i].entries, sizeof *numbers, compare_numbers);
}

/* Bits of all values' numbers in an ideal code of bytes, entries of a class equally frequent. */
static double byte_bits(const cp_frequency_class *classes, size_t class_count,
                        const uint32_t *numbers)
{
    double uses[ONE_BYTE_NUMBERS] = {0}, all = 0, bits = 0;
    for (size_t i = 0; i < class_count; numbers += classes[i++].entries)
        for (uint32_t k = 0; k < classes[i].entries; k++) {
            double values = (double)classes[i].values / classes[i].entries;
            uses[numbers[k] & 0xff] += values;
            uses[numbers[k] >> 8] += values;
            all += 2 * values;
        }
    for (size_t i = 0; i < ONE_BYTE_NUMBERS; i++)
        bits += uses[i] > 0 ? uses[i] * log2(all / uses[i]) : 0;
    return bits;
}

static uint32_t places_of(const uint32_t *numbers, uint32_t count)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < count; i++)
        last = numbers[i] > last ? numbers[i] : last;
    return last + 1;
}

/* Whether the other numbers are at least a hundredth better than the dense ones, also than those
 * packed without a code; two empty places take about a bit, compressed. */
static bool pays(const cp_frequency_class *classes, size_t class_count, const uint32_t *other,
                 const uint32_t *dense_numbers, uint32_t count)
{
    uint64_t values = 0;
    for (size_t i = 0; i < class_count; i++)
        values += classes[i].values;
    double packed = (double)values * cp_bit_width(count - 1);
    double coded = byte_bits(classes, class_count, dense_numbers);
    double least = packed < coded ? packed : coded;
    double empty = (double)(places_of(other, count) - count) / 2;
    return byte_bits(classes, class_count, other) + empty < least - least / 100;
}

cp_rc cp_numbering_make(const cp_frequency_class *classes, size_t class_count, uint32_t count,
                        bool may_be_empty, uint32_t *numbers, uint32_t *places, cp_error *err)
{
    *places = count;
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = i;
    if (count <= ONE_BYTE_NUMBERS || count > TWO_BYTE_NUMBERS)
        return CP_OK;
    uint32_t *other;
    cp_rc rc = cp_calloc(count, sizeof *other, &other, err);
    if (rc)
        return rc;
    rc = dense(count, numbers, err);
    square(count, other);
    if (!rc && may_be_empty && pays(classes, class_count, other, numbers, count)) {
        memcpy(numbers, other, count * sizeof *numbers);
        *places = places_of(numbers, count);
    }
    free(other);
    if (!rc)
        sort_in_classes(classes, class_count, numbers);
    return rc;
}
