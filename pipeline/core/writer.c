/* printf into a writer. */
#include "pipeline/core/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES_MAX = 64 * 1024 };

cp_rc cp_writef(cp_writer *writer, cp_error *err, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    cp_rc rc;
    if (length < 0 || length > LINE_BYTES_MAX) {
        rc = cp_fail(err, CP_E_BUG, "line_too_long", "a formatted line is too long");
    } else if ((size_t)length < sizeof small) {
        rc = cp_write(writer, small, (size_t)length, err);
    } else {
        char *text = malloc((size_t)length + 1);
        if (text) {
            vsnprintf(text, (size_t)length + 1, format, again);
            rc = cp_write(writer, text, (size_t)length, err);
            free(text);
        } else {
            rc = cp_fail_memory(err, (size_t)length + 1);
        }
    }
    va_end(again);
    return rc;
}
