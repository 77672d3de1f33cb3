/* Decoding a morsel: its pieces in order, a batch at a time, into its own partials.
 *
 *   block -> decode -> batch -> MAP stages' selection -> FOLD stages' partials
 *                                                     -> slab, where rows are written
 *                   -> rejects -> spool, until the morsel is first in line
 */
#include "pipeline/core/checked.h"
#include "pipeline/engine/run_state.h"

#include <inttypes.h>
#include <stdio.h>

static cp_rc decoder_of(cp_worker *worker, size_t lane, cp_decoder **out, cp_error *err)
{
    const cp_format *plan = worker->run->lanes[lane].plan;
    cp_rc rc = CP_OK;
    if (!worker->decoders[lane])
        rc = plan->type->decoder_open(plan, &worker->decoders[lane], err);
    *out = worker->decoders[lane];
    return rc;
}

void cp_worker_close(cp_worker *worker)
{
    for (size_t i = 0; i < CP_LANES_MAX; i++)
        if (worker->decoders[i])
            worker->decoders[i]->type->decoder_close(worker->decoders[i]);
    cp_scratches_close(worker->run, worker->scratches);
    cp_partials_close(worker->run, worker->partials);
    free(worker->columns.columns);
    if (worker->batch.schema)
        cp_batch_close(&worker->batch);
    *worker = (cp_worker){0};
}

static cp_rc map(cp_worker *worker, cp_morsel *morsel, cp_error *err)
{
    const cp_run_options *options = worker->run->options;
    cp_batch *batch = &worker->batch;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < options->map_count; i++)
        rc = options->maps[i]->type->map(options->maps[i], worker->scratches[i], batch, err);
    if (rc) /* a batch does not know which records its rows were */
        cp_error_at_byte(err, morsel->pieces[morsel->decoded].block.offset);
    morsel->tally.filtered += batch->rows - batch->selection_count;
    return rc;
}

static cp_rc fold(const cp_run *run, cp_morsel *morsel, const cp_batch *batch, cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < run->options->stage_count; i++) {
        const cp_stage *stage = run->options->stages[i];
        rc = stage->type->fold(stage, morsel->partials[i], batch, err);
    }
    return rc;
}

/* The spool's chunk that still has room, a new one where none has; NULL in *chunk where as many
 * as may wait are full. */
static cp_rc spool_chunk(cp_morsel *morsel, cp_rejects **chunk, cp_error *err)
{
    size_t last = morsel->spool_count;
    if (last > 0 && !cp_rejects_full(morsel->spool[last - 1])) {
        *chunk = morsel->spool[last - 1];
        return CP_OK;
    }
    *chunk = NULL;
    if (last == CP_SPOOL_CHUNKS_MAX)
        return CP_OK;
    if (!morsel->spool[last]) {
        cp_rc rc = cp_calloc(1, sizeof **chunk, &morsel->spool[last], err);
        if (rc)
            return rc;
    }
    *chunk = morsel->spool[last];
    morsel->spool_count++;
    return CP_OK;
}

/* From the block's places to the morsel's; offsets become the stream's. */
static void move_places(cp_rejects *chunk, size_t from, const cp_tally *base, uint64_t offset)
{
    for (size_t i = from; i < chunk->count; i++) {
        chunk->items[i].record += base->records;
        chunk->items[i].line += base->lines;
        chunk->items[i].offset += offset;
    }
}

cp_rc cp_morsel_check_lost(const cp_morsel *morsel, cp_error *err)
{
    for (unsigned i = 0; i < morsel->filled && i <= morsel->decoded; i++) {
        const cp_block *block = &morsel->pieces[i].block;
        if (!block->backing || !atomic_load(&block->backing->lost))
            continue;
        cp_fail(err, CP_E_DATA, "truncated_input",
                "the file shrank while it was read: bytes of this block are gone");
        cp_error_at_byte(err, block->offset);
        return CP_E_DATA;
    }
    return CP_OK;
}

/* One batch of the block at the cursor. CP_MORE: the block has more. */
static cp_rc decode_batch(cp_worker *worker, cp_morsel *morsel, cp_rejects *chunk, cp_error *err)
{
    const cp_run *run = worker->run;
    cp_piece *piece = &morsel->pieces[morsel->decoded];
    cp_decoder *decoder;
    cp_rc rc = decoder_of(worker, morsel->feed->lane, &decoder, err);
    if (rc)
        return rc;
    size_t refused = chunk->count;
    cp_batch_reset(&worker->batch);
    cp_rc decoded =
        decoder->type->decode(decoder, &piece->block, &morsel->cursor, &worker->batch, chunk, err);
    if (cp_failed(decoded))
        return decoded;
    move_places(chunk, refused, &morsel->tally, piece->block.offset);
    morsel->tally.accepted += worker->batch.rows;
    rc = map(worker, morsel, err);
    if (!rc)
        rc = fold(run, morsel, &worker->batch, err);
    if (!rc && run->options->rows.path)
        rc = cp_rows_keep(worker, morsel, err);
    if (!rc && (rc = cp_morsel_check_lost(morsel, err)))
        chunk->count = refused; /* what was read there were zeros */
    return rc ? rc : decoded;
}

/* A record that the splitter passed over: its last part tells its length. */
static cp_rc decode_skip(const cp_run *run, cp_morsel *morsel, cp_rejects *chunk, cp_error *err)
{
    const cp_piece *piece = &morsel->pieces[morsel->decoded];
    const cp_cut *cut = &piece->cut;
    cp_reject where = {.record = morsel->tally.records,
                       .line = morsel->tally.lines,
                       .offset = piece->offset + cut->size - cut->whole,
                       .length = cut->length};
    cp_refusal why = {.reason = cut->reason, .at = run->options->format.max_record_bytes};
    morsel->tally.records++;
    morsel->tally.lines += cut->lines;
    return cp_rejects_add(chunk, run->schema, &where, &why, err);
}

static void end_piece(cp_morsel *morsel)
{
    morsel->tally.records += morsel->cursor.records;
    morsel->tally.lines += morsel->cursor.lines;
    morsel->cursor = (cp_cursor){0};
    morsel->decoded++;
}

/* Blocks of very small records make many times their own size in rows. */
static bool slab_is_full(const cp_morsel *morsel)
{
    enum { SLAB_BYTES_MAX = 4 << 20 };
    const cp_slab *slab = morsel->slab;
    return slab && cp_slab_bytes(slab, 0, cp_slab_rows(slab)) > SLAB_BYTES_MAX;
}

/* The piece at hand to its end (CP_OK), or until spool or slab are full (CP_MORE). */
static cp_rc decode_piece(cp_worker *worker, cp_morsel *morsel, cp_error *err)
{
    cp_rc rc = CP_MORE;
    while (rc == CP_MORE && !slab_is_full(morsel) && !cp_rows_enough(worker->run, morsel)) {
        cp_rejects *chunk;
        rc = spool_chunk(morsel, &chunk, err);
        if (rc)
            return rc;
        if (!chunk)
            return CP_MORE;
        rc = morsel->pieces[morsel->decoded].is_skip ? decode_skip(worker->run, morsel, chunk, err)
                                                     : decode_batch(worker, morsel, chunk, err);
    }
    if (!rc || (rc == CP_MORE && cp_rows_enough(worker->run, morsel))) {
        end_piece(morsel);
        rc = CP_OK;
    }
    return rc;
}

void cp_morsel_swap_partials(cp_morsel *morsel, cp_worker *worker)
{
    cp_partial **kept = worker->partials;
    worker->partials = morsel->partials;
    morsel->partials = kept;
}

/* Rows of many columns come in smaller batches. */
static uint32_t rows_in_memory(const cp_schema *schema)
{
    enum { BATCH_BYTES = 512 << 10, ROWS_MIN = 64 };
    size_t row_bytes = 1;
    for (size_t i = 0; i < schema->field_count; i++)
        row_bytes += schema->fields[i].wanted ? cp_type_width(schema->fields[i].type) : 0;
    size_t rows = BATCH_BYTES / row_bytes;
    return rows > CP_BATCH_ROWS ? CP_BATCH_ROWS : rows < ROWS_MIN ? ROWS_MIN : (uint32_t)rows;
}

/* A run that wants few rows does not look at those behind them. */
static uint32_t batch_rows(const cp_run *run)
{
    uint32_t rows = rows_in_memory(run->schema);
    return run->rows.limit < rows ? (uint32_t)run->rows.limit : rows;
}

static cp_rc prepare(cp_worker *worker, cp_morsel *morsel, cp_error *err)
{
    cp_rc rc = CP_OK;
    if (!worker->batch.schema)
        rc = cp_batch_open(&worker->batch, worker->run->schema, batch_rows(worker->run), err);
    if (!rc && !worker->scratches)
        rc = cp_scratches_open(worker->run, &worker->scratches, err);
    if (!rc && worker->partials && morsel->partials && !morsel->started)
        cp_morsel_swap_partials(morsel, worker);
    morsel->started = true;
    if (!rc && !morsel->partials)
        rc = cp_partials_open(worker->run, &morsel->partials, err);
    return rc;
}

/* A block without rejects has served; one with rejects holds their raw bytes until commit. */
static void release_served(cp_run *run, cp_morsel *morsel)
{
    for (unsigned i = 0; i < morsel->decoded && morsel->spool_count == 0; i++) {
        run->in_flight_bytes -= morsel->pieces[i].block.bytes.size;
        cp_block_release(&morsel->pieces[i].block);
    }
}

void cp_morsel_decode(cp_worker *worker, cp_morsel *morsel)
{
    cp_run *run = worker->run;
    bool commits = cp_commits(run, morsel);
    if (commits)
        cp_commit_slab(run, morsel);
    unsigned before = morsel->decoded;
    morsel->owned = true;
    morsel->parked = false;
    pthread_mutex_unlock(&run->lock);
    cp_rc rc = prepare(worker, morsel, &morsel->err);
    if (!rc)
        rc = decode_piece(worker, morsel, &morsel->err);
    if (commits && (rc == CP_MORE || (!rc && morsel->spool_count))) {
        cp_rc committed = cp_commit_spool(run, morsel, &morsel->err);
        rc = committed ? committed : rc;
    }
    pthread_mutex_lock(&run->lock);
    morsel->owned = false;
    morsel->parked = rc == CP_MORE && !commits;
    morsel->rc = cp_failed(rc) ? rc : CP_OK;
    run->pending_pieces -= morsel->decoded - before;
    release_served(run, morsel);
}

static void add_free(cp_run *run, cp_morsel *morsel)
{
    if (run->free_morsels)
        run->free_morsels_last->next = morsel;
    else
        run->free_morsels = morsel;
    run->free_morsels_last = morsel;
}

/* All that may be in flight are made at once and then take turns. */
static void make_morsels(cp_run *run)
{
    do {
        cp_morsel *morsel = calloc(1, sizeof *morsel);
        if (!morsel)
            return;
        run->morsel_count++;
        add_free(run, morsel);
    } while (run->reserved && run->morsel_count < cp_morsels_max(run));
}

cp_morsel *cp_morsel_take(cp_run *run)
{
    if (!run->free_morsels || (run->reserved && run->morsel_count < cp_morsels_max(run)))
        make_morsels(run);
    cp_morsel *morsel = run->free_morsels;
    if (morsel) {
        run->free_morsels = morsel->next;
        morsel->next = NULL;
    }
    return morsel;
}

void cp_morsel_release(cp_run *run, cp_morsel *morsel)
{
    for (unsigned i = 0; i < morsel->filled; i++) {
        run->in_flight_bytes -= morsel->pieces[i].block.bytes.size;
        cp_block_release(&morsel->pieces[i].block);
    }
    cp_morsel kept = *morsel;
    memset(morsel, 0, sizeof *morsel);
    memcpy(morsel->spool, kept.spool, sizeof kept.spool);
    morsel->partials = kept.partials;
    add_free(run, morsel);
}

void cp_morsel_free(const cp_run *run, cp_morsel *morsel)
{
    for (unsigned i = 0; i < morsel->filled; i++)
        cp_block_release(&morsel->pieces[i].block);
    for (size_t i = 0; i < CP_SPOOL_CHUNKS_MAX && morsel->spool[i]; i++) {
        cp_rejects_free(morsel->spool[i]);
        free(morsel->spool[i]);
    }
    cp_partials_close(run, morsel->partials);
    cp_slab_release(morsel->slab);
    free(morsel);
}
