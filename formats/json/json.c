/* JSON documents: the elements of an array, at the top or where a pointer says, and values that
 * stand one behind the other. Printed on one line or on many.
 *
 *   split    json_split.h: a block is elements with their commas, or values with white space
 *   decode   by shape, in any order or in full, as lines are (json_reader.h); where a record ends
 *            that was refused, the scan tells that the splitter has cut it with
 *
 * Places are element number and byte: of a document that may stand on one line, lines tell little.
 */
#include "formats/json/json_infer.h"
#include "formats/json/json_reader.h"
#include "formats/json/json_split.h"
#include "formats/registry.h"
#include "formats/text/text_probe.h"
#include "pipeline/core/checked.h"

typedef struct json_format {
    cp_format base;
    cp_json_plan plan;
    uint64_t max_record_bytes;
    bool has_pointer;
    cp_json_pointer pointer;
} json_format;

typedef struct json_splitter {
    cp_splitter base;
    cp_json_splitter cutting;
} json_splitter;

typedef struct json_decoder {
    cp_decoder base;
    cp_json_scanner *scanner;
    cp_json_reader elements, values;
} json_decoder;

/* ---- records in a block ---- */

static const uint8_t *skip_space(const uint8_t *p, const uint8_t *end)
{
    while (p < end && cp_json_is_space(*p))
        p++;
    return p;
}

/* What a record's end looks like from the inside of a block. */
typedef struct record_end {
    const uint8_t *end;  /* where the record ends: at its comma, the bracket, or behind the value */
    const uint8_t *next; /* what is behind that */
} record_end;

/* Of the record that begins at p, in a block that ends at `end`. */
static record_end find_end(cp_json_scanner *scanner, const uint8_t *p, const uint8_t *end,
                           cp_json_form form)
{
    cp_json_scan scan = {0};
    for (;;) {
        cp_json_found found = scanner(&scan, p, end, form, true);
        if (found.seen == CP_SEEN_END) {
            bool stands_behind = form == CP_JSON_ELEMENTS || cp_json_is_space(found.at[-1]);
            return (record_end){found.at - stands_behind, found.at};
        }
        if (found.seen != CP_SEEN_CLOSE)
            return (record_end){end, end};
        if (form == CP_JSON_ELEMENTS && *found.at == ']')
            return (record_end){found.at, found.at + 1};
        p = found.at + 1; /* one bad byte more */
    }
}

/* ---- probe ---- */

enum { SURE = 90, LIKELY = 60, UNLIKELY = 10 };

static const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *end)
{
    while (p < end && cp_json_is_space(*p) && *p != '\n')
        p++;
    return p;
}

/* An array, but for one that is the first of several lines. */
static int probe_array(const uint8_t *p, const uint8_t *end, const uint8_t *value_end)
{
    const uint8_t *inside = skip_space(p + 1, end);
    if (inside < end && (*inside == 0 || !strchr("{[]\"-0123456789tfn,", *inside)))
        return 0;
    if (memchr(p, '\n', (size_t)(value_end - p)))
        return SURE;
    const uint8_t *behind = skip_blanks(value_end, end), *next = skip_space(behind, end);
    if (next == end)
        return SURE;
    return *behind == '\n' && (*next == '{' || *next == '[') ? UNLIKELY : LIKELY;
}

/* An object over many lines, as far as the start of its second one can tell, or several on one. */
static int probe_object(const uint8_t *p, const uint8_t *end, const uint8_t *value_end)
{
    const uint8_t *newline = memchr(p, '\n', (size_t)(value_end - p));
    const uint8_t *behind = skip_blanks(value_end, end);
    if (!newline)
        return behind < end && *behind == '{' ? SURE : UNLIKELY;
    const uint8_t *second = skip_space(newline, end);
    second += second < end;
    cp_json_outline outline;
    cp_json_outline_start(&outline, NULL);
    bool is_json = cp_json_outline_read(&outline, p, second, &p) == CP_OUTLINE_ALL;
    return is_json ? SURE : UNLIKELY;
}

static int json_probe(cp_span head, bool whole)
{
    (void)whole;
    const uint8_t *p = head.data, *end = head.data + head.size;
    if (head.size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    p = skip_space(p, end);
    if (p == end || (*p != '[' && *p != '{') || cp_looks_binary(head))
        return 0;
    record_end first = find_end(cp_json_scanner_best(), p, end, CP_JSON_VALUES);
    return *p == '[' ? probe_array(p, end, first.end) : probe_object(p, end, first.end);
}

/* ---- plan, splitter ---- */

static void json_plan_close(cp_format *format)
{
    json_format *self = (json_format *)format;
    cp_json_plan_close(&self->plan);
    cp_json_pointer_close(&self->pointer);
    free(self);
}

static cp_rc json_plan(const cp_schema *schema, const cp_format_options *options, cp_format **out,
                       cp_error *err)
{
    json_format *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_json_format;
    self->max_record_bytes = options->max_record_bytes;
    self->has_pointer = options->at != NULL;
    if (options->at)
        rc = cp_json_pointer_open(options->at, &self->pointer, err);
    if (!rc)
        rc = cp_json_plan_open(schema, &self->plan, err);
    if (rc)
        json_plan_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

static cp_rc json_splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    const json_format *plan = (const json_format *)format;
    json_splitter *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_json_format;
    cp_json_splitter_start(&self->cutting, plan->max_record_bytes,
                           plan->has_pointer ? &plan->pointer : NULL);
    *out = &self->base;
    return CP_OK;
}

static void json_splitter_close(cp_splitter *splitter)
{
    free(splitter);
}

static cp_rc json_split(cp_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                        cp_error *err)
{
    return cp_json_splitter_cut(&((json_splitter *)splitter)->cutting, bytes, end, cut, err);
}

/* ---- infer ---- */

static cp_rc guess_block(cp_json_guess *guess, cp_span block, unsigned note, uint64_t most,
                         cp_error *err)
{
    const uint8_t *p = block.data, *end = block.data + block.size;
    cp_json_form form = note == CP_JSON_BLOCK_VALUES ? CP_JSON_VALUES : CP_JSON_ELEMENTS;
    cp_json_scanner *scanner = cp_json_scanner_best();
    cp_rc rc = CP_OK;
    if (note == CP_JSON_BLOCK_BROKEN) { /* a record of which nothing is certain */
        guess->records++;
        return CP_OK;
    }
    while (!rc && guess->records < most && (p = skip_space(p, end)) < end) {
        record_end record = find_end(scanner, p, end, form);
        rc = cp_json_guess_add(guess, p, record.end, form, err);
        p = record.next;
    }
    return rc;
}

/* Block by block, as they would be decoded. What ends the splitting early will be told when the
 * input is read. */
static cp_rc guess_sample(cp_json_guess *guess, const cp_format_options *options,
                          const cp_json_pointer *pointer, cp_span sample, bool whole, cp_error *err)
{
    cp_json_splitter splitter;
    cp_json_splitter_start(&splitter, options->max_record_bytes, pointer);
    uint64_t most = cp_sample_records(options);
    cp_rc rc = CP_OK;
    while (!rc && guess->records < most) {
        cp_cut cut;
        cp_rc cut_rc =
            cp_json_splitter_cut(&splitter, sample, whole ? CP_ENDS : CP_BREAKS_OFF, &cut, NULL);
        if (cut_rc != CP_BLOCK && cut_rc != CP_SKIP)
            break;
        if (cut_rc == CP_BLOCK)
            rc = guess_block(guess, (cp_span){sample.data, cut.size}, cut.note, most, err);
        else
            guess->records += cut.reason != CP_ACCEPTED;
        sample.data += cut.size;
        sample.size -= cut.size;
    }
    return rc;
}

static cp_rc json_infer(const cp_format_options *options, cp_span sample, bool whole, cp_guess *out,
                        cp_error *err)
{
    cp_json_pointer pointer = {0};
    cp_json_guess guess = {0};
    cp_rc rc = options->at ? cp_json_pointer_open(options->at, &pointer, err) : CP_OK;
    if (!rc)
        rc = cp_json_guess_open(&guess, err);
    if (!rc)
        rc = guess_sample(&guess, options, options->at ? &pointer : NULL, sample, whole, err);
    if (!rc)
        cp_json_guess_end(&guess, out);
    cp_json_guess_close(&guess);
    cp_json_pointer_close(&pointer);
    return rc;
}

/* ---- decoder ---- */

static void json_decoder_close(cp_decoder *decoder)
{
    json_decoder *self = (json_decoder *)decoder;
    cp_json_reader_close(&self->elements);
    cp_json_reader_close(&self->values);
    free(self);
}

static cp_rc json_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    const json_format *plan = (const json_format *)format;
    json_decoder *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &cp_json_format;
    self->scanner = cp_json_scanner_best();
    rc = cp_json_reader_open(&plan->plan, plan->max_record_bytes, CP_JSON_ELEMENTS, &self->elements,
                             err);
    if (!rc)
        rc = cp_json_reader_open(&plan->plan, plan->max_record_bytes, CP_JSON_VALUES, &self->values,
                                 err);
    if (rc)
        json_decoder_close(&self->base);
    else
        *out = &self->base;
    return rc;
}

/* The white space before what ends a record is no part of it, but where both are too large. */
static size_t record_bytes(const uint8_t *start, const uint8_t *end, uint64_t max_record_bytes)
{
    size_t extent = (size_t)(end - start);
    while (extent <= max_record_bytes && end > start && cp_json_is_space(end[-1]))
        end--;
    return (size_t)(end - start);
}

/* One element or value; there may be nothing but white space. */
static cp_rc decode_record(json_decoder *self, cp_json_reader *reader, const cp_block *block,
                           cp_cursor *cursor, cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    const uint8_t *line = block->bytes.data + cursor->offset;
    const uint8_t *end = block->bytes.data + block->bytes.size;
    const uint8_t *start = skip_space(line, end), *next = end;
    cp_rc rc = CP_OK;
    if (start < end) {
        cp_json_check check = {.record = start, .end = end, .form = reader->form};
        const uint8_t *record_ends = cp_json_reader_read(reader, line, start, &check, batch);
        if (record_ends) {
            next = cp_json_record_next(record_ends, reader->form);
        } else {
            record_end found = find_end(self->scanner, start, end, reader->form);
            next = found.next;
            rc = cp_json_reader_refuse(reader, block, cursor,
                                       record_bytes(start, found.end, reader->max_record_bytes),
                                       &check, rejects, err);
        }
        cursor->records++;
    }
    cursor->offset = (size_t)(next - block->bytes.data);
    return rc;
}

/* A block that is one record without a certain end. */
static cp_rc refuse_broken(const cp_json_reader *reader, const cp_block *block, cp_cursor *cursor,
                           cp_rejects *rejects, cp_error *err)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    cp_json_check check = {
        .record = skip_space(block->bytes.data, end),
        .end = end,
        .form = reader->form,
        .refusal = {.reason = CP_UNBALANCED_RECORD, .at = block->offset + block->bytes.size},
    };
    size_t size = record_bytes(check.record, end, reader->max_record_bytes);
    cp_rc rc = cp_json_reader_refuse(reader, block, cursor, size, &check, rejects, err);
    cursor->records++;
    cursor->offset = block->bytes.size;
    return rc;
}

static const uint8_t *json_find_record(const cp_format *format, const cp_block *block,
                                       const uint8_t *p, cp_span *record, uint64_t *lines)
{
    const json_format *plan = (const json_format *)format;
    cp_json_form form = block->note == CP_JSON_BLOCK_VALUES ? CP_JSON_VALUES : CP_JSON_ELEMENTS;
    const uint8_t *end = block->bytes.data + block->bytes.size, *start = skip_space(p, end);
    record_end found = {end, end};
    if (start < end && block->note != CP_JSON_BLOCK_BROKEN)
        found = find_end(cp_json_scanner_best(), start, end, form);
    *record = (cp_span){0};
    if (start < end)
        *record = (cp_span){start, record_bytes(start, found.end, plan->max_record_bytes)};
    *lines = 0;
    return found.next;
}

static cp_rc json_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                         cp_batch *batch, cp_rejects *rejects, cp_error *err)
{
    json_decoder *self = (json_decoder *)decoder;
    cp_json_reader *reader = block->note == CP_JSON_BLOCK_VALUES ? &self->values : &self->elements;
    cp_rc rc = CP_OK;
    while (!rc && cursor->offset < block->bytes.size) {
        if (block->note != CP_JSON_BLOCK_BROKEN)
            cp_json_reader_run(reader, block, cursor, batch);
        if (cursor->offset == block->bytes.size)
            break;
        if (batch->rows == batch->capacity || cp_rejects_full(rejects))
            rc = CP_MORE;
        else if (block->note == CP_JSON_BLOCK_BROKEN)
            rc = refuse_broken(reader, block, cursor, rejects, err);
        else
            rc = decode_record(self, reader, block, cursor, batch, rejects, err);
    }
    batch->selection_count = batch->rows;
    return rc;
}

const cp_format_type cp_json_format = {
    .name = "json",
    .has_lines = false,
    .keeps_text = true,
    .probe = json_probe,
    .infer = json_infer,
    .plan = json_plan,
    .plan_close = json_plan_close,
    .splitter_open = json_splitter_open,
    .splitter_close = json_splitter_close,
    .split = json_split,
    .find_record = json_find_record,
    .decoder_open = json_decoder_open,
    .decoder_close = json_decoder_close,
    .decode = json_decode,
};
