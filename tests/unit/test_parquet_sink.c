/* formats/parquet/parquet_sink.c: the life of a sink: files one after the other, options and
 * schemas that are refused, values that the format cannot hold, memory and disk that run out. What
 * stands in the files is looked at by tests/interop/test_parquet_sink.py. */
#include "tests/unit/failing_memory.h"
#include "tests/unit/parquet_file.h"

static const char rows[] = "1 abc NEW 1.5 t 10\n2 null SHUT null f 20\n3 abd NEW -2 null 30\n";

static cp_schema *open_schema(void)
{
    return schema_of("n:int32! s:string e:enum d:float64 b:bool t:timestamp[s]");
}

static void test_files_one_after_the_other(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_group group = group_of(schema, rows);
    memory_writer one = memory_writer_open(), three = memory_writer_open();
    assert_int_equal(write_files(schema, &group, 1, &one.base, NULL), CP_OK);
    assert_int_equal(write_files(schema, &group, 3, &three.base, NULL), CP_OK);
    assert_int_equal(three.size, 3 * one.size);
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(three.bytes + i * one.size, one.bytes, one.size);
    assert_memory_equal(one.bytes, "PAR1", 4);
    assert_memory_equal(one.bytes + one.size - 4, "PAR1", 4);
    assert_int_equal(one.finished, 0); /* that is the caller's */
    memory_writer_close(&one.base);
    memory_writer_close(&three.base);
    cp_group_close(&group);
    cp_schema_free(schema);
}

static void test_registered(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; cp_sinks[i]; i++)
        found += cp_sinks[i] == &cp_parquet_sink;
    assert_int_equal(found, 1);
    assert_string_equal(cp_parquet_sink.name, "parquet");
    assert_string_equal(cp_parquet_sink.extension, ".parquet");
    cp_parquet_sink.close(NULL);
    cp_parquet_sink.encoder_close(NULL);
    cp_parquet_sink.encoded_free(NULL);
}

static void assert_refused(const cp_schema *schema, const cp_sink_options *options, cp_rc expected,
                           const char *reason)
{
    cp_sink *sink = NULL;
    cp_error err = {0};
    assert_int_equal(cp_parquet_sink.open(schema, options, &sink, &err), expected);
    assert_string_equal(err.reason, reason);
    assert_null(sink);
}

static void test_refused(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int32");
    assert_refused(schema, &(cp_sink_options){.compression = "lz4"}, CP_E_USAGE, "bad_compression");
    assert_refused(schema, &(cp_sink_options){.compression_level = 99}, CP_E_USAGE, "bad_level");
    field_of(schema, "a")->wanted = false;
    assert_refused(schema, &defaults, CP_E_CONFIG, "no_columns");
    cp_schema_free(schema);
}

/* A value that the format cannot hold names its field, and leaves no group. */
static void test_values_refused(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    static const struct {
        const char *rows, *field, *reason;
    } cases[] = {
        {"1 a NEW 1 t 9223372036854776\n", "t", "time_out_of_range"},
        {"1 a NEW 1 t -9223372036854776\n", "t", "time_out_of_range"},
        {"null a NEW 1 t 1\n", "n", "null_value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cp_group group = group_of(schema, cases[i].rows);
        memory_writer writer = memory_writer_open();
        cp_error err = {0};
        assert_int_equal(write_files(schema, &group, 1, &writer.base, &err), CP_E_DATA);
        assert_string_equal(err.field, cases[i].field);
        assert_string_equal(err.reason, cases[i].reason);
        assert_int_equal(writer.size, 0);
        memory_writer_close(&writer.base);
        cp_group_close(&group);
    }
    cp_schema_free(schema);
}

static cp_encoded *encode_rows(cp_sink *sink, cp_encoder *encoder, const cp_schema *schema,
                               const char *text_rows)
{
    cp_encoded *encoded;
    cp_group group = group_of(schema, text_rows);
    assert_int_equal(cp_parquet_sink.encode(sink, encoder, &group, &encoded, NULL), CP_OK);
    cp_group_close(&group);
    return encoded;
}

/* What the file would come to is never told too low, and hardly too high: by less than a quarter
 * of its footer. */
static void assert_foretold(cp_sink *sink, memory_writer *writer, uint64_t told)
{
    uint64_t with_last = cp_parquet_sink.file_bytes(sink, NULL);
    size_t before = writer->size;
    assert_int_equal(cp_parquet_sink.finish(sink, &writer->base, NULL), CP_OK);
    size_t footer = writer->size - (before ? before : 4);
    assert_in_range(told - writer->size, 0, footer / 4 + 30);
    assert_in_range(with_last - writer->size, 0, told - writer->size);
    assert_in_range(cp_parquet_sink.file_bytes(sink, NULL), 4, 2000); /* of the next file */
}

static void test_file_bytes(void **state)
{
    (void)state;
    static const char *const texts[] = {"", rows, "7 abc null null f null\n", rows};
    cp_schema *schema = open_schema();
    cp_sink *sink;
    cp_encoder *encoder;
    cp_encoded *encoded[4];
    assert_int_equal(cp_parquet_sink.open(schema, &defaults, &sink, NULL), CP_OK);
    assert_int_equal(cp_parquet_sink.encoder_open(sink, &encoder, NULL), CP_OK);
    for (size_t i = 0; i < 4; i++)
        encoded[i] = encode_rows(sink, encoder, schema, texts[i]);
    for (size_t groups = 0; groups < 5000; groups = groups * 3 + 1) {
        memory_writer writer = memory_writer_open();
        uint64_t told = cp_parquet_sink.file_bytes(sink, NULL);
        for (size_t i = 0; i < groups; i++) {
            const cp_encoded *next = encoded[i % 4];
            told = cp_parquet_sink.file_bytes(sink, next);
            assert_int_equal(cp_parquet_sink.append(sink, next, &writer.base, NULL), CP_OK);
        }
        assert_foretold(sink, &writer, told);
        memory_writer_close(&writer.base);
    }
    for (size_t i = 0; i < 4; i++)
        cp_parquet_sink.encoded_free(encoded[i]);
    cp_parquet_sink.encoder_close(encoder);
    cp_parquet_sink.close(sink);
    cp_schema_free(schema);
}

/* Needs no memory of its own. */
static cp_rc drop(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    (void)writer;
    (void)bytes;
    (void)size;
    (void)err;
    return CP_OK;
}

/* Each allocation fails in turn, and so does the writing, at least so many times; `spared`: of
 * what qsort_r asks for and can do without. */
static void check_no_memory(const char *text_rows, long least, long spared)
{
    cp_schema *schema = open_schema();
    cp_group group = group_of(schema, text_rows);
    long failures = 0, without = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_writer writer = {.write = drop};
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = write_files(schema, &group, 1, &writer, &err);
        failed = end_failing();
        without += failed && !rc;
        assert_true(rc == CP_OK || (rc == CP_E_MEMORY && failed));
        assert_int_equal(err.rc, rc);
    }
    assert_in_range(without, 0, spared);
    assert_true(failures - without > least);
    cp_group_close(&group);
    cp_schema_free(schema);
}

static void test_no_memory(void **state)
{
    (void)state;
    check_no_memory(rows, 30, 0);
}

/* Dictionaries that are numbered in two bytes, with empty places, and whose tables grow. */
static void test_no_memory_for_dictionaries(void **state)
{
    (void)state;
    enum { ROWS = 12000, ROW_BYTES = 64 };
    static char many[ROWS * ROW_BYTES];
    size_t size = 0;
    for (size_t i = 0; i < ROWS; i++)
        size += (size_t)snprintf(many + size, sizeof many - size, "%zu text%zu NEW %zu.5 f %zu\n",
                                 i * 7919 % 2600 * 1000, i % 1300, i % 2600, i);
    check_no_memory(many, 150, 6); /* three dictionaries in each of two groups */
}

static void test_no_room(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_group group = group_of(schema, rows);
    memory_writer whole = memory_writer_open();
    assert_int_equal(write_files(schema, &group, 1, &whole.base, NULL), CP_OK);
    for (size_t room = 0; room < whole.size; room += 1 + whole.size / 50) {
        memory_writer writer = memory_writer_open();
        cp_error err = {0};
        writer.room = room;
        assert_int_equal(write_files(schema, &group, 1, &writer.base, &err), CP_E_IO);
        assert_string_equal(err.reason, "write_failed");
        memory_writer_close(&writer.base);
    }
    memory_writer_close(&whole.base);
    cp_group_close(&group);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registered), cmocka_unit_test(test_files_one_after_the_other),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_values_refused),
        cmocka_unit_test(test_file_bytes), cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_room),    cmocka_unit_test(test_no_memory_for_dictionaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
