/* One formatter of plain values, and what JSON, CSV and tables put around it. */
#include "pipeline/cli/cell_print.h"

#include "pipeline/core/checked.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"
#include "pipeline/text/utf8.h"
#include "pipeline/text/visible.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t signed_of(const cp_column *column, uint32_t row)
{
    const void *data = column->data;
    switch (cp_type_width(column->type)) {
    case 1:
        return ((const int8_t *)data)[row];
    case 2:
        return ((const int16_t *)data)[row];
    case 4:
        return ((const int32_t *)data)[row];
    default:
        return ((const int64_t *)data)[row];
    }
}

static uint64_t unsigned_of(const cp_column *column, uint32_t row)
{
    const void *data = column->data;
    switch (cp_type_width(column->type)) {
    case 1:
        return ((const uint8_t *)data)[row];
    case 2:
        return ((const uint16_t *)data)[row];
    case 4:
        return ((const uint32_t *)data)[row];
    default:
        return ((const uint64_t *)data)[row];
    }
}

static size_t put_word(const char *word, char *out)
{
    size_t size = strlen(word);
    memcpy(out, word, size);
    return size;
}

static size_t put_float(double value, bool single, char *out)
{
    if (isnan(value))
        return put_word("NaN", out);
    if (isinf(value))
        return put_word(value > 0 ? "Infinity" : "-Infinity", out);
    return single ? cp_float_write((float)value, out) : cp_double_write(value, out);
}

static double float_of(const cp_column *column, uint32_t row)
{
    return column->type == CP_TYPE_FLOAT32 ? (double)((const float *)column->data)[row]
                                           : ((const double *)column->data)[row];
}

static bool is_text(cp_type type)
{
    return type == CP_TYPE_STRING || type == CP_TYPE_ENUM || type == CP_TYPE_JSON;
}

static cp_span text_of(const cp_field *field, const cp_column *column, uint32_t row)
{
    if (column->type == CP_TYPE_ENUM)
        return field->symbols[((const uint16_t *)column->data)[row]];
    return ((const cp_span *)column->data)[row];
}

/* The value of any type that is no text. */
static size_t plain(const cp_field *field, const cp_column *column, uint32_t row,
                    char out[CP_CELL_TEXT_BYTES])
{
    if (cp_type_is_float(column->type))
        return put_float(float_of(column, row), column->type == CP_TYPE_FLOAT32, out);
    if (column->type == CP_TYPE_TIMESTAMP)
        return cp_time_write(((const int64_t *)column->data)[row], field->unit, out);
    if (column->type == CP_TYPE_BOOL)
        return put_word(((const bool *)column->data)[row] ? "true" : "false", out);
    if (cp_type_is_signed(column->type))
        return cp_int64_write(signed_of(column, row), out);
    return cp_uint64_write(unsigned_of(column, row), out);
}

cp_span cp_cell_print_plain(const cp_batch *rows, size_t column_number, uint32_t row,
                            char room[CP_CELL_TEXT_BYTES])
{
    const cp_field *field = &rows->schema->fields[column_number];
    const cp_column *column = &rows->columns[column_number];
    if (!cp_column_is_valid(column, row))
        return (cp_span){0};
    if (is_text(column->type))
        return text_of(field, column, row);
    return (cp_span){(const uint8_t *)room, plain(field, column, row, room)};
}

static cp_rc print_json_text(cp_writer *out, cp_span text, cp_error *err)
{
    char small[512], *escaped = small;
    if (text.size > sizeof small / 6)
        escaped = malloc(6 * text.size);
    if (!escaped)
        return cp_fail_memory(err, 6 * text.size);
    size_t size = cp_escape(text, escaped);
    cp_rc rc = cp_write(out, "\"", 1, err);
    if (!rc)
        rc = cp_write(out, escaped, size, err);
    if (escaped != small)
        free(escaped);
    return rc ? rc : cp_write(out, "\"", 1, err);
}

cp_rc cp_print_json_string(cp_writer *out, cp_span text, cp_error *err)
{
    if (cp_utf8_valid(text) == text.size)
        return print_json_text(out, text, err);
    uint8_t *repaired;
    cp_rc rc = cp_calloc(text.size, 3, &repaired, err);
    if (rc)
        return rc;
    rc = print_json_text(out, (cp_span){repaired, cp_utf8_repair(text, repaired)}, err);
    free(repaired);
    return rc;
}

cp_rc cp_print_visible(cp_writer *out, cp_span text, cp_error *err)
{
    char *shown;
    cp_rc rc = cp_calloc(text.size + 1, CP_VISIBLE_GROWTH, &shown, err);
    if (rc)
        return rc;
    rc = cp_write(out, shown, cp_visible(text, shown), err);
    free(shown);
    return rc;
}

cp_rc cp_print_csv_string(cp_writer *out, cp_span text, cp_error *err)
{
    bool quoted = text.size == 0;
    for (size_t i = 0; i < text.size; i++)
        quoted |= strchr(",\"\r\n", text.data[i]) != NULL;
    if (!quoted)
        return cp_write(out, text.data, text.size, err);
    cp_rc rc = cp_write(out, "\"", 1, err);
    for (size_t i = 0; !rc && i < text.size; i++)
        rc = text.data[i] == '"' ? cp_write(out, "\"\"", 2, err)
                                 : cp_write(out, &text.data[i], 1, err);
    return rc ? rc : cp_write(out, "\"", 1, err);
}

static bool is_quoted_in_json(const cp_column *column, uint32_t row)
{
    return column->type == CP_TYPE_TIMESTAMP ||
           (cp_type_is_float(column->type) && !isfinite(float_of(column, row)));
}

cp_rc cp_cell_print_json(cp_writer *out, const cp_batch *rows, size_t column_number, uint32_t row,
                         cp_error *err)
{
    const cp_field *field = &rows->schema->fields[column_number];
    const cp_column *column = &rows->columns[column_number];
    if (!cp_column_is_valid(column, row))
        return cp_write(out, "null", 4, err);
    if (column->type == CP_TYPE_JSON) {
        cp_span text = text_of(field, column, row);
        return cp_write(out, text.data, text.size, err);
    }
    if (is_text(column->type))
        return cp_print_json_string(out, text_of(field, column, row), err);
    char value[CP_CELL_TEXT_BYTES];
    size_t size = plain(field, column, row, value);
    if (is_quoted_in_json(column, row))
        return cp_print_json_string(out, (cp_span){(uint8_t *)value, size}, err);
    return cp_write(out, value, size, err);
}

cp_rc cp_cell_print_csv(cp_writer *out, const cp_batch *rows, size_t column_number, uint32_t row,
                        cp_error *err)
{
    const cp_field *field = &rows->schema->fields[column_number];
    const cp_column *column = &rows->columns[column_number];
    if (!cp_column_is_valid(column, row))
        return CP_OK;
    if (is_text(column->type))
        return cp_print_csv_string(out, text_of(field, column, row), err);
    char value[CP_CELL_TEXT_BYTES];
    return cp_write(out, value, plain(field, column, row, value), err);
}

/* UTF-8 characters, about the columns they take. */
static int columns_of(const char *text, size_t size)
{
    int columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += ((uint8_t)text[i] & 0xC0) != 0x80;
    return columns;
}

/* A table's cell holds the beginning of a long text. */
enum { CELL_CUT_BYTES = CP_CELL_TEXT_BYTES * 8 };

static int shorten(cp_span text, char *out)
{
    text.size = cp_utf8_cut(text, CELL_CUT_BYTES);
    return (int)cp_visible(text, out);
}

cp_rc cp_cell_print_text(cp_writer *out, const cp_batch *rows, size_t column_number, uint32_t row,
                         int width, int decimals, cp_error *err)
{
    const cp_field *field = &rows->schema->fields[column_number];
    const cp_column *column = &rows->columns[column_number];
    char value[CELL_CUT_BYTES * CP_VISIBLE_GROWTH];
    int size;
    if (!cp_column_is_valid(column, row))
        size = snprintf(value, sizeof value, "-");
    else if (is_text(column->type))
        size = shorten(text_of(field, column, row), value);
    else if (decimals >= 0 && cp_type_is_float(column->type))
        size = snprintf(value, sizeof value, "%.*f", decimals, float_of(column, row));
    else
        size = (int)plain(field, column, row, value);
    int padding = width - columns_of(value, (size_t)size);
    padding = padding > 0 ? padding : 0;
    bool left = is_text(column->type);
    return left ? cp_writef(out, err, "%.*s%*s", size, value, padding, "")
                : cp_writef(out, err, "%*s%.*s", padding, "", size, value);
}
