/* formats/json/json_row.h, and what DESIGN.md section 5 says of whole records: nested paths,
 * required fields, repeated and unknown keys, spellings of keys, and keys in any order. */
#include "formats/json/json_row.h"
#include "tests/unit/json_support.h"

/* ---- whole records ---- */

static void test_plain_records(void **state)
{
    (void)state;
    assert_line("id:string! n:int8 x:float64",
                "{\"id\":\"a\",\"n\":1,\"x\":1.5}\n"
                "{\"x\":2,\"id\":\"b\",\"n\":2}\n"
                "{\"id\":\"c\"}\n"
                "{\"id\":\"d\",\"n\":null,\"x\":null,\"y\":[1,{\"id\":2}]}\n",
                "'a' 1 1.5\n'b' 2 2\n'c' null null\n'd' null null\n", "");
}

static void test_records_that_are_no_objects(void **state)
{
    (void)state;
    static const char *const records[] = {"[1]", "1", "-0.5", "\"{}\"", "true", "null", "[{}]"};
    cp_schema *schema = schema_of("a:int8");
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        text why = {0};
        put(&why, "not_an_object -: the record is no JSON object: %s", records[i]);
        assert_refused(schema, records[i], why.bytes);
        text_free(&why);
    }
    cp_schema_free(schema);
}

static void test_syntax_of_the_record(void **state)
{
    (void)state;
    static const char early[] = "the record ends too early";
    static const struct {
        const char *record;
        unsigned at;
        const char *detail;
    } rows[] = {
        {"{", 1, early},
        {"{\"a\"", 4, early},
        {"{\"a\":", 5, early},
        {"{\"a\":1", 6, early},
        {"{\"a\":1,", 7, early},
        {"{\"a\":1,}", 7, "expected a key"},
        {"{\"a\":1 \"b\":1}", 7, "expected ',' or '}'"},
        {"{\"a\":1]", 6, "expected ',' or '}'"},
        {"{\"a\" 1}", 5, "expected ':'"},
        {"{\"zz\" 1}", 6, "expected ':'"},
        {"{\"a\"}", 4, "expected ':'"},
        {"{a:1}", 1, "expected a key"},
        {"{,\"a\":1}", 1, "expected a key"},
        {"{\"a\":1}}", 7, "expected the end of the record"},
        {"{\"a\":1} x", 8, "expected the end of the record"},
        {"{\"a\":1}{\"a\":2}", 7, "expected the end of the record"},
        {"{\"a\":1},", 7, "expected the end of the record"},
        {"}", 0, "expected a value"},
        {"[1]]", 3, "expected the end of the record"},
        {"x", 0, "expected a value"},
        {"{\"o\":{\"p\":1}", 12, early},
        {"{\"o\":{\"p\":1]}", 11, "expected ',' or '}'"},
        {"{\"o\":{\"p\"}}", 9, "expected ':'"},
        {"{\"o\":{\"p\":1,}}", 12, "expected a key"},
        {"{\"z\":{\"p\":1,}}", 12, "expected a key"},
        {"{\"z\":[1,]}", 8, "expected a value"},
        {"{\"a\":tru}", 5, "expected a value"},
        {"{\"a\x01\":1}", 3, "a control character in a string"},
        {"{\"a\":\"x\ty\"}", 7, "a control character in a string"},
        {"{\"s\":\"x\\y\"}", 8, "no such escape in a string"},
    };
    cp_schema *schema = schema_of("a:int8 s:string o.p:int8");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text why = {0};
        put(&why, "json_syntax -: invalid JSON at byte %u of the record: %s", rows[i].at,
            rows[i].detail);
        assert_refused(schema, rows[i].record, why.bytes);
        text_free(&why);
    }
    cp_schema_free(schema);
}

static void test_bad_text_anywhere(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string o.p:int8");
    assert_refused(schema, "{\"s\":\"\xC3(\"}",
                   "invalid_utf8 -: invalid UTF-8 at byte 6 of the record");
    assert_refused(schema, "{\"z\":\"ab\xFF\"}",
                   "invalid_utf8 -: invalid UTF-8 at byte 8 of the record");
    assert_refused(schema, "{\"\xED\xA0\x80\":1}",
                   "invalid_utf8 -: invalid UTF-8 at byte 2 of the record");
    assert_refused(schema, "{\"z\":[[\"\\udc00\"]]}",
                   "invalid_escape -: \\u escape of half a surrogate pair at byte 8 of the record");
    assert_refused(schema, "{\"s\":\"\\ud800x\"}",
                   "invalid_escape -: \\u escape of half a surrogate pair at byte 6 of the record");
    assert_refused(schema, "{\"o\":{\"\\ud800\":1}}",
                   "invalid_escape -: \\u escape of half a surrogate pair at byte 7 of the record");
    cp_schema_free(schema);
}

/* A record that is no JSON is refused for that, whatever rule it broke before. */
static void test_syntax_comes_before_rules(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "{\"a\":300,\"b\":}",
        "{\"a\":\"x\",\"z\":[1,}",
        "{\"a\":1,\"a\":2,\"b\"}",
        "{\"a\":1.5}x",
        "[1,2",
        "{\"b\":true,\"b\":\"\xFF\"}",
        "{\"a\":1e99,\"z\":\"\\x\"}",
        "{\"o\":1,\"a\":1,}",
        "{\"a\":null} ]",
    };
    cp_schema *schema = schema_of("a:int8! b:bool o.p:int8");
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        decoded out = decode_bytes(schema, broken[i], strlen(broken[i]));
        const char *rejects = shown(&out.rejects);
        if (!strstr(rejects, " json_syntax -: ") && !strstr(rejects, " invalid_utf8 -: "))
            fail_msg("%s: %s", broken[i], rejects);
        decoded_free(&out);
    }
    assert_refused(schema, "{\"a\":300,\"b\":1}", "out_of_range a: 300 does not fit int8");
    assert_refused(schema, "{\"b\":1,\"a\":300}", "wrong_type b: 1 is no bool");
    cp_schema_free(schema);
}

static void test_depth_of_records(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:json o.p:json");
    static const struct {
        const char *open, *close;
        int levels; /* of arrays within */
        bool good;
    } rows[] = {
        {"{\"a\":", "}", CP_JSON_DEPTH_MAX - 1, true},
        {"{\"a\":", "}", CP_JSON_DEPTH_MAX, false},
        {"{\"z\":", "}", CP_JSON_DEPTH_MAX - 1, true},
        {"{\"z\":", "}", CP_JSON_DEPTH_MAX, false},
        {"{\"o\":{\"p\":", "}}", CP_JSON_DEPTH_MAX - 2, true},
        {"{\"o\":{\"p\":", "}}", CP_JSON_DEPTH_MAX - 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text line = {0};
        put(&line, "%s", rows[i].open);
        for (int k = 0; k < rows[i].levels; k++)
            put(&line, "[");
        for (int k = 0; k < rows[i].levels; k++)
            put(&line, "]");
        put(&line, "%s", rows[i].close);
        decoded out = decode_bytes(schema, line.bytes, line.size);
        assert_int_equal(out.accepted, rows[i].good);
        if (!rows[i].good)
            assert_non_null(strstr(out.rejects.bytes,
                                   " nesting_too_deep -: nested deeper than 1024 levels | "));
        decoded_free(&out);
        text_free(&line);
    }
    cp_schema_free(schema);
}

/* ---- nested paths ---- */

static void test_nested_paths(void **state)
{
    (void)state;
    assert_line("id:int8 reading.value:float64 reading.unit:string reading.at.day:int8",
                "{\"id\":1,\"reading\":{\"value\":1.5,\"unit\":\"C\",\"at\":{\"day\":3}}}\n"
                "{\"reading\":{\"at\":{\"day\":4,\"x\":{}},\"x\":1,\"value\":2},\"id\":2}\n"
                "{\"id\":3}\n"
                "{\"id\":4,\"reading\":null}\n"
                "{\"id\":5,\"reading\":{}}\n"
                "{\"id\":6,\"reading\":{\"at\":null,\"unit\":null}}\n"
                "{\"id\":7,\"value\":9,\"unit\":\"x\",\"day\":1,\"reading.value\":1}\n",
                "1 1.5 'C' 3\n2 2 null 4\n3 null null null\n4 null null null\n5 null null null\n"
                "6 null null null\n7 null null null\n",
                "");
}

static void test_parents_that_are_no_objects(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("reading.value:float64 reading.at.day:int8");
    assert_refused(schema, "{\"reading\":5}", "wrong_type reading.value: 5 is no object");
    assert_refused(schema, "{\"reading\":[]}", "wrong_type reading.value: [] is no object");
    assert_refused(schema, "{\"reading\":\"x\"}", "wrong_type reading.value: \"x\" is no object");
    assert_refused(schema, "{\"reading\":{\"at\":true}}",
                   "wrong_type reading.at.day: true is no object");
    cp_schema_free(schema);
}

static void test_required_within_parents(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("id:int8 o.p:int8! o.q:int8");
    assert_decodes(schema, "{\"o\":{\"p\":1}}\n", "null 1 null\n", "");
    assert_refused(schema, "{\"id\":1}", "missing_field o.p: required field is missing");
    assert_refused(schema, "{\"o\":null}", "missing_field o.p: required field is missing");
    assert_refused(schema, "{\"o\":{\"q\":1}}", "missing_field o.p: required field is missing");
    assert_refused(schema, "{\"o\":{\"p\":null}}", "null_value o.p: required field is null");
    cp_schema_free(schema);
}

/* The first field in the schema's order that lacks a value. */
static void test_the_first_required_field_is_named(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int8! b:int8! c:int8!");
    assert_refused(schema, "{\"c\":null,\"b\":null}", "missing_field a: required field is missing");
    assert_refused(schema, "{\"c\":null,\"a\":1,\"b\":null}",
                   "null_value b: required field is null");
    cp_schema_free(schema);
}

/* ---- repeated keys ---- */

static void assert_policy(const char *description, cp_duplicate_policy policy, const char *lines,
                          const char *rows, const char *rejects)
{
    cp_schema *schema = schema_of(description);
    schema->duplicates = policy;
    assert_decodes(schema, lines, rows, rejects);
    cp_schema_free(schema);
}

static void test_duplicates_refused(void **state)
{
    (void)state;
    assert_policy("a:int8 o.p:int8 o.q:int8", CP_DUPLICATE_REJECT,
                  "{\"a\":1,\"a\":1}\n"
                  "{\"a\":null,\"\\u0061\":1}\n"
                  "{\"o\":{\"p\":1,\"p\":2}}\n"
                  "{\"o\":{\"p\":1},\"o\":{\"q\":2}}\n"
                  "{\"o\":null,\"a\":1,\"o\":null}\n"
                  "{\"a\":1,\"o\":{\"q\":1,\"p\":2,\"a\":3}}\n",
                  "1 2 1\n",
                  "0 0 0+13 duplicate_key a: the key stands twice | {\"a\":1,\"a\":1}\n"
                  "1 1 14+21 duplicate_key a: the key stands twice | "
                  "{\"a\":null,\"\\x5Cu0061\":1}\n"
                  "2 2 36+19 duplicate_key o.p: the key stands twice | {\"o\":{\"p\":1,\"p\":2}}\n"
                  "3 3 56+25 duplicate_key o.p: the key stands twice | "
                  "{\"o\":{\"p\":1},\"o\":{\"q\":2}}\n"
                  "4 4 82+25 duplicate_key o.p: the key stands twice | "
                  "{\"o\":null,\"a\":1,\"o\":null}\n");
}

static void test_first_of_duplicates(void **state)
{
    (void)state;
    assert_policy("a:int8 s:string o.p:int8 o.q:int8", CP_DUPLICATE_FIRST,
                  "{\"a\":1,\"a\":2,\"a\":3}\n"
                  "{\"a\":null,\"a\":2}\n"
                  "{\"a\":4,\"a\":null}\n"
                  "{\"s\":\"x\",\"s\":\"\\n\"}\n"
                  "{\"o\":{\"p\":1,\"p\":2},\"o\":{\"p\":3,\"q\":4}}\n"
                  "{\"o\":null,\"o\":{\"p\":3}}\n"
                  "{\"a\":5,\"a\":[1,{\"a\":\"\"}]}\n",
                  "1 null null null\nnull null null null\n4 null null null\nnull 'x' null null\n"
                  "null null 1 null\nnull null null null\n5 null null null\n",
                  "");
}

static void test_last_of_duplicates(void **state)
{
    (void)state;
    assert_policy("a:int8 s:string o.p:int8 o.q:int8", CP_DUPLICATE_LAST,
                  "{\"a\":1,\"a\":2,\"a\":3}\n"
                  "{\"a\":null,\"a\":2}\n"
                  "{\"a\":4,\"a\":null}\n"
                  "{\"s\":\"x\",\"s\":\"\\n\"}\n"
                  "{\"o\":{\"p\":1,\"p\":2}}\n"
                  "{\"o\":null,\"o\":{\"p\":3}}\n",
                  "3 null null null\n2 null null null\nnull null null null\n"
                  "null '\\x0A' null null\nnull null 2 null\nnull null 3 null\n",
                  "");
}

/* The last object is the value, not what all of them come to together. */
static void test_last_of_duplicate_objects(void **state)
{
    (void)state;
    assert_policy("o.p:int8 o.q:int8 o.r.s:int8", CP_DUPLICATE_LAST,
                  "{\"o\":{\"p\":1,\"q\":2},\"o\":{\"p\":3}}\n"
                  "{\"o\":{\"p\":1},\"o\":null}\n"
                  "{\"o\":{\"r\":{\"s\":1}},\"o\":{}}\n"
                  "{\"o\":{\"r\":{\"s\":1}},\"o\":{\"r\":{}}}\n",
                  "3 null null\nnull null null\nnull null null\nnull null null\n", "");
}

static void test_required_and_duplicates(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int8!");
    schema->duplicates = CP_DUPLICATE_LAST;
    assert_refused(schema, "{\"a\":1,\"a\":null}", "null_value a: required field is null");
    assert_decodes(schema, "{\"a\":null,\"a\":1}", "1\n", "");
    schema->duplicates = CP_DUPLICATE_FIRST;
    assert_refused(schema, "{\"a\":null,\"a\":1}", "null_value a: required field is null");
    assert_decodes(schema, "{\"a\":1,\"a\":null}", "1\n", "");
    cp_schema_free(schema);
}

/* ---- unknown keys ---- */

static void test_unknown_fields(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int8 o.p:int8");
    assert_decodes(schema, "{\"b\":1,\"a\":1,\"\":{},\"o\":{\"x\":1}}\n", "1 null\n", "");
    schema->reject_unknown = true;
    assert_decodes(schema, "{\"a\":1,\"o\":{\"p\":2}}\n{}\n", "1 2\nnull null\n", "");
    assert_refused(schema, "{\"a\":1,\"b\":1}", "unknown_field -: unknown field \"b\"");
    assert_refused(schema, "{\"a\":1,\"aa\":1}", "unknown_field -: unknown field \"aa\"");
    assert_refused(schema, "{\"\":1}", "unknown_field -: unknown field \"\"");
    assert_refused(schema, "{\"o\":{\"q\":1}}", "unknown_field -: unknown field \"q\"");
    assert_refused(schema, "{\"o\":{\"a\":1}}", "unknown_field -: unknown field \"a\"");
    assert_refused(schema, "{\"o.p\":1}", "unknown_field -: unknown field \"o.p\"");
    cp_schema_free(schema);
}

/* ---- spellings and whitespace ---- */

static void test_escapes_in_keys(void **state)
{
    (void)state;
    assert_line("id:int8 o.p:int8",
                "{\"\\u0069d\":1,\"\\u006f\":{\"\\u0070\":2}}\n"
                "{\"i\\u0064\":3,\"o\":{\"p\":4}}\n"
                "{\"i\\\\u0064\":5,\"\\\"id\":6,\"id\\u0000\":7}\n",
                "1 2\n3 4\nnull null\n", "");
    cp_schema *schema = schema_of("");
    static const char *const names[] = {"q\"q", "b\\b", "t\tt", "s/s", "\xC3\xA9", "\x7F"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cp_field *field;
        assert_int_equal(cp_schema_add(schema, names[i], CP_TYPE_INT8, &field, NULL), CP_OK);
    }
    assert_decodes(schema,
                   "{\"q\\\"q\":1,\"b\\\\b\":2,\"t\\tt\":3,\"s\\/s\":4,\"\\u00e9\":5,\"\x7F\":6}\n"
                   "{\"q\\u0022q\":1,\"b\\u005cb\":2,\"t\\u0009t\":3,\"s/s\":4,\"\xC3\xA9\":5,"
                   "\"\\u007F\":6}\n",
                   "1 2 3 4 5 6\n1 2 3 4 5 6\n", "");
    cp_schema_free(schema);
}

static void test_whitespace_everywhere(void **state)
{
    (void)state;
    static const char *const tokens[] = {
        "{",     "\"a\"", ":",     "1", ",",   "\"o\"", ":",     "{", "\"p\"",   ":",
        "\"x\"", ",",     "\"b\"", ":", "[",   "1",     ",",     "{", "}",       "]",
        "}",     ",",     "\"t\"", ":", "1.5", ",",     "\"e\"", ":", "\"NEW\"", "}"};
    static const char *const spaces[] = {"", " ", "\t", "\r", " \t\r  ", "                      "};
    cp_schema *schema = schema_of("a:uint16 o.p:string t:timestamp[ms] e:enum");
    for (int round = 0; round < 500; round++) {
        text line = {0};
        for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
            size_t kind = round < 6 ? (size_t)round : random_below(6);
            put(&line, "%s%s", spaces[kind], tokens[i]);
        }
        put(&line, "%s\n", spaces[random_below(6)]);
        assert_decodes(schema, line.bytes, "1 'x' 1500 NEW\n", "");
        text_free(&line);
    }
    cp_schema_free(schema);
}

/* ---- key order ---- */

/* Names that tempt a reader that guesses: prefixes of each other, lengths around the edge of a wide
 * compare, bytes that need escapes. */
static const char *const tricky_names[] = {
    "a",
    "ab",
    "abc",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmn",
    "abcdefghijklmno",
    "b\\",
    "q\"",
    "t\t",
    "\xC3\xA9",
    "abcdefghijklM",
    "A",
    "o",
};
enum { TRICKY_COUNT = sizeof tricky_names / sizeof *tricky_names };

static cp_schema *tricky_schema(void)
{
    cp_schema *schema = schema_of("");
    for (size_t i = 0; i < TRICKY_COUNT; i++) {
        cp_field *field;
        assert_int_equal(cp_schema_add(schema, tricky_names[i], CP_TYPE_INT64, &field, NULL),
                         CP_OK);
    }
    return schema;
}

/* The name with some characters as \u escapes; those that must be escaped always. */
static void put_key(text *line, const char *name, bool spells_oddly)
{
    put(line, "\"");
    for (; *name; name++) {
        uint8_t c = (uint8_t)*name;
        bool must = c < 0x20 || c == '"' || c == '\\';
        if (c == 0xC3 && spells_oddly) {
            put(line, "\\u00E9"); /* the one name beyond ASCII */
            name++;
        } else if (must || (spells_oddly && c < 0x80 && random_below(4) == 0)) {
            put(line, "\\u%04x", c);
        } else {
            put_bytes(line, &c, 1);
        }
    }
    put(line, "\"%s:", random_below(8) ? "" : " ");
}

static void put_unknown(text *line)
{
    static const char *const unknown[] = {"\"abcd\":1", "\"\":[{\"a\":1}]",
                                          "\"abcdefghijklmnop\":2", "\"aB\":null",
                                          "\"zzz\":\"a\\\":1\""};
    put(line, "%s", unknown[random_below(sizeof unknown / sizeof *unknown)]);
}

/* A record of some of the keys in some order, and the row that it must become. `alternates`: one of
 * two orders; else any. */
static void put_record(text *line, text *row, int number, bool alternates)
{
    size_t order[TRICKY_COUNT];
    int64_t values[TRICKY_COUNT];
    bool present[TRICKY_COUNT];
    for (size_t i = 0; i < TRICKY_COUNT; i++) {
        order[i] = number % 2 ? i : TRICKY_COUNT - 1 - i;
        values[i] = (int64_t)random_bits() >> random_below(64);
        present[i] = alternates || random_below(3) > 0;
    }
    for (size_t i = TRICKY_COUNT; i-- > 1 && !alternates;) {
        size_t k = random_below(i + 1), kept = order[i];
        order[i] = order[k];
        order[k] = kept;
    }
    put(line, "{");
    const char *comma = "";
    for (size_t i = 0; i < TRICKY_COUNT; i++) {
        if (!alternates && random_below(10) == 0) {
            put(line, "%s", comma);
            put_unknown(line);
            comma = ",";
        }
        if (!present[order[i]])
            continue;
        put(line, "%s", comma);
        put_key(line, tricky_names[order[i]], !alternates && random_below(4) == 0);
        put(line, "%" PRId64, values[order[i]]);
        comma = ",";
    }
    put(line, "}\n");
    for (size_t i = 0; i < TRICKY_COUNT; i++) {
        put_bytes(row, " ", i > 0);
        if (present[i])
            put(row, "%" PRId64, values[i]);
        else
            put(row, "null");
    }
    put(row, "\n");
}

static void check_key_order(bool alternates)
{
    cp_schema *schema = tricky_schema();
    for (int round = 0; round < 20; round++) {
        text lines = {0}, rows = {0};
        for (int i = 0; i < 200; i++)
            put_record(&lines, &rows, i, alternates);
        assert_decodes(schema, lines.bytes, rows.bytes, "");
        text_free(&lines);
        text_free(&rows);
    }
    cp_schema_free(schema);
}

static void test_alternating_key_order(void **state)
{
    (void)state;
    check_key_order(true);
}

static void test_random_key_order(void **state)
{
    (void)state;
    check_key_order(false);
}

/* More keys than a word of a bit set has bits; required ones at the far end. */
static void test_wide_records(void **state)
{
    (void)state;
    enum { WIDE = 200 };
    cp_schema *schema = schema_of("");
    text line = {0}, lacking = {0}, row = {0};
    for (int i = 0; i < WIDE; i++) {
        char name[16];
        cp_field *field;
        snprintf(name, sizeof name, "k%d", i);
        assert_int_equal(cp_schema_add(schema, name, CP_TYPE_UINT8, &field, NULL), CP_OK);
        field->required = i == WIDE - 1;
        put(&line, "%c\"%s\":%s", i ? ',' : '{', name, i % 3 ? "7" : "null");
        put(&row, i % 3 ? "%s7" : "%snull", i ? " " : "");
        if (i < WIDE - 1)
            put(&lacking, "%c\"%s\":1", i ? ',' : '{', name);
    }
    put(&line, "}\n");
    put(&row, "\n");
    put(&lacking, "}");
    assert_decodes(schema, line.bytes, row.bytes, "");
    assert_refused(schema, lacking.bytes, "missing_field k199: required field is missing");
    cp_schema_free(schema);
    text_free(&line);
    text_free(&lacking);
    text_free(&row);
}

/* ---- the functions themselves ---- */

static void test_row_functions(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int8! b:string");
    cp_json_plan plan;
    cp_json_row row;
    cp_batch batch;
    assert_int_equal(cp_json_plan_open(schema, &plan, NULL), CP_OK);
    assert_int_equal(cp_json_row_open(&plan, &row, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, schema, 4, NULL), CP_OK);
    static const char record[] = "{\"a\":5} {\"b\":\"x\"}";
    uint8_t *memory = block_memory(record, strlen(record));
    cp_json_check check = {.record = memory, .end = memory + strlen(record)};
    assert_ptr_equal(cp_json_row_read(&row, memory, &check, &batch), memory + 7);
    assert_int_equal(batch.rows, 0);
    assert_true(cp_json_row_complete(&row, &check, &batch));
    assert_int_equal(((const int8_t *)batch.columns[0].data)[0], 5);
    assert_false(cp_column_is_valid(&batch.columns[1], 0));
    batch.rows++;
    assert_ptr_equal(cp_json_row_read(&row, memory + 8, &check, &batch), memory + 17);
    assert_false(cp_json_row_complete(&row, &check, &batch));
    assert_int_equal(check.refusal.reason, CP_MISSING_FIELD);
    assert_ptr_equal(check.refusal.field, &schema->fields[0]);
    assert_int_equal(batch.columns[1].null_count, 1);
    free(memory);
    cp_batch_close(&batch);
    cp_json_row_close(&row);
    cp_json_row_close(&row);
    cp_json_plan_close(&plan);
    cp_json_plan_close(&plan);
    assert_null(plan.schema);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_records),
        cmocka_unit_test(test_records_that_are_no_objects),
        cmocka_unit_test(test_syntax_of_the_record),
        cmocka_unit_test(test_bad_text_anywhere),
        cmocka_unit_test(test_syntax_comes_before_rules),
        cmocka_unit_test(test_depth_of_records),
        cmocka_unit_test(test_nested_paths),
        cmocka_unit_test(test_parents_that_are_no_objects),
        cmocka_unit_test(test_required_within_parents),
        cmocka_unit_test(test_the_first_required_field_is_named),
        cmocka_unit_test(test_duplicates_refused),
        cmocka_unit_test(test_first_of_duplicates),
        cmocka_unit_test(test_last_of_duplicates),
        cmocka_unit_test(test_last_of_duplicate_objects),
        cmocka_unit_test(test_required_and_duplicates),
        cmocka_unit_test(test_unknown_fields),
        cmocka_unit_test(test_escapes_in_keys),
        cmocka_unit_test_setup(test_whitespace_everywhere, start_random),
        cmocka_unit_test_setup(test_alternating_key_order, start_random),
        cmocka_unit_test_setup(test_random_key_order, start_random),
        cmocka_unit_test(test_wide_records),
        cmocka_unit_test(test_row_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
