/* A block ends at the last '\n' within its first MiB; a longer line is a block of its own up to the
 * limit, and beyond it is passed over and refused. */
#include "formats/text/line_splitter.h"

#include "pipeline/core/checked.h"

typedef struct line_splitter {
    cp_splitter base;
    uint64_t max_record_bytes;
    bool skipping;       /* inside a record that is too large */
    bool skipped_return; /* the last byte passed over was a '\r' */
    uint64_t skipped;
} line_splitter;

cp_rc cp_line_splitter_open(const cp_format_type *type, uint64_t max_record_bytes,
                            cp_splitter **out, cp_error *err)
{
    line_splitter *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = type;
    self->max_record_bytes = max_record_bytes;
    *out = &self->base;
    return CP_OK;
}

void cp_line_splitter_close(cp_splitter *splitter)
{
    free(splitter);
}

/* Passes over `size` bytes of a record that is too large; `ends` where it ends with them. */
static cp_rc skip(line_splitter *self, cp_span bytes, bool newline, bool ends, cp_cut *cut)
{
    *cut = (cp_cut){.size = bytes.size, .lines = newline};
    size_t text = bytes.size - newline;
    self->skipping = !ends;
    self->skipped += text;
    if (text > 0)
        self->skipped_return = bytes.data[text - 1] == '\r';
    if (ends) {
        cut->reason = CP_RECORD_TOO_LARGE;
        cut->length = self->skipped - self->skipped_return;
        cut->whole = self->skipped + newline;
        self->skipped = 0;
    }
    return CP_SKIP;
}

static cp_rc block(size_t size, cp_cut *cut)
{
    *cut = (cp_cut){.size = size};
    return CP_BLOCK;
}

/* No line ends within the block size: a record that is a block of its own, or too large. */
static cp_rc split_long_line(line_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut)
{
    size_t seen = self->skipping ? 0 : CP_BLOCK_TARGET_BYTES;
    const uint8_t *newline =
        seen < bytes.size ? memchr(bytes.data + seen, '\n', bytes.size - seen) : NULL;
    size_t line = newline ? (size_t)(newline - bytes.data) : bytes.size;
    /* Where the '\n' is not shown yet, the '\r' may still be the line end's. */
    bool has_return = line > 0 && bytes.data[line - 1] == '\r';
    bool ends = newline || end == CP_ENDS;
    if (!ends && end == CP_BREAKS_OFF)
        return CP_END;
    if (self->skipping || line - has_return > self->max_record_bytes)
        return skip(self, (cp_span){bytes.data, line + (newline != NULL)}, newline != NULL, ends,
                    cut);
    return ends ? block(line + (newline != NULL), cut) : CP_MORE;
}

cp_rc cp_line_split(cp_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                    cp_error *err)
{
    line_splitter *self = (line_splitter *)splitter;
    (void)err;
    if (self->skipping)
        return bytes.size || end != CP_GOES_ON ? split_long_line(self, bytes, end, cut) : CP_MORE;
    bool is_short = bytes.size < CP_BLOCK_TARGET_BYTES;
    if (is_short && end == CP_GOES_ON)
        return CP_MORE;
    if (is_short && end == CP_ENDS)
        return bytes.size ? block(bytes.size, cut) : CP_END;
    if (bytes.size == 0)
        return CP_END;
    const uint8_t *newline =
        memrchr(bytes.data, '\n', is_short ? bytes.size : CP_BLOCK_TARGET_BYTES);
    if (newline)
        return block((size_t)(newline - bytes.data) + 1, cut);
    return is_short ? CP_END : split_long_line(self, bytes, end, cut);
}
