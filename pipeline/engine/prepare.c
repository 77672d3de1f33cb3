/* What has to wait for the first input that holds something: the schema where none was given, the
 * stages' binding to it, and each format's plan. */
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
    return intake->format->infer(sample, whole, &run->options->format, &run->inferred, err);
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
    for (size_t i = 0; i < run->schema->field_count; i++)
        run->schema->fields[i].wanted = options->rows.path != NULL;
    cp_rc rc = cp_calloc(options->stage_count, sizeof(void *), &run->rows_schemas, err);
    for (size_t i = 0; !rc && i < options->stage_count; i++) {
        cp_stage *stage = options->stages[i];
        rc = cp_schema_new(stage->type->name, &run->rows_schemas[i], err);
        if (!rc)
            rc = stage->type->bind(stage, run->schema, run->rows_schemas[i], err);
    }
    if (!rc)
        rc = cp_rows_bind(run, err);
    return rc ? rc : cp_partials_open(run, &run->partials, err);
}

cp_rc cp_run_bind(cp_run *run, cp_intake *intake, cp_error *err)
{
    if (run->bound)
        return CP_OK;
    cp_rc rc = know_schema(run, intake, err);
    if (!rc)
        rc = bind_stages(run, err);
    run->bound = !rc;
    return rc;
}

cp_rc cp_run_lane(cp_run *run, const cp_format_type *type, size_t *lane, cp_error *err)
{
    size_t i = 0;
    while (run->lanes[i].type && run->lanes[i].type != type)
        i++;
    *lane = i;
    if (run->lanes[i].type)
        return CP_OK;
    cp_rc rc = type->plan(run->schema, &run->options->format, &run->lanes[i].plan, err);
    if (!rc)
        run->lanes[i].type = type;
    return rc;
}

cp_rc cp_partials_open(const cp_run *run, cp_partial ***out, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_partial **partials;
    cp_rc rc = cp_calloc(options->stage_count, sizeof *partials, &partials, err);
    for (size_t i = 0; !rc && i < options->stage_count; i++)
        rc = options->stages[i]->type->partial_open(options->stages[i], options->memory_limit_bytes,
                                                    &partials[i], err);
    if (rc)
        cp_partials_close(run, partials);
    else
        *out = partials;
    return rc;
}

cp_rc cp_partials_combine(const cp_run *run, cp_partial **into, cp_partial **from, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < options->stage_count; i++)
        rc = options->stages[i]->type->combine(options->stages[i], into[i], from[i], err);
    return rc;
}

void cp_partials_close(const cp_run *run, cp_partial **partials)
{
    for (size_t i = 0; partials && i < run->options->stage_count; i++)
        run->options->stages[i]->type->partial_close(partials[i]);
    free(partials);
}
