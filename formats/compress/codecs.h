/* The codecs, one row each in the table of codecs.c. */
#ifndef CP_FORMATS_COMPRESS_CODECS_H
#define CP_FORMATS_COMPRESS_CODECS_H

#include "pipeline/core/source.h"

/* Read and written. */
extern const cp_codec cp_codec_zstd;
extern const cp_codec cp_codec_gzip_isal; /* where the build has CASEPIPE_ISAL */
extern const cp_codec cp_codec_gzip_zlib;

/* The faster one of the build's two. */
#ifdef CASEPIPE_ISAL
#define cp_codec_gzip cp_codec_gzip_isal
#else
#define cp_codec_gzip cp_codec_gzip_zlib
#endif

/* Only read. */
extern const cp_codec cp_codec_xz;
extern const cp_codec cp_codec_lzma;
extern const cp_codec cp_codec_bzip2;
extern const cp_codec cp_codec_lz4;

/* Ends with NULL. */
extern const cp_codec *const cp_codecs[];

#endif
