/* CSV by RFC 4180: quotes, "" within them, line ends within them, '\r\n' or '\n' between records.
 *
 *   split    the first record is the header (csv_header.h), unless the columns' names were given;
 *            a block ends at the last record end within its first MiB; a longer record is a block
 *            of its own up to --max-record-size, and beyond it is passed over to the next '\n'
 *   decode   a stretch of records at a time by their index (csv_scan.h); the first one that is not
 *            plainly good goes byte by byte (csv_record.h), which knows what to say
 *
 * Every block holds its input's header by reference, and the first one its bytes, too: lines are
 * counted where they stand. Empty lines are counted and skipped, but where records have one field
 * they are records whose field is empty. A byte order mark may stand at the start of the input. */
#include "formats/registry.h"
#include "formats/text/csv_header.h"
#include "formats/text/csv_infer.h"
#include "formats/text/csv_record.h"
#include "formats/text/csv_row.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/utf8.h"

typedef struct csv_format {
    cp_format base;
    const cp_schema *schema;
    cp_csv_dialect dialect;
    cp_span *columns; /* where inputs have no header; one allocation with their bytes */
    size_t column_count;
    const cp_csv_kernels *kernels;
} csv_format;

typedef struct csv_splitter {
    cp_splitter base;
    const csv_format *format;
    uint64_t head_bytes; /* before the first record, of what has not been cut yet */
    bool skipping;       /* inside a record that is too large */
    bool skipped_return; /* the last byte passed over was a '\r' */
    uint64_t skipped, skipped_lines;
} csv_splitter;

typedef struct csv_decoder {
    cp_decoder base;
    const csv_format *format;
    cp_csv_record record;
    cp_csv_index *index;
    uint32_t *nulls;
} csv_decoder;

/* ---- plan ---- */

static void csv_plan_close(cp_format *format)
{
    free(((csv_format *)format)->columns);
    free(format);
}

static cp_csv_dialect dialect_of(const cp_format_options *options)
{
    return (cp_csv_dialect){options->delimiter ? options->delimiter : ',',
                            options->max_record_bytes};
}

static cp_rc copy_columns(csv_format *self, const cp_format_options *options, cp_error *err)
{
    size_t bytes = options->column_count * sizeof *self->columns;
    for (size_t i = 0; i < options->column_count; i++)
        bytes += options->columns[i].size;
    cp_rc rc = cp_calloc(1, bytes, &self->columns, err);
    if (rc)
        return rc;
    uint8_t *to = (uint8_t *)(self->columns + options->column_count);
    for (size_t i = 0; i < options->column_count; i++) {
        memcpy(to, options->columns[i].data, options->columns[i].size);
        self->columns[i] = (cp_span){to, options->columns[i].size};
        to += options->columns[i].size;
    }
    self->column_count = options->column_count;
    return CP_OK;
}

static cp_rc csv_plan(const cp_schema *schema, const cp_format_options *options, cp_format **out,
                      cp_error *err)
{
    csv_format *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_csv_format;
    self->schema = schema;
    self->dialect = dialect_of(options);
    self->kernels = cp_csv_kernels_best();
    rc = copy_columns(self, options, err);
    if (rc)
        csv_plan_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* ---- split ---- */

static cp_rc csv_splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    csv_splitter *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_csv_format;
    self->format = (const csv_format *)format;
    *out = &self->base;
    return CP_OK;
}

static void csv_splitter_close(cp_splitter *splitter)
{
    cp_preamble_release(splitter->preamble);
    free(splitter);
}

/* CP_MORE where the header's end is not shown yet. */
static cp_rc open_header(csv_splitter *self, cp_span bytes, bool is_whole, cp_error *err)
{
    const csv_format *format = self->format;
    cp_csv_names names;
    cp_csv_header *header = NULL;
    cp_rc rc = cp_csv_names_read(bytes, is_whole, &format->dialect, format->columns,
                                 format->column_count, &names, err);
    if (!rc)
        rc = cp_csv_header_new(format->schema, &names, &header, err);
    cp_csv_names_free(&names);
    if (rc)
        return rc;
    self->base.preamble = &header->base;
    self->head_bytes = header->names.bytes;
    return CP_OK;
}

static cp_rc block(csv_splitter *self, size_t size, cp_cut *cut)
{
    self->head_bytes = 0;
    *cut = (cp_cut){.size = size};
    return CP_BLOCK;
}

/* Passes over `bytes` of a record that is too large; `ends` where it ends with them, `newline`
 * where their last one is its line end. */
static cp_rc skip(csv_splitter *self, cp_span bytes, bool newline, bool ends, cp_cut *cut)
{
    *cut = (cp_cut){.size = bytes.size};
    size_t text = bytes.size - newline;
    self->skipping = !ends;
    self->skipped += bytes.size;
    self->skipped_lines += cp_csv_count_lines(bytes);
    if (text > 0)
        self->skipped_return = bytes.data[text - 1] == '\r';
    if (ends) {
        cut->reason = CP_RECORD_TOO_LARGE;
        cut->length = self->skipped - newline - self->skipped_return;
        cut->whole = self->skipped;
        cut->lines = self->skipped_lines;
        self->skipped = self->skipped_lines = 0;
    }
    return CP_SKIP;
}

/* On in a record that is too large, whose next '\n' ends it. */
static cp_rc skip_on(csv_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut)
{
    if (bytes.size == 0 && end == CP_GOES_ON)
        return CP_MORE;
    const uint8_t *newline = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    if (newline)
        bytes.size = (size_t)(newline - bytes.data) + 1;
    else if (end == CP_BREAKS_OFF)
        return CP_END;
    return skip(self, bytes, newline != NULL, newline || end == CP_ENDS, cut);
}

/* The record at the start of `bytes` does not end within the block size: it is a block of its own,
 * or too large. */
static cp_rc split_long_record(csv_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut)
{
    const csv_format *format = self->format;
    size_t whole = format->kernels->first_end(bytes, &format->dialect);
    bool ends = whole || end == CP_ENDS;
    if (!ends && end == CP_BREAKS_OFF)
        return CP_END;
    size_t shown = whole ? whole : bytes.size;
    size_t size = shown - (whole != 0);
    size -= bytes.data[size - 1] == '\r';
    if (size > format->dialect.max_record_bytes)
        return skip(self, (cp_span){bytes.data, shown}, whole != 0, ends, cut);
    return ends ? block(self, shown, cut) : CP_MORE;
}

/* What stands before the first record goes into the first block, whatever its size. */
static cp_rc split_head(csv_splitter *self, size_t shown, cp_cut *cut)
{
    size_t size = self->head_bytes < shown ? (size_t)self->head_bytes : shown;
    return block(self, size, cut);
}

static cp_rc split_records(csv_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut)
{
    const csv_format *format = self->format;
    bool is_short = bytes.size < CP_BLOCK_TARGET_BYTES;
    if (is_short && end == CP_ENDS)
        return bytes.size ? block(self, bytes.size, cut) : CP_END;
    size_t window = is_short ? bytes.size : CP_BLOCK_TARGET_BYTES;
    size_t head = (size_t)self->head_bytes;
    if (head < window) {
        size_t last = format->kernels->last_end((cp_span){bytes.data + head, window - head},
                                                &format->dialect);
        if (last)
            return block(self, head + last, cut);
    }
    if (head)
        return split_head(self, bytes.size, cut);
    return is_short ? CP_END : split_long_record(self, bytes, end, cut);
}

static cp_rc csv_split(cp_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                       cp_error *err)
{
    csv_splitter *self = (csv_splitter *)splitter;
    if (self->skipping)
        return skip_on(self, bytes, end, cut);
    if (bytes.size < CP_BLOCK_TARGET_BYTES && end == CP_GOES_ON)
        return CP_MORE;
    if (!splitter->preamble) {
        cp_rc rc = open_header(self, bytes, end == CP_ENDS, err);
        if (rc)
            return rc == CP_MORE && end == CP_BREAKS_OFF ? CP_END : rc;
    }
    return split_records(self, bytes, end, cut);
}

/* ---- records of a block ---- */

/* What stands in the block before its first record. */
static size_t head_bytes(const cp_block *block)
{
    uint64_t bytes = ((const cp_csv_header *)block->preamble)->names.bytes;
    if (block->offset >= bytes)
        return 0;
    return bytes < block->bytes.size ? (size_t)bytes : block->bytes.size;
}

/* Without its line end. A '\r' in quotes that nothing closes is no part of one. */
static const uint8_t *csv_find_record(const cp_format *format, const cp_block *block,
                                      const uint8_t *p, cp_span *record, uint64_t *lines)
{
    const csv_format *self = (const csv_format *)format;
    const cp_csv_header *header = (const cp_csv_header *)block->preamble;
    const uint8_t *end = block->bytes.data + block->bytes.size;
    size_t head = p == block->bytes.data ? head_bytes(block) : 0;
    if (head) {
        *record = (cp_span){0};
        *lines = header->names.lines;
        return p + head;
    }
    size_t left = (size_t)(end - p);
    size_t shown = left + (end[-1] != '\n'); /* the input's last one may end behind the block */
    size_t whole = self->kernels->first_end((cp_span){p, shown}, &self->dialect);
    size_t size = whole ? whole - 1 : left;
    size -= whole && size > 0 && p[size - 1] == '\r';
    *record = size || header->names.count == 1 ? (cp_span){p, size} : (cp_span){0};
    const uint8_t *next = p + (whole && whole < left ? whole : left);
    *lines = cp_csv_count_lines((cp_span){p, (size_t)(next - p)});
    return next;
}

/* ---- decode ---- */

static void csv_decoder_close(cp_decoder *decoder)
{
    csv_decoder *self = (csv_decoder *)decoder;
    cp_csv_record_close(&self->record);
    free(self->index);
    free(self->nulls);
    free(self);
}

static cp_rc csv_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    csv_decoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_csv_format;
    self->format = (const csv_format *)format;
    rc = cp_calloc(1, sizeof *self->index, &self->index, err);
    if (!rc)
        rc = cp_calloc(self->format->schema->field_count, sizeof *self->nulls, &self->nulls, err);
    if (rc)
        csv_decoder_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* A block on its way through a decoder. */
typedef struct job {
    csv_decoder *self;
    const cp_block *block;
    const cp_csv_header *header;
    cp_cursor *cursor;
    cp_batch *batch;
} job;

static const uint8_t *block_end(const job *j)
{
    return j->block->bytes.data + j->block->bytes.size;
}

static bool is_blank_line(const job *j, size_t size)
{
    return size == 0 && j->header->names.count != 1;
}

/* Record number `i` of the index of the stretch at `base`; false: it is not plainly good. */
static bool read_indexed(job *j, const uint8_t *base, size_t i, const uint8_t *record,
                         const uint8_t *end)
{
    csv_decoder *self = j->self;
    const cp_csv_index *index = self->index;
    uint32_t first = i ? index->fields[i - 1] : 0;
    cp_span text = {record, (size_t)(end - record)};
    if (index->fields[i] - first != j->header->names.count ||
        text.size > self->format->dialect.max_record_bytes ||
        (!index->is_ascii && cp_utf8_valid(text) < text.size))
        return false;
    cp_refusal why;
    if (!cp_csv_row_read(j->header, record, end, index->ends + first, (uint32_t)(record - base),
                         self->nulls, j->batch, &why))
        return false;
    j->batch->rows++;
    return true;
}

/* Moves the cursor behind the '\n' at `newline`, which may stand behind the block. */
static void move_behind(job *j, const uint8_t *newline)
{
    bool is_there = newline < block_end(j);
    j->cursor->lines += is_there;
    j->cursor->offset = (size_t)(newline - j->block->bytes.data) + is_there;
}

/* As many records as an index shows to be good. Returns whether an index of what follows may show
 * more of them. */
static bool decode_stretch(job *j)
{
    const csv_format *format = j->self->format;
    const cp_csv_index *index = j->self->index;
    const uint8_t *base = j->block->bytes.data + j->cursor->offset, *record = base;
    size_t left = (size_t)(block_end(j) - base);
    left += base[left - 1] != '\n';
    format->kernels->index((cp_span){base, left}, format->dialect.delimiter, j->self->index);
    for (size_t i = 0; i < index->record_count; i++) {
        const uint8_t *newline = base + index->ends[index->fields[i] - 1];
        const uint8_t *end = newline - (newline > record && newline[-1] == '\r');
        if (!is_blank_line(j, (size_t)(end - record))) {
            if (j->batch->rows == j->batch->capacity || !read_indexed(j, base, i, record, end))
                return false;
            j->cursor->records++;
        }
        if (index->has_inner_lines)
            j->cursor->lines += cp_csv_count_lines((cp_span){record, (size_t)(end - record)});
        move_behind(j, newline);
        record = newline + 1;
    }
    return index->record_count > 0;
}

/* The rules of records and, where they hold, of fields. false: j->self->record.fault says which
 * is broken. */
static bool judge(job *j, const uint8_t *start)
{
    cp_csv_record *record = &j->self->record;
    if (record->fault.reason)
        return false;
    if (record->count != j->header->names.count)
        record->fault = (cp_refusal){.reason = CP_WRONG_FIELD_COUNT,
                                     .at = record->count,
                                     .expected = j->header->names.count};
    else if (j->header->refusal.reason)
        record->fault = j->header->refusal;
    else
        return cp_csv_row_read(j->header, start, start + record->size, record->ends, 0,
                               j->self->nulls, j->batch, &record->fault);
    return false;
}

static cp_rc refuse_record(const job *j, const uint8_t *start, cp_rejects *rejects, cp_error *err)
{
    const cp_csv_record *record = &j->self->record;
    if (record->fault.reason == CP_ACCEPTED)
        return cp_fail_memory(err, 0);
    cp_reject where = {
        .record = j->cursor->records,
        .line = j->cursor->lines,
        .offset = (uint64_t)(start - j->block->bytes.data),
        .length = record->size,
        .raw = {record->fault.reason == CP_RECORD_TOO_LARGE ? NULL : start, record->size},
    };
    return cp_rejects_add(rejects, j->self->format->schema, &where, &record->fault, err);
}

/* One record, or a blank line. */
static cp_rc decode_record(job *j, cp_rejects *rejects, cp_error *err)
{
    csv_decoder *self = j->self;
    const uint8_t *start = j->block->bytes.data + j->cursor->offset;
    cp_span rest = {start, (size_t)(block_end(j) - start)};
    cp_rc rc = cp_csv_record_read(rest, &self->format->dialect, &self->record, err);
    if (!rc && !is_blank_line(j, self->record.size)) {
        if (judge(j, start))
            j->batch->rows++;
        else
            rc = refuse_record(j, start, rejects, err);
        j->cursor->records++;
    }
    j->cursor->lines += self->record.lines;
    j->cursor->offset += self->record.whole;
    return rc;
}

/* What stands before the first record, as far as it is in this block. */
static void pass_header(job *j)
{
    size_t head = j->cursor->offset ? 0 : head_bytes(j->block);
    if (!head)
        return;
    j->cursor->offset = head;
    j->cursor->lines = j->header->names.lines;
}

static cp_rc csv_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                        cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    job j = {(csv_decoder *)decoder, block, (const cp_csv_header *)block->preamble, cursor, batch};
    cp_rc rc = CP_OK;
    if (!j.header)
        return cp_fail(err, CP_E_BUG, "no_header", "a CSV block without its header");
    pass_header(&j);
    while (!rc && cursor->offset < block->bytes.size) {
        if (j.header->refusal.reason == CP_ACCEPTED && decode_stretch(&j))
            continue;
        if (batch->rows == batch->capacity || cp_rejects_full(rejects))
            rc = CP_MORE;
        else
            rc = decode_record(&j, rejects, err);
    }
    batch->selection_count = batch->rows;
    return rc;
}

/* ---- by content ---- */

static cp_rc csv_infer(const cp_format_options *options, cp_span sample, bool whole, cp_guess *out,
                       cp_error *err)
{
    cp_csv_dialect dialect = dialect_of(options);
    return cp_csv_infer(sample, whole, &dialect, options, out, err);
}

const cp_format_type cp_csv_format = {
    .name = "csv",
    .has_lines = true,
    .probe = cp_csv_probe,
    .infer = csv_infer,
    .plan = csv_plan,
    .plan_close = csv_plan_close,
    .splitter_open = csv_splitter_open,
    .splitter_close = csv_splitter_close,
    .split = csv_split,
    .find_record = csv_find_record,
    .decoder_open = csv_decoder_open,
    .decoder_close = csv_decoder_close,
    .decode = csv_decode,
};
