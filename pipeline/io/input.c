/* From a path to a source, by what the path turns out to be. */
#include "pipeline/io/input.h"

#include "pipeline/core/checked.h"
#include "pipeline/io/path.h"
#include "pipeline/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

cp_rc cp_open_failed(int number, cp_error *err)
{
    bool may_be_there = number == EMFILE || number == ENFILE || number == ENOMEM || number == EIO;
    return may_be_there ? cp_fail_errno(err, CP_E_IO, "open_failed", number, "cannot open")
                        : cp_fail_errno(err, CP_E_NOINPUT, "no_input", number, "cannot open");
}

cp_rc cp_path_open(const char *path, int *fd, cp_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    *fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? cp_open_failed(errno, err) : CP_OK;
}

static cp_rc open_source(int fd, const cp_io_options *options, cp_pool *pool, cp_source **out,
                         uint64_t *file_bytes, cp_error *err)
{
    struct stat status;
    cp_rc rc = CP_OK;
    if (fstat(fd, &status))
        rc = cp_open_failed(errno, err);
    else if (S_ISDIR(status.st_mode))
        rc = cp_fail(err, CP_E_NOINPUT, "is_folder",
                     "is a folder; name its files, for example with a quoted glob");
    if (rc) {
        close(fd);
        return rc;
    }
    off_t start = cp_has_size(&status) ? lseek(fd, 0, SEEK_CUR) : -1;
    *file_bytes = start < 0                ? UINT64_MAX
                  : start < status.st_size ? (uint64_t)(status.st_size - start)
                                           : 0; /* stdin, and somebody has read or moved past it */
    if (options->method == CP_READ_MMAP && start == 0)
        return cp_mapped_source_open(fd, *file_bytes, CP_MAP_WINDOW_BYTES, pool, out, err);
    cp_stream *stream;
    rc = cp_file_stream_open(fd, *file_bytes, options->chunk_bytes, &stream, err);
    return rc ? rc : cp_buffered_source_open(stream, pool, out, err);
}

cp_rc cp_input_open(const char *path, const cp_io_options *options, cp_pool *pool, cp_source **out,
                    uint64_t *file_bytes, cp_error *err)
{
    int fd;
    cp_rc rc = cp_path_open(path, &fd, err);
    if (!rc)
        rc = open_source(fd, options, pool, out, file_bytes, err);
    if (rc)
        cp_error_in(err, path);
    return rc;
}

static cp_rc append(cp_paths *paths, const char *path, cp_error *err)
{
    cp_rc rc =
        cp_grow(&paths->items, &paths->capacity, paths->count + 1, sizeof *paths->items, err);
    if (rc)
        return rc;
    char *copy = strdup(path);
    if (!copy)
        return cp_fail_memory(err, strlen(path) + 1);
    paths->items[paths->count++] = copy;
    return CP_OK;
}

static cp_rc append_matches(cp_paths *paths, const char *pattern, cp_error *err)
{
    glob_t matches = {0};
    cp_rc rc = CP_OK;
    switch (glob(pattern, 0, NULL, &matches)) {
    case 0:
        for (size_t i = 0; !rc && i < matches.gl_pathc; i++)
            rc = append(paths, matches.gl_pathv[i], err);
        break;
    case GLOB_NOSPACE:
        rc = cp_fail_memory(err, 0);
        break;
    default:
        rc = cp_fail(err, CP_E_NOINPUT, "no_input", "no file matches");
        cp_error_in(err, pattern);
    }
    globfree(&matches);
    return rc;
}

cp_rc cp_paths_add(cp_paths *paths, const char *pattern, cp_error *err)
{
    struct stat status;
    bool literal = strcmp(pattern, "-") == 0 || strpbrk(pattern, "*?[") == NULL ||
                   lstat(pattern, &status) == 0;
    return literal ? append(paths, pattern, err) : append_matches(paths, pattern, err);
}

cp_rc cp_paths_single(const cp_paths *paths, const char **out, cp_error *err)
{
    const char *why = paths->count > 1 ? " (a glob counts as the files that match it)" : "";
    if (paths->count != 1)
        return cp_fail(err, CP_E_USAGE, "usage", "one input is needed, and %zu are given%s",
                       paths->count, why);
    *out = paths->items[0];
    return CP_OK;
}

void cp_paths_free(cp_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (cp_paths){0};
}
