/* formats/parquet/thrift.h: every kind of field and item as the compact protocol spells it. */
#include "formats/parquet/thrift.h"
#include "tests/unit/parquet_support.h"

static void assert_bytes(cp_bytes *out, const cp_thrift *t, const void *expected, size_t size)
{
    assert_int_equal(t->rc, CP_OK);
    assert_int_equal(out->size, size);
    assert_memory_equal(out->data, expected, size);
    cp_bytes_free(out);
}

static void test_fields(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        0x11, 0x12,                                                       /* 1: true, 2: false */
        0x13, 0xFB,                                                       /* 3: i8 -5 */
        0x14, 0x01,                                                       /* 4: i16 -1 */
        0x15, 0x80, 0x01,                                                 /* 5: i32 64 */
        0xF6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, /* 20: INT64_MIN */
        0x08, 0x48, 2,    'h',  'i', /* 36: binary, 16 beyond the one before */
        0x00,
    };
    cp_bytes out = {0};
    cp_thrift t = cp_thrift_begin(&out, NULL);
    cp_thrift_bool(&t, 1, true);
    cp_thrift_bool(&t, 2, false);
    cp_thrift_i8(&t, 3, -5);
    cp_thrift_i16(&t, 4, -1);
    cp_thrift_i32(&t, 5, 64);
    cp_thrift_i64(&t, 20, INT64_MIN);
    cp_thrift_binary(&t, 36, cp_span_of("hi"));
    cp_thrift_end(&t);
    assert_bytes(&out, &t, expected, sizeof expected);
}

/* Ids begin anew in each struct, and go on behind it. */
static void test_structs(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x2C, 0x1C, 0x15, 2, 0, 0, 0x1C, 0, 0x1C, 0x15, 4, 0, 0};
    static const uint8_t written[] = {0x15, 4, 0};
    cp_bytes out = {0};
    cp_thrift t = cp_thrift_begin(&out, NULL);
    cp_thrift_struct(&t, 2);
    cp_thrift_struct(&t, 1);
    cp_thrift_i32(&t, 1, 1);
    cp_thrift_end(&t);
    cp_thrift_end(&t);
    cp_thrift_empty_struct(&t, 3);
    cp_thrift_written(&t, 4, (cp_span){written, sizeof written});
    cp_thrift_end(&t);
    assert_bytes(&out, &t, expected, sizeof expected);
}

static void test_lists(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        0x19, 0x21, 1,    2, /* 1: bools true, false */
        0x19, 0xF5, 15,   0,   2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, /* 2: 0 to 14 */
        0x19, 0x18, 1,    'x',                                                     /* 3: binaries */
        0x19, 0x1C, 0x15, 6,   0,                                                  /* 4: structs */
        0x19, 0x06,                                                                /* 5: no i64 */
        0x00,
    };
    cp_bytes out = {0};
    cp_thrift t = cp_thrift_begin(&out, NULL);
    cp_thrift_list(&t, 1, CP_THRIFT_TRUE, 2);
    cp_thrift_item_bool(&t, true);
    cp_thrift_item_bool(&t, false);
    cp_thrift_list(&t, 2, CP_THRIFT_I32, 15);
    for (int i = 0; i < 15; i++)
        cp_thrift_item_int(&t, i);
    cp_thrift_list(&t, 3, CP_THRIFT_BINARY, 1);
    cp_thrift_item_binary(&t, cp_span_of("x"));
    cp_thrift_list(&t, 4, CP_THRIFT_STRUCT, 1);
    cp_thrift_item_struct(&t);
    cp_thrift_i32(&t, 1, 3);
    cp_thrift_end(&t);
    cp_thrift_list(&t, 5, CP_THRIFT_I64, 0);
    cp_thrift_end(&t);
    assert_bytes(&out, &t, expected, sizeof expected);
}

/* The first failure stays, and nothing is written behind it. */
static void test_too_deep(void **state)
{
    (void)state;
    cp_bytes out = {0};
    cp_error err = {0};
    cp_thrift t = cp_thrift_begin(&out, &err);
    for (int i = 1; i < CP_THRIFT_DEPTH; i++)
        cp_thrift_struct(&t, 1);
    assert_int_equal(t.rc, CP_OK);
    cp_thrift_struct(&t, 1);
    assert_int_equal(t.rc, CP_E_BUG);
    assert_string_equal(err.reason, "thrift_depth");
    size_t size = out.size;
    cp_thrift_i32(&t, 1, 1);
    cp_thrift_end(&t);
    assert_int_equal(out.size, size);
    cp_bytes_free(&out);
    cp_bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_structs),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
