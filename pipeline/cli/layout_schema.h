/* --layout and --fields: a schema for struct records, from the command line alone or on top of a
 * schema that was given. */
#ifndef CP_CLI_LAYOUT_SCHEMA_H
#define CP_CLI_LAYOUT_SCHEMA_H

#include "pipeline/core/schema.h"

/* Where *schema is NULL, makes one whose types are those of the codes; else sets the layout of
 * the schema, whose fields `fields` then names (NULL: in the schema's own layout_fields order).
 * CP_E_USAGE, CP_E_CONFIG, CP_E_MEMORY. */
cp_rc cp_layout_schema(const char *layout, const char *fields, cp_schema **schema, cp_error *err);

#endif
