/* Keys to group numbers: a dense index for small types, open addressing for the others. */
#include "stages/groups.h"

#include "pipeline/core/checked.h"

#define NO_GROUP UINT32_MAX

static bool is_text(cp_type type)
{
    return type == CP_TYPE_STRING || type == CP_TYPE_JSON;
}

/* Ids are small numbers, mostly, whatever their type allows: those get a dense index, too. Its
 * pages are touched only where there are keys. */
enum { SMALL_KEYS = 1 << 16 };
static bool has_small_keys(cp_type type)
{
    switch (type) {
    case CP_TYPE_INT32:
    case CP_TYPE_INT64:
    case CP_TYPE_UINT32:
    case CP_TYPE_UINT64:
        return true;
    default:
        return false;
    }
}

/* Dense index entries, 0 for types that are hashed. */
static uint32_t dense_size(cp_type type)
{
    switch (type) {
    case CP_TYPE_BOOL:
    case CP_TYPE_INT8:
    case CP_TYPE_UINT8:
        return 1 << 8;
    case CP_TYPE_INT16:
    case CP_TYPE_UINT16:
    case CP_TYPE_ENUM:
        return 1 << 16;
    default:
        return 0;
    }
}

cp_rc cp_groups_open(cp_groups *groups, cp_type type, size_t memory_limit_bytes, cp_error *err)
{
    enum { FIRST_HASH_SIZE = 1024 };
    uint32_t dense = dense_size(type);
    *groups = (cp_groups){.type = type,
                          .is_dense = dense > 0,
                          .index_size = dense ? dense : FIRST_HASH_SIZE,
                          .memory_limit_bytes = memory_limit_bytes};
    cp_rc rc = cp_calloc(groups->index_size, sizeof *groups->index, &groups->index, err);
    if (!rc && has_small_keys(type))
        rc = cp_calloc(SMALL_KEYS, sizeof *groups->small, &groups->small, err);
    return rc;
}

void cp_groups_close(cp_groups *groups)
{
    free(groups->index);
    free(groups->small);
    free(groups->keys);
    cp_arena_free(&groups->texts);
    *groups = (cp_groups){0};
}

/* -0.0 and 0.0 are one key, and so are all NaNs. */
static uint64_t float_bits(double value)
{
    uint64_t bits;
    value = value == 0 ? 0.0 : value;
    if (value != value)
        return UINT64_C(0x7FF8000000000000);
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double bits_float(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static cp_text_key text_key(cp_span text)
{
    return cp_text_is_short(text) ? cp_text_key_of_readable(text) : cp_text_key_of(text);
}

static cp_group_key key_of(const cp_column *column, uint32_t row)
{
    cp_group_key key = {0};
    const void *data = column->data;
    switch (column->type) {
    case CP_TYPE_BOOL:
    case CP_TYPE_UINT8:
        key.words.low = ((const uint8_t *)data)[row];
        break;
    case CP_TYPE_INT8:
        key.words.low = (uint64_t)(int64_t)((const int8_t *)data)[row];
        break;
    case CP_TYPE_ENUM:
    case CP_TYPE_UINT16:
        key.words.low = ((const uint16_t *)data)[row];
        break;
    case CP_TYPE_INT16:
        key.words.low = (uint64_t)(int64_t)((const int16_t *)data)[row];
        break;
    case CP_TYPE_UINT32:
        key.words.low = ((const uint32_t *)data)[row];
        break;
    case CP_TYPE_INT32:
        key.words.low = (uint64_t)(int64_t)((const int32_t *)data)[row];
        break;
    case CP_TYPE_FLOAT32:
        key.words.low = float_bits((double)((const float *)data)[row]);
        break;
    case CP_TYPE_FLOAT64:
        key.words.low = float_bits(((const double *)data)[row]);
        break;
    case CP_TYPE_STRING:
    case CP_TYPE_JSON:
        key.text = ((const cp_span *)data)[row];
        key.words = text_key(key.text);
        break;
    default:
        key.words.low = ((const uint64_t *)data)[row];
        break;
    }
    return key;
}

static uint32_t hash_key(const cp_groups *groups, const cp_group_key *key)
{
    return (uint32_t)cp_text_key_hash(key->words, key->text.size) & (groups->index_size - 1);
}

static bool same_key(const cp_group_key *a, const cp_group_key *b)
{
    if (a->words.low != b->words.low || a->words.high != b->words.high ||
        a->text.size != b->text.size || a->is_null != b->is_null)
        return false;
    return cp_text_is_short(a->text) || cp_span_equal(a->text, b->text);
}

/* The index entry of `key`, or the free one where it belongs. */
static uint32_t *find_entry(cp_groups *groups, const cp_group_key *key)
{
    if (key->is_null)
        return &groups->null_group;
    if (groups->is_dense)
        return &groups->index[key->words.low & (groups->index_size - 1)];
    if (groups->small && key->words.low < SMALL_KEYS)
        return &groups->small[key->words.low];
    uint32_t at = hash_key(groups, key);
    while (groups->index[at] && !same_key(&groups->keys[groups->index[at] - 1], key))
        at = (at + 1) & (groups->index_size - 1);
    return &groups->index[at];
}

/* Doubles the hash index when it is a quarter full: hardly a key is then looked for twice. */
static cp_rc grow_index(cp_groups *groups, cp_error *err)
{
    if (groups->is_dense || groups->count < groups->index_size / 4)
        return CP_OK;
    uint32_t *old = groups->index;
    cp_rc rc = cp_calloc((size_t)groups->index_size * 2, sizeof *old, &groups->index, err);
    if (rc) {
        groups->index = old;
        return rc;
    }
    groups->index_size *= 2;
    for (uint32_t i = 0; i < groups->count; i++)
        if (!groups->keys[i].is_null)
            *find_entry(groups, &groups->keys[i]) = i + 1;
    free(old);
    return CP_OK;
}

/* By keys and texts alone, so that it does not depend on what was carried over. */
static cp_rc check_limit(const cp_groups *groups, const cp_group_key *key, cp_error *err)
{
    /* What a stage keeps beside each key, at most, and the key's share of an index that has just
     * been doubled. */
    enum { STATE_BYTES = 160, INDEX_BYTES = 8 * sizeof *groups->index };
    size_t count = groups->count - groups->carried;
    size_t used = count * (sizeof(cp_group_key) + STATE_BYTES + INDEX_BYTES) + groups->text_bytes +
                  key->text.size;
    if (used <= groups->memory_limit_bytes)
        return CP_OK;
    return cp_fail(err, CP_E_MEMORY, "memory_limit",
                   "the distinct keys need more memory than --memory-limit allows");
}

/* An empty text, too: it is to be as readable as every cell of a batch. */
static cp_rc copy_text(cp_groups *groups, cp_group_key *key, cp_error *err)
{
    if (key->is_null || !is_text(groups->type))
        return CP_OK;
    uint8_t *copy = cp_arena_take(&groups->texts, key->text.size);
    if (!copy)
        return cp_fail_memory(err, key->text.size);
    memcpy(copy, key->text.data, key->text.size);
    key->text.data = copy;
    groups->text_bytes += key->text.size;
    return CP_OK;
}

static cp_rc add_group(cp_groups *groups, const cp_group_key *key, uint32_t *group, cp_error *err)
{
    cp_group_key kept = *key;
    cp_rc rc = check_limit(groups, key, err);
    if (!rc)
        rc = grow_index(groups, err);
    if (!rc)
        rc = cp_grow(&groups->keys, &groups->key_capacity, groups->count + (size_t)1,
                     sizeof *groups->keys, err);
    if (!rc)
        rc = copy_text(groups, &kept, err);
    if (rc)
        return rc;
    uint32_t *entry = find_entry(groups, &kept);
    groups->keys[groups->count] = kept;
    *group = groups->count++;
    *entry = groups->count;
    return CP_OK;
}

cp_rc cp_groups_find_key(cp_groups *groups, const cp_group_key *key, uint32_t *group, cp_error *err)
{
    uint32_t entry = *find_entry(groups, key);
    if (!entry)
        return add_group(groups, key, group, err);
    *group = entry - 1;
    return CP_OK;
}

static cp_rc find_row(cp_groups *groups, const cp_column *column, uint32_t row, uint32_t *group,
                      cp_error *err)
{
    cp_group_key key;
    if (cp_column_is_valid(column, row))
        key = key_of(column, row);
    else
        key = (cp_group_key){.is_null = true};
    return cp_groups_find_key(groups, &key, group, err);
}

/* Keys of 16 bits without nulls, most of them met before. */
static cp_rc find_dense_rows(cp_groups *groups, const cp_column *column, cp_group_rows *out,
                             cp_error *err)
{
    const uint16_t *keys = column->data;
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < out->count; i++) {
        out->groups[i] = groups->index[keys[out->rows[i]]] - 1; /* 0 is NO_GROUP then */
        if (out->groups[i] == NO_GROUP)
            rc = find_row(groups, column, out->rows[i], &out->groups[i], err);
    }
    return rc;
}

/* The group of a key that is told by its words and size, NO_GROUP where it is new. */
static uint32_t find_words(const cp_groups *groups, cp_text_key words, size_t size)
{
    uint32_t mask = groups->index_size - 1;
    for (uint32_t at = (uint32_t)cp_text_key_hash(words, size);; at++) {
        uint32_t entry = groups->index[at & mask];
        if (entry == 0)
            return NO_GROUP;
        const cp_group_key *key = &groups->keys[entry - 1];
        if (((key->words.low ^ words.low) | (key->words.high ^ words.high) |
             (key->text.size ^ size)) == 0)
            return entry - 1;
    }
}

/* Keys of 64 bits without nulls. */
static cp_rc find_long_rows(cp_groups *groups, const cp_column *column, cp_group_rows *out,
                            cp_error *err)
{
    const uint64_t *keys = column->data;
    const uint32_t *small = groups->small;
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < out->count; i++) {
        uint64_t key = keys[out->rows[i]];
        out->groups[i] = small && key < SMALL_KEYS ? small[key] - 1 /* 0 is NO_GROUP then */
                                                   : find_words(groups, (cp_text_key){key, 0}, 0);
        if (out->groups[i] == NO_GROUP)
            rc = find_row(groups, column, out->rows[i], &out->groups[i], err);
    }
    return rc;
}

/* Text without nulls, most of it short. */
static cp_rc find_text_rows(cp_groups *groups, const cp_column *column, cp_group_rows *out,
                            cp_error *err)
{
    const cp_span *texts = column->data;
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < out->count; i++) {
        cp_span text = texts[out->rows[i]];
        out->groups[i] = NO_GROUP;
        if (cp_text_is_short(text))
            out->groups[i] = find_words(groups, cp_text_key_of_readable(text), text.size);
        if (out->groups[i] == NO_GROUP)
            rc = find_row(groups, column, out->rows[i], &out->groups[i], err);
    }
    return rc;
}

static cp_rc find_any_rows(cp_groups *groups, const cp_column *column, cp_group_rows *out,
                           cp_error *err)
{
    cp_rc rc = CP_OK;
    for (uint32_t i = 0; !rc && i < out->count; i++)
        rc = find_row(groups, column, out->rows[i], &out->groups[i], err);
    return rc;
}

typedef cp_rc rows_finder(cp_groups *, const cp_column *, cp_group_rows *, cp_error *);

/* The loop for columns such as this one. */
static rows_finder *finder_for(const cp_column *column)
{
    if (column->null_count > 0)
        return find_any_rows;
    switch (column->type) {
    case CP_TYPE_ENUM:
    case CP_TYPE_UINT16:
    case CP_TYPE_INT16:
        return find_dense_rows;
    case CP_TYPE_INT64:
    case CP_TYPE_UINT64:
    case CP_TYPE_TIMESTAMP:
        return find_long_rows;
    case CP_TYPE_STRING:
    case CP_TYPE_JSON:
        return find_text_rows;
    default:
        return find_any_rows;
    }
}

cp_rc cp_groups_find_rows(cp_groups *groups, const cp_batch *batch, size_t field, uint32_t *next,
                          cp_group_rows *out, cp_error *err)
{
    const cp_column *column = &batch->columns[field];
    uint32_t left = batch->selection_count - *next;
    out->count = left < CP_GROUP_ROWS_MAX ? left : CP_GROUP_ROWS_MAX;
    for (uint32_t i = 0; i < out->count; i++)
        out->rows[i] = batch->selects_all ? *next + i : batch->selection[*next + i];
    *next += out->count;
    return finder_for(column)(groups, column, out, err);
}

void cp_groups_clear(cp_groups *groups)
{
    for (uint32_t i = 0; i < groups->count && (groups->is_dense || groups->small); i++)
        if (groups->is_dense || groups->keys[i].words.low < SMALL_KEYS)
            *find_entry(groups, &groups->keys[i]) = 0;
    if (!groups->is_dense)
        memset(groups->index, 0, groups->index_size * sizeof *groups->index);
    groups->null_group = 0;
    groups->count = groups->carried = 0;
    groups->text_bytes = groups->carried_text_bytes = 0;
    cp_arena_reset(&groups->texts);
}

void cp_groups_renew(cp_groups *groups)
{
    enum { CARRIED_KEYS_MAX = 4096, CARRIED_TEXT_BYTES_MAX = 64 << 10 };
    groups->carried_text_bytes += groups->text_bytes;
    groups->text_bytes = 0;
    if (groups->count > CARRIED_KEYS_MAX || groups->carried_text_bytes > CARRIED_TEXT_BYTES_MAX)
        cp_groups_clear(groups);
    groups->carried = groups->count;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_floats(double a, double b)
{
    if (a != a || b != b)
        return (a != a) - (b != b); /* NaN behind all others */
    return (a > b) - (a < b);
}

static int compare_keys(const void *left, const void *right, void *context)
{
    const cp_groups *groups = context;
    const cp_group_key *a = &groups->keys[*(const uint32_t *)left];
    const cp_group_key *b = &groups->keys[*(const uint32_t *)right];
    if (a->is_null || b->is_null)
        return a->is_null - b->is_null;
    if (is_text(groups->type))
        return cp_span_compare(a->text, b->text);
    if (cp_type_is_float(groups->type))
        return compare_floats(bits_float(a->words.low), bits_float(b->words.low));
    if (cp_type_is_signed(groups->type) || groups->type == CP_TYPE_TIMESTAMP)
        return ((int64_t)a->words.low > (int64_t)b->words.low) -
               ((int64_t)a->words.low < (int64_t)b->words.low);
    return compare_u64(a->words.low, b->words.low);
}

cp_rc cp_groups_sort(const cp_groups *groups, uint32_t **order, cp_error *err)
{
    cp_rc rc = cp_calloc(groups->count, sizeof **order, order, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < groups->count; i++)
        (*order)[i] = i;
    qsort_r(*order, groups->count, sizeof **order, compare_keys, (void *)groups);
    return CP_OK;
}

void cp_group_key_store(const cp_groups *groups, uint32_t group, cp_column *column, uint32_t row)
{
    const cp_group_key *key = &groups->keys[group];
    if (key->is_null)
        cp_column_set_null(column, row);
    else if (is_text(groups->type))
        ((cp_span *)column->data)[row] = key->text;
    else if (groups->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = (float)bits_float(key->words.low);
    else
        memcpy((uint8_t *)column->data + row * cp_type_width(column->type), &key->words.low,
               cp_type_width(column->type)); /* little-endian: the low bytes come first */
}
