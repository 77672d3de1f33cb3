/* stages/count.h through the contract of a stage (pipeline/core/stage.h). */
#include "stages/count.h"
#include "tests/unit/stage_support.h"

/* A count by `by` over rows of the described schema, bound. */
typedef struct counting {
    cp_schema *in, *rows;
    cp_stage *stage;
} counting;

static counting counting_open(const char *description, const char *by)
{
    counting c = {.in = schema_of(description)};
    cp_count_options options = {.by = by};
    assert_int_equal(cp_count_open(&options, &c.stage, NULL), CP_OK);
    assert_string_equal(c.stage->type->name, "count");
    assert_int_equal(c.stage->type->kind, CP_STAGE_FOLD);
    c.rows = bind_stage(c.stage, c.in);
    return c;
}

static void counting_close(counting *c)
{
    c->stage->type->close(c->stage);
    cp_schema_free(c->rows);
    cp_schema_free(c->in);
}

static void assert_counts(const char *description, const char *by, const char *in, const char *out)
{
    counting c = counting_open(description, by);
    cp_partial *partial = open_partial(c.stage);
    fold_text(c.stage, partial, c.in, in);
    assert_emits(c.stage, partial, c.rows, out);
    c.stage->type->partial_close(partial);
    counting_close(&c);
}

static void test_bind(void **state)
{
    (void)state;
    counting c = counting_open("id:string at:timestamp[ms] n:int8", "at");
    assert_false(c.in->fields[0].wanted);
    assert_true(c.in->fields[1].wanted);
    assert_false(c.in->fields[2].wanted);
    assert_int_equal(c.rows->field_count, 2);
    assert_string_equal(c.rows->fields[0].name, "at");
    assert_int_equal(c.rows->fields[0].type, CP_TYPE_TIMESTAMP);
    assert_int_equal(c.rows->fields[0].unit, CP_UNIT_MS);
    assert_string_equal(c.rows->fields[1].name, "count");
    assert_int_equal(c.rows->fields[1].type, CP_TYPE_UINT64);
    counting_close(&c);
}

static void test_bind_to_no_field(void **state)
{
    (void)state;
    cp_stage *stage;
    cp_count_options options = {.by = "status"};
    cp_schema *in = schema_of("id:string");
    assert_int_equal(cp_count_open(&options, &stage, NULL), CP_OK);
    assert_no_bind(stage, in, "no_such_field");
    stage->type->close(stage);
    cp_schema_free(in);
}

/* A field may be called as the result column is. */
static void test_a_field_called_count(void **state)
{
    (void)state;
    assert_counts("count:int8", "count", "1\n2\n1\n", "1 2\n2 1\n");
}

static void test_every_type(void **state)
{
    (void)state;
    assert_counts("s:enum", "s", "SHUT\nNEW\nnull\nSHUT\n", "NEW 1\nSHUT 2\nnull 1\n");
    assert_counts("s:string", "s", "b\na\nnull\nb\nab\n", "'a' 1\n'ab' 1\n'b' 2\nnull 1\n");
    assert_counts("s:int8", "s", "1\n-1\n1\nnull\nnull\n", "-1 1\n1 2\nnull 2\n");
    assert_counts("s:uint64", "s", "18446744073709551615\n0\n", "0 1\n18446744073709551615 1\n");
    assert_counts("s:float64", "s", "1.5\n-0\n0\nnan\n", "0 2\n1.5 1\nnan 1\n");
    assert_counts("s:bool", "s", "true\nfalse\ntrue\n", "false 1\ntrue 2\n");
    assert_counts("s:timestamp[us]", "s", "5\n-5\n5\n", "-5 1\n5 2\n");
    assert_counts("s:json", "s", "[]\n{}\n[]\n", "'[]' 2\n'{}' 1\n");
}

static void test_unwanted_neighbours(void **state)
{
    (void)state;
    assert_counts("a:string s:enum b:float64", "s", "- NEW -\n- NEW -\n", "NEW 2\n");
}

static void test_nothing(void **state)
{
    (void)state;
    assert_counts("s:enum", "s", "", "");
}

static void test_selection(void **state)
{
    (void)state;
    counting c = counting_open("s:enum", "s");
    cp_partial *partial = open_partial(c.stage);
    cp_batch batch = open_batch(c.in, 8);
    fill_batch(&batch, "NEW\nOPEN\nNEW\nnull\nSHUT\n");
    static const uint32_t rows[] = {0, 2, 3};
    memcpy(batch.selection, rows, sizeof rows);
    batch.selects_all = false;
    batch.selection_count = 3;
    assert_int_equal(c.stage->type->fold(c.stage, partial, &batch, NULL), CP_OK);
    batch.selection_count = 0;
    assert_int_equal(c.stage->type->fold(c.stage, partial, &batch, NULL), CP_OK);
    assert_emits(c.stage, partial, c.rows, "NEW 2\nnull 1\n");
    cp_batch_close(&batch);
    c.stage->type->partial_close(partial);
    counting_close(&c);
}

/* `from` is empty after a combine, and is folded into again. */
static void test_combine(void **state)
{
    (void)state;
    counting c = counting_open("s:string", "s");
    cp_partial *total = open_partial(c.stage), *part = open_partial(c.stage);
    combine_partials(c.stage, total, part);
    fold_text(c.stage, part, c.in, "b\na\nnull\n");
    combine_partials(c.stage, total, part);
    combine_partials(c.stage, total, part);
    fold_text(c.stage, part, c.in, "a\nc\n");
    fold_text(c.stage, part, c.in, "a\nnull\n");
    combine_partials(c.stage, total, part);
    assert_emits(c.stage, part, c.rows, "");
    assert_emits(c.stage, total, c.rows, "'a' 3\n'b' 1\n'c' 1\nnull 2\n");
    c.stage->type->partial_close(total);
    total = open_partial(c.stage);
    fold_text(c.stage, part, c.in, "c\nd\n");
    combine_partials(c.stage, total, part);
    assert_emits(c.stage, total, c.rows, "'c' 1\n'd' 1\n");
    c.stage->type->partial_close(total);
    c.stage->type->partial_close(part);
    c.stage->type->partial_close(NULL);
    counting_close(&c);
}

enum { KEYS = 10000 };

/* More keys than a batch holds, in several batches; any capacity gives the same rows. */
static void test_more_rows_than_a_batch(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {1, 7, CP_BATCH_ROWS, 2 * KEYS};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        counting c = counting_open("s:uint32", "s");
        cp_partial *total = open_partial(c.stage), *part = open_partial(c.stage);
        cp_batch batch = open_batch(c.in, 1000);
        text wanted = {0};
        for (uint32_t key = 0; key < KEYS; key++)
            put(&wanted, "%u %d\n", key, key < 3000 ? 2 : 1);
        for (uint32_t n = 0; n < KEYS + 3000; n++) {
            ((uint32_t *)batch.columns[0].data)[batch.rows++] =
                n < KEYS ? n * 7919 % KEYS : n - KEYS;
            batch.selection_count = batch.rows;
            if (batch.rows < batch.capacity)
                continue;
            assert_int_equal(c.stage->type->fold(c.stage, part, &batch, NULL), CP_OK);
            combine_partials(c.stage, total, part);
            cp_batch_reset(&batch);
        }
        text out = emit_all(c.stage, total, c.rows, capacities[i]);
        assert_string_equal(shown(&out), wanted.bytes);
        text_free(&out);
        text_free(&wanted);
        cp_batch_close(&batch);
        c.stage->type->partial_close(total);
        c.stage->type->partial_close(part);
        counting_close(&c);
    }
}

/* Texts outlive the batches that they came in. */
static void test_texts_outlive_their_batch(void **state)
{
    (void)state;
    counting c = counting_open("s:string", "s");
    cp_partial *partial = open_partial(c.stage);
    for (int i = 0; i < 3; i++) {
        char *rows = strdup("first\nsecond\nfirst\n");
        assert_non_null(rows);
        fold_text(c.stage, partial, c.in, rows);
        memset(rows, '#', strlen(rows));
        free(rows);
    }
    assert_emits(c.stage, partial, c.rows, "'first' 6\n'second' 3\n");
    c.stage->type->partial_close(partial);
    counting_close(&c);
}

static void test_memory_limit(void **state)
{
    (void)state;
    counting c = counting_open("s:uint32", "s");
    cp_partial *partial;
    cp_batch batch = open_batch(c.in, CP_BATCH_ROWS);
    cp_error err = {0};
    cp_rc rc = CP_OK;
    uint32_t key = 0;
    assert_int_equal(c.stage->type->partial_open(c.stage, 1 << 18, &partial, NULL), CP_OK);
    while (rc == CP_OK && key < 1000000) {
        cp_batch_reset(&batch);
        while (batch.rows < batch.capacity)
            ((uint32_t *)batch.columns[0].data)[batch.rows++] = key++;
        batch.selection_count = batch.rows;
        rc = c.stage->type->fold(c.stage, partial, &batch, &err);
    }
    assert_int_equal(rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "memory_limit");
    cp_batch_close(&batch);
    c.stage->type->partial_close(partial);
    counting_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bind),
        cmocka_unit_test(test_bind_to_no_field),
        cmocka_unit_test(test_a_field_called_count),
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_unwanted_neighbours),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_selection),
        cmocka_unit_test(test_combine),
        cmocka_unit_test(test_more_rows_than_a_batch),
        cmocka_unit_test(test_texts_outlive_their_batch),
        cmocka_unit_test(test_memory_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
