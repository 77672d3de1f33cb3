/* UTF-8: checking, cutting, writing.
 *
 * The check passes over plain ASCII 32 bytes at a time; other text goes through an automaton that
 * has no branch for each byte. A state is a bit offset; the row of a byte holds, at each state's
 * offset, the offset of the next state, so one step is one shift (Per Vognsen, "Shift-based DFAs",
 * 2021). The error state leads to itself, so it is looked at once in each stretch. */
#include "pipeline/text/utf8.h"

enum {
    BROKEN = CP_UTF8_BROKEN,
    START = CP_UTF8_START,
    REST_1 = 12, /* any one more byte 80..BF */
    REST_2 = 18,
    REST_3 = 24,
    AFTER_E0 = 30, /* A0..BF: shorter forms exist for the rest */
    AFTER_ED = 36, /* 80..9F: surrogates are no characters */
    AFTER_F0 = 42, /* 90..BF */
    AFTER_F4 = 48, /* 80..8F: U+10FFFF is the last */
    STATE_MASK = 63,
    STRETCH = 32,
};

#define ROW(start, r1, r2, r3, e0, ed, f0, f4)                                                     \
    ((uint64_t)(start) << START | (uint64_t)(r1) << REST_1 | (uint64_t)(r2) << REST_2 |            \
     (uint64_t)(r3) << REST_3 | (uint64_t)(e0) << AFTER_E0 | (uint64_t)(ed) << AFTER_ED |          \
     (uint64_t)(f0) << AFTER_F0 | (uint64_t)(f4) << AFTER_F4)
#define LEAD(next) ROW(next, 0, 0, 0, 0, 0, 0, 0)

/* Table 3-7 of the Unicode standard, "Well-formed UTF-8 byte sequences". */
static const uint64_t rows[256] = {
    [0x00 ... 0x7f] = LEAD(START),
    [0x80 ... 0x8f] = ROW(0, START, REST_1, REST_2, 0, REST_1, 0, REST_2),
    [0x90 ... 0x9f] = ROW(0, START, REST_1, REST_2, 0, REST_1, REST_2, 0),
    [0xa0 ... 0xbf] = ROW(0, START, REST_1, REST_2, REST_1, 0, REST_2, 0),
    [0xc2 ... 0xdf] = LEAD(REST_1),
    [0xe0] = LEAD(AFTER_E0),
    [0xe1 ... 0xec] = LEAD(REST_2),
    [0xed] = LEAD(AFTER_ED),
    [0xee ... 0xef] = LEAD(REST_2),
    [0xf0] = LEAD(AFTER_F0),
    [0xf1 ... 0xf3] = LEAD(REST_3),
    [0xf4] = LEAD(AFTER_F4),
};

static inline uint64_t step(uint64_t state, uint8_t byte)
{
    return rows[byte] >> (state & STATE_MASK);
}

uint8_t cp_utf8_step(uint8_t state, uint8_t byte)
{
    return (uint8_t)(step(state, byte) & STATE_MASK);
}

static inline bool is_ascii_stretch(const uint8_t *p)
{
    uint64_t words[STRETCH / 8];
    memcpy(words, p, sizeof words);
    return ((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080)) == 0;
}

/* The first broken or unfinished sequence at or behind `from`, where a sequence starts. */
static size_t find_broken(cp_span text, size_t from)
{
    uint64_t state = START;
    for (size_t i = from; i < text.size; i++) {
        state = step(state, text.data[i]) & STATE_MASK;
        if (state == BROKEN)
            return from;
        if (state == START)
            from = i + 1;
    }
    return from;
}

/* Where the sequence that is under way at `at` starts: good so far, so at most 3 bytes before. */
static size_t sequence_start(cp_span text, size_t at, uint64_t state)
{
    if (state == START)
        return at;
    do
        at--;
    while (cp_utf8_continues(text.data[at]));
    return at;
}

size_t cp_utf8_valid(cp_span text)
{
    size_t at = 0;
    uint64_t state = START;
    while (text.size - at >= STRETCH) {
        if (state == START && is_ascii_stretch(text.data + at)) {
            at += STRETCH;
            continue;
        }
        uint64_t next = state;
        for (size_t i = 0; i < STRETCH; i++)
            next = step(next, text.data[at + i]);
        next &= STATE_MASK;
        if (next == BROKEN)
            break;
        state = next;
        at += STRETCH;
    }
    return find_broken(text, sequence_start(text, at, state));
}

size_t cp_utf8_cut(cp_span text, size_t limit)
{
    if (text.size <= limit)
        return text.size;
    while (limit > 0 && cp_utf8_continues(text.data[limit]))
        limit--;
    return limit;
}

size_t cp_utf8_characters(cp_span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !cp_utf8_continues(text.data[i]);
    return count;
}

size_t cp_utf8_put(uint32_t character, uint8_t out[4])
{
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    out[0] = (uint8_t)(leads[size] | character);
    return size;
}

size_t cp_utf8_repair(cp_span text, uint8_t *out)
{
    size_t size = 0;
    while (text.size > 0) {
        size_t good = cp_utf8_valid(text);
        memcpy(out + size, text.data, good);
        size += good;
        text.data += good;
        text.size -= good;
        if (text.size == 0)
            break;
        size += cp_utf8_put(0xFFFD, out + size);
        text.data++;
        text.size--;
    }
    return size;
}
