/* The balance: read = accepted + rejected, and the reasons add up. */
#include "pipeline/engine/books.h"

#include <inttypes.h>

cp_rc cp_books_check(const cp_books *books, cp_error *err)
{
    uint64_t reasons = 0;
    for (size_t i = 0; i < CP_REASON_COUNT; i++)
        reasons += books->by_reason[i];
    if (books->read == books->accepted + books->rejected && reasons == books->rejected &&
        books->filtered <= books->accepted)
        return CP_OK;
    return cp_fail(err, CP_E_BUG, "books_do_not_balance",
                   "the books do not balance: read %" PRIu64 ", accepted %" PRIu64
                   ", rejected %" PRIu64 ", by reason %" PRIu64 ", filtered %" PRIu64,
                   books->read, books->accepted, books->rejected, reasons, books->filtered);
}
