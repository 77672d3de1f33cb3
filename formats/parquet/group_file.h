/* An encoded group: the pages of all its column chunks, and what the footer has to know of them.
 * Places are counted from the group's first byte; append makes them places in the file. */
#ifndef CP_FORMATS_PARQUET_GROUP_FILE_H
#define CP_FORMATS_PARQUET_GROUP_FILE_H

#include "formats/parquet/bytes.h"
#include "formats/parquet/columns.h"
#include "pipeline/core/sink.h"

/* A data page (struct PageLocation). */
typedef struct cp_parquet_page_place {
    uint64_t offset;
    uint32_t bytes; /* header included */
    uint64_t first_row;
} cp_parquet_page_place;

typedef struct cp_parquet_chunk {
    cp_parquet_codec codec;
    cp_parquet_encoding encoding; /* of the data pages */
    bool has_dictionary;
    uint64_t offset;           /* of the dictionary page, else of the first data page */
    uint64_t data_offset;      /* of the first data page */
    uint64_t bytes;            /* headers included */
    uint64_t plain_bytes;      /* the same before compression */
    size_t page_count;         /* data pages: the next ones of the group's places */
    size_t statistics_bytes;   /* struct Statistics: the next bytes of the group's details */
    size_t column_index_bytes; /* struct ColumnIndex, behind; 0: it has none */
} cp_parquet_chunk;

typedef struct cp_parquet_group {
    cp_encoded base;
    cp_bytes pages;
    cp_bytes details; /* statistics and column index of each chunk in turn */
    cp_parquet_chunk *chunks;
    size_t chunk_count;
    cp_parquet_page_place *places; /* of all chunks in turn */
    size_t place_count, place_capacity;
} cp_parquet_group;

#endif
