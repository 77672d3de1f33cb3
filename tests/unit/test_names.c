/* Names to numbers: every length, near misses, absent names, doubles, and random sets against a
 * linear search. */
#include "pipeline/core/names.h"
#include "tests/unit/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST = 48 };

/* Looks a name up from a buffer of exactly its size, so that a sanitizer sees a read beyond; and
 * from one with CP_TEXT_KEY_BYTES to read, which must give the same whatever lies behind. */
static int32_t find_exact(const cp_names *names, const uint8_t *bytes, size_t size)
{
    size_t readable = size < CP_TEXT_KEY_BYTES ? CP_TEXT_KEY_BYTES : size;
    uint8_t *copy = malloc(size ? size : 1), *longer = malloc(readable);
    assert_non_null(copy);
    assert_non_null(longer);
    memcpy(copy, bytes, size);
    memset(longer, (int)(random_bits() & 0xff), readable);
    memcpy(longer, bytes, size);
    int32_t number = cp_names_find(names, (cp_span){copy, size});
    assert_int_equal(cp_names_find_readable(names, (cp_span){longer, size}), number);
    free(copy);
    free(longer);
    return number;
}

/* One name of each length, all made of one letter. */
static void every_length(void **state)
{
    (void)state;
    uint8_t text[LONGEST + 1];
    memset(text, 'a', sizeof text);
    cp_span spans[LONGEST];
    for (size_t i = 0; i < LONGEST; i++)
        spans[i] = (cp_span){text, i};
    cp_names *names;
    assert_int_equal(cp_names_build(spans, LONGEST, &names, NULL), CP_OK);
    for (size_t size = 0; size < LONGEST; size++)
        assert_int_equal(find_exact(names, text, size), size);
    assert_int_equal(find_exact(names, text, LONGEST), CP_NAME_ABSENT);
    cp_names_free(names);
}

/* A name with any one bit turned is another name, whatever its length. */
static void near_misses_are_absent(void **state)
{
    (void)state;
    for (size_t size = 0; size < LONGEST; size++) {
        uint8_t text[LONGEST];
        for (size_t i = 0; i < size; i++)
            text[i] = (uint8_t)('A' + i);
        cp_span span = {text, size};
        cp_names *names;
        assert_int_equal(cp_names_build(&span, 1, &names, NULL), CP_OK);
        assert_int_equal(find_exact(names, text, size), 0);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            text[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(find_exact(names, text, size), CP_NAME_ABSENT);
            text[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        cp_names_free(names);
    }
}

static void zero_bytes_count(void **state)
{
    (void)state;
    static const uint8_t zeros[LONGEST] = {0};
    cp_span spans[] = {{zeros, 3}, {zeros, 20}};
    cp_names *names;
    assert_int_equal(cp_names_build(spans, 2, &names, NULL), CP_OK);
    for (size_t size = 0; size < LONGEST; size++) {
        int32_t expected = size == 3 ? 0 : size == 20 ? 1 : CP_NAME_ABSENT;
        assert_int_equal(find_exact(names, zeros, size), expected);
    }
    cp_names_free(names);
}

static void the_bytes_are_copied(void **state)
{
    (void)state;
    char text[] = "a name that is longer than sixteen bytes";
    cp_span span = cp_span_of(text);
    cp_names *names;
    assert_int_equal(cp_names_build(&span, 1, &names, NULL), CP_OK);
    text[0] = 'b';
    assert_int_equal(cp_names_find(names, cp_span_of(text)), CP_NAME_ABSENT);
    text[0] = 'a';
    assert_int_equal(cp_names_find(names, cp_span_of(text)), 0);
    cp_names_free(names);
}

static void an_empty_table_has_nothing(void **state)
{
    (void)state;
    cp_names *names;
    assert_int_equal(cp_names_build(NULL, 0, &names, NULL), CP_OK);
    assert_int_equal(cp_names_find(names, (cp_span){NULL, 0}), CP_NAME_ABSENT);
    assert_int_equal(cp_names_find(names, cp_span_of("id")), CP_NAME_ABSENT);
    cp_names_free(names);
}

static void doubles_are_refused(void **state)
{
    (void)state;
    static const char *const doubles[] = {"", "id", "sensor_id", "longer than sixteen bytes"};
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        cp_span spans[] = {cp_span_of(doubles[i]), cp_span_of("other"), cp_span_of(doubles[i])};
        cp_names *names = NULL;
        cp_error err = {0};
        char expected[64];
        snprintf(expected, sizeof expected, "\"%s\" stands twice", doubles[i]);
        assert_int_equal(cp_names_build(spans, 3, &names, &err), CP_E_CONFIG);
        assert_string_equal(err.message, expected);
        assert_null(names);
    }
}

/* As many as an enum may have. */
static void many_names(void **state)
{
    (void)state;
    enum { COUNT = 65535, WIDTH = 40 };
    char(*text)[WIDTH] = calloc(COUNT, sizeof *text);
    cp_span *spans = calloc(COUNT, sizeof *spans);
    assert_non_null(text);
    assert_non_null(spans);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(text[i], WIDTH, i % 2 ? "%zu" : "sensor-in-the-field-%zx", i);
        spans[i] = cp_span_of(text[i]);
    }
    cp_names *names;
    assert_int_equal(cp_names_build(spans, COUNT, &names, NULL), CP_OK);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(cp_names_find(names, spans[i]), i);
    assert_int_equal(cp_names_find(names, cp_span_of("65535x")), CP_NAME_ABSENT);
    cp_names_free(names);
    free(spans);
    free(text);
}

static int32_t linear_search(const cp_span *spans, size_t count, cp_span name)
{
    for (size_t i = 0; i < count; i++)
        if (cp_span_equal(spans[i], name))
            return (int32_t)i;
    return CP_NAME_ABSENT;
}

/* Short names over two letters, so that they are often alike. */
static cp_span random_name(uint8_t *room)
{
    size_t size = random_below(24);
    for (size_t i = 0; i < size; i++)
        room[i] = (uint8_t)('a' + random_below(2));
    return (cp_span){room, size};
}

static void random_sets_match_a_linear_search(void **state)
{
    (void)state;
    enum { ROUNDS = 200, MOST = 300, PROBES = 500 };
    random_start(UINT64_C(0x5eed0001));
    static uint8_t room[MOST][LONGEST];
    for (int round = 0; round < ROUNDS; round++) {
        cp_span spans[MOST];
        size_t wanted = random_below(MOST);
        size_t count = 0;
        for (size_t i = 0; i < wanted; i++) {
            cp_span name = random_name(room[count]);
            if (linear_search(spans, count, name) == CP_NAME_ABSENT)
                spans[count++] = name;
        }
        cp_names *names;
        assert_int_equal(cp_names_build(spans, count, &names, NULL), CP_OK);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(cp_names_find(names, spans[i]), i);
        for (int probe = 0; probe < PROBES; probe++) {
            uint8_t probed[LONGEST];
            cp_span name = random_name(probed);
            assert_int_equal(cp_names_find(names, name), linear_search(spans, count, name));
        }
        cp_names_free(names);
    }
}

/* ---- names that begin alike, of every size, with zeros in them ---- */

enum { MANY = 2000, SIZE_MAX_BYTES = 40 };

typedef struct name_set {
    uint8_t bytes[MANY][SIZE_MAX_BYTES];
    cp_span names[MANY];
    size_t count;
} name_set;

/* A name of its own, or one that begins as another does and goes on for longer or ends before. */
static cp_span alike_name(const name_set *set, uint8_t *room)
{
    static const uint8_t letters[] = {0, 'a', 'b', 0xff};
    size_t size = random_below(SIZE_MAX_BYTES + 1), kept = 0;
    if (set->count && random_below(3)) {
        cp_span other = set->names[random_below(set->count)];
        kept = other.size < size ? other.size : size;
        memcpy(room, other.data, kept);
    }
    for (size_t i = kept; i < size; i++)
        room[i] = letters[random_below(sizeof letters)];
    return (cp_span){room, size};
}

static void make_names(name_set *set, size_t wanted)
{
    set->count = 0;
    while (set->count < wanted) {
        cp_span name = alike_name(set, set->bytes[set->count]);
        if (linear_search(set->names, set->count, name) == CP_NAME_ABSENT)
            set->names[set->count++] = name;
    }
}

static void check_names(const name_set *set)
{
    enum { PROBES = 500 };
    uint8_t room[SIZE_MAX_BYTES];
    cp_names *names;
    assert_int_equal(cp_names_build(set->names, set->count, &names, NULL), CP_OK);
    for (size_t i = 0; i < set->count; i++)
        assert_int_equal(find_exact(names, set->names[i].data, set->names[i].size), i);
    for (size_t i = 0; i < PROBES; i++) {
        cp_span name = alike_name(set, room);
        assert_int_equal(find_exact(names, name.data, name.size),
                         linear_search(set->names, set->count, name));
    }
    cp_names_free(names);
}

/* Around the sizes at which tables are filled in another way, too. */
static void sets_of_every_size_match_a_linear_search(void **state)
{
    (void)state;
    static const size_t edges[] = {1, 2, 31, 32, 33, 255, 256, 257, MANY};
    static name_set set;
    random_start(UINT64_C(0x5eed0002));
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        make_names(&set, edges[i]);
        check_names(&set);
    }
    for (size_t round = 0; round < 60; round++) {
        make_names(&set, 1 + random_below(round % 2 ? 64 : MANY));
        check_names(&set);
    }
}

/* Names of one size whose hash is the same: eight bytes of XXH3's own secret (xxHash,
 * doc/xxhash_spec.md) make the product in which the next eight go nothing. */
static void names_of_one_hash(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    static const uint8_t secret[] = {0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe};
    uint8_t bytes[COUNT + 1][32];
    cp_span spans[COUNT + 1];
    cp_names *names;
    for (size_t i = 0; i <= COUNT; i++) {
        memset(bytes[i], 'a', sizeof bytes[i]);
        memcpy(bytes[i], secret, sizeof secret);
        bytes[i][sizeof secret] = (uint8_t)i;
        spans[i] = (cp_span){bytes[i], sizeof bytes[i]};
        assert_true(cp_text_key_of(spans[i]).low == cp_text_key_of(spans[0]).low);
    }
    assert_int_equal(cp_names_build(spans, COUNT, &names, NULL), CP_OK);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(find_exact(names, bytes[i], sizeof bytes[i]), i);
    assert_int_equal(find_exact(names, bytes[COUNT], sizeof bytes[COUNT]), CP_NAME_ABSENT);
    cp_names_free(names);
}

/* The name that stands twice is found, whatever is tried to place the names well. */
static void doubles_among_few_are_refused(void **state)
{
    (void)state;
    static name_set set;
    random_start(UINT64_C(0x5eed0003));
    for (size_t count = 2; count <= 40; count++) {
        cp_error err = {0};
        cp_names *names = NULL;
        make_names(&set, count);
        set.names[set.count - 1] = set.names[random_below(set.count - 1)];
        assert_int_equal(cp_names_build(set.names, set.count, &names, &err), CP_E_CONFIG);
        assert_string_equal(err.reason, "duplicate_name");
        assert_null(names);
    }
}

/* Each of a few names is found at the first place that is looked at. */
static void few_names_are_at_their_first_places(void **state)
{
    (void)state;
    enum { FEW = 12 };
    static const char *const described[FEW] = {
        "id",    "title", "status", "timestamp", "sensor_id",
        "value", "unit",  "notes",  "reading",   "a name of more than sixteen bytes",
        "",      "x"};
    cp_span spans[FEW];
    for (size_t i = 0; i < FEW; i++)
        spans[i] = cp_span_of(described[i]);
    for (size_t count = 1; count <= FEW; count++) {
        cp_names *names;
        assert_int_equal(cp_names_build(spans, count, &names, NULL), CP_OK);
        for (size_t i = 0; i < count; i++) {
            size_t first = cp_names_first_slot(names, cp_text_key_of(spans[i]), spans[i].size);
            assert_int_equal(names->slots[first].number, i);
        }
        cp_names_free(names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(near_misses_are_absent),
        cmocka_unit_test(zero_bytes_count),
        cmocka_unit_test(the_bytes_are_copied),
        cmocka_unit_test(an_empty_table_has_nothing),
        cmocka_unit_test(doubles_are_refused),
        cmocka_unit_test(many_names),
        cmocka_unit_test(random_sets_match_a_linear_search),
        cmocka_unit_test(sets_of_every_size_match_a_linear_search),
        cmocka_unit_test(names_of_one_hash),
        cmocka_unit_test(doubles_among_few_are_refused),
        cmocka_unit_test(few_names_are_at_their_first_places),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
