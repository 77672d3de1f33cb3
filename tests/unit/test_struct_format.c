/* The struct format: values by hand for every code and order, every pairing of code and field
 * type, cuts whatever is shown, rejects wherever they stand, full batches and full lists; and the
 * kernels against the value-by-value path, and each set of kernels against the other, on random
 * schemas and bytes. */
#include "formats/records/layout.h"
#include "formats/records/struct_format.h"
#include "formats/records/struct_plan.h"
#include "tests/unit/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const cp_format_type *const format_type = &cp_struct_format;
static const cp_format_options plain_options = {.max_record_bytes = 1 << 20};

/* ---- growing text ---- */

typedef struct text {
    char *bytes;
    size_t size, capacity;
} text;

__attribute__((format(printf, 2, 3))) static void put(text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *piece = NULL;
    int n = vasprintf(&piece, format, args);
    va_end(args);
    assert_true(n >= 0);
    if (t->size + (size_t)n + 1 > t->capacity) {
        t->capacity = (t->size + (size_t)n + 1) * 2;
        t->bytes = realloc(t->bytes, t->capacity);
        assert_non_null(t->bytes);
    }
    memcpy(t->bytes + t->size, piece, (size_t)n + 1);
    t->size += (size_t)n;
    free(piece);
}

/* ---- schemas ---- */

/* "uint16" or "timestamp[us]"; encodings and rules are for the caller to complete. */
static cp_field *add_field(cp_schema *schema, const char *name, const char *type_name)
{
    cp_type type;
    cp_unit unit = CP_UNIT_S;
    assert_true(cp_type_parse(cp_span_of(type_name), &type, &unit));
    cp_field *field;
    assert_int_equal(cp_schema_add(schema, name, type, &field, NULL), CP_OK);
    field->unit = unit;
    if (type == CP_TYPE_TIMESTAMP)
        field->encoding = CP_TIME_EPOCH_S;
    if (type == CP_TYPE_ENUM) {
        const cp_span symbols[] = {cp_span_of("NEW"), cp_span_of("OPEN"), cp_span_of("SHUT")};
        assert_int_equal(cp_field_set_symbols(field, symbols, 3, NULL), CP_OK);
    }
    return field;
}

/* All fields of the schema, in order, are the layout's. */
static void set_layout(cp_schema *schema, const char *layout)
{
    cp_span names[64];
    assert_true(schema->field_count <= 64);
    for (size_t i = 0; i < schema->field_count; i++)
        names[i] = cp_span_of(schema->fields[i].name);
    assert_int_equal(cp_schema_set_layout(schema, layout, names, schema->field_count, NULL), CP_OK);
}

static cp_schema *new_schema(void)
{
    cp_schema *schema;
    assert_int_equal(cp_schema_new("test", &schema, NULL), CP_OK);
    return schema;
}

static cp_schema *one_field(const char *layout, const char *type_name, cp_field **field)
{
    cp_schema *schema = new_schema();
    *field = add_field(schema, "v", type_name);
    set_layout(schema, layout);
    return schema;
}

/* The hot case: timestamp, sensor, value, status from "<dHfB". */
static cp_schema *case_schema(void)
{
    cp_schema *schema = new_schema();
    add_field(schema, "timestamp", "timestamp[us]");
    add_field(schema, "sensor_id", "uint16");
    add_field(schema, "value", "float64");
    add_field(schema, "status", "enum");
    set_layout(schema, "<dHfB");
    return schema;
}

static void put_case(uint8_t *record, double seconds, uint16_t sensor, float value, uint8_t status)
{
    memcpy(record, &seconds, 8);
    memcpy(record + 8, &sensor, 2);
    memcpy(record + 10, &value, 4);
    record[14] = status;
}

/* ---- decoding to text: what is compared ---- */

static void put_cell(text *out, const cp_field *field, const cp_column *column, uint32_t row)
{
    const void *data = column->data;
    if (!data)
        put(out, "-");
    else if (!cp_column_is_valid(column, row))
        put(out, "null");
    else if (field->type == CP_TYPE_BOOL)
        put(out, "%s", ((const bool *)data)[row] ? "true" : "false");
    else if (field->type == CP_TYPE_FLOAT32)
        put(out, "%.9g", (double)((const float *)data)[row]);
    else if (field->type == CP_TYPE_FLOAT64)
        put(out, "%.17g", ((const double *)data)[row]);
    else if (field->type == CP_TYPE_STRING)
        put(out, "'%.*s'", (int)((const cp_span *)data)[row].size,
            (const char *)((const cp_span *)data)[row].data);
    else if (field->type == CP_TYPE_ENUM)
        put(out, "#%u", ((const uint16_t *)data)[row]);
    else if (field->type == CP_TYPE_INT8)
        put(out, "%d", ((const int8_t *)data)[row]);
    else if (field->type == CP_TYPE_INT16)
        put(out, "%d", ((const int16_t *)data)[row]);
    else if (field->type == CP_TYPE_INT32)
        put(out, "%d", ((const int32_t *)data)[row]);
    else if (field->type == CP_TYPE_UINT8)
        put(out, "%u", ((const uint8_t *)data)[row]);
    else if (field->type == CP_TYPE_UINT16)
        put(out, "%u", ((const uint16_t *)data)[row]);
    else if (field->type == CP_TYPE_UINT32)
        put(out, "%u", ((const uint32_t *)data)[row]);
    else if (field->type == CP_TYPE_UINT64)
        put(out, "%" PRIu64, ((const uint64_t *)data)[row]);
    else
        put(out, "%" PRId64, ((const int64_t *)data)[row]);
}

/* The batch also has to keep its own promises: counts of nulls, all else valid, all selected. */
static void put_batch(text *out, const cp_batch *batch)
{
    assert_true(batch->selects_all);
    assert_int_equal(batch->selection_count, batch->rows);
    for (uint32_t row = 0; row < batch->rows; row++)
        for (size_t i = 0; i < batch->schema->field_count; i++) {
            put_cell(out, &batch->schema->fields[i], &batch->columns[i], row);
            put(out, i + 1 < batch->schema->field_count ? " " : "\n");
        }
    for (size_t i = 0; i < batch->schema->field_count; i++) {
        const cp_column *column = &batch->columns[i];
        uint32_t nulls = 0;
        for (uint32_t row = 0; column->data && row < batch->capacity; row++)
            nulls += !(column->valid[row / 64] >> (row % 64) & 1);
        assert_int_equal(column->null_count, nulls);
    }
}

static void put_rejects(text *out, const cp_rejects *rejects, const cp_cursor *base)
{
    for (size_t i = 0; i < rejects->count; i++) {
        const cp_reject *r = &rejects->items[i];
        assert_int_equal(r->line, 0);
        put(out, "%" PRIu64 " @%zu+%" PRIu64 " %s %s: %s [%zu]\n", r->record + base->records,
            base->offset + (size_t)r->offset, r->length, cp_reason_name(r->reason),
            r->field ? r->field : "-", r->message, r->raw.data ? r->raw.size : SIZE_MAX);
    }
}

typedef struct results {
    text rows, rejects;
    size_t calls;
} results;

static void results_close(results *r)
{
    free(r->rows.bytes);
    free(r->rejects.bytes);
}

static const char *shown(const text *t)
{
    return t->bytes ? t->bytes : "";
}

/* Decodes one block; `base` says where it stands, and is moved behind it. */
static void decode_block(const cp_format *format, const cp_schema *schema, cp_span bytes,
                         uint32_t capacity, cp_cursor *base, results *out)
{
    cp_decoder *decoder;
    cp_batch batch;
    cp_rejects *rejects = calloc(1, sizeof *rejects);
    assert_non_null(rejects);
    assert_int_equal(format_type->decoder_open(format, &decoder, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, schema, capacity, NULL), CP_OK);
    cp_block block = {.bytes = bytes};
    cp_cursor cursor = {0};
    cp_rc rc;
    do {
        cp_cursor before = cursor;
        cp_batch_reset(&batch);
        cp_rejects_reset(rejects);
        rc = format_type->decode(decoder, &block, &cursor, &batch, rejects, NULL);
        assert_true(rc == CP_OK || rc == CP_MORE);
        assert_true(rc == CP_OK || batch.rows == capacity || cp_rejects_full(rejects));
        assert_int_equal(batch.rows + rejects->count, cursor.records - before.records);
        put_batch(&out->rows, &batch);
        put_rejects(&out->rejects, rejects, base);
        out->calls++;
    } while (rc == CP_MORE);
    assert_int_equal(cursor.offset, bytes.size);
    assert_int_equal(cursor.lines, 0);
    base->records += cursor.records;
    base->offset += cursor.offset;
    format_type->decoder_close(decoder);
    cp_batch_close(&batch);
    cp_rejects_free(rejects);
    free(rejects);
}

static cp_format *plan(const cp_schema *schema)
{
    cp_format *format = NULL;
    cp_error err = {0};
    if (format_type->plan(schema, &plain_options, &format, &err) != CP_OK)
        fail_msg("plan: %s: %s", err.field, err.message);
    return format;
}

/* All ways to decode; where the machine lacks one, a new plan's way stands in for it. */
enum { PATHS = CP_STRUCT_AVX2 + 1 };

/* The bytes lie in memory of just their size, so that a sanitizer sees a read beyond. */
static results decode_all(const cp_schema *schema, const void *bytes, size_t size,
                          uint32_t capacity, cp_struct_path path)
{
    cp_format *format = plan(schema);
    assert_int_equal(cp_struct_use_kernels(format, path),
                     path != CP_STRUCT_AVX2 || cp_struct_kernels_avx2());
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    results out = {0};
    cp_cursor base = {0};
    decode_block(format, schema, (cp_span){copy, size}, capacity, &base, &out);
    free(copy);
    format_type->plan_close(format);
    return out;
}

static void assert_decodes(const cp_schema *schema, const void *bytes, size_t size,
                           const char *rows, const char *rejects)
{
    for (int path = 0; path < PATHS; path++) {
        results out = decode_all(schema, bytes, size, CP_BATCH_ROWS, (cp_struct_path)path);
        assert_string_equal(shown(&out.rows), rows);
        assert_string_equal(shown(&out.rejects), rejects);
        results_close(&out);
    }
}

/* ---- values by hand ---- */

static size_t read_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        out[n++] = (uint8_t)byte;
        if (hex[2] == ' ')
            hex++;
    }
    return n;
}

static void reverse(const uint8_t *bytes, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = bytes[size - 1 - i];
}

/* One value, behind a byte and native padding where the prefix asks for it. */
static void assert_value(char prefix, char code, const char *type, const uint8_t *big, size_t size,
                         const char *expected)
{
    uint8_t record[32];
    char layout[8], row[64];
    bool native = prefix == '@' || prefix == ' ';
    size_t at = native ? size : 1;
    memset(record, 0xEE, sizeof record);
    record[0] = 7;
    if (prefix == '>' || prefix == '!')
        memcpy(record + at, big, size);
    else
        reverse(big, size, record + at);
    snprintf(layout, sizeof layout, "%.*sB%c", prefix != ' ', (char[]){prefix, 0}, code);
    snprintf(row, sizeof row, "7 %s\n", expected);
    cp_schema *schema = new_schema();
    add_field(schema, "first", "uint8");
    add_field(schema, "v", type)->nan = CP_NAN_KEEP;
    set_layout(schema, layout);
    assert_decodes(schema, record, at + size, row, "");
    cp_schema_free(schema);
}

static void test_every_code_and_order(void **state)
{
    (void)state;
    static const struct {
        char code;
        const char *prefixes;
        const char *type;
        const char *big; /* big-endian bytes */
        const char *expected;
    } rows[] = {
        {'c', "=<>!@ ", "string", "41", "'A'"},
        {'s', "=<>!@ ", "string", "7A", "'z'"},
        {'b', "=<>!@ ", "int8", "80", "-128"},
        {'b', "=<>!@ ", "int64", "FF", "-1"},
        {'B', "=<>!@ ", "uint8", "FF", "255"},
        {'?', "=<>!@ ", "bool", "00", "false"},
        {'?', "=<>!@ ", "bool", "80", "true"},
        {'h', "=<>!@ ", "int16", "8001", "-32767"},
        {'H', "=<>!@ ", "uint16", "8001", "32769"},
        {'H', "=<>!@ ", "int32", "FFFE", "65534"},
        {'i', "=<>!@ ", "int32", "80000001", "-2147483647"},
        {'I', "=<>!@ ", "uint32", "80000001", "2147483649"},
        {'l', "=<>!", "int32", "FFFFFF85", "-123"},
        {'l', "@ ", "int64", "FFFFFFFFFFFFFF85", "-123"},
        {'L', "=<>!", "uint32", "FFFFFFFF", "4294967295"},
        {'L', "@ ", "uint64", "FFFFFFFFFFFFFFFE", "18446744073709551614"},
        {'q', "=<>!@ ", "int64", "8000000000000001", "-9223372036854775807"},
        {'Q', "=<>!@ ", "uint64", "8000000000000001", "9223372036854775809"},
        {'e', "=<>!@ ", "float64", "3E00", "1.5"},
        {'e', "=<>!@ ", "float64", "0001", "5.9604644775390625e-08"},
        {'e', "=<>!@ ", "float64", "03FF", "6.0975551605224609e-05"},
        {'e', "=<>!@ ", "float64", "0400", "6.103515625e-05"},
        {'e', "=<>!@ ", "float32", "FBFF", "-65504"},
        {'e', "=<>!@ ", "float64", "8000", "-0"},
        {'e', "=<>!@ ", "float64", "7C00", "inf"},
        {'e', "=<>!@ ", "float32", "FC00", "-inf"},
        {'e', "=<>!@ ", "float64", "7E00", "nan"},
        {'f', "=<>!@ ", "float64", "C3889000", "-273.125"},
        {'f', "=<>!@ ", "float32", "00000001", "1.40129846e-45"},
        {'d', "=<>!@ ", "float64", "3FB999999999999A", "0.10000000000000001"},
        {'d', "=<>!@ ", "float32", "4048000000000000", "48"},
        {'d', "=<>!@ ", "timestamp[us]", "41D954FC40200000", "1700000000500000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t big[8];
        size_t size = read_hex(rows[i].big, big);
        for (const char *prefix = rows[i].prefixes; *prefix; prefix++)
            assert_value(*prefix, rows[i].code, rows[i].type, big, size, rows[i].expected);
    }
}

static void test_design_record(void **state)
{
    (void)state;
    /* 1700000000.25 s, sensor 4711, 21.5, OPEN */
    static const char hex[] = "00001040FC54D941 6712 0000AC41 01";
    uint8_t record[15];
    assert_int_equal(read_hex(hex, record), 15);
    cp_schema *schema = case_schema();
    assert_decodes(schema, record, 15, "1700000000250000 4711 21.5 #1\n", "");
    cp_schema_free(schema);
}

/* A value against one field, completed by a word of rules; what comes of it. */
static void complete(cp_field *field, const char *words)
{
    field->required = strstr(words, "required") != NULL;
    if (strstr(words, "null"))
        field->nan = CP_NAN_NULL;
    if (strstr(words, "keep"))
        field->nan = CP_NAN_KEEP;
    if (strstr(words, "ms"))
        field->encoding = CP_TIME_EPOCH_MS;
    if (strstr(words, "ns"))
        field->encoding = CP_TIME_EPOCH_NS;
    if (strstr(words, "rfc"))
        field->encoding = CP_TIME_RFC3339;
    if (strstr(words, "5..9")) {
        field->has_min = field->has_max = true;
        if (cp_type_is_float(field->type)) {
            field->min.f = 5;
            field->max.f = 9;
        } else {
            field->min.u = 5; /* the same bits as .i */
            field->max.u = 9;
        }
    }
    if (strstr(words, "not7")) {
        cp_literal seven = {.i = 7};
        if (cp_type_is_float(field->type))
            seven.f = 7;
        if (field->type == CP_TYPE_STRING || field->type == CP_TYPE_ENUM)
            seven.text = cp_span_of("OPEN");
        assert_int_equal(cp_field_add_null_if(field, seven, NULL), CP_OK);
    }
}

static const struct {
    const char *layout, *type, *rules, *hex, *result;
} rules[] = {
    /* integers into integers */
    {">q", "uint16", "", "000000000000FFFF", "65535"},
    {">q", "uint16", "", "0000000000011170", "out_of_range: 70000 does not fit uint16"},
    {">b", "uint16", "", "FF", "out_of_range: -1 does not fit uint16"},
    {">Q", "int64", "", "7FFFFFFFFFFFFFFF", "9223372036854775807"},
    {">Q", "int64", "", "8000000000000000", "out_of_range: 9223372036854775808 does not fit int64"},
    {">q", "uint64", "", "FFFFFFFFFFFFFFFF", "out_of_range: -1 does not fit uint64"},
    {">b", "int8", "5..9", "05", "5"},
    {">b", "int8", "5..9", "09", "9"},
    {">b", "int8", "5..9", "04", "below_min: 4 is below the minimum 5"},
    {">B", "uint8", "5..9", "0A", "above_max: 10 is above the maximum 9"},
    {">H", "uint32", "not7", "0007", "null"},
    {">H", "uint32", "not7", "0008", "8"},
    {">H", "uint32", "not7 required", "0007", "null_value: required field is null"},
    /* integers into floats: exact or not at all */
    {">q", "float64", "", "0020000000000000", "9007199254740992"},
    {">q", "float64", "", "0020000000000001",
     "out_of_range: 9007199254740993 does not fit float64"},
    {">q", "float64", "", "0020000000000002", "9007199254740994"},
    {">q", "float64", "", "7FFFFFFFFFFFFFFF",
     "out_of_range: 9223372036854775807 does not fit float64"},
    {">Q", "float64", "", "FFFFFFFFFFFFFFFF",
     "out_of_range: 18446744073709551615 does not fit float64"},
    {">Q", "float64", "", "8000000000000000", "9.2233720368547758e+18"},
    {">i", "float32", "", "01000000", "16777216"},
    {">i", "float32", "", "01000001", "out_of_range: 16777217 does not fit float32"},
    {">i", "float64", "5..9", "0000000A", "above_max: 10 is above the maximum 9"},
    {">i", "float64", "not7", "00000007", "null"},
    /* enums */
    {">b", "enum", "", "02", "#2"},
    {">b", "enum", "", "03", "unknown_symbol: unknown value 3, expected NEW, OPEN, SHUT"},
    {">b", "enum", "", "FF", "unknown_symbol: unknown value -1, expected NEW, OPEN, SHUT"},
    {">Q", "enum", "", "FFFFFFFFFFFFFFFF",
     "unknown_symbol: unknown value 18446744073709551615, expected NEW, OPEN, SHUT"},
    {">B", "enum", "not7", "01", "null"},
    {"4s", "enum", "", "4F50454E", "#1"},
    {"5s", "enum", "", "4F50454E00", "#1"},
    {"4s", "enum", "", "6F50454E", "unknown_symbol: unknown value oPEN, expected NEW, OPEN, SHUT"},
    /* times */
    {">q", "timestamp[us]", "", "000000000000000A", "10000000"},
    {">q", "timestamp[us]", "", "FFFFFFFFFFFFFFFF", "-1000000"},
    {">q", "timestamp[ms]", "ns", "00000000000F4240", "1"},
    {">q", "timestamp[ns]", "", "7FFFFFFFFFFFFFFF",
     "time_out_of_range: 9223372036854775807 does not fit timestamp[ns]"},
    {">Q", "timestamp[s]", "ns", "8AC7230489E80000", "10000000000"},
    {">Q", "timestamp[ns]", "ns", "8AC7230489E80000",
     "time_out_of_range: 10000000000000000000 does not fit timestamp[ns]"},
    {">I", "timestamp[ms]", "ms 5..9", "00000004", "below_min: 4 is below the minimum 5"},
    {">d", "timestamp[ms]", "ms not7", "401C000000000000", "null"},
    {">d", "timestamp[ms]", "ms", "4004000000000000", "2"}, /* 2.5: ties to even */
    {">d", "timestamp[ms]", "ms", "400C000000000000", "4"}, /* 3.5 */
    {">d", "timestamp[us]", "", "7FF8000000000000",
     "invalid_time: nan is no time, expected a finite number"},
    {">f", "timestamp[us]", "", "FF800000",
     "invalid_time: -inf is no time, expected a finite number"},
    {">d", "timestamp[us]", "", "7E37E43C8800759C",
     "time_out_of_range: 1e300 does not fit timestamp[us]"},
    {"20s", "timestamp[s]", "rfc", "323032332D31312D31345432323A31333A32305A", "1700000000"},
    {"3s", "timestamp[s]", "rfc", "6E6F77", "invalid_time: now is no time, expected RFC 3339"},
    /* floats */
    {">d", "float32", "", "3FE0000000000000", "0.5"},
    {">d", "float32", "", "3FB999999999999A", "out_of_range: 0.1 does not fit float32"},
    {">d", "float32", "", "7E37E43C8800759C", "out_of_range: 1e300 does not fit float32"},
    {">d", "float32", "keep", "7FF8000000000000", "nan"},
    {">f", "float64", "", "7FC00000",
     "not_finite: nan is not finite, and the schema does not keep such values"},
    {">d", "float64", "", "7FF0000000000000",
     "not_finite: inf is not finite, and the schema does not keep such values"},
    {">f", "float64", "null", "7FC00000", "null"},
    {">f", "float64", "null required", "7FC00000", "null_value: required field is null"},
    {">f", "float64", "5..9", "40A00000", "5"},
    {">f", "float64", "5..9", "3DCCCCCD", "below_min: 0.1 is below the minimum 5"},
    {">d", "float64", "keep 5..9", "7FF0000000000000", "above_max: inf is above the maximum 9"},
    {">f", "float32", "not7", "40E00000", "null"},
    /* text */
    {"4s", "string", "", "61620000", "'ab'"},
    {"4s", "string", "", "00006200", "''"}, /* shown up to its first NUL */
    {"4s", "string", "", "00000000", "''"},
    {"xx0s", "string", "", "4141", "''"},
    {"4s", "string", "", "C3A9C3A9", "'\xC3\xA9\xC3\xA9'"},
    {"4s", "string", "", "61C3A9C3", "invalid_utf8: invalid UTF-8 at byte 3 of the value"},
    {"c", "string", "", "80", "invalid_utf8: invalid UTF-8 at byte 0 of the value"},
    {"4s", "string", "not7", "4F50454E", "null"},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        uint8_t record[32];
        char line[200], reject[300];
        size_t size = read_hex(rules[i].hex, record);
        const char *colon = strchr(rules[i].result, ':');
        cp_field *field;
        cp_schema *schema = one_field(rules[i].layout, rules[i].type, &field);
        complete(field, rules[i].rules);
        snprintf(line, sizeof line, "%s\n", rules[i].result);
        if (colon)
            snprintf(reject, sizeof reject, "0 @0+%zu %.*s v%s [%zu]\n", size,
                     (int)(colon - rules[i].result), rules[i].result, colon, size);
        assert_decodes(schema, record, size, colon ? "" : line, colon ? reject : "");
        field->wanted = false; /* the verdict stays, the value does not */
        assert_decodes(schema, record, size, colon ? "" : "-\n", colon ? reject : "");
        cp_schema_free(schema);
    }
}

static void test_text_keeps_inner_nul(void **state)
{
    (void)state;
    cp_field *field;
    cp_schema *schema = one_field("5s", "string", &field);
    cp_format *format = plan(schema);
    cp_decoder *decoder;
    cp_batch batch;
    static cp_rejects rejects;
    assert_int_equal(format_type->decoder_open(format, &decoder, NULL), CP_OK);
    assert_int_equal(cp_batch_open(&batch, schema, 8, NULL), CP_OK);
    cp_block block = {.bytes = {(const uint8_t *)"a\0b\0\0", 5}};
    cp_cursor cursor = {0};
    assert_int_equal(format_type->decode(decoder, &block, &cursor, &batch, &rejects, NULL), CP_OK);
    cp_span value = ((const cp_span *)batch.columns[0].data)[0];
    assert_int_equal(value.size, 3);
    assert_ptr_equal(value.data, block.bytes.data); /* a view, no copy */
    cp_batch_close(&batch);
    format_type->decoder_close(decoder);
    format_type->plan_close(format);
    cp_rejects_free(&rejects);
    cp_schema_free(schema);
}

/* ---- plans ---- */

/* Each code against each type: the types that it may feed. */
static void test_every_pairing(void **state)
{
    (void)state;
    static const char *const types[] = {
        "bool",   "int8",    "int16",   "int32",  "int64", "uint8",         "uint16", "uint32",
        "uint64", "float32", "float64", "string", "enum",  "timestamp[us]", "json",
    };
    enum { TYPES = sizeof types / sizeof types[0], EPOCH = TYPES };
    static const struct {
        const char *codes;
        const char *fits; /* one digit for each type; the last for rfc3339 */
    } rows[] = {
        {"bhilqBHILQ", "0111111111101100"},
        {"?", "1000000000000000"},
        {"efd", "0000000001100100"},
        {"cs", "0000000000011001"},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (const char *code = rows[r].codes; *code; code++)
            for (size_t t = 0; t <= TYPES; t++) {
                cp_field *field;
                char layout[3] = {'<', *code, '\0'};
                cp_schema *schema = one_field(layout, t == EPOCH ? types[13] : types[t], &field);
                if (t == EPOCH)
                    field->encoding = CP_TIME_RFC3339;
                cp_format *format = NULL;
                cp_error err = {0};
                cp_rc rc = format_type->plan(schema, &plain_options, &format, &err);
                if (rc != (rows[r].fits[t] == '1' ? CP_OK : CP_E_CONFIG))
                    fail_msg("code %c, type %s: %s", *code, t == EPOCH ? "rfc3339" : types[t],
                             err.message);
                assert_string_equal(err.field, rc ? "v" : "");
                if (rc == CP_OK)
                    format_type->plan_close(format);
                cp_schema_free(schema);
            }
}

static void assert_no_plan(const cp_schema *schema, const char *field, const char *message)
{
    cp_format *format = NULL;
    cp_error err = {0};
    assert_int_equal(format_type->plan(schema, &plain_options, &format, &err), CP_E_CONFIG);
    assert_null(format);
    assert_string_equal(err.field, field);
    assert_string_equal(err.message, message);
}

static void test_refused_plans(void **state)
{
    (void)state;
    cp_field *field;
    cp_schema *schema = new_schema();
    add_field(schema, "a", "uint8");
    assert_no_plan(schema, "", "struct records need a layout and layout_fields");
    add_field(schema, "b", "uint8");
    set_layout(schema, "<3B");
    assert_no_plan(schema, "", "layout: it has 3 values, but layout_fields has 2 names");
    set_layout(schema, "<Bn");
    assert_no_plan(schema, "", "layout: 'n' at position 3 is none of the codes xcbB?hHiIlLqQefds");
    set_layout(schema, "<2B");
    schema->layout_fields[1] = 0;
    assert_no_plan(schema, "a", "layout_fields names the field twice");
    cp_schema_free(schema);
    schema = one_field("4s", "json", &field);
    assert_no_plan(schema, "v", "values of struct records cannot be json");
    cp_schema_free(schema);
    schema = one_field("<d", "uint16", &field);
    assert_no_plan(schema, "v", "layout code 'd' cannot feed a field of type uint16");
    cp_schema_free(schema);
}

static void test_absent_fields_are_null(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    add_field(schema, "id", "string");
    add_field(schema, "b", "uint8");
    add_field(schema, "unread", "int64")->wanted = false;
    add_field(schema, "seen", "bool");
    const cp_span names[] = {cp_span_of("b")};
    assert_int_equal(cp_schema_set_layout(schema, "<B", names, 1, NULL), CP_OK);
    assert_decodes(schema, "\1\2\3", 3, "null 1 - null\nnull 2 - null\nnull 3 - null\n", "");
    cp_schema_free(schema);
}

/* `required` is judged for the fields that the layout feeds, and for no other. */
static void test_absent_fields_may_be_required(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    add_field(schema, "id", "string")->required = true;
    cp_field *fed = add_field(schema, "v", "float64");
    fed->required = true;
    fed->nan = CP_NAN_NULL;
    const cp_span name = cp_span_of("v");
    assert_int_equal(cp_schema_set_layout(schema, "<f", &name, 1, NULL), CP_OK);
    assert_decodes(schema, "\0\0\x80\x3F\0\0\xC0\x7F\0\0\0\x40", 12, "null 1\nnull 2\n",
                   "1 @4+4 null_value v: required field is null [4]\n");
    cp_schema_free(schema);
}

/* The built-in schema: its required id is no part of its layout. */
static void test_case_schema(void **state)
{
    (void)state;
    cp_schema *schema;
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    size_t id = cp_schema_find(schema, cp_span_of("id"));
    assert_true(schema->fields[id].required);
    for (size_t i = 0; i < schema->field_count; i++)
        schema->fields[i].wanted = i == id || i == cp_schema_find(schema, cp_span_of("sensor_id"));
    uint8_t record[15];
    put_case(record, 1.7e9, 4711, 21.5F, 4);
    assert_decodes(schema, record, sizeof record, "null - - - 4711 - - -\n", "");
    cp_schema_free(schema);
}

/* Fewer rows are kept than were decoded: no more than those are null. */
static void test_absent_fields_among_rejects(void **state)
{
    (void)state;
    cp_schema *schema = new_schema();
    add_field(schema, "id", "string");
    add_field(schema, "b", "int8");
    const cp_span name = cp_span_of("b");
    assert_int_equal(cp_schema_set_layout(schema, "<B", &name, 1, NULL), CP_OK);
    uint8_t bytes[130];
    text rows = {0}, rejects = {0};
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = i % 3 ? (uint8_t)(i % 100) : 200;
        if (i % 3)
            put(&rows, "null %zu\n", i % 100);
        else
            put(&rejects, "%zu @%zu+1 out_of_range b: 200 does not fit int8 [1]\n", i, i);
    }
    assert_decodes(schema, bytes, sizeof bytes, shown(&rows), shown(&rejects));
    free(rows.bytes);
    free(rejects.bytes);
    cp_schema_free(schema);
}

static void test_never_guessed(void **state)
{
    (void)state;
    assert_int_equal(format_type->probe(cp_span_of("\1\2\3"), true), 0);
    assert_int_equal(format_type->probe((cp_span){0}, false), 0);
    assert_false(format_type->has_lines);
}

/* ---- cuts ---- */

/* The cuts of `total` bytes where each look shows `step` bytes more; sizes as text. */
static void cut_all(const cp_format *format, size_t total, size_t step, text *out)
{
    cp_splitter *splitter;
    assert_int_equal(format_type->splitter_open(format, &splitter, NULL), CP_OK);
    uint8_t *bytes = calloc(total + 1, 1);
    assert_non_null(bytes);
    size_t at = 0, seen = 0;
    for (;;) {
        cp_cut cut;
        bool at_end = seen == total;
        cp_rc rc =
            format_type->split(splitter, (cp_span){bytes + at, seen - at}, at_end, &cut, NULL);
        if (rc == CP_END)
            break;
        assert_true(rc == CP_BLOCK || (rc == CP_MORE && !at_end));
        if (rc == CP_MORE) {
            seen = total - seen < step ? total : seen + step;
            continue;
        }
        assert_in_range(cut.size, 1, CP_BLOCK_TARGET_BYTES);
        assert_int_equal(cut.reason, CP_ACCEPTED);
        put(out, "%zu ", cut.size);
        at += cut.size;
    }
    assert_int_equal(at, total);
    free(bytes);
    format_type->splitter_close(splitter);
}

static void test_cuts(void **state)
{
    (void)state;
    static const struct {
        const char *layout;
        size_t total;
        const char *cuts;
    } rows[] = {
        {"<dHfB", 0, ""},
        {"<dHfB", 1, "1 "},
        {"<dHfB", 15, "15 "},
        {"<dHfB", 1048575, "1048575 "}, /* 69905 records and not a byte more */
        {"<dHfB", 1048576, "1048575 1 "},
        {"<dHfB", 1048590, "1048575 15 "},
        {"<dHfB", 2500000, "1048575 1048575 402850 "},
        {"x1000000x", 999999, "999999 "},
        {"x1000000x", 2000009, "1000001 1000001 7 "},
        {"1048576x", 1048577, "1048576 1 "},
    };
    static const size_t steps[] = {997, 65536, 1048575, 1048576, 1048577, 1 << 22};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cp_schema *schema = strchr(rows[i].layout, 'd') ? case_schema() : new_schema();
        if (schema->field_count == 0)
            assert_int_equal(cp_schema_set_layout(schema, rows[i].layout, NULL, 0, NULL), CP_OK);
        cp_format *format = plan(schema);
        for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
            text cuts = {0};
            cut_all(format, rows[i].total, steps[s], &cuts);
            assert_string_equal(shown(&cuts), rows[i].cuts);
            free(cuts.bytes);
        }
        format_type->plan_close(format);
        cp_schema_free(schema);
    }
}

static void test_tails_of_every_length(void **state)
{
    (void)state;
    uint8_t bytes[45];
    char reject[200];
    for (size_t i = 0; i < 3; i++)
        put_case(bytes + 15 * i, 1.7e9, (uint16_t)i, 1.5F, 2);
    cp_schema *schema = case_schema();
    for (size_t size = 0; size < 45; size++) {
        static const char *const rows[] = {
            "",
            "1700000000000000 0 1.5 #2\n",
            "1700000000000000 0 1.5 #2\n1700000000000000 1 1.5 #2\n",
        };
        snprintf(reject, sizeof reject,
                 "%zu @%zu+%zu truncated_record -: the input ends inside a record of 15 bytes "
                 "[%zu]\n",
                 size / 15, size / 15 * 15, size % 15, size % 15);
        assert_decodes(schema, bytes, size, rows[size / 15], size % 15 ? reject : "");
    }
    cp_schema_free(schema);
}

/* ---- rejects and continuation ---- */

/* One record for each byte of `marks`: '.' is good, 'n' has a null value, 't' a bad time, 's' a
 * bad status, '2' both. */
static size_t make_marked(const char *marks, uint8_t *bytes)
{
    size_t n = strlen(marks);
    for (size_t i = 0; i < n; i++) {
        char m = marks[i];
        put_case(bytes + 15 * i, m == 't' || m == '2' ? NAN : 1.7e9 + (double)i, (uint16_t)i,
                 m == 'n' ? NAN : 1.0F, m == 's' || m == '2' ? 9 : 1);
    }
    return n * 15;
}

static void expect_marked(const char *marks, text *rows, text *rejects)
{
    for (size_t i = 0; marks[i]; i++) {
        if (marks[i] == '.' || marks[i] == 'n')
            put(rows, "%zu000000 %zu %s #1\n", (size_t)1700000000 + i, i,
                marks[i] == 'n' ? "null" : "1");
        else if (marks[i] == 's')
            put(rejects,
                "%zu @%zu+15 unknown_symbol status: unknown value 9, expected NEW, OPEN, SHUT "
                "[15]\n",
                i, i * 15);
        else
            put(rejects,
                "%zu @%zu+15 invalid_time timestamp: nan is no time, expected a finite number "
                "[15]\n",
                i, i * 15);
    }
}

static void assert_marked(const char *marks)
{
    uint8_t *bytes = malloc(strlen(marks) * 15 + 1);
    assert_non_null(bytes);
    size_t size = make_marked(marks, bytes);
    text rows = {0}, rejects = {0};
    expect_marked(marks, &rows, &rejects);
    cp_schema *schema = case_schema();
    schema->fields[2].nan = CP_NAN_NULL;
    static const uint32_t capacities[] = {1, 3, 64, 100, CP_BATCH_ROWS};
    for (size_t c = 0; c < PATHS * sizeof capacities / sizeof capacities[0]; c++) {
        cp_struct_path path = (cp_struct_path)(c % PATHS);
        results out = decode_all(schema, bytes, size, capacities[c / PATHS], path);
        assert_string_equal(shown(&out.rows), shown(&rows));
        assert_string_equal(shown(&out.rejects), shown(&rejects));
        results_close(&out);
    }
    cp_schema_free(schema);
    free(rows.bytes);
    free(rejects.bytes);
    free(bytes);
}

static void test_rejects_anywhere(void **state)
{
    (void)state;
    assert_marked("t");
    assert_marked("s...");
    assert_marked("...t");
    assert_marked(".ts.");
    assert_marked("2.n2ns"); /* two reasons: the first in layout order is told */
    assert_marked("nnn...ttn.n");
    char marks[201];
    for (size_t at = 60; at < 70; at++) { /* around the edge of a run */
        memset(marks, '.', 200);
        marks[200] = '\0';
        marks[at] = 't';
        marks[at + 1] = 's';
        marks[at + 3] = 'n';
        marks[at + 66] = 'n';
        marks[199] = at % 2 ? 's' : 'n';
        assert_marked(marks);
    }
}

static void test_full_batch(void **state)
{
    (void)state;
    enum { RECORDS = 1000 };
    static uint8_t bytes[RECORDS * 15];
    for (size_t i = 0; i < RECORDS; i++)
        put_case(bytes + 15 * i, 1.7e9 + (double)i, (uint16_t)i, 1.0F, 0);
    cp_schema *schema = case_schema();
    static const struct {
        uint32_t capacity;
        size_t calls;
    } rows[] = {{100, 10}, {99, 11}, {1000, 1}, {999, 2}, {1001, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        results out = decode_all(schema, bytes, sizeof bytes, rows[i].capacity, CP_STRUCT_PORTABLE);
        assert_int_equal(out.calls, rows[i].calls);
        assert_null(out.rejects.bytes);
        results_close(&out);
    }
    cp_schema_free(schema);
}

static void test_full_rejects(void **state)
{
    (void)state;
    static char marks[1400];
    memset(marks, 't', 1300);
    assert_marked(marks);
    for (size_t i = 0; i < 1399; i++)
        marks[i] = i % 5 == 4 ? '.' : i % 7 ? 's' : 'n';
    assert_marked(marks);
    /* The list is full just where a tail is left. */
    static uint8_t bytes[CP_REJECTS_FULL * 15 + 4];
    memset(bytes, 0xFF, sizeof bytes);
    cp_schema *schema = case_schema();
    results out = decode_all(schema, bytes, sizeof bytes, CP_BATCH_ROWS, CP_STRUCT_PORTABLE);
    assert_int_equal(out.calls, 2);
    assert_non_null(strstr(shown(&out.rejects), "512 @7680+4 truncated_record"));
    results_close(&out);
    cp_schema_free(schema);
}

static void test_large_records_are_not_kept(void **state)
{
    (void)state;
    cp_field *field;
    cp_schema *schema = one_field("<b7x", "uint8", &field);
    const cp_format_options options = {.max_record_bytes = 7};
    cp_format *format;
    assert_int_equal(format_type->plan(schema, &options, &format, NULL), CP_OK);
    results out = {0};
    cp_cursor base = {0};
    decode_block(format, schema, (cp_span){(const uint8_t *)"\xFF-------", 8}, 8, &base, &out);
    char expected[120];
    snprintf(expected, sizeof expected, "0 @0+8 out_of_range v: -1 does not fit uint8 [%zu]\n",
             SIZE_MAX);
    assert_string_equal(shown(&out.rejects), expected);
    results_close(&out);
    format_type->plan_close(format);
    cp_schema_free(schema);
}

/* ---- the kernels against the cells ---- */

static void random_rules(cp_field *field)
{
    field->required = random_below(4) == 0;
    field->wanted = random_below(4) != 0;
    field->nan = (cp_nan_policy)random_below(3);
    field->unit = (cp_unit)random_below(4);
    if (field->type == CP_TYPE_TIMESTAMP && field->encoding != CP_TIME_RFC3339)
        field->encoding = (cp_time_encoding)(CP_TIME_EPOCH_S + random_below(4));
    if (random_below(3) == 0)
        complete(field, random_below(2) ? "5..9" : "not7");
}

/* One field that the code may feed. */
static void random_field(cp_schema *schema, size_t number, char code)
{
    static const char *const integers[] = {
        "int8",   "int16",         "int32",         "int64",         "uint8",
        "uint16", "uint32",        "uint64",        "float32",       "float64",
        "enum",   "timestamp[us]", "timestamp[ns]", "timestamp[ms]", "timestamp[s]"};
    static const char *const reals[] = {"float32", "float64", "timestamp[us]", "timestamp[ns]"};
    static const char *const texts[] = {"string", "enum"};
    const char *type = "bool";
    if (strchr("bBhHiIlLqQ", code))
        type = integers[random_below(15)];
    else if (strchr("efd", code))
        type = reals[random_below(4)];
    else if (strchr("cs", code))
        type = texts[random_below(2)];
    char name[16];
    snprintf(name, sizeof name, "f%zu", number);
    random_rules(add_field(schema, name, type));
}

static cp_schema *random_schema(char layout[64])
{
    static const char codes[] = "cbB?hHiIlLqQefds";
    cp_schema *schema = new_schema();
    size_t n = 1 + random_below(6), used = 1;
    layout[0] = "@=<>!"[random_below(5)];
    for (size_t i = 0; i < n; i++) {
        char code = codes[random_below(16)];
        if (code == 's')
            layout[used++] = (char)('0' + random_below(7));
        layout[used++] = code;
        random_field(schema, i, code);
    }
    layout[used++] = 'x'; /* never a record of no bytes */
    layout[used] = '\0';
    set_layout(schema, layout);
    return schema;
}

/* A number near where something changes: small, an epoch second with a fraction that may be a
 * tie, a power of two, a special. */
static double random_real(void)
{
    static const double parts[] = {0.5, 0.0005, 0.00025, 5e-7, 2.5e-7, 0.123456789, 0.0};
    switch (random_below(6)) {
    case 0:
        return (double)random_below(12);
    case 1:
        return 1.7e9 + (double)random_below(1000000) + parts[random_below(7)];
    case 2:
        return ldexp(1.0 + (double)random_below(1024) / 1024, (int)random_below(70) - 10);
    case 3:
        return (double)random_below(UINT64_C(1) << 52) / (double)(1 << random_below(20));
    case 4:
        return (double)random_below(2000000) / 2e6 + (double)random_below(1 << 20);
    default:
        return (double[]){NAN, INFINITY, -INFINITY, -0.0, -7, 7, 1e300, -1.5}[random_below(8)];
    }
}

/* A value of 8 bytes in either order: its bytes start wherever the layout says. */
static void random_value(uint8_t out[8], bool swap)
{
    static const uint64_t edges[] = {0, 1, 7, 9, 10, 127, 128, 255, 32768, 65535, 1700000000};
    uint64_t bits = random_below(3) ? edges[random_below(11)] : random_bits() >> random_below(64);
    if (random_below(4) == 0)
        bits = ~bits;
    if (random_below(3) == 0) {
        double real = random_real();
        memcpy(&bits, &real, sizeof bits);
    }
    if (swap)
        bits = __builtin_bswap64(bits);
    memcpy(out, &bits, 8);
}

/* Most records repeat a tame one, so that whole runs pass the kernels; the others are wild. */
static void random_records(uint8_t *bytes, size_t size, size_t record, bool swap)
{
    for (size_t at = 0; at < size; at++)
        bytes[at] = (uint8_t)(5 + at % 3);
    uint64_t wild = random_below(3) ? 1 + random_below(200) : size;
    for (uint64_t i = 0; i < wild && size >= record + 8; i++) {
        uint8_t value[8];
        random_value(value, swap);
        memcpy(bytes + random_below(size - 8), value, 8);
    }
}

static void assert_same(const results *a, const results *b, const char *layout, uint64_t seed)
{
    if (strcmp(shown(&a->rows), shown(&b->rows)) != 0 ||
        strcmp(shown(&a->rejects), shown(&b->rejects)) != 0)
        fail_msg("layout %s, seed %" PRIu64 ":\n%.2000s%.2000s\nagainst\n%.2000s%.2000s", layout,
                 seed, shown(&a->rows), shown(&a->rejects), shown(&b->rows), shown(&b->rejects));
}

/* Each record as a block of its own. */
static results decode_one_by_one(const cp_schema *schema, const uint8_t *bytes, size_t size,
                                 size_t record)
{
    cp_format *format = plan(schema);
    results out = {0};
    cp_cursor base = {0};
    for (size_t at = 0; at < size; at += record)
        decode_block(format, schema, (cp_span){bytes + at, size - at < record ? size - at : record},
                     1, &base, &out);
    format_type->plan_close(format);
    return out;
}

static size_t record_bytes_of(const char *text_of_layout)
{
    cp_layout layout;
    assert_int_equal(cp_layout_parse(text_of_layout, &layout, NULL), CP_OK);
    size_t bytes = layout.record_bytes;
    cp_layout_close(&layout);
    return bytes;
}

static void compare_paths(uint64_t seed)
{
    random_state = seed;
    char layout[64];
    cp_schema *schema = random_schema(layout);
    size_t record = record_bytes_of(layout);
    size_t size = record * (1 + random_below(300)) + random_below(record);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    random_records(bytes, size, record, layout[0] == '>' || layout[0] == '!');
    uint32_t capacity = (uint32_t[]){1, 7, 64, 100, CP_BATCH_ROWS}[random_below(5)];
    results cells = decode_all(schema, bytes, size, capacity, CP_STRUCT_CELLS);
    results portable = decode_all(schema, bytes, size, capacity, CP_STRUCT_PORTABLE);
    results avx2 = decode_all(schema, bytes, size, capacity, CP_STRUCT_AVX2);
    results single = decode_one_by_one(schema, bytes, size, record);
    assert_same(&portable, &cells, layout, seed);
    assert_same(&avx2, &cells, layout, seed);
    assert_same(&single, &cells, layout, seed);
    results_close(&cells);
    results_close(&portable);
    results_close(&avx2);
    results_close(&single);
    free(bytes);
    cp_schema_free(schema);
}

static void test_kernels_equal_cells(void **state)
{
    (void)state;
    random_start((uint64_t)time(NULL) * 10000);
    uint64_t seed = random_state;
    for (uint64_t i = 0; i < 500; i++)
        compare_paths(seed + i);
}

/* One value in all lanes, or now and then another in some of them. */
static void random_lanes(const cp_struct_step *s, bool big_endian, cp_struct_lanes *out)
{
    uint64_t common, rare;
    random_value((uint8_t *)&common, false);
    random_value((uint8_t *)&rare, false);
    uint64_t rare_rows = random_below(2) ? UINT64_MAX : 0;
    for (int thinned = 0; thinned < 3; thinned++)
        rare_rows &= random_bits();
    for (size_t i = 0; i < CP_STRUCT_RUN_ROWS; i++) {
        uint64_t bits = rare_rows >> i & 1 ? rare : common;
        if (big_endian)
            bits = __builtin_bswap64(bits << (64 - 8 * s->size));
        cp_struct_lanes one;
        s->load((const uint8_t *)&bits, 0, 1, &one);
        out->bits[i] = one.bits[0];
    }
}

/* The verdict of both sets on the same lanes, and what they store where they accept. */
static bool compare_sets(const cp_struct_step *s, const cp_struct_lanes *lanes, uint64_t seed)
{
    enum { ROW = 3 };
    uint64_t stored[2][ROW + CP_STRUCT_RUN_ROWS + 1];
    bool accepted[2];
    size_t count = random_below(2) ? CP_STRUCT_RUN_ROWS : 1 + random_below(CP_STRUCT_RUN_ROWS);
    bool stores = random_below(8) != 0;
    const cp_struct_kernels *sets[2] = {cp_struct_kernels_portable(), cp_struct_kernels_avx2()};
    memset(stored, 0x5A, sizeof stored);
    for (int i = 0; i < 2; i++) {
        cp_struct_lanes spoiled = *lanes;
        accepted[i] = sets[i]->run[s->kernel](s, &spoiled, count, stores ? stored[i] : NULL, ROW);
    }
    if (accepted[0] != accepted[1])
        fail_msg("seed %" PRIu64 ": portable says %d, AVX2 %d", seed, accepted[0], accepted[1]);
    if (accepted[0] && memcmp(stored[0], stored[1], sizeof stored[0]) != 0)
        fail_msg("seed %" PRIu64 ": portable and AVX2 store different bytes", seed);
    return accepted[0];
}

static void test_sets_equal(void **state)
{
    (void)state;
    size_t verdicts[CP_STRUCT_KERNEL_COUNT][2] = {0};
    if (!cp_struct_kernels_avx2())
        skip();
    random_start((uint64_t)time(NULL) * 10000);
    uint64_t seed = random_state;
    for (uint64_t i = 0; i < 5000; i++) {
        random_state = seed + i;
        char layout[64];
        cp_schema *schema = random_schema(layout);
        cp_format *format = plan(schema);
        const cp_struct_plan *p = (const cp_struct_plan *)format;
        for (size_t n = 0; n < p->step_count; n++) {
            const cp_struct_step *s = &p->steps[n];
            if (s->kernel == CP_STRUCT_KERNEL_NONE)
                continue;
            cp_struct_lanes lanes;
            random_lanes(s, p->layout.big_endian, &lanes);
            verdicts[s->kernel][compare_sets(s, &lanes, seed + i)]++;
        }
        format_type->plan_close(format);
        cp_schema_free(schema);
    }
    for (int k = CP_STRUCT_KERNEL_NONE + 1; k < CP_STRUCT_KERNEL_COUNT; k++)
        assert_true(verdicts[k][0] > 100 && verdicts[k][1] > 100);
}

/* Runs of 64 times, run r within [2^r, 2^(r+1)): each the double nearest to a tie of the target
 * unit, where one rounding too many shows. */
static void near_ties(double *values, size_t count, double units)
{
    for (size_t i = 0; i < count; i++) {
        double magnitude = ldexp(1.0 + (double)random_below(1 << 20) / (1 << 20), (int)(i / 64));
        values[i] = (floor(magnitude * units) + 0.5) / units;
    }
}

static void compare_times(cp_unit unit, cp_time_encoding encoding)
{
    enum { RUNS = 52, RECORDS = 64 * RUNS };
    static double values[RECORDS];
    cp_field *field;
    cp_schema *schema = one_field("=d", "timestamp[s]", &field);
    field->unit = unit;
    field->encoding = encoding;
    near_ties(values, RECORDS, pow(1000, (int)unit - (int)encoding + (int)CP_TIME_EPOCH_S));
    results cells = decode_all(schema, values, sizeof values, CP_BATCH_ROWS, CP_STRUCT_CELLS);
    for (int path = CP_STRUCT_PORTABLE; path < PATHS; path++) {
        results fast =
            decode_all(schema, values, sizeof values, CP_BATCH_ROWS, (cp_struct_path)path);
        assert_same(&fast, &cells, "=d", 0);
        results_close(&fast);
    }
    results_close(&cells);
    cp_schema_free(schema);
}

static void test_times_equal_cells(void **state)
{
    (void)state;
    random_start((uint64_t)time(NULL));
    for (int unit = CP_UNIT_S; unit <= CP_UNIT_NS; unit++)
        for (int encoding = CP_TIME_EPOCH_S; encoding <= CP_TIME_EPOCH_NS; encoding++)
            for (int round = 0; round < 4; round++)
                compare_times((cp_unit)unit, (cp_time_encoding)encoding);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_design_record),
        cmocka_unit_test(test_every_code_and_order),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_text_keeps_inner_nul),
        cmocka_unit_test(test_every_pairing),
        cmocka_unit_test(test_refused_plans),
        cmocka_unit_test(test_absent_fields_are_null),
        cmocka_unit_test(test_absent_fields_may_be_required),
        cmocka_unit_test(test_case_schema),
        cmocka_unit_test(test_absent_fields_among_rejects),
        cmocka_unit_test(test_never_guessed),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_tails_of_every_length),
        cmocka_unit_test(test_rejects_anywhere),
        cmocka_unit_test(test_full_batch),
        cmocka_unit_test(test_full_rejects),
        cmocka_unit_test(test_large_records_are_not_kept),
        cmocka_unit_test(test_kernels_equal_cells),
        cmocka_unit_test(test_sets_equal),
        cmocka_unit_test(test_times_equal_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
