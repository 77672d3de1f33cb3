/* Mapped files that shrink while what lies over them reads: every codec, frames ahead, and archives
 * give bytes of the file alone and then the mapped file's own error, wherever the new end is.
 *
 *   file   [ consumed | shown by a peek ... new end | zeros ]
 *
 * The file shrinks between a peek and the use of what it showed, so that zeros are used: behind the
 * new end's page those of the guard, within it those of the kernel. */
#include "formats/archive/containers.h"
#include "formats/compress/codecs.h"
#include "pipeline/io/frames.h"
#include "pipeline/io/source.h"
#include "tests/unit/folder.h"
#include "tests/unit/support.h"

#include <archive.h>
#include <archive_entry.h>
#include <signal.h>

enum {
    CONTENT_BYTES = 2 << 20,
    POOL_BYTES = 1 << 20,
    WINDOW_LIMIT_BYTES = 64 << 20,
    PAGE_BYTES = 4096,
    ROUNDS = 12
};

static cp_pool *pool;
static text content; /* lines whose numbers do not compress well */

static int start(void **state)
{
    random_start(UINT64_C(20260611));
    for (unsigned i = 0; content.size < CONTENT_BYTES; i++)
        put(&content, "{\"id\":\"%u\",\"value\":%" PRIu64 "}\n", i, random_bits());
    assert_int_equal(cp_pool_new(POOL_BYTES, &pool, NULL), CP_OK);
    return make_folder(state);
}

static int end(void **state)
{
    text_free(&content);
    cp_pool_free(pool);
    return remove_folder(state);
}

/* ---- making files ---- */

static la_ssize_t keep(struct archive *writer, void *to, const void *bytes, size_t size)
{
    (void)writer;
    put_bytes(to, bytes, size);
    return (la_ssize_t)size;
}

/* The bytes as libarchive stores them, in an archive of `format` or behind a `filter`; at `to`. */
static void store(text *to, int format, const char *filter, const char *bytes, size_t size)
{
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, "log.jsonl");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)size);
    assert_int_equal(archive_write_set_format(writer, format), ARCHIVE_OK);
    if (filter)
        assert_int_equal(archive_write_add_filter_by_name(writer, filter), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(writer, 1);
    assert_int_equal(archive_write_open(writer, to, NULL, keep, NULL), ARCHIVE_OK);
    assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(writer, bytes, size), size);
    assert_int_equal(archive_write_close(writer), ARCHIVE_OK);
    archive_write_free(writer);
    archive_entry_free(entry);
}

/* Compressed in pieces of `piece_bytes`, one behind the other. */
static text compressed(const char *filter, const text *plain, size_t piece_bytes)
{
    text stored = {0};
    for (size_t at = 0; at < plain->size; at += piece_bytes) {
        size_t left = plain->size - at;
        store(&stored, ARCHIVE_FORMAT_RAW, filter, plain->bytes + at,
              left < piece_bytes ? left : piece_bytes);
    }
    return stored;
}

/* ---- reading them ---- */

/* A mapped source whose file shrinks behind a peek, while the view is used. */
typedef struct shrinking_source {
    cp_source base;
    cp_source *mapped;
    size_t stored_bytes;
    uint64_t shrinks_at; /* from this position on, while bytes are mapped */
} shrinking_source;

static bool has_shrunk;

/* To a place a little behind what was consumed: the edge of a page, or within one. */
static void shrink(const shrinking_source *self)
{
    enum { NEAR_BYTES = 10000 };
    uint64_t left = self->stored_bytes - self->base.position;
    uint64_t size = self->base.position + random_below(left < NEAR_BYTES ? left : NEAR_BYTES);
    if (random_below(2))
        size = size / PAGE_BYTES * PAGE_BYTES;
    assert_int_equal(truncate(in_folder("file"), (off_t)size), 0);
    has_shrunk = true;
}

static cp_rc shrinking_peek(cp_source *source, size_t want, cp_view *out, cp_error *err)
{
    const shrinking_source *self = (shrinking_source *)source;
    cp_rc rc = self->mapped->peek(self->mapped, want, out, err);
    if (want > 0 && !has_shrunk && !out->at_end && source->position >= self->shrinks_at)
        shrink(self);
    return rc;
}

static void shrinking_consume(cp_source *source, size_t bytes)
{
    shrinking_source *self = (shrinking_source *)source;
    self->mapped->consume(self->mapped, bytes);
    source->position = self->mapped->position;
}

static void shrinking_close(cp_source *source)
{
    shrinking_source *self = (shrinking_source *)source;
    self->mapped->close(self->mapped);
    free(self);
}

/* cmocka puts a handler of its own in the guard's place with each test. */
static void keep_guard(void)
{
    static struct sigaction guard;
    static bool known;
    assert_int_equal(sigaction(SIGBUS, known ? &guard : NULL, known ? NULL : &guard), 0);
    known = true;
}

/* Over a file of the stored bytes, which shrinks within its first three quarters. */
static cp_source *open_shrinking(const text *stored)
{
    cp_view view;
    shrinking_source *self = calloc(1, sizeof *self);
    assert_non_null(self);
    write_file(in_folder("file"), stored->bytes, stored->size);
    int fd = open(in_folder("file"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(
        cp_mapped_source_open(fd, stored->size, CP_MAP_WINDOW_BYTES, pool, &self->mapped, NULL),
        CP_OK);
    assert_int_equal(self->mapped->peek(self->mapped, 1, &view, NULL), CP_OK);
    keep_guard();
    self->base = (cp_source){shrinking_peek, shrinking_consume, shrinking_close, 0};
    self->stored_bytes = stored->size;
    has_shrunk = false;
    self->shrinks_at = random_below(stored->size / 4 * 3);
    return &self->base;
}

/* The next bytes, which are the content over and over. */
static void expect_content(const uint8_t *bytes, size_t size, size_t at)
{
    for (size_t done = 0; done < size;) {
        size_t from = (at + done) % content.size, piece = content.size - from;
        if (piece > size - done)
            piece = size - done;
        assert_memory_equal(bytes + done, content.bytes + from, piece);
        done += piece;
    }
}

static void expect_shrank(cp_rc rc, const cp_error *err)
{
    assert_int_equal(rc, CP_E_DATA);
    assert_string_equal(err->reason, "truncated_input");
    assert_non_null(strstr(err->message, "the file shrank while it was read"));
}

static void read_shrinking(cp_stream *stream)
{
    static uint8_t bytes[100000];
    size_t at = 0, got = 1;
    cp_error err;
    cp_rc rc = CP_OK;
    while (!rc && got > 0) {
        rc = stream->read(stream, bytes, 1 + (size_t)random_below(sizeof bytes), &got, &err);
        expect_content(bytes, got, at);
        at += got;
    }
    if (has_shrunk)
        expect_shrank(rc, &err);
    else
        assert_int_equal(rc, CP_OK); /* the rest of the file may be wanted, and read, at once */
}

static void check_codec(const cp_codec *codec, const char *filter, size_t piece_bytes)
{
    text stored = compressed(filter, &content, piece_bytes);
    for (int round = 0; round < ROUNDS; round++) {
        cp_stream *stream;
        assert_int_equal(codec->open(open_shrinking(&stored), WINDOW_LIMIT_BYTES, &stream, NULL),
                         CP_OK);
        read_shrinking(stream);
        stream->close(stream);
    }
    text_free(&stored);
}

static void test_codecs(void **state)
{
    (void)state;
    for (size_t pieces = 1; pieces <= 30; pieces += 29) {
        size_t piece_bytes = content.size / pieces;
        check_codec(&cp_codec_zstd, "zstd", piece_bytes);
        check_codec(&cp_codec_gzip_zlib, "gzip", piece_bytes);
        check_codec(&cp_codec_gzip, "gzip", piece_bytes);
        check_codec(&cp_codec_xz, "xz", piece_bytes);
        check_codec(&cp_codec_bzip2, "bzip2", piece_bytes);
        check_codec(&cp_codec_lz4, "lz4", piece_bytes);
    }
    check_codec(&cp_codec_lzma, "lzma", content.size);
}

static void unpack(void *frames)
{
    cp_frames_unpack(frames);
}

/* Bundles of frames are copied ahead of the reader and unpacked at once; each is good or left. */
static void check_frames(const text *stored)
{
    cp_room room = {24 << 20};
    cp_frames *frames;
    assert_int_equal(cp_frames_open(&cp_codec_zstd, open_shrinking(stored), WINDOW_LIMIT_BYTES,
                                    pool, &room, &frames, NULL),
                     CP_OK);
    cp_frames_start(frames, 1, unpack, frames);
    cp_stream *stream = cp_frames_stream(frames);
    read_shrinking(stream);
    stream->close(stream);
}

static void test_frames(void **state)
{
    (void)state;
    static const size_t piece_bytes[] = {70000, 1 << 20, SIZE_MAX / 2}; /* the last: no bundle */
    text plain = {0};
    for (int times = 0; times < 12; times++)
        put_bytes(&plain, content.bytes, content.size);
    for (size_t i = 0; i < sizeof piece_bytes / sizeof *piece_bytes; i++) {
        text stored = compressed("zstd", &plain, piece_bytes[i]);
        for (int round = 0; round < ROUNDS; round++)
            check_frames(&stored);
        text_free(&stored);
    }
    text_free(&plain);
}

/* As far as it comes; the members' names and the marks behind them go the same way. */
static void read_archive(cp_archive *archive)
{
    cp_member member;
    cp_error err;
    cp_rc rc = archive->next(archive, &member, &err);
    if (rc) {
        expect_shrank(rc, &err);
        return;
    }
    assert_string_equal(member.name, "log.jsonl");
    read_shrinking(member.stream);
    member.stream->close(member.stream);
    expect_shrank(archive->next(archive, &member, &err), &err);
}

static void check_archive(const cp_container *container, int format)
{
    text stored = {0};
    store(&stored, format, NULL, content.bytes, content.size);
    for (int round = 0; round < ROUNDS; round++) {
        cp_archive *archive;
        assert_int_equal(container->open(open_shrinking(&stored), NULL, &archive, NULL), CP_OK);
        read_archive(archive);
        archive->close(archive);
    }
    text_free(&stored);
}

static void test_archives(void **state)
{
    (void)state;
    check_archive(&cp_container_tar, ARCHIVE_FORMAT_TAR_USTAR);
    check_archive(&cp_container_cpio, ARCHIVE_FORMAT_CPIO_POSIX);
    check_archive(&cp_container_zip, ARCHIVE_FORMAT_ZIP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codecs),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_archives),
    };
    return cmocka_run_group_tests(tests, start, end);
}
