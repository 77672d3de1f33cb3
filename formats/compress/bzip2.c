/* bzip2, read through libbz2: streams one after the other, as pbzip2 writes them.
 *
 * libbz2 itself and not libarchive's filter over it, because that one takes a second stream whose
 * first bytes are damaged or cut for the end, and would lose it without a word. */
#include "formats/compress/codecs.h"
#include "formats/compress/unpacker.h"
#include "pipeline/core/checked.h"

#include <bzlib.h>
#include <limits.h>

/* "BZh", and the block size in 100 kB as a digit. */
enum { HEADER_BYTES = 4 };

typedef struct bzip2_reader {
    cp_unpacker base;
    bz_stream bzip2;
    bool in_stream; /* `bzip2` is set up */
} bzip2_reader;

static bool begins_stream(cp_span head)
{
    static const char magic[] = {'B', 'Z', 'h'};
    size_t compared = head.size < sizeof magic ? head.size : sizeof magic;
    return memcmp(head.data, magic, compared) == 0 &&
           (head.size < HEADER_BYTES || (head.data[3] >= '1' && head.data[3] <= '9'));
}

/* The header is plain text; what makes it sure is the block, or the end of an empty stream, that
 * follows: BCD digits of pi, or of its square root. */
static int bzip2_probe(cp_span head)
{
    static const uint8_t next[][6] = {
        {0x31, 0x41, 0x59, 0x26, 0x53, 0x59},
        {0x17, 0x72, 0x45, 0x38, 0x50, 0x90},
    };
    if (head.size < HEADER_BYTES + sizeof next[0] || !begins_stream(head))
        return 0;
    for (size_t i = 0; i < sizeof next / sizeof next[0]; i++) {
        if (memcmp(head.data + HEADER_BYTES, next[i], sizeof next[i]) == 0)
            return 90;
    }
    return 0;
}

static cp_rc begin_stream(bzip2_reader *self, cp_error *err)
{
    cp_rc rc = cp_unpack_boundary(&self->base, begins_stream, HEADER_BYTES, err);
    if (rc || self->base.ended)
        return rc;
    self->bzip2 = (bz_stream){0};
    if (BZ2_bzDecompressInit(&self->bzip2, 0, 0) != BZ_OK)
        return cp_fail_memory(err, 0);
    self->in_stream = true;
    return CP_OK;
}

static void end_stream(bzip2_reader *self)
{
    if (self->in_stream)
        BZ2_bzDecompressEnd(&self->bzip2);
    self->in_stream = false;
}

static cp_rc judge(bzip2_reader *self, int code, bool progress, cp_error *err)
{
    switch (code) {
    case BZ_OK:
        return progress ? CP_OK : cp_unpack_truncated(&self->base, "early", err);
    case BZ_STREAM_END:
        end_stream(self);
        return CP_OK;
    case BZ_MEM_ERROR:
        return cp_fail_memory(err, 0);
    default:
        return cp_unpack_corrupt(&self->base, "invalid data, or a checksum that is wrong", err);
    }
}

static unsigned cut_to_unsigned(size_t size)
{
    return size < UINT_MAX ? (unsigned)size : UINT_MAX;
}

static cp_rc decompress(bzip2_reader *self, cp_unpack_out *to, cp_error *err)
{
    cp_source *from = self->base.compressed;
    cp_view view;
    cp_rc rc = from->peek(from, 1, &view, err);
    if (rc)
        return rc;
    unsigned in = cut_to_unsigned(view.bytes.size), out = cut_to_unsigned(to->capacity);
    self->bzip2.next_in = (char *)view.bytes.data; /* libbz2 only reads there */
    self->bzip2.avail_in = in;
    self->bzip2.next_out = (char *)to->bytes;
    self->bzip2.avail_out = out;
    int code = BZ2_bzDecompress(&self->bzip2);
    size_t consumed = in - self->bzip2.avail_in;
    to->size = out - self->bzip2.avail_out;
    from->consume(from, consumed);
    return judge(self, code, consumed > 0 || to->size > 0, err);
}

static cp_rc bzip2_step(cp_unpacker *base, cp_unpack_out *to, cp_error *err)
{
    bzip2_reader *self = (bzip2_reader *)base;
    return self->in_stream ? decompress(self, to, err) : begin_stream(self, err);
}

static void bzip2_release(cp_unpacker *base)
{
    end_stream((bzip2_reader *)base);
}

static cp_rc bzip2_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                        cp_error *err)
{
    (void)window_limit_bytes; /* a block is at most 900 kB, and takes at most 3.7 MB */
    static const cp_unpacker_type type = {"bzip2", bzip2_step, bzip2_release, true};
    bzip2_reader *self;
    cp_rc rc = cp_unpacker_open(&type, sizeof *self, compressed, &self, err);
    if (!rc)
        *out = &self->base.base;
    return rc;
}

const cp_codec cp_codec_bzip2 = {
    .name = "bzip2",
    .extension = ".bz2",
    .probe = bzip2_probe,
    .open = bzip2_open,
};
