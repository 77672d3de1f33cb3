/* tar, zip, 7z and cpio through libarchive, as sequences of streams.
 *
 *   cp_source --give_bytes--> libarchive --archive_read_data_block--> member stream
 *             64 KiB, by place             blocks of its own choice
 *
 * libarchive is shown the same pieces and asked for the same blocks, however the bytes arrive and
 * are read: so what it says of damage, and what it gives before, is always the same.
 *
 * zip and 7z keep their directory at the end: where the archive is a regular file, libarchive
 * opens and seeks it by itself. What libarchive takes for a clean end is looked at once more: a
 * tar cut at a member's edge, a zip without its directory, a zip or cpio with members that it did
 * not find for damage and passed over. */
#include "formats/archive/containers.h"
#include "formats/archive/probes.h"
#include "pipeline/core/checked.h"
#include "pipeline/io/input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 64 * 1024,
    TAIL_BYTES = CP_ZIP_END_BYTES_MAX + PIECE_BYTES,
    NAME_SHOWN_BYTES = CP_ERROR_MESSAGE_BYTES / 2, /* the rest of a message has to fit, too */
};

typedef struct lib_archive lib_archive;

typedef struct container_kind {
    const char *name;
    int (*support)(struct archive *);
    bool (*end_is_marked)(cp_span end);   /* where it stands behind the last member; else NULL */
    int (*begins_member)(cp_span header); /* where libarchive itself does not look; else NULL */
    bool searches;         /* libarchive passes over what it cannot read, until there is a mark */
    unsigned header_bytes; /* libarchive takes what is shorter for nothing that it knows; or 0 */
    bool has_directory;    /* at the end of the file, as a zip has it */
    /* Looks at the file before libarchive seeks in it; NULL: it never seeks. */
    cp_rc (*check_file)(lib_archive *, cp_error *);
    bool must_seek;
} container_kind;

struct lib_archive {
    cp_archive base;
    const container_kind *kind;
    struct archive *reader;
    cp_source *source;
    int fd;       /* where libarchive seeks; else -1 */
    size_t given; /* bytes of the last view that libarchive holds */
    uint64_t given_total;
    bool given_all;  /* libarchive has seen the end of the source */
    cp_rc source_rc; /* why the source failed under libarchive */
    cp_error source_err;
    uint16_t entry_count; /* by the directory's word */
    size_t tail_size;     /* the last bytes given */
    uint8_t tail[TAIL_BYTES];
    char member[CP_ERROR_PATH_BYTES];
};

/* Why the bytes of a member cannot be had. */
typedef struct refusal {
    const char *reason, *text;
} refusal;

typedef struct member_stream {
    cp_stream base;
    lib_archive *archive;
    const refusal *refused; /* NULL: it can be read */
    uint64_t promised_bytes, produced_bytes;
    bool has_size, is_sparse, ended;
    cp_span block;     /* what nobody took of libarchive's newest block */
    uint64_t block_at; /* its place in the member; what is missing before it is a hole */
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
    cp_rc rc = self->source->peek(self->source, PIECE_BYTES, &view, &self->source_err);
    if (rc && view.bytes.size == 0)
        return rc;
    *piece = view.bytes;
    if (piece->size > PIECE_BYTES)
        piece->size = PIECE_BYTES;
    self->given = piece->size;
    self->given_total += piece->size;
    self->given_all = piece->size == 0;
    if (piece->size > 0)
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

/* Told by what libarchive says; where it says nothing, it missed bytes. */
static const struct failure_kind {
    const char *sign, *reason, *text;
    bool is_cut;
} failure_kinds[] = {
    {"runcated", "truncated_input", "cut off", true},
    {"remature", "truncated_input", "cut off", true},
    {"End of file", "truncated_input", "cut off", true},
    {"it ends too early", "truncated_input", "cut off", true},
    {"encrypted", "encrypted_input", "encrypted", false},
    {"", "corrupt_input", "damaged", false},
};

/* libarchive also says that a member is cut where more of the archive follows: of a zip that comes
 * as a stream it does not know where a member in bzip2 or lzma ends. */
static const struct failure_kind no_cut = {
    "", "corrupt_input", "damaged, or can only be read from a file of its own", false};

static const struct failure_kind *find_failure(const lib_archive *self, const char *text)
{
    const struct failure_kind *kind = failure_kinds;
    while (!strstr(text, kind->sign))
        kind++;
    bool goes_on = self->fd < 0 && !self->given_all;
    return kind->is_cut && goes_on ? &no_cut : kind;
}

static const char *why_it_failed(const lib_archive *self)
{
    const char *text = archive_error_string(self->reader);
    return text && self->given_total >= self->kind->header_bytes ? text : "it ends too early";
}

/* What libarchive has to say. `after`, a member or "", is the last sign of where it is. */
static cp_rc tell_damage(const lib_archive *self, const char *after, cp_error *err)
{
    if (self->source_rc) {
        if (err)
            *err = self->source_err;
        return self->source_rc;
    }
    const char *text = why_it_failed(self);
    const struct failure_kind *kind = find_failure(self, text);
    return cp_fail(err, CP_E_DATA, kind->reason, "%s%.*s%sthe %s archive is %s: %.*s",
                   after[0] ? "in or behind " : "", NAME_SHOWN_BYTES, after, after[0] ? " " : "",
                   self->kind->name, kind->text, (int)strcspn(text, "\n"), text);
}

/* Within a member, which the caller names. */
static cp_rc member_damaged(const lib_archive *self, cp_error *err)
{
    return tell_damage(self, "", err);
}

/* Between members, or in what was passed over of the newest one. */
static cp_rc archive_damaged(const lib_archive *self, cp_error *err)
{
    return tell_damage(self, self->member, err);
}

/* Behind the last block; a sparse member may end with a hole. */
static cp_rc end_member(member_stream *self, cp_error *err)
{
    self->block_at = self->produced_bytes;
    if (self->is_sparse && self->block_at < self->promised_bytes)
        self->block_at = self->promised_bytes;
    self->ended = !self->has_size || self->block_at == self->promised_bytes;
    return self->ended ? CP_OK
                       : cp_fail(err, CP_E_DATA, "truncated_input",
                                 "the member has %" PRIu64 " bytes instead of %" PRIu64,
                                 self->produced_bytes, self->promised_bytes);
}

static cp_rc next_block(member_stream *self, cp_error *err)
{
    const void *bytes;
    size_t size;
    la_int64_t offset;
    int result = archive_read_data_block(self->archive->reader, &bytes, &size, &offset);
    if (result == ARCHIVE_EOF)
        return end_member(self, err);
    if (result != ARCHIVE_OK) /* a warning about data is a wrong checksum: an error here */
        return member_damaged(self->archive, err);
    if (size == 0)
        return CP_OK;
    if (offset < 0 || (uint64_t)offset < self->produced_bytes)
        return cp_fail(err, CP_E_DATA, "corrupt_input",
                       "the parts of the sparse member are out of order");
    self->block = (cp_span){bytes, size};
    self->block_at = (uint64_t)offset;
    return CP_OK;
}

/* Zeros for a hole, else of the block. */
static size_t give_block(member_stream *self, uint8_t *out, size_t capacity)
{
    uint64_t hole_bytes = self->block_at - self->produced_bytes;
    uint64_t left = hole_bytes ? hole_bytes : self->block.size;
    size_t size = left < capacity ? (size_t)left : capacity;
    if (hole_bytes) {
        memset(out, 0, size);
    } else if (size > 0) {
        memcpy(out, self->block.data, size);
        self->block.data += size;
        self->block.size -= size;
        self->block_at += size;
    }
    self->produced_bytes += size;
    return size;
}

static cp_rc read_blocks(member_stream *self, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    *got = 0;
    if (self->refused)
        return cp_fail(err, CP_E_DATA, self->refused->reason, "%s", self->refused->text);
    while (!self->ended && self->block.size == 0) {
        cp_rc rc = next_block(self, err);
        if (rc)
            return rc;
    }
    *got = give_block(self, out, capacity);
    return CP_OK;
}

/* What libarchive did and said is good only where the bytes that it was given were. */
static cp_rc recheck(lib_archive *self, cp_rc rc, cp_error *err)
{
    cp_error lost_err;
    cp_rc lost = cp_source_recheck(self->source, &lost_err);
    if (lost && err)
        *err = lost_err;
    return lost ? lost : rc;
}

static cp_rc member_read(cp_stream *stream, uint8_t *out, size_t capacity, size_t *got,
                         cp_error *err)
{
    member_stream *self = (member_stream *)stream;
    cp_rc rc = recheck(self->archive, read_blocks(self, out, capacity, got, err), err);
    if (rc)
        *got = 0;
    return rc;
}

static void member_close(cp_stream *stream)
{
    free(stream);
}

static const refusal *find_refusal(struct archive_entry *entry)
{
    static const refusal encrypted = {"encrypted_input", "the member is encrypted"};
    static const refusal unknown_kind = {"corrupt_input", "the member is of an unknown kind"};
    static const refusal negative_size = {"corrupt_input", "the member's size is negative"};
    if (archive_entry_is_encrypted(entry))
        return &encrypted;
    if (archive_entry_filetype(entry) != AE_IFREG)
        return &unknown_kind;
    return archive_entry_size(entry) < 0 ? &negative_size : NULL;
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
    stream->refused = find_refusal(entry);
    stream->has_size = archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0;
    stream->promised_bytes = stream->has_size ? (uint64_t)archive_entry_size(entry) : 0;
    stream->is_sparse = archive_entry_sparse_count(entry) > 0;
    *out = (cp_member){self->member, stream->promised_bytes, &stream->base};
    return CP_OK;
}

/* The newest header, up to where libarchive stopped; empty where it is more than any end mark. */
static cp_span newest_header(const lib_archive *self)
{
    uint64_t start = (uint64_t)archive_read_header_position(self->reader);
    uint64_t stop = (uint64_t)archive_filter_bytes(self->reader, -1);
    uint64_t kept = self->given_total - self->tail_size;
    if (start < kept || stop < start || stop > self->given_total)
        return (cp_span){NULL, 0};
    return (cp_span){self->tail + (start - kept), (size_t)(stop - start)};
}

/* Reads the bytes behind the end, since a codec's checksum under the archive may still tell. */
static cp_rc pass_rest(lib_archive *self, bool *only_padding, cp_error *err)
{
    uint64_t ahead = self->given_total - (uint64_t)archive_filter_bytes(self->reader, -1);
    cp_span piece = {self->tail, ahead < self->tail_size ? (size_t)ahead : self->tail_size};
    piece.data += self->tail_size - piece.size;
    *only_padding = true;
    do {
        *only_padding &= cp_is_padding(piece);
        self->source_rc = next_piece(self, &piece);
        if (self->source_rc)
            return archive_damaged(self, err);
    } while (piece.size > 0);
    return CP_OK;
}

static cp_rc trailing_garbage(const container_kind *kind, cp_error *err)
{
    return cp_fail(err, CP_E_DATA, "corrupt_input",
                   "trailing garbage behind the end mark of the %s archive", kind->name);
}

static cp_rc end_is_missing(const container_kind *kind, cp_error *err)
{
    if (kind->searches)
        return cp_fail(err, CP_E_DATA, "corrupt_input",
                       "the %s archive is damaged: what stands before its end mark is no member",
                       kind->name);
    return cp_fail(err, CP_E_DATA, "truncated_input",
                   "the %s archive is cut off: its end mark is missing", kind->name);
}

/* `last`, the last bytes of a zip that has `size`, end with the end of its directory. */
static cp_rc check_directory_end(lib_archive *self, cp_span last, uint64_t size, cp_error *err)
{
    if (cp_zip_end_is_there(last, &self->entry_count))
        return CP_OK;
    return cp_zip_goes_on_behind_end(last, size - last.size) ? trailing_garbage(self->kind, err)
                                                             : end_is_missing(self->kind, err);
}

/* libarchive looks for the next entry that it can find, and takes the directory for the end. */
static cp_rc check_entry_count(const lib_archive *self, cp_error *err)
{
    unsigned found = (unsigned)archive_file_count(self->reader) & UINT16_MAX;
    if (self->entry_count == CP_ZIP_COUNT_ELSEWHERE || self->entry_count == found)
        return CP_END;
    return cp_fail(err, CP_E_DATA, "corrupt_input",
                   "the %s archive is damaged: its directory counts %u entries, %u were found",
                   self->kind->name, self->entry_count, found);
}

/* Behind the last member: the end mark is there, nothing else follows, and the bytes under the
 * archive end well. */
static cp_rc check_end(lib_archive *self, cp_error *err)
{
    const container_kind *kind = self->kind;
    bool marked = !kind->end_is_marked || kind->end_is_marked(newest_header(self));
    bool only_padding = true;
    cp_rc rc = self->fd < 0 ? pass_rest(self, &only_padding, err) : CP_OK;
    if (!rc && kind->has_directory && self->fd < 0)
        rc = check_directory_end(self, (cp_span){self->tail, self->tail_size}, self->given_total,
                                 err);
    if (rc)
        return rc;
    if (!marked)
        return end_is_missing(kind, err);
    if (kind->has_directory)
        return check_entry_count(self, err);
    return kind->end_is_marked && !only_padding ? trailing_garbage(kind, err) : CP_END;
}

/* Names that the locale cannot hold are still names; any other warning about a header is not to
 * be passed over. */
static bool is_acceptable(const lib_archive *self, int result)
{
    if (result == ARCHIVE_OK)
        return true;
    const char *text = archive_error_string(self->reader);
    return result == ARCHIVE_WARN && text && strstr(text, "be converted");
}

static void keep_name(lib_archive *self, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry);
    snprintf(self->member, sizeof self->member, "%s", name ? name : "(a name that is no text)");
}

/* Folders, devices, links: what holds no bytes of its own. A kind that nobody knows may. */
static bool is_passed_over(struct archive_entry *entry)
{
    switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
    case AE_IFLNK:
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
    case AE_IFSOCK:
        return true;
    case AE_IFREG:
        return false;
    default:
        return archive_entry_hardlink(entry) != NULL;
    }
}

/* libarchive takes whatever follows a member of an old binary cpio for a header. */
static bool is_header_sound(const lib_archive *self)
{
    cp_span header = newest_header(self);
    return !self->kind->begins_member || header.size == 0 || self->kind->begins_member(header) > 0;
}

static cp_rc find_member(lib_archive *self, cp_member *out, cp_error *err)
{
    for (;;) {
        struct archive_entry *entry;
        int result = archive_read_next_header(self->reader, &entry);
        if (result == ARCHIVE_EOF)
            return check_end(self, err);
        if (!is_acceptable(self, result))
            return archive_damaged(self, err);
        if (!is_header_sound(self))
            return cp_fail(
                err, CP_E_DATA, "corrupt_input",
                "the %s archive is damaged: no header stands where the next member should begin",
                self->kind->name);
        keep_name(self, entry);
        if (!is_passed_over(entry))
            return open_member(self, entry, out, err);
    }
}

static cp_rc next_member(cp_archive *archive, cp_member *out, cp_error *err)
{
    lib_archive *self = (lib_archive *)archive;
    cp_rc found = find_member(self, out, err);
    cp_rc rc = recheck(self, found, err);
    if (rc && !found)
        out->stream->close(out->stream);
    return rc;
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
static cp_rc check_zip(lib_archive *self, cp_error *err)
{
    off_t size = lseek(self->fd, 0, SEEK_END);
    off_t start = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    ssize_t n = pread(self->fd, self->tail, (size_t)(size - start), start);
    if (n != size - start)
        return end_is_missing(self->kind, err);
    return check_directory_end(self, (cp_span){self->tail, (size_t)n}, (uint64_t)size, err);
}

/* The start of a 7z file says where its directory is, and may seem to say that there is none. */
static cp_rc check_7z(lib_archive *self, cp_error *err)
{
    uint8_t start[CP_7Z_START_BYTES];
    ssize_t n = pread(self->fd, start, sizeof start, 0);
    if (n < (ssize_t)sizeof start || cp_7z_start_is_sound((cp_span){start, sizeof start}))
        return CP_OK; /* libarchive sees that it is cut */
    return cp_fail(err, CP_E_DATA, "corrupt_input",
                   "the %s archive is damaged: the checksum of its first bytes is wrong",
                   self->kind->name);
}

static cp_rc open_file(lib_archive *self, const char *path, cp_error *err)
{
    self->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (self->fd < 0)
        return cp_open_failed(errno, err);
    cp_rc rc = self->kind->check_file(self, err);
    if (rc)
        return rc;
    lseek(self->fd, 0, SEEK_SET);
    return archive_read_open_fd(self->reader, self->fd, PIECE_BYTES) == ARCHIVE_OK
               ? CP_OK
               : archive_damaged(self, err);
}

static cp_rc start_reader(lib_archive *self, const char *path, cp_error *err)
{
    self->reader = archive_read_new();
    if (!self->reader)
        return cp_fail_memory(err, 0);
    self->kind->support(self->reader);
    if (path && self->kind->check_file)
        return open_file(self, path, err);
    if (self->kind->must_seek)
        return cp_fail(err, CP_E_USAGE, "must_seek",
                       "a %s archive can only be read from a file of its own, not from a pipe or "
                       "through a codec",
                       self->kind->name);
    return archive_read_open(self->reader, self, NULL, give_bytes, NULL) == ARCHIVE_OK
               ? CP_OK
               : archive_damaged(self, err);
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
                                        .end_is_marked = cp_tar_end_is_marked,
                                        .header_bytes = 512};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_zip(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "zip",
                                        .support = archive_read_support_format_zip,
                                        .has_directory = true,
                                        .check_file = check_zip};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_7z(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "7z",
                                        .support = archive_read_support_format_7zip,
                                        .check_file = check_7z,
                                        .must_seek = true};
    return open_archive(&kind, bytes, path, out, err);
}

static cp_rc open_cpio(cp_source *bytes, const char *path, cp_archive **out, cp_error *err)
{
    static const container_kind kind = {.name = "cpio",
                                        .support = archive_read_support_format_cpio,
                                        .end_is_marked = cp_cpio_end_is_marked,
                                        .begins_member = cp_probe_cpio,
                                        .searches = true};
    return open_archive(&kind, bytes, path, out, err);
}

const cp_container cp_container_tar = {"tar", cp_probe_tar, open_tar};
const cp_container cp_container_zip = {"zip", cp_probe_zip, open_zip};
const cp_container cp_container_7z = {"7z", cp_probe_7z, open_7z};
const cp_container cp_container_cpio = {"cpio", cp_probe_cpio, open_cpio};
