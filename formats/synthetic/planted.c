/* Planted records as JSON lines:
 * {"record":R,"line":L,"offset":O,"length":N,"field":F,"reason":"...","raw":"..."} */
#include "formats/synthetic/planted.h"

#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"

static void put_raw(cp_gen_out *out, cp_span raw)
{
    char *end;
    if (cp_utf8_valid(raw) == raw.size) {
        cp_gen_put_text(out, ",\"raw\":\"");
        end = (char *)out->bytes + out->used;
        out->used += cp_escape(raw, end);
    } else {
        cp_gen_put_text(out, ",\"raw_base64\":\"");
        end = (char *)out->bytes + out->used;
        out->used += cp_base64(raw, end);
    }
    cp_gen_put_text(out, "\"}\n");
}

static void put_field(cp_gen_out *out, const char *field)
{
    cp_gen_put_text(out, ",\"field\":");
    cp_gen_put_text(out, field ? "\"" : "null");
    cp_gen_put_text(out, field ? field : "");
    cp_gen_put_text(out, field ? "\"" : "");
}

void cp_gen_put_planted(cp_gen_out *out, const cp_gen_place *place, cp_gen_fault fault)
{
    cp_gen_put_text(out, "{\"record\":");
    cp_gen_put_uint(out, place->record);
    cp_gen_put_text(out, ",\"line\":");
    if (place->line)
        cp_gen_put_uint(out, place->line);
    else
        cp_gen_put_text(out, "null");
    cp_gen_put_text(out, ",\"offset\":");
    cp_gen_put_uint(out, place->offset);
    cp_gen_put_text(out, ",\"length\":");
    cp_gen_put_uint(out, place->raw.size);
    put_field(out, fault.field);
    cp_gen_put_text(out, ",\"reason\":\"");
    cp_gen_put_text(out, cp_reason_name(fault.reason));
    cp_gen_put_byte(out, '"');
    put_raw(out, place->raw);
}
