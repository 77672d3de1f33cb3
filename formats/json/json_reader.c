/* See json_reader.h. */
#include "formats/json/json_reader.h"

cp_rc cp_json_reader_open(const cp_json_plan *plan, uint64_t max_record_bytes, cp_json_form form,
                          cp_json_reader *out, cp_error *err)
{
    *out = (cp_json_reader){.plan = plan, .max_record_bytes = max_record_bytes, .form = form};
    cp_rc rc = cp_json_row_open(plan, &out->row, err);
    if (!rc)
        rc = cp_json_shapes_open(plan, max_record_bytes, form, &out->shapes, err);
    if (rc)
        cp_json_reader_close(out);
    return rc;
}

void cp_json_reader_close(cp_json_reader *reader)
{
    cp_json_row_close(&reader->row);
    cp_json_shapes_close(&reader->shapes);
}

void cp_json_reader_run(cp_json_reader *reader, const cp_block *block, cp_cursor *cursor,
                        cp_batch *batch)
{
    const uint8_t *end = block->bytes.data + block->bytes.size;
    uint32_t before = batch->rows;
    const uint8_t *line =
        cp_json_shapes_read(&reader->shapes, block->bytes.data + cursor->offset, end, batch);
    bool lacks_newline = line > end;
    uint32_t read = batch->rows - before;
    cursor->records += read;
    cursor->lines += reader->form == CP_JSON_LINES ? read - lacks_newline : 0;
    cursor->offset = (size_t)(line - block->bytes.data) - lacks_newline;
}

/* Only JSON after all: nothing but white space up to the record's end. */
static const uint8_t *record_end(const uint8_t *p, cp_json_check *check)
{
    const uint8_t *end = cp_json_record_end(p, check->form);
    if (end)
        return end;
    return cp_json_syntax(cp_json_space(p, check->form), check, "expected the end of the record");
}

/* A rule was broken; but a record that is no JSON at all is refused for that. */
static void prefer_syntax(const uint8_t *start, cp_json_check *check)
{
    cp_refusal rule = check->refusal;
    const uint8_t *end = cp_json_value_skip(start, check, 0);
    if (end && record_end(end, check))
        check->refusal = rule;
}

static bool is_rule(cp_reason reason)
{
    return reason >= CP_NOT_AN_OBJECT;
}

const uint8_t *cp_json_reader_read(cp_json_reader *reader, const uint8_t *line,
                                   const uint8_t *start, cp_json_check *check, cp_batch *batch)
{
    reader->row.notes = reader->shapes.learns ? &reader->notes : NULL;
    check->refusal.reason = CP_RECORD_TOO_LARGE;
    const uint8_t *p = cp_json_row_read(&reader->row, start, check, batch);
    const uint8_t *end = p ? record_end(p, check) : NULL;
    if (!p && is_rule(check->refusal.reason))
        prefer_syntax(start, check);
    if (!end || cp_json_record_bytes(check->record, end, check->form) > reader->max_record_bytes ||
        !cp_json_row_complete(&reader->row, check, batch))
        return NULL;
    if (reader->row.notes && *start == '{')
        cp_json_shapes_learn(&reader->shapes, line, end, &reader->notes);
    if (reader->plan->find_gaps && !cp_json_row_keep(reader->plan, batch, start, end, false)) {
        check->refusal.reason = CP_ACCEPTED;
        return NULL;
    }
    batch->rows++;
    return end;
}

cp_rc cp_json_reader_refuse(const cp_json_reader *reader, const cp_block *block,
                            const cp_cursor *cursor, size_t length, cp_json_check *check,
                            cp_rejects *rejects, cp_error *err)
{
    if (check->refusal.reason == CP_ACCEPTED)
        return cp_fail_memory(err, 0);
    bool too_large = length > reader->max_record_bytes;
    if (too_large)
        check->refusal =
            (cp_refusal){.reason = CP_RECORD_TOO_LARGE, .at = reader->max_record_bytes};
    cp_reject where = {
        .record = cursor->records,
        .line = cursor->lines,
        .offset = (uint64_t)(check->record - block->bytes.data),
        .length = length,
        .raw = {too_large ? NULL : check->record, length},
    };
    return cp_rejects_add(rejects, reader->plan->schema, &where, &check->refusal, err);
}
