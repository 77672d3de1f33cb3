/* Columns by name: which field one of a flat format feeds. */
#ifndef CP_FORMATS_TEXT_COLUMN_NAME_H
#define CP_FORMATS_TEXT_COLUMN_NAME_H

#include "pipeline/core/schema.h"

/* The field whose path, joined by points, is `name` ("status", "reading.value"); where there is
 * none, the field of that name; SIZE_MAX: nobody asked for the column. */
size_t cp_column_field(const cp_schema *schema, cp_span name);

#endif
