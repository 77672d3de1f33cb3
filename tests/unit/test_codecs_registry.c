/* formats/registry.h and formats/compress/codecs.h: every row is complete, names and extensions are
 * told apart, and no row takes what belongs to another. */
#include "formats/compress/codecs.h"
#include "formats/registry.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/support.h"

#include <ctype.h>

/* Lower-case letters and digits: what people type behind --from. */
static void assert_plain_name(const char *name)
{
    assert_true(name && *name);
    for (const char *p = name; *p; p++)
        assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p));
}

static void test_formats_are_complete(void **state)
{
    (void)state;
    assert_non_null(cp_formats[0]);
    for (size_t i = 0; cp_formats[i]; i++) {
        const cp_format_type *type = cp_formats[i];
        assert_plain_name(type->name);
        assert_non_null(type->probe);
        assert_non_null(type->plan);
        assert_non_null(type->plan_close);
        assert_non_null(type->splitter_open);
        assert_non_null(type->splitter_close);
        assert_non_null(type->split);
        assert_non_null(type->decoder_open);
        assert_non_null(type->decoder_close);
        assert_non_null(type->decode);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(cp_formats[k]->name, type->name);
    }
}

static bool has_format(const char *name)
{
    for (size_t i = 0; cp_formats[i]; i++)
        if (strcmp(cp_formats[i]->name, name) == 0)
            return true;
    return false;
}

static void test_formats_by_name(void **state)
{
    (void)state;
    assert_true(has_format("jsonl"));
    assert_true(has_format("json"));
    assert_true(has_format("struct"));
}

static const cp_format_type *surest(const char *head)
{
    const cp_format_type *best = NULL;
    int best_score = 0;
    uint8_t memory[256] = {0}; /* with readable padding, as sources have it */
    cp_span bytes = {memory, strlen(head)};
    assert_true(bytes.size + CP_PADDING_BYTES <= sizeof memory);
    memcpy(memory, head, bytes.size);
    for (size_t i = 0; cp_formats[i]; i++) {
        int score = cp_formats[i]->probe(bytes, true);
        assert_true(score != best_score || score == 0); /* no tie decides */
        best = score > best_score ? cp_formats[i] : best;
        best_score = score > best_score ? score : best_score;
    }
    return best;
}

/* Which format content is taken for; NULL: none. */
static void test_probes_of_formats(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        const cp_format_type *format;
    } rows[] = {
        {"", &cp_jsonl_format},
        {"\n\n", &cp_jsonl_format},
        {"{\"id\":\"a\"}", &cp_jsonl_format},
        {"{\"id\":\"a\"}\n{\"id\":\"b\"}\n", &cp_jsonl_format},
        {"\n {\"id\":{\"b\":1}}\r\n{\"id\":\"b\"}\n", &cp_jsonl_format},
        {"[1,2]\n{\"id\":\"b\"}\n", &cp_jsonl_format},
        {"{\"id\":\"a\n{\"id\":\"b\"}\n", &cp_jsonl_format},
        {"{\"id\":1,\n{\"id\":\"b\"}\n", &cp_jsonl_format},
        {"[]", &cp_json_format},
        {"\xEF\xBB\xBF [", &cp_json_format},
        {"[ {\"id\":\"a\"}, {\"id\":\"b\"} ]\n", &cp_json_format},
        {"[\n{\"id\":\"a\"},\n{\"id\":\"b\"}\n]\n", &cp_json_format},
        {"[\n{\"id\":\"a\"}\n]\n", &cp_json_format},
        {"[\n{\"id\":\"a", &cp_json_format},
        {"{\n  \"id\": \"a\"\n}\n", &cp_json_format},
        {"{\"id\":\"a\",\n\"b\":[\n{}]}\n{\"id\":\"b\"}", &cp_json_format},
        {"{\"id\":\"a\"}{\"id\":\"b\"}\n", &cp_json_format},
        {"{\"id\":\"a\"} {\"id\":\"b\"}\n", &cp_json_format},
        {"hello", NULL},
        {"[hello]", NULL},
        {"1 2 3", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (surest(rows[i].head) != rows[i].format)
            fail_msg("taken for another: %s", rows[i].head);
}

/* What every plan's parts say of themselves, so that a caller can find the way back. */
static void test_parts_know_their_format(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:uint16");
    const cp_span name = cp_span_of("n");
    cp_format_options options = {.max_record_bytes = 1 << 20};
    assert_int_equal(cp_schema_set_layout(schema, "<H", &name, 1, NULL), CP_OK);
    for (size_t i = 0; cp_formats[i]; i++) {
        cp_format *format;
        cp_splitter *splitter;
        cp_decoder *decoder;
        assert_int_equal(cp_formats[i]->plan(schema, &options, &format, NULL), CP_OK);
        assert_ptr_equal(format->type, cp_formats[i]);
        assert_int_equal(format->type->splitter_open(format, &splitter, NULL), CP_OK);
        assert_ptr_equal(splitter->type, cp_formats[i]);
        assert_int_equal(format->type->decoder_open(format, &decoder, NULL), CP_OK);
        assert_ptr_equal(decoder->type, cp_formats[i]);
        format->type->decoder_close(decoder);
        format->type->splitter_close(splitter);
        format->type->plan_close(format);
    }
    cp_schema_free(schema);
}

static void test_codecs_are_complete(void **state)
{
    (void)state;
    assert_non_null(cp_codecs[0]);
    for (size_t i = 0; cp_codecs[i]; i++) {
        const cp_codec *codec = cp_codecs[i];
        assert_plain_name(codec->name);
        assert_non_null(codec->extension);
        assert_int_equal(codec->extension[0], '.');
        assert_plain_name(codec->extension + 1);
        assert_non_null(codec->probe);
        assert_non_null(codec->open);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(cp_codecs[k]->name, codec->name);
            assert_string_not_equal(cp_codecs[k]->extension, codec->extension);
        }
    }
}

/* A codec that takes plain text, or too little to tell, would garble it. */
static void test_probes_of_codecs(void **state)
{
    (void)state;
    static const char *const plain[] = {"",    "{", "{\"a\":1}\n", "[1]", "a,b\n", "127.0.0.1 - -",
                                        "PAR1"};
    for (size_t i = 0; cp_codecs[i]; i++)
        for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
            assert_int_equal(cp_codecs[i]->probe(cp_span_of(plain[k])), 0);
}

/* What a codec writes, that codec alone is sure of. */
static void test_codecs_know_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; cp_codecs[i]; i++) {
        memory_writer out = memory_writer_open();
        cp_writer *compressor;
        if (!cp_codecs[i]->compress)
            continue;
        assert_int_equal(cp_codecs[i]->compress(&out.base, 0, &compressor, NULL), CP_OK);
        assert_int_equal(cp_write(compressor, "{\"a\":1}\n", 8, NULL), CP_OK);
        assert_int_equal(compressor->finish(compressor, NULL), CP_OK);
        compressor->close(compressor);
        cp_span head = {(const uint8_t *)out.bytes, out.size};
        int sure = cp_codecs[i]->probe(head);
        assert_true(sure > 0);
        for (size_t k = 0; cp_codecs[k]; k++)
            assert_true(k == i || cp_codecs[k]->probe(head) < sure);
        out.base.close(&out.base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_are_complete),
        cmocka_unit_test(test_formats_by_name),
        cmocka_unit_test(test_probes_of_formats),
        cmocka_unit_test(test_parts_know_their_format),
        cmocka_unit_test(test_codecs_are_complete),
        cmocka_unit_test(test_probes_of_codecs),
        cmocka_unit_test(test_codecs_know_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
