/* pipeline/core/arena.h: alignment, no overlap, resets that keep a chunk, and memory that runs
 * out. */
#include "pipeline/core/arena.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/random.h"

#include <string.h>

enum { TAKES = 500, ROUNDS = 20, LARGE_BYTES = 1 << 20, KEPT_BYTES = 64 * 1024 };

typedef struct piece {
    uint8_t *bytes;
    size_t size;
    uint8_t mark;
} piece;

static void test_empty(void **state)
{
    (void)state;
    cp_arena arena = {0};
    cp_arena_reset(&arena);
    assert_null(arena.chunks);
    cp_arena_free(&arena);
    cp_arena_free(&arena);
    assert_null(arena.chunks);
    assert_int_equal(arena.used, 0);
}

static void test_freed_is_empty_again(void **state)
{
    (void)state;
    cp_arena arena = {0};
    assert_non_null(cp_arena_take(&arena, 10));
    cp_arena_free(&arena);
    cp_arena_free(&arena);
    uint8_t *again = cp_arena_take(&arena, 10);
    assert_non_null(again);
    memset(again, 1, 10);
    cp_arena_free(&arena);
}

static size_t random_size(void)
{
    switch (random_below(8)) {
    case 0:
        return random_below(200000);
    case 1:
        return KEPT_BYTES - 8 + random_below(17);
    default:
        return random_below(300);
    }
}

static void take_marked(cp_arena *arena, piece *out)
{
    *out = (piece){NULL, random_size(), (uint8_t)random_bits()};
    out->bytes = cp_arena_take(arena, out->size);
    assert_non_null(out->bytes);
    assert_int_equal((uintptr_t)out->bytes % 8, 0);
    memset(out->bytes, out->mark, out->size);
}

/* Bytes that still are as they were marked. */
static size_t count_of(const piece *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->size; i++)
        count += p->bytes[i] == p->mark;
    return count;
}

/* What was taken stays as it was written until the reset, whatever else is taken. */
static void test_pieces_do_not_overlap(void **state)
{
    (void)state;
    static piece pieces[TAKES];
    random_start(UINT64_C(20260201));
    cp_arena arena = {0};
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < TAKES; i++)
            take_marked(&arena, &pieces[i]);
        for (size_t i = 0; i < TAKES; i++)
            assert_int_equal(count_of(&pieces[i]), pieces[i].size);
        cp_arena_reset(&arena);
    }
    cp_arena_free(&arena);
}

static void test_reset_keeps_one_chunk(void **state)
{
    (void)state;
    cp_arena arena = {0};
    void *first = cp_arena_take(&arena, 100);
    assert_non_null(first);
    assert_non_null(cp_arena_take(&arena, LARGE_BYTES));
    assert_non_null(cp_arena_take(&arena, 100));
    cp_arena_reset(&arena);
    assert_non_null(arena.chunks);
    fail_allocation(0); /* a steady run asks for no memory */
    void *again = cp_arena_take(&arena, KEPT_BYTES / 2);
    void *rest = cp_arena_take(&arena, KEPT_BYTES / 2);
    assert_false(end_failing());
    assert_non_null(again);
    assert_non_null(rest);
    assert_ptr_equal((uint8_t *)again + KEPT_BYTES / 2, rest);
    cp_arena_free(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_arena arena = {0};
    fail_allocation(0);
    void *none = cp_arena_take(&arena, 1);
    assert_true(end_failing());
    assert_null(none);
    uint8_t *kept = cp_arena_take(&arena, 16);
    assert_non_null(kept);
    memset(kept, 7, 16);
    fail_allocation(0);
    none = cp_arena_take(&arena, LARGE_BYTES);
    assert_true(end_failing());
    assert_null(none);
    uint8_t *next = cp_arena_take(&arena, 16); /* a failure costs nothing of what was there */
    assert_ptr_equal(next, kept + 16);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(kept[i], 7);
    cp_arena_free(&arena);
}

/* Sizes whose sum with a header or the alignment does not fit. */
static void test_sizes_beyond_memory(void **state)
{
    (void)state;
    cp_arena arena = {0};
    for (size_t less = 0; less < 40; less++)
        assert_null(cp_arena_take(&arena, SIZE_MAX - less));
    cp_arena_free(&arena);
}

static void test_nothing_wanted(void **state)
{
    (void)state;
    cp_arena arena = {0};
    assert_non_null(cp_arena_take(&arena, 0));
    uint8_t *a = cp_arena_take(&arena, 1), *b = cp_arena_take(&arena, 1);
    assert_ptr_equal(b, a + 8);
    cp_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_freed_is_empty_again),
        cmocka_unit_test(test_pieces_do_not_overlap),
        cmocka_unit_test(test_reset_keeps_one_chunk),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_sizes_beyond_memory),
        cmocka_unit_test(test_nothing_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
