/* The input formats, one row each in the table of registry.c. */
#ifndef CP_FORMATS_REGISTRY_H
#define CP_FORMATS_REGISTRY_H

#include "pipeline/core/format.h"

extern const cp_format_type cp_jsonl_format;
extern const cp_format_type cp_struct_format;

/* Ends with NULL. */
extern const cp_format_type *const cp_formats[];

#endif
