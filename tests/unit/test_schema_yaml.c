/* Schemas written as YAML and read back are the same schemas: fixtures, and random ones whose
 * names, symbols and bounds are as odd as they may be. */
#include "pipeline/config/schema_file.h"
#include "pipeline/config/schema_yaml.h"
#include "tests/unit/folder.h"
#include "tests/unit/support.h"

#include <math.h>

static void assert_same_text(cp_span a, cp_span b)
{
    assert_int_equal(a.size, b.size);
    if (a.size)
        assert_memory_equal(a.data, b.data, a.size);
}

static void assert_same_literal(const cp_field *field, const cp_literal *a, const cp_literal *b)
{
    if (cp_type_is_float(field->type))
        assert_true(a->f == b->f && !signbit(a->f) == !signbit(b->f));
    else if (cp_type_is_integer(field->type) || field->type == CP_TYPE_TIMESTAMP)
        assert_true(a->u == b->u);
    else
        assert_same_text(a->text, b->text);
}

static void assert_same_field(const cp_field *a, const cp_field *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->unit, b->unit);
    assert_int_equal(a->encoding, b->encoding);
    assert_int_equal(a->nan, b->nan);
    assert_int_equal(a->zone_utc, b->zone_utc);
    assert_int_equal(a->required, b->required);
    assert_int_equal(a->has_min, b->has_min);
    assert_int_equal(a->has_max, b->has_max);
    if (a->has_min)
        assert_same_literal(a, &a->min, &b->min);
    if (a->has_max)
        assert_same_literal(a, &a->max, &b->max);
    assert_int_equal(a->null_if_count, b->null_if_count);
    for (size_t i = 0; i < a->null_if_count; i++)
        assert_same_literal(a, &a->null_if[i], &b->null_if[i]);
    assert_int_equal(a->symbol_count, b->symbol_count);
    for (size_t i = 0; i < a->symbol_count; i++)
        assert_same_text(a->symbols[i], b->symbols[i]);
    assert_int_equal(a->path_count, b->path_count);
    for (size_t i = 0; i < a->path_count; i++)
        assert_same_text(a->path[i], b->path[i]);
}

static void assert_same_schema(const cp_schema *a, const cp_schema *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->field_count, b->field_count);
    for (size_t i = 0; i < a->field_count; i++)
        assert_same_field(&a->fields[i], &b->fields[i]);
    assert_int_equal(a->layout != NULL, b->layout != NULL);
    if (a->layout)
        assert_string_equal(a->layout, b->layout);
    assert_int_equal(a->layout_field_count, b->layout_field_count);
    for (size_t i = 0; i < a->layout_field_count; i++)
        assert_int_equal(a->layout_fields[i], b->layout_fields[i]);
    assert_int_equal(a->reject_unknown, b->reject_unknown);
    assert_int_equal(a->duplicates, b->duplicates);
}

/* Writes the schema, reads it, compares. */
static void check(const cp_schema *schema)
{
    char *yaml = NULL, *again = NULL;
    cp_schema *read = NULL;
    cp_error err = {0};
    assert_int_equal(cp_schema_to_yaml(schema, &yaml, &err), CP_OK);
    const char *path = in_folder("schema.yaml");
    write_file(path, yaml, strlen(yaml));
    if (cp_schema_from_yaml(path, &read, &err) != CP_OK) {
        print_error("%s\nline %" PRIu64 ", %s: %s\n", yaml, err.line, err.field, err.message);
        fail();
    }
    assert_same_schema(schema, read);
    assert_int_equal(cp_schema_to_yaml(read, &again, NULL), CP_OK);
    assert_string_equal(yaml, again);
    cp_schema_free(read);
    free(again);
    free(yaml);
}

static void test_the_built_in_schema(void **state)
{
    (void)state;
    cp_schema *schema;
    char *yaml;
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    check(schema);
    assert_int_equal(cp_schema_to_yaml(schema, &yaml, NULL), CP_OK);
    assert_string_equal(
        yaml,
        "name: case\n"
        "fields:\n"
        "- {name: id, type: string, required: true}\n"
        "- {name: title, type: string}\n"
        "- {name: status, type: enum, required: true, symbols: [DRAFT, SUBMITTED, UNDER_REVIEW, "
        "ESCALATED, CLOSED]}\n"
        "- {name: timestamp, type: \"timestamp[us]\", encoding: epoch_s}\n"
        "- {name: sensor_id, type: uint16}\n"
        "- {name: value, type: float64}\n"
        "- {name: unit, type: string}\n"
        "- {name: notes, type: json}\n"
        "layout: \"<dHfB\"\n"
        "layout_fields: [timestamp, sensor_id, value, status]\n");
    free(yaml);
    cp_schema_free(schema);
}

static void test_the_fixtures(void **state)
{
    (void)state;
    static const char *const names[] = {"case", "doors", "every_key", "smallest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        cp_schema *schema;
        snprintf(path, sizeof path, "fixtures/valid/schema_%s.yaml", names[i]);
        assert_int_equal(cp_schema_from_yaml(path, &schema, NULL), CP_OK);
        check(schema);
        cp_schema_free(schema);
    }
}

/* ---- random schemas ---- */

static const char *const odd_texts[] = {
    "true",     "No",           "null", "~",       "1",   "1e3", "0x1F", "-",
    "- a",      "a: b",         "a #",  "#a",      "[x]", "{x}", "\"",   "'",
    "\\n",      "\n",           " ",    "a ",      "%",   "@",   "`",    "!tag",
    "&a",       "*a",           "|",    ">",       "?",   ":",   ",",    "\x01",
    "\xC3\xA9", "\xE2\x82\xAC", "\x7F", "\t",      "=",   "<<",  "---",  "2020",
    "1_000",    "2020-01-01",   ".inf", "\xC2\x85"};

static cp_span odd_text(char room[64], unsigned number)
{
    const char *odd = odd_texts[random_below(sizeof odd_texts / sizeof *odd_texts)];
    int size =
        random_below(2) ? snprintf(room, 64, "%s", odd) : snprintf(room, 64, "%s%u", odd, number);
    return (cp_span){(const uint8_t *)room, (size_t)size};
}

static int64_t random_signed(cp_type type)
{
    return (int64_t)random_bits() >> (64 - 8 * cp_type_width(type) + random_below(4));
}

static cp_literal random_literal(const cp_field *field, char room[64])
{
    cp_literal literal = {0};
    static const int spare_bits[] = {
        [CP_UNIT_S] = 28, [CP_UNIT_MS] = 18, [CP_UNIT_US] = 8, [CP_UNIT_NS] = 1};
    if (field->type == CP_TYPE_TIMESTAMP) /* some thousand years, as RFC 3339 has them */
        literal.i = (int64_t)random_bits() >> spare_bits[field->unit];
    else if (cp_type_is_signed(field->type))
        literal.i = random_signed(field->type);
    else if (cp_type_is_unsigned(field->type))
        literal.u = random_bits() >> (64 - 8 * cp_type_width(field->type));
    else if (field->type == CP_TYPE_FLOAT32)
        literal.f = (double)((float)(int32_t)random_bits() / 1024.0F);
    else if (field->type == CP_TYPE_FLOAT64)
        literal.f = (double)(int64_t)random_bits() * pow(10, (double)random_below(500) - 260);
    else
        literal.text = odd_text(room, (unsigned)random_below(1000));
    return literal;
}

static void add_symbols(cp_field *field)
{
    char rooms[8][64];
    cp_span symbols[8];
    size_t count = 1 + (size_t)random_below(8);
    for (size_t i = 0; i < count; i++) {
        int size = snprintf(rooms[i], 64, "%s%zu", odd_texts[random_below(12)], i);
        symbols[i] = (cp_span){(const uint8_t *)rooms[i], (size_t)size};
    }
    assert_int_equal(cp_field_set_symbols(field, symbols, count, NULL), CP_OK);
}

static void add_bounds(cp_field *field)
{
    char room[64];
    bool ordered = cp_type_is_integer(field->type) || cp_type_is_float(field->type) ||
                   field->type == CP_TYPE_TIMESTAMP;
    if (ordered && random_below(2)) { /* one of them: they need no order then */
        bool low = random_below(2);
        *(low ? &field->min : &field->max) = random_literal(field, room);
        *(low ? &field->has_min : &field->has_max) = true;
    }
    for (size_t n = random_below(3); n > 0 && field->type != CP_TYPE_BOOL; n--)
        if (field->type != CP_TYPE_JSON)
            assert_int_equal(cp_field_add_null_if(field, random_literal(field, room), NULL), CP_OK);
}

static void add_field(cp_schema *schema, unsigned number)
{
    char room[64], name[80];
    cp_field *field;
    cp_span odd = odd_text(room, number);
    snprintf(name, sizeof name, "%.*s%u", (int)odd.size, (const char *)odd.data, number);
    cp_type type = (cp_type)random_below(CP_TYPE_JSON + 1);
    assert_int_equal(cp_schema_add(schema, name, type, &field, NULL), CP_OK);
    field->required = random_below(2);
    if (type == CP_TYPE_TIMESTAMP) {
        field->unit = (cp_unit)random_below(4);
        field->encoding = (cp_time_encoding)random_below(5);
        field->zone_utc = field->encoding == CP_TIME_RFC3339 && random_below(2);
    }
    if (cp_type_is_float(type))
        field->nan = (cp_nan_policy)random_below(3);
    if (type == CP_TYPE_ENUM)
        add_symbols(field);
    add_bounds(field);
    if (random_below(3) == 0) {
        cp_span path[2] = {cp_span_of(name), cp_span_of("inner")};
        if (!strchr(name, '.'))
            assert_int_equal(cp_field_set_path(field, path, 2, NULL), CP_OK);
    }
}

static void test_random_schemas(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        cp_schema *schema;
        char room[64] = "plain";
        assert_int_equal(cp_schema_new(room, &schema, NULL), CP_OK);
        for (unsigned i = 0, count = 1 + (unsigned)random_below(12); i < count; i++)
            add_field(schema, i);
        schema->reject_unknown = random_below(2);
        schema->duplicates = (cp_duplicate_policy)random_below(3);
        check(schema);
        cp_schema_free(schema);
    }
}

static int begin(void **state)
{
    return start_random(state) || make_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_built_in_schema),
        cmocka_unit_test(test_the_fixtures),
        cmocka_unit_test(test_random_schemas),
    };
    return cmocka_run_group_tests(tests, begin, remove_folder);
}
