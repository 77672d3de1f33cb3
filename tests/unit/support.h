/* What several unit tests share: cmocka, random numbers, growing text, schemas
 * from a line of text, and rows as text, so that tests compare what a person can read. */
#ifndef CP_TESTS_UNIT_SUPPORT_H
#define CP_TESTS_UNIT_SUPPORT_H

#include "pipeline/core/batch.h"
#include "pipeline/core/schema.h"
#include "tests/unit/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A test's setup. */
static inline int start_random(void **state)
{
    (void)state;
    random_start(UINT64_C(20260110));
    return 0;
}

/* ---- growing text, always terminated ---- */

typedef struct text {
    char *bytes;
    size_t size, capacity;
} text;

static inline void put_bytes(text *t, const void *bytes, size_t size)
{
    if (t->size + size + 1 > t->capacity) {
        t->capacity = (t->size + size + 1) * 2;
        t->bytes = realloc(t->bytes, t->capacity);
        assert_non_null(t->bytes);
    }
    if (size)
        memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
}

__attribute__((format(printf, 2, 3))) static inline void put(text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *piece = NULL;
    int n = vasprintf(&piece, format, args);
    va_end(args);
    assert_true(n >= 0);
    put_bytes(t, piece, (size_t)n);
    free(piece);
}

static inline const char *shown(const text *t)
{
    return t->bytes ? t->bytes : "";
}

static inline void text_free(text *t)
{
    free(t->bytes);
    *t = (text){0};
}

/* Bytes that would confuse a reader stand as \xNN. */
static inline void put_visible(text *t, cp_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        if (c < 0x20 || c == 0x7f || c == '\'' || c == '\\')
            put(t, "\\x%02X", c);
        else
            put_bytes(t, &c, 1);
    }
}

/* ---- schemas ---- */

static inline void complete_field(cp_field *field, cp_unit unit)
{
    const cp_span symbols[] = {cp_span_of("NEW"), cp_span_of("OPEN"), cp_span_of("SHUT")};
    field->unit = unit;
    if (field->type == CP_TYPE_TIMESTAMP)
        field->encoding = CP_TIME_EPOCH_S;
    if (field->type == CP_TYPE_ENUM)
        assert_int_equal(cp_field_set_symbols(field, symbols, 3, NULL), CP_OK);
}

/* A name with dots is also the field's path. */
static inline void set_dotted_path(cp_field *field)
{
    enum { SEGMENTS_MAX = 16 };
    cp_span path[SEGMENTS_MAX];
    size_t count = 0;
    for (const char *p = field->name;; p += path[count - 1].size + 1) {
        assert_true(count < SEGMENTS_MAX);
        path[count++] = (cp_span){(const uint8_t *)p, strcspn(p, ".")};
        if (p[path[count - 1].size] == '\0')
            break;
    }
    if (count > 1)
        assert_int_equal(cp_field_set_path(field, path, count, NULL), CP_OK);
}

/* One "name:type", with a '!' behind it where the field is required. */
static inline void add_described(cp_schema *schema, const char *described, size_t size)
{
    char name[64];
    cp_type type;
    cp_unit unit = CP_UNIT_S;
    cp_field *field;
    const char *colon = memchr(described, ':', size);
    assert_true(colon && (size_t)(colon - described) < sizeof name);
    snprintf(name, sizeof name, "%.*s", (int)(colon - described), described);
    bool required = described[size - 1] == '!';
    size_t type_size = size - (size_t)(colon + 1 - described) - required;
    assert_true(cp_type_parse((cp_span){(const uint8_t *)colon + 1, type_size}, &type, &unit));
    assert_int_equal(cp_schema_add(schema, name, type, &field, NULL), CP_OK);
    field->required = required;
    complete_field(field, unit);
    set_dotted_path(field);
}

/* "id:string! reading.value:float64": fields parted by spaces. Enums have the symbols NEW, OPEN
 * and SHUT, times are epoch seconds; rules are for the caller to add. */
static inline cp_schema *schema_of(const char *description)
{
    cp_schema *schema;
    assert_int_equal(cp_schema_new("test", &schema, NULL), CP_OK);
    while (*description) {
        size_t size = strcspn(description, " ");
        add_described(schema, description, size);
        description += size + (description[size] == ' ');
    }
    return schema;
}

static inline cp_field *field_of(cp_schema *schema, const char *name)
{
    size_t number = cp_schema_find(schema, cp_span_of(name));
    assert_true(number < schema->field_count);
    return &schema->fields[number];
}

/* ---- rows as text ---- */

static inline void put_text_cell(text *out, cp_span value)
{
    put(out, "'");
    put_visible(out, value);
    put(out, "'");
}

static inline void put_integer_cell(text *out, const cp_column *column, uint32_t row)
{
    const void *data = column->data;
    switch (column->type) {
    case CP_TYPE_INT8:
        put(out, "%d", ((const int8_t *)data)[row]);
        break;
    case CP_TYPE_INT16:
        put(out, "%d", ((const int16_t *)data)[row]);
        break;
    case CP_TYPE_INT32:
        put(out, "%" PRId32, ((const int32_t *)data)[row]);
        break;
    case CP_TYPE_UINT8:
        put(out, "%u", ((const uint8_t *)data)[row]);
        break;
    case CP_TYPE_UINT16:
        put(out, "%u", ((const uint16_t *)data)[row]);
        break;
    case CP_TYPE_UINT32:
        put(out, "%" PRIu32, ((const uint32_t *)data)[row]);
        break;
    case CP_TYPE_UINT64:
        put(out, "%" PRIu64, ((const uint64_t *)data)[row]);
        break;
    default: /* int64 and timestamps */
        put(out, "%" PRId64, ((const int64_t *)data)[row]);
        break;
    }
}

/* null, -3, 1.5, 'text' with strange bytes as \xNN, OPEN for an enum, - for an unwanted field. */
static inline void put_cell(text *out, const cp_field *field, const cp_column *column, uint32_t row)
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
    else if (field->type == CP_TYPE_STRING || field->type == CP_TYPE_JSON)
        put_text_cell(out, ((const cp_span *)data)[row]);
    else if (field->type == CP_TYPE_ENUM)
        put_visible(out, field->symbols[((const uint16_t *)data)[row]]);
    else
        put_integer_cell(out, column, row);
}

/* The column's own promises: null_count is the number of nulls, and all else is valid. */
static inline void assert_nulls_counted(const cp_column *column, uint32_t capacity)
{
    uint32_t nulls = 0;
    for (uint32_t row = 0; column->data && row < capacity; row++)
        nulls += !(column->valid[row / 64] >> (row % 64) & 1);
    assert_int_equal(column->null_count, nulls);
}

/* A line for each row, cells parted by spaces. */
static inline void put_batch(text *out, const cp_batch *batch)
{
    size_t fields = batch->schema->field_count;
    assert_true(batch->selects_all);
    assert_true(batch->rows <= batch->capacity);
    assert_int_equal(batch->selection_count, batch->rows);
    for (uint32_t row = 0; row < batch->rows; row++) {
        for (size_t i = 0; i < fields; i++) {
            put_bytes(out, " ", i > 0);
            put_cell(out, &batch->schema->fields[i], &batch->columns[i], row);
        }
        put(out, "\n");
    }
    for (size_t i = 0; i < fields; i++)
        assert_nulls_counted(&batch->columns[i], batch->capacity);
}

#endif
