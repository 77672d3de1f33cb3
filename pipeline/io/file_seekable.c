/* pread() over a regular file. */
#include "pipeline/core/checked.h"
#include "pipeline/io/page_cache.h"
#include "pipeline/io/path.h"
#include "pipeline/io/seekable.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

typedef struct file_seekable {
    cp_seekable base;
    int fd;
    cp_page_cache cache;
} file_seekable;

static cp_rc file_shrank(const file_seekable *self, uint64_t at, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "truncated_input",
            "the file shrank while it was read: it had %" PRIu64 " bytes when it was opened",
            self->base.bytes);
    cp_error_at_byte(err, at);
    return CP_E_DATA;
}

static cp_rc file_read(cp_seekable *seekable, uint64_t offset, void *out, size_t size,
                       cp_error *err)
{
    const file_seekable *self = (const file_seekable *)seekable;
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(self->fd, (uint8_t *)out + done, size - done, (off_t)(offset + done));
        if (n == 0)
            return file_shrank(self, offset + done, err);
        if (n < 0 && errno != EINTR) {
            cp_fail_errno(err, CP_E_IO, "read_failed", errno, "cannot read");
            cp_error_at_byte(err, offset + done);
            return CP_E_IO;
        }
        done += n < 0 ? 0 : (size_t)n;
    }
    return CP_OK;
}

static void file_pass(cp_seekable *seekable, uint64_t offset)
{
    file_seekable *self = (file_seekable *)seekable;
    if (offset > self->cache.dropped)
        cp_page_cache_behind(&self->cache, offset);
}

static void file_close(cp_seekable *seekable)
{
    file_seekable *self = (file_seekable *)seekable;
    close(self->fd);
    free(self);
}

static cp_rc open_seekable(int fd, uint64_t bytes, cp_seekable **out, cp_error *err)
{
    file_seekable *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    *self = (file_seekable){{bytes, file_read, file_pass, file_close}, fd, {0}};
    cp_page_cache_open(&self->cache, fd, bytes);
    *out = &self->base;
    return CP_OK;
}

cp_rc cp_seekable_open(const char *path, cp_seekable **out, cp_error *err)
{
    int fd;
    *out = NULL;
    cp_rc rc = cp_path_open(path, &fd, err);
    struct stat status;
    bool fits =
        !rc && fstat(fd, &status) == 0 && cp_has_size(&status) && lseek(fd, 0, SEEK_CUR) == 0;
    if (fits)
        rc = open_seekable(fd, (uint64_t)status.st_size, out, err);
    if (fd >= 0 && !*out)
        close(fd);
    if (rc)
        cp_error_in(err, path);
    return rc;
}
