/* Column and excerpt before the message. */
#include "pipeline/expr/complain.h"

#include "pipeline/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { EXCERPT_BYTES = 24 };

static size_t column_of(cp_span text, size_t at)
{
    return cp_utf8_characters((cp_span){text.data, at}) + 1;
}

int cp_complain_fill(cp_error *err, cp_rc rc, cp_span text, size_t at, const char *reason,
                     const char *format, ...)
{
    char message[CP_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cp_span rest = {text.data + at, text.size - at};
    size_t shown = cp_utf8_cut(rest, EXCERPT_BYTES);
    if (shown == 0)
        return cp_error_fill(err, rc, reason, "where: column %zu, at the end: %s",
                             column_of(text, at), message);
    return cp_error_fill(err, rc, reason, "where: column %zu, at \"%.*s\"%s: %s",
                         column_of(text, at), (int)shown, (const char *)rest.data,
                         shown < rest.size ? "..." : "", message);
}
