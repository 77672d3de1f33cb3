/* The plan of struct records: schema and layout, resolved to one step for each value. */
#ifndef CP_FORMATS_RECORDS_STRUCT_PLAN_H
#define CP_FORMATS_RECORDS_STRUCT_PLAN_H

#include "formats/records/layout.h"
#include "formats/records/struct_kernels.h"
#include "pipeline/core/format.h"

/* Immutable, shared by all splitters and decoders. */
typedef struct cp_struct_plan {
    cp_format base;
    const cp_schema *schema; /* borrowed */
    cp_layout layout;
    uint64_t max_record_bytes;
    uint64_t skip_bytes;   /* before the first record of each input */
    cp_struct_step *steps; /* one for each value of the layout, in its order */
    size_t step_count;
    size_t *absent; /* fields that the layout does not feed: null in every record */
    size_t absent_count;
    const cp_struct_kernels *kernels; /* NULL: every value goes through the cells */
} cp_struct_plan;

/* As cp_format_type.feeds, plan and plan_close have it. */
bool cp_struct_feeds(const cp_schema *schema, size_t field);
cp_rc cp_struct_plan_open(const cp_schema *schema, const cp_format_options *options,
                          cp_format **out, cp_error *err);
void cp_struct_plan_close(cp_format *format);

#endif
