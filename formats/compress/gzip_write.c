/* gzip written through zlib, whose levels people know. */
#include "formats/compress/gzip.h"
#include "pipeline/core/checked.h"

#define ZLIB_CONST /* next_in is const */
#include <limits.h>
#include <zlib.h>

enum { BUFFER_BYTES = 128 << 10, LEVEL_DEFAULT = 6, MEMORY_LEVEL = 8 };
enum { GZIP_WINDOW_BITS = MAX_WBITS + 16 }; /* 16: with gzip's header and trailer */

typedef struct gzip_writer {
    cp_writer base;
    cp_writer *below;
    z_stream zlib;
    uint8_t buffer[BUFFER_BYTES];
} gzip_writer;

/* Until zlib has taken its input, and for Z_FINISH has given all it had. */
static cp_rc deflate_all(gzip_writer *self, int flush, cp_error *err)
{
    do {
        self->zlib.next_out = self->buffer;
        self->zlib.avail_out = BUFFER_BYTES;
        if (deflate(&self->zlib, flush) == Z_STREAM_ERROR)
            return cp_fail(err, CP_E_BUG, "compression_failed", "zlib: inconsistent stream");
        size_t size = BUFFER_BYTES - self->zlib.avail_out;
        cp_rc rc = size ? cp_write(self->below, self->buffer, size, err) : CP_OK;
        if (rc)
            return rc;
    } while (self->zlib.avail_out == 0);
    return CP_OK;
}

static cp_rc gzip_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    gzip_writer *self = (gzip_writer *)writer;
    const uint8_t *next = bytes;
    cp_rc rc = CP_OK;
    while (!rc && size > 0) {
        uInt part = size < UINT_MAX ? (uInt)size : UINT_MAX;
        self->zlib.next_in = next;
        self->zlib.avail_in = part;
        rc = deflate_all(self, Z_NO_FLUSH, err);
        next += part;
        size -= part;
    }
    return rc;
}

static cp_rc gzip_finish(cp_writer *writer, cp_error *err)
{
    gzip_writer *self = (gzip_writer *)writer;
    self->zlib.next_in = NULL;
    self->zlib.avail_in = 0;
    return deflate_all(self, Z_FINISH, err);
}

static void gzip_close(cp_writer *writer)
{
    gzip_writer *self = (gzip_writer *)writer;
    deflateEnd(&self->zlib);
    free(self);
}

cp_rc cp_gzip_compress(cp_writer *below, int level, cp_writer **out, cp_error *err)
{
    if (level < 0 || level > Z_BEST_COMPRESSION)
        return cp_fail(err, CP_E_USAGE, "bad_level", "gzip has no compression level %d", level);
    gzip_writer *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_writer){gzip_write, gzip_finish, gzip_close};
    self->below = below;
    if (deflateInit2(&self->zlib, level ? level : LEVEL_DEFAULT, Z_DEFLATED, GZIP_WINDOW_BITS,
                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(self);
        return cp_fail_memory(err, 0);
    }
    *out = &self->base;
    return CP_OK;
}
