/* One JSON value to one cell, by the field's type. */
#ifndef CP_FORMATS_JSON_JSON_VALUE_H
#define CP_FORMATS_JSON_JSON_VALUE_H

#include "formats/json/json_text.h"
#include "pipeline/core/batch.h"

/* Reads the value at p into row `batch->rows` of `column`. Returns the byte behind it with *reason
 * CP_ACCEPTED or CP_ACCEPTED_NULL, or NULL: `check->refusal` says why, with reason CP_ACCEPTED
 * where memory is out. */
const uint8_t *cp_json_value_read(const uint8_t *p, cp_json_check *check, unsigned depth,
                                  const cp_field *field, cp_column *column, cp_batch *batch,
                                  cp_reason *reason);

#endif
