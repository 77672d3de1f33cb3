/* Shared options: the tables, and their translation into a run. */
#include "pipeline/cli/input_options.h"

#include "formats/archive/containers.h"
#include "formats/compress/codecs.h"
#include "formats/json/json_pointer.h"
#include "formats/registry.h"
#include "formats/text/clf_schema.h"
#include "pipeline/cli/layout_schema.h"
#include "pipeline/cli/messages.h"
#include "pipeline/config/schema_file.h"
#include "pipeline/core/checked.h"
#include "stages/filter.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const on_error_choices[] = {"fail", "skip", "quarantine", NULL};
static const char *const reader_choices[] = {"auto", "mmap", "chunked", NULL};
static const char *const progress_choices[] = {"auto", "always", "never", NULL};
static const char *const log_choices[] = {"text", "json", NULL};

#define AT(member) offsetof(cp_input_values, member)

const cp_option cp_input_rows[] = {
    {"from", 0, CP_OPTION_TEXT, AT(from), "FORMAT",
     "what the records are, jsonl, json or struct for example; auto (the default) tells by content",
     NULL, 0, 0},
    {"schema", 0, CP_OPTION_TEXT, AT(schema), "FILE",
     "the rules, a YAML file, or \"case\" or \"clf\" for a built-in schema; without it they are "
     "guessed from the first 1000 records, as far as 1 MiB holds them, but for access logs, whose "
     "fields are those of clf",
     NULL, 0, 0},
    {"layout", 0, CP_OPTION_TEXT, AT(layout), "STR",
     "fixed-width records in the grammar of Python's struct module, such as '<dHfB'; implies "
     "--from struct",
     NULL, 0, 0},
    {"fields", 0, CP_OPTION_TEXT, AT(fields), "A,B,C",
     "the names of the layout's values, or of the columns of CSV without a header, in order", NULL,
     0, 0},
    {"delimiter", 0, CP_OPTION_TEXT, AT(delimiter), "C",
     "what stands between two fields of CSV: a character, or \\t or tab (default ,); implies "
     "--from csv",
     NULL, 0, 0},
    {"skip-bytes", 0, CP_OPTION_SIZE, AT(skip_bytes), "SIZE",
     "struct records begin behind so many bytes of each input, a header for example (default 0)",
     NULL, 0, 0},
    {"at", 0, CP_OPTION_TEXT, AT(at), "POINTER",
     "where in a JSON document the array of records is, as a JSON Pointer such as /data/cases "
     "(default: the document itself); implies --from json",
     NULL, 0, 0},
    {"member", 0, CP_OPTION_TEXT, AT(member), "GLOB",
     "which members of an archive (tar, zip, 7z, cpio) are read; * also matches / (default: all)",
     NULL, 0, 0},
    {"max-record-size", 0, CP_OPTION_SIZE, AT(max_record_bytes), "SIZE",
     "a larger record is a reject (default 16MiB)", NULL, 1, 1 << 30},
    {"max-window", 0, CP_OPTION_SIZE, AT(max_window_bytes), "SIZE",
     "the largest window (or dictionary) that a compressed stream may ask for (default 128MiB)",
     NULL, 1 << 10, UINT64_C(1) << 31},
    {0},
};

const cp_option cp_where_rows[] = {
    {"where", 0, CP_OPTION_TEXT, AT(where), "EXPR",
     "only the records for which this is true, after they were checked: SQL's WHERE with AND OR "
     "NOT, = <> < <= > >=, IN, BETWEEN, LIKE, IS NULL, + - * / %, TIMESTAMP "
     "'2026-11-19T00:00:00Z', such as \"status IN ('DRAFT', 'CLOSED') AND value > 20\"",
     NULL, 0, 0},
    {0},
};

const cp_option cp_error_rows[] = {
    {"on-error", 0, CP_OPTION_CHOICE, AT(on_error), "WHAT",
     "what a bad record does: fail (the default) ends the run, skip passes over it, quarantine "
     "writes it to --rejects",
     on_error_choices, 0, 0},
    {"rejects", 0, CP_OPTION_TEXT, AT(rejects), "FILE",
     "where bad records go, one JSON line each; implies --on-error quarantine", NULL, 0, 0},
    {"max-errors", 0, CP_OPTION_COUNT, AT(max_errors), "N",
     "more bad records than this end the run at once; implies --on-error skip", NULL, 0, 0},
    {"max-error-ratio", 0, CP_OPTION_RATIO, AT(max_ratio), "R",
     "a larger share of bad records, judged at the end, fails the run; implies --on-error skip",
     NULL, 0, 0},
    {0},
};

const cp_option cp_resource_rows[] = {
    {"threads", 0, CP_OPTION_COUNT, AT(threads), "N",
     "threads in all (default: one for each processor); the results are the same", NULL, 1,
     CP_THREADS_MAX},
    {"reader", 0, CP_OPTION_CHOICE, AT(read_method), "HOW",
     "auto, mmap (windows of the mapped file) or chunked (reads)", reader_choices, 0, 0},
    {"chunk-size", 0, CP_OPTION_SIZE, AT(chunk_bytes), "SIZE", "bytes for each read (default 1MiB)",
     NULL, 1, 1 << 30},
    {"memory-limit", 0, CP_OPTION_SIZE, AT(memory_limit_bytes), "SIZE",
     "for the state of each aggregate, which grows with its distinct keys (default 1GiB)", NULL,
     1 << 20, 0},
    {0},
};

const cp_option cp_message_rows[] = {
    {"progress", 0, CP_OPTION_CHOICE, AT(progress), "WHEN",
     "a progress bar on stderr: auto (on a terminal), always or never", progress_choices, 0, 0},
    {"quiet", 'q', CP_OPTION_FLAG, AT(quiet), NULL, "errors only", NULL, 0, 0},
    {"log-format", 0, CP_OPTION_CHOICE, AT(log_format), "FORM", "messages as text or json",
     log_choices, 0, 0},
    {0},
};

const cp_input_values cp_input_defaults = {
    .max_record_bytes = 16 << 20,
    .max_window_bytes = 128 << 20,
    .on_error = CP_ON_ERROR_UNSAID,
    .max_errors = UINT64_MAX,
    .max_ratio = 2,
    .memory_limit_bytes = 1 << 30,
    .chunk_bytes = 1 << 20,
};

static cp_rc usage(cp_error *err, const char *sentence)
{
    return cp_fail(err, CP_E_USAGE, "usage", "%s", sentence);
}

/* The budget, and whether there is a rejects file, from options that imply each other. */
static cp_rc budget_of(const cp_input_values *values, cp_budget *budget, cp_error *err)
{
    bool limited = values->max_errors != UINT64_MAX || values->max_ratio <= 1;
    int mode = values->on_error;
    if (mode == CP_ON_ERROR_UNSAID)
        mode = values->rejects ? CP_ON_ERROR_QUARANTINE
               : limited       ? CP_ON_ERROR_SKIP
                               : CP_ON_ERROR_FAIL;
    if (mode == CP_ON_ERROR_QUARANTINE && !values->rejects)
        return usage(err, "--on-error quarantine needs --rejects FILE");
    if (mode == CP_ON_ERROR_SKIP && values->rejects)
        return usage(err, "--on-error skip keeps no bad records; leave it out with --rejects");
    if (mode == CP_ON_ERROR_FAIL && limited)
        return usage(err, "--on-error fail allows no bad record; leave it out with --max-errors "
                          "or --max-error-ratio");
    budget->max_errors = mode == CP_ON_ERROR_FAIL ? 0 : values->max_errors;
    budget->max_ratio = values->max_ratio <= 1 ? values->max_ratio : 1;
    return CP_OK;
}

/* By a built-in's name, else from the file. */
static cp_rc open_schema(const char *name, cp_schema **out, cp_error *err)
{
    static const struct {
        const char *name;
        cp_rc (*make)(cp_schema **, cp_error *);
    } built_in[] = {{"case", cp_schema_case}, {"clf", cp_schema_clf}};
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (strcmp(name, built_in[i].name) == 0)
            return built_in[i].make(out, err);
    return cp_schema_from_yaml(name, out, err);
}

static cp_rc load_schema(cp_inputs *inputs, const cp_input_values *values, cp_error *err)
{
    cp_rc rc = CP_OK;
    if (values->schema && !*values->schema)
        rc = usage(err, "--schema needs a file, or \"case\"");
    else if (values->schema)
        rc = open_schema(values->schema, &inputs->schema, err);
    if (!rc && values->layout)
        rc = cp_layout_schema(values->layout, values->fields, &inputs->schema, err);
    return rc;
}

/* '\0': it can be none. Neither what numbers, quotes and lines are made of, nor part of a
 * character. */
static char delimiter_of(const char *text)
{
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        return '\t';
    bool is_one = text[0] != '\0' && text[1] == '\0' && (text[0] == '\t' || text[0] >= ' ');
    bool is_letter =
        (text[0] >= '0' && text[0] <= '9') || ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z');
    return is_one && !is_letter && !strchr("\"+-.\x7f", text[0]) ? text[0] : '\0';
}

/* What --fields and --delimiter say about CSV. */
static cp_rc describe_csv(cp_inputs *inputs, const cp_input_values *values, cp_error *err)
{
    cp_format_options *format = &inputs->run.format;
    bool is_csv = inputs->run.intake.format == &cp_csv_format;
    if (values->delimiter) {
        format->delimiter = (uint8_t)delimiter_of(values->delimiter);
        if (!format->delimiter)
            return cp_fail(err, CP_E_USAGE, "bad_value",
                           "--delimiter: \"%s\" is no character that can stand between fields",
                           values->delimiter);
        if (!is_csv)
            return usage(err, "--delimiter goes with --from csv");
    }
    if (!values->fields || values->layout)
        return CP_OK;
    if (!is_csv)
        return usage(err, "--fields goes with --layout, or with --from csv");
    cp_rc rc = cp_name_list_split(values->fields, "--fields", &inputs->columns, err);
    format->columns = inputs->columns.items;
    format->column_count = inputs->columns.count;
    return rc;
}

/* By name, from the registry. */
static cp_rc find_format(const char *name, const cp_format_type **format, cp_error *err)
{
    char names[256] = "auto";
    size_t used = strlen(names);
    *format = NULL;
    if (!name || strcmp(name, "auto") == 0)
        return CP_OK;
    for (const cp_format_type *const *type = cp_formats; *type; type++) {
        if (strcmp((*type)->name, name) == 0) {
            *format = *type;
            return CP_OK;
        }
        int n = snprintf(names + used, sizeof names - used, ", %s", (*type)->name);
        used += (size_t)n < sizeof names - used ? (size_t)n : 0;
    }
    return cp_fail(err, CP_E_USAGE, "bad_value", "--from: \"%s\" is none of %s", name, names);
}

/* --at means --from json; what it says is checked before any input is looked at. */
static cp_rc json_at(const char *at, const cp_format_type **format, cp_error *err)
{
    cp_json_pointer pointer;
    if (*format && *format != &cp_json_format)
        return usage(err, "--at goes with --from json");
    *format = &cp_json_format;
    cp_rc rc = cp_json_pointer_open(at, &pointer, err);
    cp_json_pointer_close(&pointer);
    return rc;
}

static cp_rc format_of(const cp_input_values *values, const cp_format_type **format, cp_error *err)
{
    cp_rc rc = find_format(values->from, format, err);
    if (!rc && !*format && values->delimiter && !values->layout)
        *format = &cp_csv_format;
    if (!rc && values->at)
        rc = json_at(values->at, format, err);
    if (rc || !values->layout)
        return rc;
    if (*format && *format != &cp_struct_format)
        return usage(err, "--layout goes with --from struct");
    *format = &cp_struct_format;
    return CP_OK;
}

static cp_rc check_skip(const cp_input_values *values, const cp_format_type *format, cp_error *err)
{
    return values->skip_bytes && format != &cp_struct_format
               ? usage(err, "--skip-bytes goes with --layout, or with --from struct")
               : CP_OK;
}

static cp_rc expand_paths(cp_inputs *inputs, char **operands, size_t count, cp_error *err)
{
    cp_rc rc = count ? CP_OK : usage(err, "an input is needed; - is standard input");
    for (size_t i = 0; !rc && i < count; i++)
        rc = cp_paths_add(&inputs->paths, operands[i], err);
    unsigned from_stdin = 0;
    for (size_t i = 0; !rc && i < inputs->paths.count; i++)
        from_stdin += strcmp(inputs->paths.items[i], "-") == 0;
    return !rc && from_stdin > 1 ? usage(err, "standard input can be read only once") : rc;
}

static cp_rc open_filter(cp_inputs *inputs, const char *where, cp_error *err)
{
    if (!where)
        return CP_OK;
    cp_rc rc = cp_expr_parse(cp_span_of(where), &inputs->where, err);
    if (!rc)
        rc = cp_filter_stage_open(inputs->where, &inputs->filter, err);
    inputs->run.maps = &inputs->filter;
    inputs->run.map_count = 1;
    return rc;
}

cp_rc cp_inputs_check_where(const cp_inputs *inputs, cp_error *err)
{
    cp_filter *filter;
    if (!inputs->where || !inputs->schema)
        return CP_OK;
    cp_rc rc = cp_filter_bind(inputs->where, inputs->schema, &filter, err);
    if (!rc)
        cp_filter_free(filter);
    return rc;
}

static void draw_progress(void *context, const cp_progress *progress)
{
    cp_progress_bar_draw(&((cp_inputs *)context)->bar, progress);
}

/* Those that this process may run on. */
static size_t processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : (size_t)count;
}

cp_rc cp_inputs_open(cp_inputs *inputs, const cp_input_values *values, char **operands,
                     size_t operand_count, cp_error *err)
{
    *inputs = (cp_inputs){0};
    cp_messages_set((cp_log_format)values->log_format, values->quiet);
    cp_run_options *run = &inputs->run;
    cp_rc rc = budget_of(values, &run->budget, err);
    if (!rc)
        rc = format_of(values, &run->intake.format, err);
    if (!rc)
        rc = check_skip(values, run->intake.format, err);
    if (!rc)
        rc = describe_csv(inputs, values, err);
    if (!rc)
        rc = load_schema(inputs, values, err);
    if (!rc)
        rc = open_filter(inputs, values->where, err);
    if (!rc)
        rc = expand_paths(inputs, operands, operand_count, err);
    if (rc)
        return rc;
    run->paths = inputs->paths.items;
    run->path_count = inputs->paths.count;
    run->intake.io = (cp_io_options){(cp_read_method)values->read_method, values->chunk_bytes};
    run->intake.codecs = cp_codecs;
    run->intake.containers = cp_containers;
    run->member_glob = values->member;
    run->intake.formats = cp_formats;
    run->intake.window_limit_bytes = values->max_window_bytes;
    run->format.max_record_bytes = values->max_record_bytes;
    run->format.skip_bytes = values->skip_bytes;
    run->format.at = values->at;
    run->schema = inputs->schema;
    run->threads = values->threads ? values->threads : processors();
    run->memory_limit_bytes = values->memory_limit_bytes;
    run->rejects_path = values->rejects;
    cp_progress_bar_open(&inputs->bar, (cp_progress_when)values->progress, values->quiet,
                         run->paths, run->path_count);
    run->progress = inputs->bar.shown ? draw_progress : NULL;
    run->progress_context = inputs;
    return CP_OK;
}

/* The one spelling of a path, also of a file that is still to be; false where it has none. */
static bool resolve(const char *path, char out[PATH_MAX])
{
    char folder[PATH_MAX], resolved[PATH_MAX];
    if (realpath(path, out))
        return true;
    const char *slash = strrchr(path, '/');
    int size = slash ? (int)(slash - path) + 1 : 0;
    snprintf(folder, sizeof folder, "%.*s.", size, path);
    return realpath(folder, resolved) &&
           snprintf(out, PATH_MAX, "%s/%s", resolved, path + size) < PATH_MAX;
}

static bool same_file(const char *a, const char *b)
{
    char resolved_a[PATH_MAX], resolved_b[PATH_MAX];
    struct stat status_a, status_b;
    if (stat(a, &status_a) == 0 && stat(b, &status_b) == 0)
        return S_ISREG(status_a.st_mode) && status_a.st_dev == status_b.st_dev &&
               status_a.st_ino == status_b.st_ino;
    return resolve(a, resolved_a) && resolve(b, resolved_b) && strcmp(resolved_a, resolved_b) == 0;
}

/* Whether the file `path` stands in the folder `folder`, itself and not only its link. */
static bool stands_in(const char *path, const char *folder)
{
    char resolved[PATH_MAX], resolved_folder[PATH_MAX];
    if (!realpath(path, resolved) || !realpath(folder, resolved_folder))
        return false;
    size_t size = strlen(resolved_folder);
    return strncmp(resolved, resolved_folder, size) == 0 && resolved[size] == '/';
}

cp_rc cp_outputs_check(const cp_paths *inputs, const char *output, const char *other, cp_error *err)
{
    const char *outputs[] = {output, other};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; outputs[i] && inputs && j < inputs->count; j++)
            if (strcmp(outputs[i], "-") && same_file(outputs[i], inputs->items[j]))
                return cp_fail(err, CP_E_USAGE, "usage", "%s is an input and cannot be an output",
                               outputs[i]);
            else if (stands_in(inputs->items[j], outputs[i]))
                return cp_fail(err, CP_E_USAGE, "usage",
                               "%s holds the input %s and cannot be an output", outputs[i],
                               inputs->items[j]);
    if (output && other && same_file(output, other))
        return cp_fail(err, CP_E_USAGE, "usage", "%s cannot be two outputs at once", output);
    return CP_OK;
}

void cp_inputs_close(cp_inputs *inputs)
{
    cp_progress_bar_close(&inputs->bar);
    cp_paths_free(&inputs->paths);
    cp_schema_free(inputs->schema);
    cp_name_list_close(&inputs->columns);
    if (inputs->filter)
        inputs->filter->type->close(inputs->filter);
    cp_expr_free(inputs->where);
    *inputs = (cp_inputs){0};
}

int cp_inputs_verdict(const cp_books *books)
{
    char reasons[512] = "";
    size_t used = 0;
    if (books->rounded)
        cp_note("%" PRIu64 " value%s rounded to what the output holds", books->rounded,
                books->rounded == 1 ? " was" : "s were");
    if (books->rejected == 0)
        return 0;
    for (int i = 0; i < CP_REASON_COUNT; i++) {
        if (books->by_reason[i] == 0)
            continue;
        int n = snprintf(reasons + used, sizeof reasons - used, "%s%s %" PRIu64, used ? ", " : "",
                         cp_reason_name((cp_reason)i), books->by_reason[i]);
        used += (size_t)n < sizeof reasons - used ? (size_t)n : 0;
    }
    cp_note("%" PRIu64 " of %" PRIu64 " records rejected: %s", books->rejected, books->read,
            reasons);
    return CP_EXIT_REJECTS;
}

cp_rc cp_inputs_run(cp_inputs *inputs, int *verdict, cp_error *err)
{
    cp_run *run = NULL;
    cp_rc rc = cp_run_open(&inputs->run, &run, err);
    if (!rc)
        rc = cp_run_execute(run, err);
    cp_progress_bar_close(&inputs->bar); /* the verdict is not to share its line */
    if (!rc)
        *verdict = cp_inputs_verdict(cp_run_books(run));
    cp_run_close(run);
    return rc;
}
