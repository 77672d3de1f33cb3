/* See json_spelling.h. */
#include "formats/json/json_spelling.h"

/* Its first three bytes are known, and with the quote it fits a literal. */
static bool can_be_spelled(cp_span name)
{
    if (name.size < 2 || name.size >= CP_LITERAL_BYTES)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] < ' ' || name.data[i] == '"' || name.data[i] == '\\')
            return false;
    return true;
}

static cp_json_spelling spell(cp_span name, int32_t index)
{
    cp_json_spelling out = {.index = index};
    memcpy(out.literal.text, name.data, name.size);
    out.literal.text[name.size] = '"';
    memset(out.literal.mask, 0xff, name.size + 1);
    return out;
}

/* How many keys find their slot taken by another. */
static uint32_t place_all(const cp_key_node *node, cp_json_spellings *out)
{
    uint32_t without = 0;
    for (size_t i = 0; i < CP_SPELLINGS; i++)
        out->slots[i] = (cp_json_spelling){.index = CP_NAME_ABSENT};
    for (uint32_t i = 0; i < node->key_count; i++) {
        if (!can_be_spelled(node->keys[i].name))
            continue;
        cp_json_spelling spelling = spell(node->keys[i].name, (int32_t)i);
        size_t slot = (size_t)(cp_json_spelling_at(out, spelling.literal.text) - out->slots);
        if (out->slots[slot].index == CP_NAME_ABSENT)
            out->slots[slot] = spelling;
        else
            without++;
    }
    return without;
}

void cp_json_spellings_build(const cp_key_node *node, cp_json_spellings *out)
{
    enum { TRIES = 256 };
    uint32_t least = UINT32_MAX, best = 0,
             factor = 0x9e3779b1; /* 2^32 by the golden ratio, prime */
    for (size_t i = 0; i < TRIES && least > 0; i++, factor += 0x3c6ef372) {
        out->factor = factor;
        uint32_t without = place_all(node, out);
        if (without < least) {
            least = without;
            best = factor;
        }
    }
    out->factor = best;
    place_all(node, out);
}
