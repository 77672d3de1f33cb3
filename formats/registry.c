/* To add a format or a sink: one file that defines a `const cp_format_type` or a
 * `const cp_sink_type`, and its row here. */
#include "formats/registry.h"

const cp_format_type *const cp_formats[] = {
    &cp_jsonl_format, &cp_json_format, &cp_struct_format, &cp_csv_format, &cp_clf_format, NULL,
};

const cp_sink_type *const cp_sinks[] = {
    &cp_jsonl_sink, &cp_json_sink, &cp_csv_sink, &cp_struct_sink, &cp_parquet_sink, NULL,
};
