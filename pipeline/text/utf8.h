/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef CP_TEXT_UTF8_H
#define CP_TEXT_UTF8_H

#include "pipeline/core/span.h"

/* The offset of the first byte that does not belong to a valid sequence, or text.size. */
size_t cp_utf8_valid(cp_span text);

/* For text that comes byte by byte: the state behind `byte`, from CP_UTF8_START before the first
 * one. At CP_UTF8_START a character is whole; CP_UTF8_BROKEN, where the byte belongs to none, leads
 * to itself. */
enum { CP_UTF8_BROKEN = 0, CP_UTF8_START = 6 };
uint8_t cp_utf8_step(uint8_t state, uint8_t byte);

/* Bytes of the longest prefix of at most `limit` bytes that ends at a character's edge; the text
 * is valid UTF-8. */
size_t cp_utf8_cut(cp_span text, size_t limit);

/* Whether the byte goes on with a character that another byte began. */
static inline bool cp_utf8_continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* How many characters there are; the text is valid UTF-8. */
size_t cp_utf8_characters(cp_span text);

/* Writes the character (a scalar value) and returns its 1 to 4 bytes. */
size_t cp_utf8_put(uint32_t character, uint8_t out[4]);

/* The text with U+FFFD in the place of each byte that does not belong to a valid sequence. `out`
 * has room for 3 * text.size bytes. Returns the bytes written. */
size_t cp_utf8_repair(cp_span text, uint8_t *out);

#endif
