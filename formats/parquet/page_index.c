/* Column index and offset index. */
#include "formats/parquet/page_index.h"

cp_parquet_page_bounds cp_parquet_page_bounds_of(cp_parquet_type type,
                                                 const cp_parquet_bounds *bounds, size_t row_count)
{
    cp_parquet_page_bounds page = {.bounds = *bounds, .all_null = bounds->null_count == row_count};
    if (bounds->any) {
        page.least = cp_parquet_write_least(type, &bounds->least);
        page.greatest = cp_parquet_write_greatest(type, &bounds->greatest);
    }
    return page;
}

static bool can_be_told(const cp_parquet_page_bounds *page)
{
    return page->all_null || (cp_parquet_bounds_hold(&page->bounds) && !page->greatest.absent);
}

/* As they are written: cutting and rounding can change the order of texts. */
static int compare(cp_parquet_order order, const cp_parquet_bound *a,
                   const cp_parquet_written_bound *written_a, const cp_parquet_bound *b,
                   const cp_parquet_written_bound *written_b)
{
    return order == CP_PARQUET_BYTEWISE ? cp_span_compare(cp_parquet_written_span(written_a),
                                                          cp_parquet_written_span(written_b))
                                        : cp_parquet_bound_compare(order, a, b);
}

static cp_parquet_boundary_order boundary_order(cp_parquet_order order,
                                                const cp_parquet_page_bounds *pages, size_t count)
{
    const cp_parquet_page_bounds *before = NULL;
    bool ascends = true, descends = true;
    for (size_t i = 0; i < count; i++) {
        const cp_parquet_page_bounds *page = &pages[i];
        if (page->all_null)
            continue;
        if (before) {
            int least = compare(order, &before->bounds.least, &before->least, &page->bounds.least,
                                &page->least);
            int greatest = compare(order, &before->bounds.greatest, &before->greatest,
                                   &page->bounds.greatest, &page->greatest);
            ascends &= least <= 0 && greatest <= 0;
            descends &= least >= 0 && greatest >= 0;
        }
        before = page;
    }
    return ascends ? CP_PARQUET_ASCENDING : descends ? CP_PARQUET_DESCENDING : CP_PARQUET_UNORDERED;
}

static void put_bounds(const cp_parquet_page_bounds *pages, size_t count, cp_thrift *t)
{
    cp_thrift_list(t, 1, CP_THRIFT_TRUE, count);
    for (size_t i = 0; i < count; i++)
        cp_thrift_item_bool(t, pages[i].all_null);
    cp_thrift_list(t, 2, CP_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++)
        cp_thrift_item_binary(t, cp_parquet_written_span(&pages[i].least));
    cp_thrift_list(t, 3, CP_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++)
        cp_thrift_item_binary(t, cp_parquet_written_span(&pages[i].greatest));
}

cp_rc cp_parquet_column_index_put(const cp_parquet_column *column,
                                  const cp_parquet_page_bounds *pages, size_t count, cp_bytes *out,
                                  cp_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!can_be_told(&pages[i]))
            return CP_OK;
    cp_thrift t = cp_thrift_begin(out, err);
    put_bounds(pages, count, &t);
    cp_thrift_i32(&t, 4, (int32_t)boundary_order(column->order, pages, count));
    cp_thrift_list(&t, 5, CP_THRIFT_I64, count);
    for (size_t i = 0; i < count; i++)
        cp_thrift_item_int(&t, (int64_t)pages[i].bounds.null_count);
    if (column->order == CP_PARQUET_FLOATING) {
        cp_thrift_list(&t, 8, CP_THRIFT_I64, count);
        for (size_t i = 0; i < count; i++)
            cp_thrift_item_int(&t, (int64_t)pages[i].bounds.nan_count);
    }
    cp_thrift_end(&t);
    return t.rc;
}

cp_rc cp_parquet_offset_index_put(const cp_parquet_page_place *places, size_t count,
                                  uint64_t group_offset, cp_bytes *out, cp_error *err)
{
    cp_thrift t = cp_thrift_begin(out, err);
    cp_thrift_list(&t, 1, CP_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        cp_thrift_item_struct(&t);
        cp_thrift_i64(&t, 1, (int64_t)(group_offset + places[i].offset));
        cp_thrift_i32(&t, 2, (int32_t)places[i].bytes);
        cp_thrift_i64(&t, 3, (int64_t)places[i].first_row);
        cp_thrift_end(&t);
    }
    cp_thrift_end(&t);
    return t.rc;
}
