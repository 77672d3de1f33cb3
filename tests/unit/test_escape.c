/* pipeline/text/escape.h: tables, and escaping then unescaping random text. */
#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"
#include "tests/unit/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 100 };

static int start_random(void **state)
{
    (void)state;
    random_start(UINT64_C(20260102));
    return 0;
}

/* Bytes on the heap with nothing behind them, so that a sanitizer sees a step too far. */
static uint8_t *exact_copy(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    return copy;
}

static void test_unescape(void **state)
{
    static const struct {
        const char *text, *plain; /* NULL: a lone surrogate */
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a rather long text without any escape in it",
         "a rather long text without any escape in it"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u00e4\\u20AC", "A\xc3\xa4\xe2\x82\xac"},
        {"1234567\\n1234567\\n", "1234567\n1234567\n"},
        {"12345678\\n12345678\\n9", "12345678\n12345678\n9"},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        {"\\uD83D\\uDE00!", "\xf0\x9f\x98\x80!"},
        {"\\ud800\\udc00", "\xf0\x90\x80\x80"},
        {"\\udbff\\udfff", "\xf4\x8f\xbf\xbf"},
        {"\\ud7ff\\ue000", "\xed\x9f\xbf\xee\x80\x80"},
        {"\\uffff", "\xef\xbf\xbf"},
        {"\xc3\xa4\\u005c\\u0022", "\xc3\xa4\\\""},
        {"\\ud800", NULL},
        {"\\udc00", NULL},
        {"x\\udc00\\ud800", NULL},
        {"\\ud800x", NULL},
        {"\\ud800\\n", NULL},
        {"\\ud800\\ud800", NULL},
        {"\\ud800\\u0041", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].text);
        uint8_t *text = exact_copy(cases[i].text, size);
        uint8_t *out = exact_copy(cases[i].text, size);
        size_t written = cp_unescape((cp_span){text, size}, out);
        if (!cases[i].plain) {
            assert_true(written == SIZE_MAX);
        } else {
            assert_int_equal(written, strlen(cases[i].plain));
            assert_memory_equal(out, cases[i].plain, written);
        }
        free(text);
        free(out);
    }
    uint8_t byte;
    assert_int_equal(cp_unescape((cp_span){NULL, 0}, &byte), 0);
}

static void test_unescape_nul(void **state)
{
    uint8_t out[6];
    (void)state;
    assert_int_equal(cp_unescape(cp_span_of("\\u0000"), out), 1);
    assert_int_equal(out[0], 0);
}

static void test_escape_check(void **state)
{
    static const struct {
        const char *text; /* behind the backslash */
        int used;         /* -1: NULL */
        bool lone;
    } cases[] = {
        {"\"", 1, false},
        {"\\", 1, false},
        {"/x", 1, false},
        {"b", 1, false},
        {"f", 1, false},
        {"n", 1, false},
        {"r", 1, false},
        {"t", 1, false},
        {"u0041", 5, false},
        {"u00e4f", 5, false},
        {"uABCD", 5, false},
        {"uabcd", 5, false},
        {"ud7ff", 5, false},
        {"ue000", 5, false},
        {"ud83d\\ude00", 11, false},
        {"uDBFF\\uDFFF0", 11, false},
        {"", -1, false},
        {"x", -1, false},
        {"a", -1, false},
        {"N", -1, false},
        {"U0041", -1, false},
        {"u", -1, false},
        {"u1", -1, false},
        {"u123", -1, false},
        {"u12g4", -1, false},
        {"u 123", -1, false},
        {"u-123", -1, false},
        {"u@123", -1, false},
        {"u`123", -1, false},
        {"uG123", -1, false},
        {"u:123", -1, false},
        {"\n", -1, false},
        {"\xc3", -1, false},
        {"ud800", -1, true},
        {"udc00", -1, true},
        {"udfff\\ud800", -1, true},
        {"ud800\\n", -1, true},
        {"ud800\\u0041", -1, true},
        {"ud800\\ud800", -1, true},
        {"ud800\\udc0", -1, true},
        {"ud800xxxxxx", -1, true},
        {"ud800\\udcxx", -1, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].text);
        uint8_t *text = exact_copy(cases[i].text, size);
        bool lone = !cases[i].lone;
        const uint8_t *end = cp_escape_check(text, text + size, &lone);
        if ((end ? (int)(end - text) : -1) != cases[i].used || lone != cases[i].lone)
            fail_msg("\\%s: %d, %d", cases[i].text, end ? (int)(end - text) : -1, lone);
        free(text);
    }
}

/* Every byte below 128 by itself, and in the middle of plain text of every length around a word. */
static void test_escape_bytes(void **state)
{
    static const char *const expected_of[128] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
    };
    (void)state;
    for (unsigned byte = 0; byte < 128; byte++) {
        char expected[16] = {(char)byte};
        if (expected_of[byte])
            strcpy(expected, expected_of[byte]);
        else if (byte < 0x20)
            sprintf(expected, "\\u%04x", byte);
        size_t expected_size = byte == 0 ? 6 : strlen(expected);
        for (size_t size = 1; size < 20; size++) {
            uint8_t text[20];
            memset(text, 'x', sizeof text);
            size_t at = size / 2;
            text[at] = (uint8_t)byte;
            uint8_t *copy = exact_copy(text, size);
            char *out = malloc(6 * size);
            assert_non_null(out);
            assert_int_equal(cp_escape((cp_span){copy, size}, out), size - 1 + expected_size);
            assert_memory_equal(out, text, at);
            assert_memory_equal(out + at, expected, expected_size);
            assert_memory_equal(out + at + expected_size, text + at + 1, size - at - 1);
            free(copy);
            free(out);
        }
    }
}

/* Text with many controls, quotes, characters of every length. */
static size_t random_text(uint8_t *out)
{
    size_t size = 0;
    size_t limit = random_bits() % (TEXT_MAX - 4);
    while (size < limit) {
        static const uint32_t ranges[] = {0x20, 0x60, 0x80, 0x80, 0x800, 0xd800, 0x10ffff, 0x80};
        uint32_t character = (uint32_t)(random_bits() % ranges[random_bits() % 8]);
        if (character < 0xd800 || character > 0xdfff)
            size += cp_utf8_put(character, out + size);
    }
    return size;
}

static void test_escape_then_unescape(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint8_t plain[TEXT_MAX];
        size_t size = random_text(plain);
        uint8_t *text = exact_copy(plain, size);
        char *escaped = malloc(6 * size + 1);
        assert_non_null(escaped);
        size_t escaped_size = cp_escape((cp_span){text, size}, escaped);
        assert_true(escaped_size <= 6 * size);
        for (size_t j = 0; j < escaped_size; j++)
            assert_true((uint8_t)escaped[j] >= 0x20);
        uint8_t *inside = exact_copy(escaped, escaped_size);
        uint8_t *back = exact_copy(escaped, escaped_size);
        assert_int_equal(cp_unescape((cp_span){inside, escaped_size}, back), size);
        assert_memory_equal(back, plain, size);
        free(text);
        free(escaped);
        free(inside);
        free(back);
    }
}

/* Each character as \u escapes, one or a pair: checked whole, and unescaped to its UTF-8. */
static void test_unicode_escapes(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        if (character >= 0xd800 && character <= 0xdfff)
            continue;
        char text[16];
        uint8_t out[16], expected[4];
        if (character < 0x10000)
            sprintf(text, "\\u%04x", character);
        else
            sprintf(text, "\\u%04X\\u%04x", 0xd7c0 + (character >> 10),
                    0xdc00 + (character & 0x3ff));
        cp_span span = cp_span_of(text);
        bool lone;
        assert_ptr_equal(cp_escape_check(span.data + 1, span.data + span.size, &lone),
                         span.data + span.size);
        size_t size = cp_utf8_put(character, expected);
        assert_int_equal(cp_unescape(span, out), size);
        assert_memory_equal(out, expected, size);
    }
}

/* Section 10 of RFC 4648. */
static void test_base64(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xef\xbe\xfb", "/+++"
                             "+w=="},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].bytes);
        uint8_t *bytes = exact_copy(cases[i].bytes, size);
        char *out = malloc(cp_base64_size(size) + 1);
        assert_non_null(out);
        assert_int_equal(cp_base64((cp_span){bytes, size}, out), strlen(cases[i].text));
        assert_int_equal(cp_base64_size(size), strlen(cases[i].text));
        assert_memory_equal(out, cases[i].text, strlen(cases[i].text));
        free(bytes);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unescape),
        cmocka_unit_test(test_unescape_nul),
        cmocka_unit_test(test_escape_check),
        cmocka_unit_test(test_escape_bytes),
        cmocka_unit_test_setup(test_escape_then_unescape, start_random),
        cmocka_unit_test(test_unicode_escapes),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
