/* Errors of a damaged file. */
#include "formats/parquet/damage.h"

#include <stdarg.h>
#include <stdio.h>

cp_rc cp_parquet_damaged(cp_error *err, uint64_t byte, const char *format, ...)
{
    char text[CP_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cp_fail(err, CP_E_DATA, "corrupt_input", "%s", text);
    cp_error_at_byte(err, byte);
    return CP_E_DATA;
}
