/* pipeline/engine/cutter.h: blocks and skips put together again are the input, whatever sizes the
 * source delivers, and the cuts are the same; what is lost when a source fails.
 *
 *   input --random pieces--> source --cutter--> blocks and skips --concatenated--> input */
#include "formats/registry.h"
#include "pipeline/engine/cutter.h"
#include "pipeline/io/source.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"

enum { MIB = 1 << 20, POOL_BYTES = MIB, MAX_RECORD = 3 * MIB / 2, CUTS_MAX = 4000 };

static uint8_t *input;
static size_t input_bytes;
static cp_schema *schema;
static cp_format *plan;
static cp_pool *pool;

static void make_plan(const cp_format_type *type, uint64_t max_record_bytes)
{
    const cp_format_options options = {.max_record_bytes = max_record_bytes};
    assert_int_equal(cp_schema_case(&schema, NULL), CP_OK);
    assert_int_equal(type->plan(schema, &options, &plan, NULL), CP_OK);
}

static void free_plan(void)
{
    plan->type->plan_close(plan);
    cp_schema_free(schema);
}

static int start(void **state)
{
    random_start(UINT64_C(20260240));
    return make_folder(state) || cp_pool_new(POOL_BYTES, &pool, NULL);
}

static int end(void **state)
{
    free(input);
    input = NULL;
    cp_pool_free(pool);
    return remove_folder(state);
}

/* Room for an input of `size` bytes; what was there is gone. */
static void new_input(size_t size)
{
    free(input);
    input = malloc(size + 1);
    assert_non_null(input);
    input_bytes = size;
}

/* Lines of random lengths: most short, some longer than a block or than a record may be. */
static void make_lines(size_t size)
{
    new_input(size);
    memset(input, 'x', size);
    for (size_t at = 0; at < size;) {
        uint64_t kind = random_below(400);
        size_t line = kind == 0   ? 2 * MIB + (size_t)random_below(MIB)
                      : kind < 3  ? MAX_RECORD - 2 + (size_t)random_below(5)
                      : kind < 6  ? MIB - 2 + (size_t)random_below(5)
                      : kind < 30 ? (size_t)random_below(3)
                                  : (size_t)random_below(20000);
        at += line;
        if (at < size) {
            input[at] = '\n';
            if (at > 0 && random_below(3) == 0)
                input[at - 1] = '\r';
        }
        at++;
    }
}

/* ---- one walk ---- */

typedef struct cut_place {
    uint64_t offset, size;
    cp_reason reason; /* of a record passed over; its pieces are one */
    uint64_t length;
    bool is_skip;
} cut_place;

typedef struct walk {
    cut_place cuts[CUTS_MAX];
    size_t count;
    uint64_t lines_skipped;
    cp_rc rc;
    cp_error err;
} walk;

static void check_block(const cp_block *block, uint64_t at)
{
    assert_int_equal(block->offset, at);
    assert_in_range(block->bytes.size, 1, input_bytes - at);
    assert_memory_equal(block->bytes.data, input + at, block->bytes.size);
    unsigned sum = 0; /* the padding is there */
    for (size_t i = 0; i < CP_PADDING_BYTES; i++)
        sum += ((const volatile uint8_t *)block->bytes.data)[block->bytes.size + i];
    assert_true(sum <= 255 * CP_PADDING_BYTES);
    if (at + block->bytes.size == input_bytes)
        assert_int_equal(block->bytes.data[block->bytes.size], '\n');
}

static void note(walk *w, bool is_skip, uint64_t offset, const cp_cut *cut)
{
    cut_place *last = w->count ? &w->cuts[w->count - 1] : NULL;
    if (is_skip && last && last->is_skip && last->reason == CP_ACCEPTED) {
        last->size += cut->size;
    } else {
        assert_true(w->count < CUTS_MAX);
        last = &w->cuts[w->count++];
        *last = (cut_place){.offset = offset, .size = cut->size, .is_skip = is_skip};
    }
    if (is_skip && cut->reason != CP_ACCEPTED) {
        last->reason = cut->reason;
        last->length = cut->length;
        assert_int_equal(cut->whole, last->size);
    }
}

static void take_all(cp_source *source, walk *w)
{
    cp_cutter cutter;
    memset(w, 0, sizeof *w);
    assert_int_equal(cp_cutter_open(&cutter, source, plan, NULL), CP_OK);
    uint64_t at = 0;
    for (;;) {
        cp_block block = {0};
        cp_cut cut = {0};
        uint64_t skip_offset = 0;
        w->rc = cp_cutter_next(&cutter, &block, &cut, &skip_offset, &w->err);
        if (w->rc != CP_BLOCK && w->rc != CP_SKIP)
            break;
        if (w->rc == CP_BLOCK) {
            check_block(&block, at);
            cut = (cp_cut){.size = block.bytes.size};
        } else {
            assert_int_equal(skip_offset, at);
            w->lines_skipped += cut.reason != CP_ACCEPTED ? cut.lines : 0;
        }
        note(w, w->rc == CP_SKIP, at, &cut);
        at += cut.size;
        assert_int_equal(cutter.offset, at);
        assert_int_equal(source->position, at);
        cp_block_release(&block);
    }
    cp_rc again = cp_cutter_next(&cutter, &(cp_block){0}, &(cp_cut){0}, &(uint64_t){0}, NULL);
    assert_int_equal(again, w->rc); /* the end stays the end, a failure a failure */
    if (w->rc == CP_END)
        assert_int_equal(at, input_bytes);
    cp_cutter_close(&cutter);
    cp_cutter_close(&cutter);
    source->close(source);
}

static cp_source *open_memory(size_t most, size_t fails_at)
{
    memory_stream *stream = memory_stream_open((cp_span){input, input_bytes}, most, NULL);
    stream->fails_at = fails_at;
    cp_source *source;
    assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
    return source;
}

static cp_source *open_mapped(void)
{
    write_file(in_folder("data"), input, input_bytes);
    cp_source *source;
    int fd = open(in_folder("data"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(
        cp_mapped_source_open(fd, input_bytes, CP_MAP_WINDOW_BYTES, pool, &source, NULL), CP_OK);
    return source;
}

static void assert_same_cuts(const walk *a, const walk *b)
{
    assert_int_equal(a->rc, b->rc);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->lines_skipped, b->lines_skipped);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->cuts[i].offset, b->cuts[i].offset);
        assert_int_equal(a->cuts[i].size, b->cuts[i].size);
        assert_int_equal(a->cuts[i].is_skip, b->cuts[i].is_skip);
        assert_int_equal(a->cuts[i].reason, b->cuts[i].reason);
        assert_int_equal(a->cuts[i].length, b->cuts[i].length);
    }
}

/* ---- lines ---- */

static size_t line_ends(const cut_place *cut)
{
    size_t count = 0;
    for (size_t i = 0; i < cut->size; i++)
        count += input[cut->offset + i] == '\n';
    return count;
}

/* What the contract says of one cut of lines, from the bytes themselves. */
static void check_line_cut(const cut_place *cut)
{
    const uint8_t *first = input + cut->offset, *last = first + cut->size - 1;
    bool at_end = cut->offset + cut->size == input_bytes;
    size_t ends = line_ends(cut);
    if (!cut->is_skip) {
        assert_true(*last == '\n' || at_end);
        assert_true(cut->size <= CP_BLOCK_TARGET_BYTES || ends == (*last == '\n'));
        return;
    }
    size_t text = cut->size - (*last == '\n');
    text -= *last == '\n' && text > 0 && first[text - 1] == '\r';
    assert_int_equal(cut->reason, CP_RECORD_TOO_LARGE);
    assert_int_equal(cut->length, text);
    assert_int_equal(ends, *last == '\n');
    assert_true(text + 1 >= MAX_RECORD); /* with its '\r', at least the limit */
}

static void test_lines(void **state)
{
    (void)state;
    static walk expected, found;
    make_plan(&cp_jsonl_format, MAX_RECORD);
    for (int round = 0; round < 6; round++) {
        make_lines((size_t)random_below(9 * MIB));
        take_all(open_memory(SIZE_MAX, SIZE_MAX), &expected);
        assert_int_equal(expected.rc, CP_END);
        for (size_t i = 0; i < expected.count; i++)
            check_line_cut(&expected.cuts[i]);
        static const size_t most[] = {1000, 4097, MIB - 1, MIB + 1, 3 * MIB};
        for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
            take_all(open_memory(most[i], SIZE_MAX), &found);
            assert_same_cuts(&expected, &found);
        }
        take_all(open_mapped(), &found);
        assert_same_cuts(&expected, &found);
    }
    free_plan();
}

static void test_small_inputs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t blocks;
    } rows[] = {{"", 0}, {"\n", 1}, {"a", 1}, {"a\n", 1}, {"\r\n", 1}, {"a\nb", 1}};
    static walk w;
    make_plan(&cp_jsonl_format, MAX_RECORD);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        new_input(strlen(rows[i].text));
        memcpy(input, rows[i].text, input_bytes + 1);
        for (size_t most = 1; most < 4; most++) {
            take_all(open_memory(most, SIZE_MAX), &w);
            assert_int_equal(w.rc, CP_END);
            assert_int_equal(w.count, rows[i].blocks);
        }
    }
    free_plan();
}

/* A record of just the limit is a block; one byte more is passed over. */
static void test_limit(void **state)
{
    (void)state;
    static walk w;
    make_plan(&cp_jsonl_format, MAX_RECORD);
    for (size_t more = 0; more < 2; more++)
        for (size_t newline = 0; newline < 2; newline++) {
            new_input(MAX_RECORD + more + newline);
            memset(input, 'x', input_bytes);
            if (newline)
                input[input_bytes - 1] = '\n';
            take_all(open_memory(10000, SIZE_MAX), &w);
            assert_int_equal(w.count, 1);
            assert_int_equal(w.cuts[0].is_skip, more);
            assert_int_equal(w.cuts[0].length, more ? MAX_RECORD + more : 0);
            assert_int_equal(w.lines_skipped, more && newline);
        }
    free_plan();
}

/* ---- fixed-width records ---- */

static void test_struct_records(void **state)
{
    (void)state;
    enum { RECORD = 15 };
    static walk expected, found;
    make_plan(&cp_struct_format, MAX_RECORD);
    for (size_t rest = 0; rest < 3; rest++) {
        new_input(200000 * RECORD + rest);
        for (size_t i = 0; i < input_bytes; i++)
            input[i] = (uint8_t)random_bits();
        take_all(open_memory(SIZE_MAX, SIZE_MAX), &expected);
        for (size_t i = 0; i + 1 < expected.count; i++) {
            assert_false(expected.cuts[i].is_skip);
            assert_int_equal(expected.cuts[i].size % RECORD, 0);
            assert_true(expected.cuts[i].size <= CP_BLOCK_TARGET_BYTES);
        }
        for (size_t most = 999; most < 4 * MIB; most *= 17) {
            take_all(open_memory(most, SIZE_MAX), &found);
            assert_same_cuts(&expected, &found);
        }
    }
    free_plan();
}

/* ---- failures ---- */

/* Whole records from before the failure come first; of the last one, cut off, nothing does. */
static void test_failing_source(void **state)
{
    (void)state;
    static walk w;
    make_plan(&cp_jsonl_format, MAX_RECORD);
    make_lines(3 * MIB);
    for (int round = 0; round < 12; round++) {
        size_t fails_at = (size_t)random_below(input_bytes);
        take_all(open_memory(1 + (size_t)random_below(2 * MIB), fails_at), &w);
        assert_int_equal(w.rc, CP_E_IO);
        assert_string_equal(w.err.reason, "read_failed");
        uint64_t at = 0;
        for (size_t i = 0; i < w.count; i++) {
            if (!w.cuts[i].is_skip)
                assert_int_equal(input[w.cuts[i].offset + w.cuts[i].size - 1], '\n');
            at = w.cuts[i].offset + w.cuts[i].size;
        }
        assert_true(at <= fails_at);
        if (w.count == 0 || !w.cuts[w.count - 1].is_skip) /* no whole record is left out */
            assert_null(memchr(input + at, '\n', fails_at - at));
    }
    free_plan();
}

static void test_blocks_outlive_the_source(void **state)
{
    (void)state;
    enum { BLOCKS = 4 };
    make_plan(&cp_jsonl_format, MAX_RECORD);
    make_lines(BLOCKS * MIB / 2 + 5000);
    for (int mapped = 0; mapped < 2; mapped++) {
        cp_source *source = mapped ? open_mapped() : open_memory(10000, SIZE_MAX);
        cp_cutter cutter;
        cp_block blocks[BLOCKS] = {{0}};
        size_t count = 0;
        assert_int_equal(cp_cutter_open(&cutter, source, plan, NULL), CP_OK);
        cp_rc rc = CP_OK;
        while (count < BLOCKS && rc != CP_END) {
            cp_cut cut;
            uint64_t offset;
            rc = cp_cutter_next(&cutter, &blocks[count], &cut, &offset, NULL);
            count += rc == CP_BLOCK;
        }
        cp_cutter_close(&cutter);
        source->close(source);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            check_block(&blocks[i], blocks[i].offset);
            cp_block_release(&blocks[i]);
        }
    }
    free_plan();
}

static void test_no_memory(void **state)
{
    (void)state;
    make_plan(&cp_jsonl_format, MAX_RECORD);
    make_lines(100);
    cp_source *source = open_memory(100, SIZE_MAX);
    cp_cutter cutter;
    cp_error err = {0};
    fail_allocation(0);
    cp_rc rc = cp_cutter_open(&cutter, source, plan, &err);
    assert_true(end_failing());
    assert_int_equal(rc, CP_E_MEMORY);
    cp_cutter_close(&cutter);
    source->close(source);
    free_plan();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines),          TEST(test_small_inputs),   TEST(test_limit),
        TEST(test_struct_records), TEST(test_failing_source), TEST(test_blocks_outlive_the_source),
        TEST(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
