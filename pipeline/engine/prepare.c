/* What has to wait for the first input that holds a record: the schema where none was given, the
 * stages' binding to it, and each format's plan. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

/* ---- the schema ---- */

static bool is_verbatim(const cp_run *run, const cp_intake *intake)
{
    return run->options->verbatim && intake->format->keeps_text;
}

static cp_rc take_sample(const cp_run *run, cp_intake *intake, cp_sample *out, cp_error *err)
{
    cp_format_options options = run->options->format;
    if (is_verbatim(run, intake))
        options.sample_records = 1; /* whether there is any */
    return cp_intake_infer(intake, &options, out, err);
}

/* The run's schema from here on is `guess`, which it owns, as the command wants it. */
static cp_rc settle(cp_run *run, cp_schema *guess, cp_error *err)
{
    const cp_run_options *options = run->options;
    guess->reject_unknown |= guess->inferred && options->closed_guess;
    run->inferred = guess;
    cp_rc rc = CP_OK;
    if (options->adapt)
        rc = options->adapt(options->adapt_context, guess, &run->inferred, err);
    run->schema = run->inferred;
    return rc;
}

static cp_rc settle_verbatim(cp_run *run, cp_error *err)
{
    cp_rc rc = cp_schema_verbatim(&run->inferred, err);
    run->schema = run->inferred;
    return rc;
}

/* There is no record to be lost: what may be wrong with the input is looked for alone. */
static cp_rc read_through(const cp_run *run, cp_intake *intake, const cp_schema *schema,
                          cp_error *err)
{
    cp_format *plan;
    cp_cutter cutter = {0};
    cp_rc rc = intake->format->plan(schema, &run->options->format, &plan, err);
    if (rc)
        return rc;
    rc = cp_cutter_open(&cutter, intake->records, plan, err);
    while (!rc) {
        cp_block block;
        cp_cut cut;
        uint64_t skip_offset;
        rc = cp_cutter_next(&cutter, &block, &cut, &skip_offset, err);
        if (rc == CP_BLOCK)
            cp_block_release(&block);
        if (rc == CP_BLOCK || rc == CP_SKIP)
            rc = CP_OK;
    }
    cp_cutter_close(&cutter);
    plan->type->plan_close(plan);
    return rc == CP_END ? CP_OK : rc;
}

/* Owns the guess. */
static cp_rc pass_over(cp_run *run, cp_intake *intake, cp_schema *guess, cp_error *err)
{
    cp_rc rc = read_through(run, intake, guess, err);
    if (run->fallback || guess->field_count == 0) {
        cp_schema_free(guess);
        return rc;
    }
    run->fallback = guess;
    run->fallback_format = intake->format;
    return rc;
}

cp_rc cp_run_learn(cp_run *run, cp_intake *intake, bool *learned, cp_error *err)
{
    cp_sample sample;
    *learned = true;
    if (run->schema)
        return CP_OK;
    cp_rc rc = take_sample(run, intake, &sample, err);
    if (rc)
        return rc;
    *learned = sample.guess.records > 0 || !sample.whole;
    if (!*learned)
        return pass_over(run, intake, sample.guess.schema, err);
    if (is_verbatim(run, intake)) {
        cp_schema_free(sample.guess.schema);
        return settle_verbatim(run, err);
    }
    if (run->options->rows.limit_to_sample && run->rows.limit > sample.guess.records)
        run->rows.limit = sample.guess.records;
    return settle(run, sample.guess.schema, err);
}

/* No input has told it. */
static cp_rc settle_fallback(cp_run *run, cp_error *err)
{
    cp_schema *guess = run->fallback;
    cp_rc rc = guess ? CP_OK : cp_schema_new("inferred", &guess, err);
    run->fallback = NULL;
    return rc ? rc : settle(run, guess, err);
}

/* ---- what rests on it ---- */

/* Where nothing is known of any field there is nothing to filter, either. */
static cp_rc bind_maps(cp_run *run, const cp_intake *intake, cp_error *err)
{
    const cp_run_options *options = run->options;
    bool knows_fields = intake || run->fallback_format || !run->inferred;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && knows_fields && i < options->map_count; i++)
        rc = options->maps[i]->type->bind(options->maps[i], run->schema, NULL, err);
    return rc;
}

static cp_rc bind_stages(cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = cp_calloc(options->stage_count, sizeof(void *), &run->rows_schemas, err);
    for (size_t i = 0; !rc && i < options->stage_count; i++) {
        cp_stage *stage = options->stages[i];
        rc = cp_schema_new(stage->type->name, &run->rows_schemas[i], err);
        if (!rc)
            rc = stage->type->bind(stage, run->schema, run->rows_schemas[i], err);
    }
    return rc ? rc : cp_partials_open(run, &run->partials, err);
}

static const cp_format_type *first_format(const cp_run *run, const cp_intake *intake)
{
    return intake                 ? intake->format
           : run->fallback_format ? run->fallback_format
                                  : run->options->intake.format;
}

cp_rc cp_run_bind(cp_run *run, const cp_intake *intake, cp_error *err)
{
    if (run->bound)
        return CP_OK;
    cp_rc rc = run->schema ? CP_OK : settle_fallback(run, err);
    run->rows.format = first_format(run, intake);
    for (size_t i = 0; !rc && i < run->schema->field_count; i++)
        run->schema->fields[i].wanted = false;
    if (!rc) /* first, since it narrows the rules of the fields wanted so far: those it writes */
        rc = cp_rows_bind(run, err);
    if (!rc)
        rc = bind_maps(run, intake, err);
    if (!rc)
        rc = bind_stages(run, err);
    run->bound = !rc;
    return rc;
}

/* Rows of all inputs have the same fields: those of the first. */
static cp_rc check_fields(const cp_run *run, const cp_format_type *type, cp_error *err)
{
    const cp_format_type *first = run->rows.format;
    for (size_t i = 0; run->options->rows.path && i < run->schema->field_count; i++) {
        bool in_first = cp_format_feeds(first, run->schema, i);
        bool is_written = !run->options->rows.select_count || run->schema->fields[i].wanted;
        if (!is_written || in_first == cp_format_feeds(type, run->schema, i))
            continue;
        const char *has = in_first ? first->name : type->name;
        const char *lacks = in_first ? type->name : first->name;
        return cp_fail(err, CP_E_CONFIG, "fields_differ",
                       "records of format %s have a field %s, those of format %s do not; write "
                       "them in a run of their own",
                       has, run->schema->fields[i].name, lacks);
    }
    return CP_OK;
}

cp_rc cp_run_lane(cp_run *run, const cp_format_type *type, size_t *lane, cp_error *err)
{
    size_t i = 0;
    while (run->lanes[i].type && run->lanes[i].type != type)
        i++;
    *lane = i;
    if (run->lanes[i].type)
        return CP_OK;
    cp_rc rc = check_fields(run, type, err);
    if (!rc && cp_schema_is_verbatim(run->schema) && !type->keeps_text)
        rc = cp_fail(err, CP_E_CONFIG, "schema_needed",
                     "records of the inputs before are taken as they stand, which those of the "
                     "format %s cannot; give all of them a --schema",
                     type->name);
    if (!rc)
        rc = type->plan(run->schema, &run->options->format, &run->lanes[i].plan, err);
    if (!rc)
        run->lanes[i].type = type;
    return rc;
}

cp_rc cp_scratches_open(const cp_run *run, cp_scratch ***out, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_scratch **scratches;
    cp_rc rc = cp_calloc(options->map_count, sizeof *scratches, &scratches, err);
    for (size_t i = 0; !rc && i < options->map_count; i++)
        rc = options->maps[i]->type->scratch_open(options->maps[i], &scratches[i], err);
    if (rc)
        cp_scratches_close(run, scratches);
    else
        *out = scratches;
    return rc;
}

void cp_scratches_close(const cp_run *run, cp_scratch **scratches)
{
    for (size_t i = 0; scratches && i < run->options->map_count; i++)
        run->options->maps[i]->type->scratch_close(scratches[i]);
    free(scratches);
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
