/* casepipe schema: a schema file from a sample. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/input_options.h"
#include "pipeline/cli/messages.h"
#include "pipeline/cli/propose.h"

typedef struct schema_values {
    cp_input_values input;
    uint64_t records;
    const char *output;
} schema_values;

#define AT(member) offsetof(schema_values, member)

enum { SAMPLE_BYTES = 16 << 20 };

static const cp_option schema_rows[] = {
    {"records", 'n', CP_OPTION_COUNT, AT(records), "N",
     "so many records are looked at, as far as the first 16 MiB hold them (default 10000)", NULL, 1,
     1000000},
    {"output", 'o', CP_OPTION_TEXT, AT(output), "OUT",
     "the schema's file, published whole or not at all (default: standard output)", NULL, 0, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"Schema", schema_rows},
    {"Input", cp_input_rows},
    {"Bad records", cp_error_rows},
    {"Messages", cp_message_rows},
    {0},
};

static cp_rc open_sink(void *context, const cp_schema *schema, cp_sink **out, cp_error *err)
{
    (void)context, (void)schema;
    return cp_propose_open(out, err);
}

static cp_rc run_schema(const schema_values *values, cp_inputs *inputs, int *verdict, cp_error *err)
{
    inputs->run.threads = 1;
    inputs->run.rows = (cp_rows_options){
        .path = values->output ? values->output : "-",
        .open_sink = open_sink,
        .group_rows = values->records,
        .group_bytes = UINT64_MAX,
        .has_limit = true,
        .limit = values->records,
        .limit_to_sample = true,
    };
    inputs->run.format.sample_records = values->records;
    inputs->run.format.sample_bytes = SAMPLE_BYTES;
    const char *path;
    cp_rc rc = cp_paths_single(&inputs->paths, &path, err);
    if (!rc)
        rc = cp_outputs_check(&inputs->paths, values->output, values->input.rejects, err);
    return rc ? rc : cp_inputs_run(inputs, verdict, err);
}

static int schema_main(const cp_command *command, int argc, char **argv)
{
    schema_values values = {.input = cp_input_defaults, .records = 10000};
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc)
        rc = cp_inputs_open(&inputs, &values.input, argv, operands, &err);
    if (!rc)
        rc = run_schema(&values, &inputs, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_schema = {
    .name = "schema",
    .operands = "INPUT",
    .summary = "infer a schema and print it as YAML",
    .about =
        "Prints a schema that the first records keep, as a proposal to be edited: fields that\n"
        "are never null become required, texts of few different values enums, texts that are\n"
        "RFC 3339 times and numbers that look like epoch times timestamps. What --schema then\n"
        "holds all records to is tighter than what is guessed without it. Fields and types\n"
        "are those of the records that are looked at: where a guess breaks behind the first\n"
        "1000, a larger -n makes a schema that holds.\n",
    .tables = tables,
    .main = schema_main,
};
