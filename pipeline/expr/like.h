/* LIKE: patterns of % (any run of characters) and _ (one character) over UTF-8. Private to
 * pipeline/expr. */
#ifndef CP_EXPR_LIKE_H
#define CP_EXPR_LIKE_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

typedef struct cp_like cp_like;

/* `escape` is one character that makes the one behind it stand for itself, or empty. CP_E_MEMORY;
 * CP_E_USAGE where the pattern ends with the escape. */
cp_rc cp_like_compile(cp_span pattern, cp_span escape, cp_like **out, cp_error *err);
void cp_like_free(cp_like *like); /* NULL is allowed */

/* Whether the whole text fits; it is valid UTF-8. At most pattern times text steps. Any thread. */
bool cp_like_matches(const cp_like *like, cp_span text);

#endif
