/* The report of a finished run, in four shapes. */
#ifndef CP_CLI_REPORT_H
#define CP_CLI_REPORT_H

#include "pipeline/cli/roles.h"
#include "pipeline/core/writer.h"
#include "pipeline/engine/run.h"

/* The stages of a report, by their place in the run. */
enum { CP_REPORT_STATUS, CP_REPORT_SENSORS, CP_REPORT_STAGES };

typedef struct cp_report {
    cp_run *run;
    const cp_run_options *options;
} cp_report;

/* Each consumes the stages' result rows, so one of them is called, once. */
cp_rc cp_report_json(const cp_report *report, cp_writer *out, cp_error *err);
cp_rc cp_report_csv(const cp_report *report, cp_writer *out, cp_error *err);
cp_rc cp_report_parquet(const cp_report *report, cp_writer *out, cp_error *err);
cp_rc cp_report_text(const cp_report *report, cp_writer *out, cp_error *err);

/* Calls `print` for every result row of a stage; `first` is true for the first. */
typedef cp_rc (*cp_row_printer)(const cp_report *report, cp_writer *out, const cp_batch *rows,
                                uint32_t row, bool first, cp_error *err);
cp_rc cp_report_rows(const cp_report *report, size_t stage, cp_row_printer print, cp_writer *out,
                     cp_error *err);

/* "2023-11-14T22:13:20Z" for the earliest and latest time of all; false where there is none. */
enum { CP_REPORT_TIME_BYTES = 49 };
bool cp_report_times(const cp_report *report, char first[CP_REPORT_TIME_BYTES],
                     char last[CP_REPORT_TIME_BYTES]);

#endif
