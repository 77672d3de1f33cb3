/* pipeline/io/parts.h: a folder published whole or not at all, whatever fails and whenever.
 *
 *   parts --write, fsync, rename, renameat2--> this program's own of these names --> the kernel
 *
 * so that a test can make any one of these calls fail, or look at the folder before it. */
#include "pipeline/io/parts.h"
#include "pipeline/io/publish.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { NOBODY = 65534 };

/* ---- faults ---- */

static long calls_left = -1; /* good ones before the one that fails; negative: none does */
static int fault_number;
static bool exchange_fails;
static void (*before_call)(void); /* sees what another process would see at that moment */

static bool strikes(void)
{
    if (before_call)
        before_call();
    if (calls_left < 0 || calls_left-- > 0)
        return false;
    errno = fault_number;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return fd > STDERR_FILENO && strikes() ? -1 : syscall(SYS_write, fd, bytes, size);
}

int fsync(int fd)
{
    return strikes() ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    return strikes() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (exchange_fails) {
        errno = EINVAL;
        return -1;
    }
    return strikes() ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* Returns whether the call that was to fail has come. */
static bool end_faults(void)
{
    bool struck = fault_number && calls_left < 0;
    calls_left = -1;
    fault_number = 0;
    return struck;
}

static void fail_call(long left, int number)
{
    calls_left = left;
    fault_number = number;
}

/* ---- the usual ---- */

static const char *target, *temporary;
static size_t files_before;

static int start(void **state)
{
    if (make_folder(state))
        return -1;
    static char names[2][PATH_MAX];
    snprintf(names[0], PATH_MAX, "%s", in_folder("out"));
    snprintf(names[1], PATH_MAX, "%s", in_folder(".out.casepipe-tmp"));
    target = names[0];
    temporary = names[1];
    end_faults();
    exchange_fails = false;
    before_call = NULL;
    files_before = open_files();
    return 0;
}

/* No test may leave a file open, a name taken or a temporary folder behind. */
static int end(void **state)
{
    before_call = NULL;
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    bool clean = open_files() == files_before && access(temporary, F_OK) != 0;
    return remove_folder(state) || !clean;
}

static cp_parts *open_parts(const char *path)
{
    cp_parts *parts;
    cp_error err = {0};
    if (cp_parts_open(path, ".x", &parts, &err))
        fail_msg("%s: %s", path, err.message);
    return parts;
}

static cp_rc add_part(cp_parts *parts, const char *text, cp_error *err)
{
    cp_writer *writer;
    cp_rc rc = cp_parts_begin(parts, &writer, err);
    if (!rc)
        rc = cp_write(writer, text, strlen(text), err);
    return rc ? rc : cp_parts_end(parts, err);
}

static cp_rc publish_texts(const char *const *texts, cp_error *err)
{
    cp_parts *parts;
    cp_rc rc = cp_parts_open(target, ".x", &parts, err);
    if (rc)
        return rc;
    for (; !rc && *texts; texts++)
        rc = add_part(parts, *texts, err);
    if (!rc)
        rc = cp_parts_publish(parts, err);
    cp_parts_close(parts);
    return rc;
}

/* The folder at `path` holds parts of just these texts. */
static bool holds(const char *path, const char *const *texts)
{
    char name[PATH_MAX];
    unsigned count = 0;
    if (access(path, F_OK))
        return false;
    for (; texts[count]; count++) {
        size_t size;
        assert_true(cp_part_path(path, count, ".x", name));
        if (access(name, F_OK))
            return false;
        char *found = read_file(name, &size);
        bool same = strcmp(found, texts[count]) == 0;
        free(found);
        if (!same)
            return false;
    }
    return entries_in(path) == count;
}

static const char *const one[] = {"one", NULL};
static const char *const two[] = {"first", "second", NULL};
static const char *const three[] = {"a", "b", "c", NULL};
static const char *const none[] = {NULL};

static void expect_not_opened(const char *path, cp_rc rc, const char *reason, const char *said)
{
    cp_error err = {0};
    cp_parts *parts;
    assert_int_equal(cp_parts_open(path, ".x", &parts, &err), rc);
    assert_int_equal(err.rc, rc);
    assert_string_equal(err.reason, reason);
    assert_string_equal(err.input, path);
    if (!strstr(err.message, said))
        fail_msg("\"%s\" is not in: %s", said, err.message);
    assert_int_equal(cp_parts_open(path, ".x", &parts, NULL), rc);
    assert_int_equal(open_files(), files_before);
}

/* ---- publishing ---- */

static void test_new_folder(void **state)
{
    (void)state;
    mode_t mask = umask(027);
    cp_parts *parts = open_parts(target);
    assert_int_equal(add_part(parts, "first", NULL), CP_OK);
    assert_int_equal(add_part(parts, "second", NULL), CP_OK);
    assert_int_not_equal(access(target, F_OK), 0);
    assert_true(holds(temporary, two));
    assert_int_equal(cp_parts_publish(parts, NULL), CP_OK);
    assert_true(holds(target, two));
    cp_parts_close(parts);
    umask(mask);
    struct stat status;
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0750);
    assert_true(holds(target, two));
    assert_int_equal(entries_in(folder), 1);
}

static void test_not_published(void **state)
{
    (void)state;
    cp_writer *writer;
    cp_parts *parts = open_parts(target);
    assert_int_equal(add_part(parts, "first", NULL), CP_OK);
    assert_int_equal(cp_parts_begin(parts, &writer, NULL), CP_OK);
    assert_int_equal(cp_write(writer, "half", 4, NULL), CP_OK);
    cp_parts_close(parts);
    assert_int_equal(entries_in(folder), 0);
    cp_parts_close(NULL);
}

/* More parts, fewer, none: what was there is gone, and so is the temporary name. */
static void test_replaces_whole(void **state)
{
    (void)state;
    static const char *const *const rounds[] = {two, three, one, none, three, one};
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        assert_int_equal(publish_texts(rounds[i], NULL), CP_OK);
        assert_true(holds(target, rounds[i]));
        assert_int_equal(entries_in(folder), 1);
    }
}

static void test_slashes_and_links(void **state)
{
    (void)state;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s///", target);
    cp_parts *parts = open_parts(path);
    assert_int_equal(cp_parts_publish(parts, NULL), CP_OK);
    cp_parts_close(parts);
    assert_true(holds(target, none));
    assert_int_equal(symlink("out", in_folder("link")), 0);
    parts = open_parts(in_folder("link"));
    assert_int_equal(add_part(parts, "one", NULL), CP_OK);
    assert_int_equal(cp_parts_publish(parts, NULL), CP_OK);
    cp_parts_close(parts);
    assert_true(holds(target, one));
    char leads_to[100] = "";
    assert_int_equal(readlink(in_folder("link"), leads_to, sizeof leads_to - 1), 3);
    assert_int_equal(entries_in(folder), 2);
}

static void test_mode_is_kept(void **state)
{
    (void)state;
    static const mode_t modes[] = {0700, 0755, 0750, 02775};
    assert_int_equal(publish_texts(one, NULL), CP_OK);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct stat status;
        assert_int_equal(chmod(target, modes[i]), 0);
        assert_int_equal(publish_texts(two, NULL), CP_OK);
        assert_int_equal(stat(target, &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
    }
}

/* Whoever looks meanwhile finds all of the old or all of the new, and no third thing. */
static unsigned looks_old, looks_new;

static void look(void)
{
    looks_old += holds(target, three);
    looks_new += holds(target, two);
    if (looks_old + looks_new == 0 || !(holds(target, three) || holds(target, two)))
        fail_msg("the target is neither old nor new");
}

static void test_never_between(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    looks_old = looks_new = 0;
    before_call = look;
    assert_int_equal(publish_texts(two, NULL), CP_OK);
    before_call = NULL;
    assert_true(looks_old > 8);
    assert_true(looks_new > 0); /* at the sync of the folder that it stands in */
}

static void test_names(void **state)
{
    (void)state;
    char path[PATH_MAX], long_folder[PATH_MAX];
    unsigned number;
    assert_true(cp_part_path("a/b", 0, ".parquet", path));
    assert_string_equal(path, "a/b/part-00000.parquet");
    assert_true(cp_part_path("", CP_PARTS_MAX - 1, "", path));
    assert_string_equal(path, "/part-99999");
    for (size_t size = PATH_MAX - 20; size < PATH_MAX; size++) {
        memset(long_folder, 'x', size);
        long_folder[size] = '\0';
        assert_int_equal(cp_part_path(long_folder, 1, ".x", path),
                         size + strlen("/part-00001.x") < PATH_MAX);
    }
    assert_true(cp_part_number("part-01234.x", ".x", &number));
    assert_int_equal(number, 1234);
    static const char *const others[] = {"",
                                         "part-",
                                         "part-0123.x",
                                         "part-01234",
                                         "part-012345.x",
                                         "part-01234.xy",
                                         "part-0123a.x",
                                         "Part-01234.x",
                                         ".part-01234.x",
                                         "part-01234.y",
                                         "part--1234.x"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cp_part_number(others[i], ".x", &number))
            fail_msg("%s is taken for a part", others[i]);
}

/* A number is used up also where the part cannot be made, which is quick. */
static void test_too_many_parts(void **state)
{
    (void)state;
    cp_error err = {0};
    cp_parts *parts = open_parts(target);
    assert_int_equal(rmdir(temporary), 0);
    for (unsigned i = 0; i < CP_PARTS_MAX; i++) {
        assert_int_equal(add_part(parts, "", &err), CP_E_CREATE);
        assert_string_equal(err.reason, "cannot_create");
    }
    assert_string_equal(err.input, in_folder("out/part-99999.x"));
    err = (cp_error){0};
    assert_int_equal(add_part(parts, "", &err), CP_E_CREATE);
    assert_string_equal(err.reason, "too_many_parts");
    assert_string_equal(err.input, target);
    cp_parts_close(parts);
}

/* ---- what cannot be created or replaced ---- */

static void test_strangers(void **state)
{
    (void)state;
    static const char *const names[] = {
        "notes.txt",     ".hidden",      "part-00000.y",
        "part-000000.x", "part-0000.x",  ".part-00000.x",
        "part-00000.x~", "PART-00000.x", ".part-00001.x.casepipe-tmp"};
    assert_int_equal(publish_texts(two, NULL), CP_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", target, names[i]);
        write_text_file(path, "precious");
        expect_not_opened(target, CP_E_CREATE, "not_replaceable", names[i]);
        assert_file_holds(path, "precious");
        assert_int_equal(entries_in(folder), 1);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(mkdir(in_folder("out/part-00002.x"), 0755), 0);
    expect_not_opened(target, CP_E_CREATE, "not_replaceable", "part-00002.x");
    assert_int_equal(rmdir(in_folder("out/part-00002.x")), 0);
    assert_int_equal(symlink("part-00000.x", in_folder("out/part-00002.x")), 0);
    expect_not_opened(target, CP_E_CREATE, "not_replaceable", "part-00002.x");
    assert_int_equal(unlink(in_folder("out/part-00002.x")), 0);
    assert_true(holds(target, two));
}

static void test_impossible_targets(void **state)
{
    (void)state;
    char long_name[600];
    int used = snprintf(long_name, sizeof long_name, "%s/", folder);
    memset(long_name + used, 'n', 250); /* a name that can be; its temporary one cannot */
    long_name[used + 250] = '\0';
    write_text_file(in_folder("file"), "x");
    assert_int_equal(symlink("nowhere", in_folder("dangling")), 0);
    expect_not_opened(in_folder("file"), CP_E_CREATE, "not_replaceable", "is no folder");
    expect_not_opened(in_folder("none/out"), CP_E_CREATE, "cannot_create", "No such file");
    expect_not_opened(in_folder("file/out"), CP_E_CREATE, "cannot_create", "Not a directory");
    expect_not_opened(in_folder("dangling"), CP_E_CREATE, "cannot_create", "leads nowhere");
    expect_not_opened(long_name, CP_E_CREATE, "cannot_create", "File name too long");
    expect_not_opened("", CP_E_CREATE, "cannot_create", "No such file");
    expect_not_opened("/", CP_E_CREATE, "not_replaceable", "holds ");
    expect_not_opened("/dev/null", CP_E_CREATE, "not_replaceable", "is no folder");
    assert_file_holds(in_folder("file"), "x");
    assert_int_equal(entries_in(folder), 2);
}

static void test_no_right_to_write(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(one, NULL), CP_OK);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(chmod(target, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    expect_not_opened(target, CP_E_CREATE, "cannot_create", "Permission denied");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(target, 0755), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    expect_not_opened(in_folder("new"), CP_E_CREATE, "cannot_create", "Permission denied");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_true(holds(target, one));
}

/* What the file system cannot do is told before the run, not after it. */
static void test_no_exchange(void **state)
{
    (void)state;
    exchange_fails = true;
    assert_int_equal(publish_texts(two, NULL), CP_OK); /* there is nothing to exchange */
    expect_not_opened(target, CP_E_CREATE, "cannot_exchange", "remove it first");
    assert_true(holds(target, two));
    assert_int_equal(entries_in(folder), 1);
}

/* ---- other runs ---- */

static void expect_locked(void)
{
    cp_error err = {0};
    cp_parts *other;
    assert_int_equal(cp_parts_open(target, ".x", &other, &err), CP_E_LOCKED);
    assert_string_equal(err.reason, "locked");
    assert_string_equal(err.input, target);
    assert_non_null(strstr(err.message, "another run is writing this folder"));
}

static void test_two_runs_on_one_target(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) { /* a new target, then one that exists */
        cp_parts *first = open_parts(target);
        assert_int_equal(add_part(first, "one", NULL), CP_OK);
        expect_locked();
        assert_true(holds(temporary, one)); /* the first one's is still there */
        assert_int_equal(cp_parts_publish(first, NULL), CP_OK);
        cp_parts *second = open_parts(target); /* free again, before the first has closed */
        assert_int_equal(add_part(second, "first", NULL), CP_OK);
        assert_int_equal(add_part(second, "second", NULL), CP_OK);
        assert_int_equal(cp_parts_publish(second, NULL), CP_OK);
        cp_parts_close(first);
        assert_true(holds(target, two));
        cp_parts_close(second);
        assert_true(holds(target, two));
    }
}

/* While the old folder is under the temporary name it is not there for the taking. */
static unsigned meetings;

static void meet(void)
{
    if (!holds(temporary, three) || !holds(target, two))
        return;
    before_call = NULL;
    expect_locked();
    assert_true(holds(temporary, three));
    meetings++;
}

static void test_another_run_during_the_exchange(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    meetings = 0;
    before_call = meet;
    assert_int_equal(publish_texts(two, NULL), CP_OK);
    assert_int_equal(meetings, 1);
    assert_true(holds(target, two));
    assert_int_equal(entries_in(folder), 1);
}

/* A stranger who has come meanwhile is not lost; nor is a file in place of the folder. */
static void test_target_changes_meanwhile(void **state)
{
    (void)state;
    cp_error err = {0};
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    cp_parts *parts = open_parts(target);
    write_text_file(in_folder("out/notes"), "precious");
    assert_int_equal(cp_parts_publish(parts, &err), CP_E_CREATE);
    assert_string_equal(err.reason, "not_replaceable");
    assert_string_equal(err.input, target);
    cp_parts_close(parts);
    assert_file_holds(in_folder("out/notes"), "precious");
    assert_int_equal(unlink(in_folder("out/notes")), 0);
    assert_true(holds(target, three));

    parts = open_parts(in_folder("new"));
    write_text_file(in_folder("new"), "precious");
    assert_int_equal(cp_parts_publish(parts, &err), CP_E_CREATE);
    cp_parts_close(parts);
    assert_file_holds(in_folder("new"), "precious");
    assert_int_equal(entries_in(folder), 2);
}

/* The old folder may also be removed meanwhile, or appear. */
static void test_target_comes_and_goes(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    cp_parts *parts = open_parts(target);
    assert_int_equal(add_part(parts, "one", NULL), CP_OK);
    assert_int_equal(cp_remove_parts(target), 0);
    assert_int_equal(cp_parts_publish(parts, NULL), CP_OK);
    cp_parts_close(parts);
    assert_true(holds(target, one));

    assert_int_equal(cp_remove_parts(target), 0);
    parts = open_parts(target);
    assert_int_equal(add_part(parts, "first", NULL), CP_OK);
    assert_int_equal(add_part(parts, "second", NULL), CP_OK);
    assert_int_equal(mkdir(target, 0755), 0);
    write_text_file(in_folder("out/part-00007.x"), "somebody else's");
    assert_int_equal(cp_parts_publish(parts, NULL), CP_OK);
    cp_parts_close(parts);
    assert_true(holds(target, two));
    assert_int_equal(entries_in(folder), 1);
}

/* ---- runs that are ended ---- */

static void test_leftovers_are_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(temporary, 0700), 0);
    write_text_file(in_folder(".out.casepipe-tmp/part-00000.x"), "whole");
    write_text_file(in_folder(".out.casepipe-tmp/part-99999.y"), "whole");
    write_text_file(in_folder(".out.casepipe-tmp/.part-00001.x.casepipe-tmp"), "half");
    assert_int_equal(publish_texts(one, NULL), CP_OK);
    assert_true(holds(target, one));
    write_text_file(temporary, "a run that was to write a file");
    assert_int_equal(publish_texts(two, NULL), CP_OK);
    assert_true(holds(target, two));
    assert_int_equal(entries_in(folder), 1);
}

static void test_temporary_name_is_taken(void **state)
{
    (void)state;
    assert_int_equal(mkdir(temporary, 0755), 0);
    write_text_file(in_folder(".out.casepipe-tmp/precious"), "precious");
    expect_not_opened(target, CP_E_CREATE, "cannot_create", "cannot remove");
    assert_file_holds(in_folder(".out.casepipe-tmp/precious"), "precious");
    assert_int_equal(unlink(in_folder(".out.casepipe-tmp/precious")), 0);
    assert_int_equal(rmdir(temporary), 0);
    assert_int_equal(symlink("elsewhere", temporary), 0);
    assert_int_equal(mkdir(in_folder("elsewhere"), 0755), 0);
    expect_not_opened(target, CP_E_CREATE, "cannot_create", "");
    assert_int_equal(unlink(temporary), 0);
    assert_int_equal(mkfifo(temporary, 0600), 0);
    expect_not_opened(target, CP_E_CREATE, "cannot_create", "");
    assert_int_equal(unlink(temporary), 0);
}

/* In a child: the signal comes before call number `left`. */
static long signal_left;
static int signal_number;

static void signal_at(void)
{
    if (signal_left-- == 0)
        raise(signal_number);
}

static void discard_and_exit(int number)
{
    (void)number;
    cp_temporary_discard_all();
    _exit(5);
}

/* false: the child has ended before the signal was due. */
static bool end_in_the_middle(long left, int number)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sigaction action = {.sa_handler = discard_and_exit};
        if (number == SIGTERM)
            sigaction(number, &action, NULL);
        signal_left = left;
        signal_number = number;
        before_call = signal_at;
        _exit(publish_texts(two, NULL) == CP_OK ? 0 : 99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return false;
    assert_true(number == SIGTERM ? WIFEXITED(status) && WEXITSTATUS(status) == 5
                                  : WIFSIGNALED(status) && WTERMSIG(status) == number);
    return true;
}

/* Before each call that changes anything: the target is old or new, and the next run is well. */
static void test_ended_at_every_call(void **state)
{
    (void)state;
    static const int numbers[] = {SIGKILL, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        bool ended = true;
        long left = 0;
        for (; ended; left++) {
            assert_int_equal(publish_texts(three, NULL), CP_OK);
            ended = end_in_the_middle(left, numbers[i]);
            assert_true(holds(target, three) || holds(target, two));
            if (numbers[i] == SIGTERM)
                assert_int_equal(entries_in(folder), 1);
            assert_int_equal(publish_texts(one, NULL), CP_OK);
            assert_true(holds(target, one));
            assert_int_equal(entries_in(folder), 1);
        }
        assert_true(left > 10);
    }
}

/* As above, where there is no target yet. */
static void test_ended_at_every_call_of_the_first_run(void **state)
{
    (void)state;
    static const int numbers[] = {SIGKILL, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        bool ended = true;
        for (long left = 0; ended; left++) {
            ended = end_in_the_middle(left, numbers[i]);
            bool published = access(target, F_OK) == 0;
            assert_true(!published || holds(target, two));
            if (numbers[i] == SIGTERM)
                assert_int_equal(entries_in(folder), published);
            assert_int_equal(publish_texts(one, NULL), CP_OK);
            assert_true(holds(target, one));
            assert_int_equal(entries_in(folder), 1);
            assert_int_equal(cp_remove_parts(target), 0);
        }
    }
}

/* In a child, since nothing can be published afterwards. */
static void discard_all_and_exit(void)
{
    cp_writer *writer;
    cp_parts *parts = open_parts(target);
    open_parts(in_folder("other"));
    bool ok = true;
    for (int i = 0; i < 20; i++)
        ok &= add_part(parts, "whole", NULL) == CP_OK;
    ok &= cp_parts_begin(parts, &writer, NULL) == CP_OK;
    ok &= entries_in(folder) == 3;
    errno = 7;
    cp_temporary_discard_all();
    _exit(ok && errno == 7 ? 5 : 99);
}

static void test_discard_all(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        discard_all_and_exit();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    assert_true(holds(target, three));
    assert_int_equal(entries_in(folder), 1);
}

/* ---- failures ---- */

/* Each call fails in turn, once. Before the exchange that means the old folder, after it the new
 * one, and nothing besides in either case, if only the temporary name can be removed. */
static void test_every_call_fails(void **state)
{
    (void)state;
    static const int numbers[] = {ENOSPC, EIO, EDQUOT, EROFS};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        bool struck = true;
        long left = 0;
        for (; struck; left++) {
            cp_error err = {0};
            assert_int_equal(publish_texts(three, NULL), CP_OK);
            fail_call(left, numbers[i]);
            cp_rc rc = publish_texts(two, &err);
            struck = end_faults();
            assert_int_equal(err.rc, rc);
            assert_int_equal(entries_in(folder), 1);
            assert_true(holds(target, rc ? three : two) || (rc == CP_E_IO && holds(target, two)));
            if (!struck) {
                assert_int_equal(rc, CP_OK);
                continue;
            }
            assert_true(rc == CP_E_IO || rc == CP_E_CREATE);
            assert_non_null(strstr(err.message, strerror(numbers[i])));
            assert_int_equal(strncmp(err.input, target, strlen(target)), 0);
            assert_null(strstr(err.input, "casepipe-tmp"));
        }
        assert_true(left > 10);
    }
}

static void test_folder_that_cannot_be_synced(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    long left = 0, well = 0;
    for (bool struck = true; struck; left++) {
        fail_call(left, EINVAL);
        well += publish_texts(two, NULL) == CP_OK;
        struck = end_faults();
    }
    assert_in_range(well, 3, left - 1); /* the syncs of folders, and the run without a fault */
    assert_true(holds(target, two));
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_int_equal(publish_texts(three, NULL), CP_OK);
    long failures = 0;
    for (bool failed = true; failed; failures += failed) {
        cp_error err = {0};
        fail_allocation(failures);
        cp_rc rc = publish_texts(two, &err);
        failed = end_failing();
        assert_int_equal(err.rc, rc);
        if (failed) {
            /* opendir needs memory too, and tells so in its own way */
            if (rc != CP_E_MEMORY && !strstr(err.message, strerror(ENOMEM)))
                fail_msg("allocation %ld: %d, %s", failures, rc, err.message);
            assert_int_equal(open_files(), files_before);
        }
        cp_remove_parts(temporary);
        assert_true(holds(target, three) || holds(target, two));
        assert_int_equal(entries_in(folder), 1);
    }
    assert_true(failures > 4); /* a sanitizer has its own in the C library */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_folder),
        TEST(test_not_published),
        TEST(test_replaces_whole),
        TEST(test_slashes_and_links),
        TEST(test_mode_is_kept),
        TEST(test_never_between),
        TEST(test_names),
        TEST(test_too_many_parts),
        TEST(test_strangers),
        TEST(test_impossible_targets),
        TEST(test_no_right_to_write),
        TEST(test_no_exchange),
        TEST(test_two_runs_on_one_target),
        TEST(test_another_run_during_the_exchange),
        TEST(test_target_changes_meanwhile),
        TEST(test_target_comes_and_goes),
        TEST(test_leftovers_are_removed),
        TEST(test_temporary_name_is_taken),
        TEST(test_ended_at_every_call),
        TEST(test_ended_at_every_call_of_the_first_run),
        TEST(test_discard_all),
        TEST(test_every_call_fails),
        TEST(test_folder_that_cannot_be_synced),
        TEST(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
