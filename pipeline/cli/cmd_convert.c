/* casepipe convert: records of one format into a file of another. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/messages.h"
#include "pipeline/cli/sink_options.h"

static const cp_option_table tables[] = {
    {"Input", cp_input_rows},          {"Which records", cp_where_rows},
    {"Which columns", cp_select_rows}, {"Bad records", cp_error_rows},
    {"Output", cp_sink_rows},          {"Resources", cp_resource_rows},
    {"Messages", cp_message_rows},     {0},
};

static cp_rc run_convert(const cp_sink_values *values, cp_inputs *inputs, int *verdict,
                         cp_error *err)
{
    cp_sink_plan plan = {0};
    cp_rc rc = cp_sink_plan_open(&plan, values, &inputs->run, err);
    inputs->run.closed_guess = plan.select.count == 0; /* nothing is dropped that nobody named */
    if (!rc)
        rc = cp_inputs_check_where(inputs, err);
    if (!rc && inputs->schema)
        rc = cp_select_check(&inputs->run.rows, inputs->schema, err);
    if (!rc)
        rc = cp_outputs_check(&inputs->paths, values->output, values->input.rejects, err);
    if (!rc)
        rc = cp_inputs_run(inputs, verdict, err);
    cp_sink_plan_close(&plan);
    return rc;
}

static int convert_main(const cp_command *command, int argc, char **argv)
{
    cp_sink_values values = {.input = cp_input_defaults};
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc)
        rc = cp_inputs_open(&inputs, &values.input, argv, operands, &err);
    if (!rc)
        rc = run_convert(&values, &inputs, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_convert = {
    .name = "convert",
    .operands = "INPUT... -o OUT",
    .summary = "records of one format into a file of another",
    .about = "Checks every record and writes the good ones to OUT, in input order, whatever the\n"
             "number of threads. OUT is published whole or not at all.\n"
             "From JSON to JSON, without --schema, --where and --select, numbers and strings\n"
             "stay spelled as they are; only white space between them goes.\n"
             "Where the fields are guessed, a record with one that the guess does not know is\n"
             "refused, unless --select says which columns are wanted.\n",
    .tables = tables,
    .main = convert_main,
};
