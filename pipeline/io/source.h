/* The sources: buffered over any stream, and mapped over a regular file. */
#ifndef CP_IO_SOURCE_H
#define CP_IO_SOURCE_H

#include "pipeline/core/source.h"

/* Peeks into pool buffers filled from `stream`, which the source owns from here on, also where
 * this fails. `pool` outlives the source and all views. CP_E_MEMORY. */
cp_rc cp_buffered_source_open(cp_stream *stream, cp_pool *pool, cp_source **out, cp_error *err);

enum { CP_MAP_WINDOW_BYTES = 4 << 20 };

/* Windows of `window_bytes` over the first `file_bytes` of the regular file `fd`, which the
 * source owns from here on, also where this fails; each is unmapped when the cursor and all
 * blocks in it have moved on. The end of the file, too near for padding, is read into a buffer
 * of `pool`. CP_E_MEMORY. */
cp_rc cp_mapped_source_open(int fd, uint64_t file_bytes, size_t window_bytes, cp_pool *pool,
                            cp_source **out, cp_error *err);

/* Reads of at most `chunk_bytes` from `fd`, which the stream owns from here on, also where this
 * fails. A regular file is read up to the size it had at open: less is CP_E_DATA
 * ("truncated_input"), what is added later is not looked at. `file_bytes` is that size, or
 * UINT64_MAX for pipes. CP_E_MEMORY. */
cp_rc cp_file_stream_open(int fd, uint64_t file_bytes, size_t chunk_bytes, cp_stream **out,
                          cp_error *err);

#endif
