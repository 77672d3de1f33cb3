/* Runs a program and says what the operating system charged for it.
 *
 *     measured FD PROGRAM [ARGUMENT...]
 *
 *   driver --spawn--> measured (1 MB) --fork, exec--> PROGRAM
 *          <--one JSON line on FD-- wait4
 *
 * It stands between the driver and the program because a child's peak memory starts at the memory
 * of the process that forked it: below a Python driver no program would seem to need less than
 * Python does. The line: wall seconds from before the fork to after the wait, user and system
 * seconds of all threads, peak resident KiB, bytes read from storage (so a run from a cold cache
 * can be told from a warm one), exit status, signal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_BLOCK_BYTES = 512 }; /* the unit of ru_inblock on Linux, whatever the file system */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* The program must not outlive its measurer, which the driver kills when it takes too long. */
static void become(char **command)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(command[0], command);
    fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
    _exit(127);
}

static int fail(const char *what)
{
    fprintf(stderr, "measured: %s: %s\n", what, strerror(errno));
    return 70;
}

static int report(int fd, double seconds, const struct rusage *usage, int status)
{
    int written = dprintf(
        fd,
        "{\"seconds\": %.9f, \"user\": %.6f, \"system\": %.6f, \"peak_kib\": %ld, "
        "\"read_bytes\": %lld, \"exit\": %d, \"signal\": %d}\n",
        seconds, seconds_of(usage->ru_utime), seconds_of(usage->ru_stime), usage->ru_maxrss,
        (long long)usage->ru_inblock * INPUT_BLOCK_BYTES,
        WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return written < 0 ? fail("write") : 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measured FD PROGRAM [ARGUMENT...]\n");
        return 64;
    }
    int fd = atoi(argv[1]), status = 0;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC))
        return fail("file descriptor");
    struct rusage usage;
    double start = seconds_now();
    pid_t child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0)
        become(argv + 2);
    if (wait4(child, &status, 0, &usage) != child)
        return fail("wait4");
    return report(fd, seconds_now() - start, &usage, status);
}
