/* Rows as CSV by RFC 4180: a header, CRLF, quotes where a value needs them. A null is an empty
 * field, an empty string one in quotes. */
#include "formats/registry.h"
#include "formats/text/text_probe.h"
#include "formats/text/text_sink.h"

enum { QUOTE_FACTOR = 2 }; /* "" for one byte */

static bool needs_quotes(cp_span text)
{
    if (text.size == 0)
        return true;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '"' || byte == ',' || byte == '\n' || byte == '\r')
            return true;
    }
    return false;
}

static uint8_t *put_quoted(cp_span text, uint8_t *to)
{
    *to++ = '"';
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            *to++ = '"';
        *to++ = text.data[i];
    }
    *to++ = '"';
    return to;
}

static uint8_t *put_text(cp_span text, uint8_t *to)
{
    if (needs_quotes(text))
        return put_quoted(text, to);
    memcpy(to, text.data, text.size);
    return to + text.size;
}

/* What begins the file like a byte order mark would be read as one, and stands in quotes. */
static uint8_t *put_name(cp_span name, bool begins_file, uint8_t *to)
{
    return begins_file && cp_mark_bytes(name) ? put_quoted(name, to) : put_text(name, to);
}

static cp_rc row_of_values(const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < schema->field_count; i++) {
        if (!schema->fields[i].wanted)
            continue;
        rc = row->count > 0 ? cp_bytes_put(&row->text, ",", 1, err) : CP_OK;
        if (!rc)
            rc = cp_text_row_add(row, i, err);
    }
    return rc ? rc : cp_bytes_put(&row->text, "\r\n", 2, err);
}

static cp_rc header(const cp_schema *schema, cp_bytes *out, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < schema->field_count; i++) {
        if (!schema->fields[i].wanted)
            continue;
        cp_span name = cp_span_of(schema->fields[i].name);
        rc = cp_bytes_reserve(out, QUOTE_FACTOR * name.size + 3, err);
        if (rc)
            break;
        uint8_t *to = out->data + out->size;
        bool begins_file = out->size == 0;
        if (!begins_file)
            *to++ = ',';
        out->size = (size_t)(put_name(name, begins_file, to) - out->data);
    }
    return rc ? rc : cp_bytes_put(out, "\r\n", 2, err);
}

static const cp_text_form form = {
    .type = &cp_csv_sink,
    .null = "",
    .joint = "",
    .tail = "",
    .head = header,
    .row = row_of_values,
    .put_string = put_text,
    .put_json = put_text,
    .text_factor = QUOTE_FACTOR,
};

static cp_rc open_csv(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                      cp_error *err)
{
    return cp_text_sink_open(&form, schema, options, out, err);
}

const cp_sink_type cp_csv_sink = {
    .name = "csv",
    .extension = ".csv",
    .open = open_csv,
    CP_TEXT_SINK_MEMBERS,
};
