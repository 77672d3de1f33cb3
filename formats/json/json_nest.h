/* Where a row's values stand in its object: each where its field's path says, so that the schema
 * reads what it wrote. */
#ifndef CP_FORMATS_JSON_JSON_NEST_H
#define CP_FORMATS_JSON_JSON_NEST_H

#include "formats/text/text_row.h"
#include "pipeline/core/schema.h"

/* Adds the object of the wanted fields to `row`, in their order; those whose paths begin alike
 * stand together, at the place of the first. CP_E_MEMORY; CP_E_CONFIG where one path runs through
 * another. */
cp_rc cp_json_nest(const cp_schema *schema, cp_text_row *row, cp_error *err);

#endif
