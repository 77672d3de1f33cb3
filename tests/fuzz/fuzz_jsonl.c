/* The jsonl decoder and splitter: input bytes as one block, read with the schema `case`. */
#include "formats/registry.h"
#include "tests/fuzz/support.h"

/* A small limit, so that records beyond it are common; and one that no input reaches. */
static const uint64_t record_limits[] = {40, 1 << 20};
enum { LIMIT_COUNT = 2 };

/* Plans that store every field, and plans that store one and check the rest all the same. */
static cp_schema *schema, *lean_schema;
static cp_format *plans[LIMIT_COUNT], *lean_plans[LIMIT_COUNT];

static void open_once(void)
{
    cp_error err = {0};
    if (schema)
        return;
    CHECK_OK(cp_schema_case(&schema, &err), &err);
    CHECK_OK(cp_schema_case(&lean_schema, &err), &err);
    for (size_t i = 0; i < lean_schema->field_count; i++)
        lean_schema->fields[i].wanted = i == 2;
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        cp_format_options options = {.max_record_bytes = record_limits[i]};
        CHECK_OK(cp_jsonl_format.plan(schema, &options, &plans[i], &err), &err);
        CHECK_OK(cp_jsonl_format.plan(lean_schema, &options, &lean_plans[i], &err), &err);
    }
}

static uint64_t count_lines(cp_span bytes)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < bytes.size; i++)
        lines += bytes.data[i] == '\n';
    return lines + (bytes.size > 0 && bytes.data[bytes.size - 1] != '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    cp_block block = cp_fuzz_block(data, size);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        cp_fuzz_result large = cp_fuzz_decode(plans[i], schema, &block, CP_BATCH_ROWS);
        cp_fuzz_result small = cp_fuzz_decode(plans[i], schema, &block, 3);
        cp_fuzz_result lean = cp_fuzz_decode(lean_plans[i], lean_schema, &block, CP_BATCH_ROWS);
        CHECK(cp_fuzz_same(&large, &small));
        CHECK(cp_fuzz_same_verdicts(&large, &lean));
        CHECK(large.records <= count_lines(block.bytes));
        uint64_t cuts = cp_fuzz_cuts(plans[i], block.bytes, size + 1, false);
        CHECK(cuts == cp_fuzz_cuts(plans[i], block.bytes, 1, false));
        CHECK(cuts == cp_fuzz_cuts(plans[i], block.bytes, 7, true));
    }
    cp_block_release(&block);
    return 0;
}
