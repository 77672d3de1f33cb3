/* A walk over all pages of a column chunk, one behind the other, in constant memory but for the
 * chunk's indexes; and what its counts, its sizes and its indexes say, held against them. */
#ifndef CP_FORMATS_PARQUET_PAGE_WALK_H
#define CP_FORMATS_PARQUET_PAGE_WALK_H

#include "formats/parquet/page_content.h"

/* A larger page header is refused; other readers (Apache Arrow) do so, too. */
enum { CP_PARQUET_PAGE_HEADER_BYTES_MAX = 16 << 20 };

/* Used again for each chunk. */
typedef struct cp_parquet_walk {
    cp_seekable *file; /* borrowed */
    cp_parquet_content content;
    cp_bytes header, offset_index, column_index; /* bytes of the file */
} cp_parquet_walk;

/* CP_E_MEMORY; close in every case. */
cp_rc cp_parquet_walk_open(cp_parquet_walk *walk, cp_seekable *file, cp_error *err);
void cp_parquet_walk_close(cp_parquet_walk *walk); /* may be called twice */

/* The chunk of `leaf` in a group of `rows`, whose places have been checked; fills chunk->pages.
 * CP_E_DATA says the byte, CP_E_IO, CP_E_MEMORY. */
cp_rc cp_parquet_walk_chunk(cp_parquet_walk *walk, const cp_parquet_node *leaf, int64_t rows,
                            cp_parquet_chunk_survey *chunk, cp_error *err);

#endif
