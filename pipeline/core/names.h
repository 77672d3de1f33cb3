/* Byte strings to small numbers: object keys to fields, enum symbols to codes.
 *
 * Immutable once built and shared by all threads; a lookup is one hash, most often one compare. */
#ifndef CP_CORE_NAMES_H
#define CP_CORE_NAMES_H

#include "pipeline/core/error.h"
#include "pipeline/core/text_key.h"

typedef struct cp_names cp_names;

enum { CP_NAME_ABSENT = -1 };

/* Builds the table of `count` distinct names; number i stands for names[i]. The bytes are copied.
 * CP_E_MEMORY; CP_E_CONFIG where a name stands twice. */
cp_rc cp_names_build(const cp_span *names, size_t count, cp_names **out, cp_error *err);

/* The number of `name`, or CP_NAME_ABSENT. */
int32_t cp_names_find(const cp_names *names, cp_span name);

/* NULL is allowed. */
void cp_names_free(cp_names *names);

/* The inside, for the lookup in line. */
typedef struct cp_names_slot {
    cp_text_key key; /* of a long name: its hash, and its offset in long_bytes */
    size_t size;
    int32_t number; /* CP_NAME_ABSENT: the slot is empty, all else in it zero */
} cp_names_slot;

struct cp_names {
    size_t mask;         /* slots - 1 */
    size_t seed;         /* of the hash */
    uint8_t *long_bytes; /* of the names that are not short, end to end */
    cp_names_slot slots[];
};

int32_t cp_names_find_long(const cp_names *names, cp_span name);

static inline size_t cp_names_first_slot(const cp_names *names, cp_text_key key, size_t size)
{
    return (size_t)cp_text_key_hash(key, size + names->seed) & names->mask;
}

static inline int32_t cp_names_find_short(const cp_names *names, cp_text_key key, size_t size)
{
    for (size_t i = cp_names_first_slot(names, key, size);; i = (i + 1) & names->mask) {
        const cp_names_slot *s = &names->slots[i];
        bool is_it = ((s->key.low ^ key.low) | (s->key.high ^ key.high) | (s->size ^ size)) == 0;
        /* The empty name matches an empty slot too, whose number is the right answer then. */
        if (is_it || s->number == CP_NAME_ABSENT)
            return s->number;
    }
}

/* As cp_names_find, where CP_TEXT_KEY_BYTES from the name's first byte on are readable, whatever
 * its size: faster for names of many sizes. */
static inline int32_t cp_names_find_readable(const cp_names *names, cp_span name)
{
    return cp_text_is_short(name)
               ? cp_names_find_short(names, cp_text_key_of_readable(name), name.size)
               : cp_names_find_long(names, name);
}

#endif
