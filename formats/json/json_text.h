/* Checked JSON text: the kernels that walk over one record. RFC 8259, whole, UTF-8 included.
 *
 * No function here reads past a record's end except for the wide loads, which the block's padding
 * covers: a line ends at a '\n', which is always readable and no white space there; elsewhere
 * strings and brackets of a record balance, so that what walks over JSON stops inside of it.
 *
 * Functions return the byte behind what they read, or NULL: `check->refusal` then says why. */
#ifndef CP_FORMATS_JSON_TEXT_H
#define CP_FORMATS_JSON_TEXT_H

#include "formats/json/string_scan.h"
#include "pipeline/core/reject.h"
#include "pipeline/core/span.h"

enum { CP_JSON_DEPTH_MAX = 1024 };

/* How records stand beside each other. White space is space, tab, '\r' and, but in lines, '\n'. */
typedef enum cp_json_form {
    CP_JSON_LINES,    /* each ends at its '\n' */
    CP_JSON_ELEMENTS, /* of an array: at the comma, or at the bracket that closes the array */
    CP_JSON_VALUES,   /* one behind the other: with the value itself */
} cp_json_form;

typedef struct cp_json_check {
    const uint8_t *record; /* its first byte; places in the refusal count from here */
    const uint8_t *end;    /* the block's end: nothing of a record lies behind it */
    cp_json_form form;
    bool has_gaps; /* set by cp_json_value_skip for white space inside of a value, never cleared */
    cp_refusal refusal;
} cp_json_check;

/* The inside of a string. */
typedef struct cp_json_string {
    cp_span inside;   /* as it stands, without the quotes */
    bool has_escapes; /* the text is cp_unescape of it */
} cp_json_string;

/* Over whitespace. How much there is where there is some is hard to foretell: no loop where it can
 * be helped. Reads up to 15 bytes behind the answer. */
static inline const uint8_t *cp_json_space(const uint8_t *p, cp_json_form form)
{
    const char feed = form == CP_JSON_LINES ? ' ' : '\n';
    if (*p > ' ')
        return p;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t'),
                  carriage = _mm_set1_epi8('\r'), line = _mm_set1_epi8(feed);
    for (;; p += 16) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i in_line = _mm_or_si128(_mm_cmpeq_epi8(text, space), _mm_cmpeq_epi8(text, tab));
        __m128i at_end = _mm_or_si128(_mm_cmpeq_epi8(text, carriage), _mm_cmpeq_epi8(text, line));
        unsigned others = (unsigned)_mm_movemask_epi8(_mm_or_si128(in_line, at_end)) ^ 0xffff;
        if (others)
            return p + __builtin_ctz(others);
    }
#else
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == (uint8_t)feed)
        p++;
    return p;
#endif
}

static inline bool cp_json_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where the record ends whose value ends at p: at the byte that ends it, which in CP_JSON_VALUES is
 * p. NULL where something else follows. */
static inline const uint8_t *cp_json_record_end(const uint8_t *p, cp_json_form form)
{
    if (form == CP_JSON_VALUES)
        return p;
    p = cp_json_space(p, form);
    bool ends = form == CP_JSON_LINES ? *p == '\n' : *p == ',' || *p == ']';
    return ends ? p : NULL;
}

/* Behind what ends a record. */
static inline const uint8_t *cp_json_record_next(const uint8_t *end, cp_json_form form)
{
    return end + (form != CP_JSON_VALUES);
}

/* The rest of cp_json_string_read, where something else than the closing quote stands at p. */
const uint8_t *cp_json_string_read_slowly(const uint8_t *start, const uint8_t *p,
                                          cp_json_check *check, cp_json_string *out);

/* p is behind the opening quote; returns the byte behind the closing one. */
static inline const uint8_t *cp_json_string_read(const uint8_t *p, cp_json_check *check,
                                                 cp_json_string *out)
{
    const uint8_t *end = cp_json_string_scan(p);
    if (*end != '"')
        return cp_json_string_read_slowly(p, end, check, out);
    *out = (cp_json_string){{p, (size_t)(end - p)}, false};
    return end + 1;
}

/* Any value, nested ones included; `depth` levels are open around it. */
const uint8_t *cp_json_value_skip(const uint8_t *p, cp_json_check *check, unsigned depth);

/* One of true, false, null. */
const uint8_t *cp_json_literal_read(const uint8_t *p, cp_json_check *check);

/* Refuses for bad syntax at p; `expected` is static text such as "expected ':'". NULL always, so
 * that it can be returned. */
const uint8_t *cp_json_syntax(const uint8_t *p, cp_json_check *check, const char *expected);

#endif
