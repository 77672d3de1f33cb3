/* casepipe gen: deterministic test data. */
#include "formats/compress/codecs.h"
#include "formats/synthetic/generator.h"
#include "pipeline/cli/command.h"
#include "pipeline/cli/input_options.h"
#include "pipeline/cli/messages.h"
#include "pipeline/io/output.h"

typedef struct gen_values {
    uint64_t rows, seed, sensors;
    int profile;
    const char *bad_rate;
    const char *planted;
    int to;
    int compression;
    uint64_t level;
    const char *output;
} gen_values;

enum { TO_AUTO, TO_JSONL, TO_JSON, TO_STRUCT };
enum { COMPRESSION_AUTO, COMPRESSION_NONE, COMPRESSION_ZSTD, COMPRESSION_GZIP };

static const gen_values defaults = {.rows = UINT64_MAX, .sensors = CP_GEN_SENSORS_DEFAULT};

#define AT(member) offsetof(gen_values, member)

static const char *const profiles[] = {"regular", "messy", NULL};
static const char *const forms[] = {"auto", "jsonl", "json", "struct", NULL};
static const char *const compressions[] = {"auto", "none", "zstd", "gzip", NULL};
static const cp_codec *const codecs[] = {
    [COMPRESSION_ZSTD] = &cp_codec_zstd,
    [COMPRESSION_GZIP] = &cp_codec_gzip,
};

static const cp_option data_rows[] = {
    {"rows", 0, CP_OPTION_COUNT, AT(rows), "N", "how many records (required)", NULL, 0,
     CP_GEN_ROWS_MAX},
    {"seed", 0, CP_OPTION_COUNT, AT(seed), "N", "another seed, other data (default 0)", NULL, 0, 0},
    {"sensors", 0, CP_OPTION_COUNT, AT(sensors), "N", "sensor ids are 0 to N-1 (default 1024)",
     NULL, 1, CP_GEN_SENSORS_MAX},
    {"profile", 0, CP_OPTION_CHOICE, AT(profile), "NAME",
     "regular (one spelling for everything) or messy (everything that is allowed)", profiles, 0, 0},
    {"bad-rate", 0, CP_OPTION_TEXT, AT(bad_rate), "R",
     "the share of bad records, from 0 to 1 in steps of 0.000001 (default 0)", NULL, 0, 0},
    {"planted", 0, CP_OPTION_TEXT, AT(planted), "FILE",
     "where place and reason of every bad record go, one JSON line each", NULL, 0, 0},
    {0},
};

static const cp_option output_rows[] = {
    {"to", 0, CP_OPTION_CHOICE, AT(to), "FORMAT",
     "jsonl, json (one array) or struct ('<dHfB': timestamp, sensor_id, value, status); without "
     "it the extension of --output decides, else jsonl",
     forms, 0, 0},
    {"compression", 0, CP_OPTION_CHOICE, AT(compression), "CODEC",
     "zstd, gzip or none; without it the extension of --output decides", compressions, 0, 0},
    {"compression-level", 0, CP_OPTION_COUNT, AT(level), "N",
     "1 to 19 for zstd (default 3), 1 to 9 for gzip (default 6)", NULL, 1, 19},
    {"output", 'o', CP_OPTION_TEXT, AT(output), "OUT",
     "the file, published whole or not at all (default: standard output)", NULL, 0, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"Data", data_rows},
    {"Output", output_rows},
    {0},
};

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size >= end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

/* "a.jsonl.zst": the codec, then the form. */
static void read_extensions(gen_values *values)
{
    const char *name = values->output ? values->output : "";
    size_t size = strlen(name);
    int compression = COMPRESSION_NONE;
    for (int i = COMPRESSION_ZSTD; i <= COMPRESSION_GZIP; i++)
        if (ends_with(name, size, codecs[i]->extension))
            compression = i;
    if (values->compression == COMPRESSION_AUTO)
        values->compression = compression;
    size -= compression != COMPRESSION_NONE ? strlen(codecs[compression]->extension) : 0;
    if (values->to == TO_AUTO)
        values->to = ends_with(name, size, ".json")  ? TO_JSON
                     : ends_with(name, size, ".bin") ? TO_STRUCT
                                                     : TO_JSONL;
}

static cp_rc gen_options(gen_values *values, cp_gen_options *options, cp_error *err)
{
    read_extensions(values);
    if (values->rows == UINT64_MAX)
        return cp_fail(err, CP_E_USAGE, "usage", "--rows is needed");
    *options = (cp_gen_options){
        .rows = values->rows,
        .seed = values->seed,
        .sensors = (uint32_t)values->sensors,
        .profile = (cp_gen_profile)values->profile,
        .form = (cp_gen_form)(values->to - TO_JSONL),
    };
    if (values->bad_rate &&
        !cp_gen_rate_parse(cp_span_of(values->bad_rate), &options->bad_per_million))
        return cp_fail(err, CP_E_USAGE, "bad_value",
                       "--bad-rate: \"%s\" is no number from 0 to 1 in steps of 0.000001",
                       values->bad_rate);
    return CP_OK;
}

static cp_rc generate(const gen_values *values, const cp_gen_options *options, cp_output *output,
                      cp_output *planted, cp_error *err)
{
    cp_writer *plain = cp_output_writer(output), *compressor = NULL;
    cp_rc rc = CP_OK;
    if (values->compression != COMPRESSION_NONE)
        rc = codecs[values->compression]->compress(plain, (int)values->level, &compressor, err);
    if (!rc)
        rc = cp_generate(options, compressor ? compressor : plain,
                         planted ? cp_output_writer(planted) : NULL, err);
    if (!rc && compressor)
        rc = compressor->finish(compressor, err);
    if (compressor)
        compressor->close(compressor);
    if (!rc && planted)
        rc = cp_output_publish(planted, err);
    return rc ? rc : cp_output_publish(output, err);
}

static cp_rc run_gen(gen_values *values, cp_error *err)
{
    cp_gen_options options;
    cp_output *output = NULL, *planted = NULL;
    cp_rc rc = gen_options(values, &options, err);
    if (!rc)
        rc = cp_outputs_check(NULL, values->output, values->planted, err);
    if (!rc)
        rc = cp_output_open(values->output ? values->output : "-", &output, err);
    if (!rc && values->planted)
        rc = cp_output_open(values->planted, &planted, err);
    if (!rc)
        rc = generate(values, &options, output, planted, err);
    cp_output_close(planted);
    cp_output_close(output);
    return rc;
}

static int gen_main(const cp_command *command, int argc, char **argv)
{
    gen_values values = defaults;
    cp_error err;
    size_t operands;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc && operands > 0)
        rc = cp_fail(&err, CP_E_USAGE, "usage", "gen takes no inputs, but found \"%s\"", argv[0]);
    if (!rc)
        rc = run_gen(&values, &err);
    return rc ? cp_report_error(&err) : 0;
}

const cp_command cp_command_gen = {
    .name = "gen",
    .operands = "--rows N",
    .summary = "deterministic test data",
    .about = "Makes case records in the shape of the built-in schema: the same options give the\n"
             "same bytes on every platform, and all formats carry exactly the same numbers.\n",
    .tables = tables,
    .details = cp_gen_manual,
    .main = gen_main,
};
