/* BYTE_STREAM_SPLIT (Encodings.md, "Byte Stream Split"): byte `stream` of each value, 0 lowest. */
#ifndef CP_FORMATS_PARQUET_BYTE_SPLIT_H
#define CP_FORMATS_PARQUET_BYTE_SPLIT_H

#include <stddef.h>
#include <stdint.h>

static inline void cp_byte_split_32(uint8_t *to, const uint32_t *values, size_t count,
                                    unsigned stream)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)(values[i] >> (8 * stream));
}

static inline void cp_byte_split_64(uint8_t *to, const uint64_t *values, size_t count,
                                    unsigned stream)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)(values[i] >> (8 * stream));
}

#endif
