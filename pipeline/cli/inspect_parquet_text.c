/* inspect --to text for a Parquet file: its head, its schema, its columns over all row groups. */
#include "formats/parquet/meaning.h"
#include "formats/parquet/names.h"
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/inspect_parts.h"

#include <inttypes.h>
#include <stdio.h>

enum { PATH_WIDTH_MAX = 40, ENCODINGS_BYTES = 256, CODECS_BYTES = 96 };

/* A column over all row groups. */
typedef struct column_sum {
    uint32_t encodings, codecs; /* a bit for each */
    uint64_t values, nulls, pages, plain_bytes, stored_bytes;
    bool has_nulls; /* counts of them, in all groups */
} column_sum;

static column_sum sum_column(const cp_parquet_survey *survey, size_t column)
{
    column_sum sum = {.has_nulls = true};
    for (size_t i = column; i < survey->chunk_count; i += survey->tree.leaf_count) {
        const cp_parquet_chunk_survey *chunk = &survey->chunks[i];
        const cp_parquet_column_metadata *m = &chunk->said.metadata;
        bool has_pages = chunk->pages.data_pages > 0;
        if (!cp_thrift_has(chunk->said.has, CP_CHUNK_METADATA)) {
            sum.has_nulls = false;
            continue;
        }
        sum.encodings |= has_pages ? chunk->pages.encodings : chunk->encodings;
        sum.codecs |= UINT32_C(1) << m->codec;
        sum.values += (uint64_t)m->value_count;
        sum.nulls += (uint64_t)m->statistics.null_count;
        sum.has_nulls &= cp_thrift_has(m->statistics.has, CP_STATISTICS_NULL_COUNT);
        sum.pages += chunk->pages.data_pages;
        sum.plain_bytes += (uint64_t)m->plain_bytes;
        sum.stored_bytes += (uint64_t)m->stored_bytes;
    }
    return sum;
}

/* ---- the head ---- */

static cp_rc print_format(const cp_parquet_survey *survey, cp_writer *out, cp_error *err)
{
    const char *encryption = cp_encryption_name(survey);
    if (survey->footer_is_encrypted)
        return cp_writef(out, err,
                         "format      parquet, its footer encrypted with %s: without the key "
                         "nothing more can be told\n",
                         encryption);
    cp_rc rc = cp_writef(out, err, "format      parquet, version %d\n", survey->said.version);
    return !rc && encryption
               ? cp_writef(out, err, "encryption  %s of some columns; the footer is readable\n",
                           encryption)
               : rc;
}

static cp_rc print_creator(const cp_parquet_survey *survey, cp_writer *out, cp_error *err)
{
    if (!cp_thrift_has(survey->said.has, CP_FILE_CREATED_BY))
        return CP_OK;
    cp_rc rc = cp_writef(out, err, "created by  ");
    if (!rc)
        rc = cp_print_visible(out, survey->said.created_by, err);
    return rc ? rc : cp_writef(out, err, "\n");
}

/* The value as it is, each line indented. */
static cp_rc print_value(cp_span value, cp_writer *out, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc && value.size > 0) {
        const uint8_t *end = memchr(value.data, '\n', value.size);
        size_t size = end ? (size_t)(end - value.data) : value.size;
        rc = cp_writef(out, err, "  ");
        if (!rc)
            rc = cp_print_visible(out, (cp_span){value.data, size}, err);
        if (!rc)
            rc = cp_writef(out, err, "\n");
        value.data += size + (end != NULL);
        value.size -= size + (end != NULL);
    }
    return rc;
}

static cp_rc print_key_values(const cp_parquet_survey *survey, bool in_full, cp_writer *out,
                              cp_error *err)
{
    cp_thrift_reader at = survey->said.key_values.reader;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < survey->said.key_values.count; i++) {
        cp_parquet_key_value entry;
        rc = cp_parquet_key_value_read(&at, &entry, err);
        if (!rc)
            rc = cp_writef(out, err, "metadata    ");
        if (!rc)
            rc = cp_print_visible(out, entry.key, err);
        if (!rc)
            rc = cp_writef(out, err, ", %zu byte%s\n", entry.value.size,
                           entry.value.size == 1 ? "" : "s");
        if (!rc && in_full)
            rc = print_value(entry.value, out, err);
    }
    return rc;
}

/* What was checked of the pages, and what could not be. */
static cp_rc print_pages(const cp_parquet_survey *survey, cp_writer *out, cp_error *err)
{
    uint64_t pages = 0, checksums = 0, unpacked = 0, encrypted = 0, elsewhere = 0;
    for (size_t i = 0; i < survey->chunk_count; i++) {
        const cp_parquet_pages *p = &survey->chunks[i].pages;
        pages += p->data_pages + p->dictionary_pages + p->index_pages;
        checksums += p->checksums;
        unpacked += p->unpacked;
        encrypted += survey->chunks[i].is_encrypted;
        elsewhere += survey->chunks[i].is_elsewhere;
    }
    cp_rc rc = cp_writef(out, err,
                         "pages       %" PRIu64 " read, %" PRIu64 " checksums right, %" PRIu64
                         " decompressed to the size they say\n",
                         pages, checksums, unpacked);
    if (!rc && checksums < pages)
        rc = cp_writef(out, err, "            %" PRIu64 " have no checksum\n", pages - checksums);
    if (!rc && unpacked < pages)
        rc = cp_writef(out, err,
                       "            %" PRIu64 " are in a codec that is not decompressed here: "
                       "headers and checksums are all that was checked\n",
                       pages - unpacked);
    if (!rc && encrypted > 0)
        rc = cp_writef(out, err,
                       "            %" PRIu64 " column chunks are encrypted, and were "
                       "not read\n",
                       encrypted);
    if (!rc && elsewhere > 0)
        rc = cp_writef(out, err, "            %" PRIu64 " column chunks lie in other files\n",
                       elsewhere);
    return rc;
}

static cp_rc print_head(const char *path, const cp_parquet_survey *survey,
                        const cp_inspect_options *options, cp_writer *out, cp_error *err)
{
    cp_rc rc =
        cp_writef(out, err, "path        %s\nbytes       %" PRIu64 "\n", path, survey->file->bytes);
    if (!rc)
        rc = print_format(survey, out, err);
    if (rc || survey->footer_is_encrypted)
        return rc;
    rc = print_creator(survey, out, err);
    if (!rc)
        rc = cp_writef(out, err, "rows        %" PRId64 " in %zu row group%s, %zu column%s\n",
                       survey->said.row_count, survey->group_count,
                       survey->group_count == 1 ? "" : "s", survey->tree.leaf_count,
                       survey->tree.leaf_count == 1 ? "" : "s");
    if (!rc)
        rc = cp_writef(out, err, "footer      %" PRIu64 " bytes at byte %" PRIu64 "\n",
                       survey->footer_bytes, survey->footer_offset);
    if (!rc)
        rc = print_key_values(survey, options->metadata, out, err);
    return rc ? rc : print_pages(survey, out, err);
}

/* ---- tables ---- */

static cp_rc print_padded(cp_writer *out, cp_span text, int width, cp_error *err)
{
    cp_rc rc = cp_print_visible(out, text, err);
    int padding = width - (int)(text.size < PATH_WIDTH_MAX ? text.size : PATH_WIDTH_MAX);
    return rc ? rc : cp_writef(out, err, "%*s", padding > 0 ? padding : 0, "");
}

static int name_width(const cp_parquet_tree *tree)
{
    size_t width = 0;
    for (size_t i = 1; i < tree->node_count; i++) {
        const cp_parquet_node *node = &tree->nodes[i];
        size_t wanted = 2 * (size_t)node->depth + node->element.name.size;
        width = wanted > width ? wanted : width;
    }
    return width < PATH_WIDTH_MAX ? (int)width : PATH_WIDTH_MAX;
}

static cp_rc print_node(const cp_parquet_node *node, int width, cp_writer *out, cp_error *err)
{
    char meaning_text[CP_PARQUET_MEANING_BYTES], type[48];
    const cp_parquet_schema_element *e = &node->element;
    cp_parquet_meaning meaning = cp_parquet_meaning_of(e);
    int indent = 2 * (int)node->depth;
    snprintf(type, sizeof type, "%s",
             cp_parquet_is_leaf(node) ? cp_parquet_type_name(e->type) : "group");
    if (cp_parquet_is_leaf(node) && e->type == CP_PARQUET_FIXED_LEN_BYTE_ARRAY)
        snprintf(type, sizeof type, "FIXED_LEN_BYTE_ARRAY(%d)", e->type_length);
    cp_rc rc = cp_writef(out, err, "%*s", indent, "");
    if (!rc)
        rc = print_padded(out, e->name, width - indent, err);
    if (!rc)
        rc = cp_writef(out, err, "  %-10s ", cp_parquet_repetition_name(e->repetition));
    return rc ? rc
              : cp_writef(out, err, meaning.logical ? "%-12s %s\n" : "%s%s\n", type,
                          cp_parquet_meaning_name(&meaning, meaning_text));
}

static cp_rc print_schema(const cp_parquet_tree *tree, cp_writer *out, cp_error *err)
{
    int width = name_width(tree);
    cp_rc rc = cp_writef(out, err, "\nschema\n");
    for (size_t i = 1; !rc && i < tree->node_count; i++)
        rc = print_node(&tree->nodes[i], width, out, err);
    return rc;
}

/* The names of the bits set, with commas between. */
static void join_names(uint32_t bits, const char *(*name)(int32_t), char *out, size_t capacity)
{
    size_t used = 0;
    out[0] = '\0';
    for (int32_t i = 0; i < 32 && used < capacity; i++)
        if (bits >> i & 1)
            used += (size_t)snprintf(out + used, capacity - used, "%s%s", used ? "," : "", name(i));
}

static cp_rc print_column(const cp_parquet_survey *survey, size_t column, int width, cp_writer *out,
                          cp_error *err)
{
    char encodings[ENCODINGS_BYTES], codecs[CODECS_BYTES], nulls[24] = "-";
    const char *path = cp_parquet_leaf(&survey->tree, column)->path;
    column_sum sum = sum_column(survey, column);
    double rows = survey->said.row_count > 0 ? (double)survey->said.row_count : 1;
    double stored = sum.stored_bytes > 0 ? (double)sum.stored_bytes : 1;
    join_names(sum.encodings, cp_parquet_encoding_name, encodings, sizeof encodings);
    join_names(sum.codecs, cp_parquet_codec_name, codecs, sizeof codecs);
    if (sum.has_nulls)
        snprintf(nulls, sizeof nulls, "%" PRIu64, sum.nulls);
    cp_rc rc = cp_writef(out, err, "  ");
    if (!rc)
        rc = print_padded(out, cp_span_of(path), width, err);
    return rc ? rc
              : cp_writef(out, err,
                          "%13" PRIu64 "%12s%8" PRIu64 "%14" PRIu64 "%8.2f%11.3f  %-13s%s\n",
                          sum.values, nulls, sum.pages, sum.stored_bytes,
                          (double)sum.plain_bytes / stored, (double)sum.stored_bytes / rows, codecs,
                          encodings);
}

static int path_width(const cp_parquet_tree *tree)
{
    size_t width = strlen("column");
    for (size_t i = 0; i < tree->leaf_count; i++) {
        size_t wanted = strlen(cp_parquet_leaf(tree, i)->path);
        width = wanted > width ? wanted : width;
    }
    return width < PATH_WIDTH_MAX ? (int)width : PATH_WIDTH_MAX;
}

static cp_rc print_columns(const cp_parquet_survey *survey, cp_writer *out, cp_error *err)
{
    int width = path_width(&survey->tree);
    cp_rc rc =
        cp_writef(out, err, "\n  %-*s%13s%12s%8s%14s%8s%11s  %-13s%s\n", width, "column", "values",
                  "nulls", "pages", "stored bytes", "ratio", "bytes/row", "codec", "encodings");
    for (size_t i = 0; !rc && i < survey->tree.leaf_count; i++)
        rc = print_column(survey, i, width, out, err);
    return rc;
}

cp_rc cp_inspect_parquet_text(const char *path, const cp_parquet_survey *survey,
                              const cp_inspect_options *options, cp_writer *out, cp_error *err)
{
    cp_rc rc = print_head(path, survey, options, out, err);
    if (rc || survey->footer_is_encrypted)
        return rc;
    rc = print_schema(&survey->tree, out, err);
    return rc ? rc : print_columns(survey, out, err);
}
