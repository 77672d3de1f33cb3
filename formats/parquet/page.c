/* Page headers and checksums. */
#include "formats/parquet/page.h"

#include <zlib.h>

static uint32_t checksum(cp_span stored)
{
    return (uint32_t)crc32(0, stored.data, (uInt)stored.size);
}

static void put_header(const cp_parquet_page *page, size_t plain_size, cp_span stored, cp_thrift *t)
{
    cp_thrift_i32(t, 1, (int32_t)page->type);
    cp_thrift_i32(t, 2, (int32_t)plain_size);
    cp_thrift_i32(t, 3, (int32_t)stored.size);
    cp_thrift_i32(t, 4, (int32_t)checksum(stored));
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

cp_rc cp_parquet_put_page(cp_parquet_bench *bench, const cp_parquet_choice *choice,
                          const cp_parquet_page *page, cp_bytes *pages, size_t *plain_bytes,
                          cp_error *err)
{
    cp_span stored = {bench->body.bytes.data, bench->body.bytes.size};
    if (choice->compress) {
        cp_rc rc = cp_squeeze(bench->squeezer, choice->effort, &bench->body, &bench->squeezed, err);
        if (rc)
            return rc;
        stored = (cp_span){bench->squeezed.data, bench->squeezed.size};
    }
    size_t start = pages->size;
    cp_thrift t = cp_thrift_begin(pages, err);
    put_header(page, bench->body.bytes.size, stored, &t);
    if (t.rc)
        return t.rc;
    *plain_bytes = pages->size - start + bench->body.bytes.size;
    return cp_bytes_put(pages, stored.data, stored.size, err);
}
