/* Keeps the rows for which a condition is true. */
#ifndef CP_STAGES_FILTER_H
#define CP_STAGES_FILTER_H

#include "pipeline/core/stage.h"
#include "pipeline/expr/expr.h"

/* A MAP stage; the condition outlives it. Binding is CP_E_USAGE where it does not fit the schema.
 * CP_E_MEMORY. */
cp_rc cp_filter_stage_open(const cp_expr *condition, cp_stage **out, cp_error *err);

#endif
