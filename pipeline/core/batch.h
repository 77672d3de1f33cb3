/* A batch: the columns of one block, or of a run of its rows: typed arrays, validity bitmaps,
 * string views into the block, enum codes, a selection.
 *
 *   column.data   width x capacity bytes, row i at i x width (cp_type_width)
 *                 strings and json: a cp_span; CP_TEXT_KEY_BYTES from its first byte on are
 * readable column.valid  one bit a row, 1: valid; whatever lies in data under a 0 is not to be read
 *
 * A decoder fills at most `capacity` rows at a time, so a batch stays in the second-level cache
 * whatever the block holds. Owned by one worker, used again for every block. */
#ifndef CP_CORE_BATCH_H
#define CP_CORE_BATCH_H

#include "pipeline/core/arena.h"
#include "pipeline/core/schema.h"
#include "pipeline/core/span.h"

enum { CP_BATCH_ROWS = 4096 };

typedef struct cp_column {
    cp_type type;
    void *data; /* NULL for a field that nobody wants */
    uint64_t *valid;
    uint32_t null_count;
} cp_column;

typedef struct cp_batch {
    const cp_schema *schema; /* borrowed */
    cp_column *columns;      /* one for each field */
    uint32_t rows;
    uint32_t capacity;
    uint32_t *selection;      /* row numbers, ascending; all rows where `selects_all` */
    uint32_t selection_count; /* equals rows where `selects_all` */
    bool selects_all;
    cp_arena arena; /* strings that are not verbatim in the block */
} cp_batch;

/* Columns for every wanted field of `schema`, which must outlive the batch. CP_E_MEMORY. */
cp_rc cp_batch_open(cp_batch *batch, const cp_schema *schema, uint32_t capacity, cp_error *err);

/* No rows, everything selected, all bits valid. */
void cp_batch_reset(cp_batch *batch);

/* May be called twice. */
void cp_batch_close(cp_batch *batch);

static inline bool cp_column_is_valid(const cp_column *column, uint32_t row)
{
    return column->null_count == 0 || (column->valid[row / 64] >> (row % 64) & 1) != 0;
}

/* Marks a row null, once; batches start all valid. */
static inline void cp_column_set_null(cp_column *column, uint32_t row)
{
    column->valid[row / 64] &= ~(UINT64_C(1) << (row % 64));
    column->null_count++;
}

#endif
