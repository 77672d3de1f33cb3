/* JSON as it is written. */
#include "pipeline/cli/json_print.h"

#include "pipeline/cli/cell_print.h"
#include "pipeline/text/number.h"

cp_json cp_json_begin(cp_writer *out, cp_error *err)
{
    return (cp_json){.out = out, .err = err};
}

static void put(cp_json *j, const void *bytes, size_t size)
{
    if (!j->rc && size > 0)
        j->rc = cp_write(j->out, bytes, size, j->err);
}

static void put_line_end(cp_json *j)
{
    static const char spaces[CP_JSON_DEPTH + 1] = "\n               ";
    put(j, spaces, j->depth < CP_JSON_DEPTH ? j->depth + 1 : CP_JSON_DEPTH);
}

void cp_json_key(cp_json *j, const char *name)
{
    if (j->depth > 0) {
        bool on_lines = j->levels[j->depth - 1].on_lines;
        if (j->levels[j->depth - 1].has_items)
            put(j, on_lines ? "," : ", ", on_lines ? 1 : 2);
        j->levels[j->depth - 1].has_items = true;
        if (on_lines)
            put_line_end(j);
    }
    if (name && !j->rc)
        j->rc = cp_print_json_string(j->out, cp_span_of(name), j->err);
    if (name)
        put(j, ": ", 2);
}

static void open_level(cp_json *j, const char *name, bool is_array, bool on_lines)
{
    cp_json_key(j, name);
    if (!j->rc && j->depth == CP_JSON_DEPTH)
        j->rc = cp_fail(j->err, CP_E_BUG, "json_depth", "the output is nested too deep");
    if (j->rc)
        return;
    put(j, is_array ? "[" : "{", 1);
    j->levels[j->depth].is_array = is_array;
    j->levels[j->depth].on_lines = on_lines;
    j->levels[j->depth].has_items = false;
    j->depth++;
}

void cp_json_object(cp_json *j, const char *name, bool on_lines)
{
    open_level(j, name, false, on_lines);
}

void cp_json_array(cp_json *j, const char *name, bool on_lines)
{
    open_level(j, name, true, on_lines);
}

void cp_json_close(cp_json *j)
{
    if (j->rc)
        return;
    j->depth--;
    put(j, j->levels[j->depth].is_array ? "]" : "}", 1);
    if (j->depth == 0)
        put(j, "\n", 1);
}

void cp_json_text(cp_json *j, const char *name, cp_span text)
{
    cp_json_key(j, name);
    if (!j->rc)
        j->rc = cp_print_json_string(j->out, text, j->err);
}

void cp_json_raw(cp_json *j, const char *name, cp_span json)
{
    cp_json_key(j, name);
    put(j, json.data, json.size);
}

void cp_json_null(cp_json *j, const char *name)
{
    cp_json_raw(j, name, cp_span_of("null"));
}

void cp_json_string(cp_json *j, const char *name, const char *text)
{
    if (text)
        cp_json_text(j, name, cp_span_of(text));
    else
        cp_json_null(j, name);
}

void cp_json_count(cp_json *j, const char *name, uint64_t value)
{
    char digits[CP_INTEGER_BYTES];
    cp_json_raw(j, name, (cp_span){(uint8_t *)digits, cp_uint64_write(value, digits)});
}

void cp_json_int(cp_json *j, const char *name, int64_t value)
{
    char digits[CP_INTEGER_BYTES];
    cp_json_raw(j, name, (cp_span){(uint8_t *)digits, cp_int64_write(value, digits)});
}

void cp_json_bool(cp_json *j, const char *name, bool value)
{
    cp_json_raw(j, name, cp_span_of(value ? "true" : "false"));
}
