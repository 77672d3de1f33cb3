/* The shortest decimal of a float or double, and its spelling.
 *
 *     bits -> mantissa * 2^e -> (Schubfach) digits * 10^k -> trailing zeros off -> plain or with e
 *
 * Raffaello Giulietti, "The Schubfach way to render doubles", 2021. Every number v has an interval
 * of values that read back as v. With k such that 10^k <= the interval's width < 10^(k+1), it holds
 * at most one multiple of 10^(k+1) and at least one of 10^k: the longer step if one is inside, else
 * the multiple of 10^k nearest to v. Four times the number and its bounds are computed as
 * integers, "rounded to odd": a last bit of 1 says that something is left over, so that
 * comparisons come out as the exact values' would. */
#include "pipeline/text/number.h"
#include "pipeline/text/powers.h"
#include "pipeline/text/swar.h"

/* digits * 10^exponent. */
typedef struct decimal {
    uint64_t digits;
    int exponent;
} decimal;

/* A finite, positive number mantissa * 2^exponent, and whether the next smaller one is only half as
 * far away as the next larger: at powers of two. */
typedef struct binary {
    uint64_t mantissa;
    int exponent;
    bool closer_below;
} binary;

/* A number and the bounds of its interval, times 4, in units of 10^k. */
typedef struct interval {
    uint64_t lower, value, upper;
} interval;

/* 10^q as 128 or 64 bits, rounded up. */
static inline cp_power power_up(int q)
{
    cp_power power = cp_powers[q - CP_POWER_MIN];
    bool exact = q >= 0 && q <= CP_POWER_EXACT_MAX;
    power.low += !exact;
    power.high += !exact && power.low == 0;
    return power;
}

static inline uint64_t power_up_64(int q)
{
    cp_power power = cp_powers[q - CP_POWER_MIN];
    bool exact = q >= 0 && q <= CP_POWER_EXACT_MAX && power.low == 0;
    return power.high + !exact;
}

/* floor(power * x / 2^128), to odd. */
static inline uint64_t multiply_to_odd(cp_power power, uint64_t x)
{
    unsigned __int128 low = (unsigned __int128)power.low * x;
    unsigned __int128 high = (unsigned __int128)power.high * x + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* floor(power * x / 2^64), to odd; x below 2^32. */
static inline uint64_t multiply_to_odd_64(uint64_t power, uint64_t x)
{
    unsigned __int128 full = (unsigned __int128)power * x;
    return (uint64_t)(full >> 64) | ((uint64_t)full >> 32 > 1);
}

/* k of the comment above: floor(log10) of the interval's width, 2^e, or 3/4 of it. */
static inline int decimal_exponent(binary number)
{
    return (number.exponent * 1262611 - (number.closer_below ? 524031 : 0)) >> 22;
}

/* The left shift of the mantissa after which the bits above the product's cut are those of the
 * number in units of 10^k. */
static inline int interval_shift(binary number, int k)
{
    return number.exponent + cp_log2_of_power(-k) + 1;
}

/* Chooses within the interval; bounds count as inside where the mantissa is even, because ties read
 * as even. */
static inline decimal choose(interval in, bool even, int k)
{
    uint64_t lower = in.lower + !even;
    uint64_t upper = in.upper - !even;
    uint64_t below = in.value / 4;
    if (below >= 10) {
        uint64_t tens = below / 10;
        bool down = lower <= 40 * tens;
        bool up = 40 * tens + 40 <= upper;
        if (down != up)
            return (decimal){tens + up, k + 1};
    }
    bool down = lower <= 4 * below;
    bool up = 4 * below + 4 <= upper;
    if (down != up)
        return (decimal){below + up, k};
    uint64_t middle = 4 * below + 2;
    bool nearer_up = in.value > middle || (in.value == middle && (below & 1));
    return (decimal){below + nearer_up, k};
}

/* Whole numbers whose neighbours are no more than 1 away are their own shortest digits. */
static inline bool is_small_whole(binary number, int mantissa_bits)
{
    return number.exponent <= 0 && -number.exponent < mantissa_bits &&
           (number.mantissa & ((UINT64_C(1) << -number.exponent) - 1)) == 0;
}

static decimal shortest_double(binary number)
{
    if (is_small_whole(number, 53))
        return (decimal){number.mantissa >> -number.exponent, 0};
    int k = decimal_exponent(number);
    int shift = interval_shift(number, k);
    cp_power power = power_up(-k);
    uint64_t four = 4 * number.mantissa;
    interval in = {multiply_to_odd(power, (four - 2 + number.closer_below) << shift),
                   multiply_to_odd(power, four << shift),
                   multiply_to_odd(power, (four + 2) << shift)};
    return choose(in, number.mantissa % 2 == 0, k);
}

static decimal shortest_float(binary number)
{
    if (is_small_whole(number, 24))
        return (decimal){number.mantissa >> -number.exponent, 0};
    int k = decimal_exponent(number);
    int shift = interval_shift(number, k);
    uint64_t power = power_up_64(-k);
    uint64_t four = 4 * number.mantissa;
    interval in = {multiply_to_odd_64(power, (four - 2 + number.closer_below) << shift),
                   multiply_to_odd_64(power, four << shift),
                   multiply_to_odd_64(power, (four + 2) << shift)};
    return choose(in, number.mantissa % 2 == 0, k);
}

/* Splits the bits of a number of `mantissa_bits` stored ones, sign removed. */
static inline binary split(uint64_t bits, int mantissa_bits, int bias)
{
    uint64_t fraction = bits & ((UINT64_C(1) << mantissa_bits) - 1);
    int biased = (int)(bits >> mantissa_bits);
    if (biased == 0)
        return (binary){fraction, 1 - bias - mantissa_bits, false};
    return (binary){fraction | UINT64_C(1) << mantissa_bits, biased - bias - mantissa_bits,
                    fraction == 0 && biased > 1};
}

/* The digits moved up to 17, as characters: `count` of them were given, `used` stand before the
 * trailing zeros; '0' from there on, so that pieces of fixed size can be copied out. */
enum { DIGITS_MAX = 17 };

typedef struct spelling {
    char text[32];
    int count, used;
} spelling;

static inline spelling spell(uint64_t digits)
{
    spelling s;
    s.count = (int)cp_digit_count(digits);
    digits *= cp_tens[DIGITS_MAX - s.count];
    uint64_t upper = digits / 100000000;
    uint32_t first = (uint32_t)(upper / 100000000);
    uint64_t middle = cp_number_word((uint32_t)(upper - first * UINT64_C(100000000)));
    uint64_t last = cp_number_word((uint32_t)(digits - upper * 100000000));
    s.text[0] = (char)('0' + first);
    cp_store8(s.text + 1, middle | CP_BYTES('0'));
    cp_store8(s.text + 9, last | CP_BYTES('0'));
    cp_store8(s.text + 17, CP_BYTES('0'));
    cp_store8(s.text + 24, CP_BYTES('0'));
    if (last)
        s.used = DIGITS_MAX - __builtin_clzll(last) / 8;
    else
        s.used = middle ? DIGITS_MAX - 8 - __builtin_clzll(middle) / 8 : 1;
    return s;
}

/* Where plain spelling ends, by the exponent of the first digit. */
enum { PLAIN_MIN = -5, PLAIN_MAX = 16 };

/* "1700000000.25", "100.0". At most 17 digits: a long whole part leaves a short fraction. */
static size_t put_plain(const spelling *s, int exponent, char *out)
{
    int whole = exponent + 1;
    memcpy(out, s->text, PLAIN_MAX + 1);
    out[whole] = '.';
    if (whole <= 12)
        memcpy(out + whole + 1, s->text + whole, 16);
    else
        memcpy(out + whole + 1, s->text + whole, 8);
    return (size_t)(s->used > whole ? s->used : whole + 1) + 1;
}

/* "0.00025" */
static size_t put_small(const spelling *s, int exponent, char *out)
{
    static const char zeros[] = "0.0000";
    int first = 1 - exponent;
    memcpy(out, zeros, sizeof zeros - 1);
    memcpy(out + first, s->text, PLAIN_MAX + 1);
    return (size_t)first + (size_t)s->used;
}

/* "1.5e-300" */
static size_t put_scientific(const spelling *s, int exponent, char *out)
{
    char *p = out;
    *p++ = s->text[0];
    if (s->used > 1) {
        *p++ = '.';
        memcpy(p, s->text + 1, PLAIN_MAX);
        p += s->used - 1;
    }
    *p++ = 'e';
    if (exponent < 0)
        *p++ = '-';
    unsigned magnitude = exponent < 0 ? (unsigned)-exponent : (unsigned)exponent;
    if (magnitude >= 100)
        *p++ = (char)('0' + magnitude / 100);
    if (magnitude >= 10)
        *p++ = (char)('0' + magnitude / 10 % 10);
    *p++ = (char)('0' + magnitude % 10);
    return (size_t)(p - out);
}

static inline size_t put(decimal number, char *out)
{
    spelling s = spell(number.digits);
    int exponent = number.exponent + s.count - 1;
    if (exponent < PLAIN_MIN || exponent > PLAIN_MAX)
        return put_scientific(&s, exponent, out);
    return exponent < 0 ? put_small(&s, exponent, out) : put_plain(&s, exponent, out);
}

static inline size_t put_zero(char *out)
{
    static const char zero[] = {'0', '.', '0'};
    memcpy(out, zero, sizeof zero);
    return sizeof zero;
}

size_t cp_double_write(double value, char out[CP_DOUBLE_BYTES])
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t sign = bits >> 63;
    out[0] = '-';
    bits &= UINT64_MAX >> 1;
    if (bits == 0)
        return sign + put_zero(out + sign);
    return sign + put(shortest_double(split(bits, 52, 1023)), out + sign);
}

size_t cp_float_write(float value, char out[CP_DOUBLE_BYTES])
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t sign = bits >> 31;
    out[0] = '-';
    bits &= UINT32_MAX >> 1;
    if (bits == 0)
        return sign + put_zero(out + sign);
    return sign + put(shortest_float(split(bits, 23, 127)), out + sign);
}
