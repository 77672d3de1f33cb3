/* pipeline/text/time.h: tables, and random times against glibc's timegm and gmtime_r. */
#include "pipeline/text/time.h"
#include "tests/unit/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RANDOM_CASES = 200000 };

static const int64_t year_0000 = -INT64_C(62167219200);
static const int64_t year_10000 = INT64_C(253402300800);
static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};

static int64_t random_between(int64_t least, int64_t limit)
{
    return least + (int64_t)(random_bits() % (uint64_t)(limit - least));
}

static int start_random(void **state)
{
    (void)state;
    random_start(UINT64_C(20260103));
    return 0;
}

/* From memory that ends with the text. */
static cp_time_rc parse(const char *text, cp_unit unit, bool zone_utc, int64_t *out)
{
    size_t size = strlen(text);
    uint8_t *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    cp_time_rc rc = cp_time_parse((cp_span){exact, size}, unit, zone_utc, out);
    free(exact);
    return rc;
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        cp_unit unit;
        int64_t value;
    } cases[] = {
        {"1970-01-01T00:00:00Z", CP_UNIT_S, 0},
        {"2023-11-14T22:13:20Z", CP_UNIT_S, 1700000000},
        {"2023-11-14t22:13:20z", CP_UNIT_MS, INT64_C(1700000000000)},
        {"2023-11-14 22:13:20.25Z", CP_UNIT_US, INT64_C(1700000000250000)},
        {"2023-11-14T23:13:20+01:00", CP_UNIT_S, 1700000000},
        {"2023-11-14T22:13:20-00:00", CP_UNIT_S, 1700000000},
        {"2023-11-15T22:12:20+23:59", CP_UNIT_S, 1700000000},
        {"2023-11-13T22:14:20-23:59", CP_UNIT_S, 1700000000},
        {"2023-11-14T22:13:20.123456789123Z", CP_UNIT_NS, INT64_C(1700000000123456789)},
        {"2023-11-14T22:13:20.123456789123Z", CP_UNIT_US, INT64_C(1700000000123457)},
        {"2023-11-14T22:13:20.123456789123Z", CP_UNIT_MS, INT64_C(1700000000123)},
        {"2023-11-14T22:13:20.123456789123Z", CP_UNIT_S, 1700000000},
        /* Ties to even, of the whole number, also before the epoch. */
        {"1970-01-01T00:00:00.5Z", CP_UNIT_S, 0},
        {"1970-01-01T00:00:01.5Z", CP_UNIT_S, 2},
        {"1970-01-01T00:00:02.500Z", CP_UNIT_S, 2},
        {"1970-01-01T00:00:02.5000000000000000000000000000000001Z", CP_UNIT_S, 3},
        {"1970-01-01T00:00:02.4999999999999999999999999999999999Z", CP_UNIT_S, 2},
        {"1969-12-31T23:59:59.5Z", CP_UNIT_S, 0},
        {"1969-12-31T23:59:58.5Z", CP_UNIT_S, -2},
        {"1969-12-31T23:59:59.9999995Z", CP_UNIT_US, 0},
        {"1969-12-31T23:59:59.9999985Z", CP_UNIT_US, -2},
        {"1969-12-31T23:59:59.9Z", CP_UNIT_MS, -100},
        {"1970-01-01T00:00:00.0005Z", CP_UNIT_MS, 0},
        {"1970-01-01T00:00:00.0015Z", CP_UNIT_MS, 2},
        {"1999-12-31T23:59:59.9996Z", CP_UNIT_MS, INT64_C(946684800000)},
        /* The edges of the calendar. */
        {"0000-01-01T00:00:00Z", CP_UNIT_S, -INT64_C(62167219200)},
        {"0000-01-01T23:59:00+23:59", CP_UNIT_S, -INT64_C(62167219200)},
        {"0000-02-29T00:00:00Z", CP_UNIT_S, -INT64_C(62162121600)},
        {"9999-12-31T23:59:59Z", CP_UNIT_S, INT64_C(253402300799)},
        {"9999-12-31T23:59:59.4Z", CP_UNIT_S, INT64_C(253402300799)},
        {"9999-12-31T23:59:59.9999994Z", CP_UNIT_US, INT64_C(253402300799999999)},
        {"9999-12-31T00:00:59-23:59", CP_UNIT_S, INT64_C(253402300799)},
        {"2000-02-29T12:00:00Z", CP_UNIT_S, 951825600},
        {"2024-02-29T00:00:00Z", CP_UNIT_S, 1709164800},
        {"1900-02-28T23:59:59Z", CP_UNIT_S, -INT64_C(2203891201)},
        /* Leap seconds. */
        {"2016-12-31T23:59:60Z", CP_UNIT_S, 1483228800},
        {"2016-12-31T23:59:60.25Z", CP_UNIT_MS, INT64_C(1483228800250)},
        {"2015-06-30T23:59:60Z", CP_UNIT_S, 1435708800},
        {"2017-01-01T00:59:60+01:00", CP_UNIT_S, 1483228800},
        {"2016-12-31T15:59:60-08:00", CP_UNIT_S, 1483228800},
        {"1969-12-31T23:59:60Z", CP_UNIT_S, 0},
        /* The edges of nanoseconds. */
        {"2262-04-11T23:47:16.854775807Z", CP_UNIT_NS, INT64_MAX},
        {"1677-09-21T00:12:43.145224192Z", CP_UNIT_NS, INT64_MIN},
        {"1677-09-21T00:12:43.1452241915Z", CP_UNIT_NS, INT64_MIN},
        {"2262-04-11T23:47:16.8547758074999Z", CP_UNIT_NS, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 0;
        cp_time_rc rc = parse(cases[i].text, cases[i].unit, false, &value);
        if (rc != CP_TIME_OK || value != cases[i].value)
            fail_msg("%s in unit %d: %d, %" PRId64, cases[i].text, cases[i].unit, rc, value);
    }
}

static void test_parse_malformed(void **state)
{
    static const char *const texts[] = {
        "",
        "2023",
        "2023-11-14",
        "2023-11-14T22:13Z",
        "2023-11-14T22:13:20",
        "2023-11-14T22:13:20 ",
        "2023-11-14T22:13:20ZZ",
        "2023-11-14T22:13:20Z ",
        " 2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20.",
        "2023-11-14T22:13:20,5Z",
        "2023-11-14_22:13:20Z",
        "2023/11/14T22:13:20Z",
        "2023-11/14T22:13:20Z",
        "2023-11-14T22.13:20Z",
        "2023-11-14T22:13.20Z",
        "2023-00-14T22:13:20Z",
        "2023-13-14T22:13:20Z",
        "2023-11-00T22:13:20Z",
        "2023-11-31T22:13:20Z",
        "2023-02-29T22:13:20Z",
        "1900-02-29T00:00:00Z",
        "2023-01-32T22:13:20Z",
        "2023-11-14T24:00:00Z",
        "2023-11-14T22:60:20Z",
        "2023-11-14T22:13:61Z",
        "2023-11-14T22:13:60Z",
        "2016-12-31T22:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "2016-12-30T23:59:60Z",
        "2016-09-30T23:59:60Z",
        "2016-11-30T23:59:60Z",
        "2016-12-31T23:58:60Z",
        "2023-11-14T22:13:20+24:00",
        "2023-11-14T22:13:20+01:60",
        "2023-11-14T22:13:20+0100",
        "2023-11-14T22:13:20+01",
        "2023-11-14T22:13:20+01:0",
        "2023-11-14T22:13:20+01:000",
        "2023-11-14T22:13:20 01:00",
        "2023-11-14T22:13:20+1:000",
        "2023-11-14T22:13:20+-1:00",
        "+023-11-14T22:13:20Z",
        "-023-11-14T22:13:20Z",
        "20x3-11-14T22:13:20Z",
        "2x23-11-14T22:13:20Z",
        "2023-1x-14T22:13:20Z",
        "2023-11-1:T22:13:20Z",
        "2023-11-14T2x:13:20Z",
        "2023-11-14T22:/3:20Z",
        "2023-11-14T22:13:x0Z",
        "12023-11-14T22:13:20Z",
        "2023-11-14T22:13:20.5x5Z",
        "2023-11-14T22:13:20.5+xx:00",
        "2023-11-14T22:13:20.-5Z",
        "2023-11-14T22:13:20X",
        "2023-11-14T22:13:20.5.5Z",
        "2023-11-14T22:13:20.123456789123",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t value;
        if (parse(texts[i], CP_UNIT_US, false, &value) != CP_TIME_MALFORMED)
            fail_msg("\"%s\" is no time", texts[i]);
    }
}

static void test_parse_zone_utc(void **state)
{
    int64_t value = 0;
    (void)state;
    assert_int_equal(parse("2023-11-14T22:13:20", CP_UNIT_S, true, &value), CP_TIME_OK);
    assert_int_equal(value, 1700000000);
    assert_int_equal(parse("2023-11-14 22:13:20.5", CP_UNIT_MS, true, &value), CP_TIME_OK);
    assert_int_equal(value, INT64_C(1700000000500));
    assert_int_equal(parse("2023-11-14T23:13:20+01:00", CP_UNIT_S, true, &value), CP_TIME_OK);
    assert_int_equal(value, 1700000000);
    assert_int_equal(parse("2023-11-14T22:13:20 ", CP_UNIT_S, true, &value), CP_TIME_MALFORMED);
    assert_int_equal(parse("2023-11-14T22:13:20.", CP_UNIT_S, true, &value), CP_TIME_MALFORMED);
}

static void test_parse_range(void **state)
{
    static const char *const texts[] = {
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "2262-04-11T23:47:16.8547758075Z",
        "1677-09-21T00:12:43.1452241914999Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2263-01-01T00:00:00Z",
        "1677-01-01T00:00:00Z",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t value;
        assert_int_equal(parse(texts[i], CP_UNIT_NS, false, &value), CP_TIME_RANGE);
        assert_int_equal(parse(texts[i], CP_UNIT_US, false, &value), CP_TIME_OK);
    }
}

/* Offset and rounding carry a time out of the years that can be spelled. */
static void test_parse_beyond_the_years(void **state)
{
    static const struct {
        const char *text;
        cp_unit unit;
    } cases[] = {
        {"0000-01-01T00:00:00+00:01", CP_UNIT_S},     {"0000-01-01T00:00:00+23:59", CP_UNIT_US},
        {"9999-12-31T23:59:59.5Z", CP_UNIT_S},        {"9999-12-31T23:59:59.9995Z", CP_UNIT_MS},
        {"9999-12-31T23:59:59.9999996Z", CP_UNIT_US}, {"9999-12-31T23:59:59-01:00", CP_UNIT_MS},
        {"9999-12-31T23:59:60Z", CP_UNIT_S},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value;
        assert_int_equal(parse(cases[i].text, cases[i].unit, false, &value), CP_TIME_RANGE);
    }
}

/* Random times, spelled from gmtime_r's fields with a random offset and fraction. */
static void test_parse_against_libc(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        int64_t local = random_between(year_0000 + 86400, year_10000 - 86400);
        int offset = (int)random_between(-1439, 1440);
        int64_t nanoseconds = random_between(0, 1000000000);
        struct tm tm;
        time_t moment = local;
        assert_non_null(gmtime_r(&moment, &tm));
        assert_true(timegm(&tm) == local);
        char text[128];
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09d%c%02d:%02d",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 (int)nanoseconds, offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
        int64_t seconds = local - offset * 60, value = 0;
        assert_int_equal(parse(text, CP_UNIT_US, false, &value), CP_TIME_OK);
        int64_t floor = seconds * 1000000 + nanoseconds / 1000;
        int64_t rest = nanoseconds % 1000;
        assert_true(value == floor + (rest > 500 || (rest == 500 && (floor & 1))));
        cp_time_rc rc = parse(text, CP_UNIT_NS, false, &value);
        int64_t exact;
        bool beyond = __builtin_mul_overflow(seconds, INT64_C(1000000000), &exact) ||
                      __builtin_add_overflow(exact, nanoseconds, &exact);
        if (llabs(seconds) < INT64_C(9223372036) || llabs(seconds) > INT64_C(9223372038))
            assert_int_equal(rc, beyond ? CP_TIME_RANGE : CP_TIME_OK);
        if (rc == CP_TIME_OK)
            assert_true(value == exact);
    }
}

static void test_write(void **state)
{
    static const struct {
        int64_t value;
        cp_unit unit;
        const char *text;
    } cases[] = {
        {0, CP_UNIT_S, "1970-01-01T00:00:00Z"},
        {0, CP_UNIT_NS, "1970-01-01T00:00:00Z"},
        {-1, CP_UNIT_S, "1969-12-31T23:59:59Z"},
        {-1, CP_UNIT_NS, "1969-12-31T23:59:59.999999999Z"},
        {1, CP_UNIT_US, "1970-01-01T00:00:00.000001Z"},
        {INT64_C(1701249999750000), CP_UNIT_US, "2023-11-29T09:26:39.75Z"},
        {INT64_C(1700000000010), CP_UNIT_MS, "2023-11-14T22:13:20.01Z"},
        {-INT64_C(62167219200), CP_UNIT_S, "0000-01-01T00:00:00Z"},
        {-INT64_C(62167219201), CP_UNIT_S, "-0001-12-31T23:59:59Z"},
        {INT64_C(253402300799), CP_UNIT_S, "9999-12-31T23:59:59Z"},
        {INT64_C(253402300800), CP_UNIT_S, "+10000-01-01T00:00:00Z"},
        {INT64_MAX, CP_UNIT_NS, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, CP_UNIT_NS, "1677-09-21T00:12:43.145224192Z"},
        {INT64_MAX, CP_UNIT_US, "+294247-01-10T04:00:54.775807Z"},
        {INT64_MIN, CP_UNIT_US, "-290308-12-21T19:59:05.224192Z"},
        {INT64_MAX, CP_UNIT_S, "+292277026596-12-04T15:30:07Z"},
        {INT64_MIN, CP_UNIT_S, "-292277022657-01-27T08:29:52Z"},
        {951782400, CP_UNIT_S, "2000-02-29T00:00:00Z"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[CP_TIME_BYTES + 1];
        size_t size = cp_time_write(cases[i].value, cases[i].unit, out);
        assert_in_range(size, 1, CP_TIME_BYTES);
        out[size] = '\0';
        assert_string_equal(out, cases[i].text);
    }
}

static void test_write_then_parse(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        cp_unit unit = (cp_unit)(random_bits() % 4);
        int64_t value = (int64_t)random_bits() >> random_bits() % 20;
        if (unit != CP_UNIT_NS)
            value = random_between(year_0000 * per_second[unit], year_10000 * per_second[unit]);
        char out[CP_TIME_BYTES + 1];
        out[cp_time_write(value, unit, out)] = '\0';
        int64_t back = 0;
        if (parse(out, unit, false, &back) != CP_TIME_OK || back != value)
            fail_msg("%" PRId64 " in unit %d: %s reads as %" PRId64, value, unit, out, back);
    }
}

static void test_write_epoch(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        cp_unit unit;
        cp_time_encoding encoding;
        const char *text;
    } cases[] = {
        {0, CP_UNIT_US, CP_TIME_EPOCH_S, "0"},
        {0, CP_UNIT_S, CP_TIME_EPOCH_NS, "0"},
        {1700000000250000, CP_UNIT_US, CP_TIME_EPOCH_S, "1700000000.25"},
        {1700000000000000, CP_UNIT_US, CP_TIME_EPOCH_S, "1700000000"},
        {-250000, CP_UNIT_US, CP_TIME_EPOCH_S, "-0.25"},
        {-1, CP_UNIT_NS, CP_TIME_EPOCH_S, "-0.000000001"},
        {1700000000250, CP_UNIT_MS, CP_TIME_EPOCH_MS, "1700000000250"},
        {-17, CP_UNIT_S, CP_TIME_EPOCH_MS, "-17000"},
        {1234567, CP_UNIT_NS, CP_TIME_EPOCH_US, "1234.567"},
        {INT64_MAX, CP_UNIT_NS, CP_TIME_EPOCH_S, "9223372036.854775807"},
        {INT64_MIN, CP_UNIT_NS, CP_TIME_EPOCH_S, "-9223372036.854775808"},
        {INT64_MIN, CP_UNIT_S, CP_TIME_EPOCH_NS, "-9223372036854775808000000000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[CP_TIME_BYTES + 1];
        size_t size = cp_time_write_epoch(cases[i].value, cases[i].unit, cases[i].encoding, out);
        assert_in_range(size, 1, CP_TIME_BYTES);
        out[size] = '\0';
        assert_string_equal(out, cases[i].text);
    }
}

static void test_write_epoch_then_read(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES; i++) {
        cp_unit unit = (cp_unit)(random_bits() % 4);
        cp_time_encoding encoding = (cp_time_encoding)(CP_TIME_EPOCH_S + random_bits() % 4);
        int64_t value = (int64_t)random_bits() >> random_bits() % 60, back = 0;
        char out[CP_TIME_BYTES + 65] = {0};
        size_t size = cp_time_write_epoch(value, unit, encoding, out);
        out[size] = '\0';
        cp_decimal decimal;
        assert_ptr_equal(cp_decimal_read((uint8_t *)out, (uint8_t *)out + sizeof out, &decimal),
                         out + size);
        if (cp_time_from_decimal(&decimal, encoding, unit, &back) != CP_TIME_OK || back != value)
            fail_msg("%" PRId64 " in unit %d: %s reads as %" PRId64, value, unit, out, back);
    }
}

/* Every day of 0000 to 9999, by gmtime_r. */
static void test_write_every_day(void **state)
{
    (void)state;
    for (int64_t seconds = year_0000; seconds < year_10000; seconds += 86400) {
        struct tm tm;
        time_t moment = seconds;
        assert_non_null(gmtime_r(&moment, &tm));
        char out[CP_TIME_BYTES + 1], expected[64];
        out[cp_time_write(seconds, CP_UNIT_S, out)] = '\0';
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday);
        assert_string_equal(out, expected);
        int64_t back = 0;
        assert_int_equal(parse(out, CP_UNIT_S, false, &back), CP_TIME_OK);
        assert_true(back == seconds);
    }
}

static const struct {
    const char *text;
    cp_time_encoding encoding;
    cp_unit unit;
    cp_time_rc rc;
    int64_t value;
} epoch_cases[] = {
    {"1700000000.25", CP_TIME_EPOCH_S, CP_UNIT_US, CP_TIME_OK, INT64_C(1700000000250000)},
    {"1700000000", CP_TIME_EPOCH_S, CP_UNIT_NS, CP_TIME_OK, INT64_C(1700000000000000000)},
    {"1700000000123", CP_TIME_EPOCH_MS, CP_UNIT_US, CP_TIME_OK, INT64_C(1700000000123000)},
    {"1700000000500", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, INT64_C(1700000000)},
    {"1700000001500", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, INT64_C(1700000002)},
    {"1700000000501", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, INT64_C(1700000001)},
    {"-500", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, 0},
    {"-1500", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, -2},
    {"-501", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, -1},
    {"-1", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, 0},
    {"1500000000", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, 2},
    {"0.5", CP_TIME_EPOCH_US, CP_UNIT_US, CP_TIME_OK, 0},
    {"1.5", CP_TIME_EPOCH_US, CP_UNIT_US, CP_TIME_OK, 2},
    {"0.25", CP_TIME_EPOCH_MS, CP_UNIT_NS, CP_TIME_OK, 250000},
    {"0.5", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, 0},
    {"500.5", CP_TIME_EPOCH_MS, CP_UNIT_S, CP_TIME_OK, 1},
    {"-0.0", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, 0},
    {"9223372036854775807", CP_TIME_EPOCH_NS, CP_UNIT_NS, CP_TIME_OK, INT64_MAX},
    {"9223372036854775807", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, INT64_C(9223372037)},
    {"-9223372036854775808", CP_TIME_EPOCH_NS, CP_UNIT_MS, CP_TIME_OK, -INT64_C(9223372036855)},
    {"9223372037", CP_TIME_EPOCH_S, CP_UNIT_NS, CP_TIME_RANGE, 0},
    {"-9223372037", CP_TIME_EPOCH_S, CP_UNIT_NS, CP_TIME_RANGE, 0},
    {"9223372036", CP_TIME_EPOCH_S, CP_UNIT_NS, CP_TIME_OK, INT64_C(9223372036000000000)},
    {"1e300", CP_TIME_EPOCH_S, CP_UNIT_S, CP_TIME_RANGE, 0},
    {"-1e300", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_RANGE, 0},
    {"1e-300", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, 0},
    {"1e18", CP_TIME_EPOCH_US, CP_UNIT_MS, CP_TIME_OK, INT64_C(1000000000000000)},
    {"4611686018427387904e9", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, INT64_C(1) << 62},
    {"9223372036854775808e9", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_RANGE, 0},
    {"-9223372036854775808e9", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_OK, INT64_MIN},
    {"1e28", CP_TIME_EPOCH_NS, CP_UNIT_S, CP_TIME_RANGE, 0},
};

/* Each case through every way that can carry it: the spelling, the double, the integer. */
static void test_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof epoch_cases / sizeof *epoch_cases; i++) {
        cp_span text = cp_span_of(epoch_cases[i].text);
        cp_decimal decimal;
        int64_t values[3] = {0}, number;
        double real;
        assert_non_null(cp_decimal_read(text.data, text.data + text.size, &decimal));
        assert_true(cp_decimal_to_double(&decimal, &real));
        cp_time_encoding encoding = epoch_cases[i].encoding;
        cp_unit unit = epoch_cases[i].unit;
        cp_time_rc rcs[3] = {cp_time_from_decimal(&decimal, encoding, unit, &values[0]),
                             epoch_cases[i].rc, epoch_cases[i].rc};
        values[1] = values[2] = epoch_cases[i].value;
        bool whole = cp_decimal_to_int64(&decimal, &number) == CP_INTEGER_OK;
        if (!whole || llabs(number) < INT64_C(1) << 53)
            rcs[1] = cp_time_from_double(real, encoding, unit, &values[1]);
        if (whole)
            rcs[2] = cp_time_from_int(number, encoding, unit, &values[2]);
        for (int way = 0; way < 3; way++)
            if (rcs[way] != epoch_cases[i].rc ||
                (rcs[way] == CP_TIME_OK && values[way] != epoch_cases[i].value))
                fail_msg("%s, way %d: %d, %" PRId64, epoch_cases[i].text, way, rcs[way],
                         values[way]);
    }
}

static void test_epoch_not_finite(void **state)
{
    static const double values[] = {INFINITY, -INFINITY, NAN};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int64_t out;
        assert_int_equal(cp_time_from_double(values[i], CP_TIME_EPOCH_S, CP_UNIT_NS, &out),
                         CP_TIME_RANGE);
        assert_int_equal(cp_time_from_double(values[i], CP_TIME_EPOCH_NS, CP_UNIT_S, &out),
                         CP_TIME_RANGE);
    }
}

/* The double's own exact spelling says what the double must give, for every pair of units. */
static void test_epoch_double_against_decimal(void **state)
{
    (void)state;
    for (int i = 0; i < RANDOM_CASES / 10; i++) {
        double value = ldexp((double)(int64_t)random_bits(), (int)random_between(-130, 40));
        if (i % 4 == 0) /* ties, often */
            value =
                ldexp((double)random_between(-4000000, 4000000), (int)random_between(-3, 9)) * 125;
        char text[512];
        snprintf(text, sizeof text, "%.300f", value);
        cp_span span = cp_span_of(text);
        cp_decimal decimal;
        assert_non_null(cp_decimal_read(span.data, span.data + span.size, &decimal));
        cp_time_encoding encoding = (cp_time_encoding)(CP_TIME_EPOCH_S + (int)(random_bits() % 4));
        cp_unit unit = (cp_unit)(random_bits() % 4);
        int64_t from_double = 0, from_decimal = 0;
        cp_time_rc rc = cp_time_from_decimal(&decimal, encoding, unit, &from_decimal);
        assert_int_equal(cp_time_from_double(value, encoding, unit, &from_double), rc);
        if (rc == CP_TIME_OK && from_double != from_decimal)
            fail_msg("%a, encoding %d, unit %d: %" PRId64 ", expected %" PRId64, value, encoding,
                     unit, from_double, from_decimal);
        int64_t whole, from_int = 0;
        if (cp_decimal_to_int64(&decimal, &whole) != CP_INTEGER_OK)
            continue;
        assert_int_equal(cp_time_from_int(whole, encoding, unit, &from_int), rc);
        assert_true(rc != CP_TIME_OK || from_int == from_decimal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_malformed),
        cmocka_unit_test(test_parse_zone_utc),
        cmocka_unit_test(test_parse_range),
        cmocka_unit_test(test_parse_beyond_the_years),
        cmocka_unit_test_setup(test_parse_against_libc, start_random),
        cmocka_unit_test(test_write),
        cmocka_unit_test_setup(test_write_then_parse, start_random),
        cmocka_unit_test(test_write_epoch),
        cmocka_unit_test_setup(test_write_epoch_then_read, start_random),
        cmocka_unit_test(test_write_every_day),
        cmocka_unit_test(test_epoch),
        cmocka_unit_test(test_epoch_not_finite),
        cmocka_unit_test_setup(test_epoch_double_against_decimal, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
