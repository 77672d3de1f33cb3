/* Compression of pages (Compression.md), with contexts that are used again.
 *
 *   page of parts --zstd, a block or more for each part | gzip--> one frame | one member */
#ifndef CP_FORMATS_PARQUET_SQUEEZE_H
#define CP_FORMATS_PARQUET_SQUEEZE_H

#include "formats/parquet/encode.h"

/* How hard to look for repetitions; entropy coding is always done. Data without repetitions is
 * smaller, and faster written, where nobody looks for them. gzip has but TEXTS and ENTROPY. */
typedef enum cp_squeeze_effort {
    CP_SQUEEZE_TEXTS,   /* as the level says */
    CP_SQUEEZE_NUMBERS, /* the same, but by default less, since more finds little in numbers */
    CP_SQUEEZE_SKETCH,  /* faster, for a guess at what these two give */
    CP_SQUEEZE_ENTROPY, /* not at all */
} cp_squeeze_effort;
enum { CP_SQUEEZE_EFFORTS = 4 };

typedef struct cp_squeezer cp_squeezer;

/* The codec of this name ("zstd", "gzip", "none"; NULL: zstd) and whether it has this level.
 * CP_E_USAGE. */
cp_rc cp_squeeze_check(const char *name, int level, cp_parquet_codec *codec, cp_error *err);

/* Checked before; level 0 is the codec's default. Not for CP_PARQUET_UNCOMPRESSED. CP_E_MEMORY. */
cp_rc cp_squeezer_open(cp_parquet_codec codec, int level, cp_squeezer **out, cp_error *err);
void cp_squeezer_close(cp_squeezer *squeezer); /* NULL is allowed */

/* Replaces what is in `out` by the compressed body. The same body gives the same bytes. One thread
 * at a time. CP_E_MEMORY, CP_E_BUG. */
cp_rc cp_squeeze(cp_squeezer *squeezer, cp_squeeze_effort effort, const cp_parquet_body *body,
                 cp_bytes *out, cp_error *err);

#endif
