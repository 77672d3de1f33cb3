#include "formats/text/column_name.h"

/* Whether the field's path, joined by points, is `name`. */
static bool path_is(const cp_field *field, cp_span name)
{
    size_t at = 0;
    for (size_t i = 0; i < field->path_count; i++) {
        cp_span key = field->path[i];
        if (i > 0 && (at == name.size || name.data[at++] != '.'))
            return false;
        if (name.size - at < key.size || memcmp(name.data + at, key.data, key.size) != 0)
            return false;
        at += key.size;
    }
    return at == name.size;
}

size_t cp_column_field(const cp_schema *schema, cp_span name)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (path_is(&schema->fields[i], name))
            return i;
    return cp_schema_find(schema, name);
}
