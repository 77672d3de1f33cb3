/* Bad records: regular ones that break exactly one rule of the schema `case`, or of their form. */
#ifndef CP_FORMATS_SYNTHETIC_BAD_H
#define CP_FORMATS_SYNTHETIC_BAD_H

#include "formats/synthetic/case_record.h"
#include "formats/synthetic/gen_out.h"
#include "pipeline/core/reject.h"

/* What the decoder has to say about the record. */
typedef struct cp_gen_fault {
    cp_reason reason;
    const char *field; /* static; NULL: the record as a whole */
} cp_gen_fault;

/* In an array only those whose brackets and strings balance: the first so many of the kinds. */
size_t cp_gen_bad_json_count(bool in_array);
cp_gen_fault cp_gen_put_bad_json(cp_gen_out *out, const cp_gen_case *c, size_t kind);

size_t cp_gen_bad_struct_count(void);
cp_gen_fault cp_gen_put_bad_struct(cp_gen_out *out, const cp_gen_case *c, size_t kind);

#endif
