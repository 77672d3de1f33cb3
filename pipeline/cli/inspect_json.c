/* inspect --to json, for all that is no Parquet file. */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/inspect.h"
#include "pipeline/cli/inspect_parts.h"

static void put_content(cp_json *j, const cp_content *content)
{
    cp_json_array(j, "codecs", false);
    for (size_t i = 0; i < content->codec_count; i++)
        cp_json_string(j, NULL, content->codecs[i]);
    cp_json_close(j);
    cp_json_string(j, "format", content->format);
    cp_json_bool(j, "empty", content->is_empty);
}

static void put_zstd(cp_json *j, const cp_zstd_facts *f)
{
    cp_json_object(j, "zstd", false);
    cp_json_count(j, "frames", f->frames);
    cp_json_count(j, "skippable_frames", f->skippable_frames);
    cp_json_count(j, "frames_with_size", f->frames_with_size);
    cp_json_count(j, "frames_with_checksum", f->frames_with_checksum);
    if (f->frames_with_size == f->frames)
        cp_json_count(j, "content_bytes", f->content_bytes);
    else
        cp_json_null(j, "content_bytes");
    cp_json_count(j, "window_bytes", f->window_bytes);
    cp_json_close(j);
}

static void put_gzip(cp_json *j, const cp_gzip_facts *f)
{
    cp_json_object(j, "gzip", false);
    cp_json_count(j, "members", f->members);
    cp_json_count(j, "looked_bytes", f->looked_bytes);
    cp_json_bool(j, "whole", f->whole);
    cp_json_close(j);
}

static void put_fields(cp_json *j, const cp_schema *schema)
{
    char type[CP_TYPE_NAME_BYTES];
    cp_json_array(j, "fields", true);
    for (size_t i = 0; i < schema->field_count; i++) {
        cp_json_object(j, NULL, false);
        cp_json_string(j, "name", schema->fields[i].name);
        cp_json_string(j, "type", cp_type_name(&schema->fields[i], type));
        cp_json_close(j);
    }
    cp_json_close(j);
}

static void put_first(cp_json *j, const cp_first_record *first)
{
    cp_json_string(j, "first_record_refused", cp_first_refused(first));
    cp_json_key(j, "first_record");
    if (!j->rc && first->row.rows > 0 && !cp_first_refused(first))
        j->rc = cp_print_first_row(&first->row, j->out, j->err);
    else if (!j->rc)
        j->rc = cp_write(j->out, "null", 4, j->err);
}

static void put_records(cp_json *j, const cp_inspection *self)
{
    cp_json_count(j, "looked_bytes", self->looked_bytes);
    cp_json_bool(j, "whole", self->whole);
    if (!self->schema)
        return;
    put_fields(j, self->schema);
    cp_json_string(j, "schema_yaml", self->yaml);
    put_first(j, &self->first);
}

static void put_members(cp_json *j, cp_inspection *self)
{
    cp_inspected_member member;
    cp_json_array(j, "members", true);
    while (!j->rc) {
        cp_rc rc = cp_inspection_member(self, &member, j->err);
        if (rc == CP_END)
            break;
        j->rc = rc;
        cp_json_object(j, NULL, false);
        cp_json_string(j, "name", member.name);
        cp_json_count(j, "bytes", member.bytes);
        put_content(j, &member.content);
        cp_json_close(j);
    }
    cp_json_close(j);
}

cp_rc cp_inspect_json(cp_inspection *self, cp_writer *out, cp_error *err)
{
    cp_json j = cp_json_begin(out, err);
    cp_json_object(&j, NULL, true);
    cp_json_string(&j, "casepipe", CASEPIPE_VERSION);
    cp_json_string(&j, "path", self->path);
    if (self->stored_bytes == UINT64_MAX)
        cp_json_null(&j, "bytes");
    else
        cp_json_count(&j, "bytes", self->stored_bytes);
    put_content(&j, &self->content);
    if (self->has_zstd)
        put_zstd(&j, &self->zstd);
    if (self->has_gzip)
        put_gzip(&j, &self->gzip);
    if (self->content.is_archive)
        put_members(&j, self);
    else
        put_records(&j, self);
    cp_json_close(&j);
    return j.rc;
}
