/* A text to one cell, by the field's type: what the text formats without types of their own share.
 *
 *   integers, floats    a JSON number; floats also NaN, Infinity, -Infinity
 *   bool                true, false
 *   timestamp           by the field's encoding: RFC 3339, or a number
 *   enum, string        the text
 *   json                JSON, line feeds between its parts allowed */
#ifndef CP_FORMATS_TEXT_TEXT_VALUE_H
#define CP_FORMATS_TEXT_TEXT_VALUE_H

#include "pipeline/core/batch.h"
#include "pipeline/core/reject.h"

/* `text` into row `batch->rows` of `column`; it is valid UTF-8 and lives as long as the batch.
 * CP_ACCEPTED or CP_ACCEPTED_NULL; else *why says all but the value as it stands in the input, with
 * reason CP_ACCEPTED where memory is out, and the answer is any reason. */
cp_reason cp_text_value_read(cp_span text, const cp_field *field, cp_column *column,
                             cp_batch *batch, cp_refusal *why);

#endif
