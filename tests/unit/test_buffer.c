/* pipeline/core/buffer.h: references from many threads, the pool's lending and taking back, the
 * padding, and memory that runs out. */
#include "pipeline/core/block.h"
#include "pipeline/core/buffer.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/random.h"

#include <pthread.h>
#include <string.h>

enum { POOL_BYTES = 1000 };

static cp_pool *open_pool(void)
{
    cp_pool *pool;
    assert_int_equal(cp_pool_new(POOL_BYTES, &pool, NULL), CP_OK);
    return pool;
}

static cp_buffer *acquire(cp_pool *pool, size_t wanted)
{
    cp_buffer *buffer;
    assert_int_equal(cp_pool_acquire(pool, wanted, &buffer, NULL), CP_OK);
    assert_non_null(buffer->data);
    assert_true(buffer->capacity >= wanted);
    assert_int_equal(atomic_load(&buffer->references), 1);
    return buffer;
}

static void test_null_is_allowed(void **state)
{
    (void)state;
    assert_null(cp_buffer_retain(NULL));
    cp_buffer_release(NULL);
    cp_pool_free(NULL);
    cp_block block = {0};
    cp_block_release(&block);
    assert_null(block.backing);
}

/* All of the capacity and the padding can be read and written, and the padding is zero at first. */
static void test_capacity_and_padding(void **state)
{
    (void)state;
    static const size_t wanted[] = {0, 1, POOL_BYTES - 1, POOL_BYTES, POOL_BYTES + 1, 100000};
    static const uint8_t zeros[CP_PADDING_BYTES];
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        cp_pool *pool = open_pool();
        cp_buffer *buffer = acquire(pool, wanted[i]);
        size_t expected = wanted[i] > POOL_BYTES ? wanted[i] : POOL_BYTES;
        assert_int_equal(buffer->capacity, expected);
        assert_memory_equal(buffer->data + buffer->capacity, zeros, sizeof zeros);
        memset(buffer->data, 0xa5, buffer->capacity + CP_PADDING_BYTES);
        cp_buffer_release(buffer);
        cp_pool_free(pool);
    }
}

static void test_returned_buffers_are_lent_again(void **state)
{
    (void)state;
    cp_pool *pool = open_pool();
    cp_buffer *first = acquire(pool, 10);
    cp_buffer *second = acquire(pool, POOL_BYTES);
    assert_ptr_not_equal(first, second);
    assert_ptr_not_equal(first->data, second->data);
    cp_buffer_release(first);
    fail_allocation(0); /* nothing new is asked for */
    cp_buffer *again = NULL;
    cp_rc rc = cp_pool_acquire(pool, 1, &again, NULL);
    assert_false(end_failing());
    assert_int_equal(rc, CP_OK);
    assert_ptr_equal(again, first);
    assert_int_equal(atomic_load(&again->references), 1);
    cp_buffer_release(again);
    cp_buffer_release(second);
    cp_pool_free(pool);
}

/* Reserved ones are all there is to ask for; those that are lent count. */
static void test_reserved_buffers(void **state)
{
    (void)state;
    enum { TOTAL = 5 };
    cp_pool *pool = open_pool();
    cp_buffer *lent[TOTAL] = {acquire(pool, 1)};
    assert_int_equal(cp_pool_reserve(pool, TOTAL, NULL), CP_OK);
    fail_allocation(0);
    assert_int_equal(cp_pool_reserve(pool, TOTAL - 1, NULL), CP_OK);
    for (size_t i = 1; i < TOTAL; i++)
        lent[i] = acquire(pool, POOL_BYTES);
    assert_false(end_failing());
    for (size_t i = 0; i < TOTAL; i++)
        cp_buffer_release(lent[i]);
    cp_error err = {0};
    fail_allocation(2);
    cp_rc rc = cp_pool_reserve(pool, TOTAL + 2, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    cp_pool_free(pool);
}

/* One above the pool's size goes back to the system, so it is never lent to another. */
static void test_a_large_one_is_not_kept(void **state)
{
    (void)state;
    cp_pool *pool = open_pool();
    cp_buffer_release(acquire(pool, POOL_BYTES + 1));
    cp_buffer *next = acquire(pool, 1);
    assert_int_equal(next->capacity, POOL_BYTES);
    cp_buffer_release(next);
    cp_pool_free(pool);
}

static unsigned destroyed;

static void count_destroyed(cp_buffer *buffer)
{
    (void)buffer;
    destroyed++;
}

static void test_the_last_release_destroys(void **state)
{
    (void)state;
    cp_buffer buffer = {.destroy = count_destroyed};
    atomic_init(&buffer.references, 1);
    destroyed = 0;
    assert_ptr_equal(cp_buffer_retain(&buffer), &buffer);
    assert_ptr_equal(cp_buffer_retain(&buffer), &buffer);
    cp_buffer_release(&buffer);
    cp_buffer_release(&buffer);
    assert_int_equal(destroyed, 0);
    cp_buffer_release(&buffer);
    assert_int_equal(destroyed, 1);
}

static void test_a_block_gives_its_reference_back(void **state)
{
    (void)state;
    cp_buffer buffer = {.destroy = count_destroyed};
    atomic_init(&buffer.references, 1);
    destroyed = 0;
    cp_block block = {
        .backing = cp_buffer_retain(&buffer), .bytes = {buffer.data, 0}, .offset = 77};
    cp_block_release(&block);
    assert_int_equal(destroyed, 0);
    assert_null(block.backing);
    assert_int_equal(block.offset, 0);
    cp_block_release(&block); /* there is nothing left to give back */
    cp_buffer_release(&buffer);
    assert_int_equal(destroyed, 1);
}

static void expect_no_memory(cp_rc rc, const cp_error *err)
{
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(err->rc, CP_E_MEMORY);
    assert_string_equal(err->reason, "out_of_memory");
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_error err = {0};
    cp_pool *pool = NULL;
    fail_allocation(0);
    cp_rc rc = cp_pool_new(POOL_BYTES, &pool, &err);
    assert_true(end_failing());
    expect_no_memory(rc, &err);
    pool = open_pool();
    for (long left = 0; left < 2; left++) {
        cp_buffer *buffer;
        err = (cp_error){0};
        fail_allocation(left);
        rc = cp_pool_acquire(pool, 10, &buffer, &err);
        assert_true(end_failing());
        expect_no_memory(rc, &err);
    }
    for (size_t less = 0; less < 200; less += 50) {
        cp_buffer *buffer;
        expect_no_memory(cp_pool_acquire(pool, SIZE_MAX - less, &buffer, &err), &err);
    }
    cp_buffer_release(acquire(pool, 10));
    cp_pool_free(pool);
}

/* ---- threads ---- */

enum { THREADS = 4, TURNS = 20000 };

/* Lends and returns; what it wrote while it held a buffer is still there when it gives it back. */
static void *lend_and_return(void *argument)
{
    cp_pool *pool = argument;
    size_t wrong = 0;
    for (unsigned i = 0; i < TURNS; i++) {
        cp_buffer *buffer;
        if (cp_pool_acquire(pool, sizeof i, &buffer, NULL))
            return (void *)1;
        memcpy(buffer->data, &i, sizeof i);
        cp_buffer_retain(buffer);
        cp_buffer_release(buffer);
        wrong += memcmp(buffer->data, &i, sizeof i) != 0;
        cp_buffer_release(buffer);
    }
    return wrong ? (void *)1 : NULL;
}

static void test_many_threads(void **state)
{
    (void)state;
    cp_pool *pool = open_pool();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, lend_and_return, pool), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    cp_pool_free(pool);
}

static void *release_many(void *argument)
{
    for (int i = 0; i < TURNS; i++)
        cp_buffer_release(argument);
    return NULL;
}

/* Many hold one buffer; it is destroyed once, by whoever comes last. */
static void test_one_buffer_in_many_threads(void **state)
{
    (void)state;
    cp_buffer buffer = {.destroy = count_destroyed};
    atomic_init(&buffer.references, 1);
    destroyed = 0;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS * TURNS; i++)
        cp_buffer_retain(&buffer);
    cp_buffer_release(&buffer);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, release_many, &buffer), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(destroyed, 1);
    assert_int_equal(atomic_load(&buffer.references), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null_is_allowed),
        cmocka_unit_test(test_capacity_and_padding),
        cmocka_unit_test(test_returned_buffers_are_lent_again),
        cmocka_unit_test(test_reserved_buffers),
        cmocka_unit_test(test_a_large_one_is_not_kept),
        cmocka_unit_test(test_the_last_release_destroys),
        cmocka_unit_test(test_a_block_gives_its_reference_back),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_one_buffer_in_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
