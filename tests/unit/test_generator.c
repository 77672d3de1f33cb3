/* The generator of test data: frozen bytes, the same numbers in all forms, planted records that
 * lie where they are said to lie, distributions within the bounds of the manual. */
#include "formats/synthetic/generator.h"
#include "pipeline/core/reject.h"
#include "pipeline/core/schema.h"

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

enum { STRUCT_BYTES = 15, RECORD_BYTES_MAX = 16 << 10 };

/* ---- a writer into memory ---- */

typedef struct memory {
    cp_writer writer;
    uint8_t *data; /* ends in a zero byte that is not counted */
    size_t size, capacity;
    size_t largest;  /* write */
    size_t fails_at; /* bytes after which writing fails; 0: never */
} memory;

static cp_rc memory_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    memory *m = (memory *)writer;
    if (m->fails_at && m->size + size > m->fails_at)
        return cp_fail(err, CP_E_IO, "full", "no room");
    if (m->size + size + 1 > m->capacity) {
        m->capacity = 2 * (m->size + size + 1);
        m->data = realloc(m->data, m->capacity);
        assert_non_null(m->data);
    }
    memcpy(m->data + m->size, bytes, size);
    m->size += size;
    m->data[m->size] = 0;
    m->largest = size > m->largest ? size : m->largest;
    return CP_OK;
}

static void make(const cp_gen_options *options, memory *data, memory *planted)
{
    cp_error err = {0};
    *data = (memory){.writer.write = memory_write};
    if (planted)
        *planted = (memory){.writer.write = memory_write};
    cp_rc rc = cp_generate(options, &data->writer, planted ? &planted->writer : NULL, &err);
    assert_int_equal(rc, CP_OK);
}

static uint64_t hash_of(const memory *m)
{
    return XXH64(m->data ? m->data : (const uint8_t *)"", m->size, 0);
}

/* ---- a small reader of JSON that is known to be valid ---- */

static const uint8_t *skip_space(const uint8_t *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        p++;
    return p;
}

/* p at the opening quote. */
static const uint8_t *skip_string(const uint8_t *p)
{
    for (p++; *p != '"'; p++)
        p += *p == '\\';
    return p + 1;
}

/* Strings, numbers and literals, or a container with all that is in it. */
static const uint8_t *skip_value(const uint8_t *p)
{
    if (*p == '"')
        return skip_string(p);
    if (*p != '{' && *p != '[') {
        while (*p > ' ' && !strchr(",}]", *p))
            p++;
        return p;
    }
    int depth = 0;
    do {
        depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        p = *p == '"' ? skip_string(p) : p + 1;
    } while (depth > 0);
    return p;
}

/* A string's text; characters that are escaped and not ASCII become '?'. Returns its size. */
static size_t unquote(cp_span quoted, char *out)
{
    static const char names[] = "bfnrt", controls[] = "\b\f\n\r\t";
    char *start = out;
    for (size_t i = 1; i + 1 < quoted.size; i++) {
        char c = (char)quoted.data[i];
        if (c == '\\' && quoted.data[i + 1] == 'u') {
            char hex[5] = {0};
            memcpy(hex, quoted.data + i + 2, 4);
            long code = strtol(hex, NULL, 16);
            c = code < 128 ? (char)code : '?';
            i += 5;
        } else if (c == '\\') {
            c = (char)quoted.data[++i];
            const char *name = strchr(names, c);
            c = name ? controls[name - names] : c;
        }
        *out++ = c;
    }
    return (size_t)(out - start);
}

/* The value of an object's member, as it stands; nothing where there is none. */
static cp_span member(const uint8_t *object, const char *name)
{
    char key[256];
    const uint8_t *p = skip_space(skip_space(object) + 1);
    while (*p != '}') {
        const uint8_t *end = skip_string(p);
        size_t size = unquote((cp_span){p, (size_t)(end - p)}, key);
        p = skip_space(skip_space(end) + 1);
        end = skip_value(p);
        if (size == strlen(name) && memcmp(key, name, size) == 0)
            return (cp_span){p, (size_t)(end - p)};
        p = skip_space(end);
        p = *p == ',' ? skip_space(p + 1) : p;
    }
    return (cp_span){NULL, 0};
}

static uint64_t number(const uint8_t *object, const char *name)
{
    cp_span text = member(object, name);
    assert_non_null(text.data);
    return strtoull((const char *)text.data, NULL, 10);
}

static size_t text_of(const uint8_t *object, const char *name, char *out)
{
    cp_span text = member(object, name);
    assert_non_null(text.data);
    assert_int_equal(*text.data, '"');
    size_t size = unquote(text, out);
    out[size] = 0;
    return size;
}

static size_t base64_read(const char *text, size_t size, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t count = 0;
    for (size_t i = 0; i < size && text[i] != '='; i++) {
        bits = bits << 6 | (uint32_t)(strchr(digits, text[i]) - digits);
        if (i % 4 > 0)
            out[count++] = (uint8_t)(bits >> (6 - i % 4 * 2));
    }
    return count;
}

/* ---- rows of all forms ---- */

typedef struct row {
    double timestamp, value;
    uint64_t sensor_id, status;
} row;

static double real(const uint8_t *object, const char *name)
{
    cp_span text = member(object, name);
    assert_non_null(text.data);
    return strtod((const char *)text.data, NULL);
}

static uint64_t status_code(const char *name)
{
    static const char *const names[] = {"DRAFT", "SUBMITTED", "UNDER_REVIEW", "ESCALATED",
                                        "CLOSED"};
    uint64_t code = 0;
    while (strcmp(names[code], name) != 0)
        assert_true(++code < 5);
    return code;
}

static row row_of_json(const uint8_t *object, uint64_t record)
{
    char text[256], id[32];
    text_of(object, "id", text);
    snprintf(id, sizeof id, "CASE-%08llu", (unsigned long long)record);
    assert_string_equal(text, id);
    text_of(object, "status", text);
    return (row){real(object, "timestamp"), real(object, "value"), number(object, "sensor_id"),
                 status_code(text)};
}

static uint64_t little(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

static row row_of_struct(const uint8_t *bytes)
{
    uint64_t time_bits = little(bytes, 8);
    uint32_t value_bits = (uint32_t)little(bytes + 10, 4);
    row r = {.sensor_id = little(bytes + 8, 2), .status = bytes[14]};
    float value;
    memcpy(&r.timestamp, &time_bits, sizeof r.timestamp);
    memcpy(&value, &value_bits, sizeof value);
    r.value = (double)value;
    return r;
}

static void assert_same_row(row a, row b)
{
    assert_true(a.timestamp == b.timestamp);
    assert_true(a.value == b.value);
    assert_int_equal(a.sensor_id, b.sensor_id);
    assert_int_equal(a.status, b.status);
}

static void forms_agree(uint64_t seed, cp_gen_profile profile)
{
    enum { ROWS = 20000 };
    cp_gen_options options = {ROWS, seed, 700, profile, CP_GEN_STRUCT, 0};
    memory packed, lines, array;
    make(&options, &packed, NULL);
    options.form = CP_GEN_JSONL;
    make(&options, &lines, NULL);
    options.form = CP_GEN_JSON;
    make(&options, &array, NULL);
    assert_int_equal(packed.size, ROWS * STRUCT_BYTES);
    const uint8_t *line = skip_space(lines.data), *element = skip_space(array.data);
    assert_int_equal(*element, '[');
    for (uint64_t i = 0; i < ROWS; i++) {
        row expected = row_of_struct(packed.data + i * STRUCT_BYTES);
        element = skip_space(element + 1);
        assert_same_row(row_of_json(line, i), expected);
        assert_same_row(row_of_json(element, i), expected);
        const uint8_t *end = skip_value(line);
        assert_null(memchr(line, '\n', (size_t)(end - line)));
        line = skip_space(end);
        element = skip_space(skip_value(element));
        assert_int_equal(*element, i + 1 < ROWS ? ',' : ']');
    }
    assert_ptr_equal(line, lines.data + lines.size);
    assert_string_equal((const char *)element, "]\n");
    free(packed.data);
    free(lines.data);
    free(array.data);
}

static void test_forms_agree(void **state)
{
    (void)state;
    uint64_t seed = (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    forms_agree(seed, CP_GEN_REGULAR);
    forms_agree(seed, CP_GEN_MESSY);
}

/* ---- frozen output ---- */

typedef struct golden {
    cp_gen_options options;
    size_t size;
    uint64_t hash, planted_hash;
} golden;

static const golden goldens[] = {
    {{1000, UINT64_C(1), 1024, CP_GEN_REGULAR, CP_GEN_JSONL, 0},
     174001,
     UINT64_C(0xbdd54b6077e84fcb),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_REGULAR, CP_GEN_JSONL, 20000},
     897786,
     UINT64_C(0xfd64d46412223498),
     UINT64_C(0x5676858ccb0498a4)},
    {{1000, UINT64_C(1), 1024, CP_GEN_REGULAR, CP_GEN_JSON, 0},
     175004,
     UINT64_C(0x013184e8d69201f5),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_REGULAR, CP_GEN_JSON, 20000},
     903306,
     UINT64_C(0xf67a8d411d6cfcb2),
     UINT64_C(0x95015f40188c16c9)},
    {{1000, UINT64_C(1), 1024, CP_GEN_REGULAR, CP_GEN_STRUCT, 0},
     15000,
     UINT64_C(0x011be90942784e9d),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_REGULAR, CP_GEN_STRUCT, 20000},
     75007,
     UINT64_C(0x96c24341c5363a77),
     UINT64_C(0x8ad07fc5567abc26)},
    {{1000, UINT64_C(1), 1024, CP_GEN_MESSY, CP_GEN_JSONL, 0},
     202877,
     UINT64_C(0x249a28506b9b3d1a),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_MESSY, CP_GEN_JSONL, 20000},
     1042751,
     UINT64_C(0x29b1efcc8cc65d7e),
     UINT64_C(0x895d1513fccccf29)},
    {{1000, UINT64_C(1), 1024, CP_GEN_MESSY, CP_GEN_JSON, 0},
     205734,
     UINT64_C(0x02aa0d913b42e695),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_MESSY, CP_GEN_JSON, 20000},
     1056791,
     UINT64_C(0x76088786bfa78243),
     UINT64_C(0xbd08ee3d076aeb4b)},
    {{1000, UINT64_C(1), 1024, CP_GEN_MESSY, CP_GEN_STRUCT, 0},
     15000,
     UINT64_C(0xf4cd9bf93d1ec5ca),
     UINT64_C(0xef46db3751d8e999)},
    {{5000, UINT64_C(18369614221190020847), 65536, CP_GEN_MESSY, CP_GEN_STRUCT, 20000},
     75007,
     UINT64_C(0xee053ac7f77bc770),
     UINT64_C(0xa81a2d0a90daa13d)},
};

static void test_golden_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        memory data, planted, again;
        make(&goldens[i].options, &data, &planted);
        make(&goldens[i].options, &again, NULL);
        assert_int_equal(data.size, goldens[i].size);
        assert_int_equal(hash_of(&data), goldens[i].hash);
        assert_int_equal(hash_of(&planted), goldens[i].planted_hash);
        assert_int_equal(again.size, data.size);
        assert_true(data.size == 0 || memcmp(again.data, data.data, data.size) == 0);
        free(data.data);
        free(planted.data);
        free(again.data);
    }
}

static void assert_begins(cp_gen_profile profile, cp_gen_form form, uint32_t bad,
                          const char *expected, const char *expected_planted)
{
    memory data, planted;
    make(&(cp_gen_options){1000, 1, 1024, profile, form, bad}, &data, &planted);
    assert_true(data.size >= strlen(expected));
    assert_memory_equal(data.data, expected, strlen(expected));
    if (expected_planted) {
        assert_true(planted.size >= strlen(expected_planted));
        assert_memory_equal(planted.data, expected_planted, strlen(expected_planted));
    }
    free(data.data);
    free(planted.data);
}

static void test_first_lines(void **state)
{
    (void)state;
    assert_begins(CP_GEN_REGULAR, CP_GEN_JSONL, 0,
                  "{\"id\":\"CASE-00000000\",\"title\":\"Power interrupted 60\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.0,\"sensor_id\":343,"
                  "\"value\":25.6875,\"unit\":\"celsius\",\"notes\":[]}\n"
                  "{\"id\":\"CASE-00000001\",\"title\":\"Manual override 65\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.25,\"sensor_id\":519,"
                  "\"value\":25.375,\"unit\":\"celsius\",\"notes\":[\"call back\"]}\n"
                  "{\"id\":\"CASE-00000002\",\"title\":\"Battery low 90\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.5,\"sensor_id\":660,"
                  "\"value\":18.75,\"unit\":\"celsius\",\"notes\":[]}\n",
                  NULL);
    assert_begins(CP_GEN_REGULAR, CP_GEN_JSON, 0,
                  "[\n"
                  "{\"id\":\"CASE-00000000\",\"title\":\"Power interrupted 60\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.0,\"sensor_id\":343,"
                  "\"value\":25.6875,\"unit\":\"celsius\",\"notes\":[]},\n"
                  "{\"id\":\"CASE-00000001\",\"title\":\"Manual override 65\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.25,\"sensor_id\":519,"
                  "\"value\":25.375,\"unit\":\"celsius\",\"notes\":[\"call back\"]},\n"
                  "{\"id\":\"CASE-00000002\",\"title\":\"Battery low 90\","
                  "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.5,\"sensor_id\":660,"
                  "\"value\":18.75,\"unit\":\"celsius\",\"notes\":[]},\n",
                  NULL);
    assert_begins(CP_GEN_MESSY, CP_GEN_JSONL, 0,
                  "{\"value\":-256875e-4,\"title\":\"点検 60\",\"status\":\"UNDER_REVIEW\","
                  "\"unit\":\"celsius\",\"timestamp\":1700000000.00,\"id\":\"CASE-00000000\","
                  "\"sensor_id\":343}\n"
                  "{\"title\":null,\"notes\":null,\"unit\":\"celsius\",\"value\":25.375,"
                  "\"sensor_id\":519,\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.25,"
                  "\"id\":\"CASE-00000001\"}\r\n"
                  "{\"notes\":null,\"sensor_id\":660,\"value\":18.7500,\"status\":\"UNDER_REVIEW\","
                  "\"id\":\"CASE-00000002\",\"timestamp\":1.7000000005e9,\"unit\":\"celsius\","
                  "\"title\":\"Battery low 90\"}\n",
                  NULL);
    assert_begins(CP_GEN_MESSY, CP_GEN_JSON, 0,
                  "[\n"
                  "{\"value\":-256875e-4,\"title\":\"点検 60\",\"status\":\"UNDER_REVIEW\","
                  "\"unit\":\"celsius\",\"timestamp\":1700000000.00,\"id\":\"CASE-00000000\","
                  "\"sensor_id\":343},\n"
                  "{\"title\":null,\"notes\":null,\"unit\":\"celsius\",\"value\":25.375,"
                  "\"sensor_id\":519,\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.25,"
                  "\"id\":\"CASE-00000001\"},\r\n"
                  "{\"notes\":null,\"sensor_id\":660,\"value\":18.7500,\"status\":\"UNDER_REVIEW\","
                  "\"id\":\"CASE-00000002\",\"timestamp\":1.7000000005e9,\"unit\":\"celsius\","
                  "\"title\":\"Battery low 90\"},\n",
                  NULL);
}

static void test_first_planted_lines(void **state)
{
    (void)state;
    assert_begins(
        CP_GEN_REGULAR, CP_GEN_JSONL, CP_GEN_BAD_MAX,
        "{\"id\":\"CASE-00000000\",\"title\":\"Power interrupted 60\","
        "\"status\":\"UNDER_REVIEW\",\"timestamp\":1700000000.0,\"sensor_id\" 512,"
        "\"value\":25.6875,\"unit\":\"celsius\",\"notes\":[]}\n",
        "{\"record\":1,\"line\":1,\"offset\":0,\"length\":162,\"field\":null,"
        "\"reason\":\"json_syntax\",\"raw\":\"{\\\"id\\\":\\\"CASE-00000000\\\","
        "\\\"title\\\":\\\"Power interrupted 60\\\",\\\"status\\\":\\\"UNDER_REVIEW\\\","
        "\\\"timestamp\\\":1700000000.0,\\\"sensor_id\\\" 512,\\\"value\\\":25.6875,"
        "\\\"unit\\\":\\\"celsius\\\",\\\"notes\\\":[]}\"}\n"
        "{\"record\":2,\"line\":2,\"offset\":163,\"length\":164,\"field\":null,"
        "\"reason\":\"invalid_utf8\","
        "\"raw_base64\":\"eyJpZCI6IkNBU0UtgCIsInRpdGxlIjoiTWFudWFsIG92ZXJyaWRlIDY1Iiwic3R"
        "hdHVzIjoiVU5ERVJfUkVWSUVXIiwidGltZXN0YW1wIjoxNzAwMDAwMDAwLjI1LCJzZW5zb3JfaWQiOjU"
        "xOSwidmFsdWUiOjI1LjM3NSwidW5pdCI6ImNlbHNpdXMiLCJub3RlcyI6WyJjYWxsIGJhY2siXX0=\"}\n");
    assert_begins(CP_GEN_REGULAR, CP_GEN_STRUCT, CP_GEN_BAD_MAX, "",
                  "{\"record\":1,\"line\":null,\"offset\":0,\"length\":15,\"field\":\"value\","
                  "\"reason\":\"not_finite\",\"raw_base64\":\"AAAAQPxU2UFXAQAAwH8C\"}\n"
                  "{\"record\":2,\"line\":null,\"offset\":15,\"length\":15,\"field\":\"value\","
                  "\"reason\":\"not_finite\",\"raw_base64\":\"AAAQQPxU2UEHAgAAgH8C\"}\n"
                  "{\"record\":3,\"line\":null,\"offset\":30,\"length\":15,\"field\":\"timestamp\","
                  "\"reason\":\"invalid_time\",\"raw_base64\":\"AAAAAAAA+H+UAgAAlkEC\"}\n");
}

static void test_first_struct_records(void **state)
{
    (void)state;
    static const uint8_t regular[2 * STRUCT_BYTES] = {
        0x00, 0x00, 0x00, 0x40, 0xfc, 0x54, 0xd9, 0x41, 0x57, 0x01, 0x00, 0x80, 0xcd, 0x41, 0x02,
        0x00, 0x00, 0x10, 0x40, 0xfc, 0x54, 0xd9, 0x41, 0x07, 0x02, 0x00, 0x00, 0xcb, 0x41, 0x02,
    };
    static const uint8_t messy[2 * STRUCT_BYTES] = {
        0x00, 0x00, 0x00, 0x40, 0xfc, 0x54, 0xd9, 0x41, 0x57, 0x01, 0x00, 0x80, 0xcd, 0xc1, 0x02,
        0x00, 0x00, 0x10, 0x40, 0xfc, 0x54, 0xd9, 0x41, 0x07, 0x02, 0x00, 0x00, 0xcb, 0x41, 0x02,
    };
    memory data;
    make(&(cp_gen_options){2, 1, 1024, CP_GEN_REGULAR, CP_GEN_STRUCT, 0}, &data, NULL);
    assert_int_equal(data.size, sizeof regular);
    assert_memory_equal(data.data, regular, sizeof regular);
    free(data.data);
    make(&(cp_gen_options){2, 1, 1024, CP_GEN_MESSY, CP_GEN_STRUCT, 0}, &data, NULL);
    assert_int_equal(data.size, sizeof messy);
    assert_memory_equal(data.data, messy, sizeof messy);
    free(data.data);
}

/* ---- planted records ---- */

typedef struct tally {
    size_t planted;
    uint64_t last_record;
    uint64_t counted, line_ends; /* bytes looked at, and the '\n' among them */
    size_t reasons[CP_REASON_COUNT];
} tally;

static size_t raw_of(const uint8_t *line, uint8_t *out)
{
    static char text[6 * RECORD_BYTES_MAX];
    if (!member(line, "raw").data)
        return base64_read(text, text_of(line, "raw_base64", text), out);
    return text_of(line, "raw", (char *)out);
}

static cp_reason reason_of(const uint8_t *line)
{
    char name[64];
    text_of(line, "reason", name);
    cp_reason reason = CP_JSON_SYNTAX;
    while (reason < CP_REASON_COUNT && strcmp(cp_reason_name(reason), name) != 0)
        reason++;
    assert_true(reason < CP_REASON_COUNT);
    return reason;
}

/* Planted records come in the order of their offsets, so line ends are counted once. */
static uint64_t line_at(const memory *data, uint64_t offset, tally *t)
{
    for (; t->counted < offset; t->counted++)
        t->line_ends += data->data[t->counted] == '\n';
    return 1 + t->line_ends;
}

/* A field is named where the reason is about one. */
static void check_field(const uint8_t *line, cp_reason reason)
{
    bool whole = reason == CP_JSON_SYNTAX || reason == CP_INVALID_UTF8 ||
                 reason == CP_INVALID_ESCAPE || reason == CP_NESTING_TOO_DEEP ||
                 reason == CP_NOT_AN_OBJECT || reason == CP_TRUNCATED_RECORD;
    assert_int_equal(*member(line, "field").data, whole ? 'n' : '"');
}

static void check_edges(const memory *data, cp_gen_form form, uint64_t offset, uint64_t length)
{
    if (form == CP_GEN_STRUCT) {
        assert_int_equal(offset % STRUCT_BYTES, 0);
        return;
    }
    assert_true(offset == 0 || data->data[offset - 1] == '\n');
    assert_non_null(strchr(form == CP_GEN_JSON ? ",\r\n" : "\r\n", data->data[offset + length]));
}

static void check_planted(const uint8_t *line, cp_gen_form form, const memory *data, tally *t)
{
    static uint8_t raw[RECORD_BYTES_MAX];
    uint64_t record = number(line, "record"), offset = number(line, "offset");
    uint64_t length = number(line, "length");
    assert_true(record > t->last_record);
    assert_true(offset + length <= data->size);
    assert_int_equal(raw_of(line, raw), length);
    assert_memory_equal(data->data + offset, raw, length);
    if (form == CP_GEN_STRUCT)
        assert_memory_equal(member(line, "line").data, "null", 4);
    else
        assert_int_equal(number(line, "line"), line_at(data, offset, t));
    check_edges(data, form, offset, length);
    cp_reason reason = reason_of(line);
    check_field(line, reason);
    assert_true((reason == CP_INVALID_UTF8) <= (member(line, "raw").data == NULL));
    t->reasons[reason]++;
    t->planted++;
    t->last_record = record;
}

static tally check_all_planted(const cp_gen_options *options)
{
    memory data, planted;
    tally t = {0};
    make(options, &data, &planted);
    const uint8_t *line = planted.data, *end = planted.data + planted.size;
    for (; line && line < end; line = (const uint8_t *)memchr(line, '\n', (size_t)(end - line)) + 1)
        check_planted(line, options->form, &data, &t);
    free(data.data);
    free(planted.data);
    return t;
}

static void test_planted_places(void **state)
{
    (void)state;
    uint64_t seed = (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int profile = CP_GEN_REGULAR; profile <= CP_GEN_MESSY; profile++) {
        for (int form = CP_GEN_JSONL; form <= CP_GEN_STRUCT; form++) {
            cp_gen_options options = {4000, seed, 1024, (cp_gen_profile)profile, (cp_gen_form)form,
                                      50000};
            tally t = check_all_planted(&options);
            assert_in_range(t.planted, 100, 320); /* 200 on average, standard deviation 14 */
        }
    }
}

/* Records of each reason when every kind has had its turn once. */
static const size_t turns[3][CP_REASON_COUNT] = {
    [CP_GEN_JSONL] = {[CP_JSON_SYNTAX] = 22,
                      [CP_INVALID_UTF8] = 6,
                      [CP_INVALID_ESCAPE] = 3,
                      [CP_NESTING_TOO_DEEP] = 2,
                      [CP_NOT_AN_OBJECT] = 4,
                      [CP_MISSING_FIELD] = 2,
                      [CP_NULL_VALUE] = 2,
                      [CP_WRONG_TYPE] = 6,
                      [CP_NOT_AN_INTEGER] = 2,
                      [CP_OUT_OF_RANGE] = 3,
                      [CP_FLOAT_OVERFLOW] = 2,
                      [CP_UNKNOWN_SYMBOL] = 3,
                      [CP_DUPLICATE_KEY] = 3,
                      [CP_TIME_OUT_OF_RANGE] = 2},
    [CP_GEN_JSON] = {[CP_JSON_SYNTAX] = 16,
                     [CP_INVALID_UTF8] = 6,
                     [CP_INVALID_ESCAPE] = 3,
                     [CP_NESTING_TOO_DEEP] = 2,
                     [CP_NOT_AN_OBJECT] = 4,
                     [CP_MISSING_FIELD] = 2,
                     [CP_NULL_VALUE] = 2,
                     [CP_WRONG_TYPE] = 6,
                     [CP_NOT_AN_INTEGER] = 2,
                     [CP_OUT_OF_RANGE] = 3,
                     [CP_FLOAT_OVERFLOW] = 2,
                     [CP_UNKNOWN_SYMBOL] = 3,
                     [CP_DUPLICATE_KEY] = 3,
                     [CP_TIME_OUT_OF_RANGE] = 2},
    [CP_GEN_STRUCT] = {[CP_NOT_FINITE] = 3,
                       [CP_INVALID_TIME] = 2,
                       [CP_TIME_OUT_OF_RANGE] = 2,
                       [CP_UNKNOWN_SYMBOL] = 2,
                       [CP_TRUNCATED_RECORD] = 1},
};

static void test_every_kind_occurs(void **state)
{
    (void)state;
    for (int form = CP_GEN_JSONL; form <= CP_GEN_STRUCT; form++) {
        size_t kinds = cp_gen_bad_kind_count((cp_gen_form)form);
        cp_gen_options options = {kinds, 5, 1024, CP_GEN_MESSY, (cp_gen_form)form, CP_GEN_BAD_MAX};
        tally t = check_all_planted(&options);
        assert_int_equal(t.planted, kinds + (form == CP_GEN_STRUCT));
        for (size_t reason = 0; reason < CP_REASON_COUNT; reason++)
            assert_int_equal(t.reasons[reason], turns[form][reason]);
    }
}

static void test_struct_ends_in_a_short_record(void **state)
{
    (void)state;
    cp_gen_options options = {100, 2, 1024, CP_GEN_REGULAR, CP_GEN_STRUCT, 1};
    memory data, planted;
    make(&options, &data, &planted);
    assert_int_equal(data.size, 100 * STRUCT_BYTES + 7);
    assert_int_equal(number(planted.data, "record"), 101);
    assert_int_equal(number(planted.data, "offset"), 100 * STRUCT_BYTES);
    assert_int_equal(number(planted.data, "length"), 7);
    assert_int_equal(reason_of(planted.data), CP_TRUNCATED_RECORD);
    free(data.data);
    free(planted.data);
}

/* ---- distributions, as the manual states them ---- */

enum { SAMPLE = 64000, SAMPLE_SENSORS = 64 };

typedef struct counts {
    size_t status[5];
    size_t sensors[SAMPLE_SENSORS];
    size_t late, negative;
} counts;

static void count_row(row r, uint64_t record, bool messy, counts *n)
{
    double on_time = 1700000000 + (double)record / 4, lateness = on_time - r.timestamp;
    double magnitude = r.value < 0 ? -r.value : r.value;
    assert_true(lateness >= 0 && lateness <= (messy ? 3600 : 0));
    assert_true(lateness * 4 == (double)(long)(lateness * 4));
    assert_true(magnitude >= 15 && magnitude <= 35 && (messy || r.value > 0));
    assert_true(magnitude * 16 == (double)(long)(magnitude * 16));
    assert_in_range(r.sensor_id, 0, SAMPLE_SENSORS - 1);
    assert_in_range(r.status, 0, 4);
    n->status[r.status]++;
    n->sensors[r.sensor_id]++;
    n->late += lateness > 0;
    n->negative += r.value < 0;
}

static counts count_sample(cp_gen_profile profile)
{
    counts n = {0};
    memory data;
    make(&(cp_gen_options){SAMPLE, 11, SAMPLE_SENSORS, profile, CP_GEN_STRUCT, 0}, &data, NULL);
    for (uint64_t i = 0; i < SAMPLE; i++)
        count_row(row_of_struct(data.data + i * STRUCT_BYTES), i, profile == CP_GEN_MESSY, &n);
    free(data.data);
    return n;
}

/* Within a tenth: more than eight standard deviations for a sixteenth of the sample. */
static void assert_share(size_t count, size_t sixteenths)
{
    size_t expected = SAMPLE * sixteenths / 16;
    assert_in_range(count, expected - expected / 10, expected + expected / 10);
}

static void test_distributions(void **state)
{
    static const size_t shares[5] = {1, 4, 5, 2, 4};
    (void)state;
    counts regular = count_sample(CP_GEN_REGULAR), messy = count_sample(CP_GEN_MESSY);
    for (size_t i = 0; i < 5; i++)
        assert_share(regular.status[i], shares[i]);
    for (size_t i = 0; i < SAMPLE_SENSORS; i++)
        assert_in_range(regular.sensors[i], 1000 - 200, 1000 + 200);
    assert_memory_equal(regular.status, messy.status, sizeof messy.status);
    assert_share(messy.late, 2);
    assert_share(messy.negative, 2);
}

/* Occurrences of `part` in a sample of messy lines. */
static size_t occurrences(const memory *data, const char *part)
{
    size_t count = 0;
    const uint8_t *p = data->data, *end = p + data->size;
    size_t size = strlen(part);
    while ((p = memchr(p, part[0], (size_t)(end - p))) != NULL) {
        count += (size_t)(end - p) >= size && memcmp(p, part, size) == 0;
        p++;
    }
    return count;
}

static void test_messy_lines_hold_what_they_should(void **state)
{
    static const char *const parts[] = {
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\t",
        "\\u00e9",
        "\\ud83d\\ude00",
        "Überprüfung",
        "点検",
        "🔥",
        "\\u0000",
        "[[[]]]",
        "\"e\":1e-7",
        "123456789012345678901234567890",
        "1.7000",
        "e-1",
        "E+0",
        "\t",
        " : ",
        "\": ",
        ":null",
        "\"\":[]",
        "}]{[:,",
    };
    (void)state;
    memory data;
    make(&(cp_gen_options){SAMPLE, 11, 8, CP_GEN_MESSY, CP_GEN_JSONL, 0}, &data, NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_true(occurrences(&data, parts[i]) > 0);
    size_t blank = occurrences(&data, "\n\n") + occurrences(&data, "\n\r\n");
    assert_share(occurrences(&data, "\r\n"), 2);
    assert_in_range(blank, SAMPLE / 256 / 2, SAMPLE / 256 * 2);
    assert_int_equal(occurrences(&data, "\"value\":null"), 0);
    free(data.data);
}

/* ---- sizes, edges, errors ---- */

static void test_regular_records_take_174_bytes(void **state)
{
    (void)state;
    memory data;
    make(&(cp_gen_options){SAMPLE, 1, 1024, CP_GEN_REGULAR, CP_GEN_JSONL, 0}, &data, NULL);
    assert_in_range(data.size / SAMPLE, 173, 175);
    assert_in_range(data.largest, 64 << 10, 1 << 20);
    free(data.data);
}

static void test_no_rows(void **state)
{
    (void)state;
    for (int profile = CP_GEN_REGULAR; profile <= CP_GEN_MESSY; profile++) {
        for (int form = CP_GEN_JSONL; form <= CP_GEN_STRUCT; form++) {
            memory data, planted;
            make(&(cp_gen_options){0, 1, 1, (cp_gen_profile)profile, (cp_gen_form)form, 1000000},
                 &data, &planted);
            const char *expected = form == CP_GEN_JSON ? "[]\n" : "";
            assert_int_equal(data.size, strlen(expected));
            assert_true(data.size == 0 || memcmp(data.data, expected, data.size) == 0);
            assert_int_equal(planted.size, 0);
            free(data.data);
            free(planted.data);
        }
    }
}

static void test_symbols_are_the_schema_s(void **state)
{
    (void)state;
    cp_schema *schema;
    cp_error err = {0};
    assert_int_equal(cp_schema_case(&schema, &err), CP_OK);
    const cp_field *status = &schema->fields[cp_schema_find(schema, cp_span_of("status"))];
    assert_int_equal(status->symbol_count, 5);
    for (size_t i = 0; i < 5; i++) {
        char name[32] = {0};
        memcpy(name, status->symbols[i].data, status->symbols[i].size);
        assert_int_equal(status_code(name), i);
    }
    cp_schema_free(schema);
}

static void test_options_out_of_bounds(void **state)
{
    static const cp_gen_options bad[] = {
        {CP_GEN_ROWS_MAX + 1, 1, 1, CP_GEN_REGULAR, CP_GEN_JSONL, 0},
        {1, 1, 0, CP_GEN_REGULAR, CP_GEN_JSONL, 0},
        {1, 1, CP_GEN_SENSORS_MAX + 1, CP_GEN_REGULAR, CP_GEN_JSONL, 0},
        {1, 1, 1, CP_GEN_REGULAR, CP_GEN_JSONL, CP_GEN_BAD_MAX + 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory data = {.writer.write = memory_write};
        cp_error err = {0};
        assert_int_equal(cp_generate(&bad[i], &data.writer, NULL, &err), CP_E_USAGE);
        assert_true(err.message[0] != '\0');
        assert_int_equal(data.size, 0);
    }
}

static void test_writers_failures_are_told(void **state)
{
    (void)state;
    cp_gen_options options = {20000, 1, 1024, CP_GEN_REGULAR, CP_GEN_JSONL, 500000};
    for (size_t planted_fails = 0; planted_fails < 2; planted_fails++) {
        for (size_t limit = 1; limit <= 600000; limit += 299999) {
            memory data = {.writer.write = memory_write, .fails_at = planted_fails ? 0 : limit};
            memory planted = {.writer.write = memory_write, .fails_at = planted_fails ? limit : 0};
            cp_error err = {0};
            assert_int_equal(cp_generate(&options, &data.writer, &planted.writer, &err), CP_E_IO);
            assert_string_equal(err.message, "no room");
            free(data.data);
            free(planted.data);
        }
    }
}

static void test_rates(void **state)
{
    static const struct {
        const char *text;
        uint32_t per_million;
    } good[] = {{"0", 0},           {"1", 1000000},       {"0.0", 0},
                {"1.000", 1000000}, {"0.001", 1000},      {"0.25", 250000},
                {"0.000001", 1},    {"0.999999", 999999}, {"0.100000000", 100000}};
    static const char *const bad[] = {"",   "0.",   ".5",   "2",         "1.1",  "1.000001",
                                      "-0", "1e-3", "0,5",  "0.0000001", "0.5x", "00",
                                      "01", "nan",  " 0.5", "0.5 "};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint32_t parts = 7;
        assert_true(cp_gen_rate_parse(cp_span_of(good[i].text), &parts));
        assert_int_equal(parts, good[i].per_million);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t parts;
        assert_false(cp_gen_rate_parse(cp_span_of(bad[i]), &parts));
    }
}

static void test_manual_fits_a_terminal(void **state)
{
    (void)state;
    size_t width = 0, lines = 0;
    for (const char *p = cp_gen_manual; *p; p++) {
        width = *p == '\n' ? 0 : width + 1;
        lines += *p == '\n';
        assert_true(width <= 80);
    }
    assert_int_equal(width, 0);
    assert_true(lines > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_agree),
        cmocka_unit_test(test_golden_hashes),
        cmocka_unit_test(test_first_lines),
        cmocka_unit_test(test_first_planted_lines),
        cmocka_unit_test(test_first_struct_records),
        cmocka_unit_test(test_planted_places),
        cmocka_unit_test(test_every_kind_occurs),
        cmocka_unit_test(test_struct_ends_in_a_short_record),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_messy_lines_hold_what_they_should),
        cmocka_unit_test(test_regular_records_take_174_bytes),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_symbols_are_the_schema_s),
        cmocka_unit_test(test_options_out_of_bounds),
        cmocka_unit_test(test_writers_failures_are_told),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_manual_fits_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
