/* A bound condition: steps over columns and registers. Private to pipeline/expr.
 *
 *   value > 20 AND title LIKE 'a%'
 *
 *   range    r0 <- value in (20, ...]     straight from the column, in its own type
 *   load     r1 <- title                  the column itself where its values lie as registers'
 *   like     r1 <- r1 fits
 *   and      r0 <- r0, r1
 *
 * Steps run over CP_FRAME_ROWS rows at a time, so that what a step writes is still in the
 * first-level cache when the next reads it. Registers are used as a stack. */
#ifndef CP_EXPR_PROGRAM_H
#define CP_EXPR_PROGRAM_H

#include "pipeline/expr/bounds.h"
#include "pipeline/expr/like.h"
#include "pipeline/expr/set.h"
#include "pipeline/expr/tree.h"

enum { CP_FRAME_ROWS = 1024 }; /* a multiple of 64: frames begin at a word of the bitmaps */

/* Three-valued logic in bytes: AND is the lesser, OR the greater, NOT a the distance to true
 * (Stephen Kleene, 1938). */
enum { CP_FALSE = 0, CP_UNKNOWN = 1, CP_TRUE = 2 };

/* What a register holds, by the step that wrote it. */
typedef struct cp_register {
    const void *values; /* cp_wide, double or cp_span; in a column, or in `room` */
    void *room;
    uint8_t *truth;
    uint8_t *nulls; /* of values: 1 where a row is null, if `has_nulls`; its value is then not to be
                     * read, but for numbers in `room` */
    bool has_nulls;
} cp_register;

typedef struct cp_frame {
    const cp_batch *batch;
    uint32_t first, rows; /* of the batch; first is a multiple of CP_FRAME_ROWS */
    cp_register *registers;
    const struct cp_step *overflowed; /* by a row that is not null; NULL: none has */
} cp_frame;

/* One value. */
typedef struct cp_constant {
    union {
        cp_wide whole; /* of times: nanoseconds */
        double real;
        cp_span text;
        uint8_t truth;
    };
} cp_constant;

typedef struct cp_step {
    void (*run)(const struct cp_step *, cp_frame *);
    uint32_t to, a, b; /* registers; `to` may be `a` or `b` */
    uint32_t at;       /* byte in the expression */
    size_t field;
    cp_compare compare;
    bool negated;         /* IS NOT, NOT IN, NOT LIKE */
    bool set_has_null;    /* then what is not in the set is unknown */
    uint8_t truth;        /* that IS asks for */
    cp_constant constant; /* of loads */
    cp_bounds bounds;
    const cp_span *symbols; /* borrowed from the schema */
    uint8_t *table;         /* truth by code; owned, as are the next two */
    cp_set *set;
    cp_like *like;
} cp_step;

struct cp_filter {
    const cp_expr *expr;
    cp_step *steps; /* the last one writes the truth of register `result` */
    size_t step_count, step_capacity;
    size_t register_count;
    uint32_t result;
};

/* `count` registers for `rows` rows, in one allocation at *out. CP_E_MEMORY. */
cp_rc cp_registers_open(size_t count, size_t rows, cp_register **out, cp_error *err);
void cp_registers_close(cp_register *registers); /* NULL is allowed */

/* Releases what the step owns. */
void cp_step_close(cp_step *step);

/* step_load.c: a field, or step->constant in each row, into `to`. */
typedef void cp_step_run(const cp_step *, cp_frame *);
cp_step_run *cp_load_field(cp_type type); /* enums: their symbols, as text */
cp_step_run cp_load_code;                 /* of an enum, as a whole number */
cp_step_run cp_load_whole_constant, cp_load_float_constant, cp_load_text_constant,
    cp_load_truth_constant;

/* step_range.c: a field's values within step->bounds, by step->table, null or not. */
cp_step_run *cp_range_of(cp_type type);
cp_step_run cp_table_of_code;
cp_step_run cp_field_is_null;

/* step_number.c */
cp_step_run cp_whole_to_float;
cp_step_run cp_negate_whole, cp_add_whole, cp_subtract_whole, cp_multiply_whole, cp_remainder_whole;
cp_step_run cp_negate_float, cp_add_float, cp_subtract_float, cp_multiply_float, cp_divide_float,
    cp_remainder_float;
cp_step_run cp_compare_wholes, cp_compare_floats, cp_compare_whole_float;
cp_step_run cp_whole_in_set, cp_float_in_set;

/* step_text.c */
cp_step_run cp_compare_texts, cp_equal_texts, cp_text_in_set, cp_text_like;

/* step_truth.c */
cp_step_run cp_and, cp_or, cp_not, cp_compare_truths, cp_is_null, cp_is_unknown, cp_is_truth;

/* The nulls of either operand onto `to`. */
static inline void cp_join_nulls(const cp_step *step, cp_frame *frame)
{
    const cp_register *a = &frame->registers[step->a], *b = &frame->registers[step->b];
    cp_register *to = &frame->registers[step->to];
    bool a_has = a->has_nulls, b_has = b->has_nulls;
    for (uint32_t i = 0; (a_has || b_has) && i < frame->rows; i++)
        to->nulls[i] = (uint8_t)((a_has ? a->nulls[i] : 0) | (b_has ? b->nulls[i] : 0));
    to->has_nulls = a_has || b_has;
}

/* Rows that are null in `of` are unknown in `to`. */
static inline void cp_mask_unknown(cp_register *to, const cp_register *of, uint32_t rows)
{
    for (uint32_t i = 0; of->has_nulls && i < rows; i++)
        to->truth[i] = of->nulls[i] ? CP_UNKNOWN : to->truth[i];
}

/* What a comparison whose order is -1, 0 or 1 comes to. */
static inline uint8_t cp_compare_truth(cp_compare compare, int order)
{
    static const uint8_t truth[][3] = {
        [CP_COMPARE_EQ] = {CP_FALSE, CP_TRUE, CP_FALSE},
        [CP_COMPARE_NE] = {CP_TRUE, CP_FALSE, CP_TRUE},
        [CP_COMPARE_LT] = {CP_TRUE, CP_FALSE, CP_FALSE},
        [CP_COMPARE_LE] = {CP_TRUE, CP_TRUE, CP_FALSE},
        [CP_COMPARE_GT] = {CP_FALSE, CP_FALSE, CP_TRUE},
        [CP_COMPARE_GE] = {CP_FALSE, CP_TRUE, CP_TRUE},
    };
    return truth[compare][order + 1];
}

#endif
