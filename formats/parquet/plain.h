/* PLAIN (Encodings.md, "Plain") of what is not plain in memory: bools and texts. */
#ifndef CP_FORMATS_PARQUET_PLAIN_H
#define CP_FORMATS_PARQUET_PLAIN_H

#include "formats/parquet/bytes.h"

/* Bools, a byte each, 0 or 1, to a bitmap (pipeline/core/bits.h) of whole words. */
void cp_plain_bits(uint64_t *words, const uint8_t *bools, size_t count);

/* One text where room is, its length before it; returns the end of what it wrote. */
static inline uint8_t *cp_plain_put_text(uint8_t *to, cp_span text)
{
    to = cp_put_u32(to, (uint32_t)text.size);
    if (text.size) /* else `data` may be NULL */
        memcpy(to, text.data, text.size);
    return to + text.size;
}

/* CP_E_MEMORY. */
cp_rc cp_plain_put_bools(cp_bytes *out, const uint8_t *bools, size_t count, cp_error *err);
cp_rc cp_plain_put_texts(cp_bytes *out, const cp_span *texts, size_t count, cp_error *err);

#endif
