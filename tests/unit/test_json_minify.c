/* White space between tokens goes, and nothing else: random documents in two spellings. */
#include "formats/json/json_minify.h"
#include "formats/json/json_scan.h"
#include "pipeline/core/buffer.h"
#include "tests/unit/support.h"

/* What stands behind the text does not matter. */
static void check_gaps(const char *given, bool expected)
{
    static cp_json_gap_finder *(*const finders[])(void) = {
        cp_json_gap_finder_portable, cp_json_gap_finder_avx2, cp_json_gap_finder_avx512};
    size_t size = strlen(given);
    uint8_t *bytes = malloc(size + CP_PADDING_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, given, size);
    memset(bytes + size, random_below(2) ? ' ' : '"', CP_PADDING_BYTES);
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++)
        if (finders[i]())
            assert_int_equal(finders[i]()(bytes, bytes + size), expected);
    free(bytes);
}

static void check(const char *given, const char *expected)
{
    size_t size = strlen(given);
    check_gaps(given, strcmp(given, expected) != 0);
    uint8_t *out = malloc(size + 1); /* a sanitizer sees each byte too many */
    assert_non_null(out);
    uint8_t *end = cp_json_minify((cp_span){(const uint8_t *)given, size}, out);
    assert_int_equal(end - out, strlen(expected));
    assert_memory_equal(out, expected, strlen(expected));
    memcpy(out, given, size); /* in its own place */
    assert_int_equal(cp_json_minify((cp_span){out, size}, out) - out, strlen(expected));
    assert_memory_equal(out, expected, strlen(expected));
    free(out);
}

static void test_by_hand(void **state)
{
    (void)state;
    check("", "");
    check("1", "1");
    check(" \t\r\n1 ", "1");
    check("[1, 2 ,\n3]", "[1,2,3]");
    check("{ \"a b\" : \" c \\\" d \" }", "{\"a b\":\" c \\\" d \"}");
    check("\"\\\\\" ", "\"\\\\\"");
    check("[\"\\\\\" , \"\\\"\" ]", "[\"\\\\\",\"\\\"\"]");
    check("  [ ]  ", "[]");
}

/* A token, and a gap behind it in the second text. */
static void put_token(text *tight, text *loose, const char *token)
{
    static const char *const gaps[] = {"", "", " ", "\n", "\t\t", " \r\n "};
    put(tight, "%s", token);
    put(loose, "%s%s", token, gaps[random_below(6)]);
}

static void put_value(text *tight, text *loose, int depth)
{
    static const char *const scalars[] = {"1",        "-2.5e+10",     "true",
                                          "null",     "\"\"",         "\" \"",
                                          "\"\\\\\"", "\"a \\\" b\"", "\"\\n\xC3\xA9\""};
    if (depth == 0 || random_below(3) == 0) {
        put_token(tight, loose, scalars[random_below(9)]);
        return;
    }
    bool object = random_below(2);
    put_token(tight, loose, object ? "{" : "[");
    for (size_t i = 0, count = random_below(5); i < count; i++) {
        if (i)
            put_token(tight, loose, ",");
        if (object) {
            put_token(tight, loose, scalars[4 + random_below(5)]);
            put_token(tight, loose, ":");
        }
        put_value(tight, loose, depth - 1);
    }
    put_token(tight, loose, object ? "}" : "]");
}

static void test_random_documents(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        text tight = {0}, loose = {0};
        put(&loose, "%s", random_below(2) ? " \n" : "");
        put_value(&tight, &loose, 4);
        check(shown(&loose), shown(&tight));
        check(shown(&tight), shown(&tight));
        text_free(&tight);
        text_free(&loose);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_by_hand, start_random),
        cmocka_unit_test_setup(test_random_documents, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
