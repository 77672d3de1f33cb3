/* A block at a time: decode a batch, fold it, commit what was refused, until the block is done. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

cp_rc cp_worker_open(cp_worker *worker, cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = cp_batch_open(&worker->batch, run->schema, CP_BATCH_ROWS, err);
    if (!rc)
        rc = cp_calloc(options->stage_count, sizeof(void *), &worker->partials, err);
    for (size_t i = 0; !rc && i < options->stage_count; i++)
        rc = options->stages[i]->type->partial_open(options->stages[i], options->memory_limit_bytes,
                                                    &worker->partials[i], err);
    return rc;
}

void cp_worker_close(cp_worker *worker, const cp_run *run)
{
    for (size_t i = 0; worker->partials && i < run->options->stage_count; i++)
        run->options->stages[i]->type->partial_close(worker->partials[i]);
    free(worker->partials);
    if (worker->batch.schema)
        cp_batch_close(&worker->batch);
    cp_rejects_free(&worker->rejects);
    *worker = (cp_worker){0};
}

static cp_rc fold(cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < options->stage_count; i++)
        rc = options->stages[i]->type->fold(options->stages[i], run->worker.partials[i],
                                            &run->worker.batch, err);
    return rc;
}

cp_rc cp_worker_block(cp_run *run, cp_lane *lane, const cp_block *block, cp_error *err)
{
    cp_worker *worker = &run->worker;
    cp_cursor cursor = {0};
    uint64_t accepted = 0;
    cp_rc decoded = CP_MORE, rc = CP_OK;
    while (!rc && decoded == CP_MORE) {
        cp_batch_reset(&worker->batch);
        cp_rejects_reset(&worker->rejects);
        decoded = lane->type->decode(lane->decoder, block, &cursor, &worker->batch,
                                     &worker->rejects, err);
        accepted += worker->batch.rows;
        rc = cp_failed(decoded) ? decoded : fold(run, err);
        if (!rc)
            rc = cp_commit_rejects(run, block, &worker->rejects, err);
    }
    if (rc)
        return rc;
    cp_commit_block(run, &cursor, accepted);
    return ++worker->morsel_blocks == CP_MORSEL_BLOCKS ? cp_commit_morsel(run, err) : CP_OK;
}
