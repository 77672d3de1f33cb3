/* Where a zstd frame ends, and how much it holds, told by its headers alone. */
#ifndef CP_FORMATS_COMPRESS_ZSTD_FRAME_H
#define CP_FORMATS_COMPRESS_ZSTD_FRAME_H

#include "pipeline/core/source.h"

/* cp_codec.measure for zstd and skippable frames. */
cp_rc cp_zstd_measure(cp_frame *frame, cp_span bytes);

/* The same where only the bytes from `from` on are there, at most frame->part_at of the frame: a
 * frame can be measured without a look at what is in its blocks. */
cp_rc cp_zstd_measure_from(cp_frame *frame, uint64_t from, cp_span bytes);

#endif
