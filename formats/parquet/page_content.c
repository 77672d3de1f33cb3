/* Checksums and decompressed sizes of pages. */
#include "formats/parquet/page_content.h"

#include "formats/compress/codecs.h"
#include "formats/parquet/damage.h"
#include "pipeline/io/source.h"

#include <inttypes.h>
#include <zlib.h>

enum { PIECE_BYTES = 64 << 10, WINDOW_BYTES_MAX = 128 << 20 };

/* How far the page has been read. */
typedef struct body {
    cp_seekable *file;
    uint64_t at, end;
    uint32_t crc;
} body;

typedef struct body_stream {
    cp_stream base;
    body *body; /* borrowed */
} body_stream;

cp_rc cp_parquet_content_open(cp_parquet_content *content, cp_error *err)
{
    *content = (cp_parquet_content){0};
    cp_rc rc = cp_pool_new(PIECE_BYTES, &content->pool, err);
    return rc ? rc : cp_calloc(PIECE_BYTES, 1, &content->piece, err);
}

void cp_parquet_content_close(cp_parquet_content *content)
{
    cp_pool_free(content->pool);
    free(content->piece);
    *content = (cp_parquet_content){0};
}

static const cp_codec *codec_of(int32_t codec)
{
    static const cp_codec *const codecs[CP_PARQUET_CODEC_COUNT] = {
        [CP_PARQUET_GZIP] = &cp_codec_gzip,
        [CP_PARQUET_ZSTD] = &cp_codec_zstd,
    };
    return codecs[codec];
}

bool cp_parquet_content_is_unpacked(int32_t codec)
{
    return codec == CP_PARQUET_UNCOMPRESSED || codec_of(codec) != NULL;
}

/* ---- reading ---- */

static cp_rc body_read(body *b, uint8_t *out, size_t capacity, size_t *got, cp_error *err)
{
    size_t size = capacity < PIECE_BYTES ? capacity : PIECE_BYTES;
    *got = 0;
    if (size > b->end - b->at)
        size = (size_t)(b->end - b->at);
    cp_rc rc = size ? b->file->read(b->file, b->at, out, size, err) : CP_OK;
    if (rc)
        return rc;
    b->crc = (uint32_t)crc32(b->crc, out, (uInt)size);
    b->at += size;
    *got = size;
    return CP_OK;
}

static cp_rc stream_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    return body_read(((body_stream *)stream)->body, out, capacity, got, err);
}

static void stream_close(cp_stream *stream)
{
    free(stream);
}

/* Up to `end`, for the checksum alone. */
static cp_rc pass(body *b, uint64_t end, uint8_t *piece, cp_error *err)
{
    cp_rc rc = CP_OK;
    size_t got;
    while (!rc && b->at < end)
        rc = body_read(b, piece, end - b->at < PIECE_BYTES ? (size_t)(end - b->at) : PIECE_BYTES,
                       &got, err);
    return rc;
}

/* ---- decompressing ---- */

/* The decompressor's stream over the rest of the body. */
static cp_rc open_unpacker(const cp_parquet_content *content, const cp_codec *codec, body *b,
                           cp_stream **out, cp_error *err)
{
    body_stream *stream;
    cp_source *source;
    cp_rc rc = cp_calloc(1, sizeof *stream, &stream, err);
    if (rc)
        return rc;
    *stream = (body_stream){{stream_read, stream_close}, b};
    rc = cp_buffered_source_open(&stream->base, content->pool, &source, err);
    return rc ? rc : codec->open(source, WINDOW_BYTES_MAX, out, err);
}

/* How much comes out; no more than `most` is waited for. */
static cp_rc count_unpacked(const cp_parquet_content *content, cp_stream *stream, uint64_t most,
                            uint64_t *total, cp_error *err)
{
    size_t got = 1;
    cp_rc rc = CP_OK;
    *total = 0;
    while (!rc && got > 0 && *total <= most) {
        rc = stream->read(stream, content->piece, PIECE_BYTES, &got, err);
        *total += rc ? 0 : got;
    }
    return rc;
}

/* Damage is said at the page: bytes in the decompressed stream mean nothing to anybody. */
static cp_rc judge_unpacked(cp_rc rc, const cp_error *inner, uint64_t offset, uint64_t wanted,
                            uint64_t total, cp_parquet_pages *found, cp_error *err)
{
    if (rc == CP_E_DATA && inner->reason && strcmp(inner->reason, "window_too_large") == 0)
        return CP_OK;
    if (rc == CP_E_DATA)
        return cp_parquet_damaged(err, offset, "the page cannot be decompressed: %s",
                                  inner->message);
    if (rc) {
        if (err)
            *err = *inner;
        return rc;
    }
    if (total != wanted)
        return cp_parquet_damaged(err, offset,
                                  "the page holds %s%" PRIu64
                                  " decompressed bytes, its header says %" PRIu64,
                                  total > wanted ? "at least " : "", total, wanted);
    found->unpacked++;
    return CP_OK;
}

static cp_rc unpack(const cp_parquet_content *content, const cp_codec *codec, body *b,
                    uint64_t wanted, cp_parquet_pages *found, cp_error *err)
{
    uint64_t offset = b->at, total = 0;
    cp_stream *stream = NULL;
    cp_error inner = {0};
    if (b->at == b->end && wanted == 0) { /* nothing can be stored as nothing */
        found->unpacked++;
        return CP_OK;
    }
    cp_rc rc = open_unpacker(content, codec, b, &stream, &inner);
    if (!rc) {
        rc = count_unpacked(content, stream, wanted, &total, &inner);
        stream->close(stream);
    }
    return judge_unpacked(rc, &inner, offset, wanted, total, found, err);
}

/* ---- the whole ---- */

/* Levels of a version 2 page stand before its values, never compressed. */
static uint64_t level_bytes(const cp_parquet_page_header *header)
{
    return header->type == CP_PARQUET_DATA_PAGE_V2
               ? (uint64_t)header->v2.definition_bytes + (uint64_t)header->v2.repetition_bytes
               : 0;
}

static bool is_plain(const cp_parquet_page_header *header, int32_t codec)
{
    bool says_so = header->type == CP_PARQUET_DATA_PAGE_V2 &&
                   cp_thrift_has(header->v2.has, CP_PAGE_V2_IS_COMPRESSED) &&
                   !header->v2.is_compressed;
    return codec == CP_PARQUET_UNCOMPRESSED || says_so;
}

static cp_rc check_size(const cp_parquet_content *content, body *b,
                        const cp_parquet_page_header *header, int32_t codec,
                        cp_parquet_pages *found, cp_error *err)
{
    uint64_t levels = level_bytes(header), plain = (uint64_t)header->plain_bytes - levels;
    cp_rc rc = pass(b, b->at + levels, content->piece, err);
    if (rc)
        return rc;
    if (is_plain(header, codec)) {
        if (header->plain_bytes != header->stored_bytes)
            return cp_parquet_damaged(
                err, b->at, "the page is not compressed, and has %d bytes stored and %d plain",
                header->stored_bytes, header->plain_bytes);
        found->unpacked++;
        return CP_OK;
    }
    return codec_of(codec) ? unpack(content, codec_of(codec), b, plain, found, err) : CP_OK;
}

cp_rc cp_parquet_content_check(const cp_parquet_content *content, cp_seekable *file,
                               uint64_t offset, const cp_parquet_page_header *header, int32_t codec,
                               cp_parquet_pages *found, cp_error *err)
{
    cp_error size_err = {0};
    body b = {file, offset, offset + (uint64_t)header->stored_bytes, 0};
    cp_rc size_rc = check_size(content, &b, header, codec, found, &size_err);
    cp_rc rc = pass(&b, b.end, content->piece, err);
    if (rc)
        return rc;
    if (cp_thrift_has(header->has, CP_PAGE_CRC)) { /* tells more than what follows from damage */
        if (b.crc != (uint32_t)header->crc)
            return cp_parquet_damaged(
                err, offset, "the page has the checksum %08" PRIx32 ", its header says %08" PRIx32,
                b.crc, (uint32_t)header->crc);
        found->checksums++;
    }
    if (size_rc && err)
        *err = size_err;
    return size_rc;
}
