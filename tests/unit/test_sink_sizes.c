/* pipeline/core/sink.h, file_bytes: every sink tells how large its file would be. Those whose
 * groups are frames of a stream tell it exactly. */
#include "formats/registry.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/stage_support.h"

enum { GROUPS = 4, FILES = 12 };

static cp_schema *open_schema(void)
{
    static const cp_span fields[] = {{(const uint8_t *)"n", 1}, {(const uint8_t *)"d", 1}};
    cp_schema *schema = schema_of("n:int32! s:string! d:float64!");
    assert_int_equal(cp_schema_set_layout(schema, "<id", fields, 2, NULL), CP_OK);
    return schema;
}

/* Rows of every number of digits, so that frames are of every size. */
static cp_group make_group(const cp_schema *schema, size_t rows)
{
    cp_group group = {.schema = schema};
    cp_slab *slab = NULL;
    text lines = {0};
    for (size_t i = 0; i < rows; i++)
        put(&lines, "%" PRIu64 " %" PRIx64 " %" PRIu64 "\n", random_bits() >> (34 + i % 20),
            random_bits() >> (i % 60), random_bits() >> (i % 50));
    cp_batch batch = open_batch(schema, 1000);
    fill_batch(&batch, shown(&lines));
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_group_add(&group, slab, 0, cp_slab_rows(slab), NULL), CP_OK);
    cp_slab_release(slab);
    cp_batch_close(&batch);
    text_free(&lines);
    return group;
}

static void assert_size(const cp_sink_type *type, uint64_t told, const memory_writer *writer)
{
    if (type->is_compressed_whole)
        assert_int_equal(told, writer->size);
    else
        assert_in_range(told, writer->size, writer->size + 2000);
}

/* A file of the first `groups` of `encoded`, in turn; then the sink begins another. */
static void write_file(cp_sink *sink, cp_encoded *const *encoded, size_t groups)
{
    memory_writer writer = memory_writer_open();
    uint64_t told = sink->type->file_bytes(sink, NULL);
    for (size_t i = 0; i < groups; i++) {
        const cp_encoded *next = encoded[(i + groups) % GROUPS];
        told = sink->type->file_bytes(sink, next);
        assert_true(told >= sink->type->file_bytes(sink, NULL));
        assert_int_equal(sink->type->append(sink, next, &writer.base, NULL), CP_OK);
        assert_true(sink->type->file_bytes(sink, NULL) <= told);
    }
    uint64_t told_behind = sink->type->file_bytes(sink, NULL);
    assert_int_equal(sink->type->finish(sink, &writer.base, NULL), CP_OK);
    assert_size(sink->type, told, &writer);
    assert_size(sink->type, told_behind, &writer);
    memory_writer_close(&writer.base);
}

static void check_sink(const cp_sink_type *type, const char *compression)
{
    static const size_t rows[GROUPS] = {1, 0, 17, 900};
    cp_schema *schema = open_schema();
    cp_sink *sink;
    cp_encoder *encoder;
    cp_encoded *encoded[GROUPS];
    cp_sink_options options = {.compression = compression};
    assert_int_equal(type->open(schema, &options, &sink, NULL), CP_OK);
    assert_int_equal(type->encoder_open(sink, &encoder, NULL), CP_OK);
    for (size_t i = 0; i < GROUPS; i++) {
        cp_group group = make_group(schema, rows[i]);
        assert_int_equal(type->encode(sink, encoder, &group, &encoded[i], NULL), CP_OK);
        cp_group_close(&group);
    }
    for (size_t groups = 0; groups < FILES; groups++)
        write_file(sink, encoded, groups);
    for (size_t i = 0; i < GROUPS; i++)
        type->encoded_free(encoded[i]);
    type->encoder_close(encoder);
    type->close(sink);
    cp_schema_free(schema);
}

static void test_every_sink(void **state)
{
    (void)state;
    static const char *const compressions[] = {"none", "zstd", "gzip"};
    for (size_t i = 0; cp_sinks[i]; i++)
        for (size_t k = 0; k < 3; k++)
            check_sink(cp_sinks[i], compressions[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_every_sink, start_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
