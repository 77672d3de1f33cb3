/* pipeline/cli/roles.h: which fields a report takes, what counts as a time, and what is said of
 * fields that do not fit. */
#include "pipeline/cli/roles.h"
#include "tests/unit/support.h"

static const cp_roles plain = {"status", "sensor_id", "value", "timestamp", NULL};

static void assert_fails(cp_rc rc, const cp_error *err, const char *reason, const char *part)
{
    assert_int_equal(rc, CP_E_USAGE);
    assert_string_equal(err->reason, reason);
    if (!strstr(err->message, part))
        fail_msg("%s says nothing of %s", err->message, part);
}

static void assert_types(const cp_schema *schema, const char *wanted)
{
    text out = {0};
    for (size_t i = 0; i < schema->field_count; i++) {
        char type[CP_TYPE_NAME_BYTES];
        put_bytes(&out, " ", i > 0);
        put(&out, "%s:%s", schema->fields[i].name, cp_type_name(&schema->fields[i], type));
    }
    assert_string_equal(shown(&out), wanted);
    text_free(&out);
}

/* ---- a schema that was given ---- */

static void assert_checked(const char *description, const char *wanted, cp_time_encoding encoding)
{
    cp_schema *schema = schema_of(description);
    cp_error err = {0};
    if (cp_roles_check(&plain, schema, &err) != CP_OK)
        fail_msg("%s: %s", description, err.message);
    assert_types(schema, wanted);
    assert_int_equal(field_of(schema, "timestamp")->encoding, encoding);
    cp_schema_free(schema);
}

static void test_times_of_a_given_schema(void **state)
{
    (void)state;
    assert_checked("status:enum sensor_id:uint16 value:float64 timestamp:timestamp[ns] x:json",
                   "status:enum sensor_id:uint16 value:float64 timestamp:timestamp[ns] x:json",
                   CP_TIME_EPOCH_S);
    assert_checked("timestamp:float64 value:int8 sensor_id:string status:bool",
                   "timestamp:timestamp[us] value:int8 sensor_id:string status:bool",
                   CP_TIME_EPOCH_S);
    assert_checked("timestamp:uint32 value:uint64 sensor_id:int8 status:json",
                   "timestamp:timestamp[us] value:uint64 sensor_id:int8 status:json",
                   CP_TIME_EPOCH_S);
    assert_checked("timestamp:string value:float32 sensor_id:int8 status:string",
                   "timestamp:timestamp[us] value:float32 sensor_id:int8 status:string",
                   CP_TIME_RFC3339);
}

static void test_rules_of_a_time(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("status:enum sensor_id:int8 value:int8 timestamp:float64");
    cp_field *time = field_of(schema, "timestamp");
    time->has_min = time->has_max = true;
    time->min.f = -1.5;
    time->max.f = 2e9;
    assert_int_equal(cp_field_add_null_if(time, (cp_literal){.f = 0.25}, NULL), CP_OK);
    assert_int_equal(cp_roles_check(&plain, schema, NULL), CP_OK);
    assert_int_equal(time->min.i, -1500000);
    assert_int_equal(time->max.i, INT64_C(2000000000000000));
    assert_int_equal(time->null_if[0].i, 250000);
    cp_schema_free(schema);
}

static void test_rules_that_are_no_times(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("status:enum sensor_id:int8 value:int8 timestamp:float64");
    cp_field *time = field_of(schema, "timestamp");
    cp_error err = {0};
    time->has_max = true;
    time->max.f = 1e300;
    assert_fails(cp_roles_check(&plain, schema, &err), &err, "not_a_time", "\"timestamp\"");
    cp_schema_free(schema);
    schema = schema_of("status:enum sensor_id:int8 value:int8 timestamp:string");
    time = field_of(schema, "timestamp");
    assert_int_equal(cp_field_add_null_if(time, (cp_literal){.text = cp_span_of("none")}, NULL),
                     CP_OK);
    assert_fails(cp_roles_check(&plain, schema, &err), &err, "not_a_time", "null_if");
    cp_schema_free(schema);
}

/* Beyond int64 there are no seconds; they must not come out negative. */
static void test_rules_beyond_int64(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("status:enum sensor_id:int8 value:int8 timestamp:uint64");
    cp_field *time = field_of(schema, "timestamp");
    cp_error err = {0};
    time->has_max = true;
    time->max.u = UINT64_MAX;
    assert_fails(cp_roles_check(&plain, schema, &err), &err, "not_a_time", "\"timestamp\"");
    cp_schema_free(schema);
}

static void test_fields_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *description, *reason, *part;
    } rows[] = {
        {"sensor_id:int8 value:int8 timestamp:int64", "no_such_field", "--status"},
        {"status:enum value:int8 timestamp:int64", "no_such_field", "--by"},
        {"status:enum sensor_id:int8 timestamp:int64", "no_such_field", "--value"},
        {"status:enum sensor_id:int8 value:int8", "no_such_field", "--time"},
        {"status:enum sensor_id:int8 value:string timestamp:int64", "not_a_number", "string"},
        {"status:enum sensor_id:int8 value:bool timestamp:int64", "not_a_number", "bool"},
        {"status:enum sensor_id:int8 value:int8 timestamp:bool", "not_a_time", "bool"},
        {"status:enum sensor_id:int8 value:int8 timestamp:json", "not_a_time", "json"},
        {"status:enum sensor_id:int8 value:int8 timestamp:enum", "not_a_time", "enum"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_schema *schema = schema_of(rows[i].description);
        cp_error err = {0};
        cp_rc rc = cp_roles_check(&plain, schema, &err);
        assert_fails(rc, &err, rows[i].reason, rows[i].part);
        cp_schema_free(schema);
    }
}

/* ---- a schema that was guessed ---- */

static cp_schema *adapt(const cp_roles *roles, const char *description, cp_error *err)
{
    cp_roles copy = *roles;
    cp_schema *inferred = schema_of(description), *out = NULL;
    inferred->inferred = true;
    cp_rc rc = cp_roles_adapt(&copy, inferred, &out, err);
    assert_true((rc == CP_OK) == (out != NULL));
    return out;
}

static void assert_adapted(const cp_roles *roles, const char *description, const char *wanted)
{
    cp_error err = {0};
    cp_schema *schema = adapt(roles, description, &err);
    if (!schema)
        fail_msg("%s: %s", description, err.message);
    assert_types(schema, wanted);
    assert_true(schema->inferred);
    cp_schema_free(schema);
}

static void test_the_four_fields_alone(void **state)
{
    (void)state;
    static const cp_roles others = {"s", "s", "n", "t", NULL};
    assert_adapted(&plain,
                   "id:string timestamp:float64 value:float64 x:json status:string sensor_id:int64",
                   "status:string sensor_id:int64 value:float64 timestamp:timestamp[us]");
    assert_adapted(&plain, "timestamp:string value:int64 status:bool sensor_id:json",
                   "status:bool sensor_id:json value:float64 timestamp:timestamp[us]");
    assert_adapted(&plain, "timestamp:json value:json status:json sensor_id:json",
                   "status:json sensor_id:json value:float64 timestamp:timestamp[us]");
    assert_adapted(&others, "s:string n:float64 t:int64", "s:string n:float64 t:timestamp[us]");
}

/* An input without a single record has no fields, and is no error. */
static void test_nothing_to_guess_from(void **state)
{
    (void)state;
    assert_adapted(&plain, "",
                   "status:string sensor_id:string value:float64 timestamp:timestamp[us]");
}

static void test_guesses_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *description, *reason, *part;
    } rows[] = {
        {"sensor_id:int64 value:int64 timestamp:int64", "no_such_field", "--status"},
        {"status:string", "no_such_field", "--by"},
        {"status:string sensor_id:int64 value:string timestamp:int64", "not_a_number", "string"},
        {"status:string sensor_id:int64 value:int64 timestamp:bool", "not_a_time", "bool"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_error err = {0};
        assert_null(adapt(&plain, rows[i].description, &err));
        assert_fails(err.rc, &err, rows[i].reason, rows[i].part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_of_a_given_schema),
        cmocka_unit_test(test_rules_of_a_time),
        cmocka_unit_test(test_rules_that_are_no_times),
        cmocka_unit_test(test_rules_beyond_int64),
        cmocka_unit_test(test_fields_that_do_not_fit),
        cmocka_unit_test(test_the_four_fields_alone),
        cmocka_unit_test(test_nothing_to_guess_from),
        cmocka_unit_test(test_guesses_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
