/* The list of planted records: what a reader of the data set has to refuse, and where. */
#ifndef CP_FORMATS_SYNTHETIC_PLANTED_H
#define CP_FORMATS_SYNTHETIC_PLANTED_H

#include "formats/synthetic/bad.h"
#include "formats/synthetic/gen_out.h"

/* Where a bad record stands in the data set. */
typedef struct cp_gen_place {
    uint64_t record; /* from 1 */
    uint64_t line;   /* from 1; 0: the form has none */
    uint64_t offset; /* of its first byte */
    cp_span raw;     /* its bytes, line end excluded */
} cp_gen_place;

/* Room for one line: a raw byte takes up to six, as \u00XX. */
enum { CP_GEN_PLANTED_BYTES = 6 * CP_GEN_RECORD_BYTES + 1024 };

/* One JSON line in the shape of a reject (DESIGN section 4), `out` has room for it. */
void cp_gen_put_planted(cp_gen_out *out, const cp_gen_place *place, cp_gen_fault fault);

#endif
