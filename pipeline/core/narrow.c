/* Bounds take the place of those that are wider. */
#include "pipeline/core/narrow.h"

void cp_narrow_signed(cp_field *field, cp_bound low, cp_bound high)
{
    if (low > INT64_MIN && (!field->has_min || low > field->min.i)) {
        field->has_min = true;
        field->min.i = (int64_t)low;
    }
    if (high < INT64_MAX && (!field->has_max || high < field->max.i)) {
        field->has_max = true;
        field->max.i = (int64_t)high;
    }
}

void cp_narrow_unsigned(cp_field *field, cp_bound low, cp_bound high)
{
    if (low > 0 && (!field->has_min || low > field->min.u)) {
        field->has_min = true;
        field->min.u = (uint64_t)low;
    }
    if (high < UINT64_MAX && (!field->has_max || high < field->max.u)) {
        field->has_max = true;
        field->max.u = (uint64_t)high;
    }
}
