/* --to, extensions, and a sink for the run. */
#include "pipeline/cli/sink_options.h"

#include "formats/registry.h"
#include "pipeline/config/schema_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(cp_sink_values, member)

static const char *const compressions[] = {"auto", "zstd", "gzip", "none", NULL};

const cp_option cp_sink_rows[] = {
    {"output", 'o', CP_OPTION_TEXT, AT(output), "OUT",
     "the file, published whole or not at all; - is standard output", NULL, 0, 0},
    {"max-file-size", 0, CP_OPTION_SIZE, AT(max_file_bytes), "SIZE",
     "OUT is a folder of files, part-00000.parquet and so on, none larger than this (but each "
     "holds one row group at least), published whole or not at all",
     NULL, 1, 0},
    {"to", 0, CP_OPTION_TEXT, AT(to), "FORMAT",
     "jsonl, json (one array), csv, struct or parquet; without it the extension of --output "
     "decides",
     NULL, 0, 0},
    {"compression", 0, CP_OPTION_CHOICE, AT(compression), "CODEC",
     "zstd, gzip or none; without it the extension of --output decides (.jsonl.zst), and parquet "
     "takes zstd",
     compressions, 0, 0},
    {"compression-level", 0, CP_OPTION_COUNT, AT(level), "N",
     "1 to 19 for zstd (default 3, in parquet 6 for texts), 1 to 9 for gzip (default 6)", NULL, 1,
     19},
    {"row-group-size", 0, CP_OPTION_COUNT, AT(group_rows), "N",
     "rows that are encoded together, at most; parquet's row group (default there 122880)", NULL, 1,
     UINT64_C(1) << 31},
    {"row-group-bytes", 0, CP_OPTION_SIZE, AT(group_bytes), "SIZE",
     "bytes of a group's values in memory, at most, and eight for each row at least (default 16MiB "
     "for parquet, else 1MiB)",
     NULL, 1, 1 << 30},
    {0},
};

const cp_option cp_select_rows[] = {
    {"select", 0, CP_OPTION_TEXT, AT(select), "A,B,C",
     "the columns of the output, in this order (default: all fields, as the schema has them)", NULL,
     0, 0},
    {0},
};

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size > end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

static const struct {
    const char *extension, *name;
} codecs[] = {{".zst", "zstd"}, {".gz", "gzip"}};
enum { CODECS = sizeof codecs / sizeof *codecs };

/* "a.jsonl.zst": the codec's name, and *size without its extension; NULL where there is none. */
static const char *codec_of(const char *output, size_t *size)
{
    for (size_t i = 0; i < CODECS; i++)
        if (ends_with(output, *size, codecs[i].extension)) {
            *size -= strlen(codecs[i].extension);
            return codecs[i].name;
        }
    return NULL;
}

/* What parts are called: as one file would be. */
static void name_parts(cp_sink_plan *plan)
{
    const char *codec = plan->type->is_compressed_whole ? plan->options.compression : NULL;
    const char *extension = "";
    for (size_t i = 0; codec && i < CODECS; i++)
        if (strcmp(codec, codecs[i].name) == 0)
            extension = codecs[i].extension;
    snprintf(plan->extension, sizeof plan->extension, "%s%s", plan->type->extension, extension);
}

static bool is_called(const cp_sink_type *type, const char *output)
{
    size_t size = strlen(output);
    if (ends_with(output, size, type->extension))
        return true;
    return type->is_compressed_whole && codec_of(output, &size) &&
           ends_with(output, size, type->extension);
}

static cp_rc find_sink(const cp_sink_values *values, const cp_sink_type **out, cp_error *err)
{
    char names[256] = "";
    size_t used = 0;
    for (const cp_sink_type *const *type = cp_sinks; *type; type++) {
        *out = *type;
        if (values->to ? strcmp((*type)->name, values->to) == 0 : is_called(*type, values->output))
            return CP_OK;
        int n =
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", (*type)->name);
        used += (size_t)n < sizeof names - used ? (size_t)n : 0;
    }
    if (values->to)
        return cp_fail(err, CP_E_USAGE, "bad_value", "--to: \"%s\" is none of %s", values->to,
                       names);
    return cp_fail(err, CP_E_USAGE, "usage", "the name %s tells no format; say it with --to: %s",
                   values->output, names);
}

static cp_rc narrow(void *context, cp_schema *schema, cp_error *err)
{
    const cp_sink_plan *plan = context;
    return plan->type->narrow ? plan->type->narrow(schema, err) : CP_OK;
}

static cp_rc open_sink(void *context, const cp_schema *schema, cp_sink **out, cp_error *err)
{
    cp_sink_plan *plan = context;
    cp_sink_options options = plan->options;
    char *yaml;
    cp_rc rc = cp_schema_to_yaml(schema, &yaml, err);
    if (rc)
        return rc;
    options.schema_yaml = yaml;
    rc = plan->type->open(schema, &options, out, err);
    free(yaml);
    return rc;
}

/* The names behind --select. */
static cp_rc split_select(cp_sink_plan *plan, const char *select, cp_error *err)
{
    if (!select)
        return CP_OK;
    if (plan->type == &cp_struct_sink)
        return cp_fail(err, CP_E_USAGE, "usage",
                       "--select: struct records have the fields of their layout");
    cp_rc rc = cp_name_list_split(select, "--select", &plan->select, err);
    return rc ? rc : cp_name_list_check(&plan->select, "--select", err);
}

static cp_rc check_output(const cp_sink_values *values, cp_error *err)
{
    if (!values->output)
        return cp_fail(err, CP_E_USAGE, "usage", "--output is needed; - is standard output");
    if (values->max_file_bytes && strcmp(values->output, "-") == 0)
        return cp_fail(err, CP_E_USAGE, "usage",
                       "--max-file-size needs a folder as --output, not standard output");
    return CP_OK;
}

/* A column of narrow values is widened while it is encoded, one column at a time. */
static void limit_groups(cp_rows_options *rows, const cp_sink_type *type,
                         const cp_sink_values *values)
{
    enum { WIDE_BYTES = 8 };
    rows->group_rows = values->group_rows ? values->group_rows : type->group_rows;
    rows->group_bytes = values->group_bytes ? values->group_bytes : type->group_bytes;
    uint64_t rows_max = rows->group_bytes / WIDE_BYTES + 1;
    if (rows->group_rows > rows_max)
        rows->group_rows = rows_max;
}

cp_rc cp_sink_plan_open(cp_sink_plan *plan, const cp_sink_values *values, cp_run_options *run,
                        cp_error *err)
{
    cp_rc rc = check_output(values, err);
    if (!rc)
        rc = find_sink(values, &plan->type, err);
    if (!rc)
        rc = split_select(plan, values->select, err);
    if (rc)
        return rc;
    size_t size = strlen(values->output);
    const char *codec = plan->type->is_compressed_whole ? codec_of(values->output, &size) : NULL;
    plan->options = (cp_sink_options){
        .compression = values->compression ? compressions[values->compression] : codec,
        .compression_level = (int)values->level,
        .created_by = CP_CREATED_BY,
    };
    run->verbatim = plan->type->keeps_text && !plan->select.count && !values->input.where;
    name_parts(plan);
    run->rows = (cp_rows_options){
        .path = values->output,
        .file_bytes_max = values->max_file_bytes,
        .extension = plan->extension,
        .select = plan->select.items,
        .select_count = plan->select.count,
        .narrow = narrow,
        .open_sink = open_sink,
        .context = plan,
    };
    limit_groups(&run->rows, plan->type, values);
    return CP_OK;
}

void cp_sink_plan_close(cp_sink_plan *plan)
{
    cp_name_list_close(&plan->select);
}
