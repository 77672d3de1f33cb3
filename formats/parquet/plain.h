/* PLAIN (Encodings.md, "Plain") of what is not plain in memory: bools and texts. */
#ifndef CP_FORMATS_PARQUET_PLAIN_H
#define CP_FORMATS_PARQUET_PLAIN_H

#include "formats/parquet/bytes.h"

/* Bools, a byte each, 0 or 1, to a bitmap (pipeline/core/bits.h) of whole words. */
void cp_plain_bits(uint64_t *words, const uint8_t *bools, size_t count);

/* CP_E_MEMORY. */
cp_rc cp_plain_put_bools(cp_bytes *out, const uint8_t *bools, size_t count, cp_error *err);
cp_rc cp_plain_put_texts(cp_bytes *out, const cp_span *texts, size_t count, cp_error *err);

#endif
