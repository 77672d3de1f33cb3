/* gzip (RFC 1952): what its two readers share, and its writer.
 *
 *   member   header (magic, flags, optional extra, name, comment, CRC-16), deflate data,
 *            trailer (CRC-32, size modulo 2^32)
 *   stream   member member ... [zero bytes]
 *
 * gzip.c reads members and checks them; an inflater, gzip_isal.c or gzip_zlib.c, does the deflate
 * data; gzip_write.c writes. */
#ifndef CP_FORMATS_COMPRESS_GZIP_H
#define CP_FORMATS_COMPRESS_GZIP_H

#include "pipeline/core/source.h"

enum { CP_GZIP_TRAILER_BYTES = 8 };

/* One call: what goes in, and what came of it. */
typedef struct cp_inflation {
    cp_span in;
    uint8_t *out;
    size_t capacity;

    size_t consumed, produced;
    bool ended;    /* the deflate data is complete and all of it was given */
    bool progress; /* anything happened, even inside */
    /* Once `ended`: bytes behind the deflate data that were consumed already, in these calls or
     * earlier ones. */
    uint8_t ahead[CP_GZIP_TRAILER_BYTES];
    size_t ahead_bytes;
    const char *damage; /* what is wrong with the data (static); NULL: nothing */
} cp_inflation;

/* Deflate data (RFC 1951), straight into the caller's memory. One thread at a time. */
typedef struct cp_inflater {
    cp_rc (*open)(void **state, cp_error *); /* CP_E_MEMORY */
    void (*reset)(void *state);              /* a new member begins */
    /* Damage is told after the good bytes before it, and is no failure here. CP_E_MEMORY. */
    cp_rc (*inflate)(void *state, cp_inflation *, cp_error *);
    void (*close)(void *state);
    /* As the trailer has it; `crc` is 0 at the start, then what the last call answered. */
    uint32_t (*crc32)(uint32_t crc, const uint8_t *bytes, size_t size);
} cp_inflater;

/* The slots of a cp_codec; cp_gzip_open takes the inflater besides. */
int cp_gzip_probe(cp_span head);
cp_rc cp_gzip_open(const cp_inflater *inflater, cp_source *compressed, cp_stream **out,
                   cp_error *err);

/* Levels 1 to 9; 0 stands for 6. The bytes depend on input, level and libz alone: no time and no
 * name is written. CP_E_USAGE ("bad_level"), CP_E_MEMORY. */
cp_rc cp_gzip_compress(cp_writer *below, int level, cp_writer **out, cp_error *err);

#endif
