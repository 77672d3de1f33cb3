/* Looking at an input that is no Parquet file: a head of it, and an archive's members one by one.
 */
#include "formats/archive/containers.h"
#include "formats/compress/codecs.h"
#include "formats/registry.h"
#include "pipeline/cli/inspect.h"
#include "pipeline/config/schema_yaml.h"
#include "pipeline/core/checked.h"
#include "pipeline/engine/cutter.h"

#include <stdio.h>

enum { CHUNK_BYTES = 64 << 10, RECORD_BYTES_MAX = 16 << 20 };

static cp_intake_options intake_options(size_t window_limit_bytes)
{
    return (cp_intake_options){
        .io = {CP_READ_AUTO, CHUNK_BYTES},
        .codecs = cp_codecs,
        .containers = cp_containers,
        .formats = cp_formats,
        .window_limit_bytes = window_limit_bytes,
        .any_content = true,
    };
}

/* Parquet is no format of records that casepipe reads, but can be told. */
static cp_rc name_other(cp_intake *intake, cp_content *content, cp_error *err)
{
    cp_view view;
    cp_rc rc = intake->records->peek(intake->records, CP_PARQUET_MAGIC_BYTES, &view, err);
    if (!rc && view.bytes.size >= CP_PARQUET_MAGIC_BYTES &&
        (memcmp(view.bytes.data, CP_PARQUET_MAGIC, CP_PARQUET_MAGIC_BYTES) == 0 ||
         memcmp(view.bytes.data, CP_PARQUET_ENCRYPTED_MAGIC, CP_PARQUET_MAGIC_BYTES) == 0))
        content->format = "parquet";
    return rc;
}

static cp_rc describe(cp_intake *intake, cp_content *content, cp_error *err)
{
    *content = (cp_content){.codec_count = intake->codec_count, .is_empty = intake->is_empty};
    for (size_t i = 0; i < intake->codec_count; i++)
        content->codecs[i] = intake->codecs[i]->name;
    content->is_archive = intake->container != NULL;
    if (intake->container)
        content->format = intake->container->name;
    else if (intake->format)
        content->format = intake->format->name;
    else if (!intake->is_empty)
        return name_other(intake, content, err);
    return CP_OK;
}

static cp_rc read_facts(cp_inspection *self, cp_seekable *file, cp_error *err)
{
    const cp_codec *outermost = self->intake.codec_count ? self->intake.codecs[0] : NULL;
    if (!file || !outermost)
        return CP_OK;
    self->has_zstd = outermost == &cp_codec_zstd;
    self->has_gzip = outermost == &cp_codec_gzip;
    if (self->has_zstd)
        return cp_zstd_facts_read(file, &self->zstd, err);
    return self->has_gzip ? cp_gzip_facts_read(file, &self->gzip, err) : CP_OK;
}

/* ---- records ---- */

static const cp_format_options format_options = {.max_record_bytes = RECORD_BYTES_MAX};

static cp_rc infer(cp_inspection *self, cp_sample *sample, cp_error *err)
{
    cp_rc rc = cp_intake_infer(&self->intake, &format_options, sample, err);
    self->schema = sample->guess.schema;
    return rc ? rc : cp_schema_to_yaml(self->schema, &self->yaml, err);
}

/* Where there are no records to be guessed. */
static cp_rc measure(cp_intake *intake, cp_sample *sample, cp_error *err)
{
    cp_view view;
    cp_rc rc = intake->records->peek(intake->records, CHUNK_BYTES, &view, err);
    if (rc)
        return rc;
    sample->whole = view.at_end && view.bytes.size <= CHUNK_BYTES;
    sample->bytes = sample->whole ? view.bytes.size : CHUNK_BYTES;
    return CP_OK;
}

static cp_rc look_at_head(cp_inspection *self, cp_error *err)
{
    cp_sample sample = {0};
    bool can_infer = self->intake.format && self->intake.format->infer;
    cp_rc rc = can_infer ? infer(self, &sample, err) : measure(&self->intake, &sample, err);
    self->whole = sample.whole;
    self->looked_bytes = sample.bytes;
    if (!rc && self->whole && self->content.codec_count == 0)
        self->stored_bytes = sample.bytes;
    return rc;
}

/* Until there is a verdict on one record, or the block has none. */
static cp_rc decode_one(cp_first_record *first, cp_decoder *decoder, cp_error *err)
{
    cp_cursor cursor = {0};
    cp_rc rc = CP_MORE;
    while (rc == CP_MORE && cursor.records == 0)
        rc = decoder->type->decode(decoder, &first->block, &cursor, &first->row, first->rejects,
                                   err);
    return cp_failed(rc) ? rc : CP_OK;
}

/* What is passed over, blank lines for example, is no record, but for one that is too large. */
static cp_rc cut_first(cp_cutter *cutter, cp_first_record *first, cp_error *err)
{
    cp_cut cut = {0};
    uint64_t skipped;
    cp_rc rc;
    do
        rc = cp_cutter_next(cutter, &first->block, &cut, &skipped, err);
    while (rc == CP_SKIP && cut.reason == CP_ACCEPTED);
    if (rc == CP_SKIP)
        return cp_rejects_add(
            first->rejects, NULL, &(cp_reject){.length = cut.length},
            &(cp_refusal){.reason = cut.reason, .at = format_options.max_record_bytes}, err);
    if (rc == CP_E_DATA && err)
        first->damage = *err;
    return rc == CP_BLOCK || rc == CP_END || rc == CP_E_DATA ? CP_OK : rc;
}

static cp_rc decode_first(cp_inspection *self, const cp_format *plan, cp_error *err)
{
    cp_cutter cutter = {0};
    cp_decoder *decoder = NULL;
    cp_rc rc = cp_cutter_open(&cutter, self->intake.records, plan, err);
    if (!rc)
        rc = cut_first(&cutter, &self->first, err);
    if (!rc && self->first.block.backing)
        rc = plan->type->decoder_open(plan, &decoder, err);
    if (!rc && decoder)
        rc = decode_one(&self->first, decoder, err);
    if (decoder)
        plan->type->decoder_close(decoder);
    cp_cutter_close(&cutter);
    return rc;
}

/* Of the fields that were guessed; where there are none, of the record as it stands. */
static cp_rc open_row(cp_inspection *self, cp_error *err)
{
    cp_first_record *first = &self->first;
    cp_schema *schema = self->schema;
    cp_rc rc = CP_OK;
    if (schema->field_count == 0) {
        rc = cp_schema_verbatim(&first->verbatim, err);
        schema = first->verbatim;
    }
    for (size_t i = 0; !rc && i < schema->field_count; i++)
        schema->fields[i].wanted = true;
    return rc ? rc : cp_batch_open(&first->row, schema, 1, err);
}

static cp_rc read_first(cp_inspection *self, cp_error *err)
{
    const cp_format_type *type = self->intake.format;
    cp_format *plan;
    if (!self->schema || (self->schema->field_count == 0 && !type->keeps_text))
        return CP_OK;
    cp_rc rc = open_row(self, err);
    if (!rc)
        rc = cp_calloc(1, sizeof *self->first.rejects, &self->first.rejects, err);
    if (!rc)
        rc = type->plan(self->first.row.schema, &format_options, &plan, err);
    if (rc)
        return rc;
    cp_batch_reset(&self->first.row);
    rc = decode_first(self, plan, err);
    type->plan_close(plan);
    return rc;
}

/* ---- the whole ---- */

static cp_rc look(cp_inspection *self, cp_seekable *file, cp_error *err)
{
    cp_rc rc = describe(&self->intake, &self->content, err);
    if (!rc)
        rc = read_facts(self, file, err);
    if (!rc && self->intake.records)
        rc = look_at_head(self, err);
    return rc ? rc : read_first(self, err);
}

cp_rc cp_inspection_open(const char *path, cp_seekable *file, size_t window_limit_bytes,
                         cp_inspection *out, cp_error *err)
{
    *out = (cp_inspection){.path = path, .window_limit_bytes = window_limit_bytes};
    cp_intake_options options = intake_options(window_limit_bytes);
    cp_rc rc = cp_pool_new(CP_BLOCK_TARGET_BYTES, &out->pool, err);
    if (!rc)
        rc = cp_pool_new(CHUNK_BYTES, &out->codec_pool, err);
    if (!rc)
        rc = cp_intake_open(path, &options, out->pool, out->codec_pool, &out->intake, err);
    if (rc)
        return rc;
    out->stored_bytes = out->intake.stored_bytes;
    rc = look(out, file, err);
    if (rc)
        cp_error_in(err, path);
    return rc;
}

void cp_inspection_close(cp_inspection *self)
{
    cp_first_record *first = &self->first;
    cp_block_release(&first->block);
    if (first->row.schema)
        cp_batch_close(&first->row);
    if (first->rejects)
        cp_rejects_free(first->rejects);
    free(first->rejects);
    cp_schema_free(first->verbatim);
    cp_intake_close(&self->intake);
    cp_schema_free(self->schema);
    free(self->yaml);
    cp_pool_free(self->codec_pool);
    cp_pool_free(self->pool);
    *self = (cp_inspection){0};
}

/* The member's head alone; the archive passes over the rest. */
static cp_rc look_at_member(cp_inspection *self, cp_stream *stream, cp_content *content,
                            cp_error *err)
{
    cp_intake intake;
    cp_intake_options options = intake_options(self->window_limit_bytes);
    options.name_archives = true;
    cp_rc rc = cp_intake_open_member(stream, &options, self->pool, self->codec_pool, &intake, err);
    if (rc)
        return rc;
    rc = describe(&intake, content, err);
    cp_intake_close(&intake);
    return rc;
}

static void name_member(const char *path, const char *member, cp_error *err)
{
    char place[CP_ERROR_PATH_BYTES];
    snprintf(place, sizeof place, "%s!%s", path, member);
    cp_error_in(err, place);
}

cp_rc cp_inspection_member(cp_inspection *self, cp_inspected_member *out, cp_error *err)
{
    cp_member member;
    cp_rc rc = self->intake.archive->next(self->intake.archive, &member, err);
    if (cp_failed(rc))
        cp_error_in(err, self->path);
    if (rc)
        return rc;
    *out = (cp_inspected_member){.name = member.name, .bytes = member.bytes};
    rc = look_at_member(self, member.stream, &out->content, err);
    if (rc)
        name_member(self->path, member.name, err);
    return rc;
}
