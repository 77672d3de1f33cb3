/* pipeline/engine/rows.c: rows into groups, groups into one file or many: where they end depends on
 * the content alone; what fails ends the run with its own error.
 *
 *   lines --run--> groups --text sink--> "group 2\n1 abc\n2 \n" ... "end 1\n"   compared with what
 *                                                                             a plain loop makes */
#include "formats/compress/codecs.h"
#include "formats/registry.h"
#include "pipeline/core/checked.h"
#include "pipeline/engine/run.h"
#include "pipeline/io/publish.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/memory_io.h"
#include "tests/unit/support.h"

#include <pthread.h>

enum { INPUTS_MAX = 6, ROW_BYTES = 12 /* n, and the offset of name */ };

/* Parts are small and many here; whether they last is for test_parts.c. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* ---- a sink that writes text, and fails where it is told to ---- */

typedef struct text_sink {
    cp_sink base;
    size_t position, groups; /* of the file at hand */
} text_sink;

typedef struct text_encoded {
    cp_encoded base;
    text bytes;
} text_encoded;

/* What the sink is to do, and what it saw. Numbers of groups count from 1 in input order; 0: none.
 */
static struct plan {
    bool open_fails, encoder_fails;
    int64_t encode_fails[2]; /* the value of n of a row */
    size_t append_fails;     /* the group */
    size_t finish_fails;     /* the file */
    bool is_slow;            /* encoding takes its time, a group more than another */
    size_t appended, files;
    size_t alive, most_alive; /* encoded groups that are not freed, under `lock` */
    uint64_t wanted;          /* a bit for each field */
    pthread_mutex_t lock;
} plan;

static const cp_sink_type text_sink_type;

static cp_rc sink_open(const cp_schema *schema, const cp_sink_options *options, cp_sink **out,
                       cp_error *err)
{
    (void)options;
    if (plan.open_fails)
        return cp_fail(err, CP_E_CONFIG, "no_sink", "the sink does not want to");
    for (size_t i = 0; i < schema->field_count; i++)
        plan.wanted |= (uint64_t)schema->fields[i].wanted << i;
    text_sink *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &text_sink_type;
    *out = &self->base;
    return CP_OK;
}

static cp_rc encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err)
{
    (void)sink;
    if (plan.encoder_fails)
        return cp_fail(err, CP_E_MEMORY, "no_encoder", "the encoder does not want to");
    cp_rc rc = cp_calloc(1, sizeof **out, out, err);
    if (!rc)
        (*out)->type = &text_sink_type;
    return rc;
}

static void encoder_close(cp_encoder *encoder)
{
    free(encoder);
}

static void count_alive(bool one_more)
{
    pthread_mutex_lock(&plan.lock);
    plan.alive += one_more ? 1 : SIZE_MAX;
    if (plan.alive > plan.most_alive)
        plan.most_alive = plan.alive;
    pthread_mutex_unlock(&plan.lock);
}

static void encoded_free(cp_encoded *encoded)
{
    if (!encoded)
        return;
    count_alive(false);
    text_free(&((text_encoded *)encoded)->bytes);
    free(encoded);
}

/* Room for all of it at once, since a test lets allocations fail. */
static cp_rc make_room(text *out, const cp_group *group, const cp_gathered *names, cp_error *err)
{
    enum { LINE_BYTES = 32 };
    size_t bytes = LINE_BYTES * (group->rows + 1);
    for (size_t i = 0; i < names->count; i++)
        bytes += ((const cp_span *)names->values)[i].size;
    return cp_grow(&out->bytes, &out->capacity, bytes, 1, err);
}

static void put_row(text *out, int64_t value, cp_span name)
{
    out->size += (size_t)sprintf(out->bytes + out->size, "%" PRId64 " %.*s\n", value,
                                 (int)name.size, (const char *)name.data);
}

static cp_rc put_rows(const cp_group *group, text *out, cp_error *err)
{
    cp_gathered n = {0}, names = {0};
    cp_rc rc = cp_group_gather(group, 0, &n, err);
    if (!rc)
        rc = cp_group_gather(group, 1, &names, err);
    if (!rc)
        rc = make_room(out, group, &names, err);
    if (!rc)
        out->size = (size_t)sprintf(out->bytes, "group %" PRIu64 "\n", group->rows);
    for (size_t i = 0; !rc && i < group->rows; i++) {
        int64_t value = ((const int64_t *)n.values)[i];
        if (value == plan.encode_fails[0] || value == plan.encode_fails[1])
            rc = cp_fail(err, CP_E_DATA, "too_odd", "%" PRId64 " cannot be written", value);
        put_row(out, value, ((const cp_span *)names.values)[i]);
    }
    cp_gathered_close(&n);
    cp_gathered_close(&names);
    return rc;
}

static cp_rc encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                    cp_encoded **out, cp_error *err)
{
    (void)sink;
    assert_ptr_equal(encoder->type, &text_sink_type);
    text_encoded *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_encoded){.type = &text_sink_type, .rows = group->rows};
    count_alive(true);
    rc = put_rows(group, &self->bytes, err);
    if (plan.is_slow)
        usleep((unsigned)(group->bytes * 7919 % 200));
    if (rc)
        encoded_free(&self->base);
    else
        *out = &self->base;
    return rc;
}

static cp_rc append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err)
{
    text_sink *self = (text_sink *)sink;
    const text *bytes = &((const text_encoded *)encoded)->bytes;
    if (++plan.appended == plan.append_fails)
        return cp_fail(err, CP_E_IO, "no_append", "group %zu is not wanted", plan.appended);
    self->position += bytes->size;
    self->groups++;
    return cp_write(writer, bytes->bytes, bytes->size, err);
}

static size_t digits_of(size_t number)
{
    return number < 10 ? 1 : 1 + digits_of(number / 10);
}

static uint64_t end_bytes(size_t groups)
{
    return strlen("end \n") + digits_of(groups);
}

static cp_rc finish(cp_sink *sink, cp_writer *writer, cp_error *err)
{
    text_sink *self = (text_sink *)sink;
    if (++plan.files == plan.finish_fails)
        return cp_fail(err, CP_E_IO, "no_finish", "file %zu is not wanted", plan.files);
    cp_rc rc = cp_writef(writer, err, "end %zu\n", self->groups);
    self->position = self->groups = 0;
    return rc;
}

static uint64_t file_bytes(const cp_sink *sink, const cp_encoded *next)
{
    const text_sink *self = (const text_sink *)sink;
    uint64_t more = next ? ((const text_encoded *)next)->bytes.size : 0;
    return self->position + more + end_bytes(self->groups + (next != NULL));
}

static void sink_close(cp_sink *sink)
{
    free(sink);
}

static const cp_sink_type text_sink_type = {
    .name = "text",
    .extension = ".text",
    .open = sink_open,
    .encoder_open = encoder_open,
    .encoder_close = encoder_close,
    .encode = encode,
    .encoded_free = encoded_free,
    .append = append,
    .finish = finish,
    .file_bytes = file_bytes,
    .close = sink_close,
};

static cp_rc open_text_sink(void *context, const cp_schema *schema, cp_sink **out, cp_error *err)
{
    assert_ptr_equal(context, &plan);
    return text_sink_type.open(schema, NULL, out, err);
}

/* ---- one run ---- */

static cp_schema *schema; /* n: int64, required; name: string, required */
static cp_run_options options;
static char *paths[INPUTS_MAX];
static size_t files_before;

static int start(void **state)
{
    static char target[PATH_MAX];
    if (make_folder(state))
        return -1;
    files_before = open_files();
    plan = (struct plan){.encode_fails = {-1, -1}};
    pthread_mutex_init(&plan.lock, NULL);
    snprintf(target, sizeof target, "%s", in_folder("out"));
    schema = schema_of("n:int64! name:string!");
    options = (cp_run_options){
        .paths = paths,
        .intake = {.io = {CP_READ_AUTO, 256 * 1024},
                   .format = &cp_jsonl_format,
                   .codecs = cp_codecs,
                   .formats = cp_formats,
                   .window_limit_bytes = 8 << 20},
        .format = {.max_record_bytes = 4 << 20},
        .schema = schema,
        .rows = {.path = target,
                 .extension = ".text",
                 .open_sink = open_text_sink,
                 .context = &plan,
                 .group_rows = 1000,
                 .group_bytes = 1 << 20},
        .threads = 1,
        .memory_limit_bytes = 1 << 20,
    };
    return 0;
}

/* Nothing encoded stays, no file stays open, no temporary name stays. */
static int end(void **state)
{
    bool clean = plan.alive == 0 && open_files() == files_before &&
                 access(in_folder(".out.casepipe-tmp"), F_OK) != 0;
    for (size_t i = 0; i < options.path_count; i++)
        free(paths[i]);
    cp_schema_free(schema);
    pthread_mutex_destroy(&plan.lock);
    return remove_folder(state) || !clean;
}

static void add_input(const text *content)
{
    char name[20];
    assert_true(options.path_count < INPUTS_MAX);
    snprintf(name, sizeof name, "in%zu", options.path_count);
    write_file(in_folder(name), shown(content), content->size);
    paths[options.path_count++] = strdup(in_folder(name));
}

/* Clears what the last run saw. */
static cp_rc run_once(cp_error *err)
{
    cp_run *run;
    plan.appended = plan.files = plan.most_alive = 0;
    cp_rc rc = cp_run_open(&options, &run, err);
    if (rc)
        return rc;
    rc = cp_run_execute(run, err);
    cp_run_close(run);
    return rc;
}

static void run_well(void)
{
    cp_error err = {0};
    if (run_once(&err))
        fail_msg("%s: %s", err.input, err.message);
}

/* ---- rows, and what has to become of them ---- */

typedef struct row {
    int64_t n;
    size_t name_bytes;
} row;

typedef struct rows {
    row *items;
    size_t count, capacity;
} rows;

static char letter_of(const row *r)
{
    return (char)('a' + r->n % 26);
}

static void put_name(text *out, const row *r)
{
    static char name[1 << 16];
    memset(name, letter_of(r), sizeof name);
    for (size_t left = r->name_bytes; left;) {
        size_t part = left < sizeof name ? left : sizeof name;
        put_bytes(out, name, part);
        left -= part;
    }
}

/* `count` rows in one input; a name has up to `most` bytes, one in a thousand `rare` bytes. */
static void add_rows(rows *all, size_t count, size_t most, size_t rare)
{
    text content = {0};
    assert_int_equal(
        cp_grow(&all->items, &all->capacity, all->count + count, sizeof *all->items, NULL), CP_OK);
    for (size_t i = 0; i < count; i++) {
        row *r = &all->items[all->count];
        *r = (row){(int64_t)all->count++, (size_t)random_below(most + 1)};
        if (random_below(1000) == 0)
            r->name_bytes = rare;
        put(&content, "{\"n\":%" PRId64 ",\"name\":\"", r->n);
        put_name(&content, r);
        put(&content, "\"}\n");
    }
    add_input(&content);
    text_free(&content);
}

/* The first row behind the group that begins with row `first`. */
static size_t group_end(const rows *all, size_t first)
{
    uint64_t bytes = 0;
    size_t end_row = first;
    for (; end_row < all->count; end_row++) {
        bytes += ROW_BYTES + all->items[end_row].name_bytes;
        bool fits = bytes <= options.rows.group_bytes && end_row - first < options.rows.group_rows;
        if (end_row > first && !fits)
            break;
    }
    return end_row;
}

static text group_text(const rows *all, size_t first, size_t end_row)
{
    text out = {0};
    put(&out, "group %zu\n", end_row - first);
    for (size_t i = first; i < end_row; i++) {
        put(&out, "%" PRId64 " ", all->items[i].n);
        put_name(&out, &all->items[i]);
        put(&out, "\n");
    }
    return out;
}

static void assert_is_file(const char *path, text *expected, size_t groups)
{
    size_t size;
    put(expected, "end %zu\n", groups);
    char *found = read_file(path, &size);
    assert_int_equal(size, expected->size);
    assert_memory_equal(found, expected->bytes, size);
    free(found);
    text_free(expected);
}

static void assert_is_part(size_t number, text *expected, size_t groups)
{
    char path[PATH_MAX];
    assert_true(cp_part_path(options.rows.path, (unsigned)number, ".text", path));
    assert_is_file(path, expected, groups);
}

/* Walks through the rows as the sentence in run.h has it; returns the number of groups. */
static size_t assert_written(const rows *all)
{
    uint64_t most = options.rows.file_bytes_max;
    text file = {0};
    size_t groups = 0, total = 0, parts = 0;
    for (size_t first = 0, last; first < all->count; first = last) {
        last = group_end(all, first);
        text group = group_text(all, first, last);
        if (most && groups > 0 && file.size + group.size + end_bytes(groups + 1) > most) {
            assert_is_part(parts++, &file, groups);
            groups = 0;
        }
        put_bytes(&file, group.bytes, group.size);
        text_free(&group);
        groups++;
        total++;
    }
    if (most) {
        assert_is_part(parts++, &file, groups);
        assert_int_equal(entries_in(options.rows.path), parts);
    } else {
        assert_is_file(options.rows.path, &file, groups);
    }
    return total;
}

/* ---- where groups and files end ---- */

/* Any number of threads, inputs of any size, which make slabs of any size. */
static void assert_same_any_way(const rows *all)
{
    static const size_t threads[] = {1, 2, 3, 7};
    size_t groups = 0;
    for (size_t i = 0; i < 4; i++) {
        options.threads = threads[i];
        options.intake.io.chunk_bytes = 4096 + (size_t)random_below(1 << 20);
        run_well();
        groups = assert_written(all);
        assert_int_equal(plan.appended, groups);
        assert_true(plan.most_alive <= threads[i] + 2);
    }
}

static void forget_inputs(rows *all)
{
    for (; options.path_count > 0; options.path_count--)
        free(paths[options.path_count - 1]);
    free(all->items);
    *all = (rows){0};
}

static void test_edges_depend_on_content(void **state)
{
    (void)state;
    random_start(UINT64_C(20261121));
    plan.is_slow = true;
    for (int round = 0; round < 12; round++) {
        rows all = {0};
        size_t inputs = 1 + (size_t)random_below(INPUTS_MAX);
        size_t most = (size_t)1 << random_below(9);
        for (size_t i = 0; i < inputs; i++)
            add_rows(&all, (size_t)random_below(1 + 4000 * (i % 2)), most, 3000);
        options.rows.group_rows = 1 + random_below(3000);
        options.rows.group_bytes = 1 + random_below((uint64_t)1 << (10 + random_below(10)));
        options.rows.file_bytes_max =
            round % 2 ? 1 + random_below(options.rows.group_bytes * 20) : 0;
        if (all.count / options.rows.group_rows > 2000)
            options.rows.group_rows = 500;
        assert_same_any_way(&all);
        if (options.rows.file_bytes_max)
            assert_int_equal(cp_remove_parts(options.rows.path), 0);
        else
            assert_int_equal(unlink(options.rows.path), 0);
        forget_inputs(&all);
    }
}

/* The row that fills a group exactly is its last; one byte more, and it is the next one's first. */
static void test_exact_limits(void **state)
{
    (void)state;
    rows all = {0};
    text content = {0};
    for (int64_t i = 0; i < 100; i++) {
        put(&content, "{\"n\":%" PRId64 ",\"name\":\"%c%c%c%c%c%c%c%c\"}\n", i,
            (char)('a' + i % 26), (char)('a' + i % 26), (char)('a' + i % 26), (char)('a' + i % 26),
            (char)('a' + i % 26), (char)('a' + i % 26), (char)('a' + i % 26), (char)('a' + i % 26));
        assert_int_equal(cp_grow(&all.items, &all.capacity, all.count + 1, sizeof *all.items, NULL),
                         CP_OK);
        all.items[all.count++] = (row){i, 8};
    }
    add_input(&content);
    text_free(&content);
    static const struct {
        uint64_t group_rows, group_bytes;
        size_t groups;
    } cases[] = {
        {25, 1 << 20, 4}, {24, 1 << 20, 5}, {100, 1 << 20, 1}, {99, 1 << 20, 2},  {1000, 200, 10},
        {1000, 199, 12},  {1000, 219, 10},  {1000, 220, 10},   {10, 200, 10},     {9, 200, 12},
        {1000, 20, 100},  {1000, 1, 100},   {1, 1, 100},       {1, 1 << 20, 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        options.rows.group_rows = cases[i].group_rows;
        options.rows.group_bytes = cases[i].group_bytes;
        run_well();
        assert_int_equal(assert_written(&all), cases[i].groups);
    }
    forget_inputs(&all);
}

/* A row that is larger than a group may be is a group by itself, wherever it stands. */
static void test_one_large_row(void **state)
{
    (void)state;
    random_start(UINT64_C(20261122));
    static const size_t before[] = {0, 1, 7, 300};
    options.rows.group_bytes = 5000;
    for (size_t i = 0; i < 4; i++)
        for (size_t threads = 1; threads < 4; threads += 2) {
            rows all = {0};
            add_rows(&all, before[i], 10, 10);
            add_rows(&all, 0, 10, 10);
            size_t large = all.count;
            text content = {0};
            assert_int_equal(
                cp_grow(&all.items, &all.capacity, all.count + 1, sizeof *all.items, NULL), CP_OK);
            all.items[all.count++] = (row){(int64_t)large, 3 << 20};
            put(&content, "{\"n\":%zu,\"name\":\"", large);
            put_name(&content, &all.items[large]);
            put(&content, "\"}\n");
            add_input(&content);
            text_free(&content);
            add_rows(&all, 20, 10, 10);
            options.threads = threads;
            run_well();
            assert_written(&all);
            assert_int_equal(group_end(&all, large), large + 1);
            forget_inputs(&all);
        }
}

/* One slab of many rows into groups of one: more groups than may wait, so that commit, encoding and
 * appending take turns. */
static void test_tiny_groups(void **state)
{
    (void)state;
    random_start(UINT64_C(20261123));
    rows all = {0};
    add_rows(&all, 20000, 3, 3);
    options.rows.group_rows = 1;
    assert_same_any_way(&all);
    options.rows.file_bytes_max = 500000;
    assert_int_equal(unlink(options.rows.path), 0);
    assert_same_any_way(&all);
    forget_inputs(&all);
}

/* Without rows there is a file all the same: readers find the columns in it. */
static void test_no_rows(void **state)
{
    (void)state;
    rows all = {0};
    add_rows(&all, 0, 1, 1);
    run_well();
    assert_file_holds(options.rows.path, "end 0\n");
    assert_int_equal(unlink(options.rows.path), 0);
    options.rows.file_bytes_max = 1;
    run_well();
    assert_file_holds(in_folder("out/part-00000.text"), "end 0\n");
    assert_int_equal(entries_in(options.rows.path), 1);
    forget_inputs(&all);
}

/* ---- what fails ---- */

/* Nothing is published, what was there stays; for any number of threads. */
static void assert_fails(cp_rc expected, const char *reason, const char *message)
{
    for (size_t parts = 0; parts < 2; parts++)
        for (options.threads = 1; options.threads < 6; options.threads += 2) {
            cp_error err = {0};
            const char *old = parts ? in_folder("out/part-00000.text") : options.rows.path;
            options.rows.file_bytes_max = parts ? 1000 : 0;
            if (parts)
                assert_int_equal(mkdir(options.rows.path, 0755), 0);
            write_text_file(old, "old");
            assert_int_equal(run_once(&err), expected);
            assert_int_equal(err.rc, expected);
            assert_string_equal(err.reason, reason);
            assert_string_equal(err.message, message);
            assert_file_holds(old, "old");
            assert_int_equal(unlink(old), 0);
            assert_true(!parts || rmdir(options.rows.path) == 0);
        }
}

static void test_encoding_fails(void **state)
{
    (void)state;
    random_start(UINT64_C(20261124));
    rows all = {0};
    add_rows(&all, 1000, 100, 100);
    options.rows.group_rows = 10;
    plan.is_slow = true;
    static const int64_t places[] = {0, 10, 999};
    for (size_t i = 0; i < 3; i++) {
        char message[100];
        snprintf(message, sizeof message, "%" PRId64 " cannot be written", places[i]);
        plan.encode_fails[0] = places[i];
        plan.encode_fails[1] = -1;
        assert_fails(CP_E_DATA, "too_odd", message);
        plan.encode_fails[1] = places[i] + 15; /* fails too, and perhaps earlier */
        assert_fails(CP_E_DATA, "too_odd", message);
    }
    forget_inputs(&all);
}

static void test_appending_fails(void **state)
{
    (void)state;
    random_start(UINT64_C(20261125));
    rows all = {0};
    add_rows(&all, 3000, 100, 100);
    options.rows.group_rows = 10;
    static const size_t places[] = {1, 2, 100, 300};
    for (size_t i = 0; i < 4; i++) {
        char message[100];
        snprintf(message, sizeof message, "group %zu is not wanted", places[i]);
        plan.append_fails = places[i];
        assert_fails(CP_E_IO, "no_append", message);
    }
    /* What comes first in input order is told, also where the other was noticed before. */
    plan.append_fails = 50;
    plan.encode_fails[0] = 500;
    assert_fails(CP_E_IO, "no_append", "group 50 is not wanted");
    plan.append_fails = 52;
    assert_fails(CP_E_DATA, "too_odd", "500 cannot be written");
    forget_inputs(&all);
}

static void test_the_rest_fails(void **state)
{
    (void)state;
    random_start(UINT64_C(20261126));
    rows all = {0};
    add_rows(&all, 300, 100, 100);
    options.rows.group_rows = 10;
    plan.open_fails = true;
    assert_fails(CP_E_CONFIG, "no_sink", "the sink does not want to");
    plan.open_fails = false;
    plan.encoder_fails = true;
    assert_fails(CP_E_MEMORY, "no_encoder", "the encoder does not want to");
    plan.encoder_fails = false;
    plan.finish_fails = 1;
    assert_fails(CP_E_IO, "no_finish", "file 1 is not wanted");
    forget_inputs(&all);
}

static void test_a_later_part_fails(void **state)
{
    (void)state;
    random_start(UINT64_C(20261127));
    rows all = {0};
    add_rows(&all, 3000, 10, 10);
    options.rows.group_rows = 10;
    options.rows.file_bytes_max = 1000;
    for (options.threads = 1; options.threads < 4; options.threads++)
        for (plan.finish_fails = 2; plan.finish_fails < 20; plan.finish_fails += 5) {
            cp_error err = {0};
            assert_int_equal(run_once(&err), CP_E_IO);
            assert_string_equal(err.reason, "no_finish");
            assert_int_equal(plan.files, plan.finish_fails);
            assert_int_not_equal(access(options.rows.path, F_OK), 0);
        }
    forget_inputs(&all);
}

/* A bad record behind some groups: the first error in input order stands. */
static void test_bad_record(void **state)
{
    (void)state;
    random_start(UINT64_C(20261128));
    rows all = {0};
    text bad = {0};
    add_rows(&all, 3000, 10, 10);
    put(&bad, "{\"n\":null,\"name\":\"\"}\n");
    add_input(&bad);
    text_free(&bad);
    add_rows(&all, 3000, 10, 10);
    options.rows.group_rows = 10;
    plan.encode_fails[0] = 5999;
    assert_fails(CP_E_DATA, "null_value", "required field is null");
    options.budget.max_errors = 1;
    options.budget.max_ratio = 1;
    assert_fails(CP_E_DATA, "too_odd", "5999 cannot be written");
    plan.encode_fails[0] = -1;
    options.rows.file_bytes_max = 0;
    run_well();
    assert_written(&all);
    assert_int_equal(unlink(options.rows.path), 0);
    options.budget.max_ratio = 0.0001;
    assert_fails(CP_E_DATA, "budget_exceeded",
                 "1 of 6001 records rejected, more than --max-error-ratio 0.0001");
    forget_inputs(&all);
}

static void test_no_memory(void **state)
{
    (void)state;
    random_start(UINT64_C(20261129));
    rows all = {0};
    add_rows(&all, 20, 10, 10);
    options.rows.group_rows = 7;
    options.rows.file_bytes_max = 150;
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
        if (failed && rc != CP_E_MEMORY && !strstr(err.message, strerror(ENOMEM)))
            fail_msg("allocation %ld: %d, %s", failures, rc, err.message);
        assert_int_equal(err.rc, rc);
        assert_int_equal(access(options.rows.path, F_OK) == 0, !rc);
        assert_int_equal(failed, rc != CP_OK);
    }
    assert_true(failures > 50);
    forget_inputs(&all);
}

/* ---- fields that a format does not have ---- */

static void add_bytes(const char *name, const void *bytes, size_t size)
{
    write_file(in_folder(name), bytes, size);
    paths[options.path_count++] = strdup(in_folder(name));
}

static void use_layout(void)
{
    static const cp_span fields[] = {{(const uint8_t *)"n", 1}, {(const uint8_t *)"name", 4}};
    cp_field *field;
    assert_int_equal(cp_schema_add(schema, "id", CP_TYPE_STRING, &field, NULL), CP_OK);
    field->required = true;
    assert_int_equal(cp_schema_set_layout(schema, "<q2s", fields, 2, NULL), CP_OK);
    options.intake.format = &cp_struct_format;
}

static void test_fields_of_struct_records(void **state)
{
    (void)state;
    use_layout();
    add_bytes("in0", "\5\0\0\0\0\0\0\0ab", 10);
    run_well();
    assert_int_equal(plan.wanted, 3);
    assert_file_holds(options.rows.path, "group 1\n5 ab\nend 1\n");
}

/* The columns do not depend on whether there is a record. */
static void test_fields_of_no_struct_records(void **state)
{
    (void)state;
    use_layout();
    add_bytes("in0", "", 0);
    run_well();
    assert_int_equal(plan.wanted, 3);
    options.intake.format = NULL;
    plan.wanted = 0;
    run_well();
    assert_int_equal(plan.wanted, 7); /* nothing says that they would be struct records */
}

/* A format of the test's own: JSON Lines that do not have the last field. */
static bool feeds_first_two(const cp_schema *its, size_t field)
{
    (void)its;
    return field < 2;
}

static int probe_other(cp_span head, bool whole)
{
    (void)whole;
    return head.size && head.data[0] == ' ' ? 1000 : 0;
}

static void test_inputs_of_different_fields(void **state)
{
    (void)state;
    cp_format_type other = cp_jsonl_format;
    other.name = "other";
    other.probe = probe_other;
    other.feeds = feeds_first_two;
    const cp_format_type *const formats[] = {&other, &cp_jsonl_format, NULL};
    cp_field *field;
    assert_int_equal(cp_schema_add(schema, "id", CP_TYPE_STRING, &field, NULL), CP_OK);
    options.intake.formats = formats;
    options.intake.format = NULL;
    add_bytes("in0", "{\"n\":1,\"name\":\"a\",\"id\":\"x\"}\n", 28);
    add_bytes("in1", " {\"n\":2,\"name\":\"b\"}\n", 20);
    assert_fails(CP_E_CONFIG, "fields_differ",
                 "records of format jsonl have a field id, those of format other do not; write "
                 "them in a run of their own");
    char *first = paths[0];
    paths[0] = paths[1];
    paths[1] = first;
    assert_fails(CP_E_CONFIG, "fields_differ",
                 "records of format jsonl have a field id, those of format other do not; write "
                 "them in a run of their own");
    other.feeds = NULL;
    run_well();
    options.rows.path = NULL; /* nothing is written, so nothing differs */
    other.feeds = feeds_first_two;
    run_well();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_edges_depend_on_content),
        TEST(test_exact_limits),
        TEST(test_one_large_row),
        TEST(test_tiny_groups),
        TEST(test_no_rows),
        TEST(test_encoding_fails),
        TEST(test_appending_fails),
        TEST(test_the_rest_fails),
        TEST(test_a_later_part_fails),
        TEST(test_bad_record),
        TEST(test_no_memory),
        TEST(test_fields_of_struct_records),
        TEST(test_fields_of_no_struct_records),
        TEST(test_inputs_of_different_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
