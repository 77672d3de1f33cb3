/* casepipe search: records that contain a byte string, with their places. */
#include "pipeline/cli/cell_print.h"
#include "pipeline/cli/command.h"
#include "pipeline/cli/input_options.h"
#include "pipeline/cli/messages.h"
#include "pipeline/engine/search.h"
#include "pipeline/io/output.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct search_values {
    cp_input_values input;
    bool count, offsets, hex;
    int to;
    uint64_t limit; /* 0: all */
} search_values;

#define AT(member) offsetof(search_values, member)

enum { TO_TEXT, TO_JSON };
static const char *const shapes[] = {"text", "json", NULL};

static const cp_option search_rows[] = {
    {"count", 'c', CP_OPTION_FLAG, AT(count), NULL, "only the number of records", NULL, 0, 0},
    {"offsets", 0, CP_OPTION_FLAG, AT(offsets), NULL,
     "only the byte offset of the first place in each record, in the decompressed input", NULL, 0,
     0},
    {"hex", 0, CP_OPTION_FLAG, AT(hex), NULL, "PATTERN is spelled in hexadecimal digits", NULL, 0,
     0},
    {"to", 0, CP_OPTION_CHOICE, AT(to), "SHAPE",
     "text (place and record) or json (one object a line)", shapes, 0, 0},
    {"limit", 'n', CP_OPTION_COUNT, AT(limit), "N", "stops after so many records", NULL, 1, 0},
    {0},
};

static const cp_option_table tables[] = {
    {"Search", search_rows},
    {"Input", cp_input_rows},
    {"Messages", cp_message_rows},
    {0},
};

typedef struct printer {
    const search_values *values;
    cp_writer *out;
    bool many; /* inputs: each line says which */
    uint64_t told;
} printer;

/* Text as it is, other bytes escaped: a terminal is not to be reset by a record. */
static cp_rc print_raw(cp_writer *out, cp_span raw, cp_error *err)
{
    bool plain = cp_utf8_valid(raw) == raw.size;
    for (size_t i = 0; plain && i < raw.size; i++)
        plain = raw.data[i] >= ' ' || raw.data[i] == '\t';
    if (plain)
        return cp_write(out, raw.data, raw.size, err);
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < raw.size; i++)
        rc = raw.data[i] >= ' ' && raw.data[i] < 0x7F && raw.data[i] != '\\'
                 ? cp_write(out, &raw.data[i], 1, err)
                 : cp_writef(out, err, "\\x%02x", raw.data[i]);
    return rc;
}

static cp_rc print_text(cp_writer *out, const cp_search_hit *hit, cp_error *err)
{
    cp_rc rc = cp_print_visible(out, cp_span_of(hit->input->text), err);
    if (!rc)
        rc = cp_writef(out, err, ": record %" PRIu64 ", ", hit->record + 1);
    if (!rc && hit->format->has_lines)
        rc = cp_writef(out, err, "line %" PRIu64 ", ", hit->line + 1);
    if (!rc)
        rc = cp_writef(out, err, "byte %" PRIu64 ": ", hit->offset);
    if (!rc)
        rc = print_raw(out, hit->raw, err);
    return rc ? rc : cp_write(out, "\n", 1, err);
}

static cp_rc print_json_raw(cp_writer *out, cp_span raw, cp_error *err)
{
    if (cp_utf8_valid(raw) == raw.size) {
        cp_rc rc = cp_writef(out, err, "\"raw\":");
        return rc ? rc : cp_print_json_string(out, raw, err);
    }
    size_t room = cp_base64_size(raw.size);
    char *text = malloc(room + 1);
    if (!text)
        return cp_fail_memory(err, room);
    cp_rc rc = cp_writef(out, err, "\"raw_base64\":\"");
    if (!rc)
        rc = cp_write(out, text, cp_base64(raw, text), err);
    free(text);
    return rc ? rc : cp_write(out, "\"", 1, err);
}

static cp_rc print_json(cp_writer *out, const cp_search_hit *hit, cp_error *err)
{
    cp_rc rc = cp_writef(out, err, "{\"source\":");
    if (!rc)
        rc = cp_print_json_string(out, hit->input->path, err);
    if (!rc)
        rc = cp_writef(out, err, ",\"member\":%s", hit->input->member ? "" : "null");
    if (!rc && hit->input->member)
        rc = cp_print_json_string(out, cp_span_of(hit->input->member), err);
    if (!rc)
        rc = cp_writef(out, err, ",\"record\":%" PRIu64 ",\"line\":", hit->record + 1);
    if (!rc)
        rc = hit->format->has_lines ? cp_writef(out, err, "%" PRIu64, hit->line + 1)
                                    : cp_writef(out, err, "null");
    if (!rc)
        rc = cp_writef(out, err, ",\"offset\":%" PRIu64 ",\"length\":%zu,\"at\":%zu,", hit->offset,
                       hit->raw.size, hit->at);
    if (!rc)
        rc = print_json_raw(out, hit->raw, err);
    return rc ? rc : cp_writef(out, err, "}\n");
}

static cp_rc print_offset(const printer *self, const cp_search_hit *hit, cp_error *err)
{
    cp_rc rc = self->many ? cp_print_visible(self->out, cp_span_of(hit->input->text), err) : CP_OK;
    if (!rc && self->many)
        rc = cp_write(self->out, ":", 1, err);
    return rc ? rc : cp_writef(self->out, err, "%" PRIu64 "\n", hit->offset + hit->at);
}

static cp_rc tell_hit(void *context, const cp_search_hit *hit, cp_error *err)
{
    printer *self = context;
    cp_rc rc = CP_OK;
    if (self->values->offsets)
        rc = print_offset(self, hit, err);
    else if (!self->values->count)
        rc = self->values->to == TO_JSON ? print_json(self->out, hit, err)
                                         : print_text(self->out, hit, err);
    return rc ? rc : ++self->told == self->values->limit ? CP_END : CP_OK;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdefABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return !found ? -1 : found - digits < 16 ? (int)(found - digits) : (int)(found - digits) - 6;
}

/* In place. */
static cp_rc read_pattern(char *text, bool hex, cp_span *out, cp_error *err)
{
    size_t size = strlen(text);
    bool good = size > 0 && (!hex || size % 2 == 0);
    for (size_t i = 0; hex && good && i < size; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        good = high >= 0 && low >= 0;
        text[i / 2] = (char)(high * 16 + low);
    }
    if (!good)
        return cp_fail(err, CP_E_USAGE, "usage",
                       hex ? "--hex wants a pattern of pairs of hexadecimal digits"
                           : "the pattern is empty");
    *out = (cp_span){(const uint8_t *)text, hex ? size / 2 : size};
    return CP_OK;
}

static cp_rc run_search(const search_values *values, cp_inputs *inputs, cp_span pattern,
                        int *verdict, cp_error *err)
{
    cp_output *output;
    cp_search_counts counts;
    cp_rc rc = cp_output_open("-", &output, err);
    if (rc)
        return rc;
    printer print = {
        .values = values, .out = cp_output_writer(output), .many = inputs->paths.count > 1};
    cp_search_options options = {
        .paths = inputs->run.paths,
        .path_count = inputs->run.path_count,
        .intake = inputs->run.intake,
        .member_glob = inputs->run.member_glob,
        .format = inputs->run.format,
        .schema = inputs->schema,
        .pattern = pattern,
        .hit = tell_hit,
        .context = &print,
    };
    rc = cp_search(&options, &counts, err);
    if (!rc && values->count)
        rc = cp_writef(print.out, err, "%" PRIu64 "\n", counts.hits);
    cp_error late;
    cp_rc published = cp_output_publish(output, rc ? &late : err); /* what was found stays found */
    if (!rc && counts.passed_over) {
        *verdict = CP_EXIT_REJECTS;
        cp_note("%" PRIu64 " record%s passed over, larger than --max-record-size",
                counts.passed_over, counts.passed_over == 1 ? " was" : "s were");
    }
    cp_output_close(output);
    return rc ? rc : published;
}

static int search_main(const cp_command *command, int argc, char **argv)
{
    search_values values = {.input = cp_input_defaults};
    cp_inputs inputs = {0};
    cp_error err;
    size_t operands;
    int verdict = 0;
    cp_span pattern = {0};
    cp_rc rc = cp_options_parse(command->tables, argv, (size_t)argc, &values, &operands, &err);
    if (!rc && operands < 2)
        rc = cp_fail(&err, CP_E_USAGE, "usage", "search wants a pattern and an input");
    if (!rc)
        rc = read_pattern(argv[0], values.hex, &pattern, &err);
    if (!rc)
        rc = cp_inputs_open(&inputs, &values.input, argv + 1, operands - 1, &err);
    if (!rc)
        rc = run_search(&values, &inputs, pattern, &verdict, &err);
    cp_inputs_close(&inputs);
    return rc ? cp_report_error(&err) : verdict;
}

const cp_command cp_command_search = {
    .name = "search",
    .operands = "PATTERN INPUT...",
    .summary = "records that contain a byte string",
    .about = "Prints each record that contains the bytes of PATTERN, with its place. Records are\n"
             "taken as they stand, bad ones too: nothing is decoded, and escapes in JSON are not\n"
             "resolved. Struct records need --layout or --schema, as elsewhere. A record larger\n"
             "than --max-record-size is passed over and told; the exit status is then 1.\n",
    .tables = tables,
    .main = search_main,
};
