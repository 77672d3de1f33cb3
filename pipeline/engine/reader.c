/* Peek, split, consume; a splitter that wants more is shown twice as much. */
#include "pipeline/engine/reader.h"

cp_rc cp_reader_open(cp_reader *reader, cp_source *source, const cp_format *plan, cp_error *err)
{
    *reader = (cp_reader){.source = source};
    return plan->type->splitter_open(plan, &reader->splitter, err);
}

void cp_reader_close(cp_reader *reader)
{
    if (reader->splitter)
        reader->splitter->type->splitter_close(reader->splitter);
    *reader = (cp_reader){0};
}

static void fill_block(const cp_reader *reader, const cp_view *view, const cp_cut *cut,
                       cp_block *block)
{
    *block =
        (cp_block){cp_buffer_retain(view->backing), {view->bytes.data, cut->size}, reader->offset};
}

cp_rc cp_reader_next(cp_reader *reader, cp_block *block, cp_cut *cut, uint64_t *skip_offset,
                     cp_error *err)
{
    const cp_format_type *type = reader->splitter->type;
    cp_rc rc = CP_MORE;
    cp_view view;
    for (size_t want = CP_BLOCK_TARGET_BYTES; rc == CP_MORE; want = view.bytes.size * 2) {
        rc = reader->source->peek(reader->source, want, &view, err);
        if (!rc)
            rc = type->split(reader->splitter, view.bytes, view.at_end, cut, err);
    }
    if (rc == CP_BLOCK)
        fill_block(reader, &view, cut, block);
    *skip_offset = reader->offset;
    if (rc == CP_BLOCK || rc == CP_SKIP) {
        reader->source->consume(reader->source, cut->size);
        reader->offset += cut->size;
    }
    return rc;
}
