/* The codecs, one row each in the table of codecs.c. */
#ifndef CP_FORMATS_COMPRESS_CODECS_H
#define CP_FORMATS_COMPRESS_CODECS_H

#include "pipeline/core/source.h"

extern const cp_codec cp_codec_zstd;

/* Ends with NULL. */
extern const cp_codec *const cp_codecs[];

#endif
