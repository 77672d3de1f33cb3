/* Records that contain some bytes: read, cut, looked at as they stand, and never decoded. */
#ifndef CP_ENGINE_SEARCH_H
#define CP_ENGINE_SEARCH_H

#include "pipeline/engine/input_name.h"
#include "pipeline/engine/intake.h"

typedef struct cp_search_hit {
    const cp_input_name *input;
    const struct cp_format_type *format; /* whether there are lines */
    uint64_t record, line, offset;       /* from 0; the offset is the stream's */
    cp_span raw;                         /* the record; good for the call */
    size_t at;                           /* of the pattern in it, the first time */
} cp_search_hit;

typedef struct cp_search_options {
    char *const *paths;
    size_t path_count;
    cp_intake_options intake;
    const char *member_glob; /* NULL: all */
    cp_format_options format;
    const cp_schema *schema; /* whose layout is that of struct records; NULL: none */
    cp_span pattern;         /* at least one byte */
    /* Called for each record that has the pattern, in input order; CP_END ends the search. */
    cp_rc (*hit)(void *context, const cp_search_hit *, cp_error *);
    void *context;
} cp_search_options;

typedef struct cp_search_counts {
    uint64_t records, hits;
    uint64_t passed_over; /* records beyond --max-record-size */
} cp_search_counts;

/* What intake, splitter and `hit` answer. */
cp_rc cp_search(const cp_search_options *options, cp_search_counts *counts, cp_error *err);

#endif
