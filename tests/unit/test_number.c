/* pipeline/text/number.h: reading against glibc's strtod and strtof, which round correctly, writing
 * against reading and against printf; tables for the edges. */
#include "pipeline/text/number.h"
#include "tests/unit/random.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RANDOM_CASES = 400000, TEXT_BYTES = 2048 };

static int start_random(void **state)
{
    (void)state;
    random_start(UINT64_C(20260104));
    return 0;
}

static uint64_t double_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Reads a whole spelling from memory that ends with it, so that a sanitizer sees reads beyond; then
 * from within a longer buffer, and holds the two equal. */
static cp_decimal read_text(const char *text, size_t size)
{
    uint8_t *exact = malloc(size);
    uint8_t *padded = malloc(size + 64);
    assert_true(exact && padded);
    memcpy(exact, text, size);
    memcpy(padded, text, size);
    memset(padded + size, ',', 64);
    cp_decimal short_read, long_read;
    if (cp_decimal_read(exact, exact + size, &short_read) != exact + size)
        fail_msg("not read whole: %.*s", (int)size, text);
    assert_ptr_equal(cp_decimal_read(padded, padded + size + 64, &long_read), padded + size);
    assert_int_equal(short_read.digits, long_read.digits);
    assert_int_equal(short_read.exponent, long_read.exponent);
    assert_int_equal(short_read.negative, long_read.negative);
    assert_int_equal(short_read.integral, long_read.integral);
    assert_int_equal(short_read.truncated, long_read.truncated);
    assert_int_equal(long_read.text.size, size);
    free(exact);
    free(padded);
    short_read.text = (cp_span){(const uint8_t *)text, size};
    return short_read;
}

static cp_decimal read_string(const char *text)
{
    return read_text(text, strlen(text));
}

/* Bytes of the number that `text` opens with, -1: none. Nothing is readable behind `padding`. */
static int grammar_bytes(const char *text, const char *padding)
{
    size_t size = strlen(text) + strlen(padding);
    char *joined = malloc(size + 1);
    uint8_t *exact = malloc(size + 1);
    assert_true(joined && exact);
    sprintf(joined, "%s%s", text, padding);
    memcpy(exact + 1, joined, size);
    cp_decimal decimal;
    const uint8_t *p = exact + 1;
    const uint8_t *end = cp_decimal_read(p, p + size, &decimal);
    int used = end ? (int)(end - p) : -1;
    free(joined);
    free(exact);
    return used;
}

static void test_grammar(void **state)
{
    static const struct {
        const char *text;
        int used; /* -1: no number */
    } cases[] = {
        {"0", 1},           {"-0", 2},           {"7", 1},
        {"01", 1},          {"-01", 2},          {"0.0", 3},
        {"", -1},           {"-", -1},           {"+1", -1},
        {".5", -1},         {"1.", -1},          {"1.e5", -1},
        {"1e", -1},         {"1e+", -1},         {"1E-", -1},
        {"-.5", -1},        {"--1", -1},         {"e5", -1},
        {"NaN", -1},        {"inf", -1},         {"1e5", 3},
        {"1E+05", 5},       {"1.5e-3", 6},       {"1..2", -1},
        {"1.2.3", 3},       {"1e5e6", 3},        {"1e5.5", 3},
        {"0x10", 1},        {"12-3", 2},         {"0e0", 3},
        {"00", 1},          {"12345678", 8},     {"123456789", 9},
        {"1234567,9", 7},   {"0.12345678}", 10}, {"12345678.12345678", 17},
        {"1234567/", 7},    {"1234567:", 7},     {"12\xb1\xb2", 2},
        {"1_000", 1},       {" 1", -1},          {"1 ", 1},
        {"1e 5", -1},       {"-0e-0", 5},        {"12345678.", -1},
        {"12345678.x", -1}, {"0.x2345678", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(grammar_bytes(cases[i].text, ""), cases[i].used);
        assert_int_equal(grammar_bytes(cases[i].text, ",               "), cases[i].used);
        assert_int_equal(grammar_bytes(cases[i].text, "}}}}}}}}}}}}}}}}"), cases[i].used);
    }
    cp_decimal decimal;
    assert_null(cp_decimal_read((const uint8_t *)"1", (const uint8_t *)"1", &decimal));
}

/* The end of the span ends the number, whatever the memory behind it looks like. */
static void test_end_is_respected(void **state)
{
    static const char text[] = "123456789012345.6789e55";
    (void)state;
    for (size_t size = 1; size < sizeof text; size++) {
        cp_decimal inside, copy;
        const uint8_t *p = (const uint8_t *)text;
        const uint8_t *end = cp_decimal_read(p, p + size, &inside);
        bool broken = text[size - 1] == '.' || text[size - 1] == 'e';
        assert_ptr_equal(end, broken ? NULL : p + size);
        if (broken)
            continue;
        copy = read_text(text, size);
        assert_int_equal(inside.digits, copy.digits);
        assert_int_equal(inside.exponent, copy.exponent);
        assert_int_equal(inside.text.size, size);
    }
}

static void test_decimal_members(void **state)
{
    static const struct {
        const char *text;
        uint64_t digits;
        int64_t exponent;
        bool negative, integral, truncated;
    } cases[] = {
        {"0", 0, 0, false, true, false},
        {"-0", 0, 0, true, true, false},
        {"1700000000.25", UINT64_C(170000000025), -2, false, false, false},
        {"18.3125", 183125, -4, false, false, false},
        {"-12e3", 12, 3, true, false, false},
        {"0.000000000000000000000000123", 123, -27, false, false, false},
        {"9999999999999999999", UINT64_C(9999999999999999999), 0, false, true, false},
        {"10000000000000000000", UINT64_C(1000000000000000000), 1, false, true, false},
        {"10000000000000000001", UINT64_C(1000000000000000000), 1, false, true, true},
        {"1.0000000000000000000000", UINT64_C(1000000000000000000), -18, false, false, false},
        {"1.0000000000000000000001", UINT64_C(1000000000000000000), -18, false, false, true},
        {"123456789012345678901.5e2", UINT64_C(1234567890123456789), 4, false, false, true},
        {"1e999999999999999999999999", 1, 1000000000, false, false, false},
        {"1e-999999999999999999999999", 1, -1000000000, false, false, false},
        {"1e00000000000000000000000000005", 1, 5, false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_decimal decimal = read_string(cases[i].text);
        if (decimal.digits != cases[i].digits || decimal.exponent != cases[i].exponent ||
            decimal.negative != cases[i].negative || decimal.integral != cases[i].integral ||
            decimal.truncated != cases[i].truncated)
            fail_msg("%s: %" PRIu64 "e%" PRId64 ", negative %d, integral %d, truncated %d",
                     cases[i].text, decimal.digits, decimal.exponent, decimal.negative,
                     decimal.integral, decimal.truncated);
    }
}

static void test_double_bits(void **state)
{
    static const struct {
        const char *text;
        uint64_t bits;
    } cases[] = {
        {"0", 0},
        {"-0", UINT64_C(0x8000000000000000)},
        {"-0.0e5", UINT64_C(0x8000000000000000)},
        {"0e99999999999", 0},
        {"1", UINT64_C(0x3ff0000000000000)},
        {"0.1", UINT64_C(0x3fb999999999999a)},
        {"0.3", UINT64_C(0x3fd3333333333333)},
        {"1e-999999999999999999999", 0},
        {"-1e-999999999999999999999", UINT64_C(0x8000000000000000)},
        {"9007199254740993", UINT64_C(0x4340000000000000)},
        {"9007199254740995", UINT64_C(0x4340000000000002)},
        {"9007199254740993.00000000000000000000000001", UINT64_C(0x4340000000000001)},
        {"1.00000000000000011102230246251565404236316680908203125", UINT64_C(0x3ff0000000000000)},
        {"1.000000000000000111022302462515654042363166809082031250001",
         UINT64_C(0x3ff0000000000001)},
        {"1.00000000000000011102230246251565404236316680908203124", UINT64_C(0x3ff0000000000000)},
        {"5e-324", 1},
        {"4.9406564584124654e-324", 1},
        {"2.4703282292062327e-324", 0},
        {"2.4703282292062328e-324", 1},
        {"2.2250738585072014e-308", UINT64_C(0x0010000000000000)},
        {"2.2250738585072011e-308", UINT64_C(0x000fffffffffffff)},
        {"2.225073858507201e-308", UINT64_C(0x000fffffffffffff)},
        {"1.7976931348623157e308", UINT64_C(0x7fefffffffffffff)},
        {"1.7976931348623158e+308", UINT64_C(0x7fefffffffffffff)},
        {"179769313486231580793728971405301e276", UINT64_C(0x7fefffffffffffff)},
        {"8.98846567431158e307", UINT64_C(0x7fe0000000000000)},
        {"1e23", UINT64_C(0x44b52d02c7e14af6)},
        {"123456789012345678901234567890", UINT64_C(0x45f8ee90ff6c373e)},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_decimal decimal = read_string(cases[i].text);
        double value;
        assert_true(cp_decimal_to_double(&decimal, &value));
        if (double_bits(value) != cases[i].bits)
            fail_msg("%s: %016" PRIx64, cases[i].text, double_bits(value));
    }
}

static void test_double_overflow(void **state)
{
    static const char *const texts[] = {
        "1e309",
        "-1e400",
        "1.7976931348623159e308",
        "1e999999999999",
        "179769313486231590793e288",
        "1.797693134862315807937289714053034150799341327100378269361737789804449682927647509466490"
        "1797758720709633028641669288791094655554785194040263065748867150582068190890200070838367"
        "62738548458177115317644757302700698555713669596228429148198608349364752927190741684443655"
        "107043427115596995080930428801779041744977920000001e308",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cp_decimal decimal = read_string(texts[i]);
        double value;
        if (cp_decimal_to_double(&decimal, &value))
            fail_msg("%s is no double", texts[i]);
    }
}

static void test_float_bits(void **state)
{
    static const struct {
        const char *text;
        uint32_t bits;
    } cases[] = {
        {"-0.0", UINT32_C(0x80000000)},
        {"1.5", UINT32_C(0x3fc00000)},
        {"16777217", UINT32_C(0x4b800000)},
        {"16777217.0000000000000000001", UINT32_C(0x4b800001)},
        /* Just above halfway; as a double it is halfway, and would round down to even. */
        {"1.00000005960464477550", UINT32_C(0x3f800001)},
        {"1.00000005960464477540", UINT32_C(0x3f800001)},
        {"1.000000059604644775390625", UINT32_C(0x3f800000)},
        {"1.0000000596046447753906250000000000000001", UINT32_C(0x3f800001)},
        {"0.000000000000000000000000000000000000000000001401298464324817070923729583289916131280e0",
         1},
        {"7.0064923216240853546186479164495806564013097093825788587853e-46", 0},
        {"7.0064923216240853546186479164495806564013097093825788587854e-46", 1},
        {"7.006e-46", 0},
        {"3.4028234663852886e38", UINT32_C(0x7f7fffff)},
        {"3.4028235677973367e38", UINT32_C(0x7f800000)},
        {"3.4028235677973366e38", UINT32_C(0x7f7fffff)},
        {"3.4028235677973362e38", UINT32_C(0x7f7fffff)},
        {"1.17549435e-38", UINT32_C(0x00800000)},
        {"1e-400", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_decimal decimal = read_string(cases[i].text);
        float value = INFINITY;
        bool finite = cp_decimal_to_float(&decimal, &value);
        assert_int_equal(finite, cases[i].bits != UINT32_C(0x7f800000));
        if (float_bits(value) != cases[i].bits)
            fail_msg("%s: %08" PRIx32, cases[i].text, float_bits(value));
    }
}

/* Holds both readers to glibc's on one spelling. */
static void check_against_libc(const char *text)
{
    cp_decimal decimal = read_string(text);
    double wide = INFINITY, wide_expected = strtod(text, NULL);
    float narrow = INFINITY, narrow_expected = strtof(text, NULL);
    if (cp_decimal_to_double(&decimal, &wide) != (isfinite(wide_expected) != 0) ||
        double_bits(fabs(wide)) != double_bits(fabs(wide_expected)) ||
        (isfinite(wide) && signbit(wide) != signbit(wide_expected)))
        fail_msg("double %s: %a, expected %a", text, wide, wide_expected);
    if (cp_decimal_to_float(&decimal, &narrow) != (isfinite(narrow_expected) != 0) ||
        float_bits(fabsf(narrow)) != float_bits(fabsf(narrow_expected)) ||
        (isfinite(narrow) && signbit(narrow) != signbit(narrow_expected)))
        fail_msg("float %s: %a, expected %a", text, (double)narrow, (double)narrow_expected);
}

static size_t put_random_digits(char *out, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        out[i] = (char)('0' + random_below(10));
    return count;
}

/* Random sign, length, point and exponent; lengths around the limits of 8 and 19 digits. */
static void random_spelling(char *out)
{
    size_t size = 0;
    if (random_below(4) == 0)
        out[size++] = '-';
    if (random_below(3) == 0) {
        out[size++] = '0';
    } else {
        out[size++] = (char)('1' + random_below(9));
        size += put_random_digits(out + size, (unsigned)random_below(random_below(4) ? 12 : 30));
    }
    if (random_below(3)) {
        out[size++] = '.';
        size +=
            put_random_digits(out + size, 1 + (unsigned)random_below(random_below(4) ? 10 : 30));
    }
    int exponent = 0;
    switch (random_below(4)) {
    case 0:
        exponent = (int)random_below(680) - 350;
        break;
    case 1:
        exponent = (int)random_below(100) - 55;
        break;
    default:
        break;
    }
    sprintf(out + size, exponent || random_below(8) == 0 ? "%c%d" : "", random_below(2) ? 'e' : 'E',
            exponent);
}

static void test_random_spellings(void **state)
{
    char text[TEXT_BYTES];
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        random_spelling(text);
        check_against_libc(text);
    }
}

/* The exact decimal expansion of the point halfway between a number and the next, and the same
 * with its last digit one less, and with something behind it. A halfway point of doubles (or
 * floats) is exact in a long double of 64 mantissa bits; subnormal ones too. */
static void check_halfway(long double halfway)
{
    char text[TEXT_BYTES];
    int size = snprintf(text, sizeof text, "%.800Le", halfway);
    char *e = memchr(text, 'e', (size_t)size);
    char *last = e - 1;
    while (*last == '0')
        last--;
    char exponent[16];
    strcpy(exponent, e);
    strcpy(last + 1, exponent);
    check_against_libc(text);
    char behind[32];
    snprintf(behind, sizeof behind, "00000001%s", exponent);
    strcpy(last + 1, behind);
    check_against_libc(text);
    if (*last == '.')
        return;
    (*last)--;
    strcpy(last + 1, exponent);
    check_against_libc(text);
    if (last - text > 25) { /* cut where the 19 digits end: between the two */
        strcpy(text + 15 + random_below(8), exponent);
        check_against_libc(text);
    }
}

static void test_halfway_points(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES / 40; i++) {
        double value = double_of(random_bits() >> 1);
        if (i % 4 == 0)
            value = double_of(random_bits() >> (13 + random_below(40)));
        if (!isfinite(value) || value == DBL_MAX)
            continue;
        check_halfway(((long double)value + (long double)nextafter(value, INFINITY)) / 2);
        float narrow = float_of((uint32_t)random_bits() >> 1);
        if (i % 4 == 0)
            narrow = float_of((uint32_t)random_bits() >> (10 + random_below(20)));
        if (isfinite(narrow) && narrow < FLT_MAX)
            check_halfway(((long double)narrow + (long double)nextafterf(narrow, INFINITY)) / 2);
    }
}

/* Shortest and 17-digit spellings: what programs write. */
static void test_printed_doubles(void **state)
{
    char text[TEXT_BYTES];
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        double value = double_of(random_bits());
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*e", (int)(6 + random_below(14)), value);
        check_against_libc(text);
    }
}

/* A spelling of many thousand digits, with the one that decides at the far end. */
static void test_very_long_digits(void **state)
{
    enum { ZEROS = 100000 };
    static const char halfway[] = "9007199254740993.";
    (void)state;
    char *text = malloc(sizeof halfway + ZEROS + 16);
    assert_non_null(text);
    strcpy(text, halfway);
    memset(text + sizeof halfway - 1, '0', ZEROS);
    strcpy(text + sizeof halfway - 1 + ZEROS, "0");
    check_against_libc(text);
    strcpy(text + sizeof halfway - 1 + ZEROS, "1");
    check_against_libc(text);
    cp_decimal decimal = read_string(text);
    double value;
    assert_true(cp_decimal_to_double(&decimal, &value));
    assert_true(value == 9007199254740994.0);
    memset(text, '0', ZEROS);
    text[1] = '.';
    sprintf(text + ZEROS, "25e%d", ZEROS);
    decimal = read_string(text);
    assert_true(cp_decimal_to_double(&decimal, &value));
    assert_true(value == 25.0);
    free(text);
}

static void test_integers(void **state)
{
    static const struct {
        const char *text;
        cp_integer_rc signed_rc;
        int64_t signed_value;
        cp_integer_rc unsigned_rc;
        uint64_t unsigned_value;
    } cases[] = {
        {"0", CP_INTEGER_OK, 0, CP_INTEGER_OK, 0},
        {"-0", CP_INTEGER_OK, 0, CP_INTEGER_OK, 0},
        {"-0.0e3", CP_INTEGER_OK, 0, CP_INTEGER_OK, 0},
        {"0e99999999999", CP_INTEGER_OK, 0, CP_INTEGER_OK, 0},
        {"0.000e-99999999999", CP_INTEGER_OK, 0, CP_INTEGER_OK, 0},
        {"512", CP_INTEGER_OK, 512, CP_INTEGER_OK, 512},
        {"-1", CP_INTEGER_OK, -1, CP_INTEGER_RANGE, 0},
        {"1.0", CP_INTEGER_OK, 1, CP_INTEGER_OK, 1},
        {"1e3", CP_INTEGER_OK, 1000, CP_INTEGER_OK, 1000},
        {"1200e-2", CP_INTEGER_OK, 12, CP_INTEGER_OK, 12},
        {"1.50e1", CP_INTEGER_OK, 15, CP_INTEGER_OK, 15},
        {"1.5", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"-1.5", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"1e-1", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"10e-1", CP_INTEGER_OK, 1, CP_INTEGER_OK, 1},
        {"1e-99999999999", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"1e99999999999", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"9223372036854775807", CP_INTEGER_OK, INT64_MAX, CP_INTEGER_OK, INT64_MAX},
        {"9223372036854775808", CP_INTEGER_RANGE, 0, CP_INTEGER_OK, UINT64_C(1) << 63},
        {"-9223372036854775808", CP_INTEGER_OK, INT64_MIN, CP_INTEGER_RANGE, 0},
        {"-9223372036854775809", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"9223372036854775807.0", CP_INTEGER_OK, INT64_MAX, CP_INTEGER_OK, INT64_MAX},
        {"9223372036854775807.00000000000000001", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"18446744073709551615", CP_INTEGER_RANGE, 0, CP_INTEGER_OK, UINT64_MAX},
        {"18446744073709551615.000", CP_INTEGER_RANGE, 0, CP_INTEGER_OK, UINT64_MAX},
        {"1844674407370955161500e-2", CP_INTEGER_RANGE, 0, CP_INTEGER_OK, UINT64_MAX},
        {"0.018446744073709551615e21", CP_INTEGER_RANGE, 0, CP_INTEGER_OK, UINT64_MAX},
        {"18446744073709551616", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"18446744073709551620", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"99999999999999999999", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"10000000000000000000", CP_INTEGER_RANGE, 0, CP_INTEGER_OK,
         UINT64_C(10000000000000000000)},
        {"10000000000000000001", CP_INTEGER_RANGE, 0, CP_INTEGER_OK,
         UINT64_C(10000000000000000001)},
        {"10000000000000000001.5", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"123456789012345678901234567890", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"123456789012345678901234567890.5", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"1.23456789012345678901234e30", CP_INTEGER_RANGE, 0, CP_INTEGER_RANGE, 0},
        {"1.23456789012345678901234e3", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"1.000000000000000000000000", CP_INTEGER_OK, 1, CP_INTEGER_OK, 1},
        {"1.000000000000000000000001", CP_NOT_WHOLE, 0, CP_NOT_WHOLE, 0},
        {"100000000000000000000e-20", CP_INTEGER_OK, 1, CP_INTEGER_OK, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_decimal decimal = read_string(cases[i].text);
        int64_t signed_value = 0;
        uint64_t unsigned_value = 0;
        cp_integer_rc signed_rc = cp_decimal_to_int64(&decimal, &signed_value);
        cp_integer_rc unsigned_rc = cp_decimal_to_uint64(&decimal, &unsigned_value);
        if (signed_rc != cases[i].signed_rc || signed_value != cases[i].signed_value)
            fail_msg("int64 %s: %d, %" PRId64, cases[i].text, signed_rc, signed_value);
        if (unsigned_rc != cases[i].unsigned_rc || unsigned_value != cases[i].unsigned_value)
            fail_msg("uint64 %s: %d, %" PRIu64, cases[i].text, unsigned_rc, unsigned_value);
    }
}

static void test_decimal_scaled(void **state)
{
    static const struct {
        const char *text;
        unsigned scale;
        bool fits;
        int64_t value;
    } cases[] = {
        {"1700000000.25", 6, true, INT64_C(1700000000250000)},
        {"0.0000005", 6, true, 0},
        {"0.0000015", 6, true, 2},
        {"0.0000025", 6, true, 2},
        {"-0.0000005", 6, true, 0},
        {"-0.0000015", 6, true, -2},
        {"0.00000050000000000000000000000000001", 6, true, 1},
        {"0.0000004999999999999999999999999999", 6, true, 0},
        {"2.5", 0, true, 2},
        {"3.5", 0, true, 4},
        {"2.50000000000000000000000001", 0, true, 3},
        {"1000000000000000000.5", 0, true, INT64_C(1000000000000000000)},
        {"1000000000000000001.5", 0, true, INT64_C(1000000000000000002)},
        {"1000000000000000000.50000001", 0, true, INT64_C(1000000000000000001)},
        {"1000000000000000000.4999", 0, true, INT64_C(1000000000000000000)},
        {"1000000000000000000.7", 0, true, INT64_C(1000000000000000001)},
        {"123456789.1234567890123456", 9, true, INT64_C(123456789123456789)},
        {"9223372036854775807", 0, true, INT64_MAX},
        {"9223372036854775807.4", 0, true, INT64_MAX},
        {"9223372036854775807.5", 0, false, 0},
        {"-9223372036854775808", 0, true, INT64_MIN},
        {"-9223372036854775808.5", 0, true, INT64_MIN},
        {"-9223372036854775808.6", 0, false, 0},
        {"9223372036854.775807", 6, true, INT64_MAX},
        {"9223372036854.775808", 6, false, 0},
        {"9223372036.854775807", 9, true, INT64_MAX},
        {"0.0000000000000000000000001", 9, true, 0},
        {"9999999999999999999e-20", 0, true, 0},
        {"9999999999999999999e-19", 0, true, 1},
        {"5e-1", 0, true, 0},
        {"5000000000000000000e-19", 0, true, 0},
        {"5000000000000000000.1e-19", 0, true, 1},
        {"1e18", 0, true, INT64_C(1000000000000000000)},
        {"1e19", 0, false, 0},
        {"1e99999999999", 9, false, 0},
        {"0e99999999999", 9, true, 0},
        {"1e-99999999999", 9, true, 0},
        {"12345678901234567890123", 0, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_decimal decimal = read_string(cases[i].text);
        int64_t value = 0;
        bool fits = cp_decimal_scaled(&decimal, cases[i].scale, &value);
        if (fits != cases[i].fits || value != cases[i].value)
            fail_msg("%s * 10^%u: %d, %" PRId64, cases[i].text, cases[i].scale, fits, value);
    }
}

/* The exact spelling of a double, scaled as text, is the oracle for the double scaled. */
static void check_double_scaled(double value, unsigned scale)
{
    char text[TEXT_BYTES];
    int64_t from_bits = 0, from_text = 0;
    int size = snprintf(text, sizeof text, "%.1100f", value);
    cp_decimal decimal = read_text(text, (size_t)size);
    bool fits = cp_decimal_scaled(&decimal, scale, &from_text);
    if (cp_double_scaled(value, scale, &from_bits) != fits || (fits && from_bits != from_text))
        fail_msg("%a * 10^%u: %" PRId64 ", expected %" PRId64, value, scale, from_bits, from_text);
}

static void test_double_scaled(void **state)
{
    static const double values[] = {
        0.0,
        -0.0,
        0.5,
        1.5,
        2.5,
        -0.5,
        -1.5,
        -2.5,
        0x1p-20,
        0x1p63,
        -0x1p63,
        0x1.fffffffffffffp62,
        -0x1.0000000000001p63,
        0x1p62,
        5e-324,
        DBL_MIN,
        DBL_MAX,
        0x1p-1000,
        1700000000.25,
        9223372036.854775807,
        9223372036854.7758,
        0.0009765625,
        0x1p-10,
        0x1p53,
        4503599627370496.5,
        4503599627370497.5,
        0x1p-31,
        0x1p-84,
        0x1p-33,
        1e-9,
        5e-10,
    };
    (void)state;
    for (unsigned scale = 0; scale <= 9; scale++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            check_double_scaled(values[i], scale);
    for (int i = 0; i < RANDOM_CASES / 20; i++) {
        double value = ldexp((double)(random_bits() >> 11), (int)random_below(110) - 100);
        check_double_scaled(random_below(2) ? value : -value, (unsigned)random_below(10));
    }
    int64_t out;
    assert_false(cp_double_scaled(INFINITY, 0, &out));
    assert_false(cp_double_scaled(NAN, 3, &out));
}

static void test_double_forms(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {18.0, "18.0"},
        {18.3125, "18.3125"},
        {-1700000000.25, "-1700000000.25"},
        {0.1, "0.1"},
        {1e300, "1e300"},
        {1.5e-300, "1.5e-300"},
        {1e16, "10000000000000000.0"},
        {12345678901234567.0, "12345678901234568.0"},
        {1e17, "1e17"},
        {1.2e17, "1.2e17"},
        {0.00001, "0.00001"},
        {-0.000012345678901234567, "-0.000012345678901234568"},
        {0.000001, "1e-6"},
        {9.5e-7, "9.5e-7"},
        {5e-324, "5e-324"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e308"},
        {9007199254740993.0, "9007199254740992.0"},
        {1e23, "1e23"},
        {9.5367431640625e-7, "9.5367431640625e-7"},
        {2251799813685249.5, "2251799813685249.5"},
        {0.3 - 0.1, "0.19999999999999998"},
        {100.0, "100.0"},
        {2e-44, "2e-44"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[CP_DOUBLE_BYTES + 1];
        out[cp_double_write(cases[i].value, out)] = '\0';
        assert_string_equal(out, cases[i].text);
    }
}

static void test_float_forms(void **state)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {-0.0F, "-0.0"},
        {0.1F, "0.1"},
        {18.3125F, "18.3125"},
        {16777216.0F, "16777216.0"},
        {FLT_MAX, "3.4028235e38"},
        {1e-45F, "1e-45"},
        {FLT_MIN, "1.1754944e-38"},
        {1e16F, "10000000000000000.0"},
        {8388608.0F, "8388608.0"},
        {0.3F, "0.3"},
        {33554432.0F, "33554432.0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[CP_DOUBLE_BYTES + 1];
        out[cp_float_write(cases[i].value, out)] = '\0';
        assert_string_equal(out, cases[i].text);
    }
}

/* Significant digits of a spelling, without zeros at either end. */
static int significant_digits(const char *text)
{
    int count = 0, used = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        count++;
        if (*text != '0')
            used = count;
    }
    return used;
}

/* Reads back to the same bits; printf finds no shorter one, and none nearer of the same length
 * (printf's is the nearest of all with that many digits, so if it reads back, it is the one). */
static void check_double_write(double value)
{
    char out[CP_DOUBLE_BYTES + 1], other[64];
    size_t size = cp_double_write(value, out);
    assert_in_range(size, 3, CP_DOUBLE_BYTES);
    out[size] = '\0';
    cp_decimal decimal = read_string(out);
    double back = NAN;
    if (!cp_decimal_to_double(&decimal, &back) || double_bits(back) != double_bits(value) ||
        double_bits(strtod(out, NULL)) != double_bits(value))
        fail_msg("%a: %s reads as %a", value, out, back);
    int digits = significant_digits(out);
    snprintf(other, sizeof other, "%.*e", digits - 1, value);
    if (strtod(other, NULL) == value && strtold(other, NULL) != strtold(out, NULL))
        fail_msg("%a: %s, but %s is nearer", value, out, other);
    for (int fewer = digits - 1; fewer > 0; fewer--) {
        snprintf(other, sizeof other, "%.*e", fewer - 1, value);
        if (strtod(other, NULL) == value)
            fail_msg("%a: %s, but %s is shorter", value, out, other);
    }
}

static void check_float_write(float value)
{
    char out[CP_DOUBLE_BYTES + 1], other[64];
    out[cp_float_write(value, out)] = '\0';
    cp_decimal decimal = read_string(out);
    float back = NAN;
    if (!cp_decimal_to_float(&decimal, &back) || float_bits(back) != float_bits(value))
        fail_msg("%a: %s reads as %a", (double)value, out, (double)back);
    int digits = significant_digits(out);
    snprintf(other, sizeof other, "%.*e", digits - 1, (double)value);
    if (strtof(other, NULL) == value && strtod(other, NULL) != strtod(out, NULL))
        fail_msg("%a: %s, but %s is nearer", (double)value, out, other);
    for (int fewer = digits - 1; fewer > 0; fewer--) {
        snprintf(other, sizeof other, "%.*e", fewer - 1, (double)value);
        if (strtof(other, NULL) == value)
            fail_msg("%a: %s, but %s is shorter", (double)value, out, other);
    }
}

static void test_write_then_read(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES / 8; i++) {
        double value = double_of(random_bits());
        if (isfinite(value) && value != 0)
            check_double_write(value);
        check_double_write((double)(1 + random_below(2000000)) / 16);
        check_double_write((double)(1 + random_below(100000000)) / 10000);
        float narrow = float_of((uint32_t)random_bits());
        if (isfinite(narrow) && narrow != 0)
            check_float_write(narrow);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) { /* the narrower interval below */
        check_double_write(ldexp(1, exponent));
        check_double_write(nextafter(ldexp(1, exponent), INFINITY));
        if (exponent > -1074)
            check_double_write(nextafter(ldexp(1, exponent), 0));
        if (exponent >= -149 && exponent < 128)
            check_float_write((float)ldexp(1, exponent));
    }
}

static void check_integer_write(uint64_t value)
{
    char out[CP_INTEGER_BYTES + 1], expected[32];
    out[cp_uint64_write(value, out)] = '\0';
    snprintf(expected, sizeof expected, "%" PRIu64, value);
    assert_string_equal(out, expected);
    cp_decimal decimal = read_string(out);
    uint64_t back = ~value;
    assert_int_equal(cp_decimal_to_uint64(&decimal, &back), CP_INTEGER_OK);
    assert_true(back == value);
    int64_t number;
    memcpy(&number, &value, sizeof number);
    out[cp_int64_write(number, out)] = '\0';
    snprintf(expected, sizeof expected, "%" PRId64, number);
    assert_string_equal(out, expected);
    decimal = read_string(out);
    int64_t signed_back = ~number;
    assert_int_equal(cp_decimal_to_int64(&decimal, &signed_back), CP_INTEGER_OK);
    assert_true(signed_back == number);
}

static void test_integer_write(void **state)
{
    (void)state;
    uint64_t power = 1;
    for (int i = 0; i < 20; i++, power *= 10) {
        check_integer_write(power - 1);
        check_integer_write(power);
        check_integer_write(power + 1);
        check_integer_write(0 - power);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        check_integer_write(UINT64_C(1) << bit);
        check_integer_write((UINT64_C(1) << bit) - 1);
    }
    for (int i = 0; i < RANDOM_CASES / 4; i++)
        check_integer_write(random_bits() >> random_below(64));
}

static void test_sizes(void **state)
{
    static const struct {
        const char *text;
        bool valid;
        uint64_t bytes;
    } cases[] = {
        {"0", true, 0},
        {"64", true, 64},
        {"64B", true, 64},
        {"64K", true, 65536},
        {"64KiB", true, 65536},
        {"64kib", true, 65536},
        {"64KB", true, 64000},
        {"64kb", true, 64000},
        {"1.5GiB", true, UINT64_C(1610612736)},
        {"1.5g", true, UINT64_C(1610612736)},
        {"10MB", true, 10000000},
        {"0.3KB", true, 300},
        {"1.0001K", true, 1024},
        {"2TiB", true, UINT64_C(1) << 41},
        {"15EiB", true, UINT64_C(15) << 60},
        {"15.999999999999999999E", true, UINT64_MAX - 1},
        {"16EiB", false, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18.446744073709551615EB", true, UINT64_MAX},
        {"18.446744073709551616EB", false, 0},
        {"", false, 0},
        {"K", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1.5", false, 0},
        {"1.5B", false, 0},
        {"1.", false, 0},
        {"1.K", false, 0},
        {".5K", false, 0},
        {"1 K", false, 0},
        {"1Ki", false, 0},
        {"1KiBs", false, 0},
        {"1KxB", false, 0},
        {"1Kx", false, 0},
        {"1iB", false, 0},
        {"1Bi", false, 0},
        {"1X", false, 0},
        {"1e3", false, 0},
        {"1E", true, UINT64_C(1) << 60},
        {"1.0000000000000000000K", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t bytes = 0;
        bool valid = cp_size_parse(cp_span_of(cases[i].text), &bytes);
        if (valid != cases[i].valid || (valid && bytes != cases[i].bytes))
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, valid, bytes);
    }
    uint64_t bytes;
    assert_false(cp_size_parse((cp_span){NULL, 0}, &bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_end_is_respected),
        cmocka_unit_test(test_decimal_members),
        cmocka_unit_test(test_double_bits),
        cmocka_unit_test(test_double_overflow),
        cmocka_unit_test(test_float_bits),
        cmocka_unit_test_setup(test_random_spellings, start_random),
        cmocka_unit_test_setup(test_halfway_points, start_random),
        cmocka_unit_test_setup(test_printed_doubles, start_random),
        cmocka_unit_test(test_very_long_digits),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_decimal_scaled),
        cmocka_unit_test_setup(test_double_scaled, start_random),
        cmocka_unit_test(test_double_forms),
        cmocka_unit_test(test_float_forms),
        cmocka_unit_test_setup(test_write_then_read, start_random),
        cmocka_unit_test_setup(test_integer_write, start_random),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
