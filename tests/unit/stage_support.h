/* Stages in tests: rows from a line of text each, and result rows back as text.
 *
 *   "NEW 1.5\nnull 2\n" -> batch -> fold into a partial -> combine -> emit -> "NEW 1 ...\n" */
#ifndef CP_TESTS_UNIT_STAGE_SUPPORT_H
#define CP_TESTS_UNIT_STAGE_SUPPORT_H

#include "pipeline/core/stage.h"
#include "tests/unit/support.h"

enum { PLENTY = 1 << 30 }; /* bytes of memory that no test needs */

static inline cp_batch open_batch(const cp_schema *schema, uint32_t capacity)
{
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, capacity, NULL), CP_OK);
    return batch;
}

static inline void set_integer(cp_column *column, uint32_t row, uint64_t bits)
{
    size_t width = cp_type_width(column->type);
    memcpy((uint8_t *)column->data + row * width, &bits, width); /* little-endian */
}

/* Readable beyond its end, as the cells of a batch are. */
static inline cp_span kept_text(cp_batch *batch, cp_span cell)
{
    uint8_t *copy = cp_arena_take(&batch->arena, cell.size);
    assert_non_null(copy);
    memcpy(copy, cell.data, cell.size);
    return (cp_span){copy, cell.size};
}

/* One cell from its text. */
static inline void set_cell(cp_batch *batch, size_t number, uint32_t row, cp_span cell)
{
    const cp_field *field = &batch->schema->fields[number];
    cp_column *column = &batch->columns[number];
    char spelled[64];
    snprintf(spelled, sizeof spelled, "%.*s", (int)cell.size, (const char *)cell.data);
    if (cp_span_equal(cell, cp_span_of("null")))
        cp_column_set_null(column, row);
    else if (field->type == CP_TYPE_FLOAT64)
        ((double *)column->data)[row] = strtod(spelled, NULL);
    else if (field->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = strtof(spelled, NULL);
    else if (field->type == CP_TYPE_STRING || field->type == CP_TYPE_JSON)
        ((cp_span *)column->data)[row] = kept_text(batch, cell);
    else if (field->type == CP_TYPE_ENUM)
        set_integer(column, row, (uint64_t)cp_names_find(field->symbol_codes, cell));
    else if (field->type == CP_TYPE_BOOL)
        set_integer(column, row, spelled[0] == 't');
    else if (cp_type_is_unsigned(field->type))
        set_integer(column, row, strtoull(spelled, NULL, 10));
    else
        set_integer(column, row, (uint64_t)strtoll(spelled, NULL, 10));
}

/* Fills the batch with rows as put_batch writes them, without quotes; `rows` must outlive it. Cells
 * of unwanted fields are "-". */
static inline void fill_batch(cp_batch *batch, const char *rows)
{
    cp_batch_reset(batch);
    while (*rows) {
        assert_true(batch->rows < batch->capacity);
        for (size_t i = 0; i < batch->schema->field_count; i++) {
            size_t size = strcspn(rows, " \n");
            if (batch->columns[i].data)
                set_cell(batch, i, batch->rows, (cp_span){(const uint8_t *)rows, size});
            assert_true(rows[size] != '\0');
            rows += size + 1;
        }
        batch->rows++;
    }
    batch->selection_count = batch->rows;
}

static inline cp_schema *bind_stage(cp_stage *stage, cp_schema *in)
{
    cp_schema *rows;
    cp_error err = {0};
    for (size_t i = 0; i < in->field_count; i++)
        in->fields[i].wanted = false;
    assert_int_equal(cp_schema_new("rows", &rows, NULL), CP_OK);
    if (stage->type->bind(stage, in, rows, &err) != CP_OK)
        fail_msg("bind: %s", err.message);
    return rows;
}

/* Binding fails with CP_E_CONFIG for this reason. */
static inline void assert_no_bind(cp_stage *stage, cp_schema *in, const char *reason)
{
    cp_schema *rows;
    cp_error err = {0};
    assert_int_equal(cp_schema_new("rows", &rows, NULL), CP_OK);
    assert_int_equal(stage->type->bind(stage, in, rows, &err), CP_E_CONFIG);
    assert_string_equal(err.reason, reason);
    assert_true(err.message[0] != '\0');
    cp_schema_free(rows);
}

static inline cp_partial *open_partial(const cp_stage *stage)
{
    cp_partial *partial;
    assert_int_equal(stage->type->partial_open(stage, PLENTY, &partial, NULL), CP_OK);
    assert_ptr_equal(partial->type, stage->type);
    return partial;
}

static inline void fold_text(const cp_stage *stage, cp_partial *partial, const cp_schema *schema,
                             const char *rows)
{
    cp_batch batch = open_batch(schema, CP_BATCH_ROWS);
    fill_batch(&batch, rows);
    assert_int_equal(stage->type->fold(stage, partial, &batch, NULL), CP_OK);
    cp_batch_close(&batch);
}

static inline void combine_partials(const cp_stage *stage, cp_partial *into, cp_partial *from)
{
    assert_int_equal(stage->type->combine(stage, into, from, NULL), CP_OK);
}

/* All result rows, `capacity` at a time; the end is told again when asked again. */
static inline text emit_all(const cp_stage *stage, cp_partial *partial, const cp_schema *schema,
                            uint32_t capacity)
{
    text out = {0};
    cp_batch rows = open_batch(schema, capacity);
    cp_rc rc;
    while ((rc = stage->type->emit(stage, partial, &rows, NULL)) == CP_OK) {
        assert_true(rows.rows > 0);
        put_batch(&out, &rows);
    }
    assert_int_equal(rc, CP_END);
    assert_int_equal(rows.rows, 0);
    assert_int_equal(stage->type->emit(stage, partial, &rows, NULL), CP_END);
    cp_batch_close(&rows);
    return out;
}

/* The partial's result rows, which uses them up. */
static inline void assert_emits(const cp_stage *stage, cp_partial *partial, const cp_schema *schema,
                                const char *rows)
{
    text out = emit_all(stage, partial, schema, CP_BATCH_ROWS);
    assert_string_equal(shown(&out), rows);
    text_free(&out);
}

#endif
