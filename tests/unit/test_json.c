/* The format json through its contract (pipeline/core/format.h): what is cut and refused where, and
 * the same verdict for each record as in jsonl. */
#include "formats/json/json_text.h"
#include "tests/unit/json_support.h"

static const cp_format_type *const json = &cp_json_format;

/* ---- a document from end to end ---- */

/* What came of a document: "0 2+7 json_syntax -: message | raw" for each reject, places absolute,
 * and behind them how the input ended. */
typedef struct outcome {
    text rows, rejects;
    uint64_t records;
    cp_rc rc;
    cp_error err;
} outcome;

static void outcome_free(outcome *o)
{
    text_free(&o->rows);
    text_free(&o->rejects);
}

static void put_place(outcome *o, uint64_t record, uint64_t offset, const cp_reject *r)
{
    put(&o->rejects, "%" PRIu64 " %" PRIu64 "+%" PRIu64 " %s %s: %s | ", record, offset, r->length,
        cp_reason_name(r->reason), r->field ? r->field : "-", r->message);
    if (r->raw.data)
        put_visible(&o->rejects, r->raw);
    put(&o->rejects, "\n");
}

static void take_block(cp_decoder *decoder, const cp_schema *schema, const cp_block *block,
                       outcome *o)
{
    cp_batch batch;
    cp_rejects *rejects = calloc(1, sizeof *rejects);
    cp_cursor cursor = {0};
    cp_rc rc;
    assert_non_null(rejects);
    assert_int_equal(cp_batch_open(&batch, schema, 7, NULL), CP_OK);
    do {
        cp_batch_reset(&batch);
        cp_rejects_reset(rejects);
        rc = decoder->type->decode(decoder, block, &cursor, &batch, rejects, NULL);
        assert_true(rc == CP_OK || rc == CP_MORE);
        put_batch(&o->rows, &batch);
        for (size_t i = 0; i < rejects->count; i++)
            put_place(o, o->records + rejects->items[i].record,
                      block->offset + rejects->items[i].offset, &rejects->items[i]);
    } while (rc == CP_MORE);
    assert_int_equal(cursor.offset, block->bytes.size);
    o->records += cursor.records;
    cp_batch_close(&batch);
    cp_rejects_free(rejects);
    free(rejects);
}

/* A record that the splitter passed over, as the engine counts it. */
static void take_skip(outcome *o, const cp_cut *cut, uint64_t offset)
{
    if (cut->reason == CP_ACCEPTED)
        return;
    put(&o->rejects, "%" PRIu64 " %" PRIu64 "+%" PRIu64 " %s\n", o->records++,
        offset + cut->size - cut->whole, cut->length, cp_reason_name(cut->reason));
}

/* Splits and decodes `bytes`, shown `step` more at a time. */
static outcome read_document(const cp_format *format, const cp_schema *schema, cp_span bytes,
                             size_t step)
{
    outcome o = {0};
    cp_splitter *splitter;
    cp_decoder *decoder;
    uint8_t *memory = block_memory(bytes.data, bytes.size);
    size_t offset = 0, visible = 0;
    const cp_format_type *type = format->type;
    assert_int_equal(type->splitter_open(format, &splitter, NULL), CP_OK);
    assert_int_equal(type->decoder_open(format, &decoder, NULL), CP_OK);
    for (;;) {
        cp_cut cut;
        cp_span rest = {memory + offset, visible - offset};
        cp_input_end end = visible == bytes.size ? CP_ENDS : CP_GOES_ON;
        o.rc = type->split(splitter, rest, end, &cut, &o.err);
        if (o.rc == CP_MORE) {
            assert_int_equal(end, CP_GOES_ON);
            visible = bytes.size - visible < step ? bytes.size : visible + step;
            continue;
        }
        if (o.rc != CP_BLOCK && o.rc != CP_SKIP)
            break;
        if (o.rc == CP_BLOCK)
            take_block(
                decoder, schema,
                &(cp_block){.bytes = {rest.data, cut.size}, .offset = offset, .note = cut.note},
                &o);
        else
            take_skip(&o, &cut, offset);
        offset += cut.size;
    }
    type->splitter_close(splitter);
    type->decoder_close(decoder);
    free(memory);
    return o;
}

static cp_format *document_plan(const cp_schema *schema, uint64_t max_record_bytes, const char *at)
{
    cp_format *format;
    cp_format_options options = {.max_record_bytes = max_record_bytes, .at = at};
    assert_int_equal(json->plan(schema, &options, &format, NULL), CP_OK);
    return format;
}

/* The document gives these rows and rejects, and ends with this error ("byte: message"; "": none),
 * whatever is shown of it at once. */
static void assert_document(const char *document, const char *at, const char *rows,
                            const char *rejects, const char *error)
{
    cp_schema *schema = schema_of("a:int64");
    cp_format *format = document_plan(schema, 1000, at);
    for (size_t step = 1; step <= strlen(document) + 1; step++) {
        outcome o = read_document(format, schema, cp_span_of(document), step);
        text ended = {0};
        if (o.rc != CP_END)
            put(&ended, "%" PRIu64 ": %s", o.err.byte, o.err.message);
        if (strcmp(shown(&o.rows), rows) != 0 || strcmp(shown(&o.rejects), rejects) != 0 ||
            strcmp(shown(&ended), error) != 0)
            fail_msg("%s\nin steps of %zu became\n%s%s%s\ninstead of\n%s%s%s", document, step,
                     shown(&o.rows), shown(&o.rejects), shown(&ended), rows, rejects, error);
        assert_true(o.rc == CP_END || o.rc == CP_E_DATA);
        text_free(&ended);
        outcome_free(&o);
    }
    format->type->plan_close(format);
    cp_schema_free(schema);
}

#define NOT_JSON "json_syntax -: invalid JSON at byte "
#define NO_END                                                                                     \
    "the record that begins here does not end: the input is cut off, or quotes or brackets do "    \
    "not "                                                                                         \
    "balance and no later line begins like a record"
#define PASSED                                                                                     \
    "unbalanced_record -: quotes or brackets do not balance: passed over up to the line that "     \
    "begins at byte "

static void test_arrays(void **state)
{
    (void)state;
    assert_document("[]", NULL, "", "", "");
    assert_document("\xEF\xBB\xBF \n[ \r\n\t]\n ", NULL, "", "", "");
    assert_document("[{\"a\":1}]", NULL, "1\n", "", "");
    assert_document("[{\"a\":1},{\"a\":2} , {\"a\":3}\n]", NULL, "1\n2\n3\n", "", "");
    assert_document("[\n  {\n    \"a\"\n:\n1\n  },\n  {\n    \"a\": 2\n  }\n]\n", NULL, "1\n2\n",
                    "", "");
    assert_document("[{\"b\":\"],[{\\\"}\",\"a\":1},{\"a\":2,\"c\":[{},[\"}\"]]}]", NULL, "1\n2\n",
                    "", "");
}

static void test_values(void **state)
{
    (void)state;
    assert_document("", NULL, "", "", "");
    assert_document(" \n", NULL, "", "", "");
    assert_document("{\"a\":1}", NULL, "1\n", "", "");
    assert_document("{\"a\":1}{\"a\":2} {\"a\":3}\n\n{\n\"a\":\n4}\n", NULL, "1\n2\n3\n4\n", "",
                    "");
    assert_document("{\"a\":1} 12\n{\"a\":2} \"b c\"", NULL, "1\n2\n",
                    "1 8+2 not_an_object -: the record is no JSON object: 12 | 12\n"
                    "3 19+5 not_an_object -: the record is no JSON object: \"b c\" | \"b c\"\n",
                    "");
    assert_document("{\"a\":1} [2] {\"a\":3},{\"a\":4} {\"a\":5}", NULL, "1\n3\n5\n",
                    "1 8+3 not_an_object -: the record is no JSON object: [2] | [2]\n"
                    "3 19+8 " NOT_JSON "0 of the record: expected a value | ,{\"a\":4}\n",
                    "");
    assert_document("{\"a\":1}}\n{\"a\":2}", NULL, "1\n2\n",
                    "1 7+1 " NOT_JSON "0 of the record: expected a value | }\n", "");
}

static void test_bad_elements(void **state)
{
    (void)state;
    assert_document("[1, \"b\" ,[{\"a\":1}],{\"a\":2}]", NULL, "2\n",
                    "0 1+1 not_an_object -: the record is no JSON object: 1 | 1\n"
                    "1 4+3 not_an_object -: the record is no JSON object: \"b\" | \"b\"\n"
                    "2 9+9 not_an_object -: the record is no JSON object: [{\"a\":1}] | "
                    "[{\"a\":1}]\n",
                    "");
    assert_document("[{\"a\":1.5},{\"a\":1},{\"a\":nul},{\"a\":2}]", NULL, "1\n2\n",
                    "0 1+9 not_an_integer a: 1.5 is no integer, expected int64 | {\"a\":1.5}\n"
                    "2 19+9 " NOT_JSON "5 of the record: expected a value | {\"a\":nul}\n",
                    "");
    /* Brackets that do not fit each other balance still, and one too many is one bad byte. */
    assert_document("[{\"a\":[1}},{\"a\":1],{\"a\":2}},{\"a\":3}]", NULL, "3\n",
                    "0 1+9 " NOT_JSON "7 of the record: expected ',' or ']' | {\"a\":[1}}\n"
                    "1 11+7 " NOT_JSON "6 of the record: expected ',' or '}' | {\"a\":1]\n"
                    "2 19+8 " NOT_JSON
                    "7 of the record: expected the end of the record | {\"a\":2}}\n",
                    "");
    assert_document("[{\\\"a\":1},{\"a\":2}]", NULL, "2\n",
                    "0 1+8 " NOT_JSON "1 of the record: expected a key | {\\x5C\"a\":1}\n", "");
}

static void test_commas(void **state)
{
    (void)state;
    assert_document("[,{\"a\":1}]", NULL, "1\n",
                    "0 1+0 " NOT_JSON "0 of the record: expected a value | \n", "");
    assert_document("[{\"a\":1},,{\"a\":2}]", NULL, "1\n2\n",
                    "1 9+0 " NOT_JSON "0 of the record: expected a value | \n", "");
    assert_document("[{\"a\":1},\n]", NULL, "1\n",
                    "1 10+0 " NOT_JSON "0 of the record: expected a value | \n", "");
    assert_document("[{\"a\":1} {\"a\":2},{\"a\":3}]", NULL, "3\n",
                    "0 1+15 " NOT_JSON "8 of the record: expected the end of the record | "
                    "{\"a\":1} {\"a\":2}\n",
                    "");
}

static void test_documents_that_do_not_end(void **state)
{
    (void)state;
    assert_document("[", NULL, "", "", "1: the input ends before the array of records does");
    assert_document("[{\"a\":1},", NULL, "1\n", "",
                    "9: the input ends before the array of records does");
    assert_document("[{\"a\":1},{\"a\":2}", NULL, "1\n", "", "9: " NO_END);
    assert_document("[{\"a\":1}, {\"a\":2", NULL, "1\n", "", "10: " NO_END);
    assert_document("[{\"a\":1},{\"a\":\"2", NULL, "1\n", "", "9: " NO_END);
    assert_document("{\"a\":1}{\"a\":", NULL, "1\n", "", "7: " NO_END);
}

/* Every prefix of a document is an error; none of its records is lost but those that are cut. */
static void test_every_truncation(void **state)
{
    (void)state;
    static const char document[] =
        "{\"b\":[1],\"c\":[{\"a\":1},{\"a\":-2,\"b\":\"]\"}, 3 ],\"d\":0}";
    cp_schema *schema = schema_of("a:int64");
    cp_format *format = document_plan(schema, 1000, "/c");
    for (size_t size = 1; size < sizeof document - 1; size++) {
        outcome o = read_document(format, schema, (cp_span){(const uint8_t *)document, size}, 5);
        assert_int_equal(o.rc, CP_E_DATA);
        assert_string_equal(o.err.reason, "truncated_input");
        assert_true(o.err.has_byte && o.err.byte <= size);
        assert_string_equal(shown(&o.rows), size < 22 ? "" : size < 39 ? "1\n" : "1\n-2\n");
        outcome_free(&o);
    }
    format->type->plan_close(format);
    cp_schema_free(schema);
}

static void test_behind_the_array(void **state)
{
    (void)state;
    assert_document("[{\"a\":1}] x", NULL, "1\n", "",
                    "10: invalid JSON outside of the records: expected nothing behind the value");
    assert_document("[{\"a\":1}][]", NULL, "1\n", "",
                    "9: invalid JSON outside of the records: expected nothing behind the value");
    assert_document("[{\"a\":1}]]", NULL, "1\n", "",
                    "9: invalid JSON outside of the records: expected nothing behind the value");
}

static void test_pointers(void **state)
{
    (void)state;
    assert_document("[{\"a\":1}]", "", "1\n", "", "");
    assert_document("{\"x\":[{\"y\":{}},{\"y\":[{\"a\":1},{\"a\":2}],\"z\":\"]\"}],\"y\":[3]}",
                    "/x/1/y", "1\n2\n", "", "");
    assert_document("{\"y\":{\"a\":1}}", "/y", "", "",
                    "5: --at \"/y\": the value there is no array");
    assert_document("{\"y\":1}", "/x", "", "", "6: --at \"/x\": there is no such value");
    assert_document("{\"a\":1}", "", "", "", "0: --at \"\": the value there is no array");
    assert_document("{\"z\":tru,\"y\":[]}", "/y", "", "",
                    "8: invalid JSON outside of the records: expected a value");
    assert_document("{\"y\":[{\"a\":1}],}", "/y", "1\n", "",
                    "15: invalid JSON outside of the records: expected a key");
    assert_document("{\"y\":[{\"a\":1}]", "/y", "1\n", "",
                    "14: the input ends in the middle of the JSON document");
    assert_document(" ", "/y", "", "", "1: the input ends in the middle of the JSON document");
}

static void test_lines_that_begin_like_records(void **state)
{
    (void)state;
    assert_document("[\n{\"b\":\"x},\n{\"a\":1},\n{\"a\":2}\n]", NULL, "1\n2\n",
                    "0 2+9 " PASSED "12 | {\"b\":\"x},\n", "");
    /* Deeper lines are the record's own. */
    assert_document("[\n  {\n    \"b\": \"x,\n    {\n  },\n  {\"a\":1}\n]", NULL, "1\n",
                    "0 4+25 " PASSED "32 | {\\x0A    \"b\": \"x,\\x0A    {\\x0A  },\n", "");
    /* The array's end, and a comma at the start of a line. */
    assert_document("[\n{\"a\":1},\n{\"b\":\"x}\n]\n", NULL, "1\n",
                    "1 11+8 " PASSED "20 | {\"b\":\"x}\n", "");
    assert_document("[\n {\"b\":\"x}\n , {\"a\":1}]", NULL, "1\n",
                    "0 3+11 " PASSED "15 | {\"b\":\"x}\\x0A ,\n", "");
    /* A record that begins no line: lines without white space count. */
    assert_document("[{\"b\":\"x},\n {\"a\":1},\n{\"a\":2}]", NULL, "2\n",
                    "0 1+19 " PASSED "21 | {\"b\":\"x},\\x0A {\"a\":1},\n", "");
    assert_document("{\"b\":\"x}\n{\"a\":1}\n", NULL, "1\n", "0 0+8 " PASSED "9 | {\"b\":\"x}\n",
                    "");
    /* On one line there is none. */
    assert_document("[{\"b\":\"x},{\"a\":1},\n {\"a\":2}]", NULL, "", "", "1: " NO_END);
}

/* A bracket that is missing shows where the input ends, or the record is too large; the lines
 * before are looked at again. */
static void test_brackets_that_do_not_balance(void **state)
{
    (void)state;
    assert_document("[\n{\"b\":{\"c\":1},\n{\"a\":1},\n{\"a\":2}\n]", NULL, "1\n2\n",
                    "0 2+13 " PASSED "16 | {\"b\":{\"c\":1},\n", "");
    assert_document("[\n{\"b\":[1,2},\n{\"a\":1}\n]", NULL, "1\n",
                    "0 2+11 " PASSED "14 | {\"b\":[1,2},\n", "");
}

/* ---- records that are too large ---- */

static void put_times(text *out, const char *bytes, size_t times)
{
    for (size_t i = 0; i < times; i++)
        put(out, "%s", bytes);
}

/* As assert_document, for documents beyond a block and records beyond 2 MiB; raw bytes not. */
static void assert_large(const text *document, const char *rows, const char *rejects, cp_rc rc)
{
    static const size_t steps[] = {SIZE_MAX / 2, MEBIBYTE, 100000, 2 * MEBIBYTE + 1, 777777};
    cp_schema *schema = schema_of("a:int64");
    cp_format *format = document_plan(schema, 2 * MEBIBYTE, NULL);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        outcome o = read_document(
            format, schema, (cp_span){(const uint8_t *)document->bytes, document->size}, steps[i]);
        assert_string_equal(shown(&o.rows), rows);
        assert_string_equal(shown(&o.rejects), rejects);
        assert_int_equal(o.rc, rc);
        outcome_free(&o);
    }
    format->type->plan_close(format);
    cp_schema_free(schema);
}

/* `before`, `times` times `filling`, `behind`. */
static text large_document(const char *before, const char *filling, size_t times,
                           const char *behind)
{
    text document = {0};
    put(&document, "%s", before);
    put_times(&document, filling, times);
    put(&document, "%s", behind);
    return document;
}

static void test_records_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *before, *filling, *behind, *rows, *rejects;
        cp_rc rc;
    } rows[] = {
        {"[{\"a\":1},{\"b\":\"", "xy]", "\"} ,{\"a\":2}]", "1\n2\n",
         "1 9+6000009 record_too_large\n", CP_END},
        {"[{\"a\":1},{\"b\":[0", ",9 ", "]}]", "1\n", "1 9+6000009 record_too_large\n", CP_END},
        {"[{\"a\":1},{\"b\":[0", ",9\n", "]},{\"a\":2}]", "1\n2\n",
         "1 9+6000009 record_too_large\n", CP_END},
        {"{\"a\":1}{\"b\":[0", ",9\n", "]}{\"a\":2}", "1\n2\n", "1 7+6000009 record_too_large\n",
         CP_END},
        {"{\"a\":1}", "123", " {\"a\":2}", "1\n2\n", "1 7+6000000 record_too_large\n", CP_END},
        /* A line break in the string, beyond the limit: on to a line that begins like a record. */
        {"[{\"a\":1},{\"b\":\"", "xy]", "\n\"},\n {\"a\":3},\n{\"a\":2}]", "1\n2\n",
         "1 9+6000021 record_too_large\n", CP_END},
        /* Never balanced, which shows before the limit; such a line comes only behind it. */
        {"[{\"a\":1},{\"b\":1},x{", "xyz", "\n{\"a\":2}]", "1\n2\n",
         "2 17+6000003 record_too_large\n", CP_END},
        {"[{\"a\":1},{\"b\":\"", "xy]", "", "1\n", "", CP_E_DATA},
        {"[{\"a\":1},{\"b\":\"", "xy]", "\n \"", "1\n", "", CP_E_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text document = large_document(rows[i].before, rows[i].filling, 2000000, rows[i].behind);
        const char *wanted = i == 6 ? "1\nnull\n2\n" : rows[i].rows;
        assert_large(&document, wanted, rows[i].rejects, rows[i].rc);
        text_free(&document);
    }
}

/* Brackets that are missing, and behind them more records than may be seen of one: nothing but the
 * two is lost. */
static void test_missing_brackets_in_many_records(void **state)
{
    (void)state;
    static const char broken[] = "{\"b\":{\"a\":1},\n";
    text document = {0}, rows = {0}, rejects = {0};
    put(&document, "[\n");
    for (int i = 0; i < 400000; i++) {
        size_t start = document.size;
        if (i != 1000 && i != 200000) {
            put(&document, "{\"a\":%d},\n", i);
            put(&rows, "%d\n", i);
            continue;
        }
        put(&document, broken);
        put(&rejects, "%d %zu+13 %s%zu | {\"b\":{\"a\":1},\n", i, start, PASSED, document.size);
    }
    put(&document, "{}\n]");
    put(&rows, "null\n");
    assert_large(&document, rows.bytes, rejects.bytes, CP_END);
    text_free(&document);
    text_free(&rows);
    text_free(&rejects);
}

/* ---- the same verdicts as in lines ---- */

static const char *random_space(cp_json_form form)
{
    static const char *const spaces[] = {"", "", "", " ", "\t", "  ", "\r\n ", "\n", "\n\n    "};
    return spaces[random_below(form == CP_JSON_LINES ? 6 : sizeof spaces / sizeof *spaces)];
}

/* A member's value: most often one that the schema takes. */
static const char *random_value(void)
{
    static const char *const values[] = {"1",
                                         "-77",
                                         "2.5",
                                         "\"NEW\"",
                                         "\"OPEN\"",
                                         "null",
                                         "1700000000",
                                         "[]",
                                         "true",
                                         "{\"k\":[1,{}]}",
                                         "70000",
                                         "\"\\u0041\\n\"",
                                         "\"a ,]}[{\"",
                                         "1e400",
                                         "\"\\\\\"",
                                         "\"\\\"\"",
                                         "[\"x\",\"y\"]",
                                         "{}",
                                         "nul",
                                         "01",
                                         "\"\\ud800\"",
                                         "\"\xFF\"",
                                         "[1,]",
                                         "[1}",
                                         "\"\xC3\xA9\"",
                                         "-",
                                         "{\"i\" 1}",
                                         "\"\t\"",
                                         "+1",
                                         "12345678901234567890"};
    size_t good = 18, all = sizeof values / sizeof *values;
    return values[random_below(random_below(8) ? good : all)];
}

/* A record whose strings and brackets balance, bad or good, which is the same in all forms. */
static void put_random_record(text *out)
{
    static const char *const keys[] = {"a", "s", "e", "t", "j", "o\":1,\"x", "unknown", "\\u0061"};
    static const char *const others[] = {"1",   "\"text, ]\"", "[{\"a\":1}]", "nul",
                                         "{}",  "-",           "{\"a\":1}}",  "{\"a\" 1}",
                                         "{,}", "{\"a\":1] x", "null"};
    if (random_below(20) == 0) {
        put(out, "%s", others[random_below(sizeof others / sizeof *others)]);
        return;
    }
    put(out, "{");
    size_t count = random_below(6);
    for (size_t i = 0; i < count; i++)
        put(out, "%s%s\"%s\"%s:%s%s", i ? "," : "", random_space(CP_JSON_LINES),
            keys[(random_below(6) ? i : random_below(8)) % 8], random_space(CP_JSON_LINES),
            random_space(CP_JSON_LINES), random_value());
    put(out, random_below(60) ? "}" : ",}");
}

/* Records in one of the forms; values are only those that end with a bracket. */
static void put_document(text *out, const text *records, size_t count, cp_json_form form)
{
    put(out, form == CP_JSON_ELEMENTS ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        put(out, "%s", form == CP_JSON_LINES ? "" : random_space(form));
        put_bytes(out, records[i].bytes, records[i].size);
        put(out, "%s", form == CP_JSON_LINES ? "\n" : random_space(form));
        put(out, form == CP_JSON_ELEMENTS && i + 1 < count ? "," : "");
    }
    put(out, form == CP_JSON_ELEMENTS ? "]" : "");
}

/* The rejects without their places, which differ. */
static text without_places(const text *rejects)
{
    text out = {0};
    for (const char *line = shown(rejects); *line; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n');
        unsigned long long record;
        int offset_from, offset_to;
        assert_int_equal(sscanf(line, "%llu %n%*u+%*u%n", &record, &offset_from, &offset_to), 1);
        put(&out, "%llu", record);
        put_bytes(&out, line + offset_to, (size_t)(end + 1 - line - offset_to));
    }
    return out;
}

static void assert_same_verdicts(const outcome *lines, const outcome *others, const text *document)
{
    text wanted = without_places(&lines->rejects), got = without_places(&others->rejects);
    if (strcmp(shown(&wanted), shown(&got)) != 0 || others->rc != CP_END ||
        strcmp(shown(&lines->rows), shown(&others->rows)) != 0)
        fail_msg("%s\nbecame\n%s%sinstead of\n%s%s%s", document->bytes, shown(&others->rows),
                 shown(&got), shown(&lines->rows), shown(&wanted), others->err.message);
    text_free(&wanted);
    text_free(&got);
}

static void check_round(const cp_schema *schema, cp_format *plans[3])
{
    enum { RECORDS = 40 };
    text records[RECORDS] = {{0}};
    outcome lines = {0};
    bool ends_itself = true;
    for (size_t i = 0; i < RECORDS; i++) {
        put_random_record(&records[i]);
        ends_itself &= records[i].bytes[0] == '{' && !strstr(records[i].bytes, "}}") &&
                       !strstr(records[i].bytes, "] x");
    }
    for (cp_json_form form = CP_JSON_LINES; form <= CP_JSON_VALUES; form++) {
        text document = {0};
        if (form == CP_JSON_VALUES && !ends_itself)
            continue;
        put_document(&document, records, RECORDS, form);
        outcome o = read_document(plans[form], schema,
                                  (cp_span){(const uint8_t *)document.bytes, document.size},
                                  1 + random_below(document.size));
        if (form == CP_JSON_LINES)
            lines = o;
        else
            assert_same_verdicts(&lines, &o, &document);
        if (form != CP_JSON_LINES)
            outcome_free(&o);
        text_free(&document);
    }
    outcome_free(&lines);
    for (size_t i = 0; i < RECORDS; i++)
        text_free(&records[i]);
}

static void test_same_verdicts_as_lines(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a:int64 s:string e:enum t:timestamp[ms] j:json o:int8");
    for (int way = 0; way < 3; way++) {
        schema->duplicates = (cp_duplicate_policy)way;
        schema->reject_unknown = way == 1;
        field_of(schema, "a")->required = way == 2;
        cp_format *plans[3] = {plan_of(schema), document_plan(schema, 16 * MEBIBYTE, NULL),
                               document_plan(schema, 16 * MEBIBYTE, NULL)};
        for (int round = 0; round < 1500; round++)
            check_round(schema, plans);
        for (int i = 0; i < 3; i++)
            plans[i]->type->plan_close(plans[i]);
    }
    cp_schema_free(schema);
}

/* ---- guessing ---- */

static void assert_guess(const char *document, const char *at, const char *fields)
{
    cp_guess guess;
    cp_format_options options = {.max_record_bytes = 1000, .at = at};
    uint8_t *memory = block_memory(document, strlen(document));
    text found = {0};
    assert_int_equal(json->infer(&options, (cp_span){memory, strlen(document)}, true, &guess, NULL),
                     CP_OK);
    cp_schema *schema = guess.schema;
    for (size_t i = 0; i < schema->field_count; i++) {
        char type[CP_TYPE_NAME_BYTES];
        cp_type_name(&schema->fields[i], type);
        put(&found, "%s:%s ", schema->fields[i].name, type);
    }
    assert_string_equal(shown(&found), fields);
    assert_true(schema->inferred);
    text_free(&found);
    cp_schema_free(schema);
    free(memory);
}

static void test_guesses(void **state)
{
    (void)state;
    assert_guess("", NULL, "");
    assert_guess("[{\"a\":1,\n\"b\":\"x\"},\n5,{\"a\":2.5,\"c\":[]}]", NULL,
                 "a:float64 b:string c:json ");
    assert_guess("{\"a\"\n:true}{\"b\":2}", NULL, "a:bool b:int64 ");
    assert_guess("{\"z\":[{\"n\":1}],\"y\":[{\"a\":1}]}", "/y", "a:int64 ");
    assert_guess("{\"z\":[]}", "/y", "");
    assert_guess("[\n{\"a\":\"1},\n{\"b\":1},\n{\"c\":2}\n]", NULL, "b:int64 c:int64 ");
    assert_guess("[{\"a\":1},{\"b\":", NULL, "a:int64 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad_elements),
        cmocka_unit_test(test_commas),
        cmocka_unit_test(test_documents_that_do_not_end),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_behind_the_array),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_lines_that_begin_like_records),
        cmocka_unit_test(test_brackets_that_do_not_balance),
        cmocka_unit_test(test_records_too_large),
        cmocka_unit_test(test_missing_brackets_in_many_records),
        cmocka_unit_test_setup(test_same_verdicts_as_lines, start_random),
        cmocka_unit_test(test_guesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
