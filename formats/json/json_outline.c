/* One step for each byte; what is open are bits. */
#include "formats/json/json_outline.h"

#include "pipeline/text/utf8.h"

/* What a byte leads to, beside the ends that the caller is told of. */
typedef enum verdict {
    TAKEN = CP_OUTLINE_ALL,
    ARRAY = CP_OUTLINE_ARRAY,
    BAD = CP_OUTLINE_BAD,
    ABSENT = CP_OUTLINE_ABSENT,
    NOT_ARRAY = CP_OUTLINE_NOT_ARRAY,
    NOT_MINE, /* a number has ended: the byte is for the next step */
} verdict;

void cp_json_outline_start(cp_json_outline *outline, const cp_json_pointer *pointer)
{
    *outline = (cp_json_outline){.pointer = pointer, .named = pointer != NULL};
}

static verdict bad(cp_json_outline *o, const char *why)
{
    o->why = why;
    return BAD;
}

static verdict go_on(cp_json_outline *o, cp_json_step step)
{
    o->step = step;
    return TAKEN;
}

static bool in_object(const cp_json_outline *o)
{
    unsigned i = o->depth - 1;
    return (o->objects[i / 64] >> (i % 64) & 1) != 0;
}

/* The innermost bracket is open around the value of the next token. */
static bool is_on_the_way(const cp_json_outline *o)
{
    return o->pointer && !o->named && o->depth == o->met + 1;
}

static verdict open_bracket(cp_json_outline *o, bool is_object)
{
    if (o->depth == CP_JSON_DEPTH_MAX)
        return bad(o, "at most 1024 levels");
    uint64_t bit = UINT64_C(1) << (o->depth % 64);
    uint64_t *word = &o->objects[o->depth / 64];
    *word = is_object ? *word | bit : *word & ~bit;
    o->depth++;
    if (is_on_the_way(o))
        o->index = 0;
    return go_on(o, is_object ? CP_STEP_FIRST_KEY : CP_STEP_FIRST_VALUE);
}

static verdict close_bracket(cp_json_outline *o)
{
    if (is_on_the_way(o))
        return ABSENT;
    o->depth--;
    return go_on(o, CP_STEP_AFTER);
}

static verdict begin_literal(cp_json_outline *o, uint8_t c)
{
    static const char *const rests[] = {
        ['t' - 'f'] = "rue", ['f' - 'f'] = "alse", ['n' - 'f'] = "ull"};
    o->literal = c >= 'f' && c <= 't' ? rests[c - 'f'] : NULL;
    return o->literal ? go_on(o, CP_STEP_LITERAL) : bad(o, "expected a value");
}

static verdict begin_scalar(cp_json_outline *o, uint8_t c)
{
    switch (c) {
    case '"':
        o->in_key = o->compares = false;
        return go_on(o, CP_STEP_STRING);
    case '-':
        return go_on(o, CP_STEP_MINUS);
    case '0':
        return go_on(o, CP_STEP_ZERO);
    default:
        return c >= '1' && c <= '9' ? go_on(o, CP_STEP_WHOLE) : begin_literal(o, c);
    }
}

static verdict begin_value(cp_json_outline *o, uint8_t c)
{
    if (is_on_the_way(o) && !in_object(o) &&
        cp_json_pointer_is_index(o->pointer->tokens[o->met], o->index)) {
        o->met++;
        o->named = true;
    }
    bool is_bracket = c == '{' || c == '[';
    if (o->named) {
        bool is_last = o->met == o->pointer->count;
        if (is_last && c != '[')
            return NOT_ARRAY;
        if (!is_bracket)
            return ABSENT;
        o->named = false;
        if (is_last)
            o->pointer = NULL;
        verdict opened = open_bracket(o, c == '{');
        return is_last && opened == TAKEN ? ARRAY : opened;
    }
    return is_bracket ? open_bracket(o, c == '{') : begin_scalar(o, c);
}

static verdict begin_key(cp_json_outline *o, uint8_t c)
{
    if (c != '"')
        return bad(o, "expected a key");
    o->in_key = true;
    o->compares = is_on_the_way(o);
    o->differs = false;
    o->compared = 0;
    return go_on(o, CP_STEP_STRING);
}

static verdict after_value(cp_json_outline *o, uint8_t c)
{
    if (o->depth == 0)
        return bad(o, "expected nothing behind the value");
    bool object = in_object(o);
    if (c == (object ? '}' : ']'))
        return close_bracket(o);
    if (c != ',')
        return bad(o, object ? "expected ',' or '}'" : "expected ',' or ']'");
    o->index += is_on_the_way(o);
    return go_on(o, object ? CP_STEP_KEY : CP_STEP_VALUE);
}

/* Holds a byte of the key, escapes resolved, against the token. */
static void compare(cp_json_outline *o, uint8_t byte)
{
    cp_span token = o->pointer->tokens[o->met];
    o->differs |= o->compared >= token.size || token.data[o->compared] != byte;
    o->compared++;
}

static void compare_character(cp_json_outline *o, uint32_t c)
{
    unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    compare(o, (uint8_t)(leads[more] | c >> 6 * more));
    while (more-- > 0)
        compare(o, (uint8_t)(0x80 | (c >> 6 * more & 0x3F)));
}

static verdict end_string(cp_json_outline *o)
{
    if (!o->in_key)
        return go_on(o, CP_STEP_AFTER);
    if (o->compares && !o->differs && o->compared == o->pointer->tokens[o->met].size) {
        o->met++;
        o->named = true;
    }
    return go_on(o, CP_STEP_COLON);
}

/* Of what is not ASCII, from its first byte to its last. */
static verdict in_character(cp_json_outline *o, uint8_t c)
{
    o->utf8 = cp_utf8_step(o->utf8, c);
    if (o->utf8 == CP_UTF8_BROKEN)
        return bad(o, "invalid UTF-8 in a string");
    if (o->compares)
        compare(o, c);
    return go_on(o, o->utf8 == CP_UTF8_START ? CP_STEP_STRING : CP_STEP_CHARACTER);
}

static verdict in_string(cp_json_outline *o, uint8_t c)
{
    if (c == '"')
        return end_string(o);
    if (c == '\\')
        return go_on(o, CP_STEP_ESCAPE);
    if (c >= 0x80) {
        o->utf8 = CP_UTF8_START;
        return in_character(o, c);
    }
    if (c < 0x20)
        return bad(o, "a control character in a string");
    if (o->compares)
        compare(o, c);
    return TAKEN;
}

static verdict begin_hex(cp_json_outline *o)
{
    o->hex_left = 4;
    o->code = 0;
    return go_on(o, CP_STEP_HEX);
}

static verdict in_escape(cp_json_outline *o, uint8_t c)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (c == 'u')
        return begin_hex(o);
    const char *at = c ? strchr(letters, c) : NULL;
    if (!at)
        return bad(o, "no such escape in a string");
    if (o->compares)
        compare(o, (uint8_t)meanings[at - letters]);
    return go_on(o, CP_STEP_STRING);
}

static verdict lone_surrogate(cp_json_outline *o)
{
    return bad(o, "a surrogate without its other half in a string");
}

/* A \u is whole, and with it a character or the first half of one. */
static verdict end_hex(cp_json_outline *o)
{
    uint32_t c = o->code, high = o->high;
    bool is_high = c >> 10 == 0xD800 >> 10, is_low = c >> 10 == 0xDC00 >> 10;
    if (is_low != (high != 0))
        return lone_surrogate(o);
    o->high = is_high ? c : 0;
    if (is_high)
        return go_on(o, CP_STEP_HALF);
    if (o->compares)
        compare_character(o, is_low ? 0x10000 + (high - 0xD800) * 0x400 + (c - 0xDC00) : c);
    return go_on(o, CP_STEP_STRING);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static verdict in_hex(cp_json_outline *o, uint8_t c)
{
    uint8_t letter = c | 0x20;
    if (!is_digit(c) && (letter < 'a' || letter > 'f'))
        return bad(o, "no such escape in a string");
    o->code = o->code << 4 | (uint32_t)(is_digit(c) ? c - '0' : letter - 'a' + 10);
    return --o->hex_left > 0 ? TAKEN : end_hex(o);
}

static verdict in_literal(cp_json_outline *o, uint8_t c)
{
    if (c != (uint8_t)*o->literal)
        return bad(o, "expected a value");
    o->literal++;
    return *o->literal ? TAKEN : go_on(o, CP_STEP_AFTER);
}

/* Which step of a number a byte leads to from another; CP_STEP_AFTER: to none. */
static cp_json_step number_step(cp_json_step step, uint8_t c)
{
    bool is_whole = step == CP_STEP_ZERO || step == CP_STEP_WHOLE;
    if (is_digit(c))
        switch (step) {
        case CP_STEP_MINUS:
            return c == '0' ? CP_STEP_ZERO : CP_STEP_WHOLE;
        case CP_STEP_WHOLE:
            return CP_STEP_WHOLE;
        case CP_STEP_POINT:
        case CP_STEP_FRACTION:
            return CP_STEP_FRACTION;
        case CP_STEP_E:
        case CP_STEP_SIGN:
        case CP_STEP_POWER:
            return CP_STEP_POWER;
        default:
            return CP_STEP_AFTER;
        }
    if (c == '.' && is_whole)
        return CP_STEP_POINT;
    if ((c | 0x20) == 'e' && (is_whole || step == CP_STEP_FRACTION))
        return CP_STEP_E;
    return (c == '+' || c == '-') && step == CP_STEP_E ? CP_STEP_SIGN : CP_STEP_AFTER;
}

static bool may_end_number(cp_json_step step)
{
    return step == CP_STEP_ZERO || step == CP_STEP_WHOLE || step == CP_STEP_FRACTION ||
           step == CP_STEP_POWER;
}

static verdict in_number(cp_json_outline *o, uint8_t c)
{
    cp_json_step next = number_step(o->step, c);
    if (next != CP_STEP_AFTER)
        return go_on(o, next);
    if (!may_end_number(o->step))
        return bad(o, "expected a number");
    o->step = CP_STEP_AFTER;
    return NOT_MINE;
}

static verdict take(cp_json_outline *o, uint8_t c)
{
    bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (is_space && o->step <= CP_STEP_AFTER)
        return TAKEN;
    switch (o->step) {
    case CP_STEP_FIRST_VALUE:
        return c == ']' ? close_bracket(o) : begin_value(o, c);
    case CP_STEP_VALUE:
        return begin_value(o, c);
    case CP_STEP_FIRST_KEY:
        return c == '}' ? close_bracket(o) : begin_key(o, c);
    case CP_STEP_KEY:
        return begin_key(o, c);
    case CP_STEP_COLON:
        return c == ':' ? go_on(o, CP_STEP_VALUE) : bad(o, "expected ':'");
    case CP_STEP_AFTER:
        return after_value(o, c);
    case CP_STEP_STRING:
        return in_string(o, c);
    case CP_STEP_CHARACTER:
        return in_character(o, c);
    case CP_STEP_ESCAPE:
        return in_escape(o, c);
    case CP_STEP_HEX:
        return in_hex(o, c);
    case CP_STEP_HALF:
        return c == '\\' ? go_on(o, CP_STEP_HALF_ESCAPE) : lone_surrogate(o);
    case CP_STEP_HALF_ESCAPE:
        return c == 'u' ? begin_hex(o) : lone_surrogate(o);
    case CP_STEP_LITERAL:
        return in_literal(o, c);
    default:
        return in_number(o, c);
    }
}

/* Most of a document that is long outside of its records is text. */
static const uint8_t *plain_text(const cp_json_outline *o, const uint8_t *p, const uint8_t *end)
{
    if (o->step == CP_STEP_STRING && !o->compares)
        while (p < end && *p != '"' && *p != '\\' && *p >= 0x20 && *p < 0x80)
            p++;
    return p;
}

cp_json_outline_end cp_json_outline_read(cp_json_outline *outline, const uint8_t *p,
                                         const uint8_t *end, const uint8_t **at)
{
    verdict found = TAKEN;
    while ((p = plain_text(outline, p, end)) < end) {
        found = take(outline, *p);
        if (found != TAKEN && found != NOT_MINE)
            break;
        p += found == TAKEN;
    }
    *at = p + (found == ARRAY && p < end);
    return (cp_json_outline_end)found; /* behind NOT_MINE there was another step */
}

void cp_json_outline_leave(cp_json_outline *outline)
{
    outline->depth--;
    outline->step = CP_STEP_AFTER;
}

bool cp_json_outline_is_whole(const cp_json_outline *outline)
{
    return outline->depth == 0 && (outline->step == CP_STEP_AFTER || may_end_number(outline->step));
}
