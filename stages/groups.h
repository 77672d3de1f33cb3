/* Groups: the distinct values of a key column, numbered in the order in which they were met.
 *
 *   8- and 16-bit keys (and bool, enum)   index[key] -> group, keys[group] -> key
 *   wider integers that are small         small[key] -> group, likewise
 *   all other keys                        hash table -> group, likewise
 *
 * Both cost as much memory as there are groups; a stage keeps its own typed array beside, by
 * group. The null key is a group like any other. One thread at a time. */
#ifndef CP_STAGES_GROUPS_H
#define CP_STAGES_GROUPS_H

#include "pipeline/core/arena.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/text_key.h"

/* A key: the value's bits widened to 64 (signed ones sign-extended, floats as float64 bits), or
 * text and its two words (pipeline/core/text_key.h). */
typedef struct cp_group_key {
    cp_text_key words; /* words.low alone for all but text */
    cp_span text;      /* string and json keys; in the groups' arena */
    bool is_null;
} cp_group_key;

/* A run of a batch's selected rows, and the group of each. */
enum { CP_GROUP_ROWS_MAX = 1024 };
typedef struct cp_group_rows {
    uint32_t count;
    uint32_t rows[CP_GROUP_ROWS_MAX];
    uint32_t groups[CP_GROUP_ROWS_MAX];
} cp_group_rows;

typedef struct cp_groups {
    cp_type type;
    uint32_t count;
    cp_group_key *keys;
    size_t key_capacity;
    uint32_t *index; /* dense: 2^8 or 2^16 entries; hashed: a power of two; group + 1, 0 is free */
    uint32_t index_size;
    bool is_dense;
    uint32_t *small;     /* hashed integers: the dense index of 0 to 65535; else NULL */
    uint32_t null_group; /* group + 1 */
    cp_arena texts;
    size_t text_bytes; /* of the keys that are not carried over */
    uint32_t carried;  /* so many of the first keys were carried over by cp_groups_renew */
    size_t carried_text_bytes;
    size_t memory_limit_bytes;
} cp_groups;

/* CP_E_MEMORY. */
cp_rc cp_groups_open(cp_groups *groups, cp_type type, size_t memory_limit_bytes, cp_error *err);
void cp_groups_close(cp_groups *groups); /* may be called twice */

/* The groups of selected rows by the key in column `field`, new ones where keys are new: of at
 * most CP_GROUP_ROWS_MAX rows from number *next of the selection on, which moves behind them; none
 * at its end. CP_E_MEMORY, also beyond the limit. */
cp_rc cp_groups_find_rows(cp_groups *groups, const cp_batch *batch, size_t field, uint32_t *next,
                          cp_group_rows *out, cp_error *err);

/* The group of a key of other groups of the same type. CP_E_MEMORY. */
cp_rc cp_groups_find_key(cp_groups *groups, const cp_group_key *key, uint32_t *group,
                         cp_error *err);

/* Forgets all keys; costs what there are groups. */
void cp_groups_clear(cp_groups *groups);

/* Makes ready for other rows, whose keys are mostly the same: few keys are carried over, with their
 * groups, and do not count against the limit any more; many are forgotten. */
void cp_groups_renew(cp_groups *groups);

/* All groups by ascending key (text in byte order, the null key last): *order is the caller's to
 * free. CP_E_MEMORY. */
cp_rc cp_groups_sort(const cp_groups *groups, uint32_t **order, cp_error *err);

/* Stores a key into a result column of the key's type. The text stays in the groups' arena. */
void cp_group_key_store(const cp_groups *groups, uint32_t group, cp_column *column, uint32_t row);

#endif
