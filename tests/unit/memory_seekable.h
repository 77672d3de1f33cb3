/* A seekable over bytes in memory, whose reads can be made to fail. */
#ifndef CP_TESTS_UNIT_MEMORY_SEEKABLE_H
#define CP_TESTS_UNIT_MEMORY_SEEKABLE_H

#include "pipeline/core/seekable.h"
#include "tests/unit/support.h"

/* On the caller's stack; close frees nothing. */
typedef struct memory_seekable {
    cp_seekable base;
    const uint8_t *data;
    size_t reads, fails_at; /* the read of this number, from 0, fails with CP_E_IO */
} memory_seekable;

static inline cp_rc memory_seekable_read(cp_seekable *seekable, uint64_t offset, void *out,
                                         size_t size, cp_error *err)
{
    memory_seekable *self = (memory_seekable *)seekable;
    assert_true(offset <= self->base.bytes && size <= self->base.bytes - offset);
    if (self->reads++ == self->fails_at)
        return cp_fail(err, CP_E_IO, "read_failed", "cannot read");
    if (size)
        memcpy(out, self->data + offset, size);
    return CP_OK;
}

static inline void memory_seekable_pass(cp_seekable *seekable, uint64_t offset)
{
    assert_true(offset <= seekable->bytes);
}

static inline void memory_seekable_close(cp_seekable *seekable)
{
    (void)seekable;
}

static inline memory_seekable memory_seekable_of(const void *bytes, size_t size)
{
    return (memory_seekable){
        .base = {size, memory_seekable_read, memory_seekable_pass, memory_seekable_close},
        .data = bytes,
        .fails_at = SIZE_MAX,
    };
}

#endif
