/* pipeline/io/source.h: the sources and the file stream keep every promise of
 * pipeline/core/source.h, whatever sizes are asked for and delivered.
 *
 *   bytes --odd sizes, pipe, file, map--> source --random peeks and consumes--> the same bytes */
#include "pipeline/io/source.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"

#include <pthread.h>

enum { PAGE_BYTES = 4096, POOL_BYTES = 5000 };

static uint8_t *data;
static size_t data_bytes;

/* Bytes that tell their place: a shift by any amount is seen. */
static void make_data(size_t size)
{
    free(data);
    data = malloc(size ? size : 1);
    assert_non_null(data);
    data_bytes = size;
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static cp_pool *open_pool(size_t bytes)
{
    cp_pool *pool;
    assert_int_equal(cp_pool_new(bytes, &pool, NULL), CP_OK);
    return pool;
}

static int open_file_of_data(void)
{
    const char *path = in_folder("data");
    write_file(path, data, data_bytes);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* ---- ways to the same bytes ---- */

typedef enum way { OVER_MEMORY, OVER_FILE, OVER_PIPE, MAPPED, WAYS } way;

static pthread_t feeder;

/* Writes the data into a pipe in odd pieces. */
static void *feed(void *argument)
{
    int fd = *(int *)argument;
    size_t piece = 1, at = 0;
    while (at < data_bytes) {
        piece = piece * 7 % 9973 + 1;
        ssize_t n = write(fd, data + at, piece < data_bytes - at ? piece : data_bytes - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    close(fd);
    return NULL;
}

static cp_stream *open_pipe_stream(size_t chunk_bytes)
{
    static int ends[2];
    cp_stream *stream;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&feeder, NULL, feed, &ends[1]), 0);
    assert_int_equal(cp_file_stream_open(ends[0], UINT64_MAX, chunk_bytes, &stream, NULL), CP_OK);
    return stream;
}

static cp_source *open_source(way how, cp_pool *pool)
{
    size_t chunk_bytes = 1 + (size_t)random_below(3 * PAGE_BYTES);
    cp_stream *stream;
    cp_source *source;
    switch (how) {
    case OVER_MEMORY:
        stream = &memory_stream_open((cp_span){data, data_bytes}, chunk_bytes, NULL)->base;
        break;
    case OVER_FILE:
        assert_int_equal(
            cp_file_stream_open(open_file_of_data(), data_bytes, chunk_bytes, &stream, NULL),
            CP_OK);
        break;
    case OVER_PIPE:
        stream = open_pipe_stream(chunk_bytes);
        break;
    default:
        assert_int_equal(cp_mapped_source_open(open_file_of_data(), data_bytes,
                                               PAGE_BYTES * (size_t)(1 + random_below(4)), pool,
                                               &source, NULL),
                         CP_OK);
        return source;
    }
    assert_int_equal(cp_buffered_source_open(stream, pool, &source, NULL), CP_OK);
    return source;
}

static void close_source(way how, cp_source *source)
{
    source->close(source);
    if (how == OVER_PIPE)
        assert_int_equal(pthread_join(feeder, NULL), 0);
}

/* ---- what every view promises ---- */

/* Reads the padding, so that a sanitizer or the memory's protection sees where it is missing. */
static unsigned touch_padding(const cp_view *view)
{
    unsigned sum = 0;
    const volatile uint8_t *behind = view->bytes.data + view->bytes.size;
    for (size_t i = 0; i < CP_PADDING_BYTES; i++)
        sum += behind[i];
    return sum;
}

static void check_view(const cp_source *source, const cp_view *view, size_t want)
{
    size_t at = (size_t)source->position, left = data_bytes - at;
    assert_true(view->bytes.size >= (want < left ? want : left));
    assert_true(view->bytes.size <= left);
    assert_memory_equal(view->bytes.data, data + at, view->bytes.size);
    assert_true(touch_padding(view) <= 255 * CP_PADDING_BYTES);
    assert_non_null(view->backing);
    assert_true(view->bytes.data >= view->backing->data);
    assert_true(view->bytes.data + view->bytes.size <=
                view->backing->data + view->backing->capacity);
    if (view->bytes.size < want)
        assert_true(view->at_end);
    if (view->at_end) {
        assert_int_equal(view->bytes.size, left);
        assert_int_equal(view->bytes.data[left], '\n');
    }
}

/* Bytes whose source has moved on: still there while their backing is held. */
typedef struct held {
    cp_buffer *backing;
    cp_span bytes;
    size_t at;
} held;

static void hold(held *slot, const cp_source *source, const cp_view *view)
{
    if (slot->backing) {
        assert_memory_equal(slot->bytes.data, data + slot->at, slot->bytes.size);
        cp_buffer_release(slot->backing);
    }
    *slot = (held){cp_buffer_retain(view->backing), view->bytes, (size_t)source->position};
}

enum { HELD = 6 };

static void let_go(held slots[HELD])
{
    for (size_t i = 0; i < HELD; i++)
        if (slots[i].backing) {
            assert_memory_equal(slots[i].bytes.data, data + slots[i].at, slots[i].bytes.size);
            cp_buffer_release(slots[i].backing);
        }
}

static size_t random_want(void)
{
    return 1 + (size_t)random_below(random_below(4) ? 300 : 4 * POOL_BYTES);
}

/* Peeks and consumes at random to the end; blocks taken on the way outlive the source. */
static void walk(way how)
{
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source = open_source(how, pool);
    held slots[HELD] = {{0}};
    bool holds = random_below(2);
    cp_view view = {0};
    while (!view.at_end || view.bytes.size > 0) {
        size_t want = random_want();
        assert_int_equal(source->peek(source, want, &view, NULL), CP_OK);
        check_view(source, &view, want);
        if (holds && random_below(3) == 0)
            hold(&slots[random_below(HELD)], source, &view);
        size_t eaten = random_below(8) ? (size_t)random_below(view.bytes.size + 1) : 0;
        uint64_t before = source->position;
        source->consume(source, eaten);
        assert_int_equal(source->position, before + eaten);
        view.bytes.size -= eaten;
    }
    assert_int_equal(source->position, data_bytes);
    for (int again = 0; again < 3; again++) { /* the end stays the end */
        assert_int_equal(source->peek(source, random_want(), &view, NULL), CP_OK);
        check_view(source, &view, 1);
        assert_int_equal(view.bytes.size, 0);
        assert_true(view.at_end);
    }
    close_source(how, source);
    let_go(slots);
    cp_pool_free(pool);
}

static void test_random_walks(void **state)
{
    (void)state;
    random_start(UINT64_C(20260210));
    for (int round = 0; round < 60; round++) {
        make_data(random_below(round % 3 ? 30000 : 200));
        for (int how = OVER_MEMORY; how < WAYS; how++)
            walk((way)how);
    }
}

/* Sizes around a page, the padding and the pool: where mapping and reading the rest meet. */
static void test_sizes_around_edges(void **state)
{
    (void)state;
    static const size_t edges[] = {0,          CP_PADDING_BYTES, PAGE_BYTES, 2 * PAGE_BYTES,
                                   POOL_BYTES, 4 * PAGE_BYTES};
    random_start(UINT64_C(20260211));
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        for (size_t around = 0; around < 2 * CP_PADDING_BYTES + 4; around += 3) {
            size_t size = edges[i] + around;
            make_data(size < CP_PADDING_BYTES + 2 ? around : size - CP_PADDING_BYTES - 2);
            for (int how = OVER_MEMORY; how < WAYS; how++)
                walk((way)how);
        }
}

/* ---- buffered ---- */

static void test_empty_stream(void **state)
{
    (void)state;
    make_data(0);
    unsigned closed = 0;
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source;
    cp_view view;
    cp_stream *stream = &memory_stream_open((cp_span){data, 0}, 10, &closed)->base;
    assert_int_equal(cp_buffered_source_open(stream, pool, &source, NULL), CP_OK);
    assert_int_equal(source->peek(source, 1, &view, NULL), CP_OK);
    check_view(source, &view, 1);
    assert_true(view.at_end);
    assert_int_equal(closed, 0);
    source->close(source);
    assert_int_equal(closed, 1);
    cp_pool_free(pool);
}

/* A block in flight is never written over: the rest of the bytes moves to another buffer. */
static void test_held_bytes_are_not_moved(void **state)
{
    (void)state;
    make_data(3 * POOL_BYTES);
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source = open_source(OVER_MEMORY, pool);
    cp_view first, second;
    assert_int_equal(source->peek(source, POOL_BYTES, &first, NULL), CP_OK);
    cp_buffer *kept = cp_buffer_retain(first.backing);
    source->consume(source, POOL_BYTES - 100);
    assert_int_equal(source->peek(source, POOL_BYTES, &second, NULL), CP_OK);
    assert_ptr_not_equal(second.backing, kept);
    check_view(source, &second, POOL_BYTES);
    assert_memory_equal(first.bytes.data, data, POOL_BYTES);
    cp_buffer_release(kept);
    source->consume(source, POOL_BYTES - 100);
    cp_view third;
    assert_int_equal(source->peek(source, POOL_BYTES, &third, NULL), CP_OK);
    assert_ptr_equal(third.backing, second.backing); /* nobody holds it: no second buffer */
    check_view(source, &third, POOL_BYTES);
    source->close(source);
    cp_pool_free(pool);
}

/* The failure comes through with the bytes before it, and again at every peek that wants more; the
 * stream, which would go on, is not asked again. */
static void test_failing_stream(void **state)
{
    (void)state;
    make_data(1000);
    cp_pool *pool = open_pool(POOL_BYTES);
    memory_stream *stream = memory_stream_open((cp_span){data, data_bytes}, 100, NULL);
    stream->fails_at = 500;
    cp_source *source;
    assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
    cp_view view;
    assert_int_equal(source->peek(source, 100, &view, NULL), CP_OK);
    check_view(source, &view, 100);
    source->consume(source, 100);
    for (size_t want = 401; want < 10 * POOL_BYTES; want *= 3) {
        cp_error err = {0};
        assert_int_equal(source->peek(source, want, &view, &err), CP_E_IO);
        assert_string_equal(err.reason, "read_failed");
        assert_string_equal(err.input, ""); /* that is for others to say */
        assert_int_equal(view.bytes.size, 400);
        assert_memory_equal(view.bytes.data, data + 100, 400);
        assert_false(view.at_end);
        assert_int_equal(source->peek(source, want, &view, NULL), CP_E_IO);
        assert_int_equal(source->peek(source, 400, &view, NULL), CP_OK);
        check_view(source, &view, 400);
    }
    source->close(source);
    cp_pool_free(pool);
}

/* Nothing came at all. */
static void test_stream_that_fails_at_once(void **state)
{
    (void)state;
    make_data(10);
    cp_pool *pool = open_pool(POOL_BYTES);
    memory_stream *stream = memory_stream_open((cp_span){data, data_bytes}, 100, NULL);
    stream->fails_at = 0;
    cp_source *source;
    cp_view view;
    assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(source->peek(source, 5, &view, NULL), CP_E_IO);
        assert_int_equal(view.bytes.size, 0);
        assert_false(view.at_end);
    }
    source->close(source);
    cp_pool_free(pool);
}

static void test_buffered_without_memory(void **state)
{
    (void)state;
    make_data(100);
    unsigned closed = 0;
    cp_error err = {0};
    cp_source *source;
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_stream *stream = &memory_stream_open((cp_span){data, 100}, 10, &closed)->base;
    fail_allocation(0);
    cp_rc rc = cp_buffered_source_open(stream, pool, &source, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(closed, 1); /* owned also where this fails */
    stream = &memory_stream_open((cp_span){data, 100}, 10, &closed)->base;
    assert_int_equal(cp_buffered_source_open(stream, pool, &source, NULL), CP_OK);
    cp_view view;
    fail_allocation(0);
    rc = source->peek(source, 50, &view, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(source->peek(source, 50, &view, NULL), CP_OK);
    fail_allocation(0);
    rc = source->peek(source, 2 * POOL_BYTES, &view, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(source->peek(source, 2 * POOL_BYTES, &view, NULL), CP_OK);
    check_view(source, &view, 2 * POOL_BYTES);
    source->close(source);
    cp_pool_free(pool);
}

/* ---- the file stream ---- */

static cp_stream *open_file_stream(uint64_t file_bytes, size_t chunk_bytes)
{
    cp_stream *stream;
    assert_int_equal(
        cp_file_stream_open(open_file_of_data(), file_bytes, chunk_bytes, &stream, NULL), CP_OK);
    return stream;
}

static void test_chunks(void **state)
{
    (void)state;
    make_data(10000);
    size_t files = open_files();
    cp_stream *stream = open_file_stream(data_bytes, 999);
    uint8_t bytes[2000];
    size_t at = 0, got = 1;
    while (at < data_bytes) {
        assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
        assert_in_range(got, 1, 999);
        assert_memory_equal(bytes, data + at, got);
        at += got;
    }
    for (int again = 0; again < 3; again++) {
        assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
        assert_int_equal(got, 0);
    }
    stream->close(stream);
    assert_int_equal(open_files(), files);
}

/* What is added later is not looked at. */
static void test_growing_file(void **state)
{
    (void)state;
    make_data(1000);
    cp_stream *stream = open_file_stream(600, 500);
    uint8_t bytes[1000];
    size_t at = 0, got = 1;
    for (; got > 0; at += got)
        assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
    assert_int_equal(at, 600);
    stream->close(stream);
}

static void test_shrunken_file(void **state)
{
    (void)state;
    make_data(1000);
    cp_stream *stream = open_file_stream(1500, 5000);
    uint8_t bytes[2000];
    size_t got;
    cp_error err = {0};
    assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
    assert_int_equal(got, 1000);
    assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, &err), CP_E_DATA);
    assert_string_equal(err.reason, "truncated_input");
    assert_true(err.has_byte);
    assert_int_equal(err.byte, 1000);
    assert_non_null(strstr(err.message, "1500"));
    assert_string_equal(err.input, "");
    stream->close(stream);
}

static void test_unreadable_descriptor(void **state)
{
    (void)state;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* read() answers EISDIR */
    assert_true(fd >= 0);
    cp_stream *stream;
    assert_int_equal(cp_file_stream_open(fd, UINT64_MAX, 100, &stream, NULL), CP_OK);
    uint8_t byte;
    size_t got;
    cp_error err = {0};
    assert_int_equal(stream->read(stream, &byte, 1, &got, &err), CP_E_IO);
    assert_string_equal(err.reason, "read_failed");
    assert_true(err.has_byte);
    assert_int_equal(err.byte, 0);
    stream->close(stream);
}

/* A second writer may come to a pipe whose end was told; the end stands. */
static void test_end_of_a_pipe_stays(void **state)
{
    (void)state;
    const char *path = in_folder("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    int in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int out = open(path, O_WRONLY | O_CLOEXEC);
    cp_stream *stream;
    uint8_t bytes[10];
    size_t got;
    assert_int_equal(cp_file_stream_open(in, UINT64_MAX, 100, &stream, NULL), CP_OK);
    assert_int_equal(write(out, "abc", 3), 3);
    assert_int_equal(close(out), 0);
    assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
    assert_int_equal(got, 3);
    assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
    assert_int_equal(got, 0);
    out = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(out, "late", 4), 4);
    assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
    assert_int_equal(got, 0);
    assert_int_equal(close(out), 0);
    stream->close(stream);
}

/* Somebody who shares the pipe has set it to non-blocking: the stream waits. */
static void test_pipe_that_does_not_block(void **state)
{
    (void)state;
    enum { PIPE_BYTES = 300000 };
    make_data(PIPE_BYTES);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    cp_stream *stream;
    uint8_t bytes[5000];
    size_t at = 0, got = 1;
    assert_int_equal(cp_file_stream_open(ends[0], UINT64_MAX, sizeof bytes, &stream, NULL), CP_OK);
    assert_int_equal(pthread_create(&feeder, NULL, feed, &ends[1]), 0);
    for (; got > 0; at += got) {
        assert_int_equal(stream->read(stream, bytes, sizeof bytes, &got, NULL), CP_OK);
        assert_memory_equal(bytes, data + at, got);
    }
    assert_int_equal(at, PIPE_BYTES);
    assert_int_equal(pthread_join(feeder, NULL), 0);
    stream->close(stream);
}

static void test_file_stream_without_memory(void **state)
{
    (void)state;
    make_data(10);
    size_t files = open_files();
    cp_error err = {0};
    cp_stream *stream;
    int fd = open_file_of_data();
    fail_allocation(0);
    cp_rc rc = cp_file_stream_open(fd, 10, 10, &stream, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(open_files(), files);
}

/* ---- mapped ---- */

static cp_source *open_mapped(uint64_t file_bytes, size_t window_bytes, cp_pool *pool)
{
    cp_source *source;
    assert_int_equal(
        cp_mapped_source_open(open_file_of_data(), file_bytes, window_bytes, pool, &source, NULL),
        CP_OK);
    return source;
}

/* Pages of the data file that are mapped now, from the kernel's own list. */
static size_t mapped_bytes(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    char line[PATH_MAX];
    size_t sum = 0;
    const char *path = in_folder("data");
    while (fgets(line, sizeof line, maps)) {
        size_t from, to;
        if (strstr(line, path) && sscanf(line, "%zx-%zx", &from, &to) == 2)
            sum += to - from;
    }
    fclose(maps);
    return sum;
}

/* No more than one window is mapped; blocks keep theirs; at the end nothing is left. */
static void test_windows_are_unmapped(void **state)
{
    (void)state;
    enum { WINDOW = 4 * PAGE_BYTES, STEP = PAGE_BYTES - 100 };
    make_data(40 * PAGE_BYTES + 17);
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source = open_mapped(data_bytes, WINDOW, pool);
    cp_buffer *kept = NULL;
    cp_span kept_bytes = {0};
    size_t kept_at = 0;
    cp_view view;
    assert_int_equal(source->peek(source, STEP, &view, NULL), CP_OK);
    while (!view.at_end) {
        check_view(source, &view, STEP);
        assert_true(mapped_bytes() <= WINDOW + (kept ? WINDOW : 0));
        if (!kept && source->position > (uint64_t)5 * PAGE_BYTES) {
            kept = cp_buffer_retain(view.backing);
            kept_bytes = view.bytes;
            kept_at = (size_t)source->position;
        }
        source->consume(source, STEP);
        assert_int_equal(source->peek(source, STEP, &view, NULL), CP_OK);
    }
    check_view(source, &view, STEP);
    source->close(source);
    assert_true(mapped_bytes() > 0); /* the block's window outlives the source */
    assert_memory_equal(kept_bytes.data, data + kept_at, kept_bytes.size);
    cp_buffer_release(kept);
    assert_int_equal(mapped_bytes(), 0);
    cp_pool_free(pool);
}

/* A record larger than a window gets a window of its own. */
static void test_wants_more_than_a_window(void **state)
{
    (void)state;
    make_data(20 * PAGE_BYTES);
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source = open_mapped(data_bytes, PAGE_BYTES, pool);
    cp_view view;
    for (size_t want = 1; want < 2 * data_bytes; want = want * 3 + 1) {
        assert_int_equal(source->peek(source, want, &view, NULL), CP_OK);
        check_view(source, &view, want);
    }
    assert_true(view.at_end);
    source->close(source);
    cp_pool_free(pool);
}

/* The last page is full and the next one forbidden: padding must not come from the map. */
static void test_padding_behind_the_last_page(void **state)
{
    (void)state;
    for (size_t pages = 1; pages <= 3; pages++) {
        make_data(pages * PAGE_BYTES);
        for (size_t want = 1; want <= data_bytes; want += 61) {
            cp_pool *pool = open_pool(POOL_BYTES);
            cp_source *source = open_mapped(data_bytes, PAGE_BYTES, pool);
            cp_view view = {0};
            do {
                assert_int_equal(source->peek(source, want, &view, NULL), CP_OK);
                check_view(source, &view, want);
                source->consume(source, view.bytes.size);
            } while (!view.at_end);
            assert_int_equal(source->position, data_bytes);
            source->close(source);
            cp_pool_free(pool);
        }
    }
}

static void test_mapped_file_shrinks(void **state)
{
    (void)state;
    make_data(1000);
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source = open_mapped(1500, PAGE_BYTES, pool);
    cp_view view;
    cp_error err = {0};
    assert_int_equal(source->peek(source, 1500, &view, &err), CP_E_DATA);
    assert_string_equal(err.reason, "truncated_input");
    assert_int_equal(err.byte, 1000);
    assert_int_equal(source->peek(source, 1500, &view, NULL), CP_E_DATA);
    source->close(source);
    cp_pool_free(pool);
}

static void test_what_cannot_be_mapped(void **state)
{
    (void)state;
    make_data(20 * PAGE_BYTES);
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_source *source;
    cp_view view;
    cp_error err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    assert_int_equal(cp_mapped_source_open(ends[0], data_bytes, PAGE_BYTES, pool, &source, NULL),
                     CP_OK);
    assert_int_equal(source->peek(source, 1, &view, &err), CP_E_IO);
    assert_string_equal(err.reason, "map_failed");
    source->close(source);
    cp_pool_free(pool);
}

static void test_mapped_without_memory(void **state)
{
    (void)state;
    make_data(10 * PAGE_BYTES);
    size_t files = open_files();
    cp_pool *pool = open_pool(POOL_BYTES);
    cp_error err = {0};
    cp_source *source;
    int fd = open_file_of_data();
    fail_allocation(0);
    cp_rc rc = cp_mapped_source_open(fd, data_bytes, PAGE_BYTES, pool, &source, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_int_equal(open_files(), files);
    source = open_mapped(data_bytes, PAGE_BYTES, pool);
    cp_view view;
    for (size_t want = 1; want <= data_bytes; want += data_bytes - 1) { /* a window, the rest */
        fail_allocation(0);
        rc = source->peek(source, want, &view, &err);
        assert_true(end_failing());
        assert_int_equal(rc, CP_E_MEMORY);
        assert_int_equal(source->peek(source, want, &view, NULL), CP_OK);
        check_view(source, &view, want);
    }
    source->close(source);
    cp_pool_free(pool);
    assert_int_equal(open_files(), files);
}

static int free_data(void **state)
{
    free(data);
    data = NULL;
    return remove_folder(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, free_data)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_random_walks),
        WITH_FOLDER(test_sizes_around_edges),
        WITH_FOLDER(test_empty_stream),
        WITH_FOLDER(test_held_bytes_are_not_moved),
        WITH_FOLDER(test_failing_stream),
        WITH_FOLDER(test_stream_that_fails_at_once),
        WITH_FOLDER(test_buffered_without_memory),
        WITH_FOLDER(test_chunks),
        WITH_FOLDER(test_growing_file),
        WITH_FOLDER(test_shrunken_file),
        WITH_FOLDER(test_unreadable_descriptor),
        WITH_FOLDER(test_end_of_a_pipe_stays),
        WITH_FOLDER(test_pipe_that_does_not_block),
        WITH_FOLDER(test_file_stream_without_memory),
        WITH_FOLDER(test_windows_are_unmapped),
        WITH_FOLDER(test_wants_more_than_a_window),
        WITH_FOLDER(test_padding_behind_the_last_page),
        WITH_FOLDER(test_mapped_file_shrinks),
        WITH_FOLDER(test_what_cannot_be_mapped),
        WITH_FOLDER(test_mapped_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
