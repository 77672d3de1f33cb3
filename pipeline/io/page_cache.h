/* Not flooding the page cache: pages that a run brought in are dropped behind its cursor, pages
 * that were there before it came are left to whoever needs them. */
#ifndef CP_IO_PAGE_CACHE_H
#define CP_IO_PAGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cp_page_cache {
    int fd;
    bool drops;       /* the file was cold when it was opened */
    uint64_t dropped; /* everything before this offset has been given back */
} cp_page_cache;

/* Looks at a sample of the pages of the regular file `fd`; where it may not, the file counts as
 * cold. */
void cp_page_cache_open(cp_page_cache *cache, int fd, uint64_t file_bytes);

/* Everything before `offset` will not be read again, and is not mapped. */
void cp_page_cache_behind(cp_page_cache *cache, uint64_t offset);

#endif
