/* The contract of a stage, and the three kinds:
 *
 *   MAP      filter, select: any thread, batch by batch
 *   FOLD     count, stats: partials, one a morsel, combined in input order
 *   ORDERED  limit, dedupe: serial, in input order, and all that follows
 *
 * To add a stage: one file under stages/ that defines a `const cp_stage_type` and a function that
 * opens it from its options. */
#ifndef CP_CORE_STAGE_H
#define CP_CORE_STAGE_H

#include "pipeline/core/batch.h"
#include "pipeline/core/schema.h"

typedef enum cp_stage_kind { CP_STAGE_MAP, CP_STAGE_FOLD, CP_STAGE_ORDERED } cp_stage_kind;

/* Each stage begins its own structs with these. */
typedef struct cp_stage {
    const struct cp_stage_type *type;
} cp_stage;
typedef struct cp_partial {
    const struct cp_stage_type *type;
} cp_partial;
typedef struct cp_scratch {
    const struct cp_stage_type *type;
} cp_scratch;

typedef struct cp_stage_type {
    const char *name;
    cp_stage_kind kind;

    /* Resolves the stage's fields in `in`, marks those it reads as wanted, and describes its
     * result rows in `out`, an empty schema (MAP: NULL, since they are those of `in`). CP_E_CONFIG
     * where they do not fit, CP_E_USAGE where it is the command line that is wrong. Called once,
     * before any thread starts. */
    cp_rc (*bind)(cp_stage *, cp_schema *in, cp_schema *out, cp_error *);

    /* MAP. One worker's scratch. CP_E_MEMORY. */
    cp_rc (*scratch_open)(const cp_stage *, cp_scratch **, cp_error *);
    void (*scratch_close)(cp_scratch *); /* NULL is allowed */
    /* Narrows the batch's selection; any thread, own scratch. CP_E_DATA where a row's values cannot
     * be computed with. */
    cp_rc (*map)(const cp_stage *, cp_scratch *, cp_batch *, cp_error *);

    /* FOLD. An empty partial; it may hold `memory_limit_bytes`, more is CP_E_MEMORY. */
    cp_rc (*partial_open)(const cp_stage *, size_t memory_limit_bytes, cp_partial **, cp_error *);
    /* The batch's selected rows into the caller's own partial; any thread. */
    cp_rc (*fold)(const cp_stage *, cp_partial *, const cp_batch *, cp_error *);
    /* Serial, in input order. `from` is emptied and can be folded into again. */
    cp_rc (*combine)(const cp_stage *, cp_partial *into, cp_partial *from, cp_error *);
    /* The next result rows into `rows` (of the schema bind described), until CP_END. Serial. */
    cp_rc (*emit)(const cp_stage *, cp_partial *, cp_batch *rows, cp_error *);
    void (*partial_close)(cp_partial *); /* NULL is allowed */

    void (*close)(cp_stage *); /* NULL is allowed */
} cp_stage_type;

#endif
