/* A schema as YAML text: what cp_schema_from_yaml reads back as the same schema. */
#ifndef CP_CONFIG_SCHEMA_YAML_H
#define CP_CONFIG_SCHEMA_YAML_H

#include "pipeline/core/schema.h"

/* *out ends with NUL and is the caller's to free. One line a field; keys that say what holds
 * without them are left out. CP_E_MEMORY. */
cp_rc cp_schema_to_yaml(const cp_schema *schema, char **out, cp_error *err);

#endif
