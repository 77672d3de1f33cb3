/* A folder of part files being written, published whole or not at all.
 *
 *   open     a private temporary folder beside the target
 *   begin    part-00000.parquet, part-00001.parquet, ... in it
 *   end      of a part: flush, fsync
 *   publish  rename, or exchange with the folder that stood there, which is removed: the only way
 *            to success
 *   close    without publish: the temporary folder is removed and the target is as it was
 *
 * A target that exists is a folder of parts of the same extension, or empty. */
#ifndef CP_IO_PARTS_H
#define CP_IO_PARTS_H

#include "pipeline/core/error.h"
#include "pipeline/core/writer.h"

typedef struct cp_parts cp_parts;

/* `extension`: of the parts, with the dot; outlives the parts. CP_E_LOCKED. CP_E_CREATE, also where
 * the target is a file or a mount point, is not writable, holds anything else, which is named, or
 * exists on a file system that cannot exchange two folders (RENAME_EXCHANGE; NFS, for example):
 * there a moment without result could not be avoided, so whoever wants that removes the old one. */
cp_rc cp_parts_open(const char *path, const char *extension, cp_parts **out, cp_error *err);

/* The next part, whose bytes go into *out until its end; one at a time. CP_E_CREATE, also for more
 * than CP_PARTS_MAX; CP_E_MEMORY. */
cp_rc cp_parts_begin(cp_parts *parts, cp_writer **out, cp_error *err);
/* Its writer's users must have finished. CP_E_IO. */
cp_rc cp_parts_end(cp_parts *parts, cp_error *err);

/* All parts must have been ended. CP_E_IO; CP_E_CREATE where the target has become another than the
 * one that was looked at by open. After CP_E_IO the target may be the new one already: what failed
 * is to make it last, or to remove the old one. */
cp_rc cp_parts_publish(cp_parts *parts, cp_error *err);

/* Frees; discards what was not published. NULL is allowed. */
void cp_parts_close(cp_parts *parts);

#endif
