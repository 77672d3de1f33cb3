/* From a list of schema elements to a tree with levels and paths. */
#include "formats/parquet/schema_tree.h"

#include "formats/parquet/meaning_check.h"

static bool has(const cp_parquet_node *node, int id)
{
    return cp_thrift_has(node->element.has, id);
}

static bool within(int32_t value, int32_t count)
{
    return value >= 0 && value < count;
}

/* Whether the types of a field, whose numbers are known, go together. */
static cp_rc check_meaning(const cp_parquet_node *node, const cp_thrift_reader *at, cp_error *err)
{
    const char *conflict = cp_parquet_meaning_conflict(&node->element);
    return conflict ? cp_thrift_damaged(at, err, "of a field %s", conflict) : CP_OK;
}

/* Whether the numbers of an element are those of the format. */
static cp_rc check_element(const cp_parquet_node *node, const cp_thrift_reader *at, cp_error *err)
{
    const cp_parquet_schema_element *e = &node->element;
    bool is_leaf = cp_parquet_is_leaf(node);
    if (is_leaf && !within(e->type, CP_PARQUET_TYPE_COUNT))
        return cp_thrift_damaged(at, err, "a column has the unknown type %d", e->type);
    if (is_leaf && e->child_count != 0)
        return cp_thrift_damaged(at, err, "a column has both a type and children");
    if (!is_leaf && (!has(node, CP_ELEMENT_CHILD_COUNT) || e->child_count < 0))
        return cp_thrift_damaged(at, err, "a group has no number of children");
    if (node->parent != SIZE_MAX &&
        (!has(node, CP_ELEMENT_REPETITION) || !within(e->repetition, CP_PARQUET_REPETITION_COUNT)))
        return cp_thrift_damaged(at, err, "a field has no repetition that is known");
    if (has(node, CP_ELEMENT_CONVERTED) && !within(e->converted, CP_PARQUET_CONVERTED_COUNT))
        return cp_thrift_damaged(at, err, "a field has the unknown converted type %d",
                                 e->converted);
    if (__builtin_popcountll(e->logical.has) > 1)
        return cp_thrift_damaged(at, err, "a field has more than one logical type");
    if (is_leaf && e->type == CP_PARQUET_FIXED_LEN_BYTE_ARRAY && e->type_length <= 0)
        return cp_thrift_damaged(at, err, "a column of fixed length has no length");
    return check_meaning(node, at, err);
}

static void set_levels(const cp_parquet_tree *tree, cp_parquet_node *node)
{
    if (node->parent == SIZE_MAX)
        return;
    const cp_parquet_node *parent = &tree->nodes[node->parent];
    node->depth = parent->depth + 1;
    node->definition_max =
        parent->definition_max + (node->element.repetition != CP_PARQUET_REQUIRED);
    node->repetition_max =
        parent->repetition_max + (node->element.repetition == CP_PARQUET_REPEATED);
}

/* Names, those nearest to the root first. A group's name is part of the path of each column below
 * it: a small footer must not become much memory. */
static cp_rc make_path(cp_parquet_tree *tree, cp_parquet_node *node, const cp_thrift_reader *at,
                       cp_error *err)
{
    enum { PATH_BYTES_MAX = 16 << 20 };
    size_t size = 0;
    for (const cp_parquet_node *n = node; n->parent != SIZE_MAX; n = &tree->nodes[n->parent])
        size += n->element.name.size + 1;
    tree->path_bytes += size;
    if (tree->path_bytes > PATH_BYTES_MAX)
        return cp_thrift_damaged(at, err, "the paths of the columns take more than %d bytes",
                                 (int)PATH_BYTES_MAX);
    cp_rc rc = cp_calloc(size + 1, 1, &node->path, err);
    if (rc)
        return rc;
    for (const cp_parquet_node *n = node; n->parent != SIZE_MAX; n = &tree->nodes[n->parent]) {
        if (n != node)
            node->path[--size] = '.';
        else
            --size; /* the terminator */
        size -= n->element.name.size;
        if (n->element.name.size)
            memcpy(node->path + size, n->element.name.data, n->element.name.size);
    }
    return CP_OK;
}

static cp_rc add_leaf(cp_parquet_tree *tree, cp_parquet_node *node, const cp_thrift_reader *at,
                      cp_error *err)
{
    cp_rc rc = cp_grow(&tree->leaves, &tree->leaf_capacity, tree->leaf_count + 1,
                       sizeof *tree->leaves, err);
    if (rc)
        return rc;
    tree->leaves[tree->leaf_count++] = (size_t)(node - tree->nodes);
    return make_path(tree, node, at, err);
}

/* The next element, under `*parent`; then *parent is what the one after it lies under. */
static cp_rc add_node(cp_parquet_tree *tree, cp_thrift_reader *at, size_t *parent, cp_error *err)
{
    cp_rc rc =
        cp_grow(&tree->nodes, &tree->node_capacity, tree->node_count + 1, sizeof *tree->nodes, err);
    if (rc)
        return rc;
    cp_parquet_node *node = &tree->nodes[tree->node_count];
    *node = (cp_parquet_node){.parent = *parent};
    rc = cp_thrift_read(at, &cp_parquet_schema_element_shape, &node->element, err);
    if (!rc)
        rc = check_element(node, at, err);
    if (rc)
        return rc;
    set_levels(tree, node);
    if (node->depth > CP_PARQUET_DEPTH_MAX)
        return cp_thrift_damaged(at, err, "the schema is nested more than %d deep",
                                 (int)CP_PARQUET_DEPTH_MAX);
    size_t index = tree->node_count++;
    node->children_left = cp_parquet_is_leaf(node) ? 0 : (size_t)node->element.child_count;
    if (*parent != SIZE_MAX)
        tree->nodes[*parent].children_left--;
    *parent = index;
    while (*parent != SIZE_MAX && tree->nodes[*parent].children_left == 0)
        *parent = tree->nodes[*parent].parent;
    return cp_parquet_is_leaf(node) ? add_leaf(tree, node, at, err) : CP_OK;
}

static cp_rc read_nodes(const cp_thrift_items *list, cp_parquet_tree *tree, cp_error *err)
{
    cp_thrift_reader at = list->reader;
    size_t parent = SIZE_MAX;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < list->count; i++) {
        if (i > 0 && parent == SIZE_MAX)
            return cp_thrift_damaged(&at, err, "the schema has %zu elements behind its last one",
                                     list->count - i);
        rc = add_node(tree, &at, &parent, err);
    }
    if (!rc && (list->count == 0 || parent != SIZE_MAX))
        rc = cp_thrift_damaged(&at, err, "the schema has fewer elements than its groups say");
    if (!rc && cp_parquet_is_leaf(&tree->nodes[0]))
        rc = cp_thrift_damaged(&list->reader, err, "the schema has no root");
    return rc;
}

static cp_rc read_orders(const cp_thrift_items *list, cp_parquet_tree *tree, cp_error *err)
{
    cp_thrift_reader at = list->reader;
    cp_rc rc = CP_OK;
    if (list->count != tree->leaf_count)
        return cp_thrift_damaged(&at, err, "it has orders for %zu columns, and %zu columns",
                                 list->count, tree->leaf_count);
    for (size_t i = 0; !rc && i < list->count; i++) {
        cp_parquet_marker order = {0};
        rc = cp_thrift_read(&at, &cp_parquet_column_order_shape, &order, err);
        tree->nodes[tree->leaves[i]].is_ordered = cp_thrift_has(order.has, CP_ORDER_BY_TYPE);
    }
    return rc;
}

cp_rc cp_parquet_tree_read(const cp_parquet_file_metadata *file, cp_parquet_tree *out,
                           cp_error *err)
{
    cp_rc rc = read_nodes(&file->schema, out, err);
    if (!rc && cp_thrift_has(file->has, CP_FILE_COLUMN_ORDERS))
        rc = read_orders(&file->column_orders, out, err);
    return rc;
}

void cp_parquet_tree_close(cp_parquet_tree *tree)
{
    for (size_t i = 0; i < tree->node_count; i++)
        free(tree->nodes[i].path);
    free(tree->nodes);
    free(tree->leaves);
    *tree = (cp_parquet_tree){0};
}

cp_rc cp_parquet_tree_check_path(const cp_parquet_tree *tree, const cp_parquet_node *node,
                                 const cp_thrift_items *path, cp_error *err)
{
    cp_span names[CP_PARQUET_DEPTH_MAX];
    cp_thrift_reader at = path->reader;
    bool same = path->count == node->depth;
    cp_rc rc = CP_OK;
    for (uint32_t i = node->depth; i-- > 0; node = &tree->nodes[node->parent])
        names[i] = node->element.name;
    for (size_t i = 0; !rc && same && i < path->count; i++) {
        cp_span name;
        rc = cp_thrift_read_binary(&at, &name, err);
        same = rc || cp_span_equal(name, names[i]);
    }
    return rc || same ? rc
                      : cp_thrift_damaged(&path->reader, err,
                                          "path_in_schema is not that of the schema's column");
}
