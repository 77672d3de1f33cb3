/* RLE / bit-packing hybrid (Encodings.md, section of that name).
 *
 *   rle run         varint(length << 1), the value in as few bytes as the width needs
 *   bit-packed run  varint(groups << 1 | 1), groups of 8 values
 *
 * Runs that are long enough to save bytes are rle runs, all else is bit-packed. */
#ifndef CP_FORMATS_PARQUET_RLE_H
#define CP_FORMATS_PARQUET_RLE_H

#include "formats/parquet/bytes.h"

/* `count` values of `width` bits (1 to 32). CP_E_MEMORY. */
cp_rc cp_rle_put(cp_bytes *out, const uint32_t *values, size_t count, unsigned width,
                 cp_error *err);

/* Bits `first` to `first` + `count` - 1 of a bitmap (pipeline/core/bits.h), as values of width 1.
 * CP_E_MEMORY. */
cp_rc cp_rle_put_bits(cp_bytes *out, const uint64_t *words, size_t first, size_t count,
                      cp_error *err);

/* `count` times the value 1 at width 1. CP_E_MEMORY. */
cp_rc cp_rle_put_ones(cp_bytes *out, size_t count, cp_error *err);

#endif
