/* JSON strings as they are written. */
#ifndef CP_FORMATS_JSON_JSON_PUT_H
#define CP_FORMATS_JSON_JSON_PUT_H

#include "pipeline/text/escape.h"

enum { CP_JSON_ESCAPE_FACTOR = 6 }; /* \u0000 for one byte */

/* `text` in quotes at `to`, where CP_JSON_ESCAPE_FACTOR times its size and two bytes more are free;
 * returns the end. */
static inline uint8_t *cp_json_put_string(cp_span text, uint8_t *to)
{
    *to++ = '"';
    to += cp_escape(text, (char *)to);
    *to++ = '"';
    return to;
}

#endif
