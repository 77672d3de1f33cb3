/* What a kernel may accept without a look at single values: the values of the code within the
 * field's type and bounds. Whatever lies outside is for the cells to judge; a kernel with nothing
 * left to accept is taken off the step. */
#include "formats/records/struct_rules.h"

#include <float.h>
#include <math.h>

/* Wide enough for both int64 and uint64. */
typedef __int128 wide;

/* The kernel accepts [low, high]; an empty range leaves all to the cells. */
static void set_range(cp_struct_step *s, wide low, wide high)
{
    unsigned bits = s->size * 8;
    wide code_low = s->kind == CP_STRUCT_SIGNED ? -((wide)1 << (bits - 1)) : 0;
    wide code_high = ((wide)1 << (s->kind == CP_STRUCT_SIGNED ? bits - 1 : bits)) - 1;
    s->covers = low <= code_low && high >= code_high;
    low = low > code_low ? low : code_low;
    high = high < code_high ? high : code_high;
    if (low > high)
        s->kernel = CP_STRUCT_KERNEL_NONE;
    s->low = (uint64_t)low;
    s->span = (uint64_t)(high - low);
}

/* Of an integer or timestamp field: its type's range within its bounds. */
static void field_range(const cp_field *field, wide *low, wide *high)
{
    bool natural = cp_type_is_unsigned(field->type);
    size_t bits = cp_type_width(field->type) * 8;
    *low = natural ? 0 : -((wide)1 << (bits - 1));
    *high = ((wide)1 << (natural ? bits : bits - 1)) - 1;
    wide min = natural ? (wide)field->min.u : (wide)field->min.i;
    wide max = natural ? (wide)field->max.u : (wide)field->max.i;
    if (field->has_min && min > *low)
        *low = min;
    if (field->has_max && max < *high)
        *high = max;
}

static void prepare_integer(cp_struct_step *s)
{
    wide low, high;
    field_range(s->field, &low, &high);
    set_range(s, low, high);
}

static void prepare_code(cp_struct_step *s)
{
    set_range(s, 0, (wide)s->field->symbol_count - 1);
    if (s->field->null_if_count)
        s->kernel = CP_STRUCT_KERNEL_NONE; /* those are symbols, not positions */
}

static void prepare_truth(cp_struct_step *s)
{
    s->covers = true;
    if (s->field->null_if_count)
        s->kernel = CP_STRUCT_KERNEL_NONE;
}

static void set_reals(cp_struct_step *s)
{
    const cp_field *field = s->field;
    double most = field->finite_max > 0 ? field->finite_max : DBL_MAX;
    s->real_low = field->has_min ? fmax(field->min.f, -most) : -most;
    s->real_high = field->has_max ? fmin(field->max.f, most) : most;
}

static void prepare_real(cp_struct_step *s)
{
    bool exact = s->field->type == CP_TYPE_FLOAT64 || s->code != 'd';
    bool bounded = s->field->has_min || s->field->has_max || s->field->finite_max > 0;
    s->covers = exact && !bounded && s->field->nan == CP_NAN_KEEP;
    set_reals(s);
}

static void prepare_whole_real(cp_struct_step *s)
{
    wide exact = (wide)1 << (s->field->type == CP_TYPE_FLOAT64 ? DBL_MANT_DIG : FLT_MANT_DIG);
    set_range(s, -exact, exact);
    s->covers = false; /* the bounds below may refuse still */
    set_reals(s);
}

/* false: the input's unit is finer than the field's, which is for the cells. */
static bool set_multiplier(cp_struct_step *s, unsigned *exponent)
{
    static const uint64_t powers[] = {1, 1000, 1000000, 1000000000};
    int finer = (int)s->field->unit - ((int)s->field->encoding - (int)CP_TIME_EPOCH_S);
    if (finer < 0)
        return false;
    *exponent = (unsigned)finer;
    s->multiplier = powers[finer];
    return true;
}

static wide divide_down(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static void prepare_whole_time(cp_struct_step *s)
{
    unsigned exponent;
    wide low, high;
    if (!set_multiplier(s, &exponent)) {
        s->kernel = CP_STRUCT_KERNEL_NONE;
        return;
    }
    field_range(s->field, &low, &high);
    set_range(s, -divide_down(-low, (wide)s->multiplier), divide_down(high, (wide)s->multiplier));
}

static void prepare_real_time(cp_struct_step *s)
{
    /* By power of 1000: from where on the part's product is exact, to where the shift rounds and
     * the result fits int64 (see kernel_real_time). */
    static const struct {
        double low, high;
    } exact[] = {{0, 0x1p50}, {0x1p6, 0x1p50}, {0x1p13, 0x1p42}, {0x1p20, 0x1p32}};
    unsigned exponent;
    if (!set_multiplier(s, &exponent)) {
        s->kernel = CP_STRUCT_KERNEL_NONE;
        return;
    }
    s->real_low = exact[exponent].low;
    s->real_high = exact[exponent].high;
    wide low, high;
    field_range(s->field, &low, &high);
    if (low > high)
        s->kernel = CP_STRUCT_KERNEL_NONE;
    s->covers = low == INT64_MIN && high == INT64_MAX;
    s->low = (uint64_t)low;
    s->span = (uint64_t)(high - low);
}

typedef struct preparation {
    cp_struct_kernel kernel;
    void (*prepare)(cp_struct_step *);
} preparation;

void cp_struct_rules_prepare(cp_struct_step *s, cp_struct_group group)
{
    static const preparation wholes[CP_STRUCT_GROUP_COUNT] = {
        [CP_STRUCT_TO_BOOL] = {CP_STRUCT_KERNEL_BITS, prepare_truth},
        [CP_STRUCT_TO_INTEGER] = {CP_STRUCT_KERNEL_BITS, prepare_integer},
        [CP_STRUCT_TO_FLOAT] = {CP_STRUCT_KERNEL_WHOLE_REALS, prepare_whole_real},
        [CP_STRUCT_TO_ENUM] = {CP_STRUCT_KERNEL_BITS, prepare_code},
        [CP_STRUCT_TO_TIME] = {CP_STRUCT_KERNEL_WHOLE_TIMES, prepare_whole_time},
    };
    static const preparation reals[CP_STRUCT_GROUP_COUNT] = {
        [CP_STRUCT_TO_FLOAT] = {CP_STRUCT_KERNEL_REALS, prepare_real},
        [CP_STRUCT_TO_TIME] = {CP_STRUCT_KERNEL_REAL_TIMES, prepare_real_time},
    };
    const preparation *chosen = s->kind == CP_STRUCT_REAL ? &reals[group] : &wholes[group];
    s->kernel = chosen->kernel;
    if (chosen->prepare) /* fields that a kernel can feed at all */
        chosen->prepare(s);
    s->unruled = s->kernel != CP_STRUCT_KERNEL_NONE && s->kernel != CP_STRUCT_KERNEL_REAL_TIMES &&
                 s->covers && s->field->null_if_count == 0;
}
