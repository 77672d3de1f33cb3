/* Schemas from YAML files; the keys and their meaning stand in DESIGN.md section 5. */
#ifndef CP_CONFIG_SCHEMA_FILE_H
#define CP_CONFIG_SCHEMA_FILE_H

#include "pipeline/core/schema.h"

/* Reads and checks a schema file; the caller frees *out with cp_schema_free. CP_E_NOINPUT for a
 * missing file, CP_E_IO for a failed read, CP_E_MEMORY; CP_E_CONFIG for everything else, with the
 * path in `input`, the line, the key in `field`, and in the message what was expected. */
cp_rc cp_schema_from_yaml(const char *path, cp_schema **out, cp_error *err);

#endif
