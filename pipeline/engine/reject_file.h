/* Rejects as JSON lines: DESIGN section 4. */
#ifndef CP_ENGINE_REJECT_FILE_H
#define CP_ENGINE_REJECT_FILE_H

#include "pipeline/core/reject.h"
#include "pipeline/core/writer.h"
#include "pipeline/engine/input_name.h"

/* One line. `reject` has absolute places, counted from 0. Where the format `has_lines`, the line is
 * told, else null. */
cp_rc cp_reject_write(cp_writer *out, const cp_input_name *input, const cp_reject *reject,
                      bool has_lines, cp_error *err);

#endif
