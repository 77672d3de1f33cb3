/* Layouts against sizes and offsets computed by hand; every refusal with its position. */
#include "formats/records/layout.h"

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <string.h>

/* "code@offset+size" for each value, a space between. */
static void describe(const cp_layout *layout, char *out, size_t capacity)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < layout->value_count; i++) {
        const cp_layout_value *v = &layout->values[i];
        int n = snprintf(out + used, capacity - used, "%s%c@%u+%u", i ? " " : "", v->code,
                         v->offset, v->size);
        assert_true(n > 0 && (size_t)n < capacity - used);
        used += (size_t)n;
    }
}

static void assert_layout(const char *text, size_t record_bytes, const char *values)
{
    cp_layout layout;
    cp_error err = {0};
    char found[1024];
    if (cp_layout_parse(text, &layout, &err) != CP_OK)
        fail_msg("\"%s\": %s", text, err.message);
    describe(&layout, found, sizeof found);
    if (layout.record_bytes != record_bytes || strcmp(found, values) != 0)
        fail_msg("\"%s\": %zu bytes, %s", text, layout.record_bytes, found);
    cp_layout_close(&layout);
}

static void assert_refused(const char *text, const char *message)
{
    cp_layout layout;
    cp_error err = {0};
    assert_int_equal(cp_layout_parse(text, &layout, &err), CP_E_CONFIG);
    assert_string_equal(err.reason, "bad_layout");
    if (!strstr(err.message, message))
        fail_msg("\"%s\": message \"%s\" lacks \"%s\"", text, err.message, message);
    assert_null(layout.values);
    assert_int_equal(layout.record_bytes, 0);
}

static void test_design_examples(void **state)
{
    (void)state;
    assert_layout("<dHfB", 15, "d@0+8 H@8+2 f@10+4 B@14+1");
    assert_layout("dHfB", 17, "d@0+8 H@8+2 f@12+4 B@16+1");
    assert_layout("@dHfB", 17, "d@0+8 H@8+2 f@12+4 B@16+1");
}

/* Sizes of each code by prefix; natively, after one byte, also its alignment. */
static void test_every_code(void **state)
{
    (void)state;
    static const struct {
        char code;
        unsigned standard, native;
    } rows[] = {
        {'c', 1, 1}, {'b', 1, 1}, {'B', 1, 1}, {'?', 1, 1}, {'h', 2, 2}, {'H', 2, 2},
        {'i', 4, 4}, {'I', 4, 4}, {'l', 4, 8}, {'L', 4, 8}, {'q', 8, 8}, {'Q', 8, 8},
        {'e', 2, 2}, {'f', 4, 4}, {'d', 8, 8}, {'s', 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[16], values[64];
        unsigned n = rows[i].standard, a = rows[i].native;
        for (const char *prefix = "=<>!"; *prefix; prefix++) {
            snprintf(text, sizeof text, "%cx%c", *prefix, rows[i].code);
            snprintf(values, sizeof values, "%c@1+%u", rows[i].code, n);
            assert_layout(text, 1 + n, values);
        }
        snprintf(text, sizeof text, "x%c", rows[i].code);
        snprintf(values, sizeof values, "%c@%u+%u", rows[i].code, a, a);
        assert_layout(text, 2 * a, values);
        snprintf(text, sizeof text, "@x%c", rows[i].code);
        assert_layout(text, 2 * a, values);
    }
}

static void test_byte_order(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool big;
    } rows[] = {
        {"h", __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__},
        {"@h", __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__},
        {"=h", __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__},
        {"<h", false},
        {">h", true},
        {"!h", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cp_layout layout;
        assert_int_equal(cp_layout_parse(rows[i].text, &layout, NULL), CP_OK);
        assert_int_equal(layout.big_endian, rows[i].big);
        cp_layout_close(&layout);
    }
}

static void test_counts(void **state)
{
    (void)state;
    assert_layout("<3H", 6, "H@0+2 H@2+2 H@4+2");
    assert_layout("<10s", 10, "s@0+10");
    assert_layout("<0sB", 1, "s@0+0 B@0+1");
    assert_layout("<B0s", 1, "B@0+1 s@1+0");
    assert_layout("<0HB", 1, "B@0+1");
    assert_layout("<0c0x2?", 2, "?@0+1 ?@1+1");
    assert_layout("<3xB5x", 9, "B@3+1");
    assert_layout("<5x", 5, "");
    assert_layout("<0000002B", 2, "B@0+1 B@1+1");
}

/* Natively, a zero count pads to its alignment, also at the end; nothing else does. */
static void test_alignment(void **state)
{
    (void)state;
    assert_layout("qB", 9, "q@0+8 B@8+1");
    assert_layout("qB0q", 16, "q@0+8 B@8+1");
    assert_layout("B0l", 8, "B@0+1");
    assert_layout("B0hB0iB0d", 8, "B@0+1 B@2+1 B@4+1");
    assert_layout("=qB0q", 9, "q@0+8 B@8+1");
    assert_layout("B3H", 8, "B@0+1 H@2+2 H@4+2 H@6+2");
    assert_layout("3sI", 8, "s@0+3 I@4+4");
    assert_layout("Be", 4, "B@0+1 e@2+2");
}

static void test_white_space(void **state)
{
    (void)state;
    assert_layout("< d\tH\nf\v\f\rB ", 15, "d@0+8 H@8+2 f@10+4 B@14+1");
    assert_layout(" BH", 4, "B@0+1 H@2+2");
    assert_refused("3 H", "' ' at position 2 is none of the codes");
    assert_refused(" <H", "'<' at position 2 is none of the codes");
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused("", "empty");
    assert_refused("<", "empty");
    assert_refused("@ \t", "empty");
    assert_refused("0q", "empty");
    assert_refused("0s", "no bytes");
    assert_refused("<dHn", "'n' at position 4 ");
    assert_refused("@N", "'N' at position 2 ");
    assert_refused("<4p", "'p' at position 3 ");
    assert_refused("BP", "'P' at position 2 ");
    assert_refused("<d<H", "'<' at position 3 ");
    assert_refused("<d,H", "',' at position 3 ");
    assert_refused("<-1d", "'-' at position 2 ");
    assert_refused("<d\x01", "'\\x01' at position 3 ");
    assert_refused("<\xc3\xa9", "'\\xc3' at position 2 ");
    assert_refused("<d12", "count at position 3 has no code");
}

static void test_limit(void **state)
{
    (void)state;
    assert_layout("<1048576s", 1048576, "s@0+1048576");
    assert_layout("<1048575xB", 1048576, "B@1048575+1");
    assert_refused("<1048577s", "position 9 ");
    assert_refused("<1048576sB", "position 10 ");
    assert_refused("1048571x0qI", "position 11 ");
    assert_refused("<131073q", "larger than 1048576 bytes");
    assert_refused("18446744073709551616x", "larger than 1048576 bytes");
    assert_refused("2305843009213693953q", "larger than 1048576 bytes");
    assert_refused("99999999999999999999999999999999999999999B", "larger than 1048576 bytes");
}

static void test_close_twice(void **state)
{
    (void)state;
    cp_layout layout;
    assert_int_equal(cp_layout_parse("<2H", &layout, NULL), CP_OK);
    assert_int_equal(layout.value_count, 2);
    cp_layout_close(&layout);
    cp_layout_close(&layout);
    assert_null(layout.values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_design_examples), cmocka_unit_test(test_every_code),
        cmocka_unit_test(test_byte_order),      cmocka_unit_test(test_counts),
        cmocka_unit_test(test_alignment),       cmocka_unit_test(test_white_space),
        cmocka_unit_test(test_refusals),        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_close_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
