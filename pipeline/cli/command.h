/* Commands: one cmd_*.c each, one row in the table of main.c. */
#ifndef CP_CLI_COMMAND_H
#define CP_CLI_COMMAND_H

#include "pipeline/config/options.h"

typedef struct cp_command {
    const char *name;
    const char *operands; /* "INPUT..." */
    const char *summary;  /* one line, lower case, no full stop */
    const char *about;    /* paragraphs for --help and the manual; lines of at most 80 characters */
    const cp_option_table *tables;
    const char *details; /* a longer text behind the options; NULL: none */
    /* argv holds what stands behind the command's name. Returns the exit status. */
    int (*main)(const struct cp_command *, int argc, char **argv);
} cp_command;

extern const cp_command cp_command_report;
extern const cp_command cp_command_convert;
extern const cp_command cp_command_validate;
extern const cp_command cp_command_head;
extern const cp_command cp_command_schema;
extern const cp_command cp_command_search;
extern const cp_command cp_command_inspect;
extern const cp_command cp_command_gen;

/* Ends with NULL. */
extern const cp_command *const cp_commands[];

#endif
