/* Eight bytes at a time in a 64-bit word, the first byte lowest. What kernels
 * share. */
#ifndef CP_TEXT_SWAR_H
#define CP_TEXT_SWAR_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CP_BYTES(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t cp_word_order(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static inline uint64_t cp_load8(const void *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return cp_word_order(word);
}

static inline void cp_store8(void *p, uint64_t word)
{
    word = cp_word_order(word);
    memcpy(p, &word, sizeof word);
}

/* 0x80 at least in the first byte that equals `b`, and nowhere before it; 0 where none does. What
 * stands behind the first may be wrong (Alan Mycroft's test for a zero byte). */
static inline uint64_t cp_word_find(uint64_t word, uint8_t b)
{
    uint64_t x = word ^ CP_BYTES(b);
    return (x - CP_BYTES(1)) & ~x & CP_BYTES(0x80);
}

/* The index of the byte that the lowest set bit lies in; `mask` is not 0. */
static inline unsigned cp_word_index(uint64_t mask)
{
    return (unsigned)__builtin_ctzll(mask) / 8;
}

/* How many digits the eight bytes open with. */
static inline unsigned cp_word_digits(uint64_t word)
{
    /* A sum runs over into the byte above only where this byte is no digit already. */
    uint64_t x = word ^ CP_BYTES('0');
    uint64_t other = ((x + CP_BYTES(0x76)) | x) & CP_BYTES(0x80);
    return other ? cp_word_index(other) : 8;
}

/* One bit for each of sixteen bytes, the first lowest: set where it is no digit. */
static inline unsigned cp_other_than_digits(const uint8_t *p)
{
#ifdef __SSE2__
    __m128i bytes = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8('0'));
    __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(9)), bytes);
    return (unsigned)_mm_movemask_epi8(digits) ^ 0xffff;
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++)
        mask |= (unsigned)((uint8_t)(p[i] - '0') > 9) << i;
    return mask;
#endif
}

/* The number that eight digits spell; bytes of 0 count as '0'. Pairs, then fours, then eight are
 * joined by one multiplication each (after Wojciech Mula, "Parsing a series of integers with
 * SIMD", in Daniel Lemire's scalar form). */
static inline uint64_t cp_word_number(uint64_t word)
{
    word = (word & CP_BYTES(0x0f)) * (1 + (10 << 8)) >> 8;
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) * (1 + (100 << 16)) >> 16;
    return (word & UINT64_C(0x0000ffff0000ffff)) * (1 + (UINT64_C(10000) << 32)) >> 32;
}

/* The other way: eight digits of a number below 10^8 as bytes 0 to 9, the first digit lowest. The
 * same joints taken apart; divisions are multiplications by rounded-up inverses that are exact in
 * these ranges (x < 10^8: 2^40 / 10^4; x < 10^4: 2^19 / 100; x < 100: 2^10 / 10). */
static inline uint64_t cp_number_word(uint32_t number)
{
    uint64_t four = number * UINT64_C(109951163) >> 40;
    uint64_t x = four | (number - four * 10000) << 32;
    uint64_t two = (x * 5243 >> 19) & UINT64_C(0x0000007f0000007f);
    x = two | (x - two * 100) << 16;
    uint64_t one = (x * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return one | (x - one * 10) << 8;
}

#endif
