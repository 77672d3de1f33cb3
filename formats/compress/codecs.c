/* To add a codec: one file that defines a `const cp_codec`, and its row here. */
#include "formats/compress/codecs.h"

const cp_codec *const cp_codecs[] = {
    &cp_codec_zstd,  &cp_codec_gzip, &cp_codec_xz, &cp_codec_lzma,
    &cp_codec_bzip2, &cp_codec_lz4,  NULL,
};
