/* What a compressed file says of itself, told without decompressing more than a head of it. */
#ifndef CP_FORMATS_COMPRESS_STREAM_FACTS_H
#define CP_FORMATS_COMPRESS_STREAM_FACTS_H

#include "pipeline/core/seekable.h"

#include <stdbool.h>

typedef struct cp_zstd_facts {
    uint64_t frames, skippable_frames; /* the first without the second */
    uint64_t frames_with_size;         /* that say how much they hold */
    uint64_t frames_with_checksum;
    uint64_t content_bytes; /* of all frames, where all say it */
    uint64_t window_bytes;  /* the largest */
} cp_zstd_facts;

/* Walks over the frames' and blocks' headers (RFC 8878); the blocks themselves are not read.
 * CP_E_DATA with the byte where a frame is cut off or is none; CP_E_IO. */
cp_rc cp_zstd_facts_read(cp_seekable *file, cp_zstd_facts *out, cp_error *err);

enum { CP_GZIP_HEAD_BYTES = 1 << 20, CP_GZIP_OUTPUT_BYTES = 64 << 20 };

typedef struct cp_gzip_facts {
    uint64_t members;      /* that end within what was looked at */
    uint64_t looked_bytes; /* stored bytes looked at, the whole file where `whole` */
    bool whole;            /* members is all there are */
} cp_gzip_facts;

/* Members can only be told by inflating them, so no more than the first CP_GZIP_HEAD_BYTES are
 * looked at, or what CP_GZIP_OUTPUT_BYTES come out of. What is wrong with them is for the codec to
 * say: counting stops there. CP_E_IO, CP_E_MEMORY. */
cp_rc cp_gzip_facts_read(cp_seekable *file, cp_gzip_facts *out, cp_error *err);

#endif
