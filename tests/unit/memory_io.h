/* Streams and writers in memory: bytes that come in odd sizes, a failure at a chosen byte. */
#ifndef CP_TESTS_UNIT_MEMORY_IO_H
#define CP_TESTS_UNIT_MEMORY_IO_H

#include "pipeline/core/source.h"
#include "tests/unit/random.h"

/* Gives `bytes` (borrowed) in pieces of 1 to `most` bytes, then the end. */
typedef struct memory_stream {
    cp_stream base;
    cp_span bytes;
    size_t at;
    size_t most;
    size_t fails_at; /* a read that begins here fails with CP_E_IO, once; SIZE_MAX: none */
    unsigned *closed;
} memory_stream;

static inline cp_rc memory_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                                cp_error *err)
{
    memory_stream *self = (memory_stream *)stream;
    size_t size = self->bytes.size - self->at;
    assert_true(capacity > 0); /* else an end could not be told from a full buffer */
    if (self->at == self->fails_at) {
        self->fails_at = SIZE_MAX;
        return cp_fail(err, CP_E_IO, "read_failed", "cannot read");
    }
    if (size > self->most)
        size = 1 + (size_t)random_below(self->most);
    if (size > capacity)
        size = capacity;
    if (self->at < self->fails_at && size > self->fails_at - self->at)
        size = self->fails_at - self->at;
    if (size)
        memcpy(out, self->bytes.data + self->at, size);
    self->at += size;
    *got = size;
    return CP_OK;
}

static inline void memory_stream_close(cp_stream *stream)
{
    memory_stream *self = (memory_stream *)stream;
    if (self->closed)
        ++*self->closed;
    free(stream);
}

/* `closed` (NULL is allowed) counts how often the stream was closed. */
static inline memory_stream *memory_stream_open(cp_span bytes, size_t most, unsigned *closed)
{
    memory_stream *self = malloc(sizeof *self);
    assert_non_null(self);
    *self = (memory_stream){
        {memory_read, memory_stream_close}, bytes, 0, most, SIZE_MAX, closed,
    };
    return self;
}

/* Keeps what is written; on the caller's stack, so close frees only what it holds. */
typedef struct memory_writer {
    cp_writer base;
    char *bytes; /* ends with a 0 that is not counted */
    size_t size;
    size_t room; /* more than this fails with CP_E_IO */
    unsigned calls;
    unsigned finished;
} memory_writer;

static inline cp_rc memory_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    memory_writer *self = (memory_writer *)writer;
    self->calls++;
    if (size > self->room - self->size)
        return cp_fail(err, CP_E_IO, "write_failed", "cannot write");
    char *grown = realloc(self->bytes, self->size + size + 1);
    assert_non_null(grown);
    if (size)
        memcpy(grown + self->size, bytes, size);
    self->bytes = grown;
    self->size += size;
    grown[self->size] = '\0';
    return CP_OK;
}

static inline cp_rc memory_finish(cp_writer *writer, cp_error *err)
{
    (void)err;
    ((memory_writer *)writer)->finished++;
    return CP_OK;
}

static inline void memory_writer_close(cp_writer *writer)
{
    memory_writer *self = (memory_writer *)writer;
    free(self->bytes);
    self->bytes = NULL;
    self->size = 0;
}

static inline memory_writer memory_writer_open(void)
{
    return (memory_writer){
        .base = {memory_write, memory_finish, memory_writer_close},
        .room = SIZE_MAX,
    };
}

#endif
