/* inspect --to text, for all that is no Parquet file. */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/inspect.h"
#include "pipeline/cli/inspect_parts.h"

#include <inttypes.h>

static cp_rc print_zstd(const cp_zstd_facts *f, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err,
                         "zstd        frames %" PRIu64 ", with their size %" PRIu64
                         ", with a checksum %" PRIu64 ", window %" PRIu64 " bytes\n",
                         f->frames, f->frames_with_size, f->frames_with_checksum, f->window_bytes);
    if (!rc && f->frames > 0 && f->frames_with_size == f->frames)
        rc = cp_writef(out, err, "content     %" PRIu64 " bytes, by the frames' word\n",
                       f->content_bytes);
    if (!rc && f->skippable_frames > 0)
        rc = cp_writef(out, err, "skippable   frames %" PRIu64 "\n", f->skippable_frames);
    return rc;
}

static cp_rc print_gzip(const cp_gzip_facts *f, cp_writer *out, cp_error *err)
{
    if (f->whole)
        return cp_writef(out, err, "gzip        members %" PRIu64 "\n", f->members);
    return cp_writef(out, err,
                     "gzip        members %" PRIu64 " or more: the first %" PRIu64
                     " stored bytes were looked at\n",
                     f->members ? f->members : 1, f->looked_bytes);
}

static cp_rc print_path(const char *path, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "path        ");
    if (!rc)
        rc = cp_print_visible(out, cp_span_of(path), err);
    return rc ? rc : cp_write(out, "\n", 1, err);
}

static cp_rc print_head(const cp_inspection *self, cp_writer *out, cp_error *err)
{
    char what[CP_CONTENT_TEXT_BYTES];
    cp_rc rc = print_path(self->path, out, err);
    if (!rc && self->stored_bytes != UINT64_MAX)
        rc = cp_writef(out, err, "bytes       %" PRIu64 "\n", self->stored_bytes);
    if (!rc)
        rc = cp_writef(out, err, "format      %s\n", cp_content_text(&self->content, what));
    if (!rc && self->has_zstd)
        rc = print_zstd(&self->zstd, out, err);
    return !rc && self->has_gzip ? print_gzip(&self->gzip, out, err) : rc;
}

static cp_rc print_looked(const cp_inspection *self, cp_writer *out, cp_error *err)
{
    return cp_writef(out, err, "looked at   %s %zu bytes%s\n", self->whole ? "all" : "the first",
                     self->looked_bytes, self->content.codec_count ? " of the content" : "");
}

static cp_rc print_first(const cp_first_record *first, cp_writer *out, cp_error *err)
{
    const char *refused = cp_first_refused(first);
    if (!refused && first->row.rows == 0)
        return CP_OK;
    cp_rc rc = cp_writef(out, err, "first record\n  %s", refused ? "is refused: " : "");
    if (!rc)
        rc = refused ? cp_print_visible(out, cp_span_of(refused), err)
                     : cp_print_first_row(&first->row, out, err);
    return rc ? rc : cp_writef(out, err, "\n");
}

/* Each line of the YAML, indented. */
static cp_rc print_schema(const char *yaml, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "schema, as guessed\n");
    while (!rc && *yaml) {
        size_t size = strcspn(yaml, "\n");
        rc = cp_write(out, "  ", 2, err);
        if (!rc)
            rc = cp_write(out, yaml, size, err);
        if (!rc)
            rc = cp_write(out, "\n", 1, err);
        yaml += size + (yaml[size] == '\n');
    }
    return rc;
}

static cp_rc print_members(cp_inspection *self, cp_writer *out, cp_error *err)
{
    cp_inspected_member member;
    cp_rc rc = cp_writef(out, err, "\n%14s  %-24s %s\n", "bytes", "what it is", "member"), more;
    while (!rc && (more = cp_inspection_member(self, &member, err)) != CP_END) {
        char what[CP_CONTENT_TEXT_BYTES];
        rc = more;
        if (!rc)
            rc = cp_writef(out, err, "%14" PRIu64 "  %-24s ", member.bytes,
                           cp_content_text(&member.content, what));
        if (!rc)
            rc = cp_print_visible(out, cp_span_of(member.name), err);
        if (!rc)
            rc = cp_write(out, "\n", 1, err);
    }
    return rc;
}

cp_rc cp_inspect_text(cp_inspection *self, cp_writer *out, cp_error *err)
{
    cp_rc rc = print_head(self, out, err);
    if (!rc && self->content.is_archive)
        return print_members(self, out, err);
    if (!rc && !self->content.is_empty)
        rc = print_looked(self, out, err);
    if (!rc && cp_content_is_parquet(&self->content))
        rc = cp_writef(out, err,
                       "            a Parquet file has its metadata at its end: more can "
                       "be told where it is a regular file\n");
    if (!rc && self->yaml)
        rc = print_schema(self->yaml, out, err);
    return rc ? rc : print_first(&self->first, out, err);
}
