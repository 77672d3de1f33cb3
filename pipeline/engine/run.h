/* One run: inputs through a format and a chain of stages, every record accounted for.
 *
 *   cp_run_open      checks and opens what can fail early: the outputs
 *   cp_run_execute   reads everything, balances the books, publishes the rejects, then the rows
 *   cp_run_partial   the combined state of a FOLD stage, for the command to emit
 *   cp_run_close
 */
#ifndef CP_ENGINE_RUN_H
#define CP_ENGINE_RUN_H

#include "pipeline/core/sink.h"
#include "pipeline/core/stage.h"
#include "pipeline/engine/books.h"
#include "pipeline/engine/budget.h"
#include "pipeline/engine/intake.h"

/* What a progress display needs; sent about once a block. */
typedef struct cp_progress {
    uint64_t stored_bytes; /* read so far of all inputs, as stored */
    uint64_t records;      /* committed so far */
} cp_progress;

enum { CP_THREADS_MAX = 256 };

/* Every accepted and selected row, in input order. */
typedef struct cp_rows_options {
    const char *path; /* NULL: no rows are written */
    /* 0: `path` is a file. Else it is a folder of parts (pipeline/io/parts.h) none of which is
     * larger, except that each holds one group at least; without rows there is one part. */
    uint64_t file_bytes_max;
    const char *extension; /* of parts, with the dot */
    const cp_span *select; /* the columns, in order, each a field once; borrowed */
    size_t select_count;   /* 0: all that the first input's format can have, in order */
    /* Narrows the wanted fields' rules to what the output can hold; before any record is read.
     * NULL: it holds everything. */
    cp_rc (*narrow)(void *context, cp_schema *schema, cp_error *);
    /* A sink for the wanted fields of `schema`, which outlives it: those selected, in order. Called
     * once, when the schema is known. */
    cp_rc (*open_sink)(void *context, const cp_schema *schema, cp_sink **out, cp_error *);
    void *context;
    /* A group ends before the row with which it would be larger than either. */
    uint64_t group_rows, group_bytes;
    /* So many rows and no more; the run ends as soon as it has them, and what comes behind them is
     * neither read nor judged. Wants one thread. */
    bool has_limit;
    uint64_t limit;
    /* The limit is at most the number of records that an inferred schema was made from. */
    bool limit_to_sample;
} cp_rows_options;

typedef struct cp_run_options {
    char *const *paths;
    size_t path_count;
    cp_intake_options intake;
    const char *member_glob; /* which members of archives are inputs; NULL: all */
    cp_format_options format;
    cp_schema *schema; /* NULL: inferred from the first input that has a record; where none has,
                        * from the first that names fields, as the header of CSV does. The run
                        * marks the fields that are read downstream (cp_field.wanted): those of
                        * its stages, and the columns where rows are written */
    bool closed_guess; /* an inferred schema refuses records with fields that it does not know */
    /* Without a schema, records are taken as they stand where their format can
     * (cp_schema_verbatim). */
    bool verbatim;
    /* Makes of an inferred schema, which it owns from here on, the one that the command wants;
     * where nothing could be inferred (no input has a good record in its sample) it is given one
     * without fields. NULL: it stands as it is. Not called for a schema that was given. */
    cp_rc (*adapt)(void *context, cp_schema *inferred, cp_schema **out, cp_error *);
    void *adapt_context;
    cp_stage *const *maps; /* MAP, in order, before all that follows; borrowed. They are not bound
                            * where no schema was given and no input has a record or names fields */
    size_t map_count;
    cp_stage *const *stages; /* FOLD, in order; borrowed */
    size_t stage_count;
    cp_rows_options rows;
    cp_budget budget;
    size_t threads; /* 1 to CP_THREADS_MAX, the calling one included; never changes a result */
    size_t memory_limit_bytes;
    const char *rejects_path;                             /* NULL: rejects are counted only */
    void (*progress)(void *context, const cp_progress *); /* any thread, one at a time */
    void *progress_context;
} cp_run_options;

typedef struct cp_input_result {
    char *path;            /* "a.jsonl", "a.tar!day/a.jsonl"; the run's */
    uint64_t stored_bytes; /* as stored, under its codecs */
    uint64_t records;      /* accepted and rejected */
} cp_input_result;

/* That the schema has the columns. CP_E_USAGE names the nearest field. */
cp_rc cp_select_check(const cp_rows_options *options, const cp_schema *schema, cp_error *err);

typedef struct cp_run cp_run;

/* The options are borrowed until close. CP_E_CREATE and CP_E_LOCKED for an output, CP_E_MEMORY. */
cp_rc cp_run_open(const cp_run_options *options, cp_run **out, cp_error *err);

/* The first error in input order. Rejects are published also when this fails. */
cp_rc cp_run_execute(cp_run *run, cp_error *err);

const cp_books *cp_run_books(const cp_run *run);
/* One for each input that was read to its end, members of archives each for itself, in order. */
const cp_input_result *cp_run_inputs(const cp_run *run);
size_t cp_run_input_count(const cp_run *run);
/* The schema that was given or inferred; after execute. */
const cp_schema *cp_run_schema(const cp_run *run);
/* The state of stage i over all inputs, and the schema of its result rows; after execute. */
cp_partial *cp_run_partial(const cp_run *run, size_t stage);
const cp_schema *cp_run_rows_schema(const cp_run *run, size_t stage);

void cp_run_close(cp_run *run); /* NULL is allowed */

#endif
