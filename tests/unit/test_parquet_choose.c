/* formats/parquet/choose.h: which encoding wins on values that are made for it, how wide indices
 * are, and when compression pays. */
#include "formats/parquet/choose.h"
#include "tests/unit/parquet_support.h"

enum { COUNT = 60000 };

static cp_parquet_choice chosen(const cp_parquet_values *values, const cp_parquet_levels *levels,
                                cp_parquet_codec codec)
{
    cp_parquet_dictionary dictionary = {0};
    cp_parquet_bench bench = {0};
    cp_parquet_choice choice = {0}, again = {0};
    if (codec != CP_PARQUET_UNCOMPRESSED)
        assert_int_equal(cp_squeezer_open(codec, 0, &bench.squeezer, NULL), CP_OK);
    assert_int_equal(cp_parquet_dictionary_make(&dictionary, values, true, NULL), CP_OK);
    assert_int_equal(cp_parquet_choose(values, &dictionary, levels, &bench, &choice, NULL), CP_OK);
    assert_int_equal(cp_parquet_choose(values, &dictionary, levels, &bench, &again, NULL), CP_OK);
    assert_memory_equal(&choice, &again, sizeof choice);
    cp_parquet_bench_close(&bench);
    cp_parquet_dictionary_close(&dictionary);
    return choice;
}

static cp_parquet_choice chosen_of(cp_parquet_type type, const void *words, size_t count,
                                   cp_parquet_codec codec)
{
    bool wide = type == CP_PARQUET_INT64 || type == CP_PARQUET_DOUBLE;
    cp_parquet_values values = {
        .type = type, .count = count, .words64 = words, .key_bits = wide ? 64 : 32};
    return chosen(&values, &(cp_parquet_levels){NULL, count}, codec);
}

/* One of five, as often as 1, 4, 5, 2 and 4 of 16: 2.15 bits of entropy, three of an index. */
static void test_nibbles_for_skewed_values(void **state)
{
    (void)state;
    static const uint8_t of_16[] = {0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4};
    static uint32_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = 1000 * (uint32_t)of_16[random_below(16)];
    cp_parquet_choice c = chosen_of(CP_PARQUET_INT32, words, COUNT, CP_PARQUET_ZSTD);
    assert_int_equal(c.coding.encoding, CP_PARQUET_RLE_DICTIONARY);
    assert_int_equal(c.coding.index_width, 4);
    assert_true(c.compress);
    c = chosen_of(CP_PARQUET_INT32, words, COUNT, CP_PARQUET_UNCOMPRESSED);
    assert_int_equal(c.coding.index_width, 3);
    assert_false(c.compress);
}

/* A list of none to three of eight phrases, as notes have them: few of the 585 make up most, which
 * two bytes and an entropy coder show. */
static void test_two_bytes_for_skewed_values(void **state)
{
    (void)state;
    static uint64_t words[COUNT];
    static const uint32_t lists[] = {1, 8, 64, 512}, firsts[] = {0, 1, 9, 73};
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t draw = random_below(8);
        size_t length = draw < 3 ? 0 : draw < 6 ? 1 : draw < 7 ? 2 : 3;
        words[i] = (firsts[length] + random_below(lists[length])) * UINT64_C(0x9e3779b97f4a7c15);
    }
    for (cp_parquet_codec codec = CP_PARQUET_GZIP; codec <= CP_PARQUET_ZSTD; codec += 4) {
        cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, COUNT, codec);
        assert_int_equal(c.coding.encoding, CP_PARQUET_RLE_DICTIONARY);
        assert_int_equal(c.coding.index_width, 16);
        assert_int_equal(c.effort, CP_SQUEEZE_ENTROPY);
        assert_true(c.compress);
    }
}

static void test_least_width_for_even_values(void **state)
{
    (void)state;
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = random_below(1024) * UINT64_C(0x9e3779b97f4a7c15);
    cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, COUNT, CP_PARQUET_ZSTD);
    assert_int_equal(c.coding.encoding, CP_PARQUET_RLE_DICTIONARY);
    assert_int_equal(c.coding.index_width, 10);
}

/* Steps that are mostly the same, with a few far away: their bits repeat under one least step. */
static void test_uniform_differences(void **state)
{
    (void)state;
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = 250000 * (i - (random_below(8) ? 0 : random_below(i < 14400 ? i + 1 : 14400)));
    cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, COUNT, CP_PARQUET_ZSTD);
    assert_int_equal(c.coding.encoding, CP_PARQUET_DELTA_BINARY_PACKED);
    assert_true(c.coding.is_uniform && c.compress);
}

/* The first run sees one value alone, which says nothing of the thousands in the second half. */
static void test_halves_that_differ(void **state)
{
    (void)state;
    static uint64_t words[COUNT];
    for (size_t i = COUNT / 2; i < COUNT; i++)
        words[i] = (1 + random_below(5000)) * UINT64_C(0x9e3779b97f4a7c15);
    cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, COUNT, CP_PARQUET_ZSTD);
    assert_int_equal(c.coding.encoding, CP_PARQUET_RLE_DICTIONARY);
}

static void test_nothing_pays(void **state)
{
    (void)state;
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = random_bits();
    for (cp_parquet_codec codec = CP_PARQUET_GZIP; codec <= CP_PARQUET_ZSTD; codec += 4) {
        cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, COUNT, codec);
        assert_int_equal(c.coding.encoding, CP_PARQUET_PLAIN);
        assert_false(c.compress);
    }
}

static void test_few_values(void **state)
{
    (void)state;
    static const uint64_t words[] = {7, 7, 9};
    for (size_t count = 0; count <= 3; count++) {
        cp_parquet_choice c = chosen_of(CP_PARQUET_INT64, words, count, CP_PARQUET_ZSTD);
        assert_false(c.compress);
        if (count == 0)
            assert_int_equal(c.coding.encoding, CP_PARQUET_PLAIN);
    }
}

/* Few texts that are large: a sample is enough, and like in like. */
static void test_large_texts(void **state)
{
    (void)state;
    enum { TEXTS = 3000, BYTES = 4000 };
    static uint8_t bytes[TEXTS][BYTES];
    cp_span spans[TEXTS];
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t k = 0; k < BYTES; k++)
            bytes[i][k] = (uint8_t)('a' + random_below(16));
        spans[i] = (cp_span){bytes[i], BYTES};
    }
    cp_parquet_values values = {.type = CP_PARQUET_BYTE_ARRAY,
                                .order = CP_PARQUET_BYTEWISE,
                                .count = TEXTS,
                                .texts = spans,
                                .key_bits = 128};
    cp_parquet_choice c = chosen(&values, &(cp_parquet_levels){NULL, TEXTS}, CP_PARQUET_ZSTD);
    assert_int_not_equal(c.coding.encoding, CP_PARQUET_RLE_DICTIONARY);
    assert_true(c.compress);
    assert_int_equal(c.effort, CP_SQUEEZE_ENTROPY);
}

/* Where values are nothing, levels decide. */
static void test_levels_count(void **state)
{
    (void)state;
    static uint64_t valid[COUNT / 64 + 1], words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        valid[i / 64] |= (uint64_t)(random_below(16) > 0) << (i % 64);
    cp_parquet_values values = {
        .type = CP_PARQUET_INT64, .count = COUNT, .words64 = words, .key_bits = 64};
    cp_parquet_choice c = chosen(&values, &(cp_parquet_levels){NULL, COUNT}, CP_PARQUET_ZSTD);
    assert_false(c.compress);
    c = chosen(&values, &(cp_parquet_levels){valid, COUNT}, CP_PARQUET_ZSTD);
    assert_true(c.compress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nibbles_for_skewed_values, start_random),
        cmocka_unit_test_setup(test_two_bytes_for_skewed_values, start_random),
        cmocka_unit_test_setup(test_least_width_for_even_values, start_random),
        cmocka_unit_test_setup(test_uniform_differences, start_random),
        cmocka_unit_test_setup(test_halves_that_differ, start_random),
        cmocka_unit_test_setup(test_nothing_pays, start_random),
        cmocka_unit_test(test_few_values),
        cmocka_unit_test_setup(test_large_texts, start_random),
        cmocka_unit_test_setup(test_levels_count, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
