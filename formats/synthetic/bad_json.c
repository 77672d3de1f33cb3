/* Bad JSON records: a regular record and one edit.
 *
 *   { member , member , ... member }
 *       |                  |       '-- BEHIND: more after the brace
 *       |                  '---------- LAST: more before the brace
 *       '-- MEMBER: another text, or none; DEEP: many levels; CUT: the record ends here
 *   WHOLE: the text alone is the record */
#include "formats/synthetic/bad.h"
#include "formats/synthetic/json_record.h"

typedef enum edit { MEMBER, DEEP_ARRAY, DEEP_OBJECT, CUT, LAST, BEHIND, WHOLE } edit;

typedef struct bad_text {
    cp_reason reason;
    edit edit;
    cp_gen_member member; /* which one is edited, or doubled; the field at fault, if any */
    cp_span text;         /* DEEP: the member's name and colon */
} bad_text;

enum { LEVELS = 1100 }; /* the limit is 1024 */

/* Reasons that are about no field. */
static const bool is_about_record[CP_REASON_COUNT] = {
    [CP_JSON_SYNTAX] = true,      [CP_INVALID_UTF8] = true,  [CP_INVALID_ESCAPE] = true,
    [CP_NESTING_TOO_DEEP] = true, [CP_NOT_AN_OBJECT] = true,
};

/* Brackets and strings balance. Neighbours differ in their reasons, so that a short file meets
 * most of them. */
static const bad_text kinds[] = {
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\" 512")},
    {CP_INVALID_UTF8, MEMBER, CP_GEN_ID, CP_GEN_SPAN("\"id\":\"CASE-\x80\"")},
    {CP_INVALID_ESCAPE, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"Half \\ud83d face\"")},
    {CP_NESTING_TOO_DEEP, DEEP_ARRAY, CP_GEN_NOTES, CP_GEN_SPAN("\"notes\":")},
    {CP_NOT_AN_OBJECT, WHOLE, CP_GEN_ID, CP_GEN_SPAN("[1,2]")},
    {CP_MISSING_FIELD, MEMBER, CP_GEN_ID, CP_GEN_SPAN("")},
    {CP_NULL_VALUE, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":null")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":\"1\"")},
    {CP_NOT_AN_INTEGER, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":1.5")},
    {CP_OUT_OF_RANGE, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":70000")},
    {CP_FLOAT_OVERFLOW, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":1e400")},
    {CP_UNKNOWN_SYMBOL, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":\"CLOSD\"")},
    {CP_DUPLICATE_KEY, LAST, CP_GEN_SENSOR_ID, CP_GEN_SPAN(",\"sensor_id\":7")},
    {CP_TIME_OUT_OF_RANGE, MEMBER, CP_GEN_TIMESTAMP, CP_GEN_SPAN("\"timestamp\":1e300")},

    {CP_JSON_SYNTAX, LAST, CP_GEN_ID, CP_GEN_SPAN(",")},
    {CP_INVALID_UTF8, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"overlong \xC0\xAF slash\"")},
    {CP_INVALID_ESCAPE, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"\\ude00\"")},
    {CP_NESTING_TOO_DEEP, DEEP_OBJECT, CP_GEN_UNIT, CP_GEN_SPAN("\"deep\":")},
    {CP_NOT_AN_OBJECT, WHOLE, CP_GEN_ID, CP_GEN_SPAN("5")},
    {CP_MISSING_FIELD, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("")},
    {CP_NULL_VALUE, MEMBER, CP_GEN_ID, CP_GEN_SPAN("\"id\":null")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":true")},
    {CP_NOT_AN_INTEGER, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":15e-1")},
    {CP_OUT_OF_RANGE, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":-1")},
    {CP_FLOAT_OVERFLOW, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":-1e400")},
    {CP_UNKNOWN_SYMBOL, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":\"\"")},
    {CP_DUPLICATE_KEY, LAST, CP_GEN_ID, CP_GEN_SPAN(",\"id\":\"CASE-1\"")},
    {CP_TIME_OUT_OF_RANGE, MEMBER, CP_GEN_TIMESTAMP, CP_GEN_SPAN("\"timestamp\":-1e300")},

    {CP_JSON_SYNTAX, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"Manual\001override\"")},
    {CP_INVALID_UTF8, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"cut \xE2\x82\"")},
    {CP_INVALID_ESCAPE, LAST, CP_GEN_ID, CP_GEN_SPAN(",\"note\":\"\\ud83d\\u0041\"")},
    {CP_NOT_AN_OBJECT, WHOLE, CP_GEN_ID, CP_GEN_SPAN("\"x\"")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_ID, CP_GEN_SPAN("\"id\":5")},
    {CP_OUT_OF_RANGE, MEMBER, CP_GEN_SENSOR_ID,
     CP_GEN_SPAN("\"sensor_id\":99999999999999999999999")},
    {CP_UNKNOWN_SYMBOL, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":\"draft\"")},
    {CP_DUPLICATE_KEY, LAST, CP_GEN_SENSOR_ID, CP_GEN_SPAN(",\"sensor\\u005fid\":7")},
    {CP_JSON_SYNTAX, BEHIND, CP_GEN_ID, CP_GEN_SPAN(" x")},
    {CP_INVALID_UTF8, LAST, CP_GEN_ID, CP_GEN_SPAN(",\"note\":\"\xED\xA0\x80\"")},
    {CP_NOT_AN_OBJECT, WHOLE, CP_GEN_ID, CP_GEN_SPAN("null")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_TIMESTAMP, CP_GEN_SPAN("\"timestamp\":\"1700000000.25\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":nul")},
    {CP_INVALID_UTF8, MEMBER, CP_GEN_NOTES, CP_GEN_SPAN("\"notes\":[\"\xF4\x90\x80\x80\"]")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":[\"DRAFT\"]")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_SENSOR_ID, CP_GEN_SPAN("\"sensor_id\":01")},
    {CP_INVALID_UTF8, LAST, CP_GEN_ID, CP_GEN_SPAN(",\"\xFF\":0")},
    {CP_WRONG_TYPE, MEMBER, CP_GEN_UNIT, CP_GEN_SPAN("\"unit\":{}")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_UNIT, CP_GEN_SPAN("'unit':'celsius'")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"bad \\x41 escape\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"bad \\u12G4 escape\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"raw\ttab\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"raw \000 zero\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":1.")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_VALUE, CP_GEN_SPAN("\"value\":NaN")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_UNIT, CP_GEN_SPAN("\f\"unit\":\"celsius\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_UNIT, CP_GEN_SPAN("unit:\"celsius\"")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_NOTES, CP_GEN_SPAN("\"notes\":[1 2]")},

    /* From here on they do not balance. */
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_NOTES, CP_GEN_SPAN("\"notes\":\"call back")},
    {CP_JSON_SYNTAX, CUT, CP_GEN_TITLE, CP_GEN_SPAN("\"title\":\"Man")},
    {CP_JSON_SYNTAX, CUT, CP_GEN_STATUS, CP_GEN_SPAN("\"status\":")},
    {CP_JSON_SYNTAX, CUT, CP_GEN_ID, CP_GEN_SPAN("")},
    {CP_JSON_SYNTAX, BEHIND, CP_GEN_ID, CP_GEN_SPAN("}")},
    {CP_JSON_SYNTAX, MEMBER, CP_GEN_NOTES, CP_GEN_SPAN("\"notes\":[1,2}")},
};
enum { KINDS = sizeof kinds / sizeof *kinds, UNBALANCED = 6 };

size_t cp_gen_bad_json_count(bool in_array)
{
    return in_array ? KINDS - UNBALANCED : KINDS;
}

static void put_deep(cp_gen_out *out, const char *open, char close)
{
    for (size_t i = 0; i < LEVELS; i++)
        cp_gen_put_text(out, open);
    cp_gen_put_byte(out, '0');
    for (size_t i = 0; i < LEVELS; i++)
        cp_gen_put_byte(out, close);
}

/* The member that the edit is about. */
static void put_edited(cp_gen_out *out, const cp_gen_case *c, const bad_text *bad)
{
    if (bad->edit == LAST || bad->edit == BEHIND) {
        cp_gen_put_member(out, c, bad->member);
        return;
    }
    cp_gen_put_span(out, bad->text);
    if (bad->edit == DEEP_ARRAY)
        put_deep(out, "[", ']');
    if (bad->edit == DEEP_OBJECT)
        put_deep(out, "{\"a\":", '}');
}

static void put_object(cp_gen_out *out, const cp_gen_case *c, const bad_text *bad)
{
    bool drops = bad->edit == MEMBER && bad->text.size == 0;
    const char *before = "{";
    for (cp_gen_member m = CP_GEN_ID; m < CP_GEN_MEMBER_COUNT; m++) {
        if (m == bad->member && drops)
            continue;
        cp_gen_put_text(out, before);
        before = ",";
        if (m != bad->member)
            cp_gen_put_member(out, c, m);
        else
            put_edited(out, c, bad);
        if (m == bad->member && bad->edit == CUT)
            return;
    }
    if (bad->edit == LAST)
        cp_gen_put_span(out, bad->text);
    cp_gen_put_byte(out, '}');
    if (bad->edit == BEHIND)
        cp_gen_put_span(out, bad->text);
}

cp_gen_fault cp_gen_put_bad_json(cp_gen_out *out, const cp_gen_case *c, size_t kind)
{
    const bad_text *bad = &kinds[kind];
    if (bad->edit == WHOLE)
        cp_gen_put_span(out, bad->text);
    else
        put_object(out, c, bad);
    const char *name = (const char *)cp_gen_member_names[bad->member].data;
    return (cp_gen_fault){bad->reason, is_about_record[bad->reason] ? NULL : name};
}
