/* The name that somebody may have meant. */
#ifndef CP_TEXT_NEAREST_H
#define CP_TEXT_NEAREST_H

#include "pipeline/core/schema.h"
#include "pipeline/core/span.h"

/* Begin with `wanted` alone. */
typedef struct cp_nearest {
    cp_span wanted;
    cp_span found;   /* the nearest that was offered; data NULL: none is near */
    size_t distance; /* of `found` */
} cp_nearest;

/* Keeps the candidate if fewer edits lead to it than to those before, and no more than three.
 * Names of more than 40 bytes are near to none. */
void cp_nearest_offer(cp_nearest *nearest, cp_span candidate);

/* Of a schema's fields; data NULL: none is near. */
cp_span cp_nearest_field(const cp_schema *schema, cp_span wanted);

#endif
