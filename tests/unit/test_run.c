/* pipeline/engine/run.h: whole runs over small files: the books, the first error in input order,
 * the budget, rejects, empty inputs, inference; and the same results for any threads, reader and
 * compression.
 *
 *   files --run, stage `sum`--> books, per-input results, rejects file, the stage's state */
#include "formats/compress/codecs.h"
#include "formats/registry.h"
#include "pipeline/core/checked.h"
#include "pipeline/engine/run.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"

#include <pthread.h>

/* ---- a stage that shows what the engine did with it ---- */

/* Counts rows, sums `n`, and keeps a number that depends on the order of combining. */
typedef struct sum_stage {
    cp_stage base;
    size_t field;
    unsigned binds;
    unsigned opens; /* partials, under `lock` */
    unsigned closes;
    pthread_mutex_t lock;
} sum_stage;

typedef struct sum_partial {
    cp_partial base;
    sum_stage *stage;
    uint64_t rows, nulls;
    int64_t sum;
    uint64_t order;
} sum_partial;

static const cp_stage_type sum_type;

static cp_rc sum_bind(cp_stage *stage, cp_schema *in, cp_schema *out, cp_error *err)
{
    sum_stage *self = (sum_stage *)stage;
    cp_field *field;
    self->binds++;
    self->field = cp_schema_find(in, cp_span_of("n"));
    if (self->field == SIZE_MAX)
        return cp_fail(err, CP_E_CONFIG, "no_such_field", "no field n");
    in->fields[self->field].wanted = true;
    return cp_schema_add(out, "sum", CP_TYPE_INT64, &field, err);
}

static void count_one(sum_stage *stage, unsigned *counter)
{
    pthread_mutex_lock(&stage->lock);
    ++*counter;
    pthread_mutex_unlock(&stage->lock);
}

static cp_rc sum_open(const cp_stage *stage, size_t memory_limit_bytes, cp_partial **out,
                      cp_error *err)
{
    sum_stage *self = (sum_stage *)(uintptr_t)stage;
    sum_partial *partial;
    if (memory_limit_bytes != 12345)
        return cp_fail(err, CP_E_BUG, "limit", "the limit has not come through");
    cp_rc rc = cp_calloc(1, sizeof *partial, &partial, err);
    if (rc)
        return rc;
    *partial = (sum_partial){.base = {&sum_type}, .stage = self};
    count_one(self, &self->opens);
    *out = &partial->base;
    return CP_OK;
}

static cp_rc sum_fold(const cp_stage *stage, cp_partial *partial, const cp_batch *batch,
                      cp_error *err)
{
    (void)err;
    sum_partial *self = (sum_partial *)partial;
    const cp_column *column = &batch->columns[((const sum_stage *)stage)->field];
    for (uint32_t row = 0; row < batch->rows; row++) {
        if (cp_column_is_valid(column, row))
            self->sum += ((const int64_t *)column->data)[row];
        else
            self->nulls++;
    }
    self->rows += batch->rows;
    self->order = self->order * 31 + (uint64_t)self->sum;
    return CP_OK;
}

static cp_rc sum_combine(const cp_stage *stage, cp_partial *into, cp_partial *from, cp_error *err)
{
    (void)stage, (void)err;
    sum_partial *a = (sum_partial *)into, *b = (sum_partial *)from;
    a->rows += b->rows;
    a->nulls += b->nulls;
    a->sum += b->sum;
    a->order = a->order * UINT64_C(1000003) + b->order;
    *b = (sum_partial){.base = b->base, .stage = b->stage};
    return CP_OK;
}

static void sum_close(cp_partial *partial)
{
    if (partial) {
        sum_stage *stage = ((sum_partial *)partial)->stage;
        count_one(stage, &stage->closes);
        free(partial);
    }
}

static const cp_stage_type sum_type = {
    .name = "sum",
    .kind = CP_STAGE_FOLD,
    .bind = sum_bind,
    .partial_open = sum_open,
    .fold = sum_fold,
    .combine = sum_combine,
    .partial_close = sum_close,
};

/* ---- one run ---- */

enum { INPUTS_MAX = 6 };

static sum_stage stage;
static cp_stage *const stages[] = {&stage.base};
static cp_schema *schema; /* name: string, required; n: int64 */
static cp_run_options options;
static char *paths[INPUTS_MAX];
static size_t files_before;

static int start(void **state)
{
    cp_field *field;
    if (make_folder(state))
        return -1;
    files_before = open_files();
    stage = (sum_stage){.base = {&sum_type}};
    pthread_mutex_init(&stage.lock, NULL);
    assert_int_equal(cp_schema_new("test", &schema, NULL), CP_OK);
    assert_int_equal(cp_schema_add(schema, "name", CP_TYPE_STRING, &field, NULL), CP_OK);
    field->required = true;
    assert_int_equal(cp_schema_add(schema, "n", CP_TYPE_INT64, &field, NULL), CP_OK);
    options = (cp_run_options){
        .paths = paths,
        .intake = {.io = {CP_READ_AUTO, 256 * 1024},
                   .codecs = cp_codecs,
                   .formats = cp_formats,
                   .window_limit_bytes = 8 << 20},
        .format = {.max_record_bytes = 1 << 20},
        .schema = schema,
        .stages = stages,
        .stage_count = 1,
        .budget = {UINT64_MAX, 1},
        .threads = 1,
        .memory_limit_bytes = 12345,
    };
    return 0;
}

static int end(void **state)
{
    for (size_t i = 0; i < options.path_count; i++)
        free(paths[i]);
    cp_schema_free(schema);
    pthread_mutex_destroy(&stage.lock);
    return remove_folder(state) || open_files() != files_before || stage.opens != stage.closes;
}

static void add_path(const char *path)
{
    assert_true(options.path_count < INPUTS_MAX);
    paths[options.path_count++] = strdup(path);
}

static void add_input(const char *text)
{
    char name[20];
    snprintf(name, sizeof name, "in%zu", options.path_count);
    write_text_file(in_folder(name), text);
    add_path(in_folder(name));
}

static cp_run *open_run(void)
{
    cp_run *run;
    cp_error err = {0};
    if (cp_run_open(&options, &run, &err))
        fail_msg("%s", err.message);
    return run;
}

static const sum_partial *sum_of(const cp_run *run)
{
    return (const sum_partial *)cp_run_partial(run, 0);
}

/* A run that goes well; close it. */
static cp_run *run_well(void)
{
    cp_run *run = open_run();
    cp_error err = {0};
    if (cp_run_execute(run, &err))
        fail_msg("%s: %s", err.input, err.message);
    assert_int_equal(cp_books_check(cp_run_books(run), NULL), CP_OK);
    return run;
}

typedef struct expectation {
    cp_rc rc;
    const char *reason, *path;
    uint64_t record, line, byte;
} expectation;

static void run_badly(const expectation *expected)
{
    for (size_t threads = 1; threads <= 4; threads += 3) {
        options.threads = threads;
        cp_run *run = open_run();
        cp_error err = {0};
        assert_int_equal(cp_run_execute(run, &err), expected->rc);
        assert_int_equal(err.rc, expected->rc);
        assert_string_equal(err.reason, expected->reason);
        if (expected->path)
            assert_string_equal(err.input, expected->path);
        assert_int_equal(err.record, expected->record);
        assert_int_equal(err.line, expected->line);
        assert_int_equal(err.byte, expected->byte);
        cp_run_close(run);
        run = open_run(); /* the error is not asked for */
        assert_int_equal(cp_run_execute(run, NULL), expected->rc);
        cp_run_close(run);
    }
}

/* ---- what is counted ---- */

static void test_one_input(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\",\"n\":5}\n\n{\"name\":\"b\"}\n{\"n\":1}\n{\"name\":\"c\",\"n\":-2}");
    cp_run *run = run_well();
    const cp_books *books = cp_run_books(run);
    assert_int_equal(books->read, 4);
    assert_int_equal(books->accepted, 3);
    assert_int_equal(books->rejected, 1);
    assert_int_equal(books->filtered, 0);
    assert_int_equal(books->by_reason[CP_MISSING_FIELD], 1);
    assert_int_equal(sum_of(run)->rows, 3);
    assert_int_equal(sum_of(run)->nulls, 1);
    assert_int_equal(sum_of(run)->sum, 3);
    const cp_input_result *result = cp_run_inputs(run);
    assert_string_equal(result->path, paths[0]);
    assert_int_equal(result->records, 4);
    assert_int_equal(result->stored_bytes, 60);
    assert_ptr_equal(cp_run_schema(run), schema);
    assert_string_equal(cp_run_rows_schema(run, 0)->fields[0].name, "sum");
    assert_int_equal(stage.binds, 1);
    assert_true(schema->fields[1].wanted);
    assert_false(schema->fields[0].wanted);
    cp_run_close(run);
    cp_run_close(NULL);
}

static void test_several_inputs(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\",\"n\":1}\n");
    add_input("");
    add_input("{\"name\":\"a\",\"n\":2}\n{\"name\":5}\n");
    add_path(paths[0]); /* twice is twice */
    for (options.threads = 1; options.threads < 5; options.threads++) {
        cp_run *run = run_well();
        static const uint64_t records[] = {1, 0, 2, 1};
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(cp_run_inputs(run)[i].records, records[i]);
            assert_string_equal(cp_run_inputs(run)[i].path, paths[i]);
        }
        assert_int_equal(sum_of(run)->sum, 4);
        assert_int_equal(cp_run_books(run)->read, 4);
        assert_int_equal(cp_run_books(run)->rejected, 1);
        cp_run_close(run);
    }
}

/* Nothing is no error, and there is a state to emit from. */
static void test_empty_inputs(void **state)
{
    (void)state;
    for (size_t count = 1; count < 4; count++) {
        add_input("");
        for (options.threads = 1; options.threads < 4; options.threads += 2) {
            cp_run *run = run_well();
            assert_int_equal(cp_run_books(run)->read, 0);
            assert_int_equal(sum_of(run)->rows, 0);
            assert_int_equal(cp_run_rows_schema(run, 0)->field_count, 1);
            cp_run_close(run);
        }
    }
}

static void test_without_stages(void **state)
{
    (void)state;
    options.stage_count = 0;
    add_input("{\"name\":\"a\"}\nbad\n");
    cp_run *run = run_well();
    assert_int_equal(cp_run_books(run)->accepted, 1);
    assert_int_equal(cp_run_books(run)->by_reason[CP_JSON_SYNTAX], 1);
    cp_run_close(run);
}

static void test_never_executed(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\"}\n");
    options.rejects_path = in_folder("rejects");
    cp_run_close(open_run());
    assert_int_equal(entries_in(folder), 1); /* no rejects file is left */
}

/* ---- the first error in input order ---- */

static const char good[] = "{\"name\":\"a\",\"n\":1}\n"; /* 19 bytes */
static const char bad[] = "{\"name\":\"a\",\"n\":1.5}\n";

static void test_bad_record_ends_the_run(void **state)
{
    (void)state;
    options.budget.max_errors = 0;
    add_input(good);
    add_input("{\"name\":\"a\",\"n\":1}\n\n{\"name\":\"a\",\"n\":1.5}\n{\"name\":1}\n");
    run_badly(&(expectation){CP_E_DATA, "not_an_integer", paths[1], 2, 3, 20});
}

static void test_error_says_the_field(void **state)
{
    (void)state;
    options.budget.max_errors = 0;
    add_input(bad);
    cp_run *run = open_run();
    cp_error err = {0};
    assert_int_equal(cp_run_execute(run, &err), CP_E_DATA);
    assert_string_equal(err.field, "n");
    assert_string_equal(err.message, "1.5 is no integer, expected int64");
    cp_run_close(run);
}

static void test_missing_input_behind_a_bad_record(void **state)
{
    (void)state;
    options.budget.max_errors = 0;
    add_input(good);
    add_input(bad);
    add_path(in_folder("none"));
    run_badly(&(expectation){CP_E_DATA, "not_an_integer", paths[1], 1, 1, 0});
}

static void test_missing_input_before_a_bad_record(void **state)
{
    (void)state;
    options.budget.max_errors = 0;
    add_input(good);
    add_path(in_folder("none"));
    add_input(bad);
    run_badly(&(expectation){CP_E_NOINPUT, "no_input", paths[1], 0, 0, 0});
}

static void test_unknown_format(void **state)
{
    (void)state;
    add_input(good);
    add_input("neither this nor that\n");
    run_badly(&(expectation){CP_E_USAGE, "unknown_format", paths[1], 0, 0, 0});
}

static void test_stage_does_not_fit(void **state)
{
    (void)state;
    cp_schema_free(schema);
    assert_int_equal(cp_schema_new("other", &schema, NULL), CP_OK);
    options.schema = schema;
    add_input(good);
    run_badly(&(expectation){CP_E_CONFIG, "no_such_field", paths[0], 0, 0, 0});
}

/* A zst file of `lines` good lines with a bad one in their middle, cut after `share` of it. */
static void add_truncated(size_t lines, const char *middle, double share)
{
    memory_writer bytes = memory_writer_open();
    cp_writer *writer;
    assert_int_equal(cp_codec_zstd.compress(&bytes.base, 1, &writer, NULL), CP_OK);
    for (size_t i = 0; i < lines; i++) {
        if (i == lines / 2)
            assert_int_equal(cp_write(writer, middle, strlen(middle), NULL), CP_OK);
        assert_int_equal(
            cp_writef(writer, NULL, "{\"name\":\"%" PRIx64 "\",\"n\":1}\n", random_bits()), CP_OK);
    }
    assert_int_equal(writer->finish(writer, NULL), CP_OK);
    writer->close(writer);
    const char *path = in_folder("cut.zst");
    write_file(path, bytes.bytes, (size_t)((double)bytes.size * share));
    bytes.base.close(&bytes.base);
    add_path(path);
}

/* What lies before the cut is read; the bad record there comes first. */
static void test_truncated_input(void **state)
{
    (void)state;
    random_start(UINT64_C(20260250));
    add_truncated(100000, "", 0.9);
    for (options.threads = 1; options.threads <= 4; options.threads += 3) {
        cp_run *run = open_run();
        cp_error err = {0};
        assert_int_equal(cp_run_execute(run, &err), CP_E_DATA);
        assert_string_equal(err.reason, "truncated_input");
        assert_string_equal(err.input, paths[0]);
        assert_true(err.has_byte);
        assert_true(err.byte > 1000000);
        assert_true(cp_run_books(run)->read > 50000);
        cp_run_close(run);
    }
    options.budget.max_errors = 0;
    free(paths[--options.path_count]);
    add_truncated(100000, "bad\n", 0.9);
    for (options.threads = 1; options.threads <= 4; options.threads += 3) {
        cp_run *run = open_run();
        cp_error err = {0};
        assert_int_equal(cp_run_execute(run, &err), CP_E_DATA);
        assert_string_equal(err.reason, "json_syntax");
        assert_int_equal(err.record, 50001);
        cp_run_close(run);
    }
}

/* ---- the budget ---- */

static void test_count_budget(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\"}\nbad\nbad\n");
    add_input("bad\n\n{\"name\":\"a\"}\nbad\n");
    options.budget.max_errors = 4;
    cp_run_close(run_well());
    options.budget.max_errors = 3;
    run_badly(&(expectation){CP_E_DATA, "budget_exceeded", paths[1], 3, 4, 18});
    options.budget.max_errors = 2;
    run_badly(&(expectation){CP_E_DATA, "budget_exceeded", paths[1], 1, 1, 0});
    options.budget.max_errors = 0;
    run_badly(&(expectation){CP_E_DATA, "json_syntax", paths[0], 2, 2, 13});
}

static void test_ratio_budget(void **state)
{
    (void)state;
    add_input("bad\n{\"name\":\"a\"}\n{\"name\":\"a\"}\n{\"name\":\"a\"}\n");
    options.budget.max_ratio = 0.25;
    cp_run_close(run_well());
    options.budget.max_ratio = 0.24;
    run_badly(&(expectation){CP_E_DATA, "budget_exceeded", NULL, 0, 0, 0});
}

/* ---- the rejects file ---- */

static void test_rejects_file(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\"}\r\n\nbad\r\n");
    add_input("{\"name\":\"a\",\"n\":[]}");
    options.rejects_path = in_folder("rejects");
    cp_run_close(run_well());
    char expected[2000];
    snprintf(
        expected, sizeof expected,
        "{\"source\":\"%s\",\"member\":null,\"record\":2,\"line\":3,\"offset\":15,\"length\":3,"
        "\"field\":null,\"reason\":\"json_syntax\",\"message\":",
        paths[0]);
    size_t size;
    char *found = read_file(options.rejects_path, &size);
    assert_int_equal(strncmp(found, expected, strlen(expected)), 0);
    snprintf(
        expected, sizeof expected,
        "{\"source\":\"%s\",\"member\":null,\"record\":1,\"line\":1,\"offset\":0,\"length\":19,"
        "\"field\":\"n\",\"reason\":\"wrong_type\",\"message\":\"[] is no int64\","
        "\"raw\":\"{\\\"name\\\":\\\"a\\\",\\\"n\\\":[]}\"}\n",
        paths[1]);
    const char *second = strchr(found, '\n') + 1;
    assert_string_equal(second, expected);
    free(found);
}

/* People need them most when the run fails; what came before the end of it is all there. */
static void test_rejects_of_a_failed_run(void **state)
{
    (void)state;
    add_input("bad\n{\"name\":\"a\"}\nbad\nbad\n");
    add_path(in_folder("none"));
    const char *rejects = in_folder("rejects");
    options.rejects_path = rejects;
    for (uint64_t allowed = 0; allowed < 4; allowed++) {
        options.budget.max_errors = allowed;
        cp_run *run = open_run();
        assert_int_equal(cp_run_execute(run, NULL), allowed < 3 ? CP_E_DATA : CP_E_NOINPUT);
        cp_run_close(run);
        size_t size, lines = 0;
        char *found = read_file(rejects, &size);
        for (size_t i = 0; i < size; i++)
            lines += found[i] == '\n';
        assert_int_equal(lines, allowed < 3 ? allowed + 1 : 3);
        free(found);
    }
}

static void test_rejects_file_without_rejects(void **state)
{
    (void)state;
    add_input(good);
    write_text_file(in_folder("rejects"), "of the last run");
    options.rejects_path = in_folder("rejects");
    cp_run_close(run_well());
    assert_file_holds(in_folder("rejects"), "");
}

static void test_rejects_file_cannot_be_made(void **state)
{
    (void)state;
    add_input(good);
    options.rejects_path = in_folder("none/rejects");
    cp_run *run;
    cp_error err = {0};
    assert_int_equal(cp_run_open(&options, &run, &err), CP_E_CREATE);
    assert_string_equal(err.input, options.rejects_path);
    options.rejects_path = "/dev/full";
    options.intake.format = &cp_jsonl_format;
    add_input("bad\n");
    run = open_run();
    assert_int_equal(cp_run_execute(run, &err), CP_E_IO);
    assert_string_equal(err.reason, "write_failed");
    cp_run_close(run);
}

/* Line i of an input of which every line is "bad". */
static void check_reject_line(const char *line, size_t size, int i)
{
    char copy[1000], expected[64];
    snprintf(copy, sizeof copy, "%.*s", (int)size, line);
    snprintf(expected, sizeof expected, "\"record\":%d,\"line\":%d,\"offset\":%d,", i + 1, i + 1,
             i * 4);
    assert_non_null(strstr(copy, expected));
}

/* More rejects in a block than any list on the way holds. */
static void test_many_rejects(void **state)
{
    (void)state;
    enum { LINES = 30000 };
    char *text = malloc(LINES * 4 + 1);
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        memcpy(text + 4 * (size_t)i, "bad\n", 5);
    add_input(text);
    add_input(text);
    free(text);
    options.rejects_path = in_folder("rejects");
    options.intake.format = &cp_jsonl_format;
    for (options.threads = 1; options.threads <= 4; options.threads += 3) {
        cp_run *run = run_well();
        assert_int_equal(cp_run_books(run)->rejected, 2 * LINES);
        cp_run_close(run);
        size_t size;
        char *found = read_file(options.rejects_path, &size), *line = found;
        for (int i = 0; i < 2 * LINES; i++) {
            char *line_end = memchr(line, '\n', size - (size_t)(line - found));
            assert_non_null(line_end);
            check_reject_line(line, (size_t)(line_end - line), i % LINES);
            line = line_end + 1;
        }
        assert_ptr_equal(line, found + size);
        free(found);
    }
}

/* ---- inference ---- */

static void test_inference(void **state)
{
    (void)state;
    options.schema = NULL;
    add_input("");
    add_input("{\"n\":1,\"x\":\"text\"}\n{\"n\":2}\n{\"n\":1.5}\n");
    add_input("{\"n\":\"no number\"}\n");
    options.stage_count = 0;
    cp_run *run = run_well();
    const cp_schema *found = cp_run_schema(run);
    assert_true(found->inferred);
    assert_int_equal(found->field_count, 2);
    assert_string_equal(found->fields[0].name, "n");
    assert_int_equal(found->fields[0].type, CP_TYPE_FLOAT64);
    assert_int_equal(found->fields[1].type, CP_TYPE_STRING);
    assert_int_equal(cp_run_books(run)->accepted, 3);
    assert_int_equal(cp_run_books(run)->by_reason[CP_WRONG_TYPE], 1);
    cp_run_close(run);
}

typedef struct adapting {
    unsigned calls;
    size_t fields;
    cp_rc rc;
} adapting;

static cp_rc adapt(void *context, cp_schema *inferred, cp_schema **out, cp_error *err)
{
    adapting *self = context;
    self->calls++;
    self->fields = inferred->field_count;
    *out = NULL;
    cp_schema_free(inferred);
    if (self->rc)
        return cp_fail(err, self->rc, "refused", "no");
    cp_field *field;
    cp_rc rc = cp_schema_new("adapted", out, err);
    return rc ? rc : cp_schema_add(*out, "n", CP_TYPE_INT64, &field, err);
}

static void test_adapted_schema(void **state)
{
    (void)state;
    adapting context = {0};
    options.schema = NULL;
    options.adapt = adapt;
    options.adapt_context = &context;
    add_input("{\"n\":7,\"x\":true}\n");
    add_input("{\"n\":8}\n");
    cp_run *run = run_well();
    assert_int_equal(context.calls, 1);
    assert_int_equal(context.fields, 2);
    assert_string_equal(cp_run_schema(run)->name, "adapted");
    assert_int_equal(sum_of(run)->sum, 15);
    cp_run_close(run);
    context = (adapting){.rc = CP_E_USAGE};
    run_badly(&(expectation){CP_E_USAGE, "refused", paths[0], 0, 0, 0});
    options.schema = schema; /* given, not inferred: nothing to adapt */
    context = (adapting){.rc = CP_E_USAGE};
    cp_run_close(run_well());
    assert_int_equal(context.calls, 0);
}

/* No input has a record: the command is given a schema without fields. */
static void test_nothing_to_infer_from(void **state)
{
    (void)state;
    adapting context = {.fields = 5};
    options.schema = NULL;
    options.adapt = adapt;
    options.adapt_context = &context;
    add_input("");
    add_input("");
    cp_run *run = run_well();
    assert_int_equal(context.calls, 1);
    assert_int_equal(context.fields, 0);
    assert_int_equal(sum_of(run)->rows, 0);
    cp_run_close(run);
}

static void test_struct_records_cannot_be_guessed(void **state)
{
    (void)state;
    options.schema = NULL;
    options.intake.format = &cp_struct_format;
    add_input("x");
    run_badly(&(expectation){CP_E_USAGE, "schema_needed", paths[0], 0, 0, 0});
}

/* ---- the same results ---- */

enum { LARGE_BYTES = 5 << 20 };

/* Good lines of many shapes; about one in `rarity` is bad. */
static char *make_lines(uint64_t rarity, size_t *size)
{
    char *text = malloc(LARGE_BYTES + 4096);
    assert_non_null(text);
    size_t at = 0;
    while (at < LARGE_BYTES) {
        uint64_t kind = random_below(rarity);
        int padding = (int)random_below(200);
        int n = kind == 0   ? sprintf(text + at, "{\"name\":%d}\n", padding)
                : kind == 1 ? sprintf(text + at, "\r\n")
                : kind == 2 ? sprintf(text + at, "{\"name\":\"%*d\"}\r\n", padding, 1)
                            : sprintf(text + at, "{\"n\":%d,\"name\":\"%*d\"}\n",
                                      (int)random_below(2000) - 1000, padding, 1);
        at += (size_t)n;
    }
    *size = at;
    return text;
}

static void write_compressed(const char *path, const char *text, size_t size)
{
    memory_writer bytes = memory_writer_open();
    cp_writer *writer;
    assert_int_equal(cp_codec_zstd.compress(&bytes.base, 1, &writer, NULL), CP_OK);
    assert_int_equal(cp_write(writer, text, size, NULL), CP_OK);
    assert_int_equal(writer->finish(writer, NULL), CP_OK);
    writer->close(writer);
    write_file(path, bytes.bytes, bytes.size);
    bytes.base.close(&bytes.base);
}

typedef struct outcome {
    cp_rc rc;
    cp_error err;
    cp_books books;
    sum_partial sum;
    char *rejects;
    size_t rejects_bytes;
} outcome;

static outcome run_once(void)
{
    outcome out = {0};
    cp_run *run = open_run();
    out.rc = cp_run_execute(run, &out.err);
    if (!out.rc) { /* where a failed run stopped reading, nobody promises */
        out.books = *cp_run_books(run);
        out.sum = *sum_of(run);
    }
    cp_run_close(run);
    out.rejects = read_file(options.rejects_path, &out.rejects_bytes);
    return out;
}

static void assert_same(const outcome *a, const outcome *b)
{
    assert_int_equal(a->rc, b->rc);
    assert_int_equal(a->err.record, b->err.record);
    assert_int_equal(a->err.byte, b->err.byte);
    assert_string_equal(a->err.input, b->err.input);
    assert_string_equal(a->err.message, b->err.message);
    assert_memory_equal(&a->books, &b->books, sizeof a->books);
    assert_int_equal(a->sum.rows, b->sum.rows);
    assert_int_equal(a->sum.sum, b->sum.sum);
    assert_int_equal(a->sum.order, b->sum.order);
    assert_int_equal(a->rejects_bytes, b->rejects_bytes);
    assert_memory_equal(a->rejects, b->rejects, a->rejects_bytes);
}

/* Threads and reader in all pairs. `again`: the inputs have just been written anew. */
static void run_all_ways(outcome *expected, bool again)
{
    static const size_t threads[] = {1, 2, 3, 8};
    static const cp_read_method methods[] = {CP_READ_CHUNKED, CP_READ_MMAP};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++) {
            options.threads = threads[i];
            options.intake.io.method = methods[j];
            options.intake.io.chunk_bytes = 4096 + (size_t)random_below(2 << 20);
            outcome found = run_once();
            if (i + j == 0 && !again) {
                *expected = found;
                continue;
            }
            assert_same(expected, &found);
            free(found.rejects);
        }
}

static void test_same_results_any_way(void **state)
{
    (void)state;
    random_start(UINT64_C(20260251));
    char *texts[3];
    size_t sizes[3];
    static const uint64_t rarities[] = {100000, 40, 3000};
    add_input("");
    add_input("");
    add_input("");
    options.rejects_path = in_folder("rejects");
    for (size_t i = 0; i < 3; i++) {
        texts[i] = make_lines(rarities[i], &sizes[i]);
        write_file(paths[i], texts[i], sizes[i]);
    }
    static const uint64_t budgets[] = {UINT64_MAX, 300};
    for (size_t i = 0; i < 2; i++) {
        outcome expected = {0};
        options.budget.max_errors = budgets[i];
        for (size_t j = 0; j < 3; j++)
            write_file(paths[j], texts[j], sizes[j]);
        run_all_ways(&expected, false);
        assert_int_equal(expected.rc, i ? CP_E_DATA : CP_OK);
        for (size_t j = 0; j < 3; j++)
            write_compressed(paths[j], texts[j], sizes[j]);
        run_all_ways(&expected, true);
        free(expected.rejects);
    }
    for (size_t i = 0; i < 3; i++)
        free(texts[i]);
}

/* ---- progress ---- */

typedef struct shown {
    unsigned calls;
    uint64_t stored_bytes, records;
    bool backwards;
} shown;

static void show(void *context, const cp_progress *progress)
{
    shown *self = context;
    self->backwards |= progress->stored_bytes < self->stored_bytes;
    self->backwards |= progress->records < self->records;
    self->calls++;
    self->stored_bytes = progress->stored_bytes;
    self->records = progress->records;
}

static void test_progress(void **state)
{
    (void)state;
    random_start(UINT64_C(20260252));
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        add_input("");
        char *text = make_lines(1000, &sizes[i]);
        write_file(paths[i], text, sizes[i]);
        free(text);
    }
    options.progress = show;
    for (options.threads = 1; options.threads <= 4; options.threads += 3) {
        shown context = {0};
        options.progress_context = &context;
        cp_run *run = run_well();
        assert_true(context.calls >= (sizes[0] + sizes[1]) / CP_BLOCK_TARGET_BYTES);
        assert_false(context.backwards);
        assert_int_equal(context.stored_bytes, sizes[0] + sizes[1]);
        assert_true(context.records <= cp_run_books(run)->read);
        cp_run_close(run);
    }
}

/* ---- memory ---- */

static void test_no_memory(void **state)
{
    (void)state;
    add_input("{\"name\":\"a\",\"n\":1}\nbad\n");
    /* Another order of keys: a record that fits a known shape is tried twice, and memory that is
     * out but once would be back. */
    add_input("{\"n\":1,\"name\":\"\\u00e4\"}\n");
    options.rejects_path = in_folder("rejects");
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_run *run = NULL;
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = cp_run_open(&options, &run, &err);
        if (!rc)
            rc = cp_run_execute(run, &err);
        failed = end_failing();
        cp_run_close(run);
        if (failed) {
            assert_int_equal(rc, CP_E_MEMORY);
            assert_int_equal(err.rc, CP_E_MEMORY);
            assert_string_equal(err.reason, "out_of_memory");
        } else {
            assert_int_equal(rc, CP_OK);
        }
    }
    assert_true(failures > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

/* The format is said, so the first input is opened like any other; still it is empty. */
static void test_inference_with_a_format_that_is_said(void **state)
{
    (void)state;
    options.schema = NULL;
    options.stage_count = 0;
    options.intake.format = &cp_jsonl_format;
    add_input("");
    add_input("{\"n\":1}\n");
    cp_run *run = run_well();
    assert_int_equal(cp_run_schema(run)->field_count, 1);
    cp_run_close(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_inference_with_a_format_that_is_said),
        TEST(test_one_input),
        TEST(test_several_inputs),
        TEST(test_empty_inputs),
        TEST(test_without_stages),
        TEST(test_never_executed),
        TEST(test_bad_record_ends_the_run),
        TEST(test_error_says_the_field),
        TEST(test_missing_input_behind_a_bad_record),
        TEST(test_missing_input_before_a_bad_record),
        TEST(test_unknown_format),
        TEST(test_stage_does_not_fit),
        TEST(test_truncated_input),
        TEST(test_count_budget),
        TEST(test_ratio_budget),
        TEST(test_rejects_file),
        TEST(test_rejects_of_a_failed_run),
        TEST(test_rejects_file_without_rejects),
        TEST(test_rejects_file_cannot_be_made),
        TEST(test_many_rejects),
        TEST(test_inference),
        TEST(test_adapted_schema),
        TEST(test_nothing_to_infer_from),
        TEST(test_struct_records_cannot_be_guessed),
        TEST(test_same_results_any_way),
        TEST(test_progress),
        TEST(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
