/* Offset index and column index against pages and statistics. */
#include "formats/parquet/index_check.h"

#include "formats/parquet/damage.h"

#include <inttypes.h>

/* All of the bytes are one struct. */
static cp_rc read_index(const char *what, uint64_t offset, const cp_bytes *bytes,
                        const cp_thrift_shape *shape, void *out, cp_error *err)
{
    cp_thrift_reader at = {.what = what, .bytes = {bytes->data, bytes->size}, .offset = offset};
    cp_rc rc = cp_thrift_read(&at, shape, out, err);
    if (!rc && at.at != bytes->size)
        rc = cp_thrift_damaged(&at, err, "%zu bytes stand behind it", bytes->size - at.at);
    return rc;
}

cp_rc cp_parquet_index_open(cp_parquet_index_walk *walk, const cp_parquet_node *leaf, int64_t rows,
                            const cp_parquet_column_chunk *chunk, const cp_bytes *offset_index,
                            const cp_bytes *column_index, cp_error *err)
{
    *walk = (cp_parquet_index_walk){.leaf = leaf, .rows = rows, .chunk = chunk, .last_row = -1};
    walk->has_places = cp_thrift_has(chunk->has, CP_CHUNK_OFFSET_INDEX_OFFSET);
    walk->has_bounds = cp_thrift_has(chunk->has, CP_CHUNK_COLUMN_INDEX_OFFSET);
    cp_rc rc = CP_OK;
    if (walk->has_places)
        rc = read_index("offset index", (uint64_t)chunk->offset_index_offset, offset_index,
                        &cp_parquet_offset_index_shape, &walk->places, err);
    if (!rc && walk->has_bounds)
        rc = read_index("column index", (uint64_t)chunk->column_index_offset, column_index,
                        &cp_parquet_column_index_shape, &walk->bounds, err);
    walk->next = walk->places.pages.reader;
    walk->places_left = walk->places.pages.count;
    return rc;
}

/* The first page begins with row 0, each later one with a later row. */
static cp_rc check_first_row(const cp_parquet_index_walk *walk, int64_t said, int64_t first_row,
                             cp_error *err)
{
    bool follows = walk->last_row < 0 ? said == 0 : said >= walk->last_row;
    if (!follows || said >= (walk->rows ? walk->rows : 1) || (first_row >= 0 && said != first_row))
        return cp_thrift_damaged(&walk->next, err, "a page is said to begin with row %" PRId64,
                                 said);
    return CP_OK;
}

cp_rc cp_parquet_index_page(cp_parquet_index_walk *walk, uint64_t offset, uint64_t bytes,
                            int64_t first_row, cp_error *err)
{
    cp_parquet_page_location place = {0};
    if (!walk->has_places)
        return CP_OK;
    if (walk->places_left == 0)
        return cp_thrift_damaged(&walk->next, err,
                                 "it has fewer pages than the chunk, the next one at byte %" PRIu64,
                                 offset);
    cp_rc rc = cp_thrift_read(&walk->next, &cp_parquet_page_location_shape, &place, err);
    if (rc)
        return rc;
    if (place.offset < 0 || (uint64_t)place.offset != offset || place.stored_bytes < 0 ||
        (uint64_t)place.stored_bytes != bytes)
        return cp_thrift_damaged(&walk->next, err,
                                 "a page is said to lie at byte %" PRId64
                                 ", %d bytes long; it lies at %" PRIu64 ", %" PRIu64,
                                 place.offset, place.stored_bytes, offset, bytes);
    rc = check_first_row(walk, place.first_row, first_row, err);
    walk->last_row = place.first_row;
    walk->places_left--;
    return rc;
}

cp_rc cp_parquet_index_nulls(const cp_parquet_index_walk *walk, uint64_t nulls, const char *whose,
                             uint64_t byte, cp_error *err)
{
    const cp_parquet_statistics *s = &walk->chunk->metadata.statistics;
    if (walk->leaf->repetition_max > 0 || !cp_thrift_has(s->has, CP_STATISTICS_NULL_COUNT) ||
        (uint64_t)s->null_count == nulls)
        return CP_OK;
    return cp_parquet_damaged(err, byte,
                              "the chunk has %" PRIu64 " nulls by its %s, the footer says %" PRId64,
                              nulls, whose, s->null_count);
}

static cp_rc check_null_counts(const cp_parquet_index_walk *walk, cp_error *err)
{
    const cp_thrift_items *list = &walk->bounds.null_counts;
    cp_thrift_reader at = list->reader;
    uint64_t sum = 0;
    for (size_t i = 0; i < list->count; i++) {
        int64_t nulls;
        cp_rc rc = cp_thrift_read_i64(&at, &nulls, err);
        if (rc)
            return rc;
        if (nulls < 0 || nulls > walk->chunk->metadata.value_count)
            return cp_thrift_damaged(&at, err, "a page is said to have %" PRId64 " nulls", nulls);
        sum += (uint64_t)nulls;
    }
    return cp_parquet_index_nulls(walk, sum, "column index", at.offset, err);
}

static cp_rc check_bounds(const cp_parquet_index_walk *walk, uint64_t data_pages, cp_error *err)
{
    const cp_parquet_column_index *b = &walk->bounds;
    bool has_nulls = cp_thrift_has(b->has, CP_COLUMN_INDEX_NULL_COUNTS);
    if (b->null_pages.count != data_pages || b->min.count != data_pages ||
        b->max.count != data_pages || (has_nulls && b->null_counts.count != data_pages))
        return cp_thrift_damaged(
            &b->null_pages.reader, err,
            "it is about another number of pages than the %" PRIu64 " of the chunk", data_pages);
    if (b->boundary_order < 0 || b->boundary_order >= CP_PARQUET_BOUNDARY_ORDER_COUNT)
        return cp_thrift_damaged(&b->null_pages.reader, err, "the order %d is unknown",
                                 b->boundary_order);
    return has_nulls ? check_null_counts(walk, err) : CP_OK;
}

cp_rc cp_parquet_index_end(cp_parquet_index_walk *walk, uint64_t data_pages, cp_error *err)
{
    if (walk->places_left > 0)
        return cp_thrift_damaged(&walk->next, err, "it has %zu pages more than the chunk",
                                 walk->places_left);
    return walk->has_bounds ? check_bounds(walk, data_pages, err) : CP_OK;
}
