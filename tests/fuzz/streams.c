/* See streams.h. */
#include "tests/fuzz/streams.h"

#include "pipeline/io/source.h"
#include "tests/fuzz/support.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* The next of a row of sizes. */
static size_t next_size(size_t wanted, size_t *last)
{
    return wanted == CP_FUZZ_GROWING ? ++*last : wanted;
}

typedef struct memory_stream {
    cp_stream base;
    cp_span left;
    size_t piece, last_piece;
} memory_stream;

static cp_rc memory_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    (void)err;
    memory_stream *self = (memory_stream *)stream;
    size_t size = next_size(self->piece, &self->last_piece);
    CHECK(capacity > 0);
    if (size > capacity)
        size = capacity;
    if (size > self->left.size)
        size = self->left.size;
    if (size)
        memcpy(out, self->left.data, size);
    self->left.data += size;
    self->left.size -= size;
    *got = size;
    return CP_OK;
}

static void memory_close(cp_stream *stream)
{
    free(stream);
}

cp_source *cp_fuzz_source(cp_span data, size_t piece, cp_pool *pool)
{
    cp_error err = {0};
    cp_source *source;
    memory_stream *memory = malloc(sizeof *memory);
    CHECK(memory != NULL);
    *memory = (memory_stream){{memory_read, memory_close}, data, piece, 0};
    CHECK_OK(cp_buffered_source_open(&memory->base, pool, &source, &err), &err);
    return source;
}

static void check_end_is_told_again(cp_stream *stream)
{
    cp_error err = {0};
    uint8_t byte;
    size_t got = 1;
    CHECK_OK(stream->read(stream, &byte, 1, &got, &err), &err);
    CHECK(got == 0);
}

/* One call; CP_MORE where it gave bytes. */
static void read_once(cp_stream *stream, size_t capacity, cp_fuzz_reading *result,
                      XXH64_state_t *hash)
{
    static uint8_t bytes[64 << 10];
    size_t got = 0;
    if (capacity > sizeof bytes)
        capacity = sizeof bytes;
    result->rc = stream->read(stream, bytes, capacity, &got, &result->err);
    CHECK(got <= capacity && (result->rc == CP_OK || got == 0));
    CHECK(XXH64_update(hash, bytes, got) == XXH_OK);
    result->size += got;
    if (got > 0)
        result->rc = CP_MORE;
}

cp_fuzz_reading cp_fuzz_read(cp_stream *stream, size_t size, uint64_t most)
{
    cp_fuzz_reading result = {.rc = CP_MORE};
    XXH64_state_t *hash = XXH64_createState();
    CHECK(hash && XXH64_reset(hash, 0) == XXH_OK);
    for (size_t last = 0; result.rc == CP_MORE && result.size < most;) {
        size_t capacity = next_size(size, &last);
        uint64_t left = most - result.size;
        read_once(stream, capacity < left ? capacity : (size_t)left, &result, hash);
    }
    if (result.rc == CP_OK)
        check_end_is_told_again(stream);
    else if (result.rc != CP_MORE)
        cp_fuzz_check_error(result.rc, &result.err);
    result.digest = XXH64_digest(hash);
    XXH64_freeState(hash);
    return result;
}

void cp_fuzz_check_same_error(const cp_error *a, const cp_error *b)
{
    bool same = a->rc == b->rc && strcmp(a->reason, b->reason) == 0 &&
                strcmp(a->message, b->message) == 0 && a->has_byte == b->has_byte &&
                a->byte == b->byte;
    if (!same)
        fprintf(stderr, "%d, %s, byte %" PRIu64 ": %s\n%d, %s, byte %" PRIu64 ": %s\n", a->rc,
                a->reason, a->byte, a->message, b->rc, b->reason, b->byte, b->message);
    CHECK(same);
}

void cp_fuzz_check_same_reading(const cp_fuzz_reading *a, const cp_fuzz_reading *b)
{
    if (cp_failed(a->rc) && cp_failed(b->rc))
        cp_fuzz_check_same_error(&a->err, &b->err);
    CHECK(a->rc == b->rc);
    CHECK(a->size == b->size && a->digest == b->digest);
}

/* Sanitizers have an allocator of their own, and tell of it by this name. */
size_t __sanitizer_get_current_allocated_bytes(void) /* NOLINT(bugprone-reserved-identifier) */
    __attribute__((weak));

size_t cp_fuzz_heap_bytes(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}
