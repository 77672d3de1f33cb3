/* Rows on their way into the output.
 *
 *   keep     a batch's selected rows and columns onto the slab of its morsel
 *   slab     the rows of one morsel, handed over by commit in input order
 *   cut      the slab's rows go into the group that is filling; a full one joins the line
 *   encode   any thread, whichever group waits first                     CP_JOB_ENCODE
 *   append   the first in line, once it is encoded                       in input order
 *   roll     before a group with which a part would be too large
 *
 * Where groups end depends on rows and bytes alone (pipeline/core/group.h). Their number is
 * bounded: while all are in use the slab stays uncut, commit takes no other, and threads turn to
 * encoding. */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"
#include "pipeline/text/nearest.h"

#include <inttypes.h>

/* Values of all groups that are not encoded yet, and bytes of those that are and wait for their
 * turn at the output, at which no more are added; but one group may be as large as it wants. */
enum { ROOM_BYTES = 14 << 20 };

/* One fills, the others wait, are encoded or appended. */
static size_t packs_max(const cp_run *run)
{
    return run->thread_count + 2;
}

cp_rc cp_rows_open(cp_run *run, cp_error *err)
{
    const cp_rows_options *options = &run->options->rows;
    cp_rows *rows = &run->rows;
    rows->limit = options->has_limit ? options->limit : UINT64_MAX;
    if (!options->path)
        return CP_OK;
    cp_rc rc = cp_slab_pool_new(&rows->slabs, err);
    if (rc)
        return rc;
    if (options->file_bytes_max)
        return cp_parts_open(options->path, options->extension, &rows->parts, err);
    rc = cp_output_open(options->path, &rows->out, err);
    if (!rc)
        rows->writer = cp_output_writer(rows->out);
    return rc;
}

/* ---- columns ---- */

static cp_rc find_column(const cp_schema *schema, cp_span name, size_t *number, cp_error *err)
{
    *number = cp_schema_find(schema, name);
    if (*number != SIZE_MAX)
        return CP_OK;
    cp_span near = cp_nearest_field(schema, name);
    const char *where = schema->inferred ? " in the first records" : "";
    if (near.data)
        return cp_fail(err, CP_E_USAGE, "no_such_field",
                       "select: no field \"%.*s\"%s; did you mean \"%.*s\"?", (int)name.size,
                       (const char *)name.data, where, (int)near.size, (const char *)near.data);
    return cp_fail(err, CP_E_USAGE, "no_such_field", "select: no field \"%.*s\"%s", (int)name.size,
                   (const char *)name.data, where);
}

cp_rc cp_select_check(const cp_rows_options *options, const cp_schema *schema, cp_error *err)
{
    size_t number;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < options->select_count; i++)
        rc = find_column(schema, options->select[i], &number, err);
    return rc;
}

/* The fields that are written, marked as wanted; their numbers where they are selected. A column of
 * nothing but nulls, of a field that is perhaps required, is no use to anybody. */
static cp_rc choose_columns(cp_run *run, cp_error *err)
{
    const cp_rows_options *options = &run->options->rows;
    size_t **fields = &run->rows.fields;
    for (size_t i = 0; i < run->schema->field_count; i++)
        run->schema->fields[i].wanted =
            options->select_count == 0 && cp_format_feeds(run->rows.format, run->schema, i);
    if (options->select_count == 0)
        return CP_OK;
    cp_rc rc = cp_calloc(options->select_count, sizeof **fields, fields, err);
    for (size_t i = 0; !rc && i < options->select_count; i++) {
        rc = find_column(run->schema, options->select[i], &(*fields)[i], err);
        if (!rc && !cp_format_feeds(run->rows.format, run->schema, (*fields)[i]))
            rc = cp_fail(err, CP_E_USAGE, "no_such_field",
                         "select: records of format %s have no field %s", run->rows.format->name,
                         run->schema->fields[(*fields)[i]].name);
        if (!rc)
            run->schema->fields[(*fields)[i]].wanted = true;
    }
    return rc;
}

/* A schema that the output cannot hold is no fault of the input that happens to be the first. */
static cp_rc open_sink(cp_run *run, cp_error *err)
{
    const cp_rows_options *options = &run->options->rows;
    cp_rows *rows = &run->rows;
    cp_rc rc = options->narrow ? options->narrow(options->context, run->schema, err) : CP_OK;
    if (!rc && rows->fields)
        rc = cp_schema_project(run->schema, rows->fields, options->select_count, &rows->projected,
                               err);
    rows->schema = rows->projected ? rows->projected : run->schema;
    if (!rc)
        rc = options->open_sink(options->context, rows->schema, &rows->sink, err);
    if (rc)
        cp_error_in(err, cp_output_name(options->path));
    return rc;
}

cp_rc cp_rows_bind(cp_run *run, cp_error *err)
{
    if (!run->options->rows.path)
        return CP_OK;
    cp_rc rc = choose_columns(run, err);
    return rc ? rc : open_sink(run, err);
}

/* The batch as the output's schema has it: the same rows, of its columns the selected ones. */
static cp_rc view_columns(cp_worker *worker, const cp_rows *rows, cp_error *err)
{
    cp_column *columns = worker->columns.columns;
    cp_rc rc = CP_OK;
    if (!columns)
        rc = cp_calloc(rows->schema->field_count, sizeof *columns, &columns, err);
    if (rc)
        return rc;
    worker->columns = worker->batch;
    worker->columns.schema = rows->schema;
    worker->columns.columns = columns;
    for (size_t i = 0; i < rows->schema->field_count; i++)
        columns[i] = worker->batch.columns[rows->fields[i]];
    return CP_OK;
}

cp_rc cp_rows_keep(cp_worker *worker, cp_morsel *morsel, cp_error *err)
{
    const cp_rows *rows = &worker->run->rows;
    if (worker->batch.selection_count == 0)
        return CP_OK;
    if (rows->schema->inferred && rows->schema->field_count == 0)
        return cp_fail(err, CP_E_DATA, "no_fields",
                       "no field could be guessed from the first records; describe the records "
                       "with --schema");
    if (!rows->fields)
        return cp_slab_add(&morsel->slab, rows->slabs, &worker->batch, err);
    cp_rc rc = view_columns(worker, rows, err);
    return rc ? rc : cp_slab_add(&morsel->slab, rows->slabs, &worker->columns, err);
}

static uint64_t pack_bytes(const cp_pack *pack)
{
    return pack->encoded ? pack->encoded->bytes : pack->group.bytes;
}

static void pack_free(cp_rows *rows, cp_pack *pack)
{
    rows->held_bytes -= pack_bytes(pack);
    cp_group_close(&pack->group);
    if (pack->encoded)
        rows->sink->type->encoded_free(pack->encoded);
    free(pack);
}

void cp_rows_close(cp_run *run)
{
    cp_rows *rows = &run->rows;
    cp_slab_release(rows->sparse);
    cp_slab_release(rows->slab);
    if (rows->filling)
        pack_free(rows, rows->filling);
    for (cp_pack *pack; (pack = rows->first);) {
        rows->first = pack->next;
        pack_free(rows, pack);
    }
    for (size_t i = 0; i < rows->encoder_count; i++)
        rows->encoders[i]->type->encoder_close(rows->encoders[i]);
    if (rows->sink)
        rows->sink->type->close(rows->sink);
    cp_parts_close(rows->parts);
    cp_output_close(rows->out);
    cp_slab_pool_free(rows->slabs);
    cp_schema_free(rows->projected);
    free(rows->fields);
    *rows = (cp_rows){0};
}

static void offer(cp_rows *rows, cp_slab *slab)
{
    rows->slab = slab;
    rows->slab_taken = 0;
}

static bool is_sparse(const cp_slab *slab)
{
    enum { SPARSE_ROWS = 512, SPARSE_BYTES = 256 << 10 };
    uint32_t rows = cp_slab_rows(slab);
    return rows < SPARSE_ROWS && cp_slab_bytes(slab, 0, rows) < SPARSE_BYTES;
}

/* Where a condition leaves few rows of each morsel, many slabs would wait in one group, each with
 * memory for its columns: they are joined until there are enough rows. */
void cp_rows_put(cp_run *run, cp_slab *slab)
{
    cp_rows *rows = &run->rows;
    cp_error err;
    cp_rc rc = CP_OK;
    rows->put += cp_slab_rows(slab);
    if (rows->sparse) {
        rc = cp_slab_append(rows->sparse, slab, &err);
        cp_slab_release(slab);
        slab = rows->sparse;
        rows->sparse = NULL;
    }
    if (is_sparse(slab))
        rows->sparse = slab;
    else
        offer(rows, slab);
    if (rc)
        cp_run_stop(run, rc, &err);
}

bool cp_rows_flush(cp_run *run)
{
    cp_rows *rows = &run->rows;
    if (!rows->sparse || rows->slab)
        return false;
    offer(rows, rows->sparse);
    rows->sparse = NULL;
    return true;
}

bool cp_rows_enough(const cp_run *run, const cp_morsel *morsel)
{
    if (run->rows.limit == UINT64_MAX) /* several threads may be at work, and one at `put` */
        return false;
    uint64_t gathered = morsel->slab ? cp_slab_rows(morsel->slab) : 0;
    return run->rows.put + gathered >= run->rows.limit;
}

/* ---- cut: the lock is held ---- */

/* How many of `left` rows of the slab from `first` on still go into the group: all, if they fit,
 * else as many as do; an empty group takes one row at least. */
static uint32_t rows_that_fit(const cp_rows_options *limits, const cp_group *group,
                              const cp_slab *slab, uint32_t first, uint32_t left)
{
    uint64_t room = limits->group_rows - group->rows;
    uint32_t most = left < room ? left : (uint32_t)room;
    if (group->bytes + cp_slab_bytes(slab, first, most) <= limits->group_bytes)
        return most;
    uint32_t fits = 0;
    for (uint32_t too_many = most; too_many - fits > 1;) {
        uint32_t middle = fits + (too_many - fits) / 2;
        if (group->bytes + cp_slab_bytes(slab, first, middle) <= limits->group_bytes)
            fits = middle;
        else
            too_many = middle;
    }
    return fits == 0 && group->rows == 0 ? 1 : fits;
}

static void line_up(cp_rows *rows)
{
    cp_pack *pack = rows->filling;
    rows->filling = NULL;
    if (rows->first)
        rows->last->next = pack;
    else
        rows->first = pack;
    rows->last = pack;
}

static bool can_fill(const cp_run *run)
{
    const cp_rows *rows = &run->rows;
    bool has_room = !rows->first || rows->held_bytes < ROOM_BYTES;
    return has_room && (rows->filling || rows->pack_count < packs_max(run));
}

static cp_rc filling_pack(cp_rows *rows, const cp_schema *schema, cp_error *err)
{
    if (rows->filling)
        return CP_OK;
    cp_rc rc = cp_calloc(1, sizeof *rows->filling, &rows->filling, err);
    if (rc)
        return rc;
    rows->filling->group.schema = schema;
    rows->pack_count++;
    return CP_OK;
}

/* Rows of the slab, short of those beyond the limit. */
static uint32_t wanted_rows(const cp_run *run)
{
    const cp_rows *rows = &run->rows;
    uint64_t limit = rows->limit;
    uint32_t all = cp_slab_rows(rows->slab);
    uint64_t beyond = rows->put > limit ? rows->put - limit : 0;
    return beyond < all ? all - (uint32_t)beyond : 0;
}

/* As much of the slab as goes into one group. */
static cp_rc cut(cp_run *run, cp_error *err)
{
    cp_rows *rows = &run->rows;
    const cp_rows_options *limits = &run->options->rows;
    cp_rc rc = filling_pack(rows, rows->schema, err);
    if (rc)
        return rc;
    cp_group *group = &rows->filling->group;
    uint32_t wanted = wanted_rows(run);
    uint32_t count =
        rows_that_fit(limits, group, rows->slab, rows->slab_taken, wanted - rows->slab_taken);
    rows->held_bytes -= group->bytes;
    rc = cp_group_add(group, rows->slab, rows->slab_taken, count, err);
    rows->held_bytes += group->bytes;
    if (rc)
        return rc;
    rows->slab_taken += count;
    bool slab_is_done = rows->slab_taken == wanted;
    if (group->rows == limits->group_rows || !slab_is_done)
        line_up(rows);
    if (slab_is_done) {
        cp_slab_release(rows->slab);
        rows->slab = NULL;
    }
    return CP_OK;
}

/* ---- encode ---- */

cp_pack *cp_rows_waiting(const cp_run *run)
{
    cp_pack *pack = run->rows.first;
    while (pack && (pack->owned || pack->encoded || pack->rc))
        pack = pack->next;
    return pack;
}

static cp_rc encode(const cp_rows *rows, cp_encoder **encoder, cp_pack *pack)
{
    const cp_sink *sink = rows->sink;
    cp_rc rc = CP_OK;
    if (!*encoder)
        rc = sink->type->encoder_open(sink, encoder, &pack->err);
    if (!rc)
        rc = sink->type->encode(sink, *encoder, &pack->group, &pack->encoded, &pack->err);
    cp_group_close(&pack->group);
    return rc;
}

/* Few groups are encoded at once, by whichever thread: encoders go from one to the next. */
void cp_rows_encode(cp_run *run, cp_pack *pack)
{
    cp_rows *rows = &run->rows;
    uint64_t bytes = pack->group.bytes;
    cp_encoder *encoder = rows->encoder_count ? rows->encoders[--rows->encoder_count] : NULL;
    pack->owned = true;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = encode(rows, &encoder, pack);
    pthread_mutex_lock(&run->lock);
    if (encoder)
        rows->encoders[rows->encoder_count++] = encoder;
    rows->held_bytes += pack_bytes(pack) - bytes;
    pack->rc = rc;
    pack->owned = false;
}

/* ---- append: one thread at a time, the lock is not held ---- */

static cp_rc end_file(cp_rows *rows, cp_error *err)
{
    cp_rc rc = rows->sink->type->finish(rows->sink, rows->writer, err);
    if (!rc && rows->parts)
        rc = cp_parts_end(rows->parts, err);
    rows->writer = NULL;
    return rc;
}

/* A part is begun for a group, so the one at hand has one. */
static bool is_full(const cp_run *run, const cp_encoded *next)
{
    const cp_rows *rows = &run->rows;
    return rows->parts && rows->writer &&
           rows->sink->type->file_bytes(rows->sink, next) > run->options->rows.file_bytes_max;
}

static cp_rc append(cp_run *run, const cp_pack *pack, cp_error *err)
{
    cp_rows *rows = &run->rows;
    cp_rc rc = pack->rc;
    if (rc) {
        *err = pack->err;
        return rc;
    }
    if (is_full(run, pack->encoded))
        rc = end_file(rows, err);
    if (!rc && !rows->writer)
        rc = cp_parts_begin(rows->parts, &rows->writer, err);
    if (rc)
        return rc;
    rows->written += pack->encoded->rows;
    run->books.rounded += pack->encoded->rounded;
    return rows->sink->type->append(rows->sink, pack->encoded, rows->writer, err);
}

static void append_first(cp_run *run)
{
    cp_rows *rows = &run->rows;
    cp_pack *pack = rows->first;
    cp_error err;
    rows->appending = true;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = append(run, pack, &err);
    pthread_mutex_lock(&run->lock);
    rows->appending = false;
    rows->first = pack->next;
    rows->pack_count--;
    pack_free(rows, pack);
    if (rc)
        cp_run_stop(run, rc, &err);
}

bool cp_rows_step(cp_run *run)
{
    cp_rows *rows = &run->rows;
    const cp_pack *first = rows->first;
    cp_error err;
    if (first && !rows->appending && !first->owned && (first->encoded || first->rc)) {
        append_first(run);
        return true;
    }
    if (!rows->slab || !can_fill(run))
        return false;
    cp_rc rc = cut(run, &err);
    if (rc)
        cp_run_stop(run, rc, &err);
    return true;
}

/* ---- the end ---- */

bool cp_rows_drained(cp_run *run)
{
    cp_rows *rows = &run->rows;
    if (rows->filling && !rows->slab)
        line_up(rows);
    return !rows->sparse && !rows->slab && !rows->first;
}

cp_rc cp_rows_publish(cp_run *run, cp_error *err)
{
    cp_rows *rows = &run->rows;
    if (!run->options->rows.path)
        return CP_OK;
    uint64_t limit = rows->limit, due = run->books.accepted - run->books.filtered;
    if (rows->written != (limit < due ? limit : due))
        return cp_fail(err, CP_E_BUG, "books_do_not_balance",
                       "%" PRIu64 " rows were written of %" PRIu64 " accepted", rows->written,
                       run->books.accepted);
    cp_rc rc = rows->writer ? CP_OK : cp_parts_begin(rows->parts, &rows->writer, err);
    if (!rc)
        rc = end_file(rows, err);
    if (rc)
        return rc;
    return rows->parts ? cp_parts_publish(rows->parts, err) : cp_output_publish(rows->out, err);
}
