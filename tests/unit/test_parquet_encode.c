/* formats/parquet/encode.h: every encoding of every type that has it, decoded again; levels; where
 * the parts of a page end. What several encodings share is in test_parquet_rle.c and _delta.c. */
#include "pipeline/core/bits.h"
#include "tests/unit/parquet_support.h"

typedef struct fixture {
    cp_parquet_values values;
    cp_parquet_dictionary dictionary;
    cp_parquet_body body;
} fixture;

static void fixture_free(fixture *f)
{
    cp_parquet_dictionary_close(&f->dictionary);
    cp_parquet_body_close(&f->body);
    cp_parquet_body_close(&f->body);
}

static reader encoded(fixture *f, cp_parquet_coding coding, size_t first, size_t count)
{
    cp_parquet_body_clear(&f->body);
    assert_int_equal(
        cp_parquet_encode(&coding, &f->values, &f->dictionary, first, count, &f->body, NULL),
        CP_OK);
    assert_true(f->body.part_count > 0 && f->body.part_count < CP_PARQUET_PARTS_MAX);
    assert_int_equal(f->body.part_ends[f->body.part_count - 1], f->body.bytes.size);
    return reader_of(&f->body.bytes);
}

static fixture of_words(cp_parquet_type type, const void *words, size_t count)
{
    return (fixture){
        .values = {.type = type,
                   .count = count,
                   .words64 = words,
                   .key_bits = type == CP_PARQUET_INT32 || type == CP_PARQUET_FLOAT ? 32 : 64}};
}

static void test_plain_numbers(void **state)
{
    (void)state;
    uint64_t words[100];
    for (size_t i = 0; i < 100; i++)
        words[i] = random_bits();
    fixture wide = of_words(CP_PARQUET_DOUBLE, words, 100);
    fixture narrow = of_words(CP_PARQUET_INT32, words, 200);
    reader r = encoded(&wide, (cp_parquet_coding){.encoding = CP_PARQUET_PLAIN}, 3, 90);
    for (size_t i = 3; i < 93; i++)
        assert_int_equal(read_little(&r, 8), words[i]);
    assert_int_equal(r.at, r.size);
    r = encoded(&narrow, (cp_parquet_coding){.encoding = CP_PARQUET_PLAIN}, 3, 190);
    for (size_t i = 3; i < 193; i++)
        assert_int_equal(read_little(&r, 4), narrow.values.words32[i]);
    assert_int_equal(r.at, r.size);
    fixture_free(&wide);
    fixture_free(&narrow);
}

/* Stream k holds byte k of each value, and is a part. */
static void assert_split(fixture *f, unsigned width, size_t count)
{
    const uint8_t *bytes = (const uint8_t *)f->values.words64;
    reader r = encoded(f, (cp_parquet_coding){.encoding = CP_PARQUET_BYTE_STREAM_SPLIT}, 0, count);
    assert_int_equal(f->body.part_count, width);
    for (unsigned k = 0; k < width; k++) {
        assert_int_equal(f->body.part_ends[k], (k + 1) * count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(read_byte(&r), bytes[i * width + k]);
    }
    assert_int_equal(r.at, r.size);
}

static void test_split(void **state)
{
    (void)state;
    static uint64_t words[EDGE_COUNT_MAX];
    for (size_t i = 0; i < EDGE_COUNT_MAX; i++)
        words[i] = random_bits();
    for (size_t i = 0; i < EDGE_COUNTS; i++) {
        fixture wide = of_words(CP_PARQUET_DOUBLE, words, edge_counts[i]);
        fixture narrow = of_words(CP_PARQUET_FLOAT, words, edge_counts[i]);
        assert_split(&wide, 8, edge_counts[i]);
        assert_split(&narrow, 4, edge_counts[i]);
        fixture_free(&wide);
        fixture_free(&narrow);
    }
}

/* Levels in front, whether they say something or not, leave the first stream to itself. */
static void test_split_behind_levels(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    static const uint64_t words[COUNT], valid[2] = {UINT64_MAX, UINT64_MAX};
    const cp_parquet_levels levels[] = {{NULL, COUNT}, {valid, COUNT}};
    const cp_parquet_coding split = {.encoding = CP_PARQUET_BYTE_STREAM_SPLIT};
    for (size_t i = 0; i < 2; i++) {
        fixture f = of_words(CP_PARQUET_DOUBLE, words, COUNT);
        assert_int_equal(cp_parquet_encode_levels(&levels[i], 0, COUNT, &f.body, NULL), CP_OK);
        size_t levels_bytes = f.body.bytes.size;
        assert_int_equal(
            cp_parquet_encode(&split, &f.values, &f.dictionary, 0, COUNT, &f.body, NULL), CP_OK);
        assert_int_equal(f.body.part_count, CP_PARQUET_PARTS_MAX);
        for (size_t k = 0; k < CP_PARQUET_PARTS_MAX; k++)
            assert_int_equal(f.body.part_ends[k], levels_bytes + k * COUNT);
        fixture_free(&f);
    }
}

static void assert_bools(const uint8_t *bools, size_t count)
{
    fixture f = {.values = {.type = CP_PARQUET_BOOLEAN, .count = count, .bools = bools}};
    reader r = encoded(&f, (cp_parquet_coding){.encoding = CP_PARQUET_PLAIN}, 0, count);
    assert_int_equal(r.size, (count + 7) / 8);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(packed_value(&r, i, 1), bools[i]);
    r = encoded(&f, (cp_parquet_coding){.encoding = CP_PARQUET_RLE}, 0, count);
    assert_int_equal(read_little(&r, 4), r.size - 4);
    uint32_t *got = read_hybrid(&r, count, 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i], bools[i]);
    assert_int_equal(r.at, r.size);
    free(got);
    fixture_free(&f);
}

static void test_bools(void **state)
{
    (void)state;
    static uint8_t bools[EDGE_COUNT_MAX];
    for (size_t i = 0; i < EDGE_COUNTS * 2; i++) {
        for (size_t k = 0; k < edge_counts[i / 2]; k++)
            bools[k] = random_below(2) && (i % 2 || k % 300 > 150);
        assert_bools(bools, edge_counts[i / 2]);
    }
}

static texts some_texts(size_t count)
{
    static const char letters[] = "The quick brown fox jumps over the lazy dog";
    texts t = {0};
    for (size_t i = 0; i < count; i++)
        add_text(&t, letters, (size_t)random_below(sizeof letters));
    return t;
}

static fixture of_texts(const texts *t)
{
    return (fixture){.values = {.type = CP_PARQUET_BYTE_ARRAY,
                                .order = CP_PARQUET_BYTEWISE,
                                .count = t->count,
                                .texts = t->items,
                                .key_bits = 128}};
}

static void test_texts(void **state)
{
    (void)state;
    texts t = some_texts(300);
    fixture f = of_texts(&t);
    reader r = encoded(&f, (cp_parquet_coding){.encoding = CP_PARQUET_PLAIN}, 10, 280);
    texts got = {0};
    while (r.at < r.size) {
        size_t size = (size_t)read_little(&r, 4);
        assert_true(size <= r.size - r.at);
        add_text(&got, r.bytes + r.at, size);
        r.at += size;
    }
    assert_same_texts(&got, t.items + 10, 280);
    texts_free(&got);
    r = encoded(&f, (cp_parquet_coding){.encoding = CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY}, 10, 280);
    assert_int_equal(f.body.part_count, 2);
    got = read_lengths_and_bytes(&r);
    assert_same_texts(&got, t.items + 10, 280);
    texts_free(&got);
    r = encoded(&f, (cp_parquet_coding){.encoding = CP_PARQUET_DELTA_BYTE_ARRAY}, 10, 280);
    got = read_delta_texts(&r);
    assert_same_texts(&got, t.items + 10, 280);
    texts_free(&got);
    fixture_free(&f);
    texts_free(&t);
}

/* Indices and dictionary page together are the texts, at the least width and at a wider one. */
static void test_dictionary(void **state)
{
    (void)state;
    texts t = some_texts(300);
    fixture f = of_texts(&t);
    assert_int_equal(cp_parquet_dictionary_make(&f.dictionary, &f.values, true, NULL), CP_OK);
    assert_true(f.dictionary.usable);
    cp_bytes page = {0};
    assert_int_equal(cp_parquet_dictionary_put(&f.dictionary, f.values.type, &page, NULL), CP_OK);
    assert_int_equal(page.size, f.dictionary.plain_bytes);
    unsigned least = cp_parquet_index_width(&f.dictionary);
    assert_int_equal(least, 6); /* of 44 lengths */
    for (unsigned width = least; width <= 16; width += 5) {
        reader r =
            encoded(&f, (cp_parquet_coding){CP_PARQUET_RLE_DICTIONARY, width, false}, 10, 280);
        assert_int_equal(read_byte(&r), width);
        uint32_t *indices = read_hybrid(&r, 280, width);
        for (size_t i = 0; i < 280; i++) {
            assert_true(indices[i] < f.dictionary.count);
            cp_span entry = f.dictionary.entries[indices[i]].text;
            assert_true(cp_span_equal(entry, t.items[10 + i]));
        }
        assert_int_equal(r.at, r.size);
        free(indices);
    }
    cp_bytes_free(&page);
    fixture_free(&f);
    texts_free(&t);
}

static void test_delta(void **state)
{
    (void)state;
    uint64_t words[300];
    size_t count;
    for (size_t i = 0; i < 300; i++)
        words[i] = random_bits() >> 30;
    fixture wide = of_words(CP_PARQUET_INT64, words, 300);
    reader r =
        encoded(&wide, (cp_parquet_coding){.encoding = CP_PARQUET_DELTA_BINARY_PACKED}, 7, 290);
    uint64_t *got = read_delta(&r, &count, 64);
    assert_int_equal(count, 290);
    assert_memory_equal(got, words + 7, 290 * sizeof *words);
    free(got);
    fixture_free(&wide);
}

static void assert_levels(const cp_parquet_levels *levels, size_t first, size_t count)
{
    cp_parquet_body body = {0};
    assert_int_equal(cp_parquet_encode_levels(levels, first, count, &body, NULL), CP_OK);
    assert_int_equal(body.part_count, levels->valid ? 1 : 0);
    reader r = reader_of(&body.bytes);
    assert_int_equal(read_little(&r, 4), r.size - 4);
    uint32_t *got = read_hybrid(&r, count, 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(got[i], !levels->valid || cp_bit_get(levels->valid, first + i));
    free(got);
    cp_parquet_body_close(&body);
}

static void test_levels(void **state)
{
    (void)state;
    uint64_t valid[10];
    for (size_t i = 0; i < 10; i++)
        valid[i] = i % 3 ? random_bits() : UINT64_MAX;
    assert_levels(&(cp_parquet_levels){valid, 640}, 0, 640);
    assert_levels(&(cp_parquet_levels){valid, 640}, 333, 100);
    assert_levels(&(cp_parquet_levels){NULL, 640}, 333, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plain_numbers, start_random),
        cmocka_unit_test_setup(test_split, start_random),
        cmocka_unit_test(test_split_behind_levels),
        cmocka_unit_test_setup(test_bools, start_random),
        cmocka_unit_test_setup(test_texts, start_random),
        cmocka_unit_test_setup(test_dictionary, start_random),
        cmocka_unit_test_setup(test_delta, start_random),
        cmocka_unit_test_setup(test_levels, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
