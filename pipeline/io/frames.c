/* The bundles, who works on which, and the reader's way through them.
 *
 *   [ being read ][ ready ][ taken ][ listed ][ listed ]       at most BUNDLES_MAX
 *     first                                     last: the only one that may be open
 *
 * The lock guards the states, the list's ends and the spare decoders. A taken bundle belongs to the
 * thread that took it, any other to the reader, to whom the source and the list's growth belong. */
#include "pipeline/io/frames.h"

#include "pipeline/core/checked.h"
#include "pipeline/io/bundle.h"

#include <pthread.h>

enum {
    BUNDLES_MAX = 16,
    WAITING_MAX_BYTES = 4 << 20, /* stored, and not begun with: then no more is listed */
    DECODER_BYTES = 512 << 10    /* what a decoder has beside its window */
};

struct cp_frames {
    cp_stream base;
    const cp_codec *codec;
    cp_source *compressed;
    size_t window_limit_bytes;
    cp_pool *pool;
    cp_room *room;
    void (*listed)(void *context); /* NULL until the start */
    void *context;

    /* The reader's. */
    bool begun;                /* with the first bundle, */
    bool decodes;              /* through the decoder; else its chunks are given */
    cp_bundle_decoder decoder; /* not charged: in the place of the codec's own stream */
    uint64_t produced;         /* bytes given */
    uint64_t part_at;          /* where in them those of the decoder's part begin */
    bool ended;
    cp_rc failed;
    cp_error failure;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* the state of a bundle */
    cp_bundle bundles[BUNDLES_MAX];
    size_t places; /* bundles that are used, in turn */
    size_t first, count;
    cp_bundle_decoder spare[BUNDLES_MAX]; /* of threads that have unpacked */
    size_t spare_count;
};

static cp_bundle *bundle_at(cp_frames *self, size_t i)
{
    return &self->bundles[(self->first + i) % self->places];
}

static void settle_bundle(cp_frames *self, cp_bundle *bundle)
{
    cp_room_settle(self->room, &bundle->charged, cp_bundle_held(bundle));
}

/* ---- any thread: unpacking ---- */

/* The first that nobody has begun with is the reader's next, and wants no room from it: it is left
 * to it while there is another. */
static cp_bundle *find_listed(cp_frames *self)
{
    cp_bundle *next = NULL;
    for (size_t i = 0; i < self->count; i++) {
        cp_bundle *bundle = bundle_at(self, i);
        if (bundle->state != CP_BUNDLE_LISTED)
            continue;
        if (next)
            return bundle;
        next = bundle;
    }
    return next;
}

/* Content comes in whole buffers. */
static size_t content_room(const cp_bundle *bundle)
{
    return (bundle->content_max + CP_BLOCK_TARGET_BYTES - 1) / CP_BLOCK_TARGET_BYTES *
           CP_BLOCK_TARGET_BYTES;
}

/* A decoder keeps its window, and keeps it charged; this is what the next one wants besides. */
static size_t decoder_room(const cp_frames *self, const cp_bundle *bundle)
{
    size_t wanted = DECODER_BYTES + bundle->window_bytes;
    size_t has = self->spare_count > 0 ? self->spare[self->spare_count - 1].charged : 0;
    return wanted > has ? wanted - has : 0;
}

/* A bundle that nobody has begun with, and a decoder for it; NULL: there is none, or no room. */
static cp_bundle *take_bundle(cp_frames *self, cp_bundle_decoder *decoder)
{
    cp_bundle *bundle = find_listed(self);
    if (!bundle)
        return NULL;
    size_t decoder_bytes = decoder_room(self, bundle);
    if (!cp_room_take(self->room, &bundle->charged, content_room(bundle) + decoder_bytes))
        return NULL;
    if (self->spare_count > 0)
        *decoder = self->spare[--self->spare_count];
    bundle->charged -= decoder_bytes;
    decoder->charged += decoder_bytes;
    bundle->state = CP_BUNDLE_TAKEN;
    return bundle;
}

static void give_decoder_back(cp_frames *self, cp_bundle_decoder *decoder)
{
    if (decoder->stream)
        self->spare[self->spare_count++] = *decoder;
    else
        cp_room_settle(self->room, &decoder->charged, 0);
}

/* The lock is held at call and return, not between. */
static bool unpack_next(cp_frames *self)
{
    cp_bundle_decoder decoder = {0};
    cp_bundle *bundle = take_bundle(self, &decoder);
    if (!bundle)
        return false;
    pthread_mutex_unlock(&self->lock);
    bool unpacked =
        cp_bundle_unpack(bundle, &decoder, self->codec, self->window_limit_bytes, self->pool);
    settle_bundle(self, bundle);
    pthread_mutex_lock(&self->lock);
    give_decoder_back(self, &decoder);
    bundle->state = unpacked ? CP_BUNDLE_READY : CP_BUNDLE_PLAIN;
    pthread_cond_broadcast(&self->changed);
    return true;
}

void cp_frames_unpack(cp_frames *self)
{
    pthread_mutex_lock(&self->lock);
    unpack_next(self);
    pthread_mutex_unlock(&self->lock);
}

bool cp_frames_waiting(cp_frames *self)
{
    pthread_mutex_lock(&self->lock);
    const cp_bundle *bundle = find_listed(self);
    bool waiting = bundle && content_room(bundle) + decoder_room(self, bundle) <=
                                 atomic_load(&self->room->free_bytes);
    pthread_mutex_unlock(&self->lock);
    return waiting;
}

bool cp_frames_busy(cp_frames *self)
{
    pthread_mutex_lock(&self->lock);
    bool busy = self->count > 0 && bundle_at(self, 0)->state == CP_BUNDLE_TAKEN;
    pthread_mutex_unlock(&self->lock);
    return busy;
}

/* ---- the reader: listing ---- */

/* Behind an open bundle it is not known yet where the next one begins. */
static bool may_list(cp_frames *self)
{
    size_t waiting_bytes = 0;
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->count; i++)
        if (bundle_at(self, i)->state == CP_BUNDLE_LISTED)
            waiting_bytes += bundle_at(self, i)->stored_bytes;
    pthread_mutex_unlock(&self->lock);
    return self->count < self->places && waiting_bytes < WAITING_MAX_BYTES &&
           (self->count == 0 || !bundle_at(self, self->count - 1)->is_open);
}

static void add_bundle(cp_frames *self, cp_bundle_state state)
{
    bundle_at(self, self->count)->state = state;
    pthread_mutex_lock(&self->lock);
    self->count++;
    pthread_mutex_unlock(&self->lock);
}

/* A bundle of nothing: the reader goes on in the source. */
static void list_open(cp_frames *self)
{
    cp_bundle *bundle = bundle_at(self, self->count);
    bundle->offset = self->compressed->position;
    bundle->is_open = true;
    add_bundle(self, CP_BUNDLE_PLAIN);
}

/* A failure of the source is for a decoder to meet. */
static bool source_has_ended(cp_frames *self)
{
    cp_view view;
    return self->compressed->peek(self->compressed, 1, &view, NULL) == CP_OK &&
           view.bytes.size == 0;
}

/* One more bundle; false: nothing is left to list, or no room. */
static bool list_next(cp_frames *self)
{
    cp_bundle *bundle = bundle_at(self, self->count);
    if (!cp_room_take(self->room, &bundle->charged, CP_BUNDLE_STORED_MAX)) {
        if (self->count == 0 && !source_has_ended(self))
            list_open(self);
        return false;
    }
    bool found = cp_bundle_gather(bundle, self->codec, self->compressed);
    settle_bundle(self, bundle);
    if (found)
        add_bundle(self, bundle->whole_bytes > 0 ? CP_BUNDLE_LISTED : CP_BUNDLE_PLAIN);
    return found;
}

/* ---- the reader: one bundle ---- */

/* The first bundle from its byte `from` on, through the decoder. */
static cp_rc begin_decoding(cp_frames *self, size_t from, cp_error *err)
{
    const cp_bundle *bundle = bundle_at(self, 0);
    cp_bundle_part part = {bundle, from, bundle->stored_bytes,
                           bundle->is_open ? self->compressed : NULL, self->listed != NULL};
    self->decodes = true;
    self->part_at = self->produced;
    return cp_bundle_decoder_begin(&self->decoder, self->codec, self->window_limit_bytes, &part,
                                   err);
}

static void end_bundle(cp_frames *self)
{
    cp_bundle *bundle = bundle_at(self, 0);
    self->begun = self->decodes = false;
    pthread_mutex_lock(&self->lock);
    self->first = (self->first + 1) % self->places;
    self->count--;
    pthread_mutex_unlock(&self->lock);
    cp_bundle_reset(bundle);
    settle_bundle(self, bundle);
}

static cp_rc read_decoder(cp_frames *self, uint8_t *out, size_t capacity, size_t *got)
{
    cp_stream *stream = self->decoder.stream;
    cp_rc rc = stream->read(stream, out, capacity, got, &self->failure);
    if (rc && self->failure.has_byte && !cp_bundle_decoder_rest_failed(&self->decoder))
        self->failure.byte += self->part_at;
    if (!rc && *got == 0)
        end_bundle(self);
    return rc;
}

static cp_rc read_chunks(cp_frames *self, uint8_t *out, size_t capacity, size_t *got)
{
    cp_bundle *bundle = bundle_at(self, 0);
    *got = cp_bundle_give(bundle, out, capacity);
    settle_bundle(self, bundle);
    if (*got > 0)
        return CP_OK;
    if (bundle->is_open)
        return begin_decoding(self, bundle->whole_bytes, &self->failure);
    end_bundle(self);
    return CP_OK;
}

/* What nobody has begun with is the reader's from here on. */
static void claim_first(cp_frames *self)
{
    cp_bundle *bundle = bundle_at(self, 0);
    pthread_mutex_lock(&self->lock);
    if (bundle->state == CP_BUNDLE_LISTED)
        bundle->state = CP_BUNDLE_PLAIN;
    pthread_mutex_unlock(&self->lock);
    self->begun = true;
}

/* Whether it is ready. Another thread may be at it: meanwhile there are others to unpack. */
static bool wait_for_first(cp_frames *self)
{
    const cp_bundle *bundle = bundle_at(self, 0);
    pthread_mutex_lock(&self->lock);
    while (bundle->state == CP_BUNDLE_TAKEN)
        if (!unpack_next(self))
            pthread_cond_wait(&self->changed, &self->lock);
    bool ready = bundle->state == CP_BUNDLE_READY;
    pthread_mutex_unlock(&self->lock);
    return ready;
}

static cp_rc begin_bundle(cp_frames *self)
{
    while (may_list(self) && list_next(self))
        continue;
    self->ended = self->count == 0;
    if (self->ended)
        return CP_OK;
    claim_first(self);
    if (cp_frames_waiting(self))
        self->listed(self->context);
    return wait_for_first(self) ? CP_OK : begin_decoding(self, 0, &self->failure);
}

/* ---- the stream ---- */

static cp_rc read_some(cp_frames *self, uint8_t *out, size_t capacity, size_t *got)
{
    *got = 0;
    if (!self->begun)
        return begin_bundle(self);
    return self->decodes ? read_decoder(self, out, capacity, got)
                         : read_chunks(self, out, capacity, got);
}

static cp_rc frames_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    cp_frames *self = (cp_frames *)stream;
    *got = 0;
    while (!self->failed && !self->ended && *got < capacity) {
        size_t size;
        self->failed = read_some(self, out + *got, capacity - *got, &size);
        self->produced += size;
        *got += size;
    }
    if (*got > 0 || !self->failed)
        return CP_OK;
    if (err)
        *err = self->failure;
    return self->failed;
}

static void free_bundles(cp_frames *self)
{
    for (size_t i = 0; i < BUNDLES_MAX; i++) {
        cp_room_settle(self->room, &self->bundles[i].charged, 0);
        cp_bundle_free(&self->bundles[i]);
    }
    for (size_t i = 0; i < self->spare_count; i++) {
        cp_room_settle(self->room, &self->spare[i].charged, 0);
        cp_bundle_decoder_close(&self->spare[i]);
    }
}

static void frames_close(cp_stream *stream)
{
    cp_frames *self = (cp_frames *)stream;
    cp_bundle_decoder_close(&self->decoder);
    free_bundles(self);
    self->compressed->close(self->compressed);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

cp_rc cp_frames_open(const cp_codec *codec, cp_source *compressed, size_t window_limit_bytes,
                     cp_pool *pool, cp_room *room, cp_frames **out, cp_error *err)
{
    cp_frames *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        compressed->close(compressed);
        return rc;
    }
    self->base = (cp_stream){frames_read, frames_close};
    self->codec = codec;
    self->compressed = compressed;
    self->window_limit_bytes = window_limit_bytes;
    self->pool = pool;
    self->room = room;
    self->places = 1;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    list_open(self);
    self->begun = true;
    rc = begin_decoding(self, 0, err);
    if (rc)
        frames_close(&self->base);
    else
        *out = self;
    return rc;
}

cp_stream *cp_frames_stream(cp_frames *self)
{
    return &self->base;
}

void cp_frames_start(cp_frames *self, size_t threads, void (*listed)(void *context), void *context)
{
    size_t wanted = threads + 2; /* for each one, one being read, and one that is ready */
    self->places = wanted < BUNDLES_MAX ? wanted : BUNDLES_MAX;
    self->listed = listed;
    self->context = context;
    cp_bundle_decoder_end_with_frame(&self->decoder);
}
