/* See write_behind.h. Starting does not wait, unless the disk has its hands full; what is dropped
 * was started long before. */
#include "pipeline/io/write_behind.h"

#include <errno.h>
#include <fcntl.h>

enum { START_BYTES = 2 << 20, DROP_BYTES = 8 << 20, PAGE_BYTES_MAX = 64 << 10 };

/* Anything else is about the call, which some file systems, kernels and sandboxes do not have. */
static bool is_of_the_disk(int number)
{
    return number == EIO || number == ENOSPC || number == EDQUOT;
}

static int sync_range(cp_write_behind *self, int fd, uint64_t from, uint64_t to, unsigned flags)
{
    if (sync_file_range(fd, (off_t)from, (off_t)(to - from), flags) == 0)
        return 0;
    self->off = !is_of_the_disk(errno);
    return self->off ? 0 : errno;
}

/* Whole pages: the last one is still being filled. */
static int start(cp_write_behind *self, int fd)
{
    uint64_t end = self->written / PAGE_BYTES_MAX * PAGE_BYTES_MAX;
    int number = sync_range(self, fd, self->started, end, SYNC_FILE_RANGE_WRITE);
    self->started = end;
    return number;
}

static int drop(cp_write_behind *self, int fd)
{
    uint64_t end = self->dropped + DROP_BYTES;
    int number = sync_range(self, fd, self->dropped, end,
                            SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                SYNC_FILE_RANGE_WAIT_AFTER);
    if (!number && !self->off)
        posix_fadvise(fd, (off_t)self->dropped, DROP_BYTES, POSIX_FADV_DONTNEED);
    self->dropped = end;
    return number;
}

int cp_write_behind_add(cp_write_behind *self, int fd, size_t bytes)
{
    int number = 0;
    self->written += bytes;
    if (!self->off && self->written - self->started >= START_BYTES + PAGE_BYTES_MAX)
        number = start(self, fd);
    while (!number && !self->off && self->started - self->dropped >= 2 * (uint64_t)DROP_BYTES)
        number = drop(self, fd);
    return number;
}
