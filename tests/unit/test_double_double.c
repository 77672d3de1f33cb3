/* stages/double_double.h against exact integers: sums and products of doubles that hold whole
 * numbers fit 128 bits. */
#include "stages/double_double.h"
#include "tests/unit/support.h"

enum { ROUNDS = 200000 };

/* A whole number of up to `bits` bits, as a double holds it. */
static double random_whole(unsigned bits)
{
    unsigned kept = bits < 1 ? 1 : bits < 53 ? bits : 53;
    double whole = (double)(random_bits() >> (64 - kept));
    return ldexp(random_below(2) ? whole : -whole, bits < 53 ? 0 : (int)bits - 53);
}

/* A pair whose halves do not overlap, from a whole number. */
static cp_dd pair_of(__int128 whole)
{
    double high = (double)whole;
    return (cp_dd){high, (double)(whole - (__int128)high)};
}

static __int128 whole_of(cp_dd a)
{
    return (__int128)a.high + (__int128)a.low;
}

static __int128 random_pair_whole(unsigned bits)
{
    __int128 whole = (__int128)(random_bits() >> 1) << 42 | (__int128)(random_bits() >> 22);
    whole >>= 105 - bits;
    return random_below(2) ? whole : -whole;
}

static double magnitude(__int128 x)
{
    return fabs((double)x);
}

/* The pair is the whole number, to `relative` of `scale`. */
static void assert_near(cp_dd got, __int128 wanted, double scale, double relative)
{
    double error = (double)((__int128)got.high - wanted) + got.low;
    if (fabs(error) > scale * relative)
        fail_msg("%.17g + %.17g is off by %g", got.high, got.low, error);
    assert_true(got.high == got.high + got.low);
}

static void test_sums_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        double a = random_whole(1 + (unsigned)random_below(110));
        double b = random_whole(1 + (unsigned)random_below(110));
        cp_dd sum = cp_two_sum(a, b);
        assert_true(sum.high == a + b);
        assert_true(whole_of(sum) == (__int128)a + (__int128)b);
        if (fabs(a) < fabs(b))
            continue;
        cp_dd quick = cp_quick_two_sum(a, b);
        assert_true(quick.high == sum.high && quick.low == sum.low);
    }
    cp_dd zero = cp_quick_two_sum(0, 5);
    assert_true(zero.high == 5 && zero.low == 0);
}

static void test_products_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        double a = random_whole(1 + (unsigned)random_below(53));
        double b = random_whole(1 + (unsigned)random_below(53));
        cp_dd product = cp_two_product(a, b);
        assert_true(product.high == a * b);
        assert_true(whole_of(product) == (__int128)a * (__int128)b);
    }
}

/* Bounds of the paper that double_double.h names: 3 u^2 for the sum, with u = 2^-53; 5 u^2 with
 * room to spare for the product. */
static void test_pairs_add_and_multiply(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        __int128 a = random_pair_whole(1 + (unsigned)random_below(105));
        __int128 b = random_pair_whole(1 + (unsigned)random_below(105));
        assert_near(cp_dd_add(pair_of(a), pair_of(b)), a + b, magnitude(a + b), 0x1p-103);
        assert_near(cp_dd_add(pair_of(a), cp_dd_negate(pair_of(a))), 0, 1, 0);
        a >>= 43;
        b >>= 43;
        assert_near(cp_dd_multiply(pair_of(a), pair_of(b)), a * b, magnitude(a * b), 0x1p-102);
    }
}

/* Where nearly everything cancels, what is left is still right. */
static void test_cancellation(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        __int128 a = random_pair_whole(105), small = random_pair_whole(40);
        cp_dd rest = cp_dd_add(pair_of(a + small), cp_dd_negate(pair_of(a)));
        assert_near(rest, small, magnitude(a), 0x1p-104);
    }
}

static void test_quotients(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        __int128 quotient = random_pair_whole(70);
        double divisor = 1 + (double)(random_bits() >> (34 + random_below(29)));
        cp_dd got = cp_dd_divide(pair_of(quotient * (__int128)divisor), divisor);
        assert_near(got, quotient, magnitude(quotient), 0x1p-100);
    }
}

static void test_roots(void **state)
{
    (void)state;
    assert_true(cp_dd_sqrt((cp_dd){0, 0}) == 0);
    assert_true(cp_dd_sqrt((cp_dd){-1e-40, 0}) == 0);
    for (int i = 0; i < ROUNDS; i++) {
        double root = fabs(random_whole(53)) + 1;
        assert_true(cp_dd_sqrt(cp_two_product(root, root)) == root);
        __int128 a = random_pair_whole(104);
        a = a < 0 ? -a : a + 1;
        long double wanted = sqrtl((long double)a);
        double got = cp_dd_sqrt(pair_of(a));
        double ulp = nextafter(got, INFINITY) - got;
        assert_true(fabsl((long double)got - wanted) <= 0.505L * (long double)ulp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sums_are_exact, start_random),
        cmocka_unit_test_setup(test_products_are_exact, start_random),
        cmocka_unit_test_setup(test_pairs_add_and_multiply, start_random),
        cmocka_unit_test_setup(test_cancellation, start_random),
        cmocka_unit_test_setup(test_quotients, start_random),
        cmocka_unit_test_setup(test_roots, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
