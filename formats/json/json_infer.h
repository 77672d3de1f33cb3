/* Guessing a schema from the first records of JSON lines. */
#ifndef CP_FORMATS_JSON_JSON_INFER_H
#define CP_FORMATS_JSON_JSON_INFER_H

#include "pipeline/core/schema.h"

/* As cp_format_type.infer has it. Records that are no objects, or no JSON, are passed over: the
 * decoder will refuse them. */
cp_rc cp_json_infer(cp_span sample, bool whole, cp_schema **out, cp_error *err);

#endif
