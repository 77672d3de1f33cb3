/* Numbers: reading against the C library's strtod and a matcher of the grammar, writing by reading
 * back. */
#include "pipeline/core/buffer.h"
#include "pipeline/text/number.h"
#include "tests/fuzz/support.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A number's text and whatever stands behind it, in an allocation that ends with the padding. */
typedef struct padded {
    uint8_t *bytes;
    size_t size;
} padded;

static padded pad(const uint8_t *data, size_t size)
{
    padded text = {calloc(1, size + CP_PADDING_BYTES), size};
    CHECK(text.bytes != NULL);
    if (size)
        memcpy(text.bytes, data, size);
    text.bytes[size] = '\n';
    return text;
}

static size_t match_digits(const uint8_t *p)
{
    size_t n = 0;
    while (p[n] >= '0' && p[n] <= '9')
        n++;
    return n;
}

/* The length of the RFC 8259 number at p, 0 where there is none or it breaks off. */
static size_t match_number(const uint8_t *p)
{
    size_t n = *p == '-';
    size_t whole = match_digits(p + n);
    if (whole == 0)
        return 0;
    n += p[n] == '0' ? 1 : whole;
    if (p[n] == '.') {
        size_t fraction = match_digits(p + n + 1);
        if (fraction == 0)
            return 0;
        n += 1 + fraction;
    }
    if (p[n] == 'e' || p[n] == 'E') {
        n += 1;
        n += p[n] == '+' || p[n] == '-';
        size_t exponent = match_digits(p + n);
        if (exponent == 0)
            return 0;
        n += exponent;
    }
    return n;
}

static void check_floats(const cp_decimal *decimal, const char *text)
{
    double value, expected = strtod(text, NULL);
    bool fits = cp_decimal_to_double(decimal, &value);
    CHECK(fits == isfinite(expected));
    CHECK(!fits || memcmp(&value, &expected, sizeof value) == 0);
    float narrow, expected_narrow = strtof(text, NULL);
    fits = cp_decimal_to_float(decimal, &narrow);
    CHECK(fits == isfinite(expected_narrow));
    CHECK(!fits || memcmp(&narrow, &expected_narrow, sizeof narrow) == 0);
}

/* Integers as spelled without '.' and exponent; the others are for the unit tests. */
static void check_integers(const cp_decimal *decimal, const char *text)
{
    int64_t i;
    uint64_t u;
    cp_integer_rc rc = cp_decimal_to_int64(decimal, &i);
    cp_integer_rc unsigned_rc = cp_decimal_to_uint64(decimal, &u);
    if (!decimal->integral)
        return;
    errno = 0;
    long long expected = strtoll(text, NULL, 10);
    CHECK((rc == CP_INTEGER_OK) == (errno == 0));
    CHECK(rc != CP_INTEGER_OK || i == expected);
    errno = 0;
    unsigned long long expected_unsigned = strtoull(text, NULL, 10);
    bool fits = errno == 0 && (text[0] != '-' || expected_unsigned == 0);
    CHECK((unsigned_rc == CP_INTEGER_OK) == fits);
    CHECK(!fits || u == expected_unsigned);
}

static void check_text(const uint8_t *data, size_t size)
{
    padded text = pad(data, size);
    cp_decimal decimal;
    const uint8_t *end = cp_decimal_read(text.bytes, text.bytes + size, &decimal);
    size_t length = match_number(text.bytes);
    CHECK(end == (length ? text.bytes + length : NULL));
    if (end) {
        CHECK(decimal.text.data == text.bytes && decimal.text.size == length);
        char *copy = strndup((const char *)text.bytes, length);
        CHECK(copy != NULL);
        check_floats(&decimal, copy);
        check_integers(&decimal, copy);
        free(copy);
    }
    free(text.bytes);
}

static size_t count_digits(const char *text, size_t size)
{
    size_t first = 0, last = 0, seen = 0;
    for (size_t i = 0; i < size && text[i] != 'e'; i++) {
        if (text[i] < '0' || text[i] > '9')
            continue;
        seen++;
        if (text[i] != '0') {
            first = first ? first : seen;
            last = seen;
        }
    }
    return first ? last - first + 1 : 1;
}

/* The shortest that reads back: one digit less never does. */
static void check_shortest(double value)
{
    char text[CP_DOUBLE_BYTES + 1], shorter[64];
    size_t size = cp_double_write(value, text);
    CHECK(size < sizeof text);
    text[size] = '\0';
    double back = strtod(text, NULL);
    CHECK(memcmp(&back, &value, sizeof value) == 0);
    CHECK(match_number((const uint8_t *)text) == size);
    size_t digits = count_digits(text, size);
    CHECK(digits <= 17);
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
        CHECK(strtod(shorter, NULL) != value);
    }
}

static void check_shortest_float(float value)
{
    char text[CP_DOUBLE_BYTES + 1], shorter[64];
    size_t size = cp_float_write(value, text);
    CHECK(size < sizeof text);
    text[size] = '\0';
    float back = strtof(text, NULL);
    CHECK(memcmp(&back, &value, sizeof value) == 0);
    size_t digits = count_digits(text, size);
    CHECK(digits <= 9);
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, (double)value);
        CHECK(strtof(shorter, NULL) != value);
    }
}

static void check_whole(uint64_t bits)
{
    char text[CP_INTEGER_BYTES + 1], expected[32];
    text[cp_uint64_write(bits, text)] = '\0';
    snprintf(expected, sizeof expected, "%" PRIu64, bits);
    CHECK(strcmp(text, expected) == 0);
    text[cp_int64_write((int64_t)bits, text)] = '\0';
    snprintf(expected, sizeof expected, "%" PRId64, (int64_t)bits);
    CHECK(strcmp(text, expected) == 0);
}

static void check_bits(const uint8_t *data, size_t size)
{
    uint64_t bits = 0;
    double value;
    float narrow;
    memcpy(&bits, data, size < sizeof bits ? size : sizeof bits);
    memcpy(&value, &bits, sizeof value);
    memcpy(&narrow, &bits, sizeof narrow);
    check_whole(bits);
    if (isfinite(value))
        check_shortest(value);
    if (isfinite(narrow))
        check_shortest_float(narrow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text(data, size);
    if (size)
        check_bits(data, size);
    return 0;
}
