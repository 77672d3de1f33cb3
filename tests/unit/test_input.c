/* pipeline/io/input.h: files, pipes, stdin and folders by path; globs and what only looks like
 * one. */
#include "pipeline/io/input.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"

#include <sys/resource.h>

static const cp_io_options chunked = {CP_READ_CHUNKED, 1000};
static const cp_io_options automatic = {CP_READ_AUTO, 1000};
static const cp_io_options mapped = {CP_READ_MMAP, 1000};
static const cp_io_options *const all_ways[] = {&chunked, &automatic, &mapped};
enum { WAYS = 3 };

static cp_pool *pool;
static size_t files_before;

static int start(void **state)
{
    if (make_folder(state) || cp_pool_new(4096, &pool, NULL))
        return -1;
    files_before = open_files();
    return 0;
}

static int end(void **state)
{
    cp_pool_free(pool);
    return remove_folder(state) || open_files() != files_before;
}

/* The input's bytes are `text`, and its size is told. */
static void assert_reads(const char *path, const cp_io_options *options, const char *text,
                         uint64_t expected_bytes)
{
    cp_source *source;
    uint64_t file_bytes = 4711;
    cp_error err = {0};
    cp_view view;
    if (cp_input_open(path, options, pool, &source, &file_bytes, &err))
        fail_msg("%s: %s", path, err.message);
    assert_int_equal(file_bytes, expected_bytes);
    assert_int_equal(source->peek(source, 100000, &view, NULL), CP_OK);
    assert_int_equal(view.bytes.size, strlen(text));
    assert_memory_equal(view.bytes.data, text, view.bytes.size);
    assert_true(view.at_end);
    source->close(source);
    assert_int_equal(open_files(), files_before);
}

static void expect_no_input(const char *path, const char *reason)
{
    for (size_t i = 0; i < WAYS; i++) {
        cp_source *source;
        uint64_t file_bytes;
        cp_error err = {0};
        assert_int_equal(cp_input_open(path, all_ways[i], pool, &source, &file_bytes, &err),
                         CP_E_NOINPUT);
        assert_int_equal(err.rc, CP_E_NOINPUT);
        assert_string_equal(err.reason, reason);
        assert_string_equal(err.input, path);
        assert_int_equal(open_files(), files_before);
    }
}

/* ---- opening ---- */

static void test_files(void **state)
{
    (void)state;
    const char *path = in_folder("file");
    write_text_file(path, "line one\nline two");
    for (size_t i = 0; i < WAYS; i++)
        assert_reads(path, all_ways[i], "line one\nline two", 17);
}

/* The file may well be there. */
static void test_no_more_descriptors(void **state)
{
    (void)state;
    struct rlimit before, none;
    const char *path = in_folder("file");
    write_text_file(path, "a line");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    for (size_t i = 0; i < WAYS; i++) {
        cp_source *source;
        uint64_t file_bytes;
        cp_error err = {0};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        cp_rc rc = cp_input_open(path, all_ways[i], pool, &source, &file_bytes, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(rc, CP_E_IO);
        assert_string_equal(err.reason, "open_failed");
        assert_string_equal(err.message, "cannot open: Too many open files");
        assert_string_equal(err.input, path);
    }
}

static void test_empty_file(void **state)
{
    (void)state;
    const char *path = in_folder("empty");
    write_text_file(path, "");
    for (size_t i = 0; i < WAYS; i++)
        assert_reads(path, all_ways[i], "", UINT64_MAX);
}

static void test_link(void **state)
{
    (void)state;
    write_text_file(in_folder("file"), "x");
    assert_int_equal(symlink("file", in_folder("link")), 0);
    assert_reads(in_folder("link"), &mapped, "x", 1);
}

/* Files that tell no size are read to their end. */
static void test_sizeless_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        cp_source *source;
        uint64_t file_bytes;
        cp_view view;
        assert_int_equal(
            cp_input_open("/proc/self/stat", all_ways[i], pool, &source, &file_bytes, NULL), CP_OK);
        assert_int_equal(file_bytes, UINT64_MAX);
        assert_int_equal(source->peek(source, 100000, &view, NULL), CP_OK);
        assert_true(view.bytes.size > 20);
        source->close(source);
    }
}

static void test_pipe(void **state)
{
    (void)state;
    const char *path = in_folder("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < WAYS; i++) {
        int both = open(path, O_RDWR | O_CLOEXEC); /* so that neither end waits for the other */
        cp_source *source;
        uint64_t file_bytes;
        cp_view view;
        assert_int_equal(write(both, "through", 7), 7);
        assert_int_equal(cp_input_open(path, all_ways[i], pool, &source, &file_bytes, NULL), CP_OK);
        assert_int_equal(close(both), 0);
        assert_int_equal(file_bytes, UINT64_MAX);
        assert_int_equal(source->peek(source, 100, &view, NULL), CP_OK);
        assert_int_equal(view.bytes.size, 7);
        assert_memory_equal(view.bytes.data, "through", 7);
        source->close(source);
    }
}

static void test_no_input(void **state)
{
    (void)state;
    write_text_file(in_folder("file"), "x");
    assert_int_equal(symlink("nowhere", in_folder("dangling")), 0);
    expect_no_input(in_folder("none"), "no_input");
    expect_no_input(in_folder("file/below"), "no_input");
    expect_no_input(in_folder("dangling"), "no_input");
    expect_no_input("", "no_input");
    expect_no_input(folder, "is_folder");
}

static void test_unreadable_file(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    const char *path = in_folder("file");
    write_text_file(path, "x");
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    bool root = geteuid() == 0; /* whom permissions do not bind */
    if (root)
        assert_int_equal(seteuid(NOBODY), 0);
    cp_source *source;
    uint64_t file_bytes;
    cp_error err = {0};
    cp_rc rc = cp_input_open(path, &chunked, pool, &source, &file_bytes, &err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(rc, CP_E_NOINPUT);
    assert_non_null(strstr(err.message, "Permission denied"));
}

/* ---- stdin ---- */

/* Stdin leads to `path`, `offset` bytes of it read already. Returns what it led to before. */
static int lead_stdin(const char *path, off_t offset)
{
    int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 50);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(lseek(fd, offset, SEEK_SET), offset);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
    return saved;
}

static void restore_stdin(int saved)
{
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    } else {
        close(STDIN_FILENO);
    }
}

/* From where stdin stands; in no way is it closed by closing the source. */
static void test_stdin_from_a_file(void **state)
{
    (void)state;
    static const struct {
        off_t offset;
        const char *text;
        uint64_t bytes;
    } rows[] = {{0, "0123456789", 10}, {4, "456789", 6}, {10, "", 0}, {25, "", 0}};
    const char *path = in_folder("file");
    write_text_file(path, "0123456789");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < WAYS; j++) {
            int saved = lead_stdin(path, rows[i].offset);
            files_before = open_files();
            assert_reads("-", all_ways[j], rows[i].text, rows[i].bytes);
            assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
            restore_stdin(saved);
            files_before = open_files();
        }
}

static void test_no_stdin(void **state)
{
    (void)state;
    int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 50);
    close(STDIN_FILENO);
    files_before = open_files();
    expect_no_input("-", "no_input");
    restore_stdin(saved);
    files_before = open_files();
}

static void test_no_memory(void **state)
{
    (void)state;
    const char *path = in_folder("file");
    write_text_file(path, "x");
    for (size_t i = 0; i < WAYS; i++) {
        long failures = 0;
        for (bool failed = true; failed; failures += failed) {
            cp_error err = {0};
            cp_source *source;
            uint64_t file_bytes;
            fail_allocation(failures);
            cp_rc rc = cp_input_open(path, all_ways[i], pool, &source, &file_bytes, &err);
            failed = end_failing();
            assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
            if (failed)
                assert_string_equal(err.input, path);
            else
                source->close(source);
            assert_int_equal(open_files(), files_before);
        }
        assert_true(failures > 0);
    }
}

/* ---- globs ---- */

static void assert_paths(const cp_paths *paths, const char *const *names, size_t count)
{
    assert_int_equal(paths->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(paths->items[i], in_folder(names[i]));
}

static void test_matches_in_byte_order(void **state)
{
    (void)state;
    static const char *const files[] = {"b.jsonl",  "a.jsonl",   "B.jsonl", "_.jsonl",
                                        "a2.jsonl", "a10.jsonl", "other",   ".hidden.jsonl"};
    static const char *const sorted[] = {"B.jsonl",   "_.jsonl",  "a.jsonl",
                                         "a10.jsonl", "a2.jsonl", "b.jsonl"};
    static const char *const again[] = {"B.jsonl",  "_.jsonl", "a.jsonl", "a10.jsonl",
                                        "a2.jsonl", "b.jsonl", "other",   "b.jsonl"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_text_file(in_folder(files[i]), "");
    cp_paths paths = {0};
    assert_int_equal(cp_paths_add(&paths, in_folder("*.jsonl"), NULL), CP_OK);
    assert_paths(&paths, sorted, 6);
    assert_int_equal(cp_paths_add(&paths, in_folder("o*"), NULL), CP_OK);
    assert_int_equal(cp_paths_add(&paths, in_folder("[b-c].jsonl"), NULL), CP_OK);
    assert_paths(&paths, again, 8); /* appended in the order given, twice where named twice */
    cp_paths_free(&paths);
    assert_int_equal(paths.count, 0);
    cp_paths_free(&paths);
}

/* "-", what has no glob character, and what exists under just this name stand for themselves. */
static void test_literal_paths(void **state)
{
    (void)state;
    static const char *const names[] = {"what?", "a[b].jsonl", "st*r", "not there"};
    for (size_t i = 0; i < 3; i++)
        write_text_file(in_folder(names[i]), "");
    write_text_file(in_folder("whatX"), "");
    assert_int_equal(symlink("nowhere", in_folder("dangling*")), 0);
    cp_paths paths = {0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cp_paths_add(&paths, in_folder(names[i]), NULL), CP_OK);
    assert_paths(&paths, names, 4);
    assert_int_equal(cp_paths_add(&paths, in_folder("dangling*"), NULL), CP_OK);
    assert_string_equal(paths.items[4], in_folder("dangling*"));
    assert_int_equal(cp_paths_add(&paths, "-", NULL), CP_OK);
    assert_string_equal(paths.items[5], "-");
    cp_paths_free(&paths);
}

static void test_glob_without_match(void **state)
{
    (void)state;
    cp_paths paths = {0};
    static const char *const patterns[] = {"*.jsonl", "none/*", "a[0-9]", "?"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const char *pattern = in_folder(patterns[i]);
        cp_error err = {0};
        assert_int_equal(cp_paths_add(&paths, pattern, &err), CP_E_NOINPUT);
        assert_string_equal(err.reason, "no_input");
        assert_string_equal(err.input, pattern);
    }
    assert_int_equal(paths.count, 0);
    cp_paths_free(&paths);
}

/* Paths that stand for themselves: what glob() does without memory is not ours. */
static void test_paths_without_memory(void **state)
{
    (void)state;
    cp_paths paths = {0};
    assert_int_equal(cp_paths_add(&paths, "kept", NULL), CP_OK);
    size_t room = paths.capacity;
    while (paths.count < room)
        assert_int_equal(cp_paths_add(&paths, "more", NULL), CP_OK);
    cp_error err = {0};
    fail_allocation(0);
    cp_rc rc = cp_paths_add(&paths, "too much", &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    assert_int_equal(paths.count, room);
    assert_string_equal(paths.items[0], "kept");
    cp_paths_free(&paths);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files),         TEST(test_no_more_descriptors), TEST(test_empty_file),
        TEST(test_link),          TEST(test_sizeless_file),       TEST(test_pipe),
        TEST(test_no_input),      TEST(test_unreadable_file),     TEST(test_stdin_from_a_file),
        TEST(test_no_stdin),      TEST(test_no_memory),           TEST(test_matches_in_byte_order),
        TEST(test_literal_paths), TEST(test_glob_without_match),  TEST(test_paths_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
