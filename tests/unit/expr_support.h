/* Conditions in tests: rows from text (stage_support.h), kept rows as text. */
#ifndef CP_TESTS_UNIT_EXPR_SUPPORT_H
#define CP_TESTS_UNIT_EXPR_SUPPORT_H

#include "pipeline/expr/expr.h"
#include "tests/unit/stage_support.h"

static inline cp_expr *parse_condition(const char *condition)
{
    cp_expr *expr = NULL;
    cp_error err = {0};
    if (cp_expr_parse(cp_span_of(condition), &expr, &err) != CP_OK)
        fail_msg("%s: %s", condition, err.message);
    return expr;
}

/* Narrows the batch's selection, whose schema is not const as it is bound to. */
static inline cp_rc filter_batch(cp_schema *schema, cp_batch *batch, const char *condition,
                                 cp_error *err)
{
    cp_expr *expr = parse_condition(condition);
    cp_filter *filter = NULL;
    cp_filter_scratch *scratch = NULL;
    cp_rc rc = cp_filter_bind(expr, schema, &filter, err);
    if (rc)
        fail_msg("%s: %s", condition, err->message);
    assert_int_equal(cp_filter_scratch_open(filter, &scratch, err), CP_OK);
    rc = cp_filter_apply(filter, scratch, batch, err);
    cp_filter_scratch_close(scratch);
    cp_filter_free(filter);
    cp_expr_free(expr);
    return rc;
}

/* Row numbers parted by spaces; checks what must hold of a selection. */
static inline void put_selection(text *out, const cp_batch *batch)
{
    assert_int_equal(batch->selects_all, batch->selection_count == batch->rows);
    for (uint32_t i = 0; i < batch->selection_count; i++) {
        uint32_t row = batch->selects_all ? i : batch->selection[i];
        assert_true(row < batch->rows);
        assert_true(batch->selects_all || i == 0 || batch->selection[i - 1] < row);
        put(out, "%s%u", i ? " " : "", row);
    }
}

/* Which of `rows` the condition keeps. */
static inline void assert_kept(const char *description, const char *rows, const char *condition,
                               const char *wanted)
{
    cp_schema *schema = schema_of(description);
    cp_batch batch = open_batch(schema, 64);
    cp_error err = {0};
    text out = {0};
    fill_batch(&batch, rows);
    if (filter_batch(schema, &batch, condition, &err) != CP_OK)
        fail_msg("%s: %s", condition, err.message);
    put_selection(&out, &batch);
    if (strcmp(shown(&out), wanted) != 0)
        fail_msg("%s keeps \"%s\", not \"%s\"", condition, shown(&out), wanted);
    text_free(&out);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

#endif
