/* The CSV splitter and decoder: input bytes as a whole input, with a header and with columns that
 * were given, under the schema `case`.
 *
 *   byte 0   delimiter, limit of a record's size
 *
 * The kernels answer what the machine of csv_scan.h answers, byte by byte. */
#include "formats/registry.h"
#include "formats/text/csv_record.h"
#include "tests/fuzz/support.h"

#include <stdlib.h>

static const uint64_t record_limits[] = {5, 70, 1 << 20};
static const char delimiters[] = ",;\t";
enum { LIMITS = 3, DELIMITERS = 3, HEADED, HEADLESS, LEAN, PLANS };

static cp_schema *schemas[PLANS];
static cp_format *plans[PLANS][LIMITS][DELIMITERS];

static void open_once(void)
{
    cp_error err = {0};
    const cp_span columns[] = {cp_span_of("status"), cp_span_of("id"), cp_span_of("value"),
                               cp_span_of("notes")};
    if (schemas[HEADED])
        return;
    for (size_t k = HEADED; k < PLANS; k++)
        CHECK_OK(cp_schema_case(&schemas[k], &err), &err);
    for (size_t i = 0; i < schemas[LEAN]->field_count; i++)
        schemas[LEAN]->fields[i].wanted = false;
    for (size_t k = HEADED; k < PLANS; k++)
        for (size_t i = 0; i < LIMITS * DELIMITERS; i++) {
            cp_format_options options = {.max_record_bytes = record_limits[i / DELIMITERS],
                                         .delimiter = (uint8_t)delimiters[i % DELIMITERS],
                                         .columns = columns,
                                         .column_count = k == HEADED ? 0 : 4};
            CHECK_OK(cp_csv_format.plan(schemas[k], &options,
                                        &plans[k][i / DELIMITERS][i % DELIMITERS], &err),
                     &err);
        }
}

/* Where records end, by cp_csv_record_read. */
static void machine_ends(cp_span bytes, const cp_csv_dialect *dialect, size_t *first, size_t *last)
{
    cp_csv_record record = {0};
    cp_error err = {0};
    *first = *last = 0;
    for (size_t at = 0; at < bytes.size; at += record.whole) {
        cp_span rest = {bytes.data + at, bytes.size - at};
        CHECK_OK(cp_csv_record_read(rest, dialect, &record, &err), &err);
        if (!record.is_ended)
            break;
        *last = at + record.whole;
        *first = *first ? *first : *last;
    }
    cp_csv_record_close(&record);
}

/* An indexed record is well formed, and its fields are those of the machine, unless it is too
 * large. */
static void check_index(cp_span bytes, const cp_csv_dialect *dialect, const cp_csv_index *index)
{
    cp_csv_record record = {0};
    cp_error err = {0};
    size_t at = 0;
    uint32_t field = 0;
    for (size_t i = 0; i < index->record_count; i++, at += record.whole) {
        cp_span rest = {bytes.data + at, bytes.size - at};
        CHECK_OK(cp_csv_record_read(rest, dialect, &record, &err), &err);
        size_t newline = index->ends[index->fields[i] - 1];
        if (newline - at > dialect->max_record_bytes)
            break;
        CHECK(newline + 1 == at + record.whole && record.fault.reason != CP_CSV_SYNTAX);
        CHECK(index->fields[i] - field == record.count);
        for (size_t k = 0; k + 1 < record.count; k++)
            CHECK(index->ends[field + k] == at + record.ends[k]);
        CHECK(record.lines == 1 || index->has_inner_lines);
        field = index->fields[i];
    }
    cp_csv_record_close(&record);
}

static void check_kernels(const cp_csv_kernels *kernels, const cp_block *block,
                          const cp_csv_dialect *dialect)
{
    static cp_csv_index index; /* large */
    size_t first, last;
    machine_ends(block->bytes, dialect, &first, &last);
    CHECK(kernels->first_end(block->bytes, dialect) == first);
    CHECK(kernels->last_end(block->bytes, dialect) == last);
    cp_span with_end = {block->bytes.data, block->bytes.size + 1};
    kernels->index(with_end, dialect->delimiter, &index);
    check_index(with_end, dialect, &index);
}

static void check_decoding(size_t limit, size_t delimiter, const uint8_t *data, size_t size)
{
    cp_fuzz_result results[PLANS];
    for (size_t k = HEADED; k < PLANS; k++) {
        const cp_format *plan = plans[k][limit][delimiter];
        cp_block block = cp_fuzz_block(data, size);
        if (cp_fuzz_open(plan, &block) == CP_OK) {
            results[k] = cp_fuzz_decode(plan, schemas[k], &block, CP_BATCH_ROWS);
            cp_fuzz_result small = cp_fuzz_decode(plan, schemas[k], &block, 3);
            CHECK(cp_fuzz_same(&results[k], &small));
            CHECK(cp_fuzz_cuts(plan, block.bytes, 1 << 20, false) ==
                  cp_fuzz_cuts(plan, block.bytes, 7, true));
        } else {
            CHECK(k == HEADED); /* what was given cannot be damaged */
        }
        cp_block_release(&block);
    }
    CHECK(cp_fuzz_same_verdicts(&results[HEADLESS], &results[LEAN]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_once();
    uint8_t choice = cp_fuzz_take(&data, &size);
    size_t delimiter = choice % DELIMITERS, limit = choice / DELIMITERS % LIMITS;
    const cp_csv_dialect dialect = {(uint8_t)delimiters[delimiter], record_limits[limit]};
    cp_block block = cp_fuzz_block(data, size);
    check_kernels(cp_csv_kernels_portable(), &block, &dialect);
    if (cp_csv_kernels_avx2())
        check_kernels(cp_csv_kernels_avx2(), &block, &dialect);
    cp_block_release(&block);
    check_decoding(limit, delimiter, data, size);
    return 0;
}
