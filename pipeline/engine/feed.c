/* One input on its way: opened by one thread, cut by one thread at a time. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

/* Opens intake, lane and cutter. The lock is not held. */
static cp_rc open_feed(cp_run *run, cp_feed *feed, cp_error *err)
{
    const char *path = run->inputs[feed->input].path;
    cp_rc rc =
        cp_intake_open(path, &run->options->intake, run->pool, run->codec_pool, &feed->intake, err);
    if (rc || !feed->intake.format) /* an empty input needs no more */
        return rc;
    rc = cp_run_bind(run, &feed->intake, err);
    if (!rc)
        rc = cp_run_lane(run, feed->intake.format, &feed->lane, err);
    if (!rc)
        rc = cp_partials_open(run, &feed->partials, err);
    if (!rc)
        rc = cp_cutter_open(&feed->cutter, feed->intake.records, run->lanes[feed->lane].plan, err);
    feed->is_open = !rc;
    return rc;
}

void cp_feed_free(cp_run *run, cp_feed *feed)
{
    while (feed->first) {
        cp_morsel *morsel = feed->first;
        feed->first = morsel->next;
        cp_morsel_free(run, morsel);
    }
    cp_cutter_close(&feed->cutter);
    cp_intake_close(&feed->intake);
    cp_partials_close(run, feed->partials);
    free(feed);
}

void cp_feed_open_next(cp_run *run)
{
    cp_error err;
    cp_feed *feed;
    size_t input = run->next_input++;
    run->opening = true;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = cp_calloc(1, sizeof *feed, &feed, &err);
    if (!rc) {
        feed->input = input;
        feed->rc = open_feed(run, feed, &feed->err);
        if (feed->rc)
            cp_error_in(&feed->err, run->inputs[input].path);
        feed->ended = !feed->is_open;
        if (!feed->rc)
            run->inputs[input].stored_bytes = feed->intake.stored->position;
    }
    pthread_mutex_lock(&run->lock);
    run->opening = false;
    if (rc)
        cp_run_stop(run, rc, &err);
    else
        run->feeds[run->feed_count++] = feed;
}

/* The morsel that takes the next piece; NULL where memory is out. The lock is held. */
static cp_morsel *open_morsel(cp_run *run, cp_feed *feed)
{
    if (feed->last && !feed->last->closed)
        return feed->last;
    cp_morsel *morsel = cp_morsel_take(run);
    if (!morsel)
        return NULL;
    morsel->feed = feed;
    if (feed->last)
        feed->last->next = morsel;
    else
        feed->first = morsel;
    feed->last = morsel;
    return morsel;
}

static void end_feed(cp_feed *feed, cp_rc rc)
{
    feed->ended = true;
    feed->rc = rc == CP_END ? CP_OK : rc;
    if (feed->last)
        feed->last->closed = true;
}

static void add_piece(cp_run *run, cp_feed *feed, cp_piece *piece)
{
    /* How many parts a record too large is passed over in depends on the reader, the morsels must
     * not: only the part that ends it counts. */
    if (piece->is_skip && piece->cut.reason == CP_ACCEPTED)
        return;
    cp_morsel *morsel = open_morsel(run, feed);
    if (!morsel) {
        cp_block_release(&piece->block);
        end_feed(feed, cp_fail_memory(&feed->err, sizeof *morsel));
        return;
    }
    morsel->pieces[morsel->filled++] = *piece;
    morsel->closed = morsel->filled == CP_MORSEL_BLOCKS;
    run->pending_pieces++;
    run->in_flight_bytes += piece->block.bytes.size;
}

/* An input of some length: the memory of the run is settled now, whatever its length will be. */
static void reserve_buffers(cp_run *run, const cp_feed *feed)
{
    enum { LONG_INPUT_BYTES = 16 << 20 };
    bool mapped = run->options->intake.io.method == CP_READ_MMAP;
    if (run->reserved || run->thread_count == 1 || mapped || feed->cutter.offset < LONG_INPUT_BYTES)
        return;
    run->reserved = true;
    cp_error err;
    size_t in_flight = cp_morsels_max(run) * CP_MORSEL_BLOCKS;
    cp_rc rc = cp_pool_reserve(run->pool, in_flight + run->feed_count, &err);
    if (rc)
        cp_run_stop(run, rc, &err);
}

void cp_feed_split(cp_run *run, cp_feed *feed)
{
    cp_piece piece = {0};
    cp_error err;
    reserve_buffers(run, feed);
    feed->reading = true;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = cp_cutter_next(&feed->cutter, &piece.block, &piece.cut, &piece.offset, &err);
    piece.is_skip = rc == CP_SKIP;
    if (cp_failed(rc))
        cp_error_in(&err, run->inputs[feed->input].path);
    pthread_mutex_lock(&run->lock);
    feed->reading = false;
    run->inputs[feed->input].stored_bytes = feed->intake.stored->position;
    if (rc == CP_BLOCK || rc == CP_SKIP) {
        add_piece(run, feed, &piece);
    } else {
        if (cp_failed(rc))
            feed->err = err;
        end_feed(feed, rc);
    }
}
