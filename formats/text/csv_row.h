/* The fields of one CSV record to one row. */
#ifndef CP_FORMATS_TEXT_CSV_ROW_H
#define CP_FORMATS_TEXT_CSV_ROW_H

#include "formats/text/csv_header.h"
#include "pipeline/core/batch.h"

/* Reads the record at `record`, which is well formed and has as many fields as the header, into
 * row `batch->rows`, which the caller counts. `ends` count from the record's first byte, but for
 * the offset `origin`; `end` is the record's own, without the '\r' of its line end. `nulls` has
 * room for a number for each of the header's cells. false: *why says it, with reason CP_ACCEPTED
 * where memory is out. */
bool cp_csv_row_read(const cp_csv_header *header, const uint8_t *record, const uint8_t *end,
                     const uint32_t *ends, uint32_t origin, uint32_t *nulls, cp_batch *batch,
                     cp_refusal *why);

#endif
