/* See json_nest.h: the walk over the key tree of the fields that are written. */
#include "formats/json/json_nest.h"

#include "formats/json/json_put.h"
#include "formats/json/key_tree.h"
#include "pipeline/core/checked.h"

static cp_rc put_name(cp_span name, cp_bytes *out, cp_error *err)
{
    uint8_t *text;
    cp_rc rc = cp_calloc(CP_JSON_ESCAPE_FACTOR * name.size + 3, 1, &text, err);
    if (rc)
        return rc;
    uint8_t *end = cp_json_put_string(name, text);
    *end++ = ':';
    rc = cp_bytes_put(out, text, (size_t)(end - text), err);
    free(text);
    return rc;
}

/* `numbers`: by field of the tree, what it is in the sink's schema. */
static cp_rc put_object(const cp_key_node *node, const size_t *numbers, cp_text_row *row,
                        cp_error *err)
{
    cp_rc rc = cp_bytes_put(&row->text, "{", 1, err);
    for (uint32_t i = 0; !rc && i < node->key_count; i++) {
        const cp_key *key = &node->keys[i];
        rc = i > 0 ? cp_bytes_put(&row->text, ",", 1, err) : CP_OK;
        if (!rc)
            rc = put_name(key->name, &row->text, err);
        if (!rc)
            rc = key->inner ? put_object(key->inner, numbers, row, err)
                            : cp_text_row_add(row, numbers[key->number], err);
    }
    return rc ? rc : cp_bytes_put(&row->text, "}", 1, err);
}

/* The wanted fields alone: a tree of all of them would have objects without values, and others
 * where a field stands that is not written. */
static cp_rc project(const cp_schema *schema, size_t *numbers, cp_schema **out, cp_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].wanted)
            numbers[count++] = i;
    return cp_schema_project(schema, numbers, count, out, err);
}

cp_rc cp_json_nest(const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    size_t *numbers;
    cp_schema *written = NULL;
    cp_key_tree tree = {0};
    cp_rc rc = cp_calloc(schema->field_count, sizeof *numbers, &numbers, err);
    if (!rc)
        rc = project(schema, numbers, &written, err);
    if (!rc)
        rc = cp_key_tree_build(written, &tree, err);
    if (!rc)
        rc = put_object(tree.root, numbers, row, err);
    cp_key_tree_free(&tree);
    cp_schema_free(written);
    free(numbers);
    return rc;
}
