/* What the shapes of inspect share. */
#ifndef CP_CLI_INSPECT_PARTS_H
#define CP_CLI_INSPECT_PARTS_H

#include "pipeline/cli/inspect.h"

/* "jsonl in zstd", "unknown", "nothing in gzip". Returns out. */
enum { CP_CONTENT_TEXT_BYTES = 128 };
const char *cp_content_text(const cp_content *content, char out[CP_CONTENT_TEXT_BYTES]);

bool cp_content_is_parquet(const cp_content *content);

/* "AES_GCM_V1"; NULL: the Parquet file is not encrypted. */
const char *cp_encryption_name(const cp_parquet_survey *survey);

/* The record as a JSON object. */
cp_rc cp_print_first_row(const cp_batch *row, cp_writer *out, cp_error *err);

/* Why the first record was refused, or cannot be found; NULL: it was not. */
const char *cp_first_refused(const cp_first_record *first);

#endif
