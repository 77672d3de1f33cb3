/* Building the key tree: one node for each object on a path. */
#include "formats/json/key_tree.h"

#include "formats/json/json_leaf.h"
#include "pipeline/core/checked.h"

static void free_node(cp_key_node *node)
{
    if (!node)
        return;
    for (uint32_t i = 0; i < node->key_count; i++)
        free_node(node->keys[i].inner);
    cp_names_free(node->names);
    free(node->keys);
    free(node);
}

static cp_key *find_key(cp_key_node *node, cp_span name)
{
    for (uint32_t i = 0; i < node->key_count; i++)
        if (cp_span_equal(node->keys[i].name, name))
            return &node->keys[i];
    return NULL;
}

static cp_rc add_key(cp_key_node *node, cp_span name, cp_key **out, cp_error *err)
{
    size_t capacity = node->key_count;
    cp_rc rc = cp_grow(&node->keys, &capacity, node->key_count + 1u, sizeof *node->keys, err);
    if (rc)
        return rc;
    cp_key *key = &node->keys[node->key_count++];
    *key = (cp_key){.name = name};
    *out = key;
    return CP_OK;
}

static cp_rc path_conflict(const cp_field *field, cp_error *err)
{
    return cp_fail(err, CP_E_CONFIG, "path_conflict",
                   "the path of field \"%s\" is another field's, or runs through it", field->name);
}

static cp_rc add_path(cp_key_tree *tree, const cp_field *field, uint32_t number, cp_error *err)
{
    cp_key_node *node = tree->root;
    for (size_t i = 0; i < field->path_count; i++) {
        bool leaf = i + 1 == field->path_count;
        cp_key *key = find_key(node, field->path[i]);
        if (key && (leaf || !key->inner))
            return path_conflict(field, err);
        cp_rc rc = key ? CP_OK : add_key(node, field->path[i], &key, err);
        if (!rc && leaf) {
            key->number = number;
            key->field = field;
            key->kind = cp_leaf_kind_of(field);
        }
        if (!rc && !leaf && !key->inner) {
            key->number = tree->number_count++;
            rc = cp_calloc(1, sizeof *key->inner, &key->inner, err);
        }
        if (rc)
            return rc;
        node = key->inner;
    }
    return CP_OK;
}

static cp_rc finish_node(cp_key_node *node, cp_error *err)
{
    cp_span *names;
    cp_rc rc = cp_calloc(node->key_count, sizeof *names, &names, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < node->key_count; i++)
        names[i] = node->keys[i].name;
    rc = cp_names_build(names, node->key_count, &node->names, err);
    free(names);
    for (uint32_t i = 0; !rc && i < node->key_count; i++)
        if (node->keys[i].inner)
            rc = finish_node(node->keys[i].inner, err);
    return rc;
}

cp_rc cp_key_tree_build(const cp_schema *schema, cp_key_tree *out, cp_error *err)
{
    *out = (cp_key_tree){.number_count = (uint32_t)schema->field_count};
    cp_rc rc = cp_calloc(1, sizeof *out->root, &out->root, err);
    for (size_t i = 0; !rc && i < schema->field_count; i++)
        rc = add_path(out, &schema->fields[i], (uint32_t)i, err);
    if (!rc)
        rc = finish_node(out->root, err);
    if (rc)
        cp_key_tree_free(out);
    return rc;
}

void cp_key_tree_free(cp_key_tree *tree)
{
    free_node(tree->root);
    *tree = (cp_key_tree){0};
}
