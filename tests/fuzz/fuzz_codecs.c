/* Any bytes through every codec that takes them for its own: the same bytes and the same end,
 * however they arrive and are asked for, in memory that the window bounds. */
#include "formats/compress/codecs.h"
#include "tests/fuzz/streams.h"
#include "tests/fuzz/support.h"

/* Some KB can stand for gigabytes; enough is enough. Beside its window a codec holds at most lz4's
 * two blocks of 4 MiB. */
enum { WINDOW_BYTES = 1 << 20, OUTPUT_MAX = 3 << 19, POOL_BYTES = 1000, OVERHEAD_BYTES = 9 << 20 };

typedef struct manner {
    size_t piece, size; /* as the bytes arrive, and are asked for */
} manner;

static const manner manners[] = {
    {SIZE_MAX, 64 << 10}, {SIZE_MAX, CP_FUZZ_GROWING}, {1, 4099},
    {7, 64 << 10},        {CP_FUZZ_GROWING, 64 << 10},
};

/* A failure is told by every later call, in the same words. */
static void check_failure_is_told_again(cp_stream *stream, const cp_fuzz_reading *reading)
{
    cp_error err = {0};
    uint8_t byte;
    size_t got = 1;
    CHECK(stream->read(stream, &byte, 1, &got, &err) == reading->rc);
    CHECK(got == 0);
    cp_fuzz_check_same_error(&err, &reading->err);
}

static void check_failure(cp_stream *stream, const cp_fuzz_reading *reading)
{
    CHECK(reading->rc == CP_E_DATA);
    CHECK(reading->err.has_byte && reading->err.byte == reading->size);
    check_failure_is_told_again(stream, reading);
}

static cp_fuzz_reading read_all(const cp_codec *codec, cp_span data, manner how)
{
    cp_error err = {0};
    cp_pool *pool;
    cp_stream *stream;
    size_t held = cp_fuzz_heap_bytes();
    CHECK_OK(cp_pool_new(POOL_BYTES, &pool, &err), &err);
    CHECK_OK(codec->open(cp_fuzz_source(data, how.piece, pool), WINDOW_BYTES, &stream, &err), &err);
    cp_fuzz_reading reading = cp_fuzz_read(stream, how.size, OUTPUT_MAX);
    CHECK(cp_fuzz_heap_bytes() <= held + data.size * 2 + WINDOW_BYTES + OVERHEAD_BYTES);
    if (cp_failed(reading.rc))
        check_failure(stream, &reading);
    stream->close(stream);
    cp_pool_free(pool);
    return reading;
}

static cp_fuzz_reading check_codec(const cp_codec *codec, cp_span data)
{
    cp_fuzz_reading first = read_all(codec, data, manners[0]);
    for (size_t i = 1; i < sizeof manners / sizeof *manners; i++) {
        cp_fuzz_reading other = read_all(codec, data, manners[i]);
        cp_fuzz_check_same_reading(&first, &other);
    }
    return first;
}

/* What reads gzip where ISA-L is missing. It is the stricter one: ISA-L (as of 2.30) takes Huffman
 * codes that leave bit patterns without a symbol. */
static void check_zlib(const cp_fuzz_reading *gzip, cp_span data)
{
    cp_fuzz_reading zlib = check_codec(&cp_codec_gzip_zlib, data);
    if (!cp_failed(zlib.rc))
        cp_fuzz_check_same_reading(gzip, &zlib);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_span bytes = {data, size};
    for (size_t i = 0; cp_codecs[i]; i++) {
        if (cp_codecs[i]->probe(bytes) == 0)
            continue;
        cp_fuzz_reading reading = check_codec(cp_codecs[i], bytes);
        if (cp_codecs[i] == &cp_codec_gzip)
            check_zlib(&reading, bytes);
    }
    return 0;
}
