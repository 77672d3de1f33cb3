/* casepipe report: the main job. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/input_options.h"
#include "pipeline/cli/messages.h"
#include "pipeline/cli/report.h"
#include "pipeline/cli/report_target.h"
#include "pipeline/io/output.h"
#include "stages/count.h"
#include "stages/stats.h"

typedef struct report_values {
    cp_input_values input;
    cp_roles roles;
    int to;
    const char *output;
} report_values;

static const report_values defaults = {
    .roles = {"status", "sensor_id", "value", "timestamp", NULL},
};

#define AT(member) offsetof(report_values, member)

static const cp_option role_rows[] = {
    {"status", 0, CP_OPTION_TEXT, AT(roles.status), "FIELD", "the field counted (default status)",
     NULL, 0, 0},
    {"by", 0, CP_OPTION_TEXT, AT(roles.by), "FIELD",
     "the key of the statistics (default sensor_id)", NULL, 0, 0},
    {"value", 0, CP_OPTION_TEXT, AT(roles.value), "FIELD", "the number (default value)", NULL, 0,
     0},
    {"time", 0, CP_OPTION_TEXT, AT(roles.time), "FIELD",
     "the time (default timestamp); a number counts as epoch seconds unless the schema says "
     "otherwise",
     NULL, 0, 0},
    {0},
};

static const cp_option output_rows[] = {
    {"to", 0, CP_OPTION_CHOICE, AT(to), "SHAPE",
     "text, json, csv or parquet; without it the extension of --output decides, else text",
     cp_report_shapes, 0, 0},
    {"output", 'o', CP_OPTION_TEXT, AT(output), "OUT",
     "the report's file, published whole or not at all (default: standard output)", NULL, 0, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"What the report is about", role_rows},
    {"Input", cp_input_rows},
    {"Which records", cp_where_rows},
    {"Bad records", cp_error_rows},
    {"Output", output_rows},
    {"Resources", cp_resource_rows},
    {"Messages", cp_message_rows},
    {0},
};

static cp_rc open_stages(const cp_roles *roles, cp_stage *stages[CP_REPORT_STAGES], cp_error *err)
{
    cp_rc rc = cp_count_open(&(cp_count_options){roles->status}, &stages[CP_REPORT_STATUS], err);
    return rc ? rc
              : cp_stats_open(&(cp_stats_options){roles->by, roles->value, roles->time},
                              &stages[CP_REPORT_SENSORS], err);
}

static cp_rc print_report(const cp_report *report, int shape, cp_output *output, cp_error *err)
{
    static cp_rc (*const printers[])(const cp_report *, cp_writer *, cp_error *) = {
        [CP_REPORT_TEXT] = cp_report_text,
        [CP_REPORT_JSON] = cp_report_json,
        [CP_REPORT_CSV] = cp_report_csv,
        [CP_REPORT_PARQUET] = cp_report_parquet,
    };
    cp_rc rc = printers[shape](report, cp_output_writer(output), err);
    return rc ? rc : cp_output_publish(output, err);
}

/* What can fail early does: a report that cannot be written is not worth an hour of reading. */
static cp_rc prepare(const report_values *values, cp_inputs *inputs, int *shape, cp_output **output,
                     cp_error *err)
{
    cp_rc rc = cp_report_shape(values->to, values->output, shape, err);
    if (!rc)
        rc = cp_outputs_check(&inputs->paths, values->output, values->input.rejects, err);
    if (!rc && inputs->schema)
        rc = cp_roles_check(&values->roles, inputs->schema, err);
    if (!rc)
        rc = cp_inputs_check_where(inputs, err);
    return rc ? rc : cp_output_open(values->output ? values->output : "-", output, err);
}

static cp_rc run_report(const report_values *values, cp_inputs *inputs, int *verdict, cp_error *err)
{
    cp_stage *stages[CP_REPORT_STAGES] = {0};
    cp_output *output = NULL;
    cp_run *run = NULL;
    int shape;
    cp_rc rc = prepare(values, inputs, &shape, &output, err);
    if (!rc)
        rc = open_stages(&values->roles, stages, err);
    inputs->run.stages = stages;
    inputs->run.stage_count = CP_REPORT_STAGES;
    inputs->run.adapt = cp_roles_adapt;
    inputs->run.adapt_context = (void *)&values->roles;
    if (!rc)
        rc = cp_run_open(&inputs->run, &run, err);
    if (!rc)
        rc = cp_run_execute(run, err);
    cp_progress_bar_close(&inputs->bar);
    if (!rc)
        rc = print_report(&(cp_report){run, &inputs->run}, shape, output, err);
    if (!rc)
        *verdict = cp_inputs_verdict(cp_run_books(run));
    cp_run_close(run);
    cp_output_close(output);
    for (size_t i = 0; i < CP_REPORT_STAGES; i++)
        if (stages[i])
            stages[i]->type->close(stages[i]);
    return rc;
}

static int report_main(const cp_command *command, int argc, char **argv)
{
    report_values values = defaults;
    values.input = cp_input_defaults;
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc)
        rc = cp_inputs_open(&inputs, &values.input, argv, operands, &err);
    values.roles.where = inputs.where;
    if (!rc)
        rc = run_report(&values, &inputs, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_report = {
    .name = "report",
    .operands = "INPUT...",
    .summary = "status counts and per-sensor statistics (the main job)",
    .about =
        "Reads case records, checks each one, and prints how often each status occurs and,\n"
        "for every sensor, the count of its values, nulls (records without one), min, max,\n"
        "mean, sample standard deviation, and the earliest and latest time. INPUT is a\n"
        "path, a quoted glob, or - for standard input; codec and format are told by content.\n",
    .tables = tables,
    .main = report_main,
};
