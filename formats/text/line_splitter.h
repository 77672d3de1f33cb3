/* The splitter of formats whose records are lines, whatever is in them: JSONL, access logs.
 * cp_line_split and cp_line_splitter_close are members of their cp_format_type as they stand. */
#ifndef CP_FORMATS_TEXT_LINE_SPLITTER_H
#define CP_FORMATS_TEXT_LINE_SPLITTER_H

#include "pipeline/core/format.h"

/* CP_E_MEMORY. */
cp_rc cp_line_splitter_open(const cp_format_type *type, uint64_t max_record_bytes,
                            cp_splitter **out, cp_error *err);
void cp_line_splitter_close(cp_splitter *splitter);
cp_rc cp_line_split(cp_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                    cp_error *err);

/* The '\n' that ends the line of p, or the block's end. */
static inline const uint8_t *cp_line_end(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
    return newline ? newline : end;
}

/* The line's bytes; the '\r' of a "\r\n" is no part of it. */
static inline size_t cp_line_bytes(const uint8_t *start, const uint8_t *line_end)
{
    size_t length = (size_t)(line_end - start);
    return length - (length > 0 && line_end[-1] == '\r');
}

#endif
