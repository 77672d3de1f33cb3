/* Arithmetic and comparison of numbers in registers. The values under nulls are computed too, since
 * nobody looks at them. */
#include "pipeline/expr/program.h"

static const cp_wide *wholes(const cp_frame *frame, uint32_t number)
{
    return frame->registers[number].values;
}

static const double *floats(const cp_frame *frame, uint32_t number)
{
    return frame->registers[number].values;
}

static cp_register *target(const cp_step *step, cp_frame *frame)
{
    cp_register *to = &frame->registers[step->to];
    to->values = to->room;
    return to;
}

static void copy_nulls(const cp_step *step, cp_frame *frame)
{
    const cp_register *a = &frame->registers[step->a];
    cp_register *to = &frame->registers[step->to];
    if (a->has_nulls && to != a)
        memcpy(to->nulls, a->nulls, frame->rows);
    to->has_nulls = a->has_nulls;
}

/* Row i is null from here on. */
static void set_null(cp_register *to, uint32_t i, uint32_t rows)
{
    if (!to->has_nulls)
        memset(to->nulls, 0, rows);
    to->has_nulls = true;
    to->nulls[i] = 1;
}

void cp_whole_to_float(const cp_step *step, cp_frame *frame)
{
    const cp_wide *a = wholes(frame, step->a);
    cp_register *to = target(step, frame);
    double *out = to->room; /* a double is written where no whole number is left to be read */
    for (uint32_t i = 0; i < frame->rows; i++) {
        cp_wide value = a[i];
        out[i] = value == (int64_t)value ? (double)(int64_t)value : (double)value;
    }
    copy_nulls(step, frame);
}

/* ---- whole numbers ---- */

static bool add(cp_wide a, cp_wide b, cp_wide *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static bool subtract(cp_wide a, cp_wide b, cp_wide *out)
{
    return !__builtin_sub_overflow(a, b, out);
}

typedef bool whole_function(cp_wide, cp_wide, cp_wide *);

static inline void each_whole(const cp_step *step, cp_frame *frame, whole_function *function)
{
    const cp_wide *a = wholes(frame, step->a), *b = wholes(frame, step->b);
    cp_join_nulls(step, frame);
    cp_register *to = target(step, frame);
    cp_wide *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++) {
        bool fits = function(a[i], b[i], &out[i]);
        if (!fits && !(to->has_nulls && to->nulls[i]))
            frame->overflowed = step;
    }
}

void cp_add_whole(const cp_step *step, cp_frame *frame)
{
    each_whole(step, frame, add);
}

void cp_subtract_whole(const cp_step *step, cp_frame *frame)
{
    each_whole(step, frame, subtract);
}

void cp_multiply_whole(const cp_step *step, cp_frame *frame)
{
    each_whole(step, frame, cp_wide_multiply);
}

void cp_negate_whole(const cp_step *step, cp_frame *frame)
{
    const cp_wide *a = wholes(frame, step->a);
    copy_nulls(step, frame);
    cp_register *to = target(step, frame);
    cp_wide *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        if (!subtract(0, a[i], &out[i]) && !(to->has_nulls && to->nulls[i]))
            frame->overflowed = step;
}

/* With the sign of a, as in C and SQL; null where b is 0. What is under a null may be anything, so
 * the one quotient that overflows is stepped around, too. */
void cp_remainder_whole(const cp_step *step, cp_frame *frame)
{
    const cp_wide *a = wholes(frame, step->a), *b = wholes(frame, step->b);
    cp_join_nulls(step, frame);
    cp_register *to = target(step, frame);
    cp_wide *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++) {
        bool is_zero = b[i] == 0;
        out[i] = is_zero || b[i] == -1 ? 0 : a[i] % b[i];
        if (is_zero)
            set_null(to, i, frame->rows);
    }
}

/* ---- floats: as IEEE 754 has it, infinities and NaN by zero included ---- */

#define FLOAT_STEP(name, expression)                                                               \
    void name(const cp_step *step, cp_frame *frame)                                                \
    {                                                                                              \
        const double *a = floats(frame, step->a), *b = floats(frame, step->b);                     \
        cp_join_nulls(step, frame);                                                                \
        double *out = target(step, frame)->room;                                                   \
        for (uint32_t i = 0; i < frame->rows; i++)                                                 \
            out[i] = (expression);                                                                 \
    }

FLOAT_STEP(cp_add_float, a[i] + b[i])
FLOAT_STEP(cp_subtract_float, a[i] - b[i])
FLOAT_STEP(cp_multiply_float, a[i] * b[i])
FLOAT_STEP(cp_divide_float, a[i] / b[i])
FLOAT_STEP(cp_remainder_float, fmod(a[i], b[i]))

void cp_negate_float(const cp_step *step, cp_frame *frame)
{
    const double *a = floats(frame, step->a);
    copy_nulls(step, frame);
    double *out = target(step, frame)->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] = -a[i];
}

/* ---- comparison ---- */

#define COMPARE_STEP(name, order)                                                                  \
    void name(const cp_step *step, cp_frame *frame)                                                \
    {                                                                                              \
        cp_register *to = &frame->registers[step->to];                                             \
        for (uint32_t i = 0; i < frame->rows; i++)                                                 \
            to->truth[i] = cp_compare_truth(step->compare, (order));                               \
        cp_mask_unknown(to, &frame->registers[step->a], frame->rows);                              \
        cp_mask_unknown(to, &frame->registers[step->b], frame->rows);                              \
    }

static inline int order_wholes(cp_wide a, cp_wide b)
{
    return (a > b) - (a < b);
}

COMPARE_STEP(cp_compare_wholes, order_wholes(wholes(frame, step->a)[i], wholes(frame, step->b)[i]))
COMPARE_STEP(cp_compare_floats,
             cp_order_floats(floats(frame, step->a)[i], floats(frame, step->b)[i]))
COMPARE_STEP(cp_compare_whole_float,
             cp_order_wide_float(wholes(frame, step->a)[i], floats(frame, step->b)[i]))

/* ---- IN ---- */

#define SET_STEP(name, has)                                                                        \
    void name(const cp_step *step, cp_frame *frame)                                                \
    {                                                                                              \
        const cp_register *a = &frame->registers[step->a];                                         \
        cp_register *to = &frame->registers[step->to];                                             \
        uint8_t absent = step->set_has_null ? CP_UNKNOWN : CP_FALSE;                               \
        for (uint32_t i = 0; i < frame->rows; i++)                                                 \
            to->truth[i] = (has) ? CP_TRUE : absent;                                               \
        cp_mask_unknown(to, a, frame->rows);                                                       \
    }

SET_STEP(cp_whole_in_set, cp_set_has_whole(step->set, ((const cp_wide *)a->values)[i]))
SET_STEP(cp_float_in_set, cp_set_has_float(step->set, ((const double *)a->values)[i]))
