/* formats/archive: members come in order, with their names and all their bytes, however the archive
 * arrives and its members are read; what is no file is passed over; names may be anything. */
#include "tests/unit/archive_support.h"

#include <locale.h>

/* ---- what all formats share ---- */

static void assert_subjects(const entry *entries, size_t count, const char *expected)
{
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        text made = subjects[i].make(entries, count);
        assert_true(subjects[i].container->probe(bytes_of(&made)) > 0);
        assert_archive(subjects[i].container, bytes_of(&made), subjects[i].ways, expected);
        text_free(&made);
    }
}

static void test_members_in_order(void **state)
{
    (void)state;
    const entry entries[] = {
        {.name = "day/b.jsonl", .content = cp_span_of("{\"n\":1}\n{\"n\":2}\n")},
        {.name = "a", .content = cp_span_of("one")},
        {.name = "day/b.jsonl", .content = cp_span_of("once more")},
    };
    assert_subjects(entries, 3,
                    "day/b.jsonl (16): {\"n\":1}\\x0A{\"n\":2}\\x0A\n"
                    "a (3): one\n"
                    "day/b.jsonl (9): once more\n"
                    "end\n");
}

static void test_no_members(void **state)
{
    (void)state;
    assert_subjects(NULL, 0, "end\n");
}

/* Around the pieces in which archives are taken, 64 KiB. */
static void test_large_members(void **state)
{
    (void)state;
    static const size_t sizes[] = {65536 - 1536, 65536 - 512, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        text content = {0}, expected = {0};
        put_zeros(&content, sizes[i]);
        content.bytes[0] = 'a';
        content.bytes[sizes[i] - 1] = 'z';
        const entry entries[] = {{.name = "large", .content = bytes_of(&content)},
                                 {.name = "small", .content = cp_span_of("s")}};
        put(&expected, "large (%zu): a{%zu zeros}z\nsmall (1): s\nend\n", sizes[i], sizes[i] - 2);
        assert_subjects(entries, 2, shown(&expected));
        text_free(&content);
        text_free(&expected);
    }
}

/* ---- what is no file ---- */

static void test_tar_kinds(void **state)
{
    (void)state;
    static const struct {
        char kind;
        const char *name, *link;
    } others[] = {{'5', "day/", ""},       {'2', "day/link", "a"}, {'1', "day/a2", "day/a"},
                  {'3', "day/device", ""}, {'4', "day/disk", ""},  {'6', "day/pipe", ""}};
    text t = {0};
    put_tar(&t, "day/a", "first");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        put_tar_header(&t, others[i].name, others[i].kind, others[i].link, 0);
    put_tar_bytes(&t, "day/old", '\0', cp_span_of("of old kind"));
    put_tar_bytes(&t, "day/contiguous", '7', cp_span_of("in one piece"));
    put_tar_bytes(&t, "day/vendor", 'Z', cp_span_of("of a kind that is read as a file"));
    put_tar(&t, "day/none", "");
    put_tar_end(&t);
    assert_archive(&cp_container_tar, bytes_of(&t), PIPE,
                   "day/a (5): first\n"
                   "day/old (11): of old kind\n"
                   "day/contiguous (12): in one piece\n"
                   "day/vendor (32): of a kind that is read as a file\n"
                   "day/none (0): \n"
                   "end\n");
    text_free(&t);
}

static void test_zip_folders(void **state)
{
    (void)state;
    zip z = {0};
    put_zip(&z, "day/", "");
    put_zip(&z, "day/a", "a");
    put_zip(&z, "day/none", "");
    text whole = zip_end(&z, "", NULL);
    assert_archive(&cp_container_zip, bytes_of(&whole), EITHER,
                   "day/a (1): a\nday/none (0): \nend\n");
    text_free(&whole);
}

/* The bytes of a file with several names stand with the last one. */
static void test_cpio_kinds(void **state)
{
    (void)state;
    text t = {0};
    put_newc(&t, "day", CPIO_FOLDER, 1, (cp_span){NULL, 0});
    put_newc(&t, "day/link", CPIO_LINK, 2, cp_span_of("a"));
    put_newc(&t, "day/a", CPIO_FILE, 3, (cp_span){NULL, 0});
    put_newc(&t, "day/a2", CPIO_FILE, 3, cp_span_of("shared"));
    put_newc(&t, "day/b", CPIO_FILE, 4, cp_span_of("b"));
    put_newc(&t, "TRAILER!!!", 0, 0, (cp_span){NULL, 0});
    assert_archive(&cp_container_cpio, bytes_of(&t), PIPE,
                   "day/a (0): \nday/a2 (6): shared\nday/b (1): b\nend\n");
    text_free(&t);
}

/* Of the kinds that there are it is none: it may hold records. */
static void test_unknown_kind(void **state)
{
    (void)state;
    text t = {0};
    put_newc(&t, "odd", 0110644, 1, cp_span_of("a"));
    put_newc(&t, "TRAILER!!!", 0, 0, (cp_span){NULL, 0});
    assert_archive(&cp_container_cpio, bytes_of(&t), PIPE,
                   "odd (1): \n-1, corrupt_input: the member is of an unknown kind\n");
    text_free(&t);
}

/* ---- names ---- */

static void test_hostile_names(void **state)
{
    (void)state;
    static const char *const names[] = {"/etc/passwd", "../../up",       "a/../b", "./c", "C:d",
                                        "line\nbreak", "bell\a\x1b[31m", " ",      "-rf", "*"};
    enum { COUNT = sizeof names / sizeof *names };
    entry entries[COUNT];
    text expected = {0};
    for (size_t i = 0; i < COUNT; i++) {
        entries[i] = (entry){.name = names[i], .content = cp_span_of("x")};
        put_visible(&expected, cp_span_of(names[i]));
        put(&expected, " (1): x\n");
    }
    put(&expected, "end\n");
    for (size_t i = 0; i < 4; i++) { /* as the archive spells them: 7z is written by libarchive */
        text made = subjects[i].make(entries, COUNT);
        assert_archive(subjects[i].container, bytes_of(&made), subjects[i].ways, shown(&expected));
        text_free(&made);
    }
    text_free(&expected);
}

static void test_empty_name(void **state)
{
    (void)state;
    const entry nameless = {.name = "", .content = cp_span_of("x")};
    text made = make_zip(&nameless, 1);
    assert_archive(&cp_container_zip, bytes_of(&made), EITHER, " (1): x\nend\n");
    text_free(&made);
    made = make_newc(&nameless, 1);
    assert_archive(&cp_container_cpio, bytes_of(&made), PIPE, " (1): x\nend\n");
    text_free(&made);
}

enum { LONG_NAME = 65535 };

static text long_name(void)
{
    text name = {0};
    for (size_t i = 0; i < LONG_NAME; i++)
        put_bytes(&name, i % 100 == 50 ? "/" : "n", 1);
    return name;
}

/* GNU tar puts a name of any length into a member of its own before the member. */
static text long_name_tar(const char *name)
{
    text t = {0};
    put_tar_bytes(&t, "././@LongLink", 'L', (cp_span){(const uint8_t *)name, strlen(name) + 1});
    put_tar(&t, "cut", "x");
    put_tar_end(&t);
    return t;
}

/* Names are cut where an error's place would not hold them. */
static void test_long_names(void **state)
{
    (void)state;
    text name = long_name(), expected = {0};
    const entry entries[] = {{.name = name.bytes, .content = cp_span_of("x")}};
    put(&expected, "%.*s (1): x\nend\n", CP_ERROR_PATH_BYTES - 1, name.bytes);
    text made[] = {make_zip(entries, 1), make_newc(entries, 1), long_name_tar(name.bytes)};
    assert_archive(&cp_container_zip, bytes_of(&made[0]), EITHER, shown(&expected));
    assert_archive(&cp_container_cpio, bytes_of(&made[1]), PIPE, shown(&expected));
    assert_archive(&cp_container_tar, bytes_of(&made[2]), PIPE, shown(&expected));
    for (size_t i = 0; i < 3; i++)
        text_free(&made[i]);
    text_free(&expected);
    text_free(&name);
}

/* However long the name, the message says what is wrong behind it. */
static void test_long_name_in_message(void **state)
{
    (void)state;
    text name = long_name(), expected = {0};
    text made = long_name_tar(name.bytes);
    put(&expected, "%.*s (1): x\n", CP_ERROR_PATH_BYTES - 1, name.bytes);
    put(&expected, "-1, corrupt_input: in or behind %.*s ", CP_ERROR_MESSAGE_BYTES / 2, name.bytes);
    put(&expected, "the tar archive is damaged: Damaged tar archive\n");
    made.bytes[made.size - 2 * (size_t)TAR_BLOCK] = 'x';
    assert_archive(&cp_container_tar, bytes_of(&made), PIPE, shown(&expected));
    text_free(&made);
    text_free(&expected);
    text_free(&name);
}

/* A pax record, "length key=value\n", the length counting itself. */
static void put_pax(text *t, const char *key, const char *value)
{
    text record = {0};
    size_t size = strlen(key) + strlen(value) + 3 + 2; /* lengths of two digits */
    put(&record, "%zu %s=%s\n", size, key, value);
    assert_int_equal(record.size, size);
    put_tar_bytes(t, "PaxHeader", 'x', bytes_of(&record));
    text_free(&record);
}

/* Latin-1 where UTF-8 is promised: the bytes of the member are none the worse. */
static void test_names_that_are_no_text(void **state)
{
    (void)state;
    text t = {0};
    put_tar(&t, "caf\xE9", "raw");
    put_pax(&t, "path", "caf\xE9 in pax");
    put_tar(&t, "x", "pax");
    put_tar_end(&t);
    static const char *const locales[] = {"C", "C.UTF-8"};
    for (size_t i = 0; i < 2; i++) {
        text found = {0};
        assert_non_null(setlocale(LC_CTYPE, locales[i]));
        list_archive(&found, &cp_container_tar, bytes_of(&t), (manner){SIZE_MAX, 100, false});
        assert_non_null(strstr(shown(&found), " (3): raw\n"));
        assert_non_null(strstr(shown(&found), " (3): pax\nend\n"));
        text_free(&found);
    }
    setlocale(LC_CTYPE, "C");
    text_free(&t);
}

static void test_names_in_utf8(void **state)
{
    (void)state;
    text t = {0};
    put_pax(&t, "path", "M\xC3\xBCnchen \xE6\x97\xA5");
    put_tar(&t, "x", "pax");
    put_tar_end(&t);
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    assert_archive(&cp_container_tar, bytes_of(&t), PIPE,
                   "M\xC3\xBCnchen \xE6\x97\xA5 (3): pax\nend\n");
    setlocale(LC_CTYPE, "C");
    text_free(&t);
}

/* ---- sparse members ---- */

/* A header of GNU tar's older kind: up to four pairs of place and size, then the real size (GNU tar
 * manual, "Basic Tar Format"). */
static text gnu_sparse_tar(const size_t (*parts)[2], size_t count, size_t real_size,
                           const char *stored)
{
    enum { PARTS_AT = 386, REAL_SIZE_AT = 483 };
    text t = {0};
    put_tar_bytes(&t, "holes", 'S', cp_span_of(stored));
    memcpy(t.bytes + TAR_MAGIC_AT, "ustar  ", 8);
    for (size_t i = 0; i < count; i++) {
        set_octal(&t, PARTS_AT + i * 24, TAR_SIZE_DIGITS, parts[i][0]);
        set_octal(&t, PARTS_AT + i * 24 + 12, TAR_SIZE_DIGITS, parts[i][1]);
    }
    set_octal(&t, REAL_SIZE_AT, TAR_SIZE_DIGITS, real_size);
    sign_tar_header(&t, 0);
    put_tar(&t, "next", "n");
    put_tar_end(&t);
    return t;
}

static void test_gnu_sparse(void **state)
{
    (void)state;
    static const struct {
        size_t parts[2][2], count, real_size;
        const char *stored, *expected;
    } cases[] = {
        {{{100, 4}, {70000, 3}},
         2,
         100000,
         "onetwo!",
         "holes (100000): {100 zeros}onet{69896 zeros}wo!{29997 zeros}\nnext (1): n\nend\n"},
        {{{0, 3}, {1000, 0}}, 2, 1000, "one", "holes (1000): one{997 zeros}\nnext (1): n\nend\n"},
        {{{5000, 0}}, 1, 5000, "", "holes (5000): {5000 zeros}\nnext (1): n\nend\n"},
        {{{100, 3}, {50, 3}},
         2,
         1000,
         "onetwo",
         "holes (1000): {100 zeros}one\n-1, corrupt_input: the parts of the sparse member are out "
         "of order\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t =
            gnu_sparse_tar(cases[i].parts, cases[i].count, cases[i].real_size, cases[i].stored);
        assert_archive(&cp_container_tar, bytes_of(&t), PIPE, cases[i].expected);
        text_free(&t);
    }
}

static void test_pax_sparse(void **state)
{
    (void)state;
    text content = {0};
    put_zeros(&content, 300000);
    memcpy(content.bytes + 65536, "data", 4);
    const entry entries[] = {
        {.name = "holes", .content = bytes_of(&content), .data_at = 65536, .data_bytes = 4},
        {.name = "next", .content = cp_span_of("n")},
    };
    text made = write_archive(archive_write_set_format_pax, NULL, entries, 2);
    assert_true(made.size < 10000);
    assert_archive(&cp_container_tar, bytes_of(&made), PIPE,
                   "holes (300000): {65536 zeros}data{234460 zeros}\nnext (1): n\nend\n");
    text_free(&made);
    text_free(&content);
}

/* ---- how members are read ---- */

/* Members may be passed over, left half read, and closed late. */
static void test_members_left_unread(void **state)
{
    (void)state;
    text t = {0};
    cp_archive *archive;
    cp_pool *pool;
    cp_member first, second, third;
    uint8_t bytes[3];
    size_t got;
    put_tar(&t, "a", "unread");
    put_tar(&t, "b", "half read");
    put_tar(&t, "c", "read");
    put_tar_end(&t);
    assert_int_equal(cp_pool_new(3000, &pool, NULL), CP_OK);
    assert_int_equal(
        open_archive(&cp_container_tar, bytes_of(&t), (manner){7, 1, false}, pool, &archive, NULL),
        CP_OK);
    assert_int_equal(archive->next(archive, &first, NULL), CP_OK);
    assert_int_equal(archive->next(archive, &second, NULL), CP_OK);
    first.stream->close(first.stream);
    assert_int_equal(second.stream->read(second.stream, bytes, 3, &got, NULL), CP_OK);
    assert_int_equal(archive->next(archive, &third, NULL), CP_OK);
    assert_string_equal(third.name, "c");
    assert_int_equal(third.stream->read(third.stream, bytes, 3, &got, NULL), CP_OK);
    assert_memory_equal(bytes, "rea", 3);
    second.stream->close(second.stream);
    third.stream->close(third.stream);
    assert_int_equal(archive->next(archive, &first, NULL), CP_END);
    archive->close(archive);
    cp_pool_free(pool);
    text_free(&t);
}

/* The source is closed once, also where the archive cannot be opened; no file stays open. */
static void test_what_is_closed(void **state)
{
    (void)state;
    static const struct {
        const cp_container *container;
        const char *path;
        cp_rc rc;
    } cases[] = {{&cp_container_tar, NULL, CP_OK},
                 {&cp_container_7z, NULL, CP_E_USAGE},
                 {&cp_container_zip, "/nonexistent/archive", CP_E_NOINPUT},
                 {&cp_container_zip, "/dev/null", CP_E_DATA},
                 {&cp_container_7z, "/dev/null", CP_E_DATA}};
    text t = make_tar(NULL, 0);
    size_t files = open_files();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned closed = 0;
        cp_pool *pool;
        cp_source *source;
        cp_archive *archive;
        memory_stream *stream = memory_stream_open(bytes_of(&t), SIZE_MAX, &closed);
        assert_int_equal(cp_pool_new(3000, &pool, NULL), CP_OK);
        assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
        cp_rc rc = cases[i].container->open(source, cases[i].path, &archive, NULL);
        assert_int_equal(rc, cases[i].rc);
        assert_int_equal(closed, rc ? 1 : 0);
        if (!rc)
            archive->close(archive);
        assert_int_equal(closed, 1);
        assert_int_equal(open_files(), files);
        cp_pool_free(pool);
    }
    text_free(&t);
}

static void test_7z_must_seek(void **state)
{
    (void)state;
    text made = make_stored_7z(NULL, 0);
    assert_archive(&cp_container_7z, bytes_of(&made), PIPE,
                   "-9, must_seek: a 7z archive can only be read from a file of its own, not from "
                   "a pipe or through a codec\n");
    text_free(&made);
}

/* Compressed members, whose sizes only libarchive's writer knows to write behind them. */
static void test_sizes_behind_members(void **state)
{
    (void)state;
    const entry entries[] = {{.name = "a", .content = cp_span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")},
                             {.name = "b", .content = cp_span_of("b")}};
    text made = make_deflated_zip(entries, 2), found = {0};
    list_archive(&found, &cp_container_zip, bytes_of(&made), (manner){1, 1, false});
    assert_non_null(strstr(shown(&found), "): aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"));
    assert_non_null(strstr(shown(&found), "): b\nend\n"));
    assert_archive(&cp_container_zip, bytes_of(&made), FILE_PATH,
                   "a (30): aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb (1): b\nend\n");
    text_free(&found);
    text_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_in_order),     cmocka_unit_test(test_no_members),
        cmocka_unit_test(test_large_members),        cmocka_unit_test(test_tar_kinds),
        cmocka_unit_test(test_zip_folders),          cmocka_unit_test(test_cpio_kinds),
        cmocka_unit_test(test_unknown_kind),         cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_empty_name),           cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_long_name_in_message), cmocka_unit_test(test_names_that_are_no_text),
        cmocka_unit_test(test_names_in_utf8),        cmocka_unit_test(test_gnu_sparse),
        cmocka_unit_test(test_pax_sparse),           cmocka_unit_test(test_members_left_unread),
        cmocka_unit_test(test_what_is_closed),       cmocka_unit_test(test_7z_must_seek),
        cmocka_unit_test(test_sizes_behind_members),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
