/* pipeline/cli/report_target.h: --to before the extension of --output, and text without both. */
#include "pipeline/cli/report_target.h"
#include "tests/unit/support.h"

static void test_shapes(void **state)
{
    (void)state;
    static const struct {
        int to;
        const char *output;
        int shape;
    } rows[] = {
        {CP_REPORT_UNSAID, NULL, CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, "report.json", CP_REPORT_JSON},
        {CP_REPORT_UNSAID, "/a.b/report.csv", CP_REPORT_CSV},
        {CP_REPORT_UNSAID, "report.txt", CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, "report.parquet", CP_REPORT_PARQUET},
        {CP_REPORT_UNSAID, "report", CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, "a.csv/report", CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, ".json", CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, "day/.csv", CP_REPORT_TEXT},
        {CP_REPORT_UNSAID, "report.csv.json", CP_REPORT_JSON},
        {CP_REPORT_CSV, NULL, CP_REPORT_CSV},
        {CP_REPORT_TEXT, "report.json", CP_REPORT_TEXT},
        {CP_REPORT_JSON, "report.dat", CP_REPORT_JSON},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int shape = -1;
        assert_int_equal(cp_report_shape(rows[i].to, rows[i].output, &shape, NULL), CP_OK);
        assert_int_equal(shape, rows[i].shape);
    }
}

static void test_extensions_of_no_shape(void **state)
{
    (void)state;
    static const char *const outputs[] = {"report.dat", "report.JSON", "report.json.zst",
                                          "a/b.c.d"};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        cp_error err = {0};
        int shape;
        assert_int_equal(cp_report_shape(CP_REPORT_UNSAID, outputs[i], &shape, &err), CP_E_USAGE);
        assert_string_equal(err.reason, "usage");
        assert_non_null(strstr(err.message, strrchr(outputs[i], '.')));
    }
}

/* The words of --to stand where the numbers say. */
static void test_words(void **state)
{
    (void)state;
    assert_string_equal(cp_report_shapes[CP_REPORT_TEXT], "text");
    assert_string_equal(cp_report_shapes[CP_REPORT_JSON], "json");
    assert_string_equal(cp_report_shapes[CP_REPORT_CSV], "csv");
    assert_string_equal(cp_report_shapes[CP_REPORT_PARQUET], "parquet");
    assert_null(cp_report_shapes[CP_REPORT_PARQUET + 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_extensions_of_no_shape),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
