/* DELTA_BINARY_PACKED (Encodings.md, "Delta Encoding"): blocks of 128 differences in four
 * miniblocks, as parquet-java writes them, which every reader of the encoding knows.
 *
 *   header  128, 4, count, first value
 *   block   least difference, four widths, miniblocks of 32 differences less the least
 *
 * The least difference is the block's own, or for all blocks the least of all: then equal
 * differences have equal bits everywhere, which compressors see. */
#ifndef CP_FORMATS_PARQUET_DELTA_H
#define CP_FORMATS_PARQUET_DELTA_H

#include "formats/parquet/bytes.h"

/* `shared_minimum`: the least difference of all is used in every block. Differences wrap around.
 * CP_E_MEMORY. */
cp_rc cp_delta_put_32(cp_bytes *out, const uint32_t *values, size_t count, bool shared_minimum,
                      cp_error *err);
cp_rc cp_delta_put_64(cp_bytes *out, const uint64_t *values, size_t count, bool shared_minimum,
                      cp_error *err);

#endif
