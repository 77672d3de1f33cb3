/* What reading by shape does with bytes, 32 or 16 of them at a time. Included with KERNEL_TARGET
 * defined. */
#ifndef CP_FORMATS_JSON_JSON_SHAPE_AVX2_H
#define CP_FORMATS_JSON_JSON_SHAPE_AVX2_H

#include "formats/json/json_leaf.h"
#include "formats/json/json_shape.h"

#include <immintrin.h>

KERNEL_VECTOR __m256i load32(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

KERNEL_VECTOR __m128i load16(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

#define BYTES_32(b)                                                                                \
    {                                                                                              \
        b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b,  \
            b, b                                                                                   \
    }

/* What the vectors below are compared and joined with. In memory, out of the compiler's sight: it
 * would make each of them anew at each use, which takes longer than the use. */
typedef struct machine {
    uint8_t quote[32], slash[32], space[32], zero[32], nine[32];
    /* 16 from `count` on are what they are named for. */
    uint8_t move_right[32]; /* the indexes that move `count` bytes to the end, zeros before them */
    uint8_t last_bytes[32]; /* 0xff for the last `count` bytes */
    /* Pairs of digits, of pairs, of fours: what the first of each two is worth, and the other. */
    uint8_t tens[16];
    uint16_t hundreds[8], ten_thousands[8];
} machine;

static const machine constants = {
    .quote = BYTES_32('"'),
    .slash = BYTES_32('\\'),
    .space = BYTES_32(' '),
    .zero = BYTES_32('0'),
    .nine = BYTES_32(9),
    .move_right = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                   0x80, 0x80, 0x80, 0x80, 0x80, 0,    1,    2,    3,    4,    5,
                   6,    7,    8,    9,    10,   11,   12,   13,   14,   15},
    .last_bytes = {0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
                   0,    0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
    .tens = {10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1},
    .hundreds = {100, 1, 100, 1, 100, 1, 100, 1},
    .ten_thousands = {10000, 1, 10000, 1, 10000, 1, 10000, 1},
};

static inline const machine *machine_get(void)
{
    const machine *m = &constants;
    __asm__("" : "+r"(m));
    return m;
}

KERNEL_VECTOR bool literal_is_at(const cp_json_literal *literal, const uint8_t *p)
{
    return _mm256_testz_si256(_mm256_xor_si256(load32(p), load32(literal->text)),
                              load32(literal->mask));
}

/* Where a string may not go on as plain text; as signed bytes, controls and all beyond ASCII are
 * less than a space. */
KERNEL_VECTOR uint32_t odd_bytes(__m256i text, const machine *m)
{
    __m256i hits = _mm256_or_si256(_mm256_cmpgt_epi8(load32(m->space), text),
                                   _mm256_or_si256(_mm256_cmpeq_epi8(text, load32(m->quote)),
                                                   _mm256_cmpeq_epi8(text, load32(m->slash))));
    return (uint32_t)_mm256_movemask_epi8(hits);
}

/* As cp_json_string_scan. */
KERNEL_VECTOR const uint8_t *string_scan(const uint8_t *p, const machine *m)
{
    for (;; p += 32) {
        uint32_t odd = odd_bytes(load32(p), m);
        if (odd)
            return p + (unsigned)_tzcnt_u32(odd);
    }
}

/* An array of plain strings without white space between them, which ends within 64 bytes; or NULL.
 * How many there are and how long is not asked by branches: nobody could foretell it. */
KERNEL_VECTOR const uint8_t *short_array_skip(const uint8_t *p)
{
    bytes64 text = load64(p);
    uint64_t odd = not_plain64(&text) | equal64(&text, '\\');
    uint64_t quotes = equal64(&text, '"'), inside = running_xor(quotes);
    uint64_t closing = equal64(&text, ']') & ~inside;
    uint64_t last = _blsi_u64(closing), all = _blsmsk_u64(closing);
    uint64_t opened = quotes & inside & all, closed = quotes & ~inside & all;
    uint64_t commas = equal64(&text, ',') & ~inside & all, outside = ~(inside | quotes) & all;
    /* Nothing is odd; outside of strings stand the brackets and commas alone; strings begin
     * behind the first bracket or a comma and end before a comma or the last bracket, unless there
     * are none. */
    uint64_t first_of_none = last & 2;
    uint64_t wrong = (odd & all) | (outside ^ (1 | commas | last)) |
                     (opened ^ ((1 | commas) << 1 ^ first_of_none)) |
                     (closed << 1 ^ commas ^ last ^ first_of_none);
    return *p == '[' && closing && !wrong ? p + _tzcnt_u64(last) + 1 : NULL;
}

/* The number that sixteen digits spell, each a byte of 0 to 9: pairs, fours and eights are joined
 * by multiply-and-add (Wojciech Mula, "Parsing a series of integers with SIMD"). */
KERNEL_VECTOR uint64_t joined_digits(__m128i digits, const machine *m)
{
    __m128i pairs = _mm_maddubs_epi16(digits, load16(m->tens));
    __m128i fours = _mm_madd_epi16(pairs, load16(m->hundreds));
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), load16(m->ten_thousands));
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & UINT32_MAX) * 100000000 + (both >> 32);
}

/* The everyday number: it ends within fifteen bytes, a sign not counted, and something that is no
 * part of a number, nor a digit, has to follow: the caller's next literal. NULL: look at it in
 * full. */
KERNEL_VECTOR const uint8_t *number_read(const uint8_t *p, cp_leaf_number *out, const machine *m)
{
    out->negative = 0;
    if (__builtin_expect(*p == '-', 0)) {
        out->negative = 1;
        p++;
    }
    __m128i bytes = _mm_sub_epi8(load16(p), load16(m->zero));
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(bytes, load16(m->nine)), bytes);
    uint32_t others = ~(uint32_t)_mm_movemask_epi8(is_digit);
    unsigned whole = (unsigned)_tzcnt_u32(others), size = whole;
    __m128i order = load16(m->move_right + whole);
    out->has_point = p[whole] == '.';
    out->fraction = 0;
    if (out->has_point) {
        size = (unsigned)_tzcnt_u32(_blsr_u32(others));
        out->fraction = size - whole - 1;
        if (size > 15 || out->fraction == 0)
            return NULL;
        /* The fraction moves to the end, the whole digits to where the point would be then. */
        order =
            _mm_sub_epi8(load16(m->move_right + size - 1), load16(m->last_bytes + out->fraction));
    }
    if (whole - 1 > 14 || (*p == '0' && whole > 1))
        return NULL;
    out->digits = joined_digits(_mm_shuffle_epi8(bytes, order), m);
    return p + size;
}

#endif
