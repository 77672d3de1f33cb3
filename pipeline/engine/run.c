/* The driver: the way of the data on one page.
 *
 *   open     an input: bytes, codecs, format                        cp_feed_open_next
 *   unpack   compressed frames that the split will come to          cp_feed_unpack
 *   split    its bytes into blocks of whole records                 cp_feed_split
 *   decode   a block into batches and rejects, and the batches
 *            through the stages into the morsel's partials          cp_morsel_decode
 *   commit   in input order: places, rejects, budget, partials,
 *            rows cut into groups; encoded groups appended          cp_commit, cp_rows_step
 *   encode   a group into the output's format                       cp_rows_encode
 *   finish   the books balance, the ratio holds; rows and rejects are published
 *
 * Every thread does whichever of these is due next; schedule.c decides. With one thread they are
 * done in turn, and the results are the same bits. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

static void tell_progress(const cp_run *run)
{
    const cp_run_options *options = run->options;
    if (!options->progress)
        return;
    uint64_t stored_bytes = run->stored_bytes;
    for (size_t i = 0; i < run->feed_count; i++)
        stored_bytes += run->feeds[i]->stored_bytes;
    options->progress(options->progress_context, &(cp_progress){stored_bytes, run->books.read});
}

/* What a thread does until the run is over. */
static void *work(void *argument)
{
    cp_worker worker = {.run = argument};
    cp_run *run = worker.run;
    pthread_mutex_lock(&run->lock);
    while (!run->stopped) {
        cp_job job = cp_job_choose(run);
        switch (job.kind) {
        case CP_JOB_OPEN:
            cp_feed_open_next(run);
            break;
        case CP_JOB_SPLIT:
            cp_feed_split(run, job.feed);
            tell_progress(run);
            break;
        case CP_JOB_DECODE:
            cp_morsel_decode(&worker, job.morsel);
            break;
        case CP_JOB_UNPACK:
            cp_feed_unpack(run, job.feed);
            break;
        case CP_JOB_ENCODE:
            cp_rows_encode(run, job.pack);
            break;
        case CP_JOB_NONE:
            pthread_cond_wait(&run->changed, &run->lock);
            continue;
        }
        cp_commit(&worker);
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
    cp_worker_close(&worker);
    return NULL;
}

/* This thread works too; if a thread cannot be had, the others do its work. */
static void work_together(cp_run *run)
{
    pthread_t threads[CP_THREADS_MAX];
    size_t started = 0;
    while (started + 1 < run->thread_count &&
           pthread_create(&threads[started], NULL, work, run) == 0)
        started++;
    work(run);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
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
    work_together(run);
    cp_rc rc = run->rc;
    if (rc && err)
        *err = run->err;
    if (!rc) /* all inputs may have been empty */
        rc = cp_run_bind(run, NULL, err);
    if (!rc)
        rc = cp_books_check(&run->books, err);
    if (!rc)
        rc =
            cp_budget_check_ratio(&run->options->budget, run->books.read, run->books.rejected, err);
    /* Rejects first: a run that cannot hand them over must not have replaced the output. */
    rc = publish_rejects(run, rc, err);
    return rc ? rc : cp_rows_publish(run, err);
}

/* Where chunks are no larger than its buffers the one pool serves both: what an input of one kind
 * has used is then there for the next of another. */
static cp_rc open_codec_pool(cp_run *run, cp_error *err)
{
    size_t chunk_bytes = run->options->intake.io.chunk_bytes;
    run->codec_pool = run->pool;
    return chunk_bytes <= CP_BLOCK_TARGET_BYTES ? CP_OK
                                                : cp_pool_new(chunk_bytes, &run->codec_pool, err);
}

cp_rc cp_run_open(const cp_run_options *options, cp_run **out, cp_error *err)
{
    cp_run *run;
    cp_rc rc = cp_calloc(1, sizeof *run, &run, err);
    if (rc)
        return rc;
    run->options = options;
    run->schema = options->schema;
    run->stopped = options->path_count == 0; /* there is nothing to do */
    run->thread_count = options->threads < 1                ? 1
                        : options->threads > CP_THREADS_MAX ? CP_THREADS_MAX
                                                            : options->threads;
    atomic_init(&run->frames_room.free_bytes, cp_frames_room_bytes(run));
    pthread_mutex_init(&run->lock, NULL);
    pthread_cond_init(&run->changed, NULL);
    rc = cp_pool_new(CP_BLOCK_TARGET_BYTES, &run->pool, err);
    if (!rc)
        rc = open_codec_pool(run, err);
    if (!rc && options->rejects_path)
        rc = cp_output_open(options->rejects_path, &run->rejects_out, err);
    if (!rc)
        rc = cp_rows_open(run, err);
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

size_t cp_run_input_count(const cp_run *run)
{
    return run->input_count;
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

static void close_feeds(cp_run *run)
{
    for (size_t i = 0; i < run->feed_count; i++)
        cp_feed_free(run, run->feeds[i]);
    while (run->free_morsels) {
        cp_morsel *morsel = run->free_morsels;
        run->free_morsels = morsel->next;
        cp_morsel_free(run, morsel);
    }
}

static void close_schema(cp_run *run)
{
    for (size_t i = 0; run->rows_schemas && i < run->options->stage_count; i++)
        cp_schema_free(run->rows_schemas[i]);
    free(run->rows_schemas);
    for (size_t i = 0; i < CP_LANES_MAX && run->lanes[i].type; i++)
        run->lanes[i].type->plan_close(run->lanes[i].plan);
    cp_schema_free(run->inferred);
    cp_schema_free(run->fallback);
}

void cp_run_close(cp_run *run)
{
    if (!run)
        return;
    close_feeds(run);
    if (run->archive)
        run->archive->close(run->archive);
    cp_partials_close(run, run->partials);
    cp_rows_close(run);
    close_schema(run);
    cp_output_close(run->rejects_out);
    if (run->codec_pool != run->pool)
        cp_pool_free(run->codec_pool);
    cp_pool_free(run->pool);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
    for (size_t i = 0; i < run->input_count; i++)
        free(run->inputs[i].path);
    free(run->inputs);
    free(run);
}
