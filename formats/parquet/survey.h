/* What a Parquet file is, in full: everything its metadata says, checked against the file.
 *
 *   ends --> footer --> schema, groups, chunks --> pages, one after the other, and their indexes
 *            (in memory: bounded by the file)      (in constant memory, but for one chunk's index)
 *
 * Also for what casepipe does not write: nested columns, other codecs and encodings, encryption. */
#ifndef CP_FORMATS_PARQUET_SURVEY_H
#define CP_FORMATS_PARQUET_SURVEY_H

#include "formats/parquet/schema_tree.h"
#include "pipeline/core/seekable.h"

/* What the walk over a chunk's pages found. */
typedef struct cp_parquet_pages {
    uint64_t data_pages;       /* of both versions */
    uint64_t v2_pages;         /* of them */
    uint64_t dictionary_pages; /* 0 or 1 */
    uint64_t index_pages;
    uint64_t checksums; /* pages with a checksum, which is right */
    uint64_t unpacked;  /* pages whose content was decompressed, or is stored plainly, and has the
                         * size that it should */
    uint64_t dictionary_values;
    uint64_t v2_nulls, v2_rows;
    uint32_t encodings; /* of the data pages' values, a bit for each */
} cp_parquet_pages;

typedef struct cp_parquet_chunk_survey {
    cp_parquet_column_chunk said;
    uint32_t encodings; /* a bit for each below 32 */
    bool is_elsewhere;  /* in another file: nothing of it is here */
    bool is_encrypted;
    uint64_t offset; /* of its first page */
    cp_parquet_pages pages;
} cp_parquet_chunk_survey;

typedef struct cp_parquet_group_survey {
    cp_parquet_row_group said;
    size_t first_chunk; /* one for each leaf, in order */
} cp_parquet_group_survey;

/* Zeroed is empty. */
typedef struct cp_parquet_survey {
    cp_seekable *file; /* borrowed */
    uint64_t footer_offset, footer_bytes;
    bool footer_is_encrypted; /* then `encryption` is all that is known */
    cp_parquet_marker encryption;
    cp_bytes footer;
    cp_parquet_file_metadata said;
    cp_parquet_tree tree;
    cp_parquet_group_survey *groups;
    size_t group_count, group_capacity;
    cp_parquet_chunk_survey *chunks; /* group by group */
    size_t chunk_count, chunk_capacity;
} cp_parquet_survey;

/* Whether the file begins or ends as Parquet files do. CP_E_IO, CP_E_DATA (it shrank). */
cp_rc cp_parquet_probe(cp_seekable *file, bool *is_parquet, cp_error *err);

/* Reads the footer, and holds all that it says against itself and the file: sizes, places, counts.
 * The file outlives the survey. CP_E_DATA says the byte, and the field where it is about a column;
 * CP_E_IO, CP_E_MEMORY. Close in every case. */
cp_rc cp_parquet_survey_open(cp_seekable *file, cp_parquet_survey *out, cp_error *err);

/* Reads every page and the indexes of every chunk, and checks headers, sizes, checksums, counts.
 * Once. Errors as above. */
cp_rc cp_parquet_survey_pages(cp_parquet_survey *survey, cp_error *err);

void cp_parquet_survey_close(cp_parquet_survey *survey); /* may be called twice */

/* The next item of FileMetaData.key_values, from a copy of its reader. */
cp_rc cp_parquet_key_value_read(cp_thrift_reader *at, cp_parquet_key_value *out, cp_error *err);

#endif
