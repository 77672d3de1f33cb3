/* Members of a gzip stream, one after the other (RFC 1952). Zero bytes behind a member are tape
 * padding, and passed over; anything else that begins no member is an error. */
#include "formats/compress/gzip.h"

#include "formats/compress/unpacker.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    MAGIC_1 = 0x1F,
    MAGIC_2 = 0x8B,
    METHOD_DEFLATE = 8,
    FIXED_HEADER_BYTES = 10,
    FLAG_HEADER_CRC = 1 << 1,
    FLAG_EXTRA = 1 << 2,
    FLAG_NAME = 1 << 3,
    FLAG_COMMENT = 1 << 4,
    FLAGS_RESERVED = 0xE0,
};

/* What is inflated at once: the checksum should still find it in a near cache, but each piece costs
 * the inflaters' beginnings and ends. */
enum { INFLATE_BYTES = 1 << 20 };

typedef enum member_part { AT_HEADER, IN_DATA, AT_TRAILER } member_part;

typedef struct gzip_reader {
    cp_unpacker base;
    const cp_inflater *inflater;
    void *state; /* the inflater's */
    member_part part;
    uint64_t member_at; /* compressed byte where the running member begins */
    uint32_t header_crc;
    uint32_t crc, size; /* of the member's bytes so far */
    uint8_t trailer[CP_GZIP_TRAILER_BYTES];
    size_t trailer_bytes;
} gzip_reader;

static bool begins_member(cp_span head)
{
    return head.data[0] == MAGIC_1 && (head.size < 2 || head.data[1] == MAGIC_2);
}

int cp_gzip_probe(cp_span head)
{
    return head.size >= 3 && begins_member(head) && head.data[2] == METHOD_DEFLATE ? 90 : 0;
}

static cp_rc pass_padding(cp_source *from, cp_error *err)
{
    if (from->position == 0)
        return CP_OK;
    for (;;) {
        cp_view view;
        cp_rc rc = from->peek(from, 1, &view, err);
        if (rc)
            return rc;
        size_t zeros = 0;
        while (zeros < view.bytes.size && view.bytes.data[zeros] == 0)
            zeros++;
        from->consume(from, zeros);
        if (zeros == 0 || zeros < view.bytes.size)
            return CP_OK;
    }
}

static cp_rc header_byte(gzip_reader *self, uint8_t *byte, cp_error *err)
{
    cp_source *from = self->base.compressed;
    cp_view view;
    cp_rc rc = from->peek(from, 1, &view, err);
    if (rc)
        return rc;
    if (view.bytes.size == 0)
        return cp_unpack_truncated(&self->base, "inside a member's header", err);
    *byte = view.bytes.data[0];
    self->header_crc = self->inflater->crc32(self->header_crc, byte, 1);
    from->consume(from, 1);
    return CP_OK;
}

static cp_rc header_u16(gzip_reader *self, uint16_t *value, cp_error *err)
{
    uint8_t low = 0, high = 0;
    cp_rc rc = header_byte(self, &low, err);
    if (!rc)
        rc = header_byte(self, &high, err);
    *value = (uint16_t)(low | high << 8);
    return rc;
}

static cp_rc fixed_header(gzip_reader *self, uint8_t *flags, cp_error *err)
{
    uint8_t header[FIXED_HEADER_BYTES] = {0};
    for (size_t i = 0; i < sizeof header; i++) {
        cp_rc rc = header_byte(self, &header[i], err);
        if (rc)
            return rc;
    }
    *flags = header[3];
    if (header[2] != METHOD_DEFLATE)
        return cp_unpack_corrupt(&self->base, "a member is compressed by an unknown method", err);
    if (*flags & FLAGS_RESERVED)
        return cp_unpack_corrupt(&self->base, "a member's header has unknown flags", err);
    return CP_OK;
}

static cp_rc pass_extra(gzip_reader *self, cp_error *err)
{
    uint16_t left;
    cp_rc rc = header_u16(self, &left, err);
    while (!rc && left-- > 0) {
        uint8_t ignored;
        rc = header_byte(self, &ignored, err);
    }
    return rc;
}

static cp_rc pass_text(gzip_reader *self, cp_error *err)
{
    uint8_t byte = 1;
    cp_rc rc = CP_OK;
    while (!rc && byte)
        rc = header_byte(self, &byte, err);
    return rc;
}

static cp_rc check_header_crc(gzip_reader *self, cp_error *err)
{
    uint16_t computed = (uint16_t)self->header_crc, stored;
    cp_rc rc = header_u16(self, &stored, err);
    if (!rc && stored != computed)
        rc = cp_unpack_corrupt(&self->base, "the checksum of a member's header is wrong", err);
    return rc;
}

/* In the order in which they stand. */
static const struct {
    uint8_t flag;
    cp_rc (*read)(gzip_reader *, cp_error *);
} optional_fields[] = {
    {FLAG_EXTRA, pass_extra},
    {FLAG_NAME, pass_text},
    {FLAG_COMMENT, pass_text},
    {FLAG_HEADER_CRC, check_header_crc},
};

static cp_rc read_header(gzip_reader *self, cp_error *err)
{
    enum { FIELD_COUNT = sizeof optional_fields / sizeof optional_fields[0] };
    uint8_t flags;
    self->header_crc = 0;
    cp_rc rc = fixed_header(self, &flags, err);
    for (size_t i = 0; !rc && i < FIELD_COUNT; i++) {
        if (flags & optional_fields[i].flag)
            rc = optional_fields[i].read(self, err);
    }
    return rc;
}

/* The next member's header, or the end. */
static cp_rc begin_member(gzip_reader *self, cp_error *err)
{
    cp_rc rc = pass_padding(self->base.compressed, err);
    if (!rc)
        rc = cp_unpack_boundary(&self->base, begins_member, 2, err);
    if (rc || self->base.ended)
        return rc;
    self->member_at = self->base.compressed->position;
    rc = read_header(self, err);
    self->inflater->reset(self->state);
    self->crc = self->size = 0;
    self->trailer_bytes = 0;
    self->part = IN_DATA;
    return rc;
}

/* How far inflaters have read ahead of damage depends on how the bytes arrive. */
static cp_rc damaged_data(const gzip_reader *self, const char *damage, cp_error *err)
{
    return cp_fail(
        err, CP_E_DATA, "corrupt_input",
        "the gzip stream is damaged in the member that begins at compressed byte %" PRIu64 ": %s",
        self->member_at, damage);
}

static cp_rc inflate_data(gzip_reader *self, cp_unpack_out *to, cp_error *err)
{
    cp_source *from = self->base.compressed;
    cp_view view;
    cp_rc rc = from->peek(from, 1, &view, err);
    if (rc)
        return rc;
    size_t capacity = to->capacity < INFLATE_BYTES ? to->capacity : INFLATE_BYTES;
    cp_inflation io = {.in = view.bytes, .out = to->bytes, .capacity = capacity};
    rc = self->inflater->inflate(self->state, &io, err);
    if (rc)
        return rc;
    from->consume(from, io.consumed);
    to->size = io.produced;
    self->crc = self->inflater->crc32(self->crc, to->bytes, to->size);
    self->size += (uint32_t)to->size;
    if (io.damage)
        return damaged_data(self, io.damage, err);
    if (!io.progress)
        return view.bytes.size ? cp_unpack_corrupt(&self->base, "it leads nowhere", err)
                               : cp_unpack_truncated(&self->base, "inside a member", err);
    if (io.ended) {
        memcpy(self->trailer, io.ahead, io.ahead_bytes);
        self->trailer_bytes = io.ahead_bytes;
        self->part = AT_TRAILER;
    }
    return CP_OK;
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* How the member compares with what its trailer promises. */
static cp_rc check_member(gzip_reader *self, cp_error *err)
{
    static const char checksum[] = "a member's CRC-32 is %08x, its trailer says %08x";
    static const char length[] = "a member holds %u bytes (modulo 2^32), its trailer says %u";
    char what[128];
    uint32_t crc = read_u32(self->trailer), size = read_u32(self->trailer + 4);
    self->part = AT_HEADER;
    if (crc != self->crc)
        snprintf(what, sizeof what, checksum, self->crc, crc);
    else if (size != self->size)
        snprintf(what, sizeof what, length, self->size, size);
    else
        return CP_OK;
    return cp_unpack_corrupt(&self->base, what, err);
}

static cp_rc end_member(gzip_reader *self, cp_error *err)
{
    cp_source *from = self->base.compressed;
    size_t missing = CP_GZIP_TRAILER_BYTES - self->trailer_bytes;
    if (missing > 0) {
        cp_view view;
        cp_rc rc = from->peek(from, missing, &view, err);
        if (rc)
            return rc;
        size_t size = view.bytes.size < missing ? view.bytes.size : missing;
        if (size > 0)
            memcpy(self->trailer + self->trailer_bytes, view.bytes.data, size);
        from->consume(from, size);
        if (size < missing)
            return cp_unpack_truncated(&self->base, "inside a member's trailer", err);
    }
    return check_member(self, err);
}

static cp_rc gzip_step(cp_unpacker *base, cp_unpack_out *to, cp_error *err)
{
    gzip_reader *self = (gzip_reader *)base;
    switch (self->part) {
    case AT_HEADER:
        return begin_member(self, err);
    case IN_DATA:
        return inflate_data(self, to, err);
    case AT_TRAILER:
        break;
    }
    return end_member(self, err);
}

static void gzip_release(cp_unpacker *base)
{
    gzip_reader *self = (gzip_reader *)base;
    self->inflater->close(self->state);
}

cp_rc cp_gzip_open(const cp_inflater *inflater, cp_source *compressed, cp_stream **out,
                   cp_error *err)
{
    static const cp_unpacker_type type = {"gzip", gzip_step, gzip_release, false};
    gzip_reader *self;
    cp_rc rc = cp_unpacker_open(&type, sizeof *self, compressed, &self, err);
    if (rc)
        return rc;
    cp_stream *stream = &self->base.base;
    self->inflater = inflater;
    rc = inflater->open(&self->state, err);
    if (rc) {
        stream->close(stream);
        return rc;
    }
    *out = stream;
    return CP_OK;
}
