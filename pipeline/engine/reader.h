/* Cutting one input into blocks: the serial end of the pipeline. */
#ifndef CP_ENGINE_READER_H
#define CP_ENGINE_READER_H

#include "pipeline/core/block.h"
#include "pipeline/core/format.h"
#include "pipeline/core/source.h"

typedef struct cp_reader {
    cp_source *source; /* borrowed */
    cp_splitter *splitter;
    uint64_t offset; /* of the cursor in the decompressed stream */
} cp_reader;

cp_rc cp_reader_open(cp_reader *reader, cp_source *source, const cp_format *plan, cp_error *err);
void cp_reader_close(cp_reader *reader); /* may be called twice */

/* What comes next: CP_BLOCK fills `block`, which the caller releases; CP_SKIP fills `cut` (bytes
 * passed over that began at *skip_offset); CP_END. Failures are those of the source. */
cp_rc cp_reader_next(cp_reader *reader, cp_block *block, cp_cut *cut, uint64_t *skip_offset,
                     cp_error *err);

#endif
