/* A folder for the files of one test, and small files written and read whole. */
#ifndef CP_TESTS_UNIT_FOLDER_H
#define CP_TESTS_UNIT_FOLDER_H

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX / 4];

/* Setup and teardown of a test that wants the folder. */
static inline int make_folder(void **state)
{
    (void)state;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/casepipe-test-XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
                               struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static inline int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of `name` in the folder; good until eight more have been asked for. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];
    int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    assert_in_range(n, 1, PATH_MAX - 1);
    return path;
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (size) /* no bytes may be no pointer */
        assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text_file(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

/* The caller frees; a 0 stands behind the bytes. */
static inline char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long bytes = ftell(file);
    assert_true(bytes >= 0);
    rewind(file);
    char *text = malloc((size_t)bytes + 1);
    assert_non_null(text);
    *size = fread(text, 1, (size_t)bytes, file);
    assert_int_equal(*size, bytes);
    assert_int_equal(fclose(file), 0);
    text[*size] = '\0';
    return text;
}

static inline void assert_file_holds(const char *path, const char *text)
{
    size_t size;
    char *found = read_file(path, &size);
    assert_string_equal(found, text);
    free(found);
}

/* Entries of the folder `path`, "." and ".." not counted. */
static inline size_t entries_in(const char *path)
{
    DIR *listing = opendir(path);
    assert_non_null(listing);
    size_t count = 0;
    for (const struct dirent *entry = readdir(listing); entry; entry = readdir(listing))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(listing);
    return count;
}

/* What is open now: equal before and after, nothing has leaked. */
static inline size_t open_files(void)
{
    return entries_in("/proc/self/fd");
}

#endif
