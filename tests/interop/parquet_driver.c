/* Writes Parquet files for test_parquet_sink.py.
 *
 *   parquet_driver OUT < commands     one command a line, words parted by spaces
 *
 *   schema FIELD ...                      first; as driver_rows.h has them, and rows, too
 *   options CODEC LEVEL BATCH             then; BATCH rows go into a slab at a time
 *   r CELL ...                            a row
 *   group                                 what came since the last one is a group
 *
 * Prints one JSON object: groups, rows, bytes, footer_bytes and told (what the sink said of bytes
 * before its last group); or {"refused": "FIELD: REASON"}. */
#include "formats/registry.h"
#include "tests/interop/driver_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct file_writer {
    cp_writer base;
    FILE *file;
    uint64_t bytes;
} file_writer;

static cp_rc write_file(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    file_writer *self = (file_writer *)writer;
    self->bytes += size;
    return fwrite(bytes, 1, size, self->file) == size
               ? CP_OK
               : cp_fail(err, CP_E_IO, "write_failed", "cannot write");
}

typedef struct driver {
    cp_schema *schema;
    cp_batch batch;
    cp_slab *slab;
    cp_group group;
    cp_sink *sink;
    cp_encoder *encoder;
    file_writer out;
    uint64_t groups, rows;
    uint64_t told; /* by the sink, of the file that ends with the last group */
} driver;

/* ---- commands ---- */

static cp_rc do_schema(driver *d, char *words, cp_error *err)
{
    cp_rc rc = cp_driver_schema(words, &d->schema, err);
    d->group.schema = d->schema;
    return rc;
}

static cp_rc do_options(driver *d, char *words, cp_error *err)
{
    char codec[16];
    int level;
    unsigned batch;
    if (!d->schema || sscanf(words, "%15s %d %u", codec, &level, &batch) != 3 || batch == 0)
        return cp_fail(err, CP_E_USAGE, "bad_options", "bad options: %s", words);
    const cp_sink_options options = {.compression = codec,
                                     .compression_level = level,
                                     .created_by = "casepipe version test",
                                     .schema_yaml = "name: test\n"};
    cp_rc rc = cp_batch_open(&d->batch, d->schema, batch, err);
    if (!rc)
        rc = cp_parquet_sink.open(d->schema, &options, &d->sink, err);
    return rc ? rc : cp_parquet_sink.encoder_open(d->sink, &d->encoder, err);
}

static cp_rc flush_batch(driver *d, cp_error *err)
{
    d->batch.selection_count = d->batch.rows;
    cp_rc rc = cp_slab_add(&d->slab, NULL, &d->batch, err);
    cp_batch_reset(&d->batch);
    return rc;
}

static cp_rc do_row(driver *d, char *words, cp_error *err)
{
    cp_rc rc = d->batch.rows == d->batch.capacity ? flush_batch(d, err) : CP_OK;
    return rc ? rc : cp_driver_row(&d->batch, words, err);
}

/* The slab goes into the group in two slices. */
static cp_rc do_group(driver *d, cp_error *err)
{
    cp_encoded *encoded = NULL;
    cp_rc rc = flush_batch(d, err);
    uint32_t rows = rc ? 0 : cp_slab_rows(d->slab);
    if (!rc)
        rc = cp_group_add(&d->group, d->slab, 0, rows / 3, err);
    if (!rc)
        rc = cp_group_add(&d->group, d->slab, rows / 3, rows - rows / 3, err);
    cp_slab_release(d->slab);
    d->slab = NULL;
    if (!rc)
        rc = cp_parquet_sink.encode(d->sink, d->encoder, &d->group, &encoded, err);
    cp_group_clear(&d->group);
    if (!rc)
        d->told = cp_parquet_sink.file_bytes(d->sink, encoded);
    if (!rc)
        rc = cp_parquet_sink.append(d->sink, encoded, &d->out.base, err);
    cp_parquet_sink.encoded_free(encoded);
    d->groups++;
    d->rows += rows;
    return rc;
}

static cp_rc run_line(driver *d, char *line, cp_error *err)
{
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "schema ", 7) == 0)
        return do_schema(d, line + 7, err);
    if (strncmp(line, "options ", 8) == 0)
        return do_options(d, line + 8, err);
    if (d->sink && strncmp(line, "r ", 2) == 0)
        return do_row(d, line + 2, err);
    if (d->sink && strcmp(line, "group") == 0)
        return do_group(d, err);
    return cp_fail(err, CP_E_USAGE, "bad_command", "%s is no command", line);
}

/* ---- the whole ---- */

static cp_rc run(driver *d, cp_error *err)
{
    char *line = NULL;
    size_t capacity = 0;
    cp_rc rc = CP_OK;
    while (!rc && getline(&line, &capacity, stdin) > 0)
        rc = run_line(d, line, err);
    free(line);
    if (rc)
        return rc;
    if (!d->sink)
        return cp_fail(err, CP_E_USAGE, "no_schema", "there is no schema");
    if (d->groups == 0)
        d->told = cp_parquet_sink.file_bytes(d->sink, NULL);
    uint64_t before = d->out.bytes;
    rc = cp_parquet_sink.finish(d->sink, &d->out.base, err);
    if (!rc)
        printf("{\"groups\":%" PRIu64 ",\"rows\":%" PRIu64 ",\"footer_bytes\":%" PRIu64
               ",\"told\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
               d->groups, d->rows, d->out.bytes - before, d->told, d->out.bytes);
    return rc;
}

static void close_driver(driver *d)
{
    cp_parquet_sink.encoder_close(d->encoder);
    cp_parquet_sink.close(d->sink);
    cp_group_close(&d->group);
    cp_slab_release(d->slab);
    if (d->batch.schema)
        cp_batch_close(&d->batch);
    cp_schema_free(d->schema);
}

int main(int count, char **words)
{
    driver d = {.out.base.write = write_file};
    cp_error err = {0};
    d.out.file = count == 2 ? fopen(words[1], "wb") : NULL;
    if (!d.out.file) {
        fprintf(stderr, "usage: parquet_driver OUT\n");
        return 1;
    }
    cp_rc rc = run(&d, &err);
    if (rc == CP_E_DATA)
        printf("{\"refused\":\"%s: %s\"}\n", err.field, err.reason);
    else if (rc)
        fprintf(stderr, "parquet_driver: %s\n", err.message);
    close_driver(&d);
    bool closed = fclose(d.out.file) == 0;
    return (rc && rc != CP_E_DATA) || !closed || fflush(stdout) ? 1 : 0;
}
