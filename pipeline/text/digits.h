/* Digits and signs, what the readers of numbers, sizes and times share. Private to pipeline/text.
 */
#ifndef CP_TEXT_DIGITS_H
#define CP_TEXT_DIGITS_H

#include "pipeline/text/number.h"

enum { CP_DECIMAL_DIGITS = 19 }; /* what cp_decimal.digits holds: 10^19 < 2^64 */

static inline bool cp_is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') <= 9;
}

/* Gives a magnitude its sign; false beyond int64. */
static inline bool cp_with_sign(uint64_t magnitude, bool negative, int64_t *out)
{
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* The first `capacity` significant digits of decimal->text, as characters, into `out`. Returns how
 * many there were. *needed: how many it would take to the last digit that is not 0. */
size_t cp_digits_copy(const cp_decimal *decimal, char *out, size_t capacity, size_t *needed);

#endif
