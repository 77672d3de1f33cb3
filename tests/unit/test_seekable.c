/* pipeline/io/seekable.h: the bytes of regular files in any order, what is none, and a file that
 * shrinks. */
#include "pipeline/io/seekable.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/support.h"

enum { FILE_BYTES = 100000 };

static uint8_t content[FILE_BYTES];
static size_t files_before;

static int start(void **state)
{
    files_before = open_files();
    random_start(UINT64_C(20261121));
    for (size_t i = 0; i < FILE_BYTES; i++)
        content[i] = (uint8_t)random_bits();
    return make_folder(state);
}

static int end(void **state)
{
    return remove_folder(state) || open_files() != files_before;
}

static cp_seekable *open_file(void)
{
    cp_seekable *file;
    write_file(in_folder("a"), content, FILE_BYTES);
    assert_int_equal(cp_seekable_open(in_folder("a"), &file, NULL), CP_OK);
    assert_non_null(file);
    assert_int_equal(file->bytes, FILE_BYTES);
    return file;
}

static void test_any_order(void **state)
{
    (void)state;
    cp_seekable *file = open_file();
    static uint8_t out[FILE_BYTES];
    for (int round = 0; round < 1000; round++) {
        size_t offset = (size_t)random_below(FILE_BYTES);
        size_t size = (size_t)random_below(FILE_BYTES - offset + 1);
        assert_int_equal(file->read(file, offset, out, size, NULL), CP_OK);
        assert_memory_equal(out, content + offset, size);
        file->pass(file, random_below(FILE_BYTES));
    }
    file->close(file);
}

static void test_shrinks(void **state)
{
    (void)state;
    cp_seekable *file = open_file();
    uint8_t out[100];
    cp_error err = {0};
    assert_int_equal(truncate(in_folder("a"), 500), 0);
    assert_int_equal(file->read(file, 450, out, sizeof out, &err), CP_E_DATA);
    assert_string_equal(err.reason, "truncated_input");
    assert_int_equal(err.byte, 500);
    assert_int_equal(file->read(file, 400, out, sizeof out, &err), CP_OK);
    file->close(file);
}

static void assert_none(const char *path)
{
    cp_seekable *file;
    assert_int_equal(cp_seekable_open(path, &file, NULL), CP_OK);
    assert_null(file);
    assert_int_equal(open_files(), files_before);
}

static void test_none(void **state)
{
    (void)state;
    cp_seekable *file;
    cp_error err = {0};
    write_text_file(in_folder("empty"), "");
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    int writer = open(in_folder("pipe"), O_RDWR); /* else the open would wait for one */
    files_before++;
    assert_none(in_folder("empty"));
    assert_none(in_folder("pipe"));
    assert_none(folder);
    assert_none("/dev/null");
    close(writer);
    files_before--;
    assert_int_equal(cp_seekable_open(in_folder("missing"), &file, &err), CP_E_NOINPUT);
    assert_string_equal(err.input, in_folder("missing"));
}

static void test_out_of_memory(void **state)
{
    (void)state;
    cp_seekable *file;
    write_file(in_folder("a"), content, FILE_BYTES);
    const char *path = in_folder("a");
    fail_allocation(0);
    cp_rc rc = cp_seekable_open(path, &file, NULL);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_null(file);
    assert_int_equal(open_files(), files_before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_any_order, start, end),
        cmocka_unit_test_setup_teardown(test_shrinks, start, end),
        cmocka_unit_test_setup_teardown(test_none, start, end),
        cmocka_unit_test_setup_teardown(test_out_of_memory, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
