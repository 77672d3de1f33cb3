/* 64 bytes at hand, on every machine: eight bytes at a time in a 64-bit word; as
 * json_bytes_avx2.h. */
#ifndef CP_FORMATS_JSON_JSON_BYTES_PORTABLE_H
#define CP_FORMATS_JSON_JSON_BYTES_PORTABLE_H

#include "formats/json/json_places.h"
#include "pipeline/text/swar.h"

typedef struct bytes64 {
    uint64_t words[8]; /* the first byte lowest */
} bytes64;

static inline bytes64 load64(const uint8_t *p)
{
    bytes64 bytes;
    memcpy(bytes.words, p, sizeof bytes.words);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (unsigned i = 0; i < 8; i++)
        bytes.words[i] = __builtin_bswap64(bytes.words[i]);
#endif
    return bytes;
}

/* A bit for each byte that is zero: adding 0x7f carries into the top bit of all others, and of no
 * neighbour (Henry Warren, "Hacker's Delight", 6-1); the multiplication gathers the eight. */
static inline uint64_t zero_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), lows = ones * 0x7f;
    uint64_t zero = ~(((word & lows) + lows) | word | lows);
    return (zero >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* After setting `folded` in each byte. */
static inline uint64_t equal_folded(const bytes64 *bytes, char byte, uint8_t folded)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits |= zero_bytes((bytes->words[i] | ones * folded) ^ ones * (uint8_t)byte) << 8 * i;
    return bits;
}

static inline uint64_t equal64(const bytes64 *bytes, char byte)
{
    return equal_folded(bytes, byte, 0);
}

static inline uint64_t either64(const bytes64 *bytes, char byte)
{
    return equal_folded(bytes, byte, 0x20);
}

static inline uint64_t running_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static inline uint64_t space64(const bytes64 *bytes)
{
    return equal64(bytes, ' ') | equal64(bytes, '\t') | equal64(bytes, '\r') | equal64(bytes, '\n');
}

static inline uint64_t operators64(const bytes64 *bytes)
{
    return either64(bytes, '{') | either64(bytes, '}') | equal64(bytes, ':') | equal64(bytes, ',');
}

#endif
