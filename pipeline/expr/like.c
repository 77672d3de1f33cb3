/* A pattern is cut at its %s into pieces:
 *
 *   'a_c%foo%z'     "a?c" at the start, then "foo" wherever it comes first, then "z" at the end
 *
 * Taking each inner piece where it comes first leaves most for the pieces behind it, so nothing is
 * ever tried again. A piece has a fixed number of characters, so the last one's place is known from
 * the end of the text. */
#include "pipeline/expr/like.h"

#include "pipeline/core/checked.h"
#include "pipeline/text/utf8.h"

/* Bytes first .. first + size of `bytes`; where `any` is set the byte stands for one character. */
typedef struct piece {
    size_t first, size;
    size_t characters;
    bool has_any;
} piece;

struct cp_like {
    size_t piece_count; /* one more than there are %s */
    piece *pieces;
    uint8_t *bytes;
    bool *any;
};

static bool starts_with(cp_span text, cp_span start)
{
    return text.size >= start.size && memcmp(text.data, start.data, start.size) == 0;
}

static void add_atom(cp_like *like, uint8_t byte, bool any)
{
    piece *last = &like->pieces[like->piece_count - 1];
    size_t at = last->first + last->size++;
    like->bytes[at] = byte;
    like->any[at] = any;
    last->characters += any || !cp_utf8_continues(byte);
    last->has_any |= any;
}

/* There is room for as many pieces and bytes as the pattern has bytes, and one piece more. */
static cp_rc cut_pieces(cp_like *like, cp_span pattern, cp_span escape, cp_error *err)
{
    like->piece_count = 1;
    for (size_t i = 0; i < pattern.size; i++) {
        cp_span rest = {pattern.data + i, pattern.size - i};
        bool escaped = escape.size && starts_with(rest, escape);
        if (escaped && rest.size == escape.size)
            return cp_fail(err, CP_E_USAGE, "bad_expression",
                           "the pattern ends with its escape character");
        if (escaped)
            i += escape.size;
        uint8_t byte = pattern.data[i];
        if (byte == '%' && !escaped) {
            const piece *last = &like->pieces[like->piece_count - 1];
            like->pieces[like->piece_count++].first = last->first + last->size;
        } else {
            add_atom(like, byte, byte == '_' && !escaped);
        }
    }
    return CP_OK;
}

cp_rc cp_like_compile(cp_span pattern, cp_span escape, cp_like **out, cp_error *err)
{
    cp_like *like;
    cp_rc rc = cp_calloc(1, sizeof *like, &like, err);
    if (rc)
        return rc;
    rc = cp_calloc(pattern.size + 1, sizeof *like->pieces, &like->pieces, err);
    if (!rc)
        rc = cp_calloc(pattern.size, 1, &like->bytes, err);
    if (!rc)
        rc = cp_calloc(pattern.size, sizeof *like->any, &like->any, err);
    if (!rc)
        rc = cut_pieces(like, pattern, escape, err);
    if (rc)
        cp_like_free(like);
    else
        *out = like;
    return rc;
}

void cp_like_free(cp_like *like)
{
    if (!like)
        return;
    free(like->pieces);
    free(like->bytes);
    free(like->any);
    free(like);
}

/* The end of the character at p. */
static const uint8_t *next_character(const uint8_t *p, const uint8_t *end)
{
    do
        p++;
    while (p < end && cp_utf8_continues(*p));
    return p;
}

/* Where the piece ends that stands at p; NULL: it does not. */
static const uint8_t *match_here(const cp_like *like, const piece *at, const uint8_t *p,
                                 const uint8_t *end)
{
    const uint8_t *bytes = like->bytes + at->first;
    if (!at->has_any) {
        bool fits = (size_t)(end - p) >= at->size && memcmp(p, bytes, at->size) == 0;
        return fits ? p + at->size : NULL;
    }
    for (size_t i = 0; i < at->size; i++) {
        if (p == end)
            return NULL;
        if (like->any[at->first + i])
            p = next_character(p, end);
        else if (*p++ != bytes[i])
            return NULL;
    }
    return p;
}

/* Where the piece ends that comes first from p on; NULL: there is none. */
static const uint8_t *match_first(const cp_like *like, const piece *at, const uint8_t *p,
                                  const uint8_t *end)
{
    if (!at->has_any) {
        const uint8_t *found = memmem(p, (size_t)(end - p), like->bytes + at->first, at->size);
        return found ? found + at->size : NULL;
    }
    for (; p < end; p = next_character(p, end)) {
        const uint8_t *behind = match_here(like, at, p, end);
        if (behind)
            return behind;
    }
    return NULL;
}

/* Whether the piece stands at the end of the text, not before p. */
static bool match_last(const cp_like *like, const piece *at, const uint8_t *p, const uint8_t *end)
{
    const uint8_t *from = end;
    for (size_t i = 0; i < at->characters; i++) {
        if (from == p)
            return false;
        do
            from--;
        while (from > p && cp_utf8_continues(*from));
    }
    return match_here(like, at, from, end) == end;
}

bool cp_like_matches(const cp_like *like, cp_span text)
{
    static const uint8_t nothing[1];
    if (text.size == 0)
        text.data = nothing; /* it may be NULL, which the C library's functions are not to see */
    const uint8_t *end = text.data + text.size;
    const piece *last = &like->pieces[like->piece_count - 1];
    const uint8_t *p = match_here(like, &like->pieces[0], text.data, end);
    if (like->piece_count == 1)
        return p == end;
    for (const piece *at = &like->pieces[1]; p && at < last; at++)
        p = match_first(like, at, p, end);
    return p && match_last(like, last, p, end);
}
