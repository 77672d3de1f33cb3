/* One CSV record by the machine of csv_scan.h: its fields, its end, what is wrong with it. */
#ifndef CP_FORMATS_TEXT_CSV_RECORD_H
#define CP_FORMATS_TEXT_CSV_RECORD_H

#include "formats/text/csv_scan.h"
#include "pipeline/core/reject.h"

/* Zeroed is empty; used again for each record. */
typedef struct cp_csv_record {
    uint32_t *ends; /* of the fields, from the record's first byte: delimiter or line end */
    size_t capacity;
    size_t count;     /* of the fields, at least 1 */
    size_t size;      /* bytes, the line end not counted */
    size_t whole;     /* with the line end */
    uint64_t lines;   /* line ends passed, inside of quotes too */
    bool is_ended;    /* by a '\n' within the bytes; else they end */
    cp_refusal fault; /* against RFC 4180, size or encoding; reason CP_ACCEPTED: none */
} cp_csv_record;

/* Reads the record at the start of `bytes`, which are not empty; behind the last of an input stands
 * a '\n'. CP_E_MEMORY. */
cp_rc cp_csv_record_read(cp_span bytes, const cp_csv_dialect *dialect, cp_csv_record *out,
                         cp_error *err);
void cp_csv_record_close(cp_csv_record *record); /* may be called twice */

/* An empty line, which is no record but where records have one field. */
static inline bool cp_csv_is_blank(const cp_csv_record *record)
{
    return record->size == 0;
}

/* Field number `i` as it stands, with its quotes if it has them. */
static inline cp_span cp_csv_field(const uint8_t *record, const uint32_t *ends, size_t i)
{
    size_t start = i ? (size_t)ends[i - 1] + 1 : 0;
    return (cp_span){record + start, ends[i] - start};
}

/* The inside of a field in quotes, each "" a quote, into `out`, which has room for its size.
 * Returns the bytes written. */
size_t cp_csv_unquote(cp_span field, uint8_t *out);

/* How many '\n' there are. */
uint64_t cp_csv_count_lines(cp_span text);

#endif
