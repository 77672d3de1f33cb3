/* Bytes that grow: what encoders write into. A writer reserves what it may need at most, then
 * writes without looking. Zeroed is empty. */
#ifndef CP_CORE_BYTES_H
#define CP_CORE_BYTES_H

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
    if (!rc && size && bytes->data) { /* there is room where there are bytes */
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

#endif
