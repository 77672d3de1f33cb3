/* Checked arithmetic and allocation for every size that comes from input. */
#ifndef CP_CORE_CHECKED_H
#define CP_CORE_CHECKED_H

#include "pipeline/core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* false where the result does not fit; *out is then not to be used. */
static inline bool cp_add_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool cp_mul_size(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* `out` and `items` below are the address of a pointer of any type, passed as bytes so that no
 * aliasing rule is bent.
 *
 * `count` zeroed items of `size` bytes at *out, which the caller frees. CP_E_MEMORY. */
static inline cp_rc cp_calloc(size_t count, size_t size, void *out, cp_error *err)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    memcpy(out, &memory, sizeof memory);
    if (memory)
        return CP_OK;
    return cp_fail_memory(err, count * size);
}

/* Makes room for `wanted` items of `size` bytes at *items, whose room is *capacity; grows by
 * half, keeps what is there. On CP_E_MEMORY nothing has changed. */
static inline cp_rc cp_grow(void *items, size_t *capacity, size_t wanted, size_t size,
                            cp_error *err)
{
    if (wanted <= *capacity)
        return CP_OK;
    size_t room = *capacity + *capacity / 2;
    if (room < wanted)
        room = wanted < 8 ? 8 : wanted;
    size_t bytes;
    if (!cp_mul_size(room, size, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    void *memory;
    memcpy(&memory, items, sizeof memory);
    memory = realloc(memory, bytes);
    if (!memory)
        return cp_fail_memory(err, bytes);
    memcpy(items, &memory, sizeof memory);
    *capacity = room;
    return CP_OK;
}

#endif
