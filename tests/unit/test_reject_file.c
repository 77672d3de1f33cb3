/* pipeline/engine/reject_file.h: the line of a reject, key by key; escapes and base64; failures. */
#include "pipeline/engine/reject_file.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/memory_io.h"

static const cp_reject plain = {
    .record = 11,
    .line = 12,
    .offset = 1000,
    .length = 9,
    .reason = CP_OUT_OF_RANGE,
    .field = "value",
    .message = "70000 does not fit uint16",
    .raw = {(const uint8_t *)"{\"v\":7.0}", 9},
};

static const cp_input_name a = {.path = {(const uint8_t *)"a", 1}};

static void assert_line_of(const char *path, const char *member, const cp_reject *reject,
                           bool has_lines, const char *expected)
{
    cp_input_name input;
    memory_writer out = memory_writer_open();
    assert_int_equal(cp_input_name_open(&input, path, member, NULL), CP_OK);
    assert_int_equal(cp_reject_write(&out.base, &input, reject, has_lines, NULL), CP_OK);
    assert_string_equal(out.bytes, expected);
    assert_int_equal(out.finished, 0); /* others come behind */
    out.base.close(&out.base);
    cp_input_name_close(&input);
}

static void assert_line(const char *path, const cp_reject *reject, bool has_lines,
                        const char *expected)
{
    assert_line_of(path, NULL, reject, has_lines, expected);
}

/* Places count from 1, offsets from 0. */
static void test_all_keys(void **state)
{
    (void)state;
    assert_line("day/a.jsonl", &plain, true,
                "{\"source\":\"day/a.jsonl\",\"member\":null,\"record\":12,\"line\":13,"
                "\"offset\":1000,\"length\":9,\"field\":\"value\",\"reason\":\"out_of_range\","
                "\"message\":\"70000 does not fit uint16\",\"raw\":\"{\\\"v\\\":7.0}\"}\n");
}

/* Archive and member apart, where messages join them. */
static void test_members(void **state)
{
    (void)state;
    assert_line_of("day!.tar", "b/a.jsonl", &plain, true,
                   "{\"source\":\"day!.tar\",\"member\":\"b/a.jsonl\",\"record\":12,\"line\":13,"
                   "\"offset\":1000,\"length\":9,\"field\":\"value\",\"reason\":\"out_of_range\","
                   "\"message\":\"70000 does not fit uint16\",\"raw\":\"{\\\"v\\\":7.0}\"}\n");
    assert_line_of("a.tar", "\xff", &plain, true,
                   "{\"source\":\"a.tar\",\"member_base64\":\"/w==\",\"record\":12,\"line\":13,"
                   "\"offset\":1000,\"length\":9,\"field\":\"value\",\"reason\":\"out_of_range\","
                   "\"message\":\"70000 does not fit uint16\",\"raw\":\"{\\\"v\\\":7.0}\"}\n");
    cp_input_name name;
    assert_int_equal(cp_input_name_open(&name, "a.tar", "b", NULL), CP_OK);
    assert_string_equal(name.text, "a.tar!b");
    cp_input_name_close(&name);
}

static void test_formats_without_lines(void **state)
{
    (void)state;
    cp_reject reject = plain;
    reject.field = NULL;
    reject.raw = (cp_span){(const uint8_t *)"\0\xff\x01", 3};
    assert_line("a.bin", &reject, false,
                "{\"source\":\"a.bin\",\"member\":null,\"record\":12,\"line\":null,"
                "\"offset\":1000,\"length\":9,\"field\":null,\"reason\":\"out_of_range\","
                "\"message\":\"70000 does not fit uint16\",\"raw_base64\":\"AP8B\"}\n");
}

/* Beyond --max-record-size there are no bytes; an empty record has some, namely none. */
static void test_raw(void **state)
{
    (void)state;
    static const struct {
        cp_span raw;
        const char *tail;
    } rows[] = {
        {{NULL, 0}, "uint16\"}\n"},
        {{(const uint8_t *)"", 0}, "uint16\",\"raw\":\"\"}\n"},
        {{(const uint8_t *)"\x00\x1f\n\"\\/\x7f", 7},
         "uint16\",\"raw\":\"\\u0000\\u001f\\n\\\"\\\\/\x7f\"}\n"},
        {{(const uint8_t *)"\xc3\xa4\xf0\x9f\x98\x80", 6},
         "uint16\",\"raw\":\"\xc3\xa4\xf0\x9f\x98\x80\"}\n"},
        {{(const uint8_t *)"\xed\xa0\x80", 3}, "uint16\",\"raw_base64\":\"7aCA\"}\n"},
        {{(const uint8_t *)"abc\xc3", 4}, "uint16\",\"raw_base64\":\"YWJjww==\"}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_reject reject = plain;
        reject.raw = rows[i].raw;
        memory_writer out = memory_writer_open();
        assert_int_equal(cp_reject_write(&out.base, &a, &reject, true, NULL), CP_OK);
        size_t size = strlen(rows[i].tail);
        assert_true(out.size > size);
        assert_string_equal(out.bytes + out.size - size, rows[i].tail);
        out.base.close(&out.base);
    }
}

/* File names are bytes; fields and messages may hold anything that text can. */
static void test_other_texts(void **state)
{
    (void)state;
    cp_reject reject = plain;
    reject.field = "a\"b\n";
    reject.message = "tab\t";
    reject.raw.data = NULL;
    assert_line("bad\xff", &reject, true,
                "{\"source_base64\":\"YmFk/w==\",\"member\":null,\"record\":12,\"line\":13,"
                "\"offset\":1000,\"length\":9,\"field\":\"a\\\"b\\n\",\"reason\":\"out_of_range\","
                "\"message\":\"tab\\t\"}\n");
}

static void test_extremes(void **state)
{
    (void)state;
    cp_reject reject = {.record = UINT64_MAX - 1,
                        .line = UINT64_MAX - 1,
                        .offset = UINT64_MAX,
                        .length = UINT64_MAX,
                        .reason = CP_RECORD_TOO_LARGE,
                        .message = ""};
    assert_line("", &reject, true,
                "{\"source\":\"\",\"member\":null,\"record\":18446744073709551615,"
                "\"line\":18446744073709551615,\"offset\":18446744073709551615,"
                "\"length\":18446744073709551615,\"field\":null,\"reason\":\"record_too_large\","
                "\"message\":\"\"}\n");
}

/* A raw record larger than any buffer on the way. */
static void test_large_record(void **state)
{
    (void)state;
    enum { LARGE = 300000 };
    uint8_t *raw = malloc(LARGE);
    assert_non_null(raw);
    memset(raw, 1, LARGE); /* six bytes each when escaped */
    cp_reject reject = plain;
    reject.raw = (cp_span){raw, LARGE};
    memory_writer out = memory_writer_open();
    assert_int_equal(cp_reject_write(&out.base, &a, &reject, true, NULL), CP_OK);
    assert_true(out.size > 6 * LARGE);
    assert_string_equal(out.bytes + out.size - 9, "\\u0001\"}\n");
    out.base.close(&out.base);
    free(raw);
}

/* Wherever the writer fails, the failure comes back. */
static void test_every_write_can_fail(void **state)
{
    (void)state;
    memory_writer whole = memory_writer_open();
    assert_int_equal(cp_reject_write(&whole.base, &a, &plain, true, NULL), CP_OK);
    for (size_t room = 0; room < whole.size; room++) {
        cp_error err = {0};
        memory_writer out = memory_writer_open();
        out.room = room;
        assert_int_equal(cp_reject_write(&out.base, &a, &plain, true, &err), CP_E_IO);
        assert_string_equal(err.reason, "write_failed");
        out.base.close(&out.base);
    }
    whole.base.close(&whole.base);
}

static cp_rc write_nowhere(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    (void)writer, (void)bytes, (void)size, (void)err;
    return CP_OK;
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_writer nowhere = {.write = write_nowhere};
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = cp_reject_write(&nowhere, &a, &plain, true, &err);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_int_equal(err.rc, rc);
    }
    assert_true(failures > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_keys),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_formats_without_lines),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_other_texts),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_large_record),
        cmocka_unit_test(test_every_write_can_fail),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
