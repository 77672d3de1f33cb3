/* From a YAML tree to a schema: one table of keys for the top, one for a field.
 *
 *   map --cp_yaml_map--> a node for each key --the key's row, in the table's order--> schema
 *
 * A row says which types its key goes with and how its value is read. The order of rows, not that
 * of the file, is the order of work, so that a bound is read when type, encoding and zone are
 * known. */
#include "pipeline/config/schema_file.h"

#include "pipeline/config/schema_names.h"
#include "pipeline/config/yaml.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/time.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    BIT_BOOL = 1 << CP_TYPE_BOOL,
    BIT_STRING = 1 << CP_TYPE_STRING,
    BIT_ENUM = 1 << CP_TYPE_ENUM,
    BIT_TIMESTAMP = 1 << CP_TYPE_TIMESTAMP,
    BIT_JSON = 1 << CP_TYPE_JSON,
    FLOATS = 1 << CP_TYPE_FLOAT32 | 1 << CP_TYPE_FLOAT64,
    ALL = (1 << (CP_TYPE_JSON + 1)) - 1,
    ORDERED = ALL & ~(BIT_BOOL | BIT_STRING | BIT_ENUM | BIT_JSON),
};

static const char *const zone_names[] = {"UTC"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- literals ---- */

static cp_rc fail_whole(cp_yaml_node node, const char *key, const cp_field *field, cp_error *err)
{
    char type[CP_TYPE_NAME_BYTES];
    char expected[64];
    snprintf(expected, sizeof expected, "a whole number, as %s is", cp_type_name(field, type));
    return cp_yaml_fail_expected(node, key, expected, err);
}

static cp_rc read_signed(const cp_field *field, cp_yaml_node node, const char *key, cp_literal *out,
                         cp_error *err)
{
    cp_yaml_number number;
    cp_rc rc = cp_yaml_number_read(node, key, &number, err);
    if (rc)
        return rc;
    int64_t high = INT64_MAX >> (64 - 8 * cp_type_width(field->type));
    cp_integer_rc read = cp_decimal_to_int64(&number.decimal, &out->i);
    if (read == CP_NOT_WHOLE)
        return fail_whole(node, key, field, err);
    if (read == CP_INTEGER_OK && out->i >= -high - 1 && out->i <= high)
        return CP_OK;
    char expected[64];
    snprintf(expected, sizeof expected, "%" PRId64 " to %" PRId64, -high - 1, high);
    return cp_yaml_fail_expected(node, key, expected, err);
}

static cp_rc read_unsigned(const cp_field *field, cp_yaml_node node, const char *key,
                           cp_literal *out, cp_error *err)
{
    cp_yaml_number number;
    cp_rc rc = cp_yaml_number_read(node, key, &number, err);
    if (rc)
        return rc;
    uint64_t high = UINT64_MAX >> (64 - 8 * cp_type_width(field->type));
    cp_integer_rc read = cp_decimal_to_uint64(&number.decimal, &out->u);
    if (read == CP_NOT_WHOLE)
        return fail_whole(node, key, field, err);
    if (read == CP_INTEGER_OK && out->u <= high)
        return CP_OK;
    char expected[64];
    snprintf(expected, sizeof expected, "0 to %" PRIu64, high);
    return cp_yaml_fail_expected(node, key, expected, err);
}

static cp_rc read_float(const cp_field *field, cp_yaml_node node, const char *key, cp_literal *out,
                        cp_error *err)
{
    cp_yaml_number number;
    cp_rc rc = cp_yaml_number_read(node, key, &number, err);
    if (rc)
        return rc;
    if (field->type == CP_TYPE_FLOAT64)
        return cp_decimal_to_double(&number.decimal, &out->f)
                   ? CP_OK
                   : cp_yaml_fail_expected(node, key, "a number that float64 can hold", err);
    float value;
    if (!cp_decimal_to_float(&number.decimal, &value))
        return cp_yaml_fail_expected(node, key, "a number that float32 can hold", err);
    out->f = (double)value;
    return CP_OK;
}

static cp_rc read_epoch(const cp_field *field, cp_yaml_node node, const char *key, cp_literal *out,
                        cp_error *err)
{
    cp_yaml_number number;
    cp_rc rc = cp_yaml_number_read(node, key, &number, err);
    if (rc)
        return rc;
    if (cp_time_from_decimal(&number.decimal, field->encoding, field->unit, &out->i))
        return cp_yaml_fail_expected(node, key, "a time that the type can hold", err);
    return CP_OK;
}

static cp_rc read_time(const cp_field *field, cp_yaml_node node, const char *key, cp_literal *out,
                       cp_error *err)
{
    bool is_epoch = field->encoding != CP_TIME_RFC3339;
    cp_yaml_kind kind = cp_yaml_kind_of(node);
    if (kind == CP_YAML_NUMBER && is_epoch)
        return read_epoch(field, node, key, out, err);
    cp_time_rc read = CP_TIME_MALFORMED;
    if (kind == CP_YAML_TEXT)
        read = cp_time_parse(cp_yaml_raw(node), field->unit, field->zone_utc, &out->i);
    if (read == CP_TIME_OK)
        return CP_OK;
    if (read == CP_TIME_RANGE)
        return cp_yaml_fail_expected(node, key, "a time that the type can hold", err);
    const char *expected = "an RFC 3339 time with its offset";
    if (is_epoch)
        expected = "an epoch number or an RFC 3339 time with its offset";
    else if (field->zone_utc)
        expected = "an RFC 3339 time";
    return cp_yaml_fail_expected(node, key, expected, err);
}

/* A bound or a null_if value in the field's own kind. Text points into the tree. */
static cp_rc read_literal(const cp_field *field, cp_yaml_node node, const char *key,
                          cp_literal *out, cp_error *err)
{
    *out = (cp_literal){0};
    if (cp_type_is_signed(field->type))
        return read_signed(field, node, key, out, err);
    if (cp_type_is_unsigned(field->type))
        return read_unsigned(field, node, key, out, err);
    if (cp_type_is_float(field->type))
        return read_float(field, node, key, out, err);
    if (field->type == CP_TYPE_TIMESTAMP)
        return read_time(field, node, key, out, err);
    return cp_yaml_text(node, key, &out->text, err);
}

/* ---- the keys of a field ---- */

static cp_rc read_required(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    return cp_yaml_bool(node, key, &field->required, err);
}

static cp_rc read_symbols(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    cp_rc rc = cp_yaml_list(node, key, err);
    if (rc)
        return rc;
    size_t count = cp_yaml_count(node);
    cp_span *symbols = NULL;
    rc = cp_calloc(count, sizeof *symbols, &symbols, err);
    for (size_t i = 0; i < count && rc == CP_OK; i++)
        rc = cp_yaml_text(cp_yaml_item(node, i), key, &symbols[i], err);
    if (rc == CP_OK)
        rc = cp_field_set_symbols(field, symbols, count, err);
    free(symbols);
    return cp_yaml_place(node, key, rc, err);
}

static cp_rc read_encoding(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    size_t choice = 0;
    cp_rc rc =
        cp_yaml_choice(node, key, cp_time_encoding_names, CP_TIME_ENCODING_COUNT, &choice, err);
    field->encoding = (cp_time_encoding)choice;
    return rc;
}

static cp_rc read_zone(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    size_t choice;
    cp_rc rc = cp_yaml_choice(node, key, zone_names, COUNT(zone_names), &choice, err);
    if (rc)
        return rc;
    if (field->encoding != CP_TIME_RFC3339)
        return cp_yaml_fail(node, key, err, "a zone goes with the encoding rfc3339 only, not %s",
                            cp_time_encoding_names[field->encoding]);
    field->zone_utc = true;
    return CP_OK;
}

static cp_rc read_nan(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    size_t choice = 0;
    cp_rc rc = cp_yaml_choice(node, key, cp_nan_policy_names, CP_NAN_POLICY_COUNT, &choice, err);
    field->nan = (cp_nan_policy)choice;
    return rc;
}

static cp_rc read_min(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    field->has_min = true;
    return read_literal(field, node, key, &field->min, err);
}

static bool min_above_max(const cp_field *field)
{
    if (cp_type_is_float(field->type))
        return field->min.f > field->max.f;
    if (cp_type_is_unsigned(field->type))
        return field->min.u > field->max.u;
    return field->min.i > field->max.i;
}

static cp_rc read_max(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    cp_rc rc = read_literal(field, node, key, &field->max, err);
    if (rc)
        return rc;
    field->has_max = true;
    if (field->has_min && min_above_max(field))
        return cp_yaml_fail(node, key, err, "max is below min: no value could pass");
    return CP_OK;
}

static cp_rc read_null_if(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    cp_rc rc = cp_yaml_list(node, key, err);
    for (size_t i = 0; rc == CP_OK && i < cp_yaml_count(node); i++) {
        cp_literal value;
        rc = read_literal(field, cp_yaml_item(node, i), key, &value, err);
        if (rc == CP_OK)
            rc = cp_field_add_null_if(field, value, err);
    }
    return rc;
}

/* "reading.value" at the dots; *segments is the caller's to free. */
static cp_rc split_path(cp_span path, cp_span **segments, size_t *count, cp_error *err)
{
    size_t dots = 0;
    for (size_t i = 0; i < path.size; i++)
        dots += path.data[i] == '.';
    cp_rc rc = cp_calloc(dots + 1, sizeof **segments, segments, err);
    if (rc)
        return rc;
    *count = dots + 1;
    for (size_t i = 0; i <= dots; i++) {
        const uint8_t *dot = path.size ? memchr(path.data, '.', path.size) : NULL;
        size_t size = dot ? (size_t)(dot - path.data) : path.size;
        (*segments)[i] = (cp_span){path.data, size};
        if (dot)
            path = (cp_span){dot + 1, path.size - size - 1};
    }
    return CP_OK;
}

static cp_rc read_path(cp_field *field, cp_yaml_node node, const char *key, cp_error *err)
{
    cp_span path = {0};
    cp_span *segments = NULL;
    size_t count = 0;
    cp_rc rc = cp_yaml_text(node, key, &path, err);
    if (rc == CP_OK)
        rc = split_path(path, &segments, &count, err);
    if (rc == CP_OK)
        rc = cp_field_set_path(field, segments, count, err);
    free(segments);
    return cp_yaml_place(node, key, rc, err);
}

enum {
    FIELD_NAME,
    FIELD_TYPE,
    FIELD_REQUIRED,
    FIELD_SYMBOLS,
    FIELD_ENCODING,
    FIELD_ZONE,
    FIELD_NAN,
    FIELD_MIN,
    FIELD_MAX,
    FIELD_NULL_IF,
    FIELD_PATH,
    FIELD_KEYS
};

static const char *const field_keys[FIELD_KEYS] = {
    [FIELD_NAME] = "name",       [FIELD_TYPE] = "type",         [FIELD_REQUIRED] = "required",
    [FIELD_SYMBOLS] = "symbols", [FIELD_ENCODING] = "encoding", [FIELD_ZONE] = "zone",
    [FIELD_NAN] = "nan",         [FIELD_MIN] = "min",           [FIELD_MAX] = "max",
    [FIELD_NULL_IF] = "null_if", [FIELD_PATH] = "path",
};

typedef struct field_rule {
    unsigned types; /* one bit for each cp_type that the key goes with */
    const char *goes_with;
    cp_rc (*read)(cp_field *, cp_yaml_node, const char *key, cp_error *);
} field_rule;

/* Name and type make the field and have no row. */
static const field_rule field_rules[FIELD_KEYS] = {
    [FIELD_REQUIRED] = {ALL, "", read_required},
    [FIELD_SYMBOLS] = {BIT_ENUM, "enum", read_symbols},
    [FIELD_ENCODING] = {BIT_TIMESTAMP, "timestamps", read_encoding},
    [FIELD_ZONE] = {BIT_TIMESTAMP, "timestamps", read_zone},
    [FIELD_NAN] = {FLOATS, "float32 and float64", read_nan},
    [FIELD_MIN] = {ORDERED, "integers, floats and timestamps", read_min},
    [FIELD_MAX] = {ORDERED, "integers, floats and timestamps", read_max},
    [FIELD_NULL_IF] = {ALL & ~(BIT_BOOL | BIT_JSON), "types other than bool and json",
                       read_null_if},
    [FIELD_PATH] = {ALL, "", read_path},
};

static cp_rc apply_rule(cp_field *field, size_t key, cp_yaml_node node, cp_error *err)
{
    const field_rule *rule = &field_rules[key];
    if ((rule->types >> field->type & 1) == 0) {
        char type[CP_TYPE_NAME_BYTES];
        return cp_yaml_fail(node, field_keys[key], err, "%s goes with %s only, not with %s",
                            field_keys[key], rule->goes_with, cp_type_name(field, type));
    }
    return rule->read(field, node, field_keys[key], err);
}

static cp_rc read_type(cp_yaml_node node, cp_type *type, cp_unit *unit, cp_error *err)
{
    cp_span text = {0};
    cp_rc rc = cp_yaml_text(node, "type", &text, err);
    if (rc == CP_OK && !cp_type_parse(text, type, unit))
        rc = cp_yaml_fail_expected(node, "type",
                                   "bool, int8, int16, int32, int64, uint8, uint16, uint32, "
                                   "uint64, float32, float64, string, enum, "
                                   "timestamp[s|ms|us|ns] or json",
                                   err);
    return rc;
}

/* The field with its name and type alone. */
static cp_rc open_field(cp_schema *schema, cp_yaml_node map, const cp_yaml_node *values,
                        cp_field **out, cp_error *err)
{
    for (size_t key = FIELD_NAME; key <= FIELD_TYPE; key++)
        if (!values[key].node)
            return cp_yaml_fail(map, field_keys[key], err, "a field needs a %s", field_keys[key]);
    const char *name = NULL;
    cp_type type = CP_TYPE_BOOL;
    cp_unit unit = CP_UNIT_S;
    cp_rc rc = cp_yaml_name(values[FIELD_NAME], "name", &name, err);
    if (rc == CP_OK)
        rc = read_type(values[FIELD_TYPE], &type, &unit, err);
    if (rc)
        return rc;
    rc = cp_schema_add(schema, name, type, out, err);
    if (rc)
        return cp_yaml_place(values[FIELD_NAME], "name", rc, err);
    (*out)->unit = unit;
    return CP_OK;
}

/* Whether one path is the other's beginning, or both are the same. */
static bool paths_clash(const cp_field *a, const cp_field *b)
{
    size_t shared = a->path_count < b->path_count ? a->path_count : b->path_count;
    for (size_t i = 0; i < shared; i++)
        if (!cp_span_equal(a->path[i], b->path[i]))
            return false;
    return true;
}

/* Checks the last field's path against those before it. */
static cp_rc check_path(const cp_schema *schema, cp_yaml_node node, const char *key, cp_error *err)
{
    const cp_field *last = &schema->fields[schema->field_count - 1];
    for (const cp_field *other = schema->fields; other < last; other++)
        if (paths_clash(other, last))
            return cp_yaml_fail(
                node, key, err,
                last->path_count == other->path_count
                    ? "field \"%.*s\" has the path of field \"%.*s\""
                    : "the path of field \"%.*s\" and that of field \"%.*s\" run into each other",
                CP_VALUE_CUT_BYTES, last->name, CP_VALUE_CUT_BYTES, other->name);
    return CP_OK;
}

static cp_rc read_field(cp_schema *schema, cp_yaml_node map, cp_error *err)
{
    cp_yaml_node values[FIELD_KEYS];
    cp_field *field = NULL;
    cp_rc rc = cp_yaml_map(map, "fields", field_keys, FIELD_KEYS, values, err);
    if (rc == CP_OK)
        rc = open_field(schema, map, values, &field, err);
    for (size_t key = FIELD_REQUIRED; key < FIELD_KEYS && rc == CP_OK; key++)
        if (values[key].node)
            rc = apply_rule(field, key, values[key], err);
    if (rc)
        return rc;
    if (field->type == CP_TYPE_ENUM && !values[FIELD_SYMBOLS].node)
        return cp_yaml_fail(map, "symbols", err, "an enum needs its symbols");
    size_t placed = values[FIELD_PATH].node ? FIELD_PATH : FIELD_NAME;
    return check_path(schema, values[placed], field_keys[placed], err);
}

/* ---- the keys of the top ---- */

enum {
    TOP_NAME,
    TOP_FIELDS,
    TOP_LAYOUT,
    TOP_LAYOUT_FIELDS,
    TOP_UNKNOWN_FIELDS,
    TOP_DUPLICATE_KEYS,
    TOP_KEYS
};

static const char *const top_keys[TOP_KEYS] = {
    [TOP_NAME] = "name",
    [TOP_FIELDS] = "fields",
    [TOP_LAYOUT] = "layout",
    [TOP_LAYOUT_FIELDS] = "layout_fields",
    [TOP_UNKNOWN_FIELDS] = "unknown_fields",
    [TOP_DUPLICATE_KEYS] = "duplicate_keys",
};

static cp_rc read_fields(cp_schema *schema, cp_yaml_node root, cp_yaml_node node, cp_error *err)
{
    if (!node.node)
        return cp_yaml_fail(root, "fields", err, "a schema needs fields");
    cp_rc rc = cp_yaml_list(node, "fields", err);
    if (rc == CP_OK && cp_yaml_count(node) == 0)
        return cp_yaml_fail(node, "fields", err, "a schema needs at least one field");
    for (size_t i = 0; rc == CP_OK && i < cp_yaml_count(node); i++)
        rc = read_field(schema, cp_yaml_item(node, i), err);
    return rc;
}

/* The names of the layout's fields, each checked where it stands; `names` has room for all. */
static cp_rc read_layout_names(const cp_schema *schema, cp_yaml_node list, cp_span *names,
                               cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; rc == CP_OK && i < cp_yaml_count(list); i++) {
        cp_yaml_node item = cp_yaml_item(list, i);
        rc = cp_yaml_text(item, "layout_fields", &names[i], err);
        if (rc == CP_OK && cp_schema_find(schema, names[i]) == SIZE_MAX)
            rc = cp_yaml_fail_expected(item, "layout_fields", "a field of this schema", err);
    }
    return rc;
}

static cp_rc read_layout(cp_schema *schema, const cp_yaml_node *values, cp_error *err)
{
    cp_yaml_node text = values[TOP_LAYOUT];
    cp_yaml_node list = values[TOP_LAYOUT_FIELDS];
    if (!text.node && !list.node)
        return CP_OK;
    if (!list.node)
        return cp_yaml_fail(text, "layout", err, "a layout needs layout_fields");
    if (!text.node)
        return cp_yaml_fail(list, "layout_fields", err, "layout_fields need a layout");
    const char *layout = NULL;
    cp_span *names = NULL;
    cp_rc rc = cp_yaml_string(text, "layout", &layout, err);
    if (rc == CP_OK)
        rc = cp_yaml_list(list, "layout_fields", err);
    if (rc == CP_OK && cp_yaml_count(list) == 0)
        rc = cp_yaml_fail(list, "layout_fields", err, "a layout needs at least one field");
    if (rc == CP_OK)
        rc = cp_calloc(cp_yaml_count(list), sizeof *names, &names, err);
    if (rc == CP_OK)
        rc = read_layout_names(schema, list, names, err);
    if (rc == CP_OK)
        rc = cp_schema_set_layout(schema, layout, names, cp_yaml_count(list), err);
    free(names);
    return cp_yaml_place(list, "layout_fields", rc, err);
}

static cp_rc read_policies(cp_schema *schema, const cp_yaml_node *values, cp_error *err)
{
    size_t unknown = 0;
    size_t duplicates = CP_DUPLICATE_REJECT;
    cp_rc rc = CP_OK;
    if (values[TOP_UNKNOWN_FIELDS].node)
        rc = cp_yaml_choice(values[TOP_UNKNOWN_FIELDS], "unknown_fields", cp_unknown_policy_names,
                            COUNT(cp_unknown_policy_names), &unknown, err);
    if (rc == CP_OK && values[TOP_DUPLICATE_KEYS].node)
        rc = cp_yaml_choice(values[TOP_DUPLICATE_KEYS], "duplicate_keys", cp_duplicate_policy_names,
                            CP_DUPLICATE_POLICY_COUNT, &duplicates, err);
    schema->reject_unknown = unknown == 1;
    schema->duplicates = (cp_duplicate_policy)duplicates;
    return rc;
}

static cp_rc fill_schema(cp_schema *schema, cp_yaml_node root, const cp_yaml_node *values,
                         cp_error *err)
{
    cp_rc rc = read_fields(schema, root, values[TOP_FIELDS], err);
    if (rc == CP_OK)
        rc = read_layout(schema, values, err);
    if (rc == CP_OK)
        rc = read_policies(schema, values, err);
    return rc;
}

static cp_rc schema_from_tree(const cp_yaml *yaml, cp_schema **out, cp_error *err)
{
    cp_yaml_node values[TOP_KEYS];
    cp_yaml_node root = cp_yaml_root(yaml);
    const char *name = "schema";
    cp_schema *schema = NULL;
    cp_rc rc = cp_yaml_map(root, "", top_keys, TOP_KEYS, values, err);
    if (rc == CP_OK && values[TOP_NAME].node)
        rc = cp_yaml_string(values[TOP_NAME], "name", &name, err);
    if (rc == CP_OK)
        rc = cp_schema_new(name, &schema, err);
    if (rc == CP_OK)
        rc = fill_schema(schema, root, values, err);
    if (rc) {
        cp_schema_free(schema);
        return rc;
    }
    *out = schema;
    return CP_OK;
}

cp_rc cp_schema_from_yaml(const char *path, cp_schema **out, cp_error *err)
{
    cp_yaml *yaml = NULL;
    cp_rc rc = cp_yaml_open(path, &yaml, err);
    if (rc == CP_OK)
        rc = schema_from_tree(yaml, out, err);
    cp_yaml_close(yaml);
    return rc;
}
