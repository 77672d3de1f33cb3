/* Refusals in people's words: the value as it is written, the record's place and bytes. */
#include "formats/records/struct_refuse.h"

#include "formats/records/struct_feeds.h"
#include "pipeline/text/number.h"
#include "pipeline/text/utf8.h"

#include <math.h>

/* The value as people write it; what is not verbatim in the record is spelled into `out`. */
static cp_span spell_value(const cp_struct_step *s, const uint8_t *record,
                           char out[CP_DOUBLE_BYTES])
{
    cp_struct_value v = cp_struct_value_read(s, record);
    size_t size = 0;
    if (s->kind == CP_STRUCT_TEXT)
        return v.text;
    if (s->kind == CP_STRUCT_REAL && isnan(v.real))
        return cp_span_of("nan");
    if (s->kind == CP_STRUCT_REAL && isinf(v.real))
        return cp_span_of(v.real < 0 ? "-inf" : "inf");
    if (s->kind == CP_STRUCT_REAL && s->code == 'd')
        size = cp_double_write(v.real, out);
    else if (s->kind == CP_STRUCT_REAL)
        size = cp_float_write((float)v.real, out);
    else if (s->kind == CP_STRUCT_SIGNED)
        size = cp_int64_write(v.whole, out);
    else
        size = cp_uint64_write(v.natural, out);
    return (cp_span){(const uint8_t *)out, size};
}

static cp_reject place_of(const cp_struct_plan *p, const cp_cursor *cursor, cp_span record)
{
    bool shown = record.size <= p->max_record_bytes;
    return (cp_reject){.record = cursor->records,
                       .offset = cursor->offset,
                       .length = record.size,
                       .raw = shown ? record : (cp_span){0}};
}

static void pass_record(cp_cursor *cursor, size_t bytes)
{
    cursor->records++;
    cursor->offset += bytes;
}

static cp_rc refuse(const cp_struct_plan *p, const cp_struct_run *r, size_t i,
                    const cp_cursor *cursor, cp_rejects *rejects, cp_error *err)
{
    const cp_struct_step *s = &p->steps[r->step[i]];
    cp_span record = {r->records + i * p->layout.record_bytes, p->layout.record_bytes};
    char spelled[CP_DOUBLE_BYTES];
    cp_refusal why = {
        .reason = (cp_reason)r->why[i],
        .field = s->field,
        .value = spell_value(s, record.data, spelled),
        .detail = s->kind == CP_STRUCT_TEXT ? "RFC 3339" : "a finite number",
    };
    if (why.reason == CP_INVALID_UTF8)
        why.at = cp_utf8_valid(why.value);
    cp_reject where = place_of(p, cursor, record);
    return cp_rejects_add(rejects, p->schema, &where, &why, err);
}

cp_rc cp_struct_refuse_tail(const cp_struct_plan *p, const cp_block *block, cp_cursor *cursor,
                            cp_rejects *rejects, cp_error *err)
{
    cp_span tail = {block->bytes.data + cursor->offset, block->bytes.size - cursor->offset};
    cp_refusal why = {.reason = CP_TRUNCATED_RECORD, .at = p->layout.record_bytes};
    cp_reject where = place_of(p, cursor, tail);
    cp_rc rc = cp_rejects_add(rejects, p->schema, &where, &why, err);
    if (!rc)
        pass_record(cursor, tail.size);
    return rc;
}

cp_rc cp_struct_pass_run(const cp_struct_plan *p, const cp_struct_run *r, cp_cursor *cursor,
                         cp_rejects *rejects, uint64_t *kept, cp_error *err)
{
    size_t record_bytes = p->layout.record_bytes;
    *kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!(r->bad >> i & 1)) {
            *kept |= UINT64_C(1) << i;
        } else {
            if (cp_rejects_full(rejects))
                return CP_OK;
            cp_rc rc = refuse(p, r, i, cursor, rejects, err);
            if (rc)
                return rc;
        }
        pass_record(cursor, record_bytes);
    }
    return CP_OK;
}
