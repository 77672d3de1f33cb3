/* zstd frames of every kind, made by libzstd itself, one behind the other in a text. */
#ifndef CP_TESTS_UNIT_ZSTD_FRAMES_H
#define CP_TESTS_UNIT_ZSTD_FRAMES_H

#include "tests/unit/support.h"

#include <zstd.h>

typedef struct frame_shape {
    const uint8_t *content;
    size_t size;
    int level; /* 0: libzstd's own, as below */
    int window_log;
    bool hides_size, has_checksum;
    size_t piece_bytes; /* a block for each so many bytes; 0: as they come */
} frame_shape;

static inline void set_parameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)));
}

static inline void compress_part(ZSTD_CCtx *context, text *to, const uint8_t *bytes, size_t size,
                                 ZSTD_EndDirective how)
{
    static uint8_t piece[1 << 17];
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {piece, sizeof piece, 0};
        left = ZSTD_compressStream2(context, &out, &in, how);
        assert_false(ZSTD_isError(left));
        put_bytes(to, piece, out.pos);
    } while (left > 0);
}

static inline void put_frame(text *to, const frame_shape *shape)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    set_parameter(context, ZSTD_c_compressionLevel, shape->level);
    set_parameter(context, ZSTD_c_windowLog, shape->window_log);
    set_parameter(context, ZSTD_c_checksumFlag, shape->has_checksum);
    set_parameter(context, ZSTD_c_contentSizeFlag, !shape->hides_size);
    if (!shape->hides_size)
        assert_false(ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, shape->size)));
    size_t at = 0, piece = shape->piece_bytes;
    for (; piece > 0 && at + piece < shape->size; at += piece)
        compress_part(context, to, shape->content + at, piece, ZSTD_e_flush);
    compress_part(context, to, shape->content + at, shape->size - at, ZSTD_e_end);
    ZSTD_freeCCtx(context);
}

/* A skippable frame of `number` (0 to 15) that says `size` bytes, and has them where `bytes` does.
 */
static inline void put_skippable(text *to, uint32_t number, uint32_t size, const uint8_t *bytes)
{
    const uint8_t header[8] = {(uint8_t)(0x50 + number),
                               0x2A,
                               0x4D,
                               0x18,
                               (uint8_t)size,
                               (uint8_t)(size >> 8),
                               (uint8_t)(size >> 16),
                               (uint8_t)(size >> 24)};
    put_bytes(to, header, sizeof header);
    if (bytes)
        put_bytes(to, bytes, size);
}

static inline cp_span span_of(const text *frames)
{
    return (cp_span){(const uint8_t *)frames->bytes, frames->size};
}

#endif
