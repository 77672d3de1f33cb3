/* formats/json/json_outline.h and json_pointer.h: where pointers lead, what is no JSON, and that it
 * does not matter in which pieces a document comes. */
#include "formats/json/json_outline.h"
#include "tests/unit/support.h"

/* ---- pointers ---- */

static void test_pointers(void **state)
{
    (void)state;
    cp_json_pointer pointer;
    assert_int_equal(cp_json_pointer_open("", &pointer, NULL), CP_OK);
    assert_int_equal(pointer.count, 0);
    cp_json_pointer_close(&pointer);
    assert_int_equal(cp_json_pointer_open("/a~1b~0c//~01", &pointer, NULL), CP_OK);
    assert_int_equal(pointer.count, 3);
    assert_true(cp_span_equal(pointer.tokens[0], cp_span_of("a/b~c")));
    assert_true(cp_span_equal(pointer.tokens[1], cp_span_of("")));
    assert_true(cp_span_equal(pointer.tokens[2], cp_span_of("~1")));
    assert_string_equal(pointer.text, "/a~1b~0c//~01");
    cp_json_pointer_close(&pointer);
    cp_json_pointer_close(&pointer);
    assert_null(pointer.tokens);
}

static void test_bad_pointers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"a", "--at: \"a\" is no JSON Pointer: it begins with a /"},
        {"#/a", "--at: \"#/a\" is no JSON Pointer: it begins with a /"},
        {"/a~", "--at: \"/a~\" is no JSON Pointer: behind a ~ stands 0 or 1"},
        {"/~2", "--at: \"/~2\" is no JSON Pointer: behind a ~ stands 0 or 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_json_pointer pointer;
        cp_error err = {0};
        assert_int_equal(cp_json_pointer_open(rows[i].text, &pointer, &err), CP_E_USAGE);
        assert_string_equal(err.message, rows[i].message);
        assert_null(pointer.tokens);
    }
}

static void test_indexes(void **state)
{
    (void)state;
    assert_true(cp_json_pointer_is_index(cp_span_of("0"), 0));
    assert_true(cp_json_pointer_is_index(cp_span_of("18446744073709551615"), UINT64_MAX));
    assert_false(cp_json_pointer_is_index(cp_span_of("01"), 1));
    assert_false(cp_json_pointer_is_index(cp_span_of("-"), 0));
    assert_false(cp_json_pointer_is_index(cp_span_of(""), 0));
    assert_false(cp_json_pointer_is_index(cp_span_of("10"), 1));
}

/* ---- documents ---- */

/* Reads on in pieces of `step` bytes. */
static cp_json_outline_end read_pieces(cp_json_outline *outline, const char *document, size_t step,
                                       size_t *at)
{
    const uint8_t *p = (const uint8_t *)document, *end = p + strlen(document);
    cp_json_outline_end found = CP_OUTLINE_ALL;
    while (found == CP_OUTLINE_ALL && p < end) {
        const uint8_t *piece_end = (size_t)(end - p) < step ? end : p + step;
        found = cp_json_outline_read(outline, p, piece_end, &p);
        assert_true(found != CP_OUTLINE_ALL || p == piece_end);
    }
    *at = (size_t)(p - (const uint8_t *)document);
    return found;
}

/* Answer and place, however the document comes. */
static void assert_found(const char *document, const char *pointer_text, cp_json_outline_end wanted,
                         size_t wanted_at, bool whole)
{
    for (size_t step = 1; step <= strlen(document) + 1; step++) {
        cp_json_pointer pointer = {0};
        cp_json_outline outline;
        size_t at;
        if (pointer_text)
            assert_int_equal(cp_json_pointer_open(pointer_text, &pointer, NULL), CP_OK);
        cp_json_outline_start(&outline, pointer_text ? &pointer : NULL);
        cp_json_outline_end found = read_pieces(&outline, document, step, &at);
        if (found != wanted || at != wanted_at || cp_json_outline_is_whole(&outline) != whole)
            fail_msg("%s, %s in steps of %zu: %d at %zu, %s", document,
                     pointer_text ? pointer_text : "no pointer", step, (int)found, at,
                     outline.why ? outline.why : "-");
        cp_json_pointer_close(&pointer);
    }
}

static void test_ways(void **state)
{
    (void)state;
    static const struct {
        const char *document, *pointer;
        cp_json_outline_end found;
        size_t at;
    } rows[] = {
        {" [1]", "", CP_OUTLINE_ARRAY, 2},
        {"{}", "", CP_OUTLINE_NOT_ARRAY, 0},
        {"{\"a\":[", "/a", CP_OUTLINE_ARRAY, 6},
        {"{\"b\":{\"a\":[]},\"a\" : [", "/a", CP_OUTLINE_ARRAY, 21},
        {"{\"aa\":1,\"\":2,\"a\":[", "/a", CP_OUTLINE_ARRAY, 18},
        {"{\"a\":{\"b\":[0],\"c\":[", "/a/c", CP_OUTLINE_ARRAY, 19},
        {"{\"a\":[[[9],8],{\"c\":[", "/a/1/c", CP_OUTLINE_ARRAY, 20},
        {"[[1,[2,3]],[4,5],[", "/2", CP_OUTLINE_ARRAY, 18},
        {"[0,0,0,0,0,0,0,0,0,0,[", "/10", CP_OUTLINE_ARRAY, 22},
        {"{\"\":{\"\":[", "//", CP_OUTLINE_ARRAY, 9},
        {"{\"a/b\":1,\"~\":[", "/~0", CP_OUTLINE_ARRAY, 14},
        {"{\"a\\/b\":[", "/a~1b", CP_OUTLINE_ARRAY, 9},
        {"{\"\\u0061\\n\":[", "/a\n", CP_OUTLINE_ARRAY, 13},
        {"{\"\\uD83D\\uDE00\\u00e9\\u20AC\":[", "/\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC",
         CP_OUTLINE_ARRAY, 29},
        {"{\"\xF0\x9F\x98\x80\xC3\xA9\":[", "/\xF0\x9F\x98\x80\xC3\xA9", CP_OUTLINE_ARRAY, 11},
        {"{\"\\uD83D\":[", "/", CP_OUTLINE_BAD, 8},
        {"{\"b\":1}", "/a", CP_OUTLINE_ABSENT, 6},
        {"{}", "/a", CP_OUTLINE_ABSENT, 1},
        {"[[],[]]", "/2", CP_OUTLINE_ABSENT, 6},
        {"[[]]", "/00", CP_OUTLINE_ABSENT, 3},
        {"{\"a\":{\"b\":1},\"c\":[]}", "/a/c", CP_OUTLINE_ABSENT, 11},
        {"{\"a\":1", "/a/b", CP_OUTLINE_ABSENT, 5},
        {"\"a\"", "/a", CP_OUTLINE_ABSENT, 0},
        {"{\"a\":{", "/a", CP_OUTLINE_NOT_ARRAY, 5},
        {"{\"a\":null", "/a", CP_OUTLINE_NOT_ARRAY, 5},
        {"{\"b\":[1,}", "/a", CP_OUTLINE_BAD, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_found(rows[i].document, rows[i].pointer, rows[i].found, rows[i].at, false);
}

/* Without a pointer: JSON or none, and where it shows; `whole`: it may end there. */
static void test_syntax(void **state)
{
    (void)state;
    static const struct {
        const char *document;
        size_t bad_at; /* SIZE_MAX: nothing is bad */
        bool whole;
    } rows[] = {
        {"", SIZE_MAX, false},
        {" {\"a\" : [ 1 , true,false, null ] }\r\n\t", SIZE_MAX, true},
        {"[]", SIZE_MAX, true},
        {"[[[]]]", SIZE_MAX, true},
        {"-0.5e+7", SIZE_MAX, true},
        {"-0", SIZE_MAX, true},
        {"10E5", SIZE_MAX, true},
        {"[0,1.5,-1e-3,0e0]", SIZE_MAX, true},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u12aF\"", SIZE_MAX, true},
        {"{\"a\":1", SIZE_MAX, false},
        {"\"a", SIZE_MAX, false},
        {"1.", SIZE_MAX, false},
        {"1e", SIZE_MAX, false},
        {"-", SIZE_MAX, false},
        {"tru", SIZE_MAX, false},
        {"01", 1, true},
        {"-a", 1, false},
        {"1.e", 2, false},
        {"1e5.", 3, true},
        {"+1", 0, false},
        {"[1,]", 3, false},
        {"[,1]", 1, false},
        {"[1 2]", 3, false},
        {"{,}", 1, false},
        {"{\"a\" 1}", 5, false},
        {"{\"a\":1,}", 7, false},
        {"{\"a\":}", 5, false},
        {"{1:2}", 1, false},
        {"{\"a\":1]", 6, false},
        {"[1}", 2, false},
        {"]", 0, false},
        {"{} x", 3, true},
        {"1 2", 2, true},
        {"trux", 3, false},
        {"nul ", 3, false},
        {"\"\n\"", 1, false},
        {"\"\\x\"", 2, false},
        {"\"\\u12G4\"", 5, false},
        {"\"\\u12:4\"", 5, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool good = rows[i].bad_at == SIZE_MAX;
        assert_found(rows[i].document, NULL, good ? CP_OUTLINE_ALL : CP_OUTLINE_BAD,
                     good ? strlen(rows[i].document) : rows[i].bad_at, rows[i].whole);
    }
}

/* In keys and in values; each in pieces that end within characters and within pairs. */
static void test_text(void **state)
{
    (void)state;
    static const struct {
        const char *inside;
        size_t bad_at; /* of the byte that shows it; SIZE_MAX: nothing is bad */
    } rows[] = {
        {"\x7F\xC2\x80\xDF\xBF", SIZE_MAX},
        {"\xE0\xA0\x80\xEC\xBF\xBF\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF", SIZE_MAX},
        {"\xF0\x90\x80\x80\xF3\xBF\xBF\xBF\xF4\x8F\xBF\xBF", SIZE_MAX},
        {"\\uD83D\\uDE00\\udbff\\udfff\\uD7FF\\uE000", SIZE_MAX},
        {"a\xFF", 1},
        {"\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC3", 1},
        {"\xC3\xA9\xC3\\n", 3},
        {"\xE0\x9F\xBF", 1},
        {"\xED\xA0\x80", 1},
        {"\xE2\x82x", 2},
        {"\xF0\x8F\xBF\xBF", 1},
        {"\xF4\x90\x80\x80", 1},
        {"\xF5\x80\x80\x80", 0},
        {"\xF0\x9F\x98", 3},
        {"\\uD800", 6},
        {"\\uD800x", 6},
        {"\\uD800\\n", 7},
        {"\\uD800\\u0041", 11},
        {"\\uD800\\uD800", 11},
        {"\\uDE00", 5},
        {"\\uD83D\\uDE00\\uDE00", 17},
    };
    static const char *const around[][2] = {{"[\"", "\"]"}, {"{\"", "\":1}"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < 2; k++) {
            char document[64];
            bool good = rows[i].bad_at == SIZE_MAX;
            int size = snprintf(document, sizeof document, "%s%s%s", around[k][0], rows[i].inside,
                                around[k][1]);
            assert_found(document, NULL, good ? CP_OUTLINE_ALL : CP_OUTLINE_BAD,
                         good ? (size_t)size : rows[i].bad_at + 2, good);
        }
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t depth = CP_JSON_DEPTH_MAX; depth <= CP_JSON_DEPTH_MAX + 1; depth++) {
        text document = {0};
        for (size_t i = 0; i < depth; i++)
            put(&document, i % 3 ? "[" : "{\"a\":");
        cp_json_outline outline;
        size_t at;
        cp_json_outline_start(&outline, NULL);
        cp_json_outline_end found = read_pieces(&outline, document.bytes, SIZE_MAX / 2, &at);
        assert_int_equal(found, depth > CP_JSON_DEPTH_MAX ? CP_OUTLINE_BAD : CP_OUTLINE_ALL);
        text_free(&document);
    }
}

/* Behind the array the document goes on where it was left. */
static void test_behind_the_array(void **state)
{
    (void)state;
    static const struct {
        const char *behind;
        size_t bad_at;
        bool whole;
    } rows[] = {
        {"}]\n", SIZE_MAX, true}, {",\"x\":{\"a\":[]}}]", SIZE_MAX, true},
        {"", SIZE_MAX, false},    {"}", SIZE_MAX, false},
        {"]", 0, false},          {",}", 1, false},
        {"}]]", 2, true},         {"}] 1", 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_json_pointer pointer;
        cp_json_outline outline;
        size_t at;
        assert_int_equal(cp_json_pointer_open("/0/a", &pointer, NULL), CP_OK);
        cp_json_outline_start(&outline, &pointer);
        assert_int_equal(read_pieces(&outline, "[{\"a\":[", 3, &at), CP_OUTLINE_ARRAY);
        cp_json_outline_leave(&outline);
        cp_json_outline_end found = read_pieces(&outline, rows[i].behind, 1, &at);
        bool good = rows[i].bad_at == SIZE_MAX;
        assert_int_equal(found, good ? CP_OUTLINE_ALL : CP_OUTLINE_BAD);
        assert_int_equal(at, good ? strlen(rows[i].behind) : rows[i].bad_at);
        assert_int_equal(cp_json_outline_is_whole(&outline), rows[i].whole);
        cp_json_pointer_close(&pointer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pointers), cmocka_unit_test(test_bad_pointers),
        cmocka_unit_test(test_indexes),  cmocka_unit_test(test_ways),
        cmocka_unit_test(test_syntax),   cmocka_unit_test(test_text),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_behind_the_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
