/* 64 bytes at hand, on machines with AVX2 and carry-less multiplication. Included with
 * KERNEL_TARGET defined; json_bytes_avx512.h and json_bytes_portable.h do the same. */
#ifndef CP_FORMATS_JSON_JSON_BYTES_AVX2_H
#define CP_FORMATS_JSON_JSON_BYTES_AVX2_H

#include "formats/json/json_places.h"

#include <immintrin.h>
#include <stdint.h>

#define KERNEL_VECTOR KERNEL_TARGET static inline __attribute__((always_inline))

typedef struct bytes64 {
    __m256i low, high;
} bytes64;

KERNEL_VECTOR bytes64 load64(const uint8_t *p)
{
    return (bytes64){_mm256_loadu_si256((const __m256i *)(const void *)p),
                     _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}

KERNEL_VECTOR uint64_t bits64(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
           (uint32_t)_mm256_movemask_epi8(low);
}

/* A bit for each byte that equals `byte`. */
KERNEL_VECTOR uint64_t equal64(const bytes64 *bytes, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return bits64(_mm256_cmpeq_epi8(bytes->low, wanted), _mm256_cmpeq_epi8(bytes->high, wanted));
}

/* The same for two bytes that differ in the bit 0x20 alone. */
KERNEL_VECTOR uint64_t either64(const bytes64 *bytes, char byte)
{
    __m256i bit = _mm256_set1_epi8(0x20);
    bytes64 folded = {_mm256_or_si256(bytes->low, bit), _mm256_or_si256(bytes->high, bit)};
    return equal64(&folded, byte);
}

/* Each bit the exclusive or of itself and all lower ones: a product without carries, by all ones.
 */
KERNEL_VECTOR uint64_t running_xor(uint64_t bits)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* Controls and all beyond ASCII: as signed bytes they are less than a space. */
KERNEL_VECTOR uint64_t not_plain64(const bytes64 *bytes)
{
    __m256i space = _mm256_set1_epi8(' ');
    return bits64(_mm256_cmpgt_epi8(space, bytes->low), _mm256_cmpgt_epi8(space, bytes->high));
}

KERNEL_VECTOR __m256i space_bytes(__m256i bytes)
{
    /* By the low half of a byte, which of its kind it would be. */
    const __m256i kinds =
        _mm256_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0, ' ', 0, 0, 0, 0,
                         0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(kinds, bytes), bytes);
}

/* Space, tab, '\r', '\n'. */
KERNEL_VECTOR uint64_t space64(const bytes64 *bytes)
{
    return bits64(space_bytes(bytes->low), space_bytes(bytes->high));
}

KERNEL_VECTOR __m256i operator_bytes(__m256i bytes)
{
    const __m256i kinds =
        _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0, /**/
                         0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(kinds, bytes), folded);
}

/* Brackets, braces, colons, commas; and two control characters, which are right nowhere outside of
 * strings. */
KERNEL_VECTOR uint64_t operators64(const bytes64 *bytes)
{
    return bits64(operator_bytes(bytes->low), operator_bytes(bytes->high));
}

#endif
