/* pipeline/text/visible.h: what is shown as it is, what is escaped, and that nothing else gets by.
 */
#include "pipeline/text/utf8.h"
#include "pipeline/text/visible.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

static void check(const char *text, const char *shown)
{
    char out[CP_VISIBLE_GROWTH * 100];
    size_t size = cp_visible(cp_span_of(text), out);
    assert_true(size <= CP_VISIBLE_GROWTH * strlen(text));
    assert_int_equal(size, strlen(shown));
    assert_memory_equal(out, shown, size);
}

static void test_texts(void **state)
{
    (void)state;
    check("", "");
    check("day/a b~.jsonl\\x", "day/a b~.jsonl\\x");
    check("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    check("a\nb\t\x1b[0m\x7f", "a\\x0ab\\x09\\x1b[0m\\x7f");
    check("\xc2\x9b"
          "31m",
          "\\u009b31m"); /* CSI in one character */
    static const char right_to_left[] = {'\xe2', '\x80', '\xae', 'x', '\0'};
    check(right_to_left, "\\u202ex");
    check("a\xff\x9b"
          "b\xc3",
          "a\\xff\\x9bb\\xc3");      /* no UTF-8 */
    check("\xe2\x80", "\\xe2\\x80"); /* cut */
    check("\xc1\x8a\xed\xa0\x80", "\\xc1\\x8a\\xed\\xa0\\x80");
}

static bool is_shown(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0x2028) || (c > 0x202e && c < 0x2066) ||
           c > 0x2069;
}

static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        uint8_t text[4];
        char out[CP_VISIBLE_GROWTH * 4], escape[16];
        size_t size = cp_utf8_put(c, text), shown = cp_visible((cp_span){text, size}, out);
        if (is_shown(c)) {
            assert_int_equal(shown, size);
            assert_memory_equal(out, text, size);
            continue;
        }
        snprintf(escape, sizeof escape, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
        assert_int_equal(shown, strlen(escape));
        assert_memory_equal(out, escape, shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_every_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
