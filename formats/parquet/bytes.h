/* Bytes that grow: what encoders write into. A writer reserves what it may need at most, then
 * writes without looking. Zeroed is empty. */
#ifndef CP_FORMATS_PARQUET_BYTES_H
#define CP_FORMATS_PARQUET_BYTES_H

#include "pipeline/core/checked.h"
#include "pipeline/core/span.h"

typedef struct cp_bytes {
    uint8_t *data;
    size_t size, capacity;
} cp_bytes;

/* Room for `more` bytes behind the last. CP_E_MEMORY. */
static inline cp_rc cp_bytes_reserve(cp_bytes *bytes, size_t more, cp_error *err)
{
    size_t wanted;
    if (!cp_add_size(bytes->size, more, &wanted))
        return cp_fail_memory(err, SIZE_MAX);
    return cp_grow(&bytes->data, &bytes->capacity, wanted, 1, err);
}

static inline cp_rc cp_bytes_put(cp_bytes *bytes, const void *data, size_t size, cp_error *err)
{
    cp_rc rc = cp_bytes_reserve(bytes, size, err);
    if (!rc && size) {
        memcpy(bytes->data + bytes->size, data, size);
        bytes->size += size;
    }
    return rc;
}

/* May be called twice. */
static inline void cp_bytes_free(cp_bytes *bytes)
{
    free(bytes->data);
    *bytes = (cp_bytes){0};
}

/* The rest writes where room is; each returns the end of what it wrote. */

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

#endif
