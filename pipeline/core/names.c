/* Names to numbers: an open-addressing table with linear probing, made once and then only read.
 *
 *   name --text_key.h--> {low, high}, size --hash--> slot: the same three, and the number
 *
 * A short name is told apart by those three, so a hit never touches the name's bytes again; a long
 * one is compared. Tables of up to SPARSE_COUNT names are at most a quarter full, others at most
 * half. */
#include "pipeline/core/names.h"

#include "pipeline/core/checked.h"
#include "pipeline/core/text_key.h"

enum { SPARSE_COUNT = 256 };

int32_t cp_names_find_long(const cp_names *names, cp_span name)
{
    cp_text_key key = cp_text_key_of(name);
    for (size_t i = cp_names_first_slot(names, key, name.size);; i = (i + 1) & names->mask) {
        const cp_names_slot *s = &names->slots[i];
        if (s->number == CP_NAME_ABSENT)
            return CP_NAME_ABSENT;
        if (s->key.low == key.low && s->size == name.size &&
            memcmp(names->long_bytes + s->key.high, name.data, name.size) == 0)
            return s->number;
    }
}

int32_t cp_names_find(const cp_names *names, cp_span name)
{
    return cp_text_is_short(name) ? cp_names_find_short(names, cp_text_key_of(name), name.size)
                                  : cp_names_find_long(names, name);
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
        if (!cp_text_is_short(names[i]) && !cp_add_size(long_size, names[i].size, &long_size))
            return cp_fail_memory(err, SIZE_MAX);
    size_t slots = slots_for(count);
    size_t bytes;
    if (slots == 0 || !cp_mul_size(slots, sizeof(cp_names_slot), &bytes) ||
        !cp_add_size(bytes, sizeof **out, &bytes) || !cp_add_size(bytes, long_size, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    cp_rc rc = cp_calloc(1, bytes, out, err);
    if (rc)
        return rc;
    (*out)->mask = slots - 1;
    (*out)->long_bytes = (uint8_t *)&(*out)->slots[slots];
    return CP_OK;
}

/* Puts a name that is not there yet; *long_used grows with the long ones. false: not at the first
 * place to look at. */
static bool insert(cp_names *names, cp_span name, int32_t number, size_t *long_used)
{
    cp_text_key key = cp_text_key_of(name);
    size_t first = cp_names_first_slot(names, key, name.size), i = first;
    while (names->slots[i].number != CP_NAME_ABSENT)
        i = (i + 1) & names->mask;
    if (!cp_text_is_short(name)) {
        memcpy(names->long_bytes + *long_used, name.data, name.size);
        key.high = *long_used;
        *long_used += name.size;
    }
    names->slots[i] = (cp_names_slot){key, name.size, number};
    return i == first;
}

static void clear(cp_names *names)
{
    for (size_t i = 0; i <= names->mask; i++)
        names->slots[i] = (cp_names_slot){.number = CP_NAME_ABSENT};
}

/* SIZE_MAX, or the index of a name that stands twice. *straight: all are at their first places. */
static size_t insert_all(cp_names *names, const cp_span *texts, size_t count, bool *straight)
{
    size_t long_used = 0;
    *straight = true;
    clear(names);
    for (size_t i = 0; i < count; i++) {
        if (cp_names_find(names, texts[i]) != CP_NAME_ABSENT)
            return i;
        *straight &= insert(names, texts[i], (int32_t)i, &long_used);
    }
    return SIZE_MAX;
}

/* A seed under which no name is looked for twice: which of two names a record has cannot be
 * foretold. Few names have one among the first; for many it makes no difference. */
static size_t insert_with_seed(cp_names *names, const cp_span *texts, size_t count)
{
    enum { SEEDS = 64, FEW = 32 };
    bool straight = false;
    size_t twice = SIZE_MAX;
    for (size_t i = 0; i < (count <= FEW ? SEEDS : 1) && !straight && twice == SIZE_MAX; i++) {
        names->seed = i;
        twice = insert_all(names, texts, count, &straight);
    }
    return twice;
}

cp_rc cp_names_build(const cp_span *names, size_t count, cp_names **out, cp_error *err)
{
    cp_names *made = NULL;
    cp_rc rc = allocate(names, count, &made, err);
    if (!made)
        return rc;
    size_t twice = insert_with_seed(made, names, count);
    if (twice != SIZE_MAX) {
        size_t shown =
            names[twice].size < CP_VALUE_CUT_BYTES ? names[twice].size : CP_VALUE_CUT_BYTES;
        cp_names_free(made);
        return cp_fail(err, CP_E_CONFIG, "duplicate_name", "\"%.*s\" stands twice", (int)shown,
                       (const char *)names[twice].data);
    }
    *out = made;
    return CP_OK;
}

void cp_names_free(cp_names *names)
{
    free(names);
}
