/* Where a record's tokens stand: brackets, colons and commas outside of strings, and where strings
 * and other values begin (Geoff Langdale and Daniel Lemire, "Parsing gigabytes of JSON per second",
 * VLDB Journal 2019).
 *
 *   bytes      { "a" : "]},{" , "b":[ 12 ]}
 *   tokens     ^ ^   ^ ^      ^ ^  ^^ ^  ^^
 *
 * What stands between one token and the next is their own text and white space, whatever that text
 * is: a value's is still to be checked, and that it ends with white space or a token. Included with
 * KERNEL_TARGET defined, behind json_bytes_*.h. */
#ifndef CP_FORMATS_JSON_JSON_TOKENS_H
#define CP_FORMATS_JSON_JSON_TOKENS_H

#include "formats/json/json_text.h"

/* Longer records are for others. */
enum { TOKENS_BYTES_MAX = 4096 };

typedef struct tokens {
    uint32_t count;
    uint16_t at[TOKENS_BYTES_MAX + 64]; /* from the record's start */
} tokens;

/* What one chunk of 64 bytes leaves for the next. */
typedef struct tokens_carry {
    uint64_t escaped;   /* 1 behind a backslash that hides what follows, else 0 */
    uint64_t in_string; /* all bits set in a string, else 0 */
    uint64_t in_word;   /* 1 behind text outside of quotes, else 0 */
    uint64_t depth;     /* open brackets; of records that do not end with their line */
} tokens_carry;

/* The bytes that are hidden by a backslash: each second one of a run of them, and what stands
 * behind an odd one. Runs that begin at odd places and at even ones are told apart by the carries
 * of a subtraction (John Keiser's form of it in simdjson). */
KERNEL_TARGET static inline uint64_t hidden_bytes(uint64_t slash, uint64_t *escaped)
{
    const uint64_t odd = UINT64_C(0xaaaaaaaaaaaaaaaa);
    uint64_t first = slash & ~*escaped;
    uint64_t behind = first << 1;
    uint64_t ends = ((behind | odd) - first) ^ odd;
    uint64_t hidden = ends ^ (slash | *escaped);
    *escaped = (ends & slash) >> 63;
    return hidden;
}

/* The tokens among 64 bytes, of which the first is `base` from the record's start. Places behind
 * the last are written to. */
KERNEL_TARGET static inline void tokens_add(tokens *to, uint64_t bits, uint32_t base)
{
    places64(bits, base, &to->at[to->count]);
    to->count += (unsigned)__builtin_popcountll(bits);
}

/* Up to the bracket that closes the record, if it is among these. */
KERNEL_TARGET static inline uint64_t bits_up_to_end(uint64_t open, uint64_t close, uint64_t *depth,
                                                    bool *ended)
{
    uint64_t closes = (unsigned)__builtin_popcountll(close);
    if (__builtin_expect(*depth > closes, 1)) {
        *depth += (unsigned)__builtin_popcountll(open) - closes;
        return UINT64_MAX;
    }
    for (uint64_t brackets = open | close; brackets; brackets &= brackets - 1) {
        uint64_t bracket = brackets & (0 - brackets);
        *depth += open & bracket ? 1 : UINT64_MAX;
        *ended = *depth == 0;
        if (*ended)
            return bracket | (bracket - 1);
    }
    return UINT64_MAX;
}

/* The tokens of the 64 bytes at p; whether the record ends with them. */
KERNEL_TARGET static inline bool tokens_find_64(tokens *to, const uint8_t *p, uint32_t base,
                                                cp_json_form form, tokens_carry *carry)
{
    bytes64 bytes = load64(p + base);
    uint64_t hidden = hidden_bytes(equal64(&bytes, '\\'), &carry->escaped);
    uint64_t quotes = equal64(&bytes, '"') & ~hidden;
    uint64_t inside = running_xor(quotes) ^ carry->in_string; /* with the opening quote */
    carry->in_string = 0 - (inside >> 63);
    uint64_t operators = operators64(&bytes), text = ~(operators | space64(&bytes));
    uint64_t words = text & ~quotes, begins = text & ~(words << 1 | carry->in_word);
    carry->in_word = words >> 63;
    uint64_t bits = (operators | begins) & ~(inside ^ quotes);
    bool ended = false;
    if (form == CP_JSON_LINES) {
        uint64_t feed = equal64(&bytes, '\n');
        ended = feed != 0;
        bits &= ~feed & (feed - 1);
    } else {
        uint64_t open = either64(&bytes, '{') & ~inside, close = either64(&bytes, '}') & ~inside;
        bits &= bits_up_to_end(open, close, &carry->depth, &ended);
    }
    tokens_add(to, bits, base);
    return ended;
}

/* Of the record at p, in a block that ends at `end`. false: it is too long, or has no end. Behind
 * the last token 0 stands four times, the place of the first. */
KERNEL_TARGET static inline bool tokens_find(tokens *to, const uint8_t *p, const uint8_t *end,
                                             cp_json_form form)
{
    tokens_carry carry = {0};
    to->count = 0;
    for (uint32_t base = 0; base < TOKENS_BYTES_MAX && p + base <= end; base += 64)
        if (tokens_find_64(to, p, base, form, &carry)) {
            memset(&to->at[to->count], 0, 4 * sizeof *to->at);
            return true;
        }
    return false;
}

#endif
