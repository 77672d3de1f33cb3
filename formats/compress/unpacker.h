/* What every decompressing stream shares: the loop, the end, and when an error is told.
 *
 *   source --peek--> step --bytes--> read's caller
 *                      |                 good bytes first; the error with the call after them,
 *                      +--- error --->   and with every later one
 *
 * A codec puts a cp_unpacker first in its own struct and says how one step goes. */
#ifndef CP_FORMATS_COMPRESS_UNPACKER_H
#define CP_FORMATS_COMPRESS_UNPACKER_H

#include "pipeline/core/source.h"

typedef struct cp_unpacker cp_unpacker;

/* Where a step puts its bytes. */
typedef struct cp_unpack_out {
    uint8_t *bytes;
    size_t capacity; /* at least 1 */
    size_t size;     /* filled by the step, also by one that fails */
} cp_unpack_out;

typedef struct cp_unpacker_type {
    const char *name; /* the codec's, for messages */
    /* Moves on: takes input, gives bytes, sets `ended`, or fails. */
    cp_rc (*step)(cp_unpacker *, cp_unpack_out *, cp_error *);
    /* Releases what the codec itself holds, also where it holds only a part of it. */
    void (*release)(cp_unpacker *);
    /* How many bytes the library gives before it sees damage depends on how many it may give: so
     * that is settled by a buffer of the unpacker's own, which costs a copy. */
    bool fills_own_buffer;
} cp_unpacker_type;

enum { CP_UNPACK_OWN_BYTES = 64 << 10 };

struct cp_unpacker {
    cp_stream base;
    const cp_unpacker_type *type;
    cp_source *compressed; /* owned */
    uint64_t produced;     /* bytes given, without those of the running step */
    bool ended;            /* set by the step at the clean end */
    cp_rc failed;          /* CP_OK: not yet */
    cp_error failure;
    uint8_t *own; /* CP_UNPACK_OWN_BYTES, or NULL */
    size_t own_start, own_end;
};

/* An unpacker of `bytes` bytes, zeroed behind the cp_unpacker, at *out (the address of a pointer
 * to the codec's struct). `compressed` is the unpacker's from here on, also where this fails.
 * base.close frees all of it. CP_E_MEMORY. */
cp_rc cp_unpacker_open(const cp_unpacker_type *type, size_t bytes, cp_source *compressed, void *out,
                       cp_error *err);

/* Where something that begins like the codec has to follow, or the end. `begins` answers whether
 * `head`, which may be shorter than `magic_bytes` only at the end, can be a beginning. Sets
 * `ended` at a clean end. CP_E_DATA: what follows is something else, or is cut ("truncated_input",
 * also for an input without a byte). */
cp_rc cp_unpack_boundary(cp_unpacker *self, bool (*begins)(cp_span head), size_t magic_bytes,
                         cp_error *err);

/* Compressed bytes from the cursor on, for a library that says how many it wants next: `wanted` of
 * them (at least 1) in one piece, fewer at the end, before a failure, and where that is many. How
 * many depends on `wanted` and the input alone, not on how it arrives. A failure of the source is
 * told when all before it has been consumed. */
cp_rc cp_unpack_peek(cp_unpacker *self, size_t wanted, cp_span *in, cp_error *err);

/* The failures that all have; each returns CP_E_DATA.
 *
 * The input ended too early; `where` says how: "inside a frame". "truncated_input". */
cp_rc cp_unpack_truncated(const cp_unpacker *self, const char *where, cp_error *err);

/* The compressed bytes are wrong; `what` says how. "corrupt_input". */
cp_rc cp_unpack_corrupt(const cp_unpacker *self, const char *what, cp_error *err);

/* More memory would be needed than --max-window allows. "window_too_large". */
cp_rc cp_unpack_window(const cp_unpacker *self, const char *unit, cp_error *err);

/* Other bytes stand at the cursor, behind the last stream. "corrupt_input". */
cp_rc cp_unpack_garbage(const cp_unpacker *self, cp_error *err);

#endif
