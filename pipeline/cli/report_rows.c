/* What the shapes of a report share: walking result rows, and the span of time. */
#include "pipeline/cli/report.h"
#include "pipeline/text/time.h"
#include "stages/stats.h"

cp_rc cp_report_rows(const cp_report *report, size_t stage, cp_row_printer print, cp_writer *out,
                     cp_error *err)
{
    const cp_stage *source = report->options->stages[stage];
    cp_partial *partial = cp_run_partial(report->run, stage);
    cp_batch rows;
    cp_rc rc = cp_batch_open(&rows, cp_run_rows_schema(report->run, stage), CP_BATCH_ROWS, err);
    if (rc)
        return rc;
    bool first = true;
    while ((rc = source->type->emit(source, partial, &rows, err)) == CP_OK) {
        for (uint32_t row = 0; !rc && row < rows.rows; row++) {
            rc = print(report, out, &rows, row, first, err);
            first = false;
        }
        if (rc)
            break;
    }
    cp_batch_close(&rows);
    return rc == CP_END ? CP_OK : rc;
}

static void write_time(int64_t value, cp_unit unit, char out[CP_REPORT_TIME_BYTES])
{
    out[cp_time_write(value, unit, out)] = '\0';
}

bool cp_report_times(const cp_report *report, char first[CP_REPORT_TIME_BYTES],
                     char last[CP_REPORT_TIME_BYTES])
{
    const cp_schema *rows = cp_run_rows_schema(report->run, CP_REPORT_SENSORS);
    cp_unit unit = rows->fields[rows->field_count - 1].unit; /* the last column is `last` */
    int64_t from, to;
    if (!cp_stats_time_range(cp_run_partial(report->run, CP_REPORT_SENSORS), &from, &to))
        return false;
    write_time(from, unit, first);
    write_time(to, unit, last);
    return true;
}
