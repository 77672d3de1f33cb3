/* x IN (a, b, ...): constants go into a set that is looked up once; what is computed for each row
 * is compared one by one. */
#include "pipeline/core/checked.h"
#include "pipeline/expr/operand.h"

void cp_list_close(cp_list *list)
{
    if (list->set)
        cp_set_close(list->set);
    free(list->set);
    *list = (cp_list){0};
}

cp_rc cp_list_begin(cp_binder *b, const cp_node *node)
{
    cp_rc rc = cp_grow(&b->lists, &b->list_capacity, b->list_count + 1, sizeof *b->lists, b->err);
    if (rc)
        return rc;
    b->lists[b->list_count++] = (cp_list){0};
    return cp_push(b, &(cp_operand){.kind = CP_KIND_TRUTH,
                                    .place = CP_IN_CONSTANT,
                                    .at = node->at,
                                    .constant.truth = CP_FALSE});
}

/* The item as a whole number, if it is one. */
static cp_rc add_whole(cp_binder *b, cp_set *set, const cp_operand *item)
{
    if (item->kind != CP_KIND_FLOAT)
        return cp_set_add_whole(set, item->constant.whole, b->err);
    double real = item->constant.real;
    bool is_whole = cp_is_wide(real) && trunc(real) == real;
    return is_whole ? cp_set_add_whole(set, (cp_wide)real, b->err) : CP_OK;
}

/* The item as a double, if one is equal to it. */
static cp_rc add_float(cp_binder *b, cp_set *set, const cp_operand *item)
{
    double real = item->kind == CP_KIND_FLOAT ? item->constant.real : 0;
    if (item->kind == CP_KIND_WHOLE && !cp_wide_as_double(item->constant.whole, &real))
        return CP_OK;
    return cp_set_add_float(set, real, b->err);
}

static cp_rc add_constant(cp_binder *b, cp_list *list, const cp_operand *x, const cp_operand *item)
{
    int32_t code;
    cp_rc rc = cp_check_compare(b, CP_COMPARE_EQ, item->at, x, item);
    if (!rc && !list->set)
        rc = cp_calloc(1, sizeof *list->set, &list->set, b->err);
    list->has_null |= item->kind == CP_KIND_NULL;
    if (rc || item->kind == CP_KIND_NULL || x->kind == CP_KIND_NULL)
        return rc;
    switch (x->kind) {
    case CP_KIND_FLOAT:
        return add_float(b, list->set, item);
    case CP_KIND_ENUM:
        rc = cp_code_of(b, x, item, &code);
        return rc ? rc : cp_set_add_whole(list->set, code, b->err);
    case CP_KIND_TEXT:
    case CP_KIND_JSON:
        return cp_set_add_text(list->set, item->constant.text, b->err);
    default:
        return add_whole(b, list->set, item);
    }
}

/* NaN is in no set, and a truth value needs none. */
static bool belongs_in_set(const cp_operand *x, const cp_operand *item)
{
    bool is_nan = item->kind == CP_KIND_FLOAT && item->constant.real != item->constant.real;
    return cp_is_constant(item) && x->kind != CP_KIND_TRUTH && !is_nan;
}

cp_rc cp_list_item(cp_binder *b, const cp_node *node)
{
    cp_operand item = cp_pop(b), found = cp_pop(b), equal, either;
    const cp_operand x = b->stack[b->stack_count - 1];
    if (belongs_in_set(&x, &item)) {
        cp_rc rc = add_constant(b, &b->lists[b->list_count - 1], &x, &item);
        return rc ? rc : cp_push(b, &found);
    }
    uint32_t floor = cp_floor_above(cp_floor_above(&found) ? &found : &x);
    cp_rc rc = cp_put_compare(b, CP_COMPARE_EQ, node->at, &x, &item, floor, &equal);
    if (!rc)
        rc = cp_put_logic(b, cp_or, node->at, &found, &equal, &either);
    return rc ? rc : cp_push(b, &either);
}

/* An enum's set is one of codes; the table does without it. */
static cp_rc look_up_code(cp_binder *b, const cp_list *list, const cp_operand *x, cp_operand *out)
{
    uint8_t *table;
    cp_rc rc = cp_put_table(b, x, out, &table);
    size_t count = cp_operand_field(b, x)->symbol_count;
    for (size_t code = 0; !rc && code < count; code++)
        table[code] = cp_set_has_whole(list->set, (cp_wide)code) ? CP_TRUE
                      : list->has_null                           ? CP_UNKNOWN
                                                                 : CP_FALSE;
    return rc;
}

/* Whether x is in the set, which goes to the step. */
static cp_rc look_up(cp_binder *b, cp_list *list, uint32_t at, const cp_operand *x, cp_operand *out)
{
    cp_rc rc = cp_set_seal(list->set, b->err);
    if (rc)
        return rc;
    if (x->kind == CP_KIND_ENUM)
        return look_up_code(b, list, x, out);
    cp_step step = {.run = x->kind == CP_KIND_FLOAT                             ? cp_float_in_set
                           : x->kind == CP_KIND_TEXT || x->kind == CP_KIND_JSON ? cp_text_in_set
                                                                                : cp_whole_in_set,
                    .at = at,
                    .set = list->set,
                    .set_has_null = list->has_null};
    list->set = NULL;
    return cp_put_step(b, step, CP_KIND_TRUTH, x, NULL, 0, out);
}

/* Of the set and of what was compared one by one. */
static cp_rc join(cp_binder *b, cp_list *list, uint32_t at, const cp_operand *x,
                  const cp_operand *found, cp_operand *out)
{
    cp_operand member;
    *out = *found;
    if (!list->set)
        return CP_OK;
    *out = cp_null_operand(at);
    if (x->kind == CP_KIND_NULL)
        return CP_OK;
    cp_rc rc = look_up(b, list, at, x, &member);
    bool none_found =
        cp_is_constant(found) && found->kind == CP_KIND_TRUTH && found->constant.truth == CP_FALSE;
    if (!rc && !none_found)
        return cp_put_logic(b, cp_or, at, &member, found, out);
    if (!rc)
        *out = member;
    return rc;
}

cp_rc cp_list_end(cp_binder *b, const cp_node *node)
{
    cp_operand found = cp_pop(b), x = cp_pop(b), result;
    cp_list *list = &b->lists[b->list_count - 1];
    cp_rc rc = join(b, list, node->at, &x, &found, &result);
    cp_list_close(list);
    b->list_count--;
    if (!rc && node->negated)
        rc = cp_put_step(b, (cp_step){.run = cp_not, .at = node->at}, CP_KIND_TRUTH, &result, NULL,
                         0, &result);
    return rc ? rc : cp_push(b, &result);
}
