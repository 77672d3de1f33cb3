/* What can be told of CSV by looking at its start. */
#ifndef CP_FORMATS_TEXT_CSV_INFER_H
#define CP_FORMATS_TEXT_CSV_INFER_H

#include "formats/text/csv_scan.h"
#include "pipeline/core/format.h"

/* As cp_format_type.probe; commas only. Never surer than any other format. */
int cp_csv_probe(cp_span head, bool whole);

/* As cp_format_type.infer: bool, int64, float64, else string; whether a value stands in quotes
 * says nothing, and an empty one neither. */
cp_rc cp_csv_infer(cp_span sample, bool whole, const cp_csv_dialect *dialect,
                   const cp_format_options *options, cp_guess *out, cp_error *err);

#endif
