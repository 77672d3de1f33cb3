/* The regular spelling of a record: one line, fixed order, shortest numbers.
 *
 *   {"id":"CASE-00000001","title":"Battery low 6","status":"DRAFT","timestamp":1700000000.25,
 *    "sensor_id":512,"value":18.3125,"unit":"celsius","notes":["call back"]}     (on one line) */
#include "formats/synthetic/json_record.h"

enum { ID_DIGITS = 8 };

const cp_span cp_gen_member_names[CP_GEN_MEMBER_COUNT] = {
    CP_GEN_SPAN("id"),        CP_GEN_SPAN("title"), CP_GEN_SPAN("status"), CP_GEN_SPAN("timestamp"),
    CP_GEN_SPAN("sensor_id"), CP_GEN_SPAN("value"), CP_GEN_SPAN("unit"),   CP_GEN_SPAN("notes"),
};

const cp_span cp_gen_quarter_fractions[4] = {
    CP_GEN_SPAN("0"),
    CP_GEN_SPAN("25"),
    CP_GEN_SPAN("5"),
    CP_GEN_SPAN("75"),
};

const cp_span cp_gen_sixteenth_fractions[16] = {
    CP_GEN_SPAN("0"),  CP_GEN_SPAN("0625"), CP_GEN_SPAN("125"), CP_GEN_SPAN("1875"),
    CP_GEN_SPAN("25"), CP_GEN_SPAN("3125"), CP_GEN_SPAN("375"), CP_GEN_SPAN("4375"),
    CP_GEN_SPAN("5"),  CP_GEN_SPAN("5625"), CP_GEN_SPAN("625"), CP_GEN_SPAN("6875"),
    CP_GEN_SPAN("75"), CP_GEN_SPAN("8125"), CP_GEN_SPAN("875"), CP_GEN_SPAN("9375"),
};

size_t cp_gen_id_write(uint64_t record, char out[CP_GEN_ID_BYTES])
{
    char digits[CP_INTEGER_BYTES];
    size_t count = cp_uint64_write(record, digits);
    size_t zeros = count < ID_DIGITS ? ID_DIGITS - count : 0;
    memcpy(out, "CASE-00000000", 5 + ID_DIGITS);
    memcpy(out + 5 + zeros, digits, count);
    return 5 + zeros + count;
}

static void put_id(cp_gen_out *out, const cp_gen_case *c)
{
    cp_gen_put_text(out, "\"id\":\"");
    out->used += cp_gen_id_write(c->record, (char *)out->bytes + out->used);
    cp_gen_put_byte(out, '"');
}

static void put_title(cp_gen_out *out, const cp_gen_case *c)
{
    cp_gen_title title = cp_gen_case_title(c);
    cp_gen_put_text(out, "\"title\":\"");
    cp_gen_put_span(out, title.phrase);
    cp_gen_put_byte(out, ' ');
    cp_gen_put_uint(out, title.number);
    cp_gen_put_byte(out, '"');
}

static void put_status(cp_gen_out *out, const cp_gen_case *c)
{
    cp_gen_put_text(out, "\"status\":\"");
    cp_gen_put_span(out, cp_gen_status_names[c->status]);
    cp_gen_put_byte(out, '"');
}

static void put_timestamp(cp_gen_out *out, const cp_gen_case *c)
{
    cp_gen_put_text(out, "\"timestamp\":");
    cp_gen_put_uint(out, c->quarters / 4);
    cp_gen_put_byte(out, '.');
    cp_gen_put_span(out, cp_gen_quarter_fractions[c->quarters % 4]);
}

static void put_sensor_id(cp_gen_out *out, const cp_gen_case *c)
{
    cp_gen_put_text(out, "\"sensor_id\":");
    cp_gen_put_uint(out, c->sensor_id);
}

static void put_value(cp_gen_out *out, const cp_gen_case *c)
{
    uint32_t sixteenths = (uint32_t)(c->value16 < 0 ? -c->value16 : c->value16);
    cp_gen_put_text(out, c->value16 < 0 ? "\"value\":-" : "\"value\":");
    cp_gen_put_uint(out, sixteenths / 16);
    cp_gen_put_byte(out, '.');
    cp_gen_put_span(out, cp_gen_sixteenth_fractions[sixteenths % 16]);
}

static void put_unit(cp_gen_out *out, const cp_gen_case *c)
{
    (void)c;
    cp_gen_put_text(out, "\"unit\":\"celsius\"");
}

static void put_notes(cp_gen_out *out, const cp_gen_case *c)
{
    cp_span notes[CP_GEN_NOTES_MAX];
    size_t count = cp_gen_case_notes(c, notes);
    cp_gen_put_text(out, "\"notes\":[");
    for (size_t i = 0; i < count; i++) {
        cp_gen_put_text(out, i ? ",\"" : "\"");
        cp_gen_put_span(out, notes[i]);
        cp_gen_put_byte(out, '"');
    }
    cp_gen_put_byte(out, ']');
}

static void (*const put_member[CP_GEN_MEMBER_COUNT])(cp_gen_out *, const cp_gen_case *) = {
    put_id, put_title, put_status, put_timestamp, put_sensor_id, put_value, put_unit, put_notes,
};

void cp_gen_put_member(cp_gen_out *out, const cp_gen_case *c, cp_gen_member member)
{
    put_member[member](out, c);
}

void cp_gen_put_regular(cp_gen_out *out, const cp_gen_case *c)
{
    for (size_t i = 0; i < CP_GEN_MEMBER_COUNT; i++) {
        cp_gen_put_byte(out, i ? ',' : '{');
        put_member[i](out, c);
    }
    cp_gen_put_byte(out, '}');
}
