/* inspect --to json for a Parquet file: everything, row group by row group. */
#include "formats/parquet/meaning.h"
#include "formats/parquet/names.h"
#include "pipeline/cli/inspect_parts.h"
#include "pipeline/text/utf8.h"

static void put_encodings(cp_json *j, const char *name, uint32_t encodings)
{
    cp_json_array(j, name, false);
    for (int32_t i = 0; i < CP_PARQUET_ENCODING_COUNT; i++)
        if (encodings >> i & 1)
            cp_json_string(j, NULL, cp_parquet_encoding_name(i));
    cp_json_close(j);
}

static void put_optional_int(cp_json *j, const char *name, bool there, int64_t value)
{
    if (there)
        cp_json_int(j, name, value);
    else
        cp_json_null(j, name);
}

static void put_optional_bool(cp_json *j, const char *name, bool there, bool value)
{
    if (there)
        cp_json_bool(j, name, value);
    else
        cp_json_null(j, name);
}

static void put_place(cp_json *j, const char *name, bool there, int64_t offset, int64_t bytes)
{
    if (!there) {
        cp_json_null(j, name);
        return;
    }
    cp_json_object(j, name, false);
    cp_json_int(j, "offset", offset);
    cp_json_int(j, "bytes", bytes);
    cp_json_close(j);
}

/* ---- schema ---- */

static void put_meaning(cp_json *j, const cp_parquet_schema_element *element)
{
    char text[CP_PARQUET_MEANING_BYTES];
    cp_parquet_meaning meaning = cp_parquet_meaning_of(element);
    cp_parquet_meaning_name(&meaning, text);
    cp_json_string(j, "logical_type", *text ? text : NULL);
}

static void put_leaf(cp_json *j, const cp_parquet_node *node)
{
    cp_json_string(j, "path", node->path);
    cp_json_count(j, "definition_level_max", node->definition_max);
    cp_json_count(j, "repetition_level_max", node->repetition_max);
    cp_json_bool(j, "ordered", node->is_ordered);
}

static void put_node(cp_json *j, const cp_parquet_node *node)
{
    const cp_parquet_schema_element *e = &node->element;
    bool is_leaf = cp_parquet_is_leaf(node);
    cp_json_object(j, NULL, false);
    cp_json_text(j, "name", e->name);
    cp_json_count(j, "depth", node->depth);
    cp_json_string(j, "type", is_leaf ? cp_parquet_type_name(e->type) : NULL);
    put_optional_int(j, "type_length", cp_thrift_has(e->has, CP_ELEMENT_TYPE_LENGTH),
                     e->type_length);
    cp_json_string(j, "repetition",
                   cp_thrift_has(e->has, CP_ELEMENT_REPETITION)
                       ? cp_parquet_repetition_name(e->repetition)
                       : NULL);
    cp_json_string(j, "converted_type",
                   cp_thrift_has(e->has, CP_ELEMENT_CONVERTED)
                       ? cp_parquet_converted_name(e->converted)
                       : NULL);
    put_meaning(j, e);
    put_optional_int(j, "children", !is_leaf, e->child_count);
    put_optional_int(j, "field_id", cp_thrift_has(e->has, CP_ELEMENT_FIELD_ID), e->field_id);
    if (is_leaf)
        put_leaf(j, node);
    cp_json_close(j);
}

static void put_schema(cp_json *j, const cp_parquet_tree *tree)
{
    cp_json_array(j, "schema", true);
    for (size_t i = 0; i < tree->node_count; i++)
        put_node(j, &tree->nodes[i]);
    cp_json_close(j);
}

/* ---- row groups ---- */

static void put_bound(cp_json *j, const char *name, const cp_parquet_node *leaf, bool there,
                      cp_span value)
{
    cp_bytes text = {0};
    bool is_number;
    if (!there || j->rc) {
        cp_json_null(j, name);
        return;
    }
    j->rc = cp_parquet_value_text(&leaf->element, value, &text, &is_number, j->err);
    if (is_number)
        cp_json_raw(j, name, (cp_span){text.data, text.size});
    else
        cp_json_text(j, name, (cp_span){text.data, text.size});
    cp_bytes_free(&text);
}

static void put_statistics(cp_json *j, const cp_parquet_node *leaf,
                           const cp_parquet_column_metadata *m)
{
    const cp_parquet_statistics *s = &m->statistics;
    bool has_min = cp_thrift_has(s->has, CP_STATISTICS_MIN);
    bool has_max = cp_thrift_has(s->has, CP_STATISTICS_MAX);
    bool has_old_min = cp_thrift_has(s->has, CP_STATISTICS_OLD_MIN);
    bool has_old_max = cp_thrift_has(s->has, CP_STATISTICS_OLD_MAX);
    put_optional_int(j, "nulls", cp_thrift_has(s->has, CP_STATISTICS_NULL_COUNT), s->null_count);
    put_optional_int(j, "nans", cp_thrift_has(s->has, CP_STATISTICS_NAN_COUNT), s->nan_count);
    put_optional_int(j, "distinct", cp_thrift_has(s->has, CP_STATISTICS_DISTINCT_COUNT),
                     s->distinct_count);
    put_bound(j, "min", leaf, has_min, s->min);
    put_bound(j, "max", leaf, has_max, s->max);
    put_optional_bool(j, "min_exact", cp_thrift_has(s->has, CP_STATISTICS_MIN_EXACT), s->min_exact);
    put_optional_bool(j, "max_exact", cp_thrift_has(s->has, CP_STATISTICS_MAX_EXACT), s->max_exact);
    put_bound(j, "old_min", leaf, has_old_min, s->old_min);
    put_bound(j, "old_max", leaf, has_old_max, s->old_max);
}

static void put_pages(cp_json *j, const cp_parquet_pages *pages)
{
    cp_json_object(j, "pages", false);
    cp_json_count(j, "data", pages->data_pages);
    cp_json_count(j, "data_v2", pages->v2_pages);
    cp_json_count(j, "dictionary", pages->dictionary_pages);
    cp_json_count(j, "index", pages->index_pages);
    cp_json_count(j, "checksums", pages->checksums);
    cp_json_count(j, "unpacked", pages->unpacked);
    put_encodings(j, "encodings", pages->encodings);
    cp_json_close(j);
}

static void put_dictionary(cp_json *j, const cp_parquet_chunk_survey *chunk)
{
    if (chunk->pages.dictionary_pages == 0) {
        cp_json_null(j, "dictionary");
        return;
    }
    cp_json_object(j, "dictionary", false);
    cp_json_count(j, "offset", chunk->offset);
    cp_json_count(j, "values", chunk->pages.dictionary_values);
    cp_json_close(j);
}

static void put_places(cp_json *j, const cp_parquet_chunk_survey *chunk)
{
    const cp_parquet_column_chunk *said = &chunk->said;
    const cp_parquet_column_metadata *m = &said->metadata;
    cp_json_int(j, "data_offset", m->data_page_offset);
    put_place(j, "column_index", cp_thrift_has(said->has, CP_CHUNK_COLUMN_INDEX_OFFSET),
              said->column_index_offset, said->column_index_length);
    put_place(j, "offset_index", cp_thrift_has(said->has, CP_CHUNK_OFFSET_INDEX_OFFSET),
              said->offset_index_offset, said->offset_index_length);
    put_place(j, "bloom_filter", cp_thrift_has(m->has, CP_COLUMN_BLOOM_OFFSET), m->bloom_offset,
              m->bloom_length);
}

static void put_metadata(cp_json *j, const cp_parquet_node *leaf,
                         const cp_parquet_chunk_survey *chunk)
{
    const cp_parquet_column_metadata *m = &chunk->said.metadata;
    put_encodings(j, "encodings", chunk->encodings);
    cp_json_string(j, "codec", cp_parquet_codec_name(m->codec));
    cp_json_int(j, "values", m->value_count);
    cp_json_int(j, "plain_bytes", m->plain_bytes);
    cp_json_int(j, "stored_bytes", m->stored_bytes);
    cp_json_count(j, "offset", chunk->offset);
    put_dictionary(j, chunk);
    put_places(j, chunk);
    put_statistics(j, leaf, m);
    put_pages(j, &chunk->pages);
}

static void put_chunk(cp_json *j, const cp_parquet_node *leaf, const cp_parquet_chunk_survey *chunk)
{
    cp_json_object(j, NULL, false);
    cp_json_string(j, "path", leaf->path);
    cp_json_string(j, "type", cp_parquet_type_name(leaf->element.type));
    cp_json_bool(j, "encrypted", chunk->is_encrypted);
    if (chunk->is_elsewhere)
        cp_json_text(j, "file", chunk->said.file_path);
    if (cp_thrift_has(chunk->said.has, CP_CHUNK_METADATA))
        put_metadata(j, leaf, chunk);
    cp_json_close(j);
}

static void put_group(cp_json *j, const cp_parquet_survey *survey,
                      const cp_parquet_group_survey *group)
{
    const cp_parquet_row_group *said = &group->said;
    cp_json_object(j, NULL, true);
    cp_json_int(j, "rows", said->row_count);
    cp_json_int(j, "total_bytes", said->plain_bytes);
    put_optional_int(j, "stored_bytes", cp_thrift_has(said->has, CP_GROUP_STORED_BYTES),
                     said->stored_bytes);
    put_optional_int(j, "offset", cp_thrift_has(said->has, CP_GROUP_FILE_OFFSET),
                     said->file_offset);
    put_optional_int(j, "ordinal", cp_thrift_has(said->has, CP_GROUP_ORDINAL), said->ordinal);
    cp_json_array(j, "columns", true);
    for (size_t i = 0; i < survey->tree.leaf_count; i++)
        put_chunk(j, cp_parquet_leaf(&survey->tree, i), &survey->chunks[group->first_chunk + i]);
    cp_json_close(j);
    cp_json_close(j);
}

static void put_groups(cp_json *j, const cp_parquet_survey *survey)
{
    cp_json_array(j, "row_groups", true);
    for (size_t i = 0; i < survey->group_count; i++)
        put_group(j, survey, &survey->groups[i]);
    cp_json_close(j);
}

/* ---- the file ---- */

static void put_key_value(cp_json *j, const cp_parquet_key_value *entry, bool in_full)
{
    cp_json_object(j, NULL, false);
    cp_json_text(j, "key", entry->key);
    cp_json_count(j, "bytes", entry->value.size);
    if (in_full)
        cp_json_text(j, "value", entry->value);
    cp_json_close(j);
}

static void put_key_values(cp_json *j, const cp_parquet_survey *survey, bool in_full)
{
    cp_thrift_reader at = survey->said.key_values.reader;
    cp_json_array(j, "key_values", true);
    for (size_t i = 0; !j->rc && i < survey->said.key_values.count; i++) {
        cp_parquet_key_value entry;
        j->rc = cp_parquet_key_value_read(&at, &entry, j->err);
        put_key_value(j, &entry, in_full);
    }
    cp_json_close(j);
}

static void put_head(cp_json *j, const char *path, const cp_parquet_survey *survey)
{
    cp_json_string(j, "casepipe", CASEPIPE_VERSION);
    cp_json_string(j, "path", path);
    cp_json_count(j, "bytes", survey->file->bytes);
    cp_json_array(j, "codecs", false);
    cp_json_close(j);
    cp_json_string(j, "format", "parquet");
    cp_json_bool(j, "empty", false);
    cp_json_string(j, "encryption", cp_encryption_name(survey));
    cp_json_bool(j, "footer_encrypted", survey->footer_is_encrypted);
    cp_json_count(j, "footer_offset", survey->footer_offset);
    cp_json_count(j, "footer_bytes", survey->footer_bytes);
}

static void put_contents(cp_json *j, const cp_parquet_survey *survey,
                         const cp_inspect_options *options)
{
    bool has_creator = cp_thrift_has(survey->said.has, CP_FILE_CREATED_BY);
    cp_json_int(j, "version", survey->said.version);
    if (has_creator)
        cp_json_text(j, "created_by", survey->said.created_by);
    else
        cp_json_null(j, "created_by");
    cp_json_int(j, "rows", survey->said.row_count);
    put_key_values(j, survey, options->metadata);
    put_schema(j, &survey->tree);
    put_groups(j, survey);
}

cp_rc cp_inspect_parquet_json(const char *path, const cp_parquet_survey *survey,
                              const cp_inspect_options *options, cp_writer *out, cp_error *err)
{
    cp_json j = cp_json_begin(out, err);
    cp_json_object(&j, NULL, true);
    put_head(&j, path, survey);
    if (!survey->footer_is_encrypted)
        put_contents(&j, survey, options);
    cp_json_close(&j);
    return j.rc;
}
