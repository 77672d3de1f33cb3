/* What the tests of archives share: archives made byte by byte, or by libarchive's writer, and
 * their members as text, read in every manner. */
#ifndef CP_TESTS_UNIT_ARCHIVE_SUPPORT_H
#define CP_TESTS_UNIT_ARCHIVE_SUPPORT_H

#include "formats/archive/containers.h"
#include "pipeline/io/source.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/support.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <zlib.h>

static inline cp_span bytes_of(const text *t)
{
    return (cp_span){(const uint8_t *)t->bytes, t->size};
}

static inline void put_zeros(text *t, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_bytes(t, "", 1);
}

static inline void pad_to(text *t, size_t multiple)
{
    put_zeros(t, (multiple - t->size % multiple) % multiple);
}

/* `size` bytes of `value`, the lowest first. */
static inline void put_little(text *t, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        put_bytes(t, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static inline void set_little(text *t, size_t at, uint64_t value, size_t size)
{
    assert_true(at + size <= t->size);
    for (size_t i = 0; i < size; i++)
        t->bytes[at + i] = (char)(value >> 8 * i);
}

/* ---- tar (POSIX.1-2017, pax, "ustar Interchange Format") ---- */

enum {
    TAR_BLOCK = 512,
    TAR_SIZE_AT = 124,
    TAR_SIZE_DIGITS = 11,
    TAR_CHECKSUM_AT = 148,
    TAR_KIND_AT = 156,
    TAR_LINK_AT = 157,
    TAR_MAGIC_AT = 257,
};

static inline void set_octal(text *t, size_t at, size_t digits, uint64_t value)
{
    for (size_t i = digits; i > 0; i--, value /= 8)
        t->bytes[at + i - 1] = (char)('0' + value % 8);
}

/* The checksum of the header at `at`, after something in it was changed. */
static inline void sign_tar_header(text *t, size_t at)
{
    unsigned sum = 0;
    memset(t->bytes + at + TAR_CHECKSUM_AT, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)t->bytes[at + i];
    set_octal(t, at + TAR_CHECKSUM_AT, 6, sum);
}

/* `kind` is '0' for a file, '1' for a hard link to `link`, '2' for a symbolic one, '5' for a
 * folder. */
static inline void put_tar_header(text *t, const char *name, char kind, const char *link,
                                  size_t size)
{
    size_t at = t->size;
    put_zeros(t, TAR_BLOCK);
    char *header = t->bytes + at;
    memcpy(header, name, strnlen(name, 100));
    memcpy(header + 100, "0000644", 8);
    memcpy(header + 108, "0000000", 8);
    memcpy(header + 116, "0000000", 8);
    set_octal(t, at + TAR_SIZE_AT, TAR_SIZE_DIGITS, size);
    memcpy(header + 136, "14524770400", 12);
    header[TAR_KIND_AT] = kind;
    memcpy(header + TAR_LINK_AT, link, strnlen(link, 100));
    memcpy(header + TAR_MAGIC_AT, "ustar\00000", 8);
    sign_tar_header(t, at);
}

static inline void put_tar_bytes(text *t, const char *name, char kind, cp_span content)
{
    put_tar_header(t, name, kind, "", content.size);
    put_bytes(t, content.data, content.size);
    pad_to(t, TAR_BLOCK);
}

static inline void put_tar(text *t, const char *name, const char *content)
{
    put_tar_bytes(t, name, '0', cp_span_of(content));
}

static inline void put_tar_end(text *t)
{
    put_zeros(t, 2 * (size_t)TAR_BLOCK);
}

/* ---- zip (APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16), stored ---- */

enum {
    ZIP_FLAGS_AT = 6, /* in a local header */
    ZIP_CRC_AT = 14,
    ZIP_COMPRESSED_AT = 18,
    ZIP_PLAIN_AT = 22,
    ZIP_LOCAL_BYTES = 30,
    ZIP_DIRECTORY_COMPRESSED_AT = 20, /* in an entry of the directory */
    ZIP_DIRECTORY_PLAIN_AT = 24,
    ZIP_DIRECTORY_ATTRIBUTES_AT = 38,
    ZIP_ENCRYPTED = 1,
};

/* The fields that a local header and its directory entry share. */
static inline void put_zip_fields(text *t, cp_span name, cp_span content)
{
    put_little(t, 20, 2);         /* version needed */
    put_little(t, 0, 2 + 2);      /* flags; method: stored */
    put_little(t, 0x576E0000, 4); /* 2023-11-14 */
    put_little(t, crc32_z(0, content.data, content.size), 4);
    put_little(t, content.size, 4);
    put_little(t, content.size, 4);
    put_little(t, name.size, 2);
    put_little(t, 0, 2); /* extra field */
}

typedef struct zip {
    text bytes, directory;
    unsigned count;
} zip;

static inline void put_zip_bytes(zip *z, cp_span name, cp_span content)
{
    size_t at = z->bytes.size;
    put_bytes(&z->bytes, "PK\x03\x04", 4);
    put_zip_fields(&z->bytes, name, content);
    put_bytes(&z->bytes, name.data, name.size);
    put_bytes(&z->bytes, content.data, content.size);
    put_bytes(&z->directory, "PK\x01\x02", 4);
    put_little(&z->directory, 20, 2); /* made by MS-DOS */
    put_zip_fields(&z->directory, name, content);
    put_zeros(&z->directory, 2 + 2 + 2 + 4); /* comment, disk, attributes */
    put_little(&z->directory, at, 4);
    put_bytes(&z->directory, name.data, name.size);
    z->count++;
}

static inline void put_zip(zip *z, const char *name, const char *content)
{
    put_zip_bytes(z, cp_span_of(name), cp_span_of(content));
}

/* The whole file; `z` is empty after it. *directory_at (NULL is allowed) is where its directory
 * begins. */
static inline text zip_end(zip *z, const char *comment, size_t *directory_at)
{
    text whole = z->bytes;
    size_t at = whole.size;
    put_bytes(&whole, z->directory.bytes, z->directory.size);
    put_bytes(&whole, "PK\x05\x06\0\0\0\0", 8);
    put_little(&whole, z->count, 2);
    put_little(&whole, z->count, 2);
    put_little(&whole, z->directory.size, 4);
    put_little(&whole, at, 4);
    put_little(&whole, strlen(comment), 2);
    put_bytes(&whole, comment, strlen(comment));
    text_free(&z->directory);
    *z = (zip){0};
    if (directory_at)
        *directory_at = at;
    return whole;
}

/* ---- cpio (POSIX.1-2017, pax, "cpio Interchange Format"; cpio(5) for the new formats) ---- */

enum { CPIO_FILE = 0100644, CPIO_FOLDER = 040755, CPIO_LINK = 0120777 };

static inline void put_newc(text *t, const char *name, unsigned mode, unsigned inode,
                            cp_span content)
{
    put(t, "070701%08x%08x%08x%08x", inode, mode, 0, 0);
    put(t, "%08x%08x%08zx", mode == CPIO_FILE ? 2 : 1, 0x6553F100, content.size);
    put(t, "%08x%08x%08x%08x%08zx%08x", 0, 0, 0, 0, strlen(name) + 1, 0);
    put_bytes(t, name, strlen(name) + 1);
    pad_to(t, 4); /* archives begin at a multiple of four: so do their parts */
    put_bytes(t, content.data, content.size);
    pad_to(t, 4);
}

static inline void put_odc(text *t, const char *name, unsigned mode, unsigned inode,
                           cp_span content)
{
    put(t, "070707%06o%06o%06o%06o%06o%06o%06o", 0, inode, mode, 0, 0, 1, 0);
    put(t, "%011o%06zo%011zo", 0x6553F100, strlen(name) + 1, content.size);
    put_bytes(t, name, strlen(name) + 1);
    put_bytes(t, content.data, content.size);
}

/* The old binary kind is made of 16-bit words, the lower byte first or last; of a number of two
 * words the higher one is the first. */
static inline void put_words(text *t, const unsigned *words, size_t count, bool low_first)
{
    for (size_t i = 0; i < count; i++) {
        put_little(t, low_first ? words[i] & 0xFF : words[i] >> 8, 1);
        put_little(t, low_first ? words[i] >> 8 : words[i] & 0xFF, 1);
    }
}

static inline void put_binary_cpio(text *t, const char *name, unsigned mode, cp_span content,
                                   bool low_first)
{
    const unsigned header[] = {070707,
                               0,
                               1,
                               mode,
                               0,
                               0,
                               1,
                               0,
                               0x6553,
                               0xF100,
                               (unsigned)strlen(name) + 1,
                               (unsigned)(content.size >> 16),
                               (unsigned)content.size & 0xFFFF};
    put_words(t, header, sizeof header / sizeof *header, low_first);
    put_bytes(t, name, strlen(name) + 1);
    pad_to(t, 2);
    put_bytes(t, content.data, content.size);
    pad_to(t, 2);
}

/* ---- what libarchive writes ---- */

typedef struct entry {
    const char *name;
    cp_span content;
    size_t data_at;    /* behind a hole; the content's bytes before it are zeros */
    size_t data_bytes; /* 0: not sparse */
} entry;

static inline void write_entry(struct archive *writer, const entry *e)
{
    struct archive_entry *header = archive_entry_new();
    archive_entry_set_pathname(header, e->name);
    archive_entry_set_filetype(header, AE_IFREG);
    archive_entry_set_perm(header, 0644);
    archive_entry_set_mtime(header, 1700000000, 0);
    archive_entry_set_size(header, (la_int64_t)e->content.size);
    if (e->data_bytes)
        archive_entry_sparse_add_entry(header, (la_int64_t)e->data_at, (la_int64_t)e->data_bytes);
    assert_int_equal(archive_write_header(writer, header), ARCHIVE_OK);
    assert_int_equal(archive_write_data(writer, e->content.data, e->content.size), e->content.size);
    archive_entry_free(header);
}

/* `options` as archive_write_set_options has them, or NULL. */
static inline text write_archive(int (*format)(struct archive *), const char *options,
                                 const entry *entries, size_t count)
{
    enum { ROOM = 1 << 20 };
    text whole = {0};
    put_zeros(&whole, ROOM);
    struct archive *writer = archive_write_new();
    assert_int_equal(format(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_set_options(writer, options), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_per_block(writer, 0), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(writer, whole.bytes, ROOM, &whole.size), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        write_entry(writer, &entries[i]);
    assert_int_equal(archive_write_close(writer), ARCHIVE_OK);
    archive_write_free(writer);
    return whole;
}

/* ---- the same members in every format ---- */

static inline text make_tar(const entry *entries, size_t count)
{
    text t = {0};
    for (size_t i = 0; i < count; i++)
        put_tar_bytes(&t, entries[i].name, '0', entries[i].content);
    put_tar_end(&t);
    return t;
}

static inline text make_zip(const entry *entries, size_t count)
{
    zip z = {0};
    for (size_t i = 0; i < count; i++)
        put_zip_bytes(&z, cp_span_of(entries[i].name), entries[i].content);
    return zip_end(&z, "", NULL);
}

static inline text make_deflated_zip(const entry *entries, size_t count)
{
    return write_archive(archive_write_set_format_zip, "zip:compression=deflate", entries, count);
}

static inline text make_newc(const entry *entries, size_t count)
{
    text t = {0};
    for (size_t i = 0; i < count; i++)
        put_newc(&t, entries[i].name, CPIO_FILE, (unsigned)i + 1, entries[i].content);
    put_newc(&t, "TRAILER!!!", 0, 0, (cp_span){NULL, 0});
    return t;
}

static inline text make_odc(const entry *entries, size_t count)
{
    text t = {0};
    for (size_t i = 0; i < count; i++)
        put_odc(&t, entries[i].name, CPIO_FILE, (unsigned)i + 1, entries[i].content);
    put_odc(&t, "TRAILER!!!", 0, 0, (cp_span){NULL, 0});
    return t;
}

static inline text make_binary_cpio(const entry *entries, size_t count, bool low_first)
{
    text t = {0};
    for (size_t i = 0; i < count; i++)
        put_binary_cpio(&t, entries[i].name, CPIO_FILE, entries[i].content, low_first);
    put_binary_cpio(&t, "TRAILER!!!", 0, (cp_span){NULL, 0}, low_first);
    return t;
}

static inline text make_cpio_low_first(const entry *entries, size_t count)
{
    return make_binary_cpio(entries, count, true);
}

static inline text make_cpio_high_first(const entry *entries, size_t count)
{
    return make_binary_cpio(entries, count, false);
}

static inline text make_stored_7z(const entry *entries, size_t count)
{
    return write_archive(archive_write_set_format_7zip, "7zip:compression=store", entries, count);
}

static inline text make_lzma_7z(const entry *entries, size_t count)
{
    return write_archive(archive_write_set_format_7zip, "7zip:compression=lzma1", entries, count);
}

/* From a pipe or from a file, or both. */
enum { PIPE = 1, FILE_PATH = 2, EITHER = PIPE | FILE_PATH };

/* Each format, and how it can be read. */
typedef struct subject {
    const cp_container *container;
    text (*make)(const entry *entries, size_t count);
    int ways;
} subject;

static const subject subjects[] = {
    {&cp_container_tar, make_tar, EITHER},
    {&cp_container_zip, make_zip, EITHER},
    {&cp_container_cpio, make_newc, EITHER},
    {&cp_container_cpio, make_odc, EITHER},
    {&cp_container_7z, make_stored_7z, FILE_PATH},
    {&cp_container_7z, make_lzma_7z, FILE_PATH},
    {&cp_container_cpio, make_cpio_low_first, EITHER},
    {&cp_container_cpio, make_cpio_high_first, EITHER},
};

enum { SUBJECT_COUNT = sizeof subjects / sizeof *subjects };

/* ---- reading ---- */

/* How an archive arrives, and how its members are asked for. */
typedef struct manner {
    size_t piece, size;
    bool from_file; /* by its path, where the format seeks */
} manner;

/* A file that is in memory alone; `path` names it until it is closed. */
static inline int open_memory_file(cp_span bytes, char path[PATH_MAX])
{
    int fd = memfd_create("archive", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
    snprintf(path, PATH_MAX, "/proc/self/fd/%d", fd);
    return fd;
}

static inline cp_rc open_archive(const cp_container *container, cp_span bytes, manner how,
                                 cp_pool *pool, cp_archive **out, cp_error *err)
{
    char path[PATH_MAX];
    cp_source *source;
    int fd = how.from_file ? open_memory_file(bytes, path) : -1;
    memory_stream *stream = memory_stream_open(bytes, how.piece, NULL);
    assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
    cp_rc rc = container->open(source, how.from_file ? path : NULL, out, err);
    if (how.from_file)
        close(fd);
    return rc;
}

/* Long runs of zeros stand as {1000 zeros}. */
static inline void put_content(text *out, cp_span content)
{
    enum { RUN = 16 };
    for (size_t i = 0; i < content.size;) {
        size_t zeros = 0;
        while (i + zeros < content.size && content.data[i + zeros] == 0)
            zeros++;
        if (zeros >= RUN)
            put(out, "{%zu zeros}", zeros);
        else
            put_visible(out, (cp_span){content.data + i, zeros ? zeros : 1});
        i += zeros ? zeros : 1;
    }
}

static inline cp_rc put_member(text *out, const cp_member *member, size_t size, cp_error *err)
{
    text content = {0};
    char *piece = malloc(size);
    size_t got = 1;
    cp_rc rc = CP_OK;
    assert_non_null(piece);
    put_visible(out, cp_span_of(member->name));
    put(out, " (%" PRIu64 "): ", member->bytes);
    while (!rc && got > 0) {
        rc = member->stream->read(member->stream, (uint8_t *)piece, size, &got, err);
        assert_true(got <= size && (!rc || got == 0));
        put_bytes(&content, piece, got);
    }
    put_content(out, bytes_of(&content));
    put(out, "\n");
    text_free(&content);
    free(piece);
    return rc;
}

static inline cp_rc put_members(text *out, cp_archive *archive, size_t size, cp_error *err)
{
    cp_member member;
    cp_rc rc;
    while (!(rc = archive->next(archive, &member, err))) {
        rc = put_member(out, &member, size, err);
        member.stream->close(member.stream);
        if (rc)
            return rc;
    }
    return rc;
}

/* "name (size it promises): content" for each member, then "end", or the error as
 * "code, reason: message". */
static inline void list_archive(text *out, const cp_container *container, cp_span bytes, manner how)
{
    enum { POOL_BYTES = 3000 };
    cp_archive *archive;
    cp_pool *pool;
    cp_error err = {0};
    assert_int_equal(cp_pool_new(POOL_BYTES, &pool, NULL), CP_OK);
    cp_rc rc = open_archive(container, bytes, how, pool, &archive, &err);
    if (!rc) {
        rc = put_members(out, archive, how.size, &err);
        archive->close(archive);
    }
    assert_true(rc == CP_END || (cp_failed(rc) && err.rc == rc && err.reason));
    if (rc == CP_END)
        put(out, "end\n");
    else
        put(out, "%d, %s: %s\n", rc, err.reason, err.message);
    cp_pool_free(pool);
}

/* In whatever sizes it comes and is read, the archive is what `expected` says. */
static inline void assert_archive(const cp_container *container, cp_span bytes, int ways,
                                  const char *expected)
{
    static const manner manners[] = {
        {SIZE_MAX, 1 << 20, false}, {1, 100, false},           {1000, 1, false},
        {70000, 7, false},          {SIZE_MAX, 1 << 20, true}, {SIZE_MAX, 11, true},
    };
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++) {
        text found = {0};
        if (!(ways & (manners[i].from_file ? FILE_PATH : PIPE)))
            continue;
        list_archive(&found, container, bytes, manners[i]);
        assert_string_equal(shown(&found), expected);
        text_free(&found);
    }
}

#endif
