/* Who does what: one decision, made under the lock.
 *
 * Bytes that only have to be read are decoded by the thread that read them, out of its own cache:
 * it cuts a block when none is waiting. Bytes that have to be decompressed come slower and from a
 * large state: one thread keeps at it while few blocks are waiting, the others decode, and where
 * there is nothing to decode they unpack frames that the first will come to. What comes first in
 * input order comes first, because only that can be committed; and a group that can be encoded
 * before all, because it holds the most memory. */
#include "pipeline/engine/run_state.h"

/* What the threads hold, and those that wait: few, since each has a block of memory. */
size_t cp_morsels_max(const cp_run *run)
{
    enum { WAITING_MAX = 4 };
    size_t waiting = run->thread_count + 2;
    return run->thread_count + (waiting < WAITING_MAX ? waiting : WAITING_MAX);
}

static size_t in_flight_max_bytes(const cp_run *run)
{
    return cp_morsels_max(run) * CP_MORSEL_BLOCKS * CP_BLOCK_TARGET_BYTES;
}

size_t cp_frames_room_bytes(const cp_run *run)
{
    enum { SHARED_BYTES = 26 << 20, BESIDE_ROWS_BYTES = 14 << 20, LEAST_BYTES = 8 << 20 };
    size_t shared = run->options->rows.path ? BESIDE_ROWS_BYTES : SHARED_BYTES;
    size_t blocks = in_flight_max_bytes(run);
    return blocks + LEAST_BYTES < shared ? shared - blocks : LEAST_BYTES;
}

/* Room for one more piece. */
static bool has_room(const cp_run *run, const cp_feed *feed)
{
    bool open_morsel = feed->last && !feed->last->closed;
    bool morsel = open_morsel || run->free_morsels || run->morsel_count < cp_morsels_max(run);
    return morsel && run->in_flight_bytes < in_flight_max_bytes(run);
}

/* The first feed may always go on once nothing else can: what is in flight may be waiting for it.
 * But while a thread is at its last morsel something can. */
static bool needs_room_for_first(const cp_run *run, const cp_feed *feed)
{
    const cp_morsel *last = feed->last;
    return feed == run->feeds[0] && (!feed->first || !feed->first->next) &&
           (!last || (!last->owned && last->filled == last->decoded));
}

/* The next bytes are being unpacked: whoever reads them now would wait. */
static bool waits_for_frames(const cp_feed *feed)
{
    return feed->intake.frames && cp_frames_busy(feed->intake.frames);
}

static cp_feed *find_split(const cp_run *run)
{
    for (size_t i = 0; i < run->feed_count; i++) {
        cp_feed *feed = run->feeds[i];
        if (!feed->is_open || feed->reading || feed->ended || waits_for_frames(feed))
            continue;
        if (has_room(run, feed) || needs_room_for_first(run, feed))
            return feed;
    }
    return NULL;
}

static bool can_decode(const cp_run *run, const cp_morsel *morsel)
{
    if (morsel->owned || morsel->rc || morsel->decoded == morsel->filled)
        return false;
    return !morsel->parked || cp_commits(run, morsel);
}

static cp_morsel *find_decode(const cp_run *run)
{
    for (size_t i = 0; i < run->feed_count; i++)
        for (cp_morsel *morsel = run->feeds[i]->first; morsel; morsel = morsel->next)
            if (can_decode(run, morsel))
                return morsel;
    return NULL;
}

static cp_feed *find_unpack(const cp_run *run)
{
    for (size_t i = 0; i < run->feed_count; i++) {
        cp_feed *feed = run->feeds[i];
        if (feed->is_open && !feed->ended && feed->intake.frames &&
            cp_frames_waiting(feed->intake.frames))
            return feed;
    }
    return NULL;
}

static bool any_left(const cp_run *run)
{
    return run->archive ? !run->archive_feed : run->next_path < run->options->path_count;
}

/* Where rows are written encoding takes the most time, and groups the most memory. */
static size_t feeds_max(const cp_run *run)
{
    size_t most = run->options->rows.path ? CP_FEEDS_MAX - 1 : CP_FEEDS_MAX;
    return run->thread_count < most ? run->thread_count : most;
}

/* Inputs side by side (but an archive's members one after the other), and none behind one that
 * failed. */
static bool can_open(const cp_run *run)
{
    size_t limit = feeds_max(run);
    if (run->opening || run->feed_count >= limit || !any_left(run))
        return false;
    for (size_t i = 0; i < run->feed_count; i++)
        if (run->feeds[i]->rc)
            return false;
    return true;
}

/* Blocks that should be waiting before a thread turns from cutting this feed to decoding. */
static size_t wanted_ahead(const cp_run *run, const cp_feed *feed)
{
    bool decompresses = feed->intake.records != feed->intake.stored;
    return decompresses && run->thread_count > 1 ? 2 * run->thread_count : 1;
}

cp_job cp_job_choose(cp_run *run)
{
    cp_pack *encode = cp_rows_waiting(run);
    if (encode)
        return (cp_job){.kind = CP_JOB_ENCODE, .pack = encode};
    cp_feed *split = find_split(run);
    if (split && run->pending_pieces < wanted_ahead(run, split))
        return (cp_job){.kind = CP_JOB_SPLIT, .feed = split};
    cp_morsel *decode = find_decode(run);
    if (decode)
        return (cp_job){.kind = CP_JOB_DECODE, .morsel = decode};
    if (can_open(run))
        return (cp_job){.kind = CP_JOB_OPEN};
    if (split)
        return (cp_job){.kind = CP_JOB_SPLIT, .feed = split};
    cp_feed *unpack = find_unpack(run);
    if (unpack)
        return (cp_job){.kind = CP_JOB_UNPACK, .feed = unpack};
    return (cp_job){.kind = CP_JOB_NONE};
}
