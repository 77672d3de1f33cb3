/* formats/compress/zstd_frame.h: the size of a frame and bounds of what it holds, however much of
 * it is shown at a time, against what libzstd says of the whole. */
#include "formats/compress/zstd_frame.h"
#include "tests/unit/zstd_frames.h"

enum { CONTENT_BYTES = 700000 };

static uint8_t content[CONTENT_BYTES];

static int start(void **state)
{
    (void)state;
    random_start(UINT64_C(20260301));
    for (size_t i = 0; i < CONTENT_BYTES; i++)
        content[i] = (uint8_t)("DRAFT {}\n"[random_below(9)]);
    for (size_t i = CONTENT_BYTES / 8; i < CONTENT_BYTES / 4; i++)
        content[i] = (uint8_t)random_bits();                     /* noise: raw blocks */
    memset(content + CONTENT_BYTES / 2, 'x', CONTENT_BYTES / 4); /* a long run: repeated bytes */
    return 0;
}

/* Shows the bytes it wants and no more; they lie in memory of their own, so that a sanitizer sees
 * what is read beyond. */
static cp_rc measure_as_wanted(cp_frame *frame, cp_span bytes)
{
    cp_rc rc = CP_MORE;
    *frame = (cp_frame){0};
    for (size_t shown = 0; rc == CP_MORE && shown <= bytes.size;
         shown = (size_t)frame->wanted_bytes) {
        uint8_t *copy = malloc(shown + 1);
        assert_non_null(copy);
        memcpy(copy, bytes.data, shown);
        rc = cp_zstd_measure(frame, (cp_span){copy, shown});
        assert_true(rc != CP_MORE || frame->wanted_bytes > shown);
        free(copy);
    }
    return rc;
}

static void check_bounds(const cp_frame *frame, const frame_shape *shape)
{
    assert_true(frame->content_bytes >= shape->size);
    if (!shape->hides_size)
        assert_int_equal(frame->content_bytes, shape->size);
    else if (shape->piece_bytes == 0)
        assert_true(frame->content_bytes <= shape->size + ZSTD_BLOCKSIZE_MAX);
    if (shape->hides_size && shape->window_log && shape->piece_bytes &&
        shape->size > shape->piece_bytes) /* else libzstd makes it as small as the content */
        assert_int_equal(frame->window_bytes, UINT64_C(1) << shape->window_log);
}

static void check_frame(const frame_shape *shape)
{
    text bytes = {0};
    cp_frame frame, whole = {0};
    put_frame(&bytes, shape);
    assert_int_equal(measure_as_wanted(&frame, span_of(&bytes)), CP_OK);
    assert_int_equal(frame.wanted_bytes, bytes.size);
    check_bounds(&frame, shape);
    assert_int_equal(cp_zstd_measure(&whole, span_of(&bytes)), CP_OK);
    assert_memory_equal(&whole, &frame, sizeof frame);
    for (size_t cut = 0; cut < bytes.size; cut += 1 + cut / 16) {
        cp_frame part; /* the end is known once the last block's header is there */
        cp_rc rc = measure_as_wanted(&part, (cp_span){(const uint8_t *)bytes.bytes, cut});
        assert_true(rc == CP_MORE || (rc == CP_OK && part.wanted_bytes == bytes.size));
        assert_true(part.wanted_bytes > cut);
    }
    text_free(&bytes);
}

static void test_frames_of_all_kinds(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,     1,      255,    256,    1023, 1024,   1025,   65791,
                                   65792, 131071, 131072, 131073, 5000, 262144, 500000, 700000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 24; kind++)
            check_frame(&(frame_shape){.content = content,
                                       .size = sizes[i],
                                       .level = kind % 3 * 3 + 1,
                                       .window_log = kind % 4 < 2 ? 0 : 10 + (int)random_below(10),
                                       .hides_size = kind / 12,
                                       .has_checksum = kind / 6 % 2,
                                       .piece_bytes = kind % 5 == 0 ? 30000 : 0});
}

/* Windows of 2^10 and eighths of it more, as the descriptor has them. */
static void test_windows(void **state)
{
    (void)state;
    static const struct {
        uint8_t descriptor;
        uint64_t bytes;
    } rows[] = {{0, 1024}, {1, 1152},          {7, 1920},
                {8, 2048}, {13 << 3, 8 << 20}, {21 << 3, UINT64_C(1) << 31}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t bytes[] = {0x28, 0xB5, 0x2F, 0xFD, 0, rows[i].descriptor, 4 | 1, 0, 0};
        cp_frame frame;
        assert_int_equal(measure_as_wanted(&frame, (cp_span){bytes, sizeof bytes}), CP_OK);
        assert_int_equal(frame.window_bytes, rows[i].bytes);
        assert_int_equal(frame.content_bytes,
                         rows[i].bytes < ZSTD_BLOCKSIZE_MAX ? rows[i].bytes : ZSTD_BLOCKSIZE_MAX);
    }
}

static void test_skippable(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 12, 70000, UINT32_MAX};
    for (uint32_t number = 0; number < 16; number++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            text bytes = {0};
            cp_frame frame = {0};
            put_skippable(&bytes, number, sizes[i], NULL);
            assert_int_equal(cp_zstd_measure(&frame, span_of(&bytes)), CP_OK);
            assert_int_equal(frame.wanted_bytes, UINT64_C(8) + sizes[i]);
            assert_int_equal(frame.content_bytes, 0);
            assert_int_equal(frame.window_bytes, 0);
            text_free(&bytes);
        }
}

static void test_no_frame(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {"{\"id\":1}", 8},
        {"\x28\xB5\x2F\xFE----", 8},
        {"\x27\xB5\x2F\xFD----", 8},
        {"\x60\x2A\x4D\x18----", 8},
        {"\0\0\0\0\0\0\0\0", 8},
        {"\x28\xB5\x2F\xFD\x00\xFF\0\0\0", 9}, /* a window beyond all that libzstd knows */
        {"\x28\xB5\x2F\xFD\x08\0\0\0\0", 9},   /* a reserved bit */
        {"\x28\xB5\x2F\xFD\x20\5\7\0\0", 9},   /* a block of the reserved type */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_frame frame;
        cp_span bytes = {(const uint8_t *)rows[i].bytes, rows[i].size};
        assert_int_equal(measure_as_wanted(&frame, bytes), CP_E_DATA);
    }
}

/* Whatever is damaged: a frame whose size libzstd tells has the same size here. */
static void test_damaged(void **state)
{
    (void)state;
    text bytes = {0};
    unsigned same = 0;
    for (int round = 0; round < 3000; round++) {
        if (round % 50 == 0) {
            bytes.size = 0;
            put_frame(&bytes, &(frame_shape){.content = content,
                                             .size = (size_t)random_below(400000),
                                             .level = 1,
                                             .hides_size = random_below(2),
                                             .has_checksum = random_below(2),
                                             .piece_bytes = (size_t)random_below(2) * 3000});
        }
        size_t most = random_below(2) && bytes.size > 24 ? 24 : bytes.size;
        char *damaged = &bytes.bytes[random_below(most)];
        char bit = (char)(1U << random_below(8));
        *damaged = (char)(*damaged ^ bit);
        cp_frame frame;
        cp_rc rc = measure_as_wanted(&frame, span_of(&bytes));
        size_t size = ZSTD_findFrameCompressedSize(bytes.bytes, bytes.size);
        if (!ZSTD_isError(size)) {
            assert_int_equal(rc, CP_OK);
            assert_int_equal(frame.wanted_bytes, size);
            same++;
        }
        *damaged = (char)(*damaged ^ bit);
    }
    assert_true(same > 100);
    text_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_of_all_kinds),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_skippable),
        cmocka_unit_test(test_no_frame),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
