/* report --to parquet: the table of --to csv, typed.
 *
 *   table    key     count    nulls  min   max   mean  stddev  first  last
 *   records  read    5000000
 *   time                                                       2023-  2023-
 *   status   DRAFT   312599
 *   sensors  0       4981     0      15.0  35.0  24.9  5.7     2023-  2023-
 *   rejects  json_syntax  0
 */
#include "formats/registry.h"
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/report.h"
#include "pipeline/cli/sink_options.h"
#include "stages/stats.h"

enum { TABLE, KEY, COUNT, NULLS, MIN, MAX, MEAN, STDDEV, FIRST, LAST, COLUMN_COUNT };

typedef struct table {
    cp_schema *schema;
    cp_batch rows;
    cp_slab *slab; /* the rows of full batches */
} table;

static cp_rc add_column(cp_schema *schema, const char *name, cp_type type, cp_error *err)
{
    cp_field *field;
    return cp_schema_add(schema, name, type, &field, err);
}

static cp_rc add_copy(cp_schema *schema, const char *name, const cp_field *like, cp_error *err)
{
    cp_field *field;
    cp_rc rc = cp_schema_add_copy(schema, like, name, &field, err);
    if (rc)
        return rc;
    field->wanted = true;
    field->required = false;
    return CP_OK;
}

static cp_rc add_columns(cp_schema *schema, const cp_schema *sensors, cp_error *err)
{
    static const char *const names[COLUMN_COUNT] = {"table", "key",  "count",  "nulls", "min",
                                                    "max",   "mean", "stddev", "first", "last"};
    static const cp_type types[] = {CP_TYPE_STRING, CP_TYPE_STRING, CP_TYPE_UINT64, CP_TYPE_UINT64};
    cp_rc rc = CP_OK;
    for (size_t i = TABLE; !rc && i <= NULLS; i++)
        rc = add_column(schema, names[i], types[i], err);
    for (size_t i = MIN; !rc && i < COLUMN_COUNT; i++)
        rc = add_copy(schema, names[i], &sensors->fields[i - MIN + CP_STATS_MIN], err);
    if (!rc)
        schema->fields[TABLE].required = true;
    return rc;
}

static void table_close(table *self)
{
    cp_slab_release(self->slab);
    if (self->rows.schema)
        cp_batch_close(&self->rows);
    cp_schema_free(self->schema);
    *self = (table){0};
}

static cp_rc table_open(table *self, const cp_schema *sensors, cp_error *err)
{
    *self = (table){0};
    cp_rc rc = cp_schema_new("report", &self->schema, err);
    if (!rc)
        rc = add_columns(self->schema, sensors, err);
    if (!rc)
        rc = cp_batch_open(&self->rows, self->schema, CP_BATCH_ROWS, err);
    if (!rc)
        cp_batch_reset(&self->rows);
    return rc;
}

/* ---- rows ---- */

static cp_rc save_rows(table *self, cp_error *err)
{
    self->rows.selection_count = self->rows.rows;
    cp_rc rc = cp_slab_add(&self->slab, NULL, &self->rows, err);
    cp_batch_reset(&self->rows);
    return rc;
}

static cp_rc put_text(table *self, size_t column, cp_span text, cp_error *err)
{
    uint8_t *copy = cp_arena_take(&self->rows.arena, text.size);
    if (!copy)
        return cp_fail_memory(err, text.size);
    memcpy(copy, text.data, text.size);
    ((cp_span *)self->rows.columns[column].data)[self->rows.rows] = (cp_span){copy, text.size};
    return CP_OK;
}

/* Cells of the columns from COUNT on, NULL for a null; so is a key without bytes. */
static cp_rc put_row(table *self, const char *name, cp_span key,
                     const void *const cells[COLUMN_COUNT], cp_error *err)
{
    cp_rc rc = CP_OK;
    if (self->rows.rows == self->rows.capacity)
        rc = save_rows(self, err);
    if (!rc)
        rc = put_text(self, TABLE, cp_span_of(name), err);
    if (!rc && key.data)
        rc = put_text(self, KEY, key, err);
    if (rc)
        return rc;
    uint32_t row = self->rows.rows++;
    if (!key.data)
        cp_column_set_null(&self->rows.columns[KEY], row);
    for (size_t i = COUNT; i < COLUMN_COUNT; i++) {
        cp_column *column = &self->rows.columns[i];
        size_t width = cp_type_width(column->type);
        if (cells[i])
            memcpy((uint8_t *)column->data + row * width, cells[i], width);
        else
            cp_column_set_null(column, row);
    }
    return CP_OK;
}

static cp_rc put_count(table *self, const char *name, const char *key, uint64_t count,
                       cp_error *err)
{
    return put_row(self, name, cp_span_of(key), (const void *[COLUMN_COUNT]){[COUNT] = &count},
                   err);
}

static cp_rc put_books(table *self, const cp_books *books, cp_error *err)
{
    cp_rc rc = put_count(self, "records", "read", books->read, err);
    if (!rc)
        rc = put_count(self, "records", "accepted", books->accepted, err);
    if (!rc)
        rc = put_count(self, "records", "rejected", books->rejected, err);
    return rc ? rc : put_count(self, "records", "filtered", books->filtered, err);
}

static cp_rc put_times(table *self, const cp_report *report, cp_error *err)
{
    int64_t first, last;
    bool any = cp_stats_time_range(cp_run_partial(report->run, CP_REPORT_SENSORS), &first, &last);
    const void *cells[COLUMN_COUNT] = {[FIRST] = any ? &first : NULL, [LAST] = any ? &last : NULL};
    return put_row(self, "time", (cp_span){0}, cells, err);
}

/* A stage's result row: its key, and its other columns as the table's from COUNT on. */
static cp_rc put_result(table *self, const char *name, const cp_batch *rows, uint32_t row,
                        cp_error *err)
{
    char room[CP_CELL_TEXT_BYTES];
    const void *cells[COLUMN_COUNT] = {0};
    for (size_t i = 1; i < rows->schema->field_count; i++) {
        const cp_column *column = &rows->columns[i];
        if (cp_column_is_valid(column, row))
            cells[COUNT + i - 1] =
                (const uint8_t *)column->data + row * cp_type_width(column->type);
    }
    return put_row(self, name, cp_cell_print_plain(rows, 0, row, room), cells, err);
}

static cp_rc put_stage(table *self, const cp_report *report, size_t stage, const char *name,
                       cp_error *err)
{
    const cp_stage *source = report->options->stages[stage];
    cp_partial *partial = cp_run_partial(report->run, stage);
    cp_batch rows;
    cp_rc rc = cp_batch_open(&rows, cp_run_rows_schema(report->run, stage), CP_BATCH_ROWS, err);
    if (rc)
        return rc;
    while (!rc && !(rc = source->type->emit(source, partial, &rows, err)))
        for (uint32_t row = 0; !rc && row < rows.rows; row++)
            rc = put_result(self, name, &rows, row, err);
    cp_batch_close(&rows);
    return rc == CP_END ? CP_OK : rc;
}

static cp_rc put_reasons(table *self, const cp_books *books, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (int i = CP_ACCEPTED_NULL + 1; !rc && i < CP_REASON_COUNT; i++)
        rc = put_count(self, "rejects", cp_reason_name((cp_reason)i), books->by_reason[i], err);
    return rc;
}

static cp_rc fill(table *self, const cp_report *report, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    cp_rc rc = put_books(self, books, err);
    if (!rc)
        rc = put_times(self, report, err);
    if (!rc)
        rc = put_stage(self, report, CP_REPORT_STATUS, "status", err);
    if (!rc)
        rc = put_stage(self, report, CP_REPORT_SENSORS, "sensors", err);
    if (!rc)
        rc = put_reasons(self, books, err);
    return rc ? rc : save_rows(self, err);
}

/* ---- the file ---- */

static cp_rc write_group(cp_sink *sink, cp_encoder *encoder, const cp_group *group, cp_writer *out,
                         cp_error *err)
{
    cp_encoded *encoded;
    cp_rc rc = sink->type->encode(sink, encoder, group, &encoded, err);
    if (rc)
        return rc;
    rc = sink->type->append(sink, encoded, out, err);
    sink->type->encoded_free(encoded);
    return rc;
}

static cp_rc write_groups(const table *self, cp_sink *sink, cp_writer *out, cp_error *err)
{
    enum { GROUP_ROWS = 122880 };
    cp_group group = {.schema = self->schema};
    cp_encoder *encoder;
    cp_rc rc = sink->type->encoder_open(sink, &encoder, err);
    if (rc)
        return rc;
    uint32_t rows = cp_slab_rows(self->slab);
    for (uint32_t first = 0; !rc && first < rows; first += GROUP_ROWS) {
        uint32_t count = rows - first < GROUP_ROWS ? rows - first : GROUP_ROWS;
        rc = cp_group_add(&group, self->slab, first, count, err);
        if (!rc)
            rc = write_group(sink, encoder, &group, out, err);
        cp_group_clear(&group);
    }
    cp_group_close(&group);
    sink->type->encoder_close(encoder);
    return rc;
}

static cp_rc write_file(const table *self, cp_writer *out, cp_error *err)
{
    cp_sink_options options = {.created_by = CP_CREATED_BY};
    cp_sink *sink;
    cp_rc rc = cp_parquet_sink.open(self->schema, &options, &sink, err);
    if (rc)
        return rc;
    rc = write_groups(self, sink, out, err);
    if (!rc)
        rc = sink->type->finish(sink, out, err);
    sink->type->close(sink);
    return rc;
}

cp_rc cp_report_parquet(const cp_report *report, cp_writer *out, cp_error *err)
{
    table self;
    cp_rc rc = table_open(&self, cp_run_rows_schema(report->run, CP_REPORT_SENSORS), err);
    if (!rc)
        rc = fill(&self, report, err);
    if (!rc)
        rc = write_file(&self, out, err);
    table_close(&self);
    return rc;
}
