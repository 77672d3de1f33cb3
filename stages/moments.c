/* The parts of cp_moments that run rarely: scaling, combining, results. */
#include "stages/moments.h"

#include <limits.h>
#include <stdlib.h>

/* Distances of 2^-300 to 2^300 are summed as they are, and so is what joins them up to 2^400:
 * d * d and its sum then neither overflow nor lose bits at the bottom. */
enum { PLAIN_EXPONENT = 300, SPARE_EXPONENT = 400, NO_SCALE = INT_MIN };

static cp_dd scaled(cp_dd x, int exponent)
{
    return (cp_dd){ldexp(x.high, exponent), ldexp(x.low, exponent)};
}

static bool empty_sums(const cp_moments *moments)
{
    return moments->squares.high == 0 && moments->sum.high == 0;
}

static int suitable_scale(int exponent)
{
    return abs(exponent) <= PLAIN_EXPONENT ? 0 : exponent;
}

static void set_scale(cp_moments *moments, int scale)
{
    moments->sum = scaled(moments->sum, moments->scale - scale);
    moments->squares = scaled(moments->squares, 2 * (moments->scale - scale));
    moments->scale = scale;
    moments->limit = scale == 0 ? CP_MOMENTS_PLAIN : -1;
}

/* (a - b) * 2^*shift, with a shift that keeps the difference off both ends of the range. */
static cp_dd shifted_difference(cp_dd a, cp_dd b, int *shift)
{
    *shift = fabs(a.high) < 1 && fabs(b.high) < 1 ? 100 : -1;
    return cp_dd_add(scaled(a, *shift), cp_dd_negate(scaled(b, *shift)));
}

/* The first value. */
static void start(cp_moments *moments, cp_dd x)
{
    moments->origin = x;
    if (cp_moments_is_everyday(x.high))
        moments->limit = CP_MOMENTS_PLAIN;
}

void cp_moments_add_slowly(cp_moments *moments, cp_dd x)
{
    moments->count++;
    if (!isfinite(x.high))
        moments->not_finite = true;
    if (moments->not_finite)
        return;
    if (moments->count == 1) {
        start(moments, x);
        return;
    }
    if (x.high == moments->origin.high && x.low == moments->origin.low)
        return;
    int shift;
    cp_dd d = shifted_difference(x, moments->origin, &shift);
    if (d.high == 0)
        return;
    int exponent = ilogb(d.high) - shift;
    if (empty_sums(moments) || exponent - moments->scale > SPARE_EXPONENT)
        set_scale(moments, suitable_scale(exponent));
    cp_moments_accumulate(moments, scaled(d, -shift - moments->scale));
}

void cp_moments_add_int(cp_moments *moments, int64_t x)
{
    double high = (double)x;
    double low = (double)((__int128)x - (__int128)high);
    if (low == 0)
        cp_moments_add(moments, high);
    else
        cp_moments_add_slowly(moments, (cp_dd){high, low});
}

void cp_moments_add_uint(cp_moments *moments, uint64_t x)
{
    double high = (double)x;
    double low = (double)((__int128)x - (__int128)high);
    if (low == 0)
        cp_moments_add(moments, high);
    else
        cp_moments_add_slowly(moments, (cp_dd){high, low});
}

/* A unit that suits both sums and the distance of their origins; NO_SCALE where all three are 0. */
static int common_scale(const cp_moments *a, const cp_moments *b, cp_dd d, int shift)
{
    int scale = empty_sums(a) ? NO_SCALE : a->scale;
    if (!empty_sums(b) && b->scale > scale)
        scale = b->scale;
    if (d.high == 0)
        return scale;
    int exponent = ilogb(d.high) - shift;
    if (scale == NO_SCALE || exponent - scale > SPARE_EXPONENT)
        scale = suitable_scale(exponent);
    return scale;
}

void cp_moments_combine_slowly(cp_moments *into, const cp_moments *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0) {
        *into = *from;
        return;
    }
    into->count += from->count;
    into->not_finite |= from->not_finite;
    if (into->not_finite)
        return;
    int shift;
    cp_dd d = shifted_difference(from->origin, into->origin, &shift);
    int scale = common_scale(into, from, d, shift);
    if (scale == NO_SCALE)
        return;
    cp_moments other = *from;
    set_scale(into, scale);
    set_scale(&other, scale);
    cp_moments_join(into, &other, scaled(d, -shift - scale));
}

double cp_moments_mean(const cp_moments *moments)
{
    if (moments->count == 0 || moments->not_finite)
        return NAN;
    cp_dd mean = cp_dd_divide(moments->sum, (double)moments->count);
    /* Near the top of the range the sum is formed at half its size. */
    int half = fabs(moments->origin.high) > 0x1p1000 || moments->scale > 1000;
    mean = cp_dd_add(scaled(mean, moments->scale - half), scaled(moments->origin, -half));
    return ldexp(mean.high + mean.low, half);
}

double cp_moments_deviation(const cp_moments *moments)
{
    if (moments->count < 2 || moments->not_finite)
        return NAN;
    double n = (double)moments->count;
    cp_dd of_mean = cp_dd_divide(cp_dd_multiply(moments->sum, moments->sum), n);
    cp_dd about_mean = cp_dd_add(moments->squares, cp_dd_negate(of_mean));
    return ldexp(cp_dd_sqrt(cp_dd_divide(about_mean, n - 1)), moments->scale);
}
