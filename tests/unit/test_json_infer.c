/* formats/json/json_infer.h: which type fits which values, what a sample is, and that every record
 * of the sample fits the guess. */
#include "formats/json/json_infer.h"
#include "tests/unit/json_support.h"

static cp_schema *infer(const char *sample, size_t size, bool whole)
{
    cp_guess guess;
    uint8_t *memory = block_memory(sample, size);
    assert_int_equal(
        cp_json_infer(&(cp_format_options){0}, (cp_span){memory, size}, whole, &guess, NULL),
        CP_OK);
    free(memory);
    assert_true(guess.schema->inferred);
    return guess.schema;
}

/* "id:string n:int64" */
static void assert_guess(const char *sample, bool whole, const char *description)
{
    cp_schema *schema = infer(sample, strlen(sample), whole);
    text found = {0};
    for (size_t i = 0; i < schema->field_count; i++) {
        char type[CP_TYPE_NAME_BYTES];
        const cp_field *field = &schema->fields[i];
        put_bytes(&found, " ", i > 0);
        put(&found, "%s:%s", field->name, cp_type_name(field, type));
        assert_false(field->required);
        assert_int_equal(field->path_count, 1);
        assert_true(cp_span_equal(field->path[0], cp_span_of(field->name)));
    }
    assert_string_equal(shown(&found), description);
    text_free(&found);
    cp_schema_free(schema);
}

static void test_kinds_of_values(void **state)
{
    (void)state;
    static const struct {
        const char *values, *type; /* values parted by '|' */
    } rows[] = {
        {"true|false", "bool"},
        {"1|-2|0", "int64"},
        {"-0", "int64"},
        {"9223372036854775807|-9223372036854775808", "int64"},
        {"1.5|1e3|-0.0", "float64"},
        {"1|2.5", "float64"},
        {"2.5|1", "float64"},
        {"1.0", "float64"},
        {"\"a\"|\"\"|\"\\u0041\"", "string"},
        {"[]", "json"},
        {"{}", "json"},
        {"[1]|{\"a\":2}", "json"},
        {"null", "json"},
        {"null|null|1", "int64"},
        {"true|null", "bool"},
        {"\"x\"|null", "string"},
        {"9223372036854775808", "json"},
        {"-9223372036854775809|1", "json"},
        {"18446744073709551615|1.5", "json"},
        {"1|\"1\"", "json"},
        {"true|1", "json"},
        {"true|1.5", "json"},
        {"\"a\"|false", "json"},
        {"1|[]", "json"},
        {"\"a\"|{}", "json"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text sample = {0}, description = {0};
        for (const char *p = rows[i].values; *p;) {
            size_t size = strcspn(p, "|");
            put(&sample, "{\"v\":%.*s}\n", (int)size, p);
            p += size + (p[size] == '|');
        }
        put(&description, "v:%s", rows[i].type);
        assert_guess(sample.bytes, true, description.bytes);
        text_free(&sample);
        text_free(&description);
    }
}

static void test_fields_in_the_order_met(void **state)
{
    (void)state;
    assert_guess("{\"b\":1,\"a\":\"x\"}\n{\"c\":true,\"a\":null,\"b\":2}\n{\"0\":[],\"c\":false}\n",
                 true, "b:int64 a:string c:bool 0:json");
}

static void test_keys_and_their_spellings(void **state)
{
    (void)state;
    assert_guess("{\"\\u0061\":1}\n{\"a\":1.5}\n", true, "a:float64");
    assert_guess("{\"\":1,\"n\\u0000\":2,\"x\":3}\n", true, ":int64 x:int64");
    assert_guess(" { \"a\"\t: 1 ,\r\"b\" : { \"a\" : \"}\" } } \r\n", true, "a:int64 b:json");
    assert_guess("{\"a\":1,\"a\":\"x\"}\n", true, "a:json");
    assert_guess("{\"a.b\":1,\"\xC3\xA9\":2}\n", true, "a.b:int64 \xC3\xA9:int64");
}

static void test_records_that_are_passed_over(void **state)
{
    (void)state;
    assert_guess("[1]\n\n{\"b\":1,}\n{\"b\":1} x\n\"{}\"\n{\"b\":\"\xFF\"}\n{\"a\":1}\nnull\n",
                 true, "a:int64");
    assert_guess("", true, "");
    assert_guess("\n\n  \n", true, "");
    assert_guess("{}\n", true, "");
    assert_guess("a,b\n1,2\n", true, "");
}

static void test_where_the_sample_ends(void **state)
{
    (void)state;
    static const char sample[] = "{\"a\":1}\n{\"b\":1}";
    assert_guess(sample, true, "a:int64 b:int64");
    assert_guess(sample, false, "a:int64");
    assert_guess("{\"a\":12}", true, "a:int64");
    assert_guess("{\"a\":12}", false, "");
    assert_guess("{\"a\":1}\r\n{\"a\":1.5}\r\n", false, "a:float64");
    assert_guess("\xEF\xBB\xBF{\"a\":1}\n", false, "a:int64");
}

/* The same through the contract of the format. */
static void test_contract(void **state)
{
    (void)state;
    cp_guess guess;
    uint8_t *memory = block_memory("{\"a\":1}\n{\"b\":", 13);
    assert_int_equal(
        cp_jsonl_format.infer(&(cp_format_options){0}, (cp_span){memory, 13}, false, &guess, NULL),
        CP_OK);
    free(memory);
    cp_schema *schema = guess.schema;
    assert_int_equal(guess.records, 1);
    assert_int_equal(schema->field_count, 1);
    assert_int_equal(schema->fields[0].type, CP_TYPE_INT64);
    assert_true(schema->inferred);
    cp_schema_free(schema);
}

static void test_a_fixed_number_of_records(void **state)
{
    (void)state;
    text sample = {0};
    for (int i = 0; i < CP_INFERENCE_RECORDS; i++)
        put(&sample, "{\"a\":%d}\n", i);
    put(&sample, "{\"a\":1.5,\"b\":1}\n");
    assert_guess(sample.bytes, true, "a:int64");
    memcpy(sample.bytes + sample.size - 26, "{\"a\":9.5}", 9);
    assert_guess(sample.bytes, true, "a:float64");
    text_free(&sample);
}

/* Blank lines are no records. */
static void test_blank_lines_do_not_count(void **state)
{
    (void)state;
    text sample = {0};
    for (int i = 0; i < CP_INFERENCE_RECORDS; i++)
        put(&sample, "\n");
    put(&sample, "{\"a\":1}\n");
    assert_guess(sample.bytes, true, "a:int64");
    text_free(&sample);
}

/* A number that no float64 holds is kept as its text. */
static void test_numbers_beyond_float64(void **state)
{
    (void)state;
    assert_guess("{\"v\":1e400}\n", true, "v:json");
    assert_guess("{\"v\":1.5}\n{\"v\":-1.5e999}\n", true, "v:json");
}

static void test_more_keys_than_fields(void **state)
{
    (void)state;
    text sample = {0};
    for (int i = 0; i < CP_SCHEMA_FIELDS_MAX + 10; i++)
        put(&sample, "%s\"k%d\":1", i ? "," : "{", i);
    put(&sample, "}\n{\"k0\":1.5,\"k1030\":1.5}\n");
    cp_schema *schema = infer(sample.bytes, sample.size, true);
    assert_int_equal(schema->field_count, CP_SCHEMA_FIELDS_MAX);
    assert_int_equal(schema->fields[0].type, CP_TYPE_FLOAT64);
    assert_int_equal(schema->fields[1].type, CP_TYPE_INT64);
    decoded out = decode_bytes(schema, sample.bytes, sample.size);
    assert_int_equal(out.accepted, 2);
    decoded_free(&out);
    cp_schema_free(schema);
    text_free(&sample);
}

static void put_random_value(text *out)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-17",
        "9223372036854775807",
        "9223372036854775808",
        "1.5",
        "-2e10",
        "1e308",
        "\"\"",
        "\"a\\n\"",
        "\"\xC3\xA9\"",
        "[]",
        "{\"a\":[1,2]}",
        "12345678901234567890123",
    };
    put(out, "%s", values[random_below(sizeof values / sizeof *values)]);
}

/* A schema that was made from records takes every one of them. */
static void test_the_sample_fits_the_guess(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        text sample = {0};
        int records = 1 + (int)random_below(20);
        for (int i = 0; i < records; i++) {
            const char *open = "{";
            for (int key = 0; key < 6; key++) {
                if (random_below(3) == 0)
                    continue;
                put(&sample, "%s\"k%d\":", open, key);
                put_random_value(&sample);
                open = ",";
            }
            put(&sample, "%s}\n", *open == '{' ? "{" : "");
        }
        cp_schema *schema = infer(sample.bytes, sample.size, true);
        decoded out = decode_bytes(schema, sample.bytes, sample.size);
        assert_string_equal(shown(&out.rejects), "");
        assert_int_equal(out.accepted, records);
        decoded_free(&out);
        cp_schema_free(schema);
        text_free(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_of_values),
        cmocka_unit_test(test_fields_in_the_order_met),
        cmocka_unit_test(test_keys_and_their_spellings),
        cmocka_unit_test(test_records_that_are_passed_over),
        cmocka_unit_test(test_where_the_sample_ends),
        cmocka_unit_test(test_contract),
        cmocka_unit_test(test_a_fixed_number_of_records),
        cmocka_unit_test(test_blank_lines_do_not_count),
        cmocka_unit_test(test_numbers_beyond_float64),
        cmocka_unit_test(test_more_keys_than_fields),
        cmocka_unit_test_setup(test_the_sample_fits_the_guess, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
