/* Byte strings to small numbers: object keys to fields, enum symbols to codes.
 *
 * Immutable once built and shared by all threads; a lookup is one hash, most often one compare. */
#ifndef CP_CORE_NAMES_H
#define CP_CORE_NAMES_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

typedef struct cp_names cp_names;

enum { CP_NAME_ABSENT = -1 };

/* Builds the table of `count` distinct names; number i stands for names[i]. The bytes are copied.
 * CP_E_MEMORY; CP_E_CONFIG where a name stands twice. */
cp_rc cp_names_build(const cp_span *names, size_t count, cp_names **out, cp_error *err);

/* The number of `name`, or CP_NAME_ABSENT. */
int32_t cp_names_find(const cp_names *names, cp_span name);

/* The same where CP_TEXT_KEY_BYTES (text_key.h) from the name's first byte on are readable,
 * whatever its size: faster for names of many sizes. */
int32_t cp_names_find_readable(const cp_names *names, cp_span name);

/* NULL is allowed. */
void cp_names_free(cp_names *names);

#endif
