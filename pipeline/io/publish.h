/* What publishing a file and publishing a folder of parts share: targets, the temporary names
 * beside them and their locks, the names of parts.
 *
 *   target      dir/name
 *   temporary   dir/.name.casepipe-tmp   fixed: what a killed run left is found by the next one,
 * and a lock on it keeps two runs from the same target
 */
#ifndef CP_IO_PUBLISH_H
#define CP_IO_PUBLISH_H

#include "pipeline/core/error.h"
#include "pipeline/io/temporaries.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

enum { CP_PARTS_MAX = 100000 }; /* names of parts sort as their numbers do */

/* ---- targets ---- */

typedef struct cp_target {
    char *path;  /* through a symbolic link: what it leads to; owned */
    bool exists; /* then its status: */
    struct stat status;
} cp_target;

/* CP_E_CREATE for an empty path and for a link that leads nowhere; CP_E_MEMORY. */
cp_rc cp_target_find(const char *path, cp_target *out, cp_error *err);
void cp_target_free(cp_target *target); /* may be called twice */

/* Syncs the folder that `path` stands in. CP_E_IO. */
cp_rc cp_sync_parent(const char *path, cp_error *err);

/* ---- temporaries ---- */

/* A file, or (`extension`) a new and empty folder, at the temporary name of `target`: open as *fd
 * and locked. What a killed run left there is used again or removed. CP_E_LOCKED; CP_E_CREATE. */
cp_rc cp_temporary_make(const char *target, const char *extension, cp_temporary **out, int *fd,
                        cp_error *err);

/* ---- parts ---- */

/* "FOLDER/part-00000.parquet" into `out`; false where it does not fit. Async-signal-safe. */
bool cp_part_path(const char *folder, unsigned number, const char *extension, char out[PATH_MAX]);

/* Whether `name` is that of a part, and its number. */
bool cp_part_number(const char *name, const char *extension, unsigned *number);

/* Removes a folder that holds parts of any extension, and what a killed run had begun of them, and
 * nothing else. Returns 0 or an errno value: ENOTEMPTY where there is more in it. */
int cp_remove_parts(const char *folder);

#endif
