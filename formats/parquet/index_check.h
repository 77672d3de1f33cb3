/* The page index of a column chunk (PageIndex.md), held against its pages while they are walked.
 */
#ifndef CP_FORMATS_PARQUET_INDEX_CHECK_H
#define CP_FORMATS_PARQUET_INDEX_CHECK_H

#include "formats/parquet/survey.h"

typedef struct cp_parquet_index_walk {
    const cp_parquet_node *leaf;
    int64_t rows;
    const cp_parquet_column_chunk *chunk;
    bool has_places, has_bounds;
    cp_parquet_offset_index places;
    cp_thrift_reader next; /* of the places */
    size_t places_left;
    int64_t last_row; /* that a page began with; -1: none did */
    cp_parquet_column_index bounds;
} cp_parquet_index_walk;

/* Over the bytes of both indexes, which outlive the walk; empty: the chunk has none. CP_E_DATA. */
cp_rc cp_parquet_index_open(cp_parquet_index_walk *walk, const cp_parquet_node *leaf, int64_t rows,
                            const cp_parquet_column_chunk *chunk, const cp_bytes *offset_index,
                            const cp_bytes *column_index, cp_error *err);

/* The next data page: its place, its bytes with the header, the row that it begins with (-1: the
 * walker cannot tell). CP_E_DATA. */
cp_rc cp_parquet_index_page(cp_parquet_index_walk *walk, uint64_t offset, uint64_t bytes,
                            int64_t first_row, cp_error *err);

/* Whether the chunk's null count is `nulls`, by the word of `whose`, at a byte of the file; where
 * values do not repeat, and the chunk says it. CP_E_DATA. */
cp_rc cp_parquet_index_nulls(const cp_parquet_index_walk *walk, uint64_t nulls, const char *whose,
                             uint64_t byte, cp_error *err);

/* Behind the last page. CP_E_DATA. */
cp_rc cp_parquet_index_end(cp_parquet_index_walk *walk, uint64_t data_pages, cp_error *err);

#endif
