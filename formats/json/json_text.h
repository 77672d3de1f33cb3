/* Checked JSON text: the kernels that walk over one record. RFC 8259, whole, UTF-8 included.
 *
 * A record ends at a '\n', which is always readable; no function here reads past it except for
 * the wide loads, which the block's padding covers. Whitespace is space, tab and '\r'.
 *
 * Functions return the byte behind what they read, or NULL: `check->refusal` then says why. */
#ifndef CP_FORMATS_JSON_TEXT_H
#define CP_FORMATS_JSON_TEXT_H

#include "formats/json/string_scan.h"
#include "pipeline/core/reject.h"
#include "pipeline/core/span.h"

enum { CP_JSON_DEPTH_MAX = 1024 };

typedef struct cp_json_check {
    const uint8_t *record; /* its first byte; places in the refusal count from here */
    const uint8_t *end;    /* the block's end: nothing of a record lies behind it */
    cp_refusal refusal;
} cp_json_check;

/* The inside of a string. */
typedef struct cp_json_string {
    cp_span inside;   /* as it stands, without the quotes */
    bool has_escapes; /* the text is cp_unescape of it */
} cp_json_string;

static inline const uint8_t *cp_json_space(const uint8_t *p)
{
    while (*p <= ' ' && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p;
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
