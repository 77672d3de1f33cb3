/* pipeline/core/text_key.h: both ways to the key give the same, equal keys mean equal short texts,
 * and nothing outside of what is promised readable is read. */
#include "pipeline/core/text_key.h"
#include "tests/unit/support.h"

enum { SIZES = CP_TEXT_KEY_BYTES + 1 };

static bool same_key(cp_text_key a, cp_text_key b)
{
    return a.low == b.low && a.high == b.high;
}

/* From memory of exactly the text's size, so that a sanitizer sees a read beyond. */
static cp_text_key key_of_exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    cp_text_key key = cp_text_key_of((cp_span){copy, size});
    free(copy);
    return key;
}

/* From memory of CP_TEXT_KEY_BYTES, the text in front of `behind`. */
static cp_text_key key_of_readable(const uint8_t *bytes, size_t size, const uint8_t *behind)
{
    uint8_t *copy = malloc(CP_TEXT_KEY_BYTES);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memcpy(copy + size, behind, CP_TEXT_KEY_BYTES - size);
    cp_text_key key = cp_text_key_of_readable((cp_span){copy, size});
    free(copy);
    return key;
}

static void random_bytes(uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)random_bits();
}

/* The bytes themselves, zeros behind them: a byte at a time. */
static cp_text_key spelled_key(const uint8_t *bytes, size_t size)
{
    cp_text_key key = {0};
    for (size_t i = 0; i < size; i++) {
        uint64_t byte = bytes[i];
        if (i < 8)
            key.low |= byte << (8 * i);
        else
            key.high |= byte << (8 * (i - 8));
    }
    return key;
}

static void test_both_ways_give_the_bytes(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++)
        for (size_t size = 0; size < SIZES; size++) {
            uint8_t bytes[CP_TEXT_KEY_BYTES], behind[CP_TEXT_KEY_BYTES];
            random_bytes(bytes, sizeof bytes);
            random_bytes(behind, sizeof behind);
            cp_text_key wanted = spelled_key(bytes, size);
            assert_true(same_key(key_of_exact(bytes, size), wanted));
            assert_true(same_key(key_of_readable(bytes, size, behind), wanted));
        }
}

/* What lies behind a text is no part of it, whatever it is. */
static void test_what_lies_behind(void **state)
{
    (void)state;
    static const uint8_t fills[] = {0x00, 0xff, 0x80, 'a'};
    uint8_t bytes[CP_TEXT_KEY_BYTES], behind[CP_TEXT_KEY_BYTES];
    memset(bytes, 'a', sizeof bytes);
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(behind, fills[i], sizeof behind);
        for (size_t size = 0; size < SIZES; size++)
            assert_true(same_key(key_of_readable(bytes, size, behind), spelled_key(bytes, size)));
    }
}

/* All texts of up to eight bytes over two letters, one of them zero: alike as texts can be. */
static void test_different_texts_differ(void **state)
{
    (void)state;
    enum { LONGEST = 8, TEXTS = (2 << LONGEST) - 1 };
    static struct {
        uint8_t bytes[LONGEST];
        size_t size;
        cp_text_key key;
    } texts[TEXTS];
    size_t count = 0;
    for (size_t size = 0; size <= LONGEST; size++)
        for (unsigned bits = 0; bits < 1U << size; bits++, count++) {
            texts[count].size = size;
            for (size_t i = 0; i < size; i++)
                texts[count].bytes[i] = bits >> i & 1 ? 'a' : 0;
            texts[count].key = key_of_exact(texts[count].bytes, size);
        }
    assert_int_equal(count, TEXTS);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(texts[i].size == texts[k].size && same_key(texts[i].key, texts[k].key));
}

/* A text with any one bit turned has another key. */
static void test_every_bit_counts(void **state)
{
    (void)state;
    for (size_t size = 0; size < SIZES; size++) {
        uint8_t bytes[CP_TEXT_KEY_BYTES];
        random_bytes(bytes, sizeof bytes);
        cp_text_key key = key_of_exact(bytes, size);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_false(same_key(key_of_exact(bytes, size), key));
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_long_texts_are_hashed(void **state)
{
    (void)state;
    uint8_t bytes[300];
    random_bytes(bytes, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        cp_span span = {bytes, size};
        assert_int_equal(cp_text_is_short(span), size <= CP_TEXT_KEY_BYTES);
        if (cp_text_is_short(span))
            continue;
        cp_text_key key = key_of_exact(bytes, size);
        assert_true(key.low == XXH3_64bits(bytes, size));
        assert_int_equal(key.high, 0);
    }
}

/* Every bit of the key and of the size has a say in where to start looking. */
static void test_the_hash_sees_everything(void **state)
{
    (void)state;
    for (int round = 0; round < 1000; round++) {
        cp_text_key key = {random_bits(), random_bits()};
        size_t size = random_below(1000);
        uint64_t hash = cp_text_key_hash(key, size);
        assert_true(cp_text_key_hash(key, size) == hash);
        assert_true(cp_text_key_hash(key, size + 1) != hash);
        for (int bit = 0; bit < 64; bit++) {
            uint64_t turned = UINT64_C(1) << bit;
            assert_true(cp_text_key_hash((cp_text_key){key.low ^ turned, key.high}, size) != hash);
            assert_true(cp_text_key_hash((cp_text_key){key.low, key.high ^ turned}, size) != hash);
        }
    }
}

/* Places looked at for each key, on average, where `count` keys fill half of a table. */
static double places_for_each(const cp_text_key *keys, size_t count, size_t size)
{
    size_t places = 0, mask = 2 * count - 1;
    bool *taken = calloc(2 * count, sizeof *taken);
    assert_non_null(taken);
    for (size_t i = 0; i < count; i++) {
        size_t at = cp_text_key_hash(keys[i], size) & mask;
        for (places++; taken[at]; places++)
            at = (at + 1) & mask;
        taken[at] = true;
    }
    free(taken);
    return (double)places / (double)count;
}

/* Keys as logs have them, numbers and times in steps of any power of ten and numbered names: in a
 * table that is half full none of them makes long runs of taken places. Chance would have it be
 * 1.5 (Knuth, TAOCP 3, 6.4). */
static void test_the_hash_spreads(void **state)
{
    (void)state;
    enum { KEYS = 4096, FEW = 5 };
    static cp_text_key numbers[KEYS], names[KEYS];
    uint64_t step = 1;
    for (size_t digits = 0; digits <= 15; digits++, step *= 10) {
        for (size_t i = 0; i < KEYS; i++) {
            char name[CP_TEXT_KEY_BYTES + 1];
            snprintf(name, sizeof name, "%0*zu", (int)digits + 1, i % 10000);
            numbers[i] = (cp_text_key){i * step, 0};
            names[i] = cp_text_key_of(cp_span_of(name));
        }
        assert_true(places_for_each(numbers, KEYS, 0) < FEW);
        if (digits >= 3)
            assert_true(places_for_each(names, KEYS, digits + 1) < FEW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_both_ways_give_the_bytes, start_random),
        cmocka_unit_test(test_what_lies_behind),
        cmocka_unit_test(test_different_texts_differ),
        cmocka_unit_test_setup(test_every_bit_counts, start_random),
        cmocka_unit_test_setup(test_long_texts_are_hashed, start_random),
        cmocka_unit_test_setup(test_the_hash_sees_everything, start_random),
        cmocka_unit_test(test_the_hash_spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
