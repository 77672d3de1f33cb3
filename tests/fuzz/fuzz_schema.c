/* Schema files of any bytes: a schema that holds together, or an error that says what is wrong. */
#include "formats/registry.h"
#include "pipeline/config/schema_file.h"
#include "tests/fuzz/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static cp_rc read_schema(const uint8_t *data, size_t size, cp_schema **out, cp_error *err)
{
    char path[64];
    int fd = memfd_create("schema", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    cp_rc rc = cp_schema_from_yaml(path, out, err);
    close(fd);
    return rc;
}

static void check_field(const cp_schema *schema, size_t i)
{
    const cp_field *field = &schema->fields[i];
    char type[CP_TYPE_NAME_BYTES];
    cp_type parsed;
    cp_unit unit = field->unit;
    CHECK(field->name[0] != '\0' && cp_schema_find(schema, cp_span_of(field->name)) == i);
    CHECK(cp_type_parse(cp_span_of(cp_type_name(field, type)), &parsed, &unit));
    CHECK(parsed == field->type && unit == field->unit);
    CHECK(field->path_count > 0);
    CHECK((field->type == CP_TYPE_ENUM) == (field->symbol_count > 0));
    for (size_t k = 0; k < field->symbol_count; k++)
        CHECK(cp_names_find(field->symbol_codes, field->symbols[k]) == (int32_t)k);
}

static void check_schema(const cp_schema *schema)
{
    CHECK(schema->field_count > 0 && schema->field_count <= CP_SCHEMA_FIELDS_MAX);
    for (size_t i = 0; i < schema->field_count; i++)
        check_field(schema, i);
    for (size_t i = 0; i < schema->layout_field_count; i++)
        CHECK(schema->layout_fields[i] < schema->field_count);
}

/* Each format takes the schema, or says why not. */
static void check_plans(const cp_schema *schema)
{
    static const uint8_t record[] = "{\"id\":\"a\",\"v\":1.5,\"t\":\"2026-01-01T00:00:00Z\"}\n";
    cp_format_options options = {.max_record_bytes = 1 << 20};
    for (size_t i = 0; cp_formats[i]; i++) {
        cp_error err = {0};
        cp_format *plan;
        cp_rc rc = cp_formats[i]->plan(schema, &options, &plan, &err);
        if (rc) {
            CHECK(rc == CP_E_CONFIG);
            cp_fuzz_check_error(rc, &err);
            continue;
        }
        cp_block block = cp_fuzz_block(record, sizeof record - 1);
        if (cp_fuzz_open(plan, &block) == CP_OK) /* no header, to CSV */
            cp_fuzz_decode(plan, schema, &block, 16);
        cp_block_release(&block);
        cp_formats[i]->plan_close(plan);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_error err = {0};
    cp_schema *schema;
    cp_rc rc = read_schema(data, size, &schema, &err);
    if (rc) {
        CHECK(rc == CP_E_CONFIG || rc == CP_E_MEMORY);
        cp_fuzz_check_error(rc, &err);
        CHECK(rc != CP_E_CONFIG || err.input[0] != '\0');
        return 0;
    }
    check_schema(schema);
    check_plans(schema);
    cp_schema_free(schema);
    return 0;
}
