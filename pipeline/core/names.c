/* Names to numbers: an open-addressing table with linear probing, made once and then only read.
 *
 *   up to 16 bytes  --two overlapping loads-->  {low, high}: the name itself  --multiply-->  slot
 *   longer          --XXH3_64bits------------>  {hash, where the bytes are}   --multiply-->  slot
 *
 * A short name and its size are told apart by {low, high, size} alone, so a hit compares three
 * words that stand in one slot and never touches the name's bytes again. Tables of up to
 * SPARSE_COUNT names are at most a quarter full, others at most half. */
#include "pipeline/core/names.h"

#include "pipeline/core/checked.h"

#include <xxhash.h>

enum { SHORT_BYTES = 16, SPARSE_COUNT = 256 };

typedef struct key {
    uint64_t low, high;
} key;

typedef struct slot {
    key key;
    size_t size;
    int32_t number; /* CP_NAME_ABSENT: the slot is empty, all else in it zero */
} slot;

struct cp_names {
    size_t mask;         /* slots - 1 */
    uint8_t *long_bytes; /* of the long names, end to end; key.high is the offset */
    slot slots[];
};

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t load32(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* All bytes of a name of at most SHORT_BYTES: its first and its last ones, which overlap where it
 * is shorter than both together. The way of loading is that of XXH3 for short input (Yann Collet,
 * xxHash) and wyhash (Wang Yi). Reads nothing outside the name. */
static inline key short_key(cp_span name)
{
    const uint8_t *p = name.data;
    size_t size = name.size;
    if (size >= 8)
        return (key){load64(p), load64(p + size - 8)};
    if (size >= 4)
        return (key){load32(p), load32(p + size - 4)};
    if (size > 0)
        return (key){p[0] | (uint64_t)p[size / 2] << 8, p[size - 1]};
    return (key){0, 0};
}

/* Where to start looking: both halves of one 64 x 64 bit product (Wang Yi's wyhash mixes so). The
 * constants are the first bits of the fractions of the golden ratio and of the square root of two,
 * made odd. */
static inline size_t spread(key k, size_t size)
{
    uint64_t a = k.low ^ UINT64_C(0x9e3779b97f4a7c15);
    uint64_t b = (k.high + size) ^ UINT64_C(0x6a09e667f3bcc909);
    unsigned __int128 product = (unsigned __int128)a * b;
    return (size_t)((uint64_t)product ^ (uint64_t)(product >> 64));
}

static inline bool slot_matches(const slot *s, key k, size_t size)
{
    return ((s->key.low ^ k.low) | (s->key.high ^ k.high) | (s->size ^ size)) == 0;
}

static int32_t find_long(const cp_names *names, cp_span name)
{
    key k = {XXH3_64bits(name.data, name.size), 0};
    for (size_t i = spread(k, name.size) & names->mask;; i = (i + 1) & names->mask) {
        const slot *s = &names->slots[i];
        if (s->number == CP_NAME_ABSENT)
            return CP_NAME_ABSENT;
        if (s->key.low == k.low && s->size == name.size &&
            memcmp(names->long_bytes + s->key.high, name.data, name.size) == 0)
            return s->number;
    }
}

int32_t cp_names_find(const cp_names *names, cp_span name)
{
    if (name.size > SHORT_BYTES)
        return find_long(names, name);
    key k = short_key(name);
    for (size_t i = spread(k, name.size) & names->mask;; i = (i + 1) & names->mask) {
        const slot *s = &names->slots[i];
        /* The empty name matches an empty slot too, whose number is the right answer then. */
        if (slot_matches(s, k, name.size) || s->number == CP_NAME_ABSENT)
            return s->number;
    }
}

/* Slots for `count` names: a power of two. 0 where it does not fit. */
static size_t slots_for(size_t count)
{
    size_t wanted = 8;
    size_t least;
    if (count > INT32_MAX || !cp_mul_size(count, count <= SPARSE_COUNT ? 4 : 2, &least))
        return 0;
    while (wanted < least)
        wanted *= 2;
    return wanted;
}

static cp_rc allocate(const cp_span *names, size_t count, cp_names **out, cp_error *err)
{
    size_t long_size = 0;
    for (size_t i = 0; i < count; i++)
        if (names[i].size > SHORT_BYTES && !cp_add_size(long_size, names[i].size, &long_size))
            return cp_fail_memory(err, SIZE_MAX);
    size_t slots = slots_for(count);
    size_t bytes;
    if (slots == 0 || !cp_mul_size(slots, sizeof(slot), &bytes) ||
        !cp_add_size(bytes, sizeof **out, &bytes) || !cp_add_size(bytes, long_size, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    cp_rc rc = cp_calloc(1, bytes, out, err);
    if (rc)
        return rc;
    (*out)->mask = slots - 1;
    (*out)->long_bytes = (uint8_t *)&(*out)->slots[slots];
    for (size_t i = 0; i < slots; i++)
        (*out)->slots[i].number = CP_NAME_ABSENT;
    return CP_OK;
}

/* Puts a name that is not there yet; *long_used grows with the long ones. */
static void insert(cp_names *names, cp_span name, int32_t number, size_t *long_used)
{
    bool is_long = name.size > SHORT_BYTES;
    key k = is_long ? (key){XXH3_64bits(name.data, name.size), 0} : short_key(name);
    size_t i = spread(k, name.size) & names->mask;
    while (names->slots[i].number != CP_NAME_ABSENT)
        i = (i + 1) & names->mask;
    if (is_long) {
        memcpy(names->long_bytes + *long_used, name.data, name.size);
        k.high = *long_used;
        *long_used += name.size;
    }
    names->slots[i] = (slot){k, name.size, number};
}

cp_rc cp_names_build(const cp_span *names, size_t count, cp_names **out, cp_error *err)
{
    cp_names *made = NULL;
    cp_rc rc = allocate(names, count, &made, err);
    if (!made)
        return rc;
    size_t long_used = 0;
    for (size_t i = 0; i < count; i++) {
        if (cp_names_find(made, names[i]) != CP_NAME_ABSENT) {
            size_t shown = names[i].size < CP_VALUE_CUT_BYTES ? names[i].size : CP_VALUE_CUT_BYTES;
            cp_names_free(made);
            return cp_fail(err, CP_E_CONFIG, "duplicate_name", "\"%.*s\" stands twice", (int)shown,
                           (const char *)names[i].data);
        }
        insert(made, names[i], (int32_t)i, &long_used);
    }
    *out = made;
    return CP_OK;
}

void cp_names_free(cp_names *names)
{
    free(names);
}
