/* formats/parquet/delta.h and delta_text.h: differences of every width that wrap around, lengths
 * around blocks and miniblocks, texts that share prefixes, and the examples of Encodings.md. */
#include "formats/parquet/delta.h"
#include "formats/parquet/delta_text.h"
#include "tests/unit/parquet_support.h"

static void assert_64(const uint64_t *values, size_t count)
{
    for (int uniform = 0; uniform < 2; uniform++) {
        cp_bytes out = {0};
        size_t got_count;
        assert_int_equal(cp_delta_put_64(&out, values, count, uniform, NULL), CP_OK);
        reader r = reader_of(&out);
        uint64_t *got = read_delta(&r, &got_count, 64);
        assert_int_equal(got_count, count);
        assert_memory_equal(got, values, count * sizeof *values);
        assert_int_equal(r.at, out.size);
        free(got);
        cp_bytes_free(&out);
    }
}

static void assert_32(const uint32_t *values, size_t count)
{
    for (int uniform = 0; uniform < 2; uniform++) {
        cp_bytes out = {0};
        size_t got_count;
        assert_int_equal(cp_delta_put_32(&out, values, count, uniform, NULL), CP_OK);
        reader r = reader_of(&out);
        uint64_t *got = read_delta(&r, &got_count, 32);
        assert_int_equal(got_count, count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal((uint32_t)got[i], values[i]);
        assert_int_equal(r.at, out.size);
        free(got);
        cp_bytes_free(&out);
    }
}

static void test_every_width(void **state)
{
    (void)state;
    static uint64_t wide[EDGE_COUNT_MAX];
    static uint32_t narrow[EDGE_COUNT_MAX];
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t i = 0; i < EDGE_COUNTS; i++) {
            for (size_t k = 0; k < edge_counts[i]; k++) {
                wide[k] = random_of_width(width);
                narrow[k] = (uint32_t)wide[k];
            }
            assert_64(wide, edge_counts[i]);
            assert_32(narrow, edge_counts[i]);
        }
    }
}

static void test_steps(void **state)
{
    (void)state;
    static uint64_t values[EDGE_COUNT_MAX];
    for (size_t i = 0; i < EDGE_COUNTS; i++) {
        uint64_t step = random_bits(), noise = random_below(64);
        for (size_t k = 0; k < edge_counts[i]; k++)
            values[k] = k * step + random_of_width((unsigned)noise);
        assert_64(values, edge_counts[i]);
    }
}

static void test_extremes(void **state)
{
    (void)state;
    const uint64_t wide[] = {0,          UINT64_MAX, 0, INT64_MAX,      (uint64_t)INT64_MIN,
                             INT64_MAX,  1,          0, UINT64_MAX - 1, (uint64_t)INT64_MIN,
                             UINT64_MAX, INT64_MAX};
    const uint32_t narrow[] = {0,         UINT32_MAX, 0, INT32_MAX,      (uint32_t)INT32_MIN,
                               INT32_MAX, 1,          0, UINT32_MAX - 1, (uint32_t)INT32_MIN};
    assert_64(wide, sizeof wide / sizeof *wide);
    assert_32(narrow, sizeof narrow / sizeof *narrow);
}

/* "Example 1" and "Example 2", with the block size that there is. */
static void test_bytes(void **state)
{
    (void)state;
    static const uint32_t up[] = {1, 2, 3, 4, 5};
    static const uint8_t of_up[] = {0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0};
    static const uint32_t down[] = {7, 5, 3, 1, 2, 3, 4, 5};
    static const uint8_t of_down[] = {0x80, 1,    4,    8, 14, 3, 2, 0, 0,
                                      0,    0xC0, 0x3F, 0, 0,  0, 0, 0, 0};
    cp_bytes out = {0};
    assert_int_equal(cp_delta_put_32(&out, up, 5, false, NULL), CP_OK);
    assert_int_equal(out.size, sizeof of_up);
    assert_memory_equal(out.data, of_up, sizeof of_up);
    out.size = 0;
    assert_int_equal(cp_delta_put_32(&out, down, 8, false, NULL), CP_OK);
    assert_int_equal(out.size, sizeof of_down);
    assert_memory_equal(out.data, of_down, sizeof of_down);
    cp_bytes_free(&out);
}

/* ---- texts ---- */

static void assert_texts_in(const texts *t, bool is_uniform)
{
    cp_bytes out = {0}, room = {0};
    assert_int_equal(cp_delta_put_lengths(&out, t->items, t->count, is_uniform, &room, NULL),
                     CP_OK);
    assert_int_equal(cp_delta_put_bytes(&out, t->items, t->count, NULL), CP_OK);
    reader r = reader_of(&out);
    texts got = read_lengths_and_bytes(&r);
    assert_same_texts(&got, t->items, t->count);
    assert_int_equal(r.at, out.size);
    texts_free(&got);
    out.size = 0;
    assert_int_equal(cp_delta_put_texts(&out, t->items, t->count, is_uniform, &room, NULL), CP_OK);
    r = reader_of(&out);
    got = read_delta_texts(&r);
    assert_same_texts(&got, t->items, t->count);
    assert_int_equal(r.at, out.size);
    texts_free(&got);
    cp_bytes_free(&out);
    cp_bytes_free(&room);
}

static void assert_texts(const texts *t)
{
    assert_texts_in(t, false);
    assert_texts_in(t, true);
}

/* A text that begins like the one before, most often. */
static void add_similar(texts *t, size_t longest)
{
    text made = {0};
    cp_span before = t->count ? t->items[t->count - 1] : (cp_span){0};
    if (before.size)
        put_bytes(&made, before.data, (size_t)random_below(before.size + 1));
    size_t more = (size_t)random_below(longest);
    for (size_t i = 0; i < more; i++)
        put(&made, "%c", 'a' + (int)random_below(3));
    add_text(t, shown(&made), made.size > 200 ? 3 : made.size);
    text_free(&made);
}

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < EDGE_COUNTS; i++) {
        for (size_t longest = 1; longest < 40; longest += 19) {
            texts t = {0};
            for (size_t k = 0; k < edge_counts[i]; k++)
                add_similar(&t, longest);
            assert_texts(&t);
            texts_free(&t);
        }
    }
}

/* "axis", "axle", "babble", "babyhood" share prefixes of 0, 2, 0 and 3 bytes. */
static void test_text_example(void **state)
{
    (void)state;
    static const char *const words[] = {"axis", "axle", "babble", "babyhood"};
    static const uint32_t prefixes[] = {0, 2, 0, 3}, suffixes[] = {4, 2, 6, 5};
    texts t = {0};
    cp_bytes out = {0}, expected = {0}, room = {0};
    for (size_t i = 0; i < 4; i++)
        add_text(&t, words[i], strlen(words[i]));
    assert_int_equal(cp_delta_put_texts(&out, t.items, 4, true, &room, NULL), CP_OK);
    assert_int_equal(cp_delta_put_32(&expected, prefixes, 4, true, NULL), CP_OK);
    assert_int_equal(cp_delta_put_32(&expected, suffixes, 4, true, NULL), CP_OK);
    assert_int_equal(cp_bytes_put(&expected, "axislebabbleyhood", 17, NULL), CP_OK);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.data, expected.data, expected.size);
    cp_bytes_free(&out);
    cp_bytes_free(&expected);
    cp_bytes_free(&room);
    texts_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_width, start_random),
        cmocka_unit_test_setup(test_steps, start_random),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test_setup(test_texts, start_random),
        cmocka_unit_test(test_text_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
