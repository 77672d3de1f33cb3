/* report --to json: DESIGN section 4. One object, one line for each row. */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/report.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"

#include <inttypes.h>

/* Where the path is no UTF-8 its bytes stand beside what can be shown of it. */
static cp_rc print_path(cp_writer *out, cp_span path, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "\"path\": ");
    if (!rc)
        rc = cp_print_json_string(out, path, err);
    if (rc || cp_utf8_valid(path) == path.size)
        return rc;
    char *base64;
    rc = cp_calloc(cp_base64_size(path.size), 1, &base64, err);
    if (rc)
        return rc;
    int size = (int)cp_base64(path, base64);
    rc = cp_writef(out, err, ", \"path_base64\": \"%.*s\"", size, base64);
    free(base64);
    return rc;
}

static cp_rc print_inputs(const cp_report *report, cp_writer *out, cp_error *err)
{
    size_t count = cp_run_input_count(report->run);
    const cp_input_result *inputs = cp_run_inputs(report->run);
    cp_rc rc = cp_writef(out, err, " \"inputs\": [");
    for (size_t i = 0; !rc && i < count; i++) {
        rc = cp_writef(out, err, "%s{", i ? ",\n            " : "");
        if (!rc)
            rc = print_path(out, cp_span_of(inputs[i].path), err);
        if (!rc)
            rc = cp_writef(out, err, ", \"bytes\": %" PRIu64 ", \"records\": %" PRIu64 "}",
                           inputs[i].stored_bytes, inputs[i].records);
    }
    return rc ? rc : cp_writef(out, err, "],\n");
}

static cp_rc print_books(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    return cp_writef(out, err,
                     " \"records\": {\"read\": %" PRIu64 ", \"accepted\": %" PRIu64
                     ", \"rejected\": %" PRIu64 ", \"filtered\": %" PRIu64 "},\n",
                     books->read, books->accepted, books->rejected, books->filtered);
}

static cp_rc print_times(const cp_report *report, cp_writer *out, cp_error *err)
{
    char first[CP_REPORT_TIME_BYTES], last[CP_REPORT_TIME_BYTES];
    if (cp_report_times(report, first, last))
        return cp_writef(out, err, " \"time\": {\"first\": \"%s\", \"last\": \"%s\"},\n", first,
                         last);
    return cp_writef(out, err, " \"time\": {\"first\": null, \"last\": null},\n");
}

static cp_rc print_row(const cp_report *report, cp_writer *out, const cp_batch *rows, uint32_t row,
                       bool first, cp_error *err)
{
    (void)report;
    cp_rc rc = cp_writef(out, err, first ? "\n  {" : ",\n  {");
    for (size_t i = 0; !rc && i < rows->schema->field_count; i++) {
        if (i > 0)
            rc = cp_writef(out, err, ", ");
        if (!rc)
            rc = cp_print_json_string(out, cp_span_of(rows->schema->fields[i].name), err);
        if (!rc)
            rc = cp_writef(out, err, ": ");
        if (!rc)
            rc = cp_cell_print_json(out, rows, i, row, err);
    }
    return rc ? rc : cp_writef(out, err, "}");
}

static cp_rc print_table(const cp_report *report, const char *name, size_t stage, cp_writer *out,
                         cp_error *err)
{
    cp_rc rc = cp_writef(out, err, " \"%s\": [", name);
    if (!rc)
        rc = cp_report_rows(report, stage, print_row, out, err);
    return rc ? rc : cp_writef(out, err, "],\n");
}

static cp_rc print_reasons(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    cp_rc rc = cp_writef(out, err, " \"rejects\": [");
    for (int i = CP_ACCEPTED_NULL + 1; !rc && i < CP_REASON_COUNT; i++)
        rc = cp_writef(out, err, "%s\n  {\"reason\": \"%s\", \"count\": %" PRIu64 "}",
                       i > CP_ACCEPTED_NULL + 1 ? "," : "", cp_reason_name((cp_reason)i),
                       books->by_reason[i]);
    return rc ? rc : cp_writef(out, err, "]}\n");
}

cp_rc cp_report_json(const cp_report *report, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "{\"casepipe\": \"%s\",\n", CASEPIPE_VERSION);
    if (!rc)
        rc = print_inputs(report, out, err);
    if (!rc)
        rc = print_books(report, out, err);
    if (!rc)
        rc = print_times(report, out, err);
    if (!rc)
        rc = print_table(report, "status", CP_REPORT_STATUS, out, err);
    if (!rc)
        rc = print_table(report, "sensors", CP_REPORT_SENSORS, out, err);
    return rc ? rc : print_reasons(report, out, err);
}
