/* Rows to text, a group at a time. */
#include "formats/text/text_sink.h"

#include "formats/compress/framer.h"
#include "formats/text/text_column.h"
#include "pipeline/core/bits.h"

#include <pthread.h>

typedef struct text_encoded {
    cp_encoded base;
    struct text_sink *sink;
    struct text_encoded *next; /* while it waits to be used again */
    cp_bytes bytes;
} text_encoded;

typedef struct text_sink {
    cp_sink base;
    const cp_text_form *form;
    cp_text_column *columns;
    size_t column_count;
    cp_framer framer;
    cp_span null, joint;                   /* the form's */
    cp_bytes row_end;                      /* behind the last value of a row */
    size_t row_bound;                      /* bytes of a row, its texts aside */
    cp_bytes head, between, tail, nothing; /* as they stand in the file */
    pthread_mutex_t lock;
    text_encoded *idle; /* appended ones, whose memory is used again */
    uint64_t position;  /* bytes that the file has; 0: not even its head */
} text_sink;

typedef struct text_encoder {
    cp_encoder base;
    cp_gathered *columns; /* by column of the sink */
    const uint8_t **next; /* the next value of each */
    size_t column_count;
    cp_bytes rows;
} text_encoder;

/* ---- the sink ---- */

void cp_text_sink_close(cp_sink *sink)
{
    text_sink *self = (text_sink *)sink;
    if (!self)
        return;
    for (size_t i = 0; i < self->column_count; i++)
        cp_text_column_close(&self->columns[i]);
    free(self->columns);
    cp_bytes_free(&self->row_end);
    cp_bytes_free(&self->head);
    cp_bytes_free(&self->between);
    cp_bytes_free(&self->tail);
    cp_bytes_free(&self->nothing);
    for (text_encoded *idle; (idle = self->idle);) {
        self->idle = idle->next;
        cp_bytes_free(&idle->bytes);
        free(idle);
    }
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static cp_bytes take_bytes(cp_bytes *from)
{
    cp_bytes taken = *from;
    *from = (cp_bytes){0};
    return taken;
}

static cp_rc open_columns(text_sink *self, const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    cp_rc rc = cp_calloc(row->count, sizeof *self->columns, &self->columns, err);
    for (size_t i = 0; !rc && i < row->count; i++) {
        cp_text_column *column = &self->columns[self->column_count++];
        cp_text_slot *slot = &row->slots[i];
        rc = cp_text_column_open(column, self->form, &schema->fields[slot->number], err);
        column->number = slot->number;
        column->before = take_bytes(&slot->before);
        self->row_bound += column->before.size + column->bound;
    }
    return rc;
}

static cp_rc make_row(text_sink *self, const cp_schema *schema, cp_error *err)
{
    cp_text_row row = {0};
    cp_rc rc = self->form->row(schema, &row, err);
    if (!rc)
        rc = open_columns(self, schema, &row, err);
    self->row_end = take_bytes(&row.text);
    self->row_bound += self->row_end.size + self->joint.size;
    cp_text_row_close(&row);
    return rc;
}

static cp_rc make_frames(text_sink *self, const cp_schema *schema, cp_error *err)
{
    const cp_text_form *form = self->form;
    cp_bytes head = {0};
    cp_rc rc = form->head(schema, &head, err);
    if (!rc)
        rc = cp_framer_add(&self->framer, (cp_span){head.data, head.size}, &self->head, err);
    if (!rc)
        rc = cp_framer_add(&self->framer, cp_span_of(form->joint), &self->between, err);
    if (!rc)
        rc = cp_framer_add(&self->framer, cp_span_of(form->tail), &self->tail, err);
    cp_span nothing = form->nothing ? cp_span_of(form->nothing) : (cp_span){head.data, head.size};
    if (!rc)
        rc = cp_framer_add(&self->framer, nothing, &self->nothing, err);
    cp_bytes_free(&head);
    return rc;
}

cp_rc cp_text_sink_open(const cp_text_form *form, const cp_schema *schema,
                        const cp_sink_options *options, cp_sink **out, cp_error *err)
{
    text_sink *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = form->type;
    self->form = form;
    self->null = cp_span_of(form->null);
    self->joint = cp_span_of(form->joint);
    pthread_mutex_init(&self->lock, NULL);
    rc = cp_framer_open(&self->framer, options, err);
    if (!rc)
        rc = make_row(self, schema, err);
    if (!rc)
        rc = make_frames(self, schema, err);
    if (rc)
        cp_text_sink_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* ---- rows ---- */

void cp_text_encoder_close(cp_encoder *encoder)
{
    text_encoder *self = (text_encoder *)encoder;
    if (!self)
        return;
    for (size_t i = 0; i < self->column_count; i++)
        cp_gathered_close(&self->columns[i]);
    free(self->columns);
    free(self->next);
    cp_bytes_free(&self->rows);
    free(self);
}

cp_rc cp_text_encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err)
{
    const text_sink *plan = (const text_sink *)sink;
    text_encoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = sink->type;
    rc = cp_calloc(plan->column_count, sizeof *self->columns, &self->columns, err);
    if (!rc)
        rc = cp_calloc(plan->column_count, sizeof *self->next, &self->next, err);
    if (!rc)
        self->column_count = plan->column_count;
    if (rc)
        cp_text_encoder_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static bool is_text(cp_type type)
{
    return type == CP_TYPE_STRING || type == CP_TYPE_JSON;
}

/* All columns, and in *bound the bytes that their rows take at most. */
static cp_rc gather(const text_sink *plan, text_encoder *self, const cp_group *group, size_t *bound,
                    cp_error *err)
{
    cp_rc rc = CP_OK;
    bool fits = cp_mul_size(group->rows, plan->row_bound, bound);
    for (size_t i = 0; !rc && i < plan->column_count; i++) {
        cp_gathered *column = &self->columns[i];
        rc = cp_group_gather(group, plan->columns[i].number, column, err);
        self->next[i] = column->values;
        const cp_span *texts = column->values;
        for (uint64_t k = 0; !rc && is_text(plan->columns[i].field->type) && k < column->count; k++)
            fits = fits && cp_add_size(*bound, plan->form->text_factor * texts[k].size, bound);
    }
    return rc || fits ? rc : cp_fail_memory(err, SIZE_MAX);
}

static uint8_t *put_constant(cp_span text, uint8_t *to)
{
    if (text.size) /* else its data may be NULL */
        memcpy(to, text.data, text.size);
    return to + text.size;
}

static uint8_t *put_value(const text_sink *plan, text_encoder *self, size_t i, uint64_t row,
                          uint8_t *to)
{
    const cp_text_column *column = &plan->columns[i];
    const uint64_t *valid = self->columns[i].valid;
    to = put_constant((cp_span){column->before.data, column->before.size}, to);
    if (valid && !cp_bit_get(valid, row))
        return put_constant(plan->null, to);
    to = column->put(column, self->next[i], to);
    self->next[i] += cp_type_width(column->field->type);
    return to;
}

static void put_rows(const text_sink *plan, text_encoder *self, uint64_t rows, cp_bytes *out)
{
    const cp_span row_end = {plan->row_end.data, plan->row_end.size};
    uint8_t *to = out->data;
    for (uint64_t row = 0; row < rows; row++) {
        if (row > 0)
            to = put_constant(plan->joint, to);
        for (size_t i = 0; i < plan->column_count; i++)
            to = put_value(plan, self, i, row, to);
        to = put_constant(row_end, to);
    }
    out->size = (size_t)(to - out->data);
}

void cp_text_encoded_free(cp_encoded *encoded)
{
    text_encoded *self = (text_encoded *)encoded;
    if (!self)
        return;
    pthread_mutex_lock(&self->sink->lock);
    self->next = self->sink->idle;
    self->sink->idle = self;
    pthread_mutex_unlock(&self->sink->lock);
}

static cp_rc open_encoded(text_sink *sink, text_encoded **out, cp_error *err)
{
    pthread_mutex_lock(&sink->lock);
    *out = sink->idle;
    if (sink->idle)
        sink->idle = sink->idle->next;
    pthread_mutex_unlock(&sink->lock);
    cp_rc rc = *out ? CP_OK : cp_calloc(1, sizeof **out, out, err);
    if (rc)
        return rc;
    (*out)->sink = sink;
    (*out)->bytes.size = 0;
    return CP_OK;
}

/* Straight to where they go, unless a codec comes between. */
static cp_rc encode_rows(const text_sink *plan, text_encoder *self, const cp_group *group,
                         cp_bytes *out, cp_error *err)
{
    cp_bytes *rows = plan->framer.codec ? &self->rows : out;
    size_t bound = 0;
    cp_rc rc = gather(plan, self, group, &bound, err);
    rows->size = 0;
    if (!rc)
        rc = cp_bytes_reserve(rows, bound, err);
    if (rc)
        return rc;
    put_rows(plan, self, group->rows, rows);
    return rows == out ? CP_OK
                       : cp_framer_add(&plan->framer, (cp_span){rows->data, rows->size}, out, err);
}

cp_rc cp_text_encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                     cp_encoded **out, cp_error *err)
{
    text_encoded *encoded;
    cp_rc rc = open_encoded((text_sink *)sink, &encoded, err);
    if (rc)
        return rc;
    encoded->base = (cp_encoded){.type = sink->type, .rows = group->rows};
    rc = encode_rows((const text_sink *)sink, (text_encoder *)encoder, group, &encoded->bytes, err);
    encoded->base.bytes = encoded->bytes.capacity;
    if (rc)
        cp_text_encoded_free(&encoded->base);
    else
        *out = &encoded->base;
    return rc;
}

/* ---- the file ---- */

/* What comes before the next group. A file with rows has bytes. */
static const cp_bytes *lead(const text_sink *self)
{
    return self->position > 0 ? &self->between : &self->head;
}

cp_rc cp_text_append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err)
{
    text_sink *self = (text_sink *)sink;
    const cp_bytes *bytes = &((const text_encoded *)encoded)->bytes;
    if (encoded->rows == 0)
        return CP_OK;
    const cp_bytes *first = lead(self);
    self->position += first->size + bytes->size;
    cp_rc rc = cp_write(writer, first->data, first->size, err);
    return rc ? rc : cp_write(writer, bytes->data, bytes->size, err);
}

cp_rc cp_text_finish(cp_sink *sink, cp_writer *writer, cp_error *err)
{
    text_sink *self = (text_sink *)sink;
    const cp_bytes *last = self->position > 0 ? &self->tail : &self->nothing;
    self->position = 0;
    return cp_write(writer, last->data, last->size, err);
}

uint64_t cp_text_file_bytes(const cp_sink *sink, const cp_encoded *next)
{
    const text_sink *self = (const text_sink *)sink;
    if (next && next->rows > 0)
        return self->position + lead(self)->size + ((const text_encoded *)next)->bytes.size +
               self->tail.size;
    return self->position > 0 ? self->position + self->tail.size : self->nothing.size;
}
