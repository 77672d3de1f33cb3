/* Regular files, read in any order. */
#ifndef CP_IO_SEEKABLE_H
#define CP_IO_SEEKABLE_H

#include "pipeline/core/seekable.h"

/* The file at `path`, or stdin for "-" where that is a regular file at its start. *out is NULL for
 * what is no such file: a pipe, a device, a folder, a file without a size of its own.
 * CP_E_NOINPUT, CP_E_IO, CP_E_MEMORY; the error names `path`. */
cp_rc cp_seekable_open(const char *path, cp_seekable **out, cp_error *err);

#endif
