/* formats/json/json_sink.c and json_nest.h: what stands around the values of a row. */
#include "formats/registry.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/stage_support.h"

/* The rows, written as jsonl. */
static void assert_lines(const cp_schema *schema, const char *rows, const char *lines)
{
    cp_sink *sink;
    cp_encoder *encoder;
    cp_encoded *encoded;
    cp_group group = {.schema = schema};
    cp_slab *slab = NULL;
    memory_writer writer = memory_writer_open();
    cp_sink_options options = {.compression = "none"};
    cp_batch batch = open_batch(schema, 10);
    fill_batch(&batch, rows);
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_group_add(&group, slab, 0, cp_slab_rows(slab), NULL), CP_OK);
    assert_int_equal(cp_jsonl_sink.open(schema, &options, &sink, NULL), CP_OK);
    assert_int_equal(cp_jsonl_sink.encoder_open(sink, &encoder, NULL), CP_OK);
    assert_int_equal(cp_jsonl_sink.encode(sink, encoder, &group, &encoded, NULL), CP_OK);
    assert_int_equal(cp_jsonl_sink.append(sink, encoded, &writer.base, NULL), CP_OK);
    assert_int_equal(writer.size, strlen(lines));
    assert_memory_equal(writer.bytes, lines, writer.size);
    cp_jsonl_sink.encoded_free(encoded);
    cp_jsonl_sink.encoder_close(encoder);
    cp_jsonl_sink.close(sink);
    cp_group_close(&group);
    cp_slab_release(slab);
    cp_batch_close(&batch);
    memory_writer_close(&writer.base);
}

static void assert_schema_lines(const char *fields, const char *rows, const char *lines)
{
    cp_schema *schema = schema_of(fields);
    assert_lines(schema, rows, lines);
    cp_schema_free(schema);
}

static void test_paths(void **state)
{
    (void)state;
    assert_schema_lines("a:int8 b:int8", "1 2\nnull 3\n",
                        "{\"a\":1,\"b\":2}\n{\"a\":null,\"b\":3}\n");
    assert_schema_lines("r.v:int8", "1\nnull\n", "{\"r\":{\"v\":1}}\n{\"r\":{\"v\":null}}\n");
    assert_schema_lines("r.v.w:int8 r.v.x:int8", "1 2\n", "{\"r\":{\"v\":{\"w\":1,\"x\":2}}}\n");
    /* What begins alike stands together, where the first of it does. */
    assert_schema_lines("a:int8 r.b:int8 c:int8 r.q.d:int8 r.e:int8 r.q.f:int8", "1 2 3 4 5 6\n",
                        "{\"a\":1,\"r\":{\"b\":2,\"q\":{\"d\":4,\"f\":6},\"e\":5},\"c\":3}\n");
}

/* Fields that are not written leave nothing behind, and choose no place. */
static void test_unwanted(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("r.a:int8 b:int8 r.c:int8 s.d:int8");
    schema->fields[0].wanted = schema->fields[3].wanted = false;
    assert_lines(schema, "- 2 3 -\n", "{\"b\":2,\"r\":{\"c\":3}}\n");
    cp_schema_free(schema);
}

static void test_no_columns(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int8");
    schema->fields[0].wanted = false;
    assert_lines(schema, "-\n-\n", "{}\n{}\n");
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_unwanted),
        cmocka_unit_test(test_no_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
