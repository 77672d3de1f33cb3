/* Pages through libzstd and zlib. */
#include "formats/parquet/squeeze.h"

#define ZLIB_CONST               /* next_in is const */
#define ZSTD_STATIC_LINKING_ONLY /* for ZSTD_c_literalCompressionMode */
#include <limits.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Pages are small: zstd's lazier searches pay for texts, and tables of 2^16 slots are enough. */
enum { ZSTD_LEVEL_TEXTS = 6, ZSTD_LEVEL_NUMBERS = 3, ZSTD_LEVEL_SKETCH = 3, ZSTD_TABLE_LOG = 16 };
enum { GZIP_LEVEL_DEFAULT = 6, GZIP_MEMORY_LEVEL = 8 };
enum { GZIP_WINDOW_BITS = MAX_WBITS + 16 }; /* 16: with gzip's header and trailer */

struct cp_squeezer {
    cp_parquet_codec codec;
    int level;
    ZSTD_CCtx *zstd; /* for all efforts: its tables are as large as one of them needs, not all */
    z_stream zlib;
    bool has_zlib;
};

typedef struct codec_name {
    const char *name;
    cp_parquet_codec codec;
} codec_name;

static const codec_name names[] = {
    {"zstd", CP_PARQUET_ZSTD},
    {"gzip", CP_PARQUET_GZIP},
    {"none", CP_PARQUET_UNCOMPRESSED},
};

static bool has_level(cp_parquet_codec codec, int level)
{
    if (codec == CP_PARQUET_ZSTD)
        return level >= ZSTD_minCLevel() && level <= ZSTD_maxCLevel();
    return level >= 0 && level <= (codec == CP_PARQUET_GZIP ? Z_BEST_COMPRESSION : 0);
}

cp_rc cp_squeeze_check(const char *name, int level, cp_parquet_codec *codec, cp_error *err)
{
    if (!name)
        name = "zstd";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i].name))
            continue;
        *codec = names[i].codec;
        return has_level(*codec, level) ? CP_OK
                                        : cp_fail(err, CP_E_USAGE, "bad_level",
                                                  "%s has no compression level %d", name, level);
    }
    return cp_fail(err, CP_E_USAGE, "bad_compression",
                   "Parquet pages are compressed with zstd, gzip or none, and not with %s", name);
}

/* ---- zstd ---- */

typedef struct zstd_setting {
    ZSTD_cParameter parameter;
    int value;
} zstd_setting;

static const zstd_setting small_tables[] = {
    {ZSTD_c_hashLog, ZSTD_TABLE_LOG},
    {ZSTD_c_chainLog, ZSTD_TABLE_LOG},
};

/* Steps so long that no match is ever found. Such steps turn Huffman coding off unless it is asked
 * for, by a parameter that zstd.h still calls experimental, with the same number since zstd 1.4.0;
 * frames are valid whatever a library takes it for. */
static const zstd_setting literals_alone[] = {
    {ZSTD_c_strategy, ZSTD_fast},
    {ZSTD_c_hashLog, ZSTD_HASHLOG_MIN},
    {ZSTD_c_targetLength, ZSTD_TARGETLENGTH_MAX},
    {ZSTD_c_literalCompressionMode, ZSTD_lcm_huffman},
};

static size_t apply(ZSTD_CCtx *context, const zstd_setting *settings, size_t count)
{
    size_t code = 0;
    for (size_t i = 0; i < count && !ZSTD_isError(code); i++)
        code = ZSTD_CCtx_setParameter(context, settings[i].parameter, settings[i].value);
    return code;
}

static int level_of(cp_squeeze_effort effort, int level)
{
    if (effort == CP_SQUEEZE_SKETCH)
        return level && level < ZSTD_LEVEL_SKETCH ? level : ZSTD_LEVEL_SKETCH;
    if (level)
        return level;
    return effort == CP_SQUEEZE_NUMBERS ? ZSTD_LEVEL_NUMBERS : ZSTD_LEVEL_TEXTS;
}

static size_t set_effort(ZSTD_CCtx *context, cp_squeeze_effort effort, int level)
{
    if (effort == CP_SQUEEZE_ENTROPY)
        return apply(context, literals_alone, sizeof literals_alone / sizeof *literals_alone);
    size_t code = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level_of(effort, level));
    if (ZSTD_isError(code) || level || effort == CP_SQUEEZE_SKETCH)
        return code;
    return apply(context, small_tables, sizeof small_tables / sizeof *small_tables);
}

/* Contexts get their memory when they know what they will see. */
static cp_rc zstd_failure(size_t code, cp_error *err)
{
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return cp_fail_memory(err, 0);
    return cp_fail(err, CP_E_BUG, "compression_failed", "zstd: %s", ZSTD_getErrorName(code));
}

static cp_rc open_zstd(cp_squeezer *self, int level, cp_error *err)
{
    self->level = level;
    self->zstd = ZSTD_createCCtx();
    return self->zstd ? CP_OK : cp_fail_memory(err, 0);
}

/* One part: the last one ends the frame, the others their block. */
static cp_rc zstd_part(ZSTD_CCtx *context, cp_span part, bool is_last, cp_bytes *out, cp_error *err)
{
    ZSTD_inBuffer in = {part.data, part.size, 0};
    ZSTD_outBuffer to = {out->data + out->size, out->capacity - out->size, 0};
    size_t left = ZSTD_compressStream2(context, &to, &in, is_last ? ZSTD_e_end : ZSTD_e_flush);
    if (ZSTD_isError(left))
        return zstd_failure(left, err);
    if (left > 0)
        return cp_fail(err, CP_E_BUG, "compression_failed", "zstd: no room");
    out->size += to.pos;
    return CP_OK;
}

static cp_rc zstd_body(const cp_squeezer *self, cp_squeeze_effort effort,
                       const cp_parquet_body *body, cp_bytes *out, cp_error *err)
{
    enum { PART_BYTES = 64 }; /* a block header and what flushing may add */
    size_t bound = ZSTD_compressBound(body->bytes.size) + body->part_count * PART_BYTES;
    cp_rc rc = cp_bytes_reserve(out, bound, err);
    size_t code = ZSTD_CCtx_reset(self->zstd, ZSTD_reset_session_and_parameters);
    if (!ZSTD_isError(code))
        code = set_effort(self->zstd, effort, self->level);
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setPledgedSrcSize(self->zstd, body->bytes.size);
    if (!rc && ZSTD_isError(code))
        return zstd_failure(code, err);
    size_t at = 0;
    for (size_t i = 0; !rc && i < body->part_count; i++) {
        cp_span part = {body->bytes.data + at, body->part_ends[i] - at};
        rc = zstd_part(self->zstd, part, i + 1 == body->part_count, out, err);
        at = body->part_ends[i];
    }
    return rc;
}

/* ---- gzip ---- */

static cp_rc open_gzip(cp_squeezer *self, int level, cp_error *err)
{
    self->level = level ? level : GZIP_LEVEL_DEFAULT;
    if (deflateInit2(&self->zlib, self->level, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return cp_fail_memory(err, 0);
    self->has_zlib = true;
    return CP_OK;
}

/* All that is measured or written is below 4 GiB, since a group's values are at most 1 GiB. Before
 * 1.2.12 zlib may write the header when the strategy changes: there has to be room, and no input.
 */
static cp_rc gzip_body(cp_squeezer *self, cp_squeeze_effort effort, const cp_parquet_body *body,
                       cp_bytes *out, cp_error *err)
{
    z_stream *zlib = &self->zlib;
    int strategy = effort == CP_SQUEEZE_ENTROPY ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY;
    int code = deflateReset(zlib); /* first: the bound is right for a fresh stream alone */
    size_t bound = deflateBound(zlib, body->bytes.size);
    cp_rc rc = cp_bytes_reserve(out, bound, err);
    if (rc)
        return rc;
    zlib->avail_in = 0;
    zlib->next_out = out->data + out->size;
    zlib->avail_out = (uInt)(bound < UINT_MAX ? bound : UINT_MAX);
    if (code == Z_OK)
        code = deflateParams(zlib, self->level, strategy);
    zlib->next_in = body->bytes.data;
    zlib->avail_in = (uInt)body->bytes.size;
    if (code == Z_OK)
        code = deflate(zlib, Z_FINISH);
    if (code != Z_STREAM_END)
        return cp_fail(err, CP_E_BUG, "compression_failed", "zlib: code %d", code);
    out->size = (size_t)(zlib->next_out - out->data);
    return CP_OK;
}

/* ---- both ---- */

cp_rc cp_squeezer_open(cp_parquet_codec codec, int level, cp_squeezer **out, cp_error *err)
{
    cp_rc rc = cp_calloc(1, sizeof **out, out, err);
    if (rc)
        return rc;
    (*out)->codec = codec;
    rc = codec == CP_PARQUET_GZIP ? open_gzip(*out, level, err) : open_zstd(*out, level, err);
    if (rc) {
        cp_squeezer_close(*out);
        *out = NULL;
    }
    return rc;
}

void cp_squeezer_close(cp_squeezer *squeezer)
{
    if (!squeezer)
        return;
    ZSTD_freeCCtx(squeezer->zstd);
    if (squeezer->has_zlib)
        deflateEnd(&squeezer->zlib);
    free(squeezer);
}

cp_rc cp_squeeze(cp_squeezer *squeezer, cp_squeeze_effort effort, const cp_parquet_body *body,
                 cp_bytes *out, cp_error *err)
{
    out->size = 0;
    return squeezer->codec == CP_PARQUET_GZIP ? gzip_body(squeezer, effort, body, out, err)
                                              : zstd_body(squeezer, effort, body, out, err);
}
