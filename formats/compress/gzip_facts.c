/* Counting gzip members (RFC 1952) in a file's head. */
#include "formats/compress/stream_facts.h"
#include "pipeline/core/checked.h"

#define ZLIB_CONST /* next_in is const */
#include <zlib.h>

enum { PIECE_BYTES = 64 << 10, GZIP_WINDOW_BITS = MAX_WBITS + 16 };

typedef struct counting {
    z_stream zlib;
    cp_seekable *file;
    cp_gzip_facts *facts;
    uint64_t produced;
    bool in_member; /* one was begun that has not ended */
    uint8_t in[PIECE_BYTES], out[PIECE_BYTES];
} counting;

static cp_rc show_more(counting *c, cp_error *err)
{
    uint64_t left = c->file->bytes - c->facts->looked_bytes;
    size_t size = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    cp_rc rc = c->file->read(c->file, c->facts->looked_bytes, c->in, size, err);
    c->zlib.next_in = c->in;
    c->zlib.avail_in = (uInt)size;
    c->facts->looked_bytes += rc ? 0 : size;
    return rc;
}

/* Inflates what is there; false where that is damaged. */
static bool inflate_some(counting *c)
{
    c->zlib.next_out = c->out;
    c->zlib.avail_out = PIECE_BYTES;
    c->in_member = true;
    int code = inflate(&c->zlib, Z_NO_FLUSH);
    c->produced += PIECE_BYTES - c->zlib.avail_out;
    if (code == Z_STREAM_END) {
        c->facts->members++;
        c->in_member = false;
        return inflateReset(&c->zlib) == Z_OK;
    }
    return code == Z_OK || code == Z_BUF_ERROR;
}

static bool may_look_on(const counting *c)
{
    bool has_more = c->facts->looked_bytes < c->file->bytes;
    return c->produced < CP_GZIP_OUTPUT_BYTES &&
           (c->zlib.avail_in > 0 || (has_more && c->facts->looked_bytes < CP_GZIP_HEAD_BYTES));
}

static cp_rc run(counting *c, cp_error *err)
{
    bool sound = true;
    cp_rc rc = CP_OK;
    while (!rc && sound && may_look_on(c)) {
        if (c->zlib.avail_in == 0)
            rc = show_more(c, err);
        if (!rc)
            sound = inflate_some(c);
    }
    c->facts->looked_bytes -= c->zlib.avail_in;
    c->facts->whole = sound && !c->in_member && c->facts->looked_bytes == c->file->bytes;
    return rc;
}

cp_rc cp_gzip_facts_read(cp_seekable *file, cp_gzip_facts *out, cp_error *err)
{
    counting *c;
    *out = (cp_gzip_facts){0};
    cp_rc rc = cp_calloc(1, sizeof *c, &c, err);
    if (rc)
        return rc;
    c->file = file;
    c->facts = out;
    rc = inflateInit2(&c->zlib, GZIP_WINDOW_BITS) == Z_OK ? run(c, err) : cp_fail_memory(err, 0);
    inflateEnd(&c->zlib);
    free(c);
    return rc;
}
