/* Rows that stand densely.
 *
 *   records  a b C d E F   (C, E, F refused)
 *   rows     a b . d . .   -->  a b d, the bits of validity likewise */
#include "formats/records/struct_rows.h"

/* The bits of `mask` at rows row, row + 1, ... of a bitmap; the word behind is touched only where
 * the mask reaches it. */
static void set_bits(uint64_t *bitmap, uint32_t row, uint64_t mask)
{
    unsigned shift = row % 64;
    bitmap[row / 64] |= mask << shift;
    if (shift && mask >> (64 - shift))
        bitmap[row / 64 + 1] |= mask >> (64 - shift);
}

static void clear_bits(uint64_t *bitmap, uint32_t row, uint64_t mask)
{
    unsigned shift = row % 64;
    bitmap[row / 64] &= ~(mask << shift);
    if (shift && mask >> (64 - shift))
        bitmap[row / 64 + 1] &= ~(mask >> (64 - shift));
}

static void compact_validity(cp_column *column, const cp_struct_run *r, uint64_t kept)
{
    uint64_t was_null = 0, is_null = 0;
    size_t to = 0;
    for (size_t i = 0; i < r->count; i++) {
        uint64_t null = !cp_column_is_valid(column, r->row + (uint32_t)i);
        was_null |= null << i;
        if (kept >> i & 1)
            is_null |= null << to++;
    }
    set_bits(column->valid, r->row, cp_struct_low_bits(r->count));
    clear_bits(column->valid, r->row, is_null);
    column->null_count -= (uint32_t)__builtin_popcountll(was_null & ~kept);
}

static void compact_column(cp_column *column, const cp_struct_run *r, uint64_t kept)
{
    size_t width = cp_type_width(column->type);
    uint8_t *first = (uint8_t *)column->data + r->row * width;
    uint8_t *to = first;
    for (uint64_t left = kept; left; left &= left - 1, to += width) {
        const uint8_t *from = first + (size_t)__builtin_ctzll(left) * width;
        if (from != to)
            memcpy(to, from, width);
    }
    if (column->null_count)
        compact_validity(column, r, kept);
}

void cp_struct_rows_compact(const cp_struct_plan *p, const cp_struct_run *r, cp_batch *batch,
                            uint64_t kept)
{
    for (size_t n = 0; n < p->step_count; n++) {
        cp_column *column = &batch->columns[p->steps[n].column];
        if (column->data)
            compact_column(column, r, kept);
    }
}

void cp_struct_rows_mark_absent(const cp_struct_plan *p, cp_batch *batch, uint32_t row,
                                uint32_t count)
{
    for (size_t n = 0; n < p->absent_count; n++) {
        cp_column *column = &batch->columns[p->absent[n]];
        if (!column->data)
            continue;
        clear_bits(column->valid, row, cp_struct_low_bits(count));
        column->null_count += count;
    }
}
