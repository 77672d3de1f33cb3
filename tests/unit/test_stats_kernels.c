/* stages/stats_slot.h: the loops over slots give the same bits for every instruction set, and what
 * is exact in them (counts, bounds, times) is what a plain second reckoning has.
 *
 *   random rows --add_rows--> slots of a part --combine--> slots of the whole
 *                 portable, FMA                 portable, FMA      the same bits, the model's
 * bounds
 */
#include "stages/stats_slot.h"
#include "tests/unit/stage_support.h"

#include <float.h>
#include <math.h>

enum { GROUPS_MAX = 24, PARTS = 5, KERNELS = 2 };

/* ---- random values ---- */

typedef enum values { EVERYDAY, NOISE, EQUAL, EDGES, ANY_BITS, VALUE_KINDS } values;

static double bits_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double random_double(values kind)
{
    static const double edges[] = {0.0,     -0.0,    NAN,     -NAN,      INFINITY, -INFINITY,
                                   5e-324,  -5e-324, DBL_MIN, 0x3p-1074, DBL_MAX,  -DBL_MAX,
                                   1e300,   -1e300,  1e-300,  1,         -1,       0x1p-200,
                                   0x1p300, 0x1p301, 0x1p400, 0x1p-201,  1e9,      0.1};
    switch (kind) {
    case EVERYDAY:
        return (double)random_below(2000000) / 64 - 15000;
    case NOISE:
        return 1e9 + (double)random_below(2000) / 1000;
    case EDGES:
        return edges[random_below(sizeof edges / sizeof *edges)];
    case ANY_BITS:
        return bits_double(random_bits());
    default:
        return 0.1;
    }
}

static uint64_t random_integer(values kind)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     UINT64_MAX,
                                     INT64_MAX,
                                     (uint64_t)INT64_MAX + 1,
                                     UINT64_MAX - 1,
                                     (UINT64_C(1) << 53) + 1,
                                     UINT64_C(1) << 53,
                                     127,
                                     128,
                                     65535,
                                     0x7fffffff,
                                     0x80000000};
    switch (kind) {
    case EVERYDAY:
        return random_below(2000) - 1000;
    case NOISE:
        return (UINT64_C(1) << 60) + random_below(2000);
    case EDGES:
        return edges[random_below(sizeof edges / sizeof *edges)];
    case ANY_BITS:
        return random_bits();
    default:
        return 77;
    }
}

static void set_random_value(cp_column *column, uint32_t row, values kind)
{
    if (column->type == CP_TYPE_FLOAT64)
        ((double *)column->data)[row] = random_double(kind);
    else if (column->type == CP_TYPE_FLOAT32 && kind != ANY_BITS)
        ((float *)column->data)[row] = (float)random_double(kind);
    else
        set_integer(column, row, random_integer(kind));
}

/* ---- the model ---- */

typedef struct model_slot {
    uint64_t count, nulls;
    bool bounded; /* there was a value other than NaN */
    cp_stats_number min, max;
    int64_t first, last;
} model_slot;

static const model_slot empty_model = {.first = INT64_MAX, .last = INT64_MIN};

static cp_stats_number value_at(const cp_column *column, uint32_t row)
{
    cp_stats_number value = {.u = 0};
    if (column->type == CP_TYPE_FLOAT64) {
        value.f = ((const double *)column->data)[row];
    } else if (column->type == CP_TYPE_FLOAT32) {
        value.f = (double)((const float *)column->data)[row];
    } else {
        size_t width = cp_type_width(column->type);
        memcpy(&value, (const uint8_t *)column->data + row * width, width);
        unsigned shift = (unsigned)(64 - 8 * width);
        uint64_t at_top = value.u << shift;
        if (cp_type_is_signed(column->type))
            value.i = (int64_t)at_top >> shift;
    }
    return value;
}

static bool is_less(cp_type type, cp_stats_number a, cp_stats_number b)
{
    if (cp_type_is_float(type))
        return a.f < b.f;
    return cp_type_is_signed(type) ? a.i < b.i : a.u < b.u;
}

static void model_value(model_slot *m, cp_type type, cp_stats_number value)
{
    m->count++;
    if (cp_type_is_float(type) && isnan(value.f))
        return;
    if (!m->bounded || is_less(type, value, m->min))
        m->min = value;
    if (!m->bounded || is_less(type, m->max, value))
        m->max = value;
    m->bounded = true;
}

static void model_times(model_slot *m, int64_t first, int64_t last)
{
    m->first = first < m->first ? first : m->first;
    m->last = last > m->last ? last : m->last;
}

static bool same_number(cp_type type, cp_stats_number a, cp_stats_number b)
{
    return cp_type_is_float(type) ? a.f == b.f : a.u == b.u;
}

static void assert_as_model(const cp_stats_slot *s, const model_slot *m, cp_type type)
{
    assert_true(s->moments.count == m->count);
    assert_true(s->nulls == m->nulls);
    assert_true(s->first == m->first && s->last == m->last);
    if (m->bounded)
        assert_true(same_number(type, s->min, m->min) && same_number(type, s->max, m->max));
    else if (cp_type_is_float(type))
        assert_true(isnan(s->min.f) && isnan(s->max.f));
}

/* ---- slots ---- */

static const cp_stats_slot empty_slot = {
    .min.f = NAN, .max.f = NAN, .first = INT64_MAX, .last = INT64_MIN};

#define SAME_BITS(a, b, member) (memcmp(&(a)->member, &(b)->member, sizeof(a)->member) == 0)

static bool same_moments(const cp_moments *a, const cp_moments *b)
{
    return a->count == b->count && SAME_BITS(a, b, origin) && SAME_BITS(a, b, sum) &&
           SAME_BITS(a, b, squares) && SAME_BITS(a, b, limit) && a->scale == b->scale &&
           a->not_finite == b->not_finite;
}

static bool same_slot(const cp_stats_slot *a, const cp_stats_slot *b)
{
    return same_moments(&a->moments, &b->moments) && SAME_BITS(a, b, min) && SAME_BITS(a, b, max) &&
           a->nulls == b->nulls && a->first == b->first && a->last == b->last;
}

/* What is kept by each kernel, and by the model. */
typedef struct reckoning {
    cp_stats_slot slots[KERNELS][GROUPS_MAX];
    model_slot model[GROUPS_MAX];
} reckoning;

static void clear(reckoning *r)
{
    for (size_t g = 0; g < GROUPS_MAX; g++) {
        for (size_t k = 0; k < KERNELS; k++)
            r->slots[k][g] = empty_slot;
        r->model[g] = empty_model;
    }
}

/* The kernels of this machine. */
static size_t get_kernels(const cp_stats_kernels *out[KERNELS])
{
    const cp_stats_kernels *with_fma = cp_stats_kernels_fma();
    out[0] = cp_stats_kernels_portable();
    out[1] = with_fma;
    return with_fma ? 2 : 1;
}

static void assert_reckoning(const reckoning *r, size_t kernels, cp_type type)
{
    for (size_t g = 0; g < GROUPS_MAX; g++) {
        assert_as_model(&r->slots[0][g], &r->model[g], type);
        if (kernels > 1)
            assert_true(same_slot(&r->slots[0][g], &r->slots[1][g]));
    }
}

/* ---- adding and combining ---- */

/* Rows of random groups; few rows or many for a group. */
static void fill(cp_batch *batch, cp_group_rows *run, uint32_t groups, values kind)
{
    uint32_t nulls_in = (uint32_t)random_below(4); /* one in so many; 0: none */
    cp_batch_reset(batch);
    batch->rows = (uint32_t)random_below(random_below(2) ? 50 * groups : 3 * groups);
    batch->rows = batch->rows < batch->capacity ? batch->rows : batch->capacity;
    run->count = 0;
    for (uint32_t row = 0; row < batch->rows; row++) {
        set_random_value(&batch->columns[0], row, kind);
        set_integer(&batch->columns[1], row, random_bits());
        for (size_t i = 0; i < 2; i++)
            if (nulls_in && random_below(2 * nulls_in) == 0)
                cp_column_set_null(&batch->columns[i], row);
        if (random_below(8) == 0)
            continue; /* not selected */
        run->rows[run->count] = row;
        run->groups[run->count++] = (uint32_t)random_below(groups);
    }
}

static void add_to_model(model_slot *model, const cp_group_rows *run, const cp_column *value,
                         const cp_column *time)
{
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t row = run->rows[i];
        model_slot *m = &model[run->groups[i]];
        if (cp_column_is_valid(value, row))
            model_value(m, value->type, value_at(value, row));
        else
            m->nulls++;
        if (time && cp_column_is_valid(time, row))
            model_times(m, value_at(time, row).i, value_at(time, row).i);
    }
}

/* What stands in `from` as group i becomes group groups[i] of `into`. */
static void combine_model(model_slot *into, const uint32_t *groups, const model_slot *from,
                          uint32_t count, cp_type type)
{
    for (uint32_t i = 0; i < count; i++) {
        model_slot *m = &into[groups[i]];
        uint64_t counted = m->count + from[i].count;
        if (from[i].bounded) {
            model_value(m, type, from[i].min);
            model_value(m, type, from[i].max);
        }
        m->count = counted;
        m->nulls += from[i].nulls;
        model_times(m, from[i].first, from[i].last);
    }
}

/* Some of the groups, each once, in random order. */
static uint32_t random_groups(uint32_t out[GROUPS_MAX])
{
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        uint32_t other = (uint32_t)random_below(i + 1);
        out[i] = out[other];
        out[other] = i;
    }
    return (uint32_t)random_below(GROUPS_MAX + 1);
}

static void add_part(reckoning *part, cp_batch *batch, uint32_t groups, values kind)
{
    static cp_group_rows run;
    const cp_stats_kernels *kernels[KERNELS];
    size_t count = get_kernels(kernels);
    const cp_column *time = random_below(4) ? &batch->columns[1] : NULL;
    fill(batch, &run, groups, kind);
    add_to_model(part->model, &run, &batch->columns[0], time);
    for (size_t k = 0; k < count; k++)
        kernels[k]->add_rows(part->slots[k], &run, &batch->columns[0], time);
    assert_reckoning(part, count, batch->columns[0].type);
}

/* The first `count` of `from`, each into its number. */
static void combine_first(const cp_stats_kernels *kernels, cp_stats_slot *into,
                          const uint32_t *numbers, const cp_stats_slot *from, uint32_t count,
                          cp_type type)
{
    uint32_t *to = malloc(count * sizeof *to + 1), *first = malloc(count * sizeof *first + 1);
    assert_non_null(to);
    assert_non_null(first);
    for (uint32_t i = 0; i < count; i++) {
        first[i] = i;
        to[i] = numbers[i];
    }
    kernels->combine(into, from, &(cp_stats_pairs){first, to, count}, type);
    free(first);
    free(to);
}

static void combine_part(reckoning *whole, const reckoning *part, cp_type type)
{
    const cp_stats_kernels *kernels[KERNELS];
    size_t count = get_kernels(kernels);
    uint32_t numbers[GROUPS_MAX] = {0}, groups = random_groups(numbers);
    combine_model(whole->model, numbers, part->model, groups, type);
    for (size_t k = 0; k < count; k++)
        combine_first(kernels[k], whole->slots[k], numbers, part->slots[k], groups, type);
    assert_reckoning(whole, count, type);
}

/* Parts of a few rows or many, some groups of them empty, and sums of different scales. */
static void check_type(const char *type)
{
    enum { ROUNDS = 120 };
    static reckoning whole, part;
    text described = {0};
    put(&described, "v:%s t:timestamp[us]", type);
    cp_schema *schema = schema_of(described.bytes);
    cp_batch batch = open_batch(schema, CP_GROUP_ROWS_MAX);
    for (int round = 0; round < ROUNDS; round++) {
        values kind = (values)(round % VALUE_KINDS);
        clear(&whole);
        for (int i = 0; i < PARTS; i++) {
            values mixed = random_below(4) ? kind : (values)random_below(VALUE_KINDS);
            clear(&part);
            for (size_t runs = 1 + random_below(3); runs > 0; runs--)
                add_part(&part, &batch, 1 + (uint32_t)random_below(GROUPS_MAX), mixed);
            combine_part(&whole, &part, batch.columns[0].type);
        }
    }
    cp_batch_close(&batch);
    cp_schema_free(schema);
    text_free(&described);
}

static void test_every_type(void **state)
{
    (void)state;
    static const char *const types[] = {"float64", "float32", "int8",   "int16",  "int32",
                                        "int64",   "uint8",   "uint16", "uint32", "uint64"};
    if (!cp_stats_kernels_fma())
        print_message("no FMA here: the portable kernel against the model alone\n");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        check_type(types[i]);
}

/* ---- combining in fours ---- */

/* Slots of one to three values each; where `odd` says so, one that is not plain. */
static void make_slots(cp_stats_slot *slots, uint32_t count, unsigned odd)
{
    static const double strange[] = {NAN, INFINITY, 1e-320, 1e300, 0x1p300, -0x1p300};
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = empty_slot;
        if (odd >> i & 1 && random_below(5) == 0)
            continue; /* empty */
        for (size_t left = 1 + random_below(3); left > 0; left--)
            cp_moments_add(&slots[i].moments,
                           odd >> i & 1 ? strange[random_below(6)] : random_double(EVERYDAY));
    }
}

/* Every choice of which among two fours and a rest have to go the long way, on either side. */
static void test_fours_and_the_rest(void **state)
{
    (void)state;
    enum { COUNT = 9, CHOICES = 1 << COUNT };
    const cp_stats_kernels *kernels[KERNELS];
    if (get_kernels(kernels) < 2)
        skip();
    for (unsigned odd = 0; odd < CHOICES; odd++)
        for (uint32_t count = 0; count <= COUNT; count++) {
            cp_stats_slot into[KERNELS][COUNT], from[COUNT];
            static const uint32_t numbers[COUNT] = {3, 8, 0, 1, 7, 2, 6, 5, 4};
            make_slots(from, COUNT, odd);
            make_slots(into[0], COUNT, random_below(2) ? 0 : (unsigned)random_below(CHOICES));
            memcpy(into[1], into[0], sizeof into[0]);
            for (size_t k = 0; k < KERNELS; k++)
                combine_first(kernels[k], into[k], numbers, from, count, CP_TYPE_FLOAT64);
            for (size_t i = 0; i < COUNT; i++)
                assert_true(same_slot(&into[0][i], &into[1][i]));
        }
}

/* One slot at a time is what moments.h says, in one order and with the same bits. */
static void test_moments_are_combined_as_moments_h_has_it(void **state)
{
    (void)state;
    const cp_stats_kernels *kernels[KERNELS];
    size_t count = get_kernels(kernels);
    for (int round = 0; round < 2000; round++)
        for (size_t k = 0; k < count; k++) {
            enum { SLOTS = 8 };
            static const uint32_t numbers[SLOTS] = {7, 6, 5, 4, 3, 2, 1, 0};
            cp_stats_slot into[SLOTS], from[SLOTS], wanted[SLOTS];
            make_slots(into, SLOTS, 0);
            make_slots(from, SLOTS, round % 4 ? 0 : 1U << random_below(SLOTS));
            memcpy(wanted, into, sizeof into);
            for (size_t i = 0; i < SLOTS; i++)
                cp_moments_combine(&wanted[numbers[i]].moments, &from[i].moments);
            combine_first(kernels[k], into, numbers, from, SLOTS, CP_TYPE_FLOAT64);
            for (size_t i = 0; i < SLOTS; i++)
                assert_true(same_moments(&into[i].moments, &wanted[i].moments));
        }
}

/* ---- bounds ---- */

static cp_stats_slot slot_of(const double *numbers, uint32_t count, const cp_stats_kernels *kernels)
{
    cp_group_rows run = {.count = count};
    uint64_t valid[1] = {UINT64_MAX};
    cp_stats_slot slot = empty_slot;
    double copy[8];
    assert_true(count <= sizeof copy / sizeof *copy);
    memcpy(copy, numbers, count * sizeof *numbers);
    cp_column column = {.type = CP_TYPE_FLOAT64, .data = copy, .valid = valid};
    for (uint32_t i = 0; i < count; i++)
        run.rows[i] = i;
    kernels->add_rows(&slot, &run, &column, NULL);
    return slot;
}

/* Wherever NaN stands among the values, and on whichever side of a combination. */
static void test_bounds_pass_over_nan(void **state)
{
    (void)state;
    static const struct {
        double numbers[3];
        double min, max;
    } rows[] = {{{NAN, 1, 2}, 1, 2},
                {{1, NAN, 2}, 1, 2},
                {{2, 1, NAN}, 1, 2},
                {{NAN, NAN, -5}, -5, -5},
                {{INFINITY, NAN, -INFINITY}, -INFINITY, INFINITY},
                {{NAN, INFINITY, NAN}, INFINITY, INFINITY},
                {{-0.0, NAN, 5e-324}, 0, 5e-324}};
    const cp_stats_kernels *kernels[KERNELS];
    size_t count = get_kernels(kernels);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            cp_stats_slot all = slot_of(rows[i].numbers, 3, kernels[k]), joined = empty_slot;
            assert_true(all.min.f == rows[i].min && all.max.f == rows[i].max);
            for (size_t one = 0; one < 3; one++) {
                cp_stats_slot part = slot_of(&rows[i].numbers[one], 1, kernels[k]);
                combine_first(kernels[k], &joined, &(uint32_t){0}, &part, 1, CP_TYPE_FLOAT64);
            }
            assert_true(joined.min.f == rows[i].min && joined.max.f == rows[i].max);
            assert_true(joined.moments.count == 3 && joined.moments.not_finite);
        }
}

static void test_nothing_but_nan(void **state)
{
    (void)state;
    static const double nans[] = {NAN, -NAN, NAN};
    const cp_stats_kernels *kernels[KERNELS];
    size_t count = get_kernels(kernels);
    for (size_t k = 0; k < count; k++) {
        cp_stats_slot slot = slot_of(nans, 3, kernels[k]),
                      other = slot_of((double[]){4}, 1, kernels[k]);
        assert_true(isnan(slot.min.f) && isnan(slot.max.f));
        combine_first(kernels[k], &slot, &(uint32_t){0}, &other, 1, CP_TYPE_FLOAT64);
        assert_true(slot.min.f == 4 && slot.max.f == 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_type, start_random),
        cmocka_unit_test_setup(test_fours_and_the_rest, start_random),
        cmocka_unit_test_setup(test_moments_are_combined_as_moments_h_has_it, start_random),
        cmocka_unit_test(test_bounds_pass_over_nan),
        cmocka_unit_test(test_nothing_but_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
