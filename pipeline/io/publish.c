/* Targets, the names of parts, and making a temporary: its name and its lock. */
#include "pipeline/io/publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- targets ---- */

cp_rc cp_target_find(const char *path, cp_target *out, cp_error *err)
{
    struct stat link;
    *out = (cp_target){0};
    if (path[0] == '\0')
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", ENOENT, "cannot create");
    out->path = realpath(path, NULL);
    if (!out->path && errno != ENOMEM)
        out->path = strdup(path);
    if (!out->path)
        return cp_fail_memory(err, strlen(path) + 1);
    out->exists = stat(out->path, &out->status) == 0;
    return out->exists || lstat(out->path, &link)
               ? CP_OK
               : cp_fail(err, CP_E_CREATE, "cannot_create", "is a link that leads nowhere");
}

void cp_target_free(cp_target *target)
{
    free(target->path);
    *target = (cp_target){0};
}

cp_rc cp_sync_parent(const char *path, cp_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a folder (EINVAL); the rename is done all the same. */
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int number = errno;
    if (fd >= 0)
        close(fd);
    return ok ? CP_OK : cp_fail_errno(err, CP_E_IO, "write_failed", number, "cannot sync folder");
}

/* ---- parts ---- */

static const char part_word[] = "part-";
enum { WORD_BYTES = sizeof part_word - 1, DIGITS = 5 };

bool cp_part_path(const char *folder, unsigned number, const char *extension, char out[PATH_MAX])
{
    size_t folder_bytes = strlen(folder), extension_bytes = strlen(extension);
    if (folder_bytes + 1 + WORD_BYTES + DIGITS + extension_bytes >= PATH_MAX)
        return false;
    memcpy(out, folder, folder_bytes);
    char *end = out + folder_bytes;
    *end++ = '/';
    memcpy(end, part_word, WORD_BYTES);
    end += WORD_BYTES + DIGITS;
    for (int i = 1; i <= DIGITS; i++, number /= 10)
        end[-i] = (char)('0' + number % 10);
    memcpy(end, extension, extension_bytes + 1);
    return true;
}

bool cp_part_number(const char *name, const char *extension, unsigned *number)
{
    *number = 0;
    if (strncmp(name, part_word, WORD_BYTES) != 0)
        return false;
    const char *digit = name + WORD_BYTES;
    for (int i = 0; i < DIGITS; i++, digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        *number = *number * 10 + (unsigned)(*digit - '0');
    }
    return strcmp(digit, extension) == 0;
}

/* A part, or the temporary file of one. */
static bool is_ours(const char *name)
{
    const char *part = name[0] == '.' ? name + 1 : name;
    unsigned number;
    const char *rest = strlen(part) < WORD_BYTES + DIGITS ? "" : part + WORD_BYTES + DIGITS;
    return cp_part_number(part, rest, &number);
}

int cp_remove_parts(const char *folder)
{
    DIR *listing = opendir(folder);
    int number = errno;
    if (!listing)
        return number;
    number = 0;
    for (const struct dirent *entry; !number && (entry = readdir(listing));)
        if (is_ours(entry->d_name) && unlinkat(dirfd(listing), entry->d_name, 0))
            number = errno;
    closedir(listing);
    if (!number && rmdir(folder))
        number = errno;
    return number;
}

/* ---- making one ---- */

/* "dir/.name.casepipe-tmp" for "dir/name". */
static bool put_name(const char *target, char out[PATH_MAX])
{
    const char *slash = strrchr(target, '/');
    int folder = slash ? (int)(slash - target) + 1 : 0;
    int n = snprintf(out, PATH_MAX, "%.*s.%s.casepipe-tmp", folder, target, target + folder);
    return n > 0 && n < PATH_MAX;
}

static cp_rc cannot_create(cp_error *err, int number)
{
    return cp_fail_errno(err, CP_E_CREATE, "cannot_create", number, "cannot create");
}

/* CP_MORE: another run has renamed or removed it between our open and our lock, so that the name no
 * longer leads to what we hold. */
static cp_rc lock(const cp_temporary *self, int fd, cp_error *err)
{
    struct stat by_fd, by_path;
    if (flock(fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK
                   ? cp_fail(err, CP_E_LOCKED, "locked",
                             "another run is writing this %s; try later",
                             self->extension ? "folder" : "file")
                   : cp_fail_errno(err, CP_E_CREATE, "cannot_create", errno, "cannot lock");
    bool is_same = fstat(fd, &by_fd) == 0 && lstat(self->path, &by_path) == 0 &&
                   by_fd.st_dev == by_path.st_dev && by_fd.st_ino == by_path.st_ino;
    return is_same ? CP_OK : CP_MORE;
}

static int remove_either(const char *path, int fd)
{
    struct stat status;
    if (fstat(fd, &status))
        return errno;
    if (S_ISDIR(status.st_mode))
        return cp_remove_parts(path);
    if (!S_ISREG(status.st_mode))
        return EEXIST;
    return unlink(path) ? errno : 0;
}

/* What another run left at the name, unless it is still at work there. CP_MORE: try again. */
static cp_rc remove_left(const cp_temporary *self, cp_error *err)
{
    int fd = open(self->path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? CP_MORE : cannot_create(err, errno);
    cp_rc rc = lock(self, fd, err);
    int number = rc ? 0 : remove_either(self->path, fd);
    close(fd);
    if (number)
        return cp_fail_errno(err, CP_E_CREATE, "cannot_create", number, "cannot remove %s",
                             self->path);
    return rc ? rc : CP_MORE;
}

/* A file that is there is used again. */
static cp_rc make_file(const cp_temporary *self, int *fd, cp_error *err)
{
    *fd = open(self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (*fd >= 0)
        return lock(self, *fd, err);
    return errno == EISDIR ? remove_left(self, err) : cannot_create(err, errno);
}

static cp_rc make_folder(const cp_temporary *self, int *fd, cp_error *err)
{
    *fd = -1;
    if (mkdir(self->path, 0777))
        return errno == EEXIST ? remove_left(self, err) : cannot_create(err, errno);
    *fd = open(self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd >= 0)
        return lock(self, *fd, err);
    int number = errno;
    if (number == ENOENT) /* another run took it for one that is left */
        return CP_MORE;
    rmdir(self->path);
    return cannot_create(err, number);
}

static cp_rc make(const cp_temporary *self, int *fd, cp_error *err)
{
    cp_rc rc;
    do {
        rc = self->extension ? make_folder(self, fd, err) : make_file(self, fd, err);
        if (rc && *fd >= 0)
            close(*fd);
    } while (rc == CP_MORE);
    return rc;
}

static cp_rc make_listed(cp_temporary *self, int *fd, cp_error *err)
{
    sigset_t saved;
    cp_naming_begin(&saved);
    cp_rc rc = make(self, fd, err);
    if (!rc)
        cp_temporary_list(self);
    cp_naming_end(&saved);
    return rc;
}

cp_rc cp_temporary_make(const char *target, const char *extension, cp_temporary **out, int *fd,
                        cp_error *err)
{
    cp_temporary *self = cp_temporary_take(extension);
    *fd = -1;
    if (!self)
        return cp_fail(err, CP_E_CREATE, "cannot_create", "more than %d outputs at once",
                       (int)CP_TEMPORARIES_MAX);
    cp_rc rc = put_name(target, self->path) ? make_listed(self, fd, err)
                                            : cannot_create(err, ENAMETOOLONG);
    if (rc) {
        cp_temporary_give(self);
        *fd = -1;
        return rc;
    }
    *out = self;
    return CP_OK;
}
