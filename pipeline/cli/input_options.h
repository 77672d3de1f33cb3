/* The options that every command with inputs shares, and what they mean for a run. */
#ifndef CP_CLI_INPUT_OPTIONS_H
#define CP_CLI_INPUT_OPTIONS_H

#include "pipeline/cli/name_list.h"
#include "pipeline/cli/progress_bar.h"
#include "pipeline/config/options.h"
#include "pipeline/engine/run.h"
#include "pipeline/expr/expr.h"
#include "pipeline/io/input.h"

typedef enum cp_on_error {
    CP_ON_ERROR_UNSAID = -1,
    CP_ON_ERROR_FAIL, /* from here on in the order of the option's words */
    CP_ON_ERROR_SKIP,
    CP_ON_ERROR_QUARANTINE,
} cp_on_error;

/* A command's own struct of values begins with this. */
typedef struct cp_input_values {
    const char *from; /* a format's name; NULL or "auto": by content */
    const char *schema;
    const char *layout;
    const char *fields;
    const char *delimiter;
    const char *at; /* a JSON Pointer; NULL: none */
    const char *member;
    uint64_t skip_bytes;
    const char *where;
    uint64_t max_record_bytes;
    uint64_t max_window_bytes;
    int on_error;
    const char *rejects;
    uint64_t max_errors; /* UINT64_MAX: unsaid */
    double max_ratio;    /* 2: unsaid */
    uint64_t threads;    /* 0: one for each processor */
    uint64_t memory_limit_bytes;
    int read_method;
    uint64_t chunk_bytes;
    int progress;
    bool quiet;
    int log_format;
} cp_input_values;

extern const cp_input_values cp_input_defaults;

/* Tables of rows for cp_option_table, each ending with a row of NULL. */
extern const cp_option cp_input_rows[];
extern const cp_option cp_where_rows[];
extern const cp_option cp_error_rows[];
extern const cp_option cp_resource_rows[];
extern const cp_option cp_message_rows[];

/* What a run needs beside the command's own stages. */
typedef struct cp_inputs {
    cp_paths paths;
    cp_schema *schema; /* NULL: to be inferred */
    cp_name_list columns;
    cp_expr *where;   /* NULL: every record is kept */
    cp_stage *filter; /* likewise */
    cp_progress_bar bar;
    cp_run_options run;
} cp_inputs;

/* Turns values and operands into run options: expands globs, loads the schema, checks that the
 * options go together. CP_E_USAGE, CP_E_NOINPUT, CP_E_CONFIG. Close in every case. */
cp_rc cp_inputs_open(cp_inputs *inputs, const cp_input_values *values, char **operands,
                     size_t operand_count, cp_error *err);
/* That the condition fits the schema, if both were given; after whatever changes the schema.
 * CP_E_USAGE. */
cp_rc cp_inputs_check_where(const cp_inputs *inputs, cp_error *err);
/* That no output is an input, or a folder that holds one, nor the other output; NULL: none.
 * CP_E_USAGE. */
cp_rc cp_outputs_check(const cp_paths *inputs, const char *output, const char *other,
                       cp_error *err);

void cp_inputs_close(cp_inputs *inputs); /* may be called twice */

/* A whole run of a command that asks it nothing afterwards; the status to exit with where it
 * finished. Errors of cp_run_open and cp_run_execute. */
cp_rc cp_inputs_run(cp_inputs *inputs, int *verdict, cp_error *err);
/* Says on stderr what was refused, if anything; returns the exit status of a run that finished. */
int cp_inputs_verdict(const cp_books *books);

#endif
