/* The contract of an archive format: a source of bytes becomes a sequence of members, each a
 * stream of its own, never extracted to disk.
 *
 * To add one: a file that defines a `const cp_container`, and its row in formats/archive. */
#ifndef CP_CORE_CONTAINER_H
#define CP_CORE_CONTAINER_H

#include "pipeline/core/source.h"

typedef struct cp_member {
    const char *name;  /* as the archive spells it; good until the next call */
    uint64_t bytes;    /* its size by the archive's own word; 0 where it does not say */
    cp_stream *stream; /* the caller's to close, before or after the next call; where the bytes
                        * cannot be had, encrypted ones for example, its first read says so */
} cp_member;

/* One thread at a time, the members' streams included; only the newest member can be read. */
typedef struct cp_archive {
    /* The next regular file, CP_END behind the last: then the archive has been read to its end
     * marker. CP_E_DATA for what is cut or damaged; the message names the member before it. */
    cp_rc (*next)(struct cp_archive *, cp_member *out, cp_error *);
    void (*close)(struct cp_archive *); /* frees the archive and the source under it */
} cp_archive;

/* What probes are shown at least, where there is as much; and the score from which on an archive is
 * one even where the user says that records may be any bytes. */
enum { CP_CONTAINER_HEAD_BYTES = 64 * 1024, CP_CONTAINER_SURE = 50 };

typedef struct cp_container {
    const char *name;
    /* 0: the head is not mine; higher is surer. A head of less than CP_CONTAINER_HEAD_BYTES is all
     * that there is. */
    int (*probe)(cp_span head);
    /* Reads from `bytes`, which it owns from here on, also where this fails. `path` names the
     * same bytes where they are a regular file, for formats that have to seek; else it is NULL. */
    cp_rc (*open)(cp_source *bytes, const char *path, cp_archive **out, cp_error *);
} cp_container;

#endif
