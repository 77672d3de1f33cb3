/* The loop over a codec's steps. */
#include "formats/compress/unpacker.h"

#include "pipeline/core/checked.h"

#include <inttypes.h>

static cp_rc run_step(cp_unpacker *self, uint8_t *bytes, size_t capacity, size_t *got)
{
    cp_unpack_out out = {bytes, capacity, 0};
    cp_rc rc = self->type->step(self, &out, &self->failure);
    cp_error lost_err;
    cp_rc lost = cp_source_recheck(self->compressed, &lost_err);
    if (lost) {
        self->failure = lost_err;
        return lost;
    }
    self->produced += out.size;
    *got += out.size;
    if (rc == CP_E_DATA)
        cp_error_at_byte(&self->failure, self->produced);
    return rc;
}

/* From the unpacker's own buffer, filled again where it is empty. */
static size_t give_own(cp_unpacker *self, uint8_t *bytes, size_t capacity)
{
    if (self->own_start == self->own_end) {
        self->own_start = self->own_end = 0;
        self->failed = run_step(self, self->own, CP_UNPACK_OWN_BYTES, &self->own_end);
    }
    size_t waiting = self->own_end - self->own_start;
    size_t size = waiting < capacity ? waiting : capacity;
    memcpy(bytes, self->own + self->own_start, size);
    self->own_start += size;
    return size;
}

static bool has_more(const cp_unpacker *self)
{
    return self->own_start < self->own_end || (!self->failed && !self->ended);
}

static cp_rc unpacker_read(cp_stream *stream, uint8_t *bytes, size_t capacity, size_t *got,
                           cp_error *err)
{
    cp_unpacker *self = (cp_unpacker *)stream;
    *got = 0;
    while (has_more(self) && *got < capacity) {
        if (self->own)
            *got += give_own(self, bytes + *got, capacity - *got);
        else
            self->failed = run_step(self, bytes + *got, capacity - *got, got);
    }
    if (*got > 0 || !self->failed)
        return CP_OK;
    if (err)
        *err = self->failure;
    return self->failed;
}

static void free_unpacker(cp_unpacker *self)
{
    self->compressed->close(self->compressed);
    free(self->own);
    free(self);
}

static void unpacker_close(cp_stream *stream)
{
    cp_unpacker *self = (cp_unpacker *)stream;
    self->type->release(self);
    free_unpacker(self);
}

cp_rc cp_unpacker_open(const cp_unpacker_type *type, size_t bytes, cp_source *compressed, void *out,
                       cp_error *err)
{
    cp_unpacker *self;
    cp_rc rc = cp_calloc(1, bytes, &self, err);
    if (rc) {
        compressed->close(compressed);
        return rc;
    }
    self->base = (cp_stream){unpacker_read, unpacker_close};
    self->type = type;
    self->compressed = compressed;
    if (type->fills_own_buffer)
        rc = cp_calloc(1, CP_UNPACK_OWN_BYTES, &self->own, err);
    if (rc)
        free_unpacker(self);
    else
        memcpy(out, &self, sizeof self);
    return rc;
}

cp_rc cp_unpack_boundary(cp_unpacker *self, bool (*begins)(cp_span head), size_t magic_bytes,
                         cp_error *err)
{
    cp_view view;
    cp_rc rc = self->compressed->peek(self->compressed, magic_bytes, &view, err);
    if (rc)
        return rc;
    bool first = self->compressed->position == 0;
    if (view.bytes.size == 0 && !first) {
        self->ended = true;
        return CP_OK;
    }
    if (view.bytes.size > magic_bytes)
        view.bytes.size = magic_bytes;
    if (view.bytes.size > 0 && !begins(view.bytes))
        return first ? cp_unpack_corrupt(self, "it does not begin like one", err)
                     : cp_unpack_garbage(self, err);
    return view.bytes.size < magic_bytes ? cp_unpack_truncated(self, "in its first bytes", err)
                                         : CP_OK;
}

cp_rc cp_unpack_peek(cp_unpacker *self, size_t wanted, cp_span *in, cp_error *err)
{
    enum { PIECE_BYTES_MAX = 256 << 10 };
    if (wanted > PIECE_BYTES_MAX)
        wanted = PIECE_BYTES_MAX;
    cp_view view;
    cp_rc rc = self->compressed->peek(self->compressed, wanted, &view, err);
    if (rc && view.bytes.size == 0)
        return rc;
    *in = view.bytes;
    if (in->size > wanted)
        in->size = wanted;
    return CP_OK;
}

cp_rc cp_unpack_truncated(const cp_unpacker *self, const char *where, cp_error *err)
{
    return cp_fail(err, CP_E_DATA, "truncated_input",
                   "the %s stream ends %s, at compressed byte %" PRIu64, self->type->name, where,
                   self->compressed->position);
}

cp_rc cp_unpack_corrupt(const cp_unpacker *self, const char *what, cp_error *err)
{
    return cp_fail(err, CP_E_DATA, "corrupt_input",
                   "the %s stream is damaged near compressed byte %" PRIu64 ": %s",
                   self->type->name, self->compressed->position, what);
}

cp_rc cp_unpack_window(const cp_unpacker *self, const char *unit, cp_error *err)
{
    return cp_fail(err, CP_E_DATA, "window_too_large",
                   "a %s %s wants a larger window than --max-window allows", self->type->name,
                   unit);
}

cp_rc cp_unpack_garbage(const cp_unpacker *self, cp_error *err)
{
    return cp_fail(err, CP_E_DATA, "corrupt_input",
                   "trailing garbage behind the %s stream, at compressed byte %" PRIu64,
                   self->type->name, self->compressed->position);
}
