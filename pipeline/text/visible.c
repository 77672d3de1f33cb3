/* Text for a terminal, a character at a time. */
#include "pipeline/text/visible.h"

#include "pipeline/text/utf8.h"

#include <stdio.h>

/* The bytes of the character that begins here; 0: they are none. */
static size_t character_size(cp_span rest)
{
    uint8_t first = rest.data[0];
    size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return size <= rest.size && cp_utf8_valid((cp_span){rest.data, size}) == size ? size : 0;
}

/* Of two or three bytes: what is longer needs no look. */
static uint32_t character_of(const uint8_t *p, size_t size)
{
    if (size == 2)
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
}

static bool steers(uint32_t character)
{
    return character <= 0x9f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* What stands for the character of `size` bytes; 0: itself. `out` has room for it and a 0. */
static int put_escape(const uint8_t *p, size_t size, char *out)
{
    enum { ROOM = CP_VISIBLE_GROWTH * 2 };
    if (size == 0 || (size == 1 && (*p < 0x20 || *p == 0x7f)))
        return snprintf(out, ROOM, "\\x%02x", *p);
    if ((size == 2 || size == 3) && steers(character_of(p, size)))
        return snprintf(out, ROOM, "\\u%04x", character_of(p, size));
    return 0;
}

size_t cp_visible(cp_span text, char *out)
{
    size_t used = 0;
    for (size_t at = 0, size; at < text.size; at += size ? size : 1) {
        char escape[CP_VISIBLE_GROWTH * 2];
        size = character_size((cp_span){text.data + at, text.size - at});
        int shown = put_escape(text.data + at, size, escape);
        size_t more = shown ? (size_t)shown : size;
        memcpy(out + used, shown ? (const uint8_t *)escape : text.data + at, more);
        used += more;
    }
    return used;
}
