/* Parquet files (apache/parquet-format).
 *
 *   group --chunk.c for each column--> encoded group --append--> "PAR1" pages pages ...
 *                                                                indexes footer length "PAR1"
 *
 * What a group becomes depends on the group and the options alone. */
#include "formats/parquet/chunk.h"
#include "formats/parquet/footer.h"
#include "formats/registry.h"

typedef struct parquet_sink {
    cp_sink base;
    cp_parquet_column *columns;
    size_t column_count;
    cp_parquet_codec codec;
    int level;
    char *created_by;
    char *schema_yaml;
    cp_parquet_footer footer;
    uint64_t frame_bytes; /* of every footer, whatever the groups */
    uint64_t position;    /* bytes that the file has */
} parquet_sink;

typedef struct parquet_encoder {
    cp_encoder base;
    cp_parquet_workroom room;
} parquet_encoder;

static void sink_close(cp_sink *sink)
{
    if (!sink)
        return;
    parquet_sink *self = (parquet_sink *)sink;
    free(self->columns);
    free(self->created_by);
    free(self->schema_yaml);
    cp_parquet_footer_close(&self->footer);
    free(self);
}

/* NULL stays NULL. */
static cp_rc copy_text(const char *text, char **out, cp_error *err)
{
    *out = text ? strdup(text) : NULL;
    return text && !*out ? cp_fail_memory(err, strlen(text) + 1) : CP_OK;
}

static cp_parquet_file file_of(const parquet_sink *self)
{
    return (cp_parquet_file){self->columns, self->column_count, self->created_by,
                             self->schema_yaml};
}

static cp_rc measure_frame(parquet_sink *self, cp_error *err)
{
    cp_parquet_file file = file_of(self);
    return cp_parquet_footer_frame_bytes(&file, &self->frame_bytes, err);
}

static cp_rc sink_open(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                       cp_error *err)
{
    parquet_sink *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_parquet_sink;
    self->level = options->compression_level;
    rc = cp_squeeze_check(options->compression, self->level, &self->codec, err);
    if (!rc)
        rc = cp_parquet_columns_make(schema, &self->columns, &self->column_count, err);
    if (!rc)
        rc = copy_text(options->created_by, &self->created_by, err);
    if (!rc)
        rc = copy_text(options->schema_yaml, &self->schema_yaml, err);
    if (!rc)
        rc = measure_frame(self, err);
    if (rc)
        sink_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static void encoder_close(cp_encoder *encoder)
{
    if (!encoder)
        return;
    cp_parquet_workroom_close(&((parquet_encoder *)encoder)->room);
    free(encoder);
}

static cp_rc encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err)
{
    const parquet_sink *self = (const parquet_sink *)sink;
    parquet_encoder *encoder;
    cp_rc rc = cp_calloc(1, sizeof *encoder, &encoder, err);
    if (rc)
        return rc;
    encoder->base.type = &cp_parquet_sink;
    if (self->codec != CP_PARQUET_UNCOMPRESSED)
        rc = cp_squeezer_open(self->codec, self->level, &encoder->room.bench.squeezer, err);
    if (rc)
        encoder_close(&encoder->base);
    else
        *out = &encoder->base;
    return rc;
}

static void encoded_free(cp_encoded *encoded)
{
    if (!encoded)
        return;
    cp_parquet_group *self = (cp_parquet_group *)encoded;
    cp_bytes_free(&self->pages);
    cp_bytes_free(&self->details);
    free(self->chunks);
    free(self->places);
    free(self);
}

static cp_rc encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                    cp_encoded **out, cp_error *err)
{
    const parquet_sink *self = (const parquet_sink *)sink;
    parquet_encoder *worker = (parquet_encoder *)encoder;
    cp_parquet_group *encoded;
    cp_rc rc = cp_calloc(1, sizeof *encoded, &encoded, err);
    if (rc)
        return rc;
    encoded->base = (cp_encoded){.type = &cp_parquet_sink, .rows = group->rows};
    rc = cp_calloc(self->column_count, sizeof *encoded->chunks, &encoded->chunks, err);
    for (size_t i = 0; !rc && group->rows > 0 && i < self->column_count; i++)
        rc = cp_parquet_chunk_put(group, &self->columns[i], self->codec, &worker->room, encoded,
                                  err);
    encoded->base.bytes = encoded->pages.capacity + encoded->details.capacity;
    if (rc)
        encoded_free(&encoded->base);
    else
        *out = &encoded->base;
    return rc;
}

static cp_rc begin_file(parquet_sink *self, cp_writer *writer, cp_error *err)
{
    if (self->position > 0)
        return CP_OK;
    self->position = CP_PARQUET_MAGIC_BYTES;
    return cp_write(writer, CP_PARQUET_MAGIC, CP_PARQUET_MAGIC_BYTES, err);
}

/* A group without rows leaves no trace. */
static cp_rc append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err)
{
    parquet_sink *self = (parquet_sink *)sink;
    const cp_parquet_group *group = (const cp_parquet_group *)encoded;
    cp_parquet_file file = file_of(self);
    cp_rc rc = begin_file(self, writer, err);
    if (rc || group->base.rows == 0)
        return rc;
    rc = cp_write(writer, group->pages.data, group->pages.size, err);
    if (!rc)
        rc = cp_parquet_footer_add(&self->footer, &file, group, self->position, err);
    self->position += group->pages.size;
    return rc;
}

static cp_rc finish(cp_sink *sink, cp_writer *writer, cp_error *err)
{
    parquet_sink *self = (parquet_sink *)sink;
    cp_parquet_file file = file_of(self);
    cp_rc rc = begin_file(self, writer, err);
    if (!rc)
        rc = cp_parquet_footer_write(&self->footer, &file, self->position, writer, err);
    cp_parquet_footer_clear(&self->footer);
    self->position = 0;
    return rc;
}

static uint64_t file_bytes(const cp_sink *sink, const cp_encoded *next)
{
    const parquet_sink *self = (const parquet_sink *)sink;
    const cp_parquet_group *group = (const cp_parquet_group *)next;
    cp_parquet_file file = file_of(self);
    uint64_t bytes = self->position > 0 ? self->position : CP_PARQUET_MAGIC_BYTES;
    if (group && group->base.rows == 0)
        group = NULL;
    return cp_parquet_footer_file_bytes(&self->footer, &file, group, bytes + self->frame_bytes);
}

const cp_sink_type cp_parquet_sink = {
    .name = "parquet",
    .extension = ".parquet",
    .group_rows = CP_PARQUET_PAGE_ROWS, /* as DuckDB has it, but bounded in bytes, too */
    .group_bytes = 16 << 20,
    .narrow = cp_parquet_narrow,
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
