/* Rejects: records that broke a rule, kept with their place and raw bytes.
 *
 * A decoder adds them with places relative to the block; commit makes the places absolute. The
 * reasons are one table: its names are what people see in reports and reject files. */
#ifndef CP_CORE_REJECT_H
#define CP_CORE_REJECT_H

#include "pipeline/core/arena.h"
#include "pipeline/core/schema.h"
#include "pipeline/core/span.h"

/* The verdict on a value or a record. */
typedef enum cp_reason {
    CP_ACCEPTED = 0,
    CP_ACCEPTED_NULL, /* a value only: it stands for null */
    CP_JSON_SYNTAX,
    CP_CSV_SYNTAX,
    CP_CLF_SYNTAX,
    CP_INVALID_UTF8,
    CP_INVALID_ESCAPE, /* \u of a lone surrogate: no character */
    CP_NESTING_TOO_DEEP,
    CP_UNBALANCED_RECORD, /* of a JSON document: where it ends is a guess */
    CP_RECORD_TOO_LARGE,
    CP_TRUNCATED_RECORD,
    CP_WRONG_FIELD_COUNT, /* other than the header has */
    CP_NOT_AN_OBJECT,
    CP_UNKNOWN_FIELD,
    CP_DUPLICATE_KEY,
    CP_MISSING_FIELD,
    CP_NULL_VALUE,
    CP_WRONG_TYPE,
    CP_NOT_AN_INTEGER,
    CP_OUT_OF_RANGE,   /* an integer that its type cannot hold */
    CP_FLOAT_OVERFLOW, /* 1e400 */
    CP_NOT_FINITE,     /* NaN, infinity */
    CP_BELOW_MIN,
    CP_ABOVE_MAX,
    CP_UNKNOWN_SYMBOL,
    CP_INVALID_TIME,
    CP_TIME_OUT_OF_RANGE,
    CP_DOES_NOT_FIT, /* a text or a float in an output of fixed width */
    CP_REASON_COUNT
} cp_reason;

/* "json_syntax"; static. */
const char *cp_reason_name(cp_reason reason);

typedef struct cp_reject {
    uint64_t record; /* 0-based; relative to the block until commit, then to the input */
    uint64_t line;   /* likewise */
    uint64_t offset; /* of the record's first byte, likewise */
    uint64_t length; /* of the record in bytes, its terminator not counted */
    cp_reason reason;
    const char *field;   /* the field's name, or NULL; lives as long as the schema */
    const char *message; /* in the list's arena */
    cp_span raw;         /* the record's bytes in the block; data NULL beyond --max-record-size */
} cp_reject;

enum { CP_REJECTS_FULL = 512 };

/* What one decode call refused. One thread at a time. */
typedef struct cp_rejects {
    cp_reject items[CP_REJECTS_FULL];
    size_t count;
    cp_arena arena;
} cp_rejects;

/* What a decoder knows when it refuses a record. */
typedef struct cp_refusal {
    cp_reason reason;
    const cp_field *field; /* NULL: the record as a whole */
    cp_span value;         /* as it stands in the input; shown cut at 100 bytes */
    const char *detail;    /* static; what was expected, where the reason needs it; or NULL */
    uint64_t at;           /* byte in the record, for syntax and UTF-8; a number of the reason's */
    uint64_t expected;     /* the count of fields that it should be */
} cp_refusal;

/* Adds a reject; its place, length and raw come in `where`, whose message is composed here from
 * `why`. `schema` (NULL is allowed) decides whether the message says that the rule was a guess.
 * The caller stops decoding when the list is full. CP_E_MEMORY. */
cp_rc cp_rejects_add(cp_rejects *rejects, const cp_schema *schema, const cp_reject *where,
                     const cp_refusal *why, cp_error *err);

static inline bool cp_rejects_full(const cp_rejects *rejects)
{
    return rejects->count == CP_REJECTS_FULL;
}

void cp_rejects_reset(cp_rejects *rejects);
void cp_rejects_free(cp_rejects *rejects); /* what it holds, not the struct itself */

#endif
