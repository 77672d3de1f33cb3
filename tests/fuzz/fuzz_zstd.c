/* Any bytes through the zstd codec: they end well, or in a data error that says where. */
#include "formats/compress/codecs.h"
#include "pipeline/io/source.h"
#include "tests/fuzz/support.h"

#include <stdlib.h>
#include <xxhash.h>

/* Some KB of zstd can stand for gigabytes; enough is enough. */
enum { WINDOW_BYTES = 1 << 20, OUTPUT_MAX = 4 << 20, POOL_BYTES = 1000 };

typedef struct memory_stream {
    cp_stream base;
    cp_span left;
    size_t chunk;
} memory_stream;

static cp_rc memory_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    (void)err;
    memory_stream *self = (memory_stream *)stream;
    size_t size = self->left.size < self->chunk ? self->left.size : self->chunk;
    if (size > capacity)
        size = capacity;
    if (size)
        memcpy(out, self->left.data, size);
    self->left.data += size;
    self->left.size -= size;
    *got = size;
    return CP_OK;
}

static void memory_close(cp_stream *stream)
{
    free(stream);
}

/* The codec over `data`, which arrives `chunk` bytes at a time. */
static cp_stream *open_codec(cp_span data, size_t chunk, cp_pool *pool)
{
    cp_error err = {0};
    memory_stream *memory = malloc(sizeof *memory);
    CHECK(memory != NULL);
    *memory = (memory_stream){{memory_read, memory_close}, data, chunk};
    cp_source *compressed;
    cp_stream *plain;
    CHECK_OK(cp_buffered_source_open(&memory->base, pool, &compressed, &err), &err);
    CHECK_OK(cp_codec_zstd.open(compressed, WINDOW_BYTES, &plain, &err), &err);
    return plain;
}

/* What reading to the end came to. */
typedef struct reading {
    cp_rc rc;
    uint64_t size, digest;
} reading;

static void check_failure(cp_rc rc, const cp_error *err, uint64_t size)
{
    CHECK(rc == CP_E_DATA || rc == CP_E_MEMORY);
    cp_fuzz_check_error(rc, err);
    CHECK(rc != CP_E_DATA || (err->has_byte && err->byte >= size));
}

static void check_end_is_told_again(cp_stream *plain, uint8_t *bytes, size_t capacity)
{
    cp_error err = {0};
    size_t got = 1;
    CHECK_OK(plain->read(plain, bytes, capacity, &got, &err), &err);
    CHECK(got == 0);
}

static reading read_all(cp_span data, size_t chunk, size_t capacity)
{
    static uint8_t bytes[64 << 10];
    cp_error err = {0};
    cp_pool *pool;
    reading result = {0};
    CHECK_OK(cp_pool_new(POOL_BYTES, &pool, &err), &err);
    cp_stream *plain = open_codec(data, chunk, pool);
    XXH3_state_t *hash = XXH3_createState();
    CHECK(hash && XXH3_64bits_reset(hash) == XXH_OK);
    size_t got = 1;
    while (!result.rc && got > 0 && result.size < OUTPUT_MAX) {
        result.rc = plain->read(plain, bytes, capacity, &got, &err);
        if (result.rc) {
            check_failure(result.rc, &err, result.size);
        } else {
            CHECK(got <= capacity);
            CHECK(XXH3_64bits_update(hash, bytes, got) == XXH_OK);
            result.size += got;
        }
    }
    if (!result.rc && got == 0)
        check_end_is_told_again(plain, bytes, capacity);
    result.digest = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    plain->close(plain);
    cp_pool_free(pool);
    return result;
}

/* However the bytes arrive, those that end well are the same. The verdicts may differ: libzstd (as
 * of 1.5.4) refuses a compressed block of no bytes in a frame that it is given whole, and takes it
 * for empty in one that comes in pieces (corpus file empty_compressed_block.zst). */
static void check_same(const reading *a, const reading *b)
{
    if (!a->rc && !b->rc)
        CHECK(a->size == b->size && a->digest == b->digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cp_span bytes = {data, size};
    CHECK(cp_codec_zstd.probe(bytes) >= 0);
    reading large = read_all(bytes, SIZE_MAX, 64 << 10);
    reading small = read_all(bytes, 7, 64 << 10);
    reading odd = read_all(bytes, SIZE_MAX, 4099);
    if (large.size >= OUTPUT_MAX || small.size >= OUTPUT_MAX || odd.size >= OUTPUT_MAX)
        return 0; /* given up at different places */
    check_same(&large, &small);
    check_same(&large, &odd);
    return 0;
}
