/* Thresholds to ranges. */
#include "pipeline/expr/bounds.h"

int64_t cp_unit_nanoseconds(cp_unit unit)
{
    static const int64_t nanoseconds[] = {
        [CP_UNIT_S] = 1000000000,
        [CP_UNIT_MS] = 1000000,
        [CP_UNIT_US] = 1000,
        [CP_UNIT_NS] = 1,
    };
    return nanoseconds[unit];
}

bool cp_wide_as_double(cp_wide value, double *out)
{
    *out = (double)value;
    return cp_order_wide_float(value, *out) == 0;
}

/* ---- whole numbers ---- */

static cp_wide least_of(cp_type type)
{
    unsigned bits = 8 * (unsigned)cp_type_width(type);
    return cp_type_is_unsigned(type) ? 0 : -((cp_wide)1 << (bits - 1));
}

static cp_wide greatest_of(cp_type type)
{
    unsigned bits = 8 * (unsigned)cp_type_width(type);
    return ((cp_wide)1 << (cp_type_is_unsigned(type) ? bits : bits - 1)) - 1;
}

static cp_wide floor_divide(cp_wide a, cp_wide positive)
{
    return a / positive - (a % positive < 0);
}

/* The greatest whole number of units that is not above the threshold, and the least that is not
 * below it. Far outside of 64 bits all thresholds are alike, so they are drawn in to where there is
 * room to go one further. */
static void whole_neighbours(const cp_threshold *threshold, cp_wide unit, cp_wide *below,
                             cp_wide *above)
{
    if (threshold->is_float) {
        double real = fmin(fmax(threshold->real, -0x1p100), 0x1p100);
        *below = (cp_wide)floor(real);
        *above = (cp_wide)ceil(real);
        return;
    }
    cp_wide far = (cp_wide)1 << 100, whole = threshold->whole;
    whole = whole < -far ? -far : whole > far ? far : whole;
    *below = floor_divide(whole, unit);
    *above = *below + (whole % unit != 0);
}

static cp_bounds whole_range(cp_compare compare, cp_wide below, cp_wide above)
{
    cp_bounds range = {.low = CP_WIDE_MIN, .high = CP_WIDE_MAX};
    switch (compare) {
    case CP_COMPARE_EQ:
    case CP_COMPARE_NE: /* none where above > below: the threshold is not whole */
        range.low = above;
        range.high = below;
        range.outside = compare == CP_COMPARE_NE;
        break;
    case CP_COMPARE_LT:
        range.high = above - 1;
        break;
    case CP_COMPARE_LE:
        range.high = below;
        break;
    case CP_COMPARE_GT:
        range.low = below + 1;
        break;
    case CP_COMPARE_GE:
        range.low = above;
        break;
    }
    return range;
}

/* Cut to the type; no value is said as all values not. */
static cp_bounds fit_type(cp_bounds range, cp_type type)
{
    cp_wide least = least_of(type), greatest = greatest_of(type);
    if (range.low < least)
        range.low = least;
    if (range.high > greatest)
        range.high = greatest;
    if (range.low > range.high)
        return (cp_bounds){.outside = !range.outside, .low = least, .high = greatest};
    return range;
}

/* ---- floats ---- */

/* The greatest double that is not above the threshold, and the least that is not below it. */
static void float_neighbours(const cp_threshold *threshold, double *below, double *above)
{
    double near = threshold->is_float ? threshold->real : (double)threshold->whole;
    int order = threshold->is_float ? 0 : cp_order_wide_float(threshold->whole, near);
    *below = order < 0 ? nextafter(near, -INFINITY) : near;
    *above = order > 0 ? nextafter(near, INFINITY) : near;
}

static cp_bounds no_float(void)
{
    return (cp_bounds){.float_low = INFINITY, .float_high = -INFINITY};
}

static cp_bounds float_range(cp_compare compare, double below, double above)
{
    bool exact = below == above;
    cp_bounds range = {.float_low = -INFINITY, .float_high = INFINITY};
    switch (compare) {
    case CP_COMPARE_EQ:
    case CP_COMPARE_NE:
        range.float_low = above;
        range.float_high = below;
        range.outside = compare == CP_COMPARE_NE;
        break;
    case CP_COMPARE_LT:
        if (exact && below == -INFINITY)
            return no_float();
        range.float_high = exact ? nextafter(below, -INFINITY) : below;
        break;
    case CP_COMPARE_LE:
        range.float_high = below;
        break;
    case CP_COMPARE_GT:
        if (exact && above == INFINITY)
            range = no_float();
        else
            range.float_low = exact ? nextafter(above, INFINITY) : above;
        range.with_nan = true;
        break;
    case CP_COMPARE_GE:
        range.float_low = above;
        range.with_nan = true;
        break;
    }
    return range;
}

cp_bounds cp_bounds_make(const cp_field *field, cp_compare compare, const cp_threshold *threshold)
{
    if (cp_type_is_float(field->type)) {
        double below, above;
        float_neighbours(threshold, &below, &above);
        return float_range(compare, below, above);
    }
    bool is_time = field->type == CP_TYPE_TIMESTAMP;
    cp_wide below, above;
    whole_neighbours(threshold, is_time ? cp_unit_nanoseconds(field->unit) : 1, &below, &above);
    return fit_type(whole_range(compare, below, above), field->type);
}
