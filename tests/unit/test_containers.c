/* formats/archive/containers.h and probes.h: every row is complete, each format takes its own and
 * no other, and ends are known from what only looks like them. */
#include "formats/archive/probes.h"
#include "tests/unit/archive_support.h"

#include <ctype.h>

/* ---- the table ---- */

static void test_containers_are_complete(void **state)
{
    (void)state;
    assert_non_null(cp_containers[0]);
    for (size_t i = 0; cp_containers[i]; i++) {
        const cp_container *container = cp_containers[i];
        assert_non_null(container->name);
        for (const char *p = container->name; *p; p++)
            assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p));
        assert_non_null(container->probe);
        assert_non_null(container->open);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(cp_containers[k]->name, container->name);
    }
}

/* ---- first bytes ---- */

static void test_probes_take_their_own(void **state)
{
    (void)state;
    const entry one = {.name = "a", .content = cp_span_of("a")};
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        text made = subjects[i].make(&one, 1);
        for (size_t k = 0; cp_containers[k]; k++) {
            bool own = cp_containers[k] == subjects[i].container;
            assert_int_equal(cp_containers[k]->probe(bytes_of(&made)) > 0, own);
        }
        text_free(&made);
    }
}

/* Too few bytes to tell, and what other formats begin with. */
static void test_probes_take_nothing_else(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",    "P",     "PK",          "PK\x03", "7z\xBC\xAF'", "07070", "070703", "{\"id\":1}\n",
        "[1]", "a,b\n", "\x1F\x8B\x08"};
    for (size_t i = 0; cp_containers[i]; i++)
        for (size_t k = 0; k < sizeof others / sizeof *others; k++)
            assert_int_equal(cp_containers[i]->probe(cp_span_of(others[k])), 0);
}

/* Digits behind the magic number, as far as they are there, and nothing else; a comma is none. */
static void test_probe_of_cpio_in_text(void **state)
{
    (void)state;
    const entry one = {.name = "a", .content = cp_span_of("a")};
    text made[] = {make_newc(&one, 1), make_odc(&one, 1)};
    size_t header_bytes[] = {110, 76};
    for (size_t i = 0; i < 2; i++) {
        for (size_t size = 6; size < made[i].size; size++)
            assert_true(cp_probe_cpio((cp_span){(const uint8_t *)made[i].bytes, size}) > 0);
        for (size_t at = 6; at < header_bytes[i]; at++) {
            char digit = made[i].bytes[at];
            made[i].bytes[at] = ',';
            assert_int_equal(cp_probe_cpio(bytes_of(&made[i])), 0);
            made[i].bytes[at] = digit;
        }
        text_free(&made[i]);
    }
}

/* Two bytes of magic are not enough: kind of file, size of the name and its end have to agree. */
static void test_probe_of_binary_cpio(void **state)
{
    (void)state;
    enum { HEADER_BYTES = 26, MODE_AT = 6, NAME_SIZE_AT = 20, NAME_AT = HEADER_BYTES };
    static const struct {
        size_t at;
        char byte;
    } others[] = {{0, 'x'},          {1, 'x'},          {MODE_AT + 1, '\x31'},
                  {NAME_SIZE_AT, 3}, {NAME_SIZE_AT, 5}, {NAME_AT + 1, '\0'}};
    const entry one = {.name = "abc", .content = cp_span_of("x")};
    text made = make_cpio_low_first(&one, 1);
    for (size_t size = 0; size < made.size; size++)
        assert_int_equal(cp_probe_cpio((cp_span){(const uint8_t *)made.bytes, size}) > 0,
                         size >= HEADER_BYTES);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        text other = {0};
        put_bytes(&other, made.bytes, made.size);
        other.bytes[others[i].at] = others[i].byte;
        assert_int_equal(cp_probe_cpio(bytes_of(&other)), 0);
        text_free(&other);
    }
    text_free(&made);
}

static void test_probe_of_empty_zip(void **state)
{
    (void)state;
    zip z = {0};
    text whole = zip_end(&z, "", NULL);
    assert_true(cp_probe_zip(bytes_of(&whole)) > 0);
    text_free(&whole);
}

/* The checksum tells, not the mark, which tars of old have not. */
static void test_probe_of_tar(void **state)
{
    (void)state;
    text t = {0};
    put_tar_header(&t, "a", '0', "", 0);
    assert_true(cp_probe_tar(bytes_of(&t)) > 0);
    memset(t.bytes + TAR_MAGIC_AT, 0, 8);
    assert_int_equal(cp_probe_tar(bytes_of(&t)), 0);
    sign_tar_header(&t, 0);
    assert_true(cp_probe_tar(bytes_of(&t)) > 0);
    t.bytes[TAR_SIZE_AT] ^= 1;
    assert_int_equal(cp_probe_tar(bytes_of(&t)), 0);
    text_free(&t);
}

/* In less than a header the mark tells. */
static void test_probe_of_cut_tar(void **state)
{
    (void)state;
    static const struct {
        const char *magic;
        bool tells;
    } cases[] = {
        {"ustar\00000", true}, {"ustar  ", true}, {"ustarx", false}, {"Ustar\00000", false}};
    text t = {0};
    put_tar_header(&t, "a", '0', "", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(t.bytes + TAR_MAGIC_AT, cases[i].magic, 6);
        for (size_t size = 0; size < TAR_BLOCK; size++)
            assert_int_equal(cp_probe_tar((cp_span){(const uint8_t *)t.bytes, size}) > 0,
                             cases[i].tells && size >= TAR_MAGIC_AT + 6);
    }
    text_free(&t);
}

/* Zeros may be an end mark and its padding, or records. */
static void test_probe_of_zeros(void **state)
{
    (void)state;
    static const size_t tars[] = {1024, 1536, 10240, CP_CONTAINER_HEAD_BYTES - 512};
    static const size_t others[] = {0, 512, 1023, 1025, 10241, CP_CONTAINER_HEAD_BYTES, 100000};
    text t = {0};
    put_zeros(&t, 100000);
    for (size_t i = 0; i < sizeof tars / sizeof *tars; i++) {
        int score = cp_probe_tar((cp_span){(const uint8_t *)t.bytes, tars[i]});
        assert_true(score > 0 && score < CP_CONTAINER_SURE);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(cp_probe_tar((cp_span){(const uint8_t *)t.bytes, others[i]}), 0);
    text_free(&t);
}

/* ---- ends ---- */

static void test_tar_end(void **state)
{
    (void)state;
    text t = {0};
    put_zeros(&t, 3000);
    for (size_t size = 0; size <= t.size; size++)
        assert_int_equal(cp_tar_end_is_marked((cp_span){(const uint8_t *)t.bytes, size}),
                         size >= 1024);
    for (size_t at = 0; at < t.size; at++) {
        t.bytes[at] = 1;
        assert_int_equal(cp_tar_end_is_marked(bytes_of(&t)), at < t.size - 1024);
        t.bytes[at] = 0;
    }
    text_free(&t);
}

static void test_cpio_end(void **state)
{
    (void)state;
    text (*const makers[])(const entry *, size_t) = {make_newc, make_odc, make_cpio_low_first,
                                                     make_cpio_high_first};
    for (size_t i = 0; i < 5; i++) {
        text t = makers[i % 4](NULL, 0);
        if (i == 4)
            t.bytes[5] = '2'; /* the new format with checksums */
        assert_true(cp_cpio_end_is_marked(bytes_of(&t)));
        for (size_t size = 0; size < t.size; size++)
            assert_false(cp_cpio_end_is_marked((cp_span){(const uint8_t *)t.bytes, size}));
        put_zeros(&t, 1);
        assert_false(cp_cpio_end_is_marked(bytes_of(&t)));
        t.size--;
        *(char *)memmem(t.bytes, t.size, "!!!", 3) = '?';
        assert_false(cp_cpio_end_is_marked(bytes_of(&t)));
        text_free(&t);
        t = makers[i % 4](NULL, 0);
        t.bytes[0] = '1';
        assert_false(cp_cpio_end_is_marked(bytes_of(&t)));
        text_free(&t);
    }
}

/* A comment may look like an end; the record that fits is taken. */
static void test_zip_end(void **state)
{
    (void)state;
    static const char *const comments[] = {"", "x", "PK\x05\x06 and more of it, but no end at all"};
    for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
        zip z = {0};
        uint16_t count = 0;
        put_zip(&z, "a", "a");
        put_zip(&z, "b", "b");
        text whole = zip_end(&z, comments[i], NULL);
        assert_true(cp_zip_end_is_there(bytes_of(&whole), &count));
        assert_int_equal(count, 2);
        for (size_t size = 0; size < whole.size; size++)
            assert_false(
                cp_zip_end_is_there((cp_span){(const uint8_t *)whole.bytes, size}, &count));
        put_bytes(&whole, "x", 1);
        assert_false(cp_zip_end_is_there(bytes_of(&whole), &count));
        text_free(&whole);
    }
}

/* The whole archive, its comment too, and something behind it; one within another is not it. */
static void test_zip_goes_on_behind_end(void **state)
{
    (void)state;
    const entry one = {.name = "a", .content = cp_span_of("a")};
    zip z = {0};
    put_zip(&z, "a", "a");
    text inner = make_zip(&one, 1), whole = zip_end(&z, "a comment", NULL);
    size_t complete = whole.size;
    put(&whole, "more");
    for (size_t size = 0; size <= whole.size; size++)
        for (size_t at = 0; at < 20 && at <= size; at++)
            assert_int_equal(cp_zip_goes_on_behind_end(
                                 (cp_span){(const uint8_t *)whole.bytes + at, size - at}, at),
                             size > complete);
    put_zip_bytes(&z, cp_span_of("inner.zip"), bytes_of(&inner));
    put_bytes(&z.bytes, "more", 4);
    assert_false(cp_zip_goes_on_behind_end(bytes_of(&z.bytes), 0));
    text_free(&z.bytes);
    text_free(&z.directory);
    text_free(&inner);
    text_free(&whole);
}

static void test_7z_start(void **state)
{
    (void)state;
    const entry one = {.name = "a", .content = cp_span_of("a")};
    text made = make_stored_7z(&one, 1);
    cp_span start = {(const uint8_t *)made.bytes, CP_7Z_START_BYTES};
    assert_true(cp_7z_start_is_sound(start));
    assert_true(cp_7z_start_is_sound(bytes_of(&made)));
    assert_false(cp_7z_start_is_sound((cp_span){start.data, start.size - 1}));
    for (size_t bit = 8 * 8; bit < start.size * 8; bit++) {
        made.bytes[bit / 8] ^= (char)(1 << bit % 8);
        assert_false(cp_7z_start_is_sound(start));
        made.bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    text_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers_are_complete),
        cmocka_unit_test(test_probes_take_their_own),
        cmocka_unit_test(test_probes_take_nothing_else),
        cmocka_unit_test(test_probe_of_cpio_in_text),
        cmocka_unit_test(test_probe_of_binary_cpio),
        cmocka_unit_test(test_probe_of_empty_zip),
        cmocka_unit_test(test_probe_of_tar),
        cmocka_unit_test(test_probe_of_cut_tar),
        cmocka_unit_test(test_probe_of_zeros),
        cmocka_unit_test(test_tar_end),
        cmocka_unit_test(test_cpio_end),
        cmocka_unit_test(test_zip_end),
        cmocka_unit_test(test_zip_goes_on_behind_end),
        cmocka_unit_test(test_7z_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
