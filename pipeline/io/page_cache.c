/* The sample is by mincore over a mapping that is never touched. */
#include "pipeline/io/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLES = 32, STEP_BYTES = 8 << 20 };

/* -1 where it cannot be told. */
static int is_resident(int fd, uint64_t page, size_t page_bytes)
{
    void *mapped =
        mmap(NULL, page_bytes, PROT_READ, MAP_SHARED, fd, (off_t)(page * (uint64_t)page_bytes));
    if (mapped == MAP_FAILED)
        return -1;
    unsigned char state = 0;
    int answer = mincore(mapped, page_bytes, &state) ? -1 : state & 1;
    munmap(mapped, page_bytes);
    return answer;
}

/* To others than a file's owner mincore says that all of it is resident (Linux, since 5.2). */
static bool can_tell(int fd)
{
    struct stat status;
    return geteuid() == 0 || (fstat(fd, &status) == 0 && status.st_uid == geteuid());
}

void cp_page_cache_open(cp_page_cache *cache, int fd, uint64_t file_bytes)
{
    *cache = (cp_page_cache){.fd = fd};
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uint64_t pages = file_bytes / page_bytes;
    if (pages < SAMPLES)
        return; /* too small to flood anything */
    for (uint64_t i = 0; i < SAMPLES && can_tell(fd); i++)
        if (is_resident(fd, pages / SAMPLES * i, page_bytes) != 0)
            return;
    cache->drops = true;
}

void cp_page_cache_behind(cp_page_cache *cache, uint64_t offset)
{
    if (!cache->drops || offset - cache->dropped < STEP_BYTES)
        return;
    posix_fadvise(cache->fd, (off_t)cache->dropped, (off_t)(offset - cache->dropped),
                  POSIX_FADV_DONTNEED);
    cache->dropped = offset;
}
