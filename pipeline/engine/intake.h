/* Opening one input: its bytes, its codecs, its format.
 *
 *   path ---> file source -+-> codec -> source -> codec ... -> records
 *   member -> its source --+                               \-> an archive: members
 */
#ifndef CP_ENGINE_INTAKE_H
#define CP_ENGINE_INTAKE_H

#include "pipeline/core/container.h"
#include "pipeline/core/format.h"
#include "pipeline/core/source.h"
#include "pipeline/io/frames.h"
#include "pipeline/io/input.h"

typedef struct cp_intake_options {
    cp_io_options io;
    const cp_codec *const *codecs;         /* ends with NULL */
    const cp_container *const *containers; /* ends with NULL; NULL: none */
    const cp_format_type *const *formats;  /* ends with NULL */
    const cp_format_type *format;          /* NULL: by content */
    size_t window_limit_bytes;             /* of a codec's frame */
    cp_room *frames_room;                  /* for frames ahead; NULL: one thread reads alone */
    bool any_content;                      /* content of no format is no error */
    bool name_archives; /* an archive is named, not opened: its bytes stay the records */
} cp_intake_options;

enum { CP_CODEC_LAYERS_MAX = 4 };

typedef struct cp_intake {
    cp_source *records;      /* decompressed; owned, with all under it; NULL for an archive */
    cp_archive *archive;     /* owned, with all under it; NULL for records */
    const cp_source *stored; /* the input's own bytes, below the codecs; borrowed */
    uint64_t stored_bytes;   /* the file's size, UINT64_MAX where unknown */
    cp_frames *frames;       /* the records' own stream, not started; borrowed; most often NULL */
    bool is_empty;           /* there are no records to read */
    const cp_format_type *format; /* NULL where nobody said, and the input is empty or of none */
    const cp_codec *codecs[CP_CODEC_LAYERS_MAX]; /* that lie over the content, outermost first */
    size_t codec_count;
    const cp_container *container; /* what the archive is; NULL for records */
} cp_intake;

/* CP_E_NOINPUT, CP_E_IO, CP_E_DATA; CP_E_USAGE where the content is of no format that can be
 * told. Errors name the path. */
cp_rc cp_intake_open(const char *path, const cp_intake_options *options, cp_pool *pool,
                     cp_pool *codec_pool, cp_intake *out, cp_error *err);

/* The same from an archive's member, whose stream it owns from here on, also where this fails. An
 * archive inside an archive is CP_E_USAGE. */
cp_rc cp_intake_open_member(cp_stream *member, const cp_intake_options *options, cp_pool *pool,
                            cp_pool *codec_pool, cp_intake *out, cp_error *err);

/* Whether an archive's member is one to be read: `glob` is what --member says, NULL for all. */
bool cp_member_is_selected(const char *glob, const char *member);

/* What was looked at, and what it tells. */
typedef struct cp_sample {
    cp_guess guess;
    size_t bytes; /* of the content */
    bool whole;   /* that is all of it */
} cp_sample;

/* A schema that fits the first records: as many as the options say, as far as their sample_bytes
 * hold them; but one of them at least, unless it is too large or there is none. What is looked at
 * does not depend on how a pipe delivers it, and stays in the source. CP_E_USAGE where the format
 * cannot be guessed; CP_E_MEMORY, and what source and format answer. */
cp_rc cp_intake_infer(cp_intake *intake, const cp_format_options *options, cp_sample *out,
                      cp_error *err);

void cp_intake_close(cp_intake *intake); /* may be called twice */

#endif
