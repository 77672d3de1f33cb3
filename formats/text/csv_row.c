/* Everyday values of everyday fields by the short cuts of json_leaf.h, all others in full. */
#include "formats/text/csv_row.h"

#include "formats/text/csv_record.h"
#include "formats/text/text_value.h"

/* The text of a field: as it stands, or without its quotes. false: memory is out. */
static bool text_of(cp_span field, cp_arena *arena, cp_span *text)
{
    *text = field;
    if (field.size == 0 || *field.data != '"')
        return true;
    *text = (cp_span){field.data + 1, field.size - 2};
    if (text->size == 0 || !memchr(text->data, '"', text->size))
        return true;
    uint8_t *plain = cp_arena_take(arena, text->size);
    if (!plain)
        return false;
    *text = (cp_span){plain, cp_csv_unquote(field, plain)};
    return true;
}

/* Every kind of value, every rule. */
__attribute__((noinline)) static cp_reason read_in_full(cp_span field, const cp_csv_cell *cell,
                                                        cp_batch *batch, cp_refusal *why)
{
    cp_span text;
    if (!text_of(field, &batch->arena, &text)) {
        *why = (cp_refusal){.reason = CP_ACCEPTED};
        return CP_WRONG_TYPE;
    }
    cp_reason reason =
        cp_text_value_read(text, cell->field, &batch->columns[cell->number], batch, why);
    why->value = field;
    return reason;
}

/* Stores what needs no more than a glance; false: look at it in full. */
static inline bool read_quickly(cp_span text, const cp_csv_cell *cell, cp_column *column,
                                uint32_t row)
{
    cp_leaf_number number;
    int32_t code;
    switch (cell->kind) {
    case CP_LEAF_GENERAL:
        return false;
    case CP_LEAF_STRING:
        if (column->data)
            ((cp_span *)column->data)[row] = text;
        return true;
    case CP_LEAF_ENUM:
        code = cp_names_find_readable(cell->field->symbol_codes, text);
        if (code >= 0 && column->data)
            ((uint16_t *)column->data)[row] = (uint16_t)code;
        return code >= 0;
    default:
        return cp_leaf_number_at(text.data, &number) == text.data + text.size &&
               cp_leaf_keep(&number, cell->kind, cell->field, column, row);
    }
}

/* The field without its quotes; false where there are some within. */
static inline bool strip_quotes(cp_span *field)
{
    if (*field->data != '"')
        return true;
    *field = (cp_span){field->data + 1, field->size - 2};
    return field->size == 0 || !memchr(field->data, '"', field->size);
}

/* JSON at a glance: an empty array, or one of plain strings, "[""a"",""b""]". */
static bool is_plain_json(cp_span field)
{
    const uint8_t *p = field.data, *end = p + field.size;
    if (field.size == 2)
        return p[0] == '[' && p[1] == ']';
    if (field.size < 8 || p[1] != '[')
        return false;
    do {
        p++; /* at the bracket, or the comma */
        if (p[1] != '"' || p[2] != '"')
            return false;
        p = cp_json_string_scan(p + 3) + 1;
        if (p + 3 > end || p[-1] != '"' || p[0] != '"')
            return false;
    } while (p[1] == ',');
    return p[1] == ']' && p + 3 == end;
}

static inline cp_reason read_cell(cp_span field, const cp_csv_cell *cell, cp_batch *batch,
                                  cp_refusal *why)
{
    cp_span text = field;
    if (field.size == 0)
        return CP_ACCEPTED_NULL;
    if (cell->is_json_unread && is_plain_json(field))
        return CP_ACCEPTED;
    if (strip_quotes(&text) && read_quickly(text, cell, &batch->columns[cell->number], batch->rows))
        return CP_ACCEPTED;
    return read_in_full(field, cell, batch, why);
}

static void set_nulls(const cp_csv_header *header, const uint32_t *nulls, size_t count,
                      cp_batch *batch)
{
    for (size_t i = 0; i < count; i++)
        if (batch->columns[nulls[i]].data)
            cp_column_set_null(&batch->columns[nulls[i]], batch->rows);
    for (size_t i = 0; i < header->absent_count; i++)
        cp_column_set_null(&batch->columns[header->absent[i]], batch->rows);
}

bool cp_csv_row_read(const cp_csv_header *header, const uint8_t *record, const uint8_t *end,
                     const uint32_t *ends, uint32_t origin, uint32_t *nulls, cp_batch *batch,
                     cp_refusal *why)
{
    const uint8_t *base = record - origin;
    size_t null_count = 0, last = header->names.count - 1;
    for (size_t i = 0; i < header->cell_count; i++) {
        const cp_csv_cell *cell = &header->cells[i];
        const uint8_t *start = cell->column ? base + ends[cell->column - 1] + 1 : record;
        const uint8_t *stop = cell->column == last ? end : base + ends[cell->column];
        cp_reason reason = read_cell((cp_span){start, (size_t)(stop - start)}, cell, batch, why);
        if (reason == CP_ACCEPTED)
            continue;
        if (reason != CP_ACCEPTED_NULL)
            return false;
        if (cell->field->required) {
            *why = (cp_refusal){.reason = CP_NULL_VALUE, .field = cell->field};
            return false;
        }
        nulls[null_count++] = cell->number;
    }
    set_nulls(header, nulls, null_count, batch);
    return true;
}
