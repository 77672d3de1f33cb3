/* formats/parquet/meaning.h: bounds of every type as text, types' names, and types that do not go
 * together. Values by hand, from the specification's words. */
#include "formats/parquet/meaning.h"
#include "formats/parquet/meaning_check.h"
#include "formats/parquet/plain_count.h"
#include "tests/unit/support.h"

#include <math.h>

#define HAS(id) (UINT64_C(1) << (id))

static cp_parquet_schema_element leaf(int32_t type, int logical)
{
    cp_parquet_schema_element e = {.has = HAS(CP_ELEMENT_TYPE), .type = type};
    if (logical) {
        e.has |= HAS(CP_ELEMENT_LOGICAL);
        e.logical.has = HAS(logical);
    }
    return e;
}

static void assert_text(const cp_parquet_schema_element *e, const void *bytes, size_t size,
                        const char *expected, bool expected_number)
{
    cp_bytes shown_text = {0};
    bool is_number;
    cp_span value = {bytes, size};
    assert_int_equal(cp_parquet_value_text(e, value, &shown_text, &is_number, NULL), CP_OK);
    if (!cp_span_equal((cp_span){shown_text.data, shown_text.size}, cp_span_of(expected)))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)shown_text.size, (const char *)shown_text.data,
                 expected);
    assert_int_equal(is_number, expected_number);
    cp_bytes_free(&shown_text);
}

static void assert_i64(const cp_parquet_schema_element *e, int64_t value, const char *expected,
                       bool expected_number)
{
    uint8_t bytes[8];
    cp_put_u64(bytes, (uint64_t)value);
    assert_text(e, bytes, e->type == CP_PARQUET_INT32 ? 4 : 8, expected, expected_number);
}

static void test_integers(void **state)
{
    (void)state;
    cp_parquet_schema_element e = leaf(CP_PARQUET_INT64, 0);
    assert_i64(&e, INT64_MIN, "-9223372036854775808", true);
    e = leaf(CP_PARQUET_INT32, 0);
    assert_i64(&e, -1, "-1", true);
    e = leaf(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_INTEGER);
    e.logical.integer.bit_width = 64;
    assert_i64(&e, -1, "18446744073709551615", true);
    e.logical.integer.is_signed = true;
    assert_i64(&e, -1, "-1", true);
    e = leaf(CP_PARQUET_INT32, 0);
    e.has |= HAS(CP_ELEMENT_CONVERTED);
    e.converted = CP_PARQUET_UINT_32;
    assert_i64(&e, -1, "4294967295", true);
    e = leaf(CP_PARQUET_BOOLEAN, 0);
    assert_text(&e, "\1", 1, "true", true);
    assert_text(&e, "\0", 1, "false", true);
}

static void test_floating(void **state)
{
    (void)state;
    double wide[] = {1.5, -0.0, NAN, -INFINITY};
    static const char *const texts[] = {"1.5", "-0.0", "NaN", "-Infinity"};
    cp_parquet_schema_element e = leaf(CP_PARQUET_DOUBLE, 0);
    for (size_t i = 0; i < 4; i++)
        assert_text(&e, &wide[i], 8, texts[i], i < 2);
    float single = 0.1F;
    e = leaf(CP_PARQUET_FLOAT, 0);
    assert_text(&e, &single, 4, "0.1", true);
    e = leaf(CP_PARQUET_FIXED_LEN_BYTE_ARRAY, CP_PARQUET_LOGICAL_FLOAT16);
    assert_text(&e, "\x00\x3C", 2, "1.0", true);
    assert_text(&e, "\x01\x00", 2, "5.9604645e-8", true);
    assert_text(&e, "\xFF\xFB", 2, "-65504.0", true);
    assert_text(&e, "\x00\xFC", 2, "-Infinity", false);
    assert_text(&e, "\x01\x7C", 2, "NaN", false);
}

static cp_parquet_schema_element decimal(int32_t type, int32_t scale)
{
    cp_parquet_schema_element e = leaf(type, CP_PARQUET_LOGICAL_DECIMAL);
    e.logical.decimal.scale = scale;
    return e;
}

static void test_decimals(void **state)
{
    (void)state;
    cp_parquet_schema_element e = decimal(CP_PARQUET_INT32, 2);
    assert_i64(&e, -5, "-0.05", false);
    assert_i64(&e, 12345, "123.45", false);
    e = decimal(CP_PARQUET_INT64, 0);
    assert_i64(&e, 0, "0", false);
    e = decimal(CP_PARQUET_BYTE_ARRAY, 1);
    assert_text(&e, "\xFF", 1, "-0.1", false);
    assert_text(&e, "\x01\x00", 2, "25.6", false);
    e = decimal(CP_PARQUET_FIXED_LEN_BYTE_ARRAY, 3);
    assert_text(&e, "\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16,
                "-170141183460469231731687303715884105.728", false);
    assert_text(&e, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 17,
                "0x0000000000000000000000000000000001", false);
    e = decimal(CP_PARQUET_BYTE_ARRAY, 39);
    assert_text(&e, "\1", 1, "0x01", false);
}

static cp_parquet_schema_element timed(int32_t type, int logical, int unit, bool is_utc)
{
    cp_parquet_schema_element e = leaf(type, logical);
    e.logical.time.unit.has = HAS(unit);
    e.logical.time.is_utc = is_utc;
    return e;
}

static void test_times(void **state)
{
    (void)state;
    cp_parquet_schema_element e = leaf(CP_PARQUET_INT32, CP_PARQUET_LOGICAL_DATE);
    assert_i64(&e, -1, "1969-12-31", false);
    assert_i64(&e, INT32_MIN, "-5877641-06-23", false);
    e = timed(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_MICROS, true);
    assert_i64(&e, 1700000000250000, "2023-11-14T22:13:20.25Z", false);
    e = timed(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_NANOS, false);
    assert_i64(&e, -1, "1969-12-31T23:59:59.999999999", false);
    assert_i64(&e, INT64_MIN, "1677-09-21T00:12:43.145224192", false);
    e = timed(CP_PARQUET_INT32, CP_PARQUET_LOGICAL_TIME, CP_PARQUET_MILLIS, true);
    assert_i64(&e, 3723500, "01:02:03.5", false);
    assert_i64(&e, 86400000, "86400000", true); /* no clock shows it */
    e.logical.time.unit.has = 0;
    assert_i64(&e, 5, "5", true);
}

static void test_bytes(void **state)
{
    (void)state;
    cp_parquet_schema_element e = leaf(CP_PARQUET_BYTE_ARRAY, CP_PARQUET_LOGICAL_STRING);
    assert_text(&e, "gr\xC3\xBC", 4, "gr\xC3\xBC", false);
    assert_text(&e, "", 0, "", false);
    assert_text(&e, "gr\xC3", 3, "0x6772c3", false);
    e = leaf(CP_PARQUET_BYTE_ARRAY, 0);
    assert_text(&e, "ab", 2, "0x6162", false);
    e = leaf(CP_PARQUET_INT96, 0);
    assert_text(&e, "\0\0\0\0\0\0\0\0\0\0\0\1", 12, "0x000000000000000000000001", false);
    e = leaf(CP_PARQUET_FIXED_LEN_BYTE_ARRAY, CP_PARQUET_LOGICAL_UUID);
    assert_text(&e, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16,
                "00112233-4455-6677-8899-aabbccddeeff", false);
}

static void assert_conflict(const cp_parquet_schema_element *e, bool expected)
{
    if ((cp_parquet_meaning_conflict(e) != NULL) != expected)
        fail_msg("type %d: %s", e->type, expected ? "no conflict" : cp_parquet_meaning_conflict(e));
}

static void test_conflicts(void **state)
{
    (void)state;
    cp_parquet_schema_element e = leaf(CP_PARQUET_INT32, CP_PARQUET_LOGICAL_STRING);
    assert_conflict(&e, true);
    e = leaf(CP_PARQUET_INT32, CP_PARQUET_LOGICAL_INTEGER);
    e.logical.integer.bit_width = 16;
    assert_conflict(&e, false);
    e.has |= HAS(CP_ELEMENT_CONVERTED);
    e.converted = CP_PARQUET_UINT_16;
    assert_conflict(&e, false);
    e.converted = CP_PARQUET_INT_16;
    assert_conflict(&e, true);
    e.converted = CP_PARQUET_UINT_8;
    assert_conflict(&e, true);
    e = leaf(CP_PARQUET_INT32, CP_PARQUET_LOGICAL_INTEGER);
    e.logical.integer.bit_width = 64;
    assert_conflict(&e, true);
    e = timed(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_TIME, CP_PARQUET_MILLIS, true);
    assert_conflict(&e, true);
    e = timed(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_MILLIS, false);
    e.has |= HAS(CP_ELEMENT_CONVERTED);
    e.converted = CP_PARQUET_TIMESTAMP_MILLIS;
    assert_conflict(&e, false);
    e.converted = CP_PARQUET_TIMESTAMP_MICROS;
    assert_conflict(&e, true);
}

static void test_names(void **state)
{
    (void)state;
    char name[CP_PARQUET_MEANING_BYTES];
    cp_parquet_schema_element e =
        timed(CP_PARQUET_INT64, CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_NANOS, false);
    cp_parquet_meaning meaning = cp_parquet_meaning_of(&e);
    assert_string_equal(cp_parquet_meaning_name(&meaning, name), "TIMESTAMP(NANOS, local)");
    e = leaf(CP_PARQUET_BYTE_ARRAY, 0);
    meaning = cp_parquet_meaning_of(&e);
    assert_string_equal(cp_parquet_meaning_name(&meaning, name), "");
    e.has |= HAS(CP_ELEMENT_CONVERTED);
    e.converted = CP_PARQUET_INTERVAL;
    meaning = cp_parquet_meaning_of(&e);
    assert_string_equal(cp_parquet_meaning_name(&meaning, name), "");
}

/* In any pieces the same, and never a value too many. */
static void test_plain_count(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        text bytes = {0};
        bool is_fixed = random_below(2);
        cp_parquet_schema_element e =
            leaf(is_fixed ? CP_PARQUET_FIXED_LEN_BYTE_ARRAY : CP_PARQUET_BYTE_ARRAY, 0);
        e.type_length = 1 + (int32_t)random_below(20);
        uint64_t values = random_below(10);
        for (uint64_t i = 0; i < values; i++) {
            uint8_t value[32] = {0};
            size_t size = is_fixed ? (size_t)e.type_length : (size_t)random_below(20);
            cp_put_u32(value, (uint32_t)size);
            put_bytes(&bytes, value, is_fixed ? size : size + 4);
        }
        cp_plain_count count = cp_plain_count_of(&e);
        for (size_t at = 0, size; at < bytes.size; at += size) {
            size = 1 + (size_t)random_below(bytes.size - at);
            assert_true(cp_plain_count_is(&count, count.values) || at > 0);
            cp_plain_count_add(&count, (cp_span){(uint8_t *)bytes.bytes + at, size});
        }
        assert_true(cp_plain_count_is(&count, values));
        assert_false(cp_plain_count_is(&count, values + 1));
        cp_plain_count_add(&count, (cp_span){(const uint8_t *)"\1\0\0", is_fixed ? 0 : 3});
        assert_int_equal(cp_plain_count_is(&count, values), is_fixed);
        text_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers), cmocka_unit_test(test_floating),
        cmocka_unit_test(test_decimals), cmocka_unit_test(test_times),
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_plain_count),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
