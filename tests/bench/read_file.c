/* The bare reading of a file: one thread, 256 KiB at a time, each byte brought into memory and none
 * looked at. The reference of the rows about fixed-width records. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 << 10 };

static char chunk[CHUNK_BYTES];

/* How many bytes the file has, or -1 with errno set. */
static long long read_all(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    long long total = 0;
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        total += got;
    int failed = got < 0 ? errno : 0;
    close(fd);
    errno = failed;
    return failed ? -1 : total;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        printf("read_file, %d KiB at a time\n", CHUNK_BYTES >> 10);
        return 0;
    }
    if (argc != 2) {
        fprintf(stderr, "usage: read_file FILE\n");
        return 64;
    }
    long long total = read_all(argv[1]);
    if (total < 0) {
        fprintf(stderr, "read_file: %s: %s\n", argv[1], strerror(errno));
        return 74;
    }
    printf("%lld\n", total);
    return 0;
}
