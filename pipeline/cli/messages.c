/* Messages as text or as JSON lines. */
#include "pipeline/cli/messages.h"

#include "pipeline/core/span.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/utf8.h"
#include "pipeline/text/visible.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BYTES = 4096 };

static cp_log_format log_format;
static bool quiet;

void cp_messages_set(cp_log_format format, bool is_quiet)
{
    log_format = format;
    quiet = is_quiet;
}

int cp_exit_status(cp_rc rc)
{
    static const struct {
        cp_rc rc;
        int status; /* after BSD's sysexits */
    } table[] = {
        {CP_E_USAGE, 64}, {CP_E_DATA, 65},   {CP_E_NOINPUT, 66},
        {CP_E_BUG, 70},   {CP_E_MEMORY, 71}, {CP_E_CREATE, 73},
        {CP_E_IO, 74},    {CP_E_LOCKED, 75}, {CP_E_CONFIG, 78},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].rc == rc)
            return table[i].status;
    return cp_failed(rc) ? 70 : 0;
}

static void print_string(const char *name, const char *value)
{
    static uint8_t repaired[3 * TEXT_BYTES];
    static char escaped[6 * TEXT_BYTES];
    size_t size =
        cp_escape((cp_span){repaired, cp_utf8_repair(cp_span_of(value), repaired)}, escaped);
    fprintf(stderr, "\"%s\":\"%.*s\"", name, (int)size, escaped);
}

static void print_optional(const char *name, const char *value)
{
    if (!value || !*value)
        return;
    fputc(',', stderr);
    print_string(name, value);
}

static void print_number(const char *name, uint64_t value)
{
    fprintf(stderr, ",\"%s\":%" PRIu64, name, value);
}

static void print_error_json(const cp_error *err)
{
    fputc('{', stderr);
    print_string("level", "error");
    print_optional("reason", err->reason);
    print_optional("source", err->input);
    if (err->record)
        print_number("record", err->record);
    if (err->line)
        print_number("line", err->line);
    if (err->has_byte)
        print_number("byte", err->byte);
    print_optional("field", err->field);
    print_optional("message", err->message);
    fputs("}\n", stderr);
}

static void print_line(const char *text)
{
    char shown[CP_VISIBLE_GROWTH * TEXT_BYTES];
    fprintf(stderr, "casepipe: %.*s\n", (int)cp_visible(cp_span_of(text), shown), shown);
}

int cp_report_error(const cp_error *err)
{
    char text[TEXT_BYTES];
    if (log_format == CP_LOG_JSON) {
        print_error_json(err);
    } else {
        cp_error_text(err, text, sizeof text);
        print_line(text);
    }
    return cp_exit_status(err->rc);
}

void cp_note(const char *format, ...)
{
    char text[TEXT_BYTES];
    if (quiet)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (log_format == CP_LOG_JSON) {
        fputc('{', stderr);
        print_string("level", "note");
        print_optional("message", text);
        fputs("}\n", stderr);
    } else {
        print_line(text);
    }
}
