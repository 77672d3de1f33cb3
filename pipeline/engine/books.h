/* The books of a run: every record read is accepted or rejected, and none is lost. */
#ifndef CP_ENGINE_BOOKS_H
#define CP_ENGINE_BOOKS_H

#include "pipeline/core/reject.h"

/* Two hands count: `read` is counted by the decoders' cursors, `accepted` by the rows of batches,
 * `rejected` by what commit has seen. That they agree is checked before anything is published. */
typedef struct cp_books {
    uint64_t read;
    uint64_t accepted;
    uint64_t rejected;
    uint64_t filtered; /* accepted, but dropped by --where */
    uint64_t rounded;  /* values that the output's format holds only nearly */
    uint64_t by_reason[CP_REASON_COUNT];
} cp_books;

/* CP_E_BUG where they do not balance. */
cp_rc cp_books_check(const cp_books *books, cp_error *err);

#endif
