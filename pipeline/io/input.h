/* Opening inputs by path, and expanding globs. */
#ifndef CP_IO_INPUT_H
#define CP_IO_INPUT_H

#include "pipeline/core/source.h"

typedef enum cp_read_method { CP_READ_AUTO, CP_READ_MMAP, CP_READ_CHUNKED } cp_read_method;

typedef struct cp_io_options {
    cp_read_method method; /* mmap falls back to chunks where there is nothing to map: a pipe */
    size_t chunk_bytes;
} cp_io_options;

/* The bytes of the file at `path`, or of stdin for "-", as they are stored. *file_bytes is the
 * file's size, or UINT64_MAX where it has none. CP_E_NOINPUT for what is missing, unreadable or a
 * folder, CP_E_IO as cp_open_failed; the error names `path`. */
cp_rc cp_input_open(const char *path, const cp_io_options *options, cp_pool *pool, cp_source **out,
                    uint64_t *file_bytes, cp_error *err);

/* The failure of an open(), by its errno: CP_E_NOINPUT, and CP_E_IO where it says nothing about
 * whether the file is there. */
cp_rc cp_open_failed(int number, cp_error *err);

typedef struct cp_paths {
    char **items;
    size_t count, capacity;
} cp_paths;

/* Appends what `pattern` stands for: itself, where it is "-", names an existing file, or has no
 * glob character; else every match in byte order. CP_E_NOINPUT where a glob matches nothing. */
cp_rc cp_paths_add(cp_paths *paths, const char *pattern, cp_error *err);
/* The path where there is one alone, for what looks at one input only; borrowed. CP_E_USAGE. */
cp_rc cp_paths_single(const cp_paths *paths, const char **out, cp_error *err);
void cp_paths_free(cp_paths *paths);

#endif
