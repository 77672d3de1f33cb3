/* Allocations that fail on demand.
 *
 *   module --malloc--> this program's malloc --> the C library's, or the sanitizer's
 *
 * A program's own malloc comes before that of every library (glibc manual, "Replacing malloc").
 * Allocations inside the C library count, too. */
#ifndef CP_TESTS_UNIT_FAILING_MEMORY_H
#define CP_TESTS_UNIT_FAILING_MEMORY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CP_TEST_SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define CP_TEST_SANITIZED 1
#endif
#ifdef CP_TEST_SANITIZED
#define CP_REAL(name) __interceptor_##name
#else
#define CP_REAL(name) __libc_##name
#endif

/* The names are those that the libraries have chosen. NOLINTBEGIN(bugprone-reserved-identifier) */
void *CP_REAL(malloc)(size_t size);
void *CP_REAL(calloc)(size_t count, size_t size);
void *CP_REAL(realloc)(void *memory, size_t size);
/* NOLINTEND(bugprone-reserved-identifier) */

/* A sanitizer allocates before it is ready to watch. */
#define CP_UNWATCHED __attribute__((no_sanitize("address"), no_sanitize("thread")))

static long allocations_left = -1; /* before the one that fails; negative: none does */

/* The allocation after the next `left` ones fails, and only that one. */
static inline void fail_allocation(long left)
{
    allocations_left = left;
}

/* Back to plenty. Returns whether the allocation that was to fail has been asked for. */
static inline bool end_failing(void)
{
    bool failed = allocations_left < 0;
    allocations_left = -1;
    return failed;
}

/* More than there can be fails as it does without a sanitizer, which would end the program. */
CP_UNWATCHED static bool fails_now(size_t count, size_t size)
{
    enum { SIZE_BITS_MAX = 40 };
    size_t bytes;
    bool fails = __builtin_mul_overflow(count, size, &bytes) || bytes >> SIZE_BITS_MAX != 0 ||
                 (allocations_left >= 0 && allocations_left-- == 0);
    if (fails)
        errno = ENOMEM; /* as POSIX has it */
    return fails;
}

CP_UNWATCHED void *malloc(size_t size)
{
    return fails_now(1, size) ? NULL : CP_REAL(malloc)(size);
}

CP_UNWATCHED void *calloc(size_t count, size_t size)
{
    return fails_now(count, size) ? NULL : CP_REAL(calloc)(count, size);
}

CP_UNWATCHED void *realloc(void *memory, size_t size)
{
    return fails_now(1, size) ? NULL : CP_REAL(realloc)(memory, size);
}

#endif
