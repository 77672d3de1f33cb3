/* read() in chunks, from regular files, pipes and devices. */
#include "pipeline/core/checked.h"
#include "pipeline/io/page_cache.h"
#include "pipeline/io/source.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

typedef struct file_stream {
    cp_stream base;
    int fd;
    uint64_t file_bytes;
    uint64_t position;
    size_t chunk_bytes;
    cp_page_cache cache;
} file_stream;

static cp_rc end_of_file(file_stream *self, cp_error *err)
{
    if (self->file_bytes == UINT64_MAX) {
        self->file_bytes = self->position; /* another writer may come to a pipe; the end stands */
        return CP_OK;
    }
    cp_fail(err, CP_E_DATA, "truncated_input",
            "the file shrank while it was read: it had %" PRIu64 " bytes when it was opened",
            self->file_bytes);
    cp_error_at_byte(err, self->position);
    return CP_E_DATA;
}

/* A pipe that another program has set to non-blocking is waited for all the same. */
static bool wait_for_bytes(int fd)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    return poll(&readable, 1, -1) > 0 || errno == EINTR;
}

static cp_rc file_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got, cp_error *err)
{
    file_stream *self = (file_stream *)stream;
    size_t wanted = capacity < self->chunk_bytes ? capacity : self->chunk_bytes;
    uint64_t left = self->file_bytes - self->position;
    if (wanted > left)
        wanted = (size_t)left;
    *got = 0;
    if (wanted == 0)
        return CP_OK;
    ssize_t n;
    do
        n = read(self->fd, out, wanted);
    while (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_bytes(self->fd))));
    if (n < 0) {
        cp_fail_errno(err, CP_E_IO, "read_failed", errno, "cannot read");
        cp_error_at_byte(err, self->position);
        return CP_E_IO;
    }
    if (n == 0)
        return end_of_file(self, err);
    self->position += (uint64_t)n;
    *got = (size_t)n;
    cp_page_cache_behind(&self->cache, self->position);
    return CP_OK;
}

static void file_close(cp_stream *stream)
{
    file_stream *self = (file_stream *)stream;
    close(self->fd);
    free(self);
}

cp_rc cp_file_stream_open(int fd, uint64_t file_bytes, size_t chunk_bytes, cp_stream **out,
                          cp_error *err)
{
    file_stream *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        close(fd);
        return rc;
    }
    *self = (file_stream){{file_read, file_close}, fd, file_bytes, 0, chunk_bytes, {0}};
    if (file_bytes != UINT64_MAX)
        cp_page_cache_open(&self->cache, fd, file_bytes);
    *out = &self->base;
    return CP_OK;
}
