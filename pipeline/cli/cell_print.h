/* Cells of result rows as text. */
#ifndef CP_CLI_CELL_PRINT_H
#define CP_CLI_CELL_PRINT_H

#include "pipeline/core/batch.h"
#include "pipeline/core/writer.h"

/* The cell as plain text, without quotes or escapes, in the batch or in `room`; {0} for a null. */
enum { CP_CELL_TEXT_BYTES = 64 };
cp_span cp_cell_print_plain(const cp_batch *rows, size_t column, uint32_t row,
                            char room[CP_CELL_TEXT_BYTES]);

/* A JSON value: numbers shortest round-trip, times as RFC 3339 strings, null. */
cp_rc cp_cell_print_json(cp_writer *out, const cp_batch *rows, size_t column, uint32_t row,
                         cp_error *err);

/* A CSV field by RFC 4180: null is empty, an empty string "". */
cp_rc cp_cell_print_csv(cp_writer *out, const cp_batch *rows, size_t column, uint32_t row,
                        cp_error *err);

/* For people: `width` columns, numbers to the right; floats of `decimals` digits where that is
 * not negative; null is "-"; texts as cp_print_visible. */
cp_rc cp_cell_print_text(cp_writer *out, const cp_batch *rows, size_t column, uint32_t row,
                         int width, int decimals, cp_error *err);

/* A text on one line for people: pipeline/text/visible.h. CP_E_MEMORY, and what `out` has. */
cp_rc cp_print_visible(cp_writer *out, cp_span text, cp_error *err);

/* A string as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD. */
cp_rc cp_print_json_string(cp_writer *out, cp_span text, cp_error *err);

/* A string as a CSV field, quoted where it has to be. */
cp_rc cp_print_csv_string(cp_writer *out, cp_span text, cp_error *err);

#endif
