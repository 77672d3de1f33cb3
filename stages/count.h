/* How often each value of a field occurs. */
#ifndef CP_STAGES_COUNT_H
#define CP_STAGES_COUNT_H

#include "pipeline/core/stage.h"

typedef struct cp_count_options {
    const char *by; /* the field counted; borrowed */
} cp_count_options;

/* Result rows: the field itself, `count` (uint64); every symbol of an enum that occurs, in symbol
 * order, other types by ascending value, null last. CP_E_MEMORY. */
cp_rc cp_count_open(const cp_count_options *options, cp_stage **out, cp_error *err);

#endif
