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
    /* `"name":` as compact JSON spells it, for the one-compare match; size 0 where the name needs
     * escapes or is longer than 13 bytes. `mask` keeps the bytes that count. */
    uint64_t spelled[2], mask[2];
    uint32_t spelled_bytes;
} cp_key;

typedef struct cp_key_node {
    cp_names *names; /* to indexes of keys */
    cp_key *keys;
    uint32_t key_count;
    uint32_t
        first_guess; /* of this node's in a decoder's array of guesses: key_count + 1 of them */
} cp_key_node;

typedef struct cp_key_tree {
    cp_key_node *root;
    uint32_t number_count; /* all keys, leaves and inner ones */
    uint32_t guess_count;
} cp_key_tree;

/* CP_E_MEMORY; CP_E_CONFIG where one path runs through another. The schema outlives the tree. */
cp_rc cp_key_tree_build(const cp_schema *schema, cp_key_tree *out, cp_error *err);
void cp_key_tree_free(cp_key_tree *tree); /* may be called twice */

/* Whether `"name":` stands at p; 16 bytes are readable there. */
static inline bool cp_key_is_at(const cp_key *key, const uint8_t *p)
{
    uint64_t low, high;
    memcpy(&low, p, sizeof low);
    memcpy(&high, p + 8, sizeof high);
    return (((low ^ key->spelled[0]) & key->mask[0]) | ((high ^ key->spelled[1]) & key->mask[1])) ==
           0;
}

#endif
