/* Byte by byte: the one that knows what to say. */
#include "formats/text/csv_record.h"

#include "pipeline/core/checked.h"
#include "pipeline/text/utf8.h"

/* What a byte has broken, given the state before it; NULL: nothing. */
static const char *broken_rule(cp_csv_state before, uint8_t byte, uint8_t next, uint8_t delimiter)
{
    if (before == CP_CSV_INSIDE || byte == delimiter || byte == '\n')
        return NULL;
    if (byte == '\r')
        return next == '\n' ? NULL : "a carriage return outside of quotes";
    if (before == CP_CSV_CLOSED)
        return byte == '"' ? NULL : "text behind the closing quote";
    return before == CP_CSV_PLAIN && byte == '"' ? "a quote in a field without quotes" : NULL;
}

static void find_fault(cp_csv_record *record, const char *rule, size_t at)
{
    if (record->fault.reason == CP_ACCEPTED)
        record->fault = (cp_refusal){.reason = CP_CSV_SYNTAX, .detail = rule, .at = at};
}

static cp_rc end_field(cp_csv_record *record, size_t at, cp_error *err)
{
    cp_rc rc =
        cp_grow(&record->ends, &record->capacity, record->count + 1, sizeof *record->ends, err);
    if (!rc)
        record->ends[record->count++] = (uint32_t)at;
    return rc;
}

/* What concerns the record as a whole comes first. */
static void judge(cp_csv_record *record, const uint8_t *start, cp_csv_state last,
                  const cp_csv_dialect *dialect)
{
    cp_span text = {start, record->size};
    if (record->size > dialect->max_record_bytes)
        record->fault =
            (cp_refusal){.reason = CP_RECORD_TOO_LARGE, .at = dialect->max_record_bytes};
    else if (last == CP_CSV_INSIDE)
        record->fault = (cp_refusal){.reason = CP_TRUNCATED_RECORD, .detail = "a field in quotes"};
    size_t good = record->fault.reason ? text.size : cp_utf8_valid(text);
    if (good < text.size)
        record->fault = (cp_refusal){.reason = CP_INVALID_UTF8, .at = good};
}

cp_rc cp_csv_record_read(cp_span bytes, const cp_csv_dialect *dialect, cp_csv_record *out,
                         cp_error *err)
{
    cp_csv_state state = CP_CSV_START;
    size_t at = 0;
    cp_rc rc = CP_OK;
    out->count = 0;
    out->lines = 0;
    out->is_ended = false;
    out->fault = (cp_refusal){0};
    for (; !rc && at < bytes.size && !out->is_ended; at++) {
        const uint8_t *p = bytes.data + at;
        const char *rule = broken_rule(state, *p, p[1], dialect->delimiter);
        if (rule)
            find_fault(out, rule, at);
        out->lines += *p == '\n';
        out->is_ended = *p == '\n' && cp_csv_ends_record(state, at, dialect);
        if (state != CP_CSV_INSIDE && *p == dialect->delimiter)
            rc = end_field(out, at, err);
        if (!out->is_ended)
            state = cp_csv_next(state, *p, dialect->delimiter);
    }
    out->whole = at;
    out->size = at - out->is_ended;
    if (out->size > 0 && bytes.data[out->size - 1] == '\r' &&
        (out->is_ended || state != CP_CSV_INSIDE))
        out->size--;
    if (!rc)
        rc = end_field(out, out->size, err);
    judge(out, bytes.data, state, dialect);
    return rc;
}

void cp_csv_record_close(cp_csv_record *record)
{
    free(record->ends);
    *record = (cp_csv_record){0};
}

size_t cp_csv_unquote(cp_span field, uint8_t *out)
{
    const uint8_t *p = field.data + 1, *end = field.data + field.size - 1;
    uint8_t *to = out;
    while (p < end) {
        const uint8_t *quote = memchr(p, '"', (size_t)(end - p));
        size_t run = quote ? (size_t)(quote - p) + 1 : (size_t)(end - p);
        memcpy(to, p, run);
        to += run;
        p += run + (quote != NULL);
    }
    return (size_t)(to - out);
}

uint64_t cp_csv_count_lines(cp_span text)
{
    uint64_t lines = 0;
    const uint8_t *p = text.data, *end = text.data + text.size;
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        lines++;
        p++;
    }
    return lines;
}
