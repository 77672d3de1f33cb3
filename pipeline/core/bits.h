/* Bitmaps: bit i is bit i % 64 of word i / 64. Runs may begin at any bit; what lies outside of a
 * run in its first and last word is kept. */
#ifndef CP_CORE_BITS_H
#define CP_CORE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t cp_bit_words(size_t bits)
{
    return bits / 64 + (bits % 64 != 0);
}

static inline bool cp_bit_get(const uint64_t *words, size_t at)
{
    return (words[at / 64] >> (at % 64) & 1) != 0;
}

static inline void cp_bit_clear(uint64_t *words, size_t at)
{
    words[at / 64] &= ~(UINT64_C(1) << (at % 64));
}

/* The lowest `count` bits set, up to 64. */
static inline uint64_t cp_bits_mask(size_t count)
{
    return count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

/* `count` bits (1 to 64) from `at` on, the first one lowest. Reads no word that holds none. */
static inline uint64_t cp_bits_get(const uint64_t *words, size_t at, size_t count)
{
    uint64_t bits = words[at / 64] >> (at % 64);
    if (at % 64 + count > 64)
        bits |= words[at / 64 + 1] << (64 - at % 64);
    return bits & cp_bits_mask(count);
}

/* Stores the lowest `count` bits (1 to 64) of `bits` from `at` on. */
static inline void cp_bits_put(uint64_t *words, size_t at, size_t count, uint64_t bits)
{
    size_t shift = at % 64;
    uint64_t mask = cp_bits_mask(count);
    uint64_t *word = &words[at / 64];
    word[0] = (word[0] & ~(mask << shift)) | (bits & mask) << shift;
    if (shift + count > 64)
        word[1] = (word[1] & ~(mask >> (64 - shift))) | (bits & mask) >> (64 - shift);
}

/* Sets `count` bits from `at` on. */
static inline void cp_bits_fill(uint64_t *words, size_t at, size_t count)
{
    for (size_t i = 0; i < count; i += 64)
        cp_bits_put(words, at + i, count - i < 64 ? count - i : 64, UINT64_MAX);
}

/* Copies `count` bits from `from_at` of `from` to `at` of `words`. */
static inline void cp_bits_copy(uint64_t *words, size_t at, const uint64_t *from, size_t from_at,
                                size_t count)
{
    for (size_t i = 0; i < count; i += 64) {
        size_t part = count - i < 64 ? count - i : 64;
        cp_bits_put(words, at + i, part, cp_bits_get(from, from_at + i, part));
    }
}

/* How many of `count` bits from `at` on are set. */
static inline size_t cp_bits_count(const uint64_t *words, size_t at, size_t count)
{
    size_t set = 0;
    for (size_t i = 0; i < count; i += 64)
        set += (size_t)__builtin_popcountll(
            cp_bits_get(words, at + i, count - i < 64 ? count - i : 64));
    return set;
}

#endif
