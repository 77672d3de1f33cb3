/* To add a codec: one file that defines a `const cp_codec`, and its row here. */
#include "formats/compress/codecs.h"

const cp_codec *const cp_codecs[] = {
    &cp_codec_zstd,
    NULL,
};
