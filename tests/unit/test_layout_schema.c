/* pipeline/cli/layout_schema.h: types from codes, names from --fields, layouts on top of a schema.
 */
#include "pipeline/cli/layout_schema.h"
#include "tests/unit/support.h"

/* "a:float64 b:uint16 | 1 0": the fields, and what the layout's values are. */
static text described(const cp_schema *schema)
{
    text out = {0};
    for (size_t i = 0; i < schema->field_count; i++) {
        char type[CP_TYPE_NAME_BYTES];
        put(&out, "%s:%s ", schema->fields[i].name, cp_type_name(&schema->fields[i], type));
    }
    put(&out, "|");
    for (size_t i = 0; i < schema->layout_field_count; i++)
        put(&out, " %zu", schema->layout_fields[i]);
    return out;
}

static void assert_schema(cp_schema *schema, const char *layout, const char *fields,
                          const char *wanted)
{
    cp_error err = {0};
    if (cp_layout_schema(layout, fields, &schema, &err) != CP_OK)
        fail_msg("%s %s: %s", layout, fields ? fields : "", err.message);
    text got = described(schema);
    assert_string_equal(got.bytes, wanted);
    assert_string_equal(schema->layout, layout);
    text_free(&got);
    cp_schema_free(schema);
}

static void assert_refused(cp_schema *schema, const char *layout, const char *fields, cp_rc rc,
                           const char *part)
{
    cp_error err = {0};
    assert_int_equal(cp_layout_schema(layout, fields, &schema, &err), rc);
    assert_int_equal(err.rc, rc);
    if (!strstr(err.message, part))
        fail_msg("%s says nothing of %s", err.message, part);
    cp_schema_free(schema);
}

static void test_types_of_codes(void **state)
{
    (void)state;
    assert_schema(NULL, "<dHfB", "timestamp,sensor_id,value,status",
                  "timestamp:float64 sensor_id:uint16 value:float32 status:uint8 | 0 1 2 3");
    assert_schema(NULL, "<bhilq", "a,b,c,d,e",
                  "a:int8 b:int16 c:int32 d:int32 e:int64 | 0 1 2 3 4");
    assert_schema(NULL, ">BHILQ", "a,b,c,d,e",
                  "a:uint8 b:uint16 c:uint32 d:uint32 e:uint64 | 0 1 2 3 4");
    assert_schema(NULL, "@lL", "a,b", "a:int64 b:uint64 | 0 1");
    assert_schema(NULL, "!c5s?e", "a,b,c,d", "a:string b:string c:bool d:float32 | 0 1 2 3");
    assert_schema(NULL, "<3xH2xB", "a,b", "a:uint16 b:uint8 | 0 1");
    assert_schema(NULL, "<2H", "a,b", "a:uint16 b:uint16 | 0 1");
    assert_schema(NULL, "<H", "one name", "one name:uint16 | 0");
}

static void test_on_top_of_a_schema(void **state)
{
    (void)state;
    assert_schema(schema_of("a:int8 b:string c:float64"), "<db", "c,a",
                  "a:int8 b:string c:float64 | 2 0");
    cp_schema *schema;
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    text whole = described(schema);
    assert_schema(schema, ">dHfB", NULL, whole.bytes);
    text_free(&whole);
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    assert_refused(NULL, "<dH", NULL, CP_E_USAGE, "--fields");
    assert_refused(NULL, "<dH", "a", CP_E_USAGE, "2 values, --fields 1 names");
    assert_refused(NULL, "<dH", "a,b,c", CP_E_USAGE, "2 values, --fields 3 names");
    assert_refused(NULL, "<dH", "", CP_E_USAGE, "empty name");
    assert_refused(NULL, "<dH", "a,", CP_E_USAGE, "empty name");
    assert_refused(NULL, "<dH", ",b", CP_E_USAGE, "empty name");
    assert_refused(NULL, "<dHd", "a,,b", CP_E_USAGE, "empty name");
    assert_refused(NULL, "<dH", "a,a", CP_E_CONFIG, "\"a\"");
    assert_refused(schema_of("a:int8"), "<b", "b", CP_E_CONFIG, "\"b\"");
    assert_refused(schema_of("a:int8"), "<bb", "a,a", CP_E_CONFIG, "\"a\"");
    assert_refused(schema_of("a:int8"), "<b", NULL, CP_E_USAGE, "layout_fields");
}

static void test_layouts_that_are_none(void **state)
{
    (void)state;
    static const char *const layouts[] = {"<z", "<dH!", "3", "<99999999999999999999s"};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        cp_schema *schema = NULL;
        cp_error err = {0};
        assert_true(cp_failed(cp_layout_schema(layouts[i], "a,b", &schema, &err)));
        assert_true(err.message[0] != '\0');
        cp_schema_free(schema);
    }
}

static void test_long_names(void **state)
{
    (void)state;
    char name[301];
    memset(name, 'n', 300);
    name[300] = '\0';
    assert_refused(NULL, "<H", name, CP_E_USAGE, "300 bytes");
    name[255] = '\0';
    text wanted = {0};
    put(&wanted, "%s:uint16 | 0", name);
    assert_schema(NULL, "<H", name, wanted.bytes);
    text_free(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_of_codes),    cmocka_unit_test(test_on_top_of_a_schema),
        cmocka_unit_test(test_what_does_not_fit), cmocka_unit_test(test_layouts_that_are_none),
        cmocka_unit_test(test_long_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
