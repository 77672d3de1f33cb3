/* formats/parquet/dictionary.h: each value's index leads to the value, the order of the entries,
 * ranks, and when there is no dictionary. */
#include "tests/unit/parquet_support.h"

static cp_parquet_dictionary made_for(const cp_parquet_values *values, bool compressed)
{
    cp_parquet_dictionary d = {0};
    assert_int_equal(cp_parquet_dictionary_make(&d, values, compressed, NULL), CP_OK);
    return d;
}

static cp_parquet_dictionary made(const cp_parquet_values *values)
{
    return made_for(values, false);
}

static uint32_t entries_with_values(const cp_parquet_dictionary *d)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->count; i++)
        count += d->entries[i].count > 0;
    return count;
}

static unsigned bit_length(uint32_t n)
{
    unsigned bits = 0;
    for (; n; n >>= 1)
        bits++;
    return bits;
}

static uint32_t greatest_count(const cp_parquet_dictionary *d)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < d->count; i++)
        most = d->entries[i].count > most ? d->entries[i].count : most;
    return most;
}

/* How late a number is given out. Where it has two bytes, by the product of both, each one more; or
 * in squares, and then some stay empty. */
static uint64_t lateness(uint32_t used, uint32_t places, uint32_t number)
{
    uint32_t low = number % 256, high = number / 256;
    if (used <= 256 || used > 65536)
        return number;
    if (used < places)
        return (uint64_t)(low > high ? low : high) * 512 + (low > high ? 256 + high : low);
    return (uint64_t)(low + 1) * (high + 1) * 65536 + number;
}

/* Three times at most is as good as once. */
static unsigned class_of(uint32_t most, const cp_parquet_entry *e)
{
    return bit_length(most / (e->count > 3 ? e->count : 1));
}

/* Of no class is there a number that is given out later than any of a rarer class. */
static void assert_best_numbers(const cp_parquet_dictionary *d, uint32_t most)
{
    uint64_t first[33], last[33];
    uint32_t used = entries_with_values(d);
    for (size_t k = 0; k < 33; k++) {
        first[k] = UINT64_MAX;
        last[k] = 0;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->entries[i].count == 0)
            continue;
        unsigned class = class_of(most, &d->entries[i]);
        uint64_t late = lateness(used, d->count, i);
        first[class] = late < first[class] ? late : first[class];
        last[class] = late > last[class] ? late : last[class];
    }
    for (size_t k = 1; k < 33; k++) {
        assert_true(first[k] == UINT64_MAX || last[k - 1] <= first[k]);
        last[k] = last[k] > last[k - 1] ? last[k] : last[k - 1];
    }
}

/* Counts add up; in each class of about the same frequency ranks ascend with the numbers. */
static void assert_order(const cp_parquet_dictionary *d, size_t count)
{
    size_t sum = 0;
    uint32_t most = greatest_count(d), next_rank[33] = {0};
    for (uint32_t i = 0; i < d->count; i++) {
        const cp_parquet_entry *e = &d->entries[i];
        assert_true(e->rank < d->count);
        if (e->count == 0) {
            assert_int_equal(e->text.size, 0);
            continue;
        }
        sum += e->count;
        unsigned class = class_of(most, e);
        assert_true(e->rank >= next_rank[class]);
        next_rank[class] = e->rank + 1;
    }
    assert_int_equal(sum, count);
    assert_best_numbers(d, most);
}

static void assert_numbers_for(const cp_parquet_values *values, bool compressed)
{
    cp_parquet_dictionary d = made_for(values, compressed);
    bool wide = values->type == CP_PARQUET_INT64 || values->type == CP_PARQUET_DOUBLE;
    assert_true(d.usable);
    assert_order(&d, values->count);
    assert_true(compressed || entries_with_values(&d) == d.count);
    for (size_t i = 0; i < values->count; i++) {
        uint64_t word = wide ? values->words64[i] : values->words32[i];
        assert_true(d.indices[i] < d.count);
        assert_int_equal(d.entries[d.indices[i]].key.low, word);
    }
    assert_int_equal(d.plain_bytes, d.count * (wide ? 8u : 4u));
    cp_parquet_dictionary_close(&d);
    cp_parquet_dictionary_close(&d);
}

static void assert_numbers(cp_parquet_type type, cp_parquet_order order, unsigned key_bits,
                           const void *words, size_t count)
{
    cp_parquet_values values = {
        .type = type, .order = order, .count = count, .words64 = words, .key_bits = key_bits};
    assert_numbers_for(&values, false);
    assert_numbers_for(&values, true);
}

static void test_numbers(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static uint64_t words[COUNT];
    static uint32_t narrow[COUNT];
    static const size_t distinct[] = {1, 2, 255, 256, 257, 300, 9000};
    for (size_t k = 0; k < sizeof distinct / sizeof *distinct; k++) {
        for (size_t i = 0; i < COUNT; i++) {
            uint64_t n = random_below(1 + random_below(distinct[k]));
            words[i] = n * UINT64_C(0x9e3779b97f4a7c15);
            narrow[i] = (uint32_t)words[i];
        }
        assert_numbers(CP_PARQUET_INT64, CP_PARQUET_SIGNED, 64, words, COUNT);
        assert_numbers(CP_PARQUET_DOUBLE, CP_PARQUET_FLOATING, 64, words, COUNT);
        assert_numbers(CP_PARQUET_INT32, CP_PARQUET_UNSIGNED, 32, narrow, COUNT);
        for (size_t i = 0; i < COUNT; i++)
            narrow[i] = (uint32_t)(int32_t)(int16_t)narrow[i];
        assert_numbers(CP_PARQUET_INT32, CP_PARQUET_SIGNED, 16, narrow, COUNT);
    }
}

/* Values that are as frequent as each other stand in the column's own order. */
static void assert_sorted(cp_parquet_values values, const uint64_t *sorted)
{
    cp_parquet_dictionary d = made(&values);
    for (uint32_t i = 0; i < d.count; i++)
        assert_int_equal(d.entries[i].key.low, sorted[i]);
    assert_int_equal(d.count, values.count);
    cp_parquet_dictionary_close(&d);
}

static void test_orders(void **state)
{
    (void)state;
    static const uint64_t wide[] = {5, UINT64_MAX, 0, (uint64_t)INT64_MIN, INT64_MAX};
    static const uint64_t by_sign[] = {(uint64_t)INT64_MIN, UINT64_MAX, 0, 5, INT64_MAX};
    static const uint64_t unsigned_[] = {0, 5, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX};
    static const uint32_t narrow[] = {7, UINT32_MAX, 1};
    static const uint64_t narrow_by_sign[] = {UINT32_MAX, 1, 7};
    const double floats[] = {1.5, -2.5, 0.0, -0.0, -1.0};
    const double by_value[] = {-2.5, -1.0, -0.0, 0.0, 1.5};
    uint64_t bits[5], sorted[5];
    memcpy(bits, floats, sizeof bits);
    memcpy(sorted, by_value, sizeof sorted);
    assert_sorted((cp_parquet_values){.type = CP_PARQUET_INT64,
                                      .order = CP_PARQUET_SIGNED,
                                      .count = 5,
                                      .words64 = wide,
                                      .key_bits = 64},
                  by_sign);
    assert_sorted((cp_parquet_values){.type = CP_PARQUET_INT64,
                                      .order = CP_PARQUET_UNSIGNED,
                                      .count = 5,
                                      .words64 = wide,
                                      .key_bits = 64},
                  unsigned_);
    assert_sorted((cp_parquet_values){.type = CP_PARQUET_INT32,
                                      .order = CP_PARQUET_SIGNED,
                                      .count = 3,
                                      .words32 = narrow,
                                      .key_bits = 32},
                  narrow_by_sign);
    assert_sorted((cp_parquet_values){.type = CP_PARQUET_DOUBLE,
                                      .order = CP_PARQUET_FLOATING,
                                      .count = 5,
                                      .words64 = bits,
                                      .key_bits = 64},
                  sorted);
}

/* As many entries as two bytes can number, one fewer, one more, and many more; some far more
 * frequent than others, and all alike. */
static void test_edge_of_two_bytes(void **state)
{
    (void)state;
    enum { EDGE = 1 << 16, COUNT = 3 * (EDGE + 1000) };
    static uint64_t words[COUNT];
    static const size_t distinct[] = {EDGE - 1, EDGE, EDGE + 1, EDGE + 1000};
    for (size_t k = 0; k < sizeof distinct / sizeof *distinct; k++) {
        for (size_t i = 0; i < COUNT; i++)
            words[i] = i / 2 < distinct[k] ? i / 2 : random_below(1 + random_below(distinct[k]));
        assert_numbers(CP_PARQUET_INT64, CP_PARQUET_UNSIGNED, 64, words, 3 * distinct[k]);
        assert_numbers(CP_PARQUET_INT64, CP_PARQUET_UNSIGNED, 64, words, 2 * distinct[k]);
    }
}

/* Every value that 16 bits have. */
static void test_all_narrow_values(void **state)
{
    (void)state;
    enum { COUNT = 4 << 16 };
    static uint32_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = (uint32_t)(i / 4);
    assert_numbers(CP_PARQUET_INT32, CP_PARQUET_UNSIGNED, 16, words, COUNT);
}

/* Frequencies that lie about one power of two are still one class: by value alone. */
static void test_even_values(void **state)
{
    (void)state;
    enum { DISTINCT = 1000, COUNT = 128 * DISTINCT };
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = i < COUNT / 2 ? i % DISTINCT : random_below(DISTINCT);
    cp_parquet_values values = {.type = CP_PARQUET_INT64,
                                .order = CP_PARQUET_UNSIGNED,
                                .count = COUNT,
                                .words64 = words,
                                .key_bits = 64};
    cp_parquet_dictionary d = made_for(&values, true);
    assert_int_equal(d.count, DISTINCT);
    for (uint32_t i = 0; i < d.count; i++)
        assert_int_equal(d.entries[i].key.low, i);
    cp_parquet_dictionary_close(&d);
}

/* Too few for the bits of an index, and all as frequent: two digits of 51 symbols. */
static void test_two_digits(void **state)
{
    (void)state;
    enum { DISTINCT = 2600, COUNT = 20 * DISTINCT, DIGITS = 51 };
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = i % DISTINCT;
    cp_parquet_values values = {.type = CP_PARQUET_INT64,
                                .order = CP_PARQUET_UNSIGNED,
                                .count = COUNT,
                                .words64 = words,
                                .key_bits = 64};
    cp_parquet_dictionary d = made_for(&values, true);
    assert_order(&d, COUNT);
    assert_int_equal(entries_with_values(&d), DISTINCT);
    assert_int_equal(d.count, (DIGITS - 1) * 256 + DIGITS);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(d.indices[i] % 256 < DIGITS && d.indices[i] / 256 < DIGITS);
        assert_int_equal(d.entries[d.indices[i]].key.low, words[i]);
    }
    cp_parquet_dictionary_close(&d);
    d = made_for(&values, false);
    assert_int_equal(d.count, DISTINCT);
    cp_parquet_dictionary_close(&d);
}

static cp_parquet_values values_of(const texts *t)
{
    return (cp_parquet_values){.type = CP_PARQUET_BYTE_ARRAY,
                               .order = CP_PARQUET_BYTEWISE,
                               .count = t->count,
                               .texts = t->items,
                               .key_bits = 128};
}

static void assert_texts(const texts *t, bool compressed)
{
    cp_parquet_values values = values_of(t);
    cp_parquet_dictionary d = made_for(&values, compressed);
    assert_true(d.usable);
    assert_order(&d, t->count);
    size_t bytes = 0;
    for (size_t i = 0; i < t->count; i++)
        assert_true(cp_span_equal(d.entries[d.indices[i]].text, t->items[i]));
    for (uint32_t i = 0; i < d.count; i++) {
        const cp_parquet_entry *entry = &d.entries[i];
        bytes += 4 + entry->text.size;
        for (uint32_t k = 0; k < i; k += 1 + (uint32_t)random_below(300)) {
            if (entry->count == 0 || d.entries[k].count == 0)
                continue;
            int order = cp_span_compare(d.entries[k].text, entry->text);
            assert_int_equal(order < 0, d.entries[k].rank < entry->rank);
            assert_int_not_equal(order, 0);
        }
    }
    assert_int_equal(d.plain_bytes, bytes);
    cp_parquet_dictionary_close(&d);
}

/* Short and long texts, some that differ behind their first 8 or 16 bytes alone, zero bytes. */
static void test_texts(void **state)
{
    (void)state;
    texts t = {0};
    char made_text[64];
    for (size_t i = 0; i < 10000; i++) {
        static const char *const heads[] = {"", "a", "12345678", "abcdefghijklmnop"};
        size_t size =
            (size_t)snprintf(made_text, sizeof made_text, "%s%d%s", heads[random_below(4)],
                             (int)random_below(60), random_below(2) ? "" : "and then some more");
        if (random_below(10) == 0)
            made_text[random_below(size)] = '\0';
        add_text(&t, made_text, random_below(20) ? size : 0);
    }
    assert_texts(&t, false);
    assert_texts(&t, true);
    texts_free(&t);
}

/* Codes that occur, and no others, whatever their number. */
static void test_symbols(void **state)
{
    (void)state;
    enum { SYMBOLS = 9000 };
    static cp_span symbols[SYMBOLS];
    static char names[SYMBOLS][8];
    static uint16_t codes[SYMBOLS];
    for (unsigned i = 0; i < SYMBOLS; i++) {
        snprintf(names[i], sizeof names[i], "S%u", i);
        symbols[i] = cp_span_of(names[i]);
        codes[i] = (uint16_t)((SYMBOLS - 1 - i) / 2 * 2);
    }
    cp_parquet_values values = {.type = CP_PARQUET_BYTE_ARRAY,
                                .order = CP_PARQUET_BYTEWISE,
                                .count = SYMBOLS,
                                .codes = codes,
                                .symbols = symbols,
                                .key_bits = 16};
    cp_parquet_dictionary d = made(&values);
    assert_true(d.usable);
    assert_int_equal(d.count, SYMBOLS / 2);
    assert_order(&d, SYMBOLS);
    for (size_t i = 0; i < SYMBOLS; i++)
        assert_true(cp_span_equal(d.entries[d.indices[i]].text, symbols[codes[i]]));
    cp_parquet_dictionary_close(&d);
}

static void assert_usable(bool usable, const uint64_t *words, size_t count)
{
    cp_parquet_values values = {
        .type = CP_PARQUET_INT64, .count = count, .words64 = words, .key_bits = 64};
    cp_parquet_dictionary d = made(&values);
    assert_int_equal(d.usable, usable);
    cp_parquet_dictionary_close(&d);
}

static void test_too_many_values(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    static uint64_t words[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        words[i] = i % (COUNT / 2);
    assert_usable(false, words, COUNT); /* of the first step, all are distinct */
    for (size_t i = 0; i < COUNT; i++)
        words[i] = i / 2;
    assert_usable(true, words, COUNT);
    words[1] = COUNT; /* one more than half */
    assert_usable(false, words, COUNT);
    for (size_t i = 0; i < 4000; i++)
        words[i] = i;
    assert_usable(true, words, 4000); /* few values are left to the measurement */
    assert_usable(false, words, 0);
}

static void test_too_large_a_page(void **state)
{
    (void)state;
    enum { LARGE = 1 << 20, DISTINCT = 5 };
    static uint8_t bytes[DISTINCT][LARGE];
    cp_span spans[2 * DISTINCT];
    for (size_t i = 0; i < DISTINCT; i++) {
        bytes[i][0] = (uint8_t)i;
        spans[i] = spans[DISTINCT + i] = (cp_span){bytes[i], LARGE};
    }
    cp_parquet_values values = values_of(&(texts){spans, 2 * DISTINCT});
    cp_parquet_dictionary d = made(&values);
    assert_false(d.usable);
    values.count = 3;
    assert_int_equal(cp_parquet_dictionary_make(&d, &values, true, NULL), CP_OK);
    assert_true(d.usable);
    cp_parquet_dictionary_close(&d);
}

/* What a chunk leaves behind does not show in the next. */
static void test_used_again(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    static uint64_t words[COUNT];
    cp_parquet_dictionary d = {0};
    cp_parquet_values values = {.type = CP_PARQUET_INT64, .words64 = words, .key_bits = 64};
    for (size_t round = 0; round < 6; round++) {
        values.count = round % 2 ? 100 : COUNT;
        for (size_t i = 0; i < values.count; i++)
            words[i] = random_below(round < 3 ? 2000 : 10);
        assert_int_equal(cp_parquet_dictionary_make(&d, &values, true, NULL), CP_OK);
        assert_true(d.usable);
        assert_order(&d, values.count);
        for (size_t i = 0; i < values.count; i++)
            assert_int_equal(d.entries[d.indices[i]].key.low, words[i]);
    }
    cp_parquet_dictionary_close(&d);
}

/* One dictionary for columns of all kinds, as a worker has it: what one leaves is nothing to the
 * next. */
static void test_used_for_other_kinds(void **state)
{
    (void)state;
    enum { COUNT = 6000 };
    static uint32_t narrow[COUNT];
    static uint64_t wide[COUNT], other[COUNT];
    static cp_span spans[COUNT];
    static char bytes[COUNT][32];
    for (size_t i = 0; i < COUNT; i++) {
        narrow[i] = (uint32_t)random_below(1000);
        wide[i] = random_below(2000) << 40;
        other[i] = random_bits();
        int size = snprintf(bytes[i], sizeof bytes[i], "text of number %d", (int)random_below(700));
        spans[i] = (cp_span){(const uint8_t *)bytes[i], (size_t)size};
    }
    cp_parquet_values kinds[] = {
        {.type = CP_PARQUET_INT32, .count = COUNT, .words32 = narrow, .key_bits = 16},
        {.type = CP_PARQUET_INT64, .count = COUNT, .words64 = wide, .key_bits = 64},
        {.type = CP_PARQUET_BYTE_ARRAY,
         .order = CP_PARQUET_BYTEWISE,
         .count = COUNT,
         .texts = spans,
         .key_bits = 128},
        {.type = CP_PARQUET_INT64, .count = COUNT, .words64 = other, .key_bits = 64},
    };
    cp_parquet_dictionary d = {0};
    for (size_t turn = 0; turn < 64; turn++) {
        const cp_parquet_values *values = &kinds[random_below(4)];
        assert_int_equal(cp_parquet_dictionary_make(&d, values, turn % 2, NULL), CP_OK);
        assert_int_equal(d.usable, values->words64 != other);
        if (!d.usable)
            continue;
        assert_order(&d, COUNT);
        assert_int_equal(entries_with_values(&d), d.distinct);
        for (size_t i = 0; i < COUNT; i++) {
            const cp_parquet_entry *e = &d.entries[d.indices[i]];
            if (values->type == CP_PARQUET_BYTE_ARRAY)
                assert_int_equal(cp_span_compare(e->text, spans[i]), 0);
            else
                assert_int_equal(e->key.low, values == kinds ? narrow[i] : wide[i]);
        }
    }
    cp_parquet_dictionary_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_numbers, start_random),
        cmocka_unit_test(test_orders),
        cmocka_unit_test_setup(test_edge_of_two_bytes, start_random),
        cmocka_unit_test(test_all_narrow_values),
        cmocka_unit_test_setup(test_even_values, start_random),
        cmocka_unit_test(test_two_digits),
        cmocka_unit_test_setup(test_texts, start_random),
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_too_many_values),
        cmocka_unit_test(test_too_large_a_page),
        cmocka_unit_test_setup(test_used_again, start_random),
        cmocka_unit_test_setup(test_used_for_other_kinds, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
