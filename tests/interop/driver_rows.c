/* Words to fields and cells. */
#include "tests/interop/driver_rows.h"

#include <stdlib.h>

static cp_rc add_symbols(cp_field *field, char *list, cp_error *err)
{
    enum { SYMBOLS_MAX = 1000 };
    static cp_span symbols[SYMBOLS_MAX];
    size_t count = 0;
    char *rest = NULL;
    for (char *s = strtok_r(list, ",", &rest); s && count < SYMBOLS_MAX;
         s = strtok_r(NULL, ",", &rest))
        symbols[count++] = cp_span_of(s);
    return cp_field_set_symbols(field, symbols, count, err);
}

/* NAME:TYPE[!][=SYMBOL,...] */
static cp_rc add_field(cp_schema *schema, char *described, cp_error *err)
{
    char *type_name = strchr(described, ':');
    char *symbols = strchr(described, '=');
    cp_type type;
    cp_unit unit = CP_UNIT_S;
    cp_field *field;
    if (symbols)
        *symbols++ = '\0';
    if (!type_name)
        return cp_fail(err, CP_E_USAGE, "bad_field", "%s has no type", described);
    *type_name++ = '\0';
    char *mark = strchr(type_name, '!');
    if (mark)
        *mark = '\0';
    if (!cp_type_parse(cp_span_of(type_name), &type, &unit))
        return cp_fail(err, CP_E_USAGE, "bad_type", "%s is no type", type_name);
    cp_rc rc = cp_schema_add(schema, described, type, &field, err);
    if (rc)
        return rc;
    field->unit = unit;
    field->required = mark != NULL;
    return symbols ? add_symbols(field, symbols, err) : CP_OK;
}

cp_rc cp_driver_schema(char *words, cp_schema **out, cp_error *err)
{
    char *rest = NULL;
    cp_rc rc = cp_schema_new("test", out, err);
    for (char *w = strtok_r(words, " ", &rest); !rc && w; w = strtok_r(NULL, " ", &rest))
        rc = add_field(*out, w, err);
    return rc;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
}

static cp_rc set_text(cp_batch *batch, cp_column *column, const char *hex, cp_error *err)
{
    size_t size = strlen(hex) / 2;
    uint8_t *bytes = cp_arena_take(&batch->arena, size);
    if (!bytes)
        return cp_fail_memory(err, size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    ((cp_span *)column->data)[batch->rows] = (cp_span){bytes, size};
    return CP_OK;
}

static cp_rc set_cell(cp_batch *batch, size_t field, const char *cell, cp_error *err)
{
    cp_column *column = &batch->columns[field];
    size_t width = cp_type_width(column->type);
    if (strcmp(cell, "-") == 0) {
        cp_column_set_null(column, batch->rows);
        return CP_OK;
    }
    if (cell[0] == 'x')
        return set_text(batch, column, cell + 1, err);
    uint64_t bits = cell[0] == '-' ? (uint64_t)strtoll(cell, NULL, 10) : strtoull(cell, NULL, 10);
    memcpy((uint8_t *)column->data + batch->rows * width, &bits, width); /* little-endian */
    return CP_OK;
}

cp_rc cp_driver_row(cp_batch *batch, char *words, cp_error *err)
{
    char *rest = NULL;
    size_t field = 0;
    cp_rc rc = CP_OK;
    for (char *w = strtok_r(words, " ", &rest); !rc && w; w = strtok_r(NULL, " ", &rest)) {
        if (field == batch->schema->field_count)
            return cp_fail(err, CP_E_USAGE, "bad_row", "more than %zu cells", field);
        rc = set_cell(batch, field++, w, err);
    }
    if (!rc && field != batch->schema->field_count)
        rc = cp_fail(err, CP_E_USAGE, "bad_row", "%zu cells", field);
    batch->rows++;
    batch->selection_count = batch->rows;
    return rc;
}
