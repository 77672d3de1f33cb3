/* Options as tables: from one table come parsing, --help and the manual page.
 *
 * A command lists its tables; each row says where in the command's struct of values it goes. */
#ifndef CP_CONFIG_OPTIONS_H
#define CP_CONFIG_OPTIONS_H

#include "pipeline/core/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum cp_option_kind {
    CP_OPTION_FLAG,   /* bool */
    CP_OPTION_TEXT,   /* const char *, borrowed from the command line */
    CP_OPTION_SIZE,   /* uint64_t bytes: "64MiB" */
    CP_OPTION_COUNT,  /* uint64_t */
    CP_OPTION_RATIO,  /* double from 0 to 1 */
    CP_OPTION_CHOICE, /* int, an index of `choices` */
} cp_option_kind;

typedef struct cp_option {
    const char *name; /* "max-errors", without the dashes */
    char letter;      /* 'o' for -o; 0: none */
    cp_option_kind kind;
    size_t offset;              /* of the value in the struct of values */
    const char *argument;       /* "N", for the help; NULL for flags */
    const char *help;           /* one sentence, lower case, no full stop */
    const char *const *choices; /* CP_OPTION_CHOICE: ends with NULL */
    uint64_t min, max;          /* CP_OPTION_SIZE and COUNT; max 0: none */
} cp_option;

/* Ends with a row whose name is NULL. */
typedef struct cp_option_table {
    const char *title; /* "Bad records" */
    const cp_option *rows;
} cp_option_table;

/* Parses argv[0 .. argc) against the tables (which end with rows NULL) into `values`. Options and
 * operands may be mixed; "--" ends the options; "-" is an operand; "--name=value" and
 * "--name value" are the same. Operands are moved to the front of argv, *operand_count of them.
 * CP_E_USAGE names the option, and the nearest one that exists. */
cp_rc cp_options_parse(const cp_option_table *tables, char **argv, size_t argc, void *values,
                       size_t *operand_count, cp_error *err);

/* The row of an option, NULL where there is none. */
const cp_option *cp_options_find(const cp_option_table *tables, const char *name, size_t size);

#endif
