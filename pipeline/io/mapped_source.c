/* A source over sliding windows of a mapped file.
 *
 *   file     |------------[ window: one buffer, refs ]---------------|
 *                           ^ cursor
 *
 * A peek that the window cannot serve, padding included, maps the next one at the cursor's page.
 * The old window stays mapped while blocks hold it. Where the file's end leaves no padding, the
 * rest is read into a pool buffer. */
#include "pipeline/core/checked.h"
#include "pipeline/io/map_guard.h"
#include "pipeline/io/page_cache.h"
#include "pipeline/io/source.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
    cp_map_guard_remove(buffer);
    munmap(buffer->data, buffer->capacity + CP_PADDING_BYTES);
    free(buffer);
}

/* From now on the views come from `buffer`, whose first byte is the file's byte at `origin`. */
static void adopt(mapped_source *self, cp_buffer *buffer, uint64_t origin, size_t readable)
{
    cp_buffer_release(self->buffer);
    self->buffer = buffer;
    self->origin = origin;
    self->readable = readable;
}

static cp_rc shrank(const mapped_source *self, uint64_t at, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "truncated_input",
            "the file shrank while it was read: it had %" PRIu64 " bytes when it was opened",
            self->file_bytes);
    cp_error_at_byte(err, at);
    return CP_E_DATA;
}

/* `bytes` from the cursor on into memory. */
static cp_rc read_bytes(mapped_source *self, cp_buffer *buffer, size_t bytes, cp_error *err)
{
    size_t held = 0;
    while (held < bytes) {
        uint64_t at = self->base.position + held;
        ssize_t n = pread(self->fd, buffer->data + held, bytes - held, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            return shrank(self, at, err);
        if (n < 0) {
            cp_fail_errno(err, CP_E_IO, "read_failed", errno, "cannot read");
            cp_error_at_byte(err, at);
            return CP_E_IO;
        }
        held += (size_t)n;
    }
    return CP_OK;
}

static cp_rc read_window(mapped_source *self, size_t bytes, cp_error *err)
{
    cp_buffer *buffer;
    cp_rc rc = cp_pool_acquire(self->pool, bytes, &buffer, err);
    if (rc)
        return rc;
    rc = read_bytes(self, buffer, bytes, err);
    if (rc) {
        cp_buffer_release(buffer);
        return rc;
    }
    memset(buffer->data + bytes, 0, CP_PADDING_BYTES);
    buffer->data[bytes] = '\n';
    adopt(self, buffer, self->base.position, bytes);
    return CP_OK;
}

/* A guarded mapping of `length` bytes; *out NULL where there are too many for the guard. */
static cp_rc make_window(const mapped_source *self, uint64_t origin, size_t length, cp_buffer **out,
                         cp_error *err)
{
    cp_buffer *window;
    *out = NULL;
    cp_rc rc = cp_calloc(1, sizeof *window, &window, err);
    if (rc)
        return rc;
    void *mapped = mmap(NULL, length, PROT_READ, MAP_SHARED, self->fd, (off_t)origin);
    if (mapped == MAP_FAILED) {
        free(window);
        return cp_fail_errno(err, CP_E_IO, "map_failed", errno, "cannot map %zu bytes", length);
    }
    madvise(mapped, length, MADV_SEQUENTIAL);
    window->data = mapped;
    window->capacity = length - CP_PADDING_BYTES;
    window->destroy = unmap;
    atomic_init(&window->references, 1);
    if (cp_map_guard_add(window, length)) {
        *out = window;
        return CP_OK;
    }
    munmap(mapped, length);
    free(window);
    return CP_OK;
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
    cp_rc rc = make_window(self, origin, (size_t)length, &window, err);
    if (rc)
        return rc;
    if (!window)
        return read_window(self, want, err);
    adopt(self, window, origin, window->capacity);
    cp_page_cache_behind(&self->cache,
                         origin > self->window_bytes ? origin - self->window_bytes : 0);
    return CP_OK;
}

/* Where the new end of a file that shrank lies within a page, zeros follow that no guard sees. */
static bool is_lost(const mapped_source *self)
{
    struct stat status;
    if (!self->buffer || self->buffer->destroy != unmap)
        return false;
    if (fstat(self->fd, &status) == 0 && (uint64_t)status.st_size < self->origin + self->readable)
        atomic_store(&self->buffer->lost, true);
    return atomic_load(&self->buffer->lost);
}

static cp_rc mapped_peek(cp_source *source, size_t want, cp_view *out, cp_error *err)
{
    mapped_source *self = (mapped_source *)source;
    uint64_t left = self->file_bytes - self->base.position;
    *out = (cp_view){0};
    if (is_lost(self))
        return shrank(self, self->base.position, err);
    size_t needed = want < left ? want : (size_t)left;
    if (!self->buffer || self->base.position + needed > self->origin + self->readable) {
        cp_rc rc = left <= (uint64_t)want + CP_PADDING_BYTES ? read_window(self, (size_t)left, err)
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
