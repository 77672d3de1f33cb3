/* Ending by a signal: unpublished files are removed, and the status says the signal. */
#ifndef CP_CLI_SIGNALS_H
#define CP_CLI_SIGNALS_H

void cp_signals_install(void);

#endif
