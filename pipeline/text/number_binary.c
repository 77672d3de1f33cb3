/* Decimal to double and float, correctly rounded, in three steps, each for what the one before
 * leaves over:
 *
 *     exact operands   digits and power of ten are floats themselves: one operation, one rounding
 *     Eisel-Lemire     digits * 128 bits of the power: enough for every number of up to 19 digits
 *     strtod           more digits, and the 19 that were read and their successor round apart
 *
 * Daniel Lemire, "Number parsing at a gigabyte per second", 2021; that 19 digits never need more
 * than the 128 bits: Noble Mushtak and Daniel Lemire, "Fast number parsing without fallback",
 * 2023. */
#include "pipeline/text/digits.h"
#include "pipeline/text/powers.h"

#include <stdio.h>
#include <stdlib.h>

/* A binary format of IEEE 754 and the limits that follow from it. */
typedef struct shape {
    int mantissa_bits;    /* stored ones */
    int bias;             /* of the exponent */
    int exponent_max;     /* the stored exponent of infinity */
    int power_min;        /* 10^19 * 10^q is below half the smallest subnormal for any lesser q */
    int power_max;        /* 10^q is infinite for any greater q */
    int tie_min, tie_max; /* only for these q can 19 digits * 10^q lie halfway between two */
} shape;

static const shape shape_double = {52, 1023, 0x7ff, CP_POWER_MIN, 308, -4, 23};
static const shape shape_float = {23, 127, 0xff, -65, 38, -17, 10};

typedef struct product {
    uint64_t high, low;
} product;

static inline product multiply(uint64_t a, uint64_t b)
{
    unsigned __int128 full = (unsigned __int128)a * b;
    return (product){(uint64_t)(full >> 64), (uint64_t)full};
}

/* w * 10^q, scaled, cut to 128 bits; w has its highest bit set. `wanted` are the bits at the top
 * that decide: the table's lower half is looked at only where it can reach them. */
static inline product multiply_power(uint64_t w, int q, int wanted)
{
    cp_power power = cp_powers[q - CP_POWER_MIN];
    product result = multiply(w, power.high);
    uint64_t rest = UINT64_MAX >> wanted;
    if ((result.high & rest) == rest) {
        /* The proof takes the inexact ones among the short powers rounded up. */
        uint64_t low = power.low + (q < 0 && q >= -27);
        uint64_t carry = multiply(w, low).high;
        result.low += carry;
        result.high += result.low < carry;
    }
    return result;
}

/* The bits of the number nearest to digits * 10^exponent, without sign; infinity's bits where it is
 * too large. */
static inline __attribute__((always_inline)) uint64_t nearest_bits(const shape *s, uint64_t digits,
                                                                   int64_t exponent)
{
    if (digits == 0 || exponent < s->power_min)
        return 0;
    uint64_t infinity = (uint64_t)s->exponent_max << s->mantissa_bits;
    if (exponent > s->power_max)
        return infinity;
    int q = (int)exponent;
    int zeros = __builtin_clzll(digits);
    product p = multiply_power(digits << zeros, q, s->mantissa_bits + 3);
    int upper = (int)(p.high >> 63);
    int shift = upper + 64 - s->mantissa_bits - 3;
    uint64_t mantissa = p.high >> shift; /* with one bit more, for rounding */
    int biased = cp_log2_of_power(q) + 63 + upper - zeros + s->bias;
    if (biased <= 0) { /* subnormal; no ties: exponents this small have no short halves */
        if (biased <= -63)
            return 0;
        mantissa >>= 1 - biased;
        return (mantissa + (mantissa & 1)) >> 1; /* may carry into the smallest normal one */
    }
    /* A tie rounds down to even where a half is exactly what is left. */
    if (p.low <= 1 && q >= s->tie_min && q <= s->tie_max && (mantissa & 3) == 1 &&
        mantissa << shift == p.high)
        mantissa--;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    /* The hidden bit adds one to the exponent; so does a carry out of the mantissa. */
    uint64_t bits = ((uint64_t)(biased - 1) << s->mantissa_bits) + mantissa;
    return bits < infinity ? bits : infinity;
}

/* The number as digits and an exponent alone, so short that it fits a buffer, and on the same side
 * of every halfway point: none has more than 767 significant digits (double; float 112), so what
 * stands behind the first 800 counts only as "a little more". No point: it is the locale's. */
enum { KEPT_DIGITS = 800, SPELLING_BYTES = KEPT_DIGITS + 32 };

static void respell(const cp_decimal *decimal, char out[SPELLING_BYTES])
{
    size_t needed;
    size_t count = cp_digits_copy(decimal, out, KEPT_DIGITS, &needed);
    if (needed > count)
        out[count++] = '1';
    int64_t exponent = decimal->exponent + CP_DECIMAL_DIGITS - (int64_t)count;
    snprintf(out + count, SPELLING_BYTES - count, "e%lld", (long long)exponent);
}

bool cp_decimal_to_double_any(const cp_decimal *decimal, double *out)
{
    double value;
    uint64_t bits = nearest_bits(&shape_double, decimal->digits, decimal->exponent);
    if (decimal->truncated &&
        bits != nearest_bits(&shape_double, decimal->digits + 1, decimal->exponent)) {
        char spelling[SPELLING_BYTES];
        respell(decimal, spelling);
        value = strtod(spelling, NULL);
        memcpy(&bits, &value, sizeof bits);
    }
    if (bits >> 52 == 0x7ff)
        return false;
    bits |= (uint64_t)decimal->negative << 63;
    memcpy(&value, &bits, sizeof value);
    *out = value;
    return true;
}

/* What a float holds exactly: digits up to 2^24 and powers of ten up to 10^10. */
static inline bool float_operands(const cp_decimal *decimal)
{
    return !decimal->truncated && decimal->digits <= 1 << 24 && decimal->exponent >= -10 &&
           decimal->exponent <= 10;
}

bool cp_decimal_to_float(const cp_decimal *decimal, float *out)
{
    float value;
    if (float_operands(decimal)) {
        value = (float)decimal->digits;
        if (decimal->exponent < 0)
            value /= (float)cp_exact_doubles[-decimal->exponent];
        else
            value *= (float)cp_exact_doubles[decimal->exponent];
        *out = decimal->negative ? -value : value;
        return true;
    }
    uint32_t bits = (uint32_t)nearest_bits(&shape_float, decimal->digits, decimal->exponent);
    if (decimal->truncated &&
        bits != nearest_bits(&shape_float, decimal->digits + 1, decimal->exponent)) {
        char spelling[SPELLING_BYTES];
        respell(decimal, spelling);
        value = strtof(spelling, NULL);
        memcpy(&bits, &value, sizeof bits);
    }
    if (bits >> 23 == 0xff)
        return false;
    bits |= (uint32_t)decimal->negative << 31;
    memcpy(&value, &bits, sizeof value);
    *out = value;
    return true;
}
