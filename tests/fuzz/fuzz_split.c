/* What the splitters cut depends on the content alone, not on how much they are shown.
 *
 *   byte 0       format and size limit
 *   other bytes  each is repeated until the input is about 3 MiB, line ends and quotes are not:
 *                long records and blocks beyond the target come from small inputs
 *
 * CSV has columns of its own, so that any bytes are records; headers are for fuzz_csv. */
#include "formats/records/struct_format.h"
#include "formats/registry.h"
#include "tests/fuzz/support.h"

#include <stdlib.h>

enum { STREAM_BYTES = 3 << 20, PLAN_COUNT = 10 };

static const struct {
    const cp_format_type *type;
    uint64_t max_record_bytes;
} plan_rows[PLAN_COUNT] = {
    {&cp_jsonl_format, 64 << 20},
    {&cp_jsonl_format, CP_BLOCK_TARGET_BYTES},
    {&cp_jsonl_format, 100},
    {&cp_struct_format, CP_BLOCK_TARGET_BYTES},
    {&cp_csv_format, 64 << 20},
    {&cp_csv_format, CP_BLOCK_TARGET_BYTES},
    {&cp_csv_format, CP_BLOCK_TARGET_BYTES + 100},
    {&cp_csv_format, 100},
    {&cp_csv_format, 3},
    {&cp_clf_format, CP_BLOCK_TARGET_BYTES},
};

static cp_schema *schema;
static cp_format *plans[PLAN_COUNT];

static void open_once(void)
{
    cp_error err = {0};
    if (schema)
        return;
    CHECK_OK(cp_schema_case(&schema, &err), &err);
    for (size_t i = 0; i < schema->field_count; i++)
        schema->fields[i].required = false; /* the layout does not feed them all */
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        const cp_span columns[] = {cp_span_of("id"), cp_span_of("status")};
        cp_format_options options = {.max_record_bytes = plan_rows[i].max_record_bytes,
                                     .columns = columns,
                                     .column_count = 2};
        CHECK_OK(plan_rows[i].type->plan(schema, &options, &plans[i], &err), &err);
    }
}

static size_t spread(const uint8_t *data, size_t size, uint8_t *out)
{
    size_t used = 0, times = size ? STREAM_BYTES / size : 0;
    for (size_t i = 0; i < size; i++) {
        size_t run = data[i] == '\n' || data[i] == '\r' || data[i] == '"' ? 1 : times;
        memset(out + used, data[i], run);
        used += run;
    }
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    const cp_format *plan = plans[cp_fuzz_take(&data, &size) % PLAN_COUNT];
    static uint8_t stream[STREAM_BYTES + CP_PADDING_BYTES];
    cp_span bytes = {stream, size <= STREAM_BYTES ? spread(data, size, stream) : 0};
    static const size_t steps[] = {4096, CP_BLOCK_TARGET_BYTES, CP_BLOCK_TARGET_BYTES + 1, 777777};
    uint64_t cuts = cp_fuzz_cuts(plan, bytes, STREAM_BYTES, false);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        CHECK(cuts == cp_fuzz_cuts(plan, bytes, steps[i], i % 2 == 0));
    return 0;
}
