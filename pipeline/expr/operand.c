/* Loads, folding, registers. */
#include "pipeline/expr/operand.h"

#include "pipeline/core/checked.h"
#include "pipeline/expr/complain.h"

#include <stdio.h>

const char *cp_operand_describe(const cp_binder *b, const cp_operand *operand,
                                char out[CP_DESCRIPTION_BYTES])
{
    static const char *const kinds[] = {
        [CP_KIND_NULL] = "NULL",      [CP_KIND_TRUTH] = "a condition", [CP_KIND_WHOLE] = "a number",
        [CP_KIND_FLOAT] = "a number", [CP_KIND_TIME] = "a time",       [CP_KIND_TEXT] = "a string",
        [CP_KIND_ENUM] = "an enum",   [CP_KIND_JSON] = "json",
    };
    char type[CP_TYPE_NAME_BYTES];
    if (operand->place != CP_IN_FIELD) {
        snprintf(out, CP_DESCRIPTION_BYTES, "%s", kinds[operand->kind]);
        return out;
    }
    const cp_field *field = cp_operand_field(b, operand);
    snprintf(out, CP_DESCRIPTION_BYTES, "field \"%.*s\" (%s)", CP_VALUE_CUT_BYTES, field->name,
             cp_type_name(field, type));
    return out;
}

/* ---- the stack ---- */

/* Registers are a stack as the operands are: those above the topmost one's are free. */
static void free_registers(cp_binder *b)
{
    b->live = 0;
    for (size_t i = b->stack_count; i > 0 && b->live == 0; i--)
        if (b->stack[i - 1].place == CP_IN_REGISTER)
            b->live = b->stack[i - 1].number + 1;
}

cp_rc cp_push(cp_binder *b, const cp_operand *operand)
{
    cp_rc rc = cp_grow(&b->stack, &b->stack_capacity, b->stack_count + 1, sizeof *b->stack, b->err);
    if (rc)
        return rc;
    b->stack[b->stack_count++] = *operand;
    free_registers(b);
    return CP_OK;
}

cp_operand cp_pop(cp_binder *b)
{
    return b->stack[--b->stack_count];
}

uint32_t cp_floor_above(const cp_operand *operand)
{
    return operand->place == CP_IN_REGISTER ? operand->number + 1 : 0;
}

/* ---- steps ---- */

static uint32_t take_register(cp_binder *b)
{
    uint32_t number = b->live++;
    if (b->filter->register_count < b->live)
        b->filter->register_count = b->live;
    return number;
}

/* Owned from here on. */
static cp_rc emit(cp_binder *b, cp_step step)
{
    cp_filter *filter = b->filter;
    cp_rc rc = cp_grow(&filter->steps, &filter->step_capacity, filter->step_count + 1,
                       sizeof *filter->steps, b->err);
    if (rc)
        cp_step_close(&step);
    else
        filter->steps[filter->step_count++] = step;
    return rc;
}

static cp_step_run *load_of(cp_kind kind)
{
    switch (kind) {
    case CP_KIND_WHOLE:
    case CP_KIND_TIME:
        return cp_load_whole_constant;
    case CP_KIND_FLOAT:
        return cp_load_float_constant;
    case CP_KIND_TEXT:
        return cp_load_text_constant;
    default:
        return cp_load_truth_constant;
    }
}

static cp_step load_constant(const cp_operand *operand, uint32_t to)
{
    cp_step step = {.run = load_of(operand->kind), .to = to, .constant = operand->constant};
    if (operand->kind == CP_KIND_NULL) /* only logic loads it */
        step.constant.truth = CP_UNKNOWN;
    return step;
}

cp_rc cp_load_operand(cp_binder *b, const cp_operand *operand, bool codes, cp_operand *out)
{
    *out = *operand;
    if (operand->place == CP_IN_REGISTER)
        return CP_OK;
    out->place = CP_IN_REGISTER;
    out->number = take_register(b);
    if (cp_is_constant(operand))
        return emit(b, load_constant(operand, out->number));
    const cp_field *field = cp_operand_field(b, operand);
    return emit(b, (cp_step){.run = codes ? cp_load_code : cp_load_field(field->type),
                             .to = out->number,
                             .field = operand->field,
                             .symbols = field->symbols});
}

cp_rc cp_put_field_step(cp_binder *b, cp_step step, cp_operand *out)
{
    step.to = take_register(b);
    *out = (cp_operand){
        .kind = CP_KIND_TRUTH, .place = CP_IN_REGISTER, .at = step.at, .number = step.to};
    return emit(b, step);
}

/* The first row of register 0 as a constant. */
static cp_operand folded(const cp_binder *b, cp_kind kind, uint32_t at)
{
    const cp_register *from = &b->fold[0];
    cp_operand out = {.kind = kind, .place = CP_IN_CONSTANT, .at = at};
    if (kind == CP_KIND_TRUTH) {
        out.constant.truth = from->truth[0];
        return from->truth[0] == CP_UNKNOWN ? cp_null_operand(at) : out;
    }
    if (from->has_nulls && from->nulls[0])
        return cp_null_operand(at);
    if (kind == CP_KIND_FLOAT)
        out.constant.real = ((const double *)from->values)[0];
    else
        out.constant.whole = ((const cp_wide *)from->values)[0];
    return out;
}

static void fold_load(const cp_operand *operand, uint32_t to, cp_frame *frame)
{
    cp_step step = load_constant(operand, to);
    step.run(&step, frame);
}

/* The same steps that would run for each row, for one. */
static cp_rc fold(cp_binder *b, cp_step *step, cp_kind kind, const cp_operand *left,
                  const cp_operand *right, cp_operand *out)
{
    cp_frame frame = {.rows = 1, .registers = b->fold};
    fold_load(left, 0, &frame);
    if (right)
        fold_load(right, 1, &frame);
    step->a = 0;
    step->b = 1;
    step->to = 0;
    step->run(step, &frame);
    *out = folded(b, kind, step->at);
    return frame.overflowed ? cp_complain(b->err, b->expr->text, step->at, "integer_overflow",
                                          "the number is beyond 128 bits")
                            : CP_OK;
}

static uint32_t lower_of(uint32_t a, uint32_t b, uint32_t floor)
{
    if (a < floor)
        return b;
    return b >= floor && b < a ? b : a;
}

cp_rc cp_put_step(cp_binder *b, cp_step step, cp_kind kind, const cp_operand *left,
                  const cp_operand *right, uint32_t floor, cp_operand *out)
{
    cp_operand a, second;
    if (cp_is_constant(left) && (!right || cp_is_constant(right))) {
        cp_rc rc = fold(b, &step, kind, left, right, out);
        cp_step_close(&step);
        return rc;
    }
    cp_rc rc = cp_load_operand(b, left, false, &a);
    second = a;
    if (!rc && right)
        rc = cp_load_operand(b, right, false, &second);
    if (rc) {
        cp_step_close(&step);
        return rc;
    }
    step.a = a.number;
    step.b = second.number;
    step.to = lower_of(a.number, second.number, floor);
    *out = (cp_operand){.kind = kind, .place = CP_IN_REGISTER, .at = step.at, .number = step.to};
    return emit(b, step);
}

cp_rc cp_make_float(cp_binder *b, const cp_operand *operand, cp_operand *out)
{
    *out = *operand;
    if (operand->kind == CP_KIND_FLOAT)
        return CP_OK;
    return cp_put_step(b, (cp_step){.run = cp_whole_to_float, .at = operand->at}, CP_KIND_FLOAT,
                       operand, NULL, 0, out);
}
