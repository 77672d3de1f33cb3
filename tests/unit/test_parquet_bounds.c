/* formats/parquet/bounds.h and page_index.h: least and greatest values of every type, zeros and
 * NaNs, texts cut and rounded, statistics and the column index as bytes. */
#include "formats/parquet/bounds.h"
#include "formats/parquet/page_index.h"
#include "pipeline/text/utf8.h"
#include "tests/unit/parquet_support.h"

#include <math.h>

static cp_parquet_bounds of(cp_parquet_type type, cp_parquet_order order, const void *items,
                            size_t first, size_t count)
{
    cp_parquet_values values = {
        .type = type, .order = order, .count = first + count, .words64 = items};
    return cp_parquet_bounds_of(&values, NULL, first, count);
}

static void test_integers(void **state)
{
    (void)state;
    static const int32_t narrow[] = {INT32_MIN, 5, -3, 9, INT32_MAX};
    static const int64_t wide[] = {INT64_MIN, 5, -3, 9, INT64_MAX};
    cp_parquet_bounds b = of(CP_PARQUET_INT32, CP_PARQUET_SIGNED, narrow, 1, 3);
    assert_true(b.any && b.least.i == -3 && b.greatest.i == 9);
    b = of(CP_PARQUET_INT32, CP_PARQUET_SIGNED, narrow, 0, 5);
    assert_true(b.any && b.least.i == INT32_MIN && b.greatest.i == INT32_MAX);
    b = of(CP_PARQUET_INT32, CP_PARQUET_UNSIGNED, narrow, 1, 3);
    assert_true(b.any && b.least.u == 5 && b.greatest.u == (uint32_t)-3);
    b = of(CP_PARQUET_INT64, CP_PARQUET_SIGNED, wide, 1, 3);
    assert_true(b.any && b.least.i == -3 && b.greatest.i == 9);
    b = of(CP_PARQUET_INT64, CP_PARQUET_UNSIGNED, wide, 0, 5);
    assert_true(b.any && b.least.u == 5 && b.greatest.u == (uint64_t)-3);
    b = of(CP_PARQUET_INT64, CP_PARQUET_SIGNED, wide, 2, 0);
    assert_false(b.any);
}

static void test_bools(void **state)
{
    (void)state;
    static const uint8_t bools[] = {0, 0, 1, 1};
    cp_parquet_bounds b = of(CP_PARQUET_BOOLEAN, CP_PARQUET_UNSIGNED, bools, 0, 2);
    assert_true(b.any && b.least.u == 0 && b.greatest.u == 0);
    b = of(CP_PARQUET_BOOLEAN, CP_PARQUET_UNSIGNED, bools, 1, 2);
    assert_true(b.least.u == 0 && b.greatest.u == 1);
    b = of(CP_PARQUET_BOOLEAN, CP_PARQUET_UNSIGNED, bools, 2, 2);
    assert_true(b.least.u == 1 && b.greatest.u == 1);
}

static void assert_floats(const double *floats, size_t count, double least, double greatest,
                          size_t nans)
{
    float narrow[8];
    for (size_t i = 0; i < count; i++)
        narrow[i] = (float)floats[i];
    cp_parquet_bounds wide = of(CP_PARQUET_DOUBLE, CP_PARQUET_FLOATING, floats, 0, count);
    cp_parquet_bounds small = of(CP_PARQUET_FLOAT, CP_PARQUET_FLOATING, narrow, 0, count);
    assert_int_equal(wide.any, count > nans);
    assert_int_equal(small.any, count > nans);
    assert_int_equal(wide.nan_count, nans);
    assert_int_equal(small.nan_count, nans);
    if (count == nans)
        return;
    assert_memory_equal(&wide.least.f, &least, sizeof least); /* the sign of zero, too */
    assert_memory_equal(&wide.greatest.f, &greatest, sizeof greatest);
    assert_memory_equal(&small.least.f, &least, sizeof least);
    assert_memory_equal(&small.greatest.f, &greatest, sizeof greatest);
}

static void test_floats(void **state)
{
    (void)state;
    assert_floats((double[]){NAN, 1.5, -2.5, NAN}, 4, -2.5, 1.5, 2);
    assert_floats((double[]){0.0, 1}, 2, -0.0, 1, 0);
    assert_floats((double[]){-0.0, -1}, 2, -1, 0.0, 0);
    assert_floats((double[]){0.0}, 1, -0.0, 0.0, 0);
    assert_floats((double[]){INFINITY}, 1, INFINITY, INFINITY, 0);
    assert_floats((double[]){-INFINITY, NAN}, 2, -INFINITY, -INFINITY, 1);
    assert_floats((double[]){-INFINITY, 3, INFINITY}, 3, -INFINITY, INFINITY, 0);
    assert_floats((double[]){NAN, -NAN}, 2, 0, 0, 2);
    assert_floats(NULL, 0, 0, 0, 0);
}

/* With and without the ranks of a dictionary. */
static void test_texts(void **state)
{
    (void)state;
    texts t = {0};
    for (size_t i = 0; i < 500; i++) {
        char made[32];
        size_t size = (size_t)snprintf(made, sizeof made, "%d-%d", (int)random_below(3),
                                       (int)random_below(40));
        add_text(&t, made, random_below(30) ? size : 0);
    }
    cp_parquet_values values = {.type = CP_PARQUET_BYTE_ARRAY,
                                .order = CP_PARQUET_BYTEWISE,
                                .count = t.count,
                                .texts = t.items,
                                .key_bits = 128};
    cp_parquet_dictionary d = {0};
    assert_int_equal(cp_parquet_dictionary_make(&d, &values, true, NULL), CP_OK);
    for (size_t round = 0; round < 300; round++) {
        size_t first = (size_t)random_below(t.count);
        size_t count = 1 + (size_t)random_below(t.count - first);
        cp_span least = t.items[first], greatest = least;
        for (size_t i = first; i < first + count; i++) {
            least = cp_span_compare(t.items[i], least) < 0 ? t.items[i] : least;
            greatest = cp_span_compare(t.items[i], greatest) > 0 ? t.items[i] : greatest;
        }
        cp_parquet_bounds a = cp_parquet_bounds_of(&values, &d, first, count);
        cp_parquet_bounds b = cp_parquet_bounds_of(&values, NULL, first, count);
        assert_true(cp_span_equal(a.least.text, least) && cp_span_equal(b.least.text, least));
        assert_true(cp_span_equal(a.greatest.text, greatest));
        assert_true(cp_span_equal(b.greatest.text, greatest));
    }
    cp_parquet_dictionary_close(&d);
    texts_free(&t);
}

static void test_join(void **state)
{
    (void)state;
    cp_parquet_bounds all = {0}, none = {.null_count = 3};
    cp_parquet_bounds a = {.any = true, .least.i = -4, .greatest.i = 2, .null_count = 1};
    cp_parquet_bounds b = {.any = true, .least.i = 1, .greatest.i = 7, .nan_count = 2};
    cp_parquet_bounds_join(CP_PARQUET_SIGNED, &all, &none);
    assert_false(all.any);
    cp_parquet_bounds_join(CP_PARQUET_SIGNED, &all, &b);
    cp_parquet_bounds_join(CP_PARQUET_SIGNED, &all, &a);
    cp_parquet_bounds_join(CP_PARQUET_SIGNED, &all, &none);
    assert_true(all.any && all.least.i == -4 && all.greatest.i == 7);
    assert_int_equal(all.null_count, 7);
    assert_int_equal(all.nan_count, 2);
}

/* ---- texts as they are written ---- */

static void assert_written(const cp_parquet_written_bound *got, const char *expected, bool exact)
{
    assert_false(got->absent);
    assert_int_equal(got->exact, exact);
    assert_int_equal(got->size, strlen(expected));
    assert_memory_equal(got->bytes, expected, got->size);
}

/* `head` times `x` and `tail`. */
static text repeated(char x, size_t head, const char *tail)
{
    text t = {0};
    while (head--)
        put_bytes(&t, &x, 1);
    put_bytes(&t, tail, strlen(tail));
    return t;
}

/* The greatest value of `value` is written as `head` times 'x' and `tail`; the least one as the
 * text's first `cut` bytes. */
static void assert_rounding(const char *value_tail, size_t value_head, const char *tail,
                            size_t head, size_t cut)
{
    text value = repeated('x', value_head, value_tail);
    text greatest = repeated('x', head, tail), least = repeated('x', value_head, value_tail);
    cp_parquet_bound bound = {.text = {(const uint8_t *)value.bytes, value.size}};
    cp_parquet_written_bound up = cp_parquet_write_greatest(CP_PARQUET_BYTE_ARRAY, &bound);
    cp_parquet_written_bound down = cp_parquet_write_least(CP_PARQUET_BYTE_ARRAY, &bound);
    least.bytes[cut] = '\0';
    assert_written(&up, greatest.bytes, value.size <= 64);
    assert_written(&down, least.bytes, value.size <= 64);
    text_free(&value);
    text_free(&greatest);
    text_free(&least);
}

static void test_cut_and_rounded(void **state)
{
    (void)state;
    assert_rounding("", 64, "", 64, 64);
    assert_rounding("", 65, "y", 63, 64);
    assert_rounding("\x7f"
                    "zz",
                    63, "y", 62, 64); /* U+0080 has no room */
    assert_rounding("\x7f\xc3\xa9zz", 61, "\x7f\xc3\xaa", 61, 64);
    assert_rounding("\xc3\xa9z", 63, "y", 62, 63); /* not cut inside of a character */
    assert_rounding("\xdf\xbfzzz", 61, "\xdf\xbf{", 61, 64);
    assert_rounding("\xdf\xbfzzz", 62, "y", 61, 64);               /* U+0800 has no room */
    assert_rounding("\xed\x9f\xbfzz", 61, "\xee\x80\x80", 61, 64); /* over the surrogates */
    assert_rounding("\xf4\x8f\xbf\xbfz", 60, "y", 59, 64);         /* nothing is above U+10FFFF */
}

static void test_no_text_above(void **state)
{
    (void)state;
    text value = {0};
    for (size_t i = 0; i < 17; i++)
        put(&value, "\xf4\x8f\xbf\xbf");
    cp_parquet_bound bound = {.text = {(const uint8_t *)value.bytes, value.size}};
    assert_true(cp_parquet_write_greatest(CP_PARQUET_BYTE_ARRAY, &bound).absent);
    cp_parquet_bounds bounds = {.any = true, .least = bound, .greatest = bound};
    cp_parquet_page_bounds page = cp_parquet_page_bounds_of(CP_PARQUET_BYTE_ARRAY, &bounds, 1);
    cp_parquet_column column = {.type = CP_PARQUET_BYTE_ARRAY, .order = CP_PARQUET_BYTEWISE};
    cp_bytes out = {0};
    assert_int_equal(cp_parquet_column_index_put(&column, &page, 1, &out, NULL), CP_OK);
    assert_int_equal(out.size, 0);
    assert_int_equal(cp_parquet_statistics_put(CP_PARQUET_BYTE_ARRAY, &bounds, &out, NULL), CP_OK);
    assert_int_equal(out.data[0], 0x36); /* null count, then the least value, */
    assert_int_equal(out.data[2], 0x38);
    assert_int_equal(out.data[out.size - 2], 0x22); /* which is not exact, and nothing else */
    cp_bytes_free(&out);
    text_free(&value);
}

/* Any characters: the bounds are valid, short, and on the right side. */
static void test_any_text_is_between_its_bounds(void **state)
{
    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        text value = {0};
        size_t characters = (size_t)random_below(70);
        for (size_t i = 0; i < characters; i++) {
            static const uint32_t edges[] = {0x7F,   0x80,   0x7FF,   0x800,    0xD7FF,
                                             0xE000, 0xFFFF, 0x10000, 0x10FFFF, 'a'};
            uint8_t bytes[4];
            put_bytes(&value, bytes, cp_utf8_put(edges[random_below(10)], bytes));
        }
        cp_parquet_bound bound = {.text = {(const uint8_t *)value.bytes, value.size}};
        cp_parquet_written_bound down = cp_parquet_write_least(CP_PARQUET_BYTE_ARRAY, &bound);
        cp_parquet_written_bound up = cp_parquet_write_greatest(CP_PARQUET_BYTE_ARRAY, &bound);
        cp_span low = {down.bytes, down.size}, high = {up.bytes, up.size};
        assert_true(down.size <= 64 && up.size <= 64);
        assert_int_equal(cp_utf8_valid(low), low.size);
        assert_int_equal(cp_utf8_valid(high), high.size);
        int below = cp_span_compare(low, bound.text), above = cp_span_compare(high, bound.text);
        assert_true(down.exact ? below == 0 : below < 0);
        assert_true(up.absent || (up.exact ? above == 0 : above > 0));
        text_free(&value);
    }
}

/* ---- as bytes ---- */

static void assert_bytes(cp_bytes *out, const void *expected, size_t size)
{
    assert_int_equal(out->size, size);
    assert_memory_equal(out->data, expected, size);
    out->size = 0;
}

static void test_statistics(void **state)
{
    (void)state;
    static const uint8_t numbers[] = {0x36, 4, /* null_count 2 */
                                      0x28, 4,    7,    0,    0,    0,    0x18, 4,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0x11, 0x11, 0}; /* both exact */
    static const uint8_t only_nans[] = {0x36, 0, 0x66, 6, 0};                 /* nan_count 3 */
    static const uint8_t one_nan[] = {0x36, 0, 0x38, 4, 0, 0, 0, 0x80, 0x21, 0x16, 2, 0};
    cp_parquet_bounds b = {.any = true, .least.i = -1, .greatest.i = 7, .null_count = 2};
    cp_parquet_bounds nans = {.nan_count = 3};
    cp_parquet_bounds mixed = {.any = true, .least.f = -0.0, .greatest.f = 9, .nan_count = 1};
    cp_bytes out = {0};
    assert_int_equal(cp_parquet_statistics_put(CP_PARQUET_INT32, &b, &out, NULL), CP_OK);
    assert_bytes(&out, numbers, sizeof numbers);
    assert_int_equal(cp_parquet_statistics_put(CP_PARQUET_FLOAT, &nans, &out, NULL), CP_OK);
    assert_bytes(&out, only_nans, sizeof only_nans);
    assert_int_equal(cp_parquet_statistics_put(CP_PARQUET_FLOAT, &mixed, &out, NULL), CP_OK);
    assert_bytes(&out, one_nan, sizeof one_nan);
    cp_bytes_free(&out);
}

static cp_parquet_page_bounds page_of(int64_t least, int64_t greatest)
{
    cp_parquet_bounds bounds = {.any = true, .least.i = least, .greatest.i = greatest};
    return cp_parquet_page_bounds_of(CP_PARQUET_INT32, &bounds, 10);
}

static cp_parquet_page_bounds null_page(void)
{
    return cp_parquet_page_bounds_of(CP_PARQUET_INT32, &(cp_parquet_bounds){.null_count = 10}, 10);
}

/* struct ColumnIndex up to its boundary order: that of pages with these bounds. */
static void assert_boundary_order(const cp_parquet_page_bounds *pages, size_t count, int order)
{
    const cp_parquet_column column = {.type = CP_PARQUET_INT32, .order = CP_PARQUET_SIGNED};
    cp_bytes out = {0};
    assert_int_equal(cp_parquet_column_index_put(&column, pages, count, &out, NULL), CP_OK);
    reader r = reader_of(&out);
    assert_int_equal(read_byte(&r), 0x19);
    assert_int_equal(read_byte(&r), count << 4 | 1);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(read_byte(&r), pages[i].all_null ? 1 : 2);
    for (size_t list = 0; list < 2; list++) {
        assert_int_equal(read_byte(&r), 0x19);
        assert_int_equal(read_byte(&r), count << 4 | 8);
        for (size_t i = 0; i < count; i++) {
            const cp_parquet_bounds *b = &pages[i].bounds;
            assert_int_equal(read_byte(&r), pages[i].all_null ? 0 : 4);
            if (!pages[i].all_null)
                assert_int_equal((int32_t)read_little(&r, 4), list ? b->greatest.i : b->least.i);
        }
    }
    assert_int_equal(read_byte(&r), 0x15);
    assert_int_equal(read_zigzag(&r), order);
    assert_int_equal(read_byte(&r), 0x19);
    assert_int_equal(read_byte(&r), count << 4 | 6);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(read_zigzag(&r), pages[i].bounds.null_count);
    assert_int_equal(read_byte(&r), 0);
    assert_int_equal(r.at, r.size);
    cp_bytes_free(&out);
}

static void test_column_index(void **state)
{
    (void)state;
    const cp_parquet_page_bounds up[] = {page_of(-5, 1), null_page(), page_of(-5, 1),
                                         page_of(0, 9)};
    const cp_parquet_page_bounds down[] = {page_of(8, 9), page_of(-1, 9), null_page()};
    const cp_parquet_page_bounds neither[] = {page_of(0, 9), page_of(1, 8)};
    assert_boundary_order(up, 4, CP_PARQUET_ASCENDING);
    assert_boundary_order(down, 3, CP_PARQUET_DESCENDING);
    assert_boundary_order(neither, 2, CP_PARQUET_UNORDERED);
    assert_boundary_order(up, 1, CP_PARQUET_ASCENDING);
}

/* A page of NaNs has neither bounds nor is it null: no index at all (parquet.thrift, ColumnIndex).
 */
static void test_no_index_for_nans(void **state)
{
    (void)state;
    const cp_parquet_column column = {.type = CP_PARQUET_FLOAT, .order = CP_PARQUET_FLOATING};
    const cp_parquet_bounds bounds[] = {{.nan_count = 10}, {.any = true, .nan_count = 1}};
    cp_bytes out = {0};
    for (size_t i = 0; i < 2; i++) {
        cp_parquet_page_bounds page = cp_parquet_page_bounds_of(CP_PARQUET_FLOAT, &bounds[i], 10);
        assert_int_equal(cp_parquet_column_index_put(&column, &page, 1, &out, NULL), CP_OK);
        assert_int_equal(out.size, 0);
    }
    cp_bytes_free(&out);
}

static void test_offset_index(void **state)
{
    (void)state;
    static const cp_parquet_page_place places[] = {{100, 50, 0}, {150, 7, 20}};
    static const uint8_t expected[] = {0x19, 0x2C, 0x16, 0x98, 0x11, 0x15, 100, 0x16, 0, 0,
                                       0x16, 0xFC, 0x11, 0x15, 14,   0x16, 40,  0,    0};
    cp_bytes out = {0};
    assert_int_equal(cp_parquet_offset_index_put(places, 2, 1000, &out, NULL), CP_OK);
    assert_bytes(&out, expected, sizeof expected);
    cp_bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_bools),
        cmocka_unit_test(test_floats),
        cmocka_unit_test_setup(test_texts, start_random),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_cut_and_rounded),
        cmocka_unit_test(test_no_text_above),
        cmocka_unit_test_setup(test_any_text_is_between_its_bounds, start_random),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_column_index),
        cmocka_unit_test(test_no_index_for_nans),
        cmocka_unit_test(test_offset_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
