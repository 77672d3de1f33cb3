/* What goes to stderr, and the exit status that goes with it. */
#ifndef CP_CLI_MESSAGES_H
#define CP_CLI_MESSAGES_H

#include "pipeline/core/error.h"

#include <stdbool.h>

typedef enum cp_log_format { CP_LOG_TEXT, CP_LOG_JSON } cp_log_format;

/* How messages look, and whether notes are shown at all; errors always are. */
void cp_messages_set(cp_log_format format, bool quiet);

/* Prints the error and returns its exit status. */
int cp_report_error(const cp_error *err);

/* A remark that is no error. */
void cp_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* DESIGN section 4: 0 clean, 64 usage, 65 bad data, and so on. */
int cp_exit_status(cp_rc rc);

enum { CP_EXIT_REJECTS = 1 }; /* finished and published, with rejects inside the budget */

#endif
