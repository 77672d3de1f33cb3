/* A JSON Pointer (RFC 6901): the way from a document to a value inside of it. */
#ifndef CP_FORMATS_JSON_JSON_POINTER_H
#define CP_FORMATS_JSON_JSON_POINTER_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

typedef struct cp_json_pointer {
    char *text;      /* as it was given */
    cp_span *tokens; /* ~0 and ~1 resolved; in `plain` */
    size_t count;    /* 0: the document itself */
    uint8_t *plain;
} cp_json_pointer;

/* "/data/cases"; "" is the document. CP_E_USAGE, CP_E_MEMORY. */
cp_rc cp_json_pointer_open(const char *text, cp_json_pointer *out, cp_error *err);
void cp_json_pointer_close(cp_json_pointer *pointer); /* may be called twice */

/* Whether the token names the array's element `index`: its digits, without leading zeros. */
bool cp_json_pointer_is_index(cp_span token, uint64_t index);

#endif
