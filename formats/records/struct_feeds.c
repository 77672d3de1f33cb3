/* A feed for each pairing of value kind and field group.
 *
 *   record --read--> value --feed: to the field's kind, exactly--> cell --> column, or a reason */
#include "formats/records/struct_feeds.h"

#include "pipeline/core/buffer.h"
#include "pipeline/core/cell.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"
#include "pipeline/text/utf8.h"

#include <math.h>

static cp_reason feed_signed(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                             uint32_t row)
{
    return cp_cell_int(s->field, column, row, v.whole);
}

static cp_reason feed_unsigned(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                               uint32_t row)
{
    return cp_cell_uint(s->field, column, row, v.natural);
}

static cp_reason feed_truth(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                            uint32_t row)
{
    return cp_cell_bool(s->field, column, row, v.truth);
}

static cp_reason feed_real(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                           uint32_t row)
{
    bool exact = s->field->type == CP_TYPE_FLOAT64 || (double)(float)v.real == v.real;
    if (!exact && !isnan(v.real))
        return CP_OUT_OF_RANGE;
    return cp_cell_float(s->field, column, row, v.real);
}

static cp_reason feed_signed_real(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                  uint32_t row)
{
    double real = (double)v.whole;
    if (!(real < 0x1p63) || (int64_t)real != v.whole)
        return CP_OUT_OF_RANGE;
    return feed_real(s, (cp_struct_value){.real = real}, column, row);
}

static cp_reason feed_unsigned_real(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                    uint32_t row)
{
    double real = (double)v.natural;
    if (!(real < 0x1p64) || (uint64_t)real != v.natural)
        return CP_OUT_OF_RANGE;
    return feed_real(s, (cp_struct_value){.real = real}, column, row);
}

static cp_reason feed_signed_code(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                  uint32_t row)
{
    return v.whole < 0 ? CP_UNKNOWN_SYMBOL : cp_cell_code(s->field, column, row, (uint64_t)v.whole);
}

static cp_reason feed_unsigned_code(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                    uint32_t row)
{
    return cp_cell_code(s->field, column, row, v.natural);
}

static cp_reason finish_time(const cp_struct_step *s, cp_time_rc rc, int64_t time,
                             cp_column *column, uint32_t row)
{
    static const cp_reason reasons[] = {
        [CP_TIME_MALFORMED] = CP_INVALID_TIME,
        [CP_TIME_RANGE] = CP_TIME_OUT_OF_RANGE,
    };
    return rc == CP_TIME_OK ? cp_cell_time(s->field, column, row, time) : reasons[rc];
}

static cp_reason feed_signed_time(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                  uint32_t row)
{
    int64_t time = 0;
    cp_time_rc rc = cp_time_from_int(v.whole, s->field->encoding, s->field->unit, &time);
    return finish_time(s, rc, time, column, row);
}

static cp_reason feed_unsigned_time(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                    uint32_t row)
{
    if (v.natural <= INT64_MAX)
        return feed_signed_time(s, (cp_struct_value){.whole = (int64_t)v.natural}, column, row);
    /* Such a number of nanoseconds may still fit in seconds: its spelling tells exactly. */
    char text[CP_INTEGER_BYTES + CP_PADDING_BYTES] = {0};
    size_t size = cp_uint64_write(v.natural, text);
    cp_decimal decimal;
    int64_t time = 0;
    if (!cp_decimal_read((const uint8_t *)text, (const uint8_t *)text + size, &decimal))
        return CP_INVALID_TIME;
    cp_time_rc rc = cp_time_from_decimal(&decimal, s->field->encoding, s->field->unit, &time);
    return finish_time(s, rc, time, column, row);
}

static cp_reason feed_real_time(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                uint32_t row)
{
    if (!isfinite(v.real))
        return CP_INVALID_TIME;
    int64_t time = 0;
    cp_time_rc rc = cp_time_from_double(v.real, s->field->encoding, s->field->unit, &time);
    return finish_time(s, rc, time, column, row);
}

static cp_reason feed_text(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                           uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    return cp_cell_text(s->field, column, row, v.text);
}

static cp_reason feed_symbol(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                             uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    return cp_cell_symbol(s->field, column, row, v.text);
}

static cp_reason feed_text_time(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    int64_t time = 0;
    cp_time_rc rc = cp_time_parse(v.text, s->field->unit, s->field->zone_utc, &time);
    return finish_time(s, rc, time, column, row);
}

cp_struct_feed_fn *cp_struct_feed_of(cp_struct_kind kind, cp_struct_group group)
{
    static cp_struct_feed_fn *const feeds[CP_STRUCT_KIND_COUNT][CP_STRUCT_GROUP_COUNT] = {
        [CP_STRUCT_SIGNED] = {[CP_STRUCT_TO_INTEGER] = feed_signed,
                              [CP_STRUCT_TO_FLOAT] = feed_signed_real,
                              [CP_STRUCT_TO_ENUM] = feed_signed_code,
                              [CP_STRUCT_TO_TIME] = feed_signed_time},
        [CP_STRUCT_UNSIGNED] = {[CP_STRUCT_TO_INTEGER] = feed_unsigned,
                                [CP_STRUCT_TO_FLOAT] = feed_unsigned_real,
                                [CP_STRUCT_TO_ENUM] = feed_unsigned_code,
                                [CP_STRUCT_TO_TIME] = feed_unsigned_time},
        [CP_STRUCT_TRUTH] = {[CP_STRUCT_TO_BOOL] = feed_truth},
        [CP_STRUCT_REAL] = {[CP_STRUCT_TO_FLOAT] = feed_real, [CP_STRUCT_TO_TIME] = feed_real_time},
        [CP_STRUCT_TEXT] = {[CP_STRUCT_TO_STRING] = feed_text,
                            [CP_STRUCT_TO_ENUM] = feed_symbol,
                            [CP_STRUCT_TO_TIME] = feed_text_time},
    };
    return feeds[kind][group];
}

cp_struct_value cp_struct_value_read(const cp_struct_step *s, const uint8_t *record)
{
    const uint8_t *at = record + s->offset;
    if (s->kind == CP_STRUCT_TEXT) {
        size_t size = s->size;
        while (s->code == 's' && size > 0 && at[size - 1] == 0)
            size--;
        return (cp_struct_value){.text = {at, size}};
    }
    cp_struct_lanes one;
    s->load(at, 0, 1, &one);
    if (s->kind == CP_STRUCT_REAL)
        return (cp_struct_value){.real = one.real[0]};
    if (s->kind == CP_STRUCT_TRUTH)
        return (cp_struct_value){.truth = one.bits[0] != 0};
    return (cp_struct_value){.natural = one.bits[0]};
}
