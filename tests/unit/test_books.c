/* pipeline/engine/books.h and budget.h: what balances, what does not, and when enough is enough. */
#include "pipeline/engine/books.h"
#include "pipeline/engine/budget.h"
#include "tests/unit/random.h"

#include <string.h>

static void test_balanced(void **state)
{
    (void)state;
    cp_error err = {0};
    cp_books books = {0};
    assert_int_equal(cp_books_check(&books, &err), CP_OK);
    books = (cp_books){.read = 10, .accepted = 7, .rejected = 3, .filtered = 7};
    books.by_reason[CP_JSON_SYNTAX] = 1;
    books.by_reason[CP_TIME_OUT_OF_RANGE] = 2;
    assert_int_equal(cp_books_check(&books, &err), CP_OK);
    assert_int_equal(err.rc, CP_OK);
}

/* Each number one off is found, and the sentence names them all. */
static void test_each_number_counts(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 5; wrong++) {
        cp_books books = {.read = 10, .accepted = 7, .rejected = 3, .filtered = 7};
        books.by_reason[CP_WRONG_TYPE] = 3;
        uint64_t *numbers[] = {&books.read, &books.accepted, &books.rejected, &books.filtered,
                               &books.by_reason[CP_BELOW_MIN]};
        ++*numbers[wrong];
        cp_error err = {0};
        assert_int_equal(cp_books_check(&books, &err), CP_E_BUG);
        assert_string_equal(err.reason, "books_do_not_balance");
        assert_non_null(strstr(err.message, "read 1"));
        assert_int_equal(cp_books_check(&books, NULL), CP_E_BUG);
    }
}

/* Two errors that cancel out in the sum are found by the reasons. */
static void test_errors_that_cancel_out(void **state)
{
    (void)state;
    cp_books books = {.read = 10, .accepted = 6, .rejected = 4};
    books.by_reason[CP_WRONG_TYPE] = 3;
    assert_int_equal(cp_books_check(&books, NULL), CP_E_BUG);
}

static void test_count_budget(void **state)
{
    (void)state;
    static const struct {
        uint64_t max_errors, rejected;
        bool exceeded;
    } rows[] = {
        {0, 0, false}, {0, 1, true},           {5, 5, false},
        {5, 6, true},  {UINT64_MAX, 0, false}, {UINT64_MAX, UINT64_MAX, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_budget budget = {rows[i].max_errors, 1};
        assert_int_equal(cp_budget_exceeded(&budget, rows[i].rejected), rows[i].exceeded);
    }
}

static void test_ratio_budget(void **state)
{
    (void)state;
    static const struct {
        double max_ratio;
        uint64_t read, rejected;
        cp_rc rc;
    } rows[] = {
        {0, 0, 0, CP_OK},
        {0, 100, 0, CP_OK},
        {0, 100, 1, CP_E_DATA},
        {0.01, 100, 1, CP_OK},
        {0.01, 100, 2, CP_E_DATA},
        {0.01, 99, 1, CP_E_DATA},
        {1, 5, 5, CP_OK},
        {1, 0, 0, CP_OK},
        {0.5, 3, 2, CP_E_DATA},
        {0.5, 4, 2, CP_OK},
        {0, UINT64_MAX, 1, CP_E_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_error err = {0};
        cp_budget budget = {UINT64_MAX, rows[i].max_ratio};
        assert_int_equal(cp_budget_check_ratio(&budget, rows[i].read, rows[i].rejected, &err),
                         rows[i].rc);
        assert_int_equal(err.rc, rows[i].rc);
        if (rows[i].rc)
            assert_string_equal(err.reason, "budget_exceeded");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balanced),
        cmocka_unit_test(test_each_number_counts),
        cmocka_unit_test(test_errors_that_cancel_out),
        cmocka_unit_test(test_count_budget),
        cmocka_unit_test(test_ratio_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
