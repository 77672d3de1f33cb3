/* The temporary files and folders of this process, so that a signal can remove them.
 *
 *   any thread   begin  make | rename | remove, and list or give the name  end
 *   a signal     waits until no thread stands between begin and end, lets none begin again, removes
 *                what is listed; then it ends the process
 *
 * So the list is true whenever the signal reads it: what is there is listed, what is listed is
 * ours, and nothing is published or made once the removing has begun. */
#ifndef CP_IO_TEMPORARIES_H
#define CP_IO_TEMPORARIES_H

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { CP_TEMPORARIES_MAX = 64 };

/* Any thread may make one; then it belongs to one at a time. */
typedef struct cp_temporary {
    char path[PATH_MAX];
    /* Of a folder: what the names of its parts end with, which outlives the temporary, and how many
     * parts it may have, told before they are there. NULL: a file. */
    const char *extension;
    atomic_uint part_count;
    /* The inside. */
    atomic_bool taken;
    atomic_bool listed;
} cp_temporary;

/* ---- names change only between these two ---- */

/* Signals wait for the end; they do not nest. After a signal, begin does not return. */
void cp_naming_begin(sigset_t *saved);
void cp_naming_end(const sigset_t *saved); /* keeps errno */

/* ---- the list ---- */

/* A free entry, or NULL when CP_TEMPORARIES_MAX are in use; it is not listed. */
cp_temporary *cp_temporary_take(const char *extension);
/* Between begin and end: its path is there from now on. */
void cp_temporary_list(cp_temporary *temporary);
/* The entry is free again; removes nothing. Between begin and end where it was listed. NULL is
 * allowed. */
void cp_temporary_give(cp_temporary *temporary);
/* Removes the file, or the folder with its parts, and gives the entry. NULL is allowed. */
void cp_temporary_discard(cp_temporary *temporary);

/* Removes all of this process; async-signal-safe, for a handler that is about to end it. */
void cp_temporary_discard_all(void);

#endif
