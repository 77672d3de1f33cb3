/* What stands behind a page's header: that its checksum is right, and that it holds as many bytes
 * as the header says, and as many values if it is a dictionary. Read once, in pieces.
 *
 *   file --pieces, CRC-32--> [levels of a version 2 page] --decompressor--> bytes, counted
 */
#ifndef CP_FORMATS_PARQUET_PAGE_CONTENT_H
#define CP_FORMATS_PARQUET_PAGE_CONTENT_H

#include "formats/parquet/survey.h"
#include "pipeline/core/buffer.h"

/* What checking works with; used again for each page. Zeroed is empty. */
typedef struct cp_parquet_content {
    cp_pool *pool;
    uint8_t *piece;
} cp_parquet_content;

/* CP_E_MEMORY; close in every case. */
cp_rc cp_parquet_content_open(cp_parquet_content *content, cp_error *err);
void cp_parquet_content_close(cp_parquet_content *content); /* may be called twice */

/* The page whose header, checked, ends at `offset` of the file, in a chunk of `codec`; of a
 * dictionary `element` is the column. Counts in
 * `found` what could be checked: checksums where there is one, content where it is stored plainly
 * or casepipe has the decompressor, and its window is not too large. CP_E_DATA says the byte;
 * CP_E_IO, CP_E_MEMORY. */
cp_rc cp_parquet_content_check(const cp_parquet_content *content, cp_seekable *file,
                               uint64_t offset, const cp_parquet_page_header *header, int32_t codec,
                               const cp_parquet_schema_element *element, cp_parquet_pages *found,
                               cp_error *err);

#endif
