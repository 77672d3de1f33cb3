/* Publishing whole folders.
 *
 *   .OUT.casepipe-tmp/part-00000.parquet  --+-- OUT is not there: rename --------------> OUT/
 *                    /part-00001.parquet    +-- OUT is there: exchange, so that OUT is one or the
 *                                               other at every moment; what was exchanged goes
 *
 * Both folders are locked while they change places: under the temporary name another run takes what
 * is not locked for the rest of a killed one. */
#include "pipeline/io/parts.h"

#include "pipeline/core/checked.h"
#include "pipeline/io/output.h"
#include "pipeline/io/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

struct cp_parts {
    cp_target target;
    const char *extension;
    cp_temporary *pending;
    int fd;          /* the temporary folder, locked; -1: none */
    cp_output *part; /* being written; NULL: none */
    unsigned count;  /* begun so far */
};

/* ---- what stands at the target ---- */

static cp_rc cannot_create(cp_error *err, int number)
{
    return cp_fail_errno(err, CP_E_CREATE, "cannot_create", number, "cannot create");
}

static bool is_regular(DIR *folder, const char *name)
{
    struct stat status;
    return fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

static cp_rc check_entry(const cp_parts *self, DIR *folder, const char *name, unsigned *count,
                         cp_error *err)
{
    unsigned number;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return CP_OK;
    if (!cp_part_number(name, self->extension, &number) || !is_regular(folder, name))
        return cp_fail(err, CP_E_CREATE, "not_replaceable",
                       "holds %s, and a folder is replaced only where it holds nothing but "
                       "part-00000%s, part-00001%s and so on",
                       name, self->extension, self->extension);
    *count = number < *count ? *count : number + 1;
    return CP_OK;
}

/* That all in the folder are parts, numbered below *count. */
static cp_rc check_parts(const cp_parts *self, unsigned *count, cp_error *err)
{
    DIR *folder = opendir(self->target.path);
    if (!folder)
        return cannot_create(err, errno);
    cp_rc rc = CP_OK;
    *count = 0;
    const struct dirent *entry;
    while (!rc && (errno = 0, entry = readdir(folder)))
        rc = check_entry(self, folder, entry->d_name, count, err);
    if (!rc && errno)
        rc = cannot_create(err, errno);
    closedir(folder);
    return rc;
}

/* A target that exists and can be replaced; *count as above. */
static cp_rc check_target(const cp_parts *self, unsigned *count, cp_error *err)
{
    if (!S_ISDIR(self->target.status.st_mode))
        return cp_fail(err, CP_E_CREATE, "not_replaceable",
                       "is no folder, and parts are written into a folder of their own");
    if (faccessat(AT_FDCWD, self->target.path, W_OK | X_OK, AT_EACCESS))
        return cannot_create(err, errno);
    return check_parts(self, count, err);
}

/* ---- opening ---- */

static cp_rc find_target(cp_parts *self, const char *path, cp_error *err)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    char *without_slashes = strndup(path, size);
    if (!without_slashes)
        return cp_fail_memory(err, size + 1);
    cp_rc rc = cp_target_find(without_slashes, &self->target, err);
    free(without_slashes);
    return rc;
}

/* As `change`, which makes, renames or removes. */
static cp_rc change_names(cp_parts *self, cp_rc (*change)(cp_parts *, cp_error *), cp_error *err)
{
    sigset_t saved;
    cp_naming_begin(&saved);
    cp_rc rc = change(self, err);
    cp_naming_end(&saved);
    return rc;
}

static cp_rc make_empty(const char *path, cp_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot_create(err, errno);
    close(fd);
    return CP_OK;
}

/* With two files, before anything is read: the answer is the file system's. */
static cp_rc check_exchange(cp_parts *self, cp_error *err)
{
    char paths[2][PATH_MAX];
    for (unsigned i = 0; i < 2; i++)
        if (!cp_part_path(self->pending->path, i, self->extension, paths[i]))
            return cannot_create(err, ENAMETOOLONG);
    atomic_store(&self->pending->part_count, 2);
    cp_rc rc = make_empty(paths[0], err);
    if (!rc)
        rc = make_empty(paths[1], err);
    if (!rc && renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE))
        rc = cp_fail_errno(err, CP_E_CREATE, "cannot_exchange", errno,
                           "exists, and this file system cannot exchange it for a new one in one "
                           "step; remove it first");
    if (!rc && (unlink(paths[0]) || unlink(paths[1])))
        rc = cannot_create(err, errno);
    return rc;
}

static cp_rc check_replacing(cp_parts *self, cp_error *err)
{
    struct stat ours;
    if (fstat(self->fd, &ours))
        return cannot_create(err, errno);
    if (ours.st_dev != self->target.status.st_dev)
        return cp_fail(err, CP_E_CREATE, "not_replaceable",
                       "is a mount point and cannot be replaced; name a folder in it");
    return change_names(self, check_exchange, err);
}

static cp_rc open_parts(cp_parts *self, const char *path, cp_error *err)
{
    unsigned count;
    cp_rc rc = find_target(self, path, err);
    if (!rc && self->target.exists)
        rc = check_target(self, &count, err);
    if (!rc)
        rc = cp_temporary_make(self->target.path, self->extension, &self->pending, &self->fd, err);
    if (!rc && self->target.exists)
        rc = check_replacing(self, err);
    return rc;
}

cp_rc cp_parts_open(const char *path, const char *extension, cp_parts **out, cp_error *err)
{
    cp_parts *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->extension = extension;
    self->fd = -1;
    rc = open_parts(self, path, err);
    if (rc) {
        cp_error_in(err, path);
        cp_parts_close(self);
        return rc;
    }
    *out = self;
    return CP_OK;
}

/* ---- parts ---- */

cp_rc cp_parts_begin(cp_parts *self, cp_writer **out, cp_error *err)
{
    char path[PATH_MAX], name[PATH_MAX];
    cp_rc rc = CP_OK;
    if (self->count == CP_PARTS_MAX)
        rc = cp_fail(err, CP_E_CREATE, "too_many_parts",
                     "more than %d parts; they have to be larger", (int)CP_PARTS_MAX);
    else if (!cp_part_path(self->pending->path, self->count, self->extension, path) ||
             !cp_part_path(self->target.path, self->count, self->extension, name))
        rc = cannot_create(err, ENAMETOOLONG);
    if (rc) {
        cp_error_in(err, self->target.path);
        return rc;
    }
    atomic_store(&self->pending->part_count, ++self->count);
    rc = cp_output_open_as(path, name, &self->part, err);
    if (!rc)
        *out = cp_output_writer(self->part);
    return rc;
}

cp_rc cp_parts_end(cp_parts *self, cp_error *err)
{
    cp_rc rc = cp_output_publish(self->part, err);
    cp_output_close(self->part);
    self->part = NULL;
    return rc;
}

/* ---- publishing ---- */

static cp_rc write_failed(cp_error *err, int number, const char *what)
{
    return cp_fail_errno(err, CP_E_IO, "write_failed", number, "cannot %s", what);
}

static cp_rc exchange(cp_parts *self, cp_error *err)
{
    return renameat2(AT_FDCWD, self->pending->path, AT_FDCWD, self->target.path, RENAME_EXCHANGE)
               ? write_failed(err, errno, "rename into place")
               : CP_OK;
}

static cp_rc change_places(cp_parts *self, unsigned old_count, cp_error *err)
{
    /* We own the new folder: without rights in it the next run could not remove what is left of
     * this one. */
    mode_t mode = (self->target.status.st_mode & 07777) | S_IRWXU;
    if (fchmod(self->fd, mode) || (fsync(self->fd) && errno != EINVAL))
        return write_failed(err, errno, "write");
    if (old_count > atomic_load(&self->pending->part_count))
        atomic_store(&self->pending->part_count, old_count);
    cp_rc rc = change_names(self, exchange, err);
    return rc ? rc : cp_sync_parent(self->target.path, err);
}

/* The temporary name is free for another run, and the new folder is no longer locked. */
static void let_go(cp_parts *self)
{
    cp_temporary_give(self->pending);
    self->pending = NULL;
    close(self->fd);
    self->fd = -1;
}

/* The old folder is under the temporary name now, and locked. */
static cp_rc remove_old(cp_parts *self, cp_error *err)
{
    int number = cp_remove_parts(self->pending->path);
    if (number)
        return cp_fail_errno(err, CP_E_IO, "write_failed", number,
                             "is replaced, but cannot remove what it was, %s", self->pending->path);
    let_go(self);
    return CP_OK;
}

static cp_rc replace(cp_parts *self, cp_error *err)
{
    unsigned old_count;
    cp_rc rc = check_target(self, &old_count, err);
    if (rc)
        return rc;
    int old = open(self->target.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || flock(old, LOCK_EX | LOCK_NB))
        rc = write_failed(err, errno, "lock the folder that stands there");
    if (!rc)
        rc = change_places(self, old_count, err);
    if (!rc)
        rc = change_names(self, remove_old, err);
    if (old >= 0)
        close(old);
    return rc;
}

static cp_rc put_into_place(cp_parts *self, cp_error *err)
{
    if (rename(self->pending->path, self->target.path))
        return write_failed(err, errno, "rename into place");
    let_go(self);
    return CP_OK;
}

static cp_rc publish_first(cp_parts *self, cp_error *err)
{
    cp_rc rc = change_names(self, put_into_place, err);
    return rc ? rc : cp_sync_parent(self->target.path, err);
}

cp_rc cp_parts_publish(cp_parts *self, cp_error *err)
{
    self->target.exists = stat(self->target.path, &self->target.status) == 0;
    cp_rc rc = self->target.exists ? replace(self, err) : publish_first(self, err);
    if (rc)
        cp_error_in(err, self->target.path);
    return rc;
}

void cp_parts_close(cp_parts *self)
{
    if (!self)
        return;
    cp_output_close(self->part);
    cp_temporary_discard(self->pending);
    if (self->fd >= 0)
        close(self->fd);
    cp_target_free(&self->target);
    free(self);
}
