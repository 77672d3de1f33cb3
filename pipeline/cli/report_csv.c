/* report --to csv: one table of all figures. The first column says what a row is about:
 *
 *   table,key,count,nulls,min,max,mean,stddev,first,last
 *   records,read,5000000,,,,,,,
 *   status,DRAFT,312599,,,,,,,
 *   sensors,0,4981,0,15.0,35.0,24.9,5.7,2023-...,2023-...
 *   rejects,json_syntax,0,,,,,,,
 */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/report.h"

#include <inttypes.h>

static cp_rc print_count(cp_writer *out, const char *table, const char *key, uint64_t count,
                         cp_error *err)
{
    return cp_writef(out, err, "%s,%s,%" PRIu64 ",,,,,,,\r\n", table, key, count);
}

static cp_rc print_books(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    cp_rc rc = print_count(out, "records", "read", books->read, err);
    if (!rc)
        rc = print_count(out, "records", "accepted", books->accepted, err);
    if (!rc)
        rc = print_count(out, "records", "rejected", books->rejected, err);
    return rc ? rc : print_count(out, "records", "filtered", books->filtered, err);
}

static cp_rc print_times(const cp_report *report, cp_writer *out, cp_error *err)
{
    char first[CP_REPORT_TIME_BYTES] = "", last[CP_REPORT_TIME_BYTES] = "";
    cp_report_times(report, first, last);
    return cp_writef(out, err, "time,,,,,,,,%s,%s\r\n", first, last);
}

static cp_rc print_cells(cp_writer *out, const char *table, const cp_batch *rows, uint32_t row,
                         cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "%s", table);
    for (size_t i = 0; !rc && i < rows->schema->field_count; i++) {
        rc = cp_writef(out, err, ",");
        if (!rc)
            rc = cp_cell_print_csv(out, rows, i, row, err);
    }
    return rc;
}

static cp_rc print_status(const cp_report *report, cp_writer *out, const cp_batch *rows,
                          uint32_t row, bool first, cp_error *err)
{
    (void)report;
    (void)first;
    cp_rc rc = print_cells(out, "status", rows, row, err);
    return rc ? rc : cp_writef(out, err, ",,,,,,,\r\n");
}

static cp_rc print_sensor(const cp_report *report, cp_writer *out, const cp_batch *rows,
                          uint32_t row, bool first, cp_error *err)
{
    (void)report;
    (void)first;
    cp_rc rc = print_cells(out, "sensors", rows, row, err);
    return rc ? rc : cp_writef(out, err, "\r\n");
}

static cp_rc print_reasons(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    cp_rc rc = CP_OK;
    for (int i = CP_ACCEPTED_NULL + 1; !rc && i < CP_REASON_COUNT; i++)
        rc = print_count(out, "rejects", cp_reason_name((cp_reason)i), books->by_reason[i], err);
    return rc;
}

cp_rc cp_report_csv(const cp_report *report, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "table,key,count,nulls,min,max,mean,stddev,first,last\r\n");
    if (!rc)
        rc = print_books(report, out, err);
    if (!rc)
        rc = print_times(report, out, err);
    if (!rc)
        rc = cp_report_rows(report, CP_REPORT_STATUS, print_status, out, err);
    if (!rc)
        rc = cp_report_rows(report, CP_REPORT_SENSORS, print_sensor, out, err);
    return rc ? rc : print_reasons(report, out, err);
}
