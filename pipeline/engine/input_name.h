/* What an input is called: its path, or that of an archive and the member in it. */
#ifndef CP_ENGINE_INPUT_NAME_H
#define CP_ENGINE_INPUT_NAME_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

/* Zeroed: none. */
typedef struct cp_input_name {
    char *text;         /* what messages say: "a.jsonl", "a.tar!day/a.jsonl" */
    cp_span path;       /* in the text */
    const char *member; /* likewise; NULL: the file itself */
} cp_input_name;

/* Copies both; `member` may be NULL. CP_E_MEMORY. */
cp_rc cp_input_name_open(cp_input_name *name, const char *path, const char *member, cp_error *err);
void cp_input_name_close(cp_input_name *name);

#endif
