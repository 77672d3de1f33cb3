/* stages/groups.h: numbers of keys in the order met, for every type, dense and hashed; clearing,
 * growth, the limit on memory, and the order of result rows. */
#include "stages/groups.h"
#include "tests/unit/stage_support.h"

#include <math.h>

static cp_groups open_groups(cp_type type)
{
    cp_groups groups;
    assert_int_equal(cp_groups_open(&groups, type, PLENTY, NULL), CP_OK);
    assert_int_equal(groups.count, 0);
    return groups;
}

/* One row of a column by itself. */
static cp_rc find_row(cp_groups *groups, const cp_column *column, uint32_t row, uint32_t *group,
                      cp_error *err)
{
    cp_column alone = *column;
    cp_batch batch = {.columns = &alone, .selection = &row, .selection_count = 1};
    cp_group_rows run;
    uint32_t next = 0;
    cp_rc rc = cp_groups_find_rows(groups, &batch, 0, &next, &run, err);
    assert_int_equal(next, 1);
    assert_int_equal(run.count, 1);
    assert_int_equal(run.rows[0], row);
    *group = run.groups[0];
    return rc;
}

static uint32_t find(cp_groups *groups, const cp_column *column, uint32_t row)
{
    uint32_t group;
    assert_int_equal(find_row(groups, column, row, &group, NULL), CP_OK);
    assert_true(group < groups->count);
    return group;
}

/* The keys of the groups in the order given, as cells. */
static text keys_of(const cp_groups *groups, const cp_schema *schema, const uint32_t *order)
{
    text out = {0};
    cp_batch batch = open_batch(schema, groups->count + 1);
    for (uint32_t i = 0; i < groups->count; i++) {
        cp_group_key_store(groups, order ? order[i] : i, &batch.columns[0], i);
        put_bytes(&out, " ", i > 0);
        put_cell(&out, &schema->fields[0], &batch.columns[0], i);
    }
    cp_batch_close(&batch);
    return out;
}

typedef struct type_row {
    const char *type;
    const char *keys;   /* met in this order, each as often as it stands */
    const char *groups; /* distinct ones, in the order met */
    const char *sorted;
} type_row;

static const type_row type_rows[] = {
    {"bool", "true\nfalse\ntrue\n", "true false", "false true"},
    {"int8", "5\n-128\n127\n0\n-1\n-128\n", "5 -128 127 0 -1", "-128 -1 0 5 127"},
    {"int16", "300\n-32768\n32767\n-1\nnull\n", "300 -32768 32767 -1 null",
     "-32768 -1 300 32767 null"},
    {"int32", "7\n-2147483648\n2147483647\n7\n-7\n", "7 -2147483648 2147483647 -7",
     "-2147483648 -7 7 2147483647"},
    {"int64", "-1\n9223372036854775807\n-9223372036854775808\n0\n",
     "-1 9223372036854775807 -9223372036854775808 0",
     "-9223372036854775808 -1 0 9223372036854775807"},
    {"uint8", "255\n0\n128\n255\n", "255 0 128", "0 128 255"},
    {"uint16", "65535\n0\n32768\n0\n", "65535 0 32768", "0 32768 65535"},
    {"uint32", "4294967295\n0\n2147483648\n", "4294967295 0 2147483648", "0 2147483648 4294967295"},
    {"uint64", "18446744073709551615\n9223372036854775808\n1\n",
     "18446744073709551615 9223372036854775808 1", "1 9223372036854775808 18446744073709551615"},
    {"float32", "1.5\n-inf\nnan\n-2\ninf\n1.5\n", "1.5 -inf nan -2 inf", "-inf -2 1.5 inf nan"},
    {"float64", "1e300\nnull\nnan\n-1e-300\n0\n-5\n-inf\n",
     "1.0000000000000001e+300 null nan -1e-300 0 -5 -inf",
     "-inf -5 -1e-300 0 1.0000000000000001e+300 nan null"},
    {"string", "b\n\xC3\xA9\na\nab\nnull\nB\nb\n", "'b' '\xC3\xA9' 'a' 'ab' null 'B'",
     "'B' 'a' 'ab' 'b' '\xC3\xA9' null"},
    {"json", "[]\n{}\n1\n[]\n", "'[]' '{}' '1'", "'1' '[]' '{}'"},
    {"enum", "SHUT\nNEW\nSHUT\nOPEN\n", "SHUT NEW OPEN", "NEW OPEN SHUT"},
    {"timestamp[us]", "5\n-5\n0\nnull\n-6\n", "5 -5 0 null -6", "-6 -5 0 5 null"},
};

static void check_type(const type_row *row)
{
    text described = {0};
    put(&described, "k:%s", row->type);
    cp_schema *schema = schema_of(described.bytes);
    cp_batch batch = open_batch(schema, 32);
    fill_batch(&batch, row->keys);
    cp_groups groups = open_groups(schema->fields[0].type);
    uint32_t first[32], *order;
    for (uint32_t i = 0; i < batch.rows; i++)
        first[i] = find(&groups, &batch.columns[0], i);
    text met = keys_of(&groups, schema, NULL);
    assert_string_equal(shown(&met), row->groups);
    for (uint32_t i = 0; i < batch.rows; i++)
        assert_int_equal(find(&groups, &batch.columns[0], i), first[i]);
    assert_int_equal(cp_groups_sort(&groups, &order, NULL), CP_OK);
    text sorted = keys_of(&groups, schema, order);
    assert_string_equal(shown(&sorted), row->sorted);
    free(order);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    text_free(&met);
    text_free(&sorted);
    text_free(&described);
    cp_schema_free(schema);
}

static void test_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows; i++)
        check_type(&type_rows[i]);
}

static void test_equal_floats_are_one_key(void **state)
{
    (void)state;
    static const double values[] = {0.0, -0.0, NAN, -NAN, 5e-324, -5e-324};
    cp_schema *schema = schema_of("k:float64");
    cp_batch batch = open_batch(schema, 8);
    cp_groups groups = open_groups(CP_TYPE_FLOAT64);
    double *data = batch.columns[0].data;
    uint64_t odd_nan = UINT64_C(0x7FF0000000000001);
    memcpy(data, values, sizeof values);
    memcpy(&data[6], &odd_nan, sizeof odd_nan);
    static const uint32_t wanted[] = {0, 0, 1, 1, 2, 3, 1};
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(find(&groups, &batch.columns[0], i), wanted[i]);
    assert_int_equal(groups.count, 4);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* The null key is no value: neither 0 nor an empty text. */
static void test_null_is_a_key_of_its_own(void **state)
{
    (void)state;
    static const cp_type types[] = {CP_TYPE_UINT8, CP_TYPE_INT64, CP_TYPE_STRING};
    static const char *const described[] = {"k:uint8", "k:int64", "k:string"};
    for (size_t i = 0; i < 3; i++) {
        cp_schema *schema = schema_of(described[i]);
        cp_batch batch = open_batch(schema, 4);
        cp_groups groups = open_groups(types[i]);
        for (uint32_t row = 0; types[i] == CP_TYPE_STRING && row < 4; row++)
            set_cell(&batch, 0, row, cp_span_of(""));
        cp_column_set_null(&batch.columns[0], 1); /* data is all zero: 0, or "" */
        assert_int_equal(find(&groups, &batch.columns[0], 0), 0);
        assert_int_equal(find(&groups, &batch.columns[0], 1), 1);
        assert_int_equal(find(&groups, &batch.columns[0], 2), 0);
        assert_int_equal(find(&groups, &batch.columns[0], 1), 1);
        assert_int_equal(groups.count, 2);
        cp_groups_close(&groups);
        cp_batch_close(&batch);
        cp_schema_free(schema);
    }
}

static void test_all_dense_keys(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:int16");
    cp_batch batch = open_batch(schema, 1 << 16);
    cp_groups groups = open_groups(CP_TYPE_INT16);
    for (uint32_t i = 0; i < 1 << 16; i++)
        ((uint16_t *)batch.columns[0].data)[i] = (uint16_t)(i * 40503);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 1 << 16; i++)
            assert_int_equal(find(&groups, &batch.columns[0], i), i);
    assert_int_equal(groups.count, 1 << 16);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* ---- growth, clearing, texts ---- */

enum { MANY = 200000 };

/* Keys that differ in the low, the high or all bits. */
static uint64_t key_number(size_t pattern, uint64_t i)
{
    return pattern == 0 ? i : pattern == 1 ? i << 46 : i * UINT64_C(0x9e3779b97f4a7c15);
}

static void test_many_integers(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:uint64");
    cp_batch batch = open_batch(schema, MANY);
    for (size_t pattern = 0; pattern < 3; pattern++) {
        cp_groups groups = open_groups(CP_TYPE_UINT64);
        for (uint32_t i = 0; i < MANY; i++)
            ((uint64_t *)batch.columns[0].data)[i] = key_number(pattern, i);
        for (int round = 0; round < 2; round++)
            for (uint32_t i = 0; i < MANY; i++)
                assert_int_equal(find(&groups, &batch.columns[0], i), i);
        assert_int_equal(groups.count, MANY);
        uint32_t *order;
        assert_int_equal(cp_groups_sort(&groups, &order, NULL), CP_OK);
        for (uint32_t i = 1; i < MANY; i++)
            assert_true(groups.keys[order[i - 1]].words.low < groups.keys[order[i]].words.low);
        free(order);
        cp_groups_close(&groups);
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Texts are copied: what they were read from may go. */
static void test_many_texts(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:string");
    cp_batch batch = open_batch(schema, 1);
    cp_groups groups = open_groups(CP_TYPE_STRING);
    char key[128];
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < MANY; i++) {
            int size = snprintf(key, sizeof key, "%0*u", (int)(1 + i % 50), i);
            ((cp_span *)batch.columns[0].data)[0] = (cp_span){(uint8_t *)key, (size_t)size};
            assert_int_equal(find(&groups, &batch.columns[0], 0), i);
            memset(key, '#', sizeof key);
        }
    assert_int_equal(groups.count, MANY);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void check_clear(const char *type, const char *first, const char *second,
                        const char *second_keys)
{
    text described = {0};
    put(&described, "k:%s", type);
    cp_schema *schema = schema_of(described.bytes);
    cp_batch batch = open_batch(schema, 64);
    cp_groups groups = open_groups(schema->fields[0].type);
    for (int round = 0; round < 3; round++) {
        fill_batch(&batch, first);
        for (uint32_t i = 0; i < batch.rows; i++)
            assert_int_equal(find(&groups, &batch.columns[0], i), i);
        cp_groups_clear(&groups);
        assert_int_equal(groups.count, 0);
        fill_batch(&batch, second);
        for (uint32_t i = 0; i < batch.rows; i++)
            assert_int_equal(find(&groups, &batch.columns[0], i), i);
        text met = keys_of(&groups, schema, NULL);
        assert_string_equal(shown(&met), second_keys);
        text_free(&met);
        cp_groups_clear(&groups);
    }
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
    text_free(&described);
}

static void test_clear_and_reuse(void **state)
{
    (void)state;
    check_clear("int8", "1\n-1\nnull\n", "null\n-1\n5\n1\n", "null -1 5 1");
    check_clear("uint16", "65535\n0\n", "0\n7\n", "0 7");
    check_clear("int64", "1\nnull\n-1\n", "-1\n1\n2\nnull\n", "-1 1 2 null");
    check_clear("string", "a\nnull\nb\n", "b\nc\na\nnull\n", "'b' 'c' 'a' null");
    check_clear("float64", "0\n1\n", "nan\n1\n0\n", "nan 1 0");
}

/* Cleared in between, a small table after a large one. */
static void test_clear_after_growth(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:int64");
    cp_batch batch = open_batch(schema, 5000);
    cp_groups groups = open_groups(CP_TYPE_INT64);
    for (int64_t round = 0; round < 20; round++) {
        uint32_t keys = round % 2 ? 10 : 5000;
        for (uint32_t i = 0; i < keys; i++)
            ((int64_t *)batch.columns[0].data)[i] = round * 1000 - i;
        for (int again = 0; again < 2; again++)
            for (uint32_t i = 0; i < keys; i++)
                assert_int_equal(find(&groups, &batch.columns[0], i), i);
        assert_int_equal(groups.count, keys);
        cp_groups_clear(&groups);
    }
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Keys of other groups, which may then be cleared. */
static void test_keys_of_other_groups(void **state)
{
    (void)state;
    static const char *const described[] = {"k:string", "k:int32", "k:uint8"};
    static const char *const first[] = {"a\nnull\n\nccc\n", "1\nnull\n-2\n3\n", "1\nnull\n2\n3\n"};
    static const char *const wanted[] = {"'ccc' 'a' null ''", "3 1 null -2", "3 1 null 2"};
    for (size_t i = 0; i < 3; i++) {
        cp_schema *schema = schema_of(described[i]);
        cp_batch batch = open_batch(schema, 8);
        fill_batch(&batch, first[i]);
        cp_groups from = open_groups(schema->fields[0].type), into = open_groups(from.type);
        for (uint32_t row = 0; row < batch.rows; row++)
            find(&from, &batch.columns[0], row);
        assert_int_equal(find(&into, &batch.columns[0], 3), 0);
        static const uint32_t groups_wanted[] = {1, 2, 3, 0};
        for (uint32_t row = 0; row < 4; row++) {
            uint32_t group;
            assert_int_equal(cp_groups_find_key(&into, &from.keys[row], &group, NULL), CP_OK);
            assert_int_equal(group, groups_wanted[row]);
        }
        cp_groups_close(&from);
        text met = keys_of(&into, schema, NULL);
        assert_string_equal(shown(&met), wanted[i]);
        text_free(&met);
        cp_groups_close(&into);
        cp_batch_close(&batch);
        cp_schema_free(schema);
    }
}

/* ---- whole batches, against a model ---- */

enum { POOL_MAX = 3000, POOL_TEXT_BYTES = 48, MODEL_NULL = POOL_MAX };

/* Distinct keys of one type. A row's key is told by its number here, which is all that the model
 * has to know. */
typedef struct pool {
    const char *type;
    size_t count;
    uint64_t numbers[POOL_MAX];
    char texts[POOL_MAX][POOL_TEXT_BYTES];
} pool;

/* The groups that the keys should have, in the order in which they were met. */
typedef struct model {
    uint32_t groups[POOL_MAX + 1]; /* group + 1; 0: not met yet */
    uint32_t count;
} model;

static uint32_t model_group(model *m, size_t key)
{
    if (!m->groups[key])
        m->groups[key] = ++m->count;
    return m->groups[key] - 1;
}

static void make_pool(pool *p, const char *type, size_t count)
{
    p->type = type;
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        p->numbers[i] = i * UINT64_C(0x9e3779b97f4a7c15);
        snprintf(p->texts[i], POOL_TEXT_BYTES, "%0*zu", (int)(i % 40), i);
    }
}

/* Keys that all begin to look at one place, in a table as large as it is at first. */
static void make_colliding_pool(pool *p, const char *type)
{
    enum { COUNT = 40, FIRST_PLACES = 1024, PLACE = 5 };
    bool is_text = strcmp(type, "string") == 0;
    *p = (pool){.type = type};
    for (uint64_t i = 0; p->count < COUNT; i++) {
        char name[POOL_TEXT_BYTES];
        int size = snprintf(name, sizeof name, i % 2 ? "%" PRIu64 : "%020" PRIu64, i);
        cp_span span = {(const uint8_t *)name, (size_t)size};
        uint64_t hash = is_text ? cp_text_key_hash(cp_text_key_of(span), span.size)
                                : cp_text_key_hash((cp_text_key){i, 0}, 0);
        if (hash % FIRST_PLACES != PLACE)
            continue;
        p->numbers[p->count] = i;
        memcpy(p->texts[p->count++], name, sizeof name);
    }
}

/* Whole numbers and halves; one key is any NaN, one either zero. */
static double pool_float(size_t key)
{
    if (key == 0)
        return random_below(2) ? (double)NAN : -(double)NAN;
    if (key == 1)
        return random_below(2) ? 0.0 : -0.0;
    return ((double)key - 0.5 * POOL_MAX) / 2 + 0.25;
}

static void set_pool_cell(cp_batch *batch, uint32_t row, const pool *p, size_t key)
{
    cp_column *column = &batch->columns[0];
    if (column->type == CP_TYPE_FLOAT64)
        ((double *)column->data)[row] = pool_float(key);
    else if (column->type == CP_TYPE_FLOAT32)
        ((float *)column->data)[row] = (float)pool_float(key);
    else if (column->type == CP_TYPE_STRING || column->type == CP_TYPE_JSON)
        ((cp_span *)column->data)[row] = kept_text(batch, cp_span_of(p->texts[key]));
    else if (column->type == CP_TYPE_BOOL || column->type == CP_TYPE_ENUM)
        set_integer(column, row, key);
    else
        set_integer(column, row, p->numbers[key]);
}

/* Rows of random keys, all of them or some selected; `keys` has the number of each row's. */
static void fill_from_pool(cp_batch *batch, const pool *p, size_t *keys)
{
    uint32_t nulls_in = random_below(2) ? 0 : 1 + (uint32_t)random_below(20);
    uint32_t in = (uint32_t)random_below(3); /* of how many rows one is selected: 0 is all */
    size_t some = 1 + random_below(p->count);
    cp_batch_reset(batch);
    batch->selects_all = in == 0;
    batch->rows = (uint32_t)random_below(batch->capacity + 1);
    for (uint32_t row = 0; row < batch->rows; row++) {
        keys[row] = random_below(some);
        set_pool_cell(batch, row, p, keys[row]);
        if (nulls_in && random_below(nulls_in) == 0) {
            cp_column_set_null(&batch->columns[0], row);
            keys[row] = MODEL_NULL;
        }
        if (in && random_below(in) == 0)
            batch->selection[batch->selection_count++] = row;
    }
    if (batch->selects_all)
        batch->selection_count = batch->rows;
}

static void check_rows(cp_groups *groups, const cp_batch *batch, const size_t *keys, model *m)
{
    cp_group_rows run;
    uint32_t next = 0, seen = 0;
    do {
        assert_int_equal(cp_groups_find_rows(groups, batch, 0, &next, &run, NULL), CP_OK);
        assert_true(run.count <= CP_GROUP_ROWS_MAX);
        for (uint32_t i = 0; i < run.count; i++, seen++) {
            uint32_t row = batch->selects_all ? seen : batch->selection[seen];
            assert_int_equal(run.rows[i], row);
            assert_int_equal(run.groups[i], model_group(m, keys[row]));
        }
        assert_int_equal(next, seen);
        assert_true(run.count == CP_GROUP_ROWS_MAX || seen == batch->selection_count);
    } while (run.count > 0);
    assert_int_equal(groups->count, m->count);
}

static void check_pool(const pool *p)
{
    enum { ROUNDS = 12 };
    static size_t keys[CP_BATCH_ROWS];
    static model m;
    text described = {0};
    put(&described, "k:%s", p->type);
    cp_schema *schema = schema_of(described.bytes);
    cp_batch batch = open_batch(schema, CP_BATCH_ROWS);
    cp_groups groups = open_groups(schema->fields[0].type);
    m = (model){0};
    for (int round = 0; round < ROUNDS; round++) {
        fill_from_pool(&batch, p, keys);
        check_rows(&groups, &batch, keys, &m);
        if (random_below(5) == 0) {
            cp_groups_clear(&groups);
            m = (model){0};
        }
    }
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
    text_free(&described);
}

static void test_batches_of_every_type(void **state)
{
    (void)state;
    static pool p;
    static const struct {
        const char *type;
        size_t count;
    } rows[] = {{"bool", 2},          {"int8", 256},         {"uint8", 256},
                {"enum", 3},          {"int16", POOL_MAX},   {"uint16", POOL_MAX},
                {"int32", POOL_MAX},  {"uint32", POOL_MAX},  {"int64", POOL_MAX},
                {"uint64", POOL_MAX}, {"float32", POOL_MAX}, {"float64", POOL_MAX},
                {"json", POOL_MAX},   {"string", POOL_MAX},  {"timestamp[ms]", POOL_MAX},
                {"string", 1},        {"int64", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int round = 0; round < 3; round++) {
            make_pool(&p, rows[i].type, rows[i].count);
            check_pool(&p);
        }
}

static void test_batches_of_colliding_keys(void **state)
{
    (void)state;
    static pool p;
    static const char *const types[] = {"string", "int64", "uint64", "timestamp[us]"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (int round = 0; round < 5; round++) {
            make_colliding_pool(&p, types[i]);
            check_pool(&p);
        }
}

/* Both texts, in one order and in the other, are keys of their own. */
static void check_two_texts(cp_span a, cp_span b)
{
    cp_schema *schema = schema_of("k:string");
    cp_batch batch = open_batch(schema, 4);
    const cp_span rows[] = {a, b, b, a};
    static const uint32_t wanted[] = {0, 1, 1, 0};
    for (size_t first = 0; first < 2; first++) {
        cp_groups groups = open_groups(CP_TYPE_STRING);
        cp_group_rows run;
        uint32_t next = 0;
        cp_batch_reset(&batch);
        for (uint32_t i = 0; i < 4; i++)
            ((cp_span *)batch.columns[0].data)[i] = kept_text(&batch, rows[(2 * first + i) % 4]);
        batch.rows = batch.selection_count = 4;
        assert_int_equal(cp_groups_find_rows(&groups, &batch, 0, &next, &run, NULL), CP_OK);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(run.groups[i], first ? wanted[(i + 2) % 4] ^ 1U : wanted[i]);
        assert_int_equal(groups.count, 2);
        cp_groups_close(&groups);
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* Texts of the same two words that differ in size alone, and are looked for at one place. */
static void test_texts_that_end_in_zeros(void **state)
{
    (void)state;
    enum { FIRST_PLACES = 1024, SIZES = CP_TEXT_KEY_BYTES + 1 };
    size_t pairs = 0;
    for (unsigned number = 0; number < 2000; number++) {
        uint8_t bytes[SIZES] = {0};
        memcpy(bytes, &number, sizeof number);
        uint64_t places[SIZES];
        for (size_t size = sizeof number; size < SIZES; size++) {
            cp_text_key key = cp_text_key_of((cp_span){bytes, size});
            places[size] = cp_text_key_hash(key, size) % FIRST_PLACES;
            for (size_t k = sizeof number; k < size; k++)
                if (places[k] == places[size]) {
                    check_two_texts((cp_span){bytes, k}, (cp_span){bytes, size});
                    pairs++;
                }
        }
    }
    assert_in_range(pairs, 10, 100000);
}

/* Long texts of one size and one hash: eight bytes of XXH3's own secret (xxHash,
 * doc/xxhash_spec.md) make the product in which the next eight go nothing. */
static void test_texts_of_one_hash(void **state)
{
    (void)state;
    static const uint8_t a[32] = {0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 'a'};
    static const uint8_t b[32] = {0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 'b'};
    cp_span one = {a, sizeof a}, other = {b, sizeof b};
    assert_true(cp_text_key_of(one).low == cp_text_key_of(other).low);
    check_two_texts(one, other);
}

/* A key of no rows that are selected, and rows behind the last one selected, are no keys at all. */
static void test_nothing_selected(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:int64");
    cp_batch batch = open_batch(schema, 8);
    cp_groups groups = open_groups(CP_TYPE_INT64);
    cp_group_rows run = {.count = 1};
    uint32_t next = 0;
    fill_batch(&batch, "1\n2\n3\n");
    batch.selects_all = false;
    batch.selection_count = 0;
    assert_int_equal(cp_groups_find_rows(&groups, &batch, 0, &next, &run, NULL), CP_OK);
    assert_int_equal(run.count, 0);
    assert_int_equal(groups.count, 0);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

/* What a batch promises of its text cells holds of result rows, too, once the rows that the keys
 * came from are gone: they can be keys again. */
static void test_stored_texts_are_cells(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("k:string");
    cp_batch batch = open_batch(schema, 4), rows = open_batch(schema, 4);
    cp_groups from = open_groups(CP_TYPE_STRING), into = open_groups(CP_TYPE_STRING);
    fill_batch(&batch, "\na\nsixteen_letters_\nmore_than_sixteen_letters\n");
    const uint8_t *empty = ((const cp_span *)batch.columns[0].data)[0].data;
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(find(&from, &batch.columns[0], i), i);
    cp_batch_close(&batch);
    for (uint32_t i = 0; i < 4; i++)
        cp_group_key_store(&from, i, &rows.columns[0], i);
    assert_ptr_not_equal(((const cp_span *)rows.columns[0].data)[0].data, empty);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(find(&into, &rows.columns[0], i), i);
    cp_groups_close(&from);
    cp_groups_close(&into);
    cp_batch_close(&rows);
    cp_schema_free(schema);
}

/* ---- the limit ---- */

/* Adds keys until memory is refused; what was met before is still there. */
static void check_limit(const char *described, size_t limit, uint32_t least, uint32_t most)
{
    cp_schema *schema = schema_of(described);
    cp_batch batch = open_batch(schema, 1);
    cp_groups groups;
    cp_error err = {0};
    uint32_t group, met = 0;
    char key[64];
    assert_int_equal(cp_groups_open(&groups, schema->fields[0].type, limit, NULL), CP_OK);
    for (;; met++) {
        assert_true(met <= most);
        snprintf(key, sizeof key, "%040u", met);
        set_cell(&batch, 0, 0, cp_span_of(key));
        if (find_row(&groups, &batch.columns[0], 0, &group, &err) != CP_OK)
            break;
    }
    assert_int_equal(err.rc, CP_E_MEMORY);
    assert_string_equal(err.reason, "memory_limit");
    assert_in_range(met, least, most);
    assert_int_equal(groups.count, met);
    for (uint32_t i = 0; i < met; i++) {
        snprintf(key, sizeof key, "%040u", i);
        set_cell(&batch, 0, 0, cp_span_of(key));
        assert_int_equal(find(&groups, &batch.columns[0], 0), i);
    }
    cp_groups_clear(&groups);
    assert_int_equal(find(&groups, &batch.columns[0], 0), 0);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_memory_limit(void **state)
{
    (void)state;
    check_limit("k:int64", 1 << 20, 1000, 20000);
    check_limit("k:string", 1 << 20, 1000, 10000);
    check_limit("k:uint32", 100000, 100, 2000);
}

/* Keys first to first + count - 1, each of them new. */
static void add_keys(cp_groups *groups, cp_batch *batch, uint32_t first, uint32_t count)
{
    char key[64];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%040u", first + i);
        set_cell(batch, 0, 0, cp_span_of(key));
        uint32_t known = groups->count;
        assert_int_equal(find(groups, &batch->columns[0], 0), known);
    }
}

/* Few keys stay where they are and leave room under the limit; many are forgotten. */
static void check_renew(const char *described, uint32_t few, uint32_t many)
{
    cp_schema *schema = schema_of(described);
    cp_batch batch = open_batch(schema, 1);
    cp_groups groups;
    char key[64];
    size_t limit = (size_t)many * 400;
    assert_int_equal(cp_groups_open(&groups, schema->fields[0].type, limit, NULL), CP_OK);
    add_keys(&groups, &batch, 0, few);
    cp_groups_renew(&groups);
    assert_int_equal(groups.count, few);
    for (uint32_t i = few; i-- > 0;) {
        snprintf(key, sizeof key, "%040u", i);
        set_cell(&batch, 0, 0, cp_span_of(key));
        assert_int_equal(find(&groups, &batch.columns[0], 0), i);
    }
    add_keys(&groups, &batch, few, many);
    assert_int_equal(groups.count, few + many);
    cp_groups_renew(&groups);
    assert_int_equal(groups.count, 0);
    add_keys(&groups, &batch, 7, few);
    cp_groups_close(&groups);
    cp_batch_close(&batch);
    cp_schema_free(schema);
}

static void test_renew(void **state)
{
    (void)state;
    check_renew("k:uint16", 1000, 5000);
    check_renew("k:int64", 4000, 5000);
    check_renew("k:string", 1500, 2000); /* 40 bytes each: 64 KiB are enough for 1600 */
}

static void test_close_twice(void **state)
{
    (void)state;
    cp_groups groups = open_groups(CP_TYPE_STRING);
    cp_groups_close(&groups);
    assert_null(groups.index);
    cp_groups_close(&groups);
    assert_int_equal(groups.count, 0);
}

static void test_sort_of_nothing(void **state)
{
    (void)state;
    cp_groups groups = open_groups(CP_TYPE_INT8);
    uint32_t *order = NULL;
    assert_int_equal(cp_groups_sort(&groups, &order, NULL), CP_OK);
    assert_non_null(order);
    free(order);
    cp_groups_close(&groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_equal_floats_are_one_key),
        cmocka_unit_test(test_null_is_a_key_of_its_own),
        cmocka_unit_test(test_all_dense_keys),
        cmocka_unit_test(test_many_integers),
        cmocka_unit_test(test_many_texts),
        cmocka_unit_test(test_clear_and_reuse),
        cmocka_unit_test(test_clear_after_growth),
        cmocka_unit_test(test_keys_of_other_groups),
        cmocka_unit_test_setup(test_batches_of_every_type, start_random),
        cmocka_unit_test_setup(test_batches_of_colliding_keys, start_random),
        cmocka_unit_test(test_texts_that_end_in_zeros),
        cmocka_unit_test(test_texts_of_one_hash),
        cmocka_unit_test(test_nothing_selected),
        cmocka_unit_test(test_stored_texts_are_cells),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_renew),
        cmocka_unit_test(test_close_twice),
        cmocka_unit_test(test_sort_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
