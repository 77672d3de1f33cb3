/* The schema of a Parquet file: a tree, written depth first, whose leaves are the columns
 * (README.md, "Nested Encoding"). */
#ifndef CP_FORMATS_PARQUET_SCHEMA_TREE_H
#define CP_FORMATS_PARQUET_SCHEMA_TREE_H

#include "formats/parquet/metadata.h"

enum { CP_PARQUET_DEPTH_MAX = 64 };

typedef struct cp_parquet_node {
    cp_parquet_schema_element element;
    size_t parent;                           /* SIZE_MAX: this is the root */
    uint32_t depth;                          /* 0: the root */
    uint32_t definition_max, repetition_max; /* of the levels of what lies in it */
    size_t children_left;                    /* while it is read */
    char *path;      /* leaves: names from below the root on, with dots between; else NULL */
    bool is_ordered; /* leaves: the file says that bounds follow the type's order */
} cp_parquet_node;

/* Zeroed is empty. */
typedef struct cp_parquet_tree {
    cp_parquet_node *nodes; /* the root first */
    size_t node_count, node_capacity;
    size_t *leaves; /* their nodes, in the order of the columns */
    size_t leaf_count, leaf_capacity;
    size_t path_bytes; /* of all leaves */
} cp_parquet_tree;

/* Reads FileMetaData.schema and column_orders. CP_E_DATA, CP_E_MEMORY; close in every case. */
cp_rc cp_parquet_tree_read(const cp_parquet_file_metadata *file, cp_parquet_tree *out,
                           cp_error *err);
void cp_parquet_tree_close(cp_parquet_tree *tree); /* may be called twice */

static inline const cp_parquet_node *cp_parquet_leaf(const cp_parquet_tree *tree, size_t column)
{
    return &tree->nodes[tree->leaves[column]];
}

static inline bool cp_parquet_is_leaf(const cp_parquet_node *node)
{
    return cp_thrift_has(node->element.has, CP_ELEMENT_TYPE);
}

/* Whether `path`, a chunk's path_in_schema, names the node. CP_E_DATA. */
cp_rc cp_parquet_tree_check_path(const cp_parquet_tree *tree, const cp_parquet_node *node,
                                 const cp_thrift_items *path, cp_error *err);

#endif
