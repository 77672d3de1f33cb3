/* DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY (Encodings.md, sections of those names).
 *
 *   delta length   lengths, bytes
 *   delta          lengths of the prefixes shared with the text before, then what follows them as
 *                  lengths and bytes
 *
 * Lengths are DELTA_BINARY_PACKED, in uniform blocks or not (delta.h). */
#ifndef CP_FORMATS_PARQUET_DELTA_TEXT_H
#define CP_FORMATS_PARQUET_DELTA_TEXT_H

#include "formats/parquet/bytes.h"

/* The two parts of the delta-length encoding; `room` is scratch. Texts are below 2^31 bytes.
 * CP_E_MEMORY. */
cp_rc cp_delta_put_lengths(cp_bytes *out, const cp_span *texts, size_t count, bool is_uniform,
                           cp_bytes *room, cp_error *err);
cp_rc cp_delta_put_bytes(cp_bytes *out, const cp_span *texts, size_t count, cp_error *err);

/* The delta encoding. CP_E_MEMORY. */
cp_rc cp_delta_put_texts(cp_bytes *out, const cp_span *texts, size_t count, bool is_uniform,
                         cp_bytes *room, cp_error *err);

#endif
