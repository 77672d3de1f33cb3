/* Checks of ColumnChunk and ColumnMetaData. */
#include "formats/parquet/chunk_check.h"

#include "formats/parquet/damage.h"

#include <inttypes.h>

typedef struct checked {
    const cp_parquet_tree *tree;
    const cp_parquet_node *leaf;
    int64_t rows;
    uint64_t footer_offset;
    const cp_thrift_reader *at;
    cp_parquet_chunk_survey *chunk;
} checked;

static const cp_parquet_column_metadata *metadata_of(const checked *c)
{
    return &c->chunk->said.metadata;
}

static bool chunk_has(const checked *c, int id)
{
    return cp_thrift_has(c->chunk->said.has, id);
}

static cp_rc check_types(const checked *c, cp_error *err)
{
    const cp_parquet_column_metadata *m = metadata_of(c);
    if (m->type != c->leaf->element.type)
        return cp_thrift_damaged(c->at, err, "the chunk has the type %d, the schema %d", m->type,
                                 c->leaf->element.type);
    if (m->codec < 0 || m->codec >= CP_PARQUET_CODEC_COUNT)
        return cp_thrift_damaged(c->at, err, "the codec %d is unknown", m->codec);
    return cp_parquet_tree_check_path(c->tree, c->leaf, &m->path, err);
}

static cp_rc read_encodings(const checked *c, cp_error *err)
{
    cp_thrift_reader at = metadata_of(c)->encodings.reader;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < metadata_of(c)->encodings.count; i++) {
        int32_t encoding;
        rc = cp_thrift_read_i32(&at, &encoding, err);
        if (!rc && (encoding < 0 || encoding >= CP_PARQUET_ENCODING_COUNT))
            return cp_thrift_damaged(&at, err, "the encoding %d is unknown", encoding);
        if (!rc)
            c->chunk->encodings |= UINT32_C(1) << encoding;
    }
    return rc;
}

/* A value for each row, and one at least where values repeat. */
static cp_rc check_counts(const checked *c, cp_error *err)
{
    const cp_parquet_column_metadata *m = metadata_of(c);
    bool repeats = c->leaf->repetition_max > 0;
    if (m->plain_bytes < 0 || m->stored_bytes < 0)
        return cp_thrift_damaged(c->at, err, "the chunk has a negative size");
    if (m->value_count < c->rows || (m->value_count > c->rows && !repeats))
        return cp_thrift_damaged(c->at, err,
                                 "the chunk has %" PRId64 " values, its row group %" PRId64 " rows",
                                 m->value_count, c->rows);
    return CP_OK;
}

/* 0: of any size */
static size_t bound_bytes(const cp_parquet_node *leaf)
{
    static const size_t bytes[CP_PARQUET_TYPE_COUNT] = {
        [CP_PARQUET_BOOLEAN] = 1, [CP_PARQUET_INT32] = 4, [CP_PARQUET_INT64] = 8,
        [CP_PARQUET_INT96] = 12,  [CP_PARQUET_FLOAT] = 4, [CP_PARQUET_DOUBLE] = 8,
    };
    return bytes[leaf->element.type];
}

static cp_rc check_bounds(const checked *c, const cp_parquet_statistics *s, cp_error *err)
{
    const cp_span bounds[] = {s->min, s->max, s->old_min, s->old_max};
    size_t size = bound_bytes(c->leaf);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (size > 0 && bounds[i].size > 0 && bounds[i].size != size)
            return cp_thrift_damaged(c->at, err, "a bound has %zu bytes instead of %zu",
                                     bounds[i].size, size);
    return CP_OK;
}

static bool counts_some(int64_t count, int64_t most)
{
    return count >= 0 && count <= most;
}

static cp_rc check_statistics(const checked *c, cp_error *err)
{
    const cp_parquet_column_metadata *m = metadata_of(c);
    const cp_parquet_statistics *s = &m->statistics;
    int64_t nulls_max = c->leaf->definition_max > 0 ? m->value_count : 0;
    if (!counts_some(s->null_count, nulls_max))
        return cp_thrift_damaged(c->at, err,
                                 "%" PRId64 " nulls among %" PRId64 " values that can be null",
                                 s->null_count, nulls_max);
    /* Not the number of distinct values: DuckDB gives an ENUM's symbols there, used or not. */
    if (!counts_some(s->nan_count, m->value_count))
        return cp_thrift_damaged(c->at, err, "%" PRId64 " NaNs among %" PRId64 " values",
                                 s->nan_count, m->value_count);
    return check_bounds(c, s, err);
}

static cp_rc check_place(const checked *c, const char *what, int64_t offset, int64_t bytes,
                         cp_error *err)
{
    if (offset < CP_PARQUET_MAGIC_BYTES || bytes < 0 || (uint64_t)offset > c->footer_offset ||
        (uint64_t)bytes > c->footer_offset - (uint64_t)offset)
        return cp_thrift_damaged(c->at, err,
                                 "the %s is said to lie at byte %" PRId64 ", %" PRId64
                                 " bytes long; bytes %d to %" PRIu64 " are there for it",
                                 what, offset, bytes, (int)CP_PARQUET_MAGIC_BYTES,
                                 c->footer_offset);
    return CP_OK;
}

/* An offset of 0 means to some writers that there is no dictionary. */
static cp_rc check_pages_place(const checked *c, cp_error *err)
{
    const cp_parquet_column_metadata *m = metadata_of(c);
    int64_t start = m->data_page_offset;
    if (cp_thrift_has(m->has, CP_COLUMN_DICTIONARY_OFFSET) && m->dictionary_page_offset != 0) {
        if (m->dictionary_page_offset < 0 || m->dictionary_page_offset >= start)
            return cp_thrift_damaged(c->at, err,
                                     "the dictionary is said to lie at byte %" PRId64
                                     ", not before the data at byte %" PRId64,
                                     m->dictionary_page_offset, start);
        start = m->dictionary_page_offset;
    }
    cp_rc rc = check_place(c, "column chunk", start, m->stored_bytes, err);
    if (!rc)
        c->chunk->offset = (uint64_t)start;
    return rc;
}

/* Offset and length stand together, or not at all. */
static cp_rc check_index_place(const checked *c, const char *what, int offset_id, int64_t offset,
                               int64_t bytes, cp_error *err)
{
    if (chunk_has(c, offset_id) != chunk_has(c, offset_id + 1))
        return cp_thrift_damaged(c->at, err, "the %s has an offset or a length alone", what);
    return chunk_has(c, offset_id) ? check_place(c, what, offset, bytes, err) : CP_OK;
}

static cp_rc check_places(const checked *c, cp_error *err)
{
    const cp_parquet_column_chunk *said = &c->chunk->said;
    cp_rc rc = check_pages_place(c, err);
    if (!rc)
        rc = check_index_place(c, "offset index", CP_CHUNK_OFFSET_INDEX_OFFSET,
                               said->offset_index_offset, said->offset_index_length, err);
    if (!rc)
        rc = check_index_place(c, "column index", CP_CHUNK_COLUMN_INDEX_OFFSET,
                               said->column_index_offset, said->column_index_length, err);
    if (!rc && cp_thrift_has(said->metadata.has, CP_COLUMN_BLOOM_OFFSET))
        rc = check_place(c, "Bloom filter", said->metadata.bloom_offset,
                         said->metadata.bloom_length, err);
    return rc;
}

cp_rc cp_parquet_chunk_check(const cp_parquet_tree *tree, size_t column, int64_t rows,
                             uint64_t footer_offset, const cp_thrift_reader *at,
                             cp_parquet_chunk_survey *chunk, cp_error *err)
{
    checked c = {tree, cp_parquet_leaf(tree, column), rows, footer_offset, at, chunk};
    chunk->is_elsewhere = chunk_has(&c, CP_CHUNK_FILE_PATH) && chunk->said.file_path.size > 0;
    chunk->is_encrypted = chunk_has(&c, CP_CHUNK_CRYPTO);
    if (!chunk_has(&c, CP_CHUNK_METADATA))
        return chunk->is_encrypted ? CP_OK
                                   : cp_thrift_damaged(at, err, "the chunk has no metadata");
    cp_rc rc = check_types(&c, err);
    if (!rc)
        rc = read_encodings(&c, err);
    if (!rc)
        rc = check_counts(&c, err);
    if (!rc)
        rc = check_statistics(&c, err);
    return rc || chunk->is_elsewhere ? rc : check_places(&c, err);
}
