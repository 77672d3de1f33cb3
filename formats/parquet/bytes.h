/* Numbers as Parquet spells them, least byte first. */
#ifndef CP_FORMATS_PARQUET_BYTES_H
#define CP_FORMATS_PARQUET_BYTES_H

#include "pipeline/core/bytes.h"

/* Each writes where room is and returns the end of what it wrote. */

static inline uint8_t *cp_put_u32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
    return to + 4;
}

static inline uint8_t *cp_put_u64(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> (8 * i));
    return to + 8;
}

/* ULEB128, least group first. */
enum { CP_VARINT_BYTES = 10 };
static inline uint8_t *cp_put_varint(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
static inline uint64_t cp_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t cp_unzigzag(uint64_t zigzag)
{
    uint64_t value = zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0);
    int64_t number;
    memcpy(&number, &value, sizeof number);
    return number;
}

#endif
