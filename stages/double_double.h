/* Double-double arithmetic: an unevaluated sum high + low of two doubles, about 106 bits.
 * Source: Dekker, "A floating-point technique for extending the available precision" (1971);
 * Knuth, TAOCP 2, 4.2.2; Joldes, Muller, Popescu, "Tight and rigorous error bounds for basic
 * building blocks of double-word arithmetic" (2017). */
#ifndef CP_STAGES_DOUBLE_DOUBLE_H
#define CP_STAGES_DOUBLE_DOUBLE_H

#include <math.h>

typedef struct cp_dd {
    double high, low;
} cp_dd;

/* a + b exactly. */
static inline cp_dd cp_two_sum(double a, double b)
{
    double sum = a + b;
    double part = sum - a;
    return (cp_dd){sum, (a - (sum - part)) + (b - part)};
}

/* a + b exactly, where |a| >= |b| or a is 0. */
static inline cp_dd cp_quick_two_sum(double a, double b)
{
    double sum = a + b;
    return (cp_dd){sum, b - (sum - a)};
}

/* a * b exactly, short of underflow. */
static inline cp_dd cp_two_product(double a, double b)
{
    double product = a * b;
    return (cp_dd){product, fma(a, b, -product)};
}

static inline cp_dd cp_dd_add(cp_dd a, cp_dd b)
{
    cp_dd high = cp_two_sum(a.high, b.high), low = cp_two_sum(a.low, b.low);
    cp_dd sum = cp_quick_two_sum(high.high, high.low + low.high);
    return cp_quick_two_sum(sum.high, sum.low + low.low);
}

static inline cp_dd cp_dd_negate(cp_dd a)
{
    return (cp_dd){-a.high, -a.low};
}

static inline cp_dd cp_dd_multiply(cp_dd a, cp_dd b)
{
    cp_dd product = cp_two_product(a.high, b.high);
    double cross = a.high * b.low + a.low * b.high;
    return cp_quick_two_sum(product.high, product.low + cross);
}

/* a / b, for a whole number b that a double holds. */
static inline cp_dd cp_dd_divide(cp_dd a, double b)
{
    double quotient = a.high / b;
    cp_dd product = cp_two_product(quotient, b);
    double rest = ((a.high - product.high) - product.low) + a.low;
    return cp_quick_two_sum(quotient, rest / b);
}

/* The square root, rounded to a double (with an error just above half an ulp); a >= 0. */
static inline double cp_dd_sqrt(cp_dd a)
{
    if (a.high <= 0)
        return 0;
    double root = sqrt(a.high);
    double rest = fma(-root, root, a.high) + a.low;
    return root + rest / (2 * root);
}

#endif
