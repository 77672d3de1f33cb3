/* tar, zip, 7z and cpio through libarchive, as sequences of streams.
 *
 *   cp_source --give_bytes--> libarchive --archive_read_data--> member stream
 *
 * zip and 7z keep their directory at the end: where the archive is a regular file, libarchive
 * opens and seeks it by itself. What libarchive takes for a clean end is looked at once more: a
 * tar cut at a member's edge, a zip without its directory. */
#include "formats/archive/containers.h"
#include "formats/archive/probes.h"
#include "pipeline/core/checked.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024, TAIL_BYTES = CP_ZIP_END_BYTES_MAX + PIECE_BYTES };

typedef struct container_kind {
    const char *name;
    int (*support)(struct archive *);
    bool (*end_is_there)(cp_span last); /* NULL: libarchive sees to it */
    bool ends_with_file;  /* the end mark is at the end of the bytes, not where reading stopped */
    unsigned block_bytes; /* the whole is a multiple of this; 0: of nothing */
    bool seeks;
    bool must_seek;
} container_kind;

typedef struct lib_archive {
    cp_archive base;
    const container_kind *kind;
    struct archive *reader;
    cp_source *source;
    int fd;       /* where libarchive seeks; else -1 */
    size_t given; /* bytes of the last view that libarchive holds */
    uint64_t given_total;
    cp_rc source_rc; /* why the source failed under libarchive */
    cp_error source_err;
    size_t tail_size; /* the last bytes given */
    uint8_t tail[TAIL_BYTES];
    char member[CP_ERROR_PATH_BYTES];
} lib_archive;

typedef struct member_stream {
    cp_stream base;
    lib_archive *archive;
    uint64_t promised_bytes, produced_bytes;
    bool has_size, is_sparse, ended;
} member_stream;

static void keep_tail(lib_archive *self, cp_span piece)
{
    size_t kept =
        self->tail_size + piece.size > TAIL_BYTES ? TAIL_BYTES - piece.size : self->tail_size;
    memmove(self->tail, self->tail + self->tail_size - kept, kept);
    memcpy(self->tail + kept, piece.data, piece.size);
    self->tail_size = kept + piece.size;
}

/* The next piece of the source; empty at the end. */
static cp_rc next_piece(lib_archive *self, cp_span *piece)
{
    cp_view view;
    self->source->consume(self->source, self->given);
    self->given = 0;
    cp_rc rc = self->source->peek(self->source, 1, &view, &self->source_err);
    if (rc)
        return rc;
    *piece = view.bytes;
    if (piece->size > PIECE_BYTES)
        piece->size = PIECE_BYTES;
    self->given = piece->size;
    self->given_total += piece->size;
    keep_tail(self, *piece);
    return CP_OK;
}

static la_ssize_t give_bytes(struct archive *reader, void *context, const void **bytes)
{
    lib_archive *self = context;
    cp_span piece;
    self->source_rc = next_piece(self, &piece);
    if (self->source_rc) {
        archive_set_error(reader, EIO, "the bytes of the archive cannot be read");
        return ARCHIVE_FATAL;
    }
    *bytes = piece.data;
    return (la_ssize_t)piece.size;
}

/* What libarchive has to say, as an error of the member at hand. */
static cp_rc damaged(const lib_archive *self, cp_error *err)
{
    if (self->source_rc) {
        if (err)
            *err = self->source_err;
        return self->source_rc;
    }
    const char *text = archive_error_string(self->reader);
    bool cut = text && (strstr(text, "runcated") || strstr(text, "remature"));
    return cp_fail(err, CP_E_DATA, cut ? "truncated_input" : "corrupt_input",
                   "%s%sthe %s archive is %s: %s", self->member[0] ? self->member : "",
                   self->member[0] ? ": " : "", self->kind->name, cut ? "cut off" : "damaged",
                   text ? text : "unknown damage");
}

static cp_rc end_of_member(member_stream *self, cp_error *err)
{
    self->ended = true;
    if (!self->has_size || self->produced_bytes == self->promised_bytes)
        return CP_OK;
    return cp_fail(err, CP_E_DATA, "truncated_input",
                   "%s: the member has %" PRIu64 " bytes instead of %" PRIu64,
                   self->archive->member, self->produced_bytes, self->promised_bytes);
}

/* A hole at the end of a sparse member reads as zeros. */
static size_t fill_hole(const member_stream *self, uint8_t *out, size_t capacity)
{
    if (!self->is_sparse || self->produced_bytes >= self->promised_bytes)
        return 0;
    uint64_t left = self->promised_bytes - self->produced_bytes;
    size_t size = left < capacity ? (size_t)left : capacity;
    memset(out, 0, size);
    return size;
}

static cp_rc member_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    member_stream *self = (member_stream *)stream;
    *got = 0;
    if (self->ended)
        return CP_OK;
    la_ssize_t n = archive_read_data(self->archive->reader, out, capacity);
    if (n < 0) /* a warning about data is a wrong checksum: an error here */
        return damaged(self->archive, err);
    *got = n > 0 ? (size_t)n : fill_hole(self, out, capacity);
    self->produced_bytes += *got;
    return *got ? CP_OK : end_of_member(self, err);
}

static void member_close(cp_stream *stream)
{
    free(stream);
}

static cp_rc open_member(lib_archive *self, struct archive_entry *entry, cp_member *out,
                         cp_error *err)
{
    member_stream *stream;
    cp_rc rc = cp_calloc(1, sizeof *stream, &stream, err);
    if (rc)
        return rc;
    stream->base = (cp_stream){member_read, member_close};
    stream->archive = self;
    stream->has_size = archive_entry_size_is_set(entry);
    stream->promised_bytes = stream->has_size ? (uint64_t)archive_entry_size(entry) : 0;
    stream->is_sparse = archive_entry_sparse_count(entry) > 0;
    *out = (cp_member){self->member, stream->promised_bytes, &stream->base};
    return CP_OK;
}

/* Where libarchive stopped, as opposed to what it has been given. */
static cp_span up_to_stop(const lib_archive *self)
{
    uint64_t consumed = (uint64_t)archive_filter_bytes(self->reader, -1);
    uint64_t ahead = self->given_total > consumed ? self->given_total - consumed : 0;
    return (cp_span){self->tail, ahead < self->tail_size ? self->tail_size - (size_t)ahead : 0};
}

/* Behind the last member: the end mark is there, and the bytes under the archive end well, as a
 * codec's checksum may still tell. */
static cp_rc check_end(lib_archive *self, cp_error *err)
{
    const container_kind *kind = self->kind;
    bool marked =
        !kind->end_is_there || kind->ends_with_file || kind->end_is_there(up_to_stop(self));
    cp_span piece = {NULL, 1};
    while (self->fd < 0 && piece.size > 0) {
        self->source_rc = next_piece(self, &piece);
        if (self->source_rc)
            return damaged(self, err);
    }
    if (kind->block_bytes)
        marked &= self->given_total % kind->block_bytes == 0;
    if (kind->ends_with_file && self->fd < 0)
        marked = kind->end_is_there((cp_span){self->tail, self->tail_size});
    return marked ? CP_END
                  : cp_fail(err, CP_E_DATA, "truncated_input",
                            "the %s archive is cut off: its end mark is missing", kind->name);
}

/* Names that the locale cannot hold are still names; any other warning about a header is not to
 * be passed over. */
static bool is_acceptable(const lib_archive *self, int result)
{
    if (result == ARCHIVE_OK)
        return true;
    const char *text = archive_error_string(self->reader);
    return result == ARCHIVE_WARN && text && strstr(text, "cannot be converted");
}

static void keep_name(lib_archive *self, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    snprintf(self->member, sizeof self->member, "%s", name ? name : "(a name that is no text)");
}

static cp_rc next_member(cp_archive *archive, cp_member *out, cp_error *err)
{
    lib_archive *self = (lib_archive *)archive;
    for (;;) {
        struct archive_entry *entry;
        int result = archive_read_next_header(self->reader, &entry);
        if (result == ARCHIVE_EOF)
            return check_end(self, err);
        if (!is_acceptable(self, result))
            return damaged(self, err);
        keep_name(self, entry);
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        if (archive_entry_is_encrypted(entry))
            return cp_fail(err, CP_E_DATA, "encrypted_input", "%s: the member is encrypted",
                           self->member);
        return open_member(self, entry, out, err);
    }
}

static void close_archive(cp_archive *archive)
{
    lib_archive *self = (lib_archive *)archive;
    if (self->reader)
        archive_read_free(self->reader);
    if (self->fd >= 0)
        close(self->fd);
    self->source->close(self->source);
    free(self);
}

/* The end of a zip file is looked at before libarchive falls back to reading without it. */
static cp_rc check_file_end(const lib_archive *self, cp_error *err)
{
    if (!self->kind->ends_with_file)
        return CP_OK;
    uint8_t *last = malloc(CP_ZIP_END_BYTES_MAX);
    if (!last)
        return cp_fail_memory(err, CP_ZIP_END_BYTES_MAX);
    off_t size = lseek(self->fd, 0, SEEK_END);
    off_t start = size > CP_ZIP_END_BYTES_MAX ? size - CP_ZIP_END_BYTES_MAX : 0;
    ssize_t n = pread(self->fd, last, (size_t)(size - start), start);
    bool there = n == size - start && self->kind->end_is_there((cp_span){last, (size_t)n});
    free(last);
    return there ? CP_OK
                 : cp_fail(err, CP_E_DATA, "truncated_input",
                           "the %s archive is cut off: its end mark is missing", self->kind->name);
}

static cp_rc start_reader(lib_archive *self, const char *path, cp_error *err)
{
    self->reader = archive_read_new();
    if (!self->reader)
        return cp_fail_memory(err, 0);
    self->kind->support(self->reader);
    if (path && self->kind->seeks) {
        self->fd = open(path, O_RDONLY | O_CLOEXEC);
        if (self->fd < 0)
            return cp_fail_errno(err, CP_E_NOINPUT, "no_input", errno, "cannot open");
        cp_rc rc = check_file_end(self, err);
        if (rc)
            return rc;
        lseek(self->fd, 0, SEEK_SET);
        return archive_read_open_fd(self->reader, self->fd, PIECE_BYTES) == ARCHIVE_OK
                   ? CP_OK
                   : damaged(self, err);
    }
    if (self->kind->must_seek)
        return cp_fail(err, CP_E_USAGE, "must_seek",
                       "a %s archive can only be read from a file of its own, not from a pipe or "
                       "through a codec",
                       self->kind->name);
    return archive_read_open(self->reader, self, NULL, give_bytes, NULL) == ARCHIVE_OK
               ? CP_OK
               : damaged(self, err);
}

static cp_rc open_archive(const container_kind *kind, cp_source *bytes, const char *path,
                          cp_archive **out, cp_error *err)
{
    lib_archive *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc) {
        bytes->close(bytes);
        return rc;
    }
    self->base = (cp_archive){next_member, close_archive};
    self->kind = kind;
    self->source = bytes;
    self->fd = -1;
    rc = start_reader(self, path, err);
    if (rc)
        close_archive(&self->base);
    else
        *out = &self->base;
    return rc;
}

static cp_rc open_tar(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "tar",
                                        .support = archive_read_support_format_tar,
                                        .end_is_there = cp_tar_end_is_marked,
                                        .block_bytes = 512};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_zip(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "zip",
                                        .support = archive_read_support_format_zip,
                                        .end_is_there = cp_zip_end_is_there,
                                        .ends_with_file = true,
                                        .seeks = true};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_7z(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "7z",
                                        .support = archive_read_support_format_7zip,
                                        .seeks = true,
                                        .must_seek = true};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_cpio(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "cpio",
                                        .support = archive_read_support_format_cpio};
    return open_archive(&kind, bytes, path, out, err);
}

const cp_container cp_container_tar = {"tar", cp_probe_tar, open_tar};
const cp_container cp_container_zip = {"zip", cp_probe_zip, open_zip};
const cp_container cp_container_7z = {"7z", cp_probe_7z, open_7z};
const cp_container cp_container_cpio = {"cpio", cp_probe_cpio, open_cpio};
