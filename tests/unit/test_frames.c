/* pipeline/io/frames.h: whatever frames a file is made of, however it is damaged, and whoever
 * unpacks them, the stream gives what the codec's own stream gives, read by read, errors and their
 * words included.
 *
 *   frames --codec's stream------------------> bytes, error
 *          --frames ahead, other threads at it--> the same */
#include "formats/compress/codecs.h"
#include "pipeline/io/bundle.h"
#include "pipeline/io/frames.h"
#include "pipeline/io/source.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/zstd_frames.h"

#include <pthread.h>

enum {
    MIB = 1 << 20,
    WINDOW_BYTES = 8 * MIB,
    CONTENT_BYTES = 10 * MIB, /* text in the first part, noise in the second */
    NOISE_AT = CONTENT_BYTES / 2,
    THREADS_MAX = 5,
    ROOM_BYTES = 64 * MIB
};

static uint8_t *content;

static int start(void **state)
{
    (void)state;
    static const char *const words[] = {"DRAFT", "CLOSED", "sensor", "12.5", "\n", "{}"};
    random_start(UINT64_C(20260302));
    content = malloc(CONTENT_BYTES + 8);
    assert_non_null(content);
    for (size_t at = 0; at < NOISE_AT;) {
        const char *word = words[random_below(6)];
        memcpy(content + at, word, strlen(word));
        at += strlen(word);
    }
    for (size_t at = NOISE_AT; at < CONTENT_BYTES; at++)
        content[at] = (uint8_t)random_bits();
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(content);
    return 0;
}

/* ---- making frames ---- */

/* Where frames begin, for damage that hits headers. */
/* Threads are slow to start where a sanitizer watches them. */
#ifdef CP_TEST_SANITIZED
#define ROUNDS(count) ((count) / 5)
enum { CUT_STEP = 11 };
#else
#define ROUNDS(count) (count)
enum { CUT_STEP = 1 };
#endif

enum { STARTS_MAX = 4000 };
static size_t starts[STARTS_MAX];
static size_t start_count;

static void put_random_frame(text *to, size_t size, bool noise)
{
    size_t at = (size_t)random_below((noise ? CONTENT_BYTES - NOISE_AT : NOISE_AT) - size + 1);
    frame_shape shape = {.content = content + at + (noise ? NOISE_AT : 0),
                         .size = size,
                         .level = 1,
                         .window_log = random_below(3) ? 0 : 10 + (int)random_below(11),
                         .hides_size = random_below(2),
                         .has_checksum = random_below(2),
                         .piece_bytes = random_below(4) ? 0 : 1000 + (size_t)random_below(3000)};
    if (start_count < STARTS_MAX)
        starts[start_count++] = to->size;
    put_frame(to, &shape);
    if (random_below(5) == 0)
        put_skippable(to, 0, (uint32_t)random_below(random_below(4) ? 50 : 100000), content);
}

/* ---- reading them ---- */

typedef struct way {
    size_t most;     /* bytes in which the compressed ones come, */
    size_t chunk;    /* and in which they are kept */
    size_t capacity; /* of a read */
    size_t fails_at; /* 0: the source does not fail */
    bool says_byte;  /* where it fails */
    size_t threads;  /* 0: the codec's own stream */
    size_t room;
    size_t buffer; /* of the content */
} way;

/* A stream that says the byte at which it fails, as files do. */
typedef struct exact_stream {
    cp_stream base;
    cp_stream *below;
    uint64_t position;
} exact_stream;

static cp_rc exact_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                        cp_error *err)
{
    exact_stream *self = (exact_stream *)stream;
    cp_rc rc = self->below->read(self->below, out, capacity, got, err);
    if (rc)
        cp_error_at_byte(err, self->position);
    else
        self->position += *got;
    return rc;
}

static void exact_close(cp_stream *stream)
{
    exact_stream *self = (exact_stream *)stream;
    self->below->close(self->below);
    free(self);
}

static cp_stream *exact_stream_open(cp_stream *below)
{
    exact_stream *self = malloc(sizeof *self);
    assert_non_null(self);
    *self = (exact_stream){{exact_read, exact_close}, below, 0};
    return &self->base;
}

typedef struct outcome {
    text out;
    uint64_t reads; /* a digest of their sizes */
    cp_rc rc;
    cp_error err;
} outcome;

/* The other threads. They look for something to do when a bundle is listed, and after each read,
 * which may have given room back. */
typedef struct team {
    cp_frames *frames;
    pthread_t threads[THREADS_MAX];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned told;
    bool over;
} team;

#define NO_TEAM                                                                                    \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER                     \
    }

static void tell(void *context)
{
    team *self = context;
    pthread_mutex_lock(&self->lock);
    self->told++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void *unpack_frames(void *context)
{
    team *self = context;
    pthread_mutex_lock(&self->lock);
    while (!self->over) {
        if (!cp_frames_waiting(self->frames)) {
            pthread_cond_wait(&self->changed, &self->lock);
            continue;
        }
        pthread_mutex_unlock(&self->lock);
        cp_frames_unpack(self->frames);
        pthread_mutex_lock(&self->lock);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

static void start_team(team *self, size_t threads, cp_frames *frames)
{
    self->frames = frames;
    cp_frames_start(frames, threads, tell, self);
    for (; self->count + 1 < threads; self->count++)
        assert_int_equal(pthread_create(&self->threads[self->count], NULL, unpack_frames, self), 0);
}

static void end_team(team *self)
{
    pthread_mutex_lock(&self->lock);
    self->over = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
    for (size_t i = 0; i < self->count; i++)
        pthread_join(self->threads[i], NULL);
}

/* At most `limit` bytes. */
static void read_stream(cp_stream *stream, const way *how, size_t limit, team *others, outcome *out)
{
    static uint8_t piece[2 * MIB];
    size_t got = 1;
    *out = (outcome){0};
    while (!out->rc && got > 0 && out->out.size < limit) {
        got = 0;
        out->rc = stream->read(stream, piece, how->capacity, &got, &out->err);
        assert_true(got <= how->capacity);
        put_bytes(&out->out, piece, got);
        tell(others);
        out->reads = out->reads * UINT64_C(1000003) + got;
    }
    if (!out->rc && got == 0) {
        assert_int_equal(stream->read(stream, piece, 1, &got, NULL), CP_OK);
        assert_int_equal(got, 0); /* the end is told again */
    } else if (out->rc) {
        assert_int_equal(stream->read(stream, piece, how->capacity, &got, NULL), out->rc);
    }
}

/* The compressed bytes come in the same pieces each time. */
static cp_source *open_source(cp_span frames, const way *how, cp_pool *pool)
{
    memory_stream *below = memory_stream_open(frames, how->most, NULL);
    cp_source *source;
    random_state = 1;
    if (how->fails_at)
        below->fails_at = how->fails_at;
    cp_stream *stream = how->says_byte ? exact_stream_open(&below->base) : &below->base;
    assert_int_equal(cp_buffered_source_open(stream, pool, &source, NULL), CP_OK);
    return source;
}

static void read_limited(cp_span frames, const way *how, size_t limit, outcome *out)
{
    cp_pool *pool, *stored_pool;
    cp_stream *stream;
    cp_frames *ahead;
    cp_room room = {how->room};
    team others = NO_TEAM;
    uint64_t before = random_state;
    assert_int_equal(cp_pool_new(how->buffer, &pool, NULL), CP_OK);
    assert_int_equal(cp_pool_new(how->chunk, &stored_pool, NULL), CP_OK);
    cp_source *source = open_source(frames, how, stored_pool);
    if (how->threads > 0) {
        assert_int_equal(
            cp_frames_open(&cp_codec_zstd, source, WINDOW_BYTES, pool, &room, &ahead, NULL), CP_OK);
        start_team(&others, how->threads, ahead);
        stream = cp_frames_stream(ahead);
    } else {
        assert_int_equal(cp_codec_zstd.open(source, WINDOW_BYTES, &stream, NULL), CP_OK);
    }
    read_stream(stream, how, limit, &others, out);
    end_team(&others);
    stream->close(stream);
    assert_int_equal(atomic_load(&room.free_bytes), how->room);
    cp_pool_free(stored_pool);
    cp_pool_free(pool);
    random_state = before;
}

static void assert_same(const outcome *a, const outcome *b)
{
    assert_int_equal(a->out.size, b->out.size);
    assert_memory_equal(a->out.bytes, b->out.bytes, a->out.size);
    assert_int_equal(a->rc, b->rc);
    assert_int_equal(a->reads, b->reads);
    if (!a->rc)
        return;
    assert_string_equal(a->err.reason, b->err.reason);
    assert_string_equal(a->err.message, b->err.message);
    assert_int_equal(a->err.has_byte, b->err.has_byte);
    assert_int_equal(a->err.byte, b->err.byte);
}

/* The codec's own stream, and the one with `threads` threads. */
static cp_rc check_way(cp_span frames, way how, size_t threads)
{
    outcome serial, ahead;
    how.threads = 0;
    read_limited(frames, &how, SIZE_MAX, &serial);
    how.threads = threads;
    read_limited(frames, &how, SIZE_MAX, &ahead);
    assert_same(&serial, &ahead);
    text_free(&ahead.out);
    text_free(&serial.out);
    return serial.rc;
}

/* With one thread, where the reader does all, and with others. */
static cp_rc check_ways(cp_span frames, way how)
{
    check_way(frames, how, 1);
    check_way(frames, how, THREADS_MAX);
    return check_way(frames, how, 2);
}

static size_t random_size_up_to(size_t most)
{
    return 1 + (size_t)random_below(1 + random_below(most));
}

static way random_way(void)
{
    static const size_t rooms[] = {0, 6 * MIB, 9 * MIB, 24 * MIB, ROOM_BYTES};
    return (way){.most = random_below(2) ? SIZE_MAX / 2 : random_size_up_to(200000),
                 .chunk = random_below(2) ? MIB : 1 + random_size_up_to(100000),
                 .capacity = random_below(2) ? MIB : 1000 + random_size_up_to(2000000),
                 .room = rooms[random_below(5)],
                 .buffer = random_below(2) ? MIB : 3000 + random_size_up_to(300000)};
}

/* ---- whole files ---- */

static size_t random_content_size(void)
{
    static const size_t sizes[] = {0, 1, 2, 100, MIB / 2, MIB - 1, MIB, MIB + 1, 2 * MIB};
    switch (random_below(4)) {
    case 0:
        return sizes[random_below(sizeof sizes / sizeof *sizes)];
    case 1:
        return (size_t)random_below(300000);
    default:
        return (size_t)random_below(600);
    }
}

static void test_random_files(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS(60); round++) {
        text frames = {0};
        put_bytes(&frames, "", 0);
        for (size_t count = random_below(40); count > 0; count--)
            put_random_frame(&frames, random_content_size(), random_below(5) == 0);
        assert_int_equal(check_ways(span_of(&frames), random_way()), CP_OK);
        text_free(&frames);
    }
}

/* Around the most that a bundle takes of content and of stored bytes; beyond it the reader goes on
 * in the source, and with bundles behind. */
static void test_limits(void **state)
{
    (void)state;
    static const size_t around[] = {CP_FRAME_CONTENT_MAX - 1, CP_FRAME_CONTENT_MAX,
                                    CP_FRAME_CONTENT_MAX + 1, CP_FRAME_STORED_MAX - 200,
                                    CP_FRAME_STORED_MAX,      CP_FRAME_STORED_MAX + 200};
    for (size_t i = 0; i < 6; i++)
        for (int kind = 0; kind < 2; kind++) {
            text frames = {0};
            frame_shape large = {.content = i > 2 ? content + NOISE_AT : content,
                                 .size = around[i],
                                 .level = 1,
                                 .hides_size = kind,
                                 .has_checksum = true};
            put_random_frame(&frames, 1000, false);
            put_frame(&frames, &large);
            put_random_frame(&frames, 700000, false);
            put_random_frame(&frames, 700000, false);
            put_frame(&frames, &large);
            way how = {.most = SIZE_MAX / 2,
                       .chunk = MIB,
                       .capacity = MIB,
                       .room = ROOM_BYTES,
                       .buffer = MIB};
            assert_int_equal(check_ways(span_of(&frames), how), CP_OK);
            text_free(&frames);
        }
}

/* A frame for each record: they go many to a bundle. */
static void test_tiny_frames(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        text frames = {0};
        for (size_t i = 0; i < 8000; i++)
            put_frame(&frames, &(frame_shape){.content = content + i * 100,
                                              .size = 200,
                                              .level = 1,
                                              .hides_size = kind == 1,
                                              .has_checksum = kind == 2});
        assert_int_equal(check_ways(span_of(&frames), random_way()), CP_OK);
        text_free(&frames);
    }
}

/* ---- damage ---- */

static void put_file_to_damage(text *frames)
{
    start_count = 0;
    for (size_t count = 3 + random_below(30); count > 0; count--)
        put_random_frame(frames, (size_t)random_below(random_below(6) ? 3000 : 400000), false);
}

static void flip_somewhere(const text *frames, uint8_t *bits, size_t *at)
{
    *at = (size_t)random_below(frames->size);
    if (random_below(2)) { /* a header */
        *at = starts[random_below(start_count)] + (size_t)random_below(20);
        if (*at >= frames->size)
            *at = frames->size - 1;
    }
    *bits = (uint8_t)(1U << random_below(8));
}

static void test_damaged_files(void **state)
{
    (void)state;
    unsigned failures = 0;
    for (int file = 0; file < ROUNDS(12); file++) {
        text frames = {0};
        put_file_to_damage(&frames);
        for (int round = 0; round < 12; round++) {
            uint8_t bits;
            size_t at;
            flip_somewhere(&frames, &bits, &at);
            frames.bytes[at] = (char)(frames.bytes[at] ^ bits);
            failures += check_ways(span_of(&frames), random_way()) != CP_OK;
            frames.bytes[at] = (char)(frames.bytes[at] ^ bits);
        }
        text_free(&frames);
    }
    assert_true(failures > ROUNDS(50));
}

static void test_cut_files(void **state)
{
    (void)state;
    unsigned failures = 0;
    for (int file = 0; file < ROUNDS(10); file++) {
        text frames = {0};
        put_file_to_damage(&frames);
        for (int round = 0; round < 12; round++) {
            size_t near = starts[random_below(start_count)] + (size_t)random_below(30);
            size_t cut = random_below(2) ? (size_t)random_below(frames.size) : near;
            cp_span part = {(const uint8_t *)frames.bytes, cut < frames.size ? cut : frames.size};
            failures += check_ways(part, random_way()) != CP_OK;
        }
        text_free(&frames);
    }
    assert_true(failures > ROUNDS(60));
}

static void test_every_cut_of_a_small_file(void **state)
{
    (void)state;
    text frames = {0};
    for (size_t size = 0; size < 8; size++)
        put_random_frame(&frames, size * 40, false);
    put_skippable(&frames, 15, 20, content);
    way how = {
        .most = SIZE_MAX / 2, .chunk = 100, .capacity = 999, .room = ROOM_BYTES, .buffer = 100};
    for (size_t cut = 0; cut < frames.size; cut += CUT_STEP) {
        how.chunk = 10 + cut % 90;
        check_way((cp_span){(const uint8_t *)frames.bytes, cut}, how, 1 + cut % 3);
    }
    text_free(&frames);
}

static void test_garbage_behind(void **state)
{
    (void)state;
    static const char *const garbage[] = {"\n", "{\"id\":1}\n", "\x28\xB5", "\x50\x2A\x4D\x18\1",
                                          "\x28\xB5\x2F\xFD\x0F\0\0\0\0\0\0"};
    for (size_t i = 0; i < 5; i++) {
        text frames = {0};
        for (int count = 0; count < 3; count++)
            put_random_frame(&frames, 600000, false);
        put_bytes(&frames, garbage[i], i < 4 ? strlen(garbage[i]) : 11);
        assert_int_equal(check_ways(span_of(&frames), random_way()), CP_E_DATA);
        text_free(&frames);
    }
}

static void test_failing_source(void **state)
{
    (void)state;
    text frames = {0};
    for (int count = 0; count < 6; count++)
        put_random_frame(&frames, 600000, count % 2);
    for (int round = 0; round < ROUNDS(20); round++) {
        way how = random_way();
        how.fails_at = 1 + (size_t)random_below(frames.size - 1);
        how.says_byte = round % 2;
        assert_int_equal(check_ways(span_of(&frames), how), CP_E_IO);
    }
    text_free(&frames);
}

/* ---- by hand, one step after the other ---- */

typedef struct hand {
    text frames;
    cp_pool *pool;
    cp_room room;
    cp_source *source;
    cp_frames *ahead;
    cp_stream *stream;
    team others;
} hand;

/* Four frames of 1 MiB, each a bundle. */
static void open_hand(hand *self, size_t room)
{
    *self = (hand){.room = {room}, .others = NO_TEAM};
    for (size_t i = 0; i < 4; i++)
        put_frame(&self->frames,
                  &(frame_shape){
                      .content = content + i * MIB, .size = MIB, .level = 1, .has_checksum = true});
    assert_int_equal(cp_pool_new(MIB, &self->pool, NULL), CP_OK);
    way how = {.most = SIZE_MAX / 2};
    self->source = open_source(span_of(&self->frames), &how, self->pool);
    assert_int_equal(cp_frames_open(&cp_codec_zstd, self->source, WINDOW_BYTES, self->pool,
                                    &self->room, &self->ahead, NULL),
                     CP_OK);
    self->stream = cp_frames_stream(self->ahead);
}

static void close_hand(hand *self)
{
    size_t room = atomic_load(&self->room.free_bytes);
    self->stream->close(self->stream);
    assert_true(atomic_load(&self->room.free_bytes) >= room);
    cp_pool_free(self->pool);
    text_free(&self->frames);
}

/* `size` bytes that are those of the content from `at` on. */
static void expect_content(hand *self, size_t at, size_t size)
{
    static uint8_t piece[MIB];
    for (size_t done = 0; done < size;) {
        size_t got, left = size - done < MIB ? size - done : MIB;
        assert_int_equal(self->stream->read(self->stream, piece, left, &got, NULL), CP_OK);
        assert_in_range(got, 1, left);
        assert_memory_equal(piece, content + at + done, got);
        done += got;
    }
}

static void test_not_started(void **state)
{
    (void)state;
    hand h;
    open_hand(&h, ROOM_BYTES);
    expect_content(&h, 0, 3 * MIB + 5);
    assert_false(cp_frames_waiting(h.ahead));
    assert_false(cp_frames_busy(h.ahead));
    cp_frames_unpack(h.ahead); /* nothing to do */
    assert_int_equal(atomic_load(&h.room.free_bytes), ROOM_BYTES);
    expect_content(&h, 3 * MIB + 5, MIB - 5);
    close_hand(&h);
}

/* Begun in the middle of the first frame: from the second on, bundles are listed, unpacked ahead of
 * the reader, and the room is what they hold. */
static void test_step_by_step(void **state)
{
    (void)state;
    hand h;
    open_hand(&h, ROOM_BYTES);
    expect_content(&h, 0, 1000);
    cp_frames_start(h.ahead, 4, tell, &h.others);
    assert_false(cp_frames_waiting(h.ahead));
    expect_content(&h, 1000, MIB);
    assert_int_equal(h.others.told, 1);
    assert_int_equal(h.source->position, h.frames.size);
    for (int i = 0; i < 2; i++) {
        assert_true(cp_frames_waiting(h.ahead));
        size_t before = atomic_load(&h.room.free_bytes);
        cp_frames_unpack(h.ahead);
        assert_true(atomic_load(&h.room.free_bytes) <= before - MIB);
    }
    assert_false(cp_frames_waiting(h.ahead)); /* the reader has the second frame for itself */
    assert_false(cp_frames_busy(h.ahead));
    expect_content(&h, MIB + 1000, 3 * MIB - 1000);
    size_t got;
    uint8_t byte;
    assert_int_equal(h.stream->read(h.stream, &byte, 1, &got, NULL), CP_OK);
    assert_int_equal(got, 0);
    assert_true(atomic_load(&h.room.free_bytes) > ROOM_BYTES - 4 * MIB); /* what serves again */
    close_hand(&h);
    assert_int_equal(atomic_load(&h.room.free_bytes), ROOM_BYTES);
}

/* With room to list and not to unpack, the reader does all; with none it does not even copy. */
static void test_little_room(void **state)
{
    (void)state;
    static const size_t rooms[] = {0, CP_BUNDLE_STORED_MAX - 1, CP_BUNDLE_STORED_MAX + 100};
    for (size_t i = 0; i < 3; i++) {
        hand h;
        open_hand(&h, rooms[i]);
        cp_frames_start(h.ahead, 4, tell, &h.others);
        expect_content(&h, 0, 2 * MIB);
        cp_frames_unpack(h.ahead);
        expect_content(&h, 2 * MIB, 2 * MIB);
        close_hand(&h);
        assert_int_equal(atomic_load(&h.room.free_bytes), rooms[i]);
    }
}

/* Whatever is under way when nobody wants more. */
static void test_closed_early(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS(40); round++) {
        text frames = {0};
        outcome part;
        way how = random_way();
        for (int count = 0; count < 8; count++)
            put_random_frame(&frames, (size_t)random_below(1500000), false);
        how.threads = 1 + (size_t)random_below(THREADS_MAX);
        read_limited(span_of(&frames), &how, 1 + (size_t)random_below(6 * MIB), &part);
        text_free(&part.out);
        text_free(&frames);
    }
}

/* ---- without memory ---- */

/* The reader, and between its reads what other threads do. */
static cp_rc read_in_turns(hand *self, size_t *size)
{
    static uint8_t piece[300000];
    cp_rc rc = CP_OK;
    *size = 0;
    for (size_t got = 1; !rc && got > 0; *size += got) {
        rc = self->stream->read(self->stream, piece, sizeof piece, &got, NULL);
        if (!rc)
            assert_memory_equal(piece, content + *size, got);
        cp_frames_unpack(self->ahead);
    }
    return rc;
}

/* Either somebody else's memory was out, which costs nothing but time, or the reader's. */
static void test_no_memory(void **state)
{
    (void)state;
    unsigned survived = 0, failures = 0;
    for (bool failed = true; failed; failures += failed) {
        hand h;
        size_t size;
        open_hand(&h, ROOM_BYTES);
        cp_frames_start(h.ahead, 4, tell, &h.others);
        fail_allocation(failures);
        cp_rc rc = read_in_turns(&h, &size);
        failed = end_failing();
        assert_true(rc == CP_OK || (failed && rc == CP_E_MEMORY));
        if (!rc)
            assert_int_equal(size, 4 * MIB);
        survived += failed && !rc;
        close_hand(&h);
        assert_int_equal(atomic_load(&h.room.free_bytes), ROOM_BYTES);
    }
    assert_true(survived >= 5);
    assert_true(failures > survived);
}

static void test_open_without_memory(void **state)
{
    (void)state;
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        unsigned closed = 0;
        cp_pool *pool;
        cp_source *source;
        cp_frames *ahead;
        cp_room room = {ROOM_BYTES};
        assert_int_equal(cp_pool_new(MIB, &pool, NULL), CP_OK);
        cp_stream *below = &memory_stream_open((cp_span){content, 0}, 10, &closed)->base;
        assert_int_equal(cp_buffered_source_open(below, pool, &source, NULL), CP_OK);
        fail_allocation(failures);
        cp_rc rc = cp_frames_open(&cp_codec_zstd, source, WINDOW_BYTES, pool, &room, &ahead, NULL);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_int_equal(closed, failed);
        if (!failed)
            cp_frames_stream(ahead)->close(cp_frames_stream(ahead));
        assert_int_equal(closed, 1);
        cp_pool_free(pool);
    }
    assert_true(failures >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_files),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_tiny_frames),    cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_cut_files),      cmocka_unit_test(test_every_cut_of_a_small_file),
        cmocka_unit_test(test_garbage_behind), cmocka_unit_test(test_failing_source),
        cmocka_unit_test(test_not_started),    cmocka_unit_test(test_step_by_step),
        cmocka_unit_test(test_little_room),    cmocka_unit_test(test_closed_early),
        cmocka_unit_test(test_no_memory),      cmocka_unit_test(test_open_without_memory),
    };
    return cmocka_run_group_tests(tests, start, end);
}
