/* The codecs: whatever is compressed comes back whole, however it arrives and is asked for; every
 * cut and every flipped bit is told, good bytes first; members, padding and garbage; windows.
 * Inputs are made by the compression libraries' own calls. Both gzip readers stand every test. */
#include "formats/compress/codecs.h"
#include "formats/compress/gzip.h"
#include "pipeline/core/checked.h"
#include "pipeline/io/source.h"

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <bzlib.h>
#include <inttypes.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdio.h>
#include <time.h>
#include <zlib.h>

enum { WINDOW_BYTES = 64 << 20, POOL_BYTES = 5000 };

/* ---- random numbers: splitmix64 (Steele, Lea, Flood 2014) ---- */

static uint64_t random_state;

static uint64_t random_u64(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static int start_random(void **state)
{
    (void)state;
    random_state = (uint64_t)time(NULL);
    print_message("seed %" PRIu64 "\n", random_state);
    return 0;
}

/* ---- bytes that grow ---- */

typedef struct blob {
    uint8_t *data;
    size_t size, capacity;
} blob;

static void blob_room(blob *b, size_t more)
{
    if (cp_grow(&b->data, &b->capacity, b->size + more, 1, NULL) || !b->data)
        abort(); /* no test goes on without memory */
}

static void blob_add(blob *b, const void *bytes, size_t size)
{
    blob_room(b, size + 1);
    if (size)
        memcpy(b->data + b->size, bytes, size);
    b->size += size;
}

static void blob_join(blob *b, blob other)
{
    blob_add(b, other.data, other.size);
    free(other.data);
}

static cp_span blob_span(const blob *b)
{
    return (cp_span){b->data, b->size};
}

static bool blob_begins_with(cp_span whole, const blob *part)
{
    return part->size <= whole.size &&
           (part->size == 0 || memcmp(whole.data, part->data, part->size) == 0);
}

/* Lines that compress like a log's. */
static blob text_of(size_t size)
{
    blob b = {0};
    for (unsigned i = 0; b.size < size; i++) {
        char line[80];
        int n = snprintf(line, sizeof line, "{\"id\":\"%u\",\"status\":\"OPEN\",\"value\":%u}\n", i,
                         i * 2654435761U % 10007);
        blob_add(&b, line, (size_t)n);
    }
    b.size = size;
    return b;
}

static blob noise_of(size_t size)
{
    blob b = {0};
    blob_room(&b, size + 8);
    for (size_t i = 0; i < size; i++)
        b.data[i] = (uint8_t)random_u64();
    b.size = size;
    return b;
}

static blob zeros_of(size_t size)
{
    blob b = {0};
    blob_room(&b, size + 1);
    memset(b.data, 0, size);
    b.size = size;
    return b;
}

/* ---- compressing ---- */

typedef struct blob_writer {
    cp_writer base;
    blob bytes;
    size_t limit; /* writes beyond it fail */
} blob_writer;

static cp_rc blob_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    blob_writer *self = (blob_writer *)writer;
    if (self->bytes.size + size > self->limit)
        return cp_fail(err, CP_E_IO, "write_failed", "no room");
    blob_add(&self->bytes, bytes, size);
    return CP_OK;
}

/* In pieces of `piece` bytes. */
static blob codec_compress(const cp_codec *codec, int level, cp_span plain, size_t piece)
{
    blob_writer below = {.base = {.write = blob_write}, .limit = SIZE_MAX};
    cp_writer *writer;
    assert_int_equal(codec->compress(&below.base, level, &writer, NULL), CP_OK);
    for (size_t at = 0; at < plain.size; at += piece) {
        size_t left = plain.size - at;
        size_t size = left < piece ? left : piece;
        assert_int_equal(cp_write(writer, plain.data + at, size, NULL), CP_OK);
    }
    assert_int_equal(writer->finish(writer, NULL), CP_OK);
    writer->close(writer);
    return below.bytes;
}

static blob make_zstd(cp_span plain)
{
    return codec_compress(&cp_codec_zstd, 0, plain, SIZE_MAX / 2);
}

static blob make_gzip(cp_span plain)
{
    return codec_compress(&cp_codec_gzip_zlib, 0, plain, SIZE_MAX / 2);
}

static blob make_xz_with(cp_span plain, uint32_t dictionary_bytes)
{
    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 6));
    options.dict_size = dictionary_bytes;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    blob b = {0};
    blob_room(&b, lzma_stream_buffer_bound(plain.size));
    assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, NULL, plain.data,
                                               plain.size, b.data, &b.size, b.capacity),
                     LZMA_OK);
    return b;
}

static blob make_xz(cp_span plain)
{
    return make_xz_with(plain, 1 << 16);
}

static blob make_lzma_with(cp_span plain, uint32_t dictionary_bytes)
{
    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 6));
    options.dict_size = dictionary_bytes;
    lzma_stream stream = LZMA_STREAM_INIT;
    assert_int_equal(lzma_alone_encoder(&stream, &options), LZMA_OK);
    blob b = {0};
    blob_room(&b, plain.size * 2 + 1000);
    stream.next_in = plain.data;
    stream.avail_in = plain.size;
    stream.next_out = b.data;
    stream.avail_out = b.capacity;
    assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    b.size = b.capacity - stream.avail_out;
    lzma_end(&stream);
    return b;
}

static blob make_lzma(cp_span plain)
{
    return make_lzma_with(plain, 1 << 16);
}

static blob make_bzip2(cp_span plain)
{
    blob b = {0};
    unsigned size = (unsigned)(plain.size + plain.size / 50 + 1000);
    blob_room(&b, size);
    const uint8_t *from = plain.size ? plain.data : b.data; /* libbz2 refuses NULL */
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)b.data, &size, (char *)from,
                                              (unsigned)plain.size, 1, 0, 0),
                     BZ_OK);
    b.size = size;
    return b;
}

static blob make_lz4(cp_span plain)
{
    LZ4F_preferences_t options = {0};
    options.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    blob b = {0};
    blob_room(&b, LZ4F_compressFrameBound(plain.size, &options));
    b.size = LZ4F_compressFrame(b.data, b.capacity, plain.data, plain.size, &options);
    assert_false(LZ4F_isError(b.size));
    return b;
}

/* What is under test. */
typedef struct subject {
    const cp_codec *codec;
    blob (*make)(cp_span plain);
    bool concatenates;
    bool checks; /* the format has a checksum */
} subject;

static const subject subjects[] = {
    {&cp_codec_zstd, make_zstd, true, true},
#ifdef CASEPIPE_ISAL
    {&cp_codec_gzip_isal, make_gzip, true, true},
#endif
    {&cp_codec_gzip_zlib, make_gzip, true, true}, {&cp_codec_xz, make_xz, true, true},
    {&cp_codec_lzma, make_lzma, false, false},    {&cp_codec_bzip2, make_bzip2, true, true},
    {&cp_codec_lz4, make_lz4, true, true},
};
enum { SUBJECT_COUNT = sizeof subjects / sizeof subjects[0] };

static const cp_codec *const gzips[] = {
    &cp_codec_gzip_zlib,
#ifdef CASEPIPE_ISAL
    &cp_codec_gzip_isal,
#endif
};
enum { GZIP_COUNT = sizeof gzips / sizeof gzips[0] };

/* ---- reading ---- */

typedef struct memory_stream {
    cp_stream base;
    cp_span left;
    size_t chunk;
    cp_rc at_end; /* what comes in place of the end */
} memory_stream;

static cp_rc memory_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    memory_stream *self = (memory_stream *)stream;
    size_t size = self->left.size < self->chunk ? self->left.size : self->chunk;
    if (size > capacity)
        size = capacity;
    *got = size;
    if (size == 0)
        return self->at_end ? cp_fail(err, self->at_end, "read_failed", "broken below") : CP_OK;
    memcpy(out, self->left.data, size);
    self->left.data += size;
    self->left.size -= size;
    return CP_OK;
}

static void memory_close(cp_stream *stream)
{
    free(stream);
}

/* How the bytes arrive, and how they are asked for. */
typedef struct manner {
    size_t chunk, capacity, window_bytes;
    cp_rc at_end;
} manner;

static const manner at_once = {SIZE_MAX, 1 << 16, WINDOW_BYTES, CP_OK};

typedef struct reading {
    cp_rc rc;
    cp_error err;
    blob plain;
    int calls; /* that gave bytes */
} reading;

static cp_stream *open_stream(const cp_codec *codec, cp_span data, manner how, cp_pool *pool)
{
    memory_stream *memory;
    assert_int_equal(cp_calloc(1, sizeof *memory, &memory, NULL), CP_OK);
    *memory = (memory_stream){{memory_read, memory_close}, data, how.chunk, how.at_end};
    cp_source *compressed;
    assert_int_equal(cp_buffered_source_open(&memory->base, pool, &compressed, NULL), CP_OK);
    cp_stream *plain;
    assert_int_equal(codec->open(compressed, how.window_bytes, &plain, NULL), CP_OK);
    return plain;
}

/* An end, and an error, are told again by the next call. */
static void check_told_again(cp_stream *stream, const reading *r)
{
    uint8_t byte;
    size_t got = 1;
    cp_error err = {0};
    assert_int_equal(stream->read(stream, &byte, 1, &got, &err), r->rc);
    assert_int_equal(got, 0);
    assert_string_equal(err.message, r->err.message);
}

static reading read_all(const cp_codec *codec, cp_span data, manner how)
{
    reading r = {0};
    cp_pool *pool;
    assert_int_equal(cp_pool_new(POOL_BYTES, &pool, NULL), CP_OK);
    cp_stream *stream = open_stream(codec, data, how, pool);
    size_t got = 1;
    while (!r.rc && got > 0) {
        blob_room(&r.plain, how.capacity);
        r.rc = stream->read(stream, r.plain.data + r.plain.size, how.capacity, &got, &r.err);
        assert_true(got <= how.capacity);
        assert_true(!r.rc || got == 0);
        r.plain.size += got;
        r.calls += got > 0;
    }
    check_told_again(stream, &r);
    stream->close(stream);
    cp_pool_free(pool);
    return r;
}

/* All of `plain`, and a clean end. */
static void expect_plain(const cp_codec *codec, cp_span data, manner how, cp_span plain)
{
    reading r = read_all(codec, data, how);
    if (r.rc || !cp_span_equal(blob_span(&r.plain), plain))
        fail_msg("%s, chunk %zu, capacity %zu: %s; %zu bytes in place of %zu", codec->name,
                 how.chunk, how.capacity, r.err.message, r.plain.size, plain.size);
    free(r.plain.data);
}

/* The bytes before the error are the first `size` of `plain`, and the error says so. */
static void expect_failure(const cp_codec *codec, cp_span data, cp_span plain, size_t size,
                           const char *reason, const char *message)
{
    static const size_t chunks[] = {1, SIZE_MAX};
    for (size_t i = 0; i < 2; i++) {
        reading r = read_all(codec, data, (manner){chunks[i], 1000, WINDOW_BYTES, CP_OK});
        if (r.rc != CP_E_DATA || strcmp(r.err.reason, reason) != 0 ||
            !strstr(r.err.message, message) || r.plain.size != size ||
            !blob_begins_with(plain, &r.plain))
            fail_msg("%s: %d, %s: \"%s\", %zu bytes; expected %s: \"%s\", %zu bytes", codec->name,
                     r.rc, r.err.reason ? r.err.reason : "", r.err.message, r.plain.size, reason,
                     message, size);
        assert_true(r.err.has_byte);
        assert_int_equal(r.err.byte, size);
        free(r.plain.data);
    }
}

/* ---- whole streams ---- */

static void round_trip(const subject *s, blob plain)
{
    static const size_t chunks[] = {1, 7, 4096, SIZE_MAX};
    static const size_t capacities[] = {1, 4099, 1 << 20};
    blob data = s->make(blob_span(&plain));
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 3; k++) {
            manner how = {chunks[i], capacities[k], WINDOW_BYTES, CP_OK};
            expect_plain(s->codec, blob_span(&data), how, blob_span(&plain));
        }
    }
    free(data.data);
    free(plain.data);
}

/* Many bytes one by one, and many streams, take long where a sanitizer watches. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { SHRINK = 10 };
#else
enum { SHRINK = 1 };
#endif

static void test_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        round_trip(&subjects[i], text_of(0));
        round_trip(&subjects[i], text_of(1));
        round_trip(&subjects[i], text_of(300000 / SHRINK));
        round_trip(&subjects[i], noise_of(100000 / SHRINK));
        round_trip(&subjects[i], zeros_of(200000 / SHRINK));
    }
}

static void test_random_sizes(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        const subject *s = &subjects[random_u64() % SUBJECT_COUNT];
        size_t size = (size_t)(random_u64() % 300000);
        blob plain = round % 3 ? text_of(size) : noise_of(size);
        blob data = s->make(blob_span(&plain));
        manner how = {1 + (size_t)(random_u64() % 70000), 1 + (size_t)(random_u64() % 70000),
                      WINDOW_BYTES, CP_OK};
        expect_plain(s->codec, blob_span(&data), how, blob_span(&plain));
        free(data.data);
        free(plain.data);
    }
}

/* Members of every small size, so that what a reader holds ahead ends at every place. */
static void test_concatenated(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        const subject *s = &subjects[i];
        blob plain = {0}, data = {0};
        for (size_t size = 0; s->concatenates && size < 150; size++) {
            blob part = size % 2 ? noise_of(size) : text_of(size);
            blob_join(&data, s->make(blob_span(&part)));
            blob_join(&plain, part);
        }
        static const size_t sizes[] = {1, 2, 3, 11, 1 << 20};
        for (size_t k = 0; s->concatenates && k < 25; k++) {
            manner how = {sizes[k / 5], sizes[k % 5], WINDOW_BYTES, CP_OK};
            expect_plain(s->codec, blob_span(&data), how, blob_span(&plain));
        }
        free(data.data);
        free(plain.data);
    }
}

static void test_probes(void **state)
{
    (void)state;
    static const char *const others[] = {"{\"id\":1}\n", "BZh9 is no stream", "]", "PK\x03\x04"};
    blob plain = text_of(1000);
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        blob data = subjects[i].make(blob_span(&plain));
        for (const cp_codec *const *row = cp_codecs; *row; row++) {
            bool same = strcmp((*row)->name, subjects[i].codec->name) == 0;
            assert_int_equal((*row)->probe(blob_span(&data)) > 0, same);
            assert_int_equal((*row)->probe(blob_span(&plain)), 0);
            assert_int_equal((*row)->probe((cp_span){data.data, 1}), 0);
            assert_int_equal((*row)->probe((cp_span){NULL, 0}), 0);
            for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
                assert_int_equal((*row)->probe(cp_span_of(others[k])), 0);
        }
        free(data.data);
    }
    free(plain.data);
}

/* ---- cut and damaged ---- */

typedef struct two_parts {
    blob plain, data;
    size_t plain_edge, data_edge; /* where the second begins */
} two_parts;

static two_parts make_two(const subject *s, size_t size)
{
    two_parts two = {.plain = text_of(size)};
    two.plain_edge = s->concatenates ? size / 3 : size;
    cp_span first = {two.plain.data, two.plain_edge};
    cp_span second = {two.plain.data + two.plain_edge, size - two.plain_edge};
    two.data = s->make(first);
    two.data_edge = two.data.size;
    if (s->concatenates)
        blob_join(&two.data, s->make(second));
    return two;
}

static void free_two(two_parts *two)
{
    free(two->plain.data);
    free(two->data.data);
}

static void check_cut(const subject *s, const two_parts *two, size_t cut, manner how)
{
    reading r = read_all(s->codec, (cp_span){two->data.data, cut}, how);
    bool clean = s->concatenates && cut == two->data_edge;
    bool as_told = clean ? r.rc == CP_OK && r.plain.size == two->plain_edge
                         : r.rc == CP_E_DATA && strcmp(r.err.reason, "truncated_input") == 0 &&
                               r.err.has_byte && r.err.byte == r.plain.size;
    bool early = cut > two->data_edge && r.plain.size < two->plain_edge;
    if (!as_told || early || !blob_begins_with(blob_span(&two->plain), &r.plain))
        fail_msg("%s cut at %zu of %zu: %d, \"%s\", %zu bytes", s->codec->name, cut, two->data.size,
                 r.rc, r.err.message, r.plain.size);
    free(r.plain.data);
}

static void test_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        two_parts two = make_two(&subjects[i], 3000);
        for (size_t cut = 1; cut < two.data.size; cut++) {
            check_cut(&subjects[i], &two, cut, at_once);
            check_cut(&subjects[i], &two, cut, (manner){1, 97, WINDOW_BYTES, CP_OK});
        }
        free_two(&two);
    }
}

static void test_cuts_of_large_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        two_parts two = make_two(&subjects[i], 3000000);
        for (int round = 0; round < 50 / SHRINK; round++) {
            size_t cut = 1 + (size_t)(random_u64() % (two.data.size - 1));
            check_cut(&subjects[i], &two, cut, at_once);
        }
        free_two(&two);
    }
}

/* Some bits say nothing about the data (a time, an operating system): then all of it comes. */
static cp_rc check_flip(const subject *s, const two_parts *two, size_t bit)
{
    two->data.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    reading r = read_all(s->codec, blob_span(&two->data), at_once);
    two->data.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    bool told = r.rc == CP_E_DATA && r.err.reason && r.err.has_byte && r.err.byte == r.plain.size;
    bool unharmed = !r.rc && cp_span_equal(blob_span(&r.plain), blob_span(&two->plain));
    if (!told && !unharmed)
        fail_msg("%s, bit %zu of %zu bytes: %d, \"%s\", %zu bytes", s->codec->name, bit,
                 two->data.size, r.rc, r.err.message, r.plain.size);
    free(r.plain.data);
    return r.rc;
}

static void test_every_flip(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (!subjects[i].checks)
            continue;
        two_parts two = make_two(&subjects[i], 700);
        size_t told = 0;
        for (size_t bit = 0; bit < two.data.size * 8; bit++)
            told += check_flip(&subjects[i], &two, bit) != CP_OK;
        assert_true(told > two.data.size * 6);
        free_two(&two);
    }
}

static void test_flips_in_large_streams(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        two_parts two = make_two(&subjects[i], 1000000);
        for (int round = 0; subjects[i].checks && round < 50 / SHRINK; round++)
            check_flip(&subjects[i], &two, (size_t)(random_u64() % (two.data.size * 8)));
        free_two(&two);
    }
}

/* Both gzip readers give one verdict on the same bytes. */
static void test_gzip_readers_agree(void **state)
{
    (void)state;
    blob plain = text_of(20000);
    blob data = make_gzip(blob_span(&plain));
    for (int round = 0; round < 2000; round++) {
        size_t at = (size_t)(random_u64() % data.size);
        uint8_t kept = data.data[at];
        data.data[at] = (uint8_t)random_u64();
        reading first = read_all(gzips[0], blob_span(&data), at_once);
        for (size_t i = 1; i < GZIP_COUNT; i++) {
            reading other = read_all(gzips[i], blob_span(&data), at_once);
            if (first.rc != other.rc)
                fail_msg("byte %zu is %u: \"%s\" and \"%s\"", at, data.data[at], first.err.message,
                         other.err.message);
            free(other.plain.data);
        }
        free(first.plain.data);
        data.data[at] = kept;
    }
    free(data.data);
    free(plain.data);
}

/* Damage in the second part takes nothing from the first, and comes with a call of its own. */
static void test_good_bytes_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        if (!subjects[i].concatenates)
            continue;
        two_parts two = make_two(&subjects[i], 900000);
        memset(two.data.data + two.data_edge + 40, 0xA5, 50);
        reading r = read_all(subjects[i].codec, blob_span(&two.data),
                             (manner){SIZE_MAX, 4 << 20, WINDOW_BYTES, CP_OK});
        assert_int_equal(r.rc, CP_E_DATA);
        assert_int_equal(r.calls, 1);
        assert_true(r.plain.size >= two.plain_edge);
        assert_int_equal(memcmp(r.plain.data, two.plain.data, two.plain_edge), 0);
        assert_int_equal(r.err.byte, r.plain.size);
        free(r.plain.data);
        free_two(&two);
    }
}

static void test_failure_below(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        blob plain = text_of(2000000);
        blob data = subjects[i].make(blob_span(&plain));
        reading r = read_all(subjects[i].codec, (cp_span){data.data, data.size - 1},
                             (manner){4096, 4 << 20, WINDOW_BYTES, CP_E_IO});
        assert_int_equal(r.rc, CP_E_IO);
        assert_string_equal(r.err.message, "broken below");
        assert_true(r.plain.size > 0);
        assert_true(blob_begins_with(blob_span(&plain), &r.plain));
        free(r.plain.data);
        free(data.data);
        free(plain.data);
    }
}

static void test_garbage_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        blob plain = text_of(5000);
        blob data = subjects[i].make(blob_span(&plain));
        blob_add(&data, "no stream at all", 16);
        expect_failure(subjects[i].codec, blob_span(&data), blob_span(&plain), plain.size,
                       "corrupt_input", "");
        free(data.data);
        free(plain.data);
    }
}

static void test_not_this_codec(void **state)
{
    (void)state;
    cp_span text = cp_span_of("{\"id\":\"1\",\"status\":\"OPEN\",\"value\":22.5}\n");
    for (size_t i = 0; i < SUBJECT_COUNT; i++)
        expect_failure(subjects[i].codec, text, text, 0, "corrupt_input", "");
}

/* ---- gzip ---- */

enum { HEADER_CRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16 };

/* A header with these flags, and `extra` bytes of extra field; the rest is that of plain.gz. */
static blob with_header(const blob *plain_gzip, uint8_t flags, size_t extra_bytes)
{
    blob b = {0};
    uint8_t fixed[] = {0x1F, 0x8B, 8, flags, 1, 2, 3, 4, 0, 3};
    blob_add(&b, fixed, sizeof fixed);
    if (flags & EXTRA) {
        uint8_t length[] = {(uint8_t)extra_bytes, (uint8_t)(extra_bytes >> 8)};
        blob_add(&b, length, sizeof length);
        blob_join(&b, noise_of(extra_bytes));
    }
    if (flags & NAME)
        blob_add(&b, "cases.jsonl", 12);
    if (flags & COMMENT)
        blob_add(&b, "", 1);
    if (flags & HEADER_CRC) {
        uint32_t crc = (uint32_t)crc32(0, b.data, (uInt)b.size);
        uint8_t bytes[] = {(uint8_t)crc, (uint8_t)(crc >> 8)};
        blob_add(&b, bytes, sizeof bytes);
    }
    blob_add(&b, plain_gzip->data + 10, plain_gzip->size - 10);
    return b;
}

static void test_gzip_headers(void **state)
{
    (void)state;
    blob plain = text_of(500);
    blob gzip = make_gzip(blob_span(&plain));
    for (unsigned flags = 0; flags < 32; flags++) {
        static const size_t extra_sizes[] = {0, 6, 65535};
        for (size_t i = 0; i < sizeof extra_sizes / sizeof extra_sizes[0] * GZIP_COUNT; i++) {
            blob data = with_header(&gzip, (uint8_t)flags, extra_sizes[i / GZIP_COUNT]);
            const cp_codec *codec = gzips[i % GZIP_COUNT];
            expect_plain(codec, blob_span(&data), at_once, blob_span(&plain));
            expect_plain(codec, blob_span(&data), (manner){1, 64, WINDOW_BYTES, CP_OK},
                         blob_span(&plain));
            free(data.data);
        }
    }
    free(gzip.data);
    free(plain.data);
}

/* One byte of a stream with a checked header or of its trailer, and what is said of it. */
static const struct {
    const char *message;
    size_t at;
    bool from_end;
    uint8_t flip;
} wrong_bytes[] = {
    {"unknown method", 2, false, 1},
    {"unknown flags", 3, false, 0x20},
    {"unknown flags", 3, false, 0x80},
    {"checksum of a member's header", 5, false, 1},
    {"checksum of a member's header", 12, false, 1},
    {"checksum of a member's header", 22, false, 1},
    {"CRC-32", 8, true, 1},
    {"CRC-32", 5, true, 0x80},
    {"holds 500 bytes (modulo 2^32), its trailer says 501", 4, true, 1},
    {"holds 500 bytes (modulo 2^32), its trailer says 2147484148", 1, true, 0x80},
};

static void test_gzip_checks(void **state)
{
    (void)state;
    blob plain = text_of(500);
    blob gzip = make_gzip(blob_span(&plain));
    blob data = with_header(&gzip, NAME | HEADER_CRC, 0);
    for (size_t i = 0; i < sizeof wrong_bytes / sizeof wrong_bytes[0]; i++) {
        bool from_end = wrong_bytes[i].from_end;
        uint8_t *byte = data.data + (from_end ? data.size - wrong_bytes[i].at : wrong_bytes[i].at);
        *byte ^= wrong_bytes[i].flip;
        for (size_t k = 0; k < GZIP_COUNT; k++)
            expect_failure(gzips[k], blob_span(&data), blob_span(&plain), from_end ? plain.size : 0,
                           "corrupt_input", wrong_bytes[i].message);
        *byte ^= wrong_bytes[i].flip;
    }
    free(data.data);
    free(gzip.data);
    free(plain.data);
}

/* What stands behind the last member. */
static void test_gzip_behind_the_end(void **state)
{
    (void)state;
    blob plain = text_of(500), twice = text_of(500);
    blob_add(&twice, plain.data, plain.size);
    blob member = make_gzip(blob_span(&plain));
    for (size_t k = 0; k < GZIP_COUNT; k++) {
        for (size_t zeros = 0; zeros < 20000; zeros = zeros * 3 + 1) {
            blob data = {0};
            char message[100];
            blob_add(&data, member.data, member.size);
            blob_join(&data, zeros_of(zeros));
            expect_plain(gzips[k], blob_span(&data), at_once, blob_span(&plain));
            expect_plain(gzips[k], blob_span(&data), (manner){1, 64, WINDOW_BYTES, CP_OK},
                         blob_span(&plain));
            snprintf(message, sizeof message,
                     "trailing garbage behind the gzip stream, at compressed byte %zu", data.size);
            blob_add(&data, "\x1Fx", 2);
            expect_failure(gzips[k], blob_span(&data), blob_span(&plain), plain.size,
                           "corrupt_input", message);
            data.size -= 1;
            expect_failure(gzips[k], blob_span(&data), blob_span(&plain), plain.size,
                           "truncated_input", "in its first bytes");
            data.size -= 1;
            blob_add(&data, member.data, member.size);
            expect_plain(gzips[k], blob_span(&data), at_once, blob_span(&twice));
            free(data.data);
        }
    }
    free(member.data);
    free(plain.data);
    free(twice.data);
}

/* ---- windows ---- */

static void expect_window(const cp_codec *codec, blob data, size_t window_bytes, bool fits)
{
    manner how = {SIZE_MAX, 1 << 20, window_bytes, CP_OK};
    reading r = read_all(codec, blob_span(&data), how);
    assert_int_equal(r.rc, fits ? CP_OK : CP_E_DATA);
    assert_true(fits || strcmp(r.err.reason, "window_too_large") == 0);
    assert_true(fits || strstr(r.err.message, "--max-window"));
    free(r.plain.data);
    free(data.data);
}

static void test_windows(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 6144, 1 << 20, 3 << 19, 8 << 20};
    blob plain = text_of(100000);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t larger = sizes[i] + sizes[i] / 2;
        cp_span text = blob_span(&plain);
        expect_window(&cp_codec_xz, make_xz_with(text, sizes[i]), sizes[i], true);
        expect_window(&cp_codec_xz, make_xz_with(text, larger + 4096), sizes[i], false);
        expect_window(&cp_codec_lzma, make_lzma_with(text, sizes[i]), sizes[i], true);
        expect_window(&cp_codec_lzma, make_lzma_with(text, larger + 4096), sizes[i], false);
    }
    free(plain.data);
}

/* ---- writing gzip ---- */

static void test_gzip_levels(void **state)
{
    (void)state;
    blob plain = text_of(400000);
    size_t sizes[10] = {0};
    for (int level = 0; level <= 9; level++) {
        blob data = codec_compress(&cp_codec_gzip, level, blob_span(&plain), 1 << 20);
        blob pieces = codec_compress(&cp_codec_gzip, level, blob_span(&plain), 777);
        assert_true(cp_span_equal(blob_span(&data), blob_span(&pieces)));
        expect_plain(&cp_codec_gzip, blob_span(&data), at_once, blob_span(&plain));
        sizes[level] = data.size;
        free(data.data);
        free(pieces.data);
    }
    assert_int_equal(sizes[0], sizes[6]);
    assert_true(sizes[9] < sizes[1]);
    free(plain.data);
    cp_writer *none = NULL;
    cp_error err = {0};
    assert_int_equal(cp_codec_gzip.compress(NULL, 10, &none, &err), CP_E_USAGE);
    assert_string_equal(err.reason, "bad_level");
    assert_int_equal(cp_codec_gzip.compress(NULL, -1, &none, &err), CP_E_USAGE);
    assert_null(none);
}

/* The same input gives the same bytes at any time: no name, no time. */
static void test_gzip_header_written(void **state)
{
    (void)state;
    static const uint8_t header[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0};
    blob data = make_gzip((cp_span){NULL, 0});
    assert_true(data.size >= 18);
    assert_memory_equal(data.data, header, sizeof header);
    free(data.data);
}

static void test_gzip_write_failure(void **state)
{
    (void)state;
    blob plain = noise_of(300000);
    static const size_t limits[] = {0, 100000, 300000};
    for (size_t i = 0; i < 3; i++) {
        blob_writer below = {.base = {.write = blob_write}, .limit = limits[i]};
        cp_writer *writer;
        assert_int_equal(cp_codec_gzip.compress(&below.base, 1, &writer, NULL), CP_OK);
        cp_rc rc = cp_write(writer, plain.data, plain.size, NULL);
        if (!rc)
            rc = writer->finish(writer, NULL);
        assert_int_equal(rc, CP_E_IO);
        writer->close(writer);
        free(below.bytes.data);
    }
    free(plain.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trips, start_random),
        cmocka_unit_test_setup(test_random_sizes, start_random),
        cmocka_unit_test_setup(test_concatenated, start_random),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test_setup(test_cuts_of_large_streams, start_random),
        cmocka_unit_test(test_every_flip),
        cmocka_unit_test_setup(test_flips_in_large_streams, start_random),
        cmocka_unit_test_setup(test_gzip_readers_agree, start_random),
        cmocka_unit_test(test_good_bytes_first),
        cmocka_unit_test(test_failure_below),
        cmocka_unit_test(test_garbage_behind),
        cmocka_unit_test(test_not_this_codec),
        cmocka_unit_test_setup(test_gzip_headers, start_random),
        cmocka_unit_test(test_gzip_checks),
        cmocka_unit_test(test_gzip_behind_the_end),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_gzip_levels),
        cmocka_unit_test(test_gzip_header_written),
        cmocka_unit_test_setup(test_gzip_write_failure, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
