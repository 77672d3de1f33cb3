/* JSON string escapes, both ways. Runs without anything special are copied eight bytes at a time:
 * both outputs have room for a whole word wherever the input still has one. */
#include "pipeline/text/escape.h"

#include "pipeline/text/swar.h"
#include "pipeline/text/utf8.h"

enum { UNICODE_ESCAPE_DIGITS = 4 };

/* The character that stands for each escape's letter; 0: none. */
static const uint8_t plain_of[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

/* The other way: the letter of the escape, 'u' where there is only \u00XX; 0: needs none. */
static const uint8_t letter_of[256] = {
    [0x00 ... 0x07] = 'u', ['\b'] = 'b', ['\t'] = 't',          ['\n'] = 'n', [0x0b] = 'u',
    ['\f'] = 'f',          ['\r'] = 'r', [0x0e ... 0x1f] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four hex digits at p; UINT32_MAX where they are not. */
static uint32_t hex_unit(const uint8_t *p)
{
    int value = 0;
    for (int i = 0; i < UNICODE_ESCAPE_DIGITS; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0)
            return UINT32_MAX;
        value = value << 4 | digit;
    }
    return (uint32_t)value;
}

static inline bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static inline bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* Reads "XXXX" or "XXXX\uXXXX" at *p, which is moved behind it. UINT32_MAX where the first four
 * are no hex digits; a surrogate where its other half is missing. */
static uint32_t read_character(const uint8_t **p, const uint8_t *end)
{
    if (end - *p < UNICODE_ESCAPE_DIGITS)
        return UINT32_MAX;
    uint32_t unit = hex_unit(*p);
    *p += UNICODE_ESCAPE_DIGITS;
    if (!is_high_surrogate(unit) || end - *p < 2 + UNICODE_ESCAPE_DIGITS || (*p)[0] != '\\' ||
        (*p)[1] != 'u')
        return unit;
    uint32_t low = hex_unit(*p + 2);
    if (!is_low_surrogate(low))
        return unit;
    *p += 2 + UNICODE_ESCAPE_DIGITS;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

const uint8_t *cp_escape_check(const uint8_t *p, const uint8_t *end, bool *lone_surrogate)
{
    *lone_surrogate = false;
    if (p >= end)
        return NULL;
    if (*p != 'u')
        return plain_of[*p] ? p + 1 : NULL;
    p++;
    uint32_t character = read_character(&p, end);
    if (character == UINT32_MAX)
        return NULL;
    *lone_surrogate = is_high_surrogate(character) || is_low_surrogate(character);
    return *lone_surrogate ? NULL : p;
}

/* Copies up to the next backslash, or the end, and moves both places there. */
static inline void copy_to_backslash(const uint8_t **p, const uint8_t *end, uint8_t **out)
{
    while (end - *p >= 8) {
        uint64_t word = cp_load8(*p);
        cp_store8(*out, word);
        uint64_t found = cp_word_find(word, '\\');
        unsigned count = found ? cp_word_index(found) : 8;
        *p += count;
        *out += count;
        if (found)
            return;
    }
    while (*p < end && **p != '\\')
        *(*out)++ = *(*p)++;
}

size_t cp_unescape(cp_span text, uint8_t *out)
{
    if (text.size == 0)
        return 0;
    const uint8_t *p = text.data;
    const uint8_t *end = p + text.size;
    uint8_t *start = out;
    for (;;) {
        copy_to_backslash(&p, end, &out);
        if (p == end)
            return (size_t)(out - start);
        uint8_t letter = p[1];
        p += 2;
        if (letter != 'u') {
            *out++ = plain_of[letter];
            continue;
        }
        uint32_t character = read_character(&p, end);
        if (is_high_surrogate(character) || is_low_surrogate(character))
            return SIZE_MAX;
        out += cp_utf8_put(character, out);
    }
}

/* At least the first byte that needs an escape is marked, and nothing before it. */
static inline uint64_t find_special(uint64_t word)
{
    uint64_t control = (word - CP_BYTES(0x20)) & ~word & CP_BYTES(0x80);
    return control | cp_word_find(word, '"') | cp_word_find(word, '\\');
}

static inline char *put_escape(uint8_t byte, char *out)
{
    static const char hex[] = "0123456789abcdef";
    *out++ = '\\';
    *out++ = (char)letter_of[byte];
    if (letter_of[byte] == 'u') {
        *out++ = '0';
        *out++ = '0';
        *out++ = hex[byte >> 4];
        *out++ = hex[byte & 15];
    }
    return out;
}

size_t cp_escape(cp_span text, char *out)
{
    char *start = out;
    for (size_t i = 0; i < text.size;) {
        if (text.size - i >= 8) {
            uint64_t word = cp_load8(text.data + i);
            cp_store8(out, word);
            uint64_t found = find_special(word);
            unsigned count = found ? cp_word_index(found) : 8;
            i += count;
            out += count;
            if (!found)
                continue;
        }
        if (letter_of[text.data[i]])
            out = put_escape(text.data[i], out);
        else
            *out++ = (char)text.data[i];
        i++;
    }
    return (size_t)(out - start);
}
