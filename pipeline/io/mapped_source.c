/* A source over sliding windows of a mapped file.
 *
 *   file     |------------[ window: one buffer, refs ]---------------|
 *                           ^ cursor
 *
 * A peek that the window cannot serve, padding included, maps the next one at the cursor's page.
 * The old window stays mapped while blocks hold it. Where the file's end leaves no padding, the
 * rest is read into a pool buffer. */
#include "pipeline/core/checked.h"
#include "pipeline/io/page_cache.h"
#include "pipeline/io/source.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct mapped_source {
    cp_source base;
    int fd;
    uint64_t file_bytes;
    size_t window_bytes;
    cp_pool *pool;
    cp_buffer *buffer; /* the window, or the rest of the file in memory */
    uint64_t origin;   /* file offset of buffer->data[0] */
    size_t readable;   /* bytes of the file in the buffer; a window's padding is kept off them */
    cp_page_cache cache;
} mapped_source;

static void unmap(cp_buffer *buffer)
{
    munmap(buffer->data, buffer->capacity + CP_PADDING_BYTES);
    free(buffer);
}

static cp_rc map_window(mapped_source *self, size_t want, cp_error *err)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t origin = self->base.position / page * page;
    uint64_t length = self->base.position - origin + want + CP_PADDING_BYTES;
    if (length < self->window_bytes)
        length = self->window_bytes;
    if (length > self->file_bytes - origin)
        length = self->file_bytes - origin;
    cp_buffer *window;
    cp_rc rc = cp_calloc(1, sizeof *window, &window, err);
    if (rc)
        return rc;
    void *mapped = mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, self->fd, (off_t)origin);
    if (mapped == MAP_FAILED) {
        free(window);
        return cp_fail_errno(err, CP_E_IO, "map_failed", errno, "cannot map %" PRIu64 " bytes",
                             length);
    }
    madvise(mapped, (size_t)length, MADV_SEQUENTIAL);
    window->data = mapped;
    window->capacity = (size_t)length - CP_PADDING_BYTES;
    window->destroy = unmap;
    atomic_init(&window->references, 1);
    cp_buffer_release(self->buffer);
    self->buffer = window;
    self->origin = origin;
    self->readable = window->capacity;
    cp_page_cache_behind(&self->cache,
                         origin > self->window_bytes ? origin - self->window_bytes : 0);
    return CP_OK;
}

static cp_rc read_rest(mapped_source *self, size_t bytes, cp_error *err)
{
    cp_buffer *buffer;
    cp_rc rc = cp_pool_acquire(self->pool, bytes, &buffer, err);
    if (rc)
        return rc;
    size_t held = 0;
    while (held < bytes) {
        ssize_t n =
            pread(self->fd, buffer->data + held, bytes - held, (off_t)(self->base.position + held));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rc = n < 0 ? cp_fail_errno(err, CP_E_IO, "read_failed", errno, "cannot read")
                       : cp_fail(err, CP_E_DATA, "truncated_input",
                                 "the file shrank while it was read: it had %" PRIu64
                                 " bytes when it was opened",
                                 self->file_bytes);
            cp_error_at_byte(err, self->base.position + held);
            cp_buffer_release(buffer);
            return rc;
        }
        held += (size_t)n;
    }
    memset(buffer->data + held, 0, CP_PADDING_BYTES);
    buffer->data[held] = '\n';
    cp_buffer_release(self->buffer);
    self->buffer = buffer;
    self->origin = self->base.position;
    self->readable = held;
    return CP_OK;
}

static cp_rc mapped_peek(cp_source *source, size_t want, cp_view *out, cp_error *err)
{
    mapped_source *self = (mapped_source *)source;
    uint64_t left = self->file_bytes - self->base.position;
    *out = (cp_view){0};
    size_t needed = want < left ? want : (size_t)left;
    if (!self->buffer || self->base.position + needed > self->origin + self->readable) {
        cp_rc rc = left <= (uint64_t)want + CP_PADDING_BYTES ? read_rest(self, (size_t)left, err)
                                                             : map_window(self, want, err);
        if (rc)
            return rc;
    }
    size_t at = (size_t)(self->base.position - self->origin);
    *out = (cp_view){{self->buffer->data + at, self->readable - at},
                     self->buffer,
                     self->origin + self->readable == self->file_bytes};
    return CP_OK;
}

static void mapped_consume(cp_source *source, size_t bytes)
{
    source->position += bytes;
}

static void mapped_close(cp_source *source)
{
    mapped_source *self = (mapped_source *)source;
    cp_buffer_release(self->buffer);
    close(self->fd);
    free(self);
}

cp_rc cp_mapped_source_open(int fd, uint64_t file_bytes, size_t window_bytes, cp_pool *pool,
                            cp_source **out, cp_error *err)
{
    mapped_source *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        close(fd);
        return rc;
    }
    self->base = (cp_source){mapped_peek, mapped_consume, mapped_close, 0};
    self->fd = fd;
    self->file_bytes = file_bytes;
    self->window_bytes = window_bytes;
    self->pool = pool;
    cp_page_cache_open(&self->cache, fd, file_bytes);
    *out = &self->base;
    return CP_OK;
}
