/* Runs between white space are copied whole; strings are passed over. */
#include "formats/json/json_minify.h"

#include "formats/json/json_text.h"

/* Behind the string whose opening quote is at p. */
static const uint8_t *pass_string(const uint8_t *p)
{
    for (p++; *p != '"'; p++)
        if (*p == '\\')
            p++;
    return p + 1;
}

uint8_t *cp_json_minify(cp_span text, uint8_t *to)
{
    const uint8_t *p = text.data, *end = p + text.size;
    while (p < end) {
        const uint8_t *run = p;
        while (p < end && !cp_json_is_space(*p))
            p = *p == '"' ? pass_string(p) : p + 1;
        memmove(to, run, (size_t)(p - run));
        to += p - run;
        while (p < end && cp_json_is_space(*p))
            p++;
    }
    return to;
}

bool cp_json_minify_aside(cp_span *text, cp_arena *arena)
{
    uint8_t *copy = cp_arena_take(arena, text->size);
    if (!copy)
        return false;
    *text = (cp_span){copy, (size_t)(cp_json_minify(*text, copy) - copy)};
    return true;
}
