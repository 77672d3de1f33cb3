/* Preloaded into casepipe by test_convert_faults.py: the call number CASEPIPE_FAULT_AT (from 0) of
 * those that change files either fails with the errno value CASEPIPE_FAULT_ERRNO or, where that is
 * negative, is preceded by that signal. Where it has come, "struck" goes to descriptor 3. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static bool strikes(void)
{
    if (atomic_fetch_add(&calls, 1) != number_of("CASEPIPE_FAULT_AT"))
        return false;
    syscall(SYS_write, STRUCK_FD, "struck", 6);
    long fault = number_of("CASEPIPE_FAULT_ERRNO");
    if (fault < 0) {
        kill(getpid(), (int)-fault);
        return false;
    }
    errno = (int)fault;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    if (fd > STRUCK_FD && strikes())
        return -1;
    return syscall(SYS_write, fd, bytes, size);
}

int fsync(int fd)
{
    return strikes() ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t size)
{
    return strikes() ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int fchmod(int fd, mode_t mode)
{
    return strikes() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int rename(const char *from, const char *to)
{
    return strikes() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    return strikes() ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    return strikes() ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
