/* pipeline/core/batch.h: columns for the wanted fields only, validity, resets and selections,
 * strings in the arena, and memory that runs out. */
#include "pipeline/core/batch.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/random.h"

#include <stdio.h>

static const cp_type types[] = {
    CP_TYPE_BOOL,    CP_TYPE_INT8,   CP_TYPE_INT16,  CP_TYPE_INT32,     CP_TYPE_INT64,
    CP_TYPE_UINT8,   CP_TYPE_UINT16, CP_TYPE_UINT32, CP_TYPE_UINT64,    CP_TYPE_FLOAT32,
    CP_TYPE_FLOAT64, CP_TYPE_STRING, CP_TYPE_ENUM,   CP_TYPE_TIMESTAMP, CP_TYPE_JSON,
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

/* One field of each type; every third is not wanted. */
static cp_schema *open_schema(void)
{
    cp_schema *schema;
    assert_int_equal(cp_schema_new("each", &schema, NULL), CP_OK);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%zu", i);
        cp_field *field;
        assert_int_equal(cp_schema_add(schema, name, types[i], &field, NULL), CP_OK);
        field->wanted = i % 3 != 2;
    }
    return schema;
}

static void test_columns(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {1, 63, 64, 65, 1000, CP_BATCH_ROWS};
    cp_schema *schema = open_schema();
    for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
        cp_batch batch;
        assert_int_equal(cp_batch_open(&batch, schema, capacities[c], NULL), CP_OK);
        assert_ptr_equal(batch.schema, schema);
        assert_int_equal(batch.capacity, capacities[c]);
        for (size_t i = 0; i < TYPE_COUNT; i++) {
            const cp_column *column = &batch.columns[i];
            assert_int_equal(column->type, types[i]);
            assert_int_equal(column->data != NULL, schema->fields[i].wanted);
            if (column->data) /* all of it is ours to write; a sanitizer sees if not */
                memset(column->data, 0xa5, cp_type_width(types[i]) * capacities[c]);
        }
        memset(batch.selection, 0, capacities[c] * sizeof *batch.selection);
        cp_batch_close(&batch);
    }
    cp_schema_free(schema);
}

static void test_opens_empty(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 70, NULL), CP_OK);
    assert_int_equal(batch.rows, 0);
    assert_int_equal(batch.selection_count, 0);
    assert_true(batch.selects_all);
    for (uint32_t row = 0; row < 70; row++)
        assert_true(cp_column_is_valid(&batch.columns[0], row));
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_closing_twice(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 70, NULL), CP_OK);
    assert_non_null(cp_arena_take(&batch.arena, 100));
    cp_batch_close(&batch);
    assert_null(batch.columns);
    assert_null(batch.schema);
    assert_int_equal(batch.capacity, 0);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Random nulls against a plain array of truth values, over many rounds of one batch. */
static void test_validity(void **state)
{
    (void)state;
    enum { ROWS = 200, ROUNDS = 100 };
    random_start(UINT64_C(20260202));
    cp_schema *schema = open_schema();
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, ROWS, NULL), CP_OK);
    for (int round = 0; round < ROUNDS; round++) {
        bool null[TYPE_COUNT][ROWS] = {{false}};
        uint64_t rarity = 1 + random_below(300);
        for (size_t i = 0; i < TYPE_COUNT; i++) {
            uint32_t nulls = 0;
            for (uint32_t row = 0; row < ROWS && batch.columns[i].data; row++) {
                null[i][row] = random_below(rarity) == 0;
                if (null[i][row])
                    cp_column_set_null(&batch.columns[i], row);
                nulls += null[i][row];
            }
            assert_int_equal(batch.columns[i].null_count, nulls);
        }
        for (size_t i = 0; i < TYPE_COUNT; i++)
            for (uint32_t row = 0; row < ROWS; row++)
                assert_int_equal(cp_column_is_valid(&batch.columns[i], row), !null[i][row]);
        cp_batch_reset(&batch);
        for (size_t i = 0; i < TYPE_COUNT; i++)
            assert_int_equal(batch.columns[i].null_count, 0);
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* The bits themselves are valid again, not only counted so. */
static void test_reset_sets_all_bits(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 130, NULL), CP_OK);
    for (uint32_t row = 0; row < 130; row++)
        cp_column_set_null(&batch.columns[0], row);
    cp_batch_reset(&batch);
    cp_column_set_null(&batch.columns[0], 5);
    for (uint32_t row = 0; row < 130; row++)
        assert_int_equal(cp_column_is_valid(&batch.columns[0], row), row != 5);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_reset_forgets_rows_and_selection(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 10, NULL), CP_OK);
    batch.rows = 10;
    batch.selects_all = false;
    batch.selection_count = 3;
    void *text = cp_arena_take(&batch.arena, 100);
    cp_batch_reset(&batch);
    assert_int_equal(batch.rows, 0);
    assert_true(batch.selects_all);
    assert_int_equal(batch.selection_count, 0);
    assert_ptr_equal(cp_arena_take(&batch.arena, 100), text);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_no_fields(void **state)
{
    (void)state;
    cp_schema *schema;
    assert_int_equal(cp_schema_new("none", &schema, NULL), CP_OK);
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, 10, NULL), CP_OK);
    cp_batch_reset(&batch);
    assert_true(batch.selects_all);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Every allocation of the opening fails once; nothing is left behind. */
static void test_no_memory(void **state)
{
    (void)state;
    cp_schema *schema = open_schema();
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_batch batch;
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = cp_batch_open(&batch, schema, 100, &err);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_int_equal(err.rc, rc);
        if (failed)
            assert_null(batch.columns);
        cp_batch_close(&batch); /* harmless after a failure */
    }
    assert_true(failures >= TYPE_COUNT);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_opens_empty),
        cmocka_unit_test(test_closing_twice),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_reset_sets_all_bits),
        cmocka_unit_test(test_reset_forgets_rows_and_selection),
        cmocka_unit_test(test_no_fields),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
