/* Groups: rows on their way into a file, what becomes a Parquet row group.
 *
 *   batch --copy, any thread--> slab      the accepted rows of one morsel, text included
 *   slabs --re-cut at commit--> group     slices of consecutive slabs: rows in input order
 *   group --gather, a column at a time--> contiguous values for an encoder
 *
 * Where a group ends depends on rows and bytes alone, never on blocks or threads. */
#ifndef CP_CORE_GROUP_H
#define CP_CORE_GROUP_H

#include "pipeline/core/batch.h"

/* Rows with memory of their own; reference-counted, since one may end up in two groups. Columns
 * as in a batch (cp_type_width bytes a value), but for text: uint32_t offsets, one more than there
 * are rows, into the bytes of all its texts. Written by one thread, then only read. */
typedef struct cp_slab cp_slab;

/* Slabs that were released, to be filled again: a long run then needs no more memory than what it
 * holds at once. All of one schema. Any thread. */
typedef struct cp_slab_pool cp_slab_pool;

/* `rows` rows from row `first` on of a slab. */
typedef struct cp_slice {
    cp_slab *slab;
    uint32_t first, rows;
} cp_slice;

/* Zeroed is empty. Filled by one thread, then only read. */
typedef struct cp_group {
    const cp_schema *schema; /* borrowed; of the batches that the slabs were made from */
    cp_slice *slices;
    size_t slice_count, slice_capacity;
    uint64_t rows;
    uint64_t bytes; /* of the values, as they lie in the slabs */
} cp_group;

/* One column of a group in one piece. Zeroed is empty; the arrays grow as needed and are used again
 * for the next column. */
typedef struct cp_gathered {
    uint64_t rows;
    uint64_t count;  /* values that are not null */
    void *values;    /* count of them, cp_type_width bytes each; text as cp_span into the slabs,
                      * where CP_TEXT_KEY_BYTES from its first byte on are readable */
    uint64_t *valid; /* a bit for each row; NULL where no row is null */
    uint64_t *valid_room;                  /* what valid points to where it is not NULL */
    size_t value_capacity, valid_capacity; /* bytes; words */
} cp_gathered;

/* CP_E_MEMORY. */
cp_rc cp_slab_pool_new(cp_slab_pool **out, cp_error *err);
void cp_slab_pool_free(cp_slab_pool *pool); /* after all its slabs came back; NULL is allowed */

/* Copies the batch's selected rows of the wanted columns behind those that the slab has; *slab
 * NULL: one from the pool (NULL: a new one), which the caller releases. CP_E_MEMORY, also for 2^32
 * bytes of text or rows in one slab: it is then good for its release alone. */
cp_rc cp_slab_add(cp_slab **slab, cp_slab_pool *pool, const cp_batch *batch, cp_error *err);
/* Copies all rows of `from`, which has the same columns, behind those of `slab`, which nobody else
 * holds. CP_E_MEMORY as above. */
cp_rc cp_slab_append(cp_slab *slab, const cp_slab *from, cp_error *err);
uint32_t cp_slab_rows(const cp_slab *slab);
/* Bytes of the values of `rows` rows from `first` on, an offset for each text included. */
uint64_t cp_slab_bytes(const cp_slab *slab, uint32_t first, uint32_t rows);
cp_slab *cp_slab_retain(cp_slab *slab); /* any thread */
void cp_slab_release(cp_slab *slab);    /* any thread; NULL is allowed */

/* Appends a slice and counts its rows and bytes; retains the slab. CP_E_MEMORY. */
cp_rc cp_group_add(cp_group *group, cp_slab *slab, uint32_t first, uint32_t rows, cp_error *err);
void cp_group_clear(cp_group *group); /* releases the slabs, keeps the array; may be called twice */
void cp_group_close(cp_group *group); /* may be called twice */

/* The values of schema field `field`, which is wanted, of all rows; any thread, own `out`.
 * CP_E_MEMORY. */
cp_rc cp_group_gather(const cp_group *group, size_t field, cp_gathered *out, cp_error *err);
void cp_gathered_close(cp_gathered *gathered); /* may be called twice */

#endif
