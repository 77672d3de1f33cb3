/* Copying frames out of a source.
 *
 *   view     [ ... frame ][ frame ][ beginning of a fra |   the next view
 *                          copied   copied, not consumed until the frame reaches beyond the view
 *
 * A frame that turns out not to fit leaves of itself only the views before the last in the bundle,
 * so that the source goes on with a view as it would without us. */
#include "pipeline/core/checked.h"
#include "pipeline/io/bundle.h"

typedef struct gathering {
    cp_bundle *bundle;
    cp_source *source;
    cp_view view;
    size_t used; /* bytes of the view that are copied, and not consumed */
} gathering;

static bool next_view(gathering *self)
{
    self->source->consume(self->source, self->used);
    self->used = 0;
    return self->source->peek(self->source, 1, &self->view, NULL) == CP_OK &&
           self->view.bytes.size > 0;
}

/* Not by half, as cp_grow does: the room would have to have it free. */
static bool grow(cp_bundle *bundle, size_t bytes)
{
    if (bytes <= bundle->stored_capacity)
        return true;
    size_t capacity = (bytes / CP_BUNDLE_STEP_BYTES + 1) * CP_BUNDLE_STEP_BYTES;
    uint8_t *stored = realloc(bundle->stored, capacity);
    if (!stored)
        return false;
    bundle->stored = stored;
    bundle->stored_capacity = capacity;
    return true;
}

static bool add_bytes(gathering *self, size_t size)
{
    cp_bundle *bundle = self->bundle;
    if (!grow(bundle, bundle->stored_bytes + size))
        return false;
    memcpy(bundle->stored + bundle->stored_bytes, self->view.bytes.data + self->used, size);
    bundle->stored_bytes += size;
    self->used += size;
    return true;
}

/* Until the bundle holds `bytes`. What turns out to be lost is not taken. */
static bool reach(gathering *self, size_t bytes)
{
    while (self->bundle->stored_bytes < bytes) {
        if (self->used == self->view.bytes.size && !next_view(self))
            return false;
        size_t wanted = bytes - self->bundle->stored_bytes;
        size_t left = self->view.bytes.size - self->used;
        if (!add_bytes(self, wanted < left ? wanted : left) ||
            cp_source_recheck(self->source, NULL))
            return false;
    }
    return true;
}

static bool fits(const cp_frame *frame)
{
    return frame->wanted_bytes <= CP_FRAME_STORED_MAX &&
           frame->content_bytes <= CP_FRAME_CONTENT_MAX;
}

static void end_frame(gathering *self, const cp_frame *frame)
{
    cp_bundle *bundle = self->bundle;
    uint64_t window =
        frame->window_bytes < frame->content_bytes ? frame->window_bytes : frame->content_bytes;
    self->source->consume(self->source, self->used);
    bundle->whole_bytes = bundle->stored_bytes;
    bundle->content_max += (size_t)frame->content_bytes;
    if (bundle->window_bytes < window)
        bundle->window_bytes = (size_t)window;
}

/* CP_OK: one more frame; CP_END: the source has ended; CP_MORE: what follows is left to it. */
static cp_rc add_frame(cp_bundle *bundle, const cp_codec *codec, cp_source *source)
{
    gathering self = {.bundle = bundle, .source = source};
    cp_frame frame = {0};
    size_t start = bundle->stored_bytes;
    cp_rc rc = CP_MORE;
    while (rc == CP_MORE && fits(&frame) && reach(&self, start + (size_t)frame.wanted_bytes))
        rc =
            codec->measure(&frame, (cp_span){bundle->stored + start, bundle->stored_bytes - start});
    if (rc == CP_OK && fits(&frame) && reach(&self, start + (size_t)frame.wanted_bytes)) {
        end_frame(&self, &frame);
        return CP_OK;
    }
    bundle->stored_bytes -= self.used;
    return self.view.at_end && self.view.bytes.size == 0 && bundle->stored_bytes == start ? CP_END
                                                                                          : CP_MORE;
}

bool cp_bundle_gather(cp_bundle *bundle, const cp_codec *codec, cp_source *source)
{
    bundle->offset = source->position;
    cp_rc rc = CP_OK;
    while (!rc && bundle->stored_bytes < CP_BUNDLE_TARGET_BYTES &&
           bundle->content_max < CP_BUNDLE_TARGET_BYTES)
        rc = add_frame(bundle, codec, source);
    bundle->is_open = rc == CP_MORE;
    return bundle->is_open || bundle->stored_bytes > 0;
}
