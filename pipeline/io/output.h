/* One file being written, published whole or not at all.
 *
 *   open     a private temporary name beside the target
 *   write    buffered
 *   publish  flush, fsync, rename over the target, fsync of the folder: the only way to success
 *   close    without publish: the temporary file is removed and the target is as it was
 *
 * "-" is stdout, and a target that is no regular file (a pipe, /dev/null) is written in place. */
#ifndef CP_IO_OUTPUT_H
#define CP_IO_OUTPUT_H

#include "pipeline/core/error.h"
#include "pipeline/core/writer.h"

typedef struct cp_output cp_output;

/* What errors call the output at `path`. */
const char *cp_output_name(const char *path);

/* CP_E_CREATE, CP_E_LOCKED. A target that is open as standard output or error (/dev/stdout) is
 * written to there. */
cp_rc cp_output_open(const char *path, cp_output **out, cp_error *err);

/* The same; errors call it `name` (NULL: the path). */
cp_rc cp_output_open_as(const char *path, const char *name, cp_output **out, cp_error *err);

/* Where the bytes go; belongs to the output. CP_E_IO is sticky: after one failure every later
 * write and publish fails too. */
cp_writer *cp_output_writer(cp_output *output);

/* Everything above must have been finished. CP_E_IO, CP_E_CREATE. */
cp_rc cp_output_publish(cp_output *output, cp_error *err);

/* Frees; discards what was not published. NULL is allowed. */
void cp_output_close(cp_output *output);

#endif
