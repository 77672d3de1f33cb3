/* casepipe head: the first records. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/messages.h"
#include "pipeline/cli/sink_options.h"

#include <errno.h>
#include <unistd.h>

typedef struct head_values {
    cp_sink_values sink;
    uint64_t count;
} head_values;

static const cp_option head_rows[] = {
    {"count", 'n', CP_OPTION_COUNT, offsetof(head_values, count), "N",
     "so many records (default 10)", NULL, 0, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"Records", head_rows},           {"Input", cp_input_rows},
    {"Which records", cp_where_rows}, {"Which columns", cp_select_rows},
    {"Bad records", cp_error_rows},   {"Output", cp_sink_rows},
    {"Messages", cp_message_rows},    {0},
};

/* An input that is missing is told, also where the records before it are enough. */
static cp_rc check_inputs(const cp_paths *paths, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < paths->count; i++) {
        const char *path = paths->items[i];
        if (strcmp(path, "-") == 0 || access(path, R_OK) == 0)
            continue;
        rc = cp_fail_errno(err, CP_E_NOINPUT, "no_input", errno, "cannot open");
        cp_error_in(err, path);
    }
    return rc;
}

static cp_rc run_head(const head_values *values, cp_inputs *inputs, int *verdict, cp_error *err)
{
    cp_sink_plan plan = {0};
    cp_rc rc = cp_sink_plan_open(&plan, &values->sink, &inputs->run, err);
    inputs->run.rows.has_limit = true;
    inputs->run.rows.limit = values->count;
    inputs->run.threads = 1;
    if (!rc)
        rc = cp_inputs_check_where(inputs, err);
    if (!rc && inputs->schema)
        rc = cp_select_check(&inputs->run.rows, inputs->schema, err);
    if (!rc)
        rc = cp_outputs_check(&inputs->paths, values->sink.output, values->sink.input.rejects, err);
    if (!rc)
        rc = check_inputs(&inputs->paths, err);
    if (!rc)
        rc = cp_inputs_run(inputs, verdict, err);
    cp_sink_plan_close(&plan);
    return rc;
}

static int head_main(const cp_command *command, int argc, char **argv)
{
    head_values values = {.sink = {.input = cp_input_defaults}, .count = 10};
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!values.sink.output)
        values.sink.output = "-";
    if (!values.sink.to && strcmp(values.sink.output, "-") == 0)
        values.sink.to = "jsonl";
    if (!rc)
        rc = cp_inputs_open(&inputs, &values.sink.input, argv, operands, &err);
    if (!rc)
        rc = run_head(&values, &inputs, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_head = {
    .name = "head",
    .operands = "INPUT...",
    .summary = "the first records",
    .about = "Prints the first good records for which --where is true, as JSON lines on standard\n"
             "output unless --to or --output say otherwise, and stops reading there: what comes\n"
             "behind them is not judged.\n",
    .tables = tables,
    .main = head_main,
};
