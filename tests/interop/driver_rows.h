/* Schemas and rows as the drivers of interop tests read them, in words parted by spaces.
 *
 *   NAME:TYPE[!][=SYMBOL,...]   a field; ! is a required one, = an enum's symbols
 *   a cell                      - is null; xHEX a text; numbers decimal, floats as the integer of
 *                               their bits; 0 or 1 for bools; enum codes */
#ifndef CP_TESTS_INTEROP_DRIVER_ROWS_H
#define CP_TESTS_INTEROP_DRIVER_ROWS_H

#include "pipeline/core/batch.h"

/* The fields in `words`, which is cut up. CP_E_USAGE for what is none. */
cp_rc cp_driver_schema(char *words, cp_schema **out, cp_error *err);

/* A cell for each field in `words`, which is cut up, onto the end of the batch, which has room.
 * CP_E_USAGE for too few or too many. */
cp_rc cp_driver_row(cp_batch *batch, char *words, cp_error *err);

#endif
