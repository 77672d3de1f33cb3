/* stages/stats.h through the contract of a stage (pipeline/core/stage.h): figures by hand, every
 * type of value, nulls in every column, partials in any number, and a plain second reckoning. */
#include "stages/stats.h"
#include "tests/unit/stage_support.h"

#include <math.h>

static const cp_stats_options plain = {.by = "k", .value = "v", .time = "t"};
static const cp_stats_options timeless = {.by = "k", .value = "v"};

typedef struct reckoning {
    cp_schema *in, *rows;
    cp_stage *stage;
} reckoning;

static reckoning reckoning_open(const char *description, const cp_stats_options *options)
{
    reckoning r = {.in = schema_of(description)};
    assert_int_equal(cp_stats_open(options, &r.stage, NULL), CP_OK);
    assert_string_equal(r.stage->type->name, "stats");
    assert_int_equal(r.stage->type->kind, CP_STAGE_FOLD);
    r.rows = bind_stage(r.stage, r.in);
    return r;
}

static void reckoning_close(reckoning *r)
{
    r->stage->type->close(r->stage);
    cp_schema_free(r->rows);
    cp_schema_free(r->in);
}

static void assert_stats(const char *description, const cp_stats_options *options, const char *in,
                         const char *out)
{
    reckoning r = reckoning_open(description, options);
    cp_partial *partial = open_partial(r.stage);
    fold_text(r.stage, partial, r.in, in);
    assert_emits(r.stage, partial, r.rows, out);
    r.stage->type->partial_close(partial);
    reckoning_close(&r);
}

/* ---- binding ---- */

static void assert_column(const cp_schema *rows, size_t number, const char *name,
                          const char *type_name)
{
    char type[CP_TYPE_NAME_BYTES];
    assert_true(number < rows->field_count);
    assert_string_equal(rows->fields[number].name, name);
    assert_string_equal(cp_type_name(&rows->fields[number], type), type_name);
}

static void test_bind(void **state)
{
    (void)state;
    reckoning r = reckoning_open("x:string v:float32 t:timestamp[ms] k:uint16", &plain);
    assert_false(r.in->fields[0].wanted);
    for (size_t i = 1; i < 4; i++)
        assert_true(r.in->fields[i].wanted);
    assert_int_equal(r.rows->field_count, 9);
    assert_column(r.rows, CP_STATS_BY, "k", "uint16");
    assert_column(r.rows, CP_STATS_COUNT, "count", "uint64");
    assert_column(r.rows, CP_STATS_NULLS, "nulls", "uint64");
    assert_column(r.rows, CP_STATS_MIN, "min", "float32");
    assert_column(r.rows, CP_STATS_MAX, "max", "float32");
    assert_column(r.rows, CP_STATS_MEAN, "mean", "float64");
    assert_column(r.rows, CP_STATS_STDDEV, "stddev", "float64");
    assert_column(r.rows, CP_STATS_FIRST, "first", "timestamp[ms]");
    assert_column(r.rows, CP_STATS_LAST, "last", "timestamp[ms]");
    reckoning_close(&r);
    r = reckoning_open("k:string v:uint64", &timeless);
    assert_int_equal(r.rows->field_count, 7);
    assert_column(r.rows, CP_STATS_MAX, "max", "uint64");
    reckoning_close(&r);
}

static void test_bind_to_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *description, *reason;
    } rows[] = {
        {"v:int8 t:timestamp[s]", "no_such_field"},
        {"k:int8 t:timestamp[s]", "no_such_field"},
        {"k:int8 v:int8", "no_such_field"},
        {"k:int8 v:string t:timestamp[s]", "not_a_number"},
        {"k:int8 v:bool t:timestamp[s]", "not_a_number"},
        {"k:int8 v:timestamp[s] t:timestamp[s]", "not_a_number"},
        {"k:int8 v:json t:timestamp[s]", "not_a_number"},
        {"k:int8 v:int8 t:int64", "not_a_time"},
        {"k:int8 v:int8 t:string", "not_a_time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_schema *in = schema_of(rows[i].description);
        cp_stage *stage;
        assert_int_equal(cp_stats_open(&plain, &stage, NULL), CP_OK);
        assert_no_bind(stage, in, rows[i].reason);
        stage->type->close(stage);
        cp_schema_free(in);
    }
}

/* A key may be called as a result column is, and may be the value itself. */
static void test_names_of_keys(void **state)
{
    (void)state;
    static const char *const names[] = {"count", "nulls", "min", "max", "mean", "stddev"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text description = {0};
        cp_stats_options options = {.by = names[i], .value = "v"};
        put(&description, "%s:int8 v:int8", names[i]);
        assert_stats(description.bytes, &options, "1 5\n", "1 1 0 5 5 5 null\n");
        text_free(&description);
    }
    cp_stats_options same = {.by = "v", .value = "v"};
    assert_stats("v:int8", &same, "2\n1\n2\n", "1 1 0 1 1 1 null\n2 2 0 2 2 2 0\n");
}

/* ---- figures ---- */

static void test_figures(void **state)
{
    (void)state;
    assert_stats("k:uint16 v:float64 t:timestamp[us]", &plain,
                 "2 1 100\n1 5 50\n2 2 90\n2 3 110\n1 7 60\n7 0.5 1\n",
                 "1 2 0 5 7 6 1.4142135623730951 50 60\n"
                 "2 3 0 1 3 2 1 90 110\n"
                 "7 1 0 0.5 0.5 0.5 null 1 1\n");
}

static void test_nulls_anywhere(void **state)
{
    (void)state;
    assert_stats("k:string v:int32 t:timestamp[s]", &plain,
                 "a 1 null\na null 5\nnull 2 7\nb null null\na 3 4\nnull null 9\n",
                 "'a' 2 1 1 3 2 1.4142135623730951 4 5\n"
                 "'b' 0 1 null null null null null null\n"
                 "null 1 1 2 2 2 null 7 9\n");
}

static void test_every_type_of_value(void **state)
{
    (void)state;
    static const struct {
        const char *type, *low, *high, *mean;
    } rows[] = {
        {"int8", "-128", "127", "-0.5"},
        {"int16", "-32768", "32767", "-0.5"},
        {"int32", "-2147483648", "2147483647", "-0.5"},
        {"int64", "-9223372036854775808", "9223372036854775807", "-0.5"},
        {"uint8", "0", "255", "127.5"},
        {"uint16", "0", "65535", "32767.5"},
        {"uint32", "0", "4294967295", "2147483647.5"},
        {"uint64", "0", "18446744073709551615", "9.2233720368547758e+18"},
        {"float32", "-1.5", "16777216", "8388607.25"},
        {"float64", "-1.7976931348623157e+308", "1.7976931348623157e+308", "0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int order = 0; order < 2; order++) {
            text description = {0}, in = {0}, out = {0};
            put(&description, "k:bool v:%s", rows[i].type);
            put(&in, "true %s\ntrue %s\n", order ? rows[i].low : rows[i].high,
                order ? rows[i].high : rows[i].low);
            put(&out, "true 2 0 %s %s %s ", rows[i].low, rows[i].high, rows[i].mean);
            reckoning r = reckoning_open(description.bytes, &timeless);
            cp_partial *partial = open_partial(r.stage);
            fold_text(r.stage, partial, r.in, in.bytes);
            text rows_out = emit_all(r.stage, partial, r.rows, 4);
            assert_memory_equal(rows_out.bytes, out.bytes, out.size);
            r.stage->type->partial_close(partial);
            reckoning_close(&r);
            text_free(&description);
            text_free(&in);
            text_free(&out);
            text_free(&rows_out);
        }
}

static void test_every_type_of_key(void **state)
{
    (void)state;
    assert_stats("k:enum v:int8", &timeless, "SHUT 1\nNEW 2\nnull 3\n",
                 "NEW 1 0 2 2 2 null\nSHUT 1 0 1 1 1 null\nnull 1 0 3 3 3 null\n");
    assert_stats("k:int64 v:int8", &timeless, "5 1\n-5 2\n",
                 "-5 1 0 2 2 2 null\n5 1 0 1 1 1 null\n");
    assert_stats("k:float64 v:int8", &timeless, "0 1\n-0 2\nnan 3\n",
                 "0 2 0 1 2 1.5 0.70710678118654757\nnan 1 0 3 3 3 null\n");
    assert_stats("k:timestamp[us] v:int8 t:timestamp[ns]", &plain, "7 1 8\n-7 1 9\n",
                 "-7 1 0 1 1 1 null 9 9\n7 1 0 1 1 1 null 8 8\n");
}

/* 64-bit integers stay exact in min and max, and equal ones have no deviation. */
static void test_large_integers(void **state)
{
    (void)state;
    assert_stats("k:bool v:int64", &timeless, "true 9007199254740993\ntrue 9007199254740993\n",
                 "true 2 0 9007199254740993 9007199254740993 9007199254740992 0\n");
    assert_stats("k:bool v:uint64", &timeless,
                 "true 18446744073709551615\ntrue 18446744073709551614\n",
                 "true 2 0 18446744073709551614 18446744073709551615 1.8446744073709552e+19 "
                 "0.70710678118654757\n");
}

/* Mean and deviation say nothing where a value is not finite. */
static void test_values_that_are_not_finite(void **state)
{
    (void)state;
    assert_stats("k:int8 v:float64", &timeless, "1 inf\n1 1\n2 nan\n2 5\n2 3\n3 1\n3 3\n",
                 "1 2 0 1 inf null null\n"
                 "2 3 0 3 5 null null\n"
                 "3 2 0 1 3 2 1.4142135623730951\n");
}

static void test_nothing(void **state)
{
    (void)state;
    assert_stats("k:int8 v:int8 t:timestamp[s]", &plain, "", "");
}

static void test_selection(void **state)
{
    (void)state;
    reckoning r = reckoning_open("k:int8 v:int8 t:timestamp[s]", &plain);
    cp_partial *partial = open_partial(r.stage);
    cp_batch batch = open_batch(r.in, 8);
    fill_batch(&batch, "1 1 1\n1 2 2\n1 3 3\n2 4 4\n1 null 5\n");
    static const uint32_t rows[] = {1, 2, 4};
    memcpy(batch.selection, rows, sizeof rows);
    batch.selects_all = false;
    batch.selection_count = 3;
    assert_int_equal(r.stage->type->fold(r.stage, partial, &batch, NULL), CP_OK);
    assert_emits(r.stage, partial, r.rows, "1 2 1 2 3 2.5 0.70710678118654757 2 5\n");
    cp_batch_close(&batch);
    r.stage->type->partial_close(partial);
    reckoning_close(&r);
}

static void test_time_range(void **state)
{
    (void)state;
    int64_t first, last;
    reckoning r = reckoning_open("k:int8 v:int8 t:timestamp[s]", &plain);
    cp_partial *partial = open_partial(r.stage);
    assert_false(cp_stats_time_range(partial, &first, &last));
    fold_text(r.stage, partial, r.in, "1 1 null\n");
    assert_false(cp_stats_time_range(partial, &first, &last));
    fold_text(r.stage, partial, r.in, "2 1 50\n1 1 -40\n3 null 60\n2 1 5\n");
    assert_true(cp_stats_time_range(partial, &first, &last));
    assert_int_equal(first, -40);
    assert_int_equal(last, 60);
    r.stage->type->partial_close(partial);
    reckoning_close(&r);
    r = reckoning_open("k:int8 v:int8", &timeless);
    partial = open_partial(r.stage);
    fold_text(r.stage, partial, r.in, "1 1\n");
    assert_false(cp_stats_time_range(partial, &first, &last));
    r.stage->type->partial_close(partial);
    reckoning_close(&r);
}

static void test_the_ends_of_time(void **state)
{
    (void)state;
    assert_stats("k:int8 v:int8 t:timestamp[ns]", &plain,
                 "1 1 9223372036854775807\n1 2 -9223372036854775808\n2 1 9223372036854775807\n"
                 "3 1 -9223372036854775808\n",
                 "1 2 0 1 2 1.5 0.70710678118654757 -9223372036854775808 9223372036854775807\n"
                 "2 1 0 1 1 1 null 9223372036854775807 9223372036854775807\n"
                 "3 1 0 1 1 1 null -9223372036854775808 -9223372036854775808\n");
}

/* ---- partials ---- */

static void test_combine(void **state)
{
    (void)state;
    reckoning r = reckoning_open("k:string v:float64 t:timestamp[s]", &plain);
    cp_partial *total = open_partial(r.stage), *part = open_partial(r.stage);
    combine_partials(r.stage, total, part);
    fold_text(r.stage, part, r.in, "a 1 10\nb null 20\nc nan 1\n");
    combine_partials(r.stage, total, part);
    combine_partials(r.stage, total, part);
    fold_text(r.stage, part, r.in, "b 5 null\na null 5\nc 2 2\n");
    fold_text(r.stage, part, r.in, "a 4 30\nnull 1 1\n");
    combine_partials(r.stage, total, part);
    assert_emits(r.stage, part, r.rows, "");
    assert_emits(r.stage, total, r.rows,
                 "'a' 2 1 1 4 2.5 2.1213203435596424 5 30\n"
                 "'b' 1 1 5 5 5 null 20 20\n"
                 "'c' 2 0 2 2 null null 1 2\n"
                 "null 1 0 1 1 1 null 1 1\n");
    r.stage->type->partial_close(total);
    total = open_partial(r.stage);
    fold_text(r.stage, part, r.in, "c 8 3\nd null 4\n");
    combine_partials(r.stage, total, part);
    assert_emits(r.stage, total, r.rows,
                 "'c' 1 0 8 8 8 null 3 3\n"
                 "'d' 0 1 null null null null 4 4\n");
    r.stage->type->partial_close(total);
    r.stage->type->partial_close(part);
    r.stage->type->partial_close(NULL);
    reckoning_close(&r);
}

static void test_combine_of_every_kind_of_value(void **state)
{
    (void)state;
    static const char *const types[] = {"int8", "uint8", "int64", "uint64", "float32", "float64"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        text description = {0};
        put(&description, "k:bool v:%s", types[i]);
        reckoning r = reckoning_open(description.bytes, &timeless);
        cp_partial *total = open_partial(r.stage), *part = open_partial(r.stage);
        static const char *const parts[] = {"true null\n", "true 5\n", "true 9\n", "true null\n",
                                            "true 1\n"};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            fold_text(r.stage, part, r.in, parts[k]);
            combine_partials(r.stage, total, part);
        }
        assert_emits(r.stage, total, r.rows, "true 3 2 1 9 5 4\n");
        r.stage->type->partial_close(total);
        r.stage->type->partial_close(part);
        reckoning_close(&r);
        text_free(&description);
    }
}

/* ---- against a plain second reckoning ---- */

enum { KEYS = 9000, BATCHES = 40, ROWS = 1000 };

typedef struct plain_slot {
    uint64_t count, nulls;
    int64_t sum, squares, min, max, first, last;
} plain_slot;

static void random_rows(cp_batch *batch, plain_slot *slots, size_t keys)
{
    cp_batch_reset(batch);
    for (; batch->rows < ROWS; batch->rows++) {
        uint32_t row = batch->rows, key = (uint32_t)random_below(keys);
        int64_t value = (int64_t)random_below(4001) - 2000, time = (int64_t)random_bits() >> 20;
        bool selected = random_below(4) > 0, is_null = random_below(5) == 0;
        set_integer(&batch->columns[0], row, key);
        set_integer(&batch->columns[2], row, (uint64_t)time);
        if (is_null)
            cp_column_set_null(&batch->columns[1], row);
        else
            ((double *)batch->columns[1].data)[row] = (double)value;
        if (!selected)
            continue;
        batch->selection[batch->selection_count++] = row;
        plain_slot *s = &slots[key];
        bool new_key = s->count + s->nulls == 0, first_value = s->count == 0;
        s->first = new_key || time < s->first ? time : s->first;
        s->last = new_key || time > s->last ? time : s->last;
        if (is_null) {
            s->nulls++;
            continue;
        }
        s->min = first_value || value < s->min ? value : s->min;
        s->max = first_value || value > s->max ? value : s->max;
        s->count++;
        s->sum += value;
        s->squares += value * value;
    }
    batch->selects_all = false;
}

static bool close_to(double got, double wanted)
{
    return fabs(got - wanted) <= 1e-13 * fabs(wanted);
}

static void check_row(const cp_batch *rows, uint32_t row, const plain_slot *s)
{
    const cp_column *c = rows->columns;
    double n = (double)s->count;
    assert_int_equal(((const uint64_t *)c[CP_STATS_COUNT].data)[row], s->count);
    assert_int_equal(((const uint64_t *)c[CP_STATS_NULLS].data)[row], s->nulls);
    assert_int_equal(((const int64_t *)c[CP_STATS_FIRST].data)[row], s->first);
    assert_int_equal(((const int64_t *)c[CP_STATS_LAST].data)[row], s->last);
    assert_int_equal(cp_column_is_valid(&c[CP_STATS_MEAN], row), s->count > 0);
    assert_int_equal(cp_column_is_valid(&c[CP_STATS_STDDEV], row), s->count > 1);
    if (s->count > 0) {
        assert_true(((const double *)c[CP_STATS_MIN].data)[row] == (double)s->min);
        assert_true(((const double *)c[CP_STATS_MAX].data)[row] == (double)s->max);
        assert_true(close_to(((const double *)c[CP_STATS_MEAN].data)[row], (double)s->sum / n));
    }
    if (s->count > 1) {
        int64_t whole = (int64_t)s->count * s->squares - s->sum * s->sum;
        double wanted = sqrt((double)whole / (n * (n - 1)));
        assert_true(close_to(((const double *)c[CP_STATS_STDDEV].data)[row], wanted));
    }
}

/* Emits everything: keys ascend, none is left out. */
static void check_result(const reckoning *r, cp_partial *partial, const plain_slot *slots,
                         size_t keys, uint32_t capacity)
{
    cp_batch rows = open_batch(r->rows, capacity);
    size_t key = 0;
    cp_rc rc;
    while ((rc = r->stage->type->emit(r->stage, partial, &rows, NULL)) == CP_OK)
        for (uint32_t row = 0; row < rows.rows; row++, key++) {
            while (key < keys && slots[key].count + slots[key].nulls == 0)
                key++;
            assert_true(key < keys);
            assert_int_equal(((const uint32_t *)rows.columns[CP_STATS_BY].data)[row], key);
            check_row(&rows, row, &slots[key]);
        }
    while (key < keys && slots[key].count + slots[key].nulls == 0)
        key++;
    assert_int_equal(rc, CP_END);
    assert_int_equal(key, keys);
    cp_batch_close(&rows);
}

static void check_random(size_t keys, uint32_t capacity)
{
    reckoning r = reckoning_open("k:uint32 v:float64 t:timestamp[us]", &plain);
    plain_slot *slots = calloc(keys, sizeof *slots);
    cp_partial *total = open_partial(r.stage), *part = open_partial(r.stage);
    cp_batch batch = open_batch(r.in, ROWS);
    assert_non_null(slots);
    for (int i = 0; i < BATCHES; i++) {
        random_rows(&batch, slots, keys);
        assert_int_equal(r.stage->type->fold(r.stage, part, &batch, NULL), CP_OK);
        if (random_below(3) == 0)
            combine_partials(r.stage, total, part);
    }
    combine_partials(r.stage, total, part);
    check_result(&r, total, slots, keys, capacity);
    cp_batch_close(&batch);
    r.stage->type->partial_close(total);
    r.stage->type->partial_close(part);
    reckoning_close(&r);
    free(slots);
}

static void test_against_a_plain_reckoning(void **state)
{
    (void)state;
    check_random(1, 1);
    check_random(10, 3);
    check_random(1000, CP_BATCH_ROWS);
    check_random(KEYS, CP_BATCH_ROWS);
}

/* The same parts in the same order give the same bits. */
static void test_same_bits_again(void **state)
{
    (void)state;
    text results[2] = {{0}, {0}};
    uint64_t seed = random_state;
    for (int run = 0; run < 2; run++) {
        random_state = seed;
        reckoning r = reckoning_open("k:uint8 v:float64", &timeless);
        cp_partial *total = open_partial(r.stage), *part = open_partial(r.stage);
        for (int i = 0; i < 20; i++) {
            cp_batch batch = open_batch(r.in, ROWS);
            for (; batch.rows < ROWS; batch.rows++) {
                set_integer(&batch.columns[0], batch.rows, random_below(5));
                ((double *)batch.columns[1].data)[batch.rows] =
                    ldexp((double)random_bits(), (int)random_below(40) - 80);
            }
            batch.selection_count = batch.rows;
            assert_int_equal(r.stage->type->fold(r.stage, part, &batch, NULL), CP_OK);
            combine_partials(r.stage, total, part);
            cp_batch_close(&batch);
        }
        results[run] = emit_all(r.stage, total, r.rows, run ? 1 : 100);
        r.stage->type->partial_close(total);
        r.stage->type->partial_close(part);
        reckoning_close(&r);
    }
    assert_string_equal(results[0].bytes, results[1].bytes);
    text_free(&results[0]);
    text_free(&results[1]);
}

static void test_memory_limit(void **state)
{
    (void)state;
    reckoning r = reckoning_open("k:uint32 v:float64 t:timestamp[us]", &plain);
    cp_partial *partial, *from = open_partial(r.stage);
    cp_batch batch = open_batch(r.in, ROWS);
    cp_error err = {0};
    cp_rc rc = CP_OK;
    assert_int_equal(r.stage->type->partial_open(r.stage, 1 << 20, &partial, NULL), CP_OK);
    for (uint32_t key = 0; rc == CP_OK && key < 1000000;) {
        cp_batch_reset(&batch);
        while (batch.rows < ROWS)
            set_integer(&batch.columns[0], batch.rows++, key++);
        batch.selection_count = batch.rows;
        assert_int_equal(r.stage->type->fold(r.stage, from, &batch, NULL), CP_OK);
        rc = r.stage->type->combine(r.stage, partial, from, &err);
    }
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "memory_limit");
    cp_batch_close(&batch);
    r.stage->type->partial_close(partial);
    r.stage->type->partial_close(from);
    reckoning_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bind),
        cmocka_unit_test(test_bind_to_what_does_not_fit),
        cmocka_unit_test(test_names_of_keys),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_nulls_anywhere),
        cmocka_unit_test(test_every_type_of_value),
        cmocka_unit_test(test_every_type_of_key),
        cmocka_unit_test(test_large_integers),
        cmocka_unit_test(test_values_that_are_not_finite),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_time_range),
        cmocka_unit_test(test_the_ends_of_time),
        cmocka_unit_test(test_combine),
        cmocka_unit_test(test_combine_of_every_kind_of_value),
        cmocka_unit_test_setup(test_against_a_plain_reckoning, start_random),
        cmocka_unit_test_setup(test_same_bits_again, start_random),
        cmocka_unit_test(test_memory_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
