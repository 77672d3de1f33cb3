/* Slabs, groups and gathering. What most columns are, all rows selected and none null, is copied
 * whole. */
#include "pipeline/core/group.h"

#include "pipeline/core/bits.h"
#include "pipeline/core/checked.h"
#include "pipeline/core/text_key.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct slab_column {
    cp_type type;
    bool wanted;
    void *data; /* of text: uint32_t offsets, rows + 1 */
    size_t data_capacity;
    bool has_nulls;
    uint64_t *valid; /* where a row is null */
    size_t valid_capacity;
    uint8_t *text;
    size_t text_capacity;
} slab_column;

struct cp_slab {
    atomic_uint references;
    cp_slab_pool *pool; /* where it goes when it is released; NULL: it is freed */
    cp_slab *next_free;
    uint32_t rows;
    size_t column_count;
    slab_column columns[];
};

static bool is_text(cp_type type)
{
    return type == CP_TYPE_STRING || type == CP_TYPE_JSON;
}

struct cp_slab_pool {
    pthread_mutex_t lock;
    cp_slab *free_list;
};

/* ---- slabs ---- */

static cp_slab *take_free(cp_slab_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    cp_slab *slab = pool->free_list;
    if (slab)
        pool->free_list = slab->next_free;
    pthread_mutex_unlock(&pool->lock);
    return slab;
}

static cp_rc slab_new(const cp_schema *schema, cp_slab **out, cp_error *err)
{
    size_t bytes = sizeof(cp_slab) + schema->field_count * sizeof(slab_column);
    cp_rc rc = cp_calloc(1, bytes, out, err);
    if (rc)
        return rc;
    (*out)->column_count = schema->field_count;
    for (size_t i = 0; i < schema->field_count; i++) {
        (*out)->columns[i].type = schema->fields[i].type;
        (*out)->columns[i].wanted = schema->fields[i].wanted;
    }
    return CP_OK;
}

/* An empty one with one reference. */
static cp_rc slab_open(cp_slab_pool *pool, const cp_schema *schema, cp_slab **out, cp_error *err)
{
    *out = pool ? take_free(pool) : NULL;
    cp_rc rc = *out ? CP_OK : slab_new(schema, out, err);
    if (rc)
        return rc;
    cp_slab *slab = *out;
    slab->pool = pool;
    slab->rows = 0;
    for (size_t i = 0; i < slab->column_count; i++)
        slab->columns[i].has_nulls = false;
    atomic_store_explicit(&slab->references, 1, memory_order_relaxed);
    return CP_OK;
}

static void slab_free(cp_slab *slab)
{
    for (size_t i = 0; i < slab->column_count; i++) {
        free(slab->columns[i].data);
        free(slab->columns[i].valid);
        free(slab->columns[i].text);
    }
    free(slab);
}

cp_rc cp_slab_pool_new(cp_slab_pool **out, cp_error *err)
{
    cp_rc rc = cp_calloc(1, sizeof **out, out, err);
    if (!rc)
        pthread_mutex_init(&(*out)->lock, NULL);
    return rc;
}

void cp_slab_pool_free(cp_slab_pool *pool)
{
    if (!pool)
        return;
    for (cp_slab *slab; (slab = take_free(pool));)
        slab_free(slab);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static uint32_t selected(const cp_batch *batch, uint32_t i)
{
    return batch->selects_all ? i : batch->selection[i];
}

static void pick_8(uint8_t *to, const uint8_t *from, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void pick_16(uint16_t *to, const uint16_t *from, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void pick_32(uint32_t *to, const uint32_t *from, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void pick_64(uint64_t *to, const uint64_t *from, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[rows[i]];
}

static void pick(void *to, const void *from, size_t width, const uint32_t *rows, uint32_t count)
{
    switch (width) {
    case 1:
        pick_8(to, from, rows, count);
        break;
    case 2:
        pick_16(to, from, rows, count);
        break;
    case 4:
        pick_32(to, from, rows, count);
        break;
    default:
        pick_64(to, from, rows, count);
        break;
    }
}

static cp_rc add_values(slab_column *to, uint32_t rows, const cp_batch *batch,
                        const cp_column *from, cp_error *err)
{
    size_t width = cp_type_width(to->type);
    cp_rc rc =
        cp_grow(&to->data, &to->data_capacity, (size_t)rows + batch->selection_count, width, err);
    if (rc)
        return rc;
    uint8_t *end = (uint8_t *)to->data + rows * width;
    if (batch->selects_all)
        memcpy(end, from->data, batch->selection_count * width);
    else
        pick(end, from->data, width, batch->selection, batch->selection_count);
    return CP_OK;
}

/* Offsets of the batch's texts behind those of `rows` rows; a null is empty. */
static cp_rc add_offsets(slab_column *to, uint32_t rows, const cp_batch *batch,
                         const cp_column *from, cp_error *err)
{
    cp_rc rc = cp_grow(&to->data, &to->data_capacity, (size_t)rows + batch->selection_count + 1,
                       sizeof(uint32_t), err);
    if (rc)
        return rc;
    uint32_t *offsets = to->data;
    const cp_span *texts = from->data;
    uint64_t at = rows ? offsets[rows] : 0;
    offsets[rows] = (uint32_t)at;
    for (uint32_t i = 0; i < batch->selection_count; i++) {
        uint32_t row = selected(batch, i);
        at += cp_column_is_valid(from, row) ? texts[row].size : 0;
        if (at > UINT32_MAX)
            return cp_fail_memory(err, at);
        offsets[rows + i + 1] = (uint32_t)at;
    }
    return CP_OK;
}

/* Both sides have CP_TEXT_KEY_BYTES from the first byte on, so that most copies are one move. */
static inline void copy_text(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size > CP_TEXT_KEY_BYTES)
        memcpy(to, from, size);
    else
        memcpy(to, from, CP_TEXT_KEY_BYTES);
}

static cp_rc add_text(slab_column *to, uint32_t rows, const cp_batch *batch, const cp_column *from,
                      cp_error *err)
{
    cp_rc rc = add_offsets(to, rows, batch, from, err);
    if (rc)
        return rc;
    const uint32_t *offsets = (const uint32_t *)to->data + rows;
    size_t size = (size_t)offsets[batch->selection_count] + CP_TEXT_KEY_BYTES;
    rc = cp_grow(&to->text, &to->text_capacity, size, 1, err);
    if (rc)
        return rc;
    const cp_span *texts = from->data;
    for (uint32_t i = 0; i < batch->selection_count; i++) {
        size_t bytes = offsets[i + 1] - offsets[i];
        if (bytes)
            copy_text(to->text + offsets[i], texts[selected(batch, i)].data, bytes);
    }
    memset(to->text + offsets[batch->selection_count], 0, CP_TEXT_KEY_BYTES);
    return CP_OK;
}

static cp_rc add_validity(slab_column *to, uint32_t rows, const cp_batch *batch,
                          const cp_column *from, cp_error *err)
{
    if (!to->has_nulls && from->null_count == 0)
        return CP_OK;
    bool is_first = !to->has_nulls;
    cp_rc rc = cp_grow(&to->valid, &to->valid_capacity,
                       cp_bit_words((size_t)rows + batch->selection_count), sizeof(uint64_t), err);
    if (rc)
        return rc;
    to->has_nulls = true;
    if (is_first)
        cp_bits_fill(to->valid, 0, rows);
    if (batch->selects_all && from->null_count) {
        cp_bits_copy(to->valid, rows, from->valid, 0, batch->rows);
        return CP_OK;
    }
    cp_bits_fill(to->valid, rows, batch->selection_count);
    for (uint32_t i = 0; from->null_count && i < batch->selection_count; i++)
        if (!cp_column_is_valid(from, batch->selection[i]))
            cp_bit_clear(to->valid, (size_t)rows + i);
    return CP_OK;
}

static cp_rc add_column(slab_column *to, uint32_t rows, const cp_batch *batch,
                        const cp_column *from, cp_error *err)
{
    cp_rc rc = add_validity(to, rows, batch, from, err);
    if (rc)
        return rc;
    return is_text(to->type) ? add_text(to, rows, batch, from, err)
                             : add_values(to, rows, batch, from, err);
}

cp_rc cp_slab_add(cp_slab **slab, cp_slab_pool *pool, const cp_batch *batch, cp_error *err)
{
    cp_rc rc = *slab ? CP_OK : slab_open(pool, batch->schema, slab, err);
    if (rc)
        return rc;
    cp_slab *self = *slab;
    uint32_t rows;
    if (__builtin_add_overflow(self->rows, batch->selection_count, &rows))
        return cp_fail_memory(err, SIZE_MAX);
    for (size_t i = 0; !rc && rows > self->rows && i < self->column_count; i++)
        if (self->columns[i].wanted)
            rc = add_column(&self->columns[i], self->rows, batch, &batch->columns[i], err);
    if (!rc)
        self->rows = rows;
    return rc;
}

static cp_rc append_validity(slab_column *to, uint32_t rows, const slab_column *from,
                             uint32_t count, cp_error *err)
{
    if (!to->has_nulls && !from->has_nulls)
        return CP_OK;
    cp_rc rc = cp_grow(&to->valid, &to->valid_capacity, cp_bit_words((size_t)rows + count),
                       sizeof(uint64_t), err);
    if (rc)
        return rc;
    if (!to->has_nulls)
        cp_bits_fill(to->valid, 0, rows);
    to->has_nulls = true;
    if (from->has_nulls)
        cp_bits_copy(to->valid, rows, from->valid, 0, count);
    else
        cp_bits_fill(to->valid, rows, count);
    return CP_OK;
}

static cp_rc append_values(slab_column *to, uint32_t rows, const slab_column *from, uint32_t count,
                           cp_error *err)
{
    size_t width = cp_type_width(to->type);
    cp_rc rc = cp_grow(&to->data, &to->data_capacity, (size_t)rows + count, width, err);
    if (!rc)
        memcpy((uint8_t *)to->data + rows * width, from->data, count * width);
    return rc;
}

static cp_rc append_text(slab_column *to, uint32_t rows, const slab_column *from, uint32_t count,
                         cp_error *err)
{
    cp_rc rc =
        cp_grow(&to->data, &to->data_capacity, (size_t)rows + count + 1, sizeof(uint32_t), err);
    if (rc)
        return rc;
    uint32_t *offsets = to->data;
    const uint32_t *from_offsets = from->data;
    uint32_t at = rows ? offsets[rows] : 0, end;
    if (__builtin_add_overflow(at, from_offsets[count], &end))
        return cp_fail_memory(err, SIZE_MAX);
    rc = cp_grow(&to->text, &to->text_capacity, (size_t)end + CP_TEXT_KEY_BYTES, 1, err);
    if (rc)
        return rc;
    memcpy(to->text + at, from->text, (size_t)from_offsets[count] + CP_TEXT_KEY_BYTES);
    for (uint32_t i = 0; i <= count; i++)
        offsets[rows + i] = at + from_offsets[i];
    return CP_OK;
}

cp_rc cp_slab_append(cp_slab *slab, const cp_slab *from, cp_error *err)
{
    uint32_t rows;
    cp_rc rc = CP_OK;
    if (__builtin_add_overflow(slab->rows, from->rows, &rows))
        return cp_fail_memory(err, SIZE_MAX);
    for (size_t i = 0; !rc && from->rows && i < slab->column_count; i++) {
        slab_column *to = &slab->columns[i];
        const slab_column *column = &from->columns[i];
        if (!to->wanted)
            continue;
        rc = append_validity(to, slab->rows, column, from->rows, err);
        if (!rc)
            rc = is_text(to->type) ? append_text(to, slab->rows, column, from->rows, err)
                                   : append_values(to, slab->rows, column, from->rows, err);
    }
    if (!rc)
        slab->rows = rows;
    return rc;
}

uint32_t cp_slab_rows(const cp_slab *slab)
{
    return slab->rows;
}

uint64_t cp_slab_bytes(const cp_slab *slab, uint32_t first, uint32_t rows)
{
    uint64_t bytes = 0;
    for (size_t i = 0; rows && i < slab->column_count; i++) {
        const slab_column *column = &slab->columns[i];
        const uint32_t *offsets = column->data;
        if (column->wanted && is_text(column->type))
            bytes += (uint64_t)offsets[first + rows] - offsets[first] + rows * sizeof *offsets;
        else if (column->wanted)
            bytes += rows * cp_type_width(column->type);
    }
    return bytes;
}

cp_slab *cp_slab_retain(cp_slab *slab)
{
    atomic_fetch_add_explicit(&slab->references, 1, memory_order_relaxed);
    return slab;
}

void cp_slab_release(cp_slab *slab)
{
    if (!slab || atomic_fetch_sub_explicit(&slab->references, 1, memory_order_acq_rel) != 1)
        return;
    cp_slab_pool *pool = slab->pool;
    if (!pool) {
        slab_free(slab);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    slab->next_free = pool->free_list;
    pool->free_list = slab;
    pthread_mutex_unlock(&pool->lock);
}

/* ---- groups ---- */

cp_rc cp_group_add(cp_group *group, cp_slab *slab, uint32_t first, uint32_t rows, cp_error *err)
{
    if (rows == 0)
        return CP_OK;
    cp_rc rc = cp_grow(&group->slices, &group->slice_capacity, group->slice_count + 1,
                       sizeof *group->slices, err);
    if (rc)
        return rc;
    group->slices[group->slice_count++] = (cp_slice){cp_slab_retain(slab), first, rows};
    group->rows += rows;
    group->bytes += cp_slab_bytes(slab, first, rows);
    return CP_OK;
}

void cp_group_clear(cp_group *group)
{
    for (size_t i = 0; i < group->slice_count; i++)
        cp_slab_release(group->slices[i].slab);
    group->slice_count = 0;
    group->rows = 0;
    group->bytes = 0;
}

void cp_group_close(cp_group *group)
{
    cp_group_clear(group);
    free(group->slices);
    *group = (cp_group){0};
}

/* ---- gathering ---- */

static const slab_column *column_of(const cp_slice *slice, size_t field)
{
    return &slice->slab->columns[field];
}

static bool has_null(const cp_slice *slice, size_t field)
{
    const slab_column *column = column_of(slice, field);
    return column->has_nulls &&
           cp_bits_count(column->valid, slice->first, slice->rows) < slice->rows;
}

/* The values of up to 64 rows whose bits are set; returns the end of what was written. The width
 * is a constant where this is called, and the copy one move. */
static inline uint8_t *compact_word(uint8_t *to, const uint8_t *from, size_t width, uint64_t bits)
{
    for (; bits; bits &= bits - 1, to += width)
        memcpy(to, from + (size_t)__builtin_ctzll(bits) * width, width);
    return to;
}

static inline uint8_t *compact(uint8_t *to, const uint8_t *from, size_t width,
                               const uint64_t *valid, uint32_t first, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i += 64) {
        uint64_t bits = cp_bits_get(valid, (size_t)first + i, rows - i < 64 ? rows - i : 64);
        to = compact_word(to, from + (size_t)(first + i) * width, width, bits);
    }
    return to;
}

static uint8_t *compact_values(uint8_t *to, const slab_column *column, const cp_slice *slice)
{
    switch (cp_type_width(column->type)) {
    case 1:
        return compact(to, column->data, 1, column->valid, slice->first, slice->rows);
    case 2:
        return compact(to, column->data, 2, column->valid, slice->first, slice->rows);
    case 4:
        return compact(to, column->data, 4, column->valid, slice->first, slice->rows);
    default:
        return compact(to, column->data, 8, column->valid, slice->first, slice->rows);
    }
}

static uint8_t *gather_values(uint8_t *to, const cp_slice *slice, size_t field)
{
    const slab_column *column = column_of(slice, field);
    if (has_null(slice, field))
        return compact_values(to, column, slice);
    size_t width = cp_type_width(column->type);
    memcpy(to, (const uint8_t *)column->data + slice->first * width, slice->rows * width);
    return to + slice->rows * width;
}

static uint8_t *gather_text(uint8_t *to, const cp_slice *slice, size_t field)
{
    const slab_column *column = column_of(slice, field);
    const uint32_t *offsets = (const uint32_t *)column->data + slice->first;
    cp_span *texts = (cp_span *)(void *)to;
    bool may_be_null = has_null(slice, field);
    for (uint32_t i = 0; i < slice->rows; i++) {
        if (may_be_null && !cp_bit_get(column->valid, (size_t)slice->first + i))
            continue;
        *texts++ = (cp_span){column->text + offsets[i], offsets[i + 1] - offsets[i]};
    }
    return (uint8_t *)texts;
}

static cp_rc gather_validity(const cp_group *group, size_t field, cp_gathered *out, cp_error *err)
{
    bool any_null = false;
    for (size_t i = 0; !any_null && i < group->slice_count; i++)
        any_null = has_null(&group->slices[i], field);
    out->valid = NULL;
    if (!any_null)
        return CP_OK;
    cp_rc rc = cp_grow(&out->valid_room, &out->valid_capacity, cp_bit_words(group->rows),
                       sizeof(uint64_t), err);
    if (rc)
        return rc;
    out->valid = out->valid_room;
    size_t row = 0;
    for (size_t i = 0; i < group->slice_count; i++) {
        const cp_slice *slice = &group->slices[i];
        const slab_column *column = column_of(slice, field);
        if (column->has_nulls)
            cp_bits_copy(out->valid, row, column->valid, slice->first, slice->rows);
        else
            cp_bits_fill(out->valid, row, slice->rows);
        row += slice->rows;
    }
    return CP_OK;
}

cp_rc cp_group_gather(const cp_group *group, size_t field, cp_gathered *out, cp_error *err)
{
    cp_type type = group->schema->fields[field].type;
    size_t width = cp_type_width(type), bytes;
    cp_rc rc = gather_validity(group, field, out, err);
    if (rc)
        return rc;
    if (!cp_mul_size(group->rows, width, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    rc = cp_grow(&out->values, &out->value_capacity, bytes, 1, err);
    if (rc)
        return rc;
    uint8_t *end = out->values;
    for (size_t i = 0; i < group->slice_count; i++)
        end = is_text(type) ? gather_text(end, &group->slices[i], field)
                            : gather_values(end, &group->slices[i], field);
    out->rows = group->rows;
    out->count = (size_t)(end - (uint8_t *)out->values) / width;
    return CP_OK;
}

void cp_gathered_close(cp_gathered *gathered)
{
    free(gathered->values);
    free(gathered->valid_room);
    *gathered = (cp_gathered){0};
}
