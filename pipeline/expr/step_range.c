/* Steps that read a column as it lies in the batch: most conditions are one of these. */
#include "pipeline/core/bits.h"
#include "pipeline/expr/program.h"

/* Null rows are unknown, whatever was made of their values; whole words of the bitmap at a time,
 * since most have no null or few. */
static void mask_nulls(const cp_column *column, const cp_frame *frame, uint8_t *truth)
{
    const uint64_t *valid = column->valid + frame->first / 64;
    for (uint32_t i = 0; column->null_count && i < frame->rows; i += 64) {
        uint32_t count = frame->rows - i < 64 ? frame->rows - i : 64;
        for (uint64_t nulls = ~valid[i / 64] & cp_bits_mask(count); nulls; nulls &= nulls - 1)
            truth[i + (uint32_t)__builtin_ctzll(nulls)] = CP_UNKNOWN;
    }
}

/* v - low wraps to a number above high - low where v is outside: one comparison for both ends. */
#define WHOLE_RANGE(name, type, unsigned_type)                                                     \
    static void name(const cp_step *step, cp_frame *frame)                                         \
    {                                                                                              \
        const cp_column *column = &frame->batch->columns[step->field];                             \
        const type *values = (const type *)column->data + frame->first;                            \
        uint8_t *restrict truth = frame->registers[step->to].truth;                                \
        unsigned_type low = (unsigned_type)step->bounds.low;                                       \
        unsigned_type width = (unsigned_type)((unsigned_type)step->bounds.high - low);             \
        uint8_t outside = step->bounds.outside ? CP_TRUE : CP_FALSE;                               \
        for (uint32_t i = 0; i < frame->rows; i++) {                                               \
            bool inside = (unsigned_type)((unsigned_type)values[i] - low) <= width;                \
            truth[i] = (uint8_t)((inside ? CP_TRUE : CP_FALSE) ^ outside);                         \
        }                                                                                          \
        mask_nulls(column, frame, truth);                                                          \
    }

WHOLE_RANGE(range_int8, int8_t, uint8_t)
WHOLE_RANGE(range_int16, int16_t, uint16_t)
WHOLE_RANGE(range_int32, int32_t, uint32_t)
WHOLE_RANGE(range_int64, int64_t, uint64_t)
WHOLE_RANGE(range_uint8, uint8_t, uint8_t)
WHOLE_RANGE(range_uint16, uint16_t, uint16_t)
WHOLE_RANGE(range_uint32, uint32_t, uint32_t)
WHOLE_RANGE(range_uint64, uint64_t, uint64_t)

#define FLOAT_RANGE(name, type)                                                                    \
    static void name(const cp_step *step, cp_frame *frame)                                         \
    {                                                                                              \
        const cp_column *column = &frame->batch->columns[step->field];                             \
        const type *values = (const type *)column->data + frame->first;                            \
        uint8_t *restrict truth = frame->registers[step->to].truth;                                \
        double low = step->bounds.float_low, high = step->bounds.float_high;                       \
        bool with_nan = step->bounds.with_nan;                                                     \
        uint8_t outside = step->bounds.outside ? CP_TRUE : CP_FALSE;                               \
        for (uint32_t i = 0; i < frame->rows; i++) {                                               \
            double v = values[i];                                                                  \
            bool inside = ((v >= low) & (v <= high)) | (with_nan & (v != v));                      \
            truth[i] = (uint8_t)((inside ? CP_TRUE : CP_FALSE) ^ outside);                         \
        }                                                                                          \
        mask_nulls(column, frame, truth);                                                          \
    }

FLOAT_RANGE(range_float32, float)
FLOAT_RANGE(range_float64, double)

cp_step_run *cp_range_of(cp_type type)
{
    static cp_step_run *const ranges[] = {
        [CP_TYPE_INT8] = range_int8,       [CP_TYPE_INT16] = range_int16,
        [CP_TYPE_INT32] = range_int32,     [CP_TYPE_INT64] = range_int64,
        [CP_TYPE_UINT8] = range_uint8,     [CP_TYPE_UINT16] = range_uint16,
        [CP_TYPE_UINT32] = range_uint32,   [CP_TYPE_UINT64] = range_uint64,
        [CP_TYPE_FLOAT32] = range_float32, [CP_TYPE_FLOAT64] = range_float64,
        [CP_TYPE_TIMESTAMP] = range_int64, [CP_TYPE_JSON] = NULL,
    };
    return ranges[type];
}

void cp_table_of_code(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = &frame->batch->columns[step->field];
    const uint16_t *codes = (const uint16_t *)column->data + frame->first;
    uint8_t *truth = frame->registers[step->to].truth;
    if (column->null_count == 0) {
        for (uint32_t i = 0; i < frame->rows; i++)
            truth[i] = step->table[codes[i]];
        return;
    }
    for (uint32_t i = 0; i < frame->rows; i++)
        truth[i] = cp_bit_get(column->valid, frame->first + i) ? step->table[codes[i]] : CP_UNKNOWN;
}

void cp_field_is_null(const cp_step *step, cp_frame *frame)
{
    const cp_column *column = &frame->batch->columns[step->field];
    uint8_t *truth = frame->registers[step->to].truth;
    memset(truth, CP_FALSE, frame->rows);
    mask_nulls(column, frame, truth);
    for (uint32_t i = 0; i < frame->rows; i++)
        truth[i] = (truth[i] == CP_UNKNOWN) != step->negated ? CP_TRUE : CP_FALSE;
}
