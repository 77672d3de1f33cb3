/* Batches: allocation of the wanted columns, and the reset between blocks. */
#include "pipeline/core/batch.h"

#include "pipeline/core/checked.h"

static size_t bitmap_words(uint32_t capacity)
{
    return ((size_t)capacity + 63) / 64;
}

static void mark_all_valid(const cp_batch *batch, cp_column *column)
{
    if (column->valid)
        memset(column->valid, 0xff, bitmap_words(batch->capacity) * sizeof(uint64_t));
    column->null_count = 0;
}

static cp_rc open_columns(cp_batch *batch, cp_error *err)
{
    cp_rc rc = cp_calloc(batch->schema->field_count, sizeof *batch->columns, &batch->columns, err);
    for (size_t i = 0; !rc && i < batch->schema->field_count; i++) {
        const cp_field *field = &batch->schema->fields[i];
        cp_column *column = &batch->columns[i];
        column->type = field->type;
        if (!field->wanted)
            continue;
        rc = cp_calloc(batch->capacity, cp_type_width(field->type), &column->data, err);
        if (!rc)
            rc = cp_calloc(bitmap_words(batch->capacity), sizeof(uint64_t), &column->valid, err);
        if (!rc)
            mark_all_valid(batch, column);
    }
    return rc;
}

cp_rc cp_batch_open(cp_batch *batch, const cp_schema *schema, uint32_t capacity, cp_error *err)
{
    *batch = (cp_batch){.schema = schema, .capacity = capacity};
    cp_rc rc = open_columns(batch, err);
    if (!rc)
        rc = cp_calloc(capacity, sizeof *batch->selection, &batch->selection, err);
    if (rc)
        cp_batch_close(batch);
    else
        cp_batch_reset(batch);
    return rc;
}

void cp_batch_reset(cp_batch *batch)
{
    for (size_t i = 0; i < batch->schema->field_count; i++)
        if (batch->columns[i].null_count)
            mark_all_valid(batch, &batch->columns[i]);
    batch->rows = 0;
    batch->selection_count = 0;
    batch->selects_all = true;
    cp_arena_reset(&batch->arena);
}

void cp_batch_close(cp_batch *batch)
{
    for (size_t i = 0; batch->columns && i < batch->schema->field_count; i++) {
        free(batch->columns[i].data);
        free(batch->columns[i].valid);
    }
    free(batch->columns);
    free(batch->selection);
    cp_arena_free(&batch->arena);
    *batch = (cp_batch){0};
}
