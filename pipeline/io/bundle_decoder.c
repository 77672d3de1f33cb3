/* The decompressor of bundles over a source of its own: the stored bytes, and behind those of an
 * open bundle the source that they came from. It is kept from
 * bundle to bundle, because its window is large, and memory that is new costs a fault for each
 * page. */
#include "pipeline/core/checked.h"
#include "pipeline/io/bundle.h"

typedef struct cp_bundle_source {
    cp_source base;
    const cp_codec *codec;
    const cp_stream *stream; /* the decompressor that reads here */
    cp_bundle_part part;     /* `from` moves on */
    uint64_t start;          /* its position */
    uint8_t *joint;          /* bytes on both sides of where the stored ones end */
    size_t joint_capacity;
    bool rest_failed; /* and has said at which of its bytes */
} cp_bundle_source;

/* The bytes behind may be another bundle's. */
static bool is_behind_frame(const cp_bundle_source *self)
{
    return self->part.ends_with_frame && self->base.position > self->start &&
           self->codec->is_between_frames(self->stream);
}

static cp_rc peek_behind(cp_bundle_source *self, size_t want, cp_view *out, cp_error *err)
{
    cp_rc rc = self->part.rest->peek(self->part.rest, want, out, err);
    self->rest_failed = rc && err && err->has_byte;
    return rc;
}

static cp_rc peek_rest(cp_bundle_source *self, size_t want, cp_view *out, cp_error *err)
{
    *out = (cp_view){.at_end = true};
    return !self->part.rest || is_behind_frame(self) ? CP_OK : peek_behind(self, want, out, err);
}

/* The stored bytes are a copy, and were looked at when they were made. */
static cp_rc recheck_rest(cp_bundle_source *self, cp_view *out, cp_error *err)
{
    *out = (cp_view){0};
    cp_rc rc = cp_source_recheck(self->part.rest, err);
    if (rc)
        self->rest_failed = err && err->has_byte;
    return rc;
}

/* What is left of the stored bytes, and of those behind them what is wanted too. */
static cp_rc peek_joint(cp_bundle_source *self, cp_span left, size_t want, cp_view *out,
                        cp_error *err)
{
    cp_view behind;
    cp_rc grown = cp_grow(&self->joint, &self->joint_capacity, want, 1, err);
    if (grown)
        return grown;
    cp_rc rc = peek_behind(self, want - left.size, &behind, err);
    size_t more = behind.bytes.size < want - left.size ? behind.bytes.size : want - left.size;
    memcpy(self->joint, left.data, left.size);
    if (more > 0)
        memcpy(self->joint + left.size, behind.bytes.data, more);
    *out = (cp_view){.bytes = {self->joint, left.size + more}};
    return rc;
}

static cp_rc bundle_peek(cp_source *source, size_t want, cp_view *out, cp_error *err)
{
    cp_bundle_source *self = (cp_bundle_source *)source;
    const cp_bundle_part *part = &self->part;
    if (want == 0 && part->rest)
        return recheck_rest(self, out, err);
    cp_span left = {part->bundle->stored + part->from, part->to - part->from};
    if (left.size == 0)
        return peek_rest(self, want, out, err);
    if (part->rest && left.size < want)
        return peek_joint(self, left, want, out, err);
    *out = (cp_view){.bytes = left};
    return CP_OK;
}

static void bundle_consume(cp_source *source, size_t bytes)
{
    cp_bundle_source *self = (cp_bundle_source *)source;
    size_t left = self->part.to - self->part.from, stored = bytes < left ? bytes : left;
    source->position += bytes;
    self->part.from += stored;
    if (bytes > stored)
        self->part.rest->consume(self->part.rest, bytes - stored);
}

static void bundle_source_close(cp_source *source)
{
    free(((cp_bundle_source *)source)->joint);
    free(source);
}

static void go_to(cp_bundle_source *self, const cp_bundle_part *part)
{
    self->part = *part;
    self->start = self->base.position = part->bundle->offset + part->from;
    self->rest_failed = false;
}

/* The codec closes the source where it fails. */
static cp_rc open_stream(cp_bundle_decoder *decoder, const cp_codec *codec,
                         size_t window_limit_bytes, const cp_bundle_part *part, cp_error *err)
{
    cp_bundle_source *source;
    cp_rc rc = cp_calloc(1, sizeof *source, &source, err);
    if (rc)
        return rc;
    source->base = (cp_source){bundle_peek, bundle_consume, bundle_source_close, 0};
    source->codec = codec;
    go_to(source, part);
    rc = codec->open(&source->base, window_limit_bytes, &decoder->stream, err);
    if (rc)
        return rc;
    source->stream = decoder->stream;
    decoder->source = source;
    return CP_OK;
}

cp_rc cp_bundle_decoder_begin(cp_bundle_decoder *decoder, const cp_codec *codec,
                              size_t window_limit_bytes, const cp_bundle_part *part, cp_error *err)
{
    if (!decoder->source)
        return open_stream(decoder, codec, window_limit_bytes, part, err);
    go_to(decoder->source, part);
    codec->restart(decoder->stream);
    return CP_OK;
}

void cp_bundle_decoder_end_with_frame(cp_bundle_decoder *decoder)
{
    if (decoder->source)
        decoder->source->part.ends_with_frame = true;
}

bool cp_bundle_decoder_rest_failed(const cp_bundle_decoder *decoder)
{
    return decoder->source && decoder->source->rest_failed;
}

void cp_bundle_decoder_close(cp_bundle_decoder *decoder)
{
    if (decoder->source)
        decoder->stream->close(decoder->stream);
    decoder->stream = NULL;
    decoder->source = NULL;
}
