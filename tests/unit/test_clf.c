/* The format clf through its contract: parts, requests, escapes, other schemas, places. What lines
 * mean at large is for tests/interop/test_clf.py. */
#include "formats/text/clf_schema.h"
#include "tests/unit/json_support.h"

static const cp_format_type *const clf = &cp_clf_format;

#define HEAD "192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "

static decoded decode_log(const cp_schema *schema, const char *lines, uint64_t max_record_bytes)
{
    cp_format *format;
    cp_format_options options = {.max_record_bytes = max_record_bytes};
    assert_int_equal(clf->plan(schema, &options, &format, NULL), CP_OK);
    decoded out = decode_at(format, schema, cp_span_of(lines), 3, 0);
    clf->plan_close(format);
    return out;
}

static void check_schema(const cp_schema *schema, const char *lines, const char *rows,
                         const char *rejects)
{
    decoded out = decode_log(schema, lines, MEBIBYTE);
    assert_string_equal(shown(&out.rows), rows);
    assert_string_equal(shown(&out.rejects), rejects);
    decoded_free(&out);
}

static void check(const char *description, const char *lines, const char *rows, const char *rejects)
{
    cp_schema *schema = schema_of(description);
    check_schema(schema, lines, rows, rejects);
    cp_schema_free(schema);
}

static void test_places(void **state)
{
    (void)state;
    check("status:uint16",
          "\xEF\xBB\xBF" HEAD "\"GET / HTTP/1.0\" 200 5\r\n"
          " \t\r\n"
          "nothing\n" HEAD "\"GET / HTTP/1.0\" 70000 5\n" HEAD "\"GET / HTTP/1.0\" 404 5",
          "200\n404\n",
          "1 2 74+7 clf_syntax -: no access log line, at byte 7 of the record: expected a space | "
          "nothing\n"
          "2 3 82+67 out_of_range status: 70000 does not fit uint16 | " HEAD
          "\"GET / HTTP/1.0\" 70000 5\n");
}

static void test_built_in_schema(void **state)
{
    (void)state;
    cp_guess guess;
    assert_int_equal(clf->infer(&(cp_format_options){0}, (cp_span){0}, true, &guess, NULL), CP_OK);
    cp_schema *schema = guess.schema;
    assert_int_equal(schema->field_count, CP_CLF_PARTS);
    assert_false(schema->inferred);
    check_schema(schema, HEAD "\"GET /x HTTP/1.0\" 200 - \"-\" \"say \\\"hi\\\"\"\n",
                 "'192.0.2.1' null null 971211336 'GET /x HTTP/1.0' 'GET' '/x' 'HTTP/1.0' 200 null "
                 "null 'say \"hi\"'\n",
                 "");
    cp_schema_free(schema);
}

static void test_other_types(void **state)
{
    (void)state;
    check("time:string bytes:string status:json method:enum extra:int8",
          HEAD "\"OPEN / HTTP/1.0\" 200 - \"a\" \"b\"\n" HEAD "\"GET / HTTP/1.0\" 200 5\n",
          "'10/Oct/2000:13:55:36 -0700' null '200' OPEN null\n",
          "1 1 75+65 unknown_symbol method: unknown value GET, expected NEW, OPEN, SHUT | " HEAD
          "\"GET / HTTP/1.0\" 200 5\n");
}

static void test_required(void **state)
{
    (void)state;
    check("referer:string! path:string! host:string",
          HEAD "\"GET /x HTTP/1.0\" 200 5 \"r\" \"-\"\n" HEAD
               "\"GET /x HTTP/1.0\" 200 5 \"-\" \"-\"\n" HEAD "\"GET /x HTTP/1.0\" 200 5\n" HEAD
               "\"-\" 200 5 \"r\" \"-\"\n",
          "'r' '/x' '192.0.2.1'\n",
          "1 1 75+74 null_value referer: required field is null | " HEAD
          "\"GET /x HTTP/1.0\" 200 5 \"-\" \"-\"\n"
          "2 2 150+66 missing_field referer: required field is missing | " HEAD
          "\"GET /x HTTP/1.0\" 200 5\n"
          "3 3 217+60 null_value path: required field is null | " HEAD "\"-\" 200 5 \"r\" \"-\"\n");
    check("host:string extra:int8!", HEAD "\"GET /x HTTP/1.0\" 200 5", "",
          "0 0 0+66 missing_field extra: required field is missing | " HEAD
          "\"GET /x HTTP/1.0\" 200 5\n");
}

static void test_unknown_rest(void **state)
{
    (void)state;
    static const char lines[] = HEAD "\"-\" 200 5 \"-\" \"-\" \"x\" 1\n";
    cp_schema *schema = schema_of("status:uint16");
    check_schema(schema, lines, "200\n", "");
    schema->reject_unknown = true;
    check_schema(schema, lines, "",
                 "0 0 0+66 unknown_field -: unknown field \"\"x\" 1\" | " HEAD
                 "\"-\" 200 5 \"-\" \"-\" \"x\" 1\n");
    cp_schema_free(schema);
}

static void test_too_large(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("status:uint16");
    decoded out = decode_log(schema, HEAD "\"-\" 200 5\r\n" HEAD "\"-\" 200 55\n", 52);
    assert_string_equal(shown(&out.rows), "200\n");
    assert_string_equal(
        shown(&out.rejects),
        "1 1 54+53 record_too_large -: the record is larger than --max-record-size 52 | (none)\n");
    decoded_free(&out);
    cp_schema_free(schema);
}

static void test_requests(void **state)
{
    (void)state;
    static const struct {
        const char *request, *method, *path, *protocol;
    } rows[] = {
        {"GET /a HTTP/1.1", "GET", "/a", "HTTP/1.1"},
        {"GET /a b c HTTP/2", "GET", "/a b c", "HTTP/2"},
        {"GET /a", "GET", "/a", NULL},
        {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "HTTP/1.1"},
        {"GET a", NULL, NULL, NULL},
        {"GET ", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
        {" ", NULL, NULL, NULL},
        {"GET  HTTP/1.1", NULL, NULL, NULL},
        {"GET /a HTTP/", NULL, NULL, NULL},
        {"GET /a HTTP/1.1x", NULL, NULL, NULL},
        {"G\\T /a HTTP/1.1", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const expected[] = {rows[i].method, rows[i].path, rows[i].protocol};
        cp_clf_line line = {0};
        cp_clf_request_read(cp_span_of(rows[i].request), &line);
        for (size_t k = 0; k < 3; k++) {
            cp_span part = line.parts[CP_CLF_METHOD + k];
            assert_int_equal(part.data != NULL, expected[k] != NULL);
            assert_true(!expected[k] || cp_span_equal(part, cp_span_of(expected[k])));
        }
    }
}

static void test_escapes(void **state)
{
    (void)state;
    static const char escaped[] = "a\\\"\\\\\\b\\n\\r\\t\\v\\x41\\x7F\\xe9\\x00\\q\\x4\\xg0\\";
    static const char plain[] = "a\"\\\b\n\r\t\vA\x7F\xe9\0\\q\\x4\\xg0\\";
    uint8_t out[sizeof escaped];
    size_t size = cp_clf_unescape(cp_span_of(escaped), out);
    assert_int_equal(size, sizeof plain - 1);
    assert_memory_equal(out, plain, size);
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool whole, is_log;
    } rows[] = {
        {HEAD "\"GET / HTTP/1.0\" 200 5\n", true, true},
        {HEAD "\"GET / HTTP/1.0\" 200 5", true, true},
        {"\xEF\xBB\xBF\r\n\n" HEAD "\"GET / HTTP/1.0\" 200 5\nxyz", false, true},
        {HEAD "\"GET / HTTP/1.0\" 200 5", false, false},
        {HEAD "\"GET / HTTP/1.0\" 2000 5\n", true, false},
        {"a - - [x] \"y\" 200 5\n", true, false},
        {"a,b\n1,2\n", true, false},
        {"\n", true, false},
        {"", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_span head = cp_span_of(rows[i].head);
        int score = clf->probe(head, rows[i].whole);
        assert_int_equal(score > 0, rows[i].is_log);
        assert_true(score == 0 || score > cp_csv_format.probe(head, rows[i].whole));
    }
}

/* A record of just the limit whose '\r' is the last byte shown: its '\n' may follow. */
static void test_carriage_return_at_the_limit(void **state)
{
    (void)state;
    enum { LIMIT = 2 * MEBIBYTE };
    const cp_format_options options = {.max_record_bytes = LIMIT};
    cp_schema *schema = schema_of("status:uint16");
    cp_format *format;
    cp_splitter *splitter;
    cp_cut cut;
    char *bytes = malloc(LIMIT + 2);
    assert_non_null(bytes);
    memset(bytes, 'x', LIMIT);
    memcpy(bytes + LIMIT, "\r\n", 2);
    assert_int_equal(clf->plan(schema, &options, &format, NULL), CP_OK);
    assert_int_equal(clf->splitter_open(format, &splitter, NULL), CP_OK);
    cp_span shown_first = {(uint8_t *)bytes, LIMIT + 1};
    assert_int_equal(clf->split(splitter, shown_first, CP_GOES_ON, &cut, NULL), CP_MORE);
    cp_span shown_next = {(uint8_t *)bytes, LIMIT + 2};
    assert_int_equal(clf->split(splitter, shown_next, CP_GOES_ON, &cut, NULL), CP_BLOCK);
    assert_int_equal(cut.size, LIMIT + 2);
    clf->splitter_close(splitter);
    clf->plan_close(format);
    cp_schema_free(schema);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),       cmocka_unit_test(test_built_in_schema),
        cmocka_unit_test(test_other_types),  cmocka_unit_test(test_required),
        cmocka_unit_test(test_unknown_rest), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_requests),     cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_probe),        cmocka_unit_test(test_carriage_return_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
