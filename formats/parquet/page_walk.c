/* Page headers, one behind the other. */
#include "formats/parquet/page_walk.h"

#include "formats/parquet/damage.h"
#include "formats/parquet/index_check.h"

#include <inttypes.h>

enum { HEADER_BYTES_FIRST = 4096 };

/* Where the walk is, and what it has counted. */
typedef struct steps {
    cp_parquet_walk *walk;
    const cp_parquet_node *leaf;
    int64_t rows;
    cp_parquet_chunk_survey *chunk;
    uint64_t at, end;
    uint64_t values, plain_bytes; /* so far; headers included */
    uint64_t counts[CP_PARQUET_PAGE_TYPE_COUNT][CP_PARQUET_ENCODING_COUNT];
    cp_parquet_index_walk index;
} steps;

cp_rc cp_parquet_walk_open(cp_parquet_walk *walk, cp_seekable *file, cp_error *err)
{
    *walk = (cp_parquet_walk){.file = file};
    return cp_parquet_content_open(&walk->content, err);
}

void cp_parquet_walk_close(cp_parquet_walk *walk)
{
    cp_parquet_content_close(&walk->content);
    cp_bytes_free(&walk->header);
    cp_bytes_free(&walk->offset_index);
    cp_bytes_free(&walk->column_index);
}

/* ---- headers ---- */

static cp_rc load(cp_seekable *file, uint64_t offset, size_t size, cp_bytes *out, cp_error *err)
{
    out->size = 0;
    cp_rc rc = cp_bytes_reserve(out, size, err);
    if (!rc)
        rc = file->read(file, offset, out->data, size, err);
    out->size = rc ? 0 : size;
    return rc;
}

/* How long a header is, nobody says: more is shown until it ends. */
static cp_rc read_header(steps *s, cp_parquet_page_header *header, size_t *header_bytes,
                         cp_error *err)
{
    uint64_t left = s->end - s->at;
    size_t most =
        left < CP_PARQUET_PAGE_HEADER_BYTES_MAX ? (size_t)left : CP_PARQUET_PAGE_HEADER_BYTES_MAX;
    cp_thrift_reader at;
    cp_rc rc;
    size_t shown = most < HEADER_BYTES_FIRST ? most : HEADER_BYTES_FIRST;
    for (;;) {
        rc = load(s->walk->file, s->at, shown, &s->walk->header, err);
        if (rc)
            return rc;
        at = (cp_thrift_reader){
            .what = "page header", .bytes = {s->walk->header.data, shown}, .offset = s->at};
        *header = (cp_parquet_page_header){0};
        rc = cp_thrift_read(&at, &cp_parquet_page_header_shape, header, err);
        if (!at.cut || shown == most)
            break;
        shown = most / 4 < shown ? most : shown * 4;
    }
    *header_bytes = at.at;
    return rc;
}

/* Whether the chunk lists it is not asked: DuckDB (as of 1.5) does not list all. */
static cp_rc check_encoding(const steps *s, int32_t encoding, cp_error *err)
{
    return encoding >= 0 && encoding < CP_PARQUET_ENCODING_COUNT
               ? CP_OK
               : cp_parquet_damaged(err, s->at, "the page has the unknown encoding %d", encoding);
}

static bool is_level_encoding(int32_t encoding)
{
    return encoding == CP_PARQUET_RLE || encoding == CP_PARQUET_BIT_PACKED;
}

static cp_rc check_data(const steps *s, const cp_parquet_page_header *header, cp_error *err)
{
    const cp_parquet_data_page *page = &header->data;
    if (!cp_thrift_has(header->has, CP_PAGE_DATA))
        return cp_parquet_damaged(err, s->at, "a data page has no data page header");
    if (page->value_count < 0 || !is_level_encoding(page->definition_encoding) ||
        !is_level_encoding(page->repetition_encoding))
        return cp_parquet_damaged(err, s->at,
                                  "the page has a negative count, or an encoding that "
                                  "levels cannot have");
    return check_encoding(s, page->encoding, err);
}

static cp_rc check_data_v2(const steps *s, const cp_parquet_page_header *header, cp_error *err)
{
    const cp_parquet_data_page_v2 *page = &header->v2;
    if (!cp_thrift_has(header->has, CP_PAGE_V2))
        return cp_parquet_damaged(err, s->at, "a version 2 page has no header of its version");
    if (page->value_count < 0 || page->null_count < 0 || page->null_count > page->value_count ||
        page->row_count < 0 || page->row_count > page->value_count)
        return cp_parquet_damaged(err, s->at, "the page has %d rows and %d nulls among %d values",
                                  page->row_count, page->null_count, page->value_count);
    int64_t levels = (int64_t)page->definition_bytes + page->repetition_bytes;
    if (page->definition_bytes < 0 || page->repetition_bytes < 0 || levels > header->stored_bytes ||
        levels > header->plain_bytes)
        return cp_parquet_damaged(err, s->at, "the page has no room for its levels");
    return check_encoding(s, page->encoding, err);
}

/* Only the first page can be one (README.md, "Data Pages"). */
static cp_rc check_dictionary(const steps *s, const cp_parquet_page_header *header, cp_error *err)
{
    const cp_parquet_dictionary_page *page = &header->dictionary;
    if (!cp_thrift_has(header->has, CP_PAGE_DICTIONARY))
        return cp_parquet_damaged(err, s->at, "a dictionary page has no dictionary page header");
    if (s->at != s->chunk->offset)
        return cp_parquet_damaged(err, s->at, "a dictionary page is not the chunk's first page");
    if (page->value_count < 0 ||
        (page->encoding != CP_PARQUET_PLAIN && page->encoding != CP_PARQUET_PLAIN_DICTIONARY))
        return cp_parquet_damaged(err, s->at, "the dictionary page has %d values, encoding %d",
                                  page->value_count, page->encoding);
    return CP_OK;
}

static cp_rc check_header(const steps *s, const cp_parquet_page_header *header, size_t header_bytes,
                          cp_error *err)
{
    uint64_t room = s->end - s->at - header_bytes;
    if (header->plain_bytes < 0 || header->stored_bytes < 0 ||
        (uint64_t)header->stored_bytes > room)
        return cp_parquet_damaged(err, s->at,
                                  "the page is said to have %d bytes, decompressed %d; its chunk "
                                  "has %" PRIu64 " left",
                                  header->stored_bytes, header->plain_bytes, room);
    switch (header->type) {
    case CP_PARQUET_DATA_PAGE:
        return check_data(s, header, err);
    case CP_PARQUET_DATA_PAGE_V2:
        return check_data_v2(s, header, err);
    case CP_PARQUET_DICTIONARY_PAGE:
        return check_dictionary(s, header, err);
    case CP_PARQUET_INDEX_PAGE:
        return CP_OK;
    default:
        return cp_parquet_damaged(err, s->at, "the page has the unknown type %d", header->type);
    }
}

/* ---- counting ---- */

static void count_page(steps *s, const cp_parquet_page_header *header)
{
    cp_parquet_pages *found = &s->chunk->pages;
    switch (header->type) {
    case CP_PARQUET_DATA_PAGE:
        found->data_pages++;
        s->values += (uint64_t)header->data.value_count;
        s->counts[header->type][header->data.encoding]++;
        found->encodings |= UINT32_C(1) << header->data.encoding;
        break;
    case CP_PARQUET_DATA_PAGE_V2:
        found->data_pages++;
        found->v2_pages++;
        found->v2_nulls += (uint64_t)header->v2.null_count;
        found->v2_rows += (uint64_t)header->v2.row_count;
        s->values += (uint64_t)header->v2.value_count;
        s->counts[header->type][header->v2.encoding]++;
        found->encodings |= UINT32_C(1) << header->v2.encoding;
        break;
    case CP_PARQUET_DICTIONARY_PAGE:
        found->dictionary_pages++;
        found->dictionary_values = (uint64_t)header->dictionary.value_count;
        s->counts[header->type][header->dictionary.encoding]++;
        break;
    default:
        found->index_pages++;
    }
}

static bool is_data(const cp_parquet_page_header *header)
{
    return header->type == CP_PARQUET_DATA_PAGE || header->type == CP_PARQUET_DATA_PAGE_V2;
}

/* The row that a data page begins with; -1 where that cannot be told. */
static int64_t first_row(const steps *s)
{
    const cp_parquet_pages *found = &s->chunk->pages;
    if (s->leaf->repetition_max == 0)
        return (int64_t)s->values;
    return found->v2_pages == found->data_pages ? (int64_t)found->v2_rows : -1;
}

/* The first data page stands where the chunk says. */
static cp_rc check_first(const steps *s, cp_error *err)
{
    const cp_parquet_column_metadata *said = &s->chunk->said.metadata;
    if (s->chunk->pages.data_pages == 0 && s->at != (uint64_t)said->data_page_offset)
        return cp_parquet_damaged(err, s->at, "the first data page is said to be at byte %" PRId64,
                                  said->data_page_offset);
    return CP_OK;
}

static cp_rc step(steps *s, cp_error *err)
{
    cp_parquet_page_header header;
    size_t header_bytes = 0;
    cp_rc rc = read_header(s, &header, &header_bytes, err);
    if (!rc)
        rc = check_header(s, &header, header_bytes, err);
    if (!rc && is_data(&header))
        rc = check_first(s, err);
    uint64_t size = header_bytes + (rc ? 0 : (uint64_t)header.stored_bytes);
    if (!rc && is_data(&header))
        rc = cp_parquet_index_page(&s->index, s->at, size, first_row(s), err);
    if (!rc)
        rc = cp_parquet_content_check(&s->walk->content, s->walk->file, s->at + header_bytes,
                                      &header, s->chunk->said.metadata.codec, &s->leaf->element,
                                      &s->chunk->pages, err);
    if (rc)
        return rc;
    count_page(s, &header);
    s->plain_bytes += header_bytes + (uint64_t)header.plain_bytes;
    s->at += size;
    return CP_OK;
}

/* ---- what the chunk says of all pages ---- */

static cp_rc check_totals(const steps *s, cp_error *err)
{
    const cp_parquet_column_metadata *said = &s->chunk->said.metadata;
    const cp_parquet_pages *found = &s->chunk->pages;
    if (s->values != (uint64_t)said->value_count)
        return cp_parquet_damaged(
            err, s->end, "the chunk's pages have %" PRIu64 " values, the footer says %" PRId64,
            s->values, said->value_count);
    if (s->plain_bytes != (uint64_t)said->plain_bytes)
        return cp_parquet_damaged(err, s->end,
                                  "the chunk's pages have %" PRIu64
                                  " decompressed bytes, the footer says %" PRId64,
                                  s->plain_bytes, said->plain_bytes);
    if (found->dictionary_pages == 0 && s->chunk->offset != (uint64_t)said->data_page_offset)
        return cp_parquet_damaged(err, s->chunk->offset,
                                  "the footer says that a dictionary is here");
    if (found->data_pages == 0 || found->v2_pages < found->data_pages)
        return CP_OK;
    if (found->v2_rows != (uint64_t)s->rows)
        return cp_parquet_damaged(
            err, s->end, "the chunk's pages have %" PRIu64 " rows, the footer says %" PRId64,
            found->v2_rows, s->rows);
    return cp_parquet_index_nulls(&s->index, found->v2_nulls, "pages", s->end, err);
}

/* Where the chunk counts its pages by type and encoding, it does so rightly. */
static cp_rc check_encoding_stats(steps *s, cp_error *err)
{
    const cp_thrift_items *list = &s->chunk->said.metadata.encoding_stats;
    cp_thrift_reader at = list->reader;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < list->count; i++) {
        cp_parquet_encoding_stats e = {0};
        rc = cp_thrift_read(&at, &cp_parquet_encoding_stats_shape, &e, err);
        if (rc)
            return rc;
        if (e.page_type < 0 || e.page_type >= CP_PARQUET_PAGE_TYPE_COUNT || e.encoding < 0 ||
            e.encoding >= CP_PARQUET_ENCODING_COUNT || e.count < 0 ||
            (uint64_t)e.count != s->counts[e.page_type][e.encoding])
            return cp_thrift_damaged(&at, err,
                                     "it counts %d pages of the type %d and the encoding %d; the "
                                     "chunk has another number",
                                     e.count, e.page_type, e.encoding);
    }
    return rc;
}

/* ---- the whole ---- */

static cp_rc walk_pages(steps *s, cp_error *err)
{
    cp_rc rc = CP_OK;
    while (!rc && s->at < s->end)
        rc = step(s, err);
    if (!rc)
        rc = check_totals(s, err);
    if (!rc)
        rc = check_encoding_stats(s, err);
    return rc ? rc : cp_parquet_index_end(&s->index, s->chunk->pages.data_pages, err);
}

/* Both indexes into memory, where there are any. */
static cp_rc open_indexes(steps *s, cp_error *err)
{
    const cp_parquet_column_chunk *said = &s->chunk->said;
    cp_parquet_walk *walk = s->walk;
    cp_rc rc = CP_OK;
    walk->offset_index.size = walk->column_index.size = 0;
    if (cp_thrift_has(said->has, CP_CHUNK_OFFSET_INDEX_OFFSET))
        rc = load(walk->file, (uint64_t)said->offset_index_offset,
                  (size_t)said->offset_index_length, &walk->offset_index, err);
    if (!rc && cp_thrift_has(said->has, CP_CHUNK_COLUMN_INDEX_OFFSET))
        rc = load(walk->file, (uint64_t)said->column_index_offset,
                  (size_t)said->column_index_length, &walk->column_index, err);
    return rc ? rc
              : cp_parquet_index_open(&s->index, s->leaf, s->rows, said, &walk->offset_index,
                                      &walk->column_index, err);
}

cp_rc cp_parquet_walk_chunk(cp_parquet_walk *walk, const cp_parquet_node *leaf, int64_t rows,
                            cp_parquet_chunk_survey *chunk, cp_error *err)
{
    steps s = {.walk = walk,
               .leaf = leaf,
               .rows = rows,
               .chunk = chunk,
               .at = chunk->offset,
               .end = chunk->offset + (uint64_t)chunk->said.metadata.stored_bytes};
    cp_rc rc = open_indexes(&s, err);
    if (!rc)
        rc = walk_pages(&s, err);
    walk->file->pass(walk->file, s.at);
    return rc;
}
