/* Reference-counted bytes, and the fixed pool they come from.
 *
 *   pool --acquire--> buffer (refs 1) --block, batch hold it--> release --> back to the pool
 *
 * A mapped window of a file is a buffer too; its release unmaps. */
#ifndef CP_CORE_BUFFER_H
#define CP_CORE_BUFFER_H

#include "pipeline/core/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    CP_PADDING_BYTES = 64,          /* readable behind every block, for the wide loads */
    CP_BLOCK_TARGET_BYTES = 1 << 20 /* a block ends at the last record end within this */
};

typedef struct cp_buffer {
    uint8_t *data;
    size_t capacity; /* usable bytes; CP_PADDING_BYTES more are readable and writable behind them */
    atomic_uint references;
    atomic_bool lost; /* the bytes went away while they were read; what was read is worthless */
    void (*destroy)(struct cp_buffer *); /* called by the last release */
    void *owner;                         /* for destroy */
    struct cp_buffer *next_free;         /* while it waits in its pool */
} cp_buffer;

cp_buffer *cp_buffer_retain(cp_buffer *buffer); /* any thread; NULL is allowed */
void cp_buffer_release(cp_buffer *buffer);      /* any thread; NULL is allowed */

typedef struct cp_pool cp_pool;

/* A pool that lends buffers of at least `buffer_bytes`; those handed back are lent again. The
 * padding is zeroed when a buffer is made. CP_E_MEMORY. */
cp_rc cp_pool_new(size_t buffer_bytes, cp_pool **out, cp_error *err);

/* Makes buffers, touched, until there are `total` of them, so that the memory a long run needs does
 * not depend on how its threads happen to meet. CP_E_MEMORY. */
cp_rc cp_pool_reserve(cp_pool *pool, size_t total, cp_error *err);

/* A buffer with capacity for `wanted` bytes. One above the pool's size is made for the occasion
 * and freed by its release. Any thread. CP_E_MEMORY. */
cp_rc cp_pool_acquire(cp_pool *pool, size_t wanted, cp_buffer **out, cp_error *err);

/* After all its buffers came back. NULL is allowed. */
void cp_pool_free(cp_pool *pool);

#endif
