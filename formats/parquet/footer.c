/* Column metadata, indexes and FileMetaData (parquet.thrift, structs of those names). */
#include "formats/parquet/footer.h"

#include "formats/parquet/page_index.h"

void cp_parquet_footer_clear(cp_parquet_footer *footer)
{
    footer->rows = 0;
    footer->group_count = 0;
    footer->chunk_count = 0;
    footer->count_bytes = 0;
    footer->metadata.size = 0;
    footer->column_indexes.size = 0;
    footer->offset_indexes.size = 0;
}

void cp_parquet_footer_close(cp_parquet_footer *footer)
{
    free(footer->groups);
    free(footer->chunks);
    cp_bytes_free(&footer->metadata);
    cp_bytes_free(&footer->column_indexes);
    cp_bytes_free(&footer->offset_indexes);
    *footer = (cp_parquet_footer){0};
}

/* ---- adding a group ---- */

/* Those of the levels and of the dictionary page as well. */
static void put_encodings(const cp_parquet_column *column, const cp_parquet_chunk *chunk,
                          cp_thrift *t)
{
    bool has_levels = !column->field->required && chunk->encoding != CP_PARQUET_RLE;
    cp_thrift_list(t, 2, CP_THRIFT_I32, 1u + has_levels + chunk->has_dictionary);
    if (chunk->has_dictionary)
        cp_thrift_item_int(t, CP_PARQUET_PLAIN);
    if (has_levels)
        cp_thrift_item_int(t, CP_PARQUET_RLE);
    cp_thrift_item_int(t, chunk->encoding);
}

static void put_page_encoding(cp_parquet_page_type type, cp_parquet_encoding encoding, size_t count,
                              cp_thrift *t)
{
    cp_thrift_item_struct(t);
    cp_thrift_i32(t, 1, type);
    cp_thrift_i32(t, 2, encoding);
    cp_thrift_i32(t, 3, (int32_t)count);
    cp_thrift_end(t);
}

static cp_rc put_metadata(const cp_parquet_column *column, const cp_parquet_chunk *chunk,
                          uint64_t rows, uint64_t offset, cp_span statistics, cp_bytes *out,
                          cp_error *err)
{
    cp_thrift t = cp_thrift_begin(out, err);
    cp_thrift_i32(&t, 1, column->type);
    put_encodings(column, chunk, &t);
    cp_thrift_list(&t, 3, CP_THRIFT_BINARY, 1);
    cp_thrift_item_binary(&t, cp_span_of(column->field->name));
    cp_thrift_i32(&t, 4, chunk->codec);
    cp_thrift_i64(&t, 5, (int64_t)rows);
    cp_thrift_i64(&t, 6, (int64_t)chunk->plain_bytes);
    cp_thrift_i64(&t, 7, (int64_t)chunk->bytes);
    cp_thrift_i64(&t, 9, (int64_t)(offset + chunk->data_offset));
    if (chunk->has_dictionary)
        cp_thrift_i64(&t, 11, (int64_t)(offset + chunk->offset));
    cp_thrift_written(&t, 12, statistics);
    cp_thrift_list(&t, 13, CP_THRIFT_STRUCT, 1u + chunk->has_dictionary);
    if (chunk->has_dictionary)
        put_page_encoding(CP_PARQUET_DICTIONARY_PAGE, CP_PARQUET_PLAIN, 1, &t);
    put_page_encoding(CP_PARQUET_DATA_PAGE, chunk->encoding, chunk->page_count, &t);
    cp_thrift_end(&t);
    return t.rc;
}

/* `details` and `places` begin with what is the chunk's. */
static cp_rc add_chunk(cp_parquet_footer *footer, const cp_parquet_column *column,
                       const cp_parquet_group *group, const cp_parquet_chunk *chunk,
                       uint64_t offset, const uint8_t *details, const cp_parquet_page_place *places,
                       cp_error *err)
{
    cp_span statistics = {details, chunk->statistics_bytes};
    cp_parquet_chunk_record *record = &footer->chunks[footer->chunk_count++];
    size_t before = footer->metadata.size;
    cp_rc rc =
        put_metadata(column, chunk, group->base.rows, offset, statistics, &footer->metadata, err);
    record->metadata_bytes = footer->metadata.size - before;
    if (!rc)
        rc = cp_bytes_put(&footer->column_indexes, details + chunk->statistics_bytes,
                          chunk->column_index_bytes, err);
    record->column_index_bytes = chunk->column_index_bytes;
    before = footer->offset_indexes.size;
    if (!rc)
        rc = cp_parquet_offset_index_put(places, chunk->page_count, offset, &footer->offset_indexes,
                                         err);
    record->offset_index_bytes = footer->offset_indexes.size - before;
    return rc;
}

static uint64_t plain_bytes(const cp_parquet_group *group)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < group->chunk_count; i++)
        sum += group->chunks[i].plain_bytes;
    return sum;
}

/* Of a field with a number up to `most`: its head and the varint. */
static uint64_t number_bytes(uint64_t most)
{
    uint8_t room[CP_VARINT_BYTES];
    return 1 + (uint64_t)(cp_put_varint(room, cp_zigzag((int64_t)most)) - room);
}

static uint64_t count_bytes(const cp_parquet_group *group)
{
    return number_bytes(group->base.rows) + number_bytes(plain_bytes(group));
}

cp_rc cp_parquet_footer_add(cp_parquet_footer *footer, const cp_parquet_file *file,
                            const cp_parquet_group *group, uint64_t offset, cp_error *err)
{
    cp_rc rc = cp_grow(&footer->groups, &footer->group_capacity, footer->group_count + 1,
                       sizeof *footer->groups, err);
    if (!rc)
        rc = cp_grow(&footer->chunks, &footer->chunk_capacity,
                     footer->chunk_count + group->chunk_count, sizeof *footer->chunks, err);
    const uint8_t *details = group->details.data;
    const cp_parquet_page_place *places = group->places;
    for (size_t i = 0; !rc && i < group->chunk_count; i++) {
        const cp_parquet_chunk *chunk = &group->chunks[i];
        rc = add_chunk(footer, &file->columns[i], group, chunk, offset, details, places, err);
        details += chunk->statistics_bytes + chunk->column_index_bytes;
        places += chunk->page_count;
    }
    if (rc)
        return rc;
    footer->groups[footer->group_count++] =
        (cp_parquet_group_record){group->base.rows, offset, group->pages.size, plain_bytes(group)};
    footer->rows += group->base.rows;
    footer->count_bytes += count_bytes(group);
    return CP_OK;
}

/* ---- writing ---- */

/* Where the parts of the next chunk are. */
typedef struct cursor {
    const cp_parquet_chunk_record *record;
    const uint8_t *metadata;
    uint64_t column_index, offset_index; /* in the file */
} cursor;

static void put_chunk(cursor *at, cp_thrift *t)
{
    const cp_parquet_chunk_record *record = at->record++;
    cp_thrift_item_struct(t);
    cp_thrift_i64(t, 2, 0); /* file_offset: no metadata stands outside of the footer */
    cp_thrift_written(t, 3, (cp_span){at->metadata, record->metadata_bytes});
    cp_thrift_i64(t, 4, (int64_t)at->offset_index);
    cp_thrift_i32(t, 5, (int32_t)record->offset_index_bytes);
    if (record->column_index_bytes) {
        cp_thrift_i64(t, 6, (int64_t)at->column_index);
        cp_thrift_i32(t, 7, (int32_t)record->column_index_bytes);
    }
    cp_thrift_end(t);
    at->metadata += record->metadata_bytes;
    at->column_index += record->column_index_bytes;
    at->offset_index += record->offset_index_bytes;
}

static void put_groups(const cp_parquet_footer *footer, const cp_parquet_file *file, cursor *at,
                       cp_thrift *t)
{
    cp_thrift_list(t, 4, CP_THRIFT_STRUCT, footer->group_count);
    for (size_t i = 0; i < footer->group_count; i++) {
        const cp_parquet_group_record *group = &footer->groups[i];
        cp_thrift_item_struct(t);
        cp_thrift_list(t, 1, CP_THRIFT_STRUCT, file->column_count);
        for (size_t k = 0; k < file->column_count; k++)
            put_chunk(at, t);
        cp_thrift_i64(t, 2, (int64_t)group->plain_bytes);
        cp_thrift_i64(t, 3, (int64_t)group->rows);
        cp_thrift_i64(t, 5, (int64_t)group->offset);
        cp_thrift_i64(t, 6, (int64_t)group->bytes);
        if (i <= INT16_MAX)
            cp_thrift_i16(t, 7, (int16_t)i);
        cp_thrift_end(t);
    }
}

static void put_key_values(const cp_parquet_file *file, cp_thrift *t)
{
    if (!file->schema_yaml)
        return;
    cp_thrift_list(t, 5, CP_THRIFT_STRUCT, 1);
    cp_thrift_item_struct(t);
    cp_thrift_binary(t, 1, cp_span_of("casepipe.schema"));
    cp_thrift_binary(t, 2, cp_span_of(file->schema_yaml));
    cp_thrift_end(t);
}

/* TypeDefinedOrder for each column: without it no bound means anything. */
static void put_column_orders(const cp_parquet_file *file, cp_thrift *t)
{
    cp_thrift_list(t, 7, CP_THRIFT_STRUCT, file->column_count);
    for (size_t i = 0; i < file->column_count; i++) {
        cp_thrift_item_struct(t);
        cp_thrift_empty_struct(t, 1);
        cp_thrift_end(t);
    }
}

static cp_rc put_file_metadata(const cp_parquet_footer *footer, const cp_parquet_file *file,
                               uint64_t offset, cp_bytes *out, cp_error *err)
{
    cursor at = {footer->chunks, footer->metadata.data, offset,
                 offset + footer->column_indexes.size};
    cp_thrift t = cp_thrift_begin(out, err);
    cp_thrift_i32(&t, 1, CP_PARQUET_VERSION);
    cp_parquet_columns_put(file->columns, file->column_count, &t, 2);
    cp_thrift_i64(&t, 3, (int64_t)footer->rows);
    put_groups(footer, file, &at, &t);
    put_key_values(file, &t);
    if (file->created_by)
        cp_thrift_binary(&t, 6, cp_span_of(file->created_by));
    put_column_orders(file, &t);
    cp_thrift_end(&t);
    return t.rc;
}

/* README.md, "File format": the metadata, its length, magic. */
static cp_rc put_end(const cp_parquet_footer *footer, const cp_parquet_file *file, uint64_t offset,
                     cp_bytes *out, cp_error *err)
{
    cp_rc rc = put_file_metadata(footer, file, offset, out, err);
    if (!rc && out->size > INT32_MAX)
        return cp_fail(err, CP_E_DATA, "footer_too_large",
                       "the footer of %zu row groups is larger than 2 GiB", footer->group_count);
    uint8_t length[4];
    cp_put_u32(length, (uint32_t)out->size);
    if (!rc)
        rc = cp_bytes_put(out, length, sizeof length, err);
    return rc ? rc : cp_bytes_put(out, CP_PARQUET_MAGIC, CP_PARQUET_MAGIC_BYTES, err);
}

cp_rc cp_parquet_footer_write(const cp_parquet_footer *footer, const cp_parquet_file *file,
                              uint64_t offset, cp_writer *writer, cp_error *err)
{
    cp_bytes end = {0};
    cp_rc rc = put_end(footer, file, offset, &end, err);
    if (!rc)
        rc = cp_write(writer, footer->column_indexes.data, footer->column_indexes.size, err);
    if (!rc)
        rc = cp_write(writer, footer->offset_indexes.data, footer->offset_indexes.size, err);
    if (!rc)
        rc = cp_write(writer, end.data, end.size, err);
    cp_bytes_free(&end);
    return rc;
}

/* ---- how large the file will be ----
 *
 * Where a number stands in the file is not known before its end. None of these numbers is larger
 * than the file, so one that is too large gives a bound, and the bound a better one. */

cp_rc cp_parquet_footer_frame_bytes(const cp_parquet_file *file, uint64_t *out, cp_error *err)
{
    cp_bytes end = {0};
    cp_rc rc = put_end(&(cp_parquet_footer){0}, file, CP_PARQUET_MAGIC_BYTES, &end, err);
    *out = end.size;
    cp_bytes_free(&end);
    return rc;
}

/* What put_chunk and put_groups add to the metadata; `place`: a field with a place in the file. */
static uint64_t entries_at_most(uint64_t chunks, uint64_t groups, uint64_t place)
{
    enum { CHUNK_BYTES = 4, GROUP_BYTES = 9 }; /* besides places and counts */
    return chunks * (CHUNK_BYTES + 4 * place) + groups * (GROUP_BYTES + 2 * place);
}

/* What add_chunk keeps: metadata, column index, offset index. */
static uint64_t chunk_at_most(const cp_parquet_column *column, const cp_parquet_group *group,
                              const cp_parquet_chunk *chunk, uint64_t place)
{
    enum { METADATA_BYTES = 27, INDEX_BYTES = 2 }; /* besides numbers and texts */
    size_t name = strlen(column->field->name);
    uint64_t rows = number_bytes(group->base.rows);
    return METADATA_BYTES + number_bytes(name) + name + rows + number_bytes(chunk->plain_bytes) +
           3 * place + chunk->statistics_bytes + chunk->column_index_bytes + INDEX_BYTES +
           2 * number_bytes(chunk->page_count) + chunk->page_count * (1 + 2 * place + rows);
}

static uint64_t group_at_most(const cp_parquet_file *file, const cp_parquet_group *group,
                              uint64_t place)
{
    uint64_t bytes = group->pages.size + count_bytes(group);
    for (size_t i = 0; i < group->chunk_count; i++)
        bytes += chunk_at_most(&file->columns[i], group, &group->chunks[i], place);
    return bytes + entries_at_most(group->chunk_count, 1, place);
}

uint64_t cp_parquet_footer_file_bytes(const cp_parquet_footer *footer, const cp_parquet_file *file,
                                      const cp_parquet_group *next, uint64_t bytes)
{
    enum { TOTALS_BYTES = 2 * CP_VARINT_BYTES }; /* all rows, the number of groups, the length */
    uint64_t known = bytes + TOTALS_BYTES + footer->metadata.size + footer->column_indexes.size +
                     footer->offset_indexes.size + footer->count_bytes;
    uint64_t most = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        uint64_t place = number_bytes(most);
        most = known + entries_at_most(footer->chunk_count, footer->group_count, place) +
               (next ? group_at_most(file, next, place) : 0);
    }
    return most;
}
