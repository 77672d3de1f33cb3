/* pipeline/cli/json_print.h: commas, lines and quotes where they belong, bytes that are no text,
 * and failures that stay. */
#include "pipeline/cli/json_print.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/support.h"

static void test_shapes(void **state)
{
    (void)state;
    memory_writer out = memory_writer_open();
    cp_json j = cp_json_begin(&out.base, NULL);
    cp_json_object(&j, NULL, true);
    cp_json_array(&j, "none", true);
    cp_json_close(&j);
    cp_json_array(&j, "numbers", false);
    cp_json_count(&j, NULL, UINT64_MAX);
    cp_json_int(&j, NULL, INT64_MIN);
    cp_json_null(&j, NULL);
    cp_json_bool(&j, NULL, true);
    cp_json_close(&j);
    cp_json_array(&j, "objects", true);
    for (int i = 0; i < 2; i++) {
        cp_json_object(&j, NULL, false);
        cp_json_string(&j, "a \"b\"", i ? "\n" : NULL);
        cp_json_raw(&j, "raw", cp_span_of("1.5"));
        cp_json_close(&j);
    }
    cp_json_close(&j);
    cp_json_close(&j);
    assert_int_equal(j.rc, CP_OK);
    assert_string_equal(out.bytes, "{\n \"none\": [],\n"
                                   " \"numbers\": [18446744073709551615, -9223372036854775808, "
                                   "null, true],\n"
                                   " \"objects\": [\n"
                                   "  {\"a \\\"b\\\"\": null, \"raw\": 1.5},\n"
                                   "  {\"a \\\"b\\\"\": \"\\n\", \"raw\": 1.5}]}\n");
    memory_writer_close(&out.base);
}

static void test_no_text(void **state)
{
    (void)state;
    memory_writer out = memory_writer_open();
    cp_json j = cp_json_begin(&out.base, NULL);
    cp_json_array(&j, NULL, false);
    cp_json_text(&j, NULL, (cp_span){(const uint8_t *)"a\xFF\xC3\xBC\xC3", 5});
    cp_json_text(&j, NULL, (cp_span){NULL, 0});
    cp_json_close(&j);
    assert_string_equal(out.bytes, "[\"a\xEF\xBF\xBD\xC3\xBC\xEF\xBF\xBD\", \"\"]\n");
    memory_writer_close(&out.base);
}

static void put_some(cp_json *j)
{
    cp_json_object(j, NULL, true);
    cp_json_string(j, "key", "value");
    cp_json_text(j, "bad", (cp_span){(const uint8_t *)"\xFF", 1});
    cp_json_close(j);
}

static void test_failures(void **state)
{
    (void)state;
    memory_writer whole = memory_writer_open();
    cp_json j = cp_json_begin(&whole.base, NULL);
    put_some(&j);
    for (size_t room = 0; room < whole.size; room++) {
        memory_writer out = memory_writer_open();
        cp_error err = {0};
        out.room = room;
        j = cp_json_begin(&out.base, &err);
        put_some(&j);
        assert_int_equal(j.rc, CP_E_IO);
        assert_true(out.size <= room);
        memory_writer_close(&out.base);
    }
    j = cp_json_begin(&whole.base, NULL);
    for (int i = 0; i <= CP_JSON_DEPTH; i++)
        cp_json_array(&j, NULL, true);
    assert_int_equal(j.rc, CP_E_BUG);
    memory_writer_close(&whole.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
