/* Sort by place, compare neighbours. */
#include "formats/parquet/extents.h"

#include "formats/parquet/damage.h"

typedef enum extent_kind { PAGES, OFFSET_INDEX, COLUMN_INDEX, BLOOM_FILTER, KINDS } extent_kind;

typedef struct extent {
    uint64_t start, end;
    size_t chunk;
    extent_kind kind;
} extent;

static void add(extent *extents, size_t *count, size_t chunk, extent_kind kind, uint64_t start,
                int64_t bytes)
{
    if (bytes > 0) /* their places have been checked; nothing can lie on nothing */
        extents[(*count)++] = (extent){start, start + (uint64_t)bytes, chunk, kind};
}

static void add_chunk(const cp_parquet_survey *survey, size_t i, extent *extents, size_t *count)
{
    const cp_parquet_chunk_survey *chunk = &survey->chunks[i];
    const cp_parquet_column_chunk *said = &chunk->said;
    if (chunk->is_elsewhere || !cp_thrift_has(said->has, CP_CHUNK_METADATA))
        return;
    add(extents, count, i, PAGES, chunk->offset, said->metadata.stored_bytes);
    if (cp_thrift_has(said->has, CP_CHUNK_OFFSET_INDEX_OFFSET))
        add(extents, count, i, OFFSET_INDEX, (uint64_t)said->offset_index_offset,
            said->offset_index_length);
    if (cp_thrift_has(said->has, CP_CHUNK_COLUMN_INDEX_OFFSET))
        add(extents, count, i, COLUMN_INDEX, (uint64_t)said->column_index_offset,
            said->column_index_length);
    if (cp_thrift_has(said->metadata.has, CP_COLUMN_BLOOM_OFFSET))
        add(extents, count, i, BLOOM_FILTER, (uint64_t)said->metadata.bloom_offset,
            said->metadata.bloom_length);
}

static int by_start(const void *a, const void *b)
{
    uint64_t x = ((const extent *)a)->start, y = ((const extent *)b)->start;
    return (x > y) - (x < y);
}

static cp_rc overlap(const cp_parquet_survey *survey, const extent *a, const extent *b,
                     cp_error *err)
{
    static const char *const names[] = {"pages", "offset index", "column index", "Bloom filter"};
    size_t columns = survey->tree.leaf_count;
    return cp_parquet_damaged(
        err, b->start, "the %s of row group %zu, %s, lie over the %s of row group %zu, %s",
        names[b->kind], b->chunk / columns + 1,
        cp_parquet_leaf(&survey->tree, b->chunk % columns)->path, names[a->kind],
        a->chunk / columns + 1, cp_parquet_leaf(&survey->tree, a->chunk % columns)->path);
}

cp_rc cp_parquet_extents_check(const cp_parquet_survey *survey, cp_error *err)
{
    extent *extents;
    size_t count = 0;
    cp_rc rc = cp_calloc(survey->chunk_count * KINDS, sizeof *extents, &extents, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < survey->chunk_count; i++)
        add_chunk(survey, i, extents, &count);
    qsort(extents, count, sizeof *extents, by_start);
    for (size_t i = 1; !rc && i < count; i++)
        if (extents[i].start < extents[i - 1].end)
            rc = overlap(survey, &extents[i - 1], &extents[i], err);
    free(extents);
    return rc;
}
