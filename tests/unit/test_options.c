/* pipeline/config/options.h: every kind of option in every spelling, operands in between, and what
 * is said of mistakes. */
#include "pipeline/config/options.h"
#include "tests/unit/random.h"

#include <stdio.h>
#include <string.h>

typedef struct values {
    bool quiet, also;
    const char *schema, *output;
    uint64_t chunk_bytes, limit_bytes, errors, threads;
    double ratio;
    int on_error;
} values;

static const char *const policies[] = {"fail", "skip", "quarantine", NULL};

static const cp_option first_rows[] = {
    {"quiet", 'q', CP_OPTION_FLAG, offsetof(values, quiet), NULL, "say nothing", NULL, 0, 0},
    {"also", 0, CP_OPTION_FLAG, offsetof(values, also), NULL, "too", NULL, 0, 0},
    {"schema", 's', CP_OPTION_TEXT, offsetof(values, schema), "FILE", "rules", NULL, 0, 0},
    {"output", 'o', CP_OPTION_TEXT, offsetof(values, output), "OUT", "target", NULL, 0, 0},
    {.name = NULL},
};
static const cp_option second_rows[] = {
    {"chunk-size", 0, CP_OPTION_SIZE, offsetof(values, chunk_bytes), "SIZE", "reads", NULL, 4096,
     1 << 30},
    {"memory-limit", 0, CP_OPTION_SIZE, offsetof(values, limit_bytes), "SIZE", "at most", NULL,
     1024, 0},
    {"max-errors", 'n', CP_OPTION_COUNT, offsetof(values, errors), "N", "budget", NULL, 0, 0},
    {"threads", 0, CP_OPTION_COUNT, offsetof(values, threads), "N", "how many", NULL, 1, 256},
    {"max-error-ratio", 0, CP_OPTION_RATIO, offsetof(values, ratio), "R", "share", NULL, 0, 0},
    {"on-error", 0, CP_OPTION_CHOICE, offsetof(values, on_error), "POLICY", "what", policies, 0, 0},
    {.name = NULL},
};
static const cp_option_table tables[] = {
    {"First", first_rows},
    {"Second", second_rows},
    {NULL, NULL},
};

static const values defaults = {.schema = "default", .errors = 77, .ratio = 0.5, .on_error = 1};

enum { WORDS_MAX = 12 };

/* A command line of words that end with NULL; the operands are left in `argv`. */
static cp_rc parse(const char *const *words, values *out, char **argv, size_t *operands,
                   cp_error *err)
{
    size_t argc = 0;
    for (; words[argc]; argc++) {
        assert_true(argc < WORDS_MAX);
        argv[argc] = (char *)(uintptr_t)words[argc];
    }
    *out = defaults;
    return cp_options_parse(tables, argv, argc, out, operands, err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static values parsed(const char *const *words)
{
    values out;
    char *argv[WORDS_MAX];
    size_t operands;
    cp_error err = {0};
    if (parse(words, &out, argv, &operands, &err))
        fail_msg("%s: %s", words[0], err.message);
    assert_int_equal(operands, 0);
    return out;
}

static void expect_usage(const char *const *words, const char *reason, const char *message)
{
    values out;
    char *argv[WORDS_MAX];
    size_t operands;
    cp_error err = {0};
    assert_int_equal(parse(words, &out, argv, &operands, &err), CP_E_USAGE);
    assert_int_equal(err.rc, CP_E_USAGE);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.message, message);
}

/* ---- what is right ---- */

static void test_nothing_given(void **state)
{
    (void)state;
    values out = defaults;
    size_t operands = 5;
    assert_int_equal(cp_options_parse(tables, NULL, 0, &out, &operands, NULL), CP_OK);
    assert_int_equal(operands, 0);
    assert_memory_equal(&out, &defaults, sizeof out);
}

static void test_spellings(void **state)
{
    (void)state;
    assert_true(parsed(WORDS("--quiet")).quiet);
    assert_true(parsed(WORDS("-q")).quiet);
    assert_false(parsed(WORDS("-q")).also);
    assert_string_equal(parsed(WORDS("--schema", "a.yaml")).schema, "a.yaml");
    assert_string_equal(parsed(WORDS("--schema=a.yaml")).schema, "a.yaml");
    assert_string_equal(parsed(WORDS("-s", "a.yaml")).schema, "a.yaml");
    assert_string_equal(parsed(WORDS("-sa.yaml")).schema, "a.yaml");
    assert_string_equal(parsed(WORDS("--schema=")).schema, "");
    assert_string_equal(parsed(WORDS("--schema=a=b")).schema, "a=b");
    assert_string_equal(parsed(WORDS("--schema", "")).schema, "");
    assert_string_equal(parsed(WORDS("-o", "-")).output, "-");
    assert_string_equal(parsed(WORDS("-o", "--")).output, "--");
    assert_string_equal(parsed(WORDS("-o", "--quiet")).output, "--quiet");
    assert_string_equal(parsed(WORDS("-o", "a", "-o", "b")).output, "b"); /* the last one wins */
}

static void test_sizes(void **state)
{
    (void)state;
    assert_int_equal(parsed(WORDS("--chunk-size", "64KiB")).chunk_bytes, 65536);
    assert_int_equal(parsed(WORDS("--chunk-size=4096")).chunk_bytes, 4096);
    assert_int_equal(parsed(WORDS("--chunk-size=1GiB")).chunk_bytes, 1 << 30);
    assert_int_equal(parsed(WORDS("--memory-limit=1K", "--memory-limit=15E")).limit_bytes,
                     UINT64_C(15) << 60);
}

static void test_counts(void **state)
{
    (void)state;
    assert_int_equal(parsed(WORDS("--max-errors", "0")).errors, 0);
    assert_int_equal(parsed(WORDS("-n5")).errors, 5);
    assert_true(parsed(WORDS("--max-errors=18446744073709551615")).errors == UINT64_MAX);
    assert_int_equal(parsed(WORDS("--threads=1")).threads, 1);
    assert_int_equal(parsed(WORDS("--threads=256")).threads, 256);
}

static void test_ratios_and_choices(void **state)
{
    (void)state;
    assert_true(parsed(WORDS("--max-error-ratio", "0")).ratio == 0);
    assert_true(parsed(WORDS("--max-error-ratio=1")).ratio == 1);
    assert_true(parsed(WORDS("--max-error-ratio=0.001")).ratio == 0.001);
    assert_true(parsed(WORDS("--max-error-ratio=1e-3")).ratio == 0.001);
    for (int i = 0; i < 3; i++)
        assert_int_equal(parsed(WORDS("--on-error", policies[i])).on_error, i);
}

/* Operands come to the front in their order, wherever they stood. */
static void test_operands(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS_MAX];
        const char *operands[WORDS_MAX];
    } rows[] = {
        {{"a", "b", NULL}, {"a", "b", NULL}},
        {{"a", "-q", "b", "--schema", "s", "c", NULL}, {"a", "b", "c", NULL}},
        {{"-", "-q", "-", NULL}, {"-", "-", NULL}},
        {{"-q", "--", "--schema", "-", "--", "-q", NULL}, {"--schema", "-", "--", "-q", NULL}},
        {{"-q", "", NULL}, {"", NULL}},
        {{"-q", "--", NULL}, {NULL}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        values out;
        char *argv[WORDS_MAX];
        size_t operands;
        assert_int_equal(parse(rows[i].words, &out, argv, &operands, NULL), CP_OK);
        for (size_t j = 0; j < operands; j++)
            assert_string_equal(argv[j], rows[i].operands[j]);
        assert_null(rows[i].operands[operands]);
        assert_int_equal(out.quiet, i > 0);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_ptr_equal(cp_options_find(tables, "quiet", 5), &first_rows[0]);
    assert_ptr_equal(cp_options_find(tables, "threads=5", 7), &second_rows[3]);
    assert_null(cp_options_find(tables, "quie", 4));
    assert_null(cp_options_find(tables, "quiet!", 6));
    assert_null(cp_options_find(tables, "", 0));
}

/* ---- mistakes ---- */

static void test_unknown_options(void **state)
{
    (void)state;
    expect_usage(WORDS("--shema", "x"), "unknown_option",
                 "no option --shema; did you mean --schema?");
    expect_usage(WORDS("--max-error", "x"), "unknown_option",
                 "no option --max-error; did you mean --max-errors?");
    expect_usage(WORDS("--thread=3"), "unknown_option",
                 "no option --thread; did you mean --threads?");
    expect_usage(WORDS("--something-else"), "unknown_option", "no option --something-else");
    expect_usage(WORDS("-x"), "unknown_option", "no option -x");
    expect_usage(WORDS("a", "-q", "--quite"), "unknown_option",
                 "no option --quite; did you mean --quiet?");
    expect_usage(WORDS("--an-option-whose-name-is-far-beyond-forty-bytes-long"), "unknown_option",
                 "no option --an-option-whose-name-is-far-beyond-forty-bytes-long");
}

static void test_missing_values(void **state)
{
    (void)state;
    expect_usage(WORDS("--schema"), "value_missing", "--schema needs FILE");
    expect_usage(WORDS("a", "-o"), "value_missing", "--output needs OUT");
    expect_usage(WORDS("--quiet=yes"), "bad_value", "--quiet takes no value");
}

static void test_bad_values(void **state)
{
    (void)state;
    static const char *const no_counts[] = {"-1", "1.5",  "x",   "",   " 1",
                                            "1 ", "0x10", "1e3", "01", "18446744073709551616"};
    for (size_t i = 0; i < sizeof no_counts / sizeof *no_counts; i++) {
        char message[100];
        snprintf(message, sizeof message, "--max-errors: \"%s\" is no whole number", no_counts[i]);
        expect_usage(WORDS("--max-errors", no_counts[i]), "bad_value", message);
    }
    static const char *const no_ratios[] = {"-0.1", "1.0000001", "2", "nan", "", "50%", "1e400"};
    for (size_t i = 0; i < sizeof no_ratios / sizeof *no_ratios; i++) {
        char message[100];
        snprintf(message, sizeof message, "--max-error-ratio: \"%s\" is no number from 0 to 1",
                 no_ratios[i]);
        expect_usage(WORDS("--max-error-ratio", no_ratios[i]), "bad_value", message);
    }
    expect_usage(WORDS("--chunk-size=12XB"), "bad_value",
                 "--chunk-size: \"12XB\" is no size such as 64MiB");
    expect_usage(WORDS("--chunk-size="), "bad_value",
                 "--chunk-size: \"\" is no size such as 64MiB");
    expect_usage(WORDS("--on-error", "Skip"), "bad_value",
                 "--on-error: \"Skip\" is none of fail, skip, quarantine");
}

static void test_limits(void **state)
{
    (void)state;
    expect_usage(WORDS("--threads=0"), "bad_value", "--threads: 0 is not from 1 to 256");
    expect_usage(WORDS("--threads=257"), "bad_value", "--threads: 257 is not from 1 to 256");
    expect_usage(WORDS("--chunk-size=4095"), "bad_value",
                 "--chunk-size: 4095 is not from 4096 to 1073741824");
    expect_usage(WORDS("--memory-limit=1K", "--memory-limit=1023"), "bad_value",
                 "--memory-limit: 1023 is less than 1024");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_ratios_and_choices),
        cmocka_unit_test(test_operands),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_unknown_options),
        cmocka_unit_test(test_missing_values),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
