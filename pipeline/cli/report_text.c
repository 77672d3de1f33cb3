/* report --to text: for people. Mean and deviation are rounded to four digits here; json and csv
 * have every digit. */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/report.h"
#include "pipeline/text/utf8.h"
#include "stages/stats.h"

#include <inttypes.h>

enum { KEY_WIDTH = 14, FIGURE_WIDTH = 10, TIME_WIDTH = 25, MEAN_DECIMALS = 4 };

static cp_rc print_input(const cp_input_result *input, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "input    ");
    if (!rc)
        rc = cp_print_visible(out, cp_span_of(input->path), err);
    return rc ? rc
              : cp_writef(out, err, ": %" PRIu64 " bytes, %" PRIu64 " records\n",
                          input->stored_bytes, input->records);
}

static cp_rc print_head(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    size_t count = cp_run_input_count(report->run);
    const cp_input_result *inputs = cp_run_inputs(report->run);
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < count; i++)
        rc = print_input(&inputs[i], out, err);
    if (!rc)
        rc = cp_writef(out, err,
                       "records  %" PRIu64 " read, %" PRIu64 " accepted, %" PRIu64
                       " rejected, %" PRIu64 " filtered\n",
                       books->read, books->accepted, books->rejected, books->filtered);
    char first[CP_REPORT_TIME_BYTES], last[CP_REPORT_TIME_BYTES];
    if (!rc && cp_report_times(report, first, last))
        rc = cp_writef(out, err, "time     %s to %s\n", first, last);
    return rc;
}

static bool is_text(const cp_field *field)
{
    return field->type == CP_TYPE_STRING || field->type == CP_TYPE_ENUM ||
           field->type == CP_TYPE_JSON;
}

static int width_of(const cp_schema *rows, size_t column)
{
    if (column == 0)
        return KEY_WIDTH;
    return rows->fields[column].type == CP_TYPE_TIMESTAMP ? TIME_WIDTH : FIGURE_WIDTH;
}

static cp_rc print_title(const cp_field *field, int width, cp_writer *out, cp_error *err)
{
    cp_span name = cp_span_of(field->name);
    int padding = width - (int)cp_utf8_characters(name);
    padding = padding > 0 ? padding : 0;
    cp_rc rc = is_text(field) ? CP_OK : cp_writef(out, err, "%*s", padding, "");
    if (!rc)
        rc = cp_print_visible(out, name, err);
    return rc || !is_text(field) ? rc : cp_writef(out, err, "%*s", padding, "");
}

/* Names stand over their column, to the side where its values stand. */
static cp_rc print_titles(const cp_schema *rows, cp_writer *out, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "\n");
    for (size_t i = 0; !rc && i < rows->field_count; i++) {
        if (i > 0)
            rc = cp_write(out, " ", 1, err);
        if (!rc)
            rc = print_title(&rows->fields[i], width_of(rows, i), out, err);
    }
    return rc ? rc : cp_writef(out, err, "\n");
}

static cp_rc print_cells(cp_writer *out, const cp_batch *rows, uint32_t row, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < rows->schema->field_count; i++) {
        bool rounded = i == CP_STATS_MEAN || i == CP_STATS_STDDEV;
        if (i > 0)
            rc = cp_write(out, " ", 1, err);
        if (!rc)
            rc = cp_cell_print_text(out, rows, i, row, width_of(rows->schema, i),
                                    rounded ? MEAN_DECIMALS : -1, err);
    }
    return rc;
}

static cp_rc print_status(const cp_report *report, cp_writer *out, const cp_batch *rows,
                          uint32_t row, bool first, cp_error *err)
{
    cp_rc rc = first ? print_titles(rows->schema, out, err) : CP_OK;
    if (!rc)
        rc = print_cells(out, rows, row, err);
    uint64_t count = ((const uint64_t *)rows->columns[1].data)[row];
    double share = (double)count / (double)cp_run_books(report->run)->accepted;
    return rc ? rc : cp_writef(out, err, "%8.2f %%\n", 100 * share);
}

static cp_rc print_sensor(const cp_report *report, cp_writer *out, const cp_batch *rows,
                          uint32_t row, bool first, cp_error *err)
{
    (void)report;
    cp_rc rc = first ? print_titles(rows->schema, out, err) : CP_OK;
    if (!rc)
        rc = print_cells(out, rows, row, err);
    return rc ? rc : cp_writef(out, err, "\n");
}

static cp_rc print_reasons(const cp_report *report, cp_writer *out, cp_error *err)
{
    const cp_books *books = cp_run_books(report->run);
    cp_rc rc =
        books->rejected ? cp_writef(out, err, "\n%-20s%12s\n", "rejected for", "count") : CP_OK;
    for (int i = 0; !rc && i < CP_REASON_COUNT; i++)
        if (books->by_reason[i])
            rc = cp_writef(out, err, "%-20s%12" PRIu64 "\n", cp_reason_name((cp_reason)i),
                           books->by_reason[i]);
    return rc;
}

cp_rc cp_report_text(const cp_report *report, cp_writer *out, cp_error *err)
{
    cp_rc rc = print_head(report, out, err);
    if (!rc)
        rc = cp_report_rows(report, CP_REPORT_STATUS, print_status, out, err);
    if (!rc)
        rc = cp_report_rows(report, CP_REPORT_SENSORS, print_sensor, out, err);
    return rc ? rc : print_reasons(report, out, err);
}
