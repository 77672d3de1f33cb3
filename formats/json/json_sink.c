/* Rows as JSON objects: one a line (jsonl), or the elements of one array (json).
 *
 *   {"id":"CASE-00000001","status":"DRAFT","timestamp":1700000000.25,"notes":["call back"]}
 *
 * Keys in the schema's order, where the fields' paths say; nulls are written as such. */
#include "formats/json/json_nest.h"
#include "formats/json/json_put.h"
#include "formats/registry.h"
#include "formats/text/text_sink.h"

/* In columns there is no white space between its tokens, and so no line end. */
static uint8_t *put_json(cp_span text, uint8_t *to)
{
    memcpy(to, text.data, text.size);
    return to + text.size;
}

static cp_rc line_row(const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    cp_rc rc = cp_json_nest(schema, row, err);
    return rc ? rc : cp_bytes_put(&row->text, "\n", 1, err);
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
    .joint = "",
    .tail = "",
    .quotes_times = true,
    .head = no_head,
    .row = line_row,
    .put_string = cp_json_put_string,
    .put_json = put_json,
    .text_factor = CP_JSON_ESCAPE_FACTOR,
};

static const cp_text_form array = {
    .type = &cp_json_sink,
    .null = "null",
    .joint = ",\n",
    .tail = "]\n",
    .nothing = "[]\n",
    .quotes_times = true,
    .head = bracket,
    .row = cp_json_nest,
    .put_string = cp_json_put_string,
    .put_json = put_json,
    .text_factor = CP_JSON_ESCAPE_FACTOR,
};

/* Records that are taken as they stand are rows by themselves. */
static cp_rc verbatim_row(const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    (void)schema;
    return cp_text_row_add(row, 0, err);
}

static cp_rc verbatim_line_row(const cp_schema *schema, cp_text_row *row, cp_error *err)
{
    cp_rc rc = verbatim_row(schema, row, err);
    return rc ? rc : cp_bytes_put(&row->text, "\n", 1, err);
}

static const cp_text_form verbatim_lines = {
    .type = &cp_jsonl_sink,
    .null = "null",
    .joint = "",
    .tail = "",
    .head = no_head,
    .row = verbatim_line_row,
    .put_json = put_json,
    .text_factor = 1,
};

static const cp_text_form verbatim_array = {
    .type = &cp_json_sink,
    .null = "null",
    .joint = ",\n",
    .tail = "]\n",
    .nothing = "[]\n",
    .head = bracket,
    .row = verbatim_row,
    .put_json = put_json,
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
