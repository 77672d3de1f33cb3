/* A column chunk's own words, held against the schema, the row group and the file. */
#ifndef CP_FORMATS_PARQUET_CHUNK_CHECK_H
#define CP_FORMATS_PARQUET_CHUNK_CHECK_H

#include "formats/parquet/survey.h"

/* Checks chunk->said, the chunk of `column` in a group of `rows`, and fills the rest of *chunk but
 * for its pages: types and names are the schema's, numbers are those of the format, counts agree,
 * and all places lie between the magic and the footer. `at` stands behind the chunk in the footer.
 * CP_E_DATA. */
cp_rc cp_parquet_chunk_check(const cp_parquet_tree *tree, size_t column, int64_t rows,
                             uint64_t footer_offset, const cp_thrift_reader *at,
                             cp_parquet_chunk_survey *chunk, cp_error *err);

#endif
