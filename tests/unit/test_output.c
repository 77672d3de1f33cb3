/* pipeline/io/output.h: published whole or not at all, whatever fails and whenever.
 *
 *   output --write, fsync, sync_file_range, rename--> this program's own of these names --> the
 * kernel
 *
 * so that a test can make each of them fail or do less than it was asked. */
#include "pipeline/io/output.h"
#include "pipeline/io/publish.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"
#include "tests/unit/random.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { BUFFER_BYTES = 256 * 1024, OUTPUTS_MAX = 64, NOBODY = 65534 };

/* ---- faults ---- */

/* A call that fails: after `left` good ones, `times` times, with `number`. */
typedef struct fault {
    int left, times, number;
} fault;

static fault write_fault, fsync_fault, rename_fault, behind_fault;
static size_t write_most = SIZE_MAX; /* a write takes no more than that */

static bool strikes(fault *f)
{
    if (f->times == 0 || f->left-- > 0)
        return false;
    f->left = 0;
    f->times--;
    errno = f->number;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (strikes(&write_fault))
        return -1;
    return syscall(SYS_write, fd, bytes, size < write_most ? size : write_most);
}

int fsync(int fd)
{
    return strikes(&fsync_fault) ? -1 : (int)syscall(SYS_fsync, fd);
}

static struct {
    int calls;
    off_t end; /* how far the file is on its way to the disk */
} behind;

int sync_file_range(int fd, off_t from, off_t count, unsigned flags)
{
    behind.calls++;
    if (strikes(&behind_fault))
        return -1;
    if (flags == SYNC_FILE_RANGE_WRITE)
        behind.end = from + count;
    return (int)syscall(SYS_sync_file_range, fd, from, count, flags);
}

int rename(const char *from, const char *to)
{
    return strikes(&rename_fault) ? -1
                                  : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- the usual ---- */

static const char *target, *temporary;
static size_t files_before;

static int start(void **state)
{
    if (make_folder(state))
        return -1;
    static char names[2][PATH_MAX];
    snprintf(names[0], PATH_MAX, "%s", in_folder("out.txt"));
    snprintf(names[1], PATH_MAX, "%s", in_folder(".out.txt.casepipe-tmp"));
    target = names[0];
    temporary = names[1];
    write_fault = fsync_fault = rename_fault = behind_fault = (fault){0};
    behind.calls = 0;
    behind.end = 0;
    write_most = SIZE_MAX;
    files_before = open_files();
    return 0;
}

static void step_up(void)
{
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
}

/* No test may leave a file open or a temporary one behind. */
static int end(void **state)
{
    step_up(); /* where a test was left in its middle */
    bool clean = open_files() == files_before && access(temporary, F_OK) != 0;
    return remove_folder(state) || !clean;
}

static cp_output *open_output(const char *path)
{
    cp_output *output;
    cp_error err = {0};
    cp_rc rc = cp_output_open(path, &output, &err);
    if (rc)
        fail_msg("%s: %s", path, err.message);
    return output;
}

static void put(cp_output *output, const char *text)
{
    assert_int_equal(cp_write(cp_output_writer(output), text, strlen(text), NULL), CP_OK);
}

static void expect_not_opened(const char *path, cp_rc rc, const char *reason)
{
    cp_error err = {0};
    cp_output *output;
    assert_int_equal(cp_output_open(path, &output, &err), rc);
    assert_int_equal(err.rc, rc);
    assert_string_equal(err.reason, reason);
    assert_int_equal(strncmp(err.input, path, CP_ERROR_PATH_BYTES - 1), 0);
    assert_int_equal(open_files(), files_before);
    assert_int_equal(cp_output_open(path, &output, NULL), rc);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

/* ---- publishing ---- */

static void test_new_file(void **state)
{
    (void)state;
    mode_t mask = umask(027);
    cp_output *output = open_output(target);
    assert_true(exists(temporary));
    put(output, "one\n");
    put(output, "two\n");
    assert_false(exists(target));
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    assert_file_holds(target, "one\ntwo\n");
    assert_false(exists(temporary));
    cp_output_close(output);
    umask(mask);
    assert_file_holds(target, "one\ntwo\n");
    assert_int_equal(mode_of(target), 0640);
    assert_int_equal(entries_in(folder), 1);
}

static void test_not_published(void **state)
{
    (void)state;
    cp_output *output = open_output(target);
    put(output, "half");
    assert_int_equal(cp_output_writer(output)->finish(cp_output_writer(output), NULL), CP_OK);
    assert_file_holds(temporary, "half");
    cp_output_close(output);
    assert_int_equal(entries_in(folder), 0);
    cp_output_close(NULL);
}

static void test_closing_by_the_writer(void **state)
{
    (void)state;
    cp_writer *writer = cp_output_writer(open_output(target));
    assert_int_equal(cp_write(writer, "x", 1, NULL), CP_OK);
    writer->close(writer);
    assert_int_equal(entries_in(folder), 0);
}

/* Whoever has the old file open keeps reading it; the name changes over at once. */
static void test_replaces_whole(void **state)
{
    (void)state;
    write_text_file(target, "the old and longer text\n");
    int old = open(target, O_RDONLY | O_CLOEXEC);
    cp_output *output = open_output(target);
    put(output, "new\n");
    assert_file_holds(target, "the old and longer text\n");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(target, "new\n");
    char text[4];
    assert_int_equal(read(old, text, 4), 4);
    assert_memory_equal(text, "the ", 4);
    assert_int_equal(close(old), 0);
}

static void test_old_file_stays_without_publish(void **state)
{
    (void)state;
    write_text_file(target, "old");
    cp_output *output = open_output(target);
    put(output, "new");
    cp_output_close(output);
    assert_file_holds(target, "old");
    assert_int_equal(entries_in(folder), 1);
}

static void test_nothing_written(void **state)
{
    (void)state;
    cp_output *output = open_output(target);
    assert_int_equal(cp_write(cp_output_writer(output), "", 0, NULL), CP_OK);
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(target, "");
}

/* Pieces of all sizes around the buffer's; the kernel takes odd amounts. */
static void test_sizes(void **state)
{
    (void)state;
    random_start(UINT64_C(20260220));
    enum { TOTAL = 3 * BUFFER_BYTES };
    char *bytes = malloc(TOTAL);
    assert_non_null(bytes);
    for (size_t i = 0; i < TOTAL; i++)
        bytes[i] = (char)random_bits();
    for (int round = 0; round < 20; round++) {
        size_t at = 0, most = round % 2 ? 1000 : 2 * BUFFER_BYTES;
        write_most = round % 3 ? 1 + (size_t)random_below(100000) : SIZE_MAX;
        cp_output *output = open_output(target);
        while (at < TOTAL) {
            size_t size = (size_t)random_below(most);
            size = size < TOTAL - at ? size : TOTAL - at;
            assert_int_equal(cp_write(cp_output_writer(output), bytes + at, size, NULL), CP_OK);
            at += size;
        }
        assert_int_equal(cp_output_publish(output, NULL), CP_OK);
        cp_output_close(output);
        size_t size;
        char *found = read_file(target, &size);
        assert_int_equal(size, TOTAL);
        assert_memory_equal(found, bytes, TOTAL);
        free(found);
    }
    free(bytes);
}

static void test_interrupted_writes_go_on(void **state)
{
    (void)state;
    cp_output *output = open_output(target);
    put(output, "text");
    write_fault = (fault){0, 3, EINTR};
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_int_equal(write_fault.times, 0);
    assert_file_holds(target, "text");
}

/* ---- permissions and links ---- */

static void test_mode_is_kept(void **state)
{
    (void)state;
    static const mode_t modes[] = {0600, 0640, 0444, 0755, 0400};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        unlink(target);
        write_text_file(target, "old");
        assert_int_equal(chmod(target, modes[i]), 0);
        cp_output *output = open_output(target);
        assert_int_equal(mode_of(temporary) & ~modes[i] & 077, 0); /* never more for others */
        put(output, "new");
        assert_int_equal(cp_output_publish(output, NULL), CP_OK);
        cp_output_close(output);
        assert_int_equal(mode_of(target), modes[i]);
        assert_file_holds(target, "new");
    }
}

static void test_links_are_kept(void **state)
{
    (void)state;
    const char *sub = in_folder("sub"), *file = in_folder("sub/file"), *link = in_folder("link");
    assert_int_equal(mkdir(sub, 0755), 0);
    write_text_file(file, "old");
    assert_int_equal(symlink("sub/file", link), 0);
    assert_int_equal(symlink("link", target), 0); /* a link to a link */
    cp_output *output = open_output(target);
    assert_true(exists(in_folder("sub/.file.casepipe-tmp")));
    put(output, "new");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(file, "new");
    char leads_to[100] = "";
    assert_int_equal(readlink(link, leads_to, sizeof leads_to - 1), 8);
    assert_string_equal(leads_to, "sub/file");
    assert_int_equal(entries_in(sub), 1);
}

/* ---- what cannot be created ---- */

static void test_impossible_targets(void **state)
{
    (void)state;
    char long_name[PATH_MAX + 100], long_component[600];
    memset(long_name, '/', sizeof long_name - 1);
    memcpy(long_name + sizeof long_name - 3, "xx", 3);
    int used = snprintf(long_component, sizeof long_component, "%s/", folder);
    memset(long_component + used, 'n', 250); /* a name that exists; its temporary one does not */
    long_component[used + 250] = '\0';
    write_text_file(in_folder("file"), "x");
    expect_not_opened(folder, CP_E_CREATE, "cannot_create");
    expect_not_opened(in_folder("none/out"), CP_E_CREATE, "cannot_create");
    expect_not_opened(in_folder("file/out"), CP_E_CREATE, "cannot_create");
    expect_not_opened(in_folder("none/"), CP_E_CREATE, "cannot_create");
    expect_not_opened(long_name, CP_E_CREATE, "cannot_create");
    expect_not_opened(long_component, CP_E_CREATE, "cannot_create");
    expect_not_opened("", CP_E_CREATE, "cannot_create");
    expect_not_opened(".", CP_E_CREATE, "cannot_create");
    assert_int_equal(entries_in(folder), 1);
}

/* Somebody's link in place of the temporary file is not followed. */
static void test_temporary_name_is_taken(void **state)
{
    (void)state;
    const char *victim = in_folder("victim");
    write_text_file(victim, "precious");
    assert_int_equal(symlink(victim, temporary), 0);
    expect_not_opened(target, CP_E_CREATE, "cannot_create");
    assert_file_holds(victim, "precious");
    assert_int_equal(unlink(temporary), 0);
    assert_int_equal(mkdir(temporary, 0755), 0);
    write_text_file(in_folder(".out.txt.casepipe-tmp/precious"), "precious");
    expect_not_opened(target, CP_E_CREATE, "cannot_create");
    assert_file_holds(in_folder(".out.txt.casepipe-tmp/precious"), "precious");
    assert_int_equal(unlink(in_folder(".out.txt.casepipe-tmp/precious")), 0);
    assert_int_equal(rmdir(temporary), 0);
}

/* A killed run was to write parts, this one a file. */
static void test_leftover_folder_is_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(temporary, 0755), 0);
    write_text_file(in_folder(".out.txt.casepipe-tmp/part-00000.any"), "whole");
    write_text_file(in_folder(".out.txt.casepipe-tmp/.part-00001.any.casepipe-tmp"), "half");
    cp_output *output = open_output(target);
    put(output, "new");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(target, "new");
    assert_int_equal(entries_in(folder), 1);
}

/* Permissions do not bind root: it steps down for the while. */
static bool step_down(void)
{
    assert_int_equal(chmod(folder, 0777), 0);
    return geteuid() != 0 || seteuid(NOBODY) == 0;
}

static void test_folder_is_not_writable(void **state)
{
    (void)state;
    assert_int_equal(chmod(folder, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    cp_error err = {0};
    cp_output *output;
    cp_rc rc = cp_output_open(target, &output, &err);
    step_up();
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(rc, CP_E_CREATE);
    assert_string_equal(err.reason, "cannot_create");
    assert_non_null(strstr(err.message, "Permission denied"));
}

/* ---- other runs ---- */

static void test_two_runs_on_one_target(void **state)
{
    (void)state;
    cp_output *first = open_output(target);
    put(first, "first");
    cp_error err = {0};
    cp_output *second;
    assert_int_equal(cp_output_open(target, &second, &err), CP_E_LOCKED);
    assert_string_equal(err.reason, "locked");
    assert_string_equal(err.input, target);
    assert_true(exists(temporary)); /* the first one's is still there */
    assert_int_equal(cp_output_publish(first, NULL), CP_OK);
    second = open_output(target); /* the name is free again, before the first has closed */
    put(second, "second");
    cp_output_close(first);
    assert_file_holds(target, "first");
    assert_int_equal(cp_output_publish(second, NULL), CP_OK);
    cp_output_close(second);
    assert_file_holds(target, "second");
}

static void test_leftovers_are_overwritten(void **state)
{
    (void)state;
    write_text_file(temporary, "what a killed run had written until then");
    cp_output *output = open_output(target);
    put(output, "new");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(target, "new");
    assert_int_equal(entries_in(folder), 1);
}

/* A child writes part of a file and is gone, by `number` or by its own handler. */
static void end_in_the_middle(int number, void (*handler)(int))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (handler)
            signal(number, handler);
        cp_output *output;
        if (cp_output_open(target, &output, NULL) == CP_OK &&
            cp_write(cp_output_writer(output), "half", 4, NULL) == CP_OK)
            raise(number);
        _exit(99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(handler ? WIFEXITED(status) && WEXITSTATUS(status) == 5
                        : WIFSIGNALED(status) && WTERMSIG(status) == number);
}

static void test_killed_run(void **state)
{
    (void)state;
    write_text_file(target, "old");
    end_in_the_middle(SIGKILL, NULL);
    assert_file_holds(target, "old");
    assert_true(exists(temporary));
    cp_output *output = open_output(target); /* its lock went with it */
    put(output, "new");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_file_holds(target, "new");
    assert_int_equal(entries_in(folder), 1);
}

/* What is left of a killed run on a read-only target does not stop the next one. */
static void test_killed_run_on_a_read_only_target(void **state)
{
    (void)state;
    if (!step_down())
        skip();
    write_text_file(target, "old");
    assert_int_equal(chmod(target, 0444), 0);
    end_in_the_middle(SIGKILL, NULL);
    cp_output *output = open_output(target);
    put(output, "new");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    step_up();
    assert_file_holds(target, "new");
    assert_int_equal(mode_of(target), 0444);
}

static void discard_and_exit(int number)
{
    (void)number;
    cp_temporary_discard_all();
    _exit(5);
}

static void test_discarded_by_a_signal(void **state)
{
    (void)state;
    write_text_file(target, "old");
    end_in_the_middle(SIGTERM, discard_and_exit);
    assert_file_holds(target, "old");
    assert_int_equal(entries_in(folder), 1);
}

/* In a child, since nothing can be published afterwards. */
static void discard_all_and_exit(void)
{
    cp_output *published = open_output(in_folder("published"));
    cp_output *closed = open_output(in_folder("closed"));
    open_output(in_folder("one"));
    open_output(in_folder("two"));
    bool ok = cp_output_publish(published, NULL) == CP_OK;
    cp_output_close(closed);
    ok &= entries_in(folder) == 3;
    errno = 7;
    cp_temporary_discard_all();
    _exit(ok && errno == 7 ? 5 : 99);
}

static void test_discard_all(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        discard_all_and_exit();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_int_equal(entries_in(folder), 1);
    assert_file_holds(in_folder("published"), "");
}

static void test_many_outputs(void **state)
{
    (void)state;
    cp_output *outputs[OUTPUTS_MAX];
    char name[20];
    for (int i = 0; i < OUTPUTS_MAX; i++) {
        snprintf(name, sizeof name, "out%d", i);
        outputs[i] = open_output(in_folder(name));
    }
    cp_error err = {0};
    cp_output *another;
    assert_int_equal(cp_output_open(target, &another, &err), CP_E_CREATE);
    assert_string_equal(err.reason, "cannot_create");
    cp_output_close(outputs[7]);
    outputs[7] = open_output(target);
    for (int i = 0; i < OUTPUTS_MAX; i++)
        cp_output_close(outputs[i]);
    assert_int_equal(entries_in(folder), 0);
}

/* ---- failures while writing ---- */

static void expect_write_failed(cp_rc rc, const cp_error *err)
{
    assert_int_equal(rc, CP_E_IO);
    assert_int_equal(err->rc, CP_E_IO);
    assert_string_equal(err->reason, "write_failed");
    assert_string_equal(err->input, target);
}

/* After a failure every later call fails, the old file stays and the new one goes. */
static void expect_sticky(cp_output *output)
{
    cp_error err = {0};
    cp_writer *writer = cp_output_writer(output);
    write_fault = fsync_fault = rename_fault = (fault){0}; /* the disk has room again */
    for (int again = 0; again < 2; again++) {
        expect_write_failed(cp_write(writer, "x", 1, &err), &err);
        expect_write_failed(writer->finish(writer, &err), &err);
        expect_write_failed(cp_output_publish(output, &err), &err);
    }
    cp_output_close(output);
    assert_file_holds(target, "old");
    assert_int_equal(entries_in(folder), 1);
}

static void test_full_disk(void **state)
{
    (void)state;
    static char large[3 * BUFFER_BYTES];
    memset(large, 'x', sizeof large);
    write_text_file(target, "old");
    for (int good = 0; good < 3; good++) {
        cp_error err = {0};
        cp_output *output = open_output(target);
        cp_writer *writer = cp_output_writer(output);
        write_most = BUFFER_BYTES - 7;
        write_fault = (fault){good, 1, ENOSPC};
        expect_write_failed(cp_write(writer, large, sizeof large, &err), &err);
        assert_non_null(strstr(err.message, "No space left on device"));
        expect_sticky(output);
    }
}

/* Also where it shows up only at the last flush. */
static void test_full_disk_at_publish(void **state)
{
    (void)state;
    write_text_file(target, "old");
    cp_error err = {0};
    cp_output *output = open_output(target);
    put(output, "small");
    write_fault = (fault){0, 1, EDQUOT};
    expect_write_failed(cp_output_publish(output, &err), &err);
    expect_sticky(output);
}

static void test_sync_fails(void **state)
{
    (void)state;
    write_text_file(target, "old");
    cp_error err = {0};
    cp_output *output = open_output(target);
    put(output, "small");
    fsync_fault = (fault){0, 1, EIO};
    expect_write_failed(cp_output_publish(output, &err), &err);
    expect_sticky(output);
}

/* ---- on the way to the disk ---- */

enum { LARGE_BYTES = 40 << 20, LAST_BYTES = 4 << 20 };

static cp_rc put_large(cp_output *output, cp_error *err)
{
    static char piece[BUFFER_BYTES + 1];
    memset(piece, 'x', sizeof piece);
    cp_rc rc = CP_OK;
    for (size_t at = 0; !rc && at < LARGE_BYTES; at += sizeof piece)
        rc = cp_write(cp_output_writer(output), piece, sizeof piece, err);
    return rc;
}

static void test_large_file_goes_early(void **state)
{
    (void)state;
    cp_output *output = open_output(target);
    assert_int_equal(put_large(output, NULL), CP_OK);
    assert_in_range(behind.end, LARGE_BYTES - LAST_BYTES, LARGE_BYTES + BUFFER_BYTES);
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    struct stat status;
    assert_int_equal(stat(target, &status), 0);
    assert_true(status.st_size >= LARGE_BYTES);
}

/* What the disk says on the way fsync would not say again. */
static void test_every_early_failure_counts(void **state)
{
    (void)state;
    write_text_file(target, "old");
    int calls = 0;
    for (cp_rc rc = CP_E_IO; rc; calls++) {
        cp_error err = {0};
        cp_output *output = open_output(target);
        behind_fault = (fault){calls, 1, calls % 2 ? EIO : ENOSPC};
        rc = put_large(output, &err);
        if (rc) {
            expect_write_failed(rc, &err);
            expect_sticky(output);
        } else {
            cp_output_close(output);
        }
    }
    assert_true(calls > 10);
}

static void test_where_nothing_can_go_early(void **state)
{
    (void)state;
    static const int numbers[] = {EINVAL, EPERM, ENOSYS};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cp_output *output = open_output(target);
        behind.calls = 0;
        behind_fault = (fault){0, 1, numbers[i]};
        assert_int_equal(put_large(output, NULL), CP_OK);
        assert_int_equal(behind.calls, 1);
        assert_int_equal(cp_output_publish(output, NULL), CP_OK);
        cp_output_close(output);
    }
}

static void test_devices_do_not_go_early(void **state)
{
    (void)state;
    cp_output *output = open_output("/dev/null");
    assert_int_equal(put_large(output, NULL), CP_OK);
    assert_int_equal(behind.calls, 0);
    cp_output_close(output);
}

/* ---- failures at publishing ---- */

static void test_rename_fails(void **state)
{
    (void)state;
    write_text_file(target, "old");
    cp_error err = {0};
    cp_output *output = open_output(target);
    put(output, "small");
    rename_fault = (fault){0, 1, EXDEV};
    expect_write_failed(cp_output_publish(output, &err), &err);
    expect_sticky(output);
}

/* The file is in place, but it cannot be told whether it would survive a crash: no success. */
static void test_folder_sync_fails(void **state)
{
    (void)state;
    cp_error err = {0};
    cp_output *output = open_output(target);
    put(output, "new");
    fsync_fault = (fault){1, 1, EIO};
    expect_write_failed(cp_output_publish(output, &err), &err);
    cp_output_close(output);
    assert_file_holds(target, "new");
    output = open_output(target);
    fsync_fault = (fault){1, 1, EINVAL}; /* the file system has no such thing */
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
}

static void test_folder_is_removed(void **state)
{
    (void)state;
    const char *sub = in_folder("sub"), *file = in_folder("sub/file");
    assert_int_equal(mkdir(sub, 0755), 0);
    cp_output *output = open_output(file);
    put(output, "new");
    assert_int_equal(unlink(in_folder("sub/.file.casepipe-tmp")), 0);
    assert_int_equal(rmdir(sub), 0);
    cp_error err = {0};
    assert_int_equal(cp_output_publish(output, &err), CP_E_IO);
    assert_string_equal(err.reason, "write_failed");
    assert_string_equal(err.input, file);
    cp_output_close(output);
    assert_int_equal(entries_in(folder), 0);
}

static void test_target_becomes_a_folder(void **state)
{
    (void)state;
    cp_output *output = open_output(target);
    put(output, "new");
    assert_int_equal(mkdir(target, 0755), 0);
    cp_error err = {0};
    expect_write_failed(cp_output_publish(output, &err), &err);
    cp_output_close(output);
    assert_int_equal(entries_in(folder), 1);
}

/* ---- in place ---- */

static void test_pipe(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(target, 0600), 0);
    int in = open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cp_output *output = open_output(target);
    put(output, "through the pipe");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    char text[100] = "";
    assert_int_equal(read(in, text, sizeof text), 16);
    assert_string_equal(text, "through the pipe");
    assert_int_equal(close(in), 0);
    struct stat status;
    assert_int_equal(stat(target, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(entries_in(folder), 1);
}

/* Reads a pipe to its end, slowly at first. */
static void *drain(void *argument)
{
    static char piece[3000];
    int fd = *(const int *)argument;
    size_t total = 0;
    usleep(20000);
    for (ssize_t n = 1; n > 0; total += (size_t)n)
        n = read(fd, piece, sizeof piece);
    return (void *)total;
}

/* A full pipe that answers "try again" is no failure. */
static void test_pipe_that_does_not_block(void **state)
{
    (void)state;
    enum { TOTAL = 3 * BUFFER_BYTES };
    static char large[TOTAL];
    assert_int_equal(mkfifo(target, 0600), 0);
    int in = open(target, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cp_output *output = open_output(target);
    assert_int_equal(fcntl(in, F_SETFL, 0), 0);
    assert_int_equal(fcntl(in + 1, F_SETFL, O_NONBLOCK), 0); /* the next one is the output's */
    pthread_t reader;
    void *total;
    assert_int_equal(pthread_create(&reader, NULL, drain, &in), 0);
    assert_int_equal(cp_write(cp_output_writer(output), large, TOTAL, NULL), CP_OK);
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_int_equal(pthread_join(reader, &total), 0);
    assert_int_equal((size_t)total, TOTAL);
    assert_int_equal(close(in), 0);
}

static void test_devices(void **state)
{
    (void)state;
    cp_output *output = open_output("/dev/null");
    put(output, "x");
    assert_int_equal(cp_output_publish(output, NULL), CP_OK);
    cp_output_close(output);
    assert_int_equal(symlink("/dev/full", target), 0);
    output = open_output(target);
    put(output, "x");
    cp_error err = {0};
    assert_int_equal(cp_output_publish(output, &err), CP_E_IO);
    assert_string_equal(err.input, "/dev/full");
    assert_int_equal(cp_output_publish(output, &err), CP_E_IO);
    cp_output_close(output);
    struct stat status;
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

/* With stdout led to `path` meanwhile. */
static cp_rc publish_to_stdout(const char *path, cp_error *err)
{
    fflush(stdout);
    int saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    dup2(fd, STDOUT_FILENO);
    cp_output *output = NULL;
    cp_rc rc = cp_output_open("-", &output, err);
    if (!rc)
        rc = cp_write(cp_output_writer(output), "to stdout", 9, err);
    if (!rc)
        rc = cp_output_publish(output, err);
    cp_output_close(output);
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        rc = CP_E_BUG; /* it was not ours to close */
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(fd);
    return rc;
}

static void test_stdout(void **state)
{
    (void)state;
    cp_error err = {0};
    assert_int_equal(publish_to_stdout(target, &err), CP_OK);
    assert_file_holds(target, "to stdout");
    assert_int_equal(publish_to_stdout("/dev/full", &err), CP_E_IO);
    assert_string_equal(err.input, "standard output");
    assert_non_null(strstr(err.message, "No space left on device"));
}

/* ---- memory ---- */

static void test_no_memory(void **state)
{
    (void)state;
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_error err = {0};
        cp_output *output = NULL;
        fail_allocation(failures);
        cp_rc rc = cp_output_open(target, &output, &err);
        failed = end_failing();
        if (failed) {
            assert_int_equal(rc, CP_E_MEMORY);
            assert_string_equal(err.reason, "out_of_memory");
            assert_int_equal(entries_in(folder), 0);
            assert_int_equal(open_files(), files_before);
        }
        cp_output_close(output);
    }
    assert_true(failures > 0);
}

/* Whatever is out: the file behind the link is written, or nothing, and never the link. */
static void test_no_memory_at_a_link(void **state)
{
    (void)state;
    write_text_file(in_folder("file"), "old");
    assert_int_equal(symlink("file", target), 0);
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_output *output = NULL;
        fail_allocation(failures);
        cp_rc rc = cp_output_open(target, &output, NULL);
        if (!rc)
            rc = cp_output_publish(output, NULL);
        failed = end_failing();
        cp_output_close(output);
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        assert_file_holds(in_folder("file"), failed ? "old" : "");
        char leads_to[100] = "";
        assert_int_equal(readlink(target, leads_to, sizeof leads_to - 1), 4);
    }
    assert_true(failures > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_file),
        TEST(test_not_published),
        TEST(test_closing_by_the_writer),
        TEST(test_replaces_whole),
        TEST(test_old_file_stays_without_publish),
        TEST(test_nothing_written),
        TEST(test_sizes),
        TEST(test_interrupted_writes_go_on),
        TEST(test_mode_is_kept),
        TEST(test_links_are_kept),
        TEST(test_impossible_targets),
        TEST(test_temporary_name_is_taken),
        TEST(test_leftover_folder_is_removed),
        TEST(test_folder_is_not_writable),
        TEST(test_two_runs_on_one_target),
        TEST(test_leftovers_are_overwritten),
        TEST(test_killed_run),
        TEST(test_killed_run_on_a_read_only_target),
        TEST(test_discarded_by_a_signal),
        TEST(test_discard_all),
        TEST(test_many_outputs),
        TEST(test_full_disk),
        TEST(test_full_disk_at_publish),
        TEST(test_sync_fails),
        TEST(test_large_file_goes_early),
        TEST(test_every_early_failure_counts),
        TEST(test_where_nothing_can_go_early),
        TEST(test_devices_do_not_go_early),
        TEST(test_rename_fails),
        TEST(test_folder_sync_fails),
        TEST(test_folder_is_removed),
        TEST(test_target_becomes_a_folder),
        TEST(test_pipe),
        TEST(test_pipe_that_does_not_block),
        TEST(test_devices),
        TEST(test_stdout),
        TEST(test_no_memory),
        TEST(test_no_memory_at_a_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
