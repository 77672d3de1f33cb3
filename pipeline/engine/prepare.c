/* What has to wait for the first input: the schema where none was given, the stages' binding to
 * it, and each format's plan. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

/* The sample is the first block's worth of bytes, so that it does not depend on how a pipe
 * delivers them. */
static cp_rc infer(cp_run *run, cp_intake *intake, cp_error *err)
{
    if (!intake->format->infer)
        return cp_fail(err, CP_E_USAGE, "schema_needed",
                       "%s records cannot be guessed; describe them with --layout and --fields, "
                       "or with --schema",
                       intake->format->name);
    cp_view view;
    cp_rc rc = intake->records->peek(intake->records, CP_BLOCK_TARGET_BYTES, &view, err);
    if (rc)
        return rc;
    cp_span sample = view.bytes;
    bool whole = view.at_end && sample.size <= CP_BLOCK_TARGET_BYTES;
    if (sample.size > CP_BLOCK_TARGET_BYTES)
        sample.size = CP_BLOCK_TARGET_BYTES;
    return intake->format->infer(sample, whole, &run->inferred, err);
}

static cp_rc know_schema(cp_run *run, cp_intake *intake, cp_error *err)
{
    const cp_run_options *options = run->options;
    if (run->schema)
        return CP_OK;
    cp_rc rc = intake ? infer(run, intake, err) : cp_schema_new("inferred", &run->inferred, err);
    if (!rc && options->adapt)
        rc = options->adapt(options->adapt_context, run->inferred, &run->inferred, err);
    run->schema = run->inferred;
    return rc;
}

static cp_rc bind_stages(cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    size_t count = options->stage_count;
    for (size_t i = 0; i < run->schema->field_count; i++)
        run->schema->fields[i].wanted = false;
    cp_rc rc = cp_calloc(count, sizeof(void *), &run->partials, err);
    if (!rc)
        rc = cp_calloc(count, sizeof(void *), &run->rows_schemas, err);
    for (size_t i = 0; !rc && i < count; i++) {
        cp_stage *stage = options->stages[i];
        rc = cp_schema_new(stage->type->name, &run->rows_schemas[i], err);
        if (!rc)
            rc = stage->type->bind(stage, run->schema, run->rows_schemas[i], err);
        if (!rc)
            rc = stage->type->partial_open(stage, options->memory_limit_bytes, &run->partials[i],
                                           err);
    }
    return rc;
}

static cp_rc bind(cp_run *run, cp_intake *intake, cp_error *err)
{
    if (run->bound)
        return CP_OK;
    cp_rc rc = know_schema(run, intake, err);
    if (!rc)
        rc = bind_stages(run, err);
    if (!rc)
        rc = cp_worker_open(&run->worker, run, err);
    run->bound = !rc;
    return rc;
}

static cp_rc open_lane(cp_run *run, const cp_format_type *type, cp_lane **out, cp_error *err)
{
    cp_lane *lane = run->lanes;
    while (lane->type && lane->type != type)
        lane++;
    *out = lane;
    if (lane->type)
        return CP_OK;
    lane->type = type;
    cp_rc rc = type->plan(run->schema, &run->options->format, &lane->plan, err);
    return rc ? rc : type->decoder_open(lane->plan, &lane->decoder, err);
}

cp_rc cp_run_prepare(cp_run *run, cp_intake *intake, cp_lane **lane, cp_error *err)
{
    cp_rc rc = bind(run, intake, err);
    return rc ? rc : open_lane(run, intake->format, lane, err);
}

cp_rc cp_run_prepare_empty(cp_run *run, cp_error *err)
{
    return bind(run, NULL, err);
}
