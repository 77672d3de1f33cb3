/* 64 bytes at hand, on machines with AVX-512 and carry-less multiplication; as
 * json_bytes_avx2.h. */
#ifndef CP_FORMATS_JSON_JSON_BYTES_AVX512_H
#define CP_FORMATS_JSON_JSON_BYTES_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define KERNEL_VECTOR KERNEL_TARGET static inline __attribute__((always_inline))

typedef __m512i bytes64;

KERNEL_VECTOR bytes64 load64(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

KERNEL_VECTOR uint64_t equal64(const bytes64 *bytes, char byte)
{
    return _mm512_cmpeq_epi8_mask(*bytes, _mm512_set1_epi8(byte));
}

KERNEL_VECTOR uint64_t either64(const bytes64 *bytes, char byte)
{
    bytes64 folded = _mm512_or_si512(*bytes, _mm512_set1_epi8(0x20));
    return equal64(&folded, byte);
}

KERNEL_VECTOR uint64_t running_xor(uint64_t bits)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

KERNEL_VECTOR uint64_t not_plain64(const bytes64 *bytes)
{
    return _mm512_cmplt_epi8_mask(*bytes, _mm512_set1_epi8(' '));
}

/* By the low half of a byte, which of its kind it would be. */
KERNEL_VECTOR uint64_t space64(const bytes64 *bytes)
{
    const __m128i kinds = _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
    __m512i kind = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(kinds), *bytes);
    return _mm512_cmpeq_epi8_mask(kind, *bytes);
}

KERNEL_VECTOR uint64_t operators64(const bytes64 *bytes)
{
    const __m128i kinds = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    __m512i kind = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(kinds), *bytes);
    __m512i folded = _mm512_or_si512(*bytes, _mm512_set1_epi8(0x20));
    return _mm512_cmpeq_epi8_mask(kind, folded);
}

KERNEL_VECTOR void places64(uint64_t bits, uint32_t base, uint16_t *at)
{
    const __m512i all = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i places = _mm512_maskz_compress_epi8(bits, all), first = _mm512_set1_epi16((short)base);
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
    __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
    _mm512_storeu_si512(at, _mm512_add_epi16(low, first));
    if (__builtin_popcountll(bits) > 32)
        _mm512_storeu_si512(at + 32, _mm512_add_epi16(high, first));
}

#endif
