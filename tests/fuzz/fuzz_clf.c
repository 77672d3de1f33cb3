/* The access log decoder and splitter: input bytes as a whole input, under the built-in schema,
 * once with every field and once with none wanted. */
#include "formats/registry.h"
#include "formats/text/clf_schema.h"
#include "tests/fuzz/support.h"

static const uint64_t record_limits[] = {60, 1 << 20};
enum { LIMITS = 2, WHOLE = 0, LEAN, SCHEMAS };

static cp_schema *schemas[SCHEMAS];
static cp_format *plans[SCHEMAS][LIMITS];

static void open_once(void)
{
    cp_error err = {0};
    if (schemas[WHOLE])
        return;
    for (size_t k = 0; k < SCHEMAS; k++)
        CHECK_OK(cp_schema_clf(&schemas[k], &err), &err);
    for (size_t i = 0; i < schemas[LEAN]->field_count; i++)
        schemas[LEAN]->fields[i].wanted = false;
    for (size_t k = 0; k < SCHEMAS; k++)
        for (size_t i = 0; i < LIMITS; i++) {
            cp_format_options options = {.max_record_bytes = record_limits[i]};
            CHECK_OK(cp_clf_format.plan(schemas[k], &options, &plans[k][i], &err), &err);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    for (size_t i = 0; i < LIMITS; i++) {
        cp_block block = cp_fuzz_block(data, size);
        cp_fuzz_result whole = cp_fuzz_decode(plans[WHOLE][i], schemas[WHOLE], &block, 4096);
        cp_fuzz_result small = cp_fuzz_decode(plans[WHOLE][i], schemas[WHOLE], &block, 3);
        cp_fuzz_result lean = cp_fuzz_decode(plans[LEAN][i], schemas[LEAN], &block, 4096);
        CHECK(cp_fuzz_same(&whole, &small));
        CHECK(cp_fuzz_same_verdicts(&whole, &lean));
        CHECK(cp_fuzz_cuts(plans[WHOLE][i], block.bytes, 1 << 20, false) ==
              cp_fuzz_cuts(plans[WHOLE][i], block.bytes, 7, true));
        cp_block_release(&block);
    }
    return 0;
}
