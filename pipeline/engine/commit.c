/* Commit: what is serial and in input order. Places become absolute, rejects are written and
 * counted against the budget, a morsel's partials join its input's, an input's the run's.
 *
 *   morsel -> feed      as soon as the feed's morsels before it are committed; with rejects or
 *                       rows, only when the feed is the first
 *   feed   -> run       when all inputs before it are
 */
#include "pipeline/core/checked.h"
#include "pipeline/engine/reject_file.h"
#include "pipeline/engine/run_state.h"

#include <inttypes.h>
#include <stdio.h>

void cp_run_stop(cp_run *run, cp_rc rc, const cp_error *err)
{
    if (!run->stopped && rc) {
        run->rc = rc;
        run->err = *err;
    }
    run->stopped = true;
}

static bool has_lines(const cp_run *run, const cp_feed *feed)
{
    return run->lanes[feed->lane].type->has_lines;
}

/* The reject as the error that ends the run. */
static cp_rc budget_exceeded(const cp_run *run, const cp_feed *feed, const cp_reject *reject,
                             cp_error *err)
{
    uint64_t allowed = run->options->budget.max_errors;
    if (allowed == 0)
        cp_fail(err, CP_E_DATA, cp_reason_name(reject->reason), "%s", reject->message);
    else
        cp_fail(err, CP_E_DATA, "budget_exceeded",
                "%s (one bad record more than --max-errors %" PRIu64 ")", reject->message, allowed);
    cp_error_in(err, feed->name.text);
    cp_error_at_byte(err, reject->offset);
    err->record = reject->record + 1;
    err->line = has_lines(run, feed) ? reject->line + 1 : 0;
    if (reject->field)
        snprintf(err->field, sizeof err->field, "%s", reject->field);
    return CP_E_DATA;
}

/* A reject whose places are absolute. */
static cp_rc commit_reject(cp_run *run, const cp_feed *feed, const cp_reject *reject, cp_error *err)
{
    run->books.rejected++;
    run->books.by_reason[reject->reason]++;
    if (run->rejects_out) {
        cp_rc rc = cp_reject_write(cp_output_writer(run->rejects_out), &feed->name, reject,
                                   has_lines(run, feed), err);
        if (rc)
            return rc;
    }
    return cp_budget_exceeded(&run->options->budget, run->books.rejected)
               ? budget_exceeded(run, feed, reject, err)
               : CP_OK;
}

cp_rc cp_commit_spool(cp_run *run, cp_morsel *morsel, cp_error *err)
{
    const cp_feed *feed = morsel->feed;
    cp_rc rc = CP_OK;
    for (size_t i = 0; i < morsel->spool_count; i++) {
        cp_rejects *chunk = morsel->spool[i];
        for (size_t j = 0; !rc && j < chunk->count; j++) {
            cp_reject reject = chunk->items[j];
            reject.record += feed->records;
            reject.line += feed->lines;
            rc = commit_reject(run, feed, &reject, err);
        }
        cp_rejects_reset(chunk);
    }
    bool any = morsel->spool_count > 0;
    morsel->spool_count = 0;
    return rc || !any ? rc : cp_morsel_check_lost(morsel, err);
}

void cp_commit_slab(cp_run *run, cp_morsel *morsel)
{
    if (!morsel->slab)
        return;
    cp_rows_put(run, morsel->slab);
    morsel->slab = NULL;
}

static bool is_complete(const cp_morsel *morsel)
{
    return !morsel->owned && (morsel->rc || (morsel->closed && morsel->decoded == morsel->filled));
}

/* The feed whose first morsel can be committed now. */
static cp_feed *find_commit(const cp_run *run)
{
    for (size_t i = 0; i < run->feed_count; i++) {
        cp_feed *feed = run->feeds[i];
        const cp_morsel *morsel = feed->first;
        if (!morsel || feed->committing || !is_complete(morsel))
            continue;
        if (morsel->slab && run->rows.slab)
            continue;
        if (i == 0 || (!morsel->rc && morsel->spool_count == 0 && !morsel->slab))
            return feed;
    }
    return NULL;
}

static void commit_morsel(cp_worker *worker, cp_feed *feed)
{
    cp_run *run = worker->run;
    cp_morsel *morsel = feed->first;
    feed->committing = true;
    cp_commit_slab(run, morsel);
    pthread_mutex_unlock(&run->lock);
    /* Rejects come first: what the budget says of them is the earlier error. */
    cp_error err;
    cp_rc rc = cp_commit_spool(run, morsel, &err);
    if (!rc && morsel->rc) {
        rc = morsel->rc;
        err = morsel->err;
    }
    if (!rc)
        rc = cp_partials_combine(run, feed->partials, morsel->partials, &err);
    if (!rc)
        cp_morsel_swap_partials(morsel, worker);
    pthread_mutex_lock(&run->lock);
    feed->committing = false;
    if (rc) {
        cp_error_in(&err, feed->name.text);
        cp_run_stop(run, rc, &err);
    }
    run->books.read += morsel->tally.records;
    run->books.accepted += morsel->tally.accepted;
    run->books.filtered += morsel->tally.filtered;
    feed->records += morsel->tally.records;
    feed->lines += morsel->tally.lines;
    feed->first = morsel->next;
    if (!feed->first)
        feed->last = NULL;
    cp_morsel_release(run, morsel);
}

static bool first_feed_is_done(const cp_run *run)
{
    const cp_feed *feed = run->feed_count ? run->feeds[0] : NULL;
    return feed && feed->ended && !feed->first && !feed->committing && !feed->reading &&
           !feed->unpacking;
}

/* The name's text moves from the feed to the result. */
static void add_result(cp_run *run, cp_feed *feed)
{
    cp_error err;
    cp_rc rc = cp_grow(&run->inputs, &run->input_capacity, run->input_count + 1,
                       sizeof *run->inputs, &err);
    if (rc) {
        cp_run_stop(run, rc, &err);
        return;
    }
    run->inputs[run->input_count++] =
        (cp_input_result){feed->name.text, feed->stored_bytes, feed->records};
    run->stored_bytes += feed->stored_bytes;
    feed->name = (cp_input_name){0};
}

/* Serial: the other threads leave the first feed alone once it is done, and the run's partials
 * belong to whoever took it out of the list. */
static void commit_feed(cp_run *run)
{
    cp_feed *feed = run->feeds[0];
    cp_rc rc = feed->rc;
    if (!rc && feed->partials)
        rc = cp_partials_combine(run, run->partials, feed->partials, &feed->err);
    if (rc)
        cp_run_stop(run, rc, &feed->err);
    run->feed_count--;
    memmove(run->feeds, run->feeds + 1, run->feed_count * sizeof *run->feeds);
    add_result(run, feed);
    cp_feed_free(run, feed);
}

/* While a thread opens an input the archive is its own: so `opening` is asked first. */
static bool nothing_will_come(const cp_run *run)
{
    if (run->rows.put >= run->rows.limit)
        return true;
    return run->feed_count == 0 && !run->opening && !run->archive &&
           run->next_path == run->options->path_count;
}

void cp_commit(cp_worker *worker)
{
    cp_run *run = worker->run;
    for (cp_feed *feed; !run->stopped;) {
        if (cp_rows_step(run))
            continue;
        if ((feed = find_commit(run)))
            commit_morsel(worker, feed);
        else if (first_feed_is_done(run))
            commit_feed(run);
        else if (!nothing_will_come(run) || !cp_rows_flush(run))
            break;
    }
    if (nothing_will_come(run) && cp_rows_drained(run))
        run->stopped = true;
}
