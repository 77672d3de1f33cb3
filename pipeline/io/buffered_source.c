/* A source over a stream: fills pool buffers, and hands out views into them.
 *
 *   buffer   [ consumed | start ... end | free ]      capacity, then padding
 *                         ^ cursor
 *
 * When more is wanted than lies behind the cursor, the rest (most often part of one record) moves
 * to the front: of this buffer if nobody else holds it, else of a fresh one, because blocks in
 * flight still read the old. Reads go up to the capacity and no further, so that with peeks of
 * the block size little has to move. */
#include "pipeline/core/checked.h"
#include "pipeline/io/source.h"

typedef struct buffered_source {
    cp_source base;
    cp_stream *stream;
    cp_pool *pool;
    cp_buffer *buffer;
    size_t start, end;
    bool at_end;
    cp_rc failure; /* of the stream: it is not asked again */
    cp_error failure_err;
} buffered_source;

/* Room for `want` bytes from the cursor on. */
static cp_rc make_room(buffered_source *self, size_t want, cp_error *err)
{
    size_t held = self->end - self->start;
    cp_buffer *old = self->buffer;
    if (old && want <= old->capacity && atomic_load(&old->references) == 1) {
        memmove(old->data, old->data + self->start, held);
    } else {
        cp_buffer *fresh;
        cp_rc rc = cp_pool_acquire(self->pool, want, &fresh, err);
        if (rc)
            return rc;
        if (old)
            memcpy(fresh->data, old->data + self->start, held);
        cp_buffer_release(old);
        self->buffer = fresh;
    }
    self->start = 0;
    self->end = held;
    return CP_OK;
}

static cp_rc fill(buffered_source *self, size_t want)
{
    while (self->end - self->start < want && !self->at_end && !self->failure) {
        size_t got = 0;
        self->failure =
            self->stream->read(self->stream, self->buffer->data + self->end,
                               self->buffer->capacity - self->end, &got, &self->failure_err);
        self->end += got;
        self->at_end = got == 0 && !self->failure;
    }
    return self->end - self->start < want ? self->failure : CP_OK;
}

/* A text record's end is a '\n' even where the input has none. */
static void end_the_last_line(const buffered_source *self)
{
    memset(self->buffer->data + self->end, 0, CP_PADDING_BYTES);
    self->buffer->data[self->end] = '\n';
}

/* Reads until `want` bytes are there, or the stream has no more to give. */
static cp_rc read_more(buffered_source *self, size_t want, cp_error *err)
{
    cp_rc rc = CP_OK;
    if (!self->failure && (!self->buffer || want > self->buffer->capacity - self->start))
        rc = make_room(self, want, err);
    if (rc)
        return rc;
    rc = fill(self, want);
    if (rc && err)
        *err = self->failure_err;
    if (self->at_end)
        end_the_last_line(self);
    return rc;
}

static cp_rc buffered_peek(cp_source *source, size_t want, cp_view *out, cp_error *err)
{
    buffered_source *self = (buffered_source *)source;
    cp_rc rc = CP_OK;
    if (self->end - self->start < want && !self->at_end)
        rc = read_more(self, want, err);
    *out =
        (cp_view){{self->buffer ? self->buffer->data + self->start : NULL, self->end - self->start},
                  self->buffer,
                  self->at_end};
    return rc;
}

static void buffered_consume(cp_source *source, size_t bytes)
{
    ((buffered_source *)source)->start += bytes;
    source->position += bytes;
}

static void buffered_close(cp_source *source)
{
    buffered_source *self = (buffered_source *)source;
    cp_buffer_release(self->buffer);
    self->stream->close(self->stream);
    free(self);
}

cp_rc cp_buffered_source_open(cp_stream *stream, cp_pool *pool, cp_source **out, cp_error *err)
{
    buffered_source *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        stream->close(stream);
        return rc;
    }
    self->base = (cp_source){buffered_peek, buffered_consume, buffered_close, 0};
    self->stream = stream;
    self->pool = pool;
    *out = &self->base;
    return CP_OK;
}
