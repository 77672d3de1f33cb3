/* The jsonl decoder and splitter: input bytes as one block, read with the schema `case`; and thrice
 * in one block, so that what was learned from the first is used on the others. */
#include "formats/json/json_shape.h"
#include "formats/registry.h"
#include "tests/fuzz/support.h"

#include <stdio.h>
#include <stdlib.h>

/* A small limit, so that records beyond it are common; and one that no input reaches. */
static const uint64_t record_limits[] = {40, 1 << 20};
enum { LIMIT_COUNT = 2 };

/* What is asked for: every field; one, with the rest checked all the same; every field, with more
 * keys beside than there are shapes for, so that nothing is learned. */
enum { WHOLE, LEAN, WIDE, SCHEMA_COUNT };

static cp_schema *schemas[SCHEMA_COUNT];
static cp_format *plans[SCHEMA_COUNT][LIMIT_COUNT];

/* Keys that no input has. As JSON that nobody wants they would change nothing, but for one that
 * stands twice. */
static void widen(cp_schema *schema)
{
    for (int i = 0; i < CP_SHAPE_FIELDS_MAX; i++) {
        cp_error err = {0};
        cp_field *field;
        char name[64];
        snprintf(name, sizeof name, "a key that stands in no input whatsoever: %d", i);
        CHECK_OK(cp_schema_add(schema, name, CP_TYPE_JSON, &field, &err), &err);
        field->wanted = false;
    }
}

static void open_once(void)
{
    cp_error err = {0};
    if (schemas[WHOLE])
        return;
    for (size_t k = 0; k < SCHEMA_COUNT; k++)
        CHECK_OK(cp_schema_case(&schemas[k], &err), &err);
    for (size_t i = 0; i < schemas[LEAN]->field_count; i++)
        schemas[LEAN]->fields[i].wanted = i == 2;
    widen(schemas[WIDE]);
    for (size_t k = 0; k < SCHEMA_COUNT; k++)
        for (size_t i = 0; i < LIMIT_COUNT; i++) {
            cp_format_options options = {.max_record_bytes = record_limits[i]};
            CHECK_OK(cp_jsonl_format.plan(schemas[k], &options, &plans[k][i], &err), &err);
        }
}

static uint64_t count_lines(cp_span bytes)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < bytes.size; i++)
        lines += bytes.data[i] == '\n';
    return lines + (bytes.size > 0 && bytes.data[bytes.size - 1] != '\n');
}

static cp_fuzz_result decode(size_t schema, size_t limit, const cp_block *block, uint32_t capacity)
{
    return cp_fuzz_decode(plans[schema][limit], schemas[schema], block, capacity);
}

static void check_decoding(size_t limit, const cp_block *block)
{
    cp_fuzz_result whole = decode(WHOLE, limit, block, CP_BATCH_ROWS);
    cp_fuzz_result small = decode(WHOLE, limit, block, 3);
    cp_fuzz_result lean = decode(LEAN, limit, block, CP_BATCH_ROWS);
    cp_fuzz_result wide = decode(WIDE, limit, block, CP_BATCH_ROWS);
    CHECK(cp_fuzz_same(&whole, &small));
    CHECK(cp_fuzz_same_verdicts(&whole, &lean));
    CHECK(cp_fuzz_same(&whole, &wide));
    CHECK(whole.records <= count_lines(block->bytes));
}

/* The input and a '\n', thrice. What has a mark at its start has none in the others. */
static cp_block repeated(const uint8_t *data, size_t size)
{
    enum { TIMES = 3 };
    uint8_t *bytes = malloc(TIMES * (size + 1));
    CHECK(bytes);
    for (size_t i = 0; i < TIMES; i++) {
        if (size)
            memcpy(bytes + i * (size + 1), data, size);
        bytes[i * (size + 1) + size] = '\n';
    }
    cp_block block = cp_fuzz_block(bytes, TIMES * (size + 1));
    free(bytes);
    return block;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    cp_block block = cp_fuzz_block(data, size), thrice = repeated(data, size);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        check_decoding(i, &block);
        check_decoding(i, &thrice);
        uint64_t cuts = cp_fuzz_cuts(plans[WHOLE][i], block.bytes, size + 1, false);
        CHECK(cuts == cp_fuzz_cuts(plans[WHOLE][i], block.bytes, 1, false));
        CHECK(cuts == cp_fuzz_cuts(plans[WHOLE][i], block.bytes, 7, true));
    }
    cp_block_release(&block);
    cp_block_release(&thrice);
    return 0;
}
