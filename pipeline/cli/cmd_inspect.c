/* casepipe inspect: what a file is. */
#include "pipeline/cli/command.h"
#include "pipeline/cli/inspect.h"
#include "pipeline/cli/messages.h"
#include "pipeline/io/output.h"
#include "pipeline/io/seekable.h"

typedef struct inspect_values {
    int to;
    bool metadata;
    uint64_t max_window_bytes;
    int log_format;
} inspect_values;

enum { TO_TEXT, TO_JSON };

static const inspect_values defaults = {.max_window_bytes = 128 << 20};
static const char *const shapes[] = {"text", "json", NULL};
static const char *const log_choices[] = {"text", "json", NULL};

#define AT(member) offsetof(inspect_values, member)

static const cp_option input_rows[] = {
    {"max-window", 0, CP_OPTION_SIZE, AT(max_window_bytes), "SIZE",
     "the largest window (or dictionary) that a compressed stream may ask for (default 128MiB)",
     NULL, 1 << 10, UINT64_C(1) << 31},
    {0},
};

static const cp_option output_rows[] = {
    {"to", 0, CP_OPTION_CHOICE, AT(to), "SHAPE",
     "text (the default), a summary for people; or json, which has everything", shapes, 0, 0},
    {"metadata", 0, CP_OPTION_FLAG, AT(metadata), NULL,
     "the key-value metadata of a Parquet file in full, the schema that casepipe keeps there "
     "among it; without it keys and sizes",
     NULL, 0, 0},
    {0},
};

static const cp_option message_rows[] = {
    {"log-format", 0, CP_OPTION_CHOICE, AT(log_format), "FORM", "messages as text or json",
     log_choices, 0, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"Input", input_rows},
    {"Output", output_rows},
    {"Messages", message_rows},
    {0},
};

static cp_rc inspect_parquet(const char *path, cp_seekable *file, const inspect_values *values,
                             cp_writer *out, cp_error *err)
{
    const cp_inspect_options options = {values->metadata};
    cp_parquet_survey survey;
    cp_rc rc = cp_parquet_survey_open(file, &survey, err);
    if (!rc)
        rc = cp_parquet_survey_pages(&survey, err);
    if (rc)
        cp_error_in(err, path);
    else
        rc = values->to == TO_JSON ? cp_inspect_parquet_json(path, &survey, &options, out, err)
                                   : cp_inspect_parquet_text(path, &survey, &options, out, err);
    cp_parquet_survey_close(&survey);
    return rc;
}

static cp_rc inspect_other(const char *path, cp_seekable *file, const inspect_values *values,
                           cp_writer *out, cp_error *err)
{
    cp_inspection inspection;
    cp_rc rc = cp_inspection_open(path, file, (size_t)values->max_window_bytes, &inspection, err);
    if (!rc)
        rc = values->to == TO_JSON ? cp_inspect_json(&inspection, out, err)
                                   : cp_inspect_text(&inspection, out, err);
    cp_inspection_close(&inspection);
    return rc;
}

static cp_rc inspect(const char *path, const inspect_values *values, cp_writer *out, cp_error *err)
{
    cp_seekable *file;
    bool is_parquet = false;
    cp_rc rc = cp_seekable_open(path, &file, err);
    if (!rc && file)
        rc = cp_parquet_probe(file, &is_parquet, err);
    if (rc)
        cp_error_in(err, path);
    else
        rc = is_parquet ? inspect_parquet(path, file, values, out, err)
                        : inspect_other(path, file, values, out, err);
    if (file)
        file->close(file);
    return rc;
}

static cp_rc run_inspect(const char *path, const inspect_values *values, cp_error *err)
{
    cp_output *output;
    cp_rc rc = cp_output_open("-", &output, err);
    if (rc)
        return rc;
    rc = inspect(path, values, cp_output_writer(output), err);
    if (!rc)
        rc = cp_output_publish(output, err);
    cp_output_close(output);
    return rc;
}

static int inspect_main(const cp_command *command, int argc, char **argv)
{
    inspect_values values = defaults;
    cp_paths paths = {0};
    const char *path;
    cp_error err;
    size_t operands;
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc)
        cp_messages_set((cp_log_format)values.log_format, false);
    for (size_t i = 0; !rc && i < operands; i++)
        rc = cp_paths_add(&paths, argv[i], &err);
    if (!rc)
        rc = cp_paths_single(&paths, &path, &err);
    if (!rc)
        rc = run_inspect(path, &values, &err);
    cp_paths_free(&paths);
    return rc ? cp_report_error(&err) : 0;
}

const cp_command cp_command_inspect = {
    .name = "inspect",
    .operands = "INPUT",
    .summary = "what this file is: codec, container, format, schema, sizes",
    .about =
        "Says what INPUT, a path, a quoted glob that one file matches, or - for standard input,\n"
        "is by its content.\n"
        "\n"
        "Of a Parquet file, by whoever wrote it: schema, metadata, row groups, and of each\n"
        "column encodings, codec, sizes, counts and bounds. Every page is read, its header,\n"
        "size and checksum checked; pages in zstd, in gzip or in no codec are decompressed,\n"
        "of others (snappy, lz4, brotli) the output says that they are not. What does not\n"
        "agree with itself or the file is refused with exit code 65 and the byte. Parquet\n"
        "files must be regular files.\n"
        "\n"
        "Of all else: codecs, the archive and its members, the format of the records, the\n"
        "schema as it would be guessed, and the first record. No more than the first MiB of\n"
        "the content is looked at, unless the first record is longer; of zstd files the frames are "
        "counted by their headers, of\n"
        "gzip files the members in the first MiB stored; an archive is read to its end, and\n"
        "its members are printed as they come.\n"
        "\n"
        "Content that cannot be told is no error: its format is unknown, and the exit code 0.\n"
        "Fixed-width records are such content: nothing in them says what they are.\n",
    .tables = tables,
    .main = inspect_main,
};
