/* The page's memory and its way to the writer. */
#include "formats/synthetic/gen_out.h"

#include "pipeline/core/checked.h"

cp_rc cp_gen_out_open(cp_gen_out *out, cp_writer *writer, size_t flush_at, size_t slack,
                      cp_error *err)
{
    *out = (cp_gen_out){.writer = writer, .flush_at = flush_at};
    size_t bytes;
    if (!cp_add_size(flush_at, slack, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    return cp_calloc(bytes, 1, &out->bytes, err);
}

cp_rc cp_gen_out_flush(cp_gen_out *out, cp_error *err)
{
    if (out->used == 0)
        return CP_OK;
    cp_rc rc = cp_write(out->writer, out->bytes, out->used, err);
    out->flushed += out->used;
    out->used = 0;
    return rc;
}

void cp_gen_out_close(cp_gen_out *out)
{
    free(out->bytes);
    *out = (cp_gen_out){0};
}
