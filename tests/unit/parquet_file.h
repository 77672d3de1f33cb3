/* Parquet files made by the sink, in memory. */
#ifndef CP_TESTS_UNIT_PARQUET_FILE_H
#define CP_TESTS_UNIT_PARQUET_FILE_H

#include "formats/registry.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/stage_support.h"

static const cp_sink_options defaults = {.created_by = "casepipe version test",
                                         .schema_yaml = "name: test\n"};

static inline cp_group group_of(const cp_schema *schema, const char *text_rows)
{
    cp_group group = {.schema = schema};
    cp_slab *slab = NULL;
    uint32_t count = 1;
    for (const char *p = text_rows; *p; p++)
        count += *p == '\n';
    cp_batch batch = open_batch(schema, count);
    fill_batch(&batch, text_rows);
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_group_add(&group, slab, 0, cp_slab_rows(slab), NULL), CP_OK);
    cp_slab_release(slab);
    cp_batch_close(&batch);
    return group;
}

/* Opens a sink, writes `files` files of two groups each, closes. */
static inline cp_rc write_files(const cp_schema *schema, const cp_group *group, size_t files,
                                cp_writer *writer, cp_error *err)
{
    cp_sink *sink = NULL;
    cp_encoder *encoder = NULL;
    cp_rc rc = cp_parquet_sink.open(schema, &defaults, &sink, err);
    if (!rc)
        rc = cp_parquet_sink.encoder_open(sink, &encoder, err);
    for (size_t i = 0; !rc && i < 2 * files; i++) {
        cp_encoded *encoded = NULL;
        rc = cp_parquet_sink.encode(sink, encoder, group, &encoded, err);
        if (!rc)
            rc = cp_parquet_sink.append(sink, encoded, writer, err);
        cp_parquet_sink.encoded_free(encoded);
        if (!rc && i % 2)
            rc = cp_parquet_sink.finish(sink, writer, err);
    }
    cp_parquet_sink.encoder_close(encoder);
    cp_parquet_sink.close(sink);
    return rc;
}

#endif
