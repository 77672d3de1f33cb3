/* Commit: what is serial and in input order. Places become absolute, rejects are written and
 * counted against the budget, a morsel's partials join those of the run. */
#include "pipeline/engine/reject_file.h"
#include "pipeline/engine/run_state.h"

#include <inttypes.h>
#include <stdio.h>

/* The reject as the error that ends the run. */
static cp_rc budget_exceeded(const cp_run *run, const cp_reject *reject, cp_error *err)
{
    uint64_t allowed = run->options->budget.max_errors;
    if (!err)
        return CP_E_DATA;
    if (allowed == 0)
        cp_fail(err, CP_E_DATA, cp_reason_name(reject->reason), "%s", reject->message);
    else
        cp_fail(err, CP_E_DATA, "budget_exceeded",
                "%s (one bad record more than --max-errors %" PRIu64 ")", reject->message, allowed);
    cp_error_in(err, run->place.input);
    cp_error_at_byte(err, reject->offset);
    err->record = reject->record + 1;
    err->line = run->place.has_lines ? reject->line + 1 : 0;
    if (reject->field)
        snprintf(err->field, sizeof err->field, "%s", reject->field);
    return CP_E_DATA;
}

/* A reject whose places are absolute. */
static cp_rc commit_reject(cp_run *run, const cp_reject *reject, cp_error *err)
{
    run->books.rejected++;
    run->books.by_reason[reject->reason]++;
    if (run->rejects_out) {
        cp_rc rc = cp_reject_write(cp_output_writer(run->rejects_out), run->place.input, reject,
                                   run->place.has_lines, err);
        if (rc)
            return rc;
    }
    return cp_budget_exceeded(&run->options->budget, run->books.rejected)
               ? budget_exceeded(run, reject, err)
               : CP_OK;
}

cp_rc cp_commit_rejects(cp_run *run, const cp_block *block, const cp_rejects *rejects,
                        cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < rejects->count; i++) {
        cp_reject reject = rejects->items[i];
        reject.record += run->place.records;
        reject.line += run->place.lines;
        reject.offset += block->offset;
        rc = commit_reject(run, &reject, err);
    }
    return rc;
}

/* Bytes that the splitter passed over; the last of a record's tell its whole length. */
cp_rc cp_commit_skip(cp_run *run, const cp_cut *cut, uint64_t offset, cp_error *err)
{
    cp_rc rc = CP_OK;
    if (cut->reason != CP_ACCEPTED) {
        char message[160];
        snprintf(message, sizeof message,
                 "the record has %" PRIu64 " bytes, more than --max-record-size %" PRIu64,
                 cut->length, run->options->format.max_record_bytes);
        cp_reject reject = {.record = run->place.records,
                            .line = run->place.lines,
                            .offset = offset + cut->size - cut->whole,
                            .length = cut->length,
                            .reason = cut->reason,
                            .message = message};
        run->books.read++;
        run->place.records++;
        rc = commit_reject(run, &reject, err);
    }
    run->place.lines += cut->lines;
    return rc;
}

void cp_commit_block(cp_run *run, const cp_cursor *cursor, uint64_t accepted)
{
    run->books.read += cursor->records;
    run->books.accepted += accepted;
    run->place.records += cursor->records;
    run->place.lines += cursor->lines;
}

cp_rc cp_commit_morsel(cp_run *run, cp_error *err)
{
    const cp_run_options *options = run->options;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < options->stage_count; i++)
        rc = options->stages[i]->type->combine(options->stages[i], run->partials[i],
                                               run->worker.partials[i], err);
    run->worker.morsel_blocks = 0;
    return rc;
}
