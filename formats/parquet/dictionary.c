/* Distinct values: a table by value for narrow types, open addressing for the others. */
#include "formats/parquet/dictionary.h"

#include "formats/parquet/bit_pack.h"
#include "formats/parquet/numbering.h"
#include "formats/parquet/plain.h"

enum {
    STEP_VALUES = 4096, /* between two looks at how many are distinct */
    PAGE_BYTES_MAX = 4 << 20,
    FIRST_SLOTS = 1024,
    NARROW_SLOTS = 1 << 16, /* types of up to 16 bits */
    BY_CHANCE = 3,          /* values that occur so often at most are equally rare */
    RARITIES = 33,          /* bit lengths up to 32 */
};

void cp_parquet_dictionary_close(cp_parquet_dictionary *dictionary)
{
    free(dictionary->entries);
    free(dictionary->indices);
    free(dictionary->slots);
    free(dictionary->order);
    free(dictionary->unsorted);
    *dictionary = (cp_parquet_dictionary){0};
}

static cp_rc clear_slots(cp_parquet_dictionary *d, size_t slots, cp_error *err)
{
    cp_rc rc = cp_grow(&d->slots, &d->slot_capacity, slots, sizeof *d->slots, err);
    if (rc)
        return rc;
    memset(d->slots, 0, slots * sizeof *d->slots);
    d->slot_count = slots;
    return CP_OK;
}

/* ---- finding entries ---- */

static uint32_t add_entry(cp_parquet_dictionary *d, cp_text_key key, cp_span text)
{
    d->entries[d->count] = (cp_parquet_entry){.key = key, .text = text};
    return d->count++;
}

static size_t slot_of(const cp_parquet_dictionary *d, cp_text_key key, size_t size)
{
    return (size_t)cp_text_key_hash(key, size) & (d->slot_count - 1);
}

static inline uint32_t find_hashed(cp_parquet_dictionary *d, cp_text_key key, cp_span text)
{
    for (size_t at = slot_of(d, key, text.size);; at = (at + 1) & (d->slot_count - 1)) {
        if (d->slots[at] == 0) {
            d->slots[at] = d->count + 1;
            return add_entry(d, key, text);
        }
        const cp_parquet_entry *entry = &d->entries[d->slots[at] - 1];
        if (entry->key.low == key.low && entry->key.high == key.high &&
            entry->text.size == text.size &&
            (cp_text_is_short(text) || memcmp(entry->text.data, text.data, text.size) == 0))
            return d->slots[at] - 1;
    }
}

static inline uint32_t find_narrow(cp_parquet_dictionary *d, uint32_t word, cp_span text)
{
    uint32_t *slot = &d->slots[word & (NARROW_SLOTS - 1)];
    if (*slot == 0)
        *slot = add_entry(d, (cp_text_key){word, 0}, text) + 1;
    return *slot - 1;
}

static void index_texts(cp_parquet_dictionary *d, const cp_span *texts, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        cp_span text = texts[i];
        cp_text_key key =
            cp_text_is_short(text) ? cp_text_key_of_readable(text) : cp_text_key_of(text);
        d->indices[i] = find_hashed(d, key, text);
    }
}

static void index_words_32(cp_parquet_dictionary *d, const uint32_t *words, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        d->indices[i] = find_hashed(d, (cp_text_key){words[i], 0}, (cp_span){0});
}

static void index_words_64(cp_parquet_dictionary *d, const uint64_t *words, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        d->indices[i] = find_hashed(d, (cp_text_key){words[i], 0}, (cp_span){0});
}

static void index_narrow(cp_parquet_dictionary *d, const cp_parquet_values *values, size_t from,
                         size_t to)
{
    if (values->symbols) {
        for (size_t i = from; i < to; i++)
            d->indices[i] = find_narrow(d, values->codes[i], values->symbols[values->codes[i]]);
    } else {
        for (size_t i = from; i < to; i++)
            d->indices[i] = find_narrow(d, values->words32[i], (cp_span){0});
    }
}

static void index_values(cp_parquet_dictionary *d, const cp_parquet_values *values, size_t from,
                         size_t to)
{
    if (values->key_bits <= 16)
        index_narrow(d, values, from, to);
    else if (values->type == CP_PARQUET_BYTE_ARRAY)
        index_texts(d, values->texts, from, to);
    else if (values->type == CP_PARQUET_INT32 || values->type == CP_PARQUET_FLOAT)
        index_words_32(d, values->words32, from, to);
    else
        index_words_64(d, values->words64, from, to);
}

/* ---- building ---- */

/* Entries for one more step, and a table at most half full with them. */
static cp_rc make_room(cp_parquet_dictionary *d, bool hashed, cp_error *err)
{
    size_t wanted = (size_t)d->count + STEP_VALUES;
    cp_rc rc = cp_grow(&d->entries, &d->entry_capacity, wanted, sizeof *d->entries, err);
    if (rc || !hashed || wanted <= d->slot_count / 2)
        return rc;
    size_t slots = d->slot_count;
    while (slots / 2 < wanted)
        slots *= 2;
    rc = clear_slots(d, slots, err);
    for (uint32_t i = 0; !rc && i < d->count; i++) {
        const cp_parquet_entry *entry = &d->entries[i];
        size_t at = slot_of(d, entry->key, entry->text.size);
        while (d->slots[at])
            at = (at + 1) & (d->slot_count - 1);
        d->slots[at] = i + 1;
    }
    return rc;
}

/* Whether it is worth going on after `seen` values: few enough of them are distinct. Told from as
 * little as one step, most must be; whatever comes later, such a dictionary hardly pays. */
static bool is_promising(const cp_parquet_dictionary *d, size_t seen, size_t total)
{
    if (seen == total)
        return d->count <= total / 2 || total < STEP_VALUES;
    return d->count <= seen - seen / 8;
}

static cp_rc index_all(cp_parquet_dictionary *d, const cp_parquet_values *values, cp_error *err)
{
    bool hashed = values->key_bits > 16;
    cp_rc rc = clear_slots(d, hashed ? FIRST_SLOTS : NARROW_SLOTS, err);
    d->usable = true;
    for (size_t i = 0; !rc && d->usable && i < values->count;) {
        size_t end = values->count - i < STEP_VALUES ? values->count : i + STEP_VALUES;
        rc = make_room(d, hashed, err);
        if (rc)
            break;
        index_values(d, values, i, end);
        d->usable = values->symbols || is_promising(d, end, values->count);
        i = end;
    }
    return rc;
}

static size_t bytes_of_page(const cp_parquet_dictionary *d, cp_parquet_type type)
{
    size_t width = cp_parquet_is_wide(type) ? 8 : 4;
    size_t bytes = d->count * width;
    for (uint32_t i = 0; i < d->count; i++)
        bytes += d->entries[i].text.size;
    return bytes;
}

/* ---- the order of the entries ---- */

/* Bits whose unsigned order is the values'. Of floats, -0.0 before 0.0, NaNs at the ends. */
static uint64_t ordered_bits(const cp_parquet_values *values, uint64_t bits)
{
    bool wide = cp_parquet_is_wide(values->type);
    uint64_t sign = wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
    if (values->order == CP_PARQUET_UNSIGNED)
        return bits;
    if (values->order == CP_PARQUET_FLOATING && (bits & sign))
        return wide ? ~bits : ~bits & UINT32_MAX;
    return bits ^ sign;
}

/* The first eight bytes, the first one highest, as byte-wise order wants them. */
static uint64_t text_head(cp_span text)
{
    uint64_t head = cp_text_word(text.data, text.size < 8 ? text.size : 8);
    return __builtin_bswap64(head);
}

typedef struct sort_context {
    const cp_parquet_entry *entries;
    const uint64_t *heads;
} sort_context;

/* By value; two texts of the same first eight bytes are compared as a whole. */
static int compare_values(const void *left, const void *right, void *context)
{
    const sort_context *c = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (c->heads[a] != c->heads[b])
        return c->heads[a] < c->heads[b] ? -1 : 1;
    return cp_span_compare(c->entries[a].text, c->entries[b].text);
}

static cp_rc sort_by_value(cp_parquet_dictionary *d, const cp_parquet_values *values, cp_error *err)
{
    cp_rc rc = cp_grow(&d->order, &d->order_capacity, d->count, sizeof *d->order, err);
    if (rc)
        return rc;
    uint64_t *heads;
    rc = cp_calloc(d->count, sizeof *heads, &heads, err);
    if (rc)
        return rc;
    bool is_text = values->type == CP_PARQUET_BYTE_ARRAY;
    for (uint32_t i = 0; i < d->count; i++) {
        const cp_parquet_entry *entry = &d->entries[i];
        heads[i] = is_text ? text_head(entry->text) : ordered_bits(values, entry->key.low);
        d->order[i] = i;
    }
    qsort_r(d->order, d->count, sizeof *d->order, compare_values,
            &(sort_context){d->entries, heads});
    for (uint32_t i = 0; i < d->count; i++)
        d->entries[d->order[i]].rank = i;
    free(heads);
    return CP_OK;
}

/* 1 for an entry that occurs more than half as often as the most frequent one, 2 for one of more
 * than a quarter, and so on: like frequencies are one class, wherever they lie. The least of them
 * count as one. */
static unsigned rarity(uint32_t most, uint32_t count)
{
    return cp_bit_width(most / (count <= BY_CHANCE ? 1 : count));
}

/* Counts values and entries by rarity. */
static uint32_t count_classes(cp_parquet_dictionary *d, size_t value_count,
                              cp_frequency_class classes[RARITIES])
{
    uint32_t most = 0;
    for (size_t i = 0; i < value_count; i++)
        d->entries[d->indices[i]].count++;
    for (uint32_t i = 0; i < d->count; i++)
        most = d->entries[i].count > most ? d->entries[i].count : most;
    for (uint32_t i = 0; i < d->count; i++) {
        cp_frequency_class *class = &classes[rarity(most, d->entries[i].count)];
        class->entries++;
        class->values += d->entries[i].count;
    }
    return most;
}

/* Each class' entries get its numbers by value: slots, which nobody needs any more, tell the new
 * number of each entry. */
static void give_numbers(cp_parquet_dictionary *d, uint32_t most,
                         const cp_frequency_class classes[RARITIES], const uint32_t *numbers)
{
    uint32_t next[RARITIES], first = 0;
    for (size_t i = 0; i < RARITIES; first += classes[i++].entries)
        next[i] = first;
    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t entry = d->order[i];
        d->slots[entry] = numbers[next[rarity(most, d->entries[entry].count)]++];
    }
}

/* The entries at their new numbers, with empty ones between them where there are some. */
static cp_rc move_entries(cp_parquet_dictionary *d, uint32_t places, cp_error *err)
{
    cp_rc rc = cp_grow(&d->unsorted, &d->unsorted_capacity, d->count, sizeof *d->unsorted, err);
    if (!rc)
        rc = cp_grow(&d->entries, &d->entry_capacity, places, sizeof *d->entries, err);
    if (rc)
        return rc;
    memcpy(d->unsorted, d->entries, d->count * sizeof *d->entries);
    memset(d->entries, 0, places * sizeof *d->entries);
    for (uint32_t i = 0; i < d->count; i++)
        d->entries[d->slots[i]] = d->unsorted[i];
    d->count = places;
    return CP_OK;
}

static cp_rc renumber(cp_parquet_dictionary *d, size_t value_count, bool may_be_empty,
                      cp_error *err)
{
    cp_frequency_class classes[RARITIES] = {0};
    uint32_t *numbers, places, most = count_classes(d, value_count, classes);
    cp_rc rc = cp_grow(&d->slots, &d->slot_capacity, d->count, sizeof *d->slots, err);
    if (!rc)
        rc = cp_calloc(d->count, sizeof *numbers, &numbers, err);
    if (rc)
        return rc;
    rc = cp_numbering_make(classes, RARITIES, d->count, may_be_empty, numbers, &places, err);
    if (!rc)
        give_numbers(d, most, classes, numbers);
    free(numbers);
    if (!rc)
        rc = move_entries(d, places, err);
    for (size_t i = 0; !rc && i < value_count; i++)
        d->indices[i] = d->slots[d->indices[i]];
    return rc;
}

cp_rc cp_parquet_dictionary_make(cp_parquet_dictionary *d, const cp_parquet_values *values,
                                 bool compressed, cp_error *err)
{
    d->usable = false;
    d->count = 0;
    if (values->type == CP_PARQUET_BOOLEAN || values->count == 0)
        return CP_OK;
    cp_rc rc = cp_grow(&d->indices, &d->index_capacity, values->count, sizeof *d->indices, err);
    if (!rc)
        rc = index_all(d, values, err);
    if (!rc && d->usable)
        d->usable = bytes_of_page(d, values->type) <= PAGE_BYTES_MAX || values->symbols;
    if (rc || !d->usable)
        return rc;
    d->distinct = d->count;
    rc = sort_by_value(d, values, err);
    if (!rc)
        rc = renumber(d, values->count, compressed && values->type != CP_PARQUET_BYTE_ARRAY, err);
    d->plain_bytes = bytes_of_page(d, values->type);
    return rc;
}

cp_rc cp_parquet_dictionary_put(const cp_parquet_dictionary *d, cp_parquet_type type, cp_bytes *out,
                                cp_error *err)
{
    cp_rc rc = cp_bytes_reserve(out, d->plain_bytes, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    for (uint32_t i = 0; i < d->count; i++) {
        const cp_parquet_entry *entry = &d->entries[i];
        if (cp_parquet_is_wide(type)) {
            to = cp_put_u64(to, entry->key.low);
        } else if (type != CP_PARQUET_BYTE_ARRAY) {
            to = cp_put_u32(to, (uint32_t)entry->key.low);
        } else {
            to = cp_plain_put_text(to, entry->text);
        }
    }
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

unsigned cp_parquet_index_width(const cp_parquet_dictionary *d)
{
    return d->count > 1 ? cp_bit_width(d->count - 1) : 1;
}
