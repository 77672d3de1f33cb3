/* Cutting one input into blocks: the serial end of the pipeline. */
#ifndef CP_ENGINE_CUTTER_H
#define CP_ENGINE_CUTTER_H

#include "pipeline/core/block.h"
#include "pipeline/core/format.h"
#include "pipeline/core/source.h"

typedef struct cp_cutter {
    cp_source *source; /* borrowed */
    cp_splitter *splitter;
    uint64_t offset; /* of the cursor in the decompressed stream */
} cp_cutter;

cp_rc cp_cutter_open(cp_cutter *cutter, cp_source *source, const cp_format *plan, cp_error *err);
void cp_cutter_close(cp_cutter *cutter); /* may be called twice */

/* What comes next: CP_BLOCK fills `block`, which the caller releases; CP_SKIP fills `cut` (bytes
 * passed over that began at *skip_offset); CP_END. Failures are those of the source and of the
 * splitter. */
cp_rc cp_cutter_next(cp_cutter *cutter, cp_block *block, cp_cut *cut, uint64_t *skip_offset,
                     cp_error *err);

#endif
