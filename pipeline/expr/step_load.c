/* Columns and constants into registers. */
#include "pipeline/core/bits.h"
#include "pipeline/expr/program.h"

static cp_register *target(const cp_step *step, cp_frame *frame)
{
    cp_register *to = &frame->registers[step->to];
    to->values = to->room;
    return to;
}

static const cp_column *column_of(const cp_step *step, const cp_frame *frame)
{
    return &frame->batch->columns[step->field];
}

/* The column's validity as a byte for each row. */
static void load_nulls(const cp_column *column, const cp_frame *frame, cp_register *to)
{
    to->has_nulls = column->null_count > 0;
    for (uint32_t i = 0; to->has_nulls && i < frame->rows; i++)
        to->nulls[i] = !cp_bit_get(column->valid, frame->first + i);
}

/* ---- fields ---- */

/* The + promotes what is smaller than an int: an int8_t is no character here. */
#define LOAD_WHOLE(name, type)                                                                     \
    static void name(const cp_step *step, cp_frame *frame)                                         \
    {                                                                                              \
        const cp_column *column = column_of(step, frame);                                          \
        const type *values = (const type *)column->data + frame->first;                            \
        cp_register *to = target(step, frame);                                                     \
        cp_wide *out = to->room;                                                                   \
        for (uint32_t i = 0; i < frame->rows; i++)                                                 \
            out[i] = +values[i];                                                                   \
        load_nulls(column, frame, to);                                                             \
    }

LOAD_WHOLE(load_int8, int8_t)
LOAD_WHOLE(load_int16, int16_t)
LOAD_WHOLE(load_int32, int32_t)
LOAD_WHOLE(load_int64, int64_t)
LOAD_WHOLE(load_uint8, uint8_t)
LOAD_WHOLE(load_uint16, uint16_t)
LOAD_WHOLE(load_uint32, uint32_t)
LOAD_WHOLE(load_uint64, uint64_t)

void cp_load_code(const cp_step *step, cp_frame *frame)
{
    load_uint16(step, frame);
}

static void load_time(const cp_step *step, cp_frame *frame)
{
    load_int64(step, frame);
    cp_wide *out = frame->registers[step->to].room;
    int64_t unit = cp_unit_nanoseconds(frame->batch->schema->fields[step->field].unit);
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] *= unit;
}

static void load_float32(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = column_of(step, frame);
    const float *values = (const float *)column->data + frame->first;
    cp_register *to = target(step, frame);
    double *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] = values[i];
    load_nulls(column, frame, to);
}

static void load_float64(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = column_of(step, frame);
    cp_register *to = &frame->registers[step->to];
    to->values = (const double *)column->data + frame->first;
    load_nulls(column, frame, to);
}

static void load_text(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = column_of(step, frame);
    cp_register *to = &frame->registers[step->to];
    to->values = (const cp_span *)column->data + frame->first;
    load_nulls(column, frame, to);
}

static void load_symbol(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = column_of(step, frame);
    const uint16_t *codes = (const uint16_t *)column->data + frame->first;
    cp_register *to = target(step, frame);
    cp_span *out = to->room;
    load_nulls(column, frame, to);
    for (uint32_t i = 0; i < frame->rows; i++)
        if (!to->has_nulls || !to->nulls[i])
            out[i] = step->symbols[codes[i]];
}

static void load_bool(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = column_of(step, frame);
    const uint8_t *values = (const uint8_t *)column->data + frame->first;
    cp_register *to = &frame->registers[step->to];
    for (uint32_t i = 0; i < frame->rows; i++)
        to->truth[i] = values[i] ? CP_TRUE : CP_FALSE;
    load_nulls(column, frame, to);
    cp_mask_unknown(to, to, frame->rows);
}

cp_step_run *cp_load_field(cp_type type)
{
    static cp_step_run *const loads[] = {
        [CP_TYPE_BOOL] = load_bool,       [CP_TYPE_INT8] = load_int8,
        [CP_TYPE_INT16] = load_int16,     [CP_TYPE_INT32] = load_int32,
        [CP_TYPE_INT64] = load_int64,     [CP_TYPE_UINT8] = load_uint8,
        [CP_TYPE_UINT16] = load_uint16,   [CP_TYPE_UINT32] = load_uint32,
        [CP_TYPE_UINT64] = load_uint64,   [CP_TYPE_FLOAT32] = load_float32,
        [CP_TYPE_FLOAT64] = load_float64, [CP_TYPE_STRING] = load_text,
        [CP_TYPE_ENUM] = load_symbol,     [CP_TYPE_TIMESTAMP] = load_time,
        [CP_TYPE_JSON] = load_text,
    };
    return loads[type];
}

/* ---- constants ---- */

void cp_load_whole_constant(const cp_step *step, cp_frame *frame)
{
    cp_register *to = target(step, frame);
    cp_wide *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] = step->constant.whole;
    to->has_nulls = false;
}

void cp_load_float_constant(const cp_step *step, cp_frame *frame)
{
    cp_register *to = target(step, frame);
    double *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] = step->constant.real;
    to->has_nulls = false;
}

void cp_load_text_constant(const cp_step *step, cp_frame *frame)
{
    cp_register *to = target(step, frame);
    cp_span *out = to->room;
    for (uint32_t i = 0; i < frame->rows; i++)
        out[i] = step->constant.text;
    to->has_nulls = false;
}

void cp_load_truth_constant(const cp_step *step, cp_frame *frame)
{
    memset(frame->registers[step->to].truth, step->constant.truth, frame->rows);
}
