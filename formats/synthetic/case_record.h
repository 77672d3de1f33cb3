/* What record i says, before it is spelled: the numbers that all forms share. */
#ifndef CP_FORMATS_SYNTHETIC_CASE_RECORD_H
#define CP_FORMATS_SYNTHETIC_CASE_RECORD_H

#include "formats/synthetic/generator.h"
#include "pipeline/core/span.h"

enum {
    CP_GEN_STATUS_COUNT = 5,
    CP_GEN_NOTES_MAX = 3,
    CP_GEN_VALUE_MIN_16 = 15 * 16,
    CP_GEN_VALUE_MAX_16 = 35 * 16,
    CP_GEN_LATE_MAX_QUARTERS = 3600 * 4,
};

typedef struct cp_gen_case {
    uint64_t record;   /* from 0 */
    uint64_t key;      /* for what else is drawn for this record (hash.h) */
    uint64_t quarters; /* epoch seconds x 4 */
    uint32_t sensor_id;
    int32_t value16; /* value x 16 */
    uint32_t status; /* position in cp_gen_status_names */
} cp_gen_case;

/* The schema's symbols, in its order. */
extern const cp_span cp_gen_status_names[CP_GEN_STATUS_COUNT];

cp_gen_case cp_gen_case_make(const cp_gen_options *options, uint64_t record);

/* A title is a phrase, a space and a number. */
typedef struct cp_gen_title {
    cp_span phrase; /* static */
    uint32_t number;
} cp_gen_title;

cp_gen_title cp_gen_case_title(const cp_gen_case *c);

/* Notes are phrases (static); returns how many. */
size_t cp_gen_case_notes(const cp_gen_case *c, cp_span notes[CP_GEN_NOTES_MAX]);

#endif
