/* pipeline/core/error.h: filling, completing on the way up, and the one line that people read; the
 * checked sizes and growing arrays of pipeline/core/checked.h. */
#include "pipeline/core/checked.h"
#include "pipeline/core/error.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/random.h"

#include <errno.h>
#include <stdio.h>

enum { LINE_BYTES = 4096 };

static void assert_text(const cp_error *err, const char *expected)
{
    char line[LINE_BYTES];
    cp_error_text(err, line, sizeof line);
    assert_string_equal(line, expected);
}

static void test_fail_fills(void **state)
{
    (void)state;
    cp_error err;
    memset(&err, 0x5a, sizeof err);
    assert_int_equal(cp_fail(&err, CP_E_DATA, "some_reason", "%d of %s", 3, "them"), CP_E_DATA);
    assert_int_equal(err.rc, CP_E_DATA);
    assert_string_equal(err.reason, "some_reason");
    assert_string_equal(err.message, "3 of them");
    assert_int_equal(err.record, 0);
    assert_int_equal(err.line, 0);
    assert_int_equal(err.byte, 0);
    assert_false(err.has_byte);
    assert_string_equal(err.input, "");
    assert_string_equal(err.field, "");
}

static void test_null_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(cp_fail(NULL, CP_E_BUG, "x", "%d", 1), CP_E_BUG);
    assert_int_equal(cp_fail_errno(NULL, CP_E_IO, "x", EIO, "%d", 1), CP_E_IO);
    assert_int_equal(cp_fail_memory(NULL, 5), CP_E_MEMORY);
    cp_error_in(NULL, "input");
    cp_error_at_byte(NULL, 5);
}

static void test_errno_text(void **state)
{
    (void)state;
    cp_error err;
    assert_int_equal(
        cp_fail_errno(&err, CP_E_CREATE, "cannot_create", ENOENT, "cannot create %s", "a"),
        CP_E_CREATE);
    assert_string_equal(err.message, "cannot create a: No such file or directory");
    assert_string_equal(err.reason, "cannot_create");
    cp_fail_errno(&err, CP_E_IO, NULL, 99999, "x");
    assert_int_equal(strncmp(err.message, "x: ", 3), 0);
    assert_true(strlen(err.message) > 3);
}

static void test_memory(void **state)
{
    (void)state;
    cp_error err;
    assert_int_equal(cp_fail_memory(&err, 4711), CP_E_MEMORY);
    assert_int_equal(err.rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    assert_non_null(strstr(err.message, "4711"));
}

/* Inner calls know better: what is there stays. */
static void test_places_are_not_overwritten(void **state)
{
    (void)state;
    cp_error err;
    cp_fail(&err, CP_E_DATA, "x", "m");
    cp_error_in(&err, "inner");
    cp_error_in(&err, "outer");
    assert_string_equal(err.input, "inner");
    cp_error_at_byte(&err, 0);
    cp_error_at_byte(&err, 7);
    assert_true(err.has_byte);
    assert_int_equal(err.byte, 0);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    static char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    cp_error err;
    cp_fail(&err, CP_E_DATA, "x", "%s", longer);
    assert_int_equal(strlen(err.message), CP_ERROR_MESSAGE_BYTES - 1);
    cp_fail_errno(&err, CP_E_IO, "x", EIO, "%s", longer);
    assert_int_equal(strlen(err.message), CP_ERROR_MESSAGE_BYTES - 1);
    cp_error_in(&err, longer);
    assert_int_equal(strlen(err.input), CP_ERROR_PATH_BYTES - 1);
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *input, *field;
        uint64_t record, line, byte;
        int has_byte;
        const char *text;
    } rows[] = {
        {"", "", 0, 0, 0, 0, "broken"},
        {"a.jsonl", "", 0, 0, 0, 0, "a.jsonl: broken"},
        {"a.jsonl", "status", 1234, 1240, 215804, 1,
         "a.jsonl: record 1234, line 1240, byte 215804: status: broken"},
        {"a", "", 0, 3, 0, 0, "a: line 3: broken"},
        {"a", "", 0, 0, 0, 1, "a: byte 0: broken"},
        {"", "", 2, 0, 9, 1, "record 2, byte 9: broken"},
        {"", "id", 0, 0, 0, 0, "id: broken"},
        {"a", "", UINT64_MAX, UINT64_MAX, UINT64_MAX, 1,
         "a: record 18446744073709551615, line 18446744073709551615, byte 18446744073709551615: "
         "broken"},
        {"a", "", 0, 0, 5, 0, "a: broken"}, /* the byte is not meant */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_error err;
        cp_fail(&err, CP_E_DATA, "x", "broken");
        cp_error_in(&err, rows[i].input);
        snprintf(err.field, sizeof err.field, "%s", rows[i].field);
        err.record = rows[i].record;
        err.line = rows[i].line;
        err.byte = rows[i].byte;
        err.has_byte = rows[i].has_byte;
        assert_text(&err, rows[i].text);
    }
}

/* At every capacity: terminated, nothing behind, and the beginning of the whole. */
static void test_every_capacity(void **state)
{
    (void)state;
    cp_error err;
    cp_fail(&err, CP_E_DATA, "x", "\x01 and \x02 message");
    cp_error_in(&err, "in\nput\n");
    snprintf(err.field, sizeof err.field, "%s", "field\x7f");
    err.record = 12;
    char whole[LINE_BYTES];
    cp_error_text(&err, whole, sizeof whole);
    for (size_t capacity = 0; capacity < strlen(whole) + 3; capacity++) {
        char cut[LINE_BYTES];
        memset(cut, 0x5a, sizeof cut);
        cp_error_text(&err, cut, capacity);
        assert_int_equal(cut[capacity], 0x5a);
        if (capacity == 0)
            continue;
        size_t size = strnlen(cut, capacity);
        assert_true(size < capacity);
        assert_memory_equal(cut, whole, size);
        assert_true(size + 1 == capacity || size == strlen(whole));
    }
}

/* ---- checked sizes ---- */

static void test_checked_arithmetic(void **state)
{
    (void)state;
    size_t out;
    assert_true(cp_add_size(SIZE_MAX - 1, 1, &out));
    assert_int_equal(out, SIZE_MAX);
    assert_false(cp_add_size(SIZE_MAX, 1, &out));
    assert_true(cp_mul_size(SIZE_MAX / 3, 3, &out));
    assert_int_equal(out, SIZE_MAX);
    assert_false(cp_mul_size(SIZE_MAX / 2 + 1, 2, &out));
}

static void test_zeroed_items(void **state)
{
    (void)state;
    static const uint8_t zeros[60];
    cp_error err = {0};
    uint32_t *items;
    assert_int_equal(cp_calloc(15, sizeof *items, &items, &err), CP_OK);
    assert_memory_equal(items, zeros, sizeof zeros);
    free(items);
    assert_int_equal(cp_calloc(0, 0, &items, &err), CP_OK);
    assert_non_null(items);
    free(items);
    assert_int_equal(err.rc, CP_OK);
    volatile size_t count = SIZE_MAX; /* the compiler would refuse what it can see */
    assert_int_equal(cp_calloc(count, 2, &items, &err), CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    assert_null(items);
}

static void test_grow_keeps_what_is_there(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(cp_grow(&items, &capacity, i + 1, sizeof *items, NULL), CP_OK);
        assert_true(capacity > i);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    assert_true(capacity <= 15000); /* by half, not more */
    uint32_t *same = items;
    assert_int_equal(cp_grow(&items, &capacity, capacity, sizeof *items, NULL), CP_OK);
    assert_ptr_equal(items, same);
    free(items);
}

static void test_grow_fails_without_a_trace(void **state)
{
    (void)state;
    cp_error err = {0};
    uint64_t *items = NULL;
    size_t capacity = 0;
    assert_int_equal(cp_grow(&items, &capacity, 10, sizeof *items, NULL), CP_OK);
    uint64_t *before = items;
    assert_int_equal(cp_grow(&items, &capacity, SIZE_MAX / 4, sizeof *items, &err), CP_E_MEMORY);
    assert_string_equal(err.reason, "out_of_memory");
    fail_allocation(0);
    cp_rc rc = cp_grow(&items, &capacity, 1000, sizeof *items, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    assert_ptr_equal(items, before);
    assert_int_equal(capacity, 10);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fail_fills),
        cmocka_unit_test(test_null_is_allowed),
        cmocka_unit_test(test_errno_text),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_places_are_not_overwritten),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_checked_arithmetic),
        cmocka_unit_test(test_zeroed_items),
        cmocka_unit_test(test_grow_keeps_what_is_there),
        cmocka_unit_test(test_grow_fails_without_a_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
