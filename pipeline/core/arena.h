/* A bump allocator for what lives as long as one batch: unescaped strings, reject messages. */
#ifndef CP_CORE_ARENA_H
#define CP_CORE_ARENA_H

#include "pipeline/core/error.h"

typedef struct cp_arena_chunk cp_arena_chunk;

/* Zeroed is empty. One thread at a time. */
typedef struct cp_arena {
    cp_arena_chunk *chunks; /* the newest first */
    size_t used;            /* of the newest */
} cp_arena;

/* `size` bytes, aligned to 8, until the next reset; NULL where memory is out. Behind them
 * CP_ARENA_SPARE_BYTES more are readable: a short text can be loaded whole. */
enum { CP_ARENA_SPARE_BYTES = 16 };
void *cp_arena_take(cp_arena *arena, size_t size);

/* Forgets everything and keeps one chunk for the next round. */
void cp_arena_reset(cp_arena *arena);

/* Frees everything; may be called twice. */
void cp_arena_free(cp_arena *arena);

#endif
