/* Peek, split, consume; a splitter that wants more is shown twice as much. Records that came whole
 * before the source failed are cut first, so that the first error in input order is told. */
#include "pipeline/engine/cutter.h"

cp_rc cp_cutter_open(cp_cutter *cutter, cp_source *source, const cp_format *plan, cp_error *err)
{
    *cutter = (cp_cutter){.source = source};
    return plan->type->splitter_open(plan, &cutter->splitter, err);
}

void cp_cutter_close(cp_cutter *cutter)
{
    if (cutter->splitter)
        cutter->splitter->type->splitter_close(cutter->splitter);
    *cutter = (cp_cutter){0};
}

static void fill_block(const cp_cutter *cutter, const cp_view *view, const cp_cut *cut,
                       cp_block *block)
{
    *block = (cp_block){
        .backing = cp_buffer_retain(view->backing),
        .bytes = {view->bytes.data, cut->size},
        .offset = cutter->offset,
        .note = cut->note,
        .preamble = cp_preamble_retain(cutter->splitter->preamble),
    };
}

cp_rc cp_cutter_next(cp_cutter *cutter, cp_block *block, cp_cut *cut, uint64_t *skip_offset,
                     cp_error *err)
{
    const cp_format_type *type = cutter->splitter->type;
    cp_rc rc = CP_MORE, failure = CP_OK;
    cp_error damage = {0}; /* of what came before the source failed */
    cp_view view;
    for (size_t want = CP_BLOCK_TARGET_BYTES; rc == CP_MORE; want = view.bytes.size * 2) {
        failure = cutter->source->peek(cutter->source, want, &view, err);
        cp_input_end end = failure ? CP_BREAKS_OFF : view.at_end ? CP_ENDS : CP_GOES_ON;
        rc = type->split(cutter->splitter, view.bytes, end, cut, failure ? &damage : err);
    }
    if (failure && rc == CP_END)
        return failure; /* all whole records before it have been cut */
    if (failure && cp_failed(rc) && err)
        *err = damage;
    if (rc == CP_BLOCK)
        fill_block(cutter, &view, cut, block);
    *skip_offset = cutter->offset;
    if (rc == CP_BLOCK || rc == CP_SKIP) {
        cutter->source->consume(cutter->source, cut->size);
        cutter->offset += cut->size;
    }
    return rc;
}
