/* Schema files: what the fixtures say, and for every rule of a schema file one small file that
 * breaks it, with the line, the key and the words of the error. */

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include "pipeline/config/schema_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char scratch[64]; /* a folder of our own */

static int make_scratch(void **state)
{
    (void)state;
    snprintf(scratch, sizeof scratch, "/tmp/test_schema_file.XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

static int remove_scratch(void **state)
{
    (void)state;
    return rmdir(scratch);
}

/* Reads `size` bytes as a schema file; `path` receives the name that it had. */
static cp_rc read_bytes(const void *bytes, size_t size, char path[96], cp_schema **out,
                        cp_error *err)
{
    snprintf(path, 96, "%s/schema.yaml", scratch);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    cp_rc rc = cp_schema_from_yaml(path, out, err);
    assert_int_equal(unlink(path), 0);
    return rc;
}

typedef struct refusal {
    const char *yaml;
    uint64_t line;
    const char *key;
    const char *words; /* stand somewhere in the message */
} refusal;

static void assert_refused(const refusal *row, cp_rc rc, const char *path, const cp_error *err)
{
    if (rc != CP_E_CONFIG || err->line != row->line || strcmp(err->field, row->key) != 0 ||
        !strstr(err->message, row->words)) {
        print_error("%s\n-> rc %d, line %llu, key \"%s\": %s\n", row->yaml, rc,
                    (unsigned long long)err->line, err->field, err->message);
        print_error("expected line %llu, key \"%s\": %s\n", (unsigned long long)row->line, row->key,
                    row->words);
        fail();
    }
    assert_int_equal(err->rc, CP_E_CONFIG);
    assert_string_equal(err->input, path);
    assert_non_null(err->reason);
    assert_false(err->has_byte);
}

static void check_refusals(const refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[96];
        cp_schema *schema = NULL;
        cp_error err = {0};
        cp_rc rc = read_bytes(rows[i].yaml, strlen(rows[i].yaml), path, &schema, &err);
        assert_refused(&rows[i], rc, path, &err);
        assert_null(schema);
        rc = read_bytes(rows[i].yaml, strlen(rows[i].yaml), path, &schema, NULL);
        assert_int_equal(rc, CP_E_CONFIG);
    }
}

/* ---- valid files ---- */

static void assert_span(cp_span span, const char *text)
{
    assert_int_equal(span.size, strlen(text));
    assert_memory_equal(span.data, text, span.size);
}

static void assert_same_field(const cp_field *a, const cp_field *b)
{
    char name_a[CP_TYPE_NAME_BYTES];
    char name_b[CP_TYPE_NAME_BYTES];
    assert_string_equal(a->name, b->name);
    assert_string_equal(cp_type_name(a, name_a), cp_type_name(b, name_b));
    assert_int_equal(a->encoding, b->encoding);
    assert_int_equal(a->nan, b->nan);
    assert_int_equal(a->zone_utc, b->zone_utc);
    assert_int_equal(a->required, b->required);
    assert_int_equal(a->wanted, b->wanted);
    assert_int_equal(a->has_min, b->has_min);
    assert_int_equal(a->has_max, b->has_max);
    assert_int_equal(a->null_if_count, b->null_if_count);
    assert_int_equal(a->symbol_count, b->symbol_count);
    for (size_t i = 0; i < a->symbol_count; i++)
        assert_true(cp_span_equal(a->symbols[i], b->symbols[i]));
    assert_int_equal(a->path_count, b->path_count);
    for (size_t i = 0; i < a->path_count; i++)
        assert_true(cp_span_equal(a->path[i], b->path[i]));
}

static void the_case_file_is_the_built_in_schema(void **state)
{
    (void)state;
    cp_schema *file;
    cp_schema *built_in;
    assert_int_equal(cp_schema_from_yaml("fixtures/valid/schema_case.yaml", &file, NULL), CP_OK);
    assert_int_equal(cp_schema_case(&built_in, NULL), CP_OK);
    assert_string_equal(file->name, built_in->name);
    assert_int_equal(file->field_count, built_in->field_count);
    for (size_t i = 0; i < file->field_count; i++)
        assert_same_field(&file->fields[i], &built_in->fields[i]);
    assert_string_equal(file->layout, built_in->layout);
    assert_int_equal(file->layout_field_count, built_in->layout_field_count);
    assert_memory_equal(file->layout_fields, built_in->layout_fields,
                        file->layout_field_count * sizeof(size_t));
    assert_int_equal(file->reject_unknown, built_in->reject_unknown);
    assert_int_equal(file->duplicates, built_in->duplicates);
    assert_int_equal(file->inferred, built_in->inferred);
    cp_schema_free(file);
    cp_schema_free(built_in);
}

static const cp_field *field_of(const cp_schema *schema, const char *name)
{
    size_t number = cp_schema_find(schema, cp_span_of(name));
    assert_true(number != SIZE_MAX);
    return &schema->fields[number];
}

static void check_integers(const cp_schema *schema)
{
    const cp_field *id = field_of(schema, "id");
    assert_int_equal(id->type, CP_TYPE_UINT64);
    assert_true(id->required && id->has_min && id->has_max);
    assert_true(id->min.u == 1 && id->max.u == UINT64_MAX);
    const cp_field *small = field_of(schema, "small");
    assert_true(small->min.i == INT8_MIN && small->max.i == INT8_MAX);
    assert_int_equal(small->null_if_count, 2);
    assert_true(small->null_if[0].i == -1 && small->null_if[1].i == 0);
    const cp_field *wide = field_of(schema, "signed");
    assert_true(wide->min.i == INT64_MIN && wide->max.i == INT64_MAX);
    assert_true(wide->null_if[0].i == INT64_MIN + 1);
}

static void check_floats(const cp_schema *schema)
{
    const cp_field *value = field_of(schema, "value");
    assert_true(value->min.f == -273.15 && value->max.f == 1000.0);
    assert_true(value->null_if_count == 1 && value->null_if[0].f == -9999.0);
    assert_int_equal(value->nan, CP_NAN_NULL);
    assert_int_equal(value->path_count, 2);
    assert_span(value->path[0], "reading");
    assert_span(value->path[1], "value");
    const cp_field *ratio = field_of(schema, "ratio");
    assert_int_equal(ratio->nan, CP_NAN_KEEP);
    assert_true(ratio->has_min && !ratio->has_max);
    assert_true(ratio->min.f == (double)0.1f);
}

static void check_times(const cp_schema *schema)
{
    const cp_field *opened = field_of(schema, "opened");
    assert_int_equal(opened->unit, CP_UNIT_MS);
    assert_int_equal(opened->encoding, CP_TIME_RFC3339);
    assert_false(opened->zone_utc);
    assert_true(opened->min.i == INT64_C(1577836800000));
    assert_true(opened->max.i == INT64_C(1893456000000));
    assert_true(opened->null_if[0].i == 0);
    const cp_field *closed = field_of(schema, "closed");
    assert_true(closed->zone_utc);
    assert_true(closed->min.i == INT64_C(1577836800));
    const cp_field *seen = field_of(schema, "seen");
    assert_int_equal(seen->encoding, CP_TIME_EPOCH_MS);
    assert_true(seen->min.i == 0 && seen->max.i == INT64_C(1700000000000500));
    assert_true(seen->null_if[0].i == -1000);
    assert_true(seen->null_if[1].i == INT64_C(946684800000000));
}

static void check_texts(const cp_schema *schema)
{
    const cp_field *status = field_of(schema, "status");
    assert_int_equal(status->symbol_count, 3);
    assert_span(status->symbols[1], "2");
    assert_int_equal(cp_names_find(status->symbol_codes, cp_span_of("OPEN")), 0);
    assert_int_equal(status->null_if_count, 2);
    assert_span(status->null_if[0].text, "N/A");
    assert_span(status->null_if[1].text, "");
    const cp_field *note = field_of(schema, "note");
    assert_int_equal(note->null_if_count, 3);
    assert_span(note->null_if[1].text, "null");
    const cp_field *extra = field_of(schema, "extra");
    assert_int_equal(extra->path_count, 3);
    assert_span(extra->path[2], "c");
    assert_false(field_of(schema, "urgent")->required);
}

static void every_key_is_read(void **state)
{
    (void)state;
    cp_schema *schema;
    cp_error err = {0};
    cp_rc rc = cp_schema_from_yaml("fixtures/valid/schema_every_key.yaml", &schema, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, CP_OK);
    assert_string_equal(schema->name, "every key");
    assert_int_equal(schema->field_count, 12);
    check_integers(schema);
    check_floats(schema);
    check_times(schema);
    check_texts(schema);
    assert_true(schema->reject_unknown);
    assert_int_equal(schema->duplicates, CP_DUPLICATE_LAST);
    assert_string_equal(schema->layout, "<bQ");
    assert_int_equal(schema->layout_field_count, 2);
    assert_int_equal(schema->layout_fields[0], 1);
    assert_int_equal(schema->layout_fields[1], 0);
    cp_schema_free(schema);
}

static void defaults_apply(void **state)
{
    (void)state;
    cp_schema *schema;
    assert_int_equal(cp_schema_from_yaml("fixtures/valid/schema_smallest.yaml", &schema, NULL),
                     CP_OK);
    assert_string_equal(schema->name, "schema");
    assert_int_equal(schema->field_count, 1);
    assert_true(schema->fields[0].wanted && !schema->fields[0].required);
    assert_null(schema->layout);
    assert_false(schema->reject_unknown);
    assert_int_equal(schema->duplicates, CP_DUPLICATE_REJECT);
    cp_schema_free(schema);
}

/* Files that look odd and are fine. */
static void odd_files_are_read(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "--- # a document's start\nfields: [{name: id, type: string}]\n...\n",
        "%YAML 1.1\n---\nfields: [{name: id, type: string}]\n",
        ("\xef\xbb\xbf"
         "fields: [{name: id, type: string}]"),
        "fields:\r\n  - {name: id, type: string}\r\n",
        "{\"fields\": [{\"name\": \"id\", \"type\": \"string\", \"required\": true}]}",
        "fields: [{name: id, type: string}, {name: ID, type: string}, {name: a.b, type: string}]",
        "fields: [{name: a, type: string, path: b}, {name: b, type: string, path: a}]",
        "fields: [{name: a, type: string, path: x.yy}, {name: b, type: string, path: x.y}]",
        "fields: [{name: a, type: int16, min: 1e3, max: 1000.0}]",
        "fields: [{name: a, type: uint8, min: 7, max: 7, null_if: []}]",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[96];
        cp_schema *schema = NULL;
        cp_error err = {0};
        cp_rc rc = read_bytes(rows[i], strlen(rows[i]), path, &schema, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(rc, CP_OK);
        cp_schema_free(schema);
    }
}

/* ---- refusals ---- */

static void invalid_fixtures_are_refused(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"fixtures/invalid/schema_unknown_type.yaml", 4, "type",
         "expected bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, "
         "float64, string, enum, timestamp[s|ms|us|ns] or json, found the text \"unit16\" "
         "(column 29)"},
        {"fixtures/invalid/schema_unknown_key.yaml", 5, "requried",
         "unknown key \"requried\", expected name, type, required, symbols, encoding, zone, nan, "
         "min, max, null_if, path (column 5)"},
        {"fixtures/invalid/schema_enum_without_symbols.yaml", 3, "symbols", "needs its symbols"},
        {"fixtures/invalid/schema_field_twice.yaml", 4, "name",
         "field \"id\" stands twice (column 12)"},
        {"fixtures/invalid/schema_path_prefix.yaml", 3, "path",
         "the path of field \"value\" and that of field \"reading\" run into each other"},
        {"fixtures/invalid/schema_bound_outside_type.yaml", 5, "max",
         "expected 0 to 255, found the number \"300\" (column 10)"},
        {"fixtures/invalid/schema_layout_unknown_field.yaml", 6, "layout_fields",
         "expected a field of this schema, found the text \"sensor\""},
        {"fixtures/invalid/schema_two_documents.yaml", 3, "", "a second document"},
        {"fixtures/invalid/schema_alias.yaml", 2, "", "anchor &states is not supported"},
        {"fixtures/invalid/schema_bad_yaml.yaml", 4, "", "YAML syntax: "},
        {"fixtures/invalid/schema_not_utf8.yaml", 3, "", "YAML syntax: invalid"},
        {"fixtures/invalid/schema_empty.yaml", 1, "", "the document is empty"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        cp_schema *schema = NULL;
        cp_error err = {0};
        cp_rc rc = cp_schema_from_yaml(rows[i].yaml, &schema, &err);
        assert_refused(&rows[i], rc, rows[i].yaml, &err);
        assert_null(schema);
    }
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    cp_schema *schema = NULL;
    cp_error err = {0};
    assert_int_equal(cp_schema_from_yaml("fixtures/valid/no_such.yaml", &schema, &err),
                     CP_E_NOINPUT);
    assert_string_equal(err.input, "fixtures/valid/no_such.yaml");
    assert_string_equal(err.message, "cannot open the file: No such file or directory");
    assert_int_equal(
        cp_schema_from_yaml("fixtures/valid/schema_case.yaml/no_such.yaml", &schema, &err),
        CP_E_NOINPUT);
    assert_int_equal(cp_schema_from_yaml("fixtures/valid", &schema, &err), CP_E_CONFIG);
    assert_string_equal(err.input, "fixtures/valid");
    assert_string_equal(err.message, "a folder, not a file");
    assert_null(schema);
}

/* Only where permissions bind: the superuser reads everything. */
static void unreadable_files_are_refused(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip();
    char path[96];
    snprintf(path, sizeof path, "%s/secret.yaml", scratch);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0), 0);
    cp_schema *schema = NULL;
    cp_error err = {0};
    assert_int_equal(cp_schema_from_yaml(path, &schema, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "cannot open the file: Permission denied");
    assert_int_equal(unlink(path), 0);
}

static void documents_of_the_wrong_shape(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"# nothing but a comment\n", 2, "", "the document is empty"},
        {"---\n", 2, "", "the document is empty"},
        {"~", 1, "", "the document is empty"},
        {"case", 1, "", "expected a map, found the text \"case\""},
        {"- a\n", 1, "", "expected a map, found a list"},
        {"name: case\n", 1, "fields", "a schema needs fields"},
        {"fields:\n", 1, "fields", "expected a list, found nothing"},
        {"fields: {name: id}\n", 1, "fields", "expected a list, found a map"},
        {"fields: []\n", 1, "fields", "at least one field"},
        {"fields:\n  - id\n", 2, "fields", "expected a map, found the text \"id\""},
        {"fields:\n  -\n", 2, "fields", "expected a map, found nothing"},
        {"name: a\nname: b\n", 2, "name", "key \"name\" stands twice, first on line 1"},
        {"? [a]\n: b\n", 1, "", "expected a key, found a list"},
        {"1: b\n", 1, "", "expected a key, found the number \"1\""},
        {"a: &x 1\n", 1, "", "anchor &x is not supported"},
        {"fields:\n  - *x\n", 2, "", "alias *x is not supported"},
        {"name: !!str x\n", 1, "", "tag tag:yaml.org,2002:str is not supported"},
        {"name: \"x\n", 2, "", "YAML syntax: "},
        {"name: a\n\tb: c\n", 2, "", "YAML syntax: "},
        {"name: a\x01", 1, "", "YAML syntax: control characters are not allowed"},
    };
    check_refusals(rows, COUNT(rows));
}

static void top_keys_of_the_wrong_kind(void **state)
{
    (void)state;
#define FIELDS "fields: [{name: id, type: uint32}, {name: v, type: uint8}]\n"
    static const refusal rows[] = {
        {FIELDS "feilds: 1\n", 2, "feilds", "expected name, fields, layout, layout_fields"},
        {FIELDS "name: 12\n", 2, "name", "quote what is meant as text), found the number \"12\""},
        {FIELDS "name: true\n", 2, "name", "found the truth value \"true\""},
        {FIELDS "name:\n", 2, "name", "found nothing"},
        {FIELDS "name: \"\"\n", 2, "name", "found none"},
        {FIELDS "name: \"a\\0b\"\n", 2, "name", "a NUL byte"},
        {FIELDS "unknown_fields: drop\n", 2, "unknown_fields",
         "unknown value \"drop\", expected ignore, reject (column 17)"},
        {FIELDS "unknown_fields: [reject]\n", 2, "unknown_fields", "found a list"},
        {FIELDS "duplicate_keys: ignore\n", 2, "duplicate_keys",
         "unknown value \"ignore\", expected reject, first, last"},
        {FIELDS "duplicate_keys:\n", 2, "duplicate_keys", "found nothing"},
        {FIELDS "layout: \"<I\"\n", 2, "layout", "needs layout_fields"},
        {FIELDS "layout_fields: [id]\n", 2, "layout_fields", "need a layout"},
        {FIELDS "layout: \"<I\"\nlayout_fields: id\n", 3, "layout_fields", "expected a list"},
        {FIELDS "layout: \"<I\"\nlayout_fields: []\n", 3, "layout_fields", "at least one"},
        {FIELDS "layout: \"<I\"\nlayout_fields: [id, id]\n", 3, "layout_fields", "stands twice"},
        {FIELDS "layout: \"<I\"\nlayout_fields: [1]\n", 3, "layout_fields", "found the number"},
        {FIELDS "layout: [I]\nlayout_fields: [id]\n", 2, "layout", "found a list"},
    };
#undef FIELDS
    check_refusals(rows, COUNT(rows));
}

/* One field, whose name and type stand on line 2 and whose other keys on line 3. */
#define FIELD(type, keys) "fields:\n  - {name: a, type: \"" type "\",\n     " keys "}\n"

static void field_keys_of_the_wrong_kind(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"fields:\n  - {type: string}\n", 2, "name", "a field needs a name"},
        {"fields:\n  - {name: a}\n", 2, "type", "a field needs a type"},
        {"fields:\n  - {name: [a], type: string}\n", 2, "name", "found a list"},
        {"fields:\n  - {name: , type: string}\n", 2, "name", "found nothing"},
        {"fields:\n  - {name: a, type: timestamp}\n", 2, "type", "timestamp[s|ms|us|ns]"},
        {"fields:\n  - {name: a, type: 8}\n", 2, "type", "found the number \"8\""},
        {FIELD("string", "required: yes"), 3, "required",
         "expected true or false, found the text \"yes\""},
        {FIELD("string", "required: 1"), 3, "required", "expected true or false"},
        {FIELD("string", "required: \"true\""), 3, "required", "expected true or false"},
        {FIELD("string", "required: true, required: true"), 3, "required", "stands twice"},
        {FIELD("enum", "symbols: A"), 3, "symbols", "expected a list, found the text"},
        {FIELD("enum", "symbols: []"), 3, "symbols", "at least one symbol"},
        {FIELD("enum", "symbols: [A, 2]"), 3, "symbols", "found the number \"2\""},
        {FIELD("enum", "symbols: [A, null]"), 3, "symbols", "found nothing"},
        {FIELD("enum", "symbols: [A, B, A]"), 3, "symbols", "\"A\" stands twice"},
        {FIELD("timestamp[s]", "encoding: epoch"), 3, "encoding",
         "unknown value \"epoch\", expected rfc3339, epoch_s, epoch_ms, epoch_us, epoch_ns"},
        {FIELD("timestamp[s]", "zone: CET"), 3, "zone", "unknown value \"CET\", expected UTC"},
        {FIELD("float32", "nan: skip"), 3, "nan",
         "unknown value \"skip\", expected reject, null, keep"},
        {FIELD("float32", "nan: ~"), 3, "nan", "unknown value \"~\""},
        {FIELD("uint8", "null_if: 1"), 3, "null_if", "expected a list"},
        {FIELD("uint8", "min: [1]"), 3, "min", "expected a number, found a list"},
        {FIELD("string", "path: [a, b]"), 3, "path", "found a list"},
        {FIELD("string", "path: 5"), 3, "path", "found the number"},
        {FIELD("string", "path: \"\""), 3, "path", "no empty segment"},
        {FIELD("string", "path: a..b"), 3, "path", "no empty segment"},
        {FIELD("string", "path: .a"), 3, "path", "no empty segment"},
        {FIELD("string", "path: a."), 3, "path", "no empty segment"},
    };
    check_refusals(rows, COUNT(rows));
}

static void keys_that_do_not_go_with_the_type(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {FIELD("string", "min: 1"), 3, "min",
         "min goes with integers, floats and timestamps only, not with string"},
        {FIELD("enum", "symbols: [A], max: 1"), 3, "max", "not with enum"},
        {FIELD("json", "min: 1"), 3, "min", "not with json"},
        {FIELD("bool", "max: 1"), 3, "max", "not with bool"},
        {FIELD("string", "symbols: [A]"), 3, "symbols", "symbols goes with enum only"},
        {FIELD("uint8", "nan: keep"), 3, "nan", "nan goes with float32 and float64 only"},
        {FIELD("uint8", "encoding: epoch_s"), 3, "encoding", "encoding goes with timestamps only"},
        {FIELD("string", "zone: UTC"), 3, "zone", "zone goes with timestamps only"},
        {FIELD("timestamp[s]", "zone: UTC, encoding: epoch_s"), 3, "zone",
         "a zone goes with the encoding rfc3339 only, not epoch_s"},
        {FIELD("json", "null_if: [x]"), 3, "null_if", "types other than bool and json only"},
        {FIELD("bool", "null_if: [false]"), 3, "null_if", "not with bool"},
    };
    check_refusals(rows, COUNT(rows));
}

static void literals_that_the_type_cannot_hold(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {FIELD("uint8", "max: 256"), 3, "max", "expected 0 to 255, found the number \"256\""},
        {FIELD("uint8", "min: -1"), 3, "min", "expected 0 to 255"},
        {FIELD("int8", "min: -129"), 3, "min", "expected -128 to 127"},
        {FIELD("int64", "max: 9223372036854775808"), 3, "max",
         "expected -9223372036854775808 to 9223372036854775807"},
        {FIELD("int64", "min: -9223372036854775809"), 3, "min", "expected -9223372036854775808 to"},
        {FIELD("uint64", "max: 18446744073709551616"), 3, "max",
         "expected 0 to 18446744073709551615"},
        {FIELD("int32", "max: 1.5"), 3, "max",
         "expected a whole number, as int32 is, found the number \"1.5\""},
        {FIELD("uint32", "max: 1e-1"), 3, "max", "expected a whole number, as uint32 is"},
        {FIELD("int32", "max: \"15\""), 3, "max", "expected a number, found the text \"15\""},
        {FIELD("int32", "max: 0x10"), 3, "max", "expected a number, found the text \"0x10\""},
        {FIELD("int32", "max: 007"), 3, "max", "expected a number, found the text \"007\""},
        {FIELD("float64", "max: 1e400"), 3, "max", "a number that float64 can hold"},
        {FIELD("float32", "max: 1e39"), 3, "max", "a number that float32 can hold"},
        {FIELD("float64", "max: .inf"), 3, "max", "expected a number, found the text \".inf\""},
        {FIELD("uint8", "null_if: [0, 300]"), 3, "null_if", "expected 0 to 255"},
        {FIELD("string", "null_if: [-9999]"), 3, "null_if", "found the number \"-9999\""},
        {FIELD("string", "null_if: [null]"), 3, "null_if", "found nothing"},
        {FIELD("timestamp[s]", "min: 5"), 3, "min", "expected an RFC 3339 time with its offset"},
        {FIELD("timestamp[s]", "min: 2020-01-01T00:00:00"), 3, "min", "with its offset"},
        {FIELD("timestamp[s]", "min: \"2020-13-01T00:00:00Z\""), 3, "min", "RFC 3339"},
        {FIELD("timestamp[ns]", "max: 9999-01-01T00:00:00Z"), 3, "max",
         "expected a time that the type can hold"},
        {FIELD("timestamp[s]", "encoding: epoch_s, min: soon"), 3, "min",
         "expected an epoch number or an RFC 3339 time with its offset, found the text \"soon\""},
        {FIELD("timestamp[ns]", "encoding: epoch_s, max: 1e10"), 3, "max",
         "expected a time that the type can hold"},
    };
    check_refusals(rows, COUNT(rows));
}

static void bounds_that_no_value_meets(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {FIELD("int8", "min: 2, max: 1"), 3, "max", "max is below min"},
        {FIELD("uint64", "min: 18446744073709551615, max: 1"), 3, "max", "max is below min"},
        {FIELD("int64", "max: -2, min: -1"), 3, "max", "max is below min"},
        {FIELD("float64", "min: 0.2, max: 0.1"), 3, "max", "max is below min"},
        {FIELD("timestamp[s]", "min: 2020-01-01T00:00:00Z, max: 2020-01-01T00:00:00+01:00"), 3,
         "max", "max is below min"},
    };
    check_refusals(rows, COUNT(rows));
}

static void paths_that_clash(void **state)
{
    (void)state;
#define TWO(first, second)                                                                         \
    "fields:\n  - {name: a, type: string" first "}\n  - {name: b, type: string" second "}\n"
    static const refusal rows[] = {
        {TWO(", path: x.y", ", path: x.y"), 3, "path", "field \"b\" has the path of field \"a\""},
        {TWO("", ", path: a"), 3, "path", "field \"b\" has the path of field \"a\""},
        {TWO(", path: b", ""), 3, "name", "field \"b\" has the path of field \"a\""},
        {TWO("", ", path: a.c.d"), 3, "path", "run into each other"},
        {TWO(", path: b.c", ""), 3, "name", "run into each other"},
        {TWO(", path: x.y.z", ", path: x.y"), 3, "path", "run into each other"},
    };
#undef TWO
    check_refusals(rows, COUNT(rows));
}

/* Long values are cut in the message, at a character's edge. */
static void long_values_are_cut(void **state)
{
    (void)state;
    char yaml[1024] = "fields: [{name: a, type: \"x";
    for (int i = 0; i < 200; i++)
        strcat(yaml, "\xc3\xa9");
    strcat(yaml, "\"}]");
    char path[96];
    cp_schema *schema;
    cp_error err = {0};
    assert_int_equal(read_bytes(yaml, strlen(yaml), path, &schema, &err), CP_E_CONFIG);
    const char *found = strstr(err.message, "found the text \"x");
    assert_non_null(found);
    assert_int_equal(strcspn(found + strlen("found the text \""), "\""), 99);
}

/* Deep nesting and large files are refused, not followed. */
static void limits_hold(void **state)
{
    (void)state;
    enum { DEEP = 100000, LARGE = (16 << 20) + 1 };
    char *bytes = malloc(LARGE);
    assert_non_null(bytes);
    char path[96];
    cp_schema *schema;
    cp_error err = {0};
    memset(bytes, '[', DEEP);
    assert_int_equal(read_bytes(bytes, DEEP, path, &schema, &err), CP_E_CONFIG);
    assert_non_null(strstr(err.message, "YAML syntax: "));
    memset(bytes, '\n', LARGE);
    assert_int_equal(read_bytes(bytes, LARGE, path, &schema, &err), CP_E_CONFIG);
    assert_string_equal(err.message, "larger than 16777216 bytes");
    free(bytes);
}

/* The first `size` bytes of a good file, for every size, are read or refused, never worse. */
static void every_beginning_of_a_file_ends_well(void **state)
{
    (void)state;
    static char bytes[8192];
    FILE *file = fopen("fixtures/valid/schema_every_key.yaml", "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_in_range(size, 1, sizeof bytes - 1);
    for (size_t shown = 0; shown <= size; shown++) {
        char path[96];
        cp_schema *schema = NULL;
        cp_error err = {0};
        cp_rc rc = read_bytes(bytes, shown, path, &schema, &err);
        assert_true(rc == CP_OK || (rc == CP_E_CONFIG && err.line > 0));
        assert_true((rc == CP_OK) == (schema != NULL));
        cp_schema_free(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_case_file_is_the_built_in_schema),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(defaults_apply),
        cmocka_unit_test(odd_files_are_read),
        cmocka_unit_test(invalid_fixtures_are_refused),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(unreadable_files_are_refused),
        cmocka_unit_test(documents_of_the_wrong_shape),
        cmocka_unit_test(top_keys_of_the_wrong_kind),
        cmocka_unit_test(field_keys_of_the_wrong_kind),
        cmocka_unit_test(keys_that_do_not_go_with_the_type),
        cmocka_unit_test(literals_that_the_type_cannot_hold),
        cmocka_unit_test(bounds_that_no_value_meets),
        cmocka_unit_test(paths_that_clash),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(every_beginning_of_a_file_ends_well),
    };
    return cmocka_run_group_tests_name("schema_file", tests, make_scratch, remove_scratch);
}
