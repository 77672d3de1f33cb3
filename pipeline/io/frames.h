/* Frames ahead: a decompressing stream over many frames, which several threads decompress.
 *
 *   source --copied--> bundle, bundle, bundle ... listed, in order
 *                         |       |
 *                         |       +-- cp_frames_unpack, in any thread, into pool buffers
 *                         +-- read: in order; out of those buffers, or straight where nobody has
 *                             begun with the bundle
 *
 * What read gives, errors and their bytes included, is what the codec's own stream gives: a bundle
 * with damage is thrown away, and its reader meets the damage itself. Frames that are too large for
 * a bundle, or cannot be measured, are read straight from the source. */
#ifndef CP_IO_FRAMES_H
#define CP_IO_FRAMES_H

#include "pipeline/core/source.h"
#include "pipeline/io/room.h"

typedef struct cp_frames cp_frames;

/* A stream of decompressed bytes over `compressed`, which it owns from here on, also where this
 * fails; `codec` has a measure. Until cp_frames_start it is the codec's own stream and nothing
 * else. Content waits in buffers of `pool`. All memory beyond that of the codec's own stream is
 * taken from `room`; where that has none left, less is done ahead. Pool and room outlive the
 * stream. CP_E_MEMORY. */
cp_rc cp_frames_open(const cp_codec *codec, cp_source *compressed, size_t window_limit_bytes,
                     cp_pool *pool, cp_room *room, cp_frames **out, cp_error *err);

/* The stream, whose close frees all; no thread may be in a call below then. One thread at a time
 * reads; it waits for no thread but one that unpacks the very bundle it has come to, and that is
 * sure to end. */
cp_stream *cp_frames_stream(cp_frames *frames);

/* From the next frame on, bundles are listed, enough for `threads` threads. `listed` is called by
 * the reader, with no lock held, when there is one for others. Not while a thread reads. */
void cp_frames_start(cp_frames *frames, size_t threads, void (*listed)(void *context),
                     void *context);

/* Whether cp_frames_unpack would have something to do. Any thread. */
bool cp_frames_waiting(cp_frames *frames);

/* Whether a read would have to wait for another thread. Any thread. */
bool cp_frames_busy(cp_frames *frames);

/* Unpacks the first bundle that nobody has begun with. Any thread. */
void cp_frames_unpack(cp_frames *frames);

#endif
