/* Rows as fixed-width records, in the schema's layout.
 *
 *   group --gather, a column at a time--> every record's bytes at the value's offset
 *
 * Fields that the layout does not have are not written. The rules of struct_narrow.c hold at the
 * boundary, so every value that comes here has its place in a record; what binary fractions cannot
 * hold exactly is rounded to the nearest and counted. */
#include "formats/compress/framer.h"
#include "formats/records/struct_narrow.h"
#include "formats/records/struct_plan.h"
#include "formats/records/struct_store.h"
#include "formats/registry.h"
#include "pipeline/core/bits.h"

typedef struct struct_sink {
    cp_sink base;
    cp_struct_plan *plan;
    cp_struct_store *stores; /* by step */
    cp_framer framer;
    uint64_t position; /* bytes that the file has */
} struct_sink;

typedef struct struct_encoder {
    cp_encoder base;
    cp_gathered column;
    cp_bytes records;
} struct_encoder;

typedef struct struct_encoded {
    cp_encoded base;
    cp_bytes bytes;
} struct_encoded;

static void sink_close(cp_sink *sink)
{
    struct_sink *self = (struct_sink *)sink;
    if (!self)
        return;
    if (self->plan)
        cp_struct_plan_close(&self->plan->base);
    free(self->stores);
    free(self);
}

static cp_rc open_stores(struct_sink *self, cp_error *err)
{
    const cp_struct_plan *plan = self->plan;
    cp_rc rc = cp_calloc(plan->step_count, sizeof *self->stores, &self->stores, err);
    for (size_t i = 0; !rc && i < plan->step_count; i++)
        self->stores[i] = cp_struct_store_of(&plan->steps[i], plan->layout.big_endian);
    return rc;
}

static cp_rc sink_open(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                       cp_error *err)
{
    struct_sink *self;
    cp_format *plan = NULL;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_struct_sink;
    rc = cp_framer_open(&self->framer, options, err);
    if (!rc)
        rc = cp_struct_plan_open(
            schema, &(cp_format_options){.max_record_bytes = CP_LAYOUT_RECORD_BYTES_MAX}, &plan,
            err);
    self->plan = (cp_struct_plan *)plan;
    if (!rc)
        rc = open_stores(self, err);
    if (rc)
        sink_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static void encoder_close(cp_encoder *encoder)
{
    struct_encoder *self = (struct_encoder *)encoder;
    if (!self)
        return;
    cp_gathered_close(&self->column);
    cp_bytes_free(&self->records);
    free(self);
}

static cp_rc encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err)
{
    struct_encoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = sink->type;
    *out = &self->base;
    return CP_OK;
}

static void encoded_free(cp_encoded *encoded)
{
    if (!encoded)
        return;
    cp_bytes_free(&((struct_encoded *)encoded)->bytes);
    free(encoded);
}

/* The gathered values of one step into all records; returns how many were rounded. */
static uint64_t put_column(const cp_struct_store *store, const cp_gathered *column,
                           uint8_t *records, size_t record_bytes)
{
    const uint8_t *value = column->values;
    uint64_t rounded = 0;
    for (uint64_t row = 0; row < column->rows; row++) {
        uint8_t *at = records + row * record_bytes + store->step->offset;
        if (column->valid && !cp_bit_get(column->valid, row)) {
            cp_struct_store_null(store, at);
            continue;
        }
        rounded += !store->put(store, value, at);
        value += store->step->width;
    }
    return rounded;
}

static cp_rc put_records(const struct_sink *self, struct_encoder *worker, const cp_group *group,
                         struct_encoded *encoded, cp_error *err)
{
    size_t record_bytes = self->plan->layout.record_bytes, size;
    if (!cp_mul_size(group->rows, record_bytes, &size))
        return cp_fail_memory(err, SIZE_MAX);
    worker->records.size = 0;
    cp_rc rc = cp_bytes_reserve(&worker->records, size, err);
    if (rc)
        return rc;
    memset(worker->records.data, 0, size); /* pads, and what follows short texts */
    for (size_t i = 0; !rc && i < self->plan->step_count; i++) {
        rc = cp_group_gather(group, self->plan->steps[i].column, &worker->column, err);
        if (!rc)
            encoded->base.rounded +=
                put_column(&self->stores[i], &worker->column, worker->records.data, record_bytes);
    }
    return rc ? rc
              : cp_framer_add(&self->framer, (cp_span){worker->records.data, size}, &encoded->bytes,
                              err);
}

static cp_rc encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                    cp_encoded **out, cp_error *err)
{
    struct_encoded *encoded;
    cp_rc rc = cp_calloc(1, sizeof *encoded, &encoded, err);
    if (rc)
        return rc;
    encoded->base = (cp_encoded){.type = sink->type, .rows = group->rows};
    if (group->rows > 0)
        rc = put_records((const struct_sink *)sink, (struct_encoder *)encoder, group, encoded, err);
    encoded->base.bytes = encoded->bytes.capacity;
    if (rc)
        encoded_free(&encoded->base);
    else
        *out = &encoded->base;
    return rc;
}

static cp_rc append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err)
{
    const cp_bytes *bytes = &((const struct_encoded *)encoded)->bytes;
    ((struct_sink *)sink)->position += bytes->size;
    return cp_write(writer, bytes->data, bytes->size, err);
}

static cp_rc finish(cp_sink *sink, cp_writer *writer, cp_error *err)
{
    (void)writer, (void)err;
    ((struct_sink *)sink)->position = 0;
    return CP_OK;
}

static uint64_t file_bytes(const cp_sink *sink, const cp_encoded *next)
{
    uint64_t more = next ? ((const struct_encoded *)next)->bytes.size : 0;
    return ((const struct_sink *)sink)->position + more;
}

const cp_sink_type cp_struct_sink = {
    .name = "struct",
    .extension = ".bin",
    .is_compressed_whole = true,
    .group_rows = 1 << 16,
    .group_bytes = 1 << 20,
    .narrow = cp_struct_narrow,
    .open = sink_open,
    .encoder_open = encoder_open,
    .encoder_close = encoder_close,
    .encode = encode,
    .encoded_free = encoded_free,
    .append = append,
    .finish = finish,
    .file_bytes = file_bytes,
    .close = sink_close,
};
