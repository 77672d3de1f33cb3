/* Runs a fuzz target over files, without a fuzzer: corpora are tests, too.
 *
 *     fuzz_NAME PATH...
 *
 * Each PATH is a file, or a folder whose files are taken in order of their names. A folder without
 * files is an error: a test that tests nothing. */
#include "tests/fuzz/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static bool give_up(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return false;
}

/* The bytes lie in an allocation of just their size, so that a sanitizer sees the end. */
static bool run_bytes(FILE *file, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    bool ok = bytes && fread(bytes, 1, size, file) == size;
    if (ok)
        LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return ok;
}

static bool run_file(const char *path, size_t *count)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file)
        return give_up(path, "cannot open");
    bool ok = fstat(fileno(file), &status) == 0 && run_bytes(file, (size_t)status.st_size);
    fclose(file);
    ++*count;
    return ok || give_up(path, "cannot read");
}

static int no_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool run_folder(const char *path, size_t *count)
{
    struct dirent **entries;
    int entry_count = scandir(path, &entries, no_hidden, alphasort);
    if (entry_count < 0)
        return give_up(path, "cannot list");
    bool ok = entry_count > 0 || give_up(path, "holds no files");
    for (int i = 0; i < entry_count; i++) {
        char *name = NULL;
        ok = ok && asprintf(&name, "%s/%s", path, entries[i]->d_name) > 0 && run_file(name, count);
        free(name);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool run_path(const char *path, size_t *count)
{
    struct stat status;
    if (stat(path, &status))
        return give_up(path, "no such file or folder");
    return S_ISDIR(status.st_mode) ? run_folder(path, count) : run_file(path, count);
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        if (!run_path(argv[i], &count))
            return 1;
    printf("%zu inputs\n", count);
    return count ? 0 : 1;
}
