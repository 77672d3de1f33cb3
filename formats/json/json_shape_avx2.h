/* What reading by shape does with bytes, 32 or 16 of them at a time. Included with KERNEL_TARGET
 * defined. */
#ifndef CP_FORMATS_JSON_JSON_SHAPE_AVX2_H
#define CP_FORMATS_JSON_JSON_SHAPE_AVX2_H

#include "formats/json/json_leaf.h"
#include "formats/json/json_shape.h"

#include <immintrin.h>

#define KERNEL_VECTOR KERNEL_TARGET static inline __attribute__((always_inline))

KERNEL_VECTOR __m256i load32(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

KERNEL_VECTOR __m128i load16(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

KERNEL_VECTOR bool literal_is_at(const cp_shape_node *node, const uint8_t *p)
{
    return _mm256_testz_si256(_mm256_xor_si256(load32(p), load32(node->text)), load32(node->mask));
}

/* Where a string may not go on as plain text; as signed bytes, controls and all beyond ASCII are
 * less than a space. */
KERNEL_VECTOR __m256i odd_bytes(__m256i text)
{
    const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'),
                  space = _mm256_set1_epi8(' ');
    return _mm256_or_si256(
        _mm256_cmpgt_epi8(space, text),
        _mm256_or_si256(_mm256_cmpeq_epi8(text, quote), _mm256_cmpeq_epi8(text, slash)));
}

/* As cp_json_string_scan. */
KERNEL_VECTOR const uint8_t *string_scan(const uint8_t *p)
{
    for (;; p += 32) {
        uint32_t mask = (uint32_t)_mm256_movemask_epi8(odd_bytes(load32(p)));
        if (mask)
            return p + __builtin_ctz(mask);
    }
}

/* An empty array or one of a single plain string, which ends within 32 bytes; or NULL. Whether it
 * is empty is not asked by a branch: nobody could foretell it. */
KERNEL_VECTOR const uint8_t *short_array_skip(const uint8_t *p)
{
    __m256i text = load32(p);
    uint32_t odd = (uint32_t)_mm256_movemask_epi8(odd_bytes(text));
    uint32_t closing =
        (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8(']')));
    unsigned last = (unsigned)_tzcnt_u32(closing);
    if (*p != '[' || last > 31 || last == 2)
        return NULL;
    uint32_t quotes = last == 1 ? 0 : (uint32_t)1 << (last - 1) | 2;
    return (odd & (closing - 1)) == quotes && (closing & 1) == 0 ? p + last + 1 : NULL;
}

/* Indexes and masks that are loaded from a place that depends on a count: 16 from `count` on. */
static const uint8_t to_the_right[32] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15};
static const uint8_t last_bytes[32] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* The number that sixteen digits spell, each a byte of 0 to 9: pairs, fours and eights are joined
 * by multiply-and-add (Wojciech Mula, "Parsing a series of integers with SIMD"). */
KERNEL_VECTOR uint64_t joined_digits(__m128i digits)
{
    const __m128i tens = _mm_set1_epi16(1 << 8 | 10), hundreds = _mm_set1_epi32(1 << 16 | 100),
                  ten_thousands = _mm_set1_epi32(1 << 16 | 10000);
    __m128i fours = _mm_madd_epi16(_mm_maddubs_epi16(digits, tens), hundreds);
    __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), ten_thousands);
    uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (both & UINT32_MAX) * 100000000 + (both >> 32);
}

/* The everyday number: it ends within fifteen bytes, a sign not counted, and something that is no
 * part of a number, nor a digit, has to follow: the caller's next literal. NULL: look at it in
 * full. */
KERNEL_VECTOR const uint8_t *number_read(const uint8_t *p, cp_leaf_number *out)
{
    out->negative = *p == '-';
    p += out->negative;
    __m128i bytes = _mm_sub_epi8(load16(p), _mm_set1_epi8('0'));
    __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(9)), bytes);
    uint32_t others = ~(uint32_t)_mm_movemask_epi8(is_digit);
    unsigned whole = (unsigned)__builtin_ctz(others), size = whole;
    out->has_point = p[whole] == '.';
    out->fraction = 0;
    if (out->has_point) {
        size = (unsigned)__builtin_ctz(others & (others - 1));
        out->fraction = size - whole - 1;
        if (out->fraction == 0)
            return NULL;
    }
    if (whole == 0 || size > 15 || (*p == '0' && whole > 1))
        return NULL;
    __m128i right = _mm_shuffle_epi8(bytes, load16(to_the_right + size));
    if (out->has_point) /* the whole digits move up to where it stood */
        right =
            _mm_blendv_epi8(_mm_slli_si128(right, 1), right, load16(last_bytes + out->fraction));
    out->digits = joined_digits(right);
    return p + size;
}

#endif
