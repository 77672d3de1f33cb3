/* Checksums and decompressed sizes of pages. */
#include "formats/parquet/page_content.h"

#include "formats/compress/codecs.h"
#include "formats/parquet/damage.h"
#include "formats/parquet/plain_count.h"
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

/* The page at hand. */
typedef struct page {
    const cp_parquet_content *content;
    const cp_parquet_page_header *header;
    const cp_codec *codec; /* NULL: stored plainly, or in a codec that is not decompressed */
    cp_parquet_pages *found;
    bool is_counted; /* a dictionary, whose values are counted */
    cp_plain_count values;
} page;

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

/* Up to `end`; what is passed goes to `values` where that is not NULL. */
static cp_rc pass(body *b, uint64_t end, uint8_t *piece, cp_plain_count *values, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc && b->at < end) {
        size_t got, size = end - b->at < PIECE_BYTES ? (size_t)(end - b->at) : PIECE_BYTES;
        rc = body_read(b, piece, size, &got, err);
        if (!rc && values)
            cp_plain_count_add(values, (cp_span){piece, got});
    }
    return rc;
}

/* ---- decompressing ---- */

/* The decompressor's stream over the rest of the body. */
static cp_rc open_unpacker(const page *p, body *b, cp_stream **out, cp_error *err)
{
    body_stream *stream;
    cp_source *source;
    cp_rc rc = cp_calloc(1, sizeof *stream, &stream, err);
    if (rc)
        return rc;
    *stream = (body_stream){{stream_read, stream_close}, b};
    rc = cp_buffered_source_open(&stream->base, p->content->pool, &source, err);
    return rc ? rc : p->codec->open(source, WINDOW_BYTES_MAX, out, err);
}

/* How much comes out; little more than `most` is waited for. */
static cp_rc count_unpacked(page *p, cp_stream *stream, uint64_t most, uint64_t *total,
                            cp_error *err)
{
    size_t got = 1;
    cp_rc rc = CP_OK;
    while (!rc && got > 0 && *total <= most) {
        rc = stream->read(stream, p->content->piece, PIECE_BYTES, &got, err);
        *total += rc ? 0 : got;
        if (!rc && p->is_counted)
            cp_plain_count_add(&p->values, (cp_span){p->content->piece, got});
    }
    return rc;
}

/* Damage is said at the page: bytes in the decompressed stream mean nothing to anybody. */
static cp_rc say_at_page(cp_rc rc, const cp_error *inner, uint64_t offset, cp_error *err)
{
    if (rc == CP_E_DATA)
        return cp_parquet_damaged(err, offset, "the page cannot be decompressed: %s",
                                  inner->message);
    if (err)
        *err = *inner;
    return rc;
}

/* What is plain at last, all of it. */
static cp_rc check_plain(const page *p, uint64_t offset, cp_error *err)
{
    if (p->is_counted &&
        !cp_plain_count_is(&p->values, (uint64_t)p->header->dictionary.value_count))
        return cp_parquet_damaged(err, offset,
                                  "the dictionary holds %s%" PRIu64 " values, its header says %d",
                                  p->values.in_value || p->values.length_bits ? "more than " : "",
                                  p->values.values, p->header->dictionary.value_count);
    p->found->unpacked++;
    return CP_OK;
}

static cp_rc unpack(page *p, body *b, uint64_t wanted, cp_error *err)
{
    uint64_t offset = b->at, total = 0;
    cp_stream *stream = NULL;
    cp_error inner = {0};
    cp_rc rc = open_unpacker(p, b, &stream, &inner);
    if (!rc) {
        rc = count_unpacked(p, stream, wanted, &total, &inner);
        stream->close(stream);
    }
    if (rc == CP_E_DATA && inner.reason && strcmp(inner.reason, "window_too_large") == 0)
        return CP_OK; /* not unpacked, and not counted as such */
    if (rc)
        return say_at_page(rc, &inner, offset, err);
    if (total != wanted)
        return cp_parquet_damaged(err, offset,
                                  "the page holds %s%" PRIu64
                                  " decompressed bytes, its header says %" PRIu64,
                                  total > wanted ? "at least " : "", total, wanted);
    return check_plain(p, offset, err);
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

static cp_rc pass_plain(page *p, body *b, cp_error *err)
{
    uint64_t offset = b->at;
    const cp_parquet_page_header *header = p->header;
    if (header->plain_bytes != header->stored_bytes)
        return cp_parquet_damaged(
            err, offset, "the page is not compressed, and has %d bytes stored and %d plain",
            header->stored_bytes, header->plain_bytes);
    cp_rc rc = pass(b, b->end, p->content->piece, p->is_counted ? &p->values : NULL, err);
    return rc ? rc : check_plain(p, offset, err);
}

static cp_rc check_size(page *p, body *b, int32_t codec, cp_error *err)
{
    uint64_t levels = level_bytes(p->header), plain = (uint64_t)p->header->plain_bytes - levels;
    cp_rc rc = pass(b, b->at + levels, p->content->piece, NULL, err);
    if (rc)
        return rc;
    if (is_plain(p->header, codec))
        return pass_plain(p, b, err);
    if (b->at == b->end && plain == 0) /* nothing can be stored as nothing */
        return check_plain(p, b->at, err);
    return p->codec ? unpack(p, b, plain, err) : CP_OK;
}

cp_rc cp_parquet_content_check(const cp_parquet_content *content, cp_seekable *file,
                               uint64_t offset, const cp_parquet_page_header *header, int32_t codec,
                               const cp_parquet_schema_element *element, cp_parquet_pages *found,
                               cp_error *err)
{
    cp_error size_err = {0};
    body b = {file, offset, offset + (uint64_t)header->stored_bytes, 0};
    page p = {.content = content, .header = header, .codec = codec_of(codec), .found = found};
    p.is_counted =
        header->type == CP_PARQUET_DICTIONARY_PAGE && element->type != CP_PARQUET_BOOLEAN;
    p.values = cp_plain_count_of(element);
    cp_rc size_rc = check_size(&p, &b, codec, &size_err);
    cp_rc rc = pass(&b, b.end, content->piece, NULL, err);
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
