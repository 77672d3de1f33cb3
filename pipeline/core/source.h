/* Bytes in.
 *
 *   stream  reads into the caller's memory: a file, a pipe, a decompressor over a source
 *   source  peek / consume over a stream or a mapped file: what splitters and codecs look at
 *
 *   file --stream--> source --codec = stream--> source --> splitter
 *             (peek compressed bytes)    (peek records)
 *
 * Peeked bytes lie in a reference-counted buffer, so that a block can be handed to a worker
 * without a copy: it takes a reference to the view's backing. */
#ifndef CP_CORE_SOURCE_H
#define CP_CORE_SOURCE_H

#include "pipeline/core/buffer.h"
#include "pipeline/core/span.h"
#include "pipeline/core/writer.h"

/* One thread at a time. */
typedef struct cp_stream {
    /* Up to `capacity` bytes into `out`; *got 0 means the end, told again on every later call.
     * Errors say the byte (of this stream) where known, never the input's name. */
    cp_rc (*read)(struct cp_stream *, uint8_t *out, size_t capacity, size_t *got, cp_error *);
    void (*close)(struct cp_stream *); /* frees the stream itself */
} cp_stream;

typedef struct cp_view {
    cp_span bytes;      /* from the cursor on; good until the next peek or close */
    cp_buffer *backing; /* borrowed; retain it to keep the bytes longer */
    bool at_end;        /* nothing comes behind; a '\n' and padding are readable there */
} cp_view;

/* One thread at a time; the views' backings may be released by any. */
typedef struct cp_source {
    /* At least `want` contiguous bytes from the cursor, fewer only at the end. CP_PADDING_BYTES
     * more are readable. A want of 0 leaves the last view good. CP_E_IO, CP_E_DATA (the stream
     * under it is corrupt), CP_E_MEMORY: then the view holds what came before the failure, if
     * anything, and every later peek that wants more fails in the same way. */
    cp_rc (*peek)(struct cp_source *, size_t want, cp_view *out, cp_error *);
    /* Moves the cursor over bytes seen in the last view. */
    void (*consume)(struct cp_source *, size_t bytes);
    void (*close)(struct cp_source *); /* frees the source and all under it */
    uint64_t position;                 /* bytes consumed so far */
} cp_source;

/* Whether the bytes of the last view were the input's: those of a mapped file may become zeros
 * while they are used. To be asked after their use, and before anything that was made of them is
 * handed on: where this fails it is to be dropped, errors included, for the failure told here. */
static inline cp_rc cp_source_recheck(cp_source *source, cp_error *err)
{
    cp_view view;
    return source->peek(source, 0, &view, err);
}

/* How far a frame has been looked through without decompressing it; zeroed before its first byte.
 * What it says of content and window is the stream's word, not yet bounded by anything. */
typedef struct cp_frame {
    uint64_t
        wanted_bytes; /* from the frame's first on, to look further; of an ended one: its size */
    uint64_t content_bytes; /* no more than these come out of what was looked at */
    uint64_t window_bytes;  /* of them, what a decompressor keeps */
    /* The codec's own. */
    uint64_t part_at; /* where its next part begins */
    bool knows_content, has_checksum;
} cp_frame;

/* A decompressor, and a compressor where casepipe writes the codec too. One file and one row in the
 * codec registry each. */
typedef struct cp_codec {
    const char *name;
    const char *extension; /* with the dot; for outputs */
    /* 0: the head is not mine; higher is surer. */
    int (*probe)(cp_span head);
    /* A stream of decompressed bytes over `compressed`, which it owns from here on, also where
     * this fails. `window_limit_bytes` bounds what a frame may ask for. */
    cp_rc (*open)(cp_source *compressed, size_t window_limit_bytes, cp_stream **out, cp_error *);

    /* The next three where a stream is made of frames that can be decompressed each for itself, by
     * any thread; else NULL.
     *
     * Looks at `bytes`, the frame's first ones: CP_MORE, where there are fewer than wanted_bytes
     * now says; CP_OK, where the frame's size is known; CP_E_DATA where it cannot be told, because
     * the bytes are damaged or no frame. Only decompressing tells what is wrong with them. */
    cp_rc (*measure)(cp_frame *, cp_span bytes);
    /* Whether the stream from `open` has just ended a frame, or has not begun one. */
    bool (*is_between_frames)(const cp_stream *);
    /* The stream from `open`, which has told its end, begins anew with what its source shows now.
     */
    void (*restart)(cp_stream *);

    /* A writer that compresses into `below`, which stays the caller's and is not finished by the
     * compressor's finish. `level` 0: the codec's own default. NULL: this codec only reads. */
    cp_rc (*compress)(cp_writer *below, int level, cp_writer **out, cp_error *);
} cp_codec;

#endif
