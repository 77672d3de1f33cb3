/* Records read by the places of their tokens (formats/json/json_shape.h, json_tokens.h), by each
 * set of kernels: what is read so is a record of the same row and the same end as in full, and what
 * is good is read so, in whatever order, with whatever white space and escapes. */
#include "formats/json/json_shape.h"
#include "tests/unit/json_support.h"

/* ---- one record, both ways ---- */

typedef struct outcome {
    size_t size; /* of the record with what ends it; 0: it was not read */
    text row;
} outcome;

static void take_row(outcome *out, cp_batch *batch, size_t size)
{
    batch->selection_count = batch->rows;
    put_batch(&out->row, batch);
    out->size = size;
}

static outcome read_in_full(const cp_json_plan *plan, cp_json_form form, cp_span record)
{
    outcome out = {0};
    cp_json_row row;
    cp_batch batch;
    cp_json_check check = {.record = record.data, .end = record.data + record.size, .form = form};
    assert_int_equal(cp_json_row_open(plan, &row, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, plan->schema, 1, NULL), CP_OK);
    const uint8_t *p = cp_json_row_read(&row, cp_json_space(record.data, form), &check, &batch);
    const uint8_t *end = p ? cp_json_record_end(p, form) : NULL;
    if (end && cp_json_row_complete(&row, &check, &batch)) {
        batch.rows = 1;
        take_row(&out, &batch, (size_t)(cp_json_record_next(end, form) - record.data));
    }
    cp_batch_close(&batch);
    cp_json_row_close(&row);
    return out;
}

static outcome read_in_any_order(const cp_json_plan *plan, const cp_json_kernels *kernels,
                                 cp_json_form form, cp_span record)
{
    outcome out = {0};
    cp_json_shapes shapes;
    cp_batch batch;
    assert_int_equal(cp_json_shapes_open(plan, MEBIBYTE, form, &shapes, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, plan->schema, 1, NULL), CP_OK);
    shapes.kernels = kernels;
    shapes.full = true; /* so that nothing is learned */
    const uint8_t *end = record.data + record.size;
    const uint8_t *next = cp_json_shapes_read(&shapes, record.data, end, &batch);
    if (batch.rows == 1)
        take_row(&out, &batch, (size_t)(next - record.data));
    else
        assert_ptr_equal(next, record.data);
    cp_batch_close(&batch);
    cp_json_shapes_close(&shapes);
    return out;
}

typedef enum expectation { GOOD, ANY } expectation;

/* The record, which is used up. GOOD: it has to be read in any order, too. */
static void check(const cp_schema *schema, cp_json_form form, text *record, expectation expected)
{
    const cp_json_kernels *const kernels[] = {cp_json_kernels_portable(), cp_json_kernels_avx2(),
                                              cp_json_kernels_avx512()};
    cp_json_plan plan;
    uint8_t *memory = block_memory(record->bytes, record->size);
    cp_span bytes = {memory, record->size};
    assert_int_equal(cp_json_plan_open(schema, &plan, NULL), CP_OK);
    outcome full = read_in_full(&plan, form, bytes);
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if (!kernels[i])
            continue;
        outcome got = read_in_any_order(&plan, kernels[i], form, bytes);
        bool same = got.size == full.size && strcmp(shown(&got.row), shown(&full.row)) == 0;
        if ((got.size || expected == GOOD) && !same)
            fail_msg("kernels %zu, form %d: %.*s\n%zu %s is not %zu %s", i, (int)form,
                     (int)record->size, record->bytes, got.size, shown(&got.row), full.size,
                     shown(&full.row));
        text_free(&got.row);
    }
    assert_true(expected == ANY || full.size);
    text_free(&full.row);
    cp_json_plan_close(&plan);
    free(memory);
    text_free(record);
}

/* ---- random records ---- */

static const char *pick(const char *const *from, size_t count)
{
    return from[random_below(count)];
}

#define PICK(array) pick(array, sizeof(array) / sizeof *(array))

static const char *random_value(const char *type)
{
    static const char *const strings[] = {"\"\"",
                                          "\"plain\"",
                                          "\"a\\nb\"",
                                          "\"\\\\\"",
                                          "\"\xC3\xA9\\u00e9\"",
                                          "\"]},{\\\"\"",
                                          "null",
                                          "\"text of more than thirty-two bytes, and a \\\\\""};
    static const char *const integers[] = {"0", "-0", "17", "65000", "1.0", "2e3", "null"};
    static const char *const numbers[] = {
        "0.5", "-1.25e2", "1E-2", "12", "1e300", "123456789.123456789", "null"};
    static const char *const any[] = {"[]",
                                      "[ ]",
                                      "[\"a\",\"b]\"]",
                                      "[\"a\\\"\"]",
                                      "{}",
                                      "17",
                                      "{\"a\":{\"b\":\"}\"}}",
                                      "[1,[2,{\"a\":[]}],\"x\"]",
                                      "true",
                                      "\"text\"",
                                      "null",
                                      "-1.5E-315",
                                      "[\"\xC3\xA9\"]",
                                      "[[[]],[]]",
                                      "{\"id\":[{\"id\":1}]}"};
    static const char *const symbols[] = {"\"NEW\"", "\"OPEN\"", "\"SH\\u0055T\"", "null"};
    switch (*type) {
    case 's':
        return PICK(strings);
    case 'i':
        return PICK(integers);
    case 'f':
        return PICK(numbers);
    case 'e':
        return PICK(symbols);
    default:
        return PICK(any);
    }
}

/* As the schema below has them, and keys that it has not. */
static const struct {
    const char *key, *type;
} members[] = {
    {"id", "string"},
    {"n", "int"},
    {"\\u006e2", "int"},
    {"x", "float"},
    {"state", "enum"},
    {"j", "json"},
    {"sensor_id", "int"},
    {"sensor_name", "string"},
    {"\xC3\xA9t\xC3\xA9", "string"},
    {"", "json"},
    {"a key of more than thirty-two bytes, as some have", "string"},
    {"sen", "any"},
    {"sensor_idx", "any"},
    {"I\\u0064", "any"},
    {"stat", "any"},
};

enum { MEMBERS = sizeof members / sizeof *members };

static const char described[] = "id:string n:int64 n2:int64 x:float64 state:enum j:json "
                                "sensor_id:uint16 sensor_name:string";

static cp_schema *members_schema(void)
{
    cp_schema *schema = schema_of(described);
    cp_field *field;
    static const char *const others[] = {"\xC3\xA9t\xC3\xA9", "",
                                         "a key of more than thirty-two bytes, as some have"};
    static const cp_type types[] = {CP_TYPE_STRING, CP_TYPE_JSON, CP_TYPE_STRING};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(cp_schema_add(schema, others[i], types[i], &field, NULL), CP_OK);
    return schema;
}

static void put_space(text *out, cp_json_form form)
{
    static const char *const spaces[] = {"", " ", "\t", " \t ", "\r", "         "};
    if (random_below(3) == 0)
        put(out, "%s", random_below(8) || form == CP_JSON_LINES ? PICK(spaces) : "\n  ");
}

static void put_token(text *out, const char *token, bool spaced, cp_json_form form)
{
    if (spaced)
        put_space(out, form);
    put(out, "%s", token);
    if (spaced)
        put_space(out, form);
}

static text random_record(cp_json_form form)
{
    size_t order[MEMBERS] = {0}, count = 1 + random_below(MEMBERS);
    bool spaced = random_below(2);
    text out = {0};
    for (size_t i = 0; i < MEMBERS; i++) {
        size_t other = random_below(i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    put_token(&out, "{", spaced, form);
    for (size_t i = 0; i < count; i++) {
        put(&out, "\"%s\"", members[order[i]].key);
        put_token(&out, ":", spaced, form);
        put(&out, "%s", random_value(members[order[i]].type));
        put_token(&out, i + 1 < count ? "," : "}", spaced && (i + 1 < count), form);
    }
    return out;
}

static void put_end(text *record, cp_json_form form)
{
    static const char *const lines[] = {"\n", " \r\n", "\r\n", ""};
    static const char *const elements[] = {",", " ,", "\n]", "]"};
    if (form == CP_JSON_LINES)
        put(record, "%s", PICK(lines));
    if (form == CP_JSON_ELEMENTS)
        put(record, "%s", PICK(elements));
}

static void test_random_records(void **state)
{
    (void)state;
    enum { RECORDS = 6000 };
    cp_schema *schema = members_schema();
    for (size_t i = 0; i < RECORDS; i++) {
        cp_json_form form = (cp_json_form)(i % 3);
        text record = random_record(form);
        put_end(&record, form);
        check(schema, form, &record, GOOD);
    }
    cp_schema_free(schema);
}

/* One byte of it another, or gone, or twice. */
static void test_damaged_records(void **state)
{
    (void)state;
    enum { RECORDS = 30000 };
    static const char others[] = "{}[]\":,\\ \t\r\n0-.eEn\x01\x0C\x1A\x1F\x7F\x80\xC3";
    cp_schema *schema = members_schema();
    for (size_t i = 0; i < RECORDS; i++) {
        cp_json_form form = (cp_json_form)(i % 3);
        text record = random_record(form), damaged = {0};
        put_end(&record, form);
        size_t at = random_below(record.size), how = random_below(4);
        put_bytes(&damaged, record.bytes, at + (how == 0));
        if (how != 1)
            put_bytes(&damaged, &others[random_below(sizeof others)], 1);
        put_bytes(&damaged, record.bytes + at + (how != 3), record.size - at - (how != 3));
        text_free(&record);
        check(schema, form, &damaged, ANY);
    }
    cp_schema_free(schema);
}

/* ---- what may stand at the edges of 64 bytes ---- */

static void put_times(text *out, const char *piece, size_t times)
{
    while (times-- > 0)
        put(out, "%s", piece);
}

/* Runs of backslashes, and quotes behind them, at every place. */
static void test_backslashes_at_every_place(void **state)
{
    (void)state;
    enum { PLACES = 140, RUN_MAX = 5 };
    cp_schema *schema = schema_of("s:string n:int64");
    for (size_t before = 0; before < PLACES; before++)
        for (size_t run = 0; run < RUN_MAX; run++)
            for (int quote = 0; quote < 2; quote++) {
                text record = {0};
                put(&record, "{\"s\":\"");
                put_times(&record, "x", before);
                put_times(&record, "\\\\", run);
                put(&record, "%s\",\"n\":1,\"zz\":\"\\\\\"}\n", quote ? "\\\"" : "");
                check(schema, CP_JSON_LINES, &record, GOOD);
            }
    cp_schema_free(schema);
}

/* Words, brackets and strings across every edge; a run of backslashes as long as several. */
static void test_tokens_at_every_place(void **state)
{
    (void)state;
    enum { PLACES = 140 };
    cp_schema *schema = schema_of("s:string n:int64 x:float64 j:json");
    for (size_t before = 0; before < PLACES; before++)
        for (int form = CP_JSON_LINES; form <= CP_JSON_VALUES; form++) {
            text record = {0};
            put(&record, "{");
            put_times(&record, " ", before);
            put(&record, "\"n\":1234567,\"j\":[{\"a\":[true,\"]\"]}],\"x\":-12.5,\"s\":\"");
            put_times(&record, "\\\\", before);
            put(&record, "\"}");
            put_end(&record, (cp_json_form)form);
            check(schema, (cp_json_form)form, &record, GOOD);
        }
    cp_schema_free(schema);
}

/* ---- long records ---- */

/* Up to some four thousand bytes; longer ones are for others, but no other row. */
static void test_records_of_every_size(void **state)
{
    (void)state;
    enum { FROM = 3900, SURE = 4000, TO = 4300 };
    cp_schema *schema = schema_of("s:string n:int64");
    for (size_t size = FROM; size < TO; size++) {
        text record = {0}, crowded = {0};
        put(&record, "{\"s\":\"");
        put_times(&record, "x", size);
        put(&record, "\",\"n\":1}\n");
        check(schema, CP_JSON_LINES, &record, size < SURE ? GOOD : ANY);
        put(&crowded, "{\"n\":1,\"zz\":["); /* a token each byte */
        put_times(&crowded, "0,", size / 2);
        put(&crowded, "0]}\n");
        check(schema, CP_JSON_LINES, &crowded, size < SURE ? GOOD : ANY);
    }
    cp_schema_free(schema);
}

/* ---- exponents ---- */

static void test_numbers_with_exponents(void **state)
{
    (void)state;
    static const char *const numbers[] = {"0",
                                          "-0",
                                          "1",
                                          "-1",
                                          "1.5",
                                          "12.50",
                                          "65535",
                                          "65536",
                                          "01",
                                          "0.001",
                                          "1.",
                                          "1700000000.25",
                                          "170000",
                                          "999999999999999",
                                          "9007199254740993",
                                          "-"};
    static const char *const exponents[] = {"e0",   "E+0",  "e-0", "e1",   "e+1",  "e-1",  "e2",
                                            "e5",   "E-5",  "e-6", "e-7",  "e15",  "e17",  "e18",
                                            "e19",  "e22",  "e23", "e-22", "e-23", "e99",  "e-99",
                                            "e100", "e007", "e",   "e+",   "e-",   "e1.5", "e1e1"};
    cp_schema *schema = schema_of("i:int64 u:uint16 x:float64 f:float32 t:timestamp[us]");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (size_t j = 0; j < sizeof exponents / sizeof *exponents; j++)
            for (size_t field = 0; field < schema->field_count; field++) {
                text record = {0};
                put(&record, "{\"zz\":1,\"%s\":%s%s}\n", schema->fields[field].name, numbers[i],
                    exponents[j]);
                check(schema, CP_JSON_LINES, &record, ANY);
            }
    text usual = {0};
    put(&usual, "{\"t\":1.70000000025e+9,\"x\":-2.5e-1,\"i\":12.0E2,\"u\":6e4}\n");
    check(schema, CP_JSON_LINES, &usual, GOOD);
    cp_schema_free(schema);
}

/* ---- keys ---- */

/* Names that no text can spell plainly, that begin alike, or that are as long as a slot. */
static void test_keys_of_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name, *spelled;
    } keys[] = {
        {"", ""},
        {"a", "a"},
        {"ab", "ab"},
        {"abc", "abc"},
        {"abcd", "ab\\u0063d"},
        {"quote\"", "quote\\\""},
        {"slash\\", "slash\\\\"},
        {"feed\n", "feed\\n"},
        {"name of thirty bytes 901234567", "name of thirty bytes 901234567"},
        {"name of thirty-one bytes 456789", "name of thirty-one bytes 456789"},
        {"name of thirty-two bytes 4567890", "name of thirty-two bytes 4567890"},
        {"name of thirty-one bytes 45678", "name of thirty-one bytes 45678"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    };
    enum { KEYS = sizeof keys / sizeof *keys };
    cp_schema *schema = schema_of("first:int64");
    cp_field *field;
    for (size_t i = 0; i < KEYS; i++)
        assert_int_equal(cp_schema_add(schema, keys[i].name, CP_TYPE_INT64, &field, NULL), CP_OK);
    for (size_t i = 0; i < KEYS; i++)
        for (size_t other = 0; other < KEYS; other++) {
            text record = {0};
            put(&record, "{\"%s\":1,\"%s\" :2,\"%.*s\":3}\n", keys[i].spelled, keys[other].spelled,
                (int)strlen(keys[i].spelled) / 2, keys[i].spelled);
            check(schema, CP_JSON_LINES, &record, ANY);
            if (i == other)
                continue;
            put(&record, "{\"%s\" :1,\"%s\":2}\n", keys[i].spelled, keys[other].spelled);
            check(schema, CP_JSON_LINES, &record, GOOD);
        }
    /* Not the key that ends in a backslash, but a longer one. */
    text record = {0};
    put(&record, "{\"slash\\\":1,\":2}\n");
    check(schema, CP_JSON_LINES, &record, GOOD);
    cp_schema_free(schema);
}

/* More keys with the same beginning than there are slots. */
static void test_keys_that_begin_alike(void **state)
{
    (void)state;
    enum { KEYS = 60 };
    text names = {0};
    for (size_t i = 0; i < KEYS; i++)
        put(&names, "%sfield_%zu:int64", i ? " " : "", i);
    cp_schema *schema = schema_of(shown(&names));
    for (size_t i = 0; i < KEYS; i++) {
        text record = {0};
        put(&record, "{\"field_%zu\":%zu,\"field_\":0,\"field_%zu\":1}\n", i, i, (i + 1) % KEYS);
        check(schema, CP_JSON_LINES, &record, GOOD);
    }
    cp_schema_free(schema);
    text_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_random_records, start_random),
        cmocka_unit_test_setup(test_damaged_records, start_random),
        cmocka_unit_test(test_backslashes_at_every_place),
        cmocka_unit_test_setup(test_tokens_at_every_place, start_random),
        cmocka_unit_test(test_records_of_every_size),
        cmocka_unit_test(test_numbers_with_exponents),
        cmocka_unit_test(test_keys_of_every_kind),
        cmocka_unit_test(test_keys_that_begin_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
