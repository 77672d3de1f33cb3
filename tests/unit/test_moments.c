/* stages/moments.h against exact arithmetic: the values are whole numbers times a power of two, so
 * that count, sum and sum of squares fit 128 bits, and the expected results are rounded once. */
#include "stages/moments.h"
#include "tests/unit/support.h"

#include <float.h>

enum { VALUES_MAX = 200000 };

/* values[i] * 2^exponent */
typedef struct sample {
    int64_t *values;
    size_t count;
    int exponent;
} sample;

static sample new_sample(int exponent)
{
    sample s = {calloc(VALUES_MAX, sizeof(int64_t)), 0, exponent};
    assert_non_null(s.values);
    return s;
}

static void add(sample *s, int64_t value)
{
    assert_true(s->count < VALUES_MAX);
    s->values[s->count++] = value;
}

static double value_at(const sample *s, size_t i)
{
    return ldexp((double)s->values[i], s->exponent);
}

static void put_range(cp_moments *m, const sample *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        cp_moments_add(m, value_at(s, i));
}

static cp_moments moments_of(const sample *s)
{
    cp_moments m = {0};
    put_range(&m, s, 0, s->count);
    return m;
}

/* Distances from the first value keep the sums small; the deviation does not mind. */
static void exact_sums(const sample *s, __int128 *sum, __int128 *squares)
{
    *sum = *squares = 0;
    for (size_t i = 0; i < s->count; i++) {
        __int128 d = (__int128)s->values[i] - s->values[0];
        *sum += d;
        *squares += d * d;
    }
}

static long double exact_mean(const sample *s)
{
    __int128 sum, squares, n = (__int128)s->count;
    exact_sums(s, &sum, &squares);
    sum += n * s->values[0];
    __int128 whole = sum / n;
    long double mean = (long double)whole + (long double)(sum - whole * n) / (long double)n;
    return ldexpl(mean, s->exponent);
}

static long double exact_deviation(const sample *s)
{
    __int128 sum, squares, n = (__int128)s->count;
    exact_sums(s, &sum, &squares);
    long double variance = (long double)(n * squares - sum * sum) / (long double)(n * (n - 1));
    return ldexpl(sqrtl(variance), s->exponent);
}

static void assert_close(double got, long double wanted, double relative)
{
    long double bound = fabsl(wanted) * (long double)relative + 0x1p-1074L;
    if (!(fabsl((long double)got - wanted) <= bound))
        fail_msg("%.17g instead of %.20Lg", got, wanted);
}

static void assert_moments(const cp_moments *m, const sample *s, double relative)
{
    assert_int_equal(m->count, s->count);
    assert_close(cp_moments_mean(m), exact_mean(s), relative);
    if (s->count > 1)
        assert_close(cp_moments_deviation(m), exact_deviation(s), relative);
}

/* To almost the last bit: two units there. */
static void assert_exact(const sample *s)
{
    cp_moments m = moments_of(s);
    assert_moments(&m, s, 0x1p-52);
}

static int64_t around_zero(int64_t size)
{
    return (int64_t)random_below(2 * (uint64_t)size + 1) - size;
}

/* ---- everyday numbers ---- */

static void test_nothing_and_one(void **state)
{
    (void)state;
    cp_moments m = {0};
    assert_true(isnan(cp_moments_mean(&m)));
    assert_true(isnan(cp_moments_deviation(&m)));
    cp_moments_add(&m, 2.5);
    assert_true(cp_moments_mean(&m) == 2.5);
    assert_true(isnan(cp_moments_deviation(&m)));
    cp_moments_add(&m, 4.5);
    assert_true(cp_moments_mean(&m) == 3.5);
    assert_close(cp_moments_deviation(&m), sqrtl(2), 0x1p-52);
}

static void test_random_values(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        sample s = new_sample((int)random_below(80) - 60);
        int64_t size = INT64_C(1) << random_below(50);
        for (size_t n = 1 + random_below(500); n > 0; n--)
            add(&s, around_zero(size));
        assert_exact(&s);
        free(s.values);
    }
}

static void test_many_values(void **state)
{
    (void)state;
    sample s = new_sample(-20);
    for (size_t i = 0; i < VALUES_MAX; i++)
        add(&s, around_zero(1 << 25) + (25 << 20));
    assert_exact(&s);
    free(s.values);
}

/* A billion with noise of a thousandth: of 53 bits, the deviation rests on the last eleven. */
static void test_small_noise_on_a_large_value(void **state)
{
    (void)state;
    sample s = new_sample(-20);
    for (size_t i = 0; i < VALUES_MAX; i++)
        add(&s, (INT64_C(1000000000) << 20) + around_zero(1049));
    assert_exact(&s);
    free(s.values);
}

static void test_outliers_anywhere(void **state)
{
    (void)state;
    static const size_t places[] = {0, 1, 2, 500, 998, 999};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            sample s = new_sample(-10);
            for (size_t k = 0; k < 1000; k++)
                add(&s, k == places[i] ? sign * (INT64_C(1) << 50) : 17000 + around_zero(3));
            assert_exact(&s);
            free(s.values);
        }
}

/* ---- equal values ---- */

static void check_equal(double x, size_t count)
{
    cp_moments m = {0};
    for (size_t i = 0; i < count; i++)
        cp_moments_add(&m, x);
    assert_int_equal(m.count, count);
    if (cp_moments_mean(&m) != x)
        fail_msg("%zu times %a have the mean %a", count, x, cp_moments_mean(&m));
    if (count > 1)
        assert_true(cp_moments_deviation(&m) == 0);
}

static void test_equal_values(void **state)
{
    (void)state;
    static const double values[] = {0.0,    0.1,       -0.1,    1e300,   -1e300,
                                    1e-300, DBL_MAX,   DBL_MIN, 1.0 / 3, 1e9 + .1,
                                    -7,     0x1p-1022, 0x1p400, 0x1p401, 0x1.8p-300};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t count = 1; count < 1000; count = count * 3 + 1)
            check_equal(values[i], count);
}

static void test_equal_subnormals(void **state)
{
    (void)state;
    static const double values[] = {0x1p-1074, -0x1p-1074, 0x3p-1074, 0x1.fffffffffffffp-1023,
                                    0x1.0000000000001p-1022};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t count = 1; count < 1000; count = count * 3 + 1)
            check_equal(values[i], count);
}

/* One value that differs, behind many that do not. */
static void test_one_other_value(void **state)
{
    (void)state;
    static const int exponents[] = {-1074, -700, -301, -299, 0, 299, 301, 399, 401, 700, 970};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++) {
        sample s = new_sample(exponents[i]);
        for (int k = 0; k < 1000; k++)
            add(&s, 12345678);
        add(&s, 12345679);
        assert_exact(&s);
        free(s.values);
    }
}

/* ---- the ends of the range ---- */

static void test_extreme_scales(void **state)
{
    (void)state;
    for (int exponent = -1074; exponent <= 973; exponent += 23) {
        sample s = new_sample(exponent);
        int64_t size = INT64_C(1) << (10 + random_below(40));
        for (int i = 0; i < 200; i++)
            add(&s, around_zero(size));
        assert_exact(&s);
        free(s.values);
    }
}

/* Values of very different size, small ones first or large ones first: the large ones decide, and
 * nothing overflows on the way. */
static void test_mixed_scales(void **state)
{
    (void)state;
    static const double large[] = {1e300, -1e300, 0x1p1000, 1e200, 1e100};
    static const double small[] = {1e-300, 5e-324, 1.0, 0.0, -1e-200};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        for (size_t k = 0; k < sizeof small / sizeof *small; k++)
            for (int order = 0; order < 2; order++) {
                cp_moments m = {0};
                for (int n = 0; n < 10; n++)
                    cp_moments_add(&m, (n < 5) == order ? large[i] : small[k]);
                long double x = (long double)large[i];
                assert_close(cp_moments_mean(&m), x / 2, 0x1p-52);
                /* Five times x and five times about 0: n / (n - 1) * (x / 2)^2. */
                assert_close(cp_moments_deviation(&m), fabsl(x) / 2 * sqrtl(10.0L / 9), 0x1p-52);
            }
}

static void test_the_largest_doubles(void **state)
{
    (void)state;
    cp_moments m = {0};
    cp_moments_add(&m, DBL_MAX);
    cp_moments_add(&m, -DBL_MAX);
    assert_true(cp_moments_mean(&m) == 0);
    cp_moments_add(&m, 0);
    assert_true(cp_moments_mean(&m) == 0);
    assert_close(cp_moments_deviation(&m), (long double)DBL_MAX, 0x1p-52);
    m = (cp_moments){0};
    cp_moments_add(&m, DBL_MAX);
    cp_moments_add(&m, DBL_MAX / 2);
    assert_true(cp_moments_mean(&m) == DBL_MAX * 0.75);
}

static void test_not_finite(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++)
        for (int at = 0; at < 3; at++) {
            cp_moments m = {0}, joined = {0};
            for (int k = 0; k < 3; k++)
                cp_moments_add(&m, k == at ? values[i] : 1.5 * k);
            assert_int_equal(m.count, 3);
            assert_true(isnan(cp_moments_mean(&m)));
            assert_true(isnan(cp_moments_deviation(&m)));
            cp_moments_add(&joined, 1);
            cp_moments_combine(&joined, &m);
            assert_int_equal(joined.count, 4);
            assert_true(isnan(cp_moments_mean(&joined)));
            assert_true(isnan(cp_moments_deviation(&joined)));
        }
}

/* ---- 64-bit integers ---- */

static void assert_integers(const sample *s)
{
    cp_moments by_sign = {0}, without = {0};
    bool all_positive = true;
    for (size_t i = 0; i < s->count; i++) {
        cp_moments_add_int(&by_sign, s->values[i]);
        all_positive &= s->values[i] >= 0;
    }
    assert_moments(&by_sign, s, 0x1p-52);
    for (size_t i = 0; all_positive && i < s->count; i++)
        cp_moments_add_uint(&without, (uint64_t)s->values[i]);
    if (all_positive)
        assert_moments(&without, s, 0x1p-52);
}

/* Beyond 2^53 doubles leave integers out; the sums must not. */
static void test_large_integers(void **state)
{
    (void)state;
    static const int64_t bases[] = {0,
                                    INT64_MAX - 5000,
                                    INT64_MIN + 5000,
                                    INT64_C(1) << 53,
                                    -(INT64_C(1) << 60) + 1,
                                    (INT64_C(1) << 62) + 3};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        for (int round = 0; round < 20; round++) {
            sample s = new_sample(0);
            for (int k = 0; k < 1000; k++)
                add(&s, bases[i] + around_zero(1 + 49 * round));
            assert_integers(&s);
            free(s.values);
        }
}

static void test_integers_of_every_size(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        sample s = new_sample(0);
        int64_t sign = random_below(2) ? -1 : 1;
        for (int k = 0; k < 4; k++)
            add(&s, sign * ((int64_t)(random_bits() >> (4 + random_below(60)))));
        assert_integers(&s);
        free(s.values);
    }
}

static void test_the_largest_integers(void **state)
{
    (void)state;
    cp_moments m = {0};
    for (int i = 0; i < 4; i++)
        cp_moments_add_uint(&m, UINT64_MAX - (uint64_t)(i % 2));
    assert_true(cp_moments_mean(&m) == 0x1p64);
    assert_close(cp_moments_deviation(&m), 1 / sqrtl(3), 0x1p-52);
    m = (cp_moments){0};
    cp_moments_add_int(&m, INT64_MIN);
    cp_moments_add_int(&m, INT64_MAX);
    assert_true(cp_moments_mean(&m) == -0.5);
    assert_close(cp_moments_deviation(&m), 0x1p64L / sqrtl(2), 0x1p-52);
}

/* ---- combining ---- */

static cp_moments combined(const sample *s, const size_t *cuts, size_t cut_count)
{
    cp_moments whole = {0};
    for (size_t i = 0; i + 1 < cut_count; i++) {
        cp_moments part = {0};
        put_range(&part, s, cuts[i], cuts[i + 1]);
        cp_moments_combine(&whole, &part);
    }
    return whole;
}

static int compare_sizes(const void *a, const void *b)
{
    return (*(const size_t *)a > *(const size_t *)b) - (*(const size_t *)a < *(const size_t *)b);
}

/* Parts in random places, some empty; the same parts give the same bits. */
static void check_partition(const sample *s)
{
    size_t cuts[12] = {0}, count = 2 + random_below(11);
    cuts[count - 1] = s->count;
    for (size_t i = 1; i + 1 < count; i++)
        cuts[i] = random_below(s->count + 1);
    qsort(cuts, count, sizeof *cuts, compare_sizes);
    cp_moments once = combined(s, cuts, count), again = combined(s, cuts, count);
    assert_moments(&once, s, 1e-13);
    double mean[] = {cp_moments_mean(&once), cp_moments_mean(&again)};
    double deviation[] = {cp_moments_deviation(&once), cp_moments_deviation(&again)};
    assert_memory_equal(&mean[0], &mean[1], sizeof(double));
    assert_memory_equal(&deviation[0], &deviation[1], sizeof(double));
}

static void test_split_then_combine(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        static const int exponents[] = {-1074, -400, -301, -20, 0, 301, 400, 900};
        sample s = new_sample(exponents[random_below(8)]);
        int64_t base = around_zero(INT64_C(1) << random_below(50));
        int64_t size = INT64_C(1) << random_below(50);
        for (size_t n = 2 + random_below(300); n > 0; n--)
            add(&s,
                random_below(100) ? base + around_zero(size) / 2 : around_zero(INT64_C(1) << 49));
        check_partition(&s);
        free(s.values);
    }
}

static void test_combine_of_parts_far_apart(void **state)
{
    (void)state;
    sample s = new_sample(-20);
    for (int i = 0; i < 1000; i++)
        add(&s, i < 500 ? around_zero(1000) : (INT64_C(1000000000) << 20) + around_zero(1000));
    for (int round = 0; round < 100; round++)
        check_partition(&s);
    free(s.values);
}

static void test_combine_noise_on_a_large_value(void **state)
{
    (void)state;
    sample s = new_sample(-20);
    for (int i = 0; i < 20000; i++)
        add(&s, (INT64_C(1000000000) << 20) + around_zero(1049));
    for (int round = 0; round < 50; round++)
        check_partition(&s);
    free(s.values);
}

static void test_combine_with_nothing(void **state)
{
    (void)state;
    cp_moments m = {0}, empty = {0};
    cp_moments_add(&m, 1e300);
    cp_moments_add(&m, 2);
    cp_moments copy = m, other = {0};
    cp_moments_combine(&m, &empty);
    assert_int_equal(m.count, 2);
    assert_true(cp_moments_deviation(&m) == cp_moments_deviation(&copy));
    cp_moments_combine(&other, &copy);
    assert_true(cp_moments_mean(&other) == cp_moments_mean(&copy));
    cp_moments_combine(&empty, &(cp_moments){0});
    assert_int_equal(empty.count, 0);
    assert_true(isnan(cp_moments_mean(&empty)));
}

/* Parts of one equal value each, and integers that no double holds. */
static void test_combine_origins_alone(void **state)
{
    (void)state;
    cp_moments whole = {0};
    sample s = new_sample(0);
    for (int i = 0; i < 100; i++) {
        cp_moments part = {0};
        int64_t x = (INT64_C(1) << 62) + i / 10;
        cp_moments_add_int(&part, x);
        add(&s, x);
        cp_moments_combine(&whole, &part);
    }
    assert_moments(&whole, &s, 0x1p-52);
    free(s.values);
}

/* ---- the plain path ---- */

static bool same_bits(const cp_moments *a, const cp_moments *b)
{
    return a->count == b->count && a->scale == b->scale && a->not_finite == b->not_finite &&
           memcmp(&a->origin, &b->origin, sizeof a->origin) == 0 &&
           memcmp(&a->sum, &b->sum, sizeof a->sum) == 0 &&
           memcmp(&a->squares, &b->squares, sizeof a->squares) == 0 &&
           memcmp(&a->limit, &b->limit, sizeof a->limit) == 0;
}

/* A first value of everyday size opens the plain path at once, others do not. */
static void test_first_values(void **state)
{
    (void)state;
    static const struct {
        double value;
        bool plain;
    } rows[] = {{1, true},         {-1, true},        {0x1p-200, true},  {-0x1p-200, true},
                {0x1p300, true},   {-0x1p300, true},  {0x1p-201, false}, {0x1.fp-201, false},
                {0, false},        {-0.0, false},     {5e-324, false},   {0x1.001p300, false},
                {DBL_MAX, false},  {-DBL_MAX, false}, {NAN, false},      {INFINITY, false},
                {-INFINITY, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_moments m = {0};
        cp_moments_add(&m, rows[i].value);
        assert_int_equal(m.count, 1);
        assert_int_equal(m.limit == CP_MOMENTS_PLAIN, rows[i].plain);
        assert_true(m.sum.high == 0 && m.squares.high == 0);
    }
}

/* Values about where the plain path begins and ends: as origins, as distances, as both. */
static void test_edges_of_the_plain_path(void **state)
{
    (void)state;
    static const int exponents[] = {-253, -250, -249, -202, -201, -200, -199,
                                    249,  250,  251,  298,  300,  301,  302};
    for (size_t i = 0; i < sizeof exponents / sizeof *exponents; i++)
        for (int round = 0; round < 60; round++) {
            sample s = new_sample(exponents[i]);
            int64_t base = random_below(2) ? 0 : INT64_C(1) << random_below(51);
            int64_t size = INT64_C(1) << random_below(51);
            for (size_t n = 2 + random_below(20); n > 0; n--)
                add(&s, base + around_zero(size));
            assert_exact(&s);
            check_partition(&s);
            free(s.values);
        }
}

/* Each value a part of its own, in the order of the values or joined two by two. */
static void check_single_parts(const sample *s)
{
    cp_moments one_by_one = {0}, in_pairs = {0};
    for (size_t i = 0; i < s->count; i += 2) {
        cp_moments pair = {0};
        for (size_t k = i; k < i + 2 && k < s->count; k++) {
            cp_moments part = {0};
            put_range(&part, s, k, k + 1);
            cp_moments_combine(&one_by_one, &part);
            cp_moments_combine(&pair, &part);
        }
        cp_moments_combine(&in_pairs, &pair);
    }
    assert_moments(&one_by_one, s, 1e-13);
    assert_moments(&in_pairs, s, 1e-13);
}

static void test_parts_of_one_value(void **state)
{
    (void)state;
    static const int exponents[] = {-1074, -401, -300, -250, -205, -200,
                                    -60,   -20,  0,    250,  299,  960};
    for (int round = 0; round < 300; round++) {
        sample s = new_sample(exponents[random_below(12)]);
        int64_t base = around_zero(INT64_C(1) << random_below(50));
        for (size_t n = 2 + random_below(40); n > 0; n--)
            add(&s, base + around_zero(INT64_C(1) << random_below(50)) / 2);
        check_single_parts(&s);
        free(s.values);
    }
}

static cp_moments random_part(void)
{
    cp_moments m = {0};
    double base = ldexp((double)around_zero(1 << 20), (int)random_below(60) - 30);
    for (size_t n = 1 + random_below(20); n > 0; n--)
        cp_moments_add(&m, base + (double)around_zero(1000) / 64);
    return m;
}

/* The short way to combine is the long one, bit for bit, wherever it is taken. */
static void test_the_short_way_to_combine(void **state)
{
    (void)state;
    size_t plain = 0;
    for (int round = 0; round < 20000; round++) {
        cp_moments into = random_part(), from = random_part();
        plain += into.limit == CP_MOMENTS_PLAIN && from.limit == CP_MOMENTS_PLAIN;
        cp_moments slowly = into;
        cp_moments_combine(&into, &from);
        cp_moments_combine_slowly(&slowly, &from);
        assert_true(same_bits(&into, &slowly));
    }
    assert_in_range(plain, 15000, 20000);
}

/* Small whole numbers leave no rounding: the sums are exactly those about the other origin. */
static void test_join(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        double origin = (double)around_zero(1000), other = (double)around_zero(1000);
        cp_moments into = {.origin = {origin, 0}}, from = {.origin = {other, 0}};
        double sum = 0, squares = 0;
        for (int i = 0; i < 20; i++) {
            double x = (double)around_zero(1000);
            cp_moments *m = i % 2 ? &into : &from;
            cp_moments_accumulate(m, (cp_dd){x - m->origin.high, 0});
            m->count++;
            sum += x - origin;
            squares += (x - origin) * (x - origin);
        }
        cp_moments_join(&into, &from, (cp_dd){other - origin, 0});
        assert_true(into.sum.high == sum && into.sum.low == 0);
        assert_true(into.squares.high == squares && into.squares.low == 0);
        assert_int_equal(into.count, 10); /* the caller's to add */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_and_one),
        cmocka_unit_test_setup(test_random_values, start_random),
        cmocka_unit_test_setup(test_many_values, start_random),
        cmocka_unit_test_setup(test_small_noise_on_a_large_value, start_random),
        cmocka_unit_test_setup(test_outliers_anywhere, start_random),
        cmocka_unit_test(test_equal_values),
        cmocka_unit_test(test_equal_subnormals),
        cmocka_unit_test(test_one_other_value),
        cmocka_unit_test_setup(test_extreme_scales, start_random),
        cmocka_unit_test(test_mixed_scales),
        cmocka_unit_test(test_the_largest_doubles),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test_setup(test_large_integers, start_random),
        cmocka_unit_test_setup(test_integers_of_every_size, start_random),
        cmocka_unit_test(test_the_largest_integers),
        cmocka_unit_test_setup(test_split_then_combine, start_random),
        cmocka_unit_test_setup(test_combine_of_parts_far_apart, start_random),
        cmocka_unit_test_setup(test_combine_noise_on_a_large_value, start_random),
        cmocka_unit_test(test_combine_with_nothing),
        cmocka_unit_test(test_combine_origins_alone),
        cmocka_unit_test(test_first_values),
        cmocka_unit_test_setup(test_edges_of_the_plain_path, start_random),
        cmocka_unit_test_setup(test_parts_of_one_value, start_random),
        cmocka_unit_test_setup(test_the_short_way_to_combine, start_random),
        cmocka_unit_test_setup(test_join, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
