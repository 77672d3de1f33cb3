/* The struct format: layouts and records of any bytes, kernels against the value-by-value path.
 *
 *   byte 0       row of the table of layouts; the last row reads its layout from the input
 *   last row     byte 1 is the layout's length, then its text, then one byte for each field: type
 *   other bytes  records */
#include "formats/records/layout.h"
#include "formats/records/struct_format.h"
#include "tests/fuzz/support.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 24, LAYOUT_MAX = 40 };

static const cp_span symbols[] = {
    {(const uint8_t *)"NEW", 3}, {(const uint8_t *)"OPEN", 4}, {(const uint8_t *)"a", 1}};

/* A layout and the types of its values. */
typedef struct layout_row {
    const char *layout;
    const char *types[8];
} layout_row;

static const layout_row rows[] = {
    {"<dHfB", {"timestamp[us]", "uint16", "float64", "enum"}},
    {">bhiq", {"int8", "int16", "int32", "int64"}},
    {"@BHIQ", {"uint8", "uint16", "uint32", "uint64"}},
    {"=efd", {"float32", "float32", "float32"}},
    {"!Qqd", {"int8", "uint64", "timestamp[ns]"}},
    {"<?c5s9s", {"bool", "string", "string", "enum"}},
    {">qIHd", {"timestamp[ns]", "timestamp[s]", "enum", "float64"}},
    {"<25s3x7s", {"timestamp[ms]", "enum"}},
    {"@hlL?", {"float32", "float64", "float64", "bool"}},
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static const char *const types[] = {
    "bool",   "int8",    "int16",   "int32",  "int64", "uint8",         "uint16",        "uint32",
    "uint64", "float32", "float64", "string", "enum",  "timestamp[us]", "timestamp[ns]", "json"};
enum { TYPE_COUNT = sizeof types / sizeof *types };

static void add_field(cp_schema *schema, const char *type_name, size_t number)
{
    cp_error err = {0};
    cp_type type;
    cp_unit unit = CP_UNIT_S;
    cp_field *field;
    char name[16];
    snprintf(name, sizeof name, "f%zu", number);
    CHECK(cp_type_parse(cp_span_of(type_name), &type, &unit));
    CHECK_OK(cp_schema_add(schema, name, type, &field, &err), &err);
    field->unit = unit;
    field->nan = (cp_nan_policy)(number % 3);
    field->encoding = number % 2 ? CP_TIME_EPOCH_MS : CP_TIME_EPOCH_S;
    field->required = number % 4 == 1;
    if (strcmp(type_name, "timestamp[ms]") == 0)
        field->encoding = CP_TIME_RFC3339;
    if (type == CP_TYPE_ENUM)
        CHECK_OK(cp_field_set_symbols(field, symbols, sizeof symbols / sizeof *symbols, &err),
                 &err);
}

static void set_layout(cp_schema *schema, const char *layout)
{
    cp_error err = {0};
    cp_span names[FIELDS_MAX];
    for (size_t i = 0; i < schema->field_count; i++)
        names[i] = cp_span_of(schema->fields[i].name);
    CHECK_OK(cp_schema_set_layout(schema, layout, names, schema->field_count, &err), &err);
}

static void schema_from_row(cp_schema *schema, const layout_row *row)
{
    for (size_t i = 0; i < 8 && row->types[i]; i++)
        add_field(schema, row->types[i], i);
    set_layout(schema, row->layout);
}

/* false where the text is no layout, or one of more values than we have names for. */
static bool schema_from_input(cp_schema *schema, const uint8_t **data, size_t *size)
{
    cp_error err = {0};
    char text[LAYOUT_MAX + 1] = "";
    size_t length = cp_fuzz_take(data, size) % (LAYOUT_MAX + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)cp_fuzz_take(data, size);
    cp_layout layout;
    cp_rc rc = cp_layout_parse(text, &layout, &err);
    if (rc) {
        CHECK(rc == CP_E_CONFIG && layout.value_count == 0);
        cp_fuzz_check_error(rc, &err);
        return false;
    }
    size_t count = layout.value_count, record_bytes = layout.record_bytes;
    cp_layout_close(&layout);
    CHECK(record_bytes > 0 && record_bytes <= CP_LAYOUT_RECORD_BYTES_MAX);
    if (count == 0 || count > FIELDS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        add_field(schema, types[cp_fuzz_take(data, size) % TYPE_COUNT], i);
    set_layout(schema, text);
    return true;
}

/* The plan, NULL where fields and layout do not fit. */
static cp_format *new_plan(const cp_schema *schema)
{
    cp_error err = {0};
    cp_format *plan;
    cp_format_options options = {.max_record_bytes = CP_LAYOUT_RECORD_BYTES_MAX};
    cp_rc rc = cp_struct_format.plan(schema, &options, &plan, &err);
    if (!rc)
        return plan;
    CHECK(rc == CP_E_CONFIG);
    cp_fuzz_check_error(rc, &err);
    return NULL;
}

/* The records with every other field unwanted. */
static cp_fuzz_result run_lean(cp_schema *schema, const cp_block *block)
{
    for (size_t i = 0; i < schema->field_count; i++)
        schema->fields[i].wanted = i % 2;
    cp_format *plan = new_plan(schema);
    CHECK(plan != NULL);
    cp_fuzz_result result = cp_fuzz_decode(plan, schema, block, CP_BATCH_ROWS);
    cp_struct_format.plan_close(plan);
    return result;
}

static void run_records(cp_schema *schema, cp_format *plan, const uint8_t *data, size_t size)
{
    cp_block block = cp_fuzz_block(data, size);
    cp_fuzz_result whole = cp_fuzz_decode(plan, schema, &block, CP_BATCH_ROWS);
    cp_fuzz_result pieces = cp_fuzz_decode(plan, schema, &block, 3);
    CHECK(cp_fuzz_same(&whole, &pieces));
    cp_struct_use_kernels(plan, false);
    cp_fuzz_result slow = cp_fuzz_decode(plan, schema, &block, CP_BATCH_ROWS);
    CHECK(cp_fuzz_same(&whole, &slow));
    uint64_t cuts = cp_fuzz_cuts(plan, block.bytes, size + 1, false);
    CHECK(cuts == cp_fuzz_cuts(plan, block.bytes, 5, true));
    cp_fuzz_result lean = run_lean(schema, &block);
    CHECK(cp_fuzz_same_verdicts(&whole, &lean));
    cp_block_release(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_error err = {0};
    cp_schema *schema;
    CHECK_OK(cp_schema_new("fuzz", &schema, &err), &err);
    size_t choice = cp_fuzz_take(&data, &size) % (ROW_COUNT + 1);
    bool ready = true;
    if (choice < ROW_COUNT)
        schema_from_row(schema, &rows[choice]);
    else
        ready = schema_from_input(schema, &data, &size);
    cp_format *plan = ready ? new_plan(schema) : NULL;
    CHECK(plan || choice == ROW_COUNT);
    if (plan) {
        run_records(schema, plan, data, size);
        cp_struct_format.plan_close(plan);
    }
    cp_schema_free(schema);
    return 0;
}
