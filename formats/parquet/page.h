/* Pages: header, checksum, bytes (README.md, "Data Pages", "Checksumming"; parquet.thrift,
 * PageHeader). Data pages are of version 1, which every reader knows:
 *
 *   [definition levels: length, runs] values   compressed together */
#ifndef CP_FORMATS_PARQUET_PAGE_H
#define CP_FORMATS_PARQUET_PAGE_H

#include "formats/parquet/group_file.h"

typedef struct cp_parquet_page {
    cp_parquet_page_type type;
    cp_parquet_encoding encoding;
    size_t value_count; /* nulls included */
    cp_span stored;     /* compressed, if the chunk is */
    size_t plain_size;  /* of the same before compression */
} cp_parquet_page;

/* Appends the page to `pages`; *plain_bytes are its bytes before compression, header included.
 * CP_E_MEMORY. */
cp_rc cp_parquet_put_page(const cp_parquet_page *page, cp_bytes *pages, size_t *plain_bytes,
                          cp_error *err);

#endif
