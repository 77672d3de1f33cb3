/* How many bad records a run may meet before it gives up. */
#ifndef CP_ENGINE_BUDGET_H
#define CP_ENGINE_BUDGET_H

#include "pipeline/core/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct cp_budget {
    uint64_t max_errors; /* 0: the first bad record ends the run; UINT64_MAX: any number */
    double max_ratio;    /* of the records read, judged at the end; 1: any */
} cp_budget;

/* Asked after each reject; `rejected` counts it. */
static inline bool cp_budget_exceeded(const cp_budget *budget, uint64_t rejected)
{
    return rejected > budget->max_errors;
}

/* Asked at the end. CP_E_DATA where the share of bad records is above the limit. */
cp_rc cp_budget_check_ratio(const cp_budget *budget, uint64_t read, uint64_t rejected,
                            cp_error *err);

#endif
