/* pipeline/core/cell.h: the limits of every type, min, max and null_if, the policies of floats,
 * enums by symbol and by position, what is stored and what is left alone. */
#include "pipeline/core/cell.h"
#include "tests/unit/random.h"

#include <math.h>
#include <stdio.h>

enum { ROWS = 3, ROW = 1, UNTOUCHED = 0x5a };

static cp_schema *schema;
static cp_batch batch;
static cp_field *field;
static cp_column *column;

/* A batch of one column of `type`, all bytes UNTOUCHED, its field without rules. */
static void open_column(cp_type type)
{
    assert_int_equal(cp_schema_new("one", &schema, NULL), CP_OK);
    assert_int_equal(cp_schema_add(schema, "v", type, &field, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, schema, ROWS, NULL), CP_OK);
    column = &batch.columns[0];
    memset(column->data, UNTOUCHED, ROWS * cp_type_width(type));
}

static void close_column(void)
{
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void assert_untouched(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_int_equal(((uint8_t *)column->data)[i], UNTOUCHED);
}

/* ROW holds just these bytes, its neighbours none, and no null was marked. */
static void assert_stored(const void *value)
{
    size_t width = cp_type_width(column->type);
    assert_memory_equal((uint8_t *)column->data + ROW * width, value, width);
    assert_untouched(0, ROW * width);
    assert_untouched((ROW + 1) * width, ROWS * width);
    assert_int_equal(column->null_count, 0);
    memset(column->data, UNTOUCHED, ROWS * width);
}

static void assert_nothing_stored(void)
{
    assert_untouched(0, ROWS * cp_type_width(column->type));
    assert_int_equal(column->null_count, 0);
}

/* ---- integers ---- */

static const struct {
    cp_type type;
    int64_t low;
    uint64_t high;
} integers[] = {
    {CP_TYPE_BOOL, 0, 1},
    {CP_TYPE_INT8, -128, 127},
    {CP_TYPE_INT16, -32768, 32767},
    {CP_TYPE_INT32, -INT64_C(2147483648), 2147483647},
    {CP_TYPE_INT64, INT64_MIN, INT64_MAX},
    {CP_TYPE_UINT8, 0, 255},
    {CP_TYPE_UINT16, 0, 65535},
    {CP_TYPE_UINT32, 0, UINT64_C(4294967295)},
    {CP_TYPE_UINT64, 0, UINT64_MAX},
};
enum { INTEGER_COUNT = sizeof integers / sizeof *integers };

/* This machine is little-endian, as the columns are: the low bytes are the value. */
static void test_integer_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < INTEGER_COUNT; i++) {
        int64_t low = integers[i].low;
        uint64_t high = integers[i].high;
        open_column(integers[i].type);
        assert_int_equal(cp_cell_int(field, column, ROW, low), CP_ACCEPTED);
        assert_stored(&low);
        assert_int_equal(cp_cell_uint(field, column, ROW, high), CP_ACCEPTED);
        assert_stored(&high);
        if (high <= INT64_MAX) {
            assert_int_equal(cp_cell_int(field, column, ROW, (int64_t)high), CP_ACCEPTED);
            assert_stored(&high);
        }
        if (high < UINT64_MAX)
            assert_int_equal(cp_cell_uint(field, column, ROW, high + 1), CP_OUT_OF_RANGE);
        if (high < INT64_MAX)
            assert_int_equal(cp_cell_int(field, column, ROW, (int64_t)high + 1), CP_OUT_OF_RANGE);
        if (low > INT64_MIN)
            assert_int_equal(cp_cell_int(field, column, ROW, low - 1), CP_OUT_OF_RANGE);
        assert_nothing_stored();
        close_column();
    }
}

/* Every integer type against the plain comparison, values near all limits. */
static void test_random_integers(void **state)
{
    (void)state;
    random_start(UINT64_C(20260203));
    for (size_t i = 0; i < INTEGER_COUNT; i++) {
        open_column(integers[i].type);
        for (int round = 0; round < 5000; round++) {
            int64_t value = (int64_t)random_bits() >> random_below(64);
            uint64_t natural = random_bits() >> random_below(64);
            bool fits =
                value >= integers[i].low && (value < 0 || (uint64_t)value <= integers[i].high);
            cp_reason expected = fits ? CP_ACCEPTED : CP_OUT_OF_RANGE;
            assert_int_equal(cp_cell_int(field, column, ROW, value), expected);
            if (fits)
                assert_stored(&value);
            fits = natural <= integers[i].high;
            expected = fits ? CP_ACCEPTED : CP_OUT_OF_RANGE;
            assert_int_equal(cp_cell_uint(field, column, ROW, natural), expected);
            if (fits)
                assert_stored(&natural);
        }
        close_column();
    }
}

static void test_signed_rules(void **state)
{
    (void)state;
    open_column(CP_TYPE_INT16);
    field->has_min = field->has_max = true;
    field->min.i = -10;
    field->max.i = 20;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = -9999}, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = 7}, NULL), CP_OK);
    static const struct {
        int64_t value;
        cp_reason reason;
    } rows[] = {
        {-10, CP_ACCEPTED},    {20, CP_ACCEPTED},         {-11, CP_BELOW_MIN},
        {21, CP_ABOVE_MAX},    {-9999, CP_ACCEPTED_NULL}, {7, CP_ACCEPTED_NULL},
        {-9998, CP_BELOW_MIN}, {40000, CP_OUT_OF_RANGE},  {-40000, CP_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(cp_cell_int(field, column, ROW, rows[i].value), rows[i].reason);
        if (rows[i].reason == CP_ACCEPTED)
            assert_stored(&rows[i].value);
        else
            assert_nothing_stored();
    }
    assert_int_equal(cp_cell_uint(field, column, ROW, 21), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_uint(field, column, ROW, 7), CP_ACCEPTED_NULL);
    close_column();
}

/* Bounds above what a signed number holds are compared as they are. */
static void test_unsigned_rules(void **state)
{
    (void)state;
    open_column(CP_TYPE_UINT64);
    field->has_min = field->has_max = true;
    field->min.u = 5;
    field->max.u = UINT64_MAX - 1;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.u = UINT64_MAX - 2}, NULL), CP_OK);
    uint64_t large = UINT64_MAX - 1;
    assert_int_equal(cp_cell_uint(field, column, ROW, large), CP_ACCEPTED);
    assert_stored(&large);
    assert_int_equal(cp_cell_uint(field, column, ROW, UINT64_MAX), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_uint(field, column, ROW, UINT64_MAX - 2), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_uint(field, column, ROW, 4), CP_BELOW_MIN);
    assert_int_equal(cp_cell_int(field, column, ROW, 4), CP_BELOW_MIN);
    assert_int_equal(cp_cell_int(field, column, ROW, -3), CP_OUT_OF_RANGE); /* not null_if */
    assert_nothing_stored();
    close_column();
}

/* ---- floats ---- */

static void test_float_stores(void **state)
{
    (void)state;
    static const double values[] = {0.0, -0.0, 1.5, -273.15, 1e300, -1e300, 5e-324};
    open_column(CP_TYPE_FLOAT64);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(cp_cell_float(field, column, ROW, values[i]), CP_ACCEPTED);
        assert_stored(&values[i]);
    }
    close_column();
    static const float narrow[] = {0.0F, -0.0F, 0.1F, 3.4028234e38F, 1e-45F};
    open_column(CP_TYPE_FLOAT32);
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        assert_int_equal(cp_cell_float(field, column, ROW, (double)narrow[i]), CP_ACCEPTED);
        assert_stored(&narrow[i]);
    }
    close_column();
}

static void test_nan_policies(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY};
    static const cp_reason expected[] = {
        [CP_NAN_REJECT] = CP_NOT_FINITE,
        [CP_NAN_NULL] = CP_ACCEPTED_NULL,
        [CP_NAN_KEEP] = CP_ACCEPTED,
    };
    open_column(CP_TYPE_FLOAT64);
    for (int policy = CP_NAN_REJECT; policy <= CP_NAN_KEEP; policy++)
        for (size_t i = 0; i < 3; i++) {
            field->nan = (cp_nan_policy)policy;
            assert_int_equal(cp_cell_float(field, column, ROW, values[i]), expected[policy]);
            if (policy == CP_NAN_KEEP)
                assert_stored(&values[i]);
            else
                assert_nothing_stored();
        }
    close_column();
}

static void test_float_rules(void **state)
{
    (void)state;
    open_column(CP_TYPE_FLOAT64);
    field->has_min = field->has_max = true;
    field->min.f = -273.15;
    field->max.f = 100;
    field->nan = CP_NAN_KEEP;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.f = -9999}, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.f = 0}, NULL), CP_OK);
    assert_int_equal(cp_cell_float(field, column, ROW, nextafter(-273.15, -1e9)), CP_BELOW_MIN);
    assert_int_equal(cp_cell_float(field, column, ROW, nextafter(100, 1e9)), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_float(field, column, ROW, -9999), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_float(field, column, ROW, -0.0), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_float(field, column, ROW, INFINITY), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_float(field, column, ROW, -INFINITY), CP_BELOW_MIN);
    assert_nothing_stored();
    double edges[] = {-273.15, 100};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cp_cell_float(field, column, ROW, edges[i]), CP_ACCEPTED);
        assert_stored(&edges[i]);
    }
    close_column();
}

/* ---- the others ---- */

static void test_bool(void **state)
{
    (void)state;
    open_column(CP_TYPE_BOOL);
    for (int i = 0; i < 2; i++) {
        bool value = i != 0;
        assert_int_equal(cp_cell_bool(field, column, ROW, value), CP_ACCEPTED);
        assert_stored(&value);
    }
    close_column();
}

/* The view is stored as it is, not a copy of the bytes. */
static void test_text(void **state)
{
    (void)state;
    static const cp_type types[] = {CP_TYPE_STRING, CP_TYPE_JSON};
    for (size_t i = 0; i < 2; i++) {
        open_column(types[i]);
        cp_literal none = {.text = cp_span_of("N/A")}, empty = {.text = cp_span_of("")};
        assert_int_equal(cp_field_add_null_if(field, none, NULL), CP_OK);
        cp_span text = cp_span_of("N/A or not"), nothing = {text.data, 0};
        assert_int_equal(cp_cell_text(field, column, ROW, text), CP_ACCEPTED);
        assert_stored(&text);
        assert_int_equal(cp_cell_text(field, column, ROW, nothing), CP_ACCEPTED);
        assert_stored(&nothing);
        assert_int_equal(cp_cell_text(field, column, ROW, (cp_span){text.data, 3}),
                         CP_ACCEPTED_NULL);
        assert_int_equal(cp_field_add_null_if(field, empty, NULL), CP_OK);
        assert_int_equal(cp_cell_text(field, column, ROW, nothing), CP_ACCEPTED_NULL);
        assert_nothing_stored();
        close_column();
    }
}

static void test_enum(void **state)
{
    (void)state;
    const cp_span symbols[] = {cp_span_of("DRAFT"), cp_span_of("CLOSED"), cp_span_of("NONE")};
    open_column(CP_TYPE_ENUM);
    assert_int_equal(cp_field_set_symbols(field, symbols, 3, NULL), CP_OK);
    cp_literal none = {.text = symbols[2]}, outside = {.text = cp_span_of("-")};
    assert_int_equal(cp_field_add_null_if(field, none, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(field, outside, NULL), CP_OK);
    for (uint16_t code = 0; code < 2; code++) {
        assert_int_equal(cp_cell_symbol(field, column, ROW, symbols[code]), CP_ACCEPTED);
        assert_stored(&code);
        assert_int_equal(cp_cell_code(field, column, ROW, code), CP_ACCEPTED);
        assert_stored(&code);
    }
    assert_int_equal(cp_cell_symbol(field, column, ROW, symbols[2]), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_code(field, column, ROW, 2), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_symbol(field, column, ROW, cp_span_of("-")), CP_ACCEPTED_NULL);
    assert_int_equal(cp_cell_symbol(field, column, ROW, cp_span_of("draft")), CP_UNKNOWN_SYMBOL);
    assert_int_equal(cp_cell_symbol(field, column, ROW, cp_span_of("")), CP_UNKNOWN_SYMBOL);
    assert_int_equal(cp_cell_code(field, column, ROW, 3), CP_UNKNOWN_SYMBOL);
    assert_int_equal(cp_cell_code(field, column, ROW, UINT64_C(1) << 32), CP_UNKNOWN_SYMBOL);
    assert_nothing_stored();
    close_column();
}

static void test_largest_enum_code(void **state)
{
    (void)state;
    static char names[CP_SYMBOLS_MAX][8];
    static cp_span symbols[CP_SYMBOLS_MAX];
    for (size_t i = 0; i < CP_SYMBOLS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "s%zu", i);
        symbols[i] = cp_span_of(names[i]);
    }
    open_column(CP_TYPE_ENUM);
    assert_int_equal(cp_field_set_symbols(field, symbols, CP_SYMBOLS_MAX, NULL), CP_OK);
    uint16_t last = CP_SYMBOLS_MAX - 1;
    assert_int_equal(cp_cell_symbol(field, column, ROW, symbols[last]), CP_ACCEPTED);
    assert_stored(&last);
    assert_int_equal(cp_cell_code(field, column, ROW, CP_SYMBOLS_MAX), CP_UNKNOWN_SYMBOL);
    assert_nothing_stored();
    close_column();
}

static void test_time(void **state)
{
    (void)state;
    open_column(CP_TYPE_TIMESTAMP);
    field->has_min = field->has_max = true;
    field->min.i = -1000;
    field->max.i = 5000;
    assert_int_equal(cp_field_add_null_if(field, (cp_literal){.i = 0}, NULL), CP_OK);
    int64_t value = -1000;
    assert_int_equal(cp_cell_time(field, column, ROW, value), CP_ACCEPTED);
    assert_stored(&value);
    assert_int_equal(cp_cell_time(field, column, ROW, -1001), CP_BELOW_MIN);
    assert_int_equal(cp_cell_time(field, column, ROW, 5001), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_time(field, column, ROW, 0), CP_ACCEPTED_NULL);
    assert_nothing_stored();
    field->has_min = field->has_max = false;
    value = INT64_MIN;
    assert_int_equal(cp_cell_time(field, column, ROW, value), CP_ACCEPTED);
    assert_stored(&value);
    close_column();
}

/* A column that nobody wants has no data; its values are judged all the same. */
static void test_unwanted_columns_are_checked(void **state)
{
    (void)state;
    cp_field plain = {.name = NULL, .has_max = true, .max.i = 5};
    cp_column none = {.type = CP_TYPE_INT32};
    plain.type = CP_TYPE_INT32;
    assert_int_equal(cp_cell_int(&plain, &none, ROW, 5), CP_ACCEPTED);
    assert_int_equal(cp_cell_int(&plain, &none, ROW, 6), CP_ABOVE_MAX);
    assert_int_equal(cp_cell_uint(&plain, &none, ROW, UINT64_MAX), CP_OUT_OF_RANGE);
    plain = (cp_field){.type = CP_TYPE_FLOAT64};
    none.type = CP_TYPE_FLOAT64;
    assert_int_equal(cp_cell_float(&plain, &none, ROW, 1), CP_ACCEPTED);
    assert_int_equal(cp_cell_float(&plain, &none, ROW, NAN), CP_NOT_FINITE);
    none.type = plain.type = CP_TYPE_STRING;
    assert_int_equal(cp_cell_text(&plain, &none, ROW, cp_span_of("x")), CP_ACCEPTED);
    none.type = plain.type = CP_TYPE_BOOL;
    assert_int_equal(cp_cell_bool(&plain, &none, ROW, true), CP_ACCEPTED);
    none.type = plain.type = CP_TYPE_TIMESTAMP;
    assert_int_equal(cp_cell_time(&plain, &none, ROW, 1), CP_ACCEPTED);
    cp_span symbol = cp_span_of("A");
    open_column(CP_TYPE_ENUM);
    assert_int_equal(cp_field_set_symbols(field, &symbol, 1, NULL), CP_OK);
    none.type = CP_TYPE_ENUM;
    assert_int_equal(cp_cell_symbol(field, &none, ROW, symbol), CP_ACCEPTED);
    assert_int_equal(cp_cell_code(field, &none, ROW, 1), CP_UNKNOWN_SYMBOL);
    close_column();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integer_limits),
        cmocka_unit_test(test_random_integers),
        cmocka_unit_test(test_signed_rules),
        cmocka_unit_test(test_unsigned_rules),
        cmocka_unit_test(test_float_stores),
        cmocka_unit_test(test_nan_policies),
        cmocka_unit_test(test_float_rules),
        cmocka_unit_test(test_bool),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_enum),
        cmocka_unit_test(test_largest_enum_code),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_unwanted_columns_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
