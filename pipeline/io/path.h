/* From a path to a file descriptor: what all ways of reading begin with. Private to pipeline/io. */
#ifndef CP_IO_PATH_H
#define CP_IO_PATH_H

#include "pipeline/core/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/* The file at `path`, or stdin for "-"; *fd is the caller's to close, -1 on failure.
 * CP_E_NOINPUT, CP_E_IO. */
cp_rc cp_path_open(const char *path, int *fd, cp_error *err);

/* Files that report no size of their own, in /proc for example, are read like pipes. */
static inline bool cp_has_size(const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_size > 0;
}

#endif
