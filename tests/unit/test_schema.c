/* Schemas in memory: types, the built-in schema, setters, copies, refusals, and every allocation
 * failing once. The two modules are compiled in here, with an allocator that can be told to fail;
 * a sanitizer watches for what is not released then. */
/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>

static size_t allocations;
static size_t failing_allocation; /* counts from 1; 0: none fails */

static void *counted_calloc(size_t count, size_t size)
{
    return ++allocations == failing_allocation ? NULL : calloc(count, size);
}

static void *counted_realloc(void *memory, size_t size)
{
    return ++allocations == failing_allocation ? NULL : realloc(memory, size);
}

#define calloc  counted_calloc
#define realloc counted_realloc
#include "pipeline/core/names.c"
#include "pipeline/core/schema.c"
#undef calloc
#undef realloc

static void assert_span(cp_span span, const char *text)
{
    assert_int_equal(span.size, strlen(text));
    assert_memory_equal(span.data, text, span.size);
}

static cp_field *add(cp_schema *schema, const char *name, cp_type type)
{
    cp_field *field;
    assert_int_equal(cp_schema_add(schema, name, type, &field, NULL), CP_OK);
    return field;
}

static cp_schema *new_schema(void)
{
    cp_schema *schema = NULL;
    assert_int_equal(cp_schema_new("test", &schema, NULL), CP_OK);
    return schema;
}

static void type_names_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        cp_type type;
        cp_unit unit;
        size_t width;
    } rows[] = {
        {"bool", CP_TYPE_BOOL, CP_UNIT_S, 1},
        {"int8", CP_TYPE_INT8, CP_UNIT_S, 1},
        {"int64", CP_TYPE_INT64, CP_UNIT_S, 8},
        {"uint16", CP_TYPE_UINT16, CP_UNIT_S, 2},
        {"uint32", CP_TYPE_UINT32, CP_UNIT_S, 4},
        {"float32", CP_TYPE_FLOAT32, CP_UNIT_S, 4},
        {"float64", CP_TYPE_FLOAT64, CP_UNIT_S, 8},
        {"string", CP_TYPE_STRING, CP_UNIT_S, 16},
        {"enum", CP_TYPE_ENUM, CP_UNIT_S, 2},
        {"timestamp[s]", CP_TYPE_TIMESTAMP, CP_UNIT_S, 8},
        {"timestamp[ms]", CP_TYPE_TIMESTAMP, CP_UNIT_MS, 8},
        {"timestamp[us]", CP_TYPE_TIMESTAMP, CP_UNIT_US, 8},
        {"timestamp[ns]", CP_TYPE_TIMESTAMP, CP_UNIT_NS, 8},
        {"json", CP_TYPE_JSON, CP_UNIT_S, 16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cp_field field = {0};
        char name[CP_TYPE_NAME_BYTES];
        assert_true(cp_type_parse(cp_span_of(rows[i].name), &field.type, &field.unit));
        assert_int_equal(field.type, rows[i].type);
        assert_int_equal(field.unit, rows[i].unit);
        assert_string_equal(cp_type_name(&field, name), rows[i].name);
        assert_int_equal(cp_type_width(field.type), rows[i].width);
    }
}

static void other_names_are_no_types(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",          "int",          "Int8",
                                        "timestamp", "timestamp[us", "timestamp[us] ",
                                        "float",     "uint128",      "timestamp[m]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cp_type type;
        cp_unit unit;
        assert_false(cp_type_parse(cp_span_of(wrong[i]), &type, &unit));
    }
}

static void the_case_schema_is_the_designs(void **state)
{
    (void)state;
    static const struct {
        const char *name, *type;
        bool required;
    } rows[] = {
        {"id", "string", true},         {"title", "string", false},
        {"status", "enum", true},       {"timestamp", "timestamp[us]", false},
        {"sensor_id", "uint16", false}, {"value", "float64", false},
        {"unit", "string", false},      {"notes", "json", false},
    };
    static const char *const symbols[] = {"DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED",
                                          "CLOSED"};
    static const size_t layout[] = {3, 4, 5, 2};
    cp_schema *schema;
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    assert_string_equal(schema->name, "case");
    assert_int_equal(schema->field_count, 8);
    for (size_t i = 0; i < 8; i++) {
        const cp_field *field = &schema->fields[i];
        char type[CP_TYPE_NAME_BYTES];
        assert_string_equal(field->name, rows[i].name);
        assert_string_equal(cp_type_name(field, type), rows[i].type);
        assert_int_equal(field->required, rows[i].required);
        assert_true(field->wanted);
        assert_false(field->has_min || field->has_max || field->null_if_count || field->zone_utc);
        assert_int_equal(field->path_count, 1);
        assert_span(field->path[0], rows[i].name);
    }
    const cp_field *status = &schema->fields[2];
    assert_int_equal(status->symbol_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_span(status->symbols[i], symbols[i]);
        assert_int_equal(cp_names_find(status->symbol_codes, cp_span_of(symbols[i])), i);
    }
    assert_int_equal(schema->fields[3].encoding, CP_TIME_EPOCH_S);
    assert_string_equal(schema->layout, "<dHfB");
    assert_int_equal(schema->layout_field_count, 4);
    assert_memory_equal(schema->layout_fields, layout, sizeof layout);
    assert_false(schema->reject_unknown);
    assert_false(schema->inferred);
    assert_int_equal(schema->duplicates, CP_DUPLICATE_REJECT);
    cp_schema_free(schema);
}

static void fields_are_found_by_name(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        add(schema, name, CP_TYPE_INT8);
    }
    assert_int_equal(cp_schema_find(schema, cp_span_of("f0")), 0);
    assert_int_equal(cp_schema_find(schema, cp_span_of("f99")), 99);
    assert_true(cp_schema_find(schema, cp_span_of("f100")) == SIZE_MAX);
    assert_true(cp_schema_find(schema, cp_span_of("")) == SIZE_MAX);
    cp_schema_free(schema);
}

static void bad_fields_are_refused(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    cp_field *field;
    cp_error err = {0};
    add(schema, "id", CP_TYPE_STRING);
    assert_int_equal(cp_schema_add(schema, "id", CP_TYPE_INT8, &field, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "field \"id\" stands twice");
    add(schema, "", CP_TYPE_INT8); /* a name as good as any */
    assert_int_equal(cp_schema_add(schema, "", CP_TYPE_INT8, &field, &err), CP_E_CONFIG);
    for (int i = 2; i < CP_SCHEMA_FIELDS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        add(schema, name, CP_TYPE_INT8);
    }
    assert_int_equal(cp_schema_add(schema, "more", CP_TYPE_INT8, &field, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "more than 1024 fields");
    assert_int_equal(schema->field_count, CP_SCHEMA_FIELDS_MAX);
    cp_schema_free(schema);
}

/* A refused setter leaves the field as it was. */
static void bad_rules_are_refused(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    cp_error err = {0};
    cp_field *field = add(schema, "status", CP_TYPE_ENUM);
    cp_span good[] = {cp_span_of("A"), cp_span_of("B")};
    cp_span twice[] = {cp_span_of("A"), cp_span_of("B"), cp_span_of("A")};
    cp_span gap[] = {cp_span_of("reading"), cp_span_of("")};
    assert_int_equal(cp_field_set_symbols(field, good, 2, &err), CP_OK);
    assert_int_equal(cp_field_set_symbols(field, twice, 3, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "\"A\" stands twice");
    assert_int_equal(cp_field_set_symbols(field, good, 0, &err), CP_E_CONFIG);
    assert_int_equal(cp_field_set_symbols(field, good, CP_SYMBOLS_MAX + 1, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "65536 symbols, at most 65535 are possible");
    assert_int_equal(field->symbol_count, 2);
    assert_int_equal(cp_names_find(field->symbol_codes, cp_span_of("B")), 1);
    assert_int_equal(cp_field_set_path(field, gap, 2, &err), CP_E_CONFIG);
    assert_int_equal(cp_field_set_path(field, gap, 0, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "a path has no empty segment");
    assert_span(field->path[0], "status");
    cp_schema_free(schema);
}

static void bad_layouts_are_refused(void **state)
{
    (void)state;
    cp_schema *schema;
    cp_error err = {0};
    cp_span unknown[] = {cp_span_of("value"), cp_span_of("valeu")};
    cp_span twice[] = {cp_span_of("value"), cp_span_of("value")};
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    assert_int_equal(cp_schema_set_layout(schema, "dd", unknown, 2, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "layout field \"valeu\" is no field of the schema");
    assert_int_equal(cp_schema_set_layout(schema, "dd", twice, 2, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "layout field \"value\" stands twice");
    assert_string_equal(schema->layout, "<dHfB");
    cp_schema_free(schema);
}

/* Setters copy: what was handed in may change afterwards. */
static void setters_copy(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    char name[] = "value";
    char text[] = "reading";
    cp_field *field = add(schema, name, CP_TYPE_STRING);
    cp_span path[] = {cp_span_of(text), cp_span_of(name)};
    cp_literal literal = {.text = cp_span_of(text)};
    cp_literal empty = {.text = cp_span_of("")};
    assert_int_equal(cp_field_set_path(field, path, 2, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, literal, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, empty, NULL), CP_OK);
    memset(name, 'x', sizeof name - 1);
    memset(text, 'x', sizeof text - 1);
    assert_string_equal(field->name, "value");
    assert_int_equal(field->path_count, 2);
    assert_span(field->path[0], "reading");
    assert_span(field->path[1], "value");
    assert_int_equal(field->null_if_count, 2);
    assert_span(field->null_if[0].text, "reading");
    assert_span(field->null_if[1].text, "");
    assert_int_equal(cp_field_set_path(field, field->path, 1, NULL), CP_OK);
    assert_int_equal(field->path_count, 1);
    assert_span(field->path[0], "reading");
    cp_schema_free(schema);
}

/* A field with every kind of rule. */
static cp_rc add_full_field(cp_schema *schema, cp_field **out, cp_error *err)
{
    cp_span symbols[] = {cp_span_of("A"), cp_span_of("a symbol beyond sixteen bytes")};
    cp_span path[] = {cp_span_of("outer"), cp_span_of("inner")};
    cp_literal literal = {.text = cp_span_of("N/A")};
    cp_rc rc = cp_schema_add(schema, "full", CP_TYPE_ENUM, out, err);
    if (rc == CP_OK)
        rc = cp_field_set_symbols(*out, symbols, 2, err);
    if (rc == CP_OK)
        rc = cp_field_set_path(*out, path, 2, err);
    for (int i = 0; i < 10 && rc == CP_OK; i++)
        rc = cp_field_add_null_if(*out, literal, err);
    if (rc == CP_OK) {
        (*out)->required = true;
        (*out)->wanted = false;
        (*out)->has_min = true;
        (*out)->min.i = -5;
    }
    return rc;
}

static void copies_are_deep(void **state)
{
    (void)state;
    cp_schema *from = new_schema();
    cp_schema *to = new_schema();
    cp_field *field;
    cp_field *copy;
    assert_int_equal(add_full_field(from, &field, NULL), CP_OK);
    assert_int_equal(cp_schema_add_copy(to, field, NULL, &copy, NULL), CP_OK);
    assert_int_equal(cp_schema_add_copy(to, field, "renamed", &copy, NULL), CP_OK);
    cp_error err = {0};
    assert_int_equal(cp_schema_add_copy(to, field, "full", &copy, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "field \"full\" stands twice");
    cp_schema_free(from);
    assert_int_equal(to->field_count, 2);
    assert_string_equal(to->fields[0].name, "full");
    copy = &to->fields[1];
    assert_string_equal(copy->name, "renamed");
    assert_true(copy->required && !copy->wanted && copy->has_min && !copy->has_max);
    assert_int_equal(copy->min.i, -5);
    assert_int_equal(copy->null_if_count, 10);
    assert_span(copy->null_if[9].text, "N/A");
    assert_int_equal(copy->symbol_count, 2);
    assert_int_equal(cp_names_find(copy->symbol_codes, cp_span_of("a symbol beyond sixteen bytes")),
                     1);
    assert_int_equal(copy->path_count, 2);
    assert_span(copy->path[1], "inner");
    cp_schema_free(to);
}

/* A path that was only the old name becomes the new one. */
static void a_renamed_copy_moves_its_plain_path(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    cp_field *copy;
    add(schema, "mean", CP_TYPE_FLOAT64);
    cp_field from = schema->fields[0];
    assert_int_equal(cp_schema_add_copy(schema, &from, "average", &copy, NULL), CP_OK);
    assert_int_equal(copy->path_count, 1);
    assert_span(copy->path[0], "average");
    cp_schema_free(schema);
}

/* Everything the module can allocate for. */
static cp_rc build_all(cp_error *err)
{
    cp_schema *schema = NULL;
    cp_schema *other = NULL;
    cp_field *field;
    cp_field *copy;
    cp_rc rc = cp_schema_case(&schema, err);
    if (rc == CP_OK)
        rc = add_full_field(schema, &field, err);
    if (rc == CP_OK)
        rc = cp_schema_new("other", &other, err);
    if (rc == CP_OK)
        rc = cp_schema_add_copy(other, field, "copy", &copy, err);
    cp_schema_free(schema);
    cp_schema_free(other);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    allocations = 0;
    assert_int_equal(build_all(NULL), CP_OK);
    size_t total = allocations;
    assert_true(total > 50);
    for (size_t i = 1; i <= total; i++) {
        cp_error err = {0};
        allocations = 0;
        failing_allocation = i;
        cp_rc rc = build_all(&err);
        failing_allocation = 0;
        assert_int_equal(rc, CP_E_MEMORY);
        assert_int_equal(err.rc, CP_E_MEMORY);
        assert_int_equal(allocations, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(type_names_read_back),
        cmocka_unit_test(other_names_are_no_types),
        cmocka_unit_test(the_case_schema_is_the_designs),
        cmocka_unit_test(fields_are_found_by_name),
        cmocka_unit_test(bad_fields_are_refused),
        cmocka_unit_test(bad_rules_are_refused),
        cmocka_unit_test(bad_layouts_are_refused),
        cmocka_unit_test(setters_copy),
        cmocka_unit_test(copies_are_deep),
        cmocka_unit_test(a_renamed_copy_moves_its_plain_path),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
