/* One input after the other, block by block. The bytes of a block are looked through at once; only
 * where they have the pattern is each record asked. */
#include "pipeline/engine/search.h"

#include "pipeline/core/checked.h"
#include "pipeline/engine/cutter.h"

typedef struct search {
    const cp_search_options *options;
    cp_search_counts *counts;
    const cp_schema *schema; /* given, or one without fields */
    cp_pool *pool, *codec_pool;
    cp_search_hit hit; /* the place in the input at hand */
} search;

static const uint8_t *find(const search *self, cp_span bytes)
{
    cp_span pattern = self->options->pattern;
    return memmem(bytes.data, bytes.size, pattern.data, pattern.size);
}

static cp_rc tell(search *self, const cp_block *block, cp_span record, const uint8_t *at,
                  cp_error *err)
{
    self->counts->hits++;
    self->hit.raw = record;
    self->hit.offset = block->offset + (uint64_t)(record.data - block->bytes.data);
    self->hit.at = (size_t)(at - record.data);
    return self->options->hit(self->options->context, &self->hit, err);
}

static cp_rc search_block(search *self, const cp_format *plan, const cp_block *block, cp_error *err)
{
    const uint8_t *p = block->bytes.data, *end = p + block->bytes.size;
    const uint8_t *next_hit = find(self, block->bytes);
    cp_rc rc = CP_OK;
    while (!rc && p < end) {
        cp_span record;
        uint64_t lines;
        const uint8_t *next = plan->type->find_record(plan, block, p, &record, &lines);
        bool too_large = record.size > self->options->format.max_record_bytes;
        bool may_hit = next_hit && next_hit < next && record.data && !too_large;
        const uint8_t *at = may_hit ? find(self, record) : NULL;
        if (at)
            rc = tell(self, block, record, at, err);
        if (next_hit && next_hit < next)
            next_hit = find(self, (cp_span){next, (size_t)(end - next)});
        self->hit.record += record.data != NULL;
        self->counts->records += record.data != NULL;
        self->counts->passed_over += too_large;
        self->hit.line += lines;
        p = next;
    }
    return rc;
}

static void pass_over(search *self, const cp_cut *cut)
{
    bool ends_record = cut->reason != CP_ACCEPTED;
    self->counts->passed_over += ends_record;
    self->counts->records += ends_record;
    self->hit.record += ends_record;
    self->hit.line += ends_record ? cut->lines : 0;
}

static cp_rc search_blocks(search *self, cp_cutter *cutter, const cp_format *plan, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc) {
        cp_block block;
        cp_cut cut;
        uint64_t skip_offset;
        rc = cp_cutter_next(cutter, &block, &cut, &skip_offset, err);
        if (rc == CP_SKIP) {
            pass_over(self, &cut);
            rc = CP_OK;
        } else if (rc == CP_BLOCK) {
            rc = search_block(self, plan, &block, err);
            cp_block_release(&block);
        } else if (rc == CP_END) {
            return CP_OK;
        }
    }
    return rc;
}

static cp_rc search_records(search *self, const cp_intake *intake, cp_error *err)
{
    cp_format *plan;
    cp_cutter cutter = {0};
    if (intake->is_empty)
        return CP_OK;
    const cp_format_type *type = intake->format;
    cp_rc rc = type->plan(self->schema, &self->options->format, &plan, err);
    if (rc)
        return rc;
    self->hit.format = type;
    self->hit.record = self->hit.line = 0;
    rc = cp_cutter_open(&cutter, intake->records, plan, err);
    if (!rc)
        rc = search_blocks(self, &cutter, plan, err);
    cp_cutter_close(&cutter);
    type->plan_close(plan);
    return rc;
}

static cp_rc search_member(search *self, const char *path, const cp_member *member, cp_error *err)
{
    cp_input_name name;
    cp_intake intake = {0};
    cp_rc rc = cp_input_name_open(&name, path, member->name, err);
    if (rc) {
        member->stream->close(member->stream);
        return rc;
    }
    rc = cp_intake_open_member(member->stream, &self->options->intake, self->pool, self->codec_pool,
                               &intake, err);
    self->hit.input = &name;
    if (!rc)
        rc = search_records(self, &intake, err);
    if (cp_failed(rc))
        cp_error_in(err, name.text);
    cp_intake_close(&intake);
    self->hit.input = NULL;
    cp_input_name_close(&name);
    return rc;
}

static cp_rc search_archive(search *self, const char *path, cp_archive *archive, cp_error *err)
{
    cp_member member;
    cp_rc rc;
    while (!(rc = archive->next(archive, &member, err))) {
        if (!cp_member_is_selected(self->options->member_glob, member.name)) {
            member.stream->close(member.stream);
            continue;
        }
        rc = search_member(self, path, &member, err);
        if (rc)
            return rc;
    }
    if (cp_failed(rc))
        cp_error_in(err, path);
    return rc == CP_END ? CP_OK : rc;
}

static cp_rc search_path(search *self, const char *path, cp_error *err)
{
    cp_input_name name;
    cp_intake intake = {0};
    cp_rc rc = cp_input_name_open(&name, path, NULL, err);
    if (rc)
        return rc;
    rc = cp_intake_open(path, &self->options->intake, self->pool, self->codec_pool, &intake, err);
    self->hit.input = &name;
    if (!rc && intake.archive)
        rc = search_archive(self, path, intake.archive, err);
    else if (!rc)
        rc = search_records(self, &intake, err);
    if (cp_failed(rc) && !intake.archive)
        cp_error_in(err, path);
    if (intake.archive)
        intake.archive->close(intake.archive);
    intake.archive = NULL;
    cp_intake_close(&intake);
    self->hit.input = NULL;
    cp_input_name_close(&name);
    return rc;
}

cp_rc cp_search(const cp_search_options *options, cp_search_counts *counts, cp_error *err)
{
    search self = {.options = options, .counts = counts, .schema = options->schema};
    cp_schema *no_fields = NULL;
    *counts = (cp_search_counts){0};
    cp_rc rc = cp_pool_new(CP_BLOCK_TARGET_BYTES, &self.pool, err);
    if (!rc)
        rc = cp_pool_new(options->intake.io.chunk_bytes, &self.codec_pool, err);
    if (!rc && !self.schema)
        rc = cp_schema_new("search", &no_fields, err);
    if (no_fields)
        self.schema = no_fields;
    for (size_t i = 0; !rc && i < options->path_count; i++)
        rc = search_path(&self, options->paths[i], err);
    cp_schema_free(no_fields);
    cp_pool_free(self.codec_pool);
    cp_pool_free(self.pool);
    return rc == CP_END ? CP_OK : rc;
}
