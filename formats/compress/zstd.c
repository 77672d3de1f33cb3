/* zstd both ways (RFC 8878, through libzstd): concatenated and skippable frames, checksums. */
#include "formats/compress/codecs.h"
#include "formats/compress/unpacker.h"
#include "formats/compress/zstd_frame.h"
#include "pipeline/core/checked.h"

#include <zstd.h>
#include <zstd_errors.h>

/* RFC 8878, sections 3.1.1, 3.1.1.1 and 3.1.1.2; no frame is shorter than the shortest header. */
enum { MAGIC_BYTES = 4, SHORTEST_HEADER_BYTES = 6, BLOCK_HEADER_BYTES = 3 };

typedef struct zstd_reader {
    cp_unpacker base;
    ZSTD_DCtx *context;
    bool in_frame; /* the frame that was begun has not ended */
    size_t wanted; /* compressed bytes of the next header or block; 0: the last may give more */
} zstd_reader;

/* RFC 8878, section 3.1: frames begin with FD2FB528, skippable ones with 184D2A50 to ...5F. */
static int zstd_probe(cp_span head)
{
    if (head.size < MAGIC_BYTES)
        return 0;
    uint32_t magic = (uint32_t)head.data[0] | (uint32_t)head.data[1] << 8 |
                     (uint32_t)head.data[2] << 16 | (uint32_t)head.data[3] << 24;
    return magic == ZSTD_MAGICNUMBER || (magic & 0xFFFFFFF0) == ZSTD_MAGIC_SKIPPABLE_START ? 90 : 0;
}

static cp_rc zstd_failure(const cp_unpacker *base, size_t code, cp_error *err)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return cp_unpack_window(base, "frame", err);
    case ZSTD_error_memory_allocation:
        return cp_fail(err, CP_E_MEMORY, "out_of_memory", "out of memory for the zstd window");
    default:
        return cp_unpack_corrupt(base, ZSTD_getErrorName(code), err);
    }
}

/* Where libzstd fails, it gives nothing of that call; a frame that it is shown whole it judges in
 * another way than one in pieces (as of 1.5.4). So a block goes in without the next one's header,
 * for which the hint has room, and nothing goes in while the last one may give more. */
static size_t next_wanted(size_t hint, const cp_unpack_out *to)
{
    if (hint == 0)
        return SHORTEST_HEADER_BYTES;
    if (to->size == to->capacity)
        return 0;
    return hint > BLOCK_HEADER_BYTES ? hint - BLOCK_HEADER_BYTES : hint;
}

static cp_rc zstd_step(cp_unpacker *base, cp_unpack_out *to, cp_error *err)
{
    zstd_reader *self = (zstd_reader *)base;
    cp_span bytes = {NULL, 0};
    cp_rc rc = self->wanted ? cp_unpack_peek(base, self->wanted, &bytes, err) : CP_OK;
    if (rc)
        return rc;
    if (bytes.size == 0 && !self->in_frame) {
        base->ended = true;
        return CP_OK;
    }
    ZSTD_inBuffer in = {bytes.data, bytes.size, 0};
    ZSTD_outBuffer out = {to->bytes, to->capacity, 0};
    size_t hint = ZSTD_decompressStream(self->context, &out, &in);
    if (ZSTD_isError(hint))
        return zstd_failure(base, hint, err);
    base->compressed->consume(base->compressed, in.pos);
    to->size = out.pos;
    if (self->wanted && in.pos == 0 && out.pos == 0)
        return cp_unpack_truncated(base, "inside a frame", err);
    self->in_frame = hint != 0;
    self->wanted = next_wanted(hint, to);
    return CP_OK;
}

static void zstd_release(cp_unpacker *base)
{
    ZSTD_freeDCtx(((zstd_reader *)base)->context);
}

/* Whole powers of two, as frames have them. */
static int window_log(size_t bytes)
{
    ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    int log = bounds.lowerBound;
    while (log < bounds.upperBound && (size_t)1 << (log + 1) <= bytes)
        log++;
    return log;
}

static cp_rc zstd_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                       cp_error *err)
{
    static const cp_unpacker_type type = {"zstd", zstd_step, zstd_release, false};
    zstd_reader *self;
    cp_rc rc = cp_unpacker_open(&type, sizeof *self, compressed, &self, err);
    if (rc)
        return rc;
    cp_stream *stream = &self->base.base;
    self->context = ZSTD_createDCtx();
    if (!self->context) {
        stream->close(stream);
        return cp_fail_memory(err, 0);
    }
    ZSTD_DCtx_setParameter(self->context, ZSTD_d_windowLogMax, window_log(window_limit_bytes));
    self->wanted = SHORTEST_HEADER_BYTES;
    *out = stream;
    return CP_OK;
}

static bool zstd_is_between_frames(const cp_stream *stream)
{
    return !((const zstd_reader *)stream)->in_frame;
}

static void zstd_restart(cp_stream *stream)
{
    zstd_reader *self = (zstd_reader *)stream;
    self->base.ended = false;
    self->base.produced = 0;
    self->wanted = SHORTEST_HEADER_BYTES;
}

typedef struct zstd_writer {
    cp_writer base;
    cp_writer *below;
    ZSTD_CCtx *context;
    size_t capacity;
    uint8_t *buffer;
} zstd_writer;

static cp_rc compress(zstd_writer *self, ZSTD_inBuffer *in, ZSTD_EndDirective mode, cp_error *err)
{
    size_t left;
    do {
        ZSTD_outBuffer out = {self->buffer, self->capacity, 0};
        left = ZSTD_compressStream2(self->context, &out, in, mode);
        if (ZSTD_isError(left))
            return cp_fail(err, CP_E_BUG, "compression_failed", "zstd: %s",
                           ZSTD_getErrorName(left));
        if (out.pos > 0) {
            cp_rc rc = cp_write(self->below, self->buffer, out.pos, err);
            if (rc)
                return rc;
        }
    } while (mode == ZSTD_e_end ? left > 0 : in->pos < in->size);
    return CP_OK;
}

static cp_rc zstd_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    return compress((zstd_writer *)writer, &in, ZSTD_e_continue, err);
}

static cp_rc zstd_finish(cp_writer *writer, cp_error *err)
{
    ZSTD_inBuffer in = {NULL, 0, 0};
    return compress((zstd_writer *)writer, &in, ZSTD_e_end, err);
}

static void zstd_writer_close(cp_writer *writer)
{
    zstd_writer *self = (zstd_writer *)writer;
    ZSTD_freeCCtx(self->context);
    free(self->buffer);
    free(self);
}

static cp_rc zstd_compress(cp_writer *below, int level, cp_writer **out, cp_error *err)
{
    zstd_writer *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_writer){zstd_write, zstd_finish, zstd_writer_close};
    self->below = below;
    self->capacity = ZSTD_CStreamOutSize();
    self->buffer = malloc(self->capacity);
    self->context = ZSTD_createCCtx();
    if (!self->buffer || !self->context) {
        zstd_writer_close(&self->base);
        return cp_fail_memory(err, ZSTD_CStreamOutSize());
    }
    ZSTD_CCtx_setParameter(self->context, ZSTD_c_checksumFlag, 1);
    size_t code = ZSTD_CCtx_setParameter(self->context, ZSTD_c_compressionLevel,
                                         level ? level : ZSTD_CLEVEL_DEFAULT);
    if (ZSTD_isError(code)) {
        zstd_writer_close(&self->base);
        return cp_fail(err, CP_E_USAGE, "bad_level", "zstd has no compression level %d", level);
    }
    *out = &self->base;
    return CP_OK;
}

const cp_codec cp_codec_zstd = {
    .name = "zstd",
    .extension = ".zst",
    .probe = zstd_probe,
    .open = zstd_open,
    .measure = cp_zstd_measure,
    .is_between_frames = zstd_is_between_frames,
    .restart = zstd_restart,
    .compress = zstd_compress,
};
