/* Conditions of any bytes over rows of every type: refused with a place, or evaluated; and then no
 * row is kept by both a condition and its opposite, or by neither and IS NULL not either. */
#include "pipeline/expr/expr.h"
#include "tests/fuzz/support.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 1100, TEXTS = 5 }; /* more than a frame */

typedef struct rows {
    cp_schema *schema;
    cp_batch batch;
} rows;

static void add_fields(cp_schema *schema)
{
    static const char *const names[] = {"b",   "i8", "i16", "i32", "i64", "u8", "u16", "u32",
                                        "u64", "f",  "d",   "s",   "e",   "t",  "j"};
    const cp_span symbols[] = {cp_span_of("A"), cp_span_of("BB"), cp_span_of("C")};
    for (cp_type type = CP_TYPE_BOOL; type <= CP_TYPE_JSON; type++) {
        cp_field *field;
        CHECK(cp_schema_add(schema, names[type], type, &field, NULL) == CP_OK);
        field->unit = CP_UNIT_MS;
        if (type == CP_TYPE_ENUM)
            CHECK(cp_field_set_symbols(field, symbols, 3, NULL) == CP_OK);
    }
}

/* What lies under a null is not to be read: for texts and codes it is what would be noticed. */
static void fill(cp_column *column, uint32_t row)
{
    static const char *const texts[TEXTS] = {"", "A", "a%b", "\xc3\xa4_", "a text of many bytes"};
    uint64_t value = row % 3 ? (uint64_t)row - 7 : UINT64_C(1) << row % 64;
    bool is_null = row % 11 == column->type % 11;
    if (is_null)
        cp_column_set_null(column, row);
    if (column->type == CP_TYPE_STRING || column->type == CP_TYPE_JSON)
        ((cp_span *)column->data)[row] =
            is_null ? (cp_span){(const uint8_t *)1, SIZE_MAX / 2} : cp_span_of(texts[row % TEXTS]);
    else if (column->type == CP_TYPE_ENUM)
        ((uint16_t *)column->data)[row] = is_null ? UINT16_MAX : (uint16_t)(row % 3);
    else if (column->type == CP_TYPE_FLOAT64)
        ((double *)column->data)[row] = row % 13 ? (double)(int64_t)value / 4 : NAN;
    else if (column->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = row % 13 ? (float)value / 4 : INFINITY;
    else if (column->type == CP_TYPE_BOOL)
        ((uint8_t *)column->data)[row] = value & 1;
    else
        memcpy((uint8_t *)column->data + row * cp_type_width(column->type), &value,
               cp_type_width(column->type));
}

static rows make_rows(void)
{
    rows made;
    CHECK(cp_schema_new("rows", &made.schema, NULL) == CP_OK);
    add_fields(made.schema);
    CHECK(cp_batch_open(&made.batch, made.schema, ROWS, NULL) == CP_OK);
    for (size_t i = 0; i < made.schema->field_count; i++)
        for (uint32_t row = 0; row < ROWS; row++)
            fill(&made.batch.columns[i], row);
    made.batch.rows = ROWS;
    return made;
}

/* How many rows are kept, by "before (text) behind"; false where it is refused. */
static bool count_kept(rows *of, const char *before, cp_span text, const char *behind,
                       uint32_t *kept, cp_rc *rc)
{
    size_t size = strlen(before) + text.size + strlen(behind);
    uint8_t *whole = malloc(size + 1);
    CHECK(whole != NULL);
    memcpy(whole, before, strlen(before));
    memcpy(whole + strlen(before), text.data, text.size);
    memcpy(whole + strlen(before) + text.size, behind, strlen(behind));
    cp_expr *expr = NULL;
    cp_filter *filter = NULL;
    cp_filter_scratch *scratch = NULL;
    cp_error err = {0};
    *rc = cp_expr_parse((cp_span){whole, size}, &expr, &err);
    if (!*rc)
        *rc = cp_filter_bind(expr, of->schema, &filter, &err);
    if (!*rc)
        *rc = cp_filter_scratch_open(filter, &scratch, &err);
    of->batch.selects_all = true;
    of->batch.selection_count = ROWS;
    if (!*rc)
        *rc = cp_filter_apply(filter, scratch, &of->batch, &err);
    if (*rc)
        cp_fuzz_check_error(*rc, &err);
    *kept = of->batch.selection_count;
    cp_filter_scratch_close(scratch);
    cp_filter_free(filter);
    cp_expr_free(expr);
    free(whole);
    return *rc == CP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rows of;
    static const uint8_t nothing[1];
    cp_span text = {size ? data : nothing, size};
    uint32_t kept, against, unknown;
    cp_rc rc;
    if (!of.schema)
        of = make_rows();
    if (!count_kept(&of, "", text, "", &kept, &rc)) {
        CHECK(rc == CP_E_USAGE || rc == CP_E_DATA);
        return 0;
    }
    /* In parentheses it may be nested too deeply, or too long. */
    if (count_kept(&of, "NOT (", text, ")", &against, &rc) &&
        count_kept(&of, "(", text, ") IS NULL", &unknown, &rc))
        CHECK(kept + against + unknown == ROWS);
    return 0;
}
