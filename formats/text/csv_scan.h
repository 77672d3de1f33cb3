/* Where CSV records end, and their fields: RFC 4180, and what becomes of text that breaks it.
 *
 *   state     '"'       delimiter   '\n'          other
 *   START     INSIDE    START       record ends   PLAIN
 *   PLAIN     PLAIN     START       record ends   PLAIN
 *   INSIDE    CLOSED    INSIDE      INSIDE        INSIDE
 *   CLOSED    INSIDE    START       record ends   PLAIN     ("" in quotes is a quote)
 *
 * So a quote opens only where a field begins, and one in the middle of a field costs no more than
 * its record. One that opens and is never closed would cost the rest of the input: a record that
 * has max_record_bytes without an end ends at the next '\n', whatever its quotes say.
 *
 * The kernels do 64 bytes at a time by the parity of quotes, which is the same wherever each quote
 * that opens stands behind a delimiter, a line end or a closing quote; the machine does the rest.
 * (Parity by a prefix of exclusive ors: Langdale and Lemire, "Parsing Gigabytes of JSON per
 * Second", VLDB Journal 2019; for CSV: Geoff Langdale's simdcsv.) */
#ifndef CP_FORMATS_TEXT_CSV_SCAN_H
#define CP_FORMATS_TEXT_CSV_SCAN_H

#include "pipeline/core/span.h"

typedef enum cp_csv_state {
    CP_CSV_START,
    CP_CSV_PLAIN,
    CP_CSV_INSIDE,
    CP_CSV_CLOSED,
} cp_csv_state;

static inline cp_csv_state cp_csv_next(cp_csv_state state, uint8_t byte, uint8_t delimiter)
{
    if (state == CP_CSV_INSIDE)
        return byte == '"' ? CP_CSV_CLOSED : CP_CSV_INSIDE;
    if (byte == delimiter || byte == '\n')
        return CP_CSV_START;
    return byte == '"' && state != CP_CSV_PLAIN ? CP_CSV_INSIDE : CP_CSV_PLAIN;
}

typedef struct cp_csv_dialect {
    uint8_t delimiter;
    uint64_t max_record_bytes;
} cp_csv_dialect;

/* Whether the '\n' at byte `at` of a record ends it. */
static inline bool cp_csv_ends_record(cp_csv_state before, uint64_t at,
                                      const cp_csv_dialect *dialect)
{
    return before != CP_CSV_INSIDE || at >= dialect->max_record_bytes;
}

/* A stretch of records, looked through at once. Offsets count from its first byte. */
enum { CP_CSV_STRETCH_BYTES = 16 << 10, CP_CSV_INDEX_SPARE = 16 };
typedef struct cp_csv_index {
    size_t record_count; /* that end within the stretch */
    bool is_ascii;
    bool has_inner_lines;                                       /* a '\n' inside of quotes */
    uint32_t ends[CP_CSV_STRETCH_BYTES + CP_CSV_INDEX_SPARE];   /* of fields: delimiter or '\n' */
    uint32_t fields[CP_CSV_STRETCH_BYTES + CP_CSV_INDEX_SPARE]; /* by record: those up to its end */
} cp_csv_index;

/* `bytes` begin where a record does, with CP_PADDING_BYTES readable behind them. */
typedef struct cp_csv_kernels {
    /* The offset behind the first, or the last, record end in `bytes`; 0: there is none. */
    size_t (*first_end)(cp_span bytes, const cp_csv_dialect *);
    size_t (*last_end)(cp_span bytes, const cp_csv_dialect *);
    /* The records up to the first 64 bytes that are not by RFC 4180, or to the end of the stretch.
     * Their size is for the caller to judge: behind one that is too large, no word is true. */
    void (*index)(cp_span bytes, uint8_t delimiter, cp_csv_index *);
} cp_csv_kernels;

const cp_csv_kernels *cp_csv_kernels_portable(void);
const cp_csv_kernels *cp_csv_kernels_avx2(void); /* NULL where the machine has no AVX2 */
const cp_csv_kernels *cp_csv_kernels_best(void);

#endif
