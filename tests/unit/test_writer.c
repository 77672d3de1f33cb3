/* pipeline/core/writer.h: printf into a writer, at every length around its buffers, and its
 * failures. */
#include "pipeline/core/writer.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/memory_io.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static void test_short_lines(void **state)
{
    (void)state;
    memory_writer out = memory_writer_open();
    assert_int_equal(cp_writef(&out.base, NULL, "%s", ""), CP_OK);
    assert_int_equal(cp_writef(&out.base, NULL, "%d,%s;", -5, "text"), CP_OK);
    assert_int_equal(cp_writef(&out.base, NULL, "%c", 0), CP_OK);
    assert_int_equal(cp_write(&out.base, "raw", 3, NULL), CP_OK);
    assert_int_equal(out.size, 12);
    assert_memory_equal(out.bytes, "-5,text;\0raw", 12);
    out.base.close(&out.base);
}

/* Lines of up to 64 KiB, each in one write. */
static void test_lengths(void **state)
{
    (void)state;
    static const size_t lengths[] = {510, 511, 512, 513, 1000, 65534, 65535, 65536};
    static char text[LINE_MAX_BYTES + 1];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memory_writer out = memory_writer_open();
        memset(text, 'a', lengths[i]);
        text[lengths[i] - 1] = 'z';
        text[lengths[i]] = '\0';
        assert_int_equal(cp_writef(&out.base, NULL, "%s", text), CP_OK);
        assert_int_equal(out.size, lengths[i]);
        assert_int_equal(out.calls, 1);
        assert_string_equal(out.bytes, text);
        out.base.close(&out.base);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    cp_error err = {0};
    memory_writer out = memory_writer_open();
    assert_int_equal(cp_writef(&out.base, &err, "%*d", LINE_MAX_BYTES + 1, 5), CP_E_BUG);
    assert_int_equal(err.rc, CP_E_BUG);
    assert_string_equal(err.reason, "line_too_long");
    assert_int_equal(out.calls, 0);
    out.base.close(&out.base);
}

static void test_failures_are_told(void **state)
{
    (void)state;
    static const int widths[] = {10, 1000};
    for (size_t i = 0; i < 2; i++) {
        cp_error err = {0};
        memory_writer out = memory_writer_open();
        out.room = 5;
        assert_int_equal(cp_writef(&out.base, &err, "%*d", widths[i], 5), CP_E_IO);
        assert_string_equal(err.reason, "write_failed");
        assert_int_equal(out.size, 0);
        out.base.close(&out.base);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_error err = {0};
    memory_writer out = memory_writer_open();
    fail_allocation(0);
    cp_rc rc = cp_writef(&out.base, &err, "%*d", 10000, 5);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    assert_int_equal(out.calls, 0);
    out.base.close(&out.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_lines), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_too_long),    cmocka_unit_test(test_failures_are_told),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
