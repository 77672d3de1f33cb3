/* Bytes that can be read in any order: a regular file, memory in tests. For what has its directory
 * at its end. */
#ifndef CP_CORE_SEEKABLE_H
#define CP_CORE_SEEKABLE_H

#include "pipeline/core/error.h"

/* One thread at a time. */
typedef struct cp_seekable {
    uint64_t bytes; /* how many there are */
    /* The `size` bytes from `offset` on, which lie within `bytes`. CP_E_IO; CP_E_DATA where the
     * file has become shorter since it was opened ("truncated_input"). Errors say the byte. */
    cp_rc (*read)(struct cp_seekable *, uint64_t offset, void *out, size_t size, cp_error *);
    /* Nothing before `offset` will be read again: the page cache need not keep it. */
    void (*pass)(struct cp_seekable *, uint64_t offset);
    void (*close)(struct cp_seekable *); /* frees the seekable itself */
} cp_seekable;

#endif
