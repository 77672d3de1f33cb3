/* Times: RFC 3339 and epoch numbers to integers in a unit since 1970-01-01T00:00:00Z, and back. */
#ifndef CP_TEXT_TIME_H
#define CP_TEXT_TIME_H

#include "pipeline/core/schema.h"
#include "pipeline/core/span.h"
#include "pipeline/text/number.h"

typedef enum cp_time_rc { CP_TIME_OK, CP_TIME_MALFORMED, CP_TIME_RANGE } cp_time_rc;

/* RFC 3339 (years 0000 to 9999, proleptic Gregorian; "T", "t" or a space between; "Z", "z" or an
 * offset, which may be missing only where `zone_utc`; any number of fraction digits; second 60
 * only where UTC has a 30 June or 31 December 23:59:60, counted as the second after). Finer
 * fractions are rounded to the unit, ties to even. Rest bytes are CP_TIME_MALFORMED. CP_TIME_RANGE
 * for a time that is, in UTC and rounded, of no such year, and beyond int64 in the unit: what is
 * read can be written (cp_time_write), and read again. */
cp_time_rc cp_time_parse(cp_span text, cp_unit unit, bool zone_utc, int64_t *out);

/* The power of ten from the unit of an epoch encoding to a field's unit: -9 to 9. */
int cp_time_epoch_scale(cp_time_encoding encoding, cp_unit unit);

/* Epoch numbers, exactly from the spelling or the double. `encoding` is one of CP_TIME_EPOCH_*.
 * CP_TIME_RANGE beyond int64 in the unit. */
cp_time_rc cp_time_from_decimal(const cp_decimal *decimal, cp_time_encoding encoding, cp_unit unit,
                                int64_t *out);
cp_time_rc cp_time_from_double(double value, cp_time_encoding encoding, cp_unit unit, int64_t *out);
cp_time_rc cp_time_from_int(int64_t value, cp_time_encoding encoding, cp_unit unit, int64_t *out);

/* "2023-11-29T09:26:39.75Z": RFC 3339 in UTC, trailing zeros of the fraction dropped; years
 * outside 0000 to 9999 with a sign and as many digits as they need. Returns the length. */
enum { CP_TIME_BYTES = 48 };
size_t cp_time_write(int64_t value, cp_unit unit, char out[CP_TIME_BYTES]);

/* "1701249999.75": the epoch number in the encoding's unit (CP_TIME_EPOCH_*), exactly, with no more
 * digits than it needs. Returns the length. */
size_t cp_time_write_epoch(int64_t value, cp_unit unit, cp_time_encoding encoding,
                           char out[CP_TIME_BYTES]);

#endif
