/* Byte strings as two words, for hash tables: short ones are told apart by words and size alone.
 *
 *   up to 16 bytes  {low, high}: the bytes themselves, zeros behind them
 *   longer          {XXH3_64bits, 0}: the bytes are still to be compared
 */
#ifndef CP_CORE_TEXT_KEY_H
#define CP_CORE_TEXT_KEY_H

#include "pipeline/core/span.h"

#include <xxhash.h>

enum { CP_TEXT_KEY_BYTES = 16 };

typedef struct cp_text_key {
    uint64_t low, high;
} cp_text_key;

static inline bool cp_text_is_short(cp_span text)
{
    return text.size <= CP_TEXT_KEY_BYTES;
}

static inline uint64_t cp_text_word8(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t cp_text_word4(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* 0 to 8 bytes in one word. Reads nothing outside of them. */
static inline uint64_t cp_text_word(const uint8_t *p, size_t size)
{
    if (size == 8)
        return cp_text_word8(p);
    if (size >= 4)
        return cp_text_word4(p) | cp_text_word4(p + size - 4) << (8 * (size - 4));
    if (size == 0)
        return 0;
    return p[0] | (uint64_t)p[size / 2] << (8 * (size / 2)) |
           (uint64_t)p[size - 1] << (8 * (size - 1));
}

static inline cp_text_key cp_text_key_of(cp_span text)
{
    if (!cp_text_is_short(text))
        return (cp_text_key){XXH3_64bits(text.data, text.size), 0};
    size_t in_low = text.size < 8 ? text.size : 8;
    uint64_t low = cp_text_word(text.data, in_low);
    return (cp_text_key){low, text.size > 8 ? cp_text_word(text.data + 8, text.size - 8) : 0};
}

/* The same for a short text, without a branch on its size, which is hard to foretell:
 * CP_TEXT_KEY_BYTES from the text's first byte on are readable, whatever its size. */
static inline cp_text_key cp_text_key_of_readable(cp_span text)
{
    static const uint64_t low_bytes[] = {0,
                                         0xff,
                                         0xffff,
                                         0xffffff,
                                         0xffffffff,
                                         0xffffffffff,
                                         0xffffffffffff,
                                         0xffffffffffffff,
                                         0xffffffffffffffff};
    size_t in_low = text.size < 8 ? text.size : 8;
    return (cp_text_key){cp_text_word8(text.data) & low_bytes[in_low],
                         cp_text_word8(text.data + 8) & low_bytes[text.size - in_low]};
}

/* Where to start looking: both halves of one 64 x 64 bit product (Wang Yi's wyhash mixes so). The
 * constants are the first bits of the fractions of the golden ratio and of the square root of two,
 * made odd. */
static inline uint64_t cp_text_key_hash(cp_text_key key, size_t size)
{
    uint64_t a = key.low ^ UINT64_C(0x9e3779b97f4a7c15);
    uint64_t b = (key.high + size) ^ UINT64_C(0x6a09e667f3bcc909);
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
