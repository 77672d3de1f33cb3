/* Schemas in memory: the type table, and building, copying and freeing of fields.
 *
 * Every function that makes something makes it whole in a local first and only then puts it in
 * its place, so a failure leaves schema and field as they were. What a field owns is released by
 * field_clear alone. */
#include "pipeline/core/schema.h"

#include "pipeline/core/checked.h"

#include <stdio.h>

typedef struct type_row {
    const char *name;
    cp_type type;
    cp_unit unit; /* timestamps only */
} type_row;

static const type_row type_rows[] = {
    {"bool", CP_TYPE_BOOL, CP_UNIT_S},
    {"int8", CP_TYPE_INT8, CP_UNIT_S},
    {"int16", CP_TYPE_INT16, CP_UNIT_S},
    {"int32", CP_TYPE_INT32, CP_UNIT_S},
    {"int64", CP_TYPE_INT64, CP_UNIT_S},
    {"uint8", CP_TYPE_UINT8, CP_UNIT_S},
    {"uint16", CP_TYPE_UINT16, CP_UNIT_S},
    {"uint32", CP_TYPE_UINT32, CP_UNIT_S},
    {"uint64", CP_TYPE_UINT64, CP_UNIT_S},
    {"float32", CP_TYPE_FLOAT32, CP_UNIT_S},
    {"float64", CP_TYPE_FLOAT64, CP_UNIT_S},
    {"string", CP_TYPE_STRING, CP_UNIT_S},
    {"enum", CP_TYPE_ENUM, CP_UNIT_S},
    {"timestamp[s]", CP_TYPE_TIMESTAMP, CP_UNIT_S},
    {"timestamp[ms]", CP_TYPE_TIMESTAMP, CP_UNIT_MS},
    {"timestamp[us]", CP_TYPE_TIMESTAMP, CP_UNIT_US},
    {"timestamp[ns]", CP_TYPE_TIMESTAMP, CP_UNIT_NS},
    {"json", CP_TYPE_JSON, CP_UNIT_S},
};

static const uint8_t type_widths[] = {
    [CP_TYPE_BOOL] = 1,
    [CP_TYPE_INT8] = 1,
    [CP_TYPE_INT16] = 2,
    [CP_TYPE_INT32] = 4,
    [CP_TYPE_INT64] = 8,
    [CP_TYPE_UINT8] = 1,
    [CP_TYPE_UINT16] = 2,
    [CP_TYPE_UINT32] = 4,
    [CP_TYPE_UINT64] = 8,
    [CP_TYPE_FLOAT32] = sizeof(float),
    [CP_TYPE_FLOAT64] = sizeof(double),
    [CP_TYPE_STRING] = sizeof(cp_span),
    [CP_TYPE_ENUM] = sizeof(uint16_t),
    [CP_TYPE_TIMESTAMP] = sizeof(int64_t),
    [CP_TYPE_JSON] = sizeof(cp_span),
};

enum { TYPE_ROW_COUNT = sizeof type_rows / sizeof type_rows[0] };

size_t cp_type_width(cp_type type)
{
    return type_widths[type];
}

const char *cp_type_name(const cp_field *field, char out[CP_TYPE_NAME_BYTES])
{
    const char *name = "";
    for (size_t i = 0; i < TYPE_ROW_COUNT; i++) {
        const type_row *row = &type_rows[i];
        if (row->type == field->type &&
            (row->type != CP_TYPE_TIMESTAMP || row->unit == field->unit))
            name = row->name;
    }
    snprintf(out, CP_TYPE_NAME_BYTES, "%s", name);
    return out;
}

bool cp_type_parse(cp_span text, cp_type *type, cp_unit *unit)
{
    for (size_t i = 0; i < TYPE_ROW_COUNT; i++) {
        if (cp_span_equal(text, cp_span_of(type_rows[i].name))) {
            *type = type_rows[i].type;
            *unit = type_rows[i].unit;
            return true;
        }
    }
    return false;
}

/* `text` as a string of its own at *out, which the caller frees. */
static cp_rc copy_string(const char *text, char **out, cp_error *err)
{
    size_t size = strlen(text) + 1;
    cp_rc rc = cp_calloc(size, 1, out, err);
    if (rc == CP_OK)
        memcpy(*out, text, size);
    return rc;
}

/* The spans and, behind them in the same allocation, their bytes; freed by free(*out). */
static cp_rc copy_spans(const cp_span *from, size_t count, cp_span **out, cp_error *err)
{
    size_t bytes;
    bool fits = cp_mul_size(count, sizeof *from, &bytes);
    for (size_t i = 0; i < count && fits; i++)
        fits = cp_add_size(bytes, from[i].size, &bytes);
    if (!fits)
        return cp_fail_memory(err, SIZE_MAX);
    cp_span *spans = NULL;
    cp_rc rc = cp_calloc(1, bytes, &spans, err);
    if (!spans)
        return rc;
    uint8_t *text = (uint8_t *)(spans + count);
    for (size_t i = 0; i < count; i++) {
        if (from[i].size)
            memcpy(text, from[i].data, from[i].size);
        spans[i] = (cp_span){text, from[i].size};
        text += from[i].size;
    }
    *out = spans;
    return CP_OK;
}

/* Releases all that a field owns and leaves it zeroed. */
static void field_clear(cp_field *field)
{
    for (size_t i = 0; i < field->null_if_count; i++)
        free((void *)(uintptr_t)field->null_if[i].text.data);
    free(field->null_if);
    free(field->symbols);
    cp_names_free(field->symbol_codes);
    free(field->path);
    free(field->name);
    *field = (cp_field){0};
}

/* A nullable, wanted field at path {name}. On failure nothing is left to release. */
static cp_rc field_open(cp_field *field, const char *name, cp_type type, cp_error *err)
{
    *field = (cp_field){.type = type, .wanted = true};
    cp_rc rc = copy_string(name, &field->name, err);
    cp_span path = cp_span_of(name);
    if (rc == CP_OK)
        rc = copy_spans(&path, 1, &field->path, err);
    if (rc) {
        field_clear(field);
        return rc;
    }
    field->path_count = 1;
    return CP_OK;
}

cp_rc cp_field_set_symbols(cp_field *field, const cp_span *symbols, size_t count, cp_error *err)
{
    if (count == 0)
        return cp_fail(err, CP_E_CONFIG, "bad_schema", "an enum needs at least one symbol");
    if (count > CP_SYMBOLS_MAX)
        return cp_fail(err, CP_E_CONFIG, "bad_schema", "%zu symbols, at most %d are possible",
                       count, CP_SYMBOLS_MAX);
    cp_names *codes = NULL;
    cp_rc rc = cp_names_build(symbols, count, &codes, err);
    if (rc)
        return rc;
    cp_span *copy = NULL;
    rc = copy_spans(symbols, count, &copy, err);
    if (rc) {
        cp_names_free(codes);
        return rc;
    }
    cp_names_free(field->symbol_codes);
    free(field->symbols);
    field->symbol_codes = codes;
    field->symbols = copy;
    field->symbol_count = count;
    return CP_OK;
}

cp_rc cp_field_set_path(cp_field *field, const cp_span *path, size_t count, cp_error *err)
{
    bool empty = count == 0;
    for (size_t i = 0; i < count; i++)
        empty = empty || path[i].size == 0;
    if (empty)
        return cp_fail(err, CP_E_CONFIG, "bad_schema", "a path has no empty segment");
    cp_span *copy = NULL;
    cp_rc rc = copy_spans(path, count, &copy, err);
    if (rc)
        return rc;
    free(field->path);
    field->path = copy;
    field->path_count = count;
    return CP_OK;
}

cp_rc cp_field_add_null_if(cp_field *field, cp_literal value, cp_error *err)
{
    size_t capacity = field->null_if_count;
    cp_rc rc = cp_grow(&field->null_if, &capacity, field->null_if_count + 1, sizeof value, err);
    if (rc)
        return rc;
    if (value.text.data) {
        uint8_t *copy = NULL;
        rc = cp_calloc(value.text.size, 1, &copy, err);
        if (rc)
            return rc;
        memcpy(copy, value.text.data, value.text.size);
        value.text.data = copy;
    }
    field->null_if[field->null_if_count++] = value;
    return CP_OK;
}

cp_rc cp_schema_new(const char *name, cp_schema **out, cp_error *err)
{
    cp_schema *schema;
    cp_rc rc = cp_calloc(1, sizeof *schema, &schema, err);
    if (rc)
        return rc;
    rc = copy_string(name, &schema->name, err);
    if (rc) {
        cp_schema_free(schema);
        return rc;
    }
    *out = schema;
    return CP_OK;
}

void cp_schema_free(cp_schema *schema)
{
    if (!schema)
        return;
    for (size_t i = 0; i < schema->field_count; i++)
        field_clear(&schema->fields[i]);
    free(schema->fields);
    free(schema->layout);
    free(schema->layout_fields);
    free(schema->name);
    free(schema);
}

size_t cp_schema_find(const cp_schema *schema, cp_span name)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (cp_span_equal(cp_span_of(schema->fields[i].name), name))
            return i;
    return SIZE_MAX;
}

/* Whether there is room for one more field and it may be called `name`. */
static cp_rc check_new_field(const cp_schema *schema, const char *name, cp_error *err)
{
    if (schema->field_count >= CP_SCHEMA_FIELDS_MAX)
        return cp_fail(err, CP_E_CONFIG, "bad_schema", "more than %d fields", CP_SCHEMA_FIELDS_MAX);
    if (cp_schema_find(schema, cp_span_of(name)) != SIZE_MAX)
        return cp_fail(err, CP_E_CONFIG, "duplicate_name", "field \"%.*s\" stands twice",
                       CP_VALUE_CUT_BYTES, name);
    return CP_OK;
}

/* Moves `field` onto the schema's end; on failure it is released. */
static cp_rc append(cp_schema *schema, cp_field *field, cp_field **out, cp_error *err)
{
    cp_rc rc = cp_grow(&schema->fields, &schema->field_capacity, schema->field_count + 1,
                       sizeof *field, err);
    if (rc) {
        field_clear(field);
        return rc;
    }
    schema->fields[schema->field_count] = *field;
    *out = &schema->fields[schema->field_count++];
    return CP_OK;
}

cp_rc cp_schema_add(cp_schema *schema, const char *name, cp_type type, cp_field **out,
                    cp_error *err)
{
    cp_field field;
    cp_rc rc = check_new_field(schema, name, err);
    if (rc == CP_OK)
        rc = field_open(&field, name, type, err);
    if (rc == CP_OK)
        rc = append(schema, &field, out, err);
    return rc;
}

/* Everything of `from` but its name onto a field just opened; a path that is only the name is not
 * taken either. */
static cp_rc copy_rules(cp_field *to, const cp_field *from, cp_error *err)
{
    cp_field opened = *to;
    *to = *from;
    to->name = opened.name;
    to->path = opened.path;
    to->path_count = opened.path_count;
    to->null_if = NULL;
    to->null_if_count = 0;
    to->symbols = NULL;
    to->symbol_count = 0;
    to->symbol_codes = NULL;
    cp_rc rc = CP_OK;
    for (size_t i = 0; i < from->null_if_count && rc == CP_OK; i++)
        rc = cp_field_add_null_if(to, from->null_if[i], err);
    if (rc == CP_OK && from->symbol_count)
        rc = cp_field_set_symbols(to, from->symbols, from->symbol_count, err);
    bool own_path = from->path_count != 1 || !cp_span_equal(from->path[0], cp_span_of(from->name));
    if (rc == CP_OK && own_path)
        rc = cp_field_set_path(to, from->path, from->path_count, err);
    return rc;
}

cp_rc cp_schema_add_copy(cp_schema *schema, const cp_field *field, const char *name, cp_field **out,
                         cp_error *err)
{
    const char *called = name ? name : field->name;
    cp_field copy;
    cp_rc rc = check_new_field(schema, called, err);
    if (rc == CP_OK)
        rc = field_open(&copy, called, field->type, err);
    if (rc)
        return rc;
    rc = copy_rules(&copy, field, err);
    if (rc) {
        field_clear(&copy);
        return rc;
    }
    return append(schema, &copy, out, err);
}

cp_rc cp_schema_project(const cp_schema *from, const size_t *fields, size_t count, cp_schema **out,
                        cp_error *err)
{
    cp_schema *schema;
    cp_rc rc = cp_schema_new(from->name, &schema, err);
    if (rc)
        return rc;
    schema->reject_unknown = from->reject_unknown;
    schema->duplicates = from->duplicates;
    schema->inferred = from->inferred;
    for (size_t i = 0; !rc && i < count; i++) {
        cp_field *field;
        rc = cp_schema_add_copy(schema, &from->fields[fields[i]], NULL, &field, err);
    }
    if (rc)
        cp_schema_free(schema);
    else
        *out = schema;
    return rc;
}

/* The fields' numbers into `numbers`; each name is a field and none stands twice. */
static cp_rc resolve(const cp_schema *schema, const cp_span *names, size_t count, size_t *numbers,
                     cp_error *err)
{
    bool taken[CP_SCHEMA_FIELDS_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        numbers[i] = cp_schema_find(schema, names[i]);
        bool known = numbers[i] != SIZE_MAX;
        if (!known || taken[numbers[i]]) {
            size_t shown = names[i].size < CP_VALUE_CUT_BYTES ? names[i].size : CP_VALUE_CUT_BYTES;
            return cp_fail(err, CP_E_CONFIG, known ? "duplicate_name" : "unknown_field",
                           known ? "layout field \"%.*s\" stands twice"
                                 : "layout field \"%.*s\" is no field of the schema",
                           (int)shown, (const char *)names[i].data);
        }
        taken[numbers[i]] = true;
    }
    return CP_OK;
}

cp_rc cp_schema_set_layout(cp_schema *schema, const char *layout, const cp_span *names,
                           size_t count, cp_error *err)
{
    size_t *numbers = NULL;
    char *copy = NULL;
    cp_rc rc = cp_calloc(count, sizeof *numbers, &numbers, err);
    if (rc)
        return rc;
    rc = resolve(schema, names, count, numbers, err);
    if (rc == CP_OK)
        rc = copy_string(layout, &copy, err);
    if (rc) {
        free(numbers);
        return rc;
    }
    free(schema->layout);
    free(schema->layout_fields);
    schema->layout = copy;
    schema->layout_fields = numbers;
    schema->layout_field_count = count;
    return CP_OK;
}

typedef struct case_row {
    const char *name;
    cp_type type;
    bool required;
} case_row;

static const case_row case_rows[] = {
    {"id", CP_TYPE_STRING, true},         {"title", CP_TYPE_STRING, false},
    {"status", CP_TYPE_ENUM, true},       {"timestamp", CP_TYPE_TIMESTAMP, false},
    {"sensor_id", CP_TYPE_UINT16, false}, {"value", CP_TYPE_FLOAT64, false},
    {"unit", CP_TYPE_STRING, false},      {"notes", CP_TYPE_JSON, false},
};
static const char *const case_symbols[] = {"DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED",
                                           "CLOSED"};
static const char *const case_layout[] = {"timestamp", "sensor_id", "value", "status"};

enum {
    CASE_ROW_COUNT = sizeof case_rows / sizeof case_rows[0],
    CASE_SYMBOL_COUNT = sizeof case_symbols / sizeof case_symbols[0],
    CASE_LAYOUT_COUNT = sizeof case_layout / sizeof case_layout[0],
};

static cp_rc add_case_field(cp_schema *schema, const case_row *row, cp_error *err)
{
    cp_field *field;
    cp_rc rc = cp_schema_add(schema, row->name, row->type, &field, err);
    if (rc)
        return rc;
    field->required = row->required;
    if (row->type == CP_TYPE_TIMESTAMP) {
        field->unit = CP_UNIT_US;
        field->encoding = CP_TIME_EPOCH_S;
    }
    if (row->type != CP_TYPE_ENUM)
        return CP_OK;
    cp_span symbols[CASE_SYMBOL_COUNT];
    for (size_t i = 0; i < CASE_SYMBOL_COUNT; i++)
        symbols[i] = cp_span_of(case_symbols[i]);
    return cp_field_set_symbols(field, symbols, CASE_SYMBOL_COUNT, err);
}

cp_rc cp_schema_case(cp_schema **out, cp_error *err)
{
    cp_schema *schema;
    cp_rc rc = cp_schema_new("case", &schema, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < CASE_ROW_COUNT && rc == CP_OK; i++)
        rc = add_case_field(schema, &case_rows[i], err);
    cp_span layout[CASE_LAYOUT_COUNT];
    for (size_t i = 0; i < CASE_LAYOUT_COUNT; i++)
        layout[i] = cp_span_of(case_layout[i]);
    if (rc == CP_OK)
        rc = cp_schema_set_layout(schema, "<dHfB", layout, CASE_LAYOUT_COUNT, err);
    if (rc) {
        cp_schema_free(schema);
        return rc;
    }
    *out = schema;
    return CP_OK;
}

static void clear_path(cp_field *field)
{
    free(field->path);
    field->path = NULL;
    field->path_count = 0;
}

cp_rc cp_schema_verbatim(cp_schema **out, cp_error *err)
{
    cp_schema *schema;
    cp_field *field;
    cp_rc rc = cp_schema_new("verbatim", &schema, err);
    if (rc)
        return rc;
    rc = cp_schema_add(schema, "record", CP_TYPE_JSON, &field, err);
    if (rc) {
        cp_schema_free(schema);
        return rc;
    }
    clear_path(field);
    *out = schema;
    return CP_OK;
}

bool cp_schema_is_verbatim(const cp_schema *schema)
{
    return schema->field_count == 1 && schema->fields[0].path_count == 0;
}
