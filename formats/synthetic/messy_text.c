/* Messy strings and notes: escapes, characters of all lengths, any JSON where any is allowed. */
#include "formats/synthetic/json_record.h"

/* The insides of JSON strings, as they stand in the file. */
static const cp_span phrases[] = {
    CP_GEN_SPAN("Door \\\"north\\\" ajar"),
    CP_GEN_SPAN("Log in C:\\\\temp\\\\new"),
    CP_GEN_SPAN("Zone a\\/b mismatch"),
    CP_GEN_SPAN("Two lines\\nof text"),
    CP_GEN_SPAN("Tab\\tand\\r\\b\\f"),
    CP_GEN_SPAN("Caf\\u00e9 freezer"),
    CP_GEN_SPAN("Escaped face \\ud83d\\ude00"),
    CP_GEN_SPAN("Überprüfung nötig"),
    CP_GEN_SPAN("点検"),
    CP_GEN_SPAN("Feuer 🔥 im Keller"),
    CP_GEN_SPAN("Zero \\u0000 and \\u001F inside"),
    CP_GEN_SPAN("Looks like {\\\"a\\\":[1,2}],"),
    CP_GEN_SPAN("Only slashes \\\\\\\\\\\\\\\""),
    CP_GEN_SPAN("}]{[:,"),
    CP_GEN_SPAN("A note that goes on for longer than any of the others, so that whoever reads "
                "strings in steps of sixteen, thirty-two or sixty-four bytes has to take several"),
    CP_GEN_SPAN("Ends in a backslash \\\\"),
};
enum { PHRASES = sizeof phrases / sizeof *phrases };

/* Notes are any JSON. */
static const cp_span other_notes[] = {
    CP_GEN_SPAN("\"call back\""),
    CP_GEN_SPAN("{\"by\":\"op 7\",\"at\":[1,2.5e3,-0]}"),
    CP_GEN_SPAN("false"),
    CP_GEN_SPAN("17"),
    CP_GEN_SPAN("{}"),
    CP_GEN_SPAN("[[],{},[{\"k\":\"]\"}]]"),
    CP_GEN_SPAN("[null,\"\"]"),
    CP_GEN_SPAN("-1.5E-3"),
};
enum { OTHER_NOTES = sizeof other_notes / sizeof *other_notes };

void cp_gen_put_messy_string(cp_gen_out *out, cp_gen_dice *dice, cp_span text, uint32_t rarely)
{
    static const char hex[2][17] = {"0123456789abcdef", "0123456789ABCDEF"};
    cp_gen_put_byte(out, '"');
    if (cp_gen_one_in(dice, rarely)) {
        size_t at = cp_gen_roll(dice, (uint32_t)text.size);
        const char *digits = hex[cp_gen_roll(dice, 2)];
        cp_gen_put(out, text.data, at);
        cp_gen_put_text(out, "\\u00");
        cp_gen_put_byte(out, digits[text.data[at] >> 4]);
        cp_gen_put_byte(out, digits[text.data[at] & 15]);
        cp_gen_put(out, text.data + at + 1, text.size - at - 1);
    } else {
        cp_gen_put_span(out, text);
    }
    cp_gen_put_byte(out, '"');
}

void cp_gen_put_messy_title(cp_gen_out *out, cp_gen_dice *dice, const cp_gen_case *c)
{
    cp_gen_title title = cp_gen_case_title(c);
    if (cp_gen_one_in(dice, 2))
        title.phrase = phrases[cp_gen_roll(dice, PHRASES)];
    cp_gen_put_byte(out, '"');
    cp_gen_put_span(out, title.phrase);
    cp_gen_put_byte(out, ' ');
    cp_gen_put_uint(out, title.number);
    cp_gen_put_byte(out, '"');
}

void cp_gen_put_messy_notes(cp_gen_out *out, cp_gen_dice *dice, const cp_gen_case *c)
{
    if (cp_gen_one_in(dice, 4)) {
        cp_gen_put_span(out, other_notes[cp_gen_roll(dice, OTHER_NOTES)]);
        return;
    }
    cp_span notes[CP_GEN_NOTES_MAX];
    size_t count = cp_gen_case_notes(c, notes);
    cp_gen_put_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        cp_gen_put_text(out, i ? ",\"" : "\"");
        cp_gen_put_span(out,
                        cp_gen_one_in(dice, 2) ? phrases[cp_gen_roll(dice, PHRASES)] : notes[i]);
        cp_gen_put_byte(out, '"');
    }
    cp_gen_put_byte(out, ']');
}
