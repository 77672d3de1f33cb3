/* The everyday number, read in line: for the inner loops of readers that fall back to
 * cp_decimal_read for all others. */
#ifndef CP_TEXT_NUMBER_QUICK_H
#define CP_TEXT_NUMBER_QUICK_H

#include "pipeline/text/number.h"
#include "pipeline/text/swar.h"

enum { CP_QUICK_BYTES = 16, CP_WORD_BYTES = 8 };

/* The first `bytes` bytes of a word, 0 to 7. */
static inline uint64_t cp_first_bytes(unsigned bytes)
{
    return (UINT64_C(1) << (8 * bytes)) - 1;
}

/* A word without the byte at `at`; the bytes behind it move up, `next` is the one that follows. */
static inline uint64_t cp_squeeze(uint64_t word, unsigned at, uint64_t next)
{
    uint64_t before = cp_first_bytes(at);
    return (word & before) | ((word >> 8 | next << 56) & ~before);
}

/* The number that `count` digits spell, 1 to 15, which stand at p but for a point behind `whole`
 * of them where `has_point`. */
static inline uint64_t cp_quick_digits(const uint8_t *p, unsigned count, unsigned whole,
                                       bool has_point)
{
    uint64_t first = cp_load8(p);
    if (count + has_point <= CP_WORD_BYTES) {
        if (has_point)
            first = cp_squeeze(first, whole, 0);
        return cp_word_number(first << (64 - 8 * count));
    }
    uint64_t second = cp_load8(p + CP_WORD_BYTES);
    if (has_point && whole < CP_WORD_BYTES) {
        first = cp_squeeze(first, whole, second);
        second >>= 8;
    } else if (has_point) {
        second = cp_squeeze(second, whole - CP_WORD_BYTES, 0);
    }
    unsigned more = count - CP_WORD_BYTES;
    /* In two steps, because `more` may be 0. */
    second = second << 1 << (63 - 8 * more);
    return cp_word_number(first) * cp_tens[more] + cp_word_number(second);
}

/* The everyday number: sixteen bytes from p are readable, and it ends within them. NULL where it
 * does not, where it has an exponent, and where it is no number. */
static inline const uint8_t *cp_decimal_read_quick(const uint8_t *start, const uint8_t *p,
                                                   cp_decimal *out)
{
    unsigned others = cp_other_than_digits(p);
    if (others == 0)
        return NULL;
    unsigned whole = (unsigned)__builtin_ctz(others);
    unsigned stop = whole;
    bool has_point = p[whole] == '.';
    if (has_point) {
        others &= others - 1;
        if (others == 0)
            return NULL;
        stop = (unsigned)__builtin_ctz(others);
    }
    unsigned fraction = stop - whole - has_point;
    if (whole == 0 || fraction + !has_point == 0 || (*p == '0' && whole > 1) ||
        (p[stop] | 0x20) == 'e')
        return NULL;
    *out = (cp_decimal){.digits = cp_quick_digits(p, stop - has_point, whole, has_point),
                        .exponent = -(int64_t)fraction,
                        .negative = start < p,
                        .integral = !has_point,
                        .text = {start, (size_t)(p + stop - start)}};
    return p + stop;
}

#endif
