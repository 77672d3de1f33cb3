/* What a column's values mean (LogicalTypes.md), told by its logical type or, in older files, by
 * its converted type alone; and its bounds as text. */
#ifndef CP_FORMATS_PARQUET_MEANING_H
#define CP_FORMATS_PARQUET_MEANING_H

#include "formats/parquet/metadata.h"

typedef struct cp_parquet_meaning {
    int logical;              /* cp_parquet_logical and the numbers beside it; NONE: none known */
    int time_unit;            /* TIME, TIMESTAMP: of cp_parquet_time_unit; 0: unknown */
    unsigned bits;            /* INTEGER */
    int32_t scale, precision; /* DECIMAL */
    bool is_utc;              /* TIME, TIMESTAMP */
    bool is_signed;           /* INTEGER */
} cp_parquet_meaning;

cp_parquet_meaning cp_parquet_meaning_of(const cp_parquet_schema_element *element);

/* "TIMESTAMP(MICROS, UTC)", "INTEGER(16, unsigned)"; "" for NONE. Returns out. */
enum { CP_PARQUET_MEANING_BYTES = 64 };
const char *cp_parquet_meaning_name(const cp_parquet_meaning *meaning,
                                    char out[CP_PARQUET_MEANING_BYTES]);

/* Appends a bound, as statistics hold it (PLAIN, texts without their length), as text: numbers,
 * true and false; times, dates and clocks as in RFC 3339, without a zone where the column has none;
 * decimals with their point; UUIDs; texts as they are. What has no such form is 0x and hex digits.
 * *is_number: the text is a JSON number, true or false. CP_E_MEMORY. */
cp_rc cp_parquet_value_text(const cp_parquet_schema_element *element, cp_span value, cp_bytes *out,
                            bool *is_number, cp_error *err);

#endif
