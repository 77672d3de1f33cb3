/* formats/parquet/thrift_read.h: what the writer writes is read back, by the specification's own
 * bytes where the writer never writes them; every cut and every wrong byte is told, with its place.
 */
#include "formats/parquet/thrift_read.h"
#include "tests/unit/support.h"

typedef struct inner {
    uint64_t has;
    int32_t number;
} inner;

typedef struct outer {
    uint64_t has;
    bool flag;
    int8_t tiny;
    int16_t small;
    int32_t middle;
    int64_t large;
    cp_span bytes;
    cp_thrift_items numbers, structs, flags;
    inner in;
} outer;

static const cp_thrift_slot inner_slots[] = {
    {1, CP_THRIFT_I32, 0, true, offsetof(inner, number), "number", NULL},
};
static const cp_thrift_shape inner_shape = {"Inner", inner_slots, 1};

#define AT(member) offsetof(outer, member)
static const cp_thrift_slot outer_slots[] = {
    {1, CP_THRIFT_TRUE, 0, false, AT(flag), "flag", NULL},
    {2, CP_THRIFT_I8, 0, false, AT(tiny), "tiny", NULL},
    {3, CP_THRIFT_I16, 0, false, AT(small), "small", NULL},
    {4, CP_THRIFT_I32, 0, false, AT(middle), "middle", NULL},
    {20, CP_THRIFT_I64, 0, false, AT(large), "large", NULL},
    {21, CP_THRIFT_BINARY, 0, false, AT(bytes), "bytes", NULL},
    {22, CP_THRIFT_LIST, CP_THRIFT_I64, false, AT(numbers), "numbers", NULL},
    {23, CP_THRIFT_LIST, CP_THRIFT_STRUCT, false, AT(structs), "structs", NULL},
    {24, CP_THRIFT_LIST, CP_THRIFT_TRUE, false, AT(flags), "flags", NULL},
    {25, CP_THRIFT_STRUCT, 0, false, AT(in), "in", &inner_shape},
};
static const cp_thrift_shape outer_shape = {"Outer", outer_slots,
                                            sizeof outer_slots / sizeof *outer_slots};

enum { OFFSET = 1000 }; /* of the bytes in the file */

/* In memory of just their size, so that a sanitizer sees what is read beyond. */
static cp_rc read_copy(const void *bytes, size_t size, outer *out, size_t *end, cp_error *err)
{
    uint8_t *copy = malloc(size + 1);
    assert_non_null(copy);
    uint8_t *last = copy + 1; /* the end of the allocation is the end of the bytes */
    if (size)
        memcpy(last, bytes, size);
    cp_thrift_reader r = {.what = "footer", .bytes = {last, size}, .offset = OFFSET};
    *out = (outer){0};
    cp_rc rc = cp_thrift_read(&r, &outer_shape, out, err);
    *end = r.at;
    assert_true(r.at <= size);
    free(copy);
    return rc;
}

static void assert_refused(const uint8_t *bytes, size_t size, const char *reason, uint64_t byte,
                           const char *message)
{
    outer out;
    size_t end;
    cp_error err = {0};
    assert_int_equal(read_copy(bytes, size, &out, &end, &err), CP_E_DATA);
    assert_string_equal(err.reason, reason);
    assert_true(err.has_byte);
    assert_int_equal(err.byte, OFFSET + byte);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
}

#define REFUSED(reason, byte, message, ...)                                                        \
    do {                                                                                           \
        static const uint8_t refused_bytes[] = {__VA_ARGS__};                                      \
        assert_refused(refused_bytes, sizeof refused_bytes, reason, byte, message);                \
    } while (0)

/* All kinds, and fields between them that no slot names. */
static cp_bytes write_all(void)
{
    cp_bytes out = {0};
    cp_thrift t = cp_thrift_begin(&out, NULL);
    cp_thrift_bool(&t, 1, true);
    cp_thrift_i8(&t, 2, -5);
    cp_thrift_i16(&t, 3, INT16_MIN);
    cp_thrift_i32(&t, 4, INT32_MIN);
    cp_thrift_bool(&t, 5, false);
    cp_thrift_list(&t, 6, CP_THRIFT_STRUCT, 2);
    for (int i = 0; i < 2; i++) {
        cp_thrift_item_struct(&t);
        cp_thrift_binary(&t, 3, cp_span_of("skipped"));
        cp_thrift_list(&t, 4, CP_THRIFT_TRUE, 2);
        cp_thrift_item_bool(&t, true);
        cp_thrift_item_bool(&t, false);
        cp_thrift_end(&t);
    }
    cp_thrift_i64(&t, 20, INT64_MAX);
    cp_thrift_binary(&t, 21, cp_span_of("hello"));
    cp_thrift_list(&t, 22, CP_THRIFT_I64, 20);
    for (int i = 0; i < 20; i++)
        cp_thrift_item_int(&t, i - 10);
    cp_thrift_list(&t, 23, CP_THRIFT_STRUCT, 3);
    for (int i = 0; i < 3; i++) {
        cp_thrift_item_struct(&t);
        cp_thrift_i32(&t, 1, 100 + i);
        cp_thrift_end(&t);
    }
    cp_thrift_list(&t, 24, CP_THRIFT_TRUE, 2);
    cp_thrift_item_bool(&t, true);
    cp_thrift_item_bool(&t, false);
    cp_thrift_struct(&t, 25);
    cp_thrift_i32(&t, 1, 7);
    cp_thrift_end(&t);
    cp_thrift_end(&t);
    assert_int_equal(t.rc, CP_OK);
    return out;
}

static void check_lists(const outer *out)
{
    cp_thrift_reader at = out->numbers.reader;
    int64_t number;
    bool flag;
    assert_int_equal(out->numbers.count, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(cp_thrift_read_i64(&at, &number, NULL), CP_OK);
        assert_int_equal(number, i - 10);
    }
    assert_int_equal(at.at, at.bytes.size);
    at = out->structs.reader;
    assert_int_equal(out->structs.count, 3);
    for (int i = 0; i < 3; i++) {
        inner in = {0};
        assert_int_equal(cp_thrift_read(&at, &inner_shape, &in, NULL), CP_OK);
        assert_int_equal(in.number, 100 + i);
    }
    at = out->flags.reader;
    assert_int_equal(cp_thrift_read_bool(&at, &flag, NULL), CP_OK);
    assert_true(flag);
    assert_int_equal(cp_thrift_read_bool(&at, &flag, NULL), CP_OK);
    assert_false(flag);
}

static void test_round_trip(void **state)
{
    (void)state;
    cp_bytes bytes = write_all();
    cp_thrift_reader r = {.what = "footer", .bytes = {bytes.data, bytes.size}, .offset = OFFSET};
    outer out = {0};
    assert_int_equal(cp_thrift_read(&r, &outer_shape, &out, NULL), CP_OK);
    assert_int_equal(r.at, bytes.size);
    assert_true(out.flag);
    assert_int_equal(out.tiny, -5);
    assert_int_equal(out.small, INT16_MIN);
    assert_int_equal(out.middle, INT32_MIN);
    assert_int_equal(out.large, INT64_MAX);
    assert_true(cp_span_equal(out.bytes, cp_span_of("hello")));
    assert_int_equal(out.in.number, 7);
    check_lists(&out);
    for (int id = 0; id < 64; id++)
        assert_int_equal(cp_thrift_has(out.has, id), id && (id <= 4 || (id >= 20 && id <= 25)));
    cp_bytes_free(&bytes);
}

static void test_every_truncation(void **state)
{
    (void)state;
    cp_bytes bytes = write_all();
    for (size_t size = 0; size < bytes.size; size++)
        assert_refused(bytes.data, size, "truncated_input", size, "ends inside");
    cp_bytes_free(&bytes);
}

/* Whatever the bytes are: an answer, within them, that says its place. */
static void test_any_bytes(void **state)
{
    (void)state;
    cp_bytes good = write_all();
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[256];
        size_t size = (size_t)random_below(sizeof bytes), end;
        memcpy(bytes, good.data, size < good.size ? size : good.size);
        for (uint64_t changes = random_below(6); changes > 0 && size > 0; changes--)
            bytes[random_below(size)] = (uint8_t)random_bits();
        outer out;
        cp_error err = {0};
        cp_rc rc = read_copy(bytes, size < good.size ? size : good.size, &out, &end, &err);
        assert_true(rc == CP_OK || (rc == CP_E_DATA && err.has_byte && err.byte >= OFFSET));
    }
    cp_bytes_free(&good);
}

static void test_wrong(void **state)
{
    (void)state;
    REFUSED("corrupt_input", 1, "Outer.middle has the type 6 instead of 5", 0x46, 2, 0);
    REFUSED("corrupt_input", 4, "Outer.middle stands twice", 0x45, 2, 0x05, 8, 8, 4, 0);
    REFUSED("corrupt_input", 7, "more than 32 bits", 0x45, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0);
    REFUSED("corrupt_input", 11, "more than 64 bits", 0x45, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFF, 0xFF, 0xFF, 0x7F, 0);
    REFUSED("corrupt_input", 1, "14 is no type", 0x5E, 0);
    REFUSED("corrupt_input", 3, "the items of numbers have the type 5 instead of 6", 0x09, 44, 0x15,
            2, 0);
    REFUSED("corrupt_input", 3, "Inner.number is missing", 0x0C, 50, 0x00, 0x00);
    REFUSED("corrupt_input", 3, "3 is neither true nor false", 0x99, 0x11, 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
