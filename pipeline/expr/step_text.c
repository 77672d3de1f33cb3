/* Texts. What lies under a null is never read. */
#include "pipeline/expr/program.h"

static bool is_null(const cp_register *of, uint32_t i)
{
    return of->has_nulls && of->nulls[i];
}

/* The texts of row i, or false where one of them is null: the row is then unknown. */
static inline bool both(const cp_step *step, const cp_frame *frame, uint32_t i, cp_span *left,
                        cp_span *right)
{
    const cp_register *a = &frame->registers[step->a], *b = &frame->registers[step->b];
    if (is_null(a, i) || is_null(b, i))
        return false;
    *left = ((const cp_span *)a->values)[i];
    *right = ((const cp_span *)b->values)[i];
    return true;
}

void cp_compare_texts(const cp_step *step, cp_frame *frame)
{
    uint8_t *truth = frame->registers[step->to].truth;
    cp_span a, b;
    for (uint32_t i = 0; i < frame->rows; i++) {
        truth[i] = CP_UNKNOWN;
        if (!both(step, frame, i, &a, &b))
            continue;
        int order = cp_span_compare(a, b);
        truth[i] = cp_compare_truth(step->compare, (order > 0) - (order < 0));
    }
}

/* = and <>. */
void cp_equal_texts(const cp_step *step, cp_frame *frame)
{
    uint8_t *truth = frame->registers[step->to].truth;
    bool wanted = step->compare == CP_COMPARE_EQ;
    cp_span a, b;
    for (uint32_t i = 0; i < frame->rows; i++) {
        truth[i] = CP_UNKNOWN;
        if (both(step, frame, i, &a, &b))
            truth[i] = cp_span_equal(a, b) == wanted ? CP_TRUE : CP_FALSE;
    }
}

void cp_text_in_set(const cp_step *step, cp_frame *frame)
{
    const cp_register *a = &frame->registers[step->a];
    uint8_t *truth = frame->registers[step->to].truth;
    uint8_t absent = step->set_has_null ? CP_UNKNOWN : CP_FALSE;
    for (uint32_t i = 0; i < frame->rows; i++) {
        truth[i] = CP_UNKNOWN;
        if (!is_null(a, i))
            truth[i] =
                cp_set_has_text(step->set, ((const cp_span *)a->values)[i]) ? CP_TRUE : absent;
    }
}

void cp_text_like(const cp_step *step, cp_frame *frame)
{
    const cp_register *a = &frame->registers[step->a];
    uint8_t *truth = frame->registers[step->to].truth;
    for (uint32_t i = 0; i < frame->rows; i++) {
        truth[i] = CP_UNKNOWN;
        if (is_null(a, i))
            continue;
        bool fits = cp_like_matches(step->like, ((const cp_span *)a->values)[i]);
        truth[i] = fits != step->negated ? CP_TRUE : CP_FALSE;
    }
}
