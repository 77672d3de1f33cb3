/* Publishing whole files.
 *
 * The temporary name is fixed (".NAME.casepipe-tmp" beside the target), so that what a killed run
 * left behind is overwritten by the next one; a lock on it keeps two runs from the same target. */
#include "pipeline/io/output.h"

#include "pipeline/core/checked.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, PENDING_MAX = 64 };

/* The temporary files of this process, for cp_output_discard_all. */
static struct pending {
    atomic_bool taken;
    atomic_bool listed; /* set last: a signal never sees half a path */
    char path[PATH_MAX];
} pending_files[PENDING_MAX];

struct cp_output {
    cp_writer base;
    int fd;
    bool in_place; /* stdout, a pipe, a device */
    bool failed;
    int failed_errno;
    bool keeps_mode; /* the target exists; its permissions go over to the new file */
    mode_t mode;
    struct pending *pending;
    char *target;
    size_t used;
    char buffer[BUFFER_BYTES];
};

static cp_rc write_failed(cp_output *self, cp_error *err)
{
    self->failed = true;
    cp_fail_errno(err, CP_E_IO, "write_failed", self->failed_errno, "cannot write");
    cp_error_in(err, self->target);
    return CP_E_IO;
}

/* A pipe that another program has set to non-blocking is waited for all the same. */
static bool wait_for_room(int fd)
{
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    return poll(&writable, 1, -1) > 0 || errno == EINTR;
}

static cp_rc write_all(cp_output *self, const char *bytes, size_t size, cp_error *err)
{
    while (size > 0) {
        ssize_t n = write(self->fd, bytes, size);
        if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_for_room(self->fd))))
            continue;
        if (n < 0) {
            self->failed_errno = errno;
            return write_failed(self, err);
        }
        bytes += n;
        size -= (size_t)n;
    }
    return CP_OK;
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
    if (size) /* no bytes may be no pointer */
        memcpy(self->buffer + self->used, bytes, size);
    self->used += size;
    return CP_OK;
}

static cp_rc output_finish(cp_writer *writer, cp_error *err)
{
    return flush((cp_output *)writer, err);
}

static struct pending *take_pending(void)
{
    for (size_t i = 0; i < PENDING_MAX; i++) {
        bool expected = false;
        if (atomic_compare_exchange_strong(&pending_files[i].taken, &expected, true))
            return &pending_files[i];
    }
    return NULL;
}

static void give_pending(struct pending *pending)
{
    if (!pending)
        return;
    atomic_store(&pending->listed, false);
    atomic_store(&pending->taken, false);
}

void cp_output_discard_all(void)
{
    for (size_t i = 0; i < PENDING_MAX; i++)
        if (atomic_load(&pending_files[i].listed))
            unlink(pending_files[i].path);
}

/* "dir/.name.casepipe-tmp" for "dir/name". */
static bool temporary_name(const char *target, char out[PATH_MAX])
{
    const char *slash = strrchr(target, '/');
    int folder = slash ? (int)(slash - target) + 1 : 0;
    int n = snprintf(out, PATH_MAX, "%.*s.%s.casepipe-tmp", folder, target, target + folder);
    return n > 0 && n < PATH_MAX;
}

static bool same_file(int fd, const char *path)
{
    struct stat by_fd, by_path;
    return fstat(fd, &by_fd) == 0 && stat(path, &by_path) == 0 && by_fd.st_dev == by_path.st_dev &&
           by_fd.st_ino == by_path.st_ino;
}

/* Opens and locks the temporary file. Another run may rename or remove it between our open and
 * our lock: then the name no longer leads to what we hold, and we open again. */
static cp_rc lock_temporary(cp_output *self, const char *path, cp_error *err)
{
    for (;;) {
        self->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (self->fd < 0)
            return cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot create");
        if (flock(self->fd, LOCK_EX | LOCK_NB))
            return errno == EWOULDBLOCK
                       ? cp_fail(err, CP_E_LOCKED, "locked",
                                 "another run is writing this file; try later")
                       : cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot lock");
        if (same_file(self->fd, path))
            return CP_OK;
        close(self->fd);
    }
}

static cp_rc open_temporary(cp_output *self, const struct stat *existing, cp_error *err)
{
    struct pending *slot = take_pending();
    if (!slot)
        return cp_fail(err, CP_E_CREATE, "cannot_create", "more than %d outputs at once",
                       (int)PENDING_MAX);
    cp_rc rc = CP_OK;
    if (!temporary_name(self->target, slot->path))
        rc = cp_fail_errno(err, CP_E_CREATE, "cannot_create", ENAMETOOLONG, "cannot create");
    if (!rc)
        rc = lock_temporary(self, slot->path, err);
    if (rc) {
        give_pending(slot);
        return rc;
    }
    self->pending = slot;
    atomic_store(&slot->listed, true);
    if (existing) {
        self->keeps_mode = true;
        self->mode = existing->st_mode & 07777;
    }
    /* Meanwhile writable for us whatever the target is: the next run has to open what a killed one
     * leaves behind. */
    if (ftruncate(self->fd, 0) ||
        (existing && fchmod(self->fd, (self->mode & 0777) | S_IRUSR | S_IWUSR)))
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
                           : open(self->target, O_WRONLY | O_CLOEXEC);
    return self->fd < 0
               ? cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot open for writing")
               : CP_OK;
}

static cp_rc open_target(cp_output *self, const char *path, cp_error *err)
{
    if (strcmp(path, "-") == 0) {
        self->in_place = true;
        self->fd = STDOUT_FILENO;
        self->target = strdup("standard output");
        return self->target ? CP_OK : cp_fail_memory(err, sizeof "standard output");
    }
    if (path[0] == '\0')
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", ENOENT, "cannot create");
    /* Through a symbolic link the file it leads to is replaced, not the link. */
    char *resolved = realpath(path, NULL);
    self->target = resolved ? resolved : strdup(path);
    if (!self->target)
        return cp_fail_memory(err, strlen(path) + 1);
    struct stat existing;
    if (stat(self->target, &existing))
        return lstat(self->target, &existing) == 0
                   ? cp_fail(err, CP_E_CREATE, "cannot_create", "is a link that leads nowhere")
                   : open_temporary(self, NULL, err);
    if (S_ISDIR(existing.st_mode))
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", EISDIR, "cannot create");
    int stream = stream_of(&existing);
    return S_ISREG(existing.st_mode) && stream < 0 ? open_temporary(self, &existing, err)
                                                   : open_in_place(self, stream, err);
}

static void writer_close(cp_writer *writer)
{
    cp_output_close((cp_output *)writer);
}

cp_rc cp_output_open(const char *path, cp_output **out, cp_error *err)
{
    cp_output *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_writer){output_write, output_finish, writer_close};
    self->fd = -1;
    rc = open_target(self, path, err);
    if (rc) {
        cp_error_in(err, path);
        cp_output_close(self);
        return rc;
    }
    *out = self;
    return CP_OK;
}

cp_writer *cp_output_writer(cp_output *output)
{
    return &output->base;
}

static cp_rc sync_folder(const cp_output *self, cp_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(self->target, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - self->target) + 1 : 1,
             slash ? self->target : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a folder (EINVAL); the rename is done all the same. */
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int number = errno;
    if (fd >= 0)
        close(fd);
    return ok ? CP_OK : cp_fail_errno(err, CP_E_IO, "write_failed", number, "cannot sync folder");
}

static cp_rc restore_mode(cp_output *self, cp_error *err)
{
    if (!self->keeps_mode || fchmod(self->fd, self->mode) == 0)
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

static cp_rc rename_into_place(cp_output *self, cp_error *err)
{
    if (rename(self->pending->path, self->target) == 0)
        return CP_OK;
    self->failed = true;
    self->failed_errno = errno;
    cp_fail_errno(err, CP_E_IO, "write_failed", errno, "cannot rename into place");
    cp_error_in(err, self->target);
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
    give_pending(self->pending);
    self->pending = NULL;
    rc = sync_folder(self, err);
    if (rc)
        cp_error_in(err, self->target);
    return rc;
}

void cp_output_close(cp_output *self)
{
    if (!self)
        return;
    if (self->pending) {
        unlink(self->pending->path);
        give_pending(self->pending);
    }
    if (self->fd > STDERR_FILENO)
        close(self->fd);
    free(self->target);
    free(self);
}
