/* The schema's paths as a tree of object keys, made once for each plan.
 *
 *   {"id", "status", "reading": {"value", "unit"}}
 *      leaf    leaf       inner:   leaf     leaf
 *
 * Every key of the tree has a number: a leaf that of its field, an inner key field_count + i. A
 * record's keys are ticked off in one bit set by that number. */
#ifndef CP_FORMATS_JSON_KEY_TREE_H
#define CP_FORMATS_JSON_KEY_TREE_H

#include "pipeline/core/schema.h"

/* Which short cut a leaf's values may take; see json_leaf.h. */
typedef enum cp_leaf_kind {
    CP_LEAF_GENERAL,
    CP_LEAF_STRING,
    CP_LEAF_ENUM,
    CP_LEAF_UINT16,
    CP_LEAF_INT64,
    CP_LEAF_FLOAT64,
    CP_LEAF_EPOCH_S,
} cp_leaf_kind;

typedef struct cp_key {
    cp_span name;
    uint32_t number;
    cp_leaf_kind kind;
    const cp_field *field;     /* of a leaf */
    struct cp_key_node *inner; /* NULL for a leaf */
} cp_key;

typedef struct cp_key_node {
    cp_names *names; /* to indexes of keys */
    cp_key *keys;
    uint32_t key_count;
} cp_key_node;

typedef struct cp_key_tree {
    cp_key_node *root;
    uint32_t number_count; /* all keys, leaves and inner ones */
} cp_key_tree;

/* CP_E_MEMORY; CP_E_CONFIG where one path runs through another. The schema outlives the tree. */
cp_rc cp_key_tree_build(const cp_schema *schema, cp_key_tree *out, cp_error *err);
void cp_key_tree_free(cp_key_tree *tree); /* may be called twice */

#endif
