/* A list of chunks; only the newest is filled. A reset keeps the standard-sized one, so a steady
 * run allocates nothing. */
#include "pipeline/core/arena.h"

#include "pipeline/core/checked.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 64 * 1024, ALIGNMENT = 8 };

struct cp_arena_chunk {
    cp_arena_chunk *next;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

static cp_arena_chunk *add_chunk(cp_arena *arena, size_t size)
{
    size_t bytes;
    if (!cp_add_size(sizeof(cp_arena_chunk), size, &bytes))
        return NULL;
    if (!cp_add_size(bytes, CP_ARENA_SPARE_BYTES, &bytes))
        return NULL;
    cp_arena_chunk *chunk = malloc(bytes);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->used = 0;
    return chunk;
}

void *cp_arena_take(cp_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    cp_arena_chunk *chunk = arena->chunks;
    if (!chunk || size > chunk->size - arena->used)
        chunk = add_chunk(arena, size > CHUNK_BYTES ? size : CHUNK_BYTES);
    if (!chunk)
        return NULL;
    void *taken = chunk->bytes + arena->used;
    arena->used += size;
    return taken;
}

void cp_arena_reset(cp_arena *arena)
{
    cp_arena_chunk *kept = NULL;
    while (arena->chunks) {
        cp_arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        if (!kept && chunk->size == CHUNK_BYTES)
            kept = chunk;
        else
            free(chunk);
    }
    if (kept)
        kept->next = NULL;
    arena->chunks = kept;
    arena->used = 0;
}

void cp_arena_free(cp_arena *arena)
{
    cp_arena_reset(arena);
    free(arena->chunks);
    *arena = (cp_arena){0};
}
