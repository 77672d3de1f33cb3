/* What was written to a file goes to the disk while more is made. So publishing waits for the last
 * of it alone, and a large output takes nobody else's place in the page cache.
 *
 *   file   | on the disk, dropped | on its way | not yet |
 */
#ifndef CP_IO_WRITE_BEHIND_H
#define CP_IO_WRITE_BEHIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: a file that is empty. */
typedef struct cp_write_behind {
    uint64_t written, started, dropped; /* up to here, from the file's start */
    bool off;                           /* it cannot be done here */
} cp_write_behind;

/* `bytes` more stand at the end of the regular file `fd`. Returns 0, or the errno of what became
 * known of the disk: fsync will not tell it again. */
int cp_write_behind_add(cp_write_behind *self, int fd, size_t bytes);

#endif
