/* Operands while a condition is bound, and the steps that are made of them. Private to
 * pipeline/expr.
 *
 *   bind.c      walks the nodes: names, types, logic, arithmetic, LIKE, IS
 *   compare.c   comparisons, which look for the cheapest step
 *   list.c      IN
 *   operand.c   loads, folding, registers */
#ifndef CP_EXPR_OPERAND_H
#define CP_EXPR_OPERAND_H

#include "pipeline/expr/program.h"

typedef enum cp_kind {
    CP_KIND_NULL, /* a constant alone; goes with all the others */
    CP_KIND_TRUTH,
    CP_KIND_WHOLE,
    CP_KIND_FLOAT,
    CP_KIND_TIME,
    CP_KIND_TEXT,
    CP_KIND_ENUM, /* a field alone */
    CP_KIND_JSON, /* likewise */
} cp_kind;

typedef enum cp_place { CP_IN_CONSTANT, CP_IN_FIELD, CP_IN_REGISTER } cp_place;

typedef struct cp_operand {
    cp_kind kind;
    cp_place place;
    uint32_t at; /* byte in the expression */
    cp_constant constant;
    size_t field;
    uint32_t number; /* of the register */
} cp_operand;

/* An IN list while it is read. */
typedef struct cp_list {
    cp_set *set; /* its constants; owned */
    bool has_null;
} cp_list;

typedef struct cp_binder {
    const cp_expr *expr;
    cp_schema *schema;
    cp_filter *filter;
    cp_operand *stack;
    size_t stack_count, stack_capacity;
    cp_list *lists; /* the innermost last */
    size_t list_count, list_capacity;
    uint32_t live;     /* registers from here on are free */
    cp_register *fold; /* for one row; constants are computed in them */
    cp_error *err;
} cp_binder;

enum { CP_FOLD_REGISTERS = 2 };

static inline bool cp_is_number(const cp_operand *operand)
{
    return operand->kind == CP_KIND_WHOLE || operand->kind == CP_KIND_FLOAT;
}

static inline bool cp_is_constant(const cp_operand *operand)
{
    return operand->place == CP_IN_CONSTANT;
}

static inline const cp_field *cp_operand_field(const cp_binder *b, const cp_operand *operand)
{
    return &b->schema->fields[operand->field];
}

static inline cp_operand cp_null_operand(uint32_t at)
{
    return (cp_operand){.kind = CP_KIND_NULL, .place = CP_IN_CONSTANT, .at = at};
}

/* "field "status" (enum)", "a number", into `out`. Returns out. */
enum { CP_DESCRIPTION_BYTES = 160 };
const char *cp_operand_describe(const cp_binder *b, const cp_operand *operand,
                                char out[CP_DESCRIPTION_BYTES]);

/* operand.c. All below answer CP_E_USAGE with the place, or CP_E_MEMORY.
 *
 * A step whose result has the kind `kind`, of one operand or (right not NULL) two: they are loaded,
 * unless both are constants: then the result is computed at once. It goes into one of the operands'
 * registers, but into none below `floor`. The step is owned from here on, also where this fails. */
cp_rc cp_put_step(cp_binder *b, cp_step step, cp_kind kind, const cp_operand *left,
                  const cp_operand *right, uint32_t floor, cp_operand *out);
/* A step that reads step.field itself, into a new register. */
cp_rc cp_put_field_step(cp_binder *b, cp_step step, cp_operand *out);
/* The operand with its value in a register; `codes`: of an enum, its codes. */
cp_rc cp_load_operand(cp_binder *b, const cp_operand *operand, bool codes, cp_operand *out);
/* A number as a float. */
cp_rc cp_make_float(cp_binder *b, const cp_operand *operand, cp_operand *out);
/* The lowest register that is free while the operand is kept. */
uint32_t cp_floor_above(const cp_operand *operand);

/* compare.c: `left` and `right` stay as they are, registers from `floor` on excepted. */
cp_rc cp_put_compare(cp_binder *b, cp_compare compare, uint32_t at, const cp_operand *left,
                     const cp_operand *right, uint32_t floor, cp_operand *out);
/* Whether they can be compared so; else CP_E_USAGE. */
cp_rc cp_check_compare(cp_binder *b, cp_compare compare, uint32_t at, const cp_operand *left,
                       const cp_operand *right);
/* The code of a symbol of `left`, an enum. */
cp_rc cp_code_of(cp_binder *b, const cp_operand *left, const cp_operand *symbol, int32_t *out);
/* A step that looks the truth up by code: *table is for the caller to fill. */
cp_rc cp_put_table(cp_binder *b, const cp_operand *of, cp_operand *out, uint8_t **table);

/* bind.c: AND or OR. */
cp_rc cp_put_logic(cp_binder *b, cp_step_run *run, uint32_t at, const cp_operand *left,
                   const cp_operand *right, cp_operand *out);

/* list.c: the nodes IN_BEGIN, IN_ITEM, IN_END; x and what was found so far are on the stack. */
cp_rc cp_list_begin(cp_binder *b, const cp_node *node);
cp_rc cp_list_item(cp_binder *b, const cp_node *node);
cp_rc cp_list_end(cp_binder *b, const cp_node *node);
void cp_list_close(cp_list *list);

/* The stack; pop does not free registers, which the next push does. */
cp_rc cp_push(cp_binder *b, const cp_operand *operand);
cp_operand cp_pop(cp_binder *b);

#endif
