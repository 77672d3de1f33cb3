/* pipeline/expr/like.h against the definition, which tries everything; and its errors. */
#include "pipeline/expr/like.h"
#include "pipeline/text/utf8.h"
#include "tests/unit/support.h"

/* % is no or any character more, _ one character; `escape` 0: none. */
static bool defined_match(const char *pattern, const char *subject, char escape)
{
    if (!*pattern)
        return !*subject;
    if (escape && *pattern == escape)
        return *subject == pattern[1] && defined_match(pattern + 2, subject + 1, escape);
    if (*pattern == '%' && defined_match(pattern + 1, subject, escape))
        return true;
    if (!*subject)
        return false;
    if (*pattern != '%' && *pattern != '_')
        return *subject == *pattern && defined_match(pattern + 1, subject + 1, escape);
    const char *next = subject + 1;
    while (cp_utf8_continues((uint8_t)*next))
        next++;
    return defined_match(*pattern == '%' ? pattern : pattern + 1, next, escape);
}

static void assert_as_defined(const char *pattern, const char *subject, char escape)
{
    const char escape_text[] = {escape, '\0'};
    cp_like *like;
    assert_int_equal(cp_like_compile(cp_span_of(pattern), cp_span_of(escape_text), &like, NULL),
                     CP_OK);
    if (cp_like_matches(like, cp_span_of(subject)) != defined_match(pattern, subject, escape))
        fail_msg("'%s' LIKE '%s' ESCAPE '%s' is wrong", subject, pattern, escape_text);
    cp_like_free(like);
}

static void put_random(char *out, const char *const *pieces, size_t piece_count, size_t count)
{
    *out = '\0';
    for (size_t i = 0; i < count; i++)
        strcat(out, pieces[random_below(piece_count)]);
}

static void test_as_defined(void **state)
{
    (void)state;
    static const char *const in_patterns[] = {"a", "b",  "%",  "_",  "\xc3\xa4",        "%",
                                              "_", "!%", "!_", "!!", "\xf0\x9f\x98\x80"};
    static const char *const in_texts[] = {"a", "b", "\xc3\xa4", "\xf0\x9f\x98\x80",
                                           "%", "_", "!",        "\xc3\xb6"};
    for (int i = 0; i < 200000; i++) {
        char pattern[64], subject[64];
        bool escapes = random_below(2);
        put_random(pattern, in_patterns, escapes ? 11 : 7, random_below(7));
        put_random(subject, in_texts, random_below(2) ? 3 : 8, random_below(9));
        assert_as_defined(pattern, subject, escapes ? '!' : '\0');
    }
}

/* Nothing is tried again: this would take for ever where it were. */
static void test_many_runs(void **state)
{
    (void)state;
    enum { SIZE = 60000 };
    text pattern = {0}, subject = {0};
    cp_like *like;
    for (int i = 0; i < 200; i++)
        put(&pattern, "%%a");
    put(&pattern, "%%b");
    for (int i = 0; i < SIZE; i++)
        put_bytes(&subject, "a", 1);
    cp_span whole = cp_span_of(shown(&subject));
    assert_int_equal(cp_like_compile(cp_span_of(shown(&pattern)), (cp_span){0}, &like, NULL),
                     CP_OK);
    assert_false(cp_like_matches(like, whole));
    subject.bytes[SIZE - 1] = 'b';
    assert_true(cp_like_matches(like, whole));
    cp_like_free(like);
    text_free(&pattern);
    text_free(&subject);
}

static void test_nothing(void **state)
{
    (void)state;
    static const char *const fits[] = {"", "%", "%%", "%%%"};
    static const char *const fits_not[] = {"_", "%_", "_%", "a", "%a%"};
    cp_like *like;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(cp_like_compile(cp_span_of(fits[i]), (cp_span){0}, &like, NULL), CP_OK);
        assert_true(cp_like_matches(like, (cp_span){0}));
        cp_like_free(like);
    }
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(cp_like_compile(cp_span_of(fits_not[i]), (cp_span){0}, &like, NULL),
                         CP_OK);
        assert_false(cp_like_matches(like, (cp_span){0}));
        cp_like_free(like);
    }
    cp_like_free(NULL);
}

static void test_a_wide_escape(void **state)
{
    (void)state;
    cp_like *like;
    cp_span escape = cp_span_of("\xc3\xa4");
    assert_int_equal(cp_like_compile(cp_span_of("a\xc3\xa4%"), escape, &like, NULL), CP_OK);
    assert_true(cp_like_matches(like, cp_span_of("a%")));
    assert_false(cp_like_matches(like, cp_span_of("ab")));
    cp_like_free(like);
    cp_error err = {0};
    assert_int_equal(cp_like_compile(cp_span_of("a\xc3\xa4"), escape, &like, &err), CP_E_USAGE);
    assert_string_equal(err.reason, "bad_expression");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_as_defined, start_random),
        cmocka_unit_test(test_many_runs),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_a_wide_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
