/* Rules that keep what a layout cannot hold out of struct records. */
#ifndef CP_FORMATS_RECORDS_STRUCT_NARROW_H
#define CP_FORMATS_RECORDS_STRUCT_NARROW_H

#include "formats/records/struct_step.h"

/* Of every field that the layout has: bounds within those of its code, `required` where no value
 * stands for null (cp_struct_null), texts within their bytes. CP_E_CONFIG for a schema without a
 * layout, and for a field whose values the code cannot hold as they are. */
cp_rc cp_struct_narrow(cp_schema *schema, cp_error *err);

/* Whether something stands for null in a record, and what: the first of null_if that the code can
 * hold; else NaN (NULL in *out), where the field reads that as null. */
bool cp_struct_null(const cp_struct_step *step, const cp_literal **out);

#endif
