/* What the shapes of inspect share. */
#include "pipeline/cli/inspect_parts.h"

#include "pipeline/cli/cell_print.h"

#include <stdio.h>

const char *cp_content_text(const cp_content *content, char out[CP_CONTENT_TEXT_BYTES])
{
    const char *name = content->is_empty ? "nothing"
                       : content->format ? content->format
                                         : "unknown";
    int used = snprintf(out, CP_CONTENT_TEXT_BYTES, "%s", name);
    for (size_t i = content->codec_count; i > 0 && used < CP_CONTENT_TEXT_BYTES; i--)
        used += snprintf(out + used, (size_t)(CP_CONTENT_TEXT_BYTES - used), " in %s",
                         content->codecs[i - 1]);
    return out;
}

bool cp_content_is_parquet(const cp_content *content)
{
    return content->format && strcmp(content->format, "parquet") == 0;
}

const char *cp_encryption_name(const cp_parquet_survey *survey)
{
    uint64_t has = survey->encryption.has;
    bool is_encrypted =
        survey->footer_is_encrypted || cp_thrift_has(survey->said.has, CP_FILE_ENCRYPTION);
    if (!is_encrypted)
        return NULL;
    return cp_thrift_has(has, CP_ENCRYPTION_AES_GCM)       ? "AES_GCM_V1"
           : cp_thrift_has(has, CP_ENCRYPTION_AES_GCM_CTR) ? "AES_GCM_CTR_V1"
                                                           : "an unknown algorithm";
}

static cp_rc print_fields(const cp_batch *row, cp_writer *out, cp_error *err)
{
    cp_json j = cp_json_begin(out, err);
    cp_rc rc = cp_write(out, "{", 1, err);
    for (size_t i = 0; !rc && i < row->schema->field_count; i++) {
        if (i > 0)
            rc = cp_write(out, ", ", 2, err);
        if (!rc)
            cp_json_key(&j, row->schema->fields[i].name);
        rc = rc ? rc : j.rc;
        if (!rc)
            rc = cp_cell_print_json(out, row, i, 0, err);
    }
    return rc ? rc : cp_write(out, "}", 1, err);
}

cp_rc cp_print_first_row(const cp_batch *row, cp_writer *out, cp_error *err)
{
    return cp_schema_is_verbatim(row->schema) ? cp_cell_print_json(out, row, 0, 0, err)
                                              : print_fields(row, out, err);
}

const char *cp_first_refused(const cp_first_record *first)
{
    const cp_rejects *rejects = first->rejects;
    if (*first->damage.message)
        return first->damage.message;
    return rejects && rejects->count > 0 && rejects->items[0].record == 0
               ? rejects->items[0].message
               : NULL;
}
