/* Conditions in SQL's WHERE grammar: parse, bind to a schema, keep the rows for which they are
 * true.
 *
 *   text --parse--> cp_expr      names not looked up yet; says which fields it reads
 *        --bind---> cp_filter    types checked, constants folded: steps over columns
 *        --apply--> the batch's selection
 *
 *   or     a OR b                         lowest; then, each binding tighter than the one before:
 *   and    a AND b
 *   not    NOT a
 *   is     a IS [NOT] NULL|TRUE|FALSE     this line and the next two do not chain: a < b < c is an
 *   order  a = <> != < <= > >= b          error
 *   range  a [NOT] IN (b, ...), a [NOT] BETWEEN b AND c, a [NOT] LIKE 'pattern' [ESCAPE 'c']
 *   sum    a + b, a - b
 *   term   a * b, a / b, a % b
 *   sign   -a, +a
 *   atom   (a), 12, 1.5, .5, 2e3, 'it''s', TRUE, FALSE, NULL, TIMESTAMP '2026-11-19T00:00:00Z',
 *          name, "any ""name"""
 *
 * Logic is three-valued: whatever is compared with NULL is NULL, and only true keeps a row.
 *
 *   numbers   compare exactly, whatever their types; NaN is equal to itself and above all else, as
 *             in DuckDB. Whole ones are computed in 128 bits, which hold sums and products of two
 *             64-bit ones; what is beyond ends the run. / divides floats; by zero these give what
 *             IEEE 754 says, infinity or NaN, and % of whole numbers NULL, as in DuckDB
 *   strings   compare by bytes; in LIKE, % is any run of characters and _ one character
 *   enums     compare with strings that are symbols; < is the order of the symbols
 *   times     compare with times, exactly, whatever their units
 *   json      is text: =, <>, IN and LIKE only */
#ifndef CP_EXPR_EXPR_H
#define CP_EXPR_EXPR_H

#include "pipeline/core/batch.h"

enum {
    CP_EXPR_BYTES_MAX = 64 << 10,
    CP_EXPR_DEPTH_MAX = 128, /* of what stands inside of something else */
};

typedef struct cp_expr cp_expr;                     /* immutable; any thread */
typedef struct cp_filter cp_filter;                 /* likewise */
typedef struct cp_filter_scratch cp_filter_scratch; /* one worker's */

/* Copies the text. CP_E_USAGE, whose message says column and text; CP_E_MEMORY. */
cp_rc cp_expr_parse(cp_span text, cp_expr **out, cp_error *err);
void cp_expr_free(cp_expr *expr); /* NULL is allowed */

/* The names of the fields that it reads, each once, in the order in which they are met; good as
 * long as the expression. */
size_t cp_expr_field_count(const cp_expr *expr);
cp_span cp_expr_field(const cp_expr *expr, size_t i);

/* Looks up the fields, marks them as wanted, and checks the types. Expression and schema outlive
 * the filter. CP_E_USAGE as above, for unknown fields and symbols, and types that do not go
 * together; CP_E_MEMORY. */
cp_rc cp_filter_bind(const cp_expr *expr, cp_schema *schema, cp_filter **out, cp_error *err);
void cp_filter_free(cp_filter *filter); /* NULL is allowed */

cp_rc cp_filter_scratch_open(const cp_filter *filter, cp_filter_scratch **out, cp_error *err);
void cp_filter_scratch_close(cp_filter_scratch *scratch); /* NULL is allowed */

/* Drops from the batch's selection the rows for which the condition is not true. The batch is of
 * the schema that the filter is bound to. Any thread, own scratch; allocates nothing. CP_E_DATA,
 * "integer_overflow", where a row's whole number does not fit 128 bits. */
cp_rc cp_filter_apply(const cp_filter *filter, cp_filter_scratch *scratch, cp_batch *batch,
                      cp_error *err);

#endif
