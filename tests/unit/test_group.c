/* pipeline/core/group.h and bits.h: what goes into slabs comes out of groups, whatever is selected,
 * null, sliced and shared; bytes and rows are counted; memory that runs out.
 *
 *   batches of random cells -> slabs -> slices of a group -> gathered column -> the same cells */
#include "pipeline/core/bits.h"
#include "pipeline/core/group.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/stage_support.h"

static const char every_type[] =
    "b:bool i8:int8 i16:int16 i32:int32 i64:int64 u8:uint8 u16:uint16 u32:uint32 u64:uint64 "
    "f:float32 d:float64 s:string e:enum t:timestamp[us] j:json";
enum { FIELDS = 15, SYMBOLS = 3 };

/* How a batch is made. */
typedef struct making {
    uint32_t rows;
    uint32_t nulls_of_8; /* about so many of eight cells are null */
    bool selects_all;
} making;

static void set_random_cell(cp_batch *batch, size_t field, uint32_t row)
{
    cp_column *column = &batch->columns[field];
    uint8_t bytes[40];
    if (column->type == CP_TYPE_STRING || column->type == CP_TYPE_JSON) {
        size_t size = (size_t)random_below(random_below(4) ? 20 : sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)('a' + random_below(26));
        ((cp_span *)column->data)[row] = kept_text(batch, (cp_span){bytes, size});
    } else if (column->type == CP_TYPE_BOOL || column->type == CP_TYPE_ENUM) {
        set_integer(column, row, random_below(column->type == CP_TYPE_BOOL ? 2 : SYMBOLS));
    } else {
        set_integer(column, row, random_bits());
    }
}

static void fill_randomly(cp_batch *batch, const making *how)
{
    cp_batch_reset(batch);
    batch->rows = how->rows;
    for (size_t i = 0; i < batch->schema->field_count; i++) {
        for (uint32_t row = 0; batch->columns[i].data && row < how->rows; row++) {
            if (random_below(8) < how->nulls_of_8)
                cp_column_set_null(&batch->columns[i], row);
            else
                set_random_cell(batch, i, row);
        }
    }
    batch->selects_all = how->selects_all;
    batch->selection_count = 0;
    for (uint32_t row = 0; row < how->rows; row++)
        if (how->selects_all || random_below(3))
            batch->selection[batch->selection_count++] = row;
}

/* The selected cells of every field, a line each. */
static void note_cells(text *cells, const cp_batch *batch)
{
    for (uint32_t i = 0; i < batch->selection_count; i++) {
        for (size_t field = 0; field < FIELDS; field++) {
            put_cell(&cells[field], &batch->schema->fields[field], &batch->columns[field],
                     batch->selection[i]);
            put(&cells[field], "\n");
        }
    }
}

static text gathered_cells(const cp_gathered *gathered, const cp_field *field)
{
    text out = {0};
    const cp_column values = {.type = field->type, .data = gathered->values};
    uint32_t value = 0;
    for (uint64_t row = 0; row < gathered->rows; row++) {
        if (gathered->valid && !cp_bit_get(gathered->valid, row))
            put(&out, "null");
        else
            put_cell(&out, field, &values, value++);
        put(&out, "\n");
    }
    assert_int_equal(value, gathered->count);
    return out;
}

/* From line `first` of `cells` on, `rows` lines. */
static cp_span lines_of(const text *cells, uint64_t first, uint64_t rows)
{
    const char *start = shown(cells);
    while (first--)
        start = strchr(start, '\n') + 1;
    const char *end = start;
    while (rows--)
        end = strchr(end, '\n') + 1;
    return (cp_span){(const uint8_t *)start, (size_t)(end - start)};
}

static void assert_gathers(const cp_group *group, const text *cells, uint64_t first)
{
    cp_gathered gathered = {0};
    for (size_t field = 0; field < FIELDS; field++) {
        assert_int_equal(cp_group_gather(group, field, &gathered, NULL), CP_OK);
        assert_int_equal(gathered.rows, group->rows);
        assert_true((gathered.valid != NULL) == (gathered.count < gathered.rows));
        text got = gathered_cells(&gathered, &group->schema->fields[field]);
        cp_span expected = lines_of(&cells[field], first, group->rows);
        assert_int_equal(got.size, expected.size);
        assert_memory_equal(shown(&got), expected.data, expected.size);
        text_free(&got);
    }
    cp_gathered_close(&gathered);
    cp_gathered_close(&gathered);
}

enum { SLABS_MAX = 8 };
typedef struct slabs {
    cp_slab *items[SLABS_MAX];
    size_t count;
    text cells[FIELDS];
    uint64_t rows;
} slabs;

static void slabs_free(slabs *s)
{
    for (size_t i = 0; i < s->count; i++)
        cp_slab_release(s->items[i]);
    for (size_t i = 0; i < FIELDS; i++)
        text_free(&s->cells[i]);
}

/* The batch straight onto the slab, or by way of a slab of its own. */
static void add_batch(cp_slab **slab, const cp_batch *batch)
{
    cp_slab *own = NULL;
    if (!*slab || random_below(2)) {
        assert_int_equal(cp_slab_add(slab, NULL, batch, NULL), CP_OK);
        return;
    }
    assert_int_equal(cp_slab_add(&own, NULL, batch, NULL), CP_OK);
    assert_int_equal(cp_slab_append(*slab, own, NULL), CP_OK);
    cp_slab_release(own);
}

static void add_slab(slabs *s, cp_batch *batch, const making *how, size_t batches)
{
    cp_slab **slab = &s->items[s->count++];
    *slab = NULL;
    while (batches--) {
        fill_randomly(batch, how);
        note_cells(s->cells, batch);
        add_batch(slab, batch);
        s->rows += batch->selection_count;
    }
}

/* One group of everything, then groups cut at random rows, each slab in as many as it takes. */
static void assert_regroups(const cp_schema *schema, const slabs *s)
{
    cp_group group = {.schema = schema};
    uint64_t first = 0, bytes = 0;
    for (size_t i = 0; i < s->count; i++) {
        uint32_t rows = cp_slab_rows(s->items[i]);
        assert_int_equal(cp_group_add(&group, s->items[i], 0, rows, NULL), CP_OK);
        bytes += cp_slab_bytes(s->items[i], 0, rows);
    }
    assert_int_equal(group.rows, s->rows);
    assert_int_equal(group.bytes, bytes);
    assert_gathers(&group, s->cells, 0);
    cp_group_clear(&group);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t rows = cp_slab_rows(s->items[i]), at = 0;
        while (at < rows) {
            uint32_t part = 1 + (uint32_t)random_below(rows - at);
            assert_int_equal(cp_group_add(&group, s->items[i], at, part, NULL), CP_OK);
            at += part;
            if (random_below(3))
                continue;
            assert_gathers(&group, s->cells, first);
            first += group.rows;
            cp_group_clear(&group);
        }
    }
    assert_gathers(&group, s->cells, first);
    cp_group_close(&group);
    cp_group_close(&group);
}

static void test_all_that_goes_in_comes_out(void **state)
{
    (void)state;
    static const making ways[] = {
        {1, 0, true},   {1, 8, true},   {63, 0, true},   {64, 4, true},  {65, 1, false},
        {200, 0, true}, {200, 1, true}, {200, 0, false}, {200, 8, true}, {300, 7, false},
    };
    enum { WAYS = sizeof ways / sizeof *ways };
    cp_schema *schema = schema_of(every_type);
    cp_batch batch = open_batch(schema, 300);
    for (size_t round = 0; round < 40; round++) {
        slabs s = {0};
        size_t count = 1 + (size_t)random_below(SLABS_MAX);
        for (size_t i = 0; i < count; i++)
            add_slab(&s, &batch, &ways[round < WAYS ? round : random_below(WAYS)],
                     1 + (size_t)random_below(3));
        assert_regroups(schema, &s);
        slabs_free(&s);
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Text has CP_TEXT_KEY_BYTES to be read from its first byte on, also the last one of a slab. */
static void test_text_can_be_loaded_whole(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string");
    cp_batch batch = open_batch(schema, 1);
    cp_slab *slab = NULL;
    cp_group group = {.schema = schema};
    cp_gathered gathered = {0};
    fill_batch(&batch, "x\n");
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_group_add(&group, slab, 0, 1, NULL), CP_OK);
    assert_int_equal(cp_group_gather(&group, 0, &gathered, NULL), CP_OK);
    cp_text_key key = cp_text_key_of_readable(((cp_span *)gathered.values)[0]);
    assert_int_equal(key.low, 'x');
    cp_gathered_close(&gathered);
    cp_group_close(&group);
    cp_slab_release(slab);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_bytes(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:uint16 s:string d:float64 unread:string");
    field_of(schema, "unread")->wanted = false;
    cp_batch batch = open_batch(schema, 3);
    cp_slab *slab = NULL;
    fill_batch(&batch, "1 abc 1.5 -\n2 null 2.5 -\n3 z null -\n");
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_slab_rows(slab), 3);
    assert_int_equal(cp_slab_bytes(slab, 0, 3), 3 * (2 + 4 + 8) + 4);
    assert_int_equal(cp_slab_bytes(slab, 1, 1), 2 + 4 + 8);
    assert_int_equal(cp_slab_bytes(slab, 2, 1), 2 + 4 + 8 + 1);
    assert_int_equal(cp_slab_bytes(slab, 3, 0), 0);
    cp_slab_release(slab);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_nothing_selected(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string n:int32");
    cp_batch batch = open_batch(schema, 4);
    cp_slab *slab = NULL;
    cp_group group = {.schema = schema};
    cp_gathered gathered = {0};
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_slab_rows(slab), 0);
    assert_int_equal(cp_group_add(&group, slab, 0, 0, NULL), CP_OK);
    assert_int_equal(group.slice_count, 0);
    assert_int_equal(cp_group_gather(&group, 0, &gathered, NULL), CP_OK);
    assert_int_equal(gathered.rows, 0);
    assert_int_equal(gathered.count, 0);
    assert_null(gathered.valid);
    cp_gathered_close(&gathered);
    cp_group_close(&group);
    cp_slab_release(slab);
    cp_slab_release(NULL);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* A slab lives as long as the last group that has a slice of it. */
static void test_slabs_are_shared(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("n:int32");
    cp_batch batch = open_batch(schema, 2);
    cp_slab *slab = NULL;
    cp_group a = {.schema = schema}, b = {.schema = schema};
    cp_gathered gathered = {0};
    fill_batch(&batch, "7\n8\n");
    assert_int_equal(cp_slab_add(&slab, NULL, &batch, NULL), CP_OK);
    assert_int_equal(cp_group_add(&a, slab, 0, 1, NULL), CP_OK);
    assert_int_equal(cp_group_add(&b, slab, 1, 1, NULL), CP_OK);
    cp_slab_release(slab);
    cp_group_close(&a);
    assert_int_equal(cp_group_gather(&b, 0, &gathered, NULL), CP_OK);
    assert_int_equal(gathered.count, 1);
    assert_int_equal(*(int32_t *)gathered.values, 8);
    cp_gathered_close(&gathered);
    cp_group_close(&b);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* The second batch brings the first nulls, so that every kind of array is made. */
static cp_rc fill_and_gather(cp_batch *first, cp_batch *second, cp_error *err)
{
    cp_slab *slab = NULL, *other = NULL;
    cp_group group = {.schema = first->schema};
    cp_gathered gathered = {0};
    cp_rc rc = cp_slab_add(&slab, NULL, first, err);
    if (!rc)
        rc = cp_slab_add(&slab, NULL, second, err);
    if (!rc)
        rc = cp_slab_add(&other, NULL, first, err);
    if (!rc)
        rc = cp_slab_append(other, slab, err);
    if (!rc)
        rc = cp_group_add(&group, slab, 0, cp_slab_rows(slab), err);
    if (!rc)
        rc = cp_group_gather(&group, 0, &gathered, err);
    cp_gathered_close(&gathered);
    cp_group_close(&group);
    cp_slab_release(slab);
    cp_slab_release(other);
    return rc;
}

static void test_no_memory(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("s:string n:int32");
    cp_batch first = open_batch(schema, 100), second = open_batch(schema, 100);
    fill_randomly(&first, &(making){100, 0, true});
    fill_randomly(&second, &(making){100, 4, true});
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = fill_and_gather(&first, &second, &err);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_int_equal(err.rc, rc);
    }
    assert_true(failures >= 8);
    cp_batch_close(&first);
    cp_batch_close(&second);
    cp_schema_free(schema);
}

/* Bit by bit against an array of bools. */
static void test_bits(void **state)
{
    (void)state;
    enum { WORDS = 6, BITS = 64 * WORDS };
    for (size_t round = 0; round < 2000; round++) {
        uint64_t words[WORDS], from[WORDS], expected[WORDS];
        for (size_t i = 0; i < WORDS; i++) {
            expected[i] = words[i] = random_bits();
            from[i] = random_bits();
        }
        size_t count = (size_t)random_below(BITS), set = 0;
        size_t at = (size_t)random_below(BITS - count + 1);
        size_t from_at = (size_t)random_below(BITS - count + 1);
        bool fill = random_below(2);
        for (size_t i = 0; i < count; i++) {
            cp_bit_clear(expected, at + i);
            bool bit = fill || cp_bit_get(from, from_at + i);
            expected[(at + i) / 64] |= (uint64_t)bit << ((at + i) % 64);
            set += bit;
        }
        if (fill)
            cp_bits_fill(words, at, count);
        else
            cp_bits_copy(words, at, from, from_at, count);
        assert_memory_equal(words, expected, sizeof words);
        assert_int_equal(cp_bits_count(words, at, count), set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bits, start_random),
        cmocka_unit_test_setup(test_all_that_goes_in_comes_out, start_random),
        cmocka_unit_test(test_text_can_be_loaded_whole),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_nothing_selected),
        cmocka_unit_test(test_slabs_are_shared),
        cmocka_unit_test_setup(test_no_memory, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
