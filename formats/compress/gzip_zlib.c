/* gzip read through zlib, for machines that ISA-L is not made for. */
#include "formats/compress/codecs.h"
#include "formats/compress/gzip.h"
#include "pipeline/core/checked.h"

#define ZLIB_CONST /* next_in is const */
#include <limits.h>
#include <zlib.h>

/* Negative: deflate data without a header, which gzip.c reads itself. */
enum { RAW_WINDOW_BITS = -MAX_WBITS };

static cp_rc zlib_open(void **state, cp_error *err)
{
    z_stream *zlib;
    *state = NULL;
    cp_rc rc = cp_calloc(1, sizeof *zlib, &zlib, err);
    if (rc)
        return rc;
    if (inflateInit2(zlib, RAW_WINDOW_BITS) != Z_OK) {
        free(zlib);
        return cp_fail_memory(err, 0);
    }
    *state = zlib;
    return CP_OK;
}

static void zlib_reset(void *state)
{
    inflateReset(state);
}

static uInt cut_to_uint(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static cp_rc zlib_run(void *state, cp_inflation *io, cp_error *err)
{
    z_stream *zlib = state;
    uInt in = cut_to_uint(io->in.size), out = cut_to_uint(io->capacity);
    zlib->next_in = io->in.data;
    zlib->avail_in = in;
    zlib->next_out = io->out;
    zlib->avail_out = out;
    int code = inflate(zlib, Z_NO_FLUSH);
    io->consumed = in - zlib->avail_in;
    io->produced = out - zlib->avail_out;
    io->ended = code == Z_STREAM_END;
    io->progress = io->ended || io->consumed > 0 || io->produced > 0;
    if (code == Z_MEM_ERROR)
        return cp_fail_memory(err, 0);
    if (code == Z_DATA_ERROR)
        io->damage = zlib->msg ? zlib->msg : "invalid deflate data";
    return CP_OK;
}

static void zlib_close(void *state)
{
    if (state)
        inflateEnd(state);
    free(state);
}

static uint32_t zlib_crc32(uint32_t crc, const uint8_t *bytes, size_t size)
{
    return (uint32_t)crc32_z(crc, bytes, size);
}

static cp_rc gzip_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                       cp_error *err)
{
    (void)window_limit_bytes; /* deflate never looks back further than 32 KiB */
    static const cp_inflater inflater = {zlib_open, zlib_reset, zlib_run, zlib_close, zlib_crc32};
    return cp_gzip_open(&inflater, compressed, out, err);
}

const cp_codec cp_codec_gzip_zlib = {
    .name = "gzip",
    .extension = ".gz",
    .probe = cp_gzip_probe,
    .open = gzip_open,
    .compress = cp_gzip_compress,
};
