/* See numbering.h. */
#include "formats/parquet/numbering.h"

#include "formats/parquet/bit_pack.h"
#include "pipeline/core/checked.h"

#include <math.h>

enum { ONE_BYTE_NUMBERS = 1 << 8, TWO_BYTE_NUMBERS = 1 << 16 };

/* Were byte b as frequent as 1 / (b + 1), this would be one in so many. */
static uint32_t rarity_of(uint32_t number)
{
    return ((number & 0xff) + 1) * ((number >> 8) + 1);
}

/* Sorted by rarity, and numbers of the same rarity ascend. */
static cp_rc dense(uint32_t count, uint32_t *numbers, cp_error *err)
{
    uint32_t *next, rarest = ONE_BYTE_NUMBERS * ((count >> 8) + 1);
    cp_rc rc = cp_calloc((size_t)rarest + 2, sizeof *next, &next, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < count; i++)
        next[rarity_of(i) + 1]++;
    for (uint32_t i = 1; i <= rarest; i++)
        next[i] += next[i - 1];
    for (uint32_t i = 0; i < count; i++)
        numbers[next[rarity_of(i)]++] = i;
    free(next);
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

/* One way up through all numbers, each to the next place of its class. */
static cp_rc sort_in_classes(const cp_frequency_class *classes, size_t class_count, uint32_t places,
                             uint32_t *numbers, cp_error *err)
{
    uint32_t *class_of, **next; /* by number, 0 for none; by class, counted from 1 */
    cp_rc rc = cp_calloc(places, sizeof *class_of, &class_of, err);
    if (rc)
        return rc;
    rc = cp_calloc(class_count + 1, sizeof *next, &next, err);
    for (size_t i = 0; !rc && i < class_count; numbers += classes[i++].entries) {
        next[i + 1] = numbers;
        for (uint32_t k = 0; k < classes[i].entries; k++)
            class_of[numbers[k]] = (uint32_t)i + 1;
    }
    for (uint32_t number = 0; !rc && number < places; number++)
        if (class_of[number])
            *next[class_of[number]]++ = number;
    free(next);
    free(class_of);
    return rc;
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
        rc = sort_in_classes(classes, class_count, *places, numbers, err);
    return rc;
}
