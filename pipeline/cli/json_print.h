/* JSON, value by value: commas, quotes and line ends are put where they belong.
 *
 * The first failure is kept in `rc` and all that follows does nothing, so that an object is written
 * as a plain list of calls. `name` is the key in an object, NULL in an array and at the top. */
#ifndef CP_CLI_JSON_PRINT_H
#define CP_CLI_JSON_PRINT_H

#include "pipeline/core/span.h"
#include "pipeline/core/writer.h"

enum { CP_JSON_DEPTH = 16 };

typedef struct cp_json {
    cp_writer *out;
    cp_error *err;
    cp_rc rc;
    unsigned depth;
    struct {
        bool is_array, on_lines, has_items;
    } levels[CP_JSON_DEPTH];
} cp_json;

cp_json cp_json_begin(cp_writer *out, cp_error *err);

/* on_lines: each item stands on a line of its own. */
void cp_json_object(cp_json *j, const char *name, bool on_lines);
void cp_json_array(cp_json *j, const char *name, bool on_lines);
void cp_json_close(cp_json *j); /* the innermost of both; behind the outermost the line ends */

/* Bytes that are no UTF-8 become U+FFFD. */
void cp_json_text(cp_json *j, const char *name, cp_span text);
void cp_json_string(cp_json *j, const char *name, const char *text); /* NULL: null */
void cp_json_count(cp_json *j, const char *name, uint64_t value);
void cp_json_int(cp_json *j, const char *name, int64_t value);
void cp_json_bool(cp_json *j, const char *name, bool value);
void cp_json_null(cp_json *j, const char *name);
/* What is JSON already. */
void cp_json_raw(cp_json *j, const char *name, cp_span json);
/* The key alone: the caller writes the value, and what that came to is the writer's. */
void cp_json_key(cp_json *j, const char *name);

#endif
