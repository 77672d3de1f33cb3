/* One input on its way: opened by one thread, cut by one thread at a time. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

/* Called by the thread that splits, in the middle of it. */
static void frames_listed(void *context)
{
    cp_run *run = context;
    pthread_mutex_lock(&run->lock);
    pthread_cond_broadcast(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

/* Lane, partials and cutter for what the intake holds. The lock is not held. */
static cp_rc open_records(cp_run *run, cp_feed *feed)
{
    cp_error *err = &feed->err;
    const cp_format_type *format = feed->intake.format;
    if (feed->intake.is_empty && (!format || (!run->schema && format->infer)))
        return CP_OK; /* the next input may tell more */
    bool learned;
    cp_rc rc = cp_run_learn(run, &feed->intake, &learned, err);
    if (rc || !learned)
        return rc;
    rc = cp_run_bind(run, &feed->intake, err);
    if (!rc)
        rc = cp_run_lane(run, format, &feed->lane, err);
    if (rc || feed->intake.is_empty)
        return rc;
    rc = cp_partials_open(run, &feed->partials, err);
    if (!rc)
        rc = cp_cutter_open(&feed->cutter, feed->intake.records, run->lanes[feed->lane].plan, err);
    feed->is_open = !rc;
    if (feed->is_open && feed->intake.frames)
        cp_frames_start(feed->intake.frames, run->thread_count, frames_listed, run);
    return rc;
}

/* NULL where memory is out. */
static cp_feed *new_feed(const char *path, const char *member)
{
    cp_feed *feed = calloc(1, sizeof *feed);
    if (feed && cp_input_name_open(&feed->name, path, member, NULL)) {
        free(feed);
        return NULL;
    }
    return feed;
}

/* The next path: a feed, or an archive whose members will be. */
static cp_rc open_path(cp_run *run, const char *path, cp_feed **out, cp_error *err)
{
    cp_feed *feed = new_feed(path, NULL);
    if (!feed)
        return cp_fail_memory(err, sizeof *feed);
    *out = feed;
    cp_intake_options options = run->options->intake;
    options.frames_room = run->thread_count > 1 ? &run->frames_room : NULL;
    feed->rc =
        cp_intake_open(path, &options, run->pool, run->codec_pool, &feed->intake, &feed->err);
    if (!feed->rc && feed->intake.archive) {
        run->archive = feed->intake.archive;
        run->archive_path = path;
        run->archive_members = 0;
        feed->intake.archive = NULL;
        cp_feed_free(run, feed);
        *out = NULL;
    } else if (!feed->rc) {
        feed->rc = open_records(run, feed);
    }
    return CP_OK;
}

static cp_rc end_archive(cp_run *run, cp_error *err)
{
    run->archive->close(run->archive);
    run->archive = NULL;
    if (run->archive_members > 0 || !run->options->member_glob)
        return CP_OK;
    cp_fail(err, CP_E_NOINPUT, "no_input", "no member matches --member %s",
            run->options->member_glob);
    return CP_E_NOINPUT;
}

static cp_rc open_member(cp_run *run, cp_feed **out, cp_error *err)
{
    cp_member member;
    cp_rc rc;
    while (!(rc = run->archive->next(run->archive, &member, err)) &&
           !cp_member_is_selected(run->options->member_glob, member.name))
        member.stream->close(member.stream);
    if (rc)
        return rc == CP_END ? end_archive(run, err) : rc;
    cp_feed *feed = new_feed(run->archive_path, member.name);
    if (!feed) {
        member.stream->close(member.stream);
        return cp_fail_memory(err, sizeof *feed);
    }
    run->archive_members++;
    feed->rc = cp_intake_open_member(member.stream, &run->options->intake, run->pool,
                                     run->codec_pool, &feed->intake, &feed->err);
    if (!feed->rc)
        feed->rc = open_records(run, feed);
    *out = feed;
    return CP_OK;
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
    cp_input_name_close(&feed->name);
    free(feed);
}

/* What cannot be told of any input, such as a damaged archive, is an input that failed: so it
 * comes up in input order. */
static cp_feed *failed_feed(const cp_run *run, cp_rc rc, const cp_error *err)
{
    cp_feed *feed = new_feed(run->archive_path, NULL);
    if (!feed)
        return NULL;
    feed->rc = rc;
    feed->err = *err;
    return feed;
}

void cp_feed_open_next(cp_run *run)
{
    cp_error err;
    cp_feed *feed = NULL;
    const char *path = run->archive ? NULL : run->options->paths[run->next_path++];
    run->opening = true;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = path ? open_path(run, path, &feed, &err) : open_member(run, &feed, &err);
    if (rc && !path)
        feed = failed_feed(run, rc, &err);
    if (feed && feed->rc)
        cp_error_in(&feed->err, feed->name.text);
    pthread_mutex_lock(&run->lock);
    run->opening = false;
    if (feed) {
        feed->ended = !feed->is_open;
        if (feed->intake.stored)
            feed->stored_bytes = feed->intake.stored->position;
        if (!path)
            run->archive_feed = feed->is_open ? feed : NULL;
        run->feeds[run->feed_count++] = feed;
    } else if (rc) {
        cp_run_stop(run, rc, &err);
    }
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

static void end_feed(cp_run *run, cp_feed *feed, cp_rc rc)
{
    feed->ended = true;
    if (run->archive_feed == feed)
        run->archive_feed = NULL;
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
        end_feed(run, feed, cp_fail_memory(&feed->err, sizeof *morsel));
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
    bool is_stored = feed->intake.records == feed->intake.stored;
    cp_rc rc =
        cp_pool_reserve(is_stored ? run->codec_pool : run->pool, in_flight + run->feed_count, &err);
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
        cp_error_in(&err, feed->name.text);
    pthread_mutex_lock(&run->lock);
    feed->reading = false;
    feed->stored_bytes = feed->intake.stored->position;
    if (rc == CP_BLOCK || rc == CP_SKIP) {
        add_piece(run, feed, &piece);
    } else {
        if (cp_failed(rc))
            feed->err = err;
        end_feed(run, feed, rc);
    }
}

void cp_feed_unpack(cp_run *run, cp_feed *feed)
{
    feed->unpacking++;
    pthread_mutex_unlock(&run->lock);
    cp_frames_unpack(feed->intake.frames);
    pthread_mutex_lock(&run->lock);
    feed->unpacking--;
}
