/* The format jsonl through its contract (pipeline/core/format.h): lines and their places, batches
 * and lists that fill up, records too large, cuts, and neighbours that nothing can touch. */
#include "tests/unit/json_support.h"

static const cp_format_type *const jsonl = &cp_jsonl_format;

static cp_span span_of(const text *t)
{
    return (cp_span){(const uint8_t *)t->bytes, t->size};
}

/* ---- probe ---- */

static void test_probe(void **state)
{
    (void)state;
    static const char *const others[] = {"[{\"a\":1}]\n", "a,b\n1,2\n", "[1,\n2]\n", "1\n2,3\n",
                                         "1 2\n3\n",      "PAR1",       "}\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (int whole = 0; whole < 2; whole++)
            assert_int_equal(jsonl->probe(cp_span_of(others[i]), whole), 0);
    int sure = jsonl->probe(cp_span_of("{\"a\":1}\n{\"a\":2}\n"), true);
    assert_true(sure > 0);
    assert_int_equal(jsonl->probe(cp_span_of("{\"a\":1}\n{\"a\""), false), sure);
    assert_int_equal(jsonl->probe(cp_span_of("{\"a\":1}"), true), sure);
    assert_int_equal(jsonl->probe(cp_span_of("\r\n  \n {\"a\":1} \r\n"), true), sure);
    int begins = jsonl->probe(cp_span_of("{\"a\":1"), false);
    assert_true(begins > 0 && begins < sure);
    int blank = jsonl->probe(cp_span_of("\r\n  \n"), true);
    assert_true(blank > 0 && blank < begins);
    int many_lines = jsonl->probe(cp_span_of("{\n  \"a\": 1\n}\n"), true);
    assert_true(many_lines < sure);
}

/* Values of any kind: the first ends with its line, and another one stands on the next. */
static void test_probe_of_values(void **state)
{
    (void)state;
    static const char *const lines[] = {"[1]\n[2]",    "\n [1] \r\n\n[[2]]\r\n", "1\n2\n",
                                        "\"a\"\n{}\n", "true\nnull\n",           "[]\n\"a, b\"\n"};
    int sure = jsonl->probe(cp_span_of("{\"a\":1}\n"), true);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int whole = 0; whole < 2; whole++)
            assert_int_equal(jsonl->probe(cp_span_of(lines[i]), whole), sure);
    /* Of a line that goes on beyond the head as much as can be seen. */
    assert_int_equal(jsonl->probe(cp_span_of("[1]\n[2"), false), sure);
    assert_int_equal(jsonl->probe(cp_span_of("[1]\n[2"), true), 0);
    assert_int_equal(jsonl->probe(cp_span_of("[1]\nx"), false), 0);
    /* Alone. */
    assert_in_range(jsonl->probe(cp_span_of("1\n"), true), 1, sure - 1);
    assert_int_equal(jsonl->probe(cp_span_of("1\n"), false), 0);
    assert_int_equal(jsonl->probe(cp_span_of("[1]\n"), true), 0);
}

static void test_probe_passes_a_byte_order_mark(void **state)
{
    (void)state;
    int sure = jsonl->probe(cp_span_of("{\"a\":1}\n"), true);
    assert_int_equal(jsonl->probe(cp_span_of("\xEF\xBB\xBF{\"a\":1}\n"), true), sure);
}

/* ---- lines and places ---- */

static void test_places(void **state)
{
    (void)state;
    assert_line("v:int8",
                "{\"v\":1}\n"
                "\n"
                "{\"v\":200}\n"
                " \t \n"
                "  {\"v\":x}  \n"
                "{\"v\":2}\n"
                "[]\n",
                "1\n2\n",
                "1 2 9+9 out_of_range v: 200 does not fit int8 | {\"v\":200}\n"
                "2 4 23+11 json_syntax -: invalid JSON at byte 7 of the record: expected a value | "
                "  {\"v\":x}  \n"
                "4 6 43+2 not_an_object -: the record is no JSON object: [] | []\n");
}

static void test_counts_at_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        uint64_t records, line_ends;
    } rows[] = {
        {"", 0, 0},          {"\n", 0, 1},   {"\r\n\n \n", 0, 3},   {" ", 0, 0},
        {"{}", 1, 0},        {"{}\n", 1, 1}, {"\n{}\nx\n\n", 2, 4}, {"{}\n{}\nx", 3, 2},
        {"{}\r\n \t", 1, 1}, {"x\r", 1, 0},
    };
    cp_schema *schema = schema_of("v:int8");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        decoded out = decode_bytes(schema, rows[i].lines, strlen(rows[i].lines));
        assert_int_equal(out.end.records, rows[i].records);
        assert_int_equal(out.end.lines, rows[i].line_ends);
        assert_int_equal(out.accepted + out.rejected, rows[i].records);
        decoded_free(&out);
    }
    cp_schema_free(schema);
}

/* A '\r' before the '\n' is the terminator's, and no part of the record. */
static void test_carriage_returns(void **state)
{
    (void)state;
    assert_line("v:int8",
                "{\"v\":1}\r\n"
                "\r\n"
                "{\"v\":200}\r\n"
                "{\r\"v\"\r:\r2\r}\r\r\n"
                "{\"v\":\"a\rb\"}\r\n"
                "{\"v\":300}\r",
                "1\n2\n",
                "1 2 11+9 out_of_range v: 200 does not fit int8 | {\"v\":200}\n"
                "3 4 36+11 json_syntax -: invalid JSON at byte 7 of the record: a control "
                "character in a string | {\"v\":\"a\\x0Db\"}\n"
                "4 5 49+9 out_of_range v: 300 does not fit int8 | {\"v\":300}\n");
}

static void test_last_line_without_newline(void **state)
{
    (void)state;
    static const char *const cut[] = {"{\"v\":1",     "{\"v\":",  "{\"v\"",      "{\"v",
                                      "{\"",          "{",        "{\"v\":\"\\", "{\"v\":\"\\u00",
                                      "{\"v\":tr",    "{\"v\":-", "{\"v\":1.",   "{\"v\":1e",
                                      "{\"v\":\"\xC3"};
    cp_schema *schema = schema_of("v:int8");
    assert_decodes(schema, "{\"v\":1}\n{\"v\":2}", "1\n2\n", "");
    assert_decodes(schema, "{\"v\":1}\n{\"v\":2} ", "1\n2\n", "");
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        text lines = {0};
        put(&lines, "{\"v\":1}\n%s", cut[i]);
        decoded out = decode_bytes(schema, lines.bytes, lines.size);
        assert_string_equal(shown(&out.rows), "1\n");
        text place = {0};
        put(&place, "1 1 8+%zu ", strlen(cut[i]));
        assert_ptr_equal(strstr(shown(&out.rejects), place.bytes), out.rejects.bytes);
        text_free(&place);
        text_free(&lines);
        decoded_free(&out);
    }
    cp_schema_free(schema);
}

static void test_byte_order_mark(void **state)
{
    (void)state;
    static const char mark[] = "invalid JSON at byte 0 of the record: expected a value";
    assert_line("v:int8", "\xEF\xBB\xBF{\"v\":1}\n{\"v\":2}\n", "1\n2\n", "");
    assert_line("v:int8", "\xEF\xBB\xBF", "", "");
    assert_line("v:int8", "\xEF\xBB\xBF\n{\"v\":1}\n", "1\n", "");
    assert_line("v:int8", "\xEF\xBB\xBF{\"v\":999}\n", "",
                "0 0 3+9 out_of_range v: 999 does not fit int8 | {\"v\":999}\n");
    text twice = {0};
    put(&twice, "0 0 3+10 json_syntax -: %s | \xEF\xBB\xBF{\"v\":1}\n", mark);
    assert_line("v:int8", "\xEF\xBB\xBF\xEF\xBB\xBF{\"v\":1}\n", "", twice.bytes);
    text_free(&twice);
    text later = {0};
    put(&later, "1 1 8+10 json_syntax -: %s | \xEF\xBB\xBF{\"v\":2}\n", mark);
    assert_line("v:int8", "{\"v\":1}\n\xEF\xBB\xBF{\"v\":2}\n", "1\n", later.bytes);
    text_free(&later);
    for (size_t size = 1; size < 3; size++) {
        cp_schema *schema = schema_of("v:int8");
        decoded out = decode_bytes(schema, "\xEF\xBB\xBF", size);
        assert_int_equal(out.rejected, 1);
        decoded_free(&out);
        cp_schema_free(schema);
    }
}

/* Only the input's first bytes can be the mark, not a later block's. */
static void test_byte_order_mark_of_a_later_block(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:int8");
    cp_format *format = plan_of(schema);
    cp_span bytes = cp_span_of("\xEF\xBB\xBF{\"v\":1}\n");
    decoded out = decode_at(format, schema, bytes, ALL_ROWS, MEBIBYTE);
    assert_int_equal(out.rejected, 1);
    decoded_free(&out);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"v\":1}\n\0\n{\"v\":2}\n{\"v\":\0003}\n\0\0{\"v\":3}\n{\"v\":3}\n";
    cp_schema *schema = schema_of("v:int8");
    decoded out = decode_bytes(schema, lines, sizeof lines - 1);
    assert_string_equal(shown(&out.rows), "1\n2\n3\n");
    assert_int_equal(out.rejected, 3);
    assert_int_equal(out.end.lines, 6);
    decoded_free(&out);
    cp_schema_free(schema);
}

/* ---- batches and lists that fill up ---- */

static void put_mixed_lines(text *lines, int count)
{
    for (int i = 0; i < count; i++)
        switch (random_below(8)) {
        case 0:
            put(lines, "\n");
            break;
        case 1:
            put(lines, "{\"n\":%d}\n", i);
            break;
        case 2:
            put(lines, "{\"id\":\"\\u0041%d\",\"n\":null}\n", i);
            break;
        case 3:
            put(lines, "bad %d\r\n", i);
            break;
        default:
            put(lines, "{\"id\":\"a%d\",\"n\":%d}\n", i, i);
            break;
        }
}

static void test_any_capacity(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("id:string! n:int32");
    cp_format *format = plan_of(schema);
    for (int round = 0; round < 20; round++) {
        static const uint32_t capacities[] = {1, 2, 3, 7, 64, 100};
        text lines = {0};
        put_mixed_lines(&lines, 1000);
        decoded all = decode_at(format, schema, span_of(&lines), ALL_ROWS, 0);
        assert_int_equal(all.calls, 1);
        for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
            decoded some = decode_at(format, schema, span_of(&lines), capacities[i], 0);
            assert_string_equal(shown(&some.rows), shown(&all.rows));
            assert_string_equal(shown(&some.rejects), shown(&all.rejects));
            assert_int_equal(some.end.records, all.end.records);
            assert_int_equal(some.end.lines, all.end.lines);
            assert_true(some.calls >= all.accepted / capacities[i]);
            decoded_free(&some);
        }
        decoded_free(&all);
        text_free(&lines);
    }
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

static void test_a_full_list_of_rejects(void **state)
{
    (void)state;
    static const struct {
        int count;
        size_t calls;
    } rows[] = {{511, 1}, {512, 1}, {513, 2}, {1024, 2}, {1025, 3}};
    cp_schema *schema = schema_of("v:int8");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text lines = {0}, rejects = {0};
        for (int k = 0; k < rows[i].count; k++) {
            put(&lines, "{\"v\":128}\n");
            put(&rejects, "%d %d %d+9 out_of_range v: 128 does not fit int8 | {\"v\":128}\n", k, k,
                k * 10);
        }
        decoded out = decode_bytes(schema, lines.bytes, lines.size);
        assert_int_equal(out.rejected, rows[i].count);
        assert_int_equal(out.calls, rows[i].calls);
        assert_string_equal(out.rejects.bytes, rejects.bytes);
        decoded_free(&out);
        text_free(&lines);
        text_free(&rejects);
    }
    cp_schema_free(schema);
}

/* Neither good rows nor guesses of one block are left over for the next. */
static void test_a_decoder_is_used_again(void **state)
{
    (void)state;
    static const char *const blocks[] = {
        "{\"a\":\"x\",\"b\":1}\n", "{\"b\":2}\n{\"a\":\"\\u0079\"}\n", "",
        "{\"a\":\"x\",\"b\":\n",   "{\"b\":3,\"a\":null}\n",
    };
    static const char *const rows[] = {"'x' 1\n", "null 2\n'y' null\n", "", "", "null 3\n"};
    cp_schema *schema = schema_of("a:string b:int8");
    cp_format *format = plan_of(schema);
    cp_decoder *decoder;
    assert_int_equal(jsonl->decoder_open(format, &decoder, NULL), CP_OK);
    for (size_t i = 0; i < 5; i++) {
        decoded out = {0};
        size_t size = strlen(blocks[i]);
        uint8_t *memory = block_memory(blocks[i], size);
        cp_block block = {.bytes = {memory, size}, .offset = i};
        decode_block(decoder, schema, &block, ALL_ROWS, &out);
        assert_string_equal(shown(&out.rows), rows[i]);
        decoded_free(&out);
        free(memory);
    }
    jsonl->decoder_close(decoder);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

/* ---- records too large ---- */

/* Whether a record of `size` bytes passes a limit of 40, and what is said if not. */
static void check_size(const char *terminator, size_t size, bool good)
{
    cp_schema *schema = schema_of("v:string");
    cp_format *format = plan_with(schema, 40);
    text line = {0}, reject = {0};
    put(&line, "{\"v\":\"%0*d\"}%s", (int)size - 8, 0, terminator);
    put(&reject,
        "0 0 0+%zu record_too_large -: the record is larger than --max-record-size 40 | (none)\n",
        size);
    decoded out = decode_at(format, schema, span_of(&line), ALL_ROWS, 0);
    assert_int_equal(out.accepted, good);
    assert_string_equal(shown(&out.rejects), good ? "" : reject.bytes);
    decoded_free(&out);
    text_free(&line);
    text_free(&reject);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

static void test_largest_record(void **state)
{
    (void)state;
    check_size("\n", 40, true);
    check_size("\n", 41, false);
    check_size("", 40, true);
    check_size("", 41, false);
    check_size("\r\n", 41, false);
}

/* The terminator is not counted, whichever it is. */
static void test_largest_record_with_carriage_return(void **state)
{
    (void)state;
    check_size("\r\n", 39, true);
    check_size("\r\n", 40, true);
}

/* Whatever else is wrong with it, it is too large, and its neighbours are as they were. */
static void test_bad_records_too_large(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("v:int8");
    cp_format *format = plan_with(schema, 10);
    cp_span lines =
        cp_span_of("{\"v\":1}\n{\"v\":\"0123456789\"}\n{\"v\":2}\n{{{{{{{{{{{\n{\"v\":3}");
    decoded out = decode_at(format, schema, lines, ALL_ROWS, 0);
    assert_string_equal(shown(&out.rows), "1\n2\n3\n");
    assert_string_equal(
        shown(&out.rejects),
        "1 1 8+18 record_too_large -: the record is larger than --max-record-size 10 | (none)\n"
        "3 3 35+11 record_too_large -: the record is larger than --max-record-size 10 | (none)\n");
    decoded_free(&out);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

/* ---- records that are like those before them ---- */

enum { ALIKE = 5 };

static void put_alike(text *lines, const char *terminator)
{
    for (int i = 0; i < ALIKE; i++)
        put(lines, "{\"v\":\"%d\"}%s", i, terminator);
}

/* Whether a record of `size` bytes behind short ones that it is like passes a limit of 40; where it
 * has a terminator, short ones follow. */
static void check_size_behind(const char *terminator, size_t size)
{
    cp_schema *schema = schema_of("v:string");
    cp_format *format = plan_with(schema, 40);
    text lines = {0}, reject = {0};
    const char *line_end = *terminator ? terminator : "\n";
    put_alike(&lines, line_end);
    size_t offset = lines.size;
    put(&lines, "{\"v\":\"%0*d\"}%s", (int)size - 8, 0, terminator);
    if (*terminator)
        put_alike(&lines, line_end);
    if (size > 40)
        put(&reject,
            "%d %d %zu+%zu record_too_large -: the record is larger than "
            "--max-record-size 40 | (none)\n",
            ALIKE, ALIKE, offset, size);
    decoded out = decode_at(format, schema, span_of(&lines), ALL_ROWS, 0);
    size_t records = *terminator ? 2 * ALIKE + 1 : ALIKE + 1;
    assert_int_equal(out.accepted, records - (size > 40));
    assert_string_equal(shown(&out.rejects), shown(&reject));
    assert_int_equal(out.end.records, records);
    assert_int_equal(out.end.lines, records - !*terminator);
    decoded_free(&out);
    text_free(&lines);
    text_free(&reject);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

static void test_largest_record_like_others(void **state)
{
    (void)state;
    static const char *const terminators[] = {"\n", "\r\n", ""};
    for (size_t i = 0; i < sizeof terminators / sizeof *terminators; i++)
        for (size_t size = 36; size <= 44; size++)
            check_size_behind(terminators[i], size);
}

/* The last line has a '\n' behind it that is not the block's, and what lies behind that is not
 * to be believed. */
static void test_last_line_like_others(void **state)
{
    (void)state;
    static const struct {
        const char *last;
        size_t accepted, rejected;
    } rows[] = {{"{\"v\":\"x\"}", 1, 0},  {"{\"v\":\"x\"}\r", 1, 0}, {"{\"v\":\"x\"", 0, 1},
                {"{\"v\":\"x", 0, 1},     {"{\"v\":\"", 0, 1},       {"{\"v\":", 0, 1},
                {"{\"v\":\"x\"} ", 1, 0}, {"{\"v\":null}", 1, 0},    {" ", 0, 0},
                {"{\"v\":\"x\"}}", 0, 1}};
    cp_schema *schema = schema_of("v:string");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text lines = {0};
        put_alike(&lines, "\n");
        put(&lines, "%s", rows[i].last);
        decoded out = decode_bytes(schema, lines.bytes, lines.size);
        assert_int_equal(out.accepted, ALIKE + rows[i].accepted);
        assert_int_equal(out.rejected, rows[i].rejected);
        assert_int_equal(out.end.records, ALIKE + rows[i].accepted + rows[i].rejected);
        assert_int_equal(out.end.lines, ALIKE);
        assert_int_equal(out.end.offset, lines.size);
        decoded_free(&out);
        text_free(&lines);
    }
    cp_schema_free(schema);
}

/* Blank lines and marks among records that are alike count as they do elsewhere. */
static void test_between_records_alike(void **state)
{
    (void)state;
    assert_line("v:int8",
                "\xEF\xBB\xBF{\"v\":1}\n{\"v\":2}\n\n{\"v\":3}\n \t\r\n{\"v\":4}\n"
                "\xEF\xBB\xBF{\"v\":5}\n{\"v\":6}\n{\"v\":200}\n{\"v\":7}\n",
                "1\n2\n3\n4\n6\n7\n",
                "4 6 40+10 json_syntax -: invalid JSON at byte 0 of the record: expected a value | "
                "\xEF\xBB\xBF{\"v\":5}\n"
                "6 8 59+9 out_of_range v: 200 does not fit int8 | {\"v\":200}\n");
}

/* Fills small batches in turn until the block ends. */
static text decode_in_turn(cp_decoder *decoder, const cp_block *block, const cp_schema *schema)
{
    cp_batch batches[2];
    cp_cursor cursor = {0};
    text rows = {0};
    cp_rejects *rejects = calloc(1, sizeof *rejects);
    assert_non_null(rejects);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(cp_batch_open(&batches[i], schema, 3 + i, NULL), CP_OK);
    for (size_t turn = 0; cursor.offset < block->bytes.size; turn = !turn) {
        cp_batch_reset(&batches[turn]);
        cp_rc rc = jsonl->decode(decoder, block, &cursor, &batches[turn], rejects, NULL);
        assert_true(rc == CP_OK || rc == CP_MORE);
        put_batch(&rows, &batches[turn]);
    }
    assert_int_equal(rejects->count, 0);
    for (size_t i = 0; i < 2; i++)
        cp_batch_close(&batches[i]);
    free(rejects);
    return rows;
}

/* What a decoder has learned goes with whichever batch it is given. */
static void test_batches_in_turn(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("id:string n:int32 e:enum");
    cp_format *format = plan_of(schema);
    cp_decoder *decoder;
    text lines = {0}, wanted = {0};
    for (int i = 0; i < 50; i++) {
        put(&lines, "{\"id\":\"a%d\",\"n\":%d,\"e\":\"%s\"}\n", i, i, i % 3 ? "OPEN" : "NEW");
        put(&wanted, "'a%d' %d %s\n", i, i, i % 3 ? "OPEN" : "NEW");
    }
    uint8_t *memory = block_memory(lines.bytes, lines.size);
    cp_block block = {.bytes = {memory, lines.size}, .offset = 1};
    assert_int_equal(jsonl->decoder_open(format, &decoder, NULL), CP_OK);
    text rows = decode_in_turn(decoder, &block, schema);
    assert_string_equal(shown(&rows), wanted.bytes);
    jsonl->decoder_close(decoder);
    jsonl->plan_close(format);
    cp_schema_free(schema);
    free(memory);
    text_free(&lines);
    text_free(&rows);
    text_free(&wanted);
}

/* ---- neighbours ---- */

static void put_garbage(text *lines)
{
    static const char *const kinds[] = {
        "{\"n\":1",
        "{\"n\":\"",
        "{\"n\":\"\\",
        "\"",
        "{",
        "[",
        "[[[[{\"n\":",
        "}",
        "]]",
        "{\"n\":1}}",
        "{\"n\":1e",
        "{\"n\":nul",
        "{\"s\":\"\\ud83d",
        "{\"s\":\"\xF0\x9F\x98",
        "{\"n\":1,",
        "{\"n\"",
        "{\"n\":1 \"",
        "\\",
        "{\"n\":99999999999999999999}",
        "{\"s\":1}",
    };
    if (random_below(2)) {
        put(lines, "%s\n", kinds[random_below(sizeof kinds / sizeof *kinds)]);
        return;
    }
    size_t size = 1 + random_below(60);
    put(lines, "!"); /* no JSON, whatever follows */
    for (size_t i = 0; i < size; i++) {
        static const char likely[] = "{}[]\":,\\u0123ntf \t\r\"\"";
        uint8_t byte = random_below(2) ? (uint8_t)random_bits()
                                       : (uint8_t)likely[random_below(sizeof likely - 1)];
        byte = byte == '\n' ? 'n' : byte;
        put_bytes(lines, &byte, 1);
    }
    put(lines, "\n");
}

static void test_bad_records_never_touch_their_neighbours(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:int32! s:string");
    for (int round = 0; round < 300; round++) {
        text lines = {0}, rows = {0};
        size_t bad = 0;
        for (int i = 0; i < 60; i++) {
            for (; random_below(3) == 0; bad++)
                put_garbage(&lines);
            put(&lines,
                random_below(2) ? "{\"n\":%d,\"s\":\"s%d\"}\n" : "{\"s\":\"s%2$d\",\"n\":%1$d}\n",
                i, i);
            put(&rows, "%d 's%d'\n", i, i);
        }
        decoded out = decode_bytes(schema, lines.bytes, lines.size);
        assert_string_equal(shown(&out.rows), rows.bytes);
        assert_int_equal(out.rejected, bad);
        decoded_free(&out);
        text_free(&lines);
        text_free(&rows);
    }
    cp_schema_free(schema);
}

/* ---- cuts ---- */

/* A splitter that is shown the bytes in pieces, and what it made of them. */
typedef struct cutting {
    text cuts; /* "block 0+1048570", "skip 0+2000000 record_too_large 1999999 of 2000000" */
    text rows, rejects;
    uint64_t records, lines;
} cutting;

static void cutting_free(cutting *c)
{
    text_free(&c->cuts);
    text_free(&c->rows);
    text_free(&c->rejects);
}

/* How many bytes to show next: all, one step, or anything. */
static size_t next_shown(size_t shown_so_far, size_t total, size_t step)
{
    size_t more = step ? step : 1 + random_below(random_below(2) ? 100000 : 3000000);
    return total - shown_so_far < more ? total : shown_so_far + more;
}

static void note_skip(cutting *c, size_t *pending, size_t offset, const cp_cut *cut)
{
    *pending += cut->size;
    c->lines += cut->lines;
    if (cut->reason == CP_ACCEPTED)
        return;
    assert_int_equal(cut->whole, *pending);
    put(&c->cuts, "skip %zu+%zu %s %" PRIu64 "\n", offset + cut->size - *pending, *pending,
        cp_reason_name(cut->reason), cut->length);
    *pending = 0;
    c->records++;
}

/* Cuts all of `bytes`. The end is told with the last bytes or, where `late_end`, after them. */
static cutting cut_all(const cp_format *format, cp_span bytes, size_t step, bool late_end)
{
    cutting c = {0};
    cp_splitter *splitter;
    cp_cut cut;
    cp_rc rc;
    size_t offset = 0, visible = 0, pending = 0;
    bool told = false;
    assert_int_equal(jsonl->splitter_open(format, &splitter, NULL), CP_OK);
    for (;;) {
        cp_span rest = {bytes.data + offset, visible - offset};
        rc = jsonl->split(splitter, rest, told, &cut, NULL);
        if (rc == CP_END)
            break;
        if (rc == CP_MORE) {
            assert_false(told);
            told = visible == bytes.size;
            visible = next_shown(visible, bytes.size, step);
            told |= visible == bytes.size && !late_end;
            continue;
        }
        assert_true(cut.size <= rest.size);
        if (rc == CP_BLOCK) {
            assert_int_equal(pending, 0);
            put(&c.cuts, "block %zu+%zu\n", offset, cut.size);
        } else {
            assert_int_equal(rc, CP_SKIP);
            note_skip(&c, &pending, offset, &cut);
        }
        offset += cut.size;
    }
    assert_true(told);
    assert_int_equal(pending, 0);
    assert_int_equal(offset, bytes.size);
    jsonl->splitter_close(splitter);
    return c;
}

/* Lines with lengths of `mean` bytes about, a few of them `long_size`. */
static void put_long_lines(text *lines, size_t total, size_t mean, size_t long_size)
{
    while (lines->size < total) {
        size_t size = random_below(60) ? random_below(2 * mean) : random_below(long_size + 1);
        put(lines, "{\"n\":%d,\"s\":\"%0*d\"}%s", (int)lines->size, (int)size + 1, 0,
            random_below(8)   ? "\n"
            : random_below(2) ? "\r\n"
                              : "\n\n");
    }
}

/* What must hold of blocks, whatever is in them. */
static void check_blocks(const text *cuts, cp_span bytes, uint64_t max_record)
{
    size_t next = 0;
    for (const char *line = cuts->bytes; line && *line; line = strchr(line, '\n') + 1) {
        size_t offset, size;
        char kind[8];
        assert_int_equal(sscanf(line, "%7s %zu+%zu", kind, &offset, &size), 3);
        assert_int_equal(offset, next);
        next += size;
        const uint8_t *start = bytes.data + offset;
        assert_true(next == bytes.size || start[size - 1] == '\n');
        const uint8_t *first_end = memchr(start, '\n', size);
        bool one_line = !first_end || first_end == start + size - 1;
        if (strcmp(kind, "skip") == 0) {
            assert_true(one_line && size > max_record);
        } else {
            assert_true(size > 0);
            assert_true(size <= CP_BLOCK_TARGET_BYTES || one_line);
        }
    }
    assert_int_equal(next, bytes.size);
}

static void check_cuts(const cp_format *format, const text *lines, uint64_t max_record)
{
    static const size_t steps[] = {1000, 65536, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3000000,
                                   0,    0};
    cp_span bytes = span_of(lines);
    cutting whole = cut_all(format, bytes, SIZE_MAX / 2, false);
    check_blocks(&whole.cuts, bytes, max_record);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cutting parts = cut_all(format, bytes, steps[i], random_below(2));
        assert_string_equal(shown(&parts.cuts), shown(&whole.cuts));
        assert_int_equal(parts.lines, whole.lines);
        cutting_free(&parts);
    }
    cutting_free(&whole);
}

static void test_cuts_depend_on_content_alone(void **state)
{
    (void)state;
    static const struct {
        size_t total, mean, long_size;
        uint64_t max_record;
    } rows[] = {
        {10, 5, 5, MEBIBYTE},
        {3 * MEBIBYTE, 100, 100, MEBIBYTE},
        {4 * MEBIBYTE, 20000, MEBIBYTE + 20000, 16 * MEBIBYTE},
        {8 * MEBIBYTE, 300000, 3 * MEBIBYTE, 16 * MEBIBYTE},
        {8 * MEBIBYTE, 300000, 3 * MEBIBYTE, 2 * MEBIBYTE},
        {4 * MEBIBYTE, 300000, 2 * MEBIBYTE, 1000},
    };
    cp_schema *schema = schema_of("n:int64 s:string");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_format *format = plan_with(schema, rows[i].max_record);
        for (int round = 0; round < 3; round++) {
            text lines = {0};
            put_long_lines(&lines, rows[i].total, rows[i].mean, rows[i].long_size);
            if (round == 1)
                lines.bytes[--lines.size] = '\0'; /* no '\n' at the end */
            check_cuts(format, &lines, rows[i].max_record);
            text_free(&lines);
        }
        jsonl->plan_close(format);
    }
    cp_schema_free(schema);
}

/* A second line that ends exactly at the target, or a first one that ends about there. */
static void test_edges_of_the_target(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string");
    cp_format *format = plan_with(schema, 16 * MEBIBYTE);
    for (int over = -3; over <= 2; over++) {
        text lines = {0}, expected = {0};
        size_t first = (size_t)CP_BLOCK_TARGET_BYTES + (size_t)over;
        put(&lines, "{\"s\":\"%0*d\"}\n{}\n", (int)first - 9, 0);
        if (over == -3)
            put(&expected, "block 0+%d\n", CP_BLOCK_TARGET_BYTES);
        else
            put(&expected, "block 0+%zu\nblock %zu+3\n", first, first);
        check_cuts(format, &lines, 16 * MEBIBYTE);
        cutting c = cut_all(format, span_of(&lines), SIZE_MAX / 2, false);
        assert_string_equal(shown(&c.cuts), expected.bytes);
        cutting_free(&c);
        text_free(&lines);
        text_free(&expected);
    }
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

/* Lines of `size` bytes and a terminator, beyond the target: a block of its own, or passed over. */
static void check_long_line(size_t size, const char *terminator, bool good)
{
    cp_schema *schema = schema_of("s:string");
    cp_format *format = plan_with(schema, 2 * MEBIBYTE);
    text lines = {0}, expected = {0};
    size_t whole = size + strlen(terminator);
    put(&lines, "{\"s\":\"%0*d\"}%s", (int)size - 8, 0, terminator);
    if (good)
        put(&expected, "block 0+%zu\n", whole);
    else
        put(&expected, "skip 0+%zu record_too_large %zu\n", whole, size);
    for (size_t step = 500000; step < 4000000; step += 500001) {
        cutting c = cut_all(format, span_of(&lines), step, false);
        assert_string_equal(shown(&c.cuts), expected.bytes);
        assert_int_equal(c.lines, !good && *terminator);
        cutting_free(&c);
    }
    text_free(&lines);
    text_free(&expected);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

static void test_long_lines(void **state)
{
    (void)state;
    static const char *const terminators[] = {"\n", "\r\n", ""};
    for (size_t i = 0; i < 3; i++) {
        check_long_line(2 * MEBIBYTE - 2, terminators[i], true);
        check_long_line(2 * MEBIBYTE + 1, terminators[i], false);
        check_long_line(5 * MEBIBYTE, terminators[i], false);
    }
    check_long_line(2 * MEBIBYTE, "\n", true);
    check_long_line(2 * MEBIBYTE, "", true);
}

static void test_long_line_with_carriage_return(void **state)
{
    (void)state;
    check_long_line(2 * MEBIBYTE, "\r\n", true);
}

static void test_empty_input(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string");
    cp_format *format = plan_of(schema);
    cutting c = cut_all(format, (cp_span){(const uint8_t *)"", 0}, 10, true);
    assert_string_equal(shown(&c.cuts), "");
    cutting_free(&c);
    jsonl->plan_close(format);
    cp_schema_free(schema);
}

/* Decodes block by block, with places made absolute, as commit does. */
static void decode_cuts(const cp_format *format, const cp_schema *schema, cp_span bytes, text *rows,
                        uint64_t *rejected, uint64_t *lines)
{
    cutting c = cut_all(format, bytes, 70000, false);
    for (const char *line = c.cuts.bytes; line && *line; line = strchr(line, '\n') + 1) {
        size_t offset, size;
        char kind[8];
        assert_int_equal(sscanf(line, "%7s %zu+%zu", kind, &offset, &size), 3);
        if (strcmp(kind, "skip") == 0) {
            ++*rejected;
            continue;
        }
        decoded out =
            decode_at(format, schema, (cp_span){bytes.data + offset, size}, ALL_ROWS, offset);
        put_bytes(rows, shown(&out.rows), out.rows.size);
        *rejected += out.rejected;
        *lines += out.end.lines;
        decoded_free(&out);
    }
    *lines += c.lines;
    cutting_free(&c);
}

/* The same bytes, each line a block of its own. */
static void decode_lines(const cp_format *format, const cp_schema *schema, cp_span bytes,
                         text *rows, uint64_t *rejected, uint64_t *lines)
{
    for (size_t offset = 0; offset < bytes.size;) {
        const uint8_t *start = bytes.data + offset;
        const uint8_t *newline = memchr(start, '\n', bytes.size - offset);
        size_t size = newline ? (size_t)(newline - start) + 1 : bytes.size - offset;
        decoded out = decode_at(format, schema, (cp_span){start, size}, 1, offset);
        put_bytes(rows, shown(&out.rows), out.rows.size);
        *rejected += out.rejected;
        *lines += out.end.lines;
        decoded_free(&out);
        offset += size;
    }
}

static void test_blocks_against_lines(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:int64! s:string");
    static const uint64_t limits[] = {16 * MEBIBYTE, MEBIBYTE + MEBIBYTE / 2};
    for (size_t i = 0; i < 2; i++) {
        cp_format *format = plan_with(schema, limits[i]);
        text lines = {0}, by_block = {0}, by_line = {0};
        uint64_t rejected[2] = {0}, ends[2] = {0};
        for (int k = 0; k < 100; k++) {
            put_garbage(&lines);
            put_long_lines(&lines, lines.size + 50000, 2000, 2 * MEBIBYTE);
        }
        decode_cuts(format, schema, span_of(&lines), &by_block, &rejected[0], &ends[0]);
        decode_lines(format, schema, span_of(&lines), &by_line, &rejected[1], &ends[1]);
        assert_true(rejected[0] >= 100);
        assert_true(by_block.size == by_line.size);
        assert_memory_equal(by_block.bytes, by_line.bytes, by_line.size);
        assert_int_equal(rejected[0], rejected[1]);
        assert_int_equal(ends[0], ends[1]);
        text_free(&lines);
        text_free(&by_block);
        text_free(&by_line);
        jsonl->plan_close(format);
    }
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_probe_of_values),
        cmocka_unit_test(test_probe_passes_a_byte_order_mark),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_counts_at_the_end),
        cmocka_unit_test(test_carriage_returns),
        cmocka_unit_test(test_last_line_without_newline),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_byte_order_mark_of_a_later_block),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test_setup(test_any_capacity, start_random),
        cmocka_unit_test(test_a_full_list_of_rejects),
        cmocka_unit_test(test_a_decoder_is_used_again),
        cmocka_unit_test(test_largest_record),
        cmocka_unit_test(test_largest_record_with_carriage_return),
        cmocka_unit_test(test_bad_records_too_large),
        cmocka_unit_test(test_largest_record_like_others),
        cmocka_unit_test(test_last_line_like_others),
        cmocka_unit_test(test_between_records_alike),
        cmocka_unit_test(test_batches_in_turn),
        cmocka_unit_test_setup(test_bad_records_never_touch_their_neighbours, start_random),
        cmocka_unit_test_setup(test_cuts_depend_on_content_alone, start_random),
        cmocka_unit_test_setup(test_edges_of_the_target, start_random),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_long_line_with_carriage_return),
        cmocka_unit_test(test_empty_input),
        cmocka_unit_test_setup(test_blocks_against_lines, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
