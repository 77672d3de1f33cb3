/* DELTA_BINARY_PACKED (Encodings.md, "Delta Encoding").
 *
 *   header  values of a block, miniblocks of it, count, first value
 *   block   least difference, widths, miniblocks of differences less the least
 *
 * Blocks have bounds of their own: 128 values in four miniblocks, as parquet-java writes them. Or
 * they are uniform: one least difference for all and one width, of whole bytes, in blocks of 1024
 * values with eight miniblocks. Then equal differences are equal bytes everywhere, which
 * compressors see. */
#ifndef CP_FORMATS_PARQUET_DELTA_H
#define CP_FORMATS_PARQUET_DELTA_H

#include "formats/parquet/bytes.h"

/* Differences wrap around. CP_E_MEMORY. */
cp_rc cp_delta_put_32(cp_bytes *out, const uint32_t *values, size_t count, bool is_uniform,
                      cp_error *err);
cp_rc cp_delta_put_64(cp_bytes *out, const uint64_t *values, size_t count, bool is_uniform,
                      cp_error *err);

#endif
