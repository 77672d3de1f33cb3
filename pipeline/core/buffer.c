/* The pool: free lists under a mutex. Acquire and release happen once a block (1 MiB), so the lock
 * is never a cost. Each core has a list of its own, the last come first served, because what it has
 * just used still lies in its cache; it takes from the others where its own is empty. */
#include "pipeline/core/buffer.h"

#include "pipeline/core/checked.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { SHELVES = 16 }; /* cores share them where there are more */

struct cp_pool {
    pthread_mutex_t lock;
    cp_buffer *shelves[SHELVES];
    size_t buffer_bytes;
    atomic_size_t made; /* buffers that go back to the pool */
};

cp_buffer *cp_buffer_retain(cp_buffer *buffer)
{
    if (buffer)
        atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    return buffer;
}

void cp_buffer_release(cp_buffer *buffer)
{
    if (buffer && atomic_fetch_sub_explicit(&buffer->references, 1, memory_order_acq_rel) == 1)
        buffer->destroy(buffer);
}

static unsigned shelf_here(void)
{
    return (unsigned)sched_getcpu() % SHELVES;
}

static void return_to_pool(cp_buffer *buffer)
{
    cp_pool *pool = buffer->owner;
    unsigned shelf = shelf_here();
    pthread_mutex_lock(&pool->lock);
    buffer->next_free = pool->shelves[shelf];
    pool->shelves[shelf] = buffer;
    pthread_mutex_unlock(&pool->lock);
}

static void free_buffer(cp_buffer *buffer)
{
    free(buffer->data);
    free(buffer);
}

static cp_rc make_buffer(size_t capacity, cp_buffer **out, cp_error *err)
{
    size_t bytes;
    if (!cp_add_size(capacity, CP_PADDING_BYTES, &bytes))
        return cp_fail_memory(err, capacity);
    cp_buffer *buffer = calloc(1, sizeof *buffer);
    uint8_t *data = malloc(bytes);
    if (!buffer || !data) {
        free(buffer);
        free(data);
        return cp_fail_memory(err, bytes);
    }
    memset(data + capacity, 0, CP_PADDING_BYTES);
    buffer->data = data;
    buffer->capacity = capacity;
    buffer->destroy = free_buffer;
    *out = buffer;
    return CP_OK;
}

cp_rc cp_pool_new(size_t buffer_bytes, cp_pool **out, cp_error *err)
{
    cp_pool *pool;
    cp_rc rc = cp_calloc(1, sizeof *pool, &pool, err);
    if (rc)
        return rc;
    pthread_mutex_init(&pool->lock, NULL);
    pool->buffer_bytes = buffer_bytes;
    *out = pool;
    return CP_OK;
}

static cp_rc make_pooled(cp_pool *pool, cp_buffer **out, cp_error *err)
{
    cp_rc rc = make_buffer(pool->buffer_bytes, out, err);
    if (rc)
        return rc;
    (*out)->destroy = return_to_pool;
    (*out)->owner = pool;
    atomic_fetch_add(&pool->made, 1);
    return CP_OK;
}

cp_rc cp_pool_reserve(cp_pool *pool, size_t total, cp_error *err)
{
    while (atomic_load(&pool->made) < total) {
        cp_buffer *buffer;
        cp_rc rc = make_pooled(pool, &buffer, err);
        if (rc)
            return rc;
        memset(buffer->data, 0, buffer->capacity);
        return_to_pool(buffer);
    }
    return CP_OK;
}

static cp_buffer *take_free(cp_pool *pool)
{
    unsigned shelf = shelf_here();
    cp_buffer *buffer = NULL;
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; !buffer && i < SHELVES; i++) {
        cp_buffer **list = &pool->shelves[(shelf + i) % SHELVES];
        buffer = *list;
        if (buffer)
            *list = buffer->next_free;
    }
    pthread_mutex_unlock(&pool->lock);
    return buffer;
}

cp_rc cp_pool_acquire(cp_pool *pool, size_t wanted, cp_buffer **out, cp_error *err)
{
    bool standard = wanted <= pool->buffer_bytes;
    cp_buffer *buffer = standard ? take_free(pool) : NULL;
    cp_rc rc = CP_OK;
    if (!buffer)
        rc = standard ? make_pooled(pool, &buffer, err) : make_buffer(wanted, &buffer, err);
    if (rc)
        return rc;
    atomic_store_explicit(&buffer->references, 1, memory_order_relaxed);
    *out = buffer;
    return CP_OK;
}

void cp_pool_free(cp_pool *pool)
{
    if (!pool)
        return;
    for (cp_buffer *buffer; (buffer = take_free(pool));)
        free_buffer(buffer);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
