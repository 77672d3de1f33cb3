/* Which fields a report is about, and what follows for the schema. */
#ifndef CP_CLI_ROLES_H
#define CP_CLI_ROLES_H

#include "pipeline/core/schema.h"
#include "pipeline/expr/expr.h"

typedef struct cp_roles {
    const char *status; /* counted */
    const char *by;     /* the key of the statistics */
    const char *value;  /* the number */
    const char *time;
    const cp_expr *where; /* reads further fields; NULL: none */
} cp_roles;

/* For a schema that was given: checks that it has the fields; a time that is a number counts as
 * epoch seconds, a string as RFC 3339. CP_E_USAGE names the option. */
cp_rc cp_roles_check(const cp_roles *roles, cp_schema *schema, cp_error *err);

/* For an inferred one, as cp_run_options.adapt has it: keeps the four fields alone, and those
 * that the condition reads, so that no guess about any other can fail the run. `context` is the
 * roles. */
cp_rc cp_roles_adapt(void *context, cp_schema *inferred, cp_schema **out, cp_error *err);

#endif
