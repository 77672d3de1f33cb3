/* xz, and the older lzma (an .lzma file), read through liblzma.
 *
 * liblzma itself and not libarchive's filter over it, because that one lets no caller say how
 * large a dictionary may be. */
#include "formats/compress/codecs.h"
#include "formats/compress/unpacker.h"
#include "pipeline/core/checked.h"

#include <lzma.h>

typedef struct xz_reader {
    cp_unpacker base;
    lzma_stream lzma;
    bool stream_ended; /* what follows, if anything, is garbage */
} xz_reader;

/* The .xz file format 1.1.0, section 2.1.1.1. */
static int xz_probe(cp_span head)
{
    static const uint8_t magic[] = {0xFD, '7', 'z', 'X', 'Z', 0};
    return head.size >= sizeof magic && memcmp(head.data, magic, sizeof magic) == 0 ? 90 : 0;
}

/* An .lzma file has no magic number: properties, dictionary size, size, range coder. This is the
 * header that xz and LZMA Utils write by default (LZMA SDK, lzma-specification.txt): lc 3, lp 0,
 * pb 2; a dictionary of 2^n or 2^n + 2^(n-1) bytes; an unknown size, which is eight bytes of 0xFF;
 * and a range coder, whose first byte is 0. The format has no checksum, so not all damage can be
 * told; a cut can. */
static int lzma_probe(cp_span head)
{
    static const uint8_t unknown_size[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0};
    enum { SIZE_AT = 5, DICTIONARY_MIN = 1 << 12 };
    if (head.size < SIZE_AT + sizeof unknown_size || head.data[0] != 0x5D ||
        memcmp(head.data + SIZE_AT, unknown_size, sizeof unknown_size) != 0)
        return 0;
    uint32_t dictionary = (uint32_t)head.data[1] | (uint32_t)head.data[2] << 8 |
                          (uint32_t)head.data[3] << 16 | (uint32_t)head.data[4] << 24;
    uint32_t lowest = dictionary & -dictionary;
    bool usual = dictionary == lowest || dictionary == lowest * 3;
    return usual && dictionary >= DICTIONARY_MIN ? 60 : 0;
}

static cp_rc lzma_failure(const cp_unpacker *base, lzma_ret code, cp_error *err)
{
    switch (code) {
    case LZMA_MEMLIMIT_ERROR:
        return cp_unpack_window(base, "stream", err);
    case LZMA_MEM_ERROR:
        return cp_fail_memory(err, 0);
    case LZMA_BUF_ERROR:
        return cp_unpack_truncated(base, "early", err);
    case LZMA_FORMAT_ERROR:
        return cp_unpack_corrupt(base, "it does not begin like one", err);
    case LZMA_OPTIONS_ERROR:
        return cp_unpack_corrupt(base, "unknown or unsupported options", err);
    case LZMA_UNSUPPORTED_CHECK:
        return cp_unpack_corrupt(base, "an integrity check of an unknown kind", err);
    default:
        return cp_unpack_corrupt(base, "invalid data, or trailing garbage", err);
    }
}

/* LZMA_FINISH, which says that no more input comes, goes with none at all. */
static cp_rc run_lzma(xz_reader *self, cp_span in, cp_unpack_out *to, cp_error *err)
{
    self->lzma.next_in = in.data;
    self->lzma.avail_in = in.size;
    self->lzma.next_out = to->bytes;
    self->lzma.avail_out = to->capacity;
    lzma_ret code = lzma_code(&self->lzma, in.size ? LZMA_RUN : LZMA_FINISH);
    self->base.compressed->consume(self->base.compressed, in.size - self->lzma.avail_in);
    to->size = to->capacity - self->lzma.avail_out;
    self->stream_ended = code == LZMA_STREAM_END;
    return code == LZMA_OK || self->stream_ended ? CP_OK : lzma_failure(&self->base, code, err);
}

/* How much liblzma reads before it sees that bytes are wrong depends on how many it is shown: so
 * their place in the stream settles that. */
static cp_rc next_piece(cp_unpacker *base, cp_span *in, cp_error *err)
{
    enum { PIECE_BYTES = 64 << 10 };
    return cp_unpack_peek(base, PIECE_BYTES - base->compressed->position % PIECE_BYTES, in, err);
}

static cp_rc xz_step(cp_unpacker *base, cp_unpack_out *to, cp_error *err)
{
    xz_reader *self = (xz_reader *)base;
    cp_span in;
    cp_rc rc = next_piece(base, &in, err);
    if (rc)
        return rc;
    if (!self->stream_ended)
        return run_lzma(self, in, to, err);
    base->ended = in.size == 0;
    return base->ended ? CP_OK : cp_unpack_garbage(base, err);
}

static void xz_release(cp_unpacker *base)
{
    lzma_end(&((xz_reader *)base)->lzma);
}

/* What liblzma will count for a dictionary of `window_limit_bytes`, and for the few small filters
 * that xz allows in front of it (1 KiB each, at most three). */
static uint64_t memory_limit(size_t window_limit_bytes)
{
    enum { SMALL_FILTERS_BYTES = 3 * 1024 };
    lzma_options_lzma options = {0};
    options.dict_size = window_limit_bytes < UINT32_MAX ? (uint32_t)window_limit_bytes : UINT32_MAX;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    return lzma_raw_decoder_memusage(filters) + SMALL_FILTERS_BYTES;
}

static cp_rc start_xz(lzma_stream *lzma, uint64_t limit)
{
    uint32_t flags = LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK;
    return lzma_stream_decoder(lzma, limit, flags) == LZMA_OK ? CP_OK : CP_E_MEMORY;
}

static cp_rc start_lzma(lzma_stream *lzma, uint64_t limit)
{
    return lzma_alone_decoder(lzma, limit) == LZMA_OK ? CP_OK : CP_E_MEMORY;
}

static cp_rc open_reader(const cp_unpacker_type *type, cp_rc (*start)(lzma_stream *, uint64_t),
                         cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                         cp_error *err)
{
    xz_reader *self;
    cp_rc rc = cp_unpacker_open(type, sizeof *self, compressed, &self, err);
    if (rc)
        return rc;
    cp_stream *stream = &self->base.base;
    self->lzma = (lzma_stream)LZMA_STREAM_INIT;
    if (start(&self->lzma, memory_limit(window_limit_bytes))) {
        stream->close(stream);
        return cp_fail_memory(err, 0);
    }
    *out = stream;
    return CP_OK;
}

static cp_rc xz_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                     cp_error *err)
{
    static const cp_unpacker_type type = {"xz", xz_step, xz_release, true};
    return open_reader(&type, start_xz, compressed, window_limit_bytes, out, err);
}

static cp_rc lzma_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                       cp_error *err)
{
    static const cp_unpacker_type type = {"lzma", xz_step, xz_release, true};
    return open_reader(&type, start_lzma, compressed, window_limit_bytes, out, err);
}

const cp_codec cp_codec_xz = {
    .name = "xz",
    .extension = ".xz",
    .probe = xz_probe,
    .open = xz_open,
};

const cp_codec cp_codec_lzma = {
    .name = "lzma",
    .extension = ".lzma",
    .probe = lzma_probe,
    .open = lzma_open,
};
