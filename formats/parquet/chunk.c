/* A column chunk: where its pages end, and writing them. */
#include "formats/parquet/chunk.h"

#include "formats/parquet/page.h"
#include "pipeline/core/bits.h"

void cp_parquet_workroom_close(cp_parquet_workroom *room)
{
    cp_gathered_close(&room->gathered);
    cp_bytes_free(&room->converted);
    cp_parquet_dictionary_close(&room->dictionary);
    cp_parquet_bench_close(&room->bench);
    free(room->page_bounds);
    *room = (cp_parquet_workroom){0};
}

/* All that the steps below share, and how far they have come. */
typedef struct chunk_writer {
    const cp_parquet_column *column;
    cp_parquet_workroom *room;
    cp_parquet_group *out;
    cp_parquet_chunk *chunk;
    cp_parquet_values values;
    cp_parquet_levels levels;
    cp_parquet_choice choice;
    size_t row, value; /* the next ones to be written */
} chunk_writer;

/* ---- where a page ends ---- */

static size_t values_in(const chunk_writer *w, size_t rows)
{
    const uint64_t *valid = w->room->gathered.valid;
    return valid ? cp_bits_count(valid, w->row, rows) : rows;
}

static bool fits_page(const chunk_writer *w, size_t rows)
{
    size_t bytes = 0;
    if (w->values.type != CP_PARQUET_BYTE_ARRAY)
        return true;
    for (size_t i = w->value, end = i + values_in(w, rows); i < end; i++)
        bytes += cp_parquet_text_at(&w->values, i).size;
    return bytes <= CP_PARQUET_PAGE_BYTES;
}

static size_t page_rows(const chunk_writer *w)
{
    size_t left = w->room->gathered.rows - w->row;
    size_t rows = left < CP_PARQUET_PAGE_ROWS ? left : CP_PARQUET_PAGE_ROWS;
    while (rows > 1 && !fits_page(w, rows))
        rows /= 2;
    return rows;
}

/* ---- pages ---- */

static cp_rc put_page(chunk_writer *w, const cp_parquet_page *page, cp_error *err)
{
    size_t plain_bytes;
    cp_rc rc = cp_parquet_put_page(page, &w->out->pages, &plain_bytes, err);
    if (!rc)
        w->chunk->plain_bytes += plain_bytes;
    return rc;
}

static cp_span bytes_of(const cp_bytes *bytes)
{
    return (cp_span){bytes->data, bytes->size};
}

/* Compressed it is there already. */
static cp_rc put_dictionary_page(chunk_writer *w, cp_error *err)
{
    const cp_parquet_dictionary *dictionary = &w->room->dictionary;
    cp_parquet_bench *bench = &w->room->bench;
    cp_rc rc = CP_OK;
    cp_parquet_body_clear(&bench->body);
    if (!w->choice.compress)
        rc = cp_parquet_encode_dictionary(dictionary, w->values.type, &bench->body, err);
    cp_parquet_page page = {
        .type = CP_PARQUET_DICTIONARY_PAGE,
        .encoding = CP_PARQUET_PLAIN,
        .value_count = dictionary->count,
        .stored = bytes_of(w->choice.compress ? &bench->dictionary : &bench->body.bytes),
        .plain_size = dictionary->plain_bytes,
    };
    return rc ? rc : put_page(w, &page, err);
}

/* The body as a data page. */
static cp_rc put_body(chunk_writer *w, size_t rows, cp_error *err)
{
    cp_parquet_bench *bench = &w->room->bench;
    cp_rc rc = CP_OK;
    if (w->choice.compress)
        rc = cp_squeeze(bench->squeezer, w->choice.effort, &bench->body, &bench->squeezed, err);
    cp_parquet_page page = {
        .type = CP_PARQUET_DATA_PAGE,
        .encoding = w->choice.coding.encoding,
        .value_count = rows,
        .stored = bytes_of(w->choice.compress ? &bench->squeezed : &bench->body.bytes),
        .plain_size = bench->body.bytes.size,
    };
    return rc ? rc : put_page(w, &page, err);
}

static cp_rc note_page(chunk_writer *w, size_t offset, size_t rows, size_t count, cp_error *err)
{
    cp_rc rc = cp_grow(&w->out->places, &w->out->place_capacity, w->out->place_count + 1,
                       sizeof *w->out->places, err);
    if (!rc)
        rc = cp_grow(&w->room->page_bounds, &w->room->page_bounds_capacity,
                     w->chunk->page_count + 1, sizeof *w->room->page_bounds, err);
    if (rc)
        return rc;
    w->out->places[w->out->place_count++] =
        (cp_parquet_page_place){offset, (uint32_t)(w->out->pages.size - offset), w->row};
    cp_parquet_bounds bounds =
        cp_parquet_bounds_of(&w->values, &w->room->dictionary, w->value, count);
    bounds.null_count = rows - count;
    w->room->page_bounds[w->chunk->page_count++] =
        cp_parquet_page_bounds_of(w->column->type, &bounds, rows);
    return CP_OK;
}

static cp_rc put_data_page(chunk_writer *w, cp_error *err)
{
    cp_parquet_body *body = &w->room->bench.body;
    size_t rows = page_rows(w), count = values_in(w, rows);
    size_t offset = w->out->pages.size;
    cp_rc rc = CP_OK;
    cp_parquet_body_clear(body);
    if (!w->column->field->required)
        rc = cp_parquet_encode_levels(&w->levels, w->row, rows, body, err);
    if (!rc)
        rc = cp_parquet_encode(&w->choice.coding, &w->values, &w->room->dictionary, w->value, count,
                               body, err);
    if (!rc)
        rc = put_body(w, rows, err);
    if (!rc)
        rc = note_page(w, offset, rows, count, err);
    w->row += rows;
    w->value += count;
    return rc;
}

/* ---- the chunk ---- */

static cp_rc put_details(chunk_writer *w, cp_error *err)
{
    const cp_parquet_page_bounds *pages = w->room->page_bounds;
    cp_bytes *details = &w->out->details;
    cp_parquet_bounds whole = {0};
    for (size_t i = 0; i < w->chunk->page_count; i++)
        cp_parquet_bounds_join(w->column->order, &whole, &pages[i].bounds);
    size_t start = details->size;
    cp_rc rc = cp_parquet_statistics_put(w->column->type, &whole, details, err);
    w->chunk->statistics_bytes = details->size - start;
    start = details->size;
    if (!rc)
        rc = cp_parquet_column_index_put(w->column, pages, w->chunk->page_count, details, err);
    w->chunk->column_index_bytes = details->size - start;
    return rc;
}

static cp_rc prepare(chunk_writer *w, const cp_group *group, cp_error *err)
{
    cp_parquet_workroom *room = w->room;
    cp_rc rc = cp_group_gather(group, w->column->field_number, &room->gathered, err);
    if (!rc)
        rc = cp_parquet_values_make(w->column, &room->gathered, &room->converted, &w->values, err);
    if (!rc)
        rc = cp_parquet_dictionary_make(&room->dictionary, &w->values, room->bench.squeezer != NULL,
                                        err);
    w->levels = (cp_parquet_levels){room->gathered.valid, room->gathered.rows};
    if (!rc)
        rc = cp_parquet_choose(&w->values, &room->dictionary, &w->levels, &room->bench, &w->choice,
                               err);
    return rc;
}

cp_rc cp_parquet_chunk_put(const cp_group *group, const cp_parquet_column *column,
                           cp_parquet_codec codec, cp_parquet_workroom *room, cp_parquet_group *out,
                           cp_error *err)
{
    chunk_writer w = {
        .column = column, .room = room, .out = out, .chunk = &out->chunks[out->chunk_count]};
    cp_rc rc = prepare(&w, group, err);
    if (rc)
        return rc;
    *w.chunk = (cp_parquet_chunk){
        .codec = w.choice.compress ? codec : CP_PARQUET_UNCOMPRESSED,
        .encoding = w.choice.coding.encoding,
        .has_dictionary = w.choice.coding.encoding == CP_PARQUET_RLE_DICTIONARY,
        .offset = out->pages.size,
    };
    if (w.chunk->has_dictionary)
        rc = put_dictionary_page(&w, err);
    w.chunk->data_offset = out->pages.size;
    while (!rc && w.row < room->gathered.rows)
        rc = put_data_page(&w, err);
    w.chunk->bytes = out->pages.size - w.chunk->offset;
    if (!rc)
        rc = put_details(&w, err);
    if (!rc)
        out->chunk_count++;
    return rc;
}
