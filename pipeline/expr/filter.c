/* Running a bound condition over a batch, a frame of rows at a time, and what remains selected. */
#include "pipeline/core/checked.h"
#include "pipeline/expr/complain.h"
#include "pipeline/expr/program.h"

struct cp_filter_scratch {
    cp_register *registers;
};

/* registers, padded to a cache line | values of each | truth of each | nulls of each */
cp_rc cp_registers_open(size_t count, size_t rows, cp_register **out, cp_error *err)
{
    enum { LINE_BYTES = 64, ROW_BYTES = sizeof(cp_wide) + 2 };
    size_t head, body, bytes;
    if (!cp_mul_size(count, sizeof(cp_register), &head) ||
        !cp_add_size(head, LINE_BYTES - head % LINE_BYTES, &head) ||
        !cp_mul_size(count, rows * ROW_BYTES, &body) || !cp_add_size(head, body, &bytes))
        return cp_fail_memory(err, SIZE_MAX);
    uint8_t *memory;
    cp_rc rc = cp_calloc(1, bytes, &memory, err);
    if (rc)
        return rc;
    cp_register *registers = (cp_register *)(void *)memory;
    uint8_t *values = memory + head;
    uint8_t *truth = values + count * rows * sizeof(cp_wide);
    for (size_t i = 0; i < count; i++) {
        registers[i].room = values + i * rows * sizeof(cp_wide);
        registers[i].truth = truth + i * rows;
        registers[i].nulls = truth + (count + i) * rows;
    }
    *out = registers;
    return CP_OK;
}

void cp_registers_close(cp_register *registers)
{
    free(registers);
}

void cp_step_close(cp_step *step)
{
    if (step->set)
        cp_set_close(step->set);
    free(step->set);
    free(step->table);
    cp_like_free(step->like);
    step->set = NULL;
    step->table = NULL;
    step->like = NULL;
}

void cp_filter_free(cp_filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->step_count; i++)
        cp_step_close(&filter->steps[i]);
    free(filter->steps);
    free(filter);
}

cp_rc cp_filter_scratch_open(const cp_filter *filter, cp_filter_scratch **out, cp_error *err)
{
    cp_filter_scratch *scratch;
    cp_rc rc = cp_calloc(1, sizeof *scratch, &scratch, err);
    if (rc)
        return rc;
    rc = cp_registers_open(filter->register_count, CP_FRAME_ROWS, &scratch->registers, err);
    if (rc)
        cp_filter_scratch_close(scratch);
    else
        *out = scratch;
    return rc;
}

void cp_filter_scratch_close(cp_filter_scratch *scratch)
{
    if (!scratch)
        return;
    cp_registers_close(scratch->registers);
    free(scratch);
}

static uint32_t count_true(const uint8_t *truth, uint32_t rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++)
        count += truth[i] == CP_TRUE;
    return count;
}

/* The rows of the frame that are true, onto the end of the selection. Where they are not all or
 * none, every row is written, and overwritten by the next unless it counts. Returns the new count.
 */
static uint32_t keep_all(const cp_frame *frame, const uint8_t *truth, uint32_t *selection,
                         uint32_t kept)
{
    uint32_t count = count_true(truth, frame->rows);
    for (uint32_t i = 0; count == frame->rows && i < count; i++)
        selection[kept + i] = frame->first + i;
    if (count == 0 || count == frame->rows)
        return kept + count;
    for (uint32_t i = 0; i < frame->rows; i++) {
        selection[kept] = frame->first + i;
        kept += truth[i] == CP_TRUE;
    }
    return kept;
}

/* The same of those that were selected, from *next on; what is kept never overtakes what is read.
 */
static uint32_t keep_selected(const cp_frame *frame, const uint8_t *truth, cp_batch *batch,
                              uint32_t kept, uint32_t *next)
{
    uint32_t end = frame->first + frame->rows;
    for (; *next < batch->selection_count && batch->selection[*next] < end; ++*next) {
        uint32_t row = batch->selection[*next];
        batch->selection[kept] = row;
        kept += truth[row - frame->first] == CP_TRUE;
    }
    return kept;
}

static cp_rc run_steps(const cp_filter *filter, cp_frame *frame, cp_error *err)
{
    for (size_t i = 0; i < filter->step_count; i++)
        filter->steps[i].run(&filter->steps[i], frame);
    return frame->overflowed
               ? cp_complain_as(err, CP_E_DATA, filter->expr->text, frame->overflowed->at,
                                "integer_overflow", "a whole number is beyond 128 bits")
               : CP_OK;
}

cp_rc cp_filter_apply(const cp_filter *filter, cp_filter_scratch *scratch, cp_batch *batch,
                      cp_error *err)
{
    const uint8_t *truth = scratch->registers[filter->result].truth;
    uint32_t kept = 0, next = 0;
    for (uint32_t first = 0; first < batch->rows; first += CP_FRAME_ROWS) {
        uint32_t left = batch->rows - first;
        cp_frame frame = {.batch = batch,
                          .first = first,
                          .rows = left < CP_FRAME_ROWS ? left : CP_FRAME_ROWS,
                          .registers = scratch->registers};
        cp_rc rc = run_steps(filter, &frame, err);
        if (rc)
            return rc;
        kept = batch->selects_all ? keep_all(&frame, truth, batch->selection, kept)
                                  : keep_selected(&frame, truth, batch, kept, &next);
    }
    batch->selection_count = kept;
    batch->selects_all = kept == batch->rows;
    return CP_OK;
}
