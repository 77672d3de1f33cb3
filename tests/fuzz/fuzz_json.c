/* JSON documents: the splitter, shown all bytes at once and few at a time, and the decoder of the
 * blocks that it cuts, read with the schema `case`.
 *
 *   byte 0       size limit, and where the records are
 *   other bytes  the document */
#include "formats/registry.h"
#include "tests/fuzz/support.h"

#include <stdlib.h>

enum { PLAN_COUNT = 4 };

static const cp_format_options plan_rows[PLAN_COUNT] = {
    {.max_record_bytes = 1 << 20},
    {.max_record_bytes = 40},
    {.max_record_bytes = 1 << 20, .at = "/a"},
    {.max_record_bytes = 1 << 20, .at = ""},
};

/* What is asked for: every field; one, with the rest checked all the same. */
static cp_schema *whole, *lean;
static cp_format *plans[PLAN_COUNT], *lean_plans[PLAN_COUNT];

static void open_once(void)
{
    cp_error err = {0};
    if (whole)
        return;
    CHECK_OK(cp_schema_case(&whole, &err), &err);
    CHECK_OK(cp_schema_case(&lean, &err), &err);
    for (size_t i = 0; i < lean->field_count; i++)
        lean->fields[i].wanted = i == 2;
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        CHECK_OK(cp_json_format.plan(whole, &plan_rows[i], &plans[i], &err), &err);
        CHECK_OK(cp_json_format.plan(lean, &plan_rows[i], &lean_plans[i], &err), &err);
    }
}

/* In memory of its own; behind it what follows in the document, as far as decoders may look. */
static cp_block block_at(cp_span rest, size_t size, uint64_t offset, unsigned note)
{
    cp_block block = cp_fuzz_block(rest.data, size);
    size_t behind = rest.size - size;
    if (behind > 0)
        memcpy(block.backing->data + size, rest.data + size,
               behind < CP_PADDING_BYTES ? behind : CP_PADDING_BYTES);
    block.offset = offset;
    block.note = note;
    return block;
}

static void check_block(size_t number, const cp_block *block)
{
    cp_fuzz_result all = cp_fuzz_decode(plans[number], whole, block, CP_BATCH_ROWS);
    cp_fuzz_result small = cp_fuzz_decode(plans[number], whole, block, 3);
    cp_fuzz_result few = cp_fuzz_decode(lean_plans[number], lean, block, CP_BATCH_ROWS);
    CHECK(all.records > 0);
    CHECK(cp_fuzz_same(&all, &small));
    CHECK(cp_fuzz_same_verdicts(&all, &few));
}

static void check_blocks(size_t number, cp_span rest)
{
    cp_error err = {0};
    cp_splitter *splitter;
    cp_cut cut;
    uint64_t offset = 0;
    CHECK_OK(cp_json_format.splitter_open(plans[number], &splitter, &err), &err);
    for (;;) {
        cp_rc rc = cp_json_format.split(splitter, rest, CP_ENDS, &cut, &err);
        if (rc != CP_BLOCK && rc != CP_SKIP)
            break;
        if (rc == CP_BLOCK) {
            cp_block block = block_at(rest, cut.size, offset, cut.note);
            check_block(number, &block);
            cp_block_release(&block);
        }
        offset += cut.size;
        rest.data += cut.size;
        rest.size -= cut.size;
    }
    cp_json_format.splitter_close(splitter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    size_t number = cp_fuzz_take(&data, &size) % PLAN_COUNT;
    cp_block document = cp_fuzz_block(data, size);
    cp_guess guess;
    cp_error err = {0};
    CHECK_OK(cp_json_format.infer(&plan_rows[number], document.bytes, true, &guess, &err), &err);
    cp_schema_free(guess.schema);
    CHECK(cp_json_format.probe(document.bytes, true) >= 0);
    check_blocks(number, document.bytes);
    uint64_t cuts = cp_fuzz_cuts(plans[number], document.bytes, size + 1, false);
    CHECK(cuts == cp_fuzz_cuts(plans[number], document.bytes, 1, false));
    CHECK(cuts == cp_fuzz_cuts(plans[number], document.bytes, 7, true));
    cp_block_release(&document);
    return 0;
}
