/* What the splitters cut depends on the content alone, not on how much they are shown.
 *
 *   byte 0       format and size limit
 *   other bytes  until the input is about 3 MiB each is repeated, line ends and quotes are not:
 *                long records and blocks beyond the target come from small inputs. In JSON
 * documents byte 1 says how many bytes stand once, and those behind are repeated as a whole
 *
 * CSV has columns of its own, so that any bytes are records; headers are for fuzz_csv. */
#include "formats/records/struct_format.h"
#include "formats/registry.h"
#include "tests/fuzz/support.h"

#include <stdlib.h>

enum { STREAM_BYTES = 3 << 20, PLAN_COUNT = 14, FIRST_JSON = 10 };

static const struct {
    const cp_format_type *type;
    uint64_t max_record_bytes;
    const char *at;
} plan_rows[PLAN_COUNT] = {
    {&cp_jsonl_format, 64 << 20, NULL},
    {&cp_jsonl_format, CP_BLOCK_TARGET_BYTES, NULL},
    {&cp_jsonl_format, 100, NULL},
    {&cp_struct_format, CP_BLOCK_TARGET_BYTES, NULL},
    {&cp_csv_format, 64 << 20, NULL},
    {&cp_csv_format, CP_BLOCK_TARGET_BYTES, NULL},
    {&cp_csv_format, CP_BLOCK_TARGET_BYTES + 100, NULL},
    {&cp_csv_format, 100, NULL},
    {&cp_csv_format, 3, NULL},
    {&cp_clf_format, CP_BLOCK_TARGET_BYTES, NULL},
    {&cp_json_format, 64 << 20, NULL},
    {&cp_json_format, CP_BLOCK_TARGET_BYTES + 1000, NULL},
    {&cp_json_format, 100, NULL},
    {&cp_json_format, CP_BLOCK_TARGET_BYTES, "/a"},
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
                                     .at = plan_rows[i].at,
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

/* The first byte of `data` says how many of the others come once. */
static size_t repeat(const uint8_t *data, size_t size, uint8_t *out)
{
    size_t once = cp_fuzz_take(&data, &size);
    once = once < size ? once : size;
    size_t again = size - once, used = once;
    memcpy(out, data, once);
    for (; again > 0 && STREAM_BYTES - used >= again; used += again)
        memcpy(out + used, data + once, again);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    size_t number = cp_fuzz_take(&data, &size) % PLAN_COUNT;
    const cp_format *plan = plans[number];
    static uint8_t stream[STREAM_BYTES + CP_PADDING_BYTES];
    if (size > STREAM_BYTES)
        return 0;
    cp_span bytes = {stream,
                     number < FIRST_JSON ? spread(data, size, stream) : repeat(data, size, stream)};
    static const size_t steps[] = {4096, CP_BLOCK_TARGET_BYTES, CP_BLOCK_TARGET_BYTES + 1, 777777};
    uint64_t cuts = cp_fuzz_cuts(plan, bytes, STREAM_BYTES, false);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        CHECK(cuts == cp_fuzz_cuts(plan, bytes, steps[i], i % 2 == 0));
    return 0;
}
