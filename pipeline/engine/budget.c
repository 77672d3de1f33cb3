/* The ratio is judged when all is read: a run that begins badly may still end well. */
#include "pipeline/engine/budget.h"

#include <inttypes.h>

cp_rc cp_budget_check_ratio(const cp_budget *budget, uint64_t read, uint64_t rejected,
                            cp_error *err)
{
    if (rejected == 0 || (double)rejected / (double)read <= budget->max_ratio)
        return CP_OK;
    return cp_fail(err, CP_E_DATA, "budget_exceeded",
                   "%" PRIu64 " of %" PRIu64 " records rejected, more than --max-error-ratio %g",
                   rejected, read, budget->max_ratio);
}
