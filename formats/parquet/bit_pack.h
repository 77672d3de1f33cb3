/* Bit packing: values of a fixed width end to end, least significant bit first (Encodings.md, "Run
 * Length Encoding / Bit-Packing Hybrid", 1). Bits gather in a word that is stored when it is full.
 */
#ifndef CP_FORMATS_PARQUET_BIT_PACK_H
#define CP_FORMATS_PARQUET_BIT_PACK_H

#include "formats/parquet/bytes.h"

/* Bits that a value needs: 0 for 0. */
static inline unsigned cp_bit_width(uint64_t value)
{
    return value ? 64 - (unsigned)__builtin_clzll(value) : 0;
}

/* `count` values, a multiple of 8, of `width` bits (1 to 32) each; writes width * count / 8 bytes,
 * and up to 7 behind them may be overwritten. */
static inline uint8_t *cp_bit_pack_32(uint8_t *to, const uint32_t *values, size_t count,
                                      unsigned width)
{
    uint8_t *end = to + count / 8 * width;
    uint64_t word = 0;
    unsigned used = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)values[i] << used;
        used += width;
        if (used >= 32) {
            to = cp_put_u32(to, (uint32_t)word);
            word >>= 32;
            used -= 32;
        }
    }
    if (used)
        cp_put_u32(to, (uint32_t)word);
    return end;
}

/* The same for 1 to 64 bits. */
static inline uint8_t *cp_bit_pack_64(uint8_t *to, const uint64_t *values, size_t count,
                                      unsigned width)
{
    uint8_t *end = to + count / 8 * width;
    uint64_t word = 0;
    unsigned used = 0;
    for (size_t i = 0; i < count; i++) {
        word |= values[i] << used;
        used += width;
        if (used >= 64) {
            to = cp_put_u64(to, word);
            used -= 64;
            word = used ? values[i] >> (width - used) : 0;
        }
    }
    if (used)
        cp_put_u64(to, word);
    return end;
}

enum { CP_BIT_PACK_SPARE_BYTES = 8 };

#endif
