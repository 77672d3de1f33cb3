/* Progress on a terminal: bytes, records a second, time left. Nothing elsewhere. */
#ifndef CP_CLI_PROGRESS_BAR_H
#define CP_CLI_PROGRESS_BAR_H

#include "pipeline/engine/run.h"

typedef enum cp_progress_when {
    CP_PROGRESS_AUTO,
    CP_PROGRESS_ALWAYS,
    CP_PROGRESS_NEVER,
} cp_progress_when;

typedef struct cp_progress_bar {
    bool shown;
    bool drawn;           /* something stands on the line */
    uint64_t total_bytes; /* of all inputs; 0 where one has no size */
    double started_s, drawn_s;
} cp_progress_bar;

void cp_progress_bar_open(cp_progress_bar *bar, cp_progress_when when, bool quiet,
                          char *const *paths, size_t path_count);
void cp_progress_bar_draw(cp_progress_bar *bar, const cp_progress *progress);
void cp_progress_bar_close(cp_progress_bar *bar); /* clears the line; may be called twice */

#endif
