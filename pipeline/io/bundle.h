/* A bundle: neighbouring frames of a compressed stream, copied out of it, so that any thread can
 * decompress them while the source goes on. The inside of pipeline/io/frames.c.
 *
 *   stored   [ frame | frame | beginning of a frame ]--> an open bundle goes on in the source
 *            <- whole_bytes ->
 *   chunks   [ pool buffer ][ pool buffer ]              what came out of the whole frames
 *
 * Files of small frames have many of them in a bundle, so that a bundle is worth a thread's while.
 */
#ifndef CP_IO_BUNDLE_H
#define CP_IO_BUNDLE_H

#include "pipeline/core/source.h"

enum {
    CP_BUNDLE_TARGET_BYTES = 1 << 20, /* stored or content: with these a bundle is complete */
    CP_FRAME_STORED_MAX = 4 << 20,    /* larger frames are left to the source */
    CP_FRAME_CONTENT_MAX = 8 << 20,
    CP_BUNDLE_STEP_BYTES = 256 << 10, /* in which memory for stored ones grows */
    CP_BUNDLE_STORED_MAX = CP_BUNDLE_TARGET_BYTES + CP_FRAME_STORED_MAX + CP_BUNDLE_STEP_BYTES,
    CP_BUNDLE_KEPT_BYTES = CP_BUNDLE_TARGET_BYTES + CP_BUNDLE_STEP_BYTES /* for the next frames */
};

typedef enum cp_bundle_state {
    CP_BUNDLE_LISTED, /* nobody has begun with it */
    CP_BUNDLE_TAKEN,  /* a thread unpacks it */
    CP_BUNDLE_READY,  /* unpacked: the content is in the chunks */
    CP_BUNDLE_PLAIN   /* its reader decompresses it into its own caller's memory */
} cp_bundle_state;

typedef struct cp_bundle_chunk {
    cp_buffer *buffer;
    size_t size;
} cp_bundle_chunk;

/* Zeroed: empty, and without memory. */
typedef struct cp_bundle {
    cp_bundle_state state;
    uint64_t offset; /* of stored[0] in the compressed stream */
    uint8_t *stored;
    size_t stored_bytes, stored_capacity;
    size_t whole_bytes;   /* of them, those of whole frames */
    bool is_open;         /* the source stands where stored ends, in a frame or before one */
    size_t content_max;   /* no more than these come out of the whole frames */
    size_t content_bytes; /* in the chunks */
    size_t window_bytes;  /* the largest that one of them has */
    cp_bundle_chunk *chunks;
    size_t chunk_count, chunk_capacity;
    size_t chunks_given, given; /* chunks and bytes of the next one that the reader has had */
    size_t charged;             /* bytes of the room: the stream's own count */
} cp_bundle;

/* Fills an empty bundle from `source` on: whole frames until it is complete; open where the next
 * one cannot be told, is too large, or memory is out. false: the source has ended, the bundle is
 * empty. What an open bundle does not hold, a failure of the source too, is still to be peeked. */
bool cp_bundle_gather(cp_bundle *bundle, const cp_codec *codec, cp_source *source);

/* Copies up to `capacity` bytes of the content, from where the last call ended; 0 at its end. */
size_t cp_bundle_give(cp_bundle *bundle, uint8_t *out, size_t capacity);

/* Memory that it holds, in bytes. */
size_t cp_bundle_held(const cp_bundle *bundle);

/* Empties it; memory worth keeping is kept for the next frames. */
void cp_bundle_reset(cp_bundle *bundle);
void cp_bundle_free(cp_bundle *bundle);

/* Where a decoder reads: stored bytes of a bundle, and behind them a source, up to a frame's end.
 */
typedef struct cp_bundle_part {
    const cp_bundle *bundle; /* borrowed */
    size_t from, to;
    cp_source *rest;      /* borrowed; NULL: it ends at `to` */
    bool ends_with_frame; /* else the rest's own end is the end */
} cp_bundle_part;

/* A decompressor, for one part after the other. Zeroed: none is open. */
typedef struct cp_bundle_decoder {
    cp_stream *stream;
    struct cp_bundle_source *source; /* under the stream, which owns it */
    size_t charged; /* bytes of the room: the stream's own count, also of a closed one */
} cp_bundle_decoder;

/* Goes to `part`; what it was at before has ended. The stream is called, and its errors say where
 * damage is, as if it read the compressed stream itself, but that a place in the decompressed one
 * counts from here. CP_E_MEMORY: it is closed. */
cp_rc cp_bundle_decoder_begin(cp_bundle_decoder *decoder, const cp_codec *codec,
                              size_t window_limit_bytes, const cp_bundle_part *part, cp_error *err);

/* From now on the part ends with the frame that the stream is in. */
void cp_bundle_decoder_end_with_frame(cp_bundle_decoder *decoder);

/* The stream's error comes from the part's rest, and so does the byte that it says. */
bool cp_bundle_decoder_rest_failed(const cp_bundle_decoder *decoder);

void cp_bundle_decoder_close(cp_bundle_decoder *decoder); /* may be called twice */

/* Decompresses the whole frames into buffers of `pool`. false: memory is out, or they are damaged,
 * which is for the reader to find again in its turn; the decoder is closed. Any thread. */
bool cp_bundle_unpack(cp_bundle *bundle, cp_bundle_decoder *decoder, const cp_codec *codec,
                      size_t window_limit_bytes, cp_pool *pool);

#endif
