/* A block: whole records in a padded, reference-counted buffer; cut by content position alone. */
#ifndef CP_CORE_BLOCK_H
#define CP_CORE_BLOCK_H

#include "pipeline/core/buffer.h"
#include "pipeline/core/preamble.h"
#include "pipeline/core/span.h"

/* `bytes` lies in `backing`, with CP_PADDING_BYTES readable behind it. The last block of an input
 * is followed by a '\n', so a text record always ends at one: inside the block or just behind. */
typedef struct cp_block {
    cp_buffer *backing; /* one reference is the block's */
    cp_span bytes;
    uint64_t offset;       /* of bytes.data[0] in the input's decompressed stream */
    unsigned note;         /* what the format's splitter wants its decoder to know */
    cp_preamble *preamble; /* what its records stand under, one reference; NULL: nothing */
} cp_block;

static inline void cp_block_release(cp_block *block)
{
    cp_buffer_release(block->backing);
    cp_preamble_release(block->preamble);
    *block = (cp_block){0};
}

#endif
