/* The inside of a run, shared by the files of the engine and by nobody else. */
#ifndef CP_ENGINE_RUN_STATE_H
#define CP_ENGINE_RUN_STATE_H

#include "pipeline/engine/cutter.h"
#include "pipeline/engine/run.h"
#include "pipeline/io/output.h"

enum { CP_MORSEL_BLOCKS = 4 };

/* What one format needs in this run; made when the first input of the format is met. */
typedef struct cp_lane {
    const cp_format_type *type;
    cp_format *plan;
    cp_decoder *decoder;
} cp_lane;

enum { CP_LANES_MAX = 16 };

/* Turns blocks into partials. One worker is enough for now; all it needs is its own. */
typedef struct cp_worker {
    cp_batch batch;
    cp_rejects rejects;
    cp_partial **partials; /* one for each stage, over the current morsel */
    unsigned morsel_blocks;
} cp_worker;

/* Where commit stands in the current input. */
typedef struct cp_place {
    const char *input;
    bool has_lines;
    uint64_t records, lines; /* before the block at hand */
} cp_place;

struct cp_run {
    const cp_run_options *options;
    cp_pool *pool;       /* record buffers */
    cp_pool *codec_pool; /* stored bytes under a codec */
    cp_schema *schema;
    cp_schema *inferred; /* owned; NULL where the schema was given */
    cp_lane lanes[CP_LANES_MAX];
    cp_worker worker;
    cp_partial **partials;    /* over the whole run */
    cp_schema **rows_schemas; /* of the stages' results */
    bool bound;
    cp_output *rejects_out;
    cp_books books;
    cp_place place;
    cp_input_result *inputs;
    size_t input;
};

/* prepare.c: what depends on the schema, once it is known. */
cp_rc cp_run_prepare(cp_run *run, cp_intake *intake, cp_lane **lane, cp_error *err);
cp_rc cp_run_prepare_empty(cp_run *run, cp_error *err);

/* worker.c */
cp_rc cp_worker_open(cp_worker *worker, cp_run *run, cp_error *err);
void cp_worker_close(cp_worker *worker, const cp_run *run);
/* A block through decode and the stages; its rejects are committed on the way. */
cp_rc cp_worker_block(cp_run *run, cp_lane *lane, const cp_block *block, cp_error *err);

/* commit.c: serial, in input order. */
cp_rc cp_commit_rejects(cp_run *run, const cp_block *block, const cp_rejects *rejects,
                        cp_error *err);
cp_rc cp_commit_skip(cp_run *run, const cp_cut *cut, uint64_t offset, cp_error *err);
void cp_commit_block(cp_run *run, const cp_cursor *cursor, uint64_t accepted);
cp_rc cp_commit_morsel(cp_run *run, cp_error *err);

#endif
