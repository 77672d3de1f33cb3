/* From nodes to steps: one walk with a stack of operands, which are fields and constants until a
 * step needs them in a register. */
#include "pipeline/core/checked.h"
#include "pipeline/expr/complain.h"
#include "pipeline/expr/operand.h"
#include "pipeline/text/nearest.h"

/* ---- operands ---- */

static cp_kind kind_of(cp_type type)
{
    if (cp_type_is_integer(type))
        return CP_KIND_WHOLE;
    switch (type) {
    case CP_TYPE_BOOL:
        return CP_KIND_TRUTH;
    case CP_TYPE_ENUM:
        return CP_KIND_ENUM;
    case CP_TYPE_TIMESTAMP:
        return CP_KIND_TIME;
    case CP_TYPE_STRING:
        return CP_KIND_TEXT;
    case CP_TYPE_JSON:
        return CP_KIND_JSON;
    default:
        return CP_KIND_FLOAT;
    }
}

static cp_rc complain_field(const cp_binder *b, const cp_node *node, cp_span name)
{
    cp_span near = cp_nearest_field(b->schema, name);
    int shown = name.size < CP_VALUE_CUT_BYTES ? (int)name.size : CP_VALUE_CUT_BYTES;
    const char *where = b->schema->inferred ? " in the first records" : "";
    if (near.data)
        return cp_complain(b->err, b->expr->text, node->at, "no_such_field",
                           "no field \"%.*s\"%s; did you mean \"%.*s\"?", shown,
                           (const char *)name.data, where, (int)near.size, (const char *)near.data);
    return cp_complain(b->err, b->expr->text, node->at, "no_such_field", "no field \"%.*s\"%s%s",
                       shown, (const char *)name.data, where,
                       b->schema->inferred ? "; describe the records with --schema" : "");
}

static cp_rc bind_field(cp_binder *b, const cp_node *node)
{
    cp_span name = b->expr->names[node->name];
    size_t number = cp_schema_find(b->schema, name);
    if (number == SIZE_MAX)
        return complain_field(b, node, name);
    cp_field *field = &b->schema->fields[number];
    field->wanted = true;
    return cp_push(b, &(cp_operand){.kind = kind_of(field->type),
                                    .place = CP_IN_FIELD,
                                    .at = node->at,
                                    .field = number});
}

static cp_rc bind_constant(cp_binder *b, const cp_node *node)
{
    cp_operand operand = cp_null_operand(node->at);
    switch (node->kind) {
    case CP_NODE_TRUTH:
        operand.kind = CP_KIND_TRUTH;
        operand.constant.truth = node->truth ? CP_TRUE : CP_FALSE;
        break;
    case CP_NODE_FLOAT:
        operand.kind = CP_KIND_FLOAT;
        operand.constant.real = node->real;
        break;
    case CP_NODE_TEXT:
        operand.kind = CP_KIND_TEXT;
        operand.constant.text = node->text;
        break;
    case CP_NODE_NULL:
        break;
    default:
        operand.kind = node->kind == CP_NODE_TIME ? CP_KIND_TIME : CP_KIND_WHOLE;
        operand.constant.whole = node->whole;
        break;
    }
    return cp_push(b, &operand);
}

/* ---- logic ---- */

static cp_rc need_truth(const cp_binder *b, const cp_operand *operand, const char *who)
{
    char description[CP_DESCRIPTION_BYTES];
    if (operand->kind == CP_KIND_TRUTH || operand->kind == CP_KIND_NULL)
        return CP_OK;
    return cp_complain(b->err, b->expr->text, operand->at, "type_mismatch",
                       "%s a condition, not %s", who, cp_operand_describe(b, operand, description));
}

cp_rc cp_put_logic(cp_binder *b, cp_step_run *run, uint32_t at, const cp_operand *left,
                   const cp_operand *right, cp_operand *out)
{
    cp_rc rc = need_truth(b, left, "AND and OR join");
    if (!rc)
        rc = need_truth(b, right, "AND and OR join");
    return rc ? rc
              : cp_put_step(b, (cp_step){.run = run, .at = at}, CP_KIND_TRUTH, left, right, 0, out);
}

static cp_rc bind_logic(cp_binder *b, const cp_node *node)
{
    cp_operand right = cp_pop(b), left = cp_pop(b), result;
    cp_step_run *run = node->kind == CP_NODE_AND ? cp_and : cp_or;
    cp_rc rc = cp_put_logic(b, run, node->at, &left, &right, &result);
    return rc ? rc : cp_push(b, &result);
}

static cp_rc put_not(cp_binder *b, uint32_t at, cp_operand *operand)
{
    cp_operand of = *operand;
    cp_rc rc = need_truth(b, &of, "NOT needs");
    return rc ? rc
              : cp_put_step(b, (cp_step){.run = cp_not, .at = at}, CP_KIND_TRUTH, &of, NULL, 0,
                            operand);
}

static cp_rc bind_not(cp_binder *b, const cp_node *node)
{
    cp_operand operand = cp_pop(b);
    cp_rc rc = put_not(b, node->at, &operand);
    return rc ? rc : cp_push(b, &operand);
}

/* ---- IS ---- */

static cp_rc bind_is_null(cp_binder *b, const cp_node *node)
{
    cp_operand operand = cp_pop(b), result;
    cp_step step = {.at = node->at, .negated = node->negated};
    cp_rc rc;
    if (cp_is_constant(&operand)) {
        bool truth = (operand.kind == CP_KIND_NULL) != node->negated;
        result = (cp_operand){.kind = CP_KIND_TRUTH,
                              .place = CP_IN_CONSTANT,
                              .at = node->at,
                              .constant.truth = truth ? CP_TRUE : CP_FALSE};
        rc = CP_OK;
    } else if (operand.place == CP_IN_FIELD) {
        step.run = cp_field_is_null;
        step.field = operand.field;
        rc = cp_put_field_step(b, step, &result);
    } else {
        step.run = operand.kind == CP_KIND_TRUTH ? cp_is_unknown : cp_is_null;
        rc = cp_put_step(b, step, CP_KIND_TRUTH, &operand, NULL, 0, &result);
    }
    return rc ? rc : cp_push(b, &result);
}

static cp_rc bind_is_truth(cp_binder *b, const cp_node *node)
{
    cp_operand operand = cp_pop(b), result;
    cp_step step = {.run = cp_is_truth,
                    .at = node->at,
                    .negated = node->negated,
                    .truth = node->truth ? CP_TRUE : CP_FALSE};
    cp_rc rc = need_truth(b, &operand, "IS TRUE and IS FALSE need");
    if (!rc)
        rc = cp_put_step(b, step, CP_KIND_TRUTH, &operand, NULL, 0, &result);
    return rc ? rc : cp_push(b, &result);
}

/* ---- comparison ---- */

static cp_rc bind_compare(cp_binder *b, const cp_node *node)
{
    cp_operand right = cp_pop(b), left = cp_pop(b), result;
    cp_rc rc = cp_put_compare(b, node->compare, node->at, &left, &right, 0, &result);
    return rc ? rc : cp_push(b, &result);
}

/* x >= low AND x <= high; x is read twice. */
static cp_rc bind_between(cp_binder *b, const cp_node *node)
{
    cp_operand high = cp_pop(b), low = cp_pop(b), x = cp_pop(b), above, below, result;
    uint32_t floor = cp_floor_above(&x);
    cp_rc rc = cp_put_compare(b, CP_COMPARE_GE, node->at, &x, &low, floor, &above);
    if (!rc)
        rc = cp_put_compare(b, CP_COMPARE_LE, node->at, &x, &high, floor, &below);
    if (!rc)
        rc = cp_put_logic(b, cp_and, node->at, &above, &below, &result);
    if (!rc && node->negated)
        rc = put_not(b, node->at, &result);
    return rc ? rc : cp_push(b, &result);
}

static cp_rc like_symbols(cp_binder *b, const cp_like *like, const cp_operand *of, bool negated,
                          cp_operand *out)
{
    const cp_field *field = cp_operand_field(b, of);
    uint8_t *table;
    cp_rc rc = cp_put_table(b, of, out, &table);
    for (size_t code = 0; !rc && code < field->symbol_count; code++)
        table[code] = cp_like_matches(like, field->symbols[code]) != negated ? CP_TRUE : CP_FALSE;
    return rc;
}

/* `like` is owned from here on. */
static cp_rc put_like(cp_binder *b, const cp_node *node, cp_like *like, const cp_operand *of,
                      cp_operand *out)
{
    cp_step step = {.run = cp_text_like, .at = node->at, .negated = node->negated, .like = like};
    if (of->kind == CP_KIND_TEXT || of->kind == CP_KIND_JSON)
        return cp_put_step(b, step, CP_KIND_TRUTH, of, NULL, 0, out);
    cp_rc rc = CP_OK;
    *out = cp_null_operand(node->at);
    if (of->kind == CP_KIND_ENUM)
        rc = like_symbols(b, like, of, node->negated, out);
    cp_like_free(like);
    return rc;
}

static cp_rc need_text(const cp_binder *b, const cp_node *node, const cp_operand *of)
{
    char description[CP_DESCRIPTION_BYTES];
    bool fits = of->kind == CP_KIND_TEXT || of->kind == CP_KIND_JSON || of->kind == CP_KIND_ENUM ||
                of->kind == CP_KIND_NULL;
    return fits ? CP_OK
                : cp_complain(b->err, b->expr->text, node->at, "type_mismatch",
                              "LIKE needs a string, not %s",
                              cp_operand_describe(b, of, description));
}

static cp_rc bind_like_null(cp_binder *b, const cp_node *node)
{
    cp_operand of = cp_pop(b), result = cp_null_operand(node->at);
    cp_rc rc = need_text(b, node, &of);
    return rc ? rc : cp_push(b, &result);
}

static cp_rc bind_like(cp_binder *b, const cp_node *node)
{
    cp_operand of = cp_pop(b), result;
    cp_like *like = NULL;
    cp_rc rc = need_text(b, node, &of);
    if (rc)
        return rc;
    rc = cp_like_compile(node->text, node->escape, &like, b->err);
    if (rc == CP_E_USAGE)
        return cp_complain(b->err, b->expr->text, node->at, "bad_expression",
                           "the pattern ends with its escape character");
    if (!rc)
        rc = put_like(b, node, like, &of, &result);
    return rc ? rc : cp_push(b, &result);
}

/* ---- arithmetic ---- */

static cp_rc need_number(const cp_binder *b, const cp_node *node, const cp_operand *operand)
{
    char description[CP_DESCRIPTION_BYTES];
    if (cp_is_number(operand) || operand->kind == CP_KIND_NULL)
        return CP_OK;
    return cp_complain(b->err, b->expr->text, node->at, "type_mismatch",
                       "arithmetic needs numbers, not %s",
                       cp_operand_describe(b, operand, description));
}

static cp_rc bind_negate(cp_binder *b, const cp_node *node)
{
    cp_operand of = cp_pop(b), result = cp_null_operand(node->at);
    cp_rc rc = need_number(b, node, &of);
    bool is_float = of.kind == CP_KIND_FLOAT;
    cp_step step = {.run = is_float ? cp_negate_float : cp_negate_whole, .at = node->at};
    if (!rc && of.kind != CP_KIND_NULL)
        rc = cp_put_step(b, step, of.kind, &of, NULL, 0, &result);
    return rc ? rc : cp_push(b, &result);
}

static cp_rc bind_plus(cp_binder *b, const cp_node *node)
{
    cp_operand of = cp_pop(b);
    cp_rc rc = need_number(b, node, &of);
    return rc ? rc : cp_push(b, &of);
}

static cp_step_run *function_of(cp_node_kind kind, bool floats)
{
    switch (kind) {
    case CP_NODE_ADD:
        return floats ? cp_add_float : cp_add_whole;
    case CP_NODE_SUBTRACT:
        return floats ? cp_subtract_float : cp_subtract_whole;
    case CP_NODE_MULTIPLY:
        return floats ? cp_multiply_float : cp_multiply_whole;
    case CP_NODE_REMAINDER:
        return floats ? cp_remainder_float : cp_remainder_whole;
    default:
        return cp_divide_float;
    }
}

static cp_rc put_arithmetic(cp_binder *b, const cp_node *node, const cp_operand *left,
                            const cp_operand *right, cp_operand *out)
{
    cp_operand first = *left, second = *right;
    bool floats =
        node->kind == CP_NODE_DIVIDE || left->kind == CP_KIND_FLOAT || right->kind == CP_KIND_FLOAT;
    cp_rc rc = CP_OK;
    if (floats)
        rc = cp_make_float(b, left, &first);
    if (!rc && floats)
        rc = cp_make_float(b, right, &second);
    cp_step step = {.run = function_of(node->kind, floats), .at = node->at};
    return rc ? rc
              : cp_put_step(b, step, floats ? CP_KIND_FLOAT : CP_KIND_WHOLE, &first, &second, 0,
                            out);
}

static cp_rc bind_arithmetic(cp_binder *b, const cp_node *node)
{
    cp_operand right = cp_pop(b), left = cp_pop(b), result = cp_null_operand(node->at);
    cp_rc rc = need_number(b, node, &left);
    if (!rc)
        rc = need_number(b, node, &right);
    if (!rc && left.kind != CP_KIND_NULL && right.kind != CP_KIND_NULL)
        rc = put_arithmetic(b, node, &left, &right, &result);
    return rc ? rc : cp_push(b, &result);
}

/* ---- the whole ---- */

static cp_rc bind_node(cp_binder *b, const cp_node *node)
{
    static cp_rc (*const binders[])(cp_binder *, const cp_node *) = {
        [CP_NODE_FIELD] = bind_field,
        [CP_NODE_NULL] = bind_constant,
        [CP_NODE_TRUTH] = bind_constant,
        [CP_NODE_WHOLE] = bind_constant,
        [CP_NODE_FLOAT] = bind_constant,
        [CP_NODE_TEXT] = bind_constant,
        [CP_NODE_TIME] = bind_constant,
        [CP_NODE_NEGATE] = bind_negate,
        [CP_NODE_PLUS] = bind_plus,
        [CP_NODE_NOT] = bind_not,
        [CP_NODE_IS_NULL] = bind_is_null,
        [CP_NODE_IS_TRUTH] = bind_is_truth,
        [CP_NODE_LIKE] = bind_like,
        [CP_NODE_LIKE_NULL] = bind_like_null,
        [CP_NODE_ADD] = bind_arithmetic,
        [CP_NODE_SUBTRACT] = bind_arithmetic,
        [CP_NODE_MULTIPLY] = bind_arithmetic,
        [CP_NODE_DIVIDE] = bind_arithmetic,
        [CP_NODE_REMAINDER] = bind_arithmetic,
        [CP_NODE_COMPARE] = bind_compare,
        [CP_NODE_AND] = bind_logic,
        [CP_NODE_OR] = bind_logic,
        [CP_NODE_BETWEEN] = bind_between,
        [CP_NODE_IN_BEGIN] = cp_list_begin,
        [CP_NODE_IN_ITEM] = cp_list_item,
        [CP_NODE_IN_END] = cp_list_end,
    };
    return binders[node->kind](b, node);
}

static cp_rc bind(cp_binder *b)
{
    cp_operand result = {0};
    cp_rc rc = cp_registers_open(CP_FOLD_REGISTERS, 1, &b->fold, b->err);
    for (size_t i = 0; !rc && i < b->expr->node_count; i++)
        rc = bind_node(b, &b->expr->nodes[i]);
    if (rc)
        return rc;
    cp_operand whole = cp_pop(b);
    rc = need_truth(b, &whole, "rows are kept by");
    if (!rc)
        rc = cp_load_operand(b, &whole, false, &result);
    if (!rc)
        b->filter->result = result.number;
    return rc;
}

static void binder_close(cp_binder *b)
{
    for (size_t i = 0; i < b->list_count; i++)
        cp_list_close(&b->lists[i]);
    free(b->lists);
    free(b->stack);
    cp_registers_close(b->fold);
}

cp_rc cp_filter_bind(const cp_expr *expr, cp_schema *schema, cp_filter **out, cp_error *err)
{
    cp_filter *filter;
    cp_rc rc = cp_calloc(1, sizeof *filter, &filter, err);
    if (rc)
        return rc;
    filter->expr = expr;
    cp_binder b = {.expr = expr, .schema = schema, .filter = filter, .err = err};
    rc = bind(&b);
    binder_close(&b);
    if (rc)
        cp_filter_free(filter);
    else
        *out = filter;
    return rc;
}
