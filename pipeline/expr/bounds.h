/* A comparison with a constant as a range of the field's own type, so that a column is compared as
 * it lies in the batch. Nothing is rounded: x > 2.5 of an integer is x >= 3. Private to
 * pipeline/expr. */
#ifndef CP_EXPR_BOUNDS_H
#define CP_EXPR_BOUNDS_H

#include "pipeline/core/schema.h"
#include "pipeline/expr/tree.h"

/* From low to high, both inside; whole numbers for integers and times, else floats. */
typedef struct cp_bounds {
    bool outside;  /* what is not in the range is meant */
    bool with_nan; /* floats: NaN is in the range */
    cp_wide low, high;
    double float_low, float_high;
} cp_bounds;

/* A number or a time to compare with. */
typedef struct cp_threshold {
    bool is_float;
    cp_wide whole; /* of times: nanoseconds */
    double real;   /* no NaN */
} cp_threshold;

/* The values of a field of this type (and unit) that compare so with the threshold. */
cp_bounds cp_bounds_make(const cp_field *field, cp_compare compare, const cp_threshold *threshold);

/* Nanoseconds of one unit. */
int64_t cp_unit_nanoseconds(cp_unit unit);

/* The double that is the number, if there is one. */
bool cp_wide_as_double(cp_wide value, double *out);

#endif
