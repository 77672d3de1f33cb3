/* formats/json/json_text.h: strings with every byte at every place of the wide loads, whole values,
 * depth, and where and why bad text is refused. */
#include "formats/json/json_text.h"
#include "tests/unit/json_support.h"

/* A record in memory of just its size and padding. */
typedef struct record {
    uint8_t *memory;
    size_t size;
    cp_json_check check;
} record;

static record record_of(const void *bytes, size_t size)
{
    record r = {.memory = block_memory(bytes, size), .size = size};
    r.check = (cp_json_check){.record = r.memory, .end = r.memory + size};
    return r;
}

static void test_space(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t skipped;
    } rows[] = {
        {"x", 0},          {" x", 1},
        {" \t\r \r\n", 5}, {"\n", 0},
        {"\v", 0},         {"\f", 0},
        {"\x1f", 0},       {"\x80", 0},
        {"\xA0", 0},       {"                                                 1", 49},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record r = record_of(rows[i].bytes, strlen(rows[i].bytes));
        assert_ptr_equal(cp_json_space(r.memory, CP_JSON_LINES), r.memory + rows[i].skipped);
        free(r.memory);
    }
    record nul = record_of(" \0 ", 3);
    assert_ptr_equal(cp_json_space(nul.memory, CP_JSON_LINES), nul.memory + 1);
    free(nul.memory);
}

/* ---- strings ---- */

/* Letters and one other byte, not a backslash before the quote: where reading stops, and why. */
static void check_string(size_t length, size_t at, unsigned byte)
{
    uint8_t bytes[80];
    memset(bytes, 'a', sizeof bytes);
    bytes[at] = (uint8_t)byte;
    bytes[length] = '"';
    record r = record_of(bytes, length + 1);
    cp_json_string out = {0};
    const uint8_t *end = cp_json_string_read(r.memory, &r.check, &out);
    bool plain = byte >= 0x20 && byte < 0x80 && byte != '\\';
    if (plain) {
        size_t inside = byte == '"' ? at : length;
        assert_ptr_equal(end, r.memory + inside + 1);
        assert_ptr_equal(out.inside.data, r.memory);
        assert_int_equal(out.inside.size, inside);
        assert_false(out.has_escapes);
    } else {
        /* "\a" is no escape: said of the letter. */
        assert_null(end);
        assert_int_equal(r.check.refusal.reason, byte >= 0x80 ? CP_INVALID_UTF8 : CP_JSON_SYNTAX);
        assert_int_equal(r.check.refusal.at, at + (byte == '\\'));
    }
    free(r.memory);
}

static void test_every_byte_at_every_place(void **state)
{
    (void)state;
    for (size_t length = 1; length < 70; length += length < 40 ? 1 : 7)
        for (size_t at = 0; at < length; at++)
            for (unsigned byte = 0; byte < 256; byte++)
                if (byte != '\\' || at + 1 < length)
                    check_string(length, at, byte);
}

typedef struct string_row {
    const char *text; /* behind the opening quote */
    int inside;       /* bytes; -1: refused */
    bool has_escapes;
    cp_reason reason;
    unsigned at;
} string_row;

static void check_string_row(const string_row *row, size_t padding)
{
    text bytes = {0};
    put(&bytes, "%*s%s", (int)padding, "", row->text);
    record r = record_of(bytes.bytes, bytes.size);
    cp_json_string out = {0};
    const uint8_t *end = cp_json_string_read(r.memory, &r.check, &out);
    if (row->inside >= 0) {
        assert_ptr_equal(end, r.memory + padding + row->inside + 1);
        assert_int_equal(out.inside.size, padding + (size_t)row->inside);
        assert_int_equal(out.has_escapes, row->has_escapes);
    } else {
        assert_null(end);
        assert_int_equal(r.check.refusal.reason, row->reason);
        assert_int_equal(r.check.refusal.at, padding + row->at);
        assert_null(r.check.refusal.field);
    }
    free(r.memory);
    text_free(&bytes);
}

/* Each also behind up to 40 spaces, so that it crosses every edge of a wide load. */
static void test_strings(void **state)
{
    (void)state;
    static const string_row rows[] = {
        {"\"", 0, false, CP_ACCEPTED, 0},
        {"plain\"more\"", 5, false, CP_ACCEPTED, 0},
        {"\\\"\"", 2, true, CP_ACCEPTED, 0},
        {"\\\\\"\"", 2, true, CP_ACCEPTED, 0},
        {"\\\\\\\"x\"", 5, true, CP_ACCEPTED, 0},
        {"\\b\\f\\n\\r\\t\\/\"", 12, true, CP_ACCEPTED, 0},
        {"\\u0000\\uFFFF\"", 12, true, CP_ACCEPTED, 0},
        {"\\uD83D\\uDE00\"", 12, true, CP_ACCEPTED, 0},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", 9, false, CP_ACCEPTED, 0},
        {"\xC3\xA9\\n\xC3\xA9\"", 6, true, CP_ACCEPTED, 0},
        {"no end", -1, false, CP_JSON_SYNTAX, 6},
        {"a\tb\"", -1, false, CP_JSON_SYNTAX, 1},
        {"\\x\"", -1, false, CP_JSON_SYNTAX, 1},
        {"\\U0041\"", -1, false, CP_JSON_SYNTAX, 1},
        {"\\u00g1\"", -1, false, CP_JSON_SYNTAX, 1},
        {"\\u004\"", -1, false, CP_JSON_SYNTAX, 1},
        {"\\ud800\"", -1, false, CP_INVALID_ESCAPE, 0},
        {"\\udfff\"", -1, false, CP_INVALID_ESCAPE, 0},
        {"\\ud800\\u0041\"", -1, false, CP_INVALID_ESCAPE, 0},
        {"\\ud800\\ud800\"", -1, false, CP_INVALID_ESCAPE, 0},
        {"x\\ud800\\n\"", -1, false, CP_INVALID_ESCAPE, 1},
        {"\x80\"", -1, false, CP_INVALID_UTF8, 0},
        {"\xC3\"", -1, false, CP_INVALID_UTF8, 0},
        {"\xC0\x80\"", -1, false, CP_INVALID_UTF8, 0},
        {"\xED\xA0\x80\"", -1, false, CP_INVALID_UTF8, 0},
        {"\xF4\x90\x80\x80\"", -1, false, CP_INVALID_UTF8, 0},
        {"\xC3\xA9\xFF\"", -1, false, CP_INVALID_UTF8, 2},
        {"ok\xE2\x82", -1, false, CP_INVALID_UTF8, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t padding = 0; padding <= 40; padding++)
            check_string_row(&rows[i], padding);
}

/* The record ends in the middle of an escape or a string: the next line is not looked at. */
static void test_strings_end_with_the_record(void **state)
{
    (void)state;
    static const char *const cut[] = {"",       "a",       "\\",        "\\u",        "\\u12",
                                      "\\u123", "\\ud83d", "\\ud83d\\", "\\ud83d\\u", "\xC3"};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        text bytes = {0};
        put(&bytes, "%s\nde00A9\xA9\"\n", cut[i]);
        record r = record_of(bytes.bytes, bytes.size);
        cp_json_string out = {0};
        assert_null(cp_json_string_read(r.memory, &r.check, &out));
        assert_true(r.check.refusal.reason >= CP_JSON_SYNTAX);
        assert_true(r.check.refusal.at <= strlen(cut[i]));
        free(r.memory);
        text_free(&bytes);
    }
}

static void test_literals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int size;
    } rows[] = {
        {"true", 4},  {"false", 5}, {"null", 4},  {"nullx", 4}, {"tru", -1}, {"True", -1},
        {"fals", -1}, {"nul", -1},  {"nULL", -1}, {"x", -1},    {"", -1},    {"falsE", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record r = record_of(rows[i].text, strlen(rows[i].text));
        const uint8_t *end = cp_json_literal_read(r.memory, &r.check);
        if (rows[i].size >= 0)
            assert_ptr_equal(end, r.memory + rows[i].size);
        else
            assert_true(!end && r.check.refusal.reason == CP_JSON_SYNTAX);
        free(r.memory);
    }
}

/* ---- values ---- */

typedef struct value_row {
    const char *text;
    int size; /* bytes of the value; -1: refused */
    unsigned at;
    const char *detail;
} value_row;

static void check_value_row(const value_row *row)
{
    record r = record_of(row->text, strlen(row->text));
    const uint8_t *end = cp_json_value_skip(r.memory, &r.check, 0);
    if (row->size >= 0) {
        if (end != r.memory + row->size)
            fail_msg("%s was not skipped, or not as one value", row->text);
    } else {
        if (end || r.check.refusal.reason != CP_JSON_SYNTAX || r.check.refusal.at != row->at)
            fail_msg("%s: refused for %d at %d", row->text, (int)r.check.refusal.reason,
                     (int)r.check.refusal.at);
        assert_string_equal(r.check.refusal.detail, row->detail);
    }
    free(r.memory);
}

static void test_values(void **state)
{
    (void)state;
    static const char ends[] = "the record ends too early";
    static const value_row rows[] = {
        {"1", 1, 0, NULL},
        {"-0.5e+10,", 8, 0, NULL},
        {"\"a\\\"b\" ", 6, 0, NULL},
        {"true]", 4, 0, NULL},
        {"[]", 2, 0, NULL},
        {"{}", 2, 0, NULL},
        {"[ ]x", 3, 0, NULL},
        {"{\t\r }", 5, 0, NULL},
        {"[1,2,[3,[],{}],\"4\"]]", 19, 0, NULL},
        {"{\"a\":{\"b\":[{\"c\":null}]},\"\":1}", 29, 0, NULL},
        {" 1", -1, 0, "expected a value"},
        {"", -1, 0, ends},
        {"[", -1, 1, ends},
        {"[1", -1, 2, ends},
        {"[1,", -1, 3, ends},
        {"[1,]", -1, 3, "expected a value"},
        {"[,1]", -1, 1, "expected a value"},
        {"[1 2]", -1, 3, "expected ',' or ']'"},
        {"[1}", -1, 2, "expected ',' or ']'"},
        {"{", -1, 1, ends},
        {"{\"a\"", -1, 4, ends},
        {"{\"a\":", -1, 5, ends},
        {"{\"a\":1", -1, 6, ends},
        {"{\"a\":1,", -1, 7, ends},
        {"{\"a\":1,}", -1, 7, "expected a key"},
        {"{,}", -1, 1, "expected a key"},
        {"{a:1}", -1, 1, "expected a key"},
        {"{1:1}", -1, 1, "expected a key"},
        {"{\"a\" 1}", -1, 5, "expected ':'"},
        {"{\"a\",1}", -1, 4, "expected ':'"},
        {"{\"a\":1]", -1, 6, "expected ',' or '}'"},
        {"{\"a\":1 \"b\":2}", -1, 7, "expected ',' or '}'"},
        {"{\"a\":}", -1, 5, "expected a value"},
        {"[01]", -1, 2, "expected ',' or ']'"},
        {"[-]", -1, 1, "expected a number"},
        {"[1.]", -1, 1, "expected a number"},
        {"[.5]", -1, 1, "expected a value"},
        {"[+1]", -1, 1, "expected a value"},
        {"[NaN]", -1, 1, "expected a value"},
        {"['a']", -1, 1, "expected a value"},
        {"[1\n]", -1, 2, ends},
        {"[\f1]", -1, 1, "expected a value"},
        {"[1/**/]", -1, 2, "expected ',' or ']'"},
        {"[\"a\x01\"]", -1, 3, "a control character in a string"},
        {"[\"a\\q\"]", -1, 4, "no such escape in a string"},
        {"[\"a", -1, 3, ends},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_value_row(&rows[i]);
}

/* Brackets that open and close in a random pattern against a stack. */
static void test_nesting(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        text t = {0};
        char stack[64];
        size_t depth = 0;
        bool fresh = true; /* behind an opening bracket */
        stack[depth++] = '[';
        put(&t, "[");
        while (depth > 0) {
            bool closes = random_below(20) < 11 || depth == sizeof stack;
            bool object = random_below(2);
            if (closes) {
                put(&t, "%c", stack[--depth] == '[' ? ']' : '}');
            } else {
                put(&t, fresh ? "%s%s" : ",%s%s", stack[depth - 1] == '{' ? "\"k\":" : "",
                    object ? "{" : "[");
                stack[depth++] = object ? '{' : '[';
            }
            fresh = !closes;
        }
        record good = record_of(t.bytes, t.size);
        assert_ptr_equal(cp_json_value_skip(good.memory, &good.check, 0), good.memory + t.size);
        free(good.memory);
        size_t at = random_below(t.size);
        t.bytes[at] = t.bytes[at] == ']' ? '}' : t.bytes[at] == '}' ? ']' : t.bytes[at];
        bool broken = t.bytes[at] == ']' || t.bytes[at] == '}';
        record bad = record_of(t.bytes, t.size);
        assert_int_equal(cp_json_value_skip(bad.memory, &bad.check, 0) == NULL, broken);
        free(bad.memory);
        text_free(&t);
    }
}

static void check_depth(char open, char close, unsigned levels, unsigned outside, bool good)
{
    text t = {0};
    for (unsigned i = 0; i < levels; i++)
        put(&t, open == '{' && i + 1 < levels ? "{\"k\":" : "%c", open);
    for (unsigned i = 0; i < levels; i++)
        put(&t, "%c", close);
    record r = record_of(t.bytes, t.size);
    const uint8_t *end = cp_json_value_skip(r.memory, &r.check, outside);
    if (good) {
        assert_ptr_equal(end, r.memory + t.size);
    } else {
        assert_null(end);
        assert_int_equal(r.check.refusal.reason, CP_NESTING_TOO_DEEP);
    }
    free(r.memory);
    text_free(&t);
}

static void test_depth(void **state)
{
    (void)state;
    check_depth('[', ']', CP_JSON_DEPTH_MAX, 0, true);
    check_depth('[', ']', CP_JSON_DEPTH_MAX + 1, 0, false);
    check_depth('{', '}', CP_JSON_DEPTH_MAX, 0, true);
    check_depth('{', '}', CP_JSON_DEPTH_MAX + 1, 0, false);
    check_depth('[', ']', CP_JSON_DEPTH_MAX - 1, 1, true);
    check_depth('[', ']', CP_JSON_DEPTH_MAX, 1, false);
    check_depth('{', '}', 1, CP_JSON_DEPTH_MAX - 1, true);
    check_depth('[', ']', 1, CP_JSON_DEPTH_MAX, false);
}

static void test_syntax_refusal(void **state)
{
    (void)state;
    record r = record_of("ab\nc", 4);
    assert_null(cp_json_syntax(r.memory + 1, &r.check, "expected more"));
    assert_int_equal(r.check.refusal.reason, CP_JSON_SYNTAX);
    assert_int_equal(r.check.refusal.at, 1);
    assert_string_equal(r.check.refusal.detail, "expected more");
    assert_null(cp_json_syntax(r.memory + 2, &r.check, "expected more"));
    assert_string_equal(r.check.refusal.detail, "the record ends too early");
    assert_null(cp_json_syntax(r.memory + 4, &r.check, "expected more"));
    assert_string_equal(r.check.refusal.detail, "the record ends too early");
    assert_int_equal(r.check.refusal.at, 4);
    free(r.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_every_byte_at_every_place),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_strings_end_with_the_record),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_values),
        cmocka_unit_test_setup(test_nesting, start_random),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_syntax_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
