/* formats/json/json_value.h: for every type the values it takes, up to the last one, and every
 * reason why it refuses others; the rules null_if, min, max, nan and zone. */
#include "formats/json/json_value.h"
#include "tests/unit/json_support.h"

/* One field `v`: what a value becomes, or why it is refused ("reason v: message"). */
typedef struct value_row {
    const char *type, *value, *cell, *why;
} value_row;

static void check_value(const cp_schema *schema, const value_row *row)
{
    text line = {0}, cell = {0};
    put(&line, "{\"v\":%s}", row->value);
    if (row->why) {
        assert_refused(schema, line.bytes, row->why);
    } else {
        put(&cell, "%s\n", row->cell);
        assert_decodes(schema, line.bytes, cell.bytes, "");
    }
    text_free(&line);
    text_free(&cell);
}

/* Each row with a schema of its own, whose field `rule` completes (NULL: nothing to complete). */
static void check_values(const value_row *rows, size_t count, void (*rule)(cp_field *))
{
    for (size_t i = 0; i < count; i++) {
        text described = {0};
        put(&described, "v:%s", rows[i].type);
        cp_schema *schema = schema_of(described.bytes);
        if (rule)
            rule(&schema->fields[0]);
        check_value(schema, &rows[i]);
        cp_schema_free(schema);
        text_free(&described);
    }
}

#define CHECK_VALUES(rows, rule) check_values(rows, sizeof(rows) / sizeof *(rows), rule)

static void test_integers(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"int8", "-128", "-128", NULL},
        {"int8", "127", "127", NULL},
        {"int8", "-129", NULL, "out_of_range v: -129 does not fit int8"},
        {"int8", "128", NULL, "out_of_range v: 128 does not fit int8"},
        {"int16", "-32768", "-32768", NULL},
        {"int16", "32767", "32767", NULL},
        {"int16", "-32769", NULL, "out_of_range v: -32769 does not fit int16"},
        {"int16", "32768", NULL, "out_of_range v: 32768 does not fit int16"},
        {"int32", "-2147483648", "-2147483648", NULL},
        {"int32", "2147483647", "2147483647", NULL},
        {"int32", "-2147483649", NULL, "out_of_range v: -2147483649 does not fit int32"},
        {"int32", "2147483648", NULL, "out_of_range v: 2147483648 does not fit int32"},
        {"int64", "-9223372036854775808", "-9223372036854775808", NULL},
        {"int64", "9223372036854775807", "9223372036854775807", NULL},
        {"int64", "-9223372036854775809", NULL,
         "out_of_range v: -9223372036854775809 does not fit int64"},
        {"int64", "9223372036854775808", NULL,
         "out_of_range v: 9223372036854775808 does not fit int64"},
        {"int64", "9007199254740993", "9007199254740993", NULL},
        {"uint8", "0", "0", NULL},
        {"uint8", "-0", "0", NULL},
        {"uint8", "255", "255", NULL},
        {"uint8", "-1", NULL, "out_of_range v: -1 does not fit uint8"},
        {"uint8", "256", NULL, "out_of_range v: 256 does not fit uint8"},
        {"uint16", "0", "0", NULL},
        {"uint16", "-0", "0", NULL},
        {"uint16", "65535", "65535", NULL},
        {"uint16", "65536", NULL, "out_of_range v: 65536 does not fit uint16"},
        {"uint16", "70000", NULL, "out_of_range v: 70000 does not fit uint16"},
        {"uint16", "-1", NULL, "out_of_range v: -1 does not fit uint16"},
        {"uint32", "4294967295", "4294967295", NULL},
        {"uint32", "4294967296", NULL, "out_of_range v: 4294967296 does not fit uint32"},
        {"uint64", "18446744073709551615", "18446744073709551615", NULL},
        {"uint64", "18446744073709551616", NULL,
         "out_of_range v: 18446744073709551616 does not fit uint64"},
        {"uint64", "-1", NULL, "out_of_range v: -1 does not fit uint64"},
        {"int64", "1e400", NULL, "out_of_range v: 1e400 does not fit int64"},
        {"uint16", "0.65535e5", "65535", NULL},
        {"uint16", "5.0", "5", NULL},
        {"uint16", "50e-1", "5", NULL},
        {"int8", "-1.28E+2", "-128", NULL},
        {"uint16", "0e999999999999999999999", "0", NULL},
        {"uint16", "1.5", NULL, "not_an_integer v: 1.5 is no integer, expected uint16"},
        {"int64", "1e-1", NULL, "not_an_integer v: 1e-1 is no integer, expected int64"},
        {"int64", "9223372036854775807.5", NULL,
         "not_an_integer v: 9223372036854775807.5 is no integer, expected int64"},
        {"uint64", "0.1", NULL, "not_an_integer v: 0.1 is no integer, expected uint64"},
    };
    CHECK_VALUES(rows, NULL);
}

static void test_floats(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"float64", "1.7976931348623157e308", "1.7976931348623157e+308", NULL},
        {"float64", "-1.7976931348623157e308", "-1.7976931348623157e+308", NULL},
        {"float64", "1.7976931348623158079e308", "1.7976931348623157e+308", NULL},
        {"float64", "1.797693134862315808e308", NULL,
         "float_overflow v: 1.797693134862315808e308 does not fit float64"},
        {"float64", "1e400", NULL, "float_overflow v: 1e400 does not fit float64"},
        {"float64", "-1e309", NULL, "float_overflow v: -1e309 does not fit float64"},
        {"float64", "5e-324", "4.9406564584124654e-324", NULL},
        {"float64", "2.4703282292062327e-324", "0", NULL},
        {"float64", "2.4703282292062328e-324", "4.9406564584124654e-324", NULL},
        {"float64", "-0", "-0", NULL},
        {"float64", "-0.0", "-0", NULL},
        {"float64", "-1e-400", "-0", NULL},
        {"float64", "0.1", "0.10000000000000001", NULL},
        {"float64", "24.968300000000003", "24.968300000000003", NULL},
        {"float64", "9007199254740993", "9007199254740992", NULL},
        {"float64", "9007199254740993.00000000000000001", "9007199254740994", NULL},
        {"float64", "12345678901234567890123", "1.2345678901234568e+22", NULL},
        {"float64", "1E+2", "100", NULL},
        {"float32", "3.4028235e38", "3.40282347e+38", NULL},
        {"float32", "3.4028235677973367e38", NULL,
         "float_overflow v: 3.4028235677973367e38 does not fit float32"},
        {"float32", "-3.4028235677973366e38", "-3.40282347e+38", NULL},
        {"float32", "1e39", NULL, "float_overflow v: 1e39 does not fit float32"},
        {"float32", "1e-45", "1.40129846e-45", NULL},
        /* Rounded once: by way of float64 this would be the float below. */
        {"float32", "1.00000005960464485", "1.00000012", NULL},
        {"float32", "16777217", "16777216", NULL},
        {"float32", "-0", "-0", NULL},
    };
    CHECK_VALUES(rows, NULL);
}

static void test_bools_and_strings(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"bool", "true", "true", NULL},
        {"bool", "false", "false", NULL},
        {"string", "\"\"", "''", NULL},
        {"string", "\"a\"", "'a'", NULL},
        {"string", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\x5C/\\x08\\x0C\\x0A\\x0D\\x09'", NULL},
        {"string", "\"\\u0041\\u00e9\\u20AC\"", "'A\xC3\xA9\xE2\x82\xAC'", NULL},
        {"string", "\"\\ud83d\\ude00 \\uDBFF\\uDFFF\"", "'\xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF'",
         NULL},
        {"string", "\"\\u0000\"", "'\\x00'", NULL},
        {"string", "\"\xC2\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\"",
         "'\xC2\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80'", NULL},
        {"string", "\"\x7F\"", "'\\x7F'", NULL},
        {"string", "\"0123456789abcdef0123456789abcdef0123456789abcdef\"",
         "'0123456789abcdef0123456789abcdef0123456789abcdef'", NULL},
        {"string", "\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\"",
         "'0123456789abcdef0123456789abcdef\\x0A0123456789abcdef'", NULL},
    };
    CHECK_VALUES(rows, NULL);
}

static void test_json_is_kept_as_its_text(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"json", "{\"a\" : [1, 2.50,\t\"x\\u0041\"]}", "'{\"a\":[1,2.50,\"x\\x5Cu0041\"]}'", NULL},
        {"json", "\"text\"", "'\"text\"'", NULL},
        {"json", "1e400", "'1e400'", NULL},
        {"json", "-0.0", "'-0.0'", NULL},
        {"json", "true", "'true'", NULL},
        {"json", "[]", "'[]'", NULL},
        {"json", "[ ]", "'[]'", NULL},
        {"json", "[\"a b\", \"c\"]", "'[\"a b\",\"c\"]'", NULL},
        {"json", "[\" [ 1 , 2 ] \"]", "'[\" [ 1 , 2 ] \"]'", NULL},
        {"json", "{\"v\":1,\"v\":2}", "'{\"v\":1,\"v\":2}'", NULL},
        {"json", "[null]", "'[null]'", NULL},
        {"json", "null", "null", NULL},
    };
    CHECK_VALUES(rows, NULL);
}

static void test_enums(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"enum", "\"NEW\"", "NEW", NULL},
        {"enum", "\"SHUT\"", "SHUT", NULL},
        {"enum", "\"\\u004fPEN\"", "OPEN", NULL},
        {"enum", "\"OPENED\"", NULL,
         "unknown_symbol v: unknown value \"OPENED\", expected NEW, OPEN, SHUT"},
        {"enum", "\"open\"", NULL,
         "unknown_symbol v: unknown value \"open\", expected NEW, OPEN, SHUT"},
        {"enum", "\"OPE\"", NULL,
         "unknown_symbol v: unknown value \"OPE\", expected NEW, OPEN, SHUT"},
        {"enum", "\"\"", NULL, "unknown_symbol v: unknown value \"\", expected NEW, OPEN, SHUT"},
        {"enum", "1", NULL, "wrong_type v: 1 is no enum"},
    };
    CHECK_VALUES(rows, NULL);
}

/* No silent coercion: every type against a value of every other kind. */
static void test_kinds_do_not_mix(void **state)
{
    (void)state;
    static const char *const kinds[] = {"true", "false", "1", "-2.5", "\"1\"", "[1]", "{}"};
    enum { BOOLS = 3, NUMBERS = 12, STRINGS = 16, KINDS = sizeof kinds / sizeof *kinds };
    static const struct {
        const char *type;
        unsigned takes;     /* bits of kinds */
        const char *called; /* in messages; NULL: the type's name */
    } types[] = {
        {"bool", BOOLS, NULL},
        {"int8", NUMBERS, NULL},
        {"int16", NUMBERS, NULL},
        {"int32", NUMBERS, NULL},
        {"int64", NUMBERS, NULL},
        {"uint8", NUMBERS, NULL},
        {"uint16", NUMBERS, NULL},
        {"uint32", NUMBERS, NULL},
        {"uint64", NUMBERS, NULL},
        {"float32", NUMBERS, NULL},
        {"float64", NUMBERS, NULL},
        {"string", STRINGS, NULL},
        {"enum", STRINGS, NULL},
        {"timestamp[us]", NUMBERS, "number of seconds since 1970 (epoch_s)"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (size_t k = 0; k < KINDS; k++) {
            text described = {0}, line = {0}, why = {0};
            put(&described, "v:%s", types[i].type);
            put(&line, "{\"v\":%s}", kinds[k]);
            put(&why, "wrong_type v: %s is no %s", kinds[k],
                types[i].called ? types[i].called : types[i].type);
            cp_schema *schema = schema_of(described.bytes);
            if (!(types[i].takes >> k & 1))
                assert_refused(schema, line.bytes, why.bytes);
            cp_schema_free(schema);
            text_free(&described);
            text_free(&line);
            text_free(&why);
        }
}

static void test_null_is_a_value_of_every_type(void **state)
{
    (void)state;
    static const char *const types[] = {"bool",   "int8", "int64",        "uint16",
                                        "uint64", "json", "float32",      "float64",
                                        "string", "enum", "timestamp[ns]"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        text described = {0};
        put(&described, "v:%s", types[i]);
        assert_line(described.bytes, "{\"v\":null}\n{}\n", "null\nnull\n", "");
        put(&described, "!");
        cp_schema *schema = schema_of(described.bytes);
        assert_refused(schema, "{\"v\":null}", "null_value v: required field is null");
        assert_refused(schema, "{}", "missing_field v: required field is missing");
        cp_schema_free(schema);
        text_free(&described);
    }
}

static void test_epoch_times(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"timestamp[s]", "1700000000", "1700000000", NULL},
        {"timestamp[us]", "1700000000", "1700000000000000", NULL},
        {"timestamp[us]", "1700000000.25", "1700000000250000", NULL},
        {"timestamp[us]", "1700000000.123456", "1700000000123456", NULL},
        {"timestamp[us]", "1700000000.1234567", "1700000000123457", NULL},
        {"timestamp[us]", "-1.5", "-1500000", NULL},
        {"timestamp[ms]", "0.0005", "0", NULL},
        {"timestamp[ms]", "0.0015", "2", NULL},
        {"timestamp[ms]", "0.0025", "2", NULL},
        {"timestamp[ms]", "0.00250000000000000000001", "3", NULL},
        {"timestamp[s]", "-0.5", "0", NULL},
        {"timestamp[s]", "1.5", "2", NULL},
        {"timestamp[s]", "-1.5", "-2", NULL},
        {"timestamp[s]", "1e3", "1000", NULL},
        {"timestamp[s]", "9223372036854775807", "9223372036854775807", NULL},
        {"timestamp[s]", "-9223372036854775808", "-9223372036854775808", NULL},
        {"timestamp[us]", "9223372036854.775807", "9223372036854775807", NULL},
        {"timestamp[us]", "9223372036854.775808", NULL,
         "time_out_of_range v: 9223372036854.775808 does not fit timestamp[us]"},
        {"timestamp[ns]", "9223372036.854775807", "9223372036854775807", NULL},
        {"timestamp[ns]", "9223372037", NULL,
         "time_out_of_range v: 9223372037 does not fit timestamp[ns]"},
        {"timestamp[ns]", "1e400", NULL, "time_out_of_range v: 1e400 does not fit timestamp[ns]"},
        {"timestamp[us]", "\"2023-11-14T22:13:20Z\"", NULL,
         "wrong_type v: \"2023-11-14T22:13:20Z\" is no number of seconds since 1970 (epoch_s)"},
    };
    CHECK_VALUES(rows, NULL);
}

static void in_ms(cp_field *field)
{
    field->encoding = CP_TIME_EPOCH_MS;
}

static void in_us(cp_field *field)
{
    field->encoding = CP_TIME_EPOCH_US;
}

static void in_ns(cp_field *field)
{
    field->encoding = CP_TIME_EPOCH_NS;
}

static void test_epochs_of_other_units(void **state)
{
    (void)state;
    static const value_row ms[] = {
        {"timestamp[us]", "1700000000123", "1700000000123000", NULL},
        {"timestamp[s]", "1500", "2", NULL},
        {"timestamp[s]", "2500", "2", NULL},
        {"timestamp[s]", "-500", "0", NULL},
    };
    static const value_row us[] = {
        {"timestamp[us]", "1700000000123456", "1700000000123456", NULL},
        {"timestamp[us]", "0.5", "0", NULL},
        {"timestamp[ns]", "1.5", "1500", NULL},
        {"timestamp[ns]", "9223372036854776", NULL,
         "time_out_of_range v: 9223372036854776 does not fit timestamp[ns]"},
    };
    static const value_row ns[] = {
        {"timestamp[ns]", "1700000000123456789", "1700000000123456789", NULL},
        {"timestamp[us]", "1700000000123456500", "1700000000123456", NULL},
        {"timestamp[us]", "1700000000123457500", "1700000000123458", NULL},
        {"timestamp[s]", "-9223372036854775808", "-9223372037", NULL},
    };
    CHECK_VALUES(ms, in_ms);
    CHECK_VALUES(us, in_us);
    CHECK_VALUES(ns, in_ns);
}

static void in_rfc3339(cp_field *field)
{
    field->encoding = CP_TIME_RFC3339;
}

static void in_utc(cp_field *field)
{
    field->encoding = CP_TIME_RFC3339;
    field->zone_utc = true;
}

static void test_rfc3339_times(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"timestamp[us]", "\"2023-11-14T22:13:20Z\"", "1700000000000000", NULL},
        {"timestamp[us]", "\"2023-11-14T23:13:20.25+01:00\"", "1700000000250000", NULL},
        {"timestamp[s]", "\"1970-01-01T00:00:00.5Z\"", "0", NULL},
        {"timestamp[s]", "\"1970-01-01T00:00:01.5Z\"", "2", NULL},
        {"timestamp[s]", "\"2023-11-14T22:13:20\\u005A\"", "1700000000", NULL},
        {"timestamp[s]", "\"2023-11-14T22:13:20\"", NULL,
         "invalid_time v: \"2023-11-14T22:13:20\" is no time, expected RFC 3339 such as "
         "2026-11-19T08:30:00Z"},
        {"timestamp[s]", "\"2023-02-29T00:00:00Z\"", NULL,
         "invalid_time v: \"2023-02-29T00:00:00Z\" is no time, expected RFC 3339 such as "
         "2026-11-19T08:30:00Z"},
        {"timestamp[s]", "\"\"", NULL,
         "invalid_time v: \"\" is no time, expected RFC 3339 such as 2026-11-19T08:30:00Z"},
        {"timestamp[ns]", "\"9999-12-31T23:59:59Z\"", NULL,
         "time_out_of_range v: \"9999-12-31T23:59:59Z\" does not fit timestamp[ns]"},
        {"timestamp[s]", "1700000000", NULL, "wrong_type v: 1700000000 is no timestamp[s]"},
    };
    static const value_row utc[] = {
        {"timestamp[s]", "\"2023-11-14T22:13:20\"", "1700000000", NULL},
        {"timestamp[s]", "\"2023-11-14T23:13:20+01:00\"", "1700000000", NULL},
    };
    CHECK_VALUES(rows, in_rfc3339);
    CHECK_VALUES(utc, in_utc);
}

/* ---- rules ---- */

static void signed_limits(cp_field *field)
{
    field->has_min = field->has_max = true;
    field->min.i = -5;
    field->max.i = 7;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = -99}, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = 3}, NULL), CP_OK);
}

static void unsigned_limits(cp_field *field)
{
    field->has_min = field->has_max = true;
    field->min.u = 10;
    field->max.u = 20;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.u = 0}, NULL), CP_OK);
}

static void float_limits(cp_field *field)
{
    field->has_min = field->has_max = true;
    field->min.f = -273.15;
    field->max.f = 1e3;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.f = -9999}, NULL), CP_OK);
}

static void test_limits_of_numbers(void **state)
{
    (void)state;
    static const value_row by_sign[] = {
        {"int8", "-5", "-5", NULL},
        {"int8", "7", "7", NULL},
        {"int64", "-6", NULL, "below_min v: -6 is below the minimum -5"},
        {"int16", "8", NULL, "above_max v: 8 is above the maximum 7"},
        {"int8", "-99", "null", NULL},
        {"int32", "3", "null", NULL},
        {"int32", "3.0", "null", NULL},
        {"int8", "300", NULL, "out_of_range v: 300 does not fit int8"},
    };
    static const value_row without[] = {
        {"uint8", "10", "10", NULL},
        {"uint16", "20", "20", NULL},
        {"uint16", "9", NULL, "below_min v: 9 is below the minimum 10"},
        {"uint16", "21", NULL, "above_max v: 21 is above the maximum 20"},
        {"uint64", "18446744073709551615", NULL,
         "above_max v: 18446744073709551615 is above the maximum 20"},
        {"uint16", "0", "null", NULL},
        {"uint32", "-0", "null", NULL},
    };
    static const value_row floats[] = {
        {"float64", "-273.15", "-273.14999999999998", NULL},
        {"float64", "1000", "1000", NULL},
        {"float64", "-273.16", NULL,
         "below_min v: -273.16 is below the minimum "
         "-273.15"},
        {"float64", "1000.0000000000002", NULL,
         "above_max v: 1000.0000000000002 is above the maximum 1000"},
        {"float64", "-9999", "null", NULL},
        {"float64", "-9.999e3", "null", NULL},
        {"float32", "-9999.0", "null", NULL},
        {"float32", "1001", NULL, "above_max v: 1001 is above the maximum 1000"},
        {"float64", "1e400", NULL, "float_overflow v: 1e400 does not fit float64"},
    };
    CHECK_VALUES(by_sign, signed_limits);
    CHECK_VALUES(without, unsigned_limits);
    CHECK_VALUES(floats, float_limits);
}

static void time_limits(cp_field *field)
{
    field->has_min = field->has_max = true;
    field->min.i = 1000000;
    field->max.i = 2000000;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = 0}, NULL), CP_OK);
}

static void test_limits_of_times(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"timestamp[us]", "1", "1000000", NULL},
        {"timestamp[us]", "2.000000", "2000000", NULL},
        {"timestamp[us]", "0", "null", NULL},
        {"timestamp[us]", "0.999999", NULL,
         "below_min v: 0.999999 is below the minimum 1970-01-01T00:00:01Z"},
        {"timestamp[us]", "2.000001", NULL,
         "above_max v: 2.000001 is above the maximum 1970-01-01T00:00:02Z"},
    };
    CHECK_VALUES(rows, time_limits);
}

static void text_nulls(cp_field *field)
{
    const char *const texts[] = {"N/A", "", "\xC3\xA9", "{}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(
            cp_field_add_null_if(field, (cp_literal){.text = cp_span_of(texts[i])}, NULL), CP_OK);
}

static void test_texts_that_stand_for_null(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"string", "\"N/A\"", "null", NULL},
        {"string", "\"\"", "null", NULL},
        {"string", "\"N\\/A\"", "null", NULL},
        {"string", "\"\\u00e9\"", "null", NULL},
        {"string", "\"N/A \"", "'N/A '", NULL},
        {"string", "\"n/a\"", "'n/a'", NULL},
        {"enum", "\"N/A\"", "null", NULL},
        {"enum", "\"NEW\"", "NEW", NULL},
        {"enum", "\"n/a\"", NULL,
         "unknown_symbol v: unknown value \"n/a\", expected NEW, OPEN, SHUT"},
        {"json", "{}", "null", NULL},
        {"json", "{ }", "null", NULL},
    };
    CHECK_VALUES(rows, text_nulls);
}

static void required_with_nulls(cp_field *field)
{
    field->required = true;
    signed_limits(field);
}

/* A value that stands for null is null to `required`, too. */
static void test_null_if_against_required(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"int8", "4", "4", NULL},
        {"int8", "3", NULL, "null_value v: required field is null"},
        {"int8", "null", NULL, "null_value v: required field is null"},
    };
    CHECK_VALUES(rows, required_with_nulls);
}

static void keep_nan(cp_field *field)
{
    field->nan = CP_NAN_KEEP;
}

static void null_nan(cp_field *field)
{
    field->nan = CP_NAN_NULL;
}

/* JSON has no NaN and no infinity, whatever the schema does with them; and a number too large is
 * no infinity. */
static void test_nan_policies(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"float64", "NaN", NULL,
         "json_syntax -: invalid JSON at byte 5 of the record: expected a value"},
        {"float32", "nan", NULL,
         "json_syntax -: invalid JSON at byte 5 of the record: expected a value"},
        {"float64", "Infinity", NULL,
         "json_syntax -: invalid JSON at byte 5 of the record: expected a value"},
        {"float64", "-Infinity", NULL,
         "json_syntax -: invalid JSON at byte 5 of the record: expected a number"},
        {"float64", "\"NaN\"", NULL, "wrong_type v: \"NaN\" is no float64"},
        {"float64", "1e400", NULL, "float_overflow v: 1e400 does not fit float64"},
        {"float64", "1.5", "1.5", NULL},
    };
    CHECK_VALUES(rows, NULL);
    CHECK_VALUES(rows, keep_nan);
    CHECK_VALUES(rows, null_nan);
}

static void test_numbers_that_are_none(void **state)
{
    (void)state;
    static const char *const values[] = {"-",     "+1",    "01",  "-01",   "1.",
                                         ".5",    "1.e5",  "1e",  "1e+",   "0x10",
                                         "1_000", "1.5.2", "--1", "1e5.5", "1 2"};
    static const char *const types[] = {"int64", "uint16", "float64",      "float32",
                                        "json",  "string", "timestamp[us]"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
            text described = {0}, line = {0};
            put(&described, "v:%s", types[k]);
            put(&line, "{\"v\":%s}", values[i]);
            cp_schema *schema = schema_of(described.bytes);
            decoded out = decode_bytes(schema, line.bytes, line.size);
            if (out.rejected != 1 || !strstr(shown(&out.rejects), " json_syntax -: "))
                fail_msg("%s as %s became %s%s", values[i], types[k], shown(&out.rows),
                         shown(&out.rejects));
            decoded_free(&out);
            cp_schema_free(schema);
            text_free(&described);
            text_free(&line);
        }
}

static void test_long_values_are_cut_in_messages(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:int8");
    text line = {0};
    put(&line, "{\"v\":\"%099d\"}\n", 0);
    put(&line, "{\"v\":\"%098d\xC3\xA9\"}", 0);
    decoded out = decode_bytes(schema, line.bytes, line.size);
    text message = {0};
    put(&message, "wrong_type v: \"%099d... is no int8", 0);
    assert_non_null(strstr(out.rejects.bytes, message.bytes));
    message.size = 0;
    put(&message, "wrong_type v: \"%098d... is no int8", 0);
    assert_non_null(strstr(out.rejects.bytes, message.bytes));
    decoded_free(&out);
    text_free(&message);
    text_free(&line);
    cp_schema_free(schema);
}

/* A guessed schema says so, where the reason rests on the guess. */
static void test_guessed_schemas_say_so(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:int64");
    schema->inferred = true;
    assert_refused(schema, "{\"v\":1.5}",
                   "not_an_integer v: 1.5 is no integer, expected int64 (the type was guessed from "
                   "the first records; say it with --schema)");
    assert_refused(schema, "{\"v\":1.}",
                   "json_syntax -: invalid JSON at byte 5 of the record: expected a number");
    cp_schema_free(schema);
}

/* Nobody wants the column: the same verdicts, and nothing stored. */
static void test_unwanted_columns_are_checked(void **state)
{
    (void)state;
    static const value_row rows[] = {
        {"uint16", "7", "-", NULL},
        {"float64", "1.5", "-", NULL},
        {"string", "\"x\"", "-", NULL},
        {"string", "\"\\n\"", "-", NULL},
        {"enum", "\"NEW\"", "-", NULL},
        {"timestamp[us]", "1.5", "-", NULL},
        {"bool", "true", "-", NULL},
        {"json", "[]", "-", NULL},
        {"int8", "null", "-", NULL},
        {"uint16", "1.5", NULL, "not_an_integer v: 1.5 is no integer, expected uint16"},
        {"float64", "1e999", NULL, "float_overflow v: 1e999 does not fit float64"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text described = {0};
        put(&described, "v:%s", rows[i].type);
        cp_schema *schema = schema_of(described.bytes);
        schema->fields[0].wanted = false;
        check_value(schema, &rows[i]);
        cp_schema_free(schema);
        text_free(&described);
    }
}

/* The function itself: where it stops, and what it says. */
static void test_value_read(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:int64");
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 4, NULL), CP_OK);
    uint8_t *memory = block_memory("  42 ,null}\n", 12);
    cp_json_check check = {.record = memory, .end = memory + 12};
    cp_reason reason = CP_REASON_COUNT;
    const uint8_t *end = cp_json_value_read(memory + 2, &check, 1, &schema->fields[0],
                                            &batch.columns[0], &batch, &reason);
    assert_ptr_equal(end, memory + 4);
    assert_int_equal(reason, CP_ACCEPTED);
    assert_int_equal(((const int64_t *)batch.columns[0].data)[0], 42);
    end = cp_json_value_read(memory + 6, &check, 1, &schema->fields[0], &batch.columns[0], &batch,
                             &reason);
    assert_ptr_equal(end, memory + 10);
    assert_int_equal(reason, CP_ACCEPTED_NULL);
    assert_null(cp_json_value_read(memory + 10, &check, 1, &schema->fields[0], &batch.columns[0],
                                   &batch, &reason));
    assert_int_equal(check.refusal.reason, CP_JSON_SYNTAX);
    assert_int_equal(check.refusal.at, 10);
    free(memory);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_bools_and_strings),
        cmocka_unit_test(test_json_is_kept_as_its_text),
        cmocka_unit_test(test_enums),
        cmocka_unit_test(test_kinds_do_not_mix),
        cmocka_unit_test(test_null_is_a_value_of_every_type),
        cmocka_unit_test(test_epoch_times),
        cmocka_unit_test(test_epochs_of_other_units),
        cmocka_unit_test(test_rfc3339_times),
        cmocka_unit_test(test_limits_of_numbers),
        cmocka_unit_test(test_limits_of_times),
        cmocka_unit_test(test_texts_that_stand_for_null),
        cmocka_unit_test(test_null_if_against_required),
        cmocka_unit_test(test_nan_policies),
        cmocka_unit_test(test_numbers_that_are_none),
        cmocka_unit_test(test_long_values_are_cut_in_messages),
        cmocka_unit_test(test_guessed_schemas_say_so),
        cmocka_unit_test(test_unwanted_columns_are_checked),
        cmocka_unit_test(test_value_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
