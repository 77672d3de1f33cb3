/* Groups: the distinct values of a key column, numbered in the order in which they were met.
 *
 *   8- and 16-bit keys (and bool, enum)   index[key] -> group, keys[group] -> key
 *   all other keys                        hash table -> group, keys[group] -> key
 *
 * Both cost as much memory as there are groups; a stage keeps its own typed array beside, by
 * group. The null key is a group like any other. One thread at a time. */
#ifndef CP_STAGES_GROUPS_H
#define CP_STAGES_GROUPS_H

#include "pipeline/core/arena.h"
#include "pipeline/core/batch.h"

/* A key: the value's bits widened to 64 (signed ones sign-extended, floats as float64 bits), or
 * text. */
typedef struct cp_group_key {
    uint64_t bits;
    cp_span text; /* string and json keys; in the groups' arena */
    bool is_null;
} cp_group_key;

typedef struct cp_groups {
    cp_type type;
    uint32_t count;
    cp_group_key *keys;
    size_t key_capacity;
    uint32_t *index; /* dense: 2^8 or 2^16 entries; hashed: a power of two; group + 1, 0 is free */
    uint32_t index_size;
    bool is_dense;
    uint32_t null_group; /* group + 1 */
    cp_arena texts;
    size_t text_bytes;
    size_t memory_limit_bytes;
} cp_groups;

/* CP_E_MEMORY. */
cp_rc cp_groups_open(cp_groups *groups, cp_type type, size_t memory_limit_bytes, cp_error *err);
void cp_groups_close(cp_groups *groups); /* may be called twice */

/* The group of the key in `row`, a new one where the key is new. CP_E_MEMORY, also beyond the
 * limit. */
cp_rc cp_groups_find(cp_groups *groups, const cp_column *column, uint32_t row, uint32_t *group,
                     cp_error *err);

/* The group of a key of other groups of the same type. CP_E_MEMORY. */
cp_rc cp_groups_find_key(cp_groups *groups, const cp_group_key *key, uint32_t *group,
                         cp_error *err);

/* Forgets all keys; costs what there are groups. */
void cp_groups_clear(cp_groups *groups);

/* All groups by ascending key (text in byte order, the null key last): *order is the caller's to
 * free. CP_E_MEMORY. */
cp_rc cp_groups_sort(const cp_groups *groups, uint32_t **order, cp_error *err);

/* Stores a key into a result column of the key's type. The text stays in the groups' arena. */
void cp_group_key_store(const cp_groups *groups, uint32_t group, cp_column *column, uint32_t row);

#endif
