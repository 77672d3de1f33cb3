/* The line of a reject: text where its bytes are UTF-8, base64 where they are not. */
#include "pipeline/engine/reject_file.h"

#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

static cp_rc write_text(cp_writer *out, const char *text, cp_error *err)
{
    return cp_write(out, text, strlen(text), err);
}

/* `bytes` as a key's value: "name":"..." or "name_base64":"...", behind a brace or a comma. */
static cp_rc write_bytes(cp_writer *out, char before, const char *name, cp_span bytes,
                         cp_error *err)
{
    bool is_text = cp_utf8_valid(bytes) == bytes.size;
    size_t room = is_text ? 6 * bytes.size : cp_base64_size(bytes.size);
    char *value = malloc(room ? room : 1);
    if (!value)
        return cp_fail_memory(err, room);
    size_t size = is_text ? cp_escape(bytes, value) : cp_base64(bytes, value);
    cp_rc rc = cp_writef(out, err, "%c\"%s%s\":\"", before, name, is_text ? "" : "_base64");
    if (!rc)
        rc = cp_write(out, value, size, err);
    free(value);
    return rc ? rc : cp_write(out, "\"", 1, err);
}

static cp_rc write_optional(cp_writer *out, const char *name, const char *value, cp_error *err)
{
    return value ? write_bytes(out, ',', name, cp_span_of(value), err)
                 : cp_writef(out, err, ",\"%s\":null", name);
}

static cp_rc write_place(cp_writer *out, const cp_reject *reject, bool has_lines, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, ",\"record\":%" PRIu64, reject->record + 1);
    if (!rc)
        rc = has_lines ? cp_writef(out, err, ",\"line\":%" PRIu64, reject->line + 1)
                       : write_text(out, ",\"line\":null", err);
    return rc ? rc
              : cp_writef(out, err, ",\"offset\":%" PRIu64 ",\"length\":%" PRIu64, reject->offset,
                          reject->length);
}

cp_rc cp_reject_write(cp_writer *out, const cp_input_name *input, const cp_reject *reject,
                      bool has_lines, cp_error *err)
{
    cp_rc rc = write_bytes(out, '{', "source", input->path, err);
    if (!rc)
        rc = write_optional(out, "member", input->member, err);
    if (!rc)
        rc = write_place(out, reject, has_lines, err);
    if (!rc)
        rc = write_optional(out, "field", reject->field, err);
    if (!rc)
        rc = write_optional(out, "reason", cp_reason_name(reject->reason), err);
    if (!rc)
        rc = write_optional(out, "message", reject->message, err);
    if (!rc && reject->raw.data)
        rc = write_bytes(out, ',', "raw", reject->raw, err);
    return rc ? rc : write_text(out, "}\n", err);
}
