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
    {"to", 0, CP_OPTION_TEXT, AT(to), "FORMAT",
     "parquet; without it the extension of --output decides", NULL, 0, 0},
    {"compression", 0, CP_OPTION_CHOICE, AT(compression), "CODEC",
     "zstd, gzip or none (default for parquet: zstd)", compressions, 0, 0},
    {"compression-level", 0, CP_OPTION_COUNT, AT(level), "N",
     "1 to 19 for zstd (default 3), 1 to 9 for gzip (default 6)", NULL, 1, 19},
    {"row-group-size", 0, CP_OPTION_COUNT, AT(group_rows), "N",
     "rows in a group of a parquet file at most (default 122880)", NULL, 1, UINT64_C(1) << 31},
    {"row-group-bytes", 0, CP_OPTION_SIZE, AT(group_bytes), "SIZE",
     "bytes of a group's values at most, in memory (default 16MiB)", NULL, 1, 1 << 30},
    {0},
};

/* Group sizes: what DuckDB writes, too, but bounded in bytes as memory is. */
const cp_sink_values cp_sink_defaults = {.group_rows = 122880, .group_bytes = 16 << 20};

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static cp_rc find_sink(const cp_sink_values *values, const cp_sink_type **out, cp_error *err)
{
    char names[256] = "";
    size_t used = 0;
    for (const cp_sink_type *const *type = cp_sinks; *type; type++) {
        *out = *type;
        if (values->to ? strcmp((*type)->name, values->to) == 0
                       : ends_with(values->output, (*type)->extension))
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

cp_rc cp_sink_plan_open(cp_sink_plan *plan, const cp_sink_values *values, cp_run_options *run,
                        cp_error *err)
{
    if (!values->output)
        return cp_fail(err, CP_E_USAGE, "usage", "--output is needed; - is standard output");
    cp_rc rc = find_sink(values, &plan->type, err);
    if (rc)
        return rc;
    plan->options = (cp_sink_options){
        .compression = values->compression ? compressions[values->compression] : NULL,
        .compression_level = (int)values->level,
        .created_by = CP_CREATED_BY,
    };
    run->rows = (cp_rows_options){
        .path = values->output,
        .open_sink = open_sink,
        .context = plan,
        .group_rows = values->group_rows,
        .group_bytes = values->group_bytes,
    };
    return CP_OK;
}
