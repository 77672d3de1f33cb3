/* A parsed expression: its nodes in postfix order, operands before what is done with them.
 *
 *   value > 20 AND NOT done     value 20 > done NOT AND
 *
 * So all that comes after the parser is a loop with a stack, never a recursion, however long a
 * chain of ANDs is. Private to pipeline/expr. */
#ifndef CP_EXPR_TREE_H
#define CP_EXPR_TREE_H

#include "pipeline/core/arena.h"
#include "pipeline/expr/expr.h"
#include "pipeline/expr/wide.h"

typedef enum cp_node_kind {
    /* No operand. */
    CP_NODE_FIELD,
    CP_NODE_NULL,
    CP_NODE_TRUTH,
    CP_NODE_WHOLE,
    CP_NODE_FLOAT,
    CP_NODE_TEXT,
    CP_NODE_TIME, /* `whole` nanoseconds since 1970-01-01T00:00:00Z */
    /* One. */
    CP_NODE_NEGATE,
    CP_NODE_PLUS, /* as it is, but a number */
    CP_NODE_NOT,
    CP_NODE_IS_NULL,
    CP_NODE_IS_TRUTH, /* of `truth` */
    CP_NODE_LIKE,     /* `text`, ESCAPE `escape` */
    CP_NODE_LIKE_NULL,
    /* Two. */
    CP_NODE_ADD,
    CP_NODE_SUBTRACT,
    CP_NODE_MULTIPLY,
    CP_NODE_DIVIDE,
    CP_NODE_REMAINDER,
    CP_NODE_COMPARE, /* by `compare` */
    CP_NODE_AND,
    CP_NODE_OR,
    /* Three: the value, low, high. */
    CP_NODE_BETWEEN,
    /* x IN (a, b): x IN_BEGIN a IN_ITEM b IN_ITEM IN_END. */
    CP_NODE_IN_BEGIN,
    CP_NODE_IN_ITEM,
    CP_NODE_IN_END,
} cp_node_kind;

typedef enum cp_compare {
    CP_COMPARE_EQ,
    CP_COMPARE_NE,
    CP_COMPARE_LT,
    CP_COMPARE_LE,
    CP_COMPARE_GT,
    CP_COMPARE_GE,
} cp_compare;

typedef struct cp_node {
    cp_node_kind kind;
    uint32_t at;  /* its byte in the text */
    bool negated; /* IS NOT, NOT IN, NOT BETWEEN, NOT LIKE */
    cp_compare compare;
    union {
        size_t name; /* FIELD: of cp_expr.names */
        bool truth;
        cp_wide whole;
        double real;
        cp_span text;
    };
    cp_span escape; /* one character, or empty: none */
} cp_node;

struct cp_expr {
    cp_span text;
    cp_node *nodes;
    size_t node_count, node_capacity;
    cp_span *names;
    size_t name_count, name_capacity;
    cp_arena arena; /* the text, names, literals */
};

#endif
