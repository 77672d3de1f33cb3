/* Names to columns to fields, once for each input. */
#include "formats/text/csv_header.h"

#include "formats/text/column_name.h"
#include "formats/text/csv_record.h"
#include "formats/text/text_probe.h"
#include "pipeline/core/checked.h"

#include <inttypes.h>

/* ---- the names ---- */

static cp_rc copy_given(const cp_span *columns, size_t count, cp_csv_names *out, cp_error *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += columns[i].size;
    cp_rc rc = cp_calloc(count, sizeof *out->items, &out->items, err);
    if (!rc)
        rc = cp_calloc(bytes, 1, &out->text, err);
    uint8_t *to = out->text;
    for (size_t i = 0; !rc && i < count; i++) {
        memcpy(to, columns[i].data, columns[i].size);
        out->items[out->count++] = (cp_span){to, columns[i].size};
        to += columns[i].size;
    }
    return rc;
}

/* The fields of the header's record as text. */
static cp_rc copy_fields(const uint8_t *start, const cp_csv_record *record, cp_csv_names *out,
                         cp_error *err)
{
    cp_rc rc = cp_calloc(record->count, sizeof *out->items, &out->items, err);
    if (!rc)
        rc = cp_calloc(record->size, 1, &out->text, err);
    uint8_t *to = out->text;
    for (size_t i = 0; !rc && i < record->count; i++) {
        cp_span field = cp_csv_field(start, record->ends, i);
        size_t size = field.size;
        if (size > 0 && *field.data == '"')
            size = cp_csv_unquote(field, to);
        else if (size > 0)
            memcpy(to, field.data, size);
        out->items[out->count++] = (cp_span){to, size};
        to += size;
    }
    return rc;
}

static cp_rc bad_header(const cp_csv_record *record, const cp_csv_names *names, uint64_t offset,
                        cp_error *err)
{
    const cp_refusal *fault = &record->fault;
    uint64_t byte = offset + fault->at;
    if (fault->reason == CP_RECORD_TOO_LARGE)
        cp_fail(err, CP_E_DATA, "bad_header",
                "the header is larger than --max-record-size %" PRIu64, fault->at);
    else if (fault->reason == CP_INVALID_UTF8)
        cp_fail(err, CP_E_DATA, "bad_header", "invalid UTF-8 in the header");
    else if (fault->reason == CP_TRUNCATED_RECORD)
        cp_fail(err, CP_E_DATA, "bad_header",
                "the input ends inside the header, in a field in "
                "quotes");
    else
        cp_fail(err, CP_E_DATA, "bad_header", "invalid CSV in the header: %s", fault->detail);
    cp_error_at_byte(err, fault->reason == CP_RECORD_TOO_LARGE ? offset : byte);
    if (err)
        err->line = names->lines + 1;
    return CP_E_DATA;
}

/* The header's record, at out->bytes of the input if it is there. */
static cp_rc find_header(cp_span bytes, bool is_whole, const cp_csv_dialect *dialect,
                         cp_csv_record *record, cp_csv_names *out, cp_error *err)
{
    for (size_t at = out->bytes; at < bytes.size; at += record->whole) {
        cp_span rest = {bytes.data + at, bytes.size - at};
        cp_rc rc = cp_csv_record_read(rest, dialect, record, err);
        if (rc)
            return rc;
        if (!record->is_ended && !is_whole && record->fault.reason != CP_RECORD_TOO_LARGE)
            return CP_MORE;
        if (!cp_csv_is_blank(record)) {
            if (record->fault.reason)
                return bad_header(record, out, at, err);
            return copy_fields(rest.data, record, out, err);
        }
        out->bytes += record->whole;
        out->lines += record->lines;
    }
    return is_whole ? CP_OK : CP_MORE;
}

cp_rc cp_csv_names_read(cp_span bytes, bool is_whole, const cp_csv_dialect *dialect,
                        const cp_span *columns, size_t column_count, cp_csv_names *out,
                        cp_error *err)
{
    *out = (cp_csv_names){.bytes = cp_mark_bytes(bytes)};
    if (column_count)
        return copy_given(columns, column_count, out, err);
    cp_csv_record record = {0};
    cp_rc rc = find_header(bytes, is_whole, dialect, &record, out, err);
    if (!rc && out->count) {
        out->bytes += record.whole;
        out->lines += record.lines;
    }
    cp_csv_record_close(&record);
    return rc;
}

void cp_csv_names_free(cp_csv_names *names)
{
    free(names->items);
    free(names->text);
    *names = (cp_csv_names){0};
}

/* ---- columns and fields ---- */

/* The first thing that is wrong is told. */
static void refuse(cp_csv_header *header, cp_reason reason, const cp_field *field, cp_span value)
{
    if (header->refusal.reason == CP_ACCEPTED)
        header->refusal = (cp_refusal){.reason = reason, .field = field, .value = value};
}

/* By field: its column plus one, 0 where it has none. */
static void find_columns(const cp_schema *schema, cp_csv_header *header, uint32_t *columns)
{
    for (size_t i = 0; i < header->names.count; i++) {
        cp_span name = header->names.items[i];
        size_t number = cp_column_field(schema, name);
        if (number == SIZE_MAX) {
            if (schema->reject_unknown)
                refuse(header, CP_UNKNOWN_FIELD, NULL, name);
            continue;
        }
        if (columns[number] && schema->duplicates == CP_DUPLICATE_REJECT)
            refuse(header, CP_DUPLICATE_KEY, &schema->fields[number], name);
        if (!columns[number] || schema->duplicates == CP_DUPLICATE_LAST)
            columns[number] = (uint32_t)i + 1;
    }
}

/* A string that nobody wants and everybody accepts need not be looked at. */
static bool is_of_interest(const cp_field *field)
{
    return field->wanted || field->required || cp_leaf_kind_of(field) != CP_LEAF_STRING;
}

static bool is_json_unread(const cp_field *field)
{
    return field->type == CP_TYPE_JSON && !field->wanted && !field->null_if_count;
}

static int by_column(const void *a, const void *b)
{
    uint32_t left = ((const cp_csv_cell *)a)->column, right = ((const cp_csv_cell *)b)->column;
    return (left > right) - (left < right);
}

static void list_cells(const cp_schema *schema, cp_csv_header *header, const uint32_t *columns)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const cp_field *field = &schema->fields[i];
        if (columns[i] && is_of_interest(field)) {
            header->cells[header->cell_count++] = (cp_csv_cell){
                columns[i] - 1, (uint32_t)i, field, cp_leaf_kind_of(field), is_json_unread(field)};
        } else if (!columns[i]) {
            if (field->required)
                refuse(header, CP_MISSING_FIELD, field, (cp_span){0});
            if (field->wanted)
                header->absent[header->absent_count++] = (uint32_t)i;
        }
    }
    qsort(header->cells, header->cell_count, sizeof *header->cells, by_column);
}

static void destroy(cp_preamble *preamble)
{
    cp_csv_header *header = (cp_csv_header *)preamble;
    cp_csv_names_free(&header->names);
    free(header->cells);
    free(header->absent);
    free(header);
}

cp_rc cp_csv_header_new(const cp_schema *schema, cp_csv_names *names, cp_csv_header **out,
                        cp_error *err)
{
    cp_csv_header *header;
    uint32_t *columns = NULL;
    cp_rc rc = cp_calloc(1, sizeof *header, &header, err);
    if (rc)
        return rc;
    atomic_init(&header->base.references, 1);
    header->base.destroy = destroy;
    rc = cp_calloc(schema->field_count, sizeof *header->cells, &header->cells, err);
    if (!rc)
        rc = cp_calloc(schema->field_count, sizeof *header->absent, &header->absent, err);
    if (!rc)
        rc = cp_calloc(schema->field_count, sizeof *columns, &columns, err);
    if (rc) {
        destroy(&header->base);
        return rc;
    }
    header->names = *names;
    *names = (cp_csv_names){0};
    find_columns(schema, header, columns);
    list_cells(schema, header, columns);
    free(columns);
    *out = header;
    return CP_OK;
}
