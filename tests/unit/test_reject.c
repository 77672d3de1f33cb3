/* pipeline/core/reject.h: every reason's name and sentence, cut values, guesses, full lists, and
 * memory that runs out. */
#include "pipeline/core/reject.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/random.h"

#include <stdio.h>

static cp_schema *schema;
static cp_rejects rejects;

static int open_schema(void **state)
{
    (void)state;
    cp_field *field;
    const cp_span symbols[] = {cp_span_of("DRAFT"), cp_span_of("CLOSED")};
    assert_int_equal(cp_schema_new("test", &schema, NULL), CP_OK);
    assert_int_equal(cp_schema_add(schema, "small", CP_TYPE_UINT16, &field, NULL), CP_OK);
    field->min.u = 5;
    field->max.u = UINT64_MAX;
    assert_int_equal(cp_schema_add(schema, "signed", CP_TYPE_INT32, &field, NULL), CP_OK);
    field->min.i = INT64_MIN;
    field->max.i = -1;
    assert_int_equal(cp_schema_add(schema, "real", CP_TYPE_FLOAT64, &field, NULL), CP_OK);
    field->min.f = -273.15;
    field->max.f = 1e300;
    assert_int_equal(cp_schema_add(schema, "status", CP_TYPE_ENUM, &field, NULL), CP_OK);
    assert_int_equal(cp_field_set_symbols(field, symbols, 2, NULL), CP_OK);
    field->fixed_bytes = 2;
    assert_int_equal(cp_schema_add(schema, "at", CP_TYPE_TIMESTAMP, &field, NULL), CP_OK);
    field->unit = CP_UNIT_US;
    field->min.i = INT64_C(1700000000000000);
    field->max.i = INT64_C(1700000000000001);
    return 0;
}

static int close_schema(void **state)
{
    (void)state;
    cp_rejects_free(&rejects);
    cp_schema_free(schema);
    return 0;
}

enum { SMALL, SIGNED, REAL, STATUS, AT, NO_FIELD };

static const cp_field *field_at(size_t number)
{
    return number == NO_FIELD ? NULL : &schema->fields[number];
}

/* Adds one reject and gives it back. */
static const cp_reject *add(const cp_refusal *why)
{
    const cp_reject where = {.record = 3, .line = 4, .offset = 500, .length = 60};
    cp_rejects_reset(&rejects);
    assert_int_equal(cp_rejects_add(&rejects, schema, &where, why, NULL), CP_OK);
    assert_int_equal(rejects.count, 1);
    const cp_reject *reject = &rejects.items[0];
    assert_int_equal(reject->record, 3);
    assert_int_equal(reject->line, 4);
    assert_int_equal(reject->offset, 500);
    assert_int_equal(reject->length, 60);
    assert_null(reject->raw.data);
    assert_int_equal(reject->reason, why->reason);
    assert_ptr_equal(reject->field, why->field ? why->field->name : NULL);
    return reject;
}

/* ---- names ---- */

/* Names are for scripts: distinct, lower case and underscores. */
static void test_names(void **state)
{
    (void)state;
    assert_string_equal(cp_reason_name(CP_JSON_SYNTAX), "json_syntax");
    assert_string_equal(cp_reason_name(CP_TIME_OUT_OF_RANGE), "time_out_of_range");
    for (int i = 0; i < CP_REASON_COUNT; i++) {
        const char *name = cp_reason_name((cp_reason)i);
        assert_non_null(name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(name));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, cp_reason_name((cp_reason)j));
    }
}

/* ---- sentences ---- */

static const struct {
    cp_reason reason;
    size_t field;
    const char *value, *detail;
    uint64_t at;
    const char *message;
} sentences[] = {
    {CP_JSON_SYNTAX, NO_FIELD, "", "expected a colon", 17,
     "invalid JSON at byte 17 of the record: expected a colon"},
    {CP_JSON_SYNTAX, STATUS, "", "expected a colon", 17,
     "invalid JSON at byte 17 of the value: expected a colon"},
    {CP_CSV_SYNTAX, NO_FIELD, "", "a quote in a field without quotes", 3,
     "invalid CSV at byte 3 of the record: a quote in a field without quotes"},
    {CP_CLF_SYNTAX, NO_FIELD, "", "expected '['", 10,
     "no access log line, at byte 10 of the record: expected '['"},
    {CP_INVALID_UTF8, NO_FIELD, "", NULL, 0, "invalid UTF-8 at byte 0 of the record"},
    {CP_INVALID_UTF8, STATUS, "", NULL, 2, "invalid UTF-8 at byte 2 of the value"},
    {CP_INVALID_ESCAPE, NO_FIELD, "", NULL, 9,
     "\\u escape of half a surrogate pair at byte 9 of the record"},
    {CP_INVALID_ESCAPE, SMALL, "", NULL, 9,
     "\\u escape of half a surrogate pair at byte 9 of the value"},
    {CP_NESTING_TOO_DEEP, NO_FIELD, "", NULL, 1024, "nested deeper than 1024 levels"},
    {CP_UNBALANCED_RECORD, NO_FIELD, "", NULL, 77,
     "quotes or brackets do not balance: passed over up to the line that begins at byte 77"},
    {CP_RECORD_TOO_LARGE, NO_FIELD, "", NULL, 1000,
     "the record is larger than --max-record-size 1000"},
    {CP_TRUNCATED_RECORD, NO_FIELD, "", NULL, 15, "the input ends inside a record of 15 bytes"},
    {CP_TRUNCATED_RECORD, NO_FIELD, "", "a field in quotes", 0,
     "the input ends inside a field in quotes"},
    {CP_WRONG_FIELD_COUNT, NO_FIELD, "", NULL, 3, "3 fields instead of 8"},
    {CP_NOT_AN_OBJECT, NO_FIELD, "[1]", NULL, 0, "the record is no JSON object: [1]"},
    {CP_UNKNOWN_FIELD, NO_FIELD, "extra", NULL, 0, "unknown field \"extra\""},
    {CP_DUPLICATE_KEY, SMALL, "", NULL, 0, "the key stands twice"},
    {CP_MISSING_FIELD, SMALL, "", NULL, 0, "required field is missing"},
    {CP_NULL_VALUE, SMALL, "null", NULL, 0, "required field is null"},
    {CP_WRONG_TYPE, SMALL, "\"1\"", NULL, 0, "\"1\" is no uint16"},
    {CP_NOT_AN_INTEGER, SMALL, "1.5", NULL, 0, "1.5 is no integer, expected uint16"},
    {CP_OUT_OF_RANGE, SMALL, "70000", NULL, 0, "70000 does not fit uint16"},
    {CP_FLOAT_OVERFLOW, REAL, "1e400", NULL, 0, "1e400 does not fit float64"},
    {CP_NOT_FINITE, REAL, "nan", NULL, 0,
     "nan is not finite, and the schema does not keep such values"},
    {CP_BELOW_MIN, REAL, "-300", NULL, 0, "-300 is below the minimum -273.15"},
    {CP_ABOVE_MAX, REAL, "1e301", NULL, 0, "1e301 is above the maximum 1e+300"},
    {CP_BELOW_MIN, SMALL, "4", NULL, 0, "4 is below the minimum 5"},
    {CP_ABOVE_MAX, SMALL, "x", NULL, 0, "x is above the maximum 18446744073709551615"},
    {CP_BELOW_MIN, SIGNED, "x", NULL, 0, "x is below the minimum -9223372036854775808"},
    {CP_ABOVE_MAX, SIGNED, "0", NULL, 0, "0 is above the maximum -1"},
    {CP_BELOW_MIN, AT, "\"1600\"", NULL, 0, "\"1600\" is below the minimum 2023-11-14T22:13:20Z"},
    {CP_ABOVE_MAX, AT, "x", NULL, 0, "x is above the maximum 1700000000000001"},
    {CP_UNKNOWN_SYMBOL, STATUS, "\"CLOSD\"", NULL, 0,
     "unknown value \"CLOSD\", expected DRAFT, CLOSED"},
    {CP_INVALID_TIME, AT, "\"now\"", "an RFC 3339 time", 0,
     "\"now\" is no time, expected an RFC 3339 time"},
    {CP_INVALID_TIME, AT, "\"now\"", NULL, 0, "\"now\" is no time, expected timestamp[us]"},
    {CP_TIME_OUT_OF_RANGE, AT, "\"9999-12-31T23:59:60Z\"", NULL, 0,
     "\"9999-12-31T23:59:60Z\" is outside of the years 0000 to 9999 in UTC"},
    {CP_DOES_NOT_FIT, STATUS, "\"abc\"", NULL, 0,
     "\"abc\" does not fit the 2 bytes that the output has for it"},
};
enum { SENTENCE_COUNT = sizeof sentences / sizeof *sentences };

static cp_refusal refusal_of(size_t i)
{
    return (cp_refusal){.reason = sentences[i].reason,
                        .field = field_at(sentences[i].field),
                        .value = cp_span_of(sentences[i].value),
                        .detail = sentences[i].detail,
                        .at = sentences[i].at,
                        .expected = 8};
}

static void test_sentences(void **state)
{
    (void)state;
    bool said[CP_REASON_COUNT] = {[CP_ACCEPTED] = true, [CP_ACCEPTED_NULL] = true};
    for (size_t i = 0; i < SENTENCE_COUNT; i++) {
        const cp_refusal why = refusal_of(i);
        assert_string_equal(add(&why)->message, sentences[i].message);
        said[why.reason] = true;
    }
    for (int i = 0; i < CP_REASON_COUNT; i++)
        assert_true(said[i]);
}

/* A rule that rests on a guess says so; syntax does not. */
static void test_guesses(void **state)
{
    (void)state;
    schema->inferred = true;
    for (size_t i = 0; i < SENTENCE_COUNT; i++) {
        const cp_refusal why = refusal_of(i);
        bool guess = why.reason == CP_UNKNOWN_FIELD || (why.field && why.reason > CP_UNKNOWN_FIELD);
        const char *message = add(&why)->message;
        assert_int_equal(strncmp(message, sentences[i].message, strlen(sentences[i].message)), 0);
        assert_int_equal(strstr(message, "guessed") != NULL, guess);
        assert_int_equal(strstr(message, "--schema") != NULL, guess);
    }
}

static void test_without_schema(void **state)
{
    (void)state;
    const cp_refusal why = {.reason = CP_JSON_SYNTAX, .detail = "x"};
    cp_rejects_reset(&rejects);
    assert_int_equal(cp_rejects_add(&rejects, NULL, &(cp_reject){0}, &why, NULL), CP_OK);
    assert_null(rejects.items[0].field);
}

/* ---- values ---- */

static const char *message_of_value(const char *value, size_t size)
{
    const cp_refusal why = {
        .reason = CP_WRONG_TYPE, .field = field_at(SMALL), .value = {(const uint8_t *)value, size}};
    return add(&why)->message;
}

static void test_values_are_cut(void **state)
{
    (void)state;
    char value[200], expected[200];
    memset(value, 'v', sizeof value);
    snprintf(expected, sizeof expected, "%.100s is no uint16", value);
    assert_string_equal(message_of_value(value, 100), expected);
    snprintf(expected, sizeof expected, "%.100s... is no uint16", value);
    assert_string_equal(message_of_value(value, 101), expected);
    for (size_t before = 97; before < 101; before++) { /* a character across the cut is left out */
        memset(value, 'v', sizeof value);
        memcpy(value + before, "\xf0\x9f\x98\x80", 4);
        size_t shown = before <= 96 || before == 100 ? 100 : before;
        snprintf(expected, sizeof expected, "%.*s... is no uint16", (int)shown, value);
        assert_string_equal(message_of_value(value, 150), expected);
    }
}

static void test_control_characters(void **state)
{
    (void)state;
    assert_string_equal(message_of_value("a\0\n\x1b\x7f\xc3\xa4", 7),
                        "a\\x00\\x0a\\x1b\\x7f\xc3\xa4 is no uint16");
    assert_string_equal(message_of_value("", 0), " is no uint16");
}

static void set_symbols(size_t count, const char *suffix)
{
    static char names[20][200];
    cp_span symbols[20];
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "S%zu%s", i, suffix);
        symbols[i] = cp_span_of(names[i]);
    }
    assert_int_equal(cp_field_set_symbols(&schema->fields[STATUS], symbols, count, NULL), CP_OK);
}

static const char *message_of_symbol(void)
{
    const cp_refusal why = {
        .reason = CP_UNKNOWN_SYMBOL, .field = field_at(STATUS), .value = cp_span_of("x")};
    return add(&why)->message;
}

static void test_many_symbols(void **state)
{
    (void)state;
    set_symbols(12, "");
    assert_string_equal(message_of_symbol(),
                        "unknown value x, expected S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, "
                        "S11");
    set_symbols(13, "");
    assert_string_equal(message_of_symbol(),
                        "unknown value x, expected S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, "
                        "S11, ... (13 symbols)");
}

/* A sentence that is too long ends at a character's edge, whatever the offset. */
static void test_long_sentences(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        char suffix[160];
        size_t used = 0;
        for (; used < shift; used++)
            suffix[used] = '-';
        for (; used + 4 < sizeof suffix; used += 4)
            memcpy(suffix + used, "\xf0\x9f\x98\x80", 4);
        suffix[used] = '\0';
        set_symbols(12, suffix);
        const char *message = message_of_symbol();
        size_t size = strlen(message);
        assert_in_range(size, CP_ERROR_MESSAGE_BYTES - 4, CP_ERROR_MESSAGE_BYTES - 1);
        size_t lead = size - 1;
        while (((unsigned char)message[lead] & 0xC0) == 0x80)
            lead--;
        assert_true(size - lead == ((unsigned char)message[lead] >= 0xF0 ? 4 : 1));
    }
}

/* ---- the list ---- */

static void test_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < CP_REJECTS_FULL; i++) {
        assert_false(cp_rejects_full(&rejects));
        const cp_reject where = {.record = i};
        const cp_refusal why = {.reason = CP_RECORD_TOO_LARGE, .at = i};
        assert_int_equal(cp_rejects_add(&rejects, schema, &where, &why, NULL), CP_OK);
    }
    assert_true(cp_rejects_full(&rejects));
    for (size_t i = 0; i < CP_REJECTS_FULL; i++) { /* no message has touched another */
        char expected[100];
        snprintf(expected, sizeof expected, "the record is larger than --max-record-size %zu", i);
        assert_string_equal(rejects.items[i].message, expected);
        assert_int_equal(rejects.items[i].record, i);
    }
    cp_rejects_reset(&rejects);
    assert_int_equal(rejects.count, 0);
    assert_false(cp_rejects_full(&rejects));
    cp_rejects_free(&rejects);
    cp_rejects_free(&rejects);
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_error err = {0};
    const cp_refusal why = {.reason = CP_JSON_SYNTAX, .detail = "x"};
    fail_allocation(0);
    cp_rc rc = cp_rejects_add(&rejects, schema, &(cp_reject){0}, &why, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    assert_int_equal(rejects.count, 0);
}

#define WITH_SCHEMA(test) cmocka_unit_test_setup_teardown(test, open_schema, close_schema)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),     WITH_SCHEMA(test_sentences),
        WITH_SCHEMA(test_guesses),        WITH_SCHEMA(test_without_schema),
        WITH_SCHEMA(test_values_are_cut), WITH_SCHEMA(test_control_characters),
        WITH_SCHEMA(test_many_symbols),   WITH_SCHEMA(test_long_sentences),
        WITH_SCHEMA(test_full),           WITH_SCHEMA(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
