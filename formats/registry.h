/* The formats that are read and the sinks that are written, one row each in the tables of
 * registry.c. */
#ifndef CP_FORMATS_REGISTRY_H
#define CP_FORMATS_REGISTRY_H

#include "pipeline/core/format.h"
#include "pipeline/core/sink.h"

extern const cp_format_type cp_jsonl_format;
extern const cp_format_type cp_json_format;
extern const cp_format_type cp_struct_format;
extern const cp_format_type cp_csv_format;
extern const cp_format_type cp_clf_format;

/* Ends with NULL. */
extern const cp_format_type *const cp_formats[];

extern const cp_sink_type cp_jsonl_sink;
extern const cp_sink_type cp_json_sink;
extern const cp_sink_type cp_csv_sink;
extern const cp_sink_type cp_struct_sink;
extern const cp_sink_type cp_parquet_sink;

/* Ends with NULL. */
extern const cp_sink_type *const cp_sinks[];

#endif
