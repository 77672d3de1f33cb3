/* See support.h. */
#include "tests/fuzz/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

void cp_fuzz_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

void cp_fuzz_check_ok(cp_rc rc, const cp_error *err, const char *file, int line)
{
    if (rc == CP_OK)
        return;
    char text[CP_ERROR_MESSAGE_BYTES];
    cp_error_text(err, text, sizeof text);
    fprintf(stderr, "%s:%d: answered %d: %s\n", file, line, (int)rc, text);
    abort();
}

void cp_fuzz_check_error(cp_rc rc, const cp_error *err)
{
    CHECK(cp_failed(rc));
    CHECK(err->rc == rc);
    CHECK(err->reason != NULL);
    CHECK(err->message[0] != '\0');
    CHECK(memchr(err->message, '\0', sizeof err->message) != NULL);
}

uint8_t cp_fuzz_take(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    --*size;
    return *(*data)++;
}

static void free_buffer(cp_buffer *buffer)
{
    free(buffer->data);
    free(buffer);
}

cp_block cp_fuzz_block(const uint8_t *data, size_t size)
{
    cp_buffer *buffer = calloc(1, sizeof *buffer);
    uint8_t *bytes = calloc(1, size + CP_PADDING_BYTES);
    CHECK(buffer && bytes);
    if (size)
        memcpy(bytes, data, size);
    bytes[size] = '\n';
    buffer->data = bytes;
    buffer->capacity = size;
    buffer->destroy = free_buffer;
    atomic_init(&buffer->references, 1);
    return (cp_block){.backing = buffer, .bytes = {bytes, size}};
}

cp_rc cp_fuzz_open(const cp_format *plan, cp_block *block)
{
    cp_error err = {0};
    cp_splitter *splitter;
    cp_cut cut;
    CHECK_OK(plan->type->splitter_open(plan, &splitter, &err), &err);
    cp_rc rc = plan->type->split(splitter, block->bytes, CP_ENDS, &cut, &err);
    if (cp_failed(rc)) {
        CHECK(rc == CP_E_DATA);
        cp_fuzz_check_error(rc, &err);
    }
    block->preamble = cp_preamble_retain(splitter->preamble);
    plan->type->splitter_close(splitter);
    return cp_failed(rc) ? rc : CP_OK;
}

/* Places are inside the block, in order and apart; `end` is where the last reject ended. */
static void check_rejects(const cp_rejects *rejects, const cp_block *block, const cp_cursor *cursor,
                          uint64_t *end)
{
    for (size_t i = 0; i < rejects->count; i++) {
        const cp_reject *reject = &rejects->items[i];
        CHECK(reject->reason > CP_ACCEPTED_NULL && reject->reason < CP_REASON_COUNT);
        CHECK(reject->message != NULL && reject->message[0] != '\0');
        CHECK(reject->record < cursor->records);
        CHECK(reject->line <= cursor->lines);
        CHECK(reject->offset >= *end);
        CHECK(reject->length <= block->bytes.size &&
              reject->offset <= block->bytes.size - reject->length);
        CHECK(!reject->raw.data || (reject->raw.data == block->bytes.data + reject->offset &&
                                    reject->raw.size == reject->length));
        *end = reject->offset + reject->length;
    }
}

static void add(XXH3_state_t *hash, const void *bytes, size_t size)
{
    CHECK(XXH3_64bits_update(hash, bytes, size) == XXH_OK);
}

static XXH3_state_t *new_hash(void)
{
    XXH3_state_t *hash = XXH3_createState();
    CHECK(hash && XXH3_64bits_reset(hash) == XXH_OK);
    return hash;
}

static uint64_t end_hash(XXH3_state_t *hash)
{
    uint64_t digest = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    return digest;
}

static void add_value(XXH3_state_t *hash, const cp_column *column, uint32_t row)
{
    size_t width = cp_type_width(column->type);
    const uint8_t *value = (const uint8_t *)column->data + row * width;
    if (column->type == CP_TYPE_STRING || column->type == CP_TYPE_JSON) {
        cp_span text;
        memcpy(&text, value, sizeof text);
        add(hash, &text.size, sizeof text.size);
        add(hash, text.data, text.size);
    } else {
        add(hash, value, width);
    }
}

static void add_rows(XXH3_state_t *hash, const cp_batch *batch)
{
    for (uint32_t row = 0; row < batch->rows; row++)
        for (size_t i = 0; i < batch->schema->field_count; i++) {
            if (!batch->columns[i].data)
                continue;
            bool valid = cp_column_is_valid(&batch->columns[i], row);
            add(hash, &valid, sizeof valid);
            if (valid)
                add_value(hash, &batch->columns[i], row);
        }
}

static void add_rejects(XXH3_state_t *hash, const cp_rejects *rejects)
{
    for (size_t i = 0; i < rejects->count; i++) {
        const cp_reject *reject = &rejects->items[i];
        uint64_t place[] = {reject->record, reject->line, reject->offset, reject->length,
                            (uint64_t)reject->reason};
        add(hash, place, sizeof place);
        add(hash, reject->message, strlen(reject->message));
        if (reject->field)
            add(hash, reject->field, strlen(reject->field));
    }
}

/* Where a decoder stands between two calls. */
typedef struct decoding {
    cp_batch batch;
    cp_rejects rejects;
    cp_cursor cursor;
    uint64_t end; /* of the last reject */
    XXH3_state_t *row_hash, *reject_hash;
} decoding;

static cp_rc decode_batch(cp_decoder *decoder, const cp_block *block, decoding *at)
{
    cp_error err = {0};
    size_t before = at->cursor.offset;
    cp_batch_reset(&at->batch);
    cp_rejects_reset(&at->rejects);
    cp_rc rc = decoder->type->decode(decoder, block, &at->cursor, &at->batch, &at->rejects, &err);
    CHECK(rc == CP_MORE || rc == CP_OK);
    CHECK(rc == CP_OK || at->cursor.offset > before);
    CHECK(at->batch.rows <= at->batch.capacity && at->batch.selection_count == at->batch.rows);
    check_rejects(&at->rejects, block, &at->cursor, &at->end);
    add_rows(at->row_hash, &at->batch);
    add_rejects(at->reject_hash, &at->rejects);
    return rc;
}

/* The records as they stand are those that were decoded. */
static void check_records(const cp_format *plan, const cp_block *block, const cp_cursor *decoded)
{
    const uint8_t *p = block->bytes.data, *end = p + block->bytes.size, *last = p;
    cp_cursor found = {0};
    while (p < end) {
        cp_span record;
        uint64_t lines;
        const uint8_t *next = plan->type->find_record(plan, block, p, &record, &lines);
        CHECK(next > p && next <= end);
        CHECK(!record.data || (record.data >= last && record.data + record.size <= next));
        last = record.data ? record.data + record.size : last;
        found.records += record.data != NULL;
        found.lines += lines;
        p = next;
    }
    CHECK(found.records == decoded->records && found.lines == decoded->lines);
}

cp_fuzz_result cp_fuzz_decode(const cp_format *plan, const cp_schema *schema, const cp_block *block,
                              uint32_t capacity)
{
    static decoding at; /* large */
    at = (decoding){.row_hash = new_hash(), .reject_hash = new_hash()};
    cp_error err = {0};
    cp_decoder *decoder;
    cp_fuzz_result result = {0};
    cp_rc rc = CP_MORE;
    CHECK_OK(cp_batch_open(&at.batch, schema, capacity, &err), &err);
    CHECK_OK(plan->type->decoder_open(plan, &decoder, &err), &err);
    while (rc == CP_MORE) {
        rc = decode_batch(decoder, block, &at);
        result.rows += at.batch.rows;
        result.rejects += at.rejects.count;
    }
    result.records = at.cursor.records;
    result.row_digest = end_hash(at.row_hash);
    result.reject_digest = end_hash(at.reject_hash);
    CHECK(at.cursor.offset == block->bytes.size);
    CHECK(result.rows + result.rejects == result.records);
    check_records(plan, block, &at.cursor);
    cp_rejects_free(&at.rejects);
    plan->type->decoder_close(decoder);
    cp_batch_close(&at.batch);
    return result;
}

bool cp_fuzz_same_verdicts(const cp_fuzz_result *a, const cp_fuzz_result *b)
{
    return a->records == b->records && a->rows == b->rows && a->rejects == b->rejects &&
           a->reject_digest == b->reject_digest;
}

bool cp_fuzz_same(const cp_fuzz_result *a, const cp_fuzz_result *b)
{
    return cp_fuzz_same_verdicts(a, b) && a->row_digest == b->row_digest;
}

/* What is hashed of a cut. */
typedef struct cut_record {
    uint64_t offset, size;
    uint64_t note, reason, length, lines;
} cut_record;

/* Bytes passed over since the last block, or the last record that was refused. */
typedef struct cut_gap {
    uint64_t size, lines;
} cut_gap;

static void add_cut(XXH3_state_t *hash, uint64_t offset, uint64_t size, const cp_cut *cut,
                    uint64_t lines)
{
    cut_record record = {offset, size, cut->note, (uint64_t)cut->reason, cut->length, lines};
    if (size > 0)
        add(hash, &record, sizeof record);
}

/* One step from `offset` on; returns the bytes that were cut. Parts of a record that is passed over
 * are told apart from what lies before it only where it ends. */
static size_t take_cut(cp_rc rc, const cp_cut *cut, size_t offset, cut_gap *gap, XXH3_state_t *hash)
{
    static const cp_cut nothing = {0};
    uint64_t passed = gap->size;
    if (rc == CP_BLOCK) {
        CHECK(cut->size > 0);
        add_cut(hash, offset - passed, passed, &nothing, gap->lines);
        add_cut(hash, offset, cut->size, cut, 0);
        *gap = (cut_gap){0};
        return cut->size;
    }
    gap->size += cut->size;
    gap->lines += cut->lines;
    if (cut->reason == CP_ACCEPTED)
        return cut->size;
    CHECK(cut->whole <= gap->size && cut->length <= cut->whole);
    add_cut(hash, offset - passed, gap->size - cut->whole, &nothing, 0);
    add_cut(hash, offset + cut->size - cut->whole, cut->whole, cut, gap->lines);
    *gap = (cut_gap){0};
    return cut->size;
}

/* The error that ended the cutting, its place included. */
static void add_error(XXH3_state_t *hash, cp_rc rc, const cp_error *err)
{
    cp_fuzz_check_error(rc, err);
    CHECK(rc == CP_E_DATA && err->has_byte);
    add(hash, &err->byte, sizeof err->byte);
    add(hash, err->message, strlen(err->message));
}

uint64_t cp_fuzz_cuts(const cp_format *plan, cp_span bytes, size_t step, bool late_end)
{
    cp_error err = {0};
    cp_splitter *splitter;
    XXH3_state_t *hash = new_hash();
    CHECK_OK(plan->type->splitter_open(plan, &splitter, &err), &err);
    cut_gap gap = {0};
    size_t offset = 0, shown = 0;
    bool told = false;
    cp_rc rc;
    for (;;) {
        cp_cut cut;
        rc = plan->type->split(splitter, (cp_span){bytes.data + offset, shown - offset}, told, &cut,
                               &err);
        if (rc == CP_END || cp_failed(rc))
            break;
        CHECK(rc == CP_MORE || rc == CP_BLOCK || rc == CP_SKIP);
        if (rc == CP_MORE) {
            CHECK(!told);
            told = shown == bytes.size || (!late_end && bytes.size - shown <= step);
            shown = bytes.size - shown <= step ? bytes.size : shown + step;
        } else {
            CHECK(cut.size <= shown - offset);
            offset += take_cut(rc, &cut, offset, &gap, hash);
        }
    }
    CHECK(rc != CP_END || (told && offset == bytes.size));
    if (rc != CP_END)
        add_error(hash, rc, &err);
    plan->type->splitter_close(splitter);
    return end_hash(hash);
}
