/* The driver: the way of the data on one page.
 *
 *   intake   bytes, codecs, format
 *   split    cutter: whole records into blocks       (a record too large is passed over)
 *   decode   worker: block -> batch, rejects         } cp_worker_block
 *   stages   worker: batch -> the morsel's partials  }
 *   commit   places, rejects, budget; partials combined in input order
 *   finish   the books balance, the ratio holds, the rejects are published
 */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

static void tell_progress(const cp_run *run, const cp_intake *intake)
{
    const cp_run_options *options = run->options;
    if (options->progress)
        options->progress(options->progress_context,
                          &(cp_progress){run->input, intake->stored->position, run->books.read});
}

static cp_rc read_blocks(cp_run *run, cp_intake *intake, cp_lane *lane, cp_cutter *cutter,
                         cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc) {
        cp_block block;
        cp_cut cut;
        uint64_t skip_offset;
        rc = cp_cutter_next(cutter, &block, &cut, &skip_offset, err);
        if (rc == CP_BLOCK) {
            rc = cp_worker_block(run, lane, &block, err);
            cp_block_release(&block);
        } else if (rc == CP_SKIP) {
            rc = cp_commit_skip(run, &cut, skip_offset, err);
        }
        tell_progress(run, intake);
    }
    return rc == CP_END ? cp_commit_morsel(run, err) : rc;
}

static cp_rc read_records(cp_run *run, cp_intake *intake, cp_error *err)
{
    cp_lane *lane;
    cp_rc rc = cp_run_prepare(run, intake, &lane, err);
    if (rc)
        return rc;
    run->place = (cp_place){run->inputs[run->input].path, lane->type->has_lines, 0, 0};
    cp_cutter cutter = {0};
    rc = cp_cutter_open(&cutter, intake->records, lane->plan, err);
    if (!rc)
        rc = read_blocks(run, intake, lane, &cutter, err);
    cp_cutter_close(&cutter);
    return rc;
}

static cp_rc run_input(cp_run *run, cp_error *err)
{
    cp_intake intake;
    cp_input_result *result = &run->inputs[run->input];
    cp_rc rc = cp_intake_open(result->path, &run->options->intake, run->pool, run->codec_pool,
                              &intake, err);
    if (rc)
        return rc;
    uint64_t read_before = run->books.read;
    if (intake.format) /* else the input is empty */
        rc = read_records(run, &intake, err);
    result->records = run->books.read - read_before;
    result->stored_bytes = intake.stored->position;
    cp_intake_close(&intake);
    if (rc)
        cp_error_in(err, result->path);
    return rc;
}

/* What was refused is worth keeping whatever became of the run; but the first error stands. */
static cp_rc publish_rejects(cp_run *run, cp_rc rc, cp_error *err)
{
    if (!run->rejects_out)
        return rc;
    cp_rc published = cp_output_publish(run->rejects_out, rc ? NULL : err);
    return rc ? rc : published;
}

cp_rc cp_run_execute(cp_run *run, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (run->input = 0; !rc && run->input < run->options->path_count; run->input++)
        rc = run_input(run, err);
    if (!rc)
        rc = cp_run_prepare_empty(run, err);
    if (!rc)
        rc = cp_books_check(&run->books, err);
    if (!rc)
        rc =
            cp_budget_check_ratio(&run->options->budget, run->books.read, run->books.rejected, err);
    return publish_rejects(run, rc, err);
}

static cp_rc open_inputs(cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = cp_calloc(options->path_count, sizeof *run->inputs, &run->inputs, err);
    for (size_t i = 0; !rc && i < options->path_count; i++)
        run->inputs[i].path = options->paths[i];
    return rc;
}

cp_rc cp_run_open(const cp_run_options *options, cp_run **out, cp_error *err)
{
    cp_run *run;
    cp_rc rc = cp_calloc(1, sizeof *run, &run, err);
    if (rc)
        return rc;
    run->options = options;
    run->schema = options->schema;
    rc = cp_pool_new(CP_BLOCK_TARGET_BYTES, &run->pool, err);
    if (!rc)
        rc = cp_pool_new(options->intake.io.chunk_bytes, &run->codec_pool, err);
    if (!rc)
        rc = open_inputs(run, err);
    if (!rc && options->rejects_path)
        rc = cp_output_open(options->rejects_path, &run->rejects_out, err);
    if (rc)
        cp_run_close(run);
    else
        *out = run;
    return rc;
}

const cp_books *cp_run_books(const cp_run *run)
{
    return &run->books;
}

const cp_input_result *cp_run_inputs(const cp_run *run)
{
    return run->inputs;
}

const cp_schema *cp_run_schema(const cp_run *run)
{
    return run->schema;
}

cp_partial *cp_run_partial(const cp_run *run, size_t stage)
{
    return run->partials[stage];
}

const cp_schema *cp_run_rows_schema(const cp_run *run, size_t stage)
{
    return run->rows_schemas[stage];
}

static void close_stages(cp_run *run)
{
    for (size_t i = 0; i < run->options->stage_count; i++) {
        if (run->partials)
            run->options->stages[i]->type->partial_close(run->partials[i]);
        if (run->rows_schemas)
            cp_schema_free(run->rows_schemas[i]);
    }
    free(run->partials);
    free(run->rows_schemas);
}

void cp_run_close(cp_run *run)
{
    if (!run)
        return;
    cp_worker_close(&run->worker, run);
    close_stages(run);
    for (size_t i = 0; i < CP_LANES_MAX && run->lanes[i].type; i++) {
        const cp_lane *lane = &run->lanes[i];
        if (lane->decoder)
            lane->type->decoder_close(lane->decoder);
        if (lane->plan)
            lane->type->plan_close(lane->plan);
    }
    cp_output_close(run->rejects_out);
    cp_schema_free(run->inferred);
    cp_pool_free(run->codec_pool);
    cp_pool_free(run->pool);
    free(run->inputs);
    free(run);
}
