/* Bytes as frames of a codec, each for itself: frames one behind the other are a stream of the
 * codec again, and can be made by any thread. */
#ifndef CP_FORMATS_COMPRESS_FRAMER_H
#define CP_FORMATS_COMPRESS_FRAMER_H

#include "pipeline/core/bytes.h"
#include "pipeline/core/sink.h"
#include "pipeline/core/source.h"

/* Immutable once open; any thread. */
typedef struct cp_framer {
    const cp_codec *codec; /* NULL: bytes stay as they are */
    int level;
} cp_framer;

/* What the options say; no compression where they say nothing. CP_E_USAGE for a name or a level
 * that is not known. */
cp_rc cp_framer_open(cp_framer *framer, const cp_sink_options *options, cp_error *err);

/* `plain` behind what `out` has, as one frame; of nothing comes nothing. CP_E_MEMORY, CP_E_BUG. */
cp_rc cp_framer_add(const cp_framer *framer, cp_span plain, cp_bytes *out, cp_error *err);

#endif
