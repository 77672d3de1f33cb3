/* The hottest loop of all: to the next byte of a JSON string that is not plain text. */
#ifndef CP_FORMATS_JSON_STRING_SCAN_H
#define CP_FORMATS_JSON_STRING_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* High bit set in every byte of `word` that is '"', '\\' or below 0x20. Only the lowest such bit
 * is to be relied on. (Mycroft's zero-byte test; Anderson, "Bit Twiddling Hacks".) */
static inline uint64_t cp_json_special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    uint64_t below_space = word - ones * 0x20;
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | (below_space & ~word)) & highs;
}

/* Returns the first '"', '\\' or control character at or after p; one is always there, the '\n'
 * that ends the record at the latest. Sets *beyond_ascii if a byte of 0x80 or more lies before
 * it, else leaves it. Reads up to 7 bytes behind the answer. */
static inline const uint8_t *cp_json_string_scan(const uint8_t *p, bool *beyond_ascii)
{
    uint64_t seen = 0;
    for (;; p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        uint64_t special = cp_json_special_bytes(word);
        if (special) {
            int bytes = __builtin_ctzll(special) / 8;
            seen |= bytes ? word << (64 - 8 * bytes) : 0;
            *beyond_ascii |= (seen & UINT64_C(0x8080808080808080)) != 0;
            return p + bytes;
        }
        seen |= word;
    }
}

#endif
