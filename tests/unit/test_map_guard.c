/* pipeline/io/map_guard.h through a mapped source whose file shrinks under it. */
#include "pipeline/io/map_guard.h"
#include "pipeline/io/source.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_BYTES = 8 << 20, PEEK_BYTES = 1 << 20, LEFT_BYTES = 4096 };

/* A file of 'x' that only its descriptor leads to. */
static int make_file(void)
{
    char path[] = "/tmp/casepipe-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    char *text = malloc(FILE_BYTES);
    assert_non_null(text);
    memset(text, 'x', FILE_BYTES);
    assert_int_equal(write(fd, text, FILE_BYTES), FILE_BYTES);
    free(text);
    return fd;
}

static void test_zeros_and_an_error(void **state)
{
    (void)state;
    cp_pool *pool;
    cp_source *source;
    cp_view view;
    cp_error err;
    int fd = make_file();
    int writer = dup(fd);
    assert_int_equal(cp_pool_new(PEEK_BYTES, &pool, NULL), CP_OK);
    assert_int_equal(
        cp_mapped_source_open(fd, FILE_BYTES, CP_MAP_WINDOW_BYTES, pool, &source, NULL), CP_OK);
    assert_int_equal(source->peek(source, PEEK_BYTES, &view, NULL), CP_OK);
    assert_int_equal(view.bytes.data[PEEK_BYTES / 2], 'x');
    assert_false(atomic_load(&view.backing->lost));

    cp_buffer *held = cp_buffer_retain(view.backing); /* as a block does */
    assert_int_equal(ftruncate(writer, LEFT_BYTES), 0);
    assert_int_equal(view.bytes.data[PEEK_BYTES / 2], 0);
    assert_true(atomic_load(&held->lost));
    assert_int_equal(view.bytes.data[0], 'x'); /* what the file still has */

    source->consume(source, LEFT_BYTES);
    assert_int_equal(source->peek(source, PEEK_BYTES, &view, &err), CP_E_DATA);
    assert_string_equal(err.reason, "truncated_input");
    source->close(source);
    cp_buffer_release(held);
    cp_pool_free(pool);
    close(writer);
}

/* Beyond the table's size a mapping is not watched, and watched again once another has gone. */
static void test_the_table_is_finite(void **state)
{
    (void)state;
    enum { MANY = 4096 };
    static cp_buffer buffers[MANY];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, MANY * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    size_t watched = 0;
    do
        buffers[watched].data = pages + watched * page;
    while (cp_map_guard_add(&buffers[watched], page) && ++watched < MANY);
    assert_in_range(watched, 16, MANY - 1);
    cp_map_guard_remove(&buffers[0]);
    assert_true(cp_map_guard_add(&buffers[0], page));
    for (size_t i = 0; i < watched; i++)
        cp_map_guard_remove(&buffers[i]);
    munmap(pages, MANY * page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros_and_an_error),
        cmocka_unit_test(test_the_table_is_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
