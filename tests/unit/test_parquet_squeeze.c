/* formats/parquet/squeeze.h: what goes in comes out of libzstd and zlib again, in parts of any
 * size, page after page; the names and levels that there are. */
#include "formats/parquet/squeeze.h"
#include "tests/unit/parquet_support.h"

#include <zlib.h>
#include <zstd.h>

static cp_squeezer *open_squeezer(cp_parquet_codec codec, int level)
{
    cp_squeezer *squeezer;
    assert_int_equal(cp_squeezer_open(codec, level, &squeezer, NULL), CP_OK);
    return squeezer;
}

/* `parts` parts of random sizes, half of them random and half all alike. */
static void fill_body(cp_parquet_body *body, size_t parts, size_t largest)
{
    cp_parquet_body_clear(body);
    while (parts--) {
        size_t size = (size_t)random_below(largest);
        bool alike = random_below(2);
        for (size_t i = 0; i < size; i++) {
            uint8_t byte = alike ? (uint8_t)parts : (uint8_t)random_bits();
            assert_int_equal(cp_bytes_put(&body->bytes, &byte, 1, NULL), CP_OK);
        }
        body->part_ends[body->part_count++] = body->bytes.size;
    }
}

static void inflate_gzip(const cp_bytes *in, uint8_t *out, size_t size)
{
    z_stream zlib = {0};
    assert_int_equal(inflateInit2(&zlib, MAX_WBITS + 16), Z_OK);
    zlib.next_in = in->data;
    zlib.avail_in = (uInt)in->size;
    zlib.next_out = out;
    zlib.avail_out = (uInt)size + 1;
    assert_int_equal(inflate(&zlib, Z_FINISH), Z_STREAM_END);
    assert_int_equal(zlib.total_out, size);
    assert_int_equal(zlib.avail_in, 0);
    inflateEnd(&zlib);
}

static void assert_squeezes(cp_squeezer *squeezer, cp_parquet_codec codec, cp_squeeze_effort effort,
                            const cp_parquet_body *body)
{
    cp_bytes out = {0}, again = {0};
    uint8_t *plain = malloc(body->bytes.size + 1);
    assert_non_null(plain);
    assert_int_equal(cp_squeeze(squeezer, effort, body, &out, NULL), CP_OK);
    assert_int_equal(cp_squeeze(squeezer, effort, body, &again, NULL), CP_OK);
    assert_int_equal(out.size, again.size);
    assert_memory_equal(out.data, again.data, out.size);
    if (codec == CP_PARQUET_GZIP) {
        inflate_gzip(&out, plain, body->bytes.size);
    } else {
        assert_int_equal(ZSTD_getFrameContentSize(out.data, out.size), body->bytes.size);
        assert_int_equal(ZSTD_decompress(plain, body->bytes.size + 1, out.data, out.size),
                         body->bytes.size);
    }
    if (body->bytes.size)
        assert_memory_equal(plain, body->bytes.data, body->bytes.size);
    free(plain);
    cp_bytes_free(&out);
    cp_bytes_free(&again);
}

static void test_round_trips(void **state)
{
    (void)state;
    static const struct {
        cp_parquet_codec codec;
        int level;
    } ways[] = {{CP_PARQUET_ZSTD, 0},  {CP_PARQUET_ZSTD, 1}, {CP_PARQUET_ZSTD, 12},
                {CP_PARQUET_ZSTD, -5}, {CP_PARQUET_GZIP, 0}, {CP_PARQUET_GZIP, 9}};
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        cp_squeezer *squeezer = open_squeezer(ways[w].codec, ways[w].level);
        cp_parquet_body body = {0};
        for (size_t round = 0; round < 60; round++) {
            fill_body(&body, 1 + (size_t)random_below(CP_PARQUET_PARTS_MAX),
                      round % 20 == 0 ? 200000
                      : round % 3     ? 3000
                                      : 2);
            for (int e = 0; e < CP_SQUEEZE_EFFORTS; e++)
                assert_squeezes(squeezer, ways[w].codec, (cp_squeeze_effort)e, &body);
        }
        cp_parquet_body_close(&body);
        cp_squeezer_close(squeezer);
    }
    cp_squeezer_close(NULL);
}

/* Two streams of different kinds are smaller as two parts than as one. */
static void test_parts_pay(void **state)
{
    (void)state;
    enum { SIZE = 16384 };
    cp_parquet_body body = {0};
    cp_bytes one = {0}, two = {0};
    for (size_t i = 0; i < 2 * (size_t)SIZE; i++) {
        uint8_t byte = (uint8_t)(random_below(16) + (i < SIZE ? 0 : 100));
        assert_int_equal(cp_bytes_put(&body.bytes, &byte, 1, NULL), CP_OK);
    }
    cp_squeezer *squeezer = open_squeezer(CP_PARQUET_ZSTD, 0);
    body.part_ends[body.part_count++] = body.bytes.size;
    assert_int_equal(cp_squeeze(squeezer, CP_SQUEEZE_TEXTS, &body, &one, NULL), CP_OK);
    body.part_ends[0] = SIZE;
    body.part_ends[body.part_count++] = body.bytes.size;
    assert_int_equal(cp_squeeze(squeezer, CP_SQUEEZE_TEXTS, &body, &two, NULL), CP_OK);
    assert_true(two.size < one.size - one.size / 10);
    cp_squeezer_close(squeezer);
    cp_parquet_body_close(&body);
    cp_bytes_free(&one);
    cp_bytes_free(&two);
}

static size_t squeezed_bytes(cp_squeezer *squeezer, cp_squeeze_effort effort,
                             const cp_parquet_body *body)
{
    cp_bytes out = {0};
    assert_int_equal(cp_squeeze(squeezer, effort, body, &out, NULL), CP_OK);
    size_t size = out.size;
    cp_bytes_free(&out);
    return size;
}

/* Independent draws, half of them the same: 3.5 bits a byte, and what repeats does so by chance
 * alone. A search takes the chance for a pattern; nobody searches for less, wherever that is in a
 * page, and also after pages that were squeezed otherwise. */
static void test_draws_are_coded_alone(void **state)
{
    (void)state;
    enum { SIZE = 65536, ENTROPY_BYTES = SIZE / 16 * 7, TABLE_BYTES = 300 };
    cp_parquet_body body = {0};
    for (size_t i = 0; i < SIZE; i++) {
        uint8_t byte = random_below(2) ? 0 : (uint8_t)(1 + random_below(32));
        assert_int_equal(cp_bytes_put(&body.bytes, &byte, 1, NULL), CP_OK);
    }
    body.part_ends[body.part_count++] = SIZE;
    for (cp_parquet_codec codec = CP_PARQUET_GZIP; codec <= CP_PARQUET_ZSTD; codec += 4) {
        cp_squeezer *squeezer = open_squeezer(codec, 0);
        size_t searched = squeezed_bytes(squeezer, CP_SQUEEZE_TEXTS, &body);
        size_t coded = squeezed_bytes(squeezer, CP_SQUEEZE_ENTROPY, &body);
        assert_in_range(coded, ENTROPY_BYTES - ENTROPY_BYTES / 50,
                        ENTROPY_BYTES + ENTROPY_BYTES / 50 + TABLE_BYTES);
        assert_true(coded < searched - searched / 20);
        assert_int_equal(squeezed_bytes(squeezer, CP_SQUEEZE_TEXTS, &body), searched);
        assert_true(squeezed_bytes(squeezer, CP_SQUEEZE_SKETCH, &body) > coded);
        cp_squeezer_close(squeezer);
    }
    cp_parquet_body_close(&body);
}

/* What is meant for texts finds in running numbers, less what each shares with the one before, what
 * a sketch and what is meant for numbers do not; a level that was asked for holds for both. */
static void test_efforts(void **state)
{
    (void)state;
    cp_parquet_body body = {0};
    char digits[16], before[16] = "";
    for (size_t i = 0; i < 32768; i++) {
        size_t size = (size_t)snprintf(digits, sizeof digits, "%08zu", i), shared = 0;
        while (digits[shared] == before[shared])
            shared++;
        assert_int_equal(cp_bytes_put(&body.bytes, digits + shared, size - shared, NULL), CP_OK);
        memcpy(before, digits, sizeof before);
    }
    body.part_ends[body.part_count++] = body.bytes.size;
    for (int level = 0; level < 10; level += 9) {
        cp_squeezer *squeezer = open_squeezer(CP_PARQUET_ZSTD, level);
        size_t searched = squeezed_bytes(squeezer, CP_SQUEEZE_TEXTS, &body);
        assert_true(searched < squeezed_bytes(squeezer, CP_SQUEEZE_SKETCH, &body));
        size_t numbers = squeezed_bytes(squeezer, CP_SQUEEZE_NUMBERS, &body);
        assert_true(level ? searched == numbers : searched < numbers);
        cp_squeezer_close(squeezer);
    }
    cp_squeezer *squeezer = open_squeezer(CP_PARQUET_ZSTD, 1);
    assert_int_equal(squeezed_bytes(squeezer, CP_SQUEEZE_TEXTS, &body),
                     squeezed_bytes(squeezer, CP_SQUEEZE_SKETCH, &body));
    cp_squeezer_close(squeezer);
    cp_parquet_body_close(&body);
}

static void assert_codec(const char *name, int level, cp_parquet_codec expected)
{
    cp_parquet_codec codec;
    assert_int_equal(cp_squeeze_check(name, level, &codec, NULL), CP_OK);
    assert_int_equal(codec, expected);
}

static void assert_no_codec(const char *name, int level, const char *reason)
{
    cp_parquet_codec codec;
    cp_error err = {0};
    assert_int_equal(cp_squeeze_check(name, level, &codec, &err), CP_E_USAGE);
    assert_string_equal(err.reason, reason);
}

static void test_names_and_levels(void **state)
{
    (void)state;
    assert_codec(NULL, 0, CP_PARQUET_ZSTD);
    assert_codec("zstd", 22, CP_PARQUET_ZSTD);
    assert_codec("gzip", 9, CP_PARQUET_GZIP);
    assert_codec("none", 0, CP_PARQUET_UNCOMPRESSED);
    assert_no_codec("zstd", 23, "bad_level");
    assert_no_codec("gzip", 10, "bad_level");
    assert_no_codec("gzip", -1, "bad_level");
    assert_no_codec("none", 1, "bad_level");
    assert_no_codec("snappy", 0, "bad_compression");
    assert_no_codec("", 0, "bad_compression");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trips, start_random),
        cmocka_unit_test_setup(test_parts_pay, start_random),
        cmocka_unit_test_setup(test_draws_are_coded_alone, start_random),
        cmocka_unit_test(test_efforts),
        cmocka_unit_test(test_names_and_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
