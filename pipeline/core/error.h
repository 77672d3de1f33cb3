/* An error that says where: input, member, record, line, byte, field. Owned by the caller.
 *
 * A callee fills what it knows; each caller on the way up adds what it alone knows (the input's
 * name, the absolute place), never overwriting what is already there. Only pipeline/cli prints. */
#ifndef CP_CORE_ERROR_H
#define CP_CORE_ERROR_H

#include "pipeline/core/rc.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CP_ERROR_PATH_BYTES = 1024,
    CP_ERROR_FIELD_BYTES = 128,
    CP_ERROR_MESSAGE_BYTES = 1024,
    CP_VALUE_CUT_BYTES = 100, /* values in messages are cut here */
};

/* Place members are 0 where unknown; record and line count from 1. `byte` is an offset in the
 * decompressed stream and is meaningful only where `has_byte`. */
typedef struct cp_error {
    cp_rc rc;
    const char *reason; /* static, snake_case, for scripts: "truncated_input"; NULL: none */
    uint64_t record;
    uint64_t line;
    uint64_t byte;
    int has_byte;
    char input[CP_ERROR_PATH_BYTES]; /* "a.tar.zst!day/cases.jsonl"; "" where unknown */
    char field[CP_ERROR_FIELD_BYTES];
    char message[CP_ERROR_MESSAGE_BYTES];
} cp_error;

/* Fills `err` (NULL is allowed); the _errno one puts ": " and the text of errno value `number` at
 * the end of the message. Called through the macros below. */
int cp_error_fill(cp_error *err, cp_rc rc, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int cp_error_fill_errno(cp_error *err, cp_rc rc, const char *reason, int number, const char *format,
                        ...) __attribute__((format(printf, 5, 6)));
int cp_error_fill_memory(cp_error *err, size_t wanted_bytes);

static inline cp_rc cp_second(int filled, cp_rc rc)
{
    (void)filled;
    return rc;
}

/* cp_fail(err, rc, reason, format, ...) and cp_fail_errno(err, rc, reason, number, format, ...)
 * fill `err` and give `rc`, so that a failure is one statement. Macros, so that compilers and
 * analyzers see that a constant rc comes back. */
#define cp_fail(err, rc, ...)       cp_second(cp_error_fill(err, rc, __VA_ARGS__), rc)
#define cp_fail_errno(err, rc, ...) cp_second(cp_error_fill_errno(err, rc, __VA_ARGS__), rc)

/* The one way to report a failed allocation. */
static inline cp_rc cp_fail_memory(cp_error *err, size_t wanted_bytes)
{
    return cp_second(cp_error_fill_memory(err, wanted_bytes), CP_E_MEMORY);
}

/* Names the input unless an inner call has already. */
void cp_error_in(cp_error *err, const char *input);

/* Says the byte unless an inner call has already. */
void cp_error_at_byte(cp_error *err, uint64_t byte);

/* "input: record 12, line 14, byte 2158: field: message" into `out`, always terminated; cut to
 * `capacity`. Names stand in it as they are: who shows it makes them visible. */
void cp_error_text(const cp_error *err, char *out, size_t capacity);

#endif
