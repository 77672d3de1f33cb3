/* Errors that show where in the expression. Private to pipeline/expr. */
#ifndef CP_EXPR_COMPLAIN_H
#define CP_EXPR_COMPLAIN_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

/* "where: column 8, at "> 'x' AND y": MESSAGE" into `err` (NULL is allowed). Columns are characters
 * and count from 1; `at` is a byte of `text`, or its size. Called through the macro. */
int cp_complain_fill(cp_error *err, cp_rc rc, cp_span text, size_t at, const char *reason,
                     const char *format, ...) __attribute__((format(printf, 6, 7)));

#define cp_complain_as(err, rc, ...) cp_second(cp_complain_fill(err, rc, __VA_ARGS__), rc)
#define cp_complain(err, ...)        cp_complain_as(err, CP_E_USAGE, __VA_ARGS__)

#endif
