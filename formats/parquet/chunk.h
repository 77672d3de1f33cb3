/* A column chunk: one column of a group as pages.
 *
 *   gathered -> values -> dictionary -> choice -> [dictionary page] data pages, their bounds
 *
 * A data page has at most 122880 rows, and at most 1 MiB of text unless it is one row: a compressor
 * wants large pages, and readers skip groups by their bounds before they look at pages. */
#ifndef CP_FORMATS_PARQUET_CHUNK_H
#define CP_FORMATS_PARQUET_CHUNK_H

#include "formats/parquet/choose.h"
#include "formats/parquet/group_file.h"
#include "formats/parquet/page_index.h"
#include "pipeline/core/group.h"

enum { CP_PARQUET_PAGE_ROWS = 122880, CP_PARQUET_PAGE_BYTES = 1 << 20 };

/* What one worker needs; zeroed is empty but for the bench's squeezer. Grows with the largest
 * column of a group, and is used again. */
typedef struct cp_parquet_workroom {
    cp_gathered gathered;
    cp_bytes converted;
    cp_parquet_dictionary dictionary;
    cp_parquet_bench bench;
    cp_parquet_page_bounds *page_bounds;
    size_t page_bounds_capacity;
} cp_parquet_workroom;

void cp_parquet_workroom_close(cp_parquet_workroom *room); /* may be called twice */

/* Appends the chunk of `column` to `out`: pages, places, details, and chunks[chunk_count], for
 * which there is room. `codec` is the one of the bench's squeezer. CP_E_DATA with the field named
 * (values.h), CP_E_MEMORY. */
cp_rc cp_parquet_chunk_put(const cp_group *group, const cp_parquet_column *column,
                           cp_parquet_codec codec, cp_parquet_workroom *room, cp_parquet_group *out,
                           cp_error *err);

#endif
