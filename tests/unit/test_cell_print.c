/* pipeline/cli/cell_print.h: every type as JSON, as CSV and for people. */
#include "pipeline/cli/cell_print.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/stage_support.h"

typedef struct cell_row {
    const char *type, *value, *json, *csv, *text; /* text: 12 columns, floats of 2 decimals */
} cell_row;

static void check_cell(const cell_row *row)
{
    text description = {0}, in = {0};
    put(&description, "v:%s", row->type);
    put(&in, "%s\n", row->value);
    cp_schema *schema = schema_of(description.bytes);
    cp_batch batch = open_batch(schema, 1);
    fill_batch(&batch, in.bytes);
    memory_writer json = memory_writer_open(), csv = memory_writer_open(),
                  people = memory_writer_open();
    memory_write(&csv.base, "", 0, NULL); /* so that an empty cell has bytes to compare */
    assert_int_equal(cp_cell_print_json(&json.base, &batch, 0, 0, NULL), CP_OK);
    assert_int_equal(cp_cell_print_csv(&csv.base, &batch, 0, 0, NULL), CP_OK);
    assert_int_equal(cp_cell_print_text(&people.base, &batch, 0, 0, 12, 2, NULL), CP_OK);
    assert_string_equal(json.bytes, row->json);
    assert_string_equal(csv.bytes, row->csv);
    assert_string_equal(people.bytes, row->text);
    json.base.close(&json.base);
    csv.base.close(&csv.base);
    people.base.close(&people.base);
    cp_batch_close(&batch);
    cp_schema_free(schema);
    text_free(&description);
    text_free(&in);
}

static void test_cells(void **state)
{
    (void)state;
    static const cell_row rows[] = {
        {"int8", "-128", "-128", "-128", "        -128"},
        {"int16", "-32768", "-32768", "-32768", "      -32768"},
        {"int32", "7", "7", "7", "           7"},
        {"int64", "-9223372036854775808", "-9223372036854775808", "-9223372036854775808",
         "-9223372036854775808"},
        {"uint8", "255", "255", "255", "         255"},
        {"uint16", "65535", "65535", "65535", "       65535"},
        {"uint32", "4294967295", "4294967295", "4294967295", "  4294967295"},
        {"uint64", "18446744073709551615", "18446744073709551615", "18446744073709551615",
         "18446744073709551615"},
        {"float64", "0.1", "0.1", "0.1", "        0.10"},
        {"float64", "18", "18.0", "18.0", "       18.00"},
        {"float64", "nan", "\"NaN\"", "NaN", "         nan"},
        {"float64", "-inf", "\"-Infinity\"", "-Infinity", "        -inf"},
        {"float32", "0.1", "0.1", "0.1", "        0.10"},
        {"bool", "true", "true", "true", "        true"},
        {"enum", "OPEN", "\"OPEN\"", "OPEN", "OPEN        "},
        {"string", "plain", "\"plain\"", "plain", "plain       "},
        {"string", "a,b", "\"a,b\"", "\"a,b\"", "a,b         "},
        {"string", "a\"b", "\"a\\\"b\"", "\"a\"\"b\"", "a\"b         "},
        {"string", "a\rb", "\"a\\rb\"", "\"a\rb\"", "a\\x0db      "},
        {"string", "", "\"\"", "\"\"", "            "},
        {"string", "\xC3\xA9", "\"\xC3\xA9\"", "\xC3\xA9", "\xC3\xA9           "},
        {"json", "{\"a\":1}", "{\"a\":1}", "\"{\"\"a\"\":1}\"", "{\"a\":1}     "},
        {"timestamp[us]", "1700000000250000", "\"2023-11-14T22:13:20.25Z\"",
         "2023-11-14T22:13:20.25Z", "2023-11-14T22:13:20.25Z"},
        {"timestamp[s]", "0", "\"1970-01-01T00:00:00Z\"", "1970-01-01T00:00:00Z",
         "1970-01-01T00:00:00Z"},
        {"int8", "null", "null", "", "           -"},
        {"string", "null", "null", "", "-           "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_cell(&rows[i]);
}

/* Longer than any buffer on the way. */
static void test_long_strings(void **state)
{
    (void)state;
    enum { LONG = 5000 };
    text value = {0}, json = {0}, csv = {0};
    put_bytes(&json, "\"", 1);
    put_bytes(&csv, "\"", 1);
    for (int i = 0; i < LONG; i++) {
        put_bytes(&value, "\"", 1);
        put_bytes(&json, "\\\"", 2);
        put_bytes(&csv, "\"\"", 2);
    }
    put_bytes(&json, "\"", 1);
    put_bytes(&csv, "\"", 1);
    cp_span span = {(const uint8_t *)value.bytes, value.size};
    memory_writer out = memory_writer_open();
    assert_int_equal(cp_print_json_string(&out.base, span, NULL), CP_OK);
    assert_string_equal(out.bytes, json.bytes);
    out.base.close(&out.base);
    assert_int_equal(cp_print_csv_string(&out.base, span, NULL), CP_OK);
    assert_string_equal(out.bytes, csv.bytes);
    out.base.close(&out.base);
    text_free(&value);
    text_free(&json);
    text_free(&csv);
}

/* A disk that is full is told by every one of them. */
static void test_failures_are_told(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:string n:int8");
    cp_batch batch = open_batch(schema, 1);
    fill_batch(&batch, "a\"b 5\n");
    for (size_t room = 0; room < 6; room++) {
        memory_writer out = memory_writer_open();
        out.room = room;
        assert_int_equal(cp_cell_print_json(&out.base, &batch, 0, 0, NULL), CP_E_IO);
        out.base.close(&out.base);
        assert_int_equal(cp_cell_print_csv(&out.base, &batch, 0, 0, NULL), CP_E_IO);
        out.base.close(&out.base);
        assert_int_equal(cp_cell_print_text(&out.base, &batch, 1, 0, 6, -1, NULL), CP_E_IO);
        out.base.close(&out.base);
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_failures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
