/* To add a format: one file that defines a `const cp_format_type`, and its row here. */
#include "formats/registry.h"

const cp_format_type *const cp_formats[] = {
    &cp_jsonl_format,
    &cp_struct_format,
    NULL,
};
