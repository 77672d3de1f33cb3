/* formats/parquet/rle.h: runs and packed values of every width, at every length near an edge. */
#include "formats/parquet/rle.h"
#include "pipeline/core/bits.h"
#include "tests/unit/parquet_support.h"

static void assert_values(const uint32_t *values, size_t count, unsigned width)
{
    cp_bytes out = {0};
    assert_int_equal(cp_rle_put(&out, values, count, width, NULL), CP_OK);
    reader r = reader_of(&out);
    uint32_t *got = read_hybrid(&r, count, width);
    assert_memory_equal(got, values, count * sizeof *values);
    assert_int_equal(r.at, out.size);
    free(got);
    cp_bytes_free(&out);
}

static void assert_bits(const uint64_t *words, size_t first, size_t count)
{
    cp_bytes out = {0};
    assert_int_equal(cp_rle_put_bits(&out, words, first, count, NULL), CP_OK);
    reader r = reader_of(&out);
    uint32_t *got = read_hybrid(&r, count, 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i], cp_bit_get(words, first + i));
    assert_int_equal(r.at, out.size);
    free(got);
    cp_bytes_free(&out);
}

/* Runs of random lengths between values that differ. */
static void fill_with_runs(uint32_t *values, size_t count, unsigned width, size_t longest)
{
    for (size_t i = 0; i < count;) {
        uint32_t value = (uint32_t)random_of_width(width);
        size_t length = 1 + (size_t)random_below(longest);
        while (length-- && i < count)
            values[i++] = value;
    }
}

static void test_every_width(void **state)
{
    (void)state;
    static uint32_t values[EDGE_COUNT_MAX];
    static const size_t longest[] = {1, 12, 100, 5000};
    for (unsigned width = 1; width <= 32; width++) {
        for (size_t i = 0; i < EDGE_COUNTS * 4; i++) {
            fill_with_runs(values, edge_counts[i / 4], width, longest[i % 4]);
            assert_values(values, edge_counts[i / 4], width);
        }
    }
}

static void test_extremes(void **state)
{
    (void)state;
    uint32_t values[100];
    for (unsigned width = 1; width <= 32; width++) {
        for (size_t i = 0; i < 100; i++)
            values[i] = i % 2 ? 0 : (uint32_t)(UINT64_MAX >> (64 - width));
        assert_values(values, 100, width);
        memset(values, 0, sizeof values);
        assert_values(values, 100, width);
    }
}

static void assert_bytes(const uint32_t *values, size_t count, unsigned width, cp_span expected)
{
    cp_bytes out = {0};
    assert_int_equal(cp_rle_put(&out, values, count, width, NULL), CP_OK);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.data, expected.data, expected.size);
    cp_bytes_free(&out);
}

/* The example of Encodings.md, and a run. */
static void test_bytes(void **state)
{
    (void)state;
    static const uint32_t count_up[] = {0, 1, 2, 3, 4, 5, 6, 7};
    static const uint8_t packed[] = {3, 0x88, 0xC6, 0xFA};
    static const uint8_t run[] = {0x90, 3, 0x34, 0x12}; /* 200 times 0x1234 */
    uint32_t same[200];
    for (size_t i = 0; i < 200; i++)
        same[i] = 0x1234;
    assert_bytes(count_up, 8, 3, (cp_span){packed, sizeof packed});
    assert_bytes(same, 200, 13, (cp_span){run, sizeof run});
}

static void test_bits(void **state)
{
    (void)state;
    enum { WORDS = EDGE_COUNT_MAX / 64 + 4 };
    uint64_t words[WORDS];
    for (size_t round = 0; round < 8; round++) {
        for (size_t i = 0; i < WORDS; i++) {
            uint64_t kind = random_below(round < 4 ? 3 : 1);
            words[i] = kind == 0 ? random_bits() : kind == 1 ? 0 : UINT64_MAX;
        }
        for (size_t i = 0; i < EDGE_COUNTS; i++)
            assert_bits(words, (size_t)random_below(100), edge_counts[i]);
    }
}

static void test_ones(void **state)
{
    (void)state;
    for (size_t i = 1; i < EDGE_COUNTS; i++) {
        cp_bytes out = {0};
        assert_int_equal(cp_rle_put_ones(&out, edge_counts[i], NULL), CP_OK);
        reader r = reader_of(&out);
        uint32_t *got = read_hybrid(&r, edge_counts[i], 1);
        for (size_t k = 0; k < edge_counts[i]; k++)
            assert_int_equal(got[k], 1);
        assert_int_equal(r.at, out.size);
        free(got);
        cp_bytes_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_width, start_random),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test_setup(test_bits, start_random),
        cmocka_unit_test(test_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
