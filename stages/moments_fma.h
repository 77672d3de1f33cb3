/* cp_moments_combine for four pairs at a time: the same operations as in moments.h and
 * double_double.h on four numbers each, hence the same bits. One pair alone is a chain in which
 * every operation waits for the last; four of them take hardly longer. AVX2 and FMA; included
 * with KERNEL_TARGET defined. */
#ifndef CP_STAGES_MOMENTS_FMA_H
#define CP_STAGES_MOMENTS_FMA_H

#include "stages/moments.h"

#include <immintrin.h>

#define FOUR_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

typedef struct dd4 {
    __m256d high, low;
} dd4;

/* a + b exactly. */
FOUR_INLINE dd4 two_sum4(__m256d a, __m256d b)
{
    __m256d sum = _mm256_add_pd(a, b), part = _mm256_sub_pd(sum, a);
    __m256d rest = _mm256_sub_pd(a, _mm256_sub_pd(sum, part));
    return (dd4){sum, _mm256_add_pd(rest, _mm256_sub_pd(b, part))};
}

/* a + b exactly, where |a| >= |b| or a is 0. */
FOUR_INLINE dd4 quick_two_sum4(__m256d a, __m256d b)
{
    __m256d sum = _mm256_add_pd(a, b);
    return (dd4){sum, _mm256_sub_pd(b, _mm256_sub_pd(sum, a))};
}

FOUR_INLINE dd4 add4(dd4 a, dd4 b)
{
    dd4 high = two_sum4(a.high, b.high), low = two_sum4(a.low, b.low);
    dd4 sum = quick_two_sum4(high.high, _mm256_add_pd(high.low, low.high));
    return quick_two_sum4(sum.high, _mm256_add_pd(sum.low, low.low));
}

FOUR_INLINE dd4 multiply4(dd4 a, dd4 b)
{
    __m256d product = _mm256_mul_pd(a.high, b.high);
    __m256d rest = _mm256_fmsub_pd(a.high, b.high, product);
    __m256d cross = _mm256_add_pd(_mm256_mul_pd(a.high, b.low), _mm256_mul_pd(a.low, b.high));
    return quick_two_sum4(product, _mm256_add_pd(rest, cross));
}

FOUR_INLINE dd4 load4(const cp_dd *a, const cp_dd *b, const cp_dd *c, const cp_dd *d)
{
    return (dd4){_mm256_setr_pd(a->high, b->high, c->high, d->high),
                 _mm256_setr_pd(a->low, b->low, c->low, d->low)};
}

FOUR_INLINE void store4(dd4 x, cp_dd *a, cp_dd *b, cp_dd *c, cp_dd *d)
{
    double high[4], low[4];
    _mm256_storeu_pd(high, x.high);
    _mm256_storeu_pd(low, x.low);
    *a = (cp_dd){high[0], low[0]};
    *b = (cp_dd){high[1], low[1]};
    *c = (cp_dd){high[2], low[2]};
    *d = (cp_dd){high[3], low[3]};
}

/* Whether cp_moments_combine would take its plain path, short of the distance of the origins. */
FOUR_INLINE bool is_plain_pair(const cp_moments *into, const cp_moments *from)
{
    return into->limit == CP_MOMENTS_PLAIN && from->limit == CP_MOMENTS_PLAIN &&
           !into->not_finite && !from->not_finite;
}

/* The four pairs, all of them different; false: nothing was done, they are not all plain. */
FOUR_INLINE bool combine4(cp_moments *const into[4], const cp_moments *const from[4])
{
    for (int k = 0; k < 4; k++)
        if (!is_plain_pair(into[k], from[k]))
            return false;
    const __m256d sign = _mm256_set1_pd(-0.0);
    dd4 origin = load4(&into[0]->origin, &into[1]->origin, &into[2]->origin, &into[3]->origin);
    dd4 minus = {_mm256_xor_pd(origin.high, sign), _mm256_xor_pd(origin.low, sign)};
    dd4 c =
        add4(load4(&from[0]->origin, &from[1]->origin, &from[2]->origin, &from[3]->origin), minus);
    __m256d near =
        _mm256_cmp_pd(_mm256_andnot_pd(sign, c.high), _mm256_set1_pd(0x1p300), _CMP_LE_OQ);
    if (_mm256_movemask_pd(near) != 15)
        return false;
    dd4 counts = {_mm256_setr_pd((double)from[0]->count, (double)from[1]->count,
                                 (double)from[2]->count, (double)from[3]->count),
                  _mm256_setzero_pd()};
    dd4 sums = load4(&from[0]->sum, &from[1]->sum, &from[2]->sum, &from[3]->sum);
    dd4 squares = load4(&from[0]->squares, &from[1]->squares, &from[2]->squares, &from[3]->squares);
    dd4 nc = multiply4(c, counts);
    dd4 twice = {_mm256_add_pd(c.high, c.high), _mm256_add_pd(c.low, c.low)};
    dd4 all = load4(&into[0]->squares, &into[1]->squares, &into[2]->squares, &into[3]->squares);
    all = add4(all, add4(squares, multiply4(twice, sums)));
    all = add4(all, multiply4(nc, c));
    store4(all, &into[0]->squares, &into[1]->squares, &into[2]->squares, &into[3]->squares);
    all = load4(&into[0]->sum, &into[1]->sum, &into[2]->sum, &into[3]->sum);
    all = add4(all, add4(sums, nc));
    store4(all, &into[0]->sum, &into[1]->sum, &into[2]->sum, &into[3]->sum);
    for (int k = 0; k < 4; k++)
        into[k]->count += from[k]->count;
    return true;
}

#endif
