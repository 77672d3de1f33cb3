/* Count, mean and standard deviation of a stream of numbers, to almost the last bit.
 *
 * For values x and an origin K among them, three things are summed: 1, d = x - K and d * d, each
 * sum carried in double-double, the rounding of every d and d * d included. Since K is one of the
 * values, the cancellation in
 *
 *   sum (x - mean)^2  =  sum d^2 - (sum d)^2 / n
 *
 * loses at most a factor of n, which double-double has to spare (Chan, Golub, LeVeque,
 * "Algorithms for computing the sample variance", 1983, call it shifted data). Values so large or
 * small that d * d would overflow or vanish are summed in units of 2^scale. */
#ifndef CP_STAGES_MOMENTS_H
#define CP_STAGES_MOMENTS_H

#include "stages/double_double.h"

#include <stdbool.h>
#include <stdint.h>

/* The limit for sums in units of 2^0. */
#define CP_MOMENTS_PLAIN 0x1p400

/* Zeroed is empty. One thread at a time. */
typedef struct cp_moments {
    uint64_t count;
    cp_dd origin;  /* K; two doubles, since it may be a 64-bit integer */
    cp_dd sum;     /* of d, in units of 2^scale */
    cp_dd squares; /* of d * d, in units of 4^scale */
    double limit;  /* the plain path is for |d| up to here */
    int scale;
    bool not_finite; /* a NaN or an infinity was among the values: nothing else can be told */
} cp_moments;

/* For what the plain path leaves: the first value, the first that differs from it, and numbers
 * near the ends of the range. */
void cp_moments_add_slowly(cp_moments *moments, cp_dd x);

/* `d`, already in units of 2^scale, into the sums. */
static inline void cp_moments_accumulate(cp_moments *moments, cp_dd d)
{
    cp_dd sum = cp_two_sum(moments->sum.high, d.high);
    moments->sum.high = sum.high;
    moments->sum.low += sum.low + d.low;
    cp_dd square = cp_two_product(d.high, d.high);
    cp_dd squares = cp_two_sum(moments->squares.high, square.high);
    moments->squares.high = squares.high;
    moments->squares.low += squares.low + (square.low + 2 * d.high * d.low);
}

/* Beside a first value of everyday size no distance is too small to be squared: it is 0 or at
 * least half its last bit. */
static inline bool cp_moments_is_everyday(double x)
{
    return fabs(x) >= 0x1p-200 && fabs(x) <= 0x1p300;
}

/* A double. */
static inline void cp_moments_add(cp_moments *moments, double x)
{
    cp_dd d = cp_two_sum(x, -moments->origin.high);
    if (fabs(d.high) <= moments->limit && moments->origin.low == 0) {
        moments->count++;
        cp_moments_accumulate(moments, d);
    } else if (moments->count == 0 && cp_moments_is_everyday(x)) {
        moments->count = 1;
        moments->origin.high = x;
        moments->limit = CP_MOMENTS_PLAIN;
    } else {
        cp_moments_add_slowly(moments, (cp_dd){x, 0});
    }
}

/* Exactly any 64-bit integer. */
void cp_moments_add_int(cp_moments *moments, int64_t x);
void cp_moments_add_uint(cp_moments *moments, uint64_t x);

/* `from`'s sums into `into`'s, both in the same units. With c = K_from - K_into:
 *   sum (d + c) = sum d + n c,   sum (d + c)^2 = sum d^2 + 2 c sum d + n c^2 */
static inline void cp_moments_join(cp_moments *into, const cp_moments *from, cp_dd c)
{
    cp_dd nc = cp_dd_multiply(c, (cp_dd){(double)from->count, 0});
    cp_dd cross = cp_dd_multiply((cp_dd){2 * c.high, 2 * c.low}, from->sum);
    into->squares = cp_dd_add(into->squares, cp_dd_add(from->squares, cross));
    into->squares = cp_dd_add(into->squares, cp_dd_multiply(nc, c));
    into->sum = cp_dd_add(into->sum, cp_dd_add(from->sum, nc));
}

/* For what the plain path leaves: an empty side, and numbers near the ends of the range. */
void cp_moments_combine_slowly(cp_moments *into, const cp_moments *from);

/* `from`'s values as if they had been added to `into`. */
static inline void cp_moments_combine(cp_moments *into, const cp_moments *from)
{
    cp_dd c = cp_dd_add(from->origin, cp_dd_negate(into->origin));
    bool plain = into->limit == CP_MOMENTS_PLAIN && from->limit == CP_MOMENTS_PLAIN;
    if (!plain || into->not_finite || from->not_finite || !(fabs(c.high) <= 0x1p300)) {
        cp_moments_combine_slowly(into, from);
        return;
    }
    into->count += from->count;
    cp_moments_join(into, from, c);
}

/* NaN without values, or where a value was not finite. */
double cp_moments_mean(const cp_moments *moments);
/* The sample one (n - 1); NaN under two values, or where a value was not finite. */
double cp_moments_deviation(const cp_moments *moments);

#endif
