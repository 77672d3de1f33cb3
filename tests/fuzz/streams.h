/* What the targets over streams share: bytes that arrive in chosen pieces, a stream read to its end
 * in chosen sizes, and the promise that neither choice shows in what comes out. */
#ifndef CP_TESTS_FUZZ_STREAMS_H
#define CP_TESTS_FUZZ_STREAMS_H

#include "pipeline/core/source.h"

#include <xxhash.h>

/* In place of a size: 1, then one more at each call. */
enum { CP_FUZZ_GROWING = 0 };

/* A source over `data`, which is borrowed and arrives `piece` bytes at a time. */
cp_source *cp_fuzz_source(cp_span data, size_t piece, cp_pool *pool);

/* What reading to the end came to. */
typedef struct cp_fuzz_reading {
    cp_rc rc;            /* CP_MORE: given up, since there was more than enough */
    uint64_t size;       /* in bytes */
    XXH64_hash_t digest; /* of the bytes */
    cp_error err;        /* where `rc` is a failure */
} cp_fuzz_reading;

/* Reads `size` bytes at a time, `most` in all, and closes nothing. Checks that the end is told
 * again and that a failure says what and why. */
cp_fuzz_reading cp_fuzz_read(cp_stream *stream, size_t size, uint64_t most);

/* The same failure, in the same words and at the same place. */
void cp_fuzz_check_same_error(const cp_error *a, const cp_error *b);

/* The same bytes, and the same end. */
void cp_fuzz_check_same_reading(const cp_fuzz_reading *a, const cp_fuzz_reading *b);

/* What the program has allocated now, in bytes. */
size_t cp_fuzz_heap_bytes(void);

#endif
