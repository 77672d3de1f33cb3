/* Lists of names, as options have them: "a,b,c". */
#ifndef CP_CLI_NAME_LIST_H
#define CP_CLI_NAME_LIST_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"

/* Zeroed is empty. */
typedef struct cp_name_list {
    cp_span *items; /* in the text that was split */
    size_t count, capacity;
} cp_name_list;

/* Splits at the commas. CP_E_USAGE, which names the option, for an empty name; CP_E_MEMORY. */
cp_rc cp_name_list_split(const char *text, const char *option, cp_name_list *names, cp_error *err);

/* That no name stands twice. CP_E_USAGE, which names the option. */
cp_rc cp_name_list_check(const cp_name_list *names, const char *option, cp_error *err);

void cp_name_list_close(cp_name_list *names); /* may be called twice */

#endif
