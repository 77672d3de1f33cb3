/* formats/compress/stream_facts.h: what zstd and gzip files say of themselves, against how they
 * were made; every cut of a zstd file is told, and its blocks are not read. */
#include "formats/compress/stream_facts.h"
#include "tests/unit/memory_seekable.h"
#include "tests/unit/zstd_frames.h"

#include <zlib.h>

enum { CONTENT_BYTES = 400000 };

static uint8_t content[CONTENT_BYTES];

static int start(void **state)
{
    (void)state;
    random_start(UINT64_C(20261121));
    for (size_t i = 0; i < CONTENT_BYTES; i++)
        content[i] = (uint8_t)random_bits();
    return 0;
}

static void test_zstd(void **state)
{
    (void)state;
    text all = {0};
    cp_zstd_facts facts;
    put_frame(&all, &(frame_shape){content, CONTENT_BYTES, 1, 17, true, true, 50000});
    put_skippable(&all, 3, 5, content);
    put_frame(&all, &(frame_shape){content, 1000, 1, 0, false, false, 0});
    put_frame(&all, &(frame_shape){content, 0, 1, 0, false, true, 0});
    memory_seekable file = memory_seekable_of(all.bytes, all.size);
    assert_int_equal(cp_zstd_facts_read(&file.base, &facts, NULL), CP_OK);
    assert_int_equal(facts.frames, 3);
    assert_int_equal(facts.skippable_frames, 1);
    assert_int_equal(facts.frames_with_size, 2);
    assert_int_equal(facts.frames_with_checksum, 2);
    assert_int_equal(facts.content_bytes, 1000);
    assert_int_equal(facts.window_bytes, 1 << 17);
    assert_true(file.reads < 40); /* a few for each header, none for what is between them */
    text_free(&all);
}

static void test_zstd_cut(void **state)
{
    (void)state;
    text one = {0};
    put_frame(&one, &(frame_shape){content, 300, 1, 0, true, true, 100});
    size_t first = one.size;
    put_frame(&one, &(frame_shape){content, 200, 1, 0, false, true, 0});
    for (size_t size = 1; size < one.size; size++) {
        memory_seekable file = memory_seekable_of(one.bytes, size);
        cp_zstd_facts facts;
        cp_error err = {0};
        cp_rc rc = cp_zstd_facts_read(&file.base, &facts, &err);
        assert_int_equal(rc, size == first ? CP_OK : CP_E_DATA);
        if (rc) {
            assert_string_equal(err.reason, "truncated_input");
            assert_int_equal(err.byte, size);
        }
    }
    text_free(&one);
}

static void test_zstd_garbage(void **state)
{
    (void)state;
    text all = {0};
    cp_zstd_facts facts;
    cp_error err = {0};
    put_frame(&all, &(frame_shape){content, 300, 1, 0, false, true, 0});
    size_t end = all.size;
    put_bytes(&all, "no stream", 9);
    memory_seekable file = memory_seekable_of(all.bytes, all.size);
    assert_int_equal(cp_zstd_facts_read(&file.base, &facts, &err), CP_E_DATA);
    assert_string_equal(err.reason, "corrupt_input");
    assert_int_equal(err.byte, end);
    file = memory_seekable_of(all.bytes, end);
    file.fails_at = 1;
    assert_int_equal(cp_zstd_facts_read(&file.base, &facts, &err), CP_E_IO);
    text_free(&all);
}

static void put_member(text *to, size_t size)
{
    static uint8_t room[2 * CONTENT_BYTES];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    z.next_in = content;
    z.avail_in = (uInt)size;
    z.next_out = room;
    z.avail_out = sizeof room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put_bytes(to, room, sizeof room - z.avail_out);
    deflateEnd(&z);
}

static cp_gzip_facts gzip_facts(const text *bytes, size_t size)
{
    cp_gzip_facts facts;
    memory_seekable file = memory_seekable_of(bytes->bytes, size);
    assert_int_equal(cp_gzip_facts_read(&file.base, &facts, NULL), CP_OK);
    return facts;
}

static void test_gzip(void **state)
{
    (void)state;
    text all = {0};
    for (size_t i = 0; i < 5; i++)
        put_member(&all, i * 20000);
    cp_gzip_facts facts = gzip_facts(&all, all.size);
    assert_int_equal(facts.members, 5);
    assert_true(facts.whole);
    assert_int_equal(facts.looked_bytes, all.size);
    facts = gzip_facts(&all, all.size - 1);
    assert_int_equal(facts.members, 4);
    assert_false(facts.whole);
    put_bytes(&all, "garbage", 7);
    facts = gzip_facts(&all, all.size);
    assert_int_equal(facts.members, 5);
    assert_false(facts.whole);
    text_free(&all);
}

/* No more than the head is looked at, however much comes behind it. */
static void test_gzip_head(void **state)
{
    (void)state;
    text all = {0};
    for (size_t i = 0; i < 6; i++)
        put_member(&all, CONTENT_BYTES);
    cp_gzip_facts facts = gzip_facts(&all, all.size);
    assert_true(all.size > 2 * CP_GZIP_HEAD_BYTES);
    assert_int_equal(facts.members, 2);
    assert_false(facts.whole);
    assert_int_equal(facts.looked_bytes, CP_GZIP_HEAD_BYTES);
    memory_seekable file = memory_seekable_of(all.bytes, all.size);
    file.fails_at = 3;
    assert_int_equal(cp_gzip_facts_read(&file.base, &facts, NULL), CP_E_IO);
    text_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zstd),         cmocka_unit_test(test_zstd_cut),
        cmocka_unit_test(test_zstd_garbage), cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_gzip_head),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
