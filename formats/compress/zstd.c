/* zstd both ways (RFC 8878, through libzstd): concatenated and skippable frames, checksums. */
#include "formats/compress/codecs.h"
#include "pipeline/core/checked.h"

#include <inttypes.h>
#include <zstd.h>
#include <zstd_errors.h>

typedef struct zstd_reader {
    cp_stream base;
    cp_source *compressed;
    ZSTD_DCtx *context;
    bool in_frame; /* the frame that was begun has not ended */
    uint64_t produced;
} zstd_reader;

/* RFC 8878, section 3.1: frames begin with FD2FB528, skippable ones with 184D2A50 to ...5F. */
static int zstd_probe(cp_span head)
{
    if (head.size < 4)
        return 0;
    uint32_t magic = (uint32_t)head.data[0] | (uint32_t)head.data[1] << 8 |
                     (uint32_t)head.data[2] << 16 | (uint32_t)head.data[3] << 24;
    return magic == ZSTD_MAGICNUMBER || (magic & 0xFFFFFFF0) == ZSTD_MAGIC_SKIPPABLE_START ? 90 : 0;
}

static cp_rc at_end_of_input(const zstd_reader *self, cp_error *err)
{
    if (!self->in_frame)
        return CP_OK;
    cp_fail(err, CP_E_DATA, "truncated_input",
            "the zstd stream ends inside a frame, at compressed byte %" PRIu64,
            self->compressed->position);
    cp_error_at_byte(err, self->produced);
    return CP_E_DATA;
}

static cp_rc corrupt(const zstd_reader *self, size_t code, cp_error *err)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        cp_fail(err, CP_E_DATA, "window_too_large",
                "a zstd frame wants a larger window than --max-window allows");
        break;
    case ZSTD_error_memory_allocation:
        return cp_fail(err, CP_E_MEMORY, "out_of_memory", "out of memory for the zstd window");
    default:
        cp_fail(err, CP_E_DATA, "corrupt_input",
                "the zstd stream is damaged near compressed byte %" PRIu64 ": %s",
                self->compressed->position, ZSTD_getErrorName(code));
    }
    cp_error_at_byte(err, self->produced);
    return CP_E_DATA;
}

/* One step; *progress false: the input is used up and nothing came out. */
static cp_rc step(zstd_reader *self, ZSTD_outBuffer *out, bool *progress, cp_error *err)
{
    cp_view view;
    cp_rc rc = self->compressed->peek(self->compressed, 1, &view, err);
    if (rc)
        return rc;
    *progress = false;
    if (view.bytes.size == 0 && !self->in_frame)
        return CP_OK;
    ZSTD_inBuffer in = {view.bytes.data, view.bytes.size, 0};
    size_t before = out->pos;
    size_t hint = ZSTD_decompressStream(self->context, out, &in);
    self->compressed->consume(self->compressed, in.pos);
    self->produced += out->pos - before;
    if (ZSTD_isError(hint))
        return corrupt(self, hint, err);
    *progress = in.pos > 0 || out->pos > before;
    if (*progress)
        self->in_frame = hint != 0;
    return CP_OK;
}

static cp_rc zstd_read(cp_stream *stream, uint8_t *bytes, size_t capacity, size_t *got,
                       cp_error *err)
{
    zstd_reader *self = (zstd_reader *)stream;
    ZSTD_outBuffer out = {bytes, capacity, 0};
    bool progress = true;
    cp_rc rc = CP_OK;
    while (!rc && progress && out.pos < capacity)
        rc = step(self, &out, &progress, err);
    *got = out.pos;
    if (rc || out.pos > 0)
        return rc;
    return at_end_of_input(self, err);
}

static void zstd_close(cp_stream *stream)
{
    zstd_reader *self = (zstd_reader *)stream;
    self->compressed->close(self->compressed);
    ZSTD_freeDCtx(self->context);
    free(self);
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
    zstd_reader *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        compressed->close(compressed);
        return rc;
    }
    self->base = (cp_stream){zstd_read, zstd_close};
    self->compressed = compressed;
    self->context = ZSTD_createDCtx();
    if (!self->context) {
        zstd_close(&self->base);
        return cp_fail_memory(err, 0);
    }
    ZSTD_DCtx_setParameter(self->context, ZSTD_d_windowLogMax, window_log(window_limit_bytes));
    *out = &self->base;
    return CP_OK;
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
        return cp_fail_memory(err, self->capacity);
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
    .compress = zstd_compress,
};
