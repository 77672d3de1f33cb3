/* The options of commands that write records: which format, how, and what becomes of them in a
 * run. */
#ifndef CP_CLI_SINK_OPTIONS_H
#define CP_CLI_SINK_OPTIONS_H

#include "pipeline/cli/input_options.h"
#include "pipeline/cli/name_list.h"

/* What files say of who made them. */
#define CP_CREATED_BY "casepipe version " CASEPIPE_VERSION

/* The values of a command that writes records begin with this. */
typedef struct cp_sink_values {
    cp_input_values input;
    const char *output;
    const char *select; /* NULL: all columns */
    const char *to;     /* a sink's name; NULL: by the extension of `output` */
    int compression;
    uint64_t level;                   /* 0: unsaid */
    uint64_t group_rows, group_bytes; /* 0: unsaid */
    uint64_t max_file_bytes;          /* 0: unsaid, OUT is one file */
} cp_sink_values;

extern const cp_option cp_sink_rows[];
extern const cp_option cp_select_rows[];

/* What the run's rows need while it lasts. */
typedef struct cp_sink_plan {
    const cp_sink_type *type;
    cp_sink_options options;
    cp_name_list select;
    char extension[32]; /* of parts */
} cp_sink_plan;

/* Finds the sink and sets run->rows; `values` and `plan` outlive the run. CP_E_USAGE. Close
 * in every case. */
cp_rc cp_sink_plan_open(cp_sink_plan *plan, const cp_sink_values *values, cp_run_options *run,
                        cp_error *err);
void cp_sink_plan_close(cp_sink_plan *plan); /* may be called twice */

#endif
