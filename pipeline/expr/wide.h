/* Whole numbers as expressions compute them: 128 bits, so that those of 64 bits, signed or not, and
 * the sums and products of any two of them are exact. Private to pipeline/expr. */
#ifndef CP_EXPR_WIDE_H
#define CP_EXPR_WIDE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef __int128 cp_wide;

#define CP_WIDE_MAX ((cp_wide)(~(unsigned __int128)0 >> 1))
#define CP_WIDE_MIN (-CP_WIDE_MAX - 1)

/* -1, 0, 1. NaN is equal to itself and greater than all else, as in DuckDB. */
static inline int cp_order_floats(double a, double b)
{
    bool a_is_nan = a != a, b_is_nan = b != b;
    return a_is_nan || b_is_nan ? a_is_nan - b_is_nan : (a > b) - (a < b);
}

/* Whether the float, without its fraction, is among the whole numbers; NaN is not. */
static inline bool cp_is_wide(double real)
{
    static const double beyond = 0x1p127;
    return -beyond <= real && real < beyond;
}

/* Exactly: nothing is rounded. */
static inline int cp_order_wide_float(cp_wide a, double b)
{
    if (b != b || b >= 0x1p127)
        return -1;
    if (b < -0x1p127)
        return 1;
    double whole = trunc(b);
    cp_wide floor = (cp_wide)whole;
    return a != floor ? (a > floor) - (a < floor) : (b < whole) - (b > whole);
}

/* false where the product does not fit. (The builtin of that name calls a function that libgcc
 * lacks where clang compiles.) */
static inline bool cp_wide_multiply(cp_wide a, cp_wide b, cp_wide *out)
{
    if (a == (int64_t)a && b == (int64_t)b) {
        *out = a * b;
        return true;
    }
    unsigned __int128 x = a < 0 ? -(unsigned __int128)a : (unsigned __int128)a;
    unsigned __int128 y = b < 0 ? -(unsigned __int128)b : (unsigned __int128)b;
    bool negative = (a < 0) != (b < 0);
    unsigned __int128 limit = (unsigned __int128)CP_WIDE_MAX + negative;
    *out = (cp_wide)(negative ? -(x * y) : x * y);
    return x == 0 || y <= limit / x;
}

#endif
