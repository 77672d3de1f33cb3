/* pipeline/engine/intake.h: what an input turns out to be by its first bytes: codecs in layers,
 * formats, empty inputs, and everything that can be wrong with it. */
#include "formats/archive/containers.h"
#include "formats/compress/codecs.h"
#include "formats/registry.h"
#include "pipeline/engine/intake.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"

static const char line[] = "{\"id\":\"a\",\"status\":\"DRAFT\"}\n";

static cp_intake_options options;
static cp_pool *pool, *codec_pool;
static size_t files_before;

static int start(void **state)
{
    files_before = open_files();
    options = (cp_intake_options){
        .io = {CP_READ_AUTO, 1000},
        .codecs = cp_codecs,
        .formats = cp_formats,
        .window_limit_bytes = 8 << 20,
    };
    return make_folder(state) || cp_pool_new(100000, &pool, NULL) ||
           cp_pool_new(1000, &codec_pool, NULL);
}

static int end(void **state)
{
    cp_pool_free(codec_pool);
    cp_pool_free(pool);
    return remove_folder(state) || open_files() != files_before;
}

/* `text`, compressed `layers` times over, in a file. */
static const char *write_layers(const char *text, size_t size, int layers)
{
    memory_writer bytes = memory_writer_open();
    assert_int_equal(cp_write(&bytes.base, text, size, NULL), CP_OK);
    for (; layers > 0; layers--) {
        memory_writer below = memory_writer_open();
        cp_writer *writer;
        assert_int_equal(cp_codec_zstd.compress(&below.base, 0, &writer, NULL), CP_OK);
        assert_int_equal(cp_write(writer, bytes.bytes, bytes.size, NULL), CP_OK);
        assert_int_equal(writer->finish(writer, NULL), CP_OK);
        writer->close(writer);
        bytes.base.close(&bytes.base);
        bytes = below;
    }
    const char *path = in_folder("input");
    write_file(path, bytes.bytes, bytes.size);
    bytes.base.close(&bytes.base);
    return path;
}

static void open_intake(const char *path, cp_intake *intake)
{
    cp_error err = {0};
    if (cp_intake_open(path, &options, pool, codec_pool, intake, &err))
        fail_msg("%s", err.message);
}

static void expect_failure(const char *path, cp_rc rc, const char *reason)
{
    cp_intake intake;
    cp_error err = {0};
    assert_int_equal(cp_intake_open(path, &options, pool, codec_pool, &intake, &err), rc);
    assert_int_equal(err.rc, rc);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.input, path);
    assert_int_equal(open_files(), files_before);
    cp_intake_close(&intake);
}

static uint64_t size_of_file(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return (uint64_t)status.st_size;
}

/* ---- what it is ---- */

static void test_layers(void **state)
{
    (void)state;
    static const cp_read_method methods[] = {CP_READ_AUTO, CP_READ_MMAP, CP_READ_CHUNKED};
    for (int layers = 0; layers <= 4; layers++)
        for (size_t i = 0; i < 3; i++) {
            const char *path = write_layers(line, strlen(line), layers);
            options.io.method = methods[i];
            cp_intake intake;
            cp_view view;
            open_intake(path, &intake);
            assert_ptr_equal(intake.format, &cp_jsonl_format);
            assert_int_equal(intake.stored_bytes, size_of_file(path));
            assert_int_equal(intake.stored == intake.records, layers == 0);
            assert_int_equal(intake.records->position, 0); /* looked at, not eaten */
            assert_int_equal(intake.records->peek(intake.records, 1000, &view, NULL), CP_OK);
            assert_int_equal(view.bytes.size, strlen(line));
            assert_memory_equal(view.bytes.data, line, view.bytes.size);
            assert_true(view.at_end);
            if (layers > 0)
                assert_int_equal(intake.stored->position, size_of_file(path));
            cp_intake_close(&intake);
            assert_null(intake.records);
            cp_intake_close(&intake);
            assert_int_equal(open_files(), files_before);
        }
    expect_failure(write_layers(line, strlen(line), 5), CP_E_DATA, "codecs_nested");
}

static void test_empty_inputs(void **state)
{
    (void)state;
    for (int layers = 0; layers <= 2; layers++)
        for (int said = 0; said < 2; said++) {
            options.format = said ? &cp_struct_format : NULL;
            cp_intake intake;
            open_intake(write_layers("", 0, layers), &intake);
            assert_ptr_equal(intake.format, options.format);
            cp_intake_close(&intake);
        }
}

/* What is said counts, whatever the content looks like. */
static void test_format_is_said(void **state)
{
    (void)state;
    cp_intake intake;
    options.format = &cp_struct_format;
    open_intake(write_layers(line, strlen(line), 1), &intake);
    assert_ptr_equal(intake.format, &cp_struct_format);
    cp_intake_close(&intake);
    options.format = &cp_jsonl_format;
    open_intake(write_layers("\0\1\2\3", 4, 0), &intake);
    assert_ptr_equal(intake.format, &cp_jsonl_format);
    cp_intake_close(&intake);
}

/* ---- naming alone ---- */

static void test_layers_are_named(void **state)
{
    (void)state;
    for (size_t layers = 0; layers <= CP_CODEC_LAYERS_MAX; layers++) {
        cp_intake intake;
        open_intake(write_layers(line, strlen(line), (int)layers), &intake);
        assert_int_equal(intake.codec_count, layers);
        for (size_t i = 0; i < layers; i++)
            assert_ptr_equal(intake.codecs[i], &cp_codec_zstd);
        assert_null(intake.container);
        cp_intake_close(&intake);
    }
}

static void test_any_content(void **state)
{
    (void)state;
    options.any_content = true;
    cp_intake intake;
    open_intake(write_layers("neither this nor that", 21, 1), &intake);
    assert_null(intake.format);
    assert_false(intake.is_empty);
    assert_non_null(intake.records);
    cp_intake_close(&intake);
}

/* An archive is opened, or named and its bytes left where they are. */
static void test_archives_are_named(void **state)
{
    (void)state;
    static const char trailer[] =
        "0707010000000000000000000000000000000000000001000000000000000000000"
        "0000000000000000000000000000000000000000B00000000TRAILER!!!\0\0\0";
    for (int named = 0; named < 2; named++) {
        options.containers = cp_containers;
        options.name_archives = named;
        cp_intake intake;
        open_intake(write_layers(trailer, sizeof trailer, 1), &intake);
        assert_ptr_equal(intake.container, &cp_container_cpio);
        assert_int_equal(intake.archive != NULL, !named);
        assert_int_equal(intake.records != NULL, named);
        cp_intake_close(&intake);
    }
}

static void test_infer(void **state)
{
    (void)state;
    cp_intake intake;
    cp_sample sample;
    cp_error err = {0};
    open_intake(write_layers(line, strlen(line), 1), &intake);
    assert_int_equal(cp_intake_infer(&intake, &(cp_format_options){0}, &sample, &err), CP_OK);
    assert_int_equal(sample.guess.schema->field_count, 2);
    assert_int_equal(sample.guess.records, 1);
    assert_int_equal(sample.bytes, strlen(line));
    assert_true(sample.whole);
    assert_int_equal(intake.records->position, 0);
    cp_schema_free(sample.guess.schema);
    cp_intake_close(&intake);
    options.format = &cp_struct_format;
    open_intake(write_layers(line, strlen(line), 0), &intake);
    assert_int_equal(cp_intake_infer(&intake, &(cp_format_options){0}, &sample, &err), CP_E_USAGE);
    assert_string_equal(err.reason, "schema_needed");
    cp_intake_close(&intake);
}

/* ---- registries of the test's own ---- */

static int score_one(cp_span head, bool whole)
{
    (void)whole;
    return head.data[0] == 'a';
}

static int score_two(cp_span head, bool whole)
{
    return head.data[0] == 'a' && whole ? 2 : 0;
}

static const cp_format_type one = {.name = "one", .probe = score_one};
static const cp_format_type two = {.name = "two", .probe = score_two};
static const cp_format_type *const own_formats[] = {&one, &two, &one, NULL};

/* The surest wins; `whole` tells whether the head is all there is. */
static void test_the_surest_format_wins(void **state)
{
    (void)state;
    static char large[200000];
    memset(large, 'a', sizeof large);
    options.formats = own_formats;
    cp_intake intake;
    open_intake(write_layers("abc", 3, 0), &intake);
    assert_ptr_equal(intake.format, &two);
    cp_intake_close(&intake);
    open_intake(write_layers(large, sizeof large, 1), &intake);
    assert_ptr_equal(intake.format, &one);
    cp_intake_close(&intake);
    expect_failure(write_layers("b", 1, 0), CP_E_USAGE, "unknown_format");
}

static cp_rc refuse_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                         cp_error *err)
{
    (void)out;
    assert_int_equal(window_limit_bytes, options.window_limit_bytes);
    compressed->close(compressed); /* it owns it, also where it fails */
    return cp_fail(err, CP_E_DATA, "refused", "no");
}

static int probe_any(cp_span head)
{
    return head.size > 0;
}

static void test_failing_codec(void **state)
{
    (void)state;
    static const cp_codec codec = {.name = "any", .probe = probe_any, .open = refuse_open};
    static const cp_codec *const codecs[] = {&codec, NULL};
    options.codecs = codecs;
    expect_failure(write_layers("x", 1, 0), CP_E_DATA, "refused");
}

/* ---- what is wrong ---- */

static void test_failures(void **state)
{
    (void)state;
    expect_failure(in_folder("none"), CP_E_NOINPUT, "no_input");
    expect_failure(folder, CP_E_NOINPUT, "is_folder");
    expect_failure(write_layers("neither this nor that", 21, 0), CP_E_USAGE, "unknown_format");
    expect_failure(write_layers("neither this nor that", 21, 1), CP_E_USAGE, "unknown_format");
    expect_failure(write_layers("\x28\xB5\x2F\xFD", 4, 0), CP_E_DATA, "truncated_input");
    char damaged[40] = "\x28\xB5\x2F\xFD";
    memset(damaged + 4, 0xFF, sizeof damaged - 4);
    expect_failure(write_layers(damaged, sizeof damaged, 0), CP_E_DATA, "corrupt_input");
}

static void test_no_memory(void **state)
{
    (void)state;
    const char *path = write_layers(line, strlen(line), 2);
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_intake intake;
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = cp_intake_open(path, &options, pool, codec_pool, &intake, &err);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        if (failed)
            assert_string_equal(err.input, path);
        cp_intake_close(&intake);
        assert_int_equal(open_files(), files_before);
    }
    assert_true(failures > 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_layers),         TEST(test_empty_inputs),
        TEST(test_format_is_said), TEST(test_the_surest_format_wins),
        TEST(test_failing_codec),  TEST(test_failures),
        TEST(test_no_memory),      TEST(test_layers_are_named),
        TEST(test_any_content),    TEST(test_archives_are_named),
        TEST(test_infer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
