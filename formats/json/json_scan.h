/* Where records end in an array, or in values that stand one behind the other: told by quotes and
 * brackets alone, 64 bytes at a time.
 *
 *   bytes      {"a":"]},{","b":[1]},{"a"
 *   strings     ###  ######  ###   ###      from quote to quote; an odd run of backslashes hides
 * one depth      1111111111111112221001111    brackets that are open outside of strings ends ^
 * commas at depth 0
 *
 * A bit for each byte; strings by the running exclusive or of the quotes (Geoff Langdale and Daniel
 * Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 2019). Which kind a bracket is of
 * does not matter here: one that closes closes what is open. */
#ifndef CP_FORMATS_JSON_JSON_SCAN_H
#define CP_FORMATS_JSON_JSON_SCAN_H

#include "formats/json/json_text.h"

/* How far a scan has come; zeroed where a record may begin. */
typedef struct cp_json_scan {
    uint64_t depth;     /* brackets that are open */
    uint64_t in_string; /* all bits set in a string, else 0 */
    uint64_t escaped;   /* 1 behind a backslash in a string, else 0 */
    uint64_t in_scalar; /* CP_JSON_VALUES: 1 behind text at depth 0 that has not ended, else 0 */
} cp_json_scan;

typedef enum cp_json_seen {
    CP_SEEN_ALL,   /* nothing that ends the scan, up to the bytes' end */
    CP_SEEN_END,   /* a record's end; only where the first one is asked for */
    CP_SEEN_CLOSE, /* a bracket that closes what was never opened: of an array, its end */
    CP_SEEN_BREAK, /* a '\n' in a string: quotes do not balance */
} cp_json_seen;

typedef struct cp_json_found {
    cp_json_seen seen;
    const uint8_t *at;   /* behind a record's end; at the bracket; at the '\n'; or the bytes' end */
    const uint8_t *last; /* behind the last record's end that was passed; NULL: none was */
} cp_json_found;

/* From p to `end`, in CP_JSON_ELEMENTS or CP_JSON_VALUES. A record ends with its comma, or with the
 * bracket that closes it; one that has no brackets with white space. The state is good for going on
 * at `at`, or behind it where that is a closing bracket; but not where a record's end was found.
 * CP_PADDING_BYTES are readable behind `end`; what they are does not matter. */
typedef cp_json_found cp_json_scanner(cp_json_scan *scan, const uint8_t *p, const uint8_t *end,
                                      cp_json_form form, bool first);

/* Whether white space stands between the tokens of the JSON from p to `end`. Readable as above. */
typedef bool cp_json_gap_finder(const uint8_t *p, const uint8_t *end);

cp_json_scanner *cp_json_scanner_portable(void);
cp_json_scanner *cp_json_scanner_avx2(void);   /* NULL where the machine has no AVX2 */
cp_json_scanner *cp_json_scanner_avx512(void); /* likewise */

static inline cp_json_scanner *cp_json_scanner_best(void)
{
    cp_json_scanner *avx2 = cp_json_scanner_avx2(), *avx512 = cp_json_scanner_avx512();
    return avx512 ? avx512 : avx2 ? avx2 : cp_json_scanner_portable();
}

cp_json_gap_finder *cp_json_gap_finder_portable(void);
cp_json_gap_finder *cp_json_gap_finder_avx2(void);   /* as above */
cp_json_gap_finder *cp_json_gap_finder_avx512(void); /* as above */

static inline cp_json_gap_finder *cp_json_gap_finder_best(void)
{
    cp_json_gap_finder *avx2 = cp_json_gap_finder_avx2(), *avx512 = cp_json_gap_finder_avx512();
    return avx512 ? avx512 : avx2 ? avx2 : cp_json_gap_finder_portable();
}

#endif
