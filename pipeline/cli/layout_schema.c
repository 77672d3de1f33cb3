/* From '<dHfB' and "timestamp,sensor_id,value,status" to a schema. */
#include "pipeline/cli/layout_schema.h"

#include "formats/records/layout.h"
#include "pipeline/cli/name_list.h"
#include "pipeline/core/checked.h"

#include <stdio.h>

static cp_type integer_type(const cp_layout_value *value, bool is_signed)
{
    static const cp_type signed_types[] = {CP_TYPE_INT8, CP_TYPE_INT16, CP_TYPE_INT32,
                                           CP_TYPE_INT64};
    static const cp_type unsigned_types[] = {CP_TYPE_UINT8, CP_TYPE_UINT16, CP_TYPE_UINT32,
                                             CP_TYPE_UINT64};
    int log = __builtin_ctz(value->size);
    return is_signed ? signed_types[log] : unsigned_types[log];
}

static cp_type type_of(const cp_layout_value *value)
{
    switch (value->code) {
    case 'c':
    case 's':
        return CP_TYPE_STRING;
    case '?':
        return CP_TYPE_BOOL;
    case 'e':
    case 'f':
        return CP_TYPE_FLOAT32;
    case 'd':
        return CP_TYPE_FLOAT64;
    default:
        return integer_type(value, value->code >= 'a');
    }
}

static cp_rc add_field(cp_schema *schema, cp_span name, cp_type type, cp_error *err)
{
    char text[256];
    if (name.size >= sizeof text)
        return cp_fail(err, CP_E_USAGE, "usage", "--fields has a name of %zu bytes", name.size);
    snprintf(text, sizeof text, "%.*s", (int)name.size, (const char *)name.data);
    cp_field *field;
    return cp_schema_add(schema, text, type, &field, err);
}

static cp_rc schema_of_codes(const char *layout, const cp_name_list *names, cp_schema **out,
                             cp_error *err)
{
    cp_layout parsed;
    cp_rc rc = cp_layout_parse(layout, &parsed, err);
    if (!rc && parsed.value_count != names->count)
        rc = cp_fail(err, CP_E_USAGE, "usage", "the layout has %zu values, --fields %zu names",
                     parsed.value_count, names->count);
    if (!rc)
        rc = cp_schema_new("layout", out, err);
    for (size_t i = 0; !rc && i < names->count; i++)
        rc = add_field(*out, names->items[i], type_of(&parsed.values[i]), err);
    cp_layout_close(&parsed);
    return rc;
}

/* Without --fields the schema's own order stands. */
static cp_rc keep_order(const cp_schema *schema, cp_name_list *names, cp_error *err)
{
    if (schema->layout_field_count == 0)
        return cp_fail(err, CP_E_USAGE, "usage",
                       "--layout needs --fields: the schema has no "
                       "layout_fields");
    cp_rc rc = cp_calloc(schema->layout_field_count, sizeof *names->items, &names->items, err);
    for (size_t i = 0; !rc && i < schema->layout_field_count; i++)
        names->items[names->count++] = cp_span_of(schema->fields[schema->layout_fields[i]].name);
    return rc;
}

cp_rc cp_layout_schema(const char *layout, const char *fields, cp_schema **schema, cp_error *err)
{
    cp_name_list names = {0};
    cp_rc rc = CP_OK;
    if (fields)
        rc = cp_name_list_split(fields, "--fields", &names, err);
    else if (*schema)
        rc = keep_order(*schema, &names, err);
    else
        rc = cp_fail(err, CP_E_USAGE, "usage", "--layout needs --fields, or --schema");
    if (!rc && !*schema)
        rc = schema_of_codes(layout, &names, schema, err);
    if (!rc)
        rc = cp_schema_set_layout(*schema, layout, names.items, names.count, err);
    cp_name_list_close(&names);
    return rc;
}
