/* Comparisons: of a field with a constant straight over the column where its type allows, else of
 * registers. */
#include "pipeline/core/checked.h"
#include "pipeline/expr/complain.h"
#include "pipeline/expr/operand.h"

#include <stdio.h>

/* ---- what goes with what ---- */

static bool is_textual(const cp_operand *operand)
{
    return operand->kind == CP_KIND_TEXT || operand->kind == CP_KIND_ENUM ||
           operand->kind == CP_KIND_JSON;
}

static bool same_symbols(const cp_field *a, const cp_field *b)
{
    bool same = a->symbol_count == b->symbol_count;
    for (size_t i = 0; same && i < a->symbol_count; i++)
        same = cp_span_equal(a->symbols[i], b->symbols[i]);
    return same;
}

/* An enum's order is that of its symbols: with a symbol, or with an enum of the same ones. */
static bool have_order(const cp_binder *b, const cp_operand *left, const cp_operand *right)
{
    if (left->kind == CP_KIND_JSON || right->kind == CP_KIND_JSON)
        return false;
    if (left->kind == CP_KIND_ENUM && right->kind == CP_KIND_ENUM)
        return same_symbols(cp_operand_field(b, left), cp_operand_field(b, right));
    if (left->kind == CP_KIND_ENUM)
        return cp_is_constant(right);
    return right->kind != CP_KIND_ENUM || cp_is_constant(left);
}

cp_rc cp_check_compare(cp_binder *b, cp_compare compare, uint32_t at, const cp_operand *left,
                       const cp_operand *right)
{
    char first[CP_DESCRIPTION_BYTES], second[CP_DESCRIPTION_BYTES];
    if (left->kind == CP_KIND_NULL || right->kind == CP_KIND_NULL)
        return CP_OK;
    bool numbers = cp_is_number(left) && cp_is_number(right);
    bool texts = is_textual(left) && is_textual(right);
    if (!numbers && !texts && left->kind != right->kind) {
        bool time_as_text = (left->kind == CP_KIND_TIME && right->kind == CP_KIND_TEXT) ||
                            (left->kind == CP_KIND_TEXT && right->kind == CP_KIND_TIME);
        return cp_complain(b->err, b->expr->text, at, "type_mismatch",
                           "%s does not compare with %s%s", cp_operand_describe(b, left, first),
                           cp_operand_describe(b, right, second),
                           time_as_text ? "; a time is written as TIMESTAMP '...'" : "");
    }
    bool equality = compare == CP_COMPARE_EQ || compare == CP_COMPARE_NE;
    if (texts && !equality && !have_order(b, left, right))
        return cp_complain(b->err, b->expr->text, at, "type_mismatch",
                           "%s and %s have no order in common; = and <> compare them",
                           cp_operand_describe(b, left, first),
                           cp_operand_describe(b, right, second));
    return CP_OK;
}

/* ---- enums ---- */

static cp_rc complain_symbol(const cp_binder *b, const cp_field *field, const cp_operand *symbol)
{
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < field->symbol_count; i++) {
        int n = snprintf(list + used, sizeof list - used, "%s%.*s", i ? ", " : "",
                         (int)field->symbols[i].size, (const char *)field->symbols[i].data);
        if ((size_t)n >= sizeof list - used) {
            snprintf(list + used, sizeof list - used, "%s", used + 5 < sizeof list ? ", ..." : "");
            break;
        }
        used += (size_t)n;
    }
    return cp_complain(b->err, b->expr->text, symbol->at, "unknown_symbol",
                       "\"%s\" has no symbol of this name; it has %s", field->name, list);
}

cp_rc cp_code_of(cp_binder *b, const cp_operand *left, const cp_operand *symbol, int32_t *out)
{
    const cp_field *field = cp_operand_field(b, left);
    *out = cp_names_find(field->symbol_codes, symbol->constant.text);
    return *out == CP_NAME_ABSENT ? complain_symbol(b, field, symbol) : CP_OK;
}

cp_rc cp_put_table(cp_binder *b, const cp_operand *of, cp_operand *out, uint8_t **table)
{
    cp_step step = {.run = cp_table_of_code, .field = of->field, .at = of->at};
    cp_rc rc = cp_calloc(cp_operand_field(b, of)->symbol_count, 1, &step.table, b->err);
    if (rc)
        return rc;
    *table = step.table;
    return cp_put_field_step(b, step, out);
}

static cp_rc compare_symbol(cp_binder *b, cp_compare compare, const cp_operand *left,
                            const cp_operand *right, cp_operand *out)
{
    int32_t wanted;
    uint8_t *table;
    cp_rc rc = cp_code_of(b, left, right, &wanted);
    if (!rc)
        rc = cp_put_table(b, left, out, &table);
    if (rc)
        return rc;
    int32_t count = (int32_t)cp_operand_field(b, left)->symbol_count;
    for (int32_t code = 0; code < count; code++)
        table[code] = cp_compare_truth(compare, (code > wanted) - (code < wanted));
    return CP_OK;
}

/* Two enums by their codes. */
static cp_rc compare_codes(cp_binder *b, cp_step step, const cp_operand *left,
                           const cp_operand *right, uint32_t floor, cp_operand *out)
{
    cp_operand a, second;
    cp_rc rc = cp_load_operand(b, left, true, &a);
    if (!rc)
        rc = cp_load_operand(b, right, true, &second);
    step.run = cp_compare_wholes;
    return rc ? rc : cp_put_step(b, step, CP_KIND_TRUTH, &a, &second, floor, out);
}

/* ---- the cheapest step ---- */

/* a < b is b > a. */
static cp_compare mirrored(cp_compare compare)
{
    static const cp_compare table[] = {
        [CP_COMPARE_EQ] = CP_COMPARE_EQ, [CP_COMPARE_NE] = CP_COMPARE_NE,
        [CP_COMPARE_LT] = CP_COMPARE_GT, [CP_COMPARE_LE] = CP_COMPARE_GE,
        [CP_COMPARE_GT] = CP_COMPARE_LT, [CP_COMPARE_GE] = CP_COMPARE_LE,
    };
    return table[compare];
}

static bool is_threshold(const cp_operand *operand)
{
    return cp_is_constant(operand) &&
           (operand->kind != CP_KIND_FLOAT || operand->constant.real == operand->constant.real);
}

static cp_rc compare_threshold(cp_binder *b, cp_step step, const cp_operand *left,
                               const cp_operand *right, cp_operand *out)
{
    const cp_field *field = cp_operand_field(b, left);
    cp_threshold threshold = {.is_float = right->kind == CP_KIND_FLOAT};
    if (threshold.is_float)
        threshold.real = right->constant.real;
    else
        threshold.whole = right->constant.whole;
    step.run = cp_range_of(field->type);
    step.field = left->field;
    step.bounds = cp_bounds_make(field, step.compare, &threshold);
    return cp_put_field_step(b, step, out);
}

/* Numbers and times. */
static cp_rc compare_numbers(cp_binder *b, cp_step step, const cp_operand *left,
                             const cp_operand *right, uint32_t floor, cp_operand *out)
{
    if (left->place == CP_IN_FIELD && is_threshold(right))
        return compare_threshold(b, step, left, right, out);
    bool left_is_float = left->kind == CP_KIND_FLOAT, right_is_float = right->kind == CP_KIND_FLOAT;
    step.run = left_is_float && right_is_float     ? cp_compare_floats
               : !left_is_float && !right_is_float ? cp_compare_wholes
                                                   : cp_compare_whole_float;
    if (!left_is_float || right_is_float)
        return cp_put_step(b, step, CP_KIND_TRUTH, left, right, floor, out);
    step.compare = mirrored(step.compare);
    return cp_put_step(b, step, CP_KIND_TRUTH, right, left, floor, out);
}

static cp_rc compare_texts(cp_binder *b, cp_step step, const cp_operand *left,
                           const cp_operand *right, uint32_t floor, cp_operand *out)
{
    bool equality = step.compare == CP_COMPARE_EQ || step.compare == CP_COMPARE_NE;
    if (left->kind == CP_KIND_ENUM && cp_is_constant(right))
        return compare_symbol(b, step.compare, left, right, out);
    if (!equality && left->kind == CP_KIND_ENUM)
        return compare_codes(b, step, left, right, floor, out);
    step.run = equality ? cp_equal_texts : cp_compare_texts;
    return cp_put_step(b, step, CP_KIND_TRUTH, left, right, floor, out);
}

cp_rc cp_put_compare(cp_binder *b, cp_compare compare, uint32_t at, const cp_operand *left,
                     const cp_operand *right, uint32_t floor, cp_operand *out)
{
    *out = cp_null_operand(at);
    cp_rc rc = cp_check_compare(b, compare, at, left, right);
    if (rc || left->kind == CP_KIND_NULL || right->kind == CP_KIND_NULL)
        return rc;
    if (cp_is_constant(left) && !cp_is_constant(right))
        return cp_put_compare(b, mirrored(compare), at, right, left, floor, out);
    cp_step step = {.run = cp_compare_truths, .at = at, .compare = compare};
    if (is_textual(left))
        return compare_texts(b, step, left, right, floor, out);
    if (left->kind == CP_KIND_TRUTH)
        return cp_put_step(b, step, CP_KIND_TRUTH, left, right, floor, out);
    return compare_numbers(b, step, left, right, floor, out);
}
