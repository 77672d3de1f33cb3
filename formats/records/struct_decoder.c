/* A block of struct records to batches and rejects.
 *
 *   block   r0 r1 r2 ... of record_bytes each, cut into runs of 64 records
 *
 *   run --load--> lanes (64 x 8 bytes) --kernel--> column     all values ordinary: most runs
 *    |                                     | some value is null, refused or rare
 *    +-----value by value, pipeline/core/cell.h----> column, bad rows
 *                                                      |
 *                            rejects added in record order, kept rows moved together
 *
 * A run and its columns' ends stay in the first-level cache while all columns are made. */
#include "formats/records/struct_decoder.h"

#include "formats/records/struct_feeds.h"
#include "formats/records/struct_format.h"
#include "formats/records/struct_refuse.h"
#include "formats/records/struct_rows.h"
#include "pipeline/core/checked.h"

typedef struct struct_decoder {
    cp_decoder base;
    const cp_struct_plan *plan;
} struct_decoder;

static cp_reason decode_value(const cp_struct_step *s, const uint8_t *record, cp_column *column,
                              uint32_t row)
{
    cp_reason reason = s->feed(s, cp_struct_value_read(s, record), column, row);
    if (reason != CP_ACCEPTED_NULL)
        return reason;
    if (s->field->required)
        return CP_NULL_VALUE;
    if (column->data)
        cp_column_set_null(column, row);
    return CP_ACCEPTED;
}

static void decode_singly(const cp_struct_plan *p, size_t number, cp_struct_run *r,
                          cp_column *column)
{
    const cp_struct_step *s = &p->steps[number];
    for (size_t i = 0; i < r->count; i++) {
        if (r->bad >> i & 1)
            continue;
        cp_reason reason =
            decode_value(s, r->records + i * p->layout.record_bytes, column, r->row + (uint32_t)i);
        if (reason == CP_ACCEPTED)
            continue;
        r->bad |= UINT64_C(1) << i;
        r->step[i] = (uint16_t)number;
        r->why[i] = (uint8_t)reason;
    }
}

static void decode_columns(const cp_struct_plan *p, cp_struct_run *r, cp_batch *batch)
{
    size_t stride = p->layout.record_bytes;
    for (size_t n = 0; n < p->step_count; n++) {
        const cp_struct_step *s = &p->steps[n];
        cp_column *column = &batch->columns[s->column];
        if (s->unruled && !column->data)
            continue;
        cp_struct_lanes values;
        if (p->kernels && s->kernel != CP_STRUCT_KERNEL_NONE) {
            s->load(r->records + s->offset, stride, r->count, &values);
            if (p->kernels->run[s->kernel](s, &values, r->count, column->data, r->row))
                continue;
        }
        decode_singly(p, n, r, column);
    }
}

static cp_rc decode_run(const cp_struct_plan *p, cp_struct_run *r, cp_cursor *cursor,
                        cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    uint64_t kept = cp_struct_low_bits(r->count);
    decode_columns(p, r, batch);
    if (r->bad) {
        cp_rc rc = cp_struct_pass_run(p, r, cursor, rejects, &kept, err);
        if (rc)
            return rc;
        cp_struct_rows_compact(p, r, batch, kept);
    } else {
        cursor->records += r->count;
        cursor->offset += r->count * p->layout.record_bytes;
    }
    uint32_t added = (uint32_t)__builtin_popcountll(kept);
    cp_struct_rows_mark_absent(p, batch, r->row, added);
    batch->rows += added;
    batch->selection_count = batch->rows;
    return CP_OK;
}

cp_rc cp_struct_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                       cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    const cp_struct_plan *p = ((const struct_decoder *)decoder)->plan;
    size_t record_bytes = p->layout.record_bytes;
    for (size_t left; (left = (block->bytes.size - cursor->offset) / record_bytes) > 0;) {
        uint32_t room = batch->capacity - batch->rows;
        if (room == 0 || cp_rejects_full(rejects))
            return CP_MORE;
        left = left < room ? left : room;
        cp_struct_run r;
        r.records = block->bytes.data + cursor->offset;
        r.count = left < CP_STRUCT_RUN_ROWS ? left : CP_STRUCT_RUN_ROWS;
        r.row = batch->rows;
        r.bad = 0;
        cp_rc rc = decode_run(p, &r, cursor, batch, rejects, err);
        if (rc)
            return rc;
    }
    if (cursor->offset == block->bytes.size)
        return CP_OK;
    if (cp_rejects_full(rejects))
        return CP_MORE;
    return cp_struct_refuse_tail(p, block, cursor, rejects, err);
}

cp_rc cp_struct_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    struct_decoder *d = NULL;
    cp_rc rc = cp_calloc(1, sizeof *d, &d, err);
    if (rc)
        return rc;
    d->base.type = &cp_struct_format;
    d->plan = (const cp_struct_plan *)format;
    *out = &d->base;
    return CP_OK;
}

void cp_struct_decoder_close(cp_decoder *decoder)
{
    free(decoder);
}
