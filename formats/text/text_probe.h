/* What the probes of text formats share. */
#ifndef CP_FORMATS_TEXT_TEXT_PROBE_H
#define CP_FORMATS_TEXT_TEXT_PROBE_H

#include "pipeline/core/span.h"

/* More control characters than a log with a few bad records has. */
bool cp_looks_binary(cp_span head);

/* Bytes of the byte order mark at the start: 3 or 0. */
static inline size_t cp_mark_bytes(cp_span head)
{
    return head.size >= 3 && memcmp(head.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

#endif
