/* casepipe validate: every rule checked, nothing written but rejects. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/input_options.h"
#include "pipeline/cli/messages.h"

static const cp_option_table tables[] = {
    {"Input", cp_input_rows},       {"Which records", cp_where_rows},
    {"Bad records", cp_error_rows}, {"Resources", cp_resource_rows},
    {"Messages", cp_message_rows},  {0},
};

static cp_rc run_validate(cp_inputs *inputs, int *verdict, cp_error *err)
{
    cp_rc rc = cp_outputs_check(&inputs->paths, NULL, inputs->run.rejects_path, err);
    if (!rc)
        rc = cp_inputs_check_where(inputs, err);
    return rc ? rc : cp_inputs_run(inputs, verdict, err);
}

static int validate_main(const cp_command *command, int argc, char **argv)
{
    cp_input_values values = cp_input_defaults;
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc)
        rc = cp_inputs_open(&inputs, &values, argv, operands, &err);
    if (!rc)
        rc = run_validate(&inputs, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_validate = {
    .name = "validate",
    .operands = "INPUT...",
    .summary = "check against the schema, write nothing but rejects",
    .about = "Checks every record and is silent where all are good. The first bad record ends the\n"
             "run; with --rejects FILE all of them are written, with --max-errors N some are\n"
             "allowed.\n",
    .tables = tables,
    .main = validate_main,
};
