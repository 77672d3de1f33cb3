/* The hottest loop of all: to the next byte of a JSON string that is not plain text. */
#ifndef CP_FORMATS_JSON_STRING_SCAN_H
#define CP_FORMATS_JSON_STRING_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* High bit set in every byte of `word` that is '"', '\\', below 0x20 or above 0x7F. Only the
 * lowest such bit is to be relied on. (Mycroft's zero-byte test; Anderson, "Bit Twiddling Hacks".)
 */
static inline uint64_t cp_json_special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    uint64_t below_space = word - ones * 0x20;
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | below_space | word) & highs;
}

/* Returns the first '"', '\\', control character or byte of 0x80 or more at or after p; one of
 * the first three is always there, the '\n' that ends the record at the latest. Reads up to 31
 * bytes behind the answer. */
static inline const uint8_t *cp_json_string_scan(const uint8_t *p)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
                  space = _mm_set1_epi8(' ');
    for (;; p += 32) {
        __m128i low = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
        /* As signed bytes, controls and all beyond ASCII are less than a space. */
        __m128i low_hits =
            _mm_or_si128(_mm_cmplt_epi8(low, space),
                         _mm_or_si128(_mm_cmpeq_epi8(low, quote), _mm_cmpeq_epi8(low, slash)));
        __m128i high_hits =
            _mm_or_si128(_mm_cmplt_epi8(high, space),
                         _mm_or_si128(_mm_cmpeq_epi8(high, quote), _mm_cmpeq_epi8(high, slash)));
        uint32_t mask =
            (uint32_t)_mm_movemask_epi8(low_hits) | (uint32_t)_mm_movemask_epi8(high_hits) << 16;
        if (mask)
            return p + __builtin_ctz(mask);
    }
#else
    for (;; p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        uint64_t special = cp_json_special_bytes(word);
        if (special)
            return p + __builtin_ctzll(special) / 8;
    }
#endif
}

#endif
