/* pipeline/io/bundle.h: which frames come into a bundle, what is left to the source, and that a
 * decoder of them meets the views that the source had. */
#include "formats/compress/codecs.h"
#include "pipeline/io/bundle.h"
#include "pipeline/io/source.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/zstd_frames.h"

#include <unistd.h>

enum { MIB = 1 << 20, CONTENT_BYTES = 14 * MIB, NOISE_AT = 9 * MIB, VIEW_BYTES = 100000 };

static uint8_t *content; /* zeros, then noise */
static cp_pool *pool;
static text frames;
static cp_source *source;
static cp_bundle bundle;

static int start(void **state)
{
    (void)state;
    random_start(UINT64_C(20260303));
    content = calloc(1, CONTENT_BYTES);
    assert_non_null(content);
    for (size_t i = NOISE_AT; i < CONTENT_BYTES; i++)
        content[i] = (uint8_t)random_bits();
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(content);
    return 0;
}

static void add_frame(size_t from, size_t size)
{
    put_frame(&frames,
              &(frame_shape){.content = content + from, .size = size, .has_checksum = true});
}

/* A source of all that was added, in views of `view_bytes`. */
static memory_stream *open_source(size_t view_bytes)
{
    assert_int_equal(cp_pool_new(view_bytes, &pool, NULL), CP_OK);
    memory_stream *stream = memory_stream_open(span_of(&frames), SIZE_MAX / 2, NULL);
    assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
    return stream;
}

static void close_source(void)
{
    cp_bundle_free(&bundle);
    source->close(source);
    cp_pool_free(pool);
    text_free(&frames);
}

static bool gather(void)
{
    cp_bundle_reset(&bundle);
    bool found = cp_bundle_gather(&bundle, &cp_codec_zstd, source);
    assert_int_equal(bundle.offset + bundle.stored_bytes, source->position);
    assert_true(bundle.whole_bytes <= bundle.stored_bytes);
    if (bundle.stored_bytes > 0)
        assert_memory_equal(bundle.stored, frames.bytes + bundle.offset, bundle.stored_bytes);
    return found;
}

static void test_empty(void **state)
{
    (void)state;
    put_bytes(&frames, "", 0);
    open_source(VIEW_BYTES);
    for (int again = 0; again < 2; again++) {
        assert_false(gather());
        assert_false(bundle.is_open);
    }
    close_source();
}

/* Frames of 300 KiB: four make one. */
static void test_complete_with_content(void **state)
{
    (void)state;
    for (int count = 0; count < 10; count++)
        add_frame(0, 300 << 10);
    size_t four = frames.size / 10 * 4;
    open_source(VIEW_BYTES);
    for (int i = 0; i < 3; i++) {
        assert_true(gather());
        assert_false(bundle.is_open);
        assert_int_equal(bundle.whole_bytes, i < 2 ? four : frames.size - 2 * four);
        assert_int_equal(bundle.content_max, (i < 2 ? 4 : 2) * (300 << 10));
        assert_int_equal(bundle.window_bytes, 300 << 10);
    }
    assert_false(gather());
    close_source();
}

/* Skippable frames hold nothing, but take place. */
static void test_complete_with_stored(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 16; number++)
        put_skippable(&frames, number, 150000, content);
    open_source(VIEW_BYTES);
    assert_true(gather());
    assert_int_equal(bundle.whole_bytes, 7 * 150008);
    assert_int_equal(bundle.content_max, 0);
    close_source();
}

static void test_frame_with_too_much_content(void **state)
{
    (void)state;
    add_frame(0, 1000);
    size_t at = frames.size;
    add_frame(0, CP_FRAME_CONTENT_MAX + 1);
    open_source(VIEW_BYTES);
    assert_true(gather()); /* its header tells: nothing of it is copied */
    assert_true(bundle.is_open);
    assert_int_equal(bundle.whole_bytes, at);
    assert_int_equal(bundle.stored_bytes, at);
    assert_true(gather());
    assert_true(bundle.is_open);
    assert_int_equal(bundle.stored_bytes, 0);
    close_source();
}

/* Where the header does not tell, its blocks do; the views before the last one stay with us. */
static void test_frame_too_large(void **state)
{
    (void)state;
    put_frame(&frames, &(frame_shape){.content = content + NOISE_AT,
                                      .size = CP_FRAME_STORED_MAX + 1,
                                      .hides_size = true});
    open_source(VIEW_BYTES);
    assert_true(gather());
    assert_true(bundle.is_open);
    assert_int_equal(bundle.whole_bytes, 0);
    assert_true(bundle.stored_bytes <= CP_FRAME_STORED_MAX);
    assert_true(bundle.stored_bytes > CP_FRAME_STORED_MAX - 3 * VIEW_BYTES);
    assert_int_equal(bundle.stored_bytes % VIEW_BYTES, 0);
    close_source();
}

static void test_largest_frame(void **state)
{
    (void)state;
    put_frame(&frames, &(frame_shape){
                           .content = content, .size = CP_FRAME_CONTENT_MAX, .has_checksum = true});
    open_source(VIEW_BYTES);
    assert_true(gather());
    assert_false(bundle.is_open);
    assert_int_equal(bundle.content_max, CP_FRAME_CONTENT_MAX);
    close_source();
}

static void test_cut_frame(void **state)
{
    (void)state;
    add_frame(NOISE_AT, 250000);
    frames.size -= 10;
    open_source(VIEW_BYTES);
    assert_true(gather()); /* the last view is still the source's */
    assert_true(bundle.is_open);
    assert_int_equal(bundle.whole_bytes, 0);
    assert_int_equal(bundle.stored_bytes, frames.size);
    close_source();
}

static void test_failing_source(void **state)
{
    (void)state;
    add_frame(NOISE_AT, 50000);
    size_t at = frames.size;
    add_frame(NOISE_AT, 250000);
    memory_stream *stream = open_source(VIEW_BYTES);
    stream->fails_at = 150000;
    assert_true(gather());
    assert_true(bundle.is_open);
    assert_int_equal(bundle.whole_bytes, at);
    assert_int_equal(bundle.stored_bytes, 150000);
    cp_view view;
    assert_int_equal(source->peek(source, 1, &view, NULL), CP_E_IO); /* for the reader to meet */
    close_source();
}

/* What a file that shrinks under its mapping shows is not to be taken for its bytes, wherever in a
 * page its new end is. */
static void test_lost_bytes(void **state)
{
    (void)state;
    static const off_t ends[] = {4096, 5000};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        add_frame(NOISE_AT, 50000);
        FILE *file = tmpfile();
        assert_non_null(file);
        assert_int_equal(fwrite(frames.bytes, 1, frames.size, file), frames.size);
        assert_int_equal(fflush(file), 0);
        assert_int_equal(cp_pool_new(VIEW_BYTES, &pool, NULL), CP_OK);
        assert_int_equal(cp_mapped_source_open(dup(fileno(file)), frames.size, CP_MAP_WINDOW_BYTES,
                                               pool, &source, NULL),
                         CP_OK);
        cp_view view;
        assert_int_equal(source->peek(source, 1, &view, NULL), CP_OK);
        assert_int_equal(ftruncate(fileno(file), ends[i]), 0);
        assert_true(gather());
        assert_true(bundle.is_open);
        assert_int_equal(bundle.stored_bytes, 0);
        assert_int_equal(source->position, 0);
        close_source();
        fclose(file);
    }
}

/* ---- unpacking ---- */

static void expect_content(size_t from, size_t size)
{
    static uint8_t piece[70001];
    size_t at = 0, got = 1;
    for (; got > 0; at += got) {
        got = cp_bundle_give(&bundle, piece, 1 + (size_t)random_below(sizeof piece));
        assert_true(at + got <= size);
        assert_memory_equal(piece, content + from + at, got);
    }
    assert_int_equal(at, size);
}

/* Into buffers of 1, of some, and of more bytes than there are; the decoder serves again. */
static void test_unpack(void **state)
{
    (void)state;
    static const size_t buffers[] = {999, 100000, 150000, 300000, 2 * MIB};
    cp_bundle_decoder decoder = {0};
    for (size_t i = 0; i < 5; i++) {
        cp_pool *chunks;
        add_frame(NOISE_AT, 200000);
        put_skippable(&frames, 1, 100, content);
        add_frame(NOISE_AT + 200000, 0);
        add_frame(NOISE_AT + 200000, 100000);
        open_source(VIEW_BYTES);
        assert_int_equal(cp_pool_new(buffers[i], &chunks, NULL), CP_OK);
        assert_true(gather());
        assert_true(cp_bundle_unpack(&bundle, &decoder, &cp_codec_zstd, MIB, chunks));
        size_t count = (300000 + buffers[i] - 1) / buffers[i];
        assert_int_equal(bundle.chunk_count, count);
        assert_int_equal(cp_bundle_held(&bundle), bundle.stored_capacity + count * buffers[i]);
        expect_content(NOISE_AT, 300000);
        assert_int_equal(cp_bundle_held(&bundle), bundle.stored_capacity);
        close_source();
        cp_pool_free(chunks);
    }
    cp_bundle_decoder_close(&decoder);
}

static void test_unpack_damaged(void **state)
{
    (void)state;
    cp_bundle_decoder decoder = {0};
    add_frame(NOISE_AT, 200000);
    add_frame(NOISE_AT, 200000);
    frames.bytes[frames.size - 1] ^= 1; /* the checksum */
    open_source(VIEW_BYTES);
    assert_true(gather());
    assert_false(bundle.is_open);
    assert_false(cp_bundle_unpack(&bundle, &decoder, &cp_codec_zstd, MIB, pool));
    assert_null(decoder.stream);
    assert_int_equal(bundle.chunk_count, 0);
    close_source();
}

/* A codec that lets more out than was measured is not believed. */
static void test_more_than_measured(void **state)
{
    (void)state;
    cp_bundle_decoder decoder = {0};
    add_frame(NOISE_AT, 200000);
    open_source(VIEW_BYTES);
    assert_true(gather());
    bundle.content_max = VIEW_BYTES;
    assert_false(cp_bundle_unpack(&bundle, &decoder, &cp_codec_zstd, MIB, pool));
    close_source();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_complete_with_content),
        cmocka_unit_test(test_complete_with_stored),
        cmocka_unit_test(test_frame_with_too_much_content),
        cmocka_unit_test(test_frame_too_large),
        cmocka_unit_test(test_largest_frame),
        cmocka_unit_test(test_cut_frame),
        cmocka_unit_test(test_failing_source),
        cmocka_unit_test(test_lost_bytes),
        cmocka_unit_test(test_unpack),
        cmocka_unit_test(test_unpack_damaged),
        cmocka_unit_test(test_more_than_measured),
    };
    return cmocka_run_group_tests(tests, start, end);
}
