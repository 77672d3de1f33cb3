/* Guessing a schema from the first records of JSON. */
#ifndef CP_FORMATS_JSON_JSON_INFER_H
#define CP_FORMATS_JSON_JSON_INFER_H

#include "formats/json/json_text.h"
#include "pipeline/core/arena.h"
#include "pipeline/core/format.h"

/* What the records so far allow. */
typedef struct cp_json_guess {
    cp_schema *schema;
    uint64_t records;
    unsigned *kinds; /* by field number */
    size_t capacity;
    size_t next;    /* the field that most likely comes next */
    cp_arena arena; /* unescaped keys */
} cp_json_guess;

/* CP_E_MEMORY, here and below. */
cp_rc cp_json_guess_open(cp_json_guess *guess, cp_error *err);

/* Learns from the record at p that ends at `end`. One that is no object, or no JSON, is counted
 * alone: the decoder will refuse it. */
cp_rc cp_json_guess_add(cp_json_guess *guess, const uint8_t *p, const uint8_t *end,
                        cp_json_form form, cp_error *err);

void cp_json_guess_end(cp_json_guess *guess, cp_guess *out);
void cp_json_guess_close(cp_json_guess *guess); /* may be called twice, and behind the end */

/* As cp_format_type.infer has it, for JSON lines. */
cp_rc cp_json_infer(const cp_format_options *options, cp_span sample, bool whole, cp_guess *out,
                    cp_error *err);

#endif
