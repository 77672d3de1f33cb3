/* pipeline/expr: which rows are kept, type by type, nulls and selections included; and numbers of
 * all types against long double, which holds every one of them exactly. */
#include "pipeline/expr/expr.h"
#include "stages/filter.h"
#include "tests/unit/expr_support.h"

#include <float.h>
#include <math.h>

static void test_bool(void **state)
{
    (void)state;
    static const char rows[] = "true\nfalse\nnull\n";
    assert_kept("b:bool", rows, "b", "0");
    assert_kept("b:bool", rows, "NOT b", "1");
    assert_kept("b:bool", rows, "b = TRUE", "0");
    assert_kept("b:bool", rows, "b < TRUE", "1");
    assert_kept("b:bool", rows, "b IS NULL", "2");
    assert_kept("b:bool", rows, "b IS NOT TRUE", "1 2");
    assert_kept("b:bool", rows, "b IS FALSE", "1");
    assert_kept("b:bool", rows, "b IN (TRUE, NULL)", "0");
    assert_kept("b:bool", rows, "b NOT IN (TRUE, NULL)", "");
    assert_kept("b:bool", rows, "b NOT IN (TRUE)", "1");
    assert_kept("b:bool", rows, "(b = FALSE) IS NULL", "2");
}

/* Every pair of the three truth values, by AND, OR and NOT. */
static void test_three_values(void **state)
{
    (void)state;
    static const char rows[] = "true true\ntrue false\ntrue null\nfalse true\nfalse false\n"
                               "false null\nnull true\nnull false\nnull null\n";
    assert_kept("a:bool b:bool", rows, "a AND b", "0");
    assert_kept("a:bool b:bool", rows, "a OR b", "0 1 2 3 6");
    assert_kept("a:bool b:bool", rows, "NOT (a AND b)", "1 3 4 5 7");
    assert_kept("a:bool b:bool", rows, "NOT (a OR b)", "4");
    assert_kept("a:bool b:bool", rows, "(a AND b) IS NULL", "2 6 8");
    assert_kept("a:bool b:bool", rows, "(a OR b) IS NULL", "5 7 8");
    assert_kept("a:bool b:bool", rows, "a = b", "0 4");
    assert_kept("a:bool b:bool", rows, "NOT a OR b AND a", "0 3 4 5");
    assert_kept("a:bool b:bool", rows, "NULL", "");
    assert_kept("a:bool b:bool", rows, "NULL IS NULL AND NOT NULL IS NOT NULL AND a AND b", "0");
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static const char rows[] = "-128\n-1\n0\n5\n127\nnull\n";
    assert_kept("n:int8", rows, "n > 0", "3 4");
    assert_kept("n:int8", rows, "0 < n", "3 4");
    assert_kept("n:int8", rows, "n >= 4.5", "3 4");
    assert_kept("n:int8", rows, "n <> 5", "0 1 2 4");
    assert_kept("n:int8", rows, "n <> 5.5", "0 1 2 3 4");
    assert_kept("n:int8", rows, "n < 1000", "0 1 2 3 4");
    assert_kept("n:int8", rows, "n > -1e300", "0 1 2 3 4");
    assert_kept("n:int8", rows, "n > 127", "");
    assert_kept("n:int8", rows, "NOT n > 127", "0 1 2 3 4");
    assert_kept("n:int8", rows, "n BETWEEN -1 AND 5", "1 2 3");
    assert_kept("n:int8", rows, "n NOT BETWEEN -1 AND 5", "0 4");
    assert_kept("n:int8", rows, "n BETWEEN 5 AND -1", "");
    assert_kept("n:int8", rows, "n BETWEEN NULL AND 0", "");
    assert_kept("n:int8", rows, "n NOT BETWEEN NULL AND 0", "3 4");
    assert_kept("n:int8", rows, "n IN (5.0, -1, 5.5)", "1 3");
    assert_kept("n:int8", rows, "n NOT IN (5, -1)", "0 2 4");
    assert_kept("n:int8", rows, "n NOT IN (5, NULL)", "");
    assert_kept("n:int8", rows, "n = NULL OR n IS NULL", "5");
}

static void test_arithmetic(void **state)
{
    (void)state;
    static const char rows[] = "7 2\n-7 2\n7 0\n-9223372036854775808 -1\nnull 1\n";
    static const char *const fields = "a:int64 b:int64";
    assert_kept(fields, rows, "a % b = 1", "0");
    assert_kept(fields, rows, "a % b = -1", "1");
    assert_kept(fields, rows, "(a % b) IS NULL", "2 4");
    assert_kept(fields, rows, "a / b = 3.5", "0");
    assert_kept(fields, rows, "a / b IS NULL", "4");
    assert_kept(fields, rows, "a / b > 1e308", "2");
    assert_kept(fields, rows, "a * b = 9223372036854775808", "3");
    assert_kept(fields, rows, "-a = 9223372036854775808", "3");
    assert_kept(fields, rows, "a % b = 0", "3");
    assert_kept(fields, rows, "a - b > a", "3");
    assert_kept(fields, rows, "a + b * 2 = 11 OR (a + b) * 2 = 14", "0 2");
    assert_kept(fields, rows, "a - b - b = 3", "0");
    assert_kept(fields, rows, "a + 0.5 > b", "0 2");
    assert_kept(fields, rows, "- - a = 7", "0 2");
    assert_kept(fields, rows, "a + NULL IS NULL", "0 1 2 3 4");
    assert_kept(fields, rows, "1 / 0 > 1e308 AND 1 % 0 IS NULL AND a = 7", "0 2");
    assert_kept(fields, rows, "a IN (b + 5, -7, NULL)", "0 1");
    assert_kept(fields, rows, "a + 1 IN (8, b - 8)", "0 1 2");
    assert_kept(fields, rows, "a + 1 BETWEEN b + 6 AND b + 6", "0");
}

/* Digits may be missing on one side of a point, and there may be more of them than 64 bits hold. */
static void test_spellings_of_numbers(void **state)
{
    (void)state;
    static const char rows[] = "5 0.5\n-5 5\n9223372036854775807 9223372036854775807\n";
    static const char *const fields = "n:int64 x:float64";
    assert_kept(fields, rows, "n = +5 AND +n = 5", "0");
    assert_kept(fields, rows, "n = - + -5", "0");
    assert_kept(fields, rows, "n = 5. AND x = .5 AND x = .5e0 AND x = 50.e-2", "0");
    assert_kept(fields, rows, "x = 4.+1", "1");
    assert_kept(fields, rows, "+x > +NULL", "");
    assert_kept(fields, rows, "n < 18446744073709551616", "0 1 2");
    assert_kept(fields, rows, "x < 9223372036854775809 AND x > 5", "2");
    assert_kept(fields, rows, "n = 18446744073709551616 - 9223372036854775809", "2");
    assert_kept(fields, rows,
                "n - 5 = 170141183460469231731687303715884105727 - "
                "170141183460469231731687303715884105727",
                "0");
    assert_kept(fields, rows, "n > -170141183460469231731687303715884105728", "0 1 2");
    assert_kept(fields, rows, "n IN (340282366920938463463374607431768211456, 5)", "0");
    assert_kept(fields, rows, "n * n * 2 IN (170141183460469231694793815568465002498, 0)", "2");
    assert_kept(fields, rows, "n % 7 * 36893488147419103232 IN (1.8446744073709551616e20, 2)", "0");
    assert_kept(fields, rows, "n >= 340282366920938463463374607431768211456", "");
}

static void test_floats(void **state)
{
    (void)state;
    static const char rows[] = "nan\ninf\n-inf\n-0\n1.5\nnull\n";
    static const char *const types[] = {"x:float64", "x:float32"};
    for (size_t i = 0; i < 2; i++) {
        assert_kept(types[i], rows, "x > 1", "0 1 4");
        assert_kept(types[i], rows, "x >= 1.5", "0 1 4");
        assert_kept(types[i], rows, "x < 1", "2 3");
        assert_kept(types[i], rows, "x = 0", "3");
        assert_kept(types[i], rows, "x <> 0", "0 1 2 4");
        assert_kept(types[i], rows, "x > 1e308 * 10", "0");
        assert_kept(types[i], rows, "x >= 1e308 * 10", "0 1");
        assert_kept(types[i], rows, "x < -1e308 * 10", "");
        assert_kept(types[i], rows, "x = x", "0 1 2 3 4");
        assert_kept(types[i], rows, "x = 1e308 * 10 - 1e308 * 10", "0");
        assert_kept(types[i], rows, "x IN (1.5, 0, 1e308 * 10 - 1e308 * 10)", "0 3 4");
        assert_kept(types[i], rows, "x / 0 IS NULL", "5");
        assert_kept(types[i], rows, "x / 0 = 1 / 0", "1 4");
        assert_kept(types[i], rows, "x / 0 = 0 / 0", "0 3");
        assert_kept(types[i], rows, "x % 0 = 0 / 0", "0 1 2 3 4");
        assert_kept(types[i], rows, "1 / x < 0", "3");
        assert_kept(types[i], rows, "x % 1 = 0.5", "4");
        assert_kept(types[i], rows,
                    "(1e308 * 10 - 1e308 * 10) IN (1e308 * 10 - 1e308 * 10, 1) AND "
                    "x = 0",
                    "3");
    }
    assert_kept("x:float32", "0.1\n", "x = 0.1", "");
    assert_kept("x:float32", "0.1\n", "x > 0.1", "0");
}

static void test_strings(void **state)
{
    (void)state;
    static const char rows[] = "\nabc\nabd\nit's\n\xc3\xa4\nnull\n";
    assert_kept("s:string", rows, "s = 'abc'", "1");
    assert_kept("s:string", rows, "s <> 'abc'", "0 2 3 4");
    assert_kept("s:string", rows, "s > 'abc'", "2 3 4");
    assert_kept("s:string", rows, "'abc' <= s", "1 2 3 4");
    assert_kept("s:string", rows, "s = ''", "0");
    assert_kept("s:string", rows, "s = 'it''s'", "3");
    assert_kept("s:string", rows, "s LIKE '_'", "4");
    assert_kept("s:string", rows, "s LIKE '%'", "0 1 2 3 4");
    assert_kept("s:string", rows, "(s LIKE NULL) IS NULL", "0 1 2 3 4 5");
    assert_kept("s:string", rows, "s NOT LIKE NULL OR s LIKE 'a' ESCAPE NULL", "");
    assert_kept("s:string", rows, "s NOT LIKE 'ab%'", "0 3 4");
    assert_kept("s:string", rows, "s IN ('', 'abd', NULL)", "0 2");
    assert_kept("s:string", rows, "s BETWEEN 'abc' AND 'abd'", "1 2");
    assert_kept("s:string", rows, "'abc' LIKE 'a%' AND NULL LIKE 'a' IS NULL", "0 1 2 3 4 5");
    assert_kept("a:string b:string", "x x\nx y\nnull null\ny x\n", "a = b", "0");
    assert_kept("a:string b:string", "x x\nx y\nnull null\ny x\n", "a > b", "3");
    assert_kept("a:string b:string", "x x\nx y\nnull null\ny x\n", "b IN (a, 'y')", "0 1");
}

static void test_enums(void **state)
{
    (void)state;
    static const char rows[] = "NEW\nOPEN\nSHUT\nnull\n";
    assert_kept("e:enum", rows, "e = 'OPEN'", "1");
    assert_kept("e:enum", rows, "e >= 'OPEN'", "1 2");
    assert_kept("e:enum", rows, "'OPEN' > e", "0");
    assert_kept("e:enum", rows, "e BETWEEN 'NEW' AND 'OPEN'", "0 1");
    assert_kept("e:enum", rows, "e NOT IN ('NEW')", "1 2");
    assert_kept("e:enum", rows, "e NOT IN ('NEW', NULL)", "");
    assert_kept("e:enum", rows, "e LIKE '%E%'", "0 1");
    assert_kept("e:enum", rows, "NOT e LIKE NULL", "");
    assert_kept("e:enum", rows, "e NOT LIKE '%E%'", "2");
    assert_kept("e:enum", rows, "e IS NOT NULL", "0 1 2");
    assert_kept("e:enum f:enum", "NEW OPEN\nOPEN OPEN\nnull NEW\nSHUT NEW\n", "e < f", "0");
    assert_kept("e:enum f:enum", "NEW OPEN\nOPEN OPEN\nnull NEW\nSHUT NEW\n", "e = f", "1");
    assert_kept("e:enum s:string", "NEW OPEN\nOPEN OPEN\nnull null\nSHUT x\n", "s = e", "1");
    assert_kept("e:enum s:string", "NEW OPEN\nOPEN OPEN\nnull null\nSHUT x\n", "e IN ('SHUT', s)",
                "1 3");
}

static void test_json(void **state)
{
    (void)state;
    assert_kept("j:json", "[]\n{}\n1\nnull\n", "j = '[]'", "0");
    assert_kept("j:json", "[]\n{}\n1\nnull\n", "j LIKE '_}' OR j IS NULL", "1 3");
    assert_kept("j:json", "[]\n{}\n1\nnull\n", "j NOT IN ('1', '[]')", "1");
}

static void test_times(void **state)
{
    (void)state;
    static const char *const types[] = {"t:timestamp[s]", "t:timestamp[ms]", "t:timestamp[us]",
                                        "t:timestamp[ns]"};
    static const char *const rows[] = {
        "1763510399\n1763510400\n1763510401\nnull\n",
        "1763510399999\n1763510400000\n1763510400001\nnull\n",
        "1763510399999999\n1763510400000000\n1763510400000001\nnull\n",
        "1763510399999999999\n1763510400000000000\n1763510400000000001\nnull\n",
    };
    for (size_t i = 0; i < 4; i++) {
        assert_kept(types[i], rows[i], "t >= TIMESTAMP '2025-11-19T00:00:00Z'", "1 2");
        assert_kept(types[i], rows[i], "t = TIMESTAMP '2025-11-19 01:00:00+01:00'", "1");
        assert_kept(types[i], rows[i], "t < timestamp '2025-11-19 00:00:00'", "0");
        assert_kept(types[i], rows[i], "t > TIMESTAMP '2025-11-19T00:00:00.000000001Z'",
                    i == 3 ? "" : "2");
        assert_kept(types[i], rows[i], "t IN (TIMESTAMP '2025-11-19T00:00:00.0Z')", "1");
        assert_kept(types[i], rows[i],
                    "t < TIMESTAMP '9999-12-31T23:59:59.999999999Z' AND "
                    "t > TIMESTAMP '0000-01-01T00:00:00Z'",
                    "0 1 2");
    }
    assert_kept("a:timestamp[s] b:timestamp[ns]",
                "1 1000000000\n1 1000000001\n-1 -1000000001\n9223372036854775807 1\n", "a < b",
                "1");
    assert_kept("a:timestamp[s] b:timestamp[ns]",
                "1 1000000000\n1 1000000001\n-1 -1000000001\n9223372036854775807 1\n", "a > b",
                "2 3");
}

/* ---- selections, frames ---- */

enum { MANY = 4000 };

static cp_batch batch_of_numbers(const cp_schema *schema)
{
    cp_batch batch = open_batch(schema, CP_BATCH_ROWS);
    for (uint32_t i = 0; i < MANY; i++) {
        ((int32_t *)batch.columns[0].data)[i] = (int32_t)i;
        if (i % 7 == 0)
            cp_column_set_null(&batch.columns[0], i);
    }
    batch.rows = batch.selection_count = MANY;
    return batch;
}

/* Rows beyond the first frame, nulls at every place of a word, and a filter after a filter. */
static void test_frames_and_selections(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:int32");
    cp_batch batch = batch_of_numbers(schema);
    cp_error err = {0};
    assert_int_equal(filter_batch(schema, &batch, "n % 3 = 0", &err), CP_OK);
    uint32_t count = 0;
    for (uint32_t i = 0; i < MANY; i++)
        if (i % 7 != 0 && i % 3 == 0)
            assert_int_equal(batch.selection[count++], i);
    assert_int_equal(batch.selection_count, count);
    assert_int_equal(filter_batch(schema, &batch, "n >= 1000 AND n % 2 = 0", &err), CP_OK);
    count = 0;
    for (uint32_t i = 1000; i < MANY; i++)
        if (i % 7 != 0 && i % 6 == 0)
            assert_int_equal(batch.selection[count++], i);
    assert_int_equal(batch.selection_count, count);
    assert_false(batch.selects_all);
    cp_batch_reset(&batch);
    assert_int_equal(filter_batch(schema, &batch, "n > 1", &err), CP_OK);
    assert_true(batch.selects_all);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_overflow_ends_the_run(void **state)
{
    (void)state;
    static const char *const conditions[] = {"u * u * u > 0", "-u * u * u > 0", "u * u + u * u > 0",
                                             "-(u * u) - u * u - u * u < 0"};
    for (size_t i = 0; i < 4; i++) {
        cp_schema *schema = schema_of("u:uint64");
        cp_batch batch = open_batch(schema, 8);
        cp_error err = {0};
        fill_batch(&batch, "1\nnull\n18446744073709551615\n");
        assert_int_equal(filter_batch(schema, &batch, conditions[i], &err), CP_E_DATA);
        assert_string_equal(err.reason, "integer_overflow");
        assert_non_null(strstr(err.message, "a whole number is beyond 128 bits"));
        /* What is under a null is no reason. */
        cp_column_set_null(&batch.columns[0], 2);
        batch.selection_count = batch.rows;
        batch.selects_all = true;
        assert_int_equal(filter_batch(schema, &batch, conditions[i], &err), CP_OK);
        cp_batch_close(&batch);
        cp_schema_free(schema);
    }
    assert_kept("u:uint64", "18446744073709551615\n", "u * 9223372036854775807 > u", "0");
}

/* As a stage. */
static void test_stage(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:int32 s:string");
    cp_expr *expr = parse_condition("n > 3990");
    cp_stage *stage;
    cp_scratch *scratch;
    schema->fields[0].wanted = schema->fields[1].wanted = false;
    assert_int_equal(cp_filter_stage_open(expr, &stage, NULL), CP_OK);
    assert_int_equal(stage->type->kind, CP_STAGE_MAP);
    assert_int_equal(stage->type->bind(stage, schema, NULL, NULL), CP_OK);
    assert_true(schema->fields[0].wanted);
    assert_false(schema->fields[1].wanted);
    assert_int_equal(stage->type->scratch_open(stage, &scratch, NULL), CP_OK);
    assert_ptr_equal(scratch->type, stage->type);
    cp_batch batch = batch_of_numbers(schema);
    assert_int_equal(stage->type->map(stage, scratch, &batch, NULL), CP_OK);
    text out = {0};
    put_selection(&out, &batch);
    assert_string_equal(shown(&out), "3991 3992 3993 3994 3995 3996 3998 3999");
    text_free(&out);
    cp_batch_close(&batch);
    stage->type->scratch_close(scratch);
    stage->type->scratch_close(NULL);
    stage->type->close(stage);
    cp_expr_free(expr);
    cp_schema_free(schema);
}

/* ---- numbers against long double ---- */

_Static_assert(LDBL_MANT_DIG >= 64, "the reference must hold every 64-bit integer");

static const char *const number_types[] = {"int8",   "int16",  "int32",  "int64",   "uint8",
                                           "uint16", "uint32", "uint64", "float32", "float64"};
static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};
enum { NUMBER_TYPES = 10, OPERATORS = 6, NUMBERS = 48 };

static bool compares(const char *operator, long double a, long double b)
{
    switch (operator[0]) {
    case '=':
        return a == b;
    case '>':
        return operator[1] ? a >= b : a> b;
    default:
        return operator[1] == '>' ? a != b : operator[1] ? a <= b : a<b;
    }
}

/* Ends of types, neighbours of powers of two, small ones. */
static uint64_t random_whole(void)
{
    uint64_t base = random_below(2) ? UINT64_C(1) << random_below(64) : random_below(6);
    return (random_below(2) ? base : 0 - base) + random_below(5) - 2;
}

static double random_real(void)
{
    double base = (double)(int64_t)random_whole();
    switch (random_below(4)) {
    case 0:
        return base + 0.5;
    case 1:
        return nextafter(base, random_below(2) ? INFINITY : -INFINITY);
    case 2:
        return (double)random_whole();
    default:
        return base;
    }
}

static void fill_number(cp_column *column, uint32_t row)
{
    if (column->type == CP_TYPE_FLOAT64)
        ((double *)column->data)[row] = random_real();
    else if (column->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = (float)random_real();
    else
        set_integer(column, row, random_whole());
}

static long double number_at(const cp_column *column, uint32_t row)
{
    uint64_t bits = 0;
    size_t width = cp_type_width(column->type);
    if (column->type == CP_TYPE_FLOAT64)
        return ((const double *)column->data)[row];
    if (column->type == CP_TYPE_FLOAT32)
        return ((const float *)column->data)[row];
    memcpy(&bits, (const uint8_t *)column->data + row * width, width);
    unsigned unused = 64 - 8 * (unsigned)width;
    return cp_type_is_unsigned(column->type) ? (long double)bits
                                             : (long double)((int64_t)(bits << unused) >> unused);
}

/* Rows of x and y; b NULL: y is the constant. */
static void assert_compares(cp_schema *schema, cp_batch *batch, const char *condition,
                            const char *operator, const cp_column * b, long double constant)
{
    cp_error err = {0};
    uint32_t next = 0;
    batch->selects_all = true;
    batch->selection_count = batch->rows;
    assert_int_equal(filter_batch(schema, batch, condition, &err), CP_OK);
    for (uint32_t row = 0; row < batch->rows; row++) {
        long double x = number_at(&batch->columns[0], row);
        bool kept =
            batch->selects_all || (next < batch->selection_count && batch->selection[next] == row);
        next += kept;
        long double y = b ? number_at(b, row) : constant;
        if (kept != compares(operator, x, y))
            fail_msg("%s: wrong for %.21Lg and %.21Lg", condition, x, y);
    }
}

static void with_numbers(const char *x, const char *y,
                         void (*check)(cp_schema *schema, cp_batch *batch))
{
    char description[64];
    snprintf(description, sizeof description, "x:%s y:%s", x, y);
    cp_schema *schema = schema_of(description);
    cp_batch batch = open_batch(schema, NUMBERS);
    for (uint32_t row = 0; row < NUMBERS; row++) {
        fill_number(&batch.columns[0], row);
        fill_number(&batch.columns[1], row);
    }
    batch.rows = NUMBERS;
    check(schema, &batch);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void check_fields(cp_schema *schema, cp_batch *batch)
{
    for (size_t i = 0; i < OPERATORS; i++) {
        char condition[32];
        snprintf(condition, sizeof condition, "x %s y", operators[i]);
        assert_compares(schema, batch, condition, operators[i], &batch->columns[1], 0);
    }
}

static void test_number_fields_compare_exactly(void **state)
{
    (void)state;
    for (size_t x = 0; x < NUMBER_TYPES; x++)
        for (size_t y = 0; y < NUMBER_TYPES; y++)
            with_numbers(number_types[x], number_types[y], check_fields);
}

/* The values of x as constants, and random ones, whole and real, on either side. */
static void check_constant(cp_schema *schema, cp_batch *batch, const char *spelled,
                           long double value)
{
    static const char *const mirrored[] = {"=", "<>", ">", ">=", "<", "<="};
    for (size_t i = 0; i < OPERATORS; i++) {
        char condition[96];
        snprintf(condition, sizeof condition, "x %s %s", operators[i], spelled);
        assert_compares(schema, batch, condition, operators[i], NULL, value);
        snprintf(condition, sizeof condition, "%s %s x", spelled, mirrored[i]);
        assert_compares(schema, batch, condition, operators[i], NULL, value);
    }
    char list[96];
    snprintf(list, sizeof list, "x IN (%s, %s)", spelled, spelled);
    assert_compares(schema, batch, list, "=", NULL, value);
}

static void check_constants(cp_schema *schema, cp_batch *batch)
{
    for (uint32_t i = 0; i < 40; i++) {
        char spelled[64];
        uint64_t whole = random_whole();
        double real = i < 8 ? (double)number_at(&batch->columns[0], i) : random_real();
        snprintf(spelled, sizeof spelled, i % 2 ? "%" PRIu64 : "-%" PRIu64, whole);
        check_constant(schema, batch, spelled, i % 2 ? (long double)whole : -(long double)whole);
        snprintf(spelled, sizeof spelled, "%.20e", real);
        check_constant(schema, batch, spelled, real);
    }
}

static void test_number_constants_compare_exactly(void **state)
{
    (void)state;
    for (size_t x = 0; x < NUMBER_TYPES; x++)
        with_numbers(number_types[x], "int8", check_constants);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bool),
        cmocka_unit_test(test_three_values),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_spellings_of_numbers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_enums),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_frames_and_selections),
        cmocka_unit_test(test_overflow_ends_the_run),
        cmocka_unit_test(test_stage),
        cmocka_unit_test_setup(test_number_fields_compare_exactly, start_random),
        cmocka_unit_test_setup(test_number_constants_compare_exactly, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
