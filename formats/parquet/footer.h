/* The footer: what is known of the groups that the file has, and writing it behind them.
 *
 *   pages of all groups | column indexes | offset indexes | FileMetaData, its length, magic
 *
 * What it holds grows with the number of chunks and pages, by about what it will write. */
#ifndef CP_FORMATS_PARQUET_FOOTER_H
#define CP_FORMATS_PARQUET_FOOTER_H

#include "formats/parquet/group_file.h"

typedef struct cp_parquet_chunk_record {
    size_t metadata_bytes, column_index_bytes, offset_index_bytes; /* the next ones of each */
} cp_parquet_chunk_record;

typedef struct cp_parquet_group_record {
    uint64_t rows, offset, bytes, plain_bytes;
} cp_parquet_group_record;

/* Zeroed is a file without groups. One thread at a time. */
typedef struct cp_parquet_footer {
    uint64_t rows;
    cp_parquet_group_record *groups;
    size_t group_count, group_capacity;
    cp_parquet_chunk_record *chunks; /* as many for each group as there are columns */
    size_t chunk_count, chunk_capacity;
    uint64_t count_bytes; /* of the groups' rows and plain_bytes, as the footer has them */
    cp_bytes metadata;    /* struct ColumnMetaData of each chunk */
    cp_bytes column_indexes, offset_indexes;
} cp_parquet_footer;

/* What stands in the footer besides; all borrowed. */
typedef struct cp_parquet_file {
    const cp_parquet_column *columns;
    size_t column_count;
    const char *created_by;
    const char *schema_yaml; /* NULL: none */
} cp_parquet_file;

/* A group whose first byte is at `offset` of the file. CP_E_MEMORY. */
cp_rc cp_parquet_footer_add(cp_parquet_footer *footer, const cp_parquet_file *file,
                            const cp_parquet_group *group, uint64_t offset, cp_error *err);

/* Writes all that stands behind the groups, whose end is at `offset` of the file. CP_E_MEMORY, and
 * what the writer answers; CP_E_DATA where the footer is beyond the 2 GiB that readers accept. */
cp_rc cp_parquet_footer_write(const cp_parquet_footer *footer, const cp_parquet_file *file,
                              uint64_t offset, cp_writer *writer, cp_error *err);

/* Bytes of a footer without groups. CP_E_MEMORY. */
cp_rc cp_parquet_footer_frame_bytes(const cp_parquet_file *file, uint64_t *out, cp_error *err);

/* Bytes of the file at most if its footer were written behind `next` (NULL: behind the groups that
 * it has). `bytes`: what the file has now, and those of a footer without groups. */
uint64_t cp_parquet_footer_file_bytes(const cp_parquet_footer *footer, const cp_parquet_file *file,
                                      const cp_parquet_group *next, uint64_t bytes);

void cp_parquet_footer_clear(cp_parquet_footer *footer); /* keeps the memory */
void cp_parquet_footer_close(cp_parquet_footer *footer); /* may be called twice */

#endif
