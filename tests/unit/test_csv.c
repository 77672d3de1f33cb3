/* The format csv through its contract: headers and places, values, what is refused and why, kernels
 * against each other, damage that is bounded. */
#include "formats/text/csv_scan.h"
#include "tests/unit/json_support.h"
#include "tests/unit/random.h"

static const cp_format_type *const csv = &cp_csv_format;

static cp_format *csv_plan(const cp_schema *schema, const cp_format_options *options)
{
    cp_format *format;
    cp_error err = {0};
    cp_format_options given = *options;
    if (!given.max_record_bytes)
        given.max_record_bytes = 16 * MEBIBYTE;
    if (csv->plan(schema, &given, &format, &err) != CP_OK)
        fail_msg("plan: %s", err.message);
    return format;
}

/* A whole input through splitter and decoder; `cuts` tells blocks and what was passed over. */
typedef struct run {
    decoded out;
    text cuts;
    cp_rc rc; /* of the splitter */
    cp_error err;
    size_t headers; /* different ones that blocks held */
} run;

static void run_free(run *r)
{
    decoded_free(&r->out);
    text_free(&r->cuts);
}

static void add_block(run *r, cp_decoder *decoder, const cp_schema *schema, cp_span bytes,
                      size_t offset, cp_preamble *preamble, bool is_last)
{
    uint8_t *memory = block_memory(bytes.data, bytes.size);
    cp_block block = {.bytes = {memory, bytes.size}, .offset = offset, .preamble = preamble};
    if (!is_last)
        memory[bytes.size] = 'x'; /* more records */
    put(&r->cuts, "block %zu+%zu\n", offset, bytes.size);
    decode_block(decoder, schema, &block, ALL_ROWS, &r->out);
    free(memory);
}

static run run_csv(const cp_format *format, const cp_schema *schema, cp_span bytes, size_t step)
{
    run r = {0};
    cp_splitter *splitter;
    cp_decoder *decoder;
    cp_cut cut;
    size_t offset = 0, visible = step < bytes.size ? step : bytes.size;
    cp_preamble *last = NULL;
    assert_int_equal(csv->splitter_open(format, &splitter, &r.err), CP_OK);
    assert_int_equal(csv->decoder_open(format, &decoder, &r.err), CP_OK);
    for (;;) {
        cp_input_end end = visible == bytes.size ? CP_ENDS : CP_GOES_ON;
        cp_span rest = {bytes.data + offset, visible - offset};
        r.rc = csv->split(splitter, rest, end, &cut, &r.err);
        if (r.rc == CP_MORE) {
            visible = bytes.size - visible > step ? visible + step : bytes.size;
            continue;
        }
        if (r.rc == CP_BLOCK) {
            r.headers += splitter->preamble != last;
            last = splitter->preamble;
            add_block(&r, decoder, schema, (cp_span){rest.data, cut.size}, offset, last,
                      offset + cut.size == bytes.size);
        } else if (r.rc != CP_SKIP) {
            break;
        } else if (cut.reason) {
            put(&r.cuts, "skip %zu+%" PRIu64 " %s %" PRIu64 ", %" PRIu64 " lines\n",
                offset + cut.size - (size_t)cut.whole, cut.whole, cp_reason_name(cut.reason),
                cut.length, cut.lines);
        }
        offset += cut.size;
    }
    csv->decoder_close(decoder);
    csv->splitter_close(splitter);
    return r;
}

static void check_with(const char *description, const cp_format_options *options, const char *bytes,
                       const char *rows, const char *rejects)
{
    cp_schema *schema = schema_of(description);
    cp_format *format = csv_plan(schema, options);
    run r = run_csv(format, schema, cp_span_of(bytes), SIZE_MAX);
    assert_int_equal(r.rc, CP_END);
    if (strcmp(shown(&r.out.rows), rows) != 0 || strcmp(shown(&r.out.rejects), rejects) != 0)
        fail_msg("%s\nbecame\n%s%s\ninstead of\n%s%s", bytes, shown(&r.out.rows),
                 shown(&r.out.rejects), rows, rejects);
    run_free(&r);
    csv->plan_close(format);
    cp_schema_free(schema);
}

static void check(const char *description, const char *bytes, const char *rows, const char *rejects)
{
    check_with(description, &(cp_format_options){0}, bytes, rows, rejects);
}

/* ---- records and places ---- */

static void test_places(void **state)
{
    (void)state;
    check("a:string b:int8",
          "\xEF\xBB\xBF\r\n"
          "b,a\r\n"
          "1,\"x\ny\"\r\n"
          "\n"
          "200,z\n"
          "2\n"
          "3,a,b\n"
          "4,\"\"\"q\"\"\"",
          "'x\\x0Ay' 1\n'\"q\"' 4\n",
          "1 5 20+5 out_of_range b: 200 does not fit int8 | 200,z\n"
          "2 6 26+1 wrong_field_count -: 1 fields instead of 2 | 2\n"
          "3 7 28+5 wrong_field_count -: 3 fields instead of 2 | 3,a,b\n");
}

static void test_nulls_and_empty_texts(void **state)
{
    (void)state;
    check("a:string b:string", "a,b\n,\n\"\",x\ny,\"\"\n", "null null\n'' 'x'\n'y' ''\n", "");
    check("a:string", "a\n\n\"\"\nx\n\n", "null\n''\n'x'\nnull\n", ""); /* one column */
    check("a:string! b:int8!", "a,b\n\"\",1\n,1\nx,\n", "'' 1\n",
          "1 2 9+2 null_value a: required field is null | ,1\n"
          "2 3 12+2 null_value b: required field is null | x,\n");
}

static void test_no_records(void **state)
{
    (void)state;
    static const char *const inputs[] = {"",      "\n\r\n",        "a,b",
                                         "a,b\n", "a,b\r\n\r\n\n", "\xEF\xBB\xBF"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        check("a:string!", inputs[i], "", "");
}

static void test_bad_quotes(void **state)
{
    (void)state;
    check("a:string b:string",
          "a,b\n"
          "1,5\" disk\n"
          "\"x\"y,2\n"
          "\"x\" ,2\n"
          "a\rb,2\n"
          "good,3\n"
          "\"\n\"\"\"z,\"4\n"
          "good,4\n"
          "\"open,\ngood,5\n",
          "'good' '3'\n'good' '5'\n",
          "0 1 4+9 csv_syntax -: invalid CSV at byte 3 of the record: a quote in a field without "
          "quotes | 1,5\" disk\n"
          "1 2 14+6 csv_syntax -: invalid CSV at byte 3 of the record: text behind the closing "
          "quote | \"x\"y,2\n"
          "2 3 21+6 csv_syntax -: invalid CSV at byte 3 of the record: text behind the closing "
          "quote | \"x\" ,2\n"
          "3 4 28+5 csv_syntax -: invalid CSV at byte 1 of the record: a carriage return outside "
          "of quotes | a\\x0Db,2\n"
          "5 6 41+23 csv_syntax -: invalid CSV at byte 5 of the record: text behind the closing "
          "quote | \"\\x0A\"\"\"z,\"4\\x0Agood,4\\x0A\"open,\n");
}

static void test_open_quote_at_the_end(void **state)
{
    (void)state;
    check("a:string b:string", "a,b\nx,y\n\"open,\nz,1\r\n", "'x' 'y'\n",
          "1 2 8+12 truncated_record -: the input ends inside a field in quotes | "
          "\"open,\\x0Az,1\\x0D\\x0A\n");
}

static void test_utf8(void **state)
{
    (void)state;
    check("a:string", "a,b\n\xC3\xA9,1\nx,\xC3\ny,\"\xE2\x82\xAC\"\n", "'\xC3\xA9'\n'y'\n",
          "1 2 9+3 invalid_utf8 -: invalid UTF-8 at byte 2 of the record | x,\xC3\n");
}

static void test_size_limit(void **state)
{
    (void)state;
    static const char large[] =
        "record_too_large -: the record is larger than --max-record-size 8 | (none)\n";
    text rejects = {0};
    put(&rejects, "1 2 13+9 %s2 3 24+9 %s", large, large);
    check_with("a:string", &(cp_format_options){.max_record_bytes = 8},
               "a,b\n12345,78\n12345,789\r\n\"open\nx,1\ny,2\nz,3\n", "'12345'\n'y'\n'z'\n",
               shown(&rejects));
    text_free(&rejects);
}

/* ---- values ---- */

static void test_values(void **state)
{
    (void)state;
    check("i:int16 u:uint64 f:float64 g:float32 b:bool t:timestamp[ms] e:enum j:json",
          "i,u,f,g,b,t,e,j\n"
          "-12,18446744073709551615,1e3,0.1,true,1.5,OPEN,\"{\"\"k\"\":\n[1]}\"\n"
          "\"7\",\"0\",\"-0.5\",\"1e2\",\"false\",\"2\",\"SHUT\",null\n",
          "-12 18446744073709551615 1000 0.100000001 true 1500 OPEN '{\"k\":[1]}'\n"
          "7 0 -0.5 100 false 2000 SHUT null\n",
          "");
}

static void check_value(const char *type, const char *field, const char *why)
{
    cp_schema *schema;
    text description = {0}, bytes = {0}, rejects = {0};
    put(&description, "v:%s w:string", type);
    put(&bytes, "v,w\n%s,x\n", field);
    put(&rejects, "0 1 4+%zu %s | ", strlen(field) + 2, why);
    put_visible(&rejects, cp_span_of(field));
    put(&rejects, ",x\n");
    check(shown(&description), shown(&bytes), "", shown(&rejects));
    schema = schema_of(shown(&description));
    schema->fields[0].wanted = false; /* checked all the same */
    cp_format *format = csv_plan(schema, &(cp_format_options){0});
    run r = run_csv(format, schema, cp_span_of(shown(&bytes)), SIZE_MAX);
    assert_string_equal(shown(&r.out.rejects), shown(&rejects));
    run_free(&r);
    csv->plan_close(format);
    cp_schema_free(schema);
    text_free(&description);
    text_free(&bytes);
    text_free(&rejects);
}

static void test_bad_values(void **state)
{
    (void)state;
    check_value("int8", "128", "out_of_range v: 128 does not fit int8");
    check_value("int8", "1.5", "not_an_integer v: 1.5 is no integer, expected int8");
    check_value("uint16", " 1", "wrong_type v:  1 is no uint16");
    check_value("uint16", "01", "wrong_type v: 01 is no uint16");
    check_value("uint16", "\"\"", "wrong_type v: \"\" is no uint16");
    check_value("uint16", "\"1\"\"\"", "wrong_type v: \"1\"\"\" is no uint16");
    check_value("int64", "1;2", "wrong_type v: 1;2 is no int64");
    check_value("float64", "1e400", "float_overflow v: 1e400 does not fit float64");
    check_value("float64", "NaN",
                "not_finite v: NaN is not finite, and the schema does not keep such values");
    check_value("float32", "-Infinity",
                "not_finite v: -Infinity is not finite, and the schema does not keep such values");
    check_value("int64", "NaN", "wrong_type v: NaN is no int64");
    check_value("bool", "True", "wrong_type v: True is no bool");
    check_value("enum", "open", "unknown_symbol v: unknown value open, expected NEW, OPEN, SHUT");
    check_value("timestamp[s]", "now",
                "wrong_type v: now is no number of seconds since 1970 (epoch_s)");
    check_value("json", "nul",
                "json_syntax v: invalid JSON at byte 0 of the value: expected a value");
    check_value(
        "json", "[]]",
        "json_syntax v: invalid JSON at byte 2 of the value: expected the end of the value");
    check_value("json", "\"[\"\"a\"\",]\"",
                "json_syntax v: invalid JSON at byte 5 of the value: expected a value");
    check_value(
        "json", "\"\"\"a\nb\"\"\"",
        "json_syntax v: invalid JSON at byte 2 of the value: a control character in a string");
}

/* What nobody reads is checked by short cuts; they take nothing that JSON is not. */
static void test_unread_json(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        bool good;
    } rows[] = {
        {"[]", true},
        {"\"[\"\"a\"\"]\"", true},
        {"\"[\"\"a\"\",\"\"b c\"\"]\"", true},
        {"\"[\"\"\"\"]\"", true},
        {"\"[\"\"\\n\"\"]\"", true},
        {"\"[\"\"a\"\" ]\"", true},
        {"\"{\"\"a\"\":1}\"", true},
        {"[1]", true},
        {"\"[]\"", true},
        {"\"[\"\"a\"\",]\"", false},
        {"\"[\"\"a\"\"\"", false},
        {"\"[\"\"a\"\"]]\"", false},
        {"\"[\"\"a\"\"\"\"b\"\"]\"", false},
        {"\"[\"\"a\nb\"\"]\"", false},
        {"\"[\"\"\\q\"\"]\"", false},
        {"\"[,\"\"a\"\"]\"", false},
        {"\"[\"\"a]\"", false},
        {"[}", false},
        {"\"\"", false},
    };
    cp_schema *schema = schema_of("j:json k:string");
    schema->fields[0].wanted = false;
    cp_format *format = csv_plan(schema, &(cp_format_options){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text bytes = {0};
        put(&bytes, "j,k\n%s,x\n", rows[i].field);
        run r = run_csv(format, schema, cp_span_of(shown(&bytes)), SIZE_MAX);
        if (r.out.accepted != rows[i].good)
            fail_msg("%s: %s", rows[i].field, shown(&r.out.rejects));
        run_free(&r);
        text_free(&bytes);
    }
    csv->plan_close(format);
    cp_schema_free(schema);
}

/* ---- headers ---- */

static void test_columns_by_name(void **state)
{
    (void)state;
    check("reading.value:int8 name:string absent:int8",
          "x,\"na\"\"me\",name,\"reading.value\"\n1,2,3,4\n", "4 '3' null\n", "");
    check_with("a:int8 b:int8", &(cp_format_options){.delimiter = ';'}, "b;a\n1;2\n", "2 1\n", "");
    const cp_span columns[] = {cp_span_of("b"), cp_span_of("x"), cp_span_of("a")};
    check_with("a:int8 b:int8", &(cp_format_options){.columns = columns, .column_count = 3},
               "\xEF\xBB\xBF"
               "1,2,3\n\n4,5,6",
               "3 1\n6 4\n", "");
}

/* What is wrong with a header is wrong with every record, as it would be in JSON. */
static void check_header(const char *header, bool reject_unknown, cp_duplicate_policy duplicates,
                         const char *rows, const char *why)
{
    cp_schema *schema = schema_of("a:int8! b:int8");
    schema->reject_unknown = reject_unknown;
    schema->duplicates = duplicates;
    cp_format *format = csv_plan(schema, &(cp_format_options){0});
    text bytes = {0};
    put(&bytes, "%s\n1,2\n3,4\n", header);
    run r = run_csv(format, schema, cp_span_of(shown(&bytes)), SIZE_MAX);
    assert_string_equal(shown(&r.out.rows), rows);
    assert_int_equal(r.out.accepted + r.out.rejected, 2);
    assert_true(*why ? strstr(shown(&r.out.rejects), why) != NULL : r.out.rejected == 0);
    run_free(&r);
    text_free(&bytes);
    csv->plan_close(format);
    cp_schema_free(schema);
}

static void test_header_rules(void **state)
{
    (void)state;
    check_header("a,x", false, CP_DUPLICATE_REJECT, "1 null\n3 null\n", "");
    check_header("a,x", true, CP_DUPLICATE_REJECT, "", "unknown_field -: unknown field \"x\"");
    check_header("x,b", false, CP_DUPLICATE_REJECT, "",
                 "missing_field a: required field is missing");
    check_header("a,a", false, CP_DUPLICATE_REJECT, "", "duplicate_key a: the key stands twice");
    check_header("a,a", false, CP_DUPLICATE_FIRST, "1 null\n3 null\n", "");
    check_header("a,a", false, CP_DUPLICATE_LAST, "2 null\n4 null\n", "");
}

static void test_bad_headers(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *message;
        uint64_t line, byte;
    } rows[] = {
        {"\n\na,b\"c\n1,2\n", "invalid CSV in the header: a quote in a field without quotes", 3, 5},
        {"a,\"b\n1,2\n", "the input ends inside the header, in a field in quotes", 1, 0},
        {"a,\xC3\n1,2\n", "invalid UTF-8 in the header", 1, 2},
        {"a,bcdefghijklmnopqrstuvw\n1,2\n", "the header is larger than --max-record-size 20", 1, 0},
    };
    cp_schema *schema = schema_of("a:int8");
    cp_format *format = csv_plan(schema, &(cp_format_options){.max_record_bytes = 20});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run r = run_csv(format, schema, cp_span_of(rows[i].bytes), SIZE_MAX);
        assert_int_equal(r.rc, CP_E_DATA);
        assert_string_equal(r.err.reason, "bad_header");
        assert_string_equal(r.err.message, rows[i].message);
        assert_int_equal(r.err.line, rows[i].line);
        assert_true(r.err.has_byte);
        assert_int_equal(r.err.byte, rows[i].byte);
        run_free(&r);
    }
    csv->plan_close(format);
    cp_schema_free(schema);
}

/* ---- kernels ---- */

static void fill_randomly(uint8_t *bytes, size_t size)
{
    static const char kinds[] = "\"\"\"\",,\n\n\rabcdefghijk\x80\xff";
    unsigned quotes = random_below(2) ? 4 : 0; /* none, at times */
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)kinds[quotes + random_below(sizeof kinds - 1 - quotes)];
}

/* By the machine alone. */
static size_t end_by_machine(cp_span bytes, const cp_csv_dialect *dialect, bool first)
{
    size_t start = 0;
    cp_csv_state at = CP_CSV_START;
    for (size_t i = 0; i < bytes.size; i++) {
        bool ends = bytes.data[i] == '\n' && cp_csv_ends_record(at, i - start, dialect);
        at = ends ? CP_CSV_START : cp_csv_next(at, bytes.data[i], dialect->delimiter);
        start = ends ? i + 1 : start;
        if (ends && first)
            break;
    }
    return start;
}

static void test_kernels_are_equal(void **state)
{
    (void)state;
    enum { BYTES = 700 };
    const cp_csv_kernels *portable = cp_csv_kernels_portable(), *avx2 = cp_csv_kernels_avx2();
    cp_csv_index *one = calloc(1, sizeof *one), *two = calloc(1, sizeof *two);
    assert_true(one && two);
    for (int round = 0; round < 20000; round++) {
        size_t size = random_below(BYTES);
        uint8_t *memory = malloc(size + CP_PADDING_BYTES);
        assert_non_null(memory);
        fill_randomly(memory, size + CP_PADDING_BYTES);
        cp_span bytes = {memory, size};
        const cp_csv_dialect dialect = {',', random_below(3) ? 1 << 20 : random_below(200)};
        assert_int_equal(portable->first_end(bytes, &dialect),
                         end_by_machine(bytes, &dialect, true));
        assert_int_equal(portable->last_end(bytes, &dialect),
                         end_by_machine(bytes, &dialect, false));
        if (avx2) {
            assert_int_equal(avx2->first_end(bytes, &dialect),
                             portable->first_end(bytes, &dialect));
            assert_int_equal(avx2->last_end(bytes, &dialect), portable->last_end(bytes, &dialect));
            portable->index(bytes, ',', one);
            avx2->index(bytes, ',', two);
            size_t records = one->record_count;
            assert_int_equal(two->record_count, records);
            assert_int_equal(two->is_ascii, one->is_ascii);
            assert_int_equal(two->has_inner_lines, one->has_inner_lines);
            size_t fields = records ? one->fields[records - 1] : 0;
            assert_memory_equal(two->fields, one->fields, records * sizeof *one->fields);
            assert_memory_equal(two->ends, one->ends, fields * sizeof *one->ends);
        }
        free(memory);
    }
    free(one);
    free(two);
}

/* ---- blocks ---- */

static void put_records(text *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        switch (random_below(6)) {
        case 0:
            put(t, "%zu,\"a \"\"quoted\"\" text,\nof two lines\"\r\n", i % 100);
            break;
        case 1:
            put(t, "%zu,5\" disk\n", i % 100);
            break;
        case 2:
            put(t, "\n");
            break;
        default:
            put(t, "%zu,text %zu\n", i % 300, i);
            break;
        }
}

/* However it is shown, the cuts are the same, every block holds the one header, and rows and
 * rejects are those of the input as one block. */
static void test_cuts(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("b:string a:uint8");
    cp_format *format = csv_plan(schema, &(cp_format_options){0});
    text bytes = {0};
    put(&bytes, "\na,b\n");
    put_records(&bytes, 150000);
    cp_span span = {(const uint8_t *)bytes.bytes, bytes.size};
    run whole = run_csv(format, schema, span, SIZE_MAX);
    assert_true(whole.out.accepted > 50000 && whole.out.rejected > 20000);
    assert_int_equal(whole.headers, 1);
    static const size_t steps[] = {777, 65536, MEBIBYTE, MEBIBYTE + 1};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        run parts = run_csv(format, schema, span, steps[i]);
        assert_string_equal(shown(&parts.cuts), shown(&whole.cuts));
        assert_string_equal(shown(&parts.out.rows), shown(&whole.out.rows));
        run_free(&parts);
    }
    run_free(&whole);
    text_free(&bytes);
    csv->plan_close(format);
    cp_schema_free(schema);
}

/* A quote that is never closed, in a record that is passed over. */
static void test_damage_is_bounded(void **state)
{
    (void)state;
    enum { LINE = 16, LINES = 300000, LIMIT = 2 * MEBIBYTE };
    cp_schema *schema = schema_of("a:string");
    cp_format *format = csv_plan(schema, &(cp_format_options){.max_record_bytes = LIMIT});
    text bytes = {0}, expected = {0};
    put(&bytes, "a,b\n\"open,12345678\n");
    for (int i = 0; i < LINES; i++)
        put(&bytes, "aaaaaaaaaaaaa,b\n");
    size_t skipped = 15 + (LIMIT - 15 + LINE) / LINE * LINE;
    put(&expected, "block 0+4\nskip 4+%zu record_too_large %zu, %zu lines\n", skipped, skipped - 1,
        1 + (skipped - 15) / LINE);
    static const size_t steps[] = {100000, MEBIBYTE + 1, LIMIT + 1, 3 * MEBIBYTE, SIZE_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        run r =
            run_csv(format, schema, (cp_span){(const uint8_t *)bytes.bytes, bytes.size}, steps[i]);
        assert_int_equal(strncmp(shown(&r.cuts), shown(&expected), expected.size), 0);
        assert_int_equal(r.out.accepted, LINES - (skipped - 15) / LINE);
        assert_int_equal(r.out.rejected, 0);
        run_free(&r);
    }
    text_free(&bytes);
    text_free(&expected);
    csv->plan_close(format);
    cp_schema_free(schema);
}

/* ---- by content ---- */

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool whole, is_csv;
    } rows[] = {
        {"a,b\n1,2\n", true, true},
        {"a,b\n1,2\n3,4", false, true},
        {"\xEF\xBB\xBF\r\na,b\r\n1,\"x\ny\"\r\n", true, true},
        {"id,status\n", true, true}, /* no records, but names */
        {"id,status\n", false, false},
        {"Dear Sir, or Madam\n", true, false},
        {"a,b\n1,2\n5\" disk,2\n3,4\n5\n", true, true}, /* a few bad ones */
        {"a,b\n1,2\n3\n4\n", true, false},
        {"a,b\n1,2,3\n", true, false},
        {"a\n1\n", true, false},
        {"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n", true, false},
        {"[1,2]\n[3,4]\n", true, false},
        {"a,b\n1,\"x\n", true, false},
        {"", true, false},
        {"\n\n", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *memory = block_memory(rows[i].head, strlen(rows[i].head));
        int score = csv->probe((cp_span){memory, strlen(rows[i].head)}, rows[i].whole);
        if ((score > 0) != rows[i].is_csv)
            fail_msg("%s: %d", rows[i].head, score);
        free(memory);
    }
}

static void check_guess(const char *sample, bool whole, const cp_format_options *options,
                        const char *expected)
{
    cp_guess guess;
    text got = {0};
    uint8_t *memory = block_memory(sample, strlen(sample));
    assert_int_equal(csv->infer(options, (cp_span){memory, strlen(sample)}, whole, &guess, NULL),
                     CP_OK);
    cp_schema *schema = guess.schema;
    assert_true(schema->inferred);
    for (size_t i = 0; i < schema->field_count; i++) {
        char name[CP_TYPE_NAME_BYTES];
        put(&got, "%s:%s ", schema->fields[i].name, cp_type_name(&schema->fields[i], name));
    }
    assert_string_equal(shown(&got), expected);
    text_free(&got);
    cp_schema_free(schema);
    free(memory);
}

static void test_infer(void **state)
{
    (void)state;
    const cp_format_options plain = {.max_record_bytes = MEBIBYTE};
    check_guess("i,f,m,b,s,n,q,big,,i\n"
                "1,1.5,1,true,x,,\"7\",18446744073709551615,1,1\n"
                "-2,1e3,2.5,false,1,,\"\",1,1,1\n"
                "bad,record\n",
                true, &plain,
                "i:int64 f:float64 m:float64 b:bool s:string n:string q:string big:string :int64 ");
    check_guess("a\n1\n2.5", false, &plain, "a:int64 "); /* the last may be cut off */
    check_guess("a\n1\n2.5", true, &plain, "a:float64 ");
    const cp_span columns[] = {cp_span_of("x"), cp_span_of("y")};
    check_guess(
        "1|true\n", true,
        &(cp_format_options){
            .max_record_bytes = MEBIBYTE, .delimiter = '|', .columns = columns, .column_count = 2},
        "x:int64 y:bool ");
}

static int start(void **state)
{
    (void)state;
    random_start(20261121);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_nulls_and_empty_texts),
        cmocka_unit_test(test_no_records),
        cmocka_unit_test(test_bad_quotes),
        cmocka_unit_test(test_open_quote_at_the_end),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_size_limit),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_unread_json),
        cmocka_unit_test(test_columns_by_name),
        cmocka_unit_test(test_header_rules),
        cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_kernels_are_equal),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_damage_is_bounded),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_infer),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
