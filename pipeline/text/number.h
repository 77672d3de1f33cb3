/* Numbers: JSON's grammar to binary, correctly rounded; binary to the shortest decimal.
 *
 * Readers of a number see the bytes behind it up to the block's padding: every number in a text
 * format is followed by at least one byte that is no part of it. */
#ifndef CP_TEXT_NUMBER_H
#define CP_TEXT_NUMBER_H

#include "pipeline/core/span.h"

/* 10^i, i of 0 to 19. */
enum { CP_TENS_COUNT = 20 };
extern const uint64_t cp_tens[CP_TENS_COUNT];

/* A number as spelled: (-1)^negative * digits * 10^exponent. */
typedef struct cp_decimal {
    uint64_t digits;  /* the first 19 significant digits, or all where there are fewer */
    int64_t exponent; /* saturates at +-10^9: far beyond every type */
    bool negative;
    bool integral;  /* no '.', no exponent in the spelling */
    bool truncated; /* digits that do not fit `digits` stand behind them, and not all are 0 */
    cp_span text;   /* the whole spelling */
} cp_decimal;

/* Reads the longest RFC 8259 number at p (end exclusive; *end need not be readable). The quick
 * steps want sixteen bytes before `end`: give the end of the buffer, not of the number. Returns the
 * byte behind it, or NULL where no number starts at p or it breaks off ("-", "1.", "1e+"). A
 * leading zero ends the number: "01" reads "0", and the caller trips over the 1. */
const uint8_t *cp_decimal_read(const uint8_t *p, const uint8_t *end, cp_decimal *out);

/* 10^i, i of 0 to 22: the powers of ten that a double holds exactly. */
enum { CP_EXACT_DOUBLES = 23 };
extern const double cp_exact_doubles[CP_EXACT_DOUBLES];

/* Nearest, ties to even; subnormals and -0 included. false: beyond the largest finite value.
 * The _any functions here and below take any input; the inline ones answer the everyday ones
 * themselves. */
bool cp_decimal_to_double_any(const cp_decimal *decimal, double *out);

/* Where digits and power of ten are both exact doubles, one operation rounds once (William D.
 * Clinger, "How to read floating point numbers accurately", 1990). */
static inline bool cp_decimal_to_double(const cp_decimal *decimal, double *out)
{
    int64_t exponent = decimal->exponent;
    if (decimal->truncated || decimal->digits > UINT64_C(1) << 53 ||
        exponent <= -CP_EXACT_DOUBLES || exponent >= CP_EXACT_DOUBLES)
        return cp_decimal_to_double_any(decimal, out);
    double value = (double)(int64_t)decimal->digits;
    if (exponent < 0)
        value /= cp_exact_doubles[-exponent];
    else
        value *= cp_exact_doubles[exponent];
    *out = decimal->negative ? -value : value;
    return true;
}

/* Rounded once, directly to float. false as above. */
bool cp_decimal_to_float(const cp_decimal *decimal, float *out);

/* Exact integers. A spelling whose value is whole (1.0, 1e3) counts as an integer; CP_NOT_WHOLE
 * for 1.5, however large; CP_INTEGER_RANGE beyond 64 bits (or below zero, for unsigned; -0 is 0).
 */
typedef enum cp_integer_rc { CP_INTEGER_OK, CP_NOT_WHOLE, CP_INTEGER_RANGE } cp_integer_rc;
cp_integer_rc cp_decimal_to_int64_any(const cp_decimal *decimal, int64_t *out);
cp_integer_rc cp_decimal_to_uint64_any(const cp_decimal *decimal, uint64_t *out);

/* Whether the double nearest to it is the same number. */
static inline bool cp_int64_is_double(int64_t value)
{
    double nearest = (double)value;
    return nearest < 0x1p63 && (int64_t)nearest == value;
}

static inline cp_integer_rc cp_decimal_to_int64(const cp_decimal *decimal, int64_t *out)
{
    if (decimal->exponent != 0 || decimal->truncated || decimal->digits > INT64_MAX)
        return cp_decimal_to_int64_any(decimal, out);
    int64_t value = (int64_t)decimal->digits;
    *out = decimal->negative ? -value : value;
    return CP_INTEGER_OK;
}

static inline cp_integer_rc cp_decimal_to_uint64(const cp_decimal *decimal, uint64_t *out)
{
    if (decimal->exponent != 0 || decimal->truncated || decimal->negative)
        return cp_decimal_to_uint64_any(decimal, out);
    *out = decimal->digits;
    return CP_INTEGER_OK;
}

/* value * 10^scale rounded to the nearest integer, ties to even, exactly from the spelling, for
 * scale 0 to 9. false beyond int64. */
bool cp_decimal_scaled(const cp_decimal *decimal, unsigned scale, int64_t *out);
/* The same from a double, exactly from its bits; false for NaN and infinity, too. */
bool cp_double_scaled_any(double value, unsigned scale, int64_t *out);

static inline bool cp_double_scaled(double value, unsigned scale, int64_t *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    unsigned shift = 1075 - ((unsigned)(bits >> 52) & 0x7ff); /* value = mantissa / 2^shift */
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    unsigned __int128 product = (unsigned __int128)mantissa * cp_tens[scale];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if (shift - 2 > 61 || high >> (shift - 2) != 0) /* for 2 to 63 and results below 2^62 */
        return cp_double_scaled_any(value, scale, out);
    uint64_t whole = high << (64 - shift) | low >> shift;
    uint64_t rest = low << (64 - shift), half = UINT64_C(1) << 63;
    int64_t rounded = (int64_t)(whole + (rest > half - (whole & 1)));
    *out = bits >> 63 ? -rounded : rounded;
    return true;
}

/* The shortest decimal that reads back to the same value, the nearest such: "18.0", "1e300",
 * "-0.0". Finite values only. Writes no terminator; returns the length. The form:
 * plain digits with ".0" or a fraction where -5 <= decimal exponent < 17, else d.ddde[-]x. */
enum { CP_DOUBLE_BYTES = 32, CP_INTEGER_BYTES = 20 };
size_t cp_double_write(double value, char out[CP_DOUBLE_BYTES]);
size_t cp_float_write(float value, char out[CP_DOUBLE_BYTES]);
size_t cp_int64_write(int64_t value, char out[CP_INTEGER_BYTES]);
size_t cp_uint64_write(uint64_t value, char out[CP_INTEGER_BYTES]);

/* "64", "64K", "64KiB", "1.5GiB", "10MB": bytes, powers of 1024 for K and KiB, of 1000 for KB;
 * lower case too; up to E. A fraction, of at most 18 digits, needs a unit above B; what it leaves
 * below a whole byte is dropped. false where it is no size or does not fit. */
bool cp_size_parse(cp_span text, uint64_t *bytes);

#endif
