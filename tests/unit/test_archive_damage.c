/* formats/archive: what is cut off, damaged, encrypted or a lie is told, never passed over; good
 * bytes come first, and as many however the archive arrives. */
#include "formats/archive/probes.h"
#include "tests/unit/archive_support.h"

static const manner at_once = {SIZE_MAX, 1 << 20, false};
static const manner at_once_from_file = {SIZE_MAX, 1 << 20, true};

static const cp_span nothing = {NULL, 0};

static bool ends_with(const text *t, const char *end)
{
    size_t size = strlen(end);
    return t->size >= size && memcmp(t->bytes + t->size - size, end, size) == 0;
}

/* ---- cuts ---- */

/* An error of the data, and before it nothing but what the whole archive holds. */
static void check_cut(const subject *s, cp_span cut, manner how, const text *whole)
{
    text found = {0};
    list_archive(&found, s->container, cut, how);
    const char *error = strstr(shown(&found), "-1, ");
    bool told = error && (strstr(error, "-1, truncated_input: ") == error ||
                          strstr(error, "-1, corrupt_input: ") == error);
    size_t good = error ? (size_t)(error - found.bytes) : 0;
    if (!told || (good > 0 && strncmp(found.bytes, whole->bytes, good - 1) != 0))
        fail_msg("%s cut at %zu: %s", s->container->name, cut.size, shown(&found));
    text_free(&found);
}

static void test_every_cut(void **state)
{
    (void)state;
    const entry entries[] = {{.name = "day/a", .content = cp_span_of("the first of two members")},
                             {.name = "b", .content = cp_span_of("more")}};
    for (size_t i = 0; i < SUBJECT_COUNT; i++) {
        text made = subjects[i].make(entries, 2), whole = {0};
        bool seeks = subjects[i].ways != PIPE;
        list_archive(&whole, subjects[i].container, bytes_of(&made), at_once_from_file);
        assert_true(ends_with(&whole, "end\n"));
        for (size_t size = 0; size < made.size; size++) {
            cp_span cut = {(const uint8_t *)made.bytes, size};
            if (subjects[i].ways & PIPE)
                check_cut(&subjects[i], cut, at_once, &whole);
            if (seeks)
                check_cut(&subjects[i], cut, at_once_from_file, &whole);
        }
        text_free(&whole);
        text_free(&made);
    }
}

/* ---- flipped bits ---- */

/* Behind the name and size of a line. */
static const char *content_of(const char *line)
{
    const char *content = strstr(line, "): ");
    return content ? content : line;
}

/* Names and promised sizes may differ: no checksum is over a zip's names. */
static bool have_same_content(const text *a, const text *b)
{
    const char *one = shown(a), *other = shown(b);
    while (*one && *other) {
        one = content_of(one);
        other = content_of(other);
        size_t size = strcspn(one, "\n");
        if (strncmp(one, other, size + 1) != 0)
            return false;
        one += size + 1;
        other += size + 1;
    }
    return *one == *other;
}

/* Every bit of `made` from byte `from` up to `to`: whatever ends well has lost nothing. Returns how
 * many were told. */
static size_t flip_bits(const cp_container *container, text *made, size_t from, size_t to,
                        manner how)
{
    text whole = {0};
    size_t told = 0;
    list_archive(&whole, container, bytes_of(made), how);
    for (size_t bit = from * 8; bit < to * 8; bit++) {
        text found = {0};
        made->bytes[bit / 8] ^= (char)(1 << bit % 8);
        list_archive(&found, container, bytes_of(made), how);
        made->bytes[bit / 8] ^= (char)(1 << bit % 8);
        bool unharmed = ends_with(&found, "end\n");
        told += !unharmed;
        if (unharmed && !have_same_content(&found, &whole))
            fail_msg("%s, bit %zu: %s", container->name, bit, shown(&found));
        text_free(&found);
    }
    text_free(&whole);
    return told;
}

static const entry two_lines[] = {
    {.name = "a", .content = {(const uint8_t *)"one line", 8}},
    {.name = "b", .content = {(const uint8_t *)"two lines", 9}},
};

/* A tar has checksums over its headers alone. */
static void test_flips_in_tar_headers(void **state)
{
    (void)state;
    text made = make_tar(two_lines, 2);
    size_t told = 0;
    for (size_t at = 0; at < made.size; at += 2 * (size_t)TAR_BLOCK)
        told += flip_bits(&cp_container_tar, &made, at, at + TAR_BLOCK, at_once);
    assert_true(told > 3 * TAR_BLOCK * 8 * 9 / 10);
    text_free(&made);
}

static void test_flips_in_zip(void **state)
{
    (void)state;
    zip z = {0};
    put_zip_bytes(&z, cp_span_of("a"), two_lines[0].content);
    put_zip_bytes(&z, cp_span_of("b"), two_lines[1].content);
    size_t directory, entry_bytes = z.directory.size / 2;
    text made = zip_end(&z, "", &directory);
    size_t told = flip_bits(&cp_container_zip, &made, 0, made.size, at_once);
    assert_true(told > made.size * 8 / 3);
    /* An attribute of MS-DOS may say that an entry is a folder: then it is one. */
    size_t attributes[] = {directory + ZIP_DIRECTORY_ATTRIBUTES_AT,
                           directory + entry_bytes + ZIP_DIRECTORY_ATTRIBUTES_AT};
    told =
        flip_bits(&cp_container_zip, &made, 0, attributes[0], at_once_from_file) +
        flip_bits(&cp_container_zip, &made, attributes[0] + 4, attributes[1], at_once_from_file) +
        flip_bits(&cp_container_zip, &made, attributes[1] + 4, made.size, at_once_from_file);
    assert_true(told > made.size * 8 / 2);
    text_free(&made);
}

static void test_flips_in_7z(void **state)
{
    (void)state;
    text made[] = {make_stored_7z(two_lines, 2), make_lzma_7z(two_lines, 2)};
    for (size_t i = 0; i < 2; i++) {
        size_t told = flip_bits(&cp_container_7z, &made[i], 0, made[i].size, at_once_from_file);
        assert_true(told > made[i].size * 8 * 8 / 10);
        text_free(&made[i]);
    }
}

/* ---- members that a damaged header hides ---- */

static void test_member_lost_in_zip(void **state)
{
    (void)state;
    for (size_t lost = 0; lost < 2; lost++) {
        zip z = {0};
        put_zip(&z, "a", "first");
        size_t second = z.bytes.size;
        put_zip(&z, "b", "second");
        put_zip(&z, "c", "third");
        size_t at = lost ? z.bytes.size - 5 - 1 - ZIP_LOCAL_BYTES : second;
        text whole = zip_end(&z, "", NULL);
        whole.bytes[at] = 'X';
        assert_archive(
            &cp_container_zip, bytes_of(&whole), PIPE,
            lost ? "a (5): first\nb (6): second\n"
                   "-1, corrupt_input: the zip archive is damaged: its directory counts 3 "
                   "entries, 2 were found\n"
                 : "a (5): first\nc (5): third\n"
                   "-1, corrupt_input: the zip archive is damaged: its directory counts 3 "
                   "entries, 2 were found\n");
        text_free(&whole);
    }
}

/* libarchive searches on, and finds the next header, or the trailer. */
static void test_member_lost_in_cpio(void **state)
{
    (void)state;
    text t = {0};
    put_odc(&t, "a", CPIO_FILE, 1, cp_span_of("first"));
    size_t second = t.size;
    put_odc(&t, "b", CPIO_FILE, 2, cp_span_of("second"));
    put_odc(&t, "TRAILER!!!", 0, 0, nothing);
    put_zeros(&t, 200);
    t.bytes[second] = '1';
    assert_archive(
        &cp_container_cpio, bytes_of(&t), PIPE,
        "a (5): first\n-1, corrupt_input: the cpio archive is damaged: what stands before "
        "its end mark is no member\n");
    text_free(&t);
}

/* libarchive does not look for the magic number of an old binary header. */
static void test_no_header_in_binary_cpio(void **state)
{
    (void)state;
    text t = {0};
    put_binary_cpio(&t, "a", CPIO_FILE, cp_span_of("first"), true);
    size_t second = t.size;
    put_binary_cpio(&t, "b", CPIO_FILE, cp_span_of("second"), true);
    put_binary_cpio(&t, "TRAILER!!!", 0, nothing, true);
    t.bytes[second] = 'x';
    assert_archive(&cp_container_cpio, bytes_of(&t), PIPE,
                   "a (5): first\n-1, corrupt_input: the cpio archive is damaged: no header stands "
                   "where the next member should begin\n");
    text_free(&t);
}

static void test_entry_counts(void **state)
{
    (void)state;
    enum { END_BYTES = 22, COUNT_AT = 10 };
    static const struct {
        unsigned count;
        const char *expected;
    } cases[] = {
        {1, "a (1): a\nend\n"},
        {CP_ZIP_COUNT_ELSEWHERE, "a (1): a\nend\n"},
        {2, "a (1): a\n-1, corrupt_input: the zip archive is damaged: its directory counts 2 "
            "entries, 1 were found\n"},
        {0, "a (1): a\n-1, corrupt_input: the zip archive is damaged: its directory counts 0 "
            "entries, 1 were found\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zip z = {0};
        put_zip(&z, "a", "a");
        text whole = zip_end(&z, "", NULL);
        set_little(&whole, whole.size - END_BYTES + COUNT_AT, cases[i].count, 2);
        assert_archive(&cp_container_zip, bytes_of(&whole), PIPE, cases[i].expected);
        text_free(&whole);
    }
}

/* 65537 entries in a directory that counts to 65535. */
static void test_entry_counts_run_over(void **state)
{
    (void)state;
    zip z = {0};
    text found = {0};
    for (size_t i = 0; i < 65537; i++)
        put_zip(&z, "folder/", "");
    z.count = 65537;
    text whole = zip_end(&z, "", NULL);
    list_archive(&found, &cp_container_zip, bytes_of(&whole), at_once);
    assert_string_equal(shown(&found), "end\n");
    text_free(&found);
    text_free(&whole);
}

/* ---- ends ---- */

#define MISSING "-1, truncated_input: the tar archive is cut off: its end mark is missing\n"
#define GARBAGE "-1, corrupt_input: trailing garbage behind the end mark of the tar archive\n"

static void test_tar_ends(void **state)
{
    (void)state;
    static const struct {
        size_t zeros;
        const char *behind, *expected;
    } cases[] = {
        {0, "", "a (1): a\n" MISSING},
        {512, "", "a (1): a\n" MISSING},
        {1024, "", "a (1): a\nend\n"},
        {1024 + 512, "", "a (1): a\nend\n"},
        {10240, "", "a (1): a\nend\n"},
        {200 * 512, "", "a (1): a\nend\n"},
        {1024 + 511, "", "a (1): a\nend\n"},
        {1025, "", "a (1): a\nend\n"},
        {1023, "", "a (1): a\n" MISSING},
        {1024 + 511, "x", "a (1): a\n" GARBAGE},
        {200 * 512 - 1, "x", "a (1): a\n" GARBAGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t = {0};
        put_tar(&t, "a", "a");
        put_zeros(&t, cases[i].zeros);
        put(&t, "%s", cases[i].behind);
        assert_archive(&cp_container_tar, bytes_of(&t), PIPE, cases[i].expected);
        text_free(&t);
    }
}

/* The bytes of a member are no end mark, whatever they are. */
static void test_tar_cut_behind_zeros(void **state)
{
    (void)state;
    static const size_t sizes[] = {1024, 1536, 70000, 200 * 512};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        text zeros = {0}, t = {0}, expected = {0};
        put_zeros(&zeros, sizes[i]);
        put_tar_bytes(&t, "zeros", '0', bytes_of(&zeros));
        put(&expected, "zeros (%zu): {%zu zeros}\n" MISSING, sizes[i], sizes[i]);
        assert_archive(&cp_container_tar, bytes_of(&t), PIPE, shown(&expected));
        text_free(&zeros);
        text_free(&t);
        text_free(&expected);
    }
}

static void test_two_tars(void **state)
{
    (void)state;
    text t = {0};
    put_tar(&t, "a", "a");
    put_tar_end(&t);
    put_tar(&t, "b", "lost without a word, if it were no error");
    put_tar_end(&t);
    assert_archive(&cp_container_tar, bytes_of(&t), PIPE, "a (1): a\n" GARBAGE);
    text_free(&t);
}

static void test_pax_header_before_end(void **state)
{
    (void)state;
    text t = {0};
    put_tar(&t, "a", "a");
    put_tar_bytes(&t, "PaxHeader", 'g', cp_span_of("13 comment=x\n"));
    put_tar_end(&t);
    assert_archive(&cp_container_tar, bytes_of(&t), PIPE, "a (1): a\nend\n");
    text_free(&t);
}

static void test_cpio_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        text t = {0};
        void (*put_entry)(text *, const char *, unsigned, unsigned, cp_span) =
            i ? put_odc : put_newc;
        put_entry(&t, "a", CPIO_FILE, 1, cp_span_of("a"));
        put_entry(&t, "TRAILER!!!", 0, 0, nothing);
        assert_archive(&cp_container_cpio, bytes_of(&t), PIPE, "a (1): a\nend\n");
        put_zeros(&t, 100000);
        assert_archive(&cp_container_cpio, bytes_of(&t), PIPE, "a (1): a\nend\n");
        put_entry(&t, "b", CPIO_FILE, 1, cp_span_of("b"));
        assert_archive(
            &cp_container_cpio, bytes_of(&t), PIPE,
            "a (1): a\n-1, corrupt_input: trailing garbage behind the end mark of the cpio "
            "archive\n");
        text_free(&t);
    }
}

static void test_zip_ends(void **state)
{
    (void)state;
    text comment = {0};
    for (size_t i = 0; i < 65535; i++)
        put(&comment, "c");
    const char *const comments[] = {"", "a comment", "PK\x05\x06 is no end", comment.bytes};
    for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
        zip z = {0};
        put_zip(&z, "a", "a");
        text whole = zip_end(&z, comments[i], NULL);
        assert_archive(&cp_container_zip, bytes_of(&whole), EITHER, "a (1): a\nend\n");
        put(&whole, "x");
        assert_archive(
            &cp_container_zip, bytes_of(&whole), FILE_PATH,
            "-1, corrupt_input: trailing garbage behind the end mark of the zip archive\n");
        assert_archive(&cp_container_zip, bytes_of(&whole), PIPE,
                       "a (1): a\n-1, corrupt_input: trailing garbage behind the end mark of the "
                       "zip archive\n");
        text_free(&whole);
    }
    text_free(&comment);
}

/* ---- sizes that are not true ---- */

static void test_tar_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *size; /* the field's twelve bytes */
        const char *expected;
    } cases[] = {
        {"00000007777\0",
         "a (4095): aaa{1533 zeros}\n"
         "-1, truncated_input: the tar archive is cut off: Truncated tar archive\n"},
        {"\x80\0\0\0\0\0\0\x01\0\0\0\0",
         "a (4294967296): aaa{1533 zeros}\n"
         "-1, truncated_input: the tar archive is cut off: Truncated tar archive\n"},
        {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
         "-1, corrupt_input: the tar archive is damaged: Tar entry has negative size\n"},
        {"\x80\0\0\0\x80\0\0\0\0\0\0\0",
         "-1, corrupt_input: the tar archive is damaged: Tar entry size overflow\n"},
        {"-0000000001\0",
         "-1, corrupt_input: the tar archive is damaged: Unrecognized archive format\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t = {0};
        put_tar(&t, "a", "aaa");
        put_tar_end(&t);
        memcpy(t.bytes + TAR_SIZE_AT, cases[i].size, TAR_SIZE_DIGITS + 1);
        sign_tar_header(&t, 0);
        assert_archive(&cp_container_tar, bytes_of(&t), PIPE, cases[i].expected);
        text_free(&t);
    }
}

static void test_pax_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *record, *expected;
    } cases[] = {
        {"10 size=2\n", "a (2): aa\nend\n"},
        {"11 size=-1\n",
         "-1, corrupt_input: the tar archive is damaged: Tar size attribute is negative\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t = {0};
        put_tar_bytes(&t, "PaxHeader", 'x', cp_span_of(cases[i].record));
        put_tar(&t, "a", "aaa");
        put_tar_end(&t);
        assert_archive(&cp_container_tar, bytes_of(&t), PIPE, cases[i].expected);
        text_free(&t);
    }
}

/* `at` in the local header of the first member, or in its entry of the directory. */
static void expect_zip_size(bool in_directory, size_t at, uint64_t size, int ways,
                            const char *expected)
{
    zip z = {0};
    size_t directory;
    put_zip(&z, "a", "one line");
    put_zip(&z, "b", "two lines");
    text whole = zip_end(&z, "", &directory);
    set_little(&whole, (in_directory ? directory : 0) + at, size, 4);
    assert_archive(&cp_container_zip, bytes_of(&whole), ways, expected);
    text_free(&whole);
}

static void test_zip_sizes(void **state)
{
    (void)state;
    expect_zip_size(false, ZIP_PLAIN_AT, 9, PIPE,
                    "a (9): one line\n-1, corrupt_input: the zip archive is damaged: ZIP "
                    "uncompressed data is wrong size (read 8, expected 9)\n");
    expect_zip_size(
        false, ZIP_PLAIN_AT, 9, FILE_PATH,
        "-1, corrupt_input: the zip archive is damaged: Inconsistent uncompressed size: 8 "
        "in central directory, 9 in local header\n");
    expect_zip_size(
        false, ZIP_COMPRESSED_AT, 1 << 20, FILE_PATH,
        "-1, corrupt_input: the zip archive is damaged: Inconsistent compressed size: 8 in "
        "central directory, 1048576 in local header\n");
    expect_zip_size(
        true, ZIP_DIRECTORY_PLAIN_AT, 9, FILE_PATH,
        "-1, corrupt_input: the zip archive is damaged: Inconsistent uncompressed size: 9 "
        "in central directory, 8 in local header\n");
    expect_zip_size(
        true, ZIP_DIRECTORY_COMPRESSED_AT, 9, FILE_PATH,
        "-1, corrupt_input: the zip archive is damaged: Inconsistent compressed size: 9 in "
        "central directory, 8 in local header\n");
}

/* Whatever follows is taken for the member's bytes; it ends too early. */
static void test_zip_size_beyond_end(void **state)
{
    (void)state;
    zip z = {0};
    text found = {0};
    put_zip(&z, "a", "one line");
    text whole = zip_end(&z, "", NULL);
    set_little(&whole, ZIP_COMPRESSED_AT, 1 << 20, 4);
    list_archive(&found, &cp_container_zip, bytes_of(&whole), at_once);
    assert_ptr_equal(strstr(shown(&found), "a (8): one linePK"), found.bytes);
    assert_true(ends_with(&found, "\n-1, truncated_input: the zip archive is cut off: Truncated "
                                  "ZIP file data\n"));
    text_free(&found);
    text_free(&whole);
}

static void test_cpio_size_beyond_end(void **state)
{
    (void)state;
    enum { NEWC_SIZE_AT = 54 };
    text t = {0}, found = {0};
    put_newc(&t, "a", CPIO_FILE, 1, cp_span_of("first"));
    put_newc(&t, "TRAILER!!!", 0, 0, nothing);
    memcpy(t.bytes + NEWC_SIZE_AT, "7FFFFFFF", 8);
    list_archive(&found, &cp_container_cpio, bytes_of(&t), at_once);
    assert_ptr_equal(strstr(shown(&found), "a (2147483647): first"), found.bytes);
    assert_true(ends_with(&found, "\n-1, truncated_input: the cpio archive is cut off: it ends too "
                                  "early\n"));
    text_free(&found);
    text_free(&t);
}

/* ---- checksums ---- */

static void test_checksums(void **state)
{
    (void)state;
    text t = {0};
    put_tar(&t, "a", "first");
    put_tar(&t, "b", "second");
    put_tar_end(&t);
    t.bytes[2 * TAR_BLOCK + 1] = 'x';
    assert_archive(
        &cp_container_tar, bytes_of(&t), PIPE,
        "a (5): first\n"
        "-1, corrupt_input: in or behind a the tar archive is damaged: Damaged tar archive\n");
    text_free(&t);
    zip z = {0};
    put_zip(&z, "a", "wrong");
    put_zip(&z, "b", "not looked at");
    t = zip_end(&z, "", NULL);
    t.bytes[ZIP_LOCAL_BYTES + 1] = 'W';
    assert_archive(&cp_container_zip, bytes_of(&t), EITHER,
                   "a (5): Wrong\n-1, corrupt_input: the zip archive is damaged: ZIP bad CRC: "
                   "0xe604b21e should be 0x27c59d1a\n");
    text_free(&t);
}

/* All bytes come before the error, in whatever sizes they are read. */
static void test_good_bytes_first(void **state)
{
    (void)state;
    enum { CONTENT_BYTES = 300000 };
    text content = {0}, expected = {0};
    put_zeros(&content, CONTENT_BYTES);
    zip z = {0};
    put_zip_bytes(&z, cp_span_of("a"), bytes_of(&content));
    text whole = zip_end(&z, "", NULL);
    whole.bytes[ZIP_LOCAL_BYTES + CONTENT_BYTES / 2] = 'x';
    put(&expected, "a (%d): {%d zeros}x{%d zeros}\n", CONTENT_BYTES, CONTENT_BYTES / 2 - 1,
        CONTENT_BYTES / 2);
    for (size_t size = 1; size <= 1 << 20; size *= 32) {
        text found = {0};
        list_archive(&found, &cp_container_zip, bytes_of(&whole), (manner){SIZE_MAX, size, false});
        assert_memory_equal(found.bytes, expected.bytes, expected.size);
        assert_non_null(
            strstr(found.bytes, "-1, corrupt_input: the zip archive is damaged: ZIP bad"));
        text_free(&found);
    }
    text_free(&whole);
    text_free(&content);
    text_free(&expected);
}

/* ---- encryption ---- */

static void test_encrypted_zip(void **state)
{
    (void)state;
    zip z = {0};
    size_t directory;
    put_zip(&z, "a", "plain");
    size_t second = z.bytes.size, second_entry = z.directory.size;
    put_zip(&z, "b", "a header of twelve bytes, and so on");
    text whole = zip_end(&z, "", &directory);
    set_little(&whole, second + ZIP_FLAGS_AT, ZIP_ENCRYPTED, 2);
    set_little(&whole, directory + second_entry + ZIP_FLAGS_AT + 2, ZIP_ENCRYPTED, 2);
    assert_archive(&cp_container_zip, bytes_of(&whole), EITHER,
                   "a (5): plain\nb (35): \n-1, encrypted_input: the member is encrypted\n");
    text_free(&whole);
}

/* A 7z archive whose header is packed by AES: signature header, one packed byte, encoded header
 * (7-Zip, DOC/7zFormat.txt; the method's number is in DOC/Methods.txt). */
static void test_encrypted_7z_header(void **state)
{
    (void)state;
    static const uint8_t header[] = {
        0x17,                                  /* encoded header */
        0x06, 0,    1,    0x09, 1,    0,       /* packed: at 0, one stream of 1 byte */
        0x07, 0x0B, 1,    0,    1,             /* one folder, one coder: */
        0x24, 0x06, 0xF1, 0x07, 0x01, 2, 0, 0, /* AES-256, two bytes of properties */
        0x0C, 1,    0,    0,                   /* 1 byte unpacked */
    };
    text t = {0}, where = {0};
    put_little(&where, 1, 8); /* behind the packed byte */
    put_little(&where, sizeof header, 8);
    put_little(&where, crc32_z(0, header, sizeof header), 4);
    put_bytes(&t, "7z\xBC\xAF\x27\x1C\0\4", 8);
    put_little(&t, crc32_z(0, (const uint8_t *)where.bytes, where.size), 4);
    put_bytes(&t, where.bytes, where.size);
    put_bytes(&t, "?", 1);
    put_bytes(&t, header, sizeof header);
    assert_archive(
        &cp_container_7z, bytes_of(&t), FILE_PATH,
        "-1, encrypted_input: the 7z archive is encrypted: The archive header is encrypted, "
        "but currently not supported\n");
    text_free(&where);
    text_free(&t);
}

/* ---- failures below ---- */

/* What fails under the archive comes up in its own words, behind what came before it. */
static void test_failing_source(void **state)
{
    (void)state;
    text t = {0};
    put_tar(&t, "a", "first");
    put_tar(&t, "b", "second");
    put_tar_end(&t);
    static const struct {
        size_t at;
        const char *expected;
    } cases[] = {{0, "-6, read_failed: cannot read\n"},
                 {TAR_BLOCK + 3, "a (5): fir\n-6, read_failed: cannot read\n"},
                 {2 * TAR_BLOCK, "a (5): first\n-6, read_failed: cannot read\n"},
                 {5 * TAR_BLOCK, "a (5): first\nb (6): second\n-6, read_failed: cannot read\n"},
                 {6 * TAR_BLOCK, "a (5): first\nb (6): second\n-6, read_failed: cannot read\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text found = {0};
        cp_error err = {0};
        cp_pool *pool;
        cp_source *source;
        cp_archive *archive;
        memory_stream *stream = memory_stream_open(bytes_of(&t), 100, NULL);
        stream->fails_at = cases[i].at;
        assert_int_equal(cp_pool_new(3000, &pool, NULL), CP_OK);
        assert_int_equal(cp_buffered_source_open(&stream->base, pool, &source, NULL), CP_OK);
        cp_rc rc = cp_container_tar.open(source, NULL, &archive, &err);
        if (!rc) {
            rc = put_members(&found, archive, 1000, &err);
            archive->close(archive);
        }
        put(&found, "%d, %s: %s\n", rc, err.reason, err.message);
        assert_string_equal(shown(&found), cases[i].expected);
        text_free(&found);
        cp_pool_free(pool);
    }
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_flips_in_tar_headers),
        cmocka_unit_test(test_flips_in_zip),
        cmocka_unit_test(test_flips_in_7z),
        cmocka_unit_test(test_member_lost_in_zip),
        cmocka_unit_test(test_member_lost_in_cpio),
        cmocka_unit_test(test_no_header_in_binary_cpio),
        cmocka_unit_test(test_entry_counts),
        cmocka_unit_test(test_entry_counts_run_over),
        cmocka_unit_test(test_tar_ends),
        cmocka_unit_test(test_tar_cut_behind_zeros),
        cmocka_unit_test(test_two_tars),
        cmocka_unit_test(test_pax_header_before_end),
        cmocka_unit_test(test_cpio_ends),
        cmocka_unit_test(test_zip_ends),
        cmocka_unit_test(test_tar_sizes),
        cmocka_unit_test(test_pax_sizes),
        cmocka_unit_test(test_zip_sizes),
        cmocka_unit_test(test_zip_size_beyond_end),
        cmocka_unit_test(test_cpio_size_beyond_end),
        cmocka_unit_test(test_checksums),
        cmocka_unit_test(test_good_bytes_first),
        cmocka_unit_test(test_encrypted_zip),
        cmocka_unit_test(test_encrypted_7z_header),
        cmocka_unit_test(test_failing_source),
    };
    return cmocka_run_group_tests(tests, start_random, NULL);
}
