/* --help, --version and the manual page, all from the tables that parse the command line. */
#ifndef CP_CLI_HELP_H
#define CP_CLI_HELP_H

#include "pipeline/cli/command.h"

/* Each prints to stdout and returns the exit status: 74 where stdout cannot be written. */
int cp_help_overview(void);
int cp_help_command(const cp_command *command);
int cp_help_version(void);
int cp_help_manual(void); /* casepipe(1), in roff */

#endif
