/* Sizes as people write them: "64", "64KiB", "1.5G", "10MB". */
#include "pipeline/text/digits.h"
#include "pipeline/text/powers.h"

enum { FRACTION_DIGITS_MAX = 18 };

static inline uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/* "", "b": 1. "k", "kib", "kb" and so on with m, g, t, p, e. 0: no unit. */
static uint64_t unit_bytes(cp_span text)
{
    static const char prefixes[] = "kmgtpe";
    if (text.size == 0 || (text.size == 1 && lower(text.data[0]) == 'b'))
        return 1;
    const char *prefix = memchr(prefixes, lower(text.data[0]), sizeof prefixes - 1);
    if (!prefix)
        return 0;
    size_t power = (size_t)(prefix - prefixes) + 1;
    bool binary = text.size == 1 || (text.size == 3 && lower(text.data[1]) == 'i');
    bool has_b = text.size > 1 && lower(text.data[text.size - 1]) == 'b';
    if (text.size > 3 || (text.size == 3 && !binary) || has_b != (text.size > 1))
        return 0;
    return binary ? UINT64_C(1) << (10 * power) : cp_tens[3 * power];
}

/* Digits at *p to a number. false where there are none or they do not fit. */
static bool take_digits(const uint8_t **p, const uint8_t *end, uint64_t *out)
{
    const uint8_t *first = *p;
    *out = 0;
    for (; *p < end && cp_is_digit(**p); ++*p)
        if (__builtin_mul_overflow(*out, UINT64_C(10), out) ||
            __builtin_add_overflow(*out, (uint64_t)(**p - '0'), out))
            return false;
    return *p > first;
}

bool cp_size_parse(cp_span text, uint64_t *bytes)
{
    if (text.size == 0)
        return false;
    const uint8_t *p = text.data;
    const uint8_t *end = p + text.size;
    uint64_t whole, fraction = 0, fraction_unit = 1;
    if (!take_digits(&p, end, &whole))
        return false;
    if (p < end && *p == '.') {
        const uint8_t *first = ++p;
        if (!take_digits(&p, end, &fraction) || p - first > FRACTION_DIGITS_MAX)
            return false;
        fraction_unit = cp_tens[p - first];
    }
    uint64_t unit = unit_bytes((cp_span){p, (size_t)(end - p)});
    if (unit == 0 || (unit == 1 && fraction_unit > 1))
        return false;
    /* Below 10^18 * 2^60, so below 2^120. */
    uint64_t part = (uint64_t)((unsigned __int128)fraction * unit / fraction_unit);
    return !__builtin_mul_overflow(whole, unit, bytes) &&
           !__builtin_add_overflow(*bytes, part, bytes);
}
