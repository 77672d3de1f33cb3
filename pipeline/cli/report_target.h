/* Which shape a report takes. */
#ifndef CP_CLI_REPORT_TARGET_H
#define CP_CLI_REPORT_TARGET_H

#include "pipeline/core/error.h"

enum { CP_REPORT_UNSAID, CP_REPORT_TEXT, CP_REPORT_JSON, CP_REPORT_CSV, CP_REPORT_PARQUET };

/* The words of --to, in the order above, for its option row. */
extern const char *const cp_report_shapes[];

/* From --to, else from the extension of --output, else text. CP_E_USAGE for an extension that
 * stands for no shape. */
cp_rc cp_report_shape(int to, const char *output, int *shape, cp_error *err);

#endif
