/* What an input says once for all of its records, such as the header of a CSV file: made by its
 * splitter, shared by its blocks, read by every decoder that is handed one of them.
 *
 *   splitter --makes--> preamble <--holds a reference-- block, block ...
 *
 * Immutable once made, so any thread may read it. */
#ifndef CP_CORE_PREAMBLE_H
#define CP_CORE_PREAMBLE_H

#include <stdatomic.h>
#include <stddef.h>

/* Each format begins its own struct with this. Whoever makes one has the first reference. */
typedef struct cp_preamble {
    atomic_uint references;
    void (*destroy)(struct cp_preamble *); /* called by the last release; frees it */
} cp_preamble;

/* Any thread; NULL is allowed. */
static inline cp_preamble *cp_preamble_retain(cp_preamble *preamble)
{
    if (preamble)
        atomic_fetch_add_explicit(&preamble->references, 1, memory_order_relaxed);
    return preamble;
}

/* Any thread; NULL is allowed. What others did with it has happened before it is freed. */
static inline void cp_preamble_release(cp_preamble *preamble)
{
    if (preamble && atomic_fetch_sub_explicit(&preamble->references, 1, memory_order_acq_rel) == 1)
        preamble->destroy(preamble);
}

#endif
