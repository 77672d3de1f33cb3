/* The grammar of numbers: RFC 8259 text to cp_decimal.
 *
 *     -  1700000000  .  25  e  -3         digits 170000000025, exponent -2 - 3
 *        whole part     fraction  written exponent
 *
 * Three ways, each for what the one before leaves over:
 *
 *     quick     ends within 16 bytes, no exponent: all digits at once, the point squeezed out
 *     general   digits eight at a time, up to 19, counting the leading zeros of a fraction
 *     long      more digits than that: walked a second time, one by one */
#include "pipeline/text/digits.h"
#include "pipeline/text/number_quick.h"
#include "pipeline/text/powers.h"
#include "pipeline/text/swar.h"

/* The written exponent stops growing here: more than any text's length can offset, and far from
 * the end of int64. */
#define WRITTEN_EXPONENT_MAX INT64_C(1000000000000000000)
#define EXPONENT_MAX         INT64_C(1000000000)

/* Appends the digits at p to *digits, modulo 2^64. Returns the byte behind them. */
static inline const uint8_t *read_digits(const uint8_t *p, const uint8_t *end, uint64_t *digits)
{
    while (end - p >= 8) {
        uint64_t word = cp_load8(p);
        unsigned count = cp_word_digits(word);
        if (count == 0)
            return p;
        /* Moves the digits to the end of the word, behind zeros. */
        *digits = *digits * cp_tens[count] + cp_word_number(word << (64 - 8 * count));
        p += count;
        if (count < 8)
            return p;
    }
    for (; p < end && cp_is_digit(*p); p++)
        *digits = *digits * 10 + (uint64_t)(*p - '0');
    return p;
}

/* Reads "[+-]digits" behind the e. NULL where no digit stands there. */
static const uint8_t *read_exponent(const uint8_t *p, const uint8_t *end, int64_t *exponent)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const uint8_t *first = p;
    int64_t value = 0;
    for (; p < end && cp_is_digit(*p); p++)
        if (value < WRITTEN_EXPONENT_MAX / 10)
            value = value * 10 + (*p - '0');
    *exponent = negative ? -value : value;
    return p == first ? NULL : p;
}

/* The digits of a whole part and a fraction that may hold more than 19 significant ones. Returns
 * the exponent of the last digit kept. */
static int64_t read_long(const uint8_t *p, const uint8_t *end, cp_decimal *out)
{
    int64_t exponent = 0;
    unsigned count = 0;
    bool in_fraction = false;
    out->digits = 0;
    for (; p < end; p++) {
        if (*p == '.') {
            in_fraction = true;
        } else if (count < CP_DECIMAL_DIGITS) {
            out->digits = out->digits * 10 + (uint64_t)(*p - '0');
            count += out->digits != 0;
            exponent -= in_fraction;
        } else {
            out->truncated |= *p != '0';
            exponent += !in_fraction;
        }
    }
    return exponent;
}

static inline int64_t clamp_exponent(int64_t exponent)
{
    if (exponent > EXPONENT_MAX)
        return EXPONENT_MAX;
    return exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
}

/* Reads the number that starts at `start`, and whose first digit should stand at p. */
static const uint8_t *read_general(const uint8_t *start, const uint8_t *p, const uint8_t *end,
                                   cp_decimal *out)
{
    const uint8_t *whole = p;
    uint64_t digits = 0;
    if (p < end && *p == '0')
        p++;
    else
        p = read_digits(p, end, &digits);
    if (p == whole)
        return NULL;
    int64_t count = p - whole;
    int64_t exponent = 0;
    bool integral = true;
    if (p < end && *p == '.') {
        const uint8_t *fraction = p + 1;
        p = read_digits(fraction, end, &digits);
        if (p == fraction)
            return NULL;
        exponent = fraction - p;
        count -= exponent;
        integral = false;
    }
    const uint8_t *digits_end = p;
    int64_t written = 0;
    if (p < end && (*p | 0x20) == 'e') {
        p = read_exponent(p + 1, end, &written);
        if (!p)
            return NULL;
        integral = false;
    }
    *out = (cp_decimal){.digits = digits,
                        .exponent = exponent,
                        .negative = start < whole,
                        .integral = integral,
                        .text = {start, (size_t)(p - start)}};
    if (count > CP_DECIMAL_DIGITS)
        out->exponent = read_long(whole, digits_end, out);
    out->exponent = clamp_exponent(out->exponent + written);
    return p;
}

const uint8_t *cp_decimal_read(const uint8_t *p, const uint8_t *end, cp_decimal *out)
{
    const uint8_t *start = p;
    p += p < end && *p == '-';
    const uint8_t *behind = end - p >= CP_QUICK_BYTES ? cp_decimal_read_quick(start, p, out) : NULL;
    return behind ? behind : read_general(start, p, end, out);
}

size_t cp_digits_copy(const cp_decimal *decimal, char *out, size_t capacity, size_t *needed)
{
    const uint8_t *p = decimal->text.data;
    const uint8_t *end = p + decimal->text.size;
    size_t count = 0;
    *needed = 0;
    for (; p < end && (*p | 0x20) != 'e'; p++) {
        if (!cp_is_digit(*p) || (count == 0 && *p == '0'))
            continue;
        if (count < capacity)
            out[count] = (char)*p;
        count++;
        if (*p != '0')
            *needed = count;
    }
    return count < capacity ? count : capacity;
}
