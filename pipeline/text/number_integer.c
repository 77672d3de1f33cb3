/* Decimals and doubles to integers, exactly: whole values, and values scaled by a power of ten. */
#include "pipeline/text/digits.h"
#include "pipeline/text/powers.h"

/* digits * 10^exponent; false beyond 64 bits. */
static inline bool scale_up(uint64_t digits, int64_t exponent, uint64_t *out)
{
    if (exponent >= CP_TENS_COUNT) {
        *out = 0;
        return digits == 0;
    }
    return !__builtin_mul_overflow(digits, cp_tens[exponent], out);
}

/* A decimal with more digits than `digits` holds. One more can still fit a uint64_t. */
static cp_integer_rc long_magnitude(const cp_decimal *decimal, uint64_t *out)
{
    int64_t whole_count = CP_DECIMAL_DIGITS + decimal->exponent;
    char digits[CP_DECIMAL_DIGITS + 1];
    size_t needed;
    cp_digits_copy(decimal, digits, sizeof digits, &needed);
    if ((int64_t)needed > whole_count)
        return CP_NOT_WHOLE;
    uint64_t last = (uint64_t)(digits[CP_DECIMAL_DIGITS] - '0');
    if (whole_count > CP_DECIMAL_DIGITS + 1 || !scale_up(decimal->digits, 1, out) ||
        __builtin_add_overflow(*out, last, out))
        return CP_INTEGER_RANGE;
    return CP_INTEGER_OK;
}

/* The whole number without its sign. */
static cp_integer_rc whole_magnitude(const cp_decimal *decimal, uint64_t *out)
{
    if (decimal->truncated)
        return long_magnitude(decimal, out);
    if (decimal->exponent >= 0)
        return scale_up(decimal->digits, decimal->exponent, out) ? CP_INTEGER_OK : CP_INTEGER_RANGE;
    *out = 0;
    if (decimal->digits == 0)
        return CP_INTEGER_OK;
    if (decimal->exponent <= -CP_TENS_COUNT || decimal->digits % cp_tens[-decimal->exponent] != 0)
        return CP_NOT_WHOLE;
    *out = decimal->digits / cp_tens[-decimal->exponent];
    return CP_INTEGER_OK;
}

cp_integer_rc cp_decimal_to_int64_any(const cp_decimal *decimal, int64_t *out)
{
    uint64_t magnitude;
    cp_integer_rc rc = whole_magnitude(decimal, &magnitude);
    if (rc == CP_INTEGER_OK && !cp_with_sign(magnitude, decimal->negative, out))
        return CP_INTEGER_RANGE;
    return rc;
}

cp_integer_rc cp_decimal_to_uint64_any(const cp_decimal *decimal, uint64_t *out)
{
    uint64_t magnitude;
    cp_integer_rc rc = whole_magnitude(decimal, &magnitude);
    if (rc != CP_INTEGER_OK)
        return rc;
    if (decimal->negative && magnitude != 0)
        return CP_INTEGER_RANGE;
    *out = magnitude;
    return CP_INTEGER_OK;
}

/* One more where what was left over is above a half, or is a half and `whole` is odd. */
static inline uint64_t round_even(uint64_t whole, int rest_against_half)
{
    return whole + (rest_against_half > 0 || (rest_against_half == 0 && (whole & 1)));
}

/* How the digits behind the 19th compare with a half of the 19th's place. */
static int dropped_against_half(const cp_decimal *decimal)
{
    char digits[CP_DECIMAL_DIGITS + 1];
    size_t needed;
    cp_digits_copy(decimal, digits, sizeof digits, &needed);
    char next = digits[CP_DECIMAL_DIGITS];
    if (next == '5')
        return needed > sizeof digits;
    return next > '5' ? 1 : -1;
}

bool cp_decimal_scaled(const cp_decimal *decimal, unsigned scale, int64_t *out)
{
    uint64_t whole = decimal->digits;
    int64_t exponent = decimal->exponent + scale;
    if (exponent > 0) {
        if (!scale_up(decimal->digits, exponent, &whole)) /* so is every truncated one */
            return false;
    } else if (exponent == 0) {
        if (decimal->truncated)
            whole = round_even(whole, dropped_against_half(decimal));
    } else if (exponent <= -CP_TENS_COUNT) {
        whole = 0; /* digits < 10^19 is less than a tenth */
    } else {
        uint64_t unit = cp_tens[-exponent];
        uint64_t rest = decimal->digits % unit;
        uint64_t half = unit / 2;
        int order = (rest > half) - (rest < half);
        whole = round_even(decimal->digits / unit, order == 0 && decimal->truncated ? 1 : order);
    }
    return cp_with_sign(whole, decimal->negative, out);
}

bool cp_double_scaled_any(double value, unsigned scale, int64_t *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    unsigned biased = (unsigned)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    bool negative = bits >> 63;
    mantissa |= (uint64_t)(biased != 0) << 52;
    /* value = mantissa * 2^-shift; the product stays below 2^83. */
    int shift = biased ? 1075 - (int)biased : 1074;
    unsigned __int128 product = (unsigned __int128)mantissa * cp_tens[scale];
    if (shift > 84) {
        *out = 0;
        return true;
    }
    unsigned __int128 whole, rest = 0, half = 1;
    if (shift > 0) {
        whole = product >> shift;
        half = (unsigned __int128)1 << (shift - 1);
        rest = product - (whole << shift);
    } else {
        whole = shift < -11 ? UINT64_MAX : product << -shift;
    }
    if (whole >= UINT64_MAX)
        return false;
    int order = (rest > half) - (rest < half);
    return cp_with_sign(round_even((uint64_t)whole, order), negative, out);
}
