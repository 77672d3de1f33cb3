/* Evaluates conditions for test_where_vs_duckdb.mjs, many in one process.
 *
 *   where_driver ROWS < commands     one command a line; batches of ROWS rows
 *
 *   schema FIELD ...   first; as driver_rows.h has them
 *   r CELL ...         a row
 *   w CONDITION        prints a line: 0 or 1 for each row so far, or "error REASON: MESSAGE" */
#include "pipeline/expr/expr.h"
#include "tests/interop/driver_rows.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct driver {
    cp_schema *schema;
    cp_batch *batches;
    size_t count;
    uint32_t capacity;
} driver;

static cp_rc add_batch(driver *d, cp_error *err)
{
    cp_batch *grown = realloc(d->batches, (d->count + 1) * sizeof *grown);
    if (!grown)
        return cp_fail_memory(err, (d->count + 1) * sizeof *grown);
    d->batches = grown;
    cp_rc rc = cp_batch_open(&d->batches[d->count], d->schema, d->capacity, err);
    d->count += !rc;
    return rc;
}

static cp_rc do_row(driver *d, char *words, cp_error *err)
{
    bool full = d->count == 0 || d->batches[d->count - 1].rows == d->capacity;
    cp_rc rc = full ? add_batch(d, err) : CP_OK;
    return rc ? rc : cp_driver_row(&d->batches[d->count - 1], words, err);
}

static void print_kept(const cp_batch *batch)
{
    uint32_t next = 0;
    for (uint32_t row = 0; row < batch->rows; row++) {
        bool kept =
            batch->selects_all || (next < batch->selection_count && batch->selection[next] == row);
        next += kept;
        putchar(kept ? '1' : '0');
    }
}

static cp_rc apply(const driver *d, const cp_filter *filter, cp_error *err)
{
    cp_filter_scratch *scratch;
    cp_rc rc = cp_filter_scratch_open(filter, &scratch, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < d->count; i++) {
        cp_batch *batch = &d->batches[i];
        batch->selects_all = true;
        batch->selection_count = batch->rows;
        rc = cp_filter_apply(filter, scratch, batch, err);
    }
    for (size_t i = 0; !rc && i < d->count; i++)
        print_kept(&d->batches[i]);
    cp_filter_scratch_close(scratch);
    return rc;
}

static void do_where(const driver *d, const char *condition)
{
    cp_error err = {0};
    cp_expr *expr = NULL;
    cp_filter *filter = NULL;
    cp_rc rc = cp_expr_parse(cp_span_of(condition), &expr, &err);
    if (!rc)
        rc = cp_filter_bind(expr, d->schema, &filter, &err);
    if (!rc)
        rc = apply(d, filter, &err);
    if (rc)
        printf("error %s: %s", err.reason, err.message);
    putchar('\n');
    cp_filter_free(filter);
    cp_expr_free(expr);
}

static cp_rc run_line(driver *d, char *line, cp_error *err)
{
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "schema ", 7) == 0 && !d->schema)
        return cp_driver_schema(line + 7, &d->schema, err);
    if (d->schema && strncmp(line, "r ", 2) == 0)
        return do_row(d, line + 2, err);
    if (!d->schema || strncmp(line, "w ", 2) != 0)
        return cp_fail(err, CP_E_USAGE, "bad_command", "%s is no command", line);
    do_where(d, line + 2);
    return CP_OK;
}

int main(int count, char **words)
{
    driver d = {.capacity = count == 2 ? (uint32_t)strtoul(words[1], NULL, 10) : 0};
    cp_error err = {0};
    char *line = NULL;
    size_t capacity = 0;
    cp_rc rc = CP_OK;
    if (d.capacity == 0) {
        fprintf(stderr, "usage: where_driver ROWS\n");
        return 1;
    }
    while (!rc && getline(&line, &capacity, stdin) > 0)
        rc = run_line(&d, line, &err);
    if (rc)
        fprintf(stderr, "where_driver: %s\n", err.message);
    free(line);
    for (size_t i = 0; i < d.count; i++)
        cp_batch_close(&d.batches[i]);
    free(d.batches);
    cp_schema_free(d.schema);
    return rc || fflush(stdout) ? 1 : 0;
}
