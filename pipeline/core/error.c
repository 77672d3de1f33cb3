/* Errors with a place: filling, completing on the way up, and their one-line text. */
#include "pipeline/core/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void start(cp_error *err, cp_rc rc, const char *reason)
{
    err->rc = rc;
    err->reason = reason;
    err->record = err->line = err->byte = 0;
    err->has_byte = 0;
    err->input[0] = err->field[0] = err->message[0] = '\0';
}

int cp_error_fill(cp_error *err, cp_rc rc, const char *reason, const char *format, ...)
{
    if (err) {
        start(err, rc, reason);
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
    }
    return 0;
}

int cp_error_fill_errno(cp_error *err, cp_rc rc, const char *reason, int number, const char *format,
                        ...)
{
    if (err) {
        start(err, rc, reason);
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
        size_t used = strlen(err->message);
        char buffer[128];
        snprintf(err->message + used, sizeof err->message - used, ": %s",
                 strerror_r(number, buffer, sizeof buffer));
    }
    return 0;
}

int cp_error_fill_memory(cp_error *err, size_t wanted_bytes)
{
    return cp_error_fill(err, CP_E_MEMORY, "out_of_memory", "out of memory: %zu bytes wanted",
                         wanted_bytes);
}

void cp_error_in(cp_error *err, const char *input)
{
    if (err && err->input[0] == '\0')
        snprintf(err->input, sizeof err->input, "%s", input);
}

void cp_error_at_byte(cp_error *err, uint64_t byte)
{
    if (err && !err->has_byte) {
        err->byte = byte;
        err->has_byte = 1;
    }
}

typedef struct writer {
    char *out;
    size_t used, capacity;
} writer;

/* Appends text. What no longer fits ends the line for good. */
static void put(writer *w, const char *text)
{
    for (; *text; text++) {
        if (w->used + 1 >= w->capacity) {
            w->capacity = 0;
            return;
        }
        w->out[w->used++] = *text;
        w->out[w->used] = '\0';
    }
}

static void put_number(writer *w, const char *separator, const char *name, uint64_t value)
{
    char text[64];
    snprintf(text, sizeof text, "%s%s %" PRIu64, separator, name, value);
    put(w, text);
}

void cp_error_text(const cp_error *err, char *out, size_t capacity)
{
    writer w = {out, 0, capacity};
    if (capacity == 0)
        return;
    out[0] = '\0';
    if (err->input[0]) {
        put(&w, err->input);
        put(&w, ": ");
    }
    const char *separator = "";
    if (err->record) {
        put_number(&w, separator, "record", err->record);
        separator = ", ";
    }
    if (err->line) {
        put_number(&w, separator, "line", err->line);
        separator = ", ";
    }
    if (err->has_byte) {
        put_number(&w, separator, "byte", err->byte);
        separator = ", ";
    }
    if (*separator)
        put(&w, ": ");
    if (err->field[0]) {
        put(&w, err->field);
        put(&w, ": ");
    }
    put(&w, err->message);
}
