/* Page headers and checksums. */
#include "formats/parquet/page.h"

#include <zlib.h>

static uint32_t checksum(cp_span stored)
{
    return (uint32_t)crc32(0, stored.data, (uInt)stored.size);
}

static void put_header(const cp_parquet_page *page, cp_thrift *t)
{
    cp_thrift_i32(t, 1, (int32_t)page->type);
    cp_thrift_i32(t, 2, (int32_t)page->plain_size);
    cp_thrift_i32(t, 3, (int32_t)page->stored.size);
    cp_thrift_i32(t, 4, (int32_t)checksum(page->stored));
    cp_thrift_struct(t, page->type == CP_PARQUET_DATA_PAGE ? 5 : 7);
    cp_thrift_i32(t, 1, (int32_t)page->value_count);
    cp_thrift_i32(t, 2, (int32_t)page->encoding);
    if (page->type == CP_PARQUET_DATA_PAGE) {
        cp_thrift_i32(t, 3, CP_PARQUET_RLE); /* definition levels */
        cp_thrift_i32(t, 4, CP_PARQUET_RLE); /* repetition levels, of which there are none */
    }
    cp_thrift_end(t);
    cp_thrift_end(t);
}

cp_rc cp_parquet_put_page(const cp_parquet_page *page, cp_bytes *pages, size_t *plain_bytes,
                          cp_error *err)
{
    size_t start = pages->size;
    cp_thrift t = cp_thrift_begin(pages, err);
    put_header(page, &t);
    if (t.rc)
        return t.rc;
    *plain_bytes = pages->size - start + page->plain_size;
    return cp_bytes_put(pages, page->stored.data, page->stored.size, err);
}
