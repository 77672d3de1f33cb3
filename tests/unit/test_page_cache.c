/* pipeline/io/page_cache.h: cold pages are given back behind the cursor, warm ones are left, and
 * the bytes are the same either way. write_behind.h: so are those of a large output. Needs a file
 * system whose pages can leave memory. */
#include "pipeline/io/output.h"
#include "pipeline/io/page_cache.h"
#include "pipeline/io/source.h"
#include "tests/unit/folder.h"

#include <sys/mman.h>

enum { PAGE_BYTES = 4096, FILE_BYTES = 40 << 20, STEP_BYTES = 8 << 20 };

static int fd;
static uint8_t *bytes;

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static int start(void **state)
{
    if (make_folder(state))
        return -1;
    bytes = malloc(FILE_BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = byte_at(i);
    write_file(in_folder("data"), bytes, FILE_BYTES);
    fd = open(in_folder("data"), O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -1 : fsync(fd);
}

static int end(void **state)
{
    close(fd);
    free(bytes);
    return remove_folder(state);
}

/* Pages in memory of the file's bytes [from, to). */
static size_t resident(size_t from, size_t to)
{
    static unsigned char pages[FILE_BYTES / PAGE_BYTES];
    void *mapped = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(mapped != MAP_FAILED);
    assert_int_equal(mincore(mapped, FILE_BYTES, pages), 0);
    munmap(mapped, FILE_BYTES);
    size_t count = 0;
    for (size_t i = from / PAGE_BYTES; i < to / PAGE_BYTES; i++)
        count += pages[i] & 1;
    return count;
}

/* All pages out of memory; the test has no meaning where they will not go. */
static void make_cold(void)
{
    if (sysconf(_SC_PAGESIZE) != PAGE_BYTES)
        skip();
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    if (resident(0, FILE_BYTES) > 0)
        skip();
}

static void read_up_to(size_t offset)
{
    static uint8_t piece[1 << 20];
    for (size_t at = 0; at < offset; at += sizeof piece)
        assert_int_equal(pread(fd, piece, sizeof piece, (off_t)at), sizeof piece);
}

static void test_small_files_are_left(void **state)
{
    (void)state;
    make_cold();
    cp_page_cache cache;
    cp_page_cache_open(&cache, fd, (uint64_t)31 * PAGE_BYTES);
    assert_false(cache.drops);
    cp_page_cache_open(&cache, fd, 0);
    assert_false(cache.drops);
}

static void test_cold_file_is_dropped_behind(void **state)
{
    (void)state;
    make_cold();
    cp_page_cache cache;
    cp_page_cache_open(&cache, fd, FILE_BYTES);
    assert_true(cache.drops);
    read_up_to(FILE_BYTES);
    size_t before = resident(0, FILE_BYTES);
    assert_true(before > 0);
    cp_page_cache_behind(&cache, STEP_BYTES - 1); /* not worth a call yet */
    assert_int_equal(resident(0, FILE_BYTES), before);
    cp_page_cache_behind(&cache, 2 * STEP_BYTES);
    assert_int_equal(resident(0, 2 * STEP_BYTES), 0);
    assert_true(resident(2 * STEP_BYTES, FILE_BYTES) > 0); /* what is ahead stays */
}

static void test_warm_file_is_left(void **state)
{
    (void)state;
    make_cold();
    read_up_to(FILE_BYTES);
    size_t before = resident(0, FILE_BYTES);
    cp_page_cache cache;
    cp_page_cache_open(&cache, fd, FILE_BYTES);
    assert_false(cache.drops);
    cp_page_cache_behind(&cache, FILE_BYTES);
    assert_int_equal(resident(0, FILE_BYTES), before);
}

/* One warm page among the sampled ones is somebody's interest. */
static void test_partly_warm_file_is_left(void **state)
{
    (void)state;
    make_cold();
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, 0), 1);
    cp_page_cache cache;
    cp_page_cache_open(&cache, fd, FILE_BYTES);
    assert_false(cache.drops);
}

/* A whole file through a source: every byte as it was, cold pages gone again. */
static void read_through(cp_source *source)
{
    cp_view view = {0};
    size_t at = 0;
    while (!view.at_end) {
        assert_int_equal(source->peek(source, 1 << 20, &view, NULL), CP_OK);
        assert_memory_equal(view.bytes.data, bytes + at, view.bytes.size);
        at += view.bytes.size;
        source->consume(source, view.bytes.size);
    }
    assert_int_equal(at, FILE_BYTES);
}

static void test_sources_drop_behind(void **state)
{
    (void)state;
    cp_pool *pool;
    assert_int_equal(cp_pool_new(2 << 20, &pool, NULL), CP_OK);
    for (int mapped = 0; mapped < 2; mapped++) {
        make_cold();
        cp_stream *stream;
        cp_source *source;
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
        if (mapped) {
            assert_int_equal(
                cp_mapped_source_open(copy, FILE_BYTES, CP_MAP_WINDOW_BYTES, pool, &source, NULL),
                CP_OK);
        } else {
            assert_int_equal(cp_file_stream_open(copy, FILE_BYTES, 1 << 20, &stream, NULL), CP_OK);
            assert_int_equal(cp_buffered_source_open(stream, pool, &source, NULL), CP_OK);
        }
        read_through(source);
        assert_int_equal(resident(0, 2 * STEP_BYTES), 0);
        source->close(source);
    }
    cp_pool_free(pool);
}

static void test_outputs_drop_behind(void **state)
{
    (void)state;
    make_cold();
    cp_output *output;
    assert_int_equal(cp_output_open(in_folder("out"), &output, NULL), CP_OK);
    for (size_t at = 0; at < FILE_BYTES; at += 1 << 20)
        assert_int_equal(cp_write(cp_output_writer(output), bytes + at, 1 << 20, NULL), CP_OK);
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    close(fd);
    fd = open(in_folder("out"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(resident(0, FILE_BYTES - 3 * STEP_BYTES), 0);
    for (size_t at = 0; at < FILE_BYTES; at += 1 << 20) {
        static uint8_t piece[1 << 20];
        assert_int_equal(pread(fd, piece, sizeof piece, (off_t)at), sizeof piece);
        assert_memory_equal(piece, bytes + at, sizeof piece);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_small_files_are_left), TEST(test_cold_file_is_dropped_behind),
        TEST(test_warm_file_is_left),    TEST(test_partly_warm_file_is_left),
        TEST(test_sources_drop_behind),  TEST(test_outputs_drop_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
