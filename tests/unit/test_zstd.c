/* formats/compress/zstd.c behind the codec contract: frames of all kinds both ways, in any sizes;
 * every truncation and every damage is told. */
#include "formats/compress/codecs.h"
#include "pipeline/io/source.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/memory_io.h"

#include <zstd.h>

enum { POOL_BYTES = 3000, WINDOW_BYTES = 8 << 20 };

/* ---- making frames ---- */

typedef struct bytes {
    uint8_t *data;
    size_t size, capacity;
} bytes;

static void append(bytes *to, const void *data, size_t size)
{
    if (to->size + size >= to->capacity) {
        to->capacity = 2 * (to->size + size) + 1;
        to->data = realloc(to->data, to->capacity);
        assert_non_null(to->data);
    }
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

/* Words, so that there is something to compress. */
static bytes make_text(size_t size)
{
    static const char *const words[] = {"DRAFT", "CLOSED", "sensor", "12.5", "\n", "{}"};
    bytes text = {0};
    append(&text, "", 0);
    while (text.size < size) {
        const char *word = words[random_below(6)];
        append(&text, word, strlen(word));
    }
    text.size = size;
    return text;
}

/* One frame through the codec's own writer, written in random pieces. */
static void append_frame(bytes *to, const bytes *text, int level)
{
    memory_writer below = memory_writer_open();
    cp_writer *writer;
    assert_int_equal(cp_codec_zstd.compress(&below.base, level, &writer, NULL), CP_OK);
    size_t at = 0;
    while (at < text->size) {
        size_t size = 1 + (size_t)random_below(5000);
        size = size < text->size - at ? size : text->size - at;
        assert_int_equal(cp_write(writer, text->data + at, size, NULL), CP_OK);
        at += size;
    }
    assert_int_equal(writer->finish(writer, NULL), CP_OK);
    writer->close(writer);
    assert_int_equal(below.finished, 0); /* the writer below stays the caller's */
    append(to, below.bytes, below.size);
    below.base.close(&below.base);
}

static void append_skippable(bytes *to, unsigned number, size_t size)
{
    const uint8_t header[8] = {(uint8_t)(0x50 + number), 0x2A, 0x4D, 0x18, (uint8_t)size,
                               (uint8_t)(size >> 8)};
    append(to, header, sizeof header);
    for (size_t i = 0; i < size; i++)
        append(to, "\xfd", 1);
}

/* ---- reading them ---- */

static cp_pool *pool;

static int open_pool(void **state)
{
    (void)state;
    random_start(UINT64_C(20260230));
    return cp_pool_new(POOL_BYTES, &pool, NULL);
}

static int close_pool(void **state)
{
    (void)state;
    cp_pool_free(pool);
    return 0;
}

static cp_stream *open_stream(const bytes *frames, size_t most, size_t window_bytes)
{
    cp_source *source;
    cp_stream *below = &memory_stream_open((cp_span){frames->data, frames->size}, most, NULL)->base;
    assert_int_equal(cp_buffered_source_open(below, pool, &source, NULL), CP_OK);
    cp_stream *stream;
    assert_int_equal(cp_codec_zstd.open(source, window_bytes, &stream, NULL), CP_OK);
    return stream;
}

/* All that comes out, in reads of at most `most` bytes. */
static cp_rc read_all(cp_stream *stream, size_t most, bytes *out, cp_error *err)
{
    static uint8_t piece[70000];
    cp_rc rc = CP_OK;
    size_t got = 1;
    *out = (bytes){0};
    append(out, "", 0);
    while (!rc && got > 0) {
        size_t capacity = 1 + (size_t)random_below(most);
        rc = stream->read(stream, piece, capacity, &got, err);
        assert_true(got <= capacity);
        if (!rc)
            append(out, piece, got);
    }
    return rc;
}

static void assert_reads(const bytes *frames, const bytes *text)
{
    static const size_t sizes[][2] = {{1, 10}, {7, 70000}, {100, 1}, {100000, 70000}};
    bool is_large = text->size > 20000; /* byte by byte would take too long */
    for (size_t i = is_large ? 1 : 0; i < 4; i += is_large ? 2 : 1) {
        cp_stream *stream = open_stream(frames, sizes[i][0], WINDOW_BYTES);
        bytes out;
        assert_int_equal(read_all(stream, sizes[i][1], &out, NULL), CP_OK);
        assert_int_equal(out.size, text->size);
        assert_memory_equal(out.data, text->data, out.size);
        size_t got = 1;
        uint8_t byte;
        assert_int_equal(stream->read(stream, &byte, 1, &got, NULL), CP_OK);
        assert_int_equal(got, 0); /* the end is told again */
        free(out.data);
        stream->close(stream);
    }
}

static void test_there_and_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 4096, 131072, 131073, 1000000};
    static const int levels[] = {0, 1, 19};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < 3; j++) {
            bytes text = make_text(sizes[i]), frames = {0};
            append_frame(&frames, &text, levels[j]);
            assert_reads(&frames, &text);
            free(text.data);
            free(frames.data);
        }
}

/* What the writer made has a checksum, and libzstd itself reads it. */
static void test_frames_are_whole(void **state)
{
    (void)state;
    bytes text = make_text(10000), frames = {0};
    append_frame(&frames, &text, 0);
    uint8_t out[10000];
    assert_int_equal(ZSTD_decompress(out, sizeof out, frames.data, frames.size), 10000);
    assert_memory_equal(out, text.data, 10000);
    frames.data[frames.size - 1] ^= 1; /* the last four bytes are the checksum */
    assert_true(ZSTD_isError(ZSTD_decompress(out, sizeof out, frames.data, frames.size)));
    free(text.data);
    free(frames.data);
}

/* Frames behind frames, empty and skippable ones among them: one stream. */
static void test_concatenated_frames(void **state)
{
    (void)state;
    for (int round = 0; round < 30; round++) {
        bytes all = {0}, frames = {0};
        append(&all, "", 0);
        for (size_t count = 1 + random_below(5); count > 0; count--) {
            bytes text = make_text((size_t)random_below(random_below(2) ? 3000 : 3));
            append_frame(&frames, &text, 1);
            append(&all, text.data, text.size);
            free(text.data);
            if (random_below(2))
                append_skippable(&frames, (unsigned)random_below(16), (size_t)random_below(2000));
        }
        assert_reads(&frames, &all);
        free(all.data);
        free(frames.data);
    }
}

static void test_only_skippable(void **state)
{
    (void)state;
    bytes frames = {0}, none = {0};
    append(&none, "", 0);
    append_skippable(&frames, 0, 0);
    append_skippable(&frames, 15, 5000);
    assert_int_equal(cp_codec_zstd.probe((cp_span){frames.data, frames.size}), 90);
    assert_reads(&frames, &none);
    free(frames.data);
    free(none.data);
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t size;
        bool mine;
    } rows[] = {
        {"\x28\xB5\x2F\xFD", 4, true},  {"\x28\xB5\x2F\xFD\x24\x01", 6, true},
        {"\x50\x2A\x4D\x18", 4, true},  {"\x5F\x2A\x4D\x18", 4, true},
        {"\x60\x2A\x4D\x18", 4, false}, {"\x4F\x2A\x4D\x18", 4, false},
        {"\x28\xB5\x2F", 3, false},     {"", 0, false},
        {"{\"id\": 1}", 9, false},      {"\x1F\x8B\x08\x00", 4, false},
        {"\xFD\x2F\xB5\x28", 4, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_span head = {(const uint8_t *)rows[i].head, rows[i].size};
        assert_int_equal(cp_codec_zstd.probe(head) > 0, rows[i].mine);
    }
    assert_string_equal(cp_codec_zstd.name, "zstd");
    assert_string_equal(cp_codec_zstd.extension, ".zst");
}

/* ---- damage ---- */

/* Cut anywhere inside a frame: truncated_input, and where; never an end. */
static void test_every_truncation(void **state)
{
    (void)state;
    bytes text = make_text(3000), frames = {0};
    append_frame(&frames, &text, 0);
    size_t first = frames.size;
    append_frame(&frames, &text, 0);
    for (size_t size = 1; size < frames.size; size++) {
        bytes cut = {frames.data, size, size}, out;
        cp_error err = {0};
        cp_stream *stream = open_stream(&cut, 1 + (size_t)random_below(500), WINDOW_BYTES);
        cp_rc rc = read_all(stream, 1000, &out, &err);
        assert_int_equal(rc, size == first ? CP_OK : CP_E_DATA);
        assert_true(out.size <= 2 * text.size);
        for (size_t at = 0; at < out.size; at += text.size) {
            size_t left = out.size - at;
            assert_memory_equal(out.data + at, text.data, left < text.size ? left : text.size);
        }
        if (rc) {
            assert_string_equal(err.reason, "truncated_input");
            assert_true(err.has_byte);
            assert_true(err.byte >= out.size && err.byte <= 2 * text.size);
            assert_string_equal(err.input, "");
        }
        free(out.data);
        stream->close(stream);
    }
    free(text.data);
    free(frames.data);
}

/* Any one bit turned over: an error, or the same bytes; never other ones. */
static void test_every_damaged_byte(void **state)
{
    (void)state;
    bytes text = make_text(2000), frames = {0};
    append_frame(&frames, &text, 0);
    unsigned errors = 0;
    for (size_t i = 0; i < frames.size; i++) {
        uint8_t bit = (uint8_t)(1u << random_below(8));
        frames.data[i] ^= bit;
        bytes out;
        cp_error err = {0};
        cp_stream *stream = open_stream(&frames, 1000, WINDOW_BYTES);
        cp_rc rc = read_all(stream, 5000, &out, &err);
        if (rc) {
            assert_int_equal(rc, CP_E_DATA);
            assert_non_null(err.reason);
            assert_true(err.has_byte);
        } else {
            assert_int_equal(out.size, text.size);
            assert_memory_equal(out.data, text.data, out.size);
        }
        errors += rc != CP_OK;
        free(out.data);
        stream->close(stream);
        frames.data[i] ^= bit;
    }
    assert_true(errors > frames.size / 10 * 9);
    free(text.data);
    free(frames.data);
}

static void test_garbage_behind_a_frame(void **state)
{
    (void)state;
    static const char *const garbage[] = {"{\"id\":1}\n", "\n", "\x28\xB5"};
    static const char *const reasons[] = {"corrupt_input", "corrupt_input", "truncated_input"};
    bytes text = make_text(100);
    for (size_t i = 0; i < 3; i++) {
        bytes frames = {0}, out;
        append_frame(&frames, &text, 0);
        append(&frames, garbage[i], strlen(garbage[i]));
        cp_error err = {0};
        cp_stream *stream = open_stream(&frames, 1000, WINDOW_BYTES);
        assert_int_equal(read_all(stream, 5000, &out, &err), CP_E_DATA);
        assert_string_equal(err.reason, reasons[i]);
        assert_int_equal(err.byte, text.size);
        free(out.data);
        free(frames.data);
        stream->close(stream);
    }
    free(text.data);
}

/* ---- windows ---- */

static void test_window_limit(void **state)
{
    (void)state;
    enum { LARGE = 3 << 20, WINDOW_LOG = 21 };
    bytes text = make_text(LARGE), frames = {0};
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, WINDOW_LOG);
    frames.data = malloc(ZSTD_compressBound(LARGE));
    assert_non_null(frames.data);
    frames.size = ZSTD_compress2(context, frames.data, ZSTD_compressBound(LARGE), text.data, LARGE);
    assert_false(ZSTD_isError(frames.size));
    ZSTD_freeCCtx(context);
    static const struct {
        size_t limit;
        cp_rc rc;
    } rows[] = {
        {0, CP_E_DATA},           {(1 << WINDOW_LOG) - 1, CP_E_DATA},
        {1 << WINDOW_LOG, CP_OK}, {(1 << (WINDOW_LOG + 1)) - 1, CP_OK},
        {SIZE_MAX, CP_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes out;
        cp_error err = {0};
        cp_stream *stream = open_stream(&frames, 100000, rows[i].limit);
        assert_int_equal(read_all(stream, 70000, &out, &err), rows[i].rc);
        if (rows[i].rc) {
            assert_string_equal(err.reason, "window_too_large");
            assert_non_null(strstr(err.message, "--max-window"));
            assert_int_equal(out.size, 0);
        } else {
            assert_int_equal(out.size, LARGE);
            assert_memory_equal(out.data, text.data, LARGE);
        }
        free(out.data);
        stream->close(stream);
    }
    free(text.data);
    free(frames.data);
}

/* ---- failures around it ---- */

static void test_failing_source(void **state)
{
    (void)state;
    bytes text = make_text(50000), frames = {0};
    append_frame(&frames, &text, 0);
    memory_stream *below = memory_stream_open((cp_span){frames.data, frames.size}, 100, NULL);
    below->fails_at = frames.size / 2;
    cp_source *source;
    cp_stream *stream;
    bytes out;
    cp_error err = {0};
    assert_int_equal(cp_buffered_source_open(&below->base, pool, &source, NULL), CP_OK);
    assert_int_equal(cp_codec_zstd.open(source, WINDOW_BYTES, &stream, NULL), CP_OK);
    assert_int_equal(read_all(stream, 1000, &out, &err), CP_E_IO);
    assert_string_equal(err.reason, "read_failed");
    free(out.data);
    stream->close(stream);
    free(text.data);
    free(frames.data);
}

static void test_failing_writer(void **state)
{
    (void)state;
    bytes text = make_text(100000);
    for (size_t room = 0; room < 50; room += 7) {
        memory_writer below = memory_writer_open();
        below.room = room;
        cp_writer *writer;
        cp_error err = {0};
        assert_int_equal(cp_codec_zstd.compress(&below.base, 0, &writer, NULL), CP_OK);
        cp_rc rc = cp_write(writer, text.data, text.size, &err);
        if (!rc)
            rc = writer->finish(writer, &err);
        assert_int_equal(rc, CP_E_IO);
        assert_string_equal(err.reason, "write_failed");
        writer->close(writer);
        below.base.close(&below.base);
    }
    free(text.data);
}

/* The source is the codec's, also where opening fails. */
static void test_no_memory(void **state)
{
    (void)state;
    bytes none = {0};
    append(&none, "", 0);
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        unsigned closed = 0;
        cp_source *source;
        cp_stream *stream = NULL;
        cp_error err = {0};
        cp_stream *below = &memory_stream_open((cp_span){none.data, 0}, 10, &closed)->base;
        assert_int_equal(cp_buffered_source_open(below, pool, &source, NULL), CP_OK);
        fail_allocation(failures);
        cp_rc rc = cp_codec_zstd.open(source, WINDOW_BYTES, &stream, &err);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_int_equal(closed, failed);
        if (!failed)
            stream->close(stream);
    }
    assert_true(failures >= 2);
    free(none.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_frames_are_whole),
        cmocka_unit_test(test_concatenated_frames),
        cmocka_unit_test(test_only_skippable),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_damaged_byte),
        cmocka_unit_test(test_garbage_behind_a_frame),
        cmocka_unit_test(test_window_limit),
        cmocka_unit_test(test_failing_source),
        cmocka_unit_test(test_failing_writer),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, open_pool, close_pool);
}
