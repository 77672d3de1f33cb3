/* Powers of ten, exact and as 128-bit mantissas. Private to pipeline/text. */
#ifndef CP_TEXT_POWERS_H
#define CP_TEXT_POWERS_H

#include "pipeline/text/number.h"

/* The 128 most significant bits of 10^q, cut off: 10^q = (high:low + f) * 2^(floor(log2(10^q)) -
 * 127) with 0 <= f < 1, and f = 0 for q of 0 to CP_POWER_EXACT_MAX (5^55 is the last power of five
 * below 2^128). Reading needs q down to -342 (19 digits at the smallest double), writing up to 324
 * (the smallest double's own exponent, negated). The rows come from gen/powers_of_ten.c. */
enum { CP_POWER_MIN = -342, CP_POWER_MAX = 324, CP_POWER_EXACT_MAX = 55 };

typedef struct cp_power {
    uint64_t high, low;
} cp_power;

extern const cp_power cp_powers[CP_POWER_MAX - CP_POWER_MIN + 1];

/* Decimal digits of a number; 1 for 0. From its bits times log10(2) (1233 / 2^12), one less where
 * the number is below that power of ten. */
static inline unsigned cp_digit_count(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    unsigned count = bits * 1233 >> 12;
    return count + ((value | 1) >= cp_tens[count]);
}

/* floor(log2(10^q)) for |q| <= 1233 (the fraction is log2(10), 19 bits of it). */
static inline int cp_log2_of_power(int q)
{
    return (q * 1741647) >> 19;
}

#endif
