/* The format "struct": its splitter, and the table that names all its parts.
 *
 *   input  |  as many whole records as 1 MiB holds  |  as many again  |  the rest, tail included */
#include "formats/records/struct_format.h"

#include "formats/records/struct_decoder.h"
#include "formats/records/struct_plan.h"
#include "pipeline/core/checked.h"

typedef struct struct_splitter {
    cp_splitter base;
    size_t record_bytes;
    size_t block_bytes;
    uint64_t header_bytes; /* that have not been passed over yet */
} struct_splitter;

/* A run of numbers looks like any other. */
static int probe(cp_span head, bool whole)
{
    (void)head;
    (void)whole;
    return 0;
}

static cp_rc splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    const cp_struct_plan *plan = (const cp_struct_plan *)format;
    size_t record_bytes = plan->layout.record_bytes;
    struct_splitter *s = NULL;
    cp_rc rc = cp_calloc(1, sizeof *s, &s, err);
    if (rc)
        return rc;
    s->base.type = &cp_struct_format;
    s->record_bytes = record_bytes;
    s->block_bytes = CP_BLOCK_TARGET_BYTES / record_bytes * record_bytes;
    s->header_bytes = plan->skip_bytes;
    *out = &s->base;
    return CP_OK;
}

static void splitter_close(cp_splitter *splitter)
{
    free(splitter);
}

static cp_rc pass_header(struct_splitter *s, cp_span bytes, cp_input_end end, cp_cut *cut,
                         cp_error *err)
{
    cut->size = bytes.size < s->header_bytes ? bytes.size : (size_t)s->header_bytes;
    s->header_bytes -= cut->size;
    if (cut->size)
        return CP_SKIP;
    if (end == CP_ENDS)
        return cp_fail(err, CP_E_DATA, "truncated_input",
                       "the input ends within the bytes that --skip-bytes passes over");
    return end == CP_GOES_ON ? CP_MORE : CP_END;
}

static cp_rc split(cp_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                   cp_error *err)
{
    struct_splitter *s = (struct_splitter *)splitter;
    *cut = (cp_cut){0};
    if (s->header_bytes > 0)
        return pass_header(s, bytes, end, cut, err);
    if (bytes.size < s->block_bytes && end == CP_GOES_ON)
        return CP_MORE;
    cut->size = bytes.size < s->block_bytes ? bytes.size : s->block_bytes;
    if (end == CP_BREAKS_OFF)
        cut->size = cut->size / s->record_bytes * s->record_bytes;
    return cut->size ? CP_BLOCK : CP_END;
}

static const uint8_t *find_record(const cp_format *format, const cp_block *block, const uint8_t *p,
                                  cp_span *record, uint64_t *lines)
{
    size_t left = (size_t)(block->bytes.data + block->bytes.size - p);
    size_t size = ((const cp_struct_plan *)format)->layout.record_bytes;
    *record = (cp_span){p, left < size ? left : size};
    *lines = 0;
    return p + record->size;
}

bool cp_struct_use_kernels(cp_format *format, cp_struct_path path)
{
    const cp_struct_kernels *chosen = NULL;
    if (path == CP_STRUCT_PORTABLE)
        chosen = cp_struct_kernels_portable();
    else if (path == CP_STRUCT_AVX2)
        chosen = cp_struct_kernels_avx2();
    if (!chosen && path != CP_STRUCT_CELLS)
        return false;
    ((cp_struct_plan *)format)->kernels = chosen;
    return true;
}

const cp_format_type cp_struct_format = {
    .name = "struct",
    .has_lines = false,
    .probe = probe,
    .feeds = cp_struct_feeds,
    .plan = cp_struct_plan_open,
    .plan_close = cp_struct_plan_close,
    .splitter_open = splitter_open,
    .splitter_close = splitter_close,
    .split = split,
    .find_record = find_record,
    .decoder_open = cp_struct_decoder_open,
    .decoder_close = cp_struct_decoder_close,
    .decode = cp_struct_decode,
};
