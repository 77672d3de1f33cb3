/* pipeline/text/utf8.h: every sequence of up to three bytes, and samples of four, against a decoder
 * that works from the definition: decode, then look at the value. */
#include "pipeline/text/utf8.h"
#include "tests/unit/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 200 };

static int start_random(void **state)
{
    (void)state;
    random_start(UINT64_C(20260101));
    return 0;
}

/* Bytes of the character at p, or 0. Least values say which forms are overlong. */
static size_t decode(const uint8_t *p, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t wanted = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : 4;
    if (wanted == 1)
        return 1;
    if ((wanted == 4 && p[0] >> 3 != 30) || wanted > size)
        return 0;
    uint32_t value = p[0] & (0x7fU >> wanted);
    for (size_t i = 1; i < wanted; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    bool surrogate = value >> 11 == 0xd800 >> 11;
    return value < least[wanted] || value > 0x10ffff || surrogate ? 0 : wanted;
}

static size_t naive_valid(cp_span text)
{
    size_t at = 0;
    while (at < text.size) {
        size_t size = decode(text.data + at, text.size - at);
        if (size == 0)
            break;
        at += size;
    }
    return at;
}

static void check(const uint8_t *bytes, size_t size)
{
    cp_span text = {bytes, size};
    size_t found = cp_utf8_valid(text);
    size_t expected = naive_valid(text);
    if (found != expected)
        fail_msg("%02x %02x %02x %02x (%zu bytes): %zu, expected %zu", bytes[0],
                 size > 1 ? bytes[1] : 0, size > 2 ? bytes[2] : 0, size > 3 ? bytes[3] : 0, size,
                 found, expected);
}

static void test_all_short_sequences(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 1U << 24; value++) {
        uint8_t bytes[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
        check(bytes, 3);
        if ((value & 0xff) == 0)
            check(bytes, 2);
        if ((value & 0xffff) == 0)
            check(bytes, 1);
    }
    assert_int_equal(cp_utf8_valid((cp_span){NULL, 0}), 0);
}

/* Bytes where the rules change, in all combinations of four. */
static void test_four_byte_sequences(void **state)
{
    static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                    0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                    0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff};
    enum { EDGES = sizeof edges };
    (void)state;
    for (uint32_t i = 0; i < EDGES * EDGES * EDGES * EDGES; i++) {
        uint8_t bytes[4] = {edges[i % EDGES], edges[i / EDGES % EDGES],
                            edges[i / EDGES / EDGES % EDGES], edges[i / EDGES / EDGES / EDGES]};
        check(bytes, 4);
    }
    for (int i = 0; i < 1000000; i++) {
        uint64_t bits = random_bits();
        uint8_t bytes[4] = {(uint8_t)(0xf0 | (bits & 7)), (uint8_t)(bits >> 8),
                            (uint8_t)(0x80 | (bits >> 16 & 0x3f)),
                            (uint8_t)(0x80 | (bits >> 24 & 0x3f))};
        check(bytes, 4);
    }
}

/* Every character is written as the decoder wants it, and is valid where it stands across the
 * edges of the stretches that the check works in. */
static void test_all_characters(void **state)
{
    uint8_t text[TEXT_MAX];
    (void)state;
    for (uint32_t character = 0; character <= 0x10ffff; character++) {
        if (character >= 0xd800 && character <= 0xdfff)
            continue;
        uint8_t bytes[4];
        size_t size = cp_utf8_put(character, bytes);
        assert_int_equal(decode(bytes, size), size);
        uint32_t value = size == 1 ? bytes[0] : bytes[0] & (0x7fU >> size);
        for (size_t i = 1; i < size; i++)
            value = value << 6 | (bytes[i] & 0x3f);
        assert_int_equal(value, character);
        size_t before = 28 + character % 8;
        memset(text, 'a', sizeof text);
        memcpy(text + before, bytes, size);
        assert_int_equal(cp_utf8_valid((cp_span){text, 70}), 70);
    }
}

static size_t random_text(uint8_t *out)
{
    size_t size = 0;
    size_t limit = random_bits() % (TEXT_MAX - 4);
    unsigned plain = (unsigned)(random_bits() % 5);
    while (size < limit) {
        static const uint32_t ranges[] = {0x80, 0x800, 0xd800, 0x10ffff};
        uint32_t character = random_bits() % 4 < plain
                                 ? (uint32_t)(random_bits() % 0x80)
                                 : (uint32_t)(random_bits() % ranges[random_bits() % 4]);
        if (character < 0xd800 || character > 0xdfff)
            size += cp_utf8_put(character, out + size);
    }
    return size;
}

/* Longer texts, whole and with one byte changed, at every place of the block; then cut. */
static void test_random_texts(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint8_t text[TEXT_MAX] = {0};
        size_t size = random_text(text);
        uint8_t *exact = malloc(size + 1);
        assert_non_null(exact);
        memcpy(exact, text, size);
        cp_span span = {exact, size};
        assert_int_equal(cp_utf8_valid(span), size);
        size_t limit = random_bits() % (size + 2);
        size_t cut = cp_utf8_cut(span, limit);
        assert_true(cut <= limit && cut <= size && cut + 4 > (limit < size ? limit : size));
        assert_int_equal(naive_valid((cp_span){exact, cut}), cut);
        if (size > 0) {
            size_t next = cut < size ? decode(exact + cut, size - cut) : 1;
            assert_true(cut == size || cut + next > limit);
            exact[random_bits() % size] = (uint8_t)random_bits();
            assert_int_equal(cp_utf8_valid(span), naive_valid(span));
            span.size -= random_bits() % size;
            assert_int_equal(cp_utf8_valid(span), naive_valid(span));
        }
        free(exact);
    }
}

static void test_cut(void **state)
{
    static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
    (void)state;
    for (size_t limit = 0; limit < sizeof expected / sizeof *expected; limit++)
        assert_int_equal(cp_utf8_cut(cp_span_of(text), limit), expected[limit]);
}

static void test_repair(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"a\xc3\xa4\xe2\x82\xac", "a\xc3\xa4\xe2\x82\xac"},
        {"\xff", "\xef\xbf\xbd"},
        {"a\xe2\x82z\xc3", "a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t out[100];
        size_t size = cp_utf8_repair(cp_span_of(rows[i][0]), out);
        assert_int_equal(size, strlen(rows[i][1]));
        assert_memory_equal(out, rows[i][1], size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repair),
        cmocka_unit_test(test_all_short_sequences),
        cmocka_unit_test_setup(test_four_byte_sequences, start_random),
        cmocka_unit_test(test_all_characters),
        cmocka_unit_test_setup(test_random_texts, start_random),
        cmocka_unit_test(test_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
