/* JSON text, checked: strings and whole values. */
#include "formats/json/json_text.h"

#include "pipeline/text/escape.h"
#include "pipeline/text/number.h"
#include "pipeline/text/utf8.h"

const uint8_t *cp_json_syntax(const uint8_t *p, cp_json_check *check, const char *expected)
{
    bool ended = p >= check->end || (check->form == CP_JSON_LINES && *p == '\n');
    check->refusal = (cp_refusal){
        .reason = CP_JSON_SYNTAX,
        .detail = ended ? "the record ends too early" : expected,
        .at = (uint64_t)(p - check->record),
    };
    return NULL;
}

static const uint8_t *refuse(const uint8_t *p, cp_json_check *check, cp_reason reason)
{
    check->refusal = (cp_refusal){.reason = reason, .at = (uint64_t)(p - check->record)};
    return NULL;
}

/* p is behind a backslash. */
static const uint8_t *escape_read(const uint8_t *p, cp_json_check *check)
{
    bool lone_surrogate;
    const uint8_t *next = cp_escape_check(p, check->end, &lone_surrogate);
    if (next)
        return next;
    if (lone_surrogate)
        return refuse(p - 1, check, CP_INVALID_ESCAPE);
    return cp_json_syntax(p, check, "no such escape in a string");
}

static const uint8_t *check_utf8(cp_span text, cp_json_check *check)
{
    size_t valid = cp_utf8_valid(text);
    if (valid < text.size)
        return refuse(text.data + valid, check, CP_INVALID_UTF8);
    return text.data;
}

/* What stopped the scan at p, if it is part of the string: an escape, or text beyond ASCII, whose
 * UTF-8 is checked up to where the string may end. */
static const uint8_t *odd_part_read(const uint8_t *p, cp_json_check *check, cp_json_string *out)
{
    if (*p == '\\') {
        out->has_escapes = true;
        return escape_read(p + 1, check);
    }
    const uint8_t *start = p;
    while (*p >= 0x80)
        p++;
    return check_utf8((cp_span){start, (size_t)(p - start)}, check) ? p : NULL;
}

const uint8_t *cp_json_string_read_slowly(const uint8_t *start, const uint8_t *p,
                                          cp_json_check *check, cp_json_string *out)
{
    out->has_escapes = false;
    while (*p == '\\' || *p >= 0x80) {
        p = odd_part_read(p, check, out);
        if (!p)
            return NULL;
        p = cp_json_string_scan(p);
    }
    if (*p != '"')
        return cp_json_syntax(p, check, "a control character in a string");
    out->inside = (cp_span){start, (size_t)(p - start)};
    return p + 1;
}

const uint8_t *cp_json_literal_read(const uint8_t *p, cp_json_check *check)
{
    static const struct {
        char text[8];
        size_t size;
    } literals[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
        if (*p == (uint8_t)literals[i].text[0] &&
            memcmp(p, literals[i].text, literals[i].size) == 0)
            return p + literals[i].size;
    return cp_json_syntax(p, check, "expected a value");
}

static const uint8_t *number_skip(const uint8_t *p, cp_json_check *check)
{
    cp_decimal ignored;
    const uint8_t *next = cp_decimal_read(p, check->end, &ignored);
    return next ? next : cp_json_syntax(p, check, "expected a number");
}

static const uint8_t *scalar_skip(const uint8_t *p, cp_json_check *check)
{
    cp_json_string ignored;
    if (*p == '"')
        return cp_json_string_read(p + 1, check, &ignored);
    if (*p == '-' || (*p >= '0' && *p <= '9'))
        return number_skip(p, check);
    return cp_json_literal_read(p, check);
}

/* The open brackets around the cursor: one bit each, 1 for an object. */
typedef struct nesting {
    uint64_t bits[CP_JSON_DEPTH_MAX / 64];
    unsigned depth;
} nesting;

static void open_bracket(nesting *open, bool is_object)
{
    uint64_t bit = UINT64_C(1) << (open->depth % 64);
    uint64_t *word = &open->bits[open->depth / 64];
    *word = is_object ? *word | bit : *word & ~bit;
    open->depth++;
}

static bool in_object(const nesting *open)
{
    return (open->bits[(open->depth - 1) / 64] >> ((open->depth - 1) % 64) & 1) != 0;
}

/* The white space that may stand between two tokens. */
static inline const uint8_t *pass_space(const uint8_t *p, cp_json_check *check)
{
    if (*p > ' ')
        return p;
    check->has_gaps = true;
    return cp_json_space(p, check->form);
}

/* `"key" :`, up to the value. */
static const uint8_t *key_skip(const uint8_t *p, cp_json_check *check)
{
    cp_json_string ignored;
    if (*p != '"')
        return cp_json_syntax(p, check, "expected a key");
    p = cp_json_string_read(p + 1, check, &ignored);
    if (!p)
        return NULL;
    p = pass_space(p, check);
    if (*p != ':')
        return cp_json_syntax(p, check, "expected ':'");
    return pass_space(p + 1, check);
}

/* Behind a value: closes what ends here and goes over the comma. *done: the outermost value has
 * ended, and the result is the byte behind it; else it is where the next value starts. */
static const uint8_t *after_value(const uint8_t *p, cp_json_check *check, nesting *open,
                                  unsigned outside, bool *done)
{
    for (;;) {
        *done = open->depth == outside;
        if (*done)
            return p;
        p = pass_space(p, check);
        bool object = in_object(open);
        if (*p == ',') {
            p = pass_space(p + 1, check);
            return object ? key_skip(p, check) : p;
        }
        if (*p != (object ? '}' : ']'))
            return cp_json_syntax(p, check, object ? "expected ',' or '}'" : "expected ',' or ']'");
        open->depth--;
        p++;
    }
}

/* At a bracket: opens it and goes to its first value. *empty: it closed at once. */
static const uint8_t *open_value(const uint8_t *p, cp_json_check *check, nesting *open, bool *empty)
{
    bool object = *p == '{';
    if (open->depth >= CP_JSON_DEPTH_MAX) {
        check->refusal = (cp_refusal){.reason = CP_NESTING_TOO_DEEP, .at = CP_JSON_DEPTH_MAX};
        return NULL;
    }
    p = pass_space(p + 1, check);
    *empty = *p == (object ? '}' : ']');
    if (*empty)
        return p + 1;
    open_bracket(open, object);
    return object ? key_skip(p, check) : p;
}

const uint8_t *cp_json_value_skip(const uint8_t *p, cp_json_check *check, unsigned depth)
{
    if (*p != '{' && *p != '[')
        return scalar_skip(p, check);
    nesting open;
    open.depth = depth;
    for (;;) {
        bool ended = true;
        if (*p == '{' || *p == '[')
            p = open_value(p, check, &open, &ended);
        else
            p = scalar_skip(p, check);
        if (!p || !ended) {
            if (!p)
                return NULL;
            continue;
        }
        bool done;
        p = after_value(p, check, &open, depth, &done);
        if (!p || done)
            return p;
    }
}
