/* The page index (PageIndex.md; parquet.thrift, ColumnIndex, OffsetIndex). */
#ifndef CP_FORMATS_PARQUET_PAGE_INDEX_H
#define CP_FORMATS_PARQUET_PAGE_INDEX_H

#include "formats/parquet/bounds.h"
#include "formats/parquet/group_file.h"

/* What the index says of a page. */
typedef struct cp_parquet_page_bounds {
    cp_parquet_bounds bounds;
    cp_parquet_written_bound least, greatest; /* where bounds.any */
    bool all_null;
} cp_parquet_page_bounds;

cp_parquet_page_bounds cp_parquet_page_bounds_of(cp_parquet_type type,
                                                 const cp_parquet_bounds *bounds, size_t row_count);

/* Appends struct ColumnIndex; nothing where a page has no upper bound to tell: it holds a NaN, or a
 * text that no short text is above. CP_E_MEMORY. */
cp_rc cp_parquet_column_index_put(const cp_parquet_column *column,
                                  const cp_parquet_page_bounds *pages, size_t count, cp_bytes *out,
                                  cp_error *err);

/* Appends struct OffsetIndex of pages whose group begins at `group_offset` of the file.
 * CP_E_MEMORY. */
cp_rc cp_parquet_offset_index_put(const cp_parquet_page_place *places, size_t count,
                                  uint64_t group_offset, cp_bytes *out, cp_error *err);

#endif
