/* Publishing whole files.
 *
 * The temporary name is fixed, so that what a killed run left behind is overwritten by the next
 * one; a lock on it keeps two runs from the same target. */
#include "pipeline/io/output.h"

#include "pipeline/core/checked.h"
#include "pipeline/io/publish.h"
#include "pipeline/io/write_behind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024 };

struct cp_output {
    cp_writer base;
    int fd;
    bool in_place; /* stdout, a pipe, a device */
    bool failed;
    int failed_errno;
    cp_target target; /* where it exists, its permissions go over to the new file */
    cp_temporary *pending;
    cp_write_behind behind;
    const char *name; /* what errors call it */
    char *own_name;   /* NULL where it is borrowed from the target */
    size_t used;
    char buffer[BUFFER_BYTES];
};

static cp_rc write_failed(cp_output *self, cp_error *err)
{
    self->failed = true;
    cp_fail_errno(err, CP_E_IO, "write_failed", self->failed_errno, "cannot write");
    cp_error_in(err, self->name);
    return CP_E_IO;
}

/* A pipe that another program has set to non-blocking is waited for all the same. */
static bool wait_for_room(int fd)
{
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    return poll(&writable, 1, -1) > 0 || errno == EINTR;
}

static cp_rc wrote(cp_output *self, size_t size, cp_error *err)
{
    if (self->in_place)
        return CP_OK;
    self->failed_errno = cp_write_behind_add(&self->behind, self->fd, size);
    return self->failed_errno ? write_failed(self, err) : CP_OK;
}

static cp_rc write_all(cp_output *self, const char *bytes, size_t size, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc && size > 0) {
        ssize_t n = write(self->fd, bytes, size);
        if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(self->fd))))
            continue;
        if (n < 0) {
            self->failed_errno = errno;
            return write_failed(self, err);
        }
        bytes += n;
        size -= (size_t)n;
        rc = wrote(self, (size_t)n, err);
    }
    return rc;
}

static cp_rc flush(cp_output *self, cp_error *err)
{
    if (self->failed)
        return write_failed(self, err);
    size_t size = self->used;
    self->used = 0;
    return write_all(self, self->buffer, size, err);
}

static cp_rc output_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    cp_output *self = (cp_output *)writer;
    cp_rc rc = CP_OK;
    if (self->failed || size > BUFFER_BYTES - self->used)
        rc = flush(self, err);
    if (rc)
        return rc;
    if (size >= BUFFER_BYTES)
        return write_all(self, bytes, size, err);
    if (size) /* else `bytes` may be NULL */
        memcpy(self->buffer + self->used, bytes, size);
    self->used += size;
    return CP_OK;
}

static cp_rc output_finish(cp_writer *writer, cp_error *err)
{
    return flush((cp_output *)writer, err);
}

static cp_rc open_temporary(cp_output *self, cp_error *err)
{
    cp_rc rc = cp_temporary_make(self->target.path, NULL, &self->pending, &self->fd, err);
    if (rc)
        return rc;
    mode_t mode = self->target.status.st_mode & 0777;
    /* Meanwhile writable for us whatever the target is: the next run has to open what a killed one
     * leaves behind. */
    if (ftruncate(self->fd, 0) ||
        (self->target.exists && fchmod(self->fd, mode | S_IRUSR | S_IWUSR)))
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot create");
    return CP_OK;
}

/* A standard stream that `existing` is too, or -1: what stands in it must not be replaced. */
static int stream_of(const struct stat *existing)
{
    struct stat stream;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &stream) == 0 && stream.st_dev == existing->st_dev &&
            stream.st_ino == existing->st_ino)
            return fd;
    return -1;
}

static cp_rc open_in_place(cp_output *self, int stream, cp_error *err)
{
    self->in_place = true;
    self->fd = stream >= 0 ? fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                           : open(self->target.path, O_WRONLY | O_CLOEXEC);
    return self->fd < 0
               ? cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot open for writing")
               : CP_OK;
}

const char *cp_output_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard output" : path;
}

static cp_rc open_target(cp_output *self, const char *path, cp_error *err)
{
    if (strcmp(path, "-") == 0) {
        self->in_place = true;
        self->fd = STDOUT_FILENO;
        self->name = cp_output_name(path);
        return CP_OK;
    }
    cp_rc rc = cp_target_find(path, &self->target, err);
    self->name = self->target.path;
    if (rc || !self->target.exists)
        return rc ? rc : open_temporary(self, err);
    mode_t mode = self->target.status.st_mode;
    if (S_ISDIR(mode))
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", EISDIR, "cannot create");
    int stream = stream_of(&self->target.status);
    return S_ISREG(mode) && stream < 0 ? open_temporary(self, err)
                                       : open_in_place(self, stream, err);
}

static void writer_close(cp_writer *writer)
{
    cp_output_close((cp_output *)writer);
}

cp_rc cp_output_open_as(const char *path, const char *name, cp_output **out, cp_error *err)
{
    cp_output *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_writer){output_write, output_finish, writer_close};
    self->fd = -1;
    rc = open_target(self, path, err);
    if (!rc && name) {
        self->own_name = strdup(name);
        self->name = self->own_name;
        rc = self->own_name ? CP_OK : cp_fail_memory(err, strlen(name) + 1);
    }
    if (rc) {
        cp_error_in(err, name ? name : path);
        cp_output_close(self);
        return rc;
    }
    *out = self;
    return CP_OK;
}

cp_rc cp_output_open(const char *path, cp_output **out, cp_error *err)
{
    return cp_output_open_as(path, NULL, out, err);
}

cp_writer *cp_output_writer(cp_output *output)
{
    return &output->base;
}

static cp_rc restore_mode(cp_output *self, cp_error *err)
{
    bool keeps = self->pending && self->target.exists;
    if (!keeps || fchmod(self->fd, self->target.status.st_mode & 07777) == 0)
        return CP_OK;
    self->failed_errno = errno;
    return write_failed(self, err);
}

static cp_rc sync_file(cp_output *self, cp_error *err)
{
    if (fsync(self->fd) == 0 || (self->in_place && (errno == EINVAL || errno == EROFS)))
        return CP_OK;
    self->failed_errno = errno;
    return write_failed(self, err);
}

static bool put_into_place(cp_output *self)
{
    sigset_t saved;
    cp_naming_begin(&saved);
    bool ok = rename(self->pending->path, self->target.path) == 0;
    if (ok) {
        cp_temporary_give(self->pending);
        self->pending = NULL;
    }
    cp_naming_end(&saved);
    return ok;
}

static cp_rc rename_into_place(cp_output *self, cp_error *err)
{
    if (put_into_place(self))
        return CP_OK;
    self->failed = true;
    self->failed_errno = errno;
    cp_fail_errno(err, CP_E_IO, "write_failed", errno, "cannot rename into place");
    cp_error_in(err, self->name);
    return CP_E_IO;
}

cp_rc cp_output_publish(cp_output *self, cp_error *err)
{
    cp_rc rc = flush(self, err);
    if (!rc)
        rc = restore_mode(self, err);
    if (!rc)
        rc = sync_file(self, err);
    if (rc || self->in_place)
        return rc;
    rc = rename_into_place(self, err);
    if (rc)
        return rc;
    rc = cp_sync_parent(self->target.path, err);
    if (rc)
        cp_error_in(err, self->name);
    return rc;
}

void cp_output_close(cp_output *self)
{
    if (!self)
        return;
    cp_temporary_discard(self->pending);
    if (self->fd > STDERR_FILENO)
        close(self->fd);
    cp_target_free(&self->target);
    free(self->own_name);
    free(self);
}
