/* Three-valued logic, byte by byte. */
#include "pipeline/expr/program.h"

void cp_and(const cp_step *step, cp_frame *frame)
{
    const uint8_t *a = frame->registers[step->a].truth, *b = frame->registers[step->b].truth;
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++)
        to[i] = a[i] < b[i] ? a[i] : b[i];
}

void cp_or(const cp_step *step, cp_frame *frame)
{
    const uint8_t *a = frame->registers[step->a].truth, *b = frame->registers[step->b].truth;
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++)
        to[i] = a[i] > b[i] ? a[i] : b[i];
}

void cp_not(const cp_step *step, cp_frame *frame)
{
    const uint8_t *a = frame->registers[step->a].truth;
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++)
        to[i] = (uint8_t)(CP_TRUE - a[i]);
}

void cp_compare_truths(const cp_step *step, cp_frame *frame)
{
    const uint8_t *a = frame->registers[step->a].truth, *b = frame->registers[step->b].truth;
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++) {
        bool unknown = a[i] == CP_UNKNOWN || b[i] == CP_UNKNOWN;
        int order = (a[i] > b[i]) - (a[i] < b[i]);
        to[i] = unknown ? CP_UNKNOWN : cp_compare_truth(step->compare, order);
    }
}

/* Of a value in a register. */
void cp_is_null(const cp_step *step, cp_frame *frame)
{
    const cp_register *a = &frame->registers[step->a];
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++)
        to[i] = (a->has_nulls && a->nulls[i]) != step->negated ? CP_TRUE : CP_FALSE;
}

static void is(const cp_step *step, cp_frame *frame, uint8_t wanted)
{
    const uint8_t *a = frame->registers[step->a].truth;
    uint8_t *to = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++)
        to[i] = (a[i] == wanted) != step->negated ? CP_TRUE : CP_FALSE;
}

void cp_is_unknown(const cp_step *step, cp_frame *frame)
{
    is(step, frame, CP_UNKNOWN);
}

void cp_is_truth(const cp_step *step, cp_frame *frame)
{
    is(step, frame, step->truth);
}
