/* Preloaded into casepipe by test_convert_faults.py: the call number CASEPIPE_FAULT_AT (from 0) of
 * those that change files either fails with the errno value CASEPIPE_FAULT_ERRNO or, where that is
 * negative, has that signal before it or, with CASEPIPE_FAULT_AFTER, behind it. Calls that remove
 * are counted for signals alone. Where the fault has come, "struck" goes to descriptor 3. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STRUCK_FD = 3 };

static atomic_long calls;

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

static void strike(long number)
{
    int kept = errno;
    syscall(SYS_write, STRUCK_FD, "struck", 6);
    kill(getpid(), (int)number);
    errno = kept;
}

/* Whether this call is the one, and which fault it has. */
static bool is_turn(long *fault)
{
    *fault = number_of("CASEPIPE_FAULT_ERRNO");
    return atomic_fetch_add(&calls, 1) == number_of("CASEPIPE_FAULT_AT");
}

static long changed(long number, long a, long b, long c, long d, long e)
{
    long fault;
    if (!is_turn(&fault))
        return syscall(number, a, b, c, d, e);
    if (fault > 0) {
        syscall(SYS_write, STRUCK_FD, "struck", 6);
        errno = (int)fault;
        return -1;
    }
    bool after = getenv("CASEPIPE_FAULT_AFTER") != NULL;
    if (!after)
        strike(-fault);
    long result = syscall(number, a, b, c, d, e);
    if (after)
        strike(-fault);
    return result;
}

static long removed(long number, long a, long b, long c)
{
    return number_of("CASEPIPE_FAULT_ERRNO") < 0 ? changed(number, a, b, c, 0, 0)
                                                 : syscall(number, a, b, c);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return fd > STRUCK_FD ? changed(SYS_write, fd, (long)bytes, (long)size, 0, 0)
                          : syscall(SYS_write, fd, bytes, size);
}

int fsync(int fd)
{
    return (int)changed(SYS_fsync, fd, 0, 0, 0, 0);
}

int sync_file_range(int fd, off_t from, off_t count, unsigned flags)
{
    return (int)changed(SYS_sync_file_range, fd, from, count, flags, 0);
}

int ftruncate(int fd, off_t size)
{
    return (int)changed(SYS_ftruncate, fd, size, 0, 0, 0);
}

int fchmod(int fd, mode_t mode)
{
    return (int)changed(SYS_fchmod, fd, mode, 0, 0, 0);
}

int rename(const char *from, const char *to)
{
    return (int)changed(SYS_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return (int)changed(SYS_renameat2, from_fd, (long)from, to_fd, (long)to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    return (int)changed(SYS_mkdirat, AT_FDCWD, (long)path, mode, 0, 0);
}

int open(const char *path, int flags, ...)
{
    if (!(flags & O_CREAT))
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
    va_list arguments;
    va_start(arguments, flags);
    int mode = va_arg(arguments, int);
    va_end(arguments);
    return (int)changed(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0);
}

int unlink(const char *path)
{
    return (int)removed(SYS_unlinkat, AT_FDCWD, (long)path, 0);
}

int unlinkat(int fd, const char *path, int flags)
{
    return (int)removed(SYS_unlinkat, fd, (long)path, flags);
}

int rmdir(const char *path)
{
    return (int)removed(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR);
}
