/* casepipe inspect: what was found out about an input, and its two shapes.
 *
 *   path --+-- a Parquet file: formats/parquet/survey.h, in full ----+--> text | json
 *          +-- all else: what its head shows, and what lies in it ---+
 */
#ifndef CP_CLI_INSPECT_H
#define CP_CLI_INSPECT_H

#include "formats/compress/stream_facts.h"
#include "formats/parquet/survey.h"
#include "pipeline/cli/json_print.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/block.h"
#include "pipeline/core/reject.h"
#include "pipeline/engine/intake.h"

typedef struct cp_inspect_options {
    bool metadata; /* key-value metadata in full */
} cp_inspect_options;

/* ---- Parquet ---- */

cp_rc cp_inspect_parquet_text(const char *path, const cp_parquet_survey *survey,
                              const cp_inspect_options *options, cp_writer *out, cp_error *err);
cp_rc cp_inspect_parquet_json(const char *path, const cp_parquet_survey *survey,
                              const cp_inspect_options *options, cp_writer *out, cp_error *err);

/* ---- all else ---- */

/* What a run of bytes is: an input, or a member of an archive. */
typedef struct cp_content {
    const char *codecs[CP_CODEC_LAYERS_MAX]; /* outermost first */
    size_t codec_count;
    const char *format; /* of an archive, of records; "parquet"; NULL: unknown */
    bool is_empty, is_archive;
} cp_content;

/* The first record of the content: a row; or a reject of record 0, and the row is another's; or
 * damage that leaves no record to be found. */
typedef struct cp_first_record {
    cp_schema *verbatim; /* of the row, where no field could be guessed; NULL: the one inferred */
    cp_batch row;        /* row.rows is 1 or 0 */
    cp_error damage;     /* no message: there is none */
    cp_rejects *rejects;
    cp_block block; /* what the row and the reject lie in */
} cp_first_record;

typedef struct cp_inspection {
    const char *path;
    uint64_t stored_bytes; /* UINT64_MAX: a pipe */
    cp_content content;
    bool has_zstd, has_gzip; /* of the outermost codec, in a file */
    cp_zstd_facts zstd;
    cp_gzip_facts gzip;
    size_t looked_bytes; /* of the content, decompressed */
    bool whole;          /* that is all of it */
    cp_schema *schema;   /* inferred; NULL: no records, or of a format that cannot be guessed */
    char *yaml;          /* the same */
    cp_first_record first;
    size_t window_limit_bytes; /* of codecs, the members' too */
    cp_pool *pool, *codec_pool;
    cp_intake intake; /* of an archive: its members are still to come */
} cp_inspection;

/* Looks at the input. CP_E_NOINPUT, CP_E_IO, CP_E_DATA, CP_E_MEMORY; CP_E_USAGE for an archive that
 * cannot be read from where it is. Errors name the path. Close in every case. `file` (NULL: it is
 * no regular file) is the same input. */
cp_rc cp_inspection_open(const char *path, cp_seekable *file, size_t window_limit_bytes,
                         cp_inspection *out, cp_error *err);
void cp_inspection_close(cp_inspection *self); /* may be called twice */

/* A member of the archive; `name` is good until the next call. */
typedef struct cp_inspected_member {
    const char *name;
    uint64_t bytes; /* by the archive's own word */
    cp_content content;
} cp_inspected_member;

/* The next member, CP_END behind the last. */
cp_rc cp_inspection_member(cp_inspection *self, cp_inspected_member *out, cp_error *err);

cp_rc cp_inspect_text(cp_inspection *self, cp_writer *out, cp_error *err);
cp_rc cp_inspect_json(cp_inspection *self, cp_writer *out, cp_error *err);

#endif
