/* Decoding JSON lines in tests: text in, rows and rejects as text out.
 *
 *   lines -> block (in memory of just its size and padding) -> decoder -> rows, rejects
 *
 * The padding holds bytes that would change the result if anybody believed them. */
#ifndef CP_TESTS_UNIT_JSON_SUPPORT_H
#define CP_TESTS_UNIT_JSON_SUPPORT_H

#include "formats/registry.h"
#include "tests/unit/support.h"

enum { ALL_ROWS = CP_BATCH_ROWS, MEBIBYTE = 1 << 20 };

typedef struct decoded {
    text rows;    /* as put_batch has them */
    text rejects; /* "record line offset+length reason field: message | raw", a line for each */
    uint64_t accepted, rejected;
    cp_cursor end;
    size_t calls;
} decoded;

static inline void decoded_free(decoded *d)
{
    text_free(&d->rows);
    text_free(&d->rejects);
}

static inline cp_format *plan_with(const cp_schema *schema, uint64_t max_record_bytes)
{
    cp_format *format = NULL;
    cp_error err = {0};
    cp_format_options options = {.max_record_bytes = max_record_bytes};
    if (cp_jsonl_format.plan(schema, &options, &format, &err) != CP_OK)
        fail_msg("plan: %s", err.message);
    return format;
}

static inline cp_format *plan_of(const cp_schema *schema)
{
    return plan_with(schema, 16 * MEBIBYTE);
}

/* The bytes with what a reader must not believe behind them: the end of the input is a '\n'. */
static inline uint8_t *block_memory(const void *bytes, size_t size)
{
    static const char behind[CP_PADDING_BYTES + 1] =
        "\n\"}]\",0123456789]]}}{\"a\":1}\n\\u0041\\\"true,null:}\n{\"v\":2,\"a\":3}\n\n\n\n";
    uint8_t *memory = malloc(size + CP_PADDING_BYTES);
    assert_non_null(memory);
    if (size)
        memcpy(memory, bytes, size);
    memcpy(memory + size, behind, CP_PADDING_BYTES);
    return memory;
}

static inline void put_reject(text *out, const cp_reject *r)
{
    put(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 "+%" PRIu64 " %s %s: %s | ", r->record, r->line,
        r->offset, r->length, cp_reason_name(r->reason), r->field ? r->field : "-", r->message);
    if (r->raw.data)
        put_visible(out, r->raw);
    else
        put(out, "(none)");
    put(out, "\n");
}

/* Decodes a whole block with a decoder that may have seen others before. */
static inline void decode_block(cp_decoder *decoder, const cp_schema *schema, const cp_block *block,
                                uint32_t capacity, decoded *out)
{
    cp_batch batch;
    cp_rejects *rejects = calloc(1, sizeof *rejects);
    cp_cursor cursor = {0};
    cp_rc rc;
    assert_non_null(rejects);
    assert_int_equal(cp_batch_open(&batch, schema, capacity, NULL), CP_OK);
    do {
        uint64_t before = cursor.records;
        cp_batch_reset(&batch);
        cp_rejects_reset(rejects);
        rc = decoder->type->decode(decoder, block, &cursor, &batch, rejects, NULL);
        assert_true(rc == CP_OK || rc == CP_MORE);
        assert_true(rc == CP_OK || batch.rows == capacity || cp_rejects_full(rejects));
        assert_int_equal(batch.rows + rejects->count, cursor.records - before);
        put_batch(&out->rows, &batch);
        for (size_t i = 0; i < rejects->count; i++)
            put_reject(&out->rejects, &rejects->items[i]);
        out->accepted += batch.rows;
        out->rejected += rejects->count;
        out->calls++;
    } while (rc == CP_MORE);
    assert_int_equal(cursor.offset, block->bytes.size);
    out->end = cursor;
    cp_batch_close(&batch);
    cp_rejects_free(rejects);
    free(rejects);
}

/* The bytes as one block at `offset` of their input. */
static inline decoded decode_at(const cp_format *format, const cp_schema *schema, cp_span bytes,
                                uint32_t capacity, uint64_t offset)
{
    decoded out = {0};
    cp_decoder *decoder;
    uint8_t *memory = block_memory(bytes.data, bytes.size);
    cp_block block = {.bytes = {memory, bytes.size}, .offset = offset};
    assert_int_equal(format->type->decoder_open(format, &decoder, NULL), CP_OK);
    decode_block(decoder, schema, &block, capacity, &out);
    format->type->decoder_close(decoder);
    free(memory);
    return out;
}

static inline decoded decode_bytes(const cp_schema *schema, const void *bytes, size_t size)
{
    cp_format *format = plan_of(schema);
    decoded out = decode_at(format, schema, (cp_span){bytes, size}, ALL_ROWS, 0);
    format->type->plan_close(format);
    return out;
}

/* `lines` becomes these rows and these rejects, as text. */
static inline void assert_decodes(const cp_schema *schema, const char *lines, const char *rows,
                                  const char *rejects)
{
    decoded out = decode_bytes(schema, lines, strlen(lines));
    if (strcmp(shown(&out.rows), rows) != 0 || strcmp(shown(&out.rejects), rejects) != 0)
        fail_msg("%s\nbecame\n%s%s\ninstead of\n%s%s", lines, shown(&out.rows), shown(&out.rejects),
                 rows, rejects);
    decoded_free(&out);
}

/* As assert_decodes, for a schema made from its description. */
static inline void assert_line(const char *description, const char *line, const char *rows,
                               const char *rejects)
{
    cp_schema *schema = schema_of(description);
    assert_decodes(schema, line, rows, rejects);
    cp_schema_free(schema);
}

/* One bad record alone in a block, without a line end: where it stands is plain. `why` is
 * "reason field: message". */
static inline void assert_refused(const cp_schema *schema, const char *record, const char *why)
{
    text expected = {0};
    put(&expected, "0 0 0+%zu %s | ", strlen(record), why);
    put_visible(&expected, cp_span_of(record));
    put(&expected, "\n");
    assert_decodes(schema, record, "", shown(&expected));
    text_free(&expected);
}

#endif
