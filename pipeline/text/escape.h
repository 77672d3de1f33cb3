/* JSON string escapes and base64, both ways. */
#ifndef CP_TEXT_ESCAPE_H
#define CP_TEXT_ESCAPE_H

#include "pipeline/core/span.h"

/* The inside of a JSON string (quotes excluded) whose syntax has been checked already, escapes
 * resolved, surrogate pairs joined, into `out`, which has room for text.size bytes. Returns the
 * bytes written, or SIZE_MAX at the \u of a lone surrogate. */
size_t cp_unescape(cp_span text, uint8_t *out);

/* Checks one escape at p, which points behind the backslash; `end` is exclusive. Returns the byte
 * behind the escape (both halves of a surrogate pair), or NULL: *lone_surrogate tells whether the
 * escape is well formed but names half a pair. */
const uint8_t *cp_escape_check(const uint8_t *p, const uint8_t *end, bool *lone_surrogate);

/* `text` (valid UTF-8) as the inside of a JSON string: the two-character escapes where JSON has
 * one (but not \/), \u00xx (lower case) for other controls, all else as it is. `out` has room for
 * 6 * text.size bytes. Returns the bytes written. */
size_t cp_escape(cp_span text, char *out);

/* RFC 4648 with padding; `out` has room for cp_base64_size(bytes.size). Returns that size. */
size_t cp_base64(cp_span bytes, char *out);
static inline size_t cp_base64_size(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

#endif
