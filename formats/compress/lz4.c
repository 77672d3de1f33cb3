/* lz4 in frames (LZ4 Frame Format 1.6), read through liblz4: concatenated and skippable frames,
 * checksums where the frame has them.
 *
 * liblz4 itself and not libarchive's filter over it, because that one takes a second frame whose
 * first bytes are damaged or cut for the end, and would lose it without a word. */
#include "formats/compress/codecs.h"
#include "formats/compress/unpacker.h"
#include "pipeline/core/checked.h"

#include <lz4frame.h>

enum { MAGIC_BYTES = 4, BLOCK_HEADER_BYTES = 4 };

typedef struct lz4_reader {
    cp_unpacker base;
    LZ4F_dctx *context;
    bool in_frame;
    size_t wanted; /* compressed bytes of the next header or block; 0: the last may give more */
} lz4_reader;

/* Little endian: 0x184D2204, and 0x184D2A50 to ...5F for frames that hold no data. */
static bool begins_frame(cp_span head)
{
    static const uint8_t data_frame[] = {0x04, 0x22, 0x4D, 0x18};
    static const uint8_t skippable_rest[] = {0x2A, 0x4D, 0x18};
    size_t compared = head.size < MAGIC_BYTES ? head.size : MAGIC_BYTES;
    return memcmp(head.data, data_frame, compared) == 0 ||
           ((head.data[0] & 0xF0) == 0x50 &&
            memcmp(head.data + 1, skippable_rest, compared - 1) == 0);
}

/* Surer than zstd, which knows the same skippable frames, of a frame with data; less of others. */
static int lz4_probe(cp_span head)
{
    if (head.size < MAGIC_BYTES || !begins_frame(head))
        return 0;
    return head.data[0] == 0x04 ? 90 : 50;
}

static cp_rc begin_frame(lz4_reader *self, cp_error *err)
{
    cp_rc rc = cp_unpack_boundary(&self->base, begins_frame, MAGIC_BYTES, err);
    self->in_frame = true;
    self->wanted = MAGIC_BYTES;
    return rc;
}

/* Where liblz4 fails, it gives nothing of that call. So a block goes in without the next one's
 * header, for which the hint has room, and nothing goes in while the last one may give more. */
static size_t next_wanted(size_t hint, const cp_unpack_out *to)
{
    if (to->size == to->capacity)
        return 0;
    return hint > BLOCK_HEADER_BYTES ? hint - BLOCK_HEADER_BYTES : hint;
}

static cp_rc decompress(lz4_reader *self, cp_unpack_out *to, cp_error *err)
{
    cp_span in = {NULL, 0};
    cp_rc rc = self->wanted ? cp_unpack_peek(&self->base, self->wanted, &in, err) : CP_OK;
    if (rc)
        return rc;
    size_t consumed = in.size, produced = to->capacity;
    size_t hint = LZ4F_decompress(self->context, to->bytes, &produced, in.data, &consumed, NULL);
    if (LZ4F_isError(hint))
        return cp_unpack_corrupt(&self->base, LZ4F_getErrorName(hint), err);
    self->base.compressed->consume(self->base.compressed, consumed);
    to->size = produced;
    if (self->wanted && in.size == 0 && produced == 0)
        return cp_unpack_truncated(&self->base, "inside a frame", err);
    self->in_frame = hint != 0;
    self->wanted = next_wanted(hint, to);
    return CP_OK;
}

static cp_rc lz4_step(cp_unpacker *base, cp_unpack_out *to, cp_error *err)
{
    lz4_reader *self = (lz4_reader *)base;
    return self->in_frame ? decompress(self, to, err) : begin_frame(self, err);
}

static void lz4_release(cp_unpacker *base)
{
    LZ4F_freeDecompressionContext(((lz4_reader *)base)->context);
}

static cp_rc lz4_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                      cp_error *err)
{
    (void)window_limit_bytes; /* a block is at most 4 MiB, and takes twice that */
    static const cp_unpacker_type type = {"lz4", lz4_step, lz4_release, false};
    lz4_reader *self;
    cp_rc rc = cp_unpacker_open(&type, sizeof *self, compressed, &self, err);
    if (rc)
        return rc;
    cp_stream *stream = &self->base.base;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&self->context, LZ4F_VERSION))) {
        stream->close(stream);
        return cp_fail_memory(err, 0);
    }
    *out = stream;
    return CP_OK;
}

const cp_codec cp_codec_lz4 = {
    .name = "lz4",
    .extension = ".lz4",
    .probe = lz4_probe,
    .open = lz4_open,
};
