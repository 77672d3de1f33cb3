/* Rows as JSON objects: one a line (jsonl), or the elements of one array (json).
 *
 *   {"id":"CASE-00000001","status":"DRAFT","timestamp":1700000000.25,"notes":["call back"]}
 *
 * Keys in the schema's order; nulls are written as such; JSON values lose the white space between
 * their tokens, which may hold line ends. A field with a path is written by its name: what was
 * nested comes out flat. */
#include "formats/json/json_minify.h"
#include "formats/registry.h"
#include "formats/text/text_sink.h"
#include "pipeline/text/escape.h"

enum { ESCAPE_FACTOR = 6 }; /* \u0000 for one byte */

static uint8_t *put_string(cp_span text, uint8_t *to)
{
    *to++ = '"';
    to += cp_escape(text, (char *)to);
    *to++ = '"';
    return to;
}

static cp_rc before(const cp_field *field, size_t index, cp_bytes *out, cp_error *err)
{
    cp_span name = cp_span_of(field->name);
    cp_rc rc = cp_bytes_reserve(out, ESCAPE_FACTOR * name.size + 4, err);
    if (rc)
        return rc;
    uint8_t *to = out->data;
    *to++ = index ? ',' : '{';
    to = put_string(name, to);
    *to++ = ':';
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

static cp_rc no_head(const cp_schema *schema, cp_bytes *out, cp_error *err)
{
    (void)schema, (void)out, (void)err;
    return CP_OK;
}

static cp_rc bracket(const cp_schema *schema, cp_bytes *out, cp_error *err)
{
    (void)schema;
    return cp_bytes_put(out, "[", 1, err);
}

/* JSON has no NaN and no infinity. */
static cp_rc narrow(cp_schema *schema, cp_error *err)
{
    (void)err;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].wanted && schema->fields[i].nan == CP_NAN_KEEP)
            schema->fields[i].nan = CP_NAN_REJECT;
    return CP_OK;
}

static const cp_text_form lines = {
    .type = &cp_jsonl_sink,
    .null = "null",
    .row_end = "}\n",
    .joint = "",
    .tail = "",
    .quotes_times = true,
    .head = no_head,
    .before = before,
    .put_string = put_string,
    .put_json = cp_json_minify,
    .text_factor = ESCAPE_FACTOR,
};

static const cp_text_form array = {
    .type = &cp_json_sink,
    .null = "null",
    .row_end = "}",
    .joint = ",\n",
    .tail = "]\n",
    .nothing = "[]\n",
    .quotes_times = true,
    .head = bracket,
    .before = before,
    .put_string = put_string,
    .put_json = cp_json_minify,
    .text_factor = ESCAPE_FACTOR,
};

/* Records that are taken as they stand are rows by themselves, without white space between tokens
 * already. */
static uint8_t *put_tight(cp_span text, uint8_t *to)
{
    memcpy(to, text.data, text.size);
    return to + text.size;
}

static cp_rc nothing_before(const cp_field *field, size_t index, cp_bytes *out, cp_error *err)
{
    (void)field, (void)index, (void)out, (void)err;
    return CP_OK;
}

static const cp_text_form verbatim_lines = {
    .type = &cp_jsonl_sink,
    .null = "null",
    .row_end = "\n",
    .joint = "",
    .tail = "",
    .head = no_head,
    .before = nothing_before,
    .put_json = put_tight,
    .text_factor = 1,
};

static const cp_text_form verbatim_array = {
    .type = &cp_json_sink,
    .null = "null",
    .row_end = "",
    .joint = ",\n",
    .tail = "]\n",
    .nothing = "[]\n",
    .head = bracket,
    .before = nothing_before,
    .put_json = put_tight,
    .text_factor = 1,
};

static cp_rc open_lines(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                        cp_error *err)
{
    return cp_text_sink_open(cp_schema_is_verbatim(schema) ? &verbatim_lines : &lines, schema,
                             options, out, err);
}

static cp_rc open_array(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                        cp_error *err)
{
    return cp_text_sink_open(cp_schema_is_verbatim(schema) ? &verbatim_array : &array, schema,
                             options, out, err);
}

const cp_sink_type cp_jsonl_sink = {
    .name = "jsonl",
    .extension = ".jsonl",
    .keeps_text = true,
    .narrow = narrow,
    .open = open_lines,
    CP_TEXT_SINK_MEMBERS,
};

const cp_sink_type cp_json_sink = {
    .name = "json",
    .extension = ".json",
    .keeps_text = true,
    .narrow = narrow,
    .open = open_array,
    CP_TEXT_SINK_MEMBERS,
};
