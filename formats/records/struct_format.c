/* Struct records: plan, splitter and decoder.
 *
 *   block   r0 r1 r2 ... of record_bytes each, cut into runs of 64 records
 *
 *   run --load--> lanes (64 x 8 bytes) --kernel--> column     all values ordinary: most runs
 *    |                                     | some value is null, refused or rare
 *    +-----value by value, pipeline/core/cell.h----> column, bad rows
 *                                                      |
 *                            rejects added in record order, kept rows moved together
 *
 * A run and its columns' ends stay in the first-level cache while all columns are made. */
#include "formats/records/struct_format.h"

#include "formats/records/layout.h"
#include "pipeline/core/cell.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"
#include "pipeline/text/utf8.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { RUN_ROWS = 64 };

/* What a code's bytes are, before its field is known. */
typedef enum value_kind {
    KIND_SIGNED,
    KIND_UNSIGNED,
    KIND_TRUTH,
    KIND_REAL,
    KIND_TEXT,
    KIND_COUNT
} value_kind;

/* The values of one code in a run: signed (sign extended), unsigned and truth as bits. */
typedef union lanes {
    uint64_t bits[RUN_ROWS];
    double real[RUN_ROWS];
} lanes;

typedef union value {
    int64_t whole;
    uint64_t natural;
    double real;
    bool truth;
    cp_span text;
} value;

typedef struct step step;
typedef void load_fn(const uint8_t *at, size_t stride, size_t count, lanes *out);
/* Stores `count` values from `row` on; data NULL: only checks. false: at least one of them is not
 * plainly accepted, or not for this kernel to judge; what is stored then counts for nothing. */
typedef bool kernel_fn(const step *s, lanes *in, size_t count, void *data, uint32_t row);
typedef cp_reason feed_fn(const step *s, value v, cp_column *column, uint32_t row);

/* One value of the layout on its way into one column. */
struct step {
    const cp_field *field;
    size_t column;
    uint32_t offset, size;
    char code;
    value_kind kind;
    load_fn *load;     /* NULL: text */
    kernel_fn *kernel; /* NULL: value by value only */
    feed_fn *feed;
    bool unruled; /* no value of the code can be refused or null */

    /* What the kernel accepts: lanes with bits - low <= span (modulo 2^64) ... */
    uint64_t low, span;
    bool covers; /* that is every value of the code */
    /* ... and reals in [real_low, real_high]. */
    double real_low, real_high;
    uint64_t multiplier; /* timestamps: units in one of the input's */
};

typedef struct plan {
    cp_format base;
    const cp_schema *schema;
    cp_layout layout;
    uint64_t max_record_bytes;
    step *steps; /* one for each value of the layout, in its order */
    size_t step_count;
    size_t *absent; /* fields that the layout does not feed */
    size_t absent_count;
    bool use_kernels;
} plan;

typedef struct struct_splitter {
    cp_splitter base;
    size_t block_bytes;
} struct_splitter;

typedef struct struct_decoder {
    cp_decoder base;
    const plan *plan;
} struct_decoder;

/* Up to 64 records, decoded into the batch's rows from `row` on. */
typedef struct run {
    const uint8_t *records;
    size_t count;
    uint32_t row;
    uint64_t bad; /* bit i: record i is refused, for why[i] at value step[i] */
    uint16_t step[RUN_ROWS];
    uint8_t why[RUN_ROWS];
} run;

/* The lowest `count` bits, 0 to 64. */
static uint64_t low_bits(size_t count)
{
    return count ? UINT64_MAX >> (64 - count) : 0;
}

/* ---- loads: strided bytes to lanes ---- */

static double real_of_bits(uint64_t bits)
{
    double real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

static uint64_t bits_of_real(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static float single_of_bits(uint32_t bits)
{
    float single;
    memcpy(&single, &bits, sizeof single);
    return single;
}

/* binary16 of IEEE 754-2008: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static double real_of_half(uint16_t half)
{
    uint64_t sign = (uint64_t)(half >> 15) << 63;
    uint64_t exponent = half >> 10 & 31;
    uint64_t fraction = half & 1023;
    if (exponent == 0)
        return real_of_bits(bits_of_real((double)fraction * 0x1p-24) | sign);
    uint64_t wide = exponent == 31 ? 2047 : exponent + (1023 - 15);
    return real_of_bits(sign | wide << 52 | fraction << 42);
}

#define LOADER(name, raw_type, lane, converted)                                                    \
    static void name(const uint8_t *at, size_t stride, size_t count, lanes *out)                   \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            raw_type raw;                                                                          \
            memcpy(&raw, at + i * stride, sizeof raw);                                             \
            out->lane[i] = converted;                                                              \
        }                                                                                          \
    }

LOADER(load_i8, int8_t, bits, (uint64_t)raw)
LOADER(load_i16, int16_t, bits, (uint64_t)raw)
LOADER(load_i16_swapped, uint16_t, bits, (uint64_t)(int16_t)__builtin_bswap16(raw))
LOADER(load_i32, int32_t, bits, (uint64_t)raw)
LOADER(load_i32_swapped, uint32_t, bits, (uint64_t)(int32_t)__builtin_bswap32(raw))
LOADER(load_u8, uint8_t, bits, raw)
LOADER(load_u16, uint16_t, bits, raw)
LOADER(load_u16_swapped, uint16_t, bits, __builtin_bswap16(raw))
LOADER(load_u32, uint32_t, bits, raw)
LOADER(load_u32_swapped, uint32_t, bits, __builtin_bswap32(raw))
LOADER(load_64, uint64_t, bits, raw)
LOADER(load_64_swapped, uint64_t, bits, __builtin_bswap64(raw))
LOADER(load_truth, uint8_t, bits, raw != 0)
LOADER(load_half, uint16_t, real, real_of_half(raw))
LOADER(load_half_swapped, uint16_t, real, real_of_half(__builtin_bswap16(raw)))
LOADER(load_single, uint32_t, real, (double)single_of_bits(raw))
LOADER(load_single_swapped, uint32_t, real, (double)single_of_bits(__builtin_bswap32(raw)))
LOADER(load_double, uint64_t, real, real_of_bits(raw))
LOADER(load_double_swapped, uint64_t, real, real_of_bits(__builtin_bswap64(raw)))

/* By kind, log2 of the size, and whether the order is not the machine's. */
static load_fn *const loads[KIND_TEXT][4][2] = {
    [KIND_SIGNED] = {{load_i8, load_i8},
                     {load_i16, load_i16_swapped},
                     {load_i32, load_i32_swapped},
                     {load_64, load_64_swapped}},
    [KIND_UNSIGNED] = {{load_u8, load_u8},
                       {load_u16, load_u16_swapped},
                       {load_u32, load_u32_swapped},
                       {load_64, load_64_swapped}},
    [KIND_TRUTH] = {{load_truth, load_truth}},
    [KIND_REAL] = {[1] = {load_half, load_half_swapped},
                   [2] = {load_single, load_single_swapped},
                   [3] = {load_double, load_double_swapped}},
};

/* ---- kernels: lanes to a column, while every value is ordinary ---- */

static bool bits_within(const step *s, const lanes *in, size_t count)
{
    if (s->covers)
        return true;
    uint64_t low = s->low, span = s->span, outside = 0;
    /* d > span where d or span - d has the top bit, if span has not: this form needs no compare
     * of 64-bit lanes, which the first vector units lack. */
    for (size_t i = 0; i < count; i++) {
        uint64_t d = in->bits[i] - low;
        outside |= d | (span - d);
    }
    return outside >> 63 == 0;
}

/* false also for what is not finite, and for a -0 where a bound is 0. By sign and exponent bits,
 * again to spare compares: a + (1 << 52) has the top bit where the exponent bits of a are all set,
 * and low <= v <= high where neither v - low nor high - v is negative. */
static bool reals_within(const step *s, const lanes *in, size_t count)
{
    double low = s->real_low, high = s->real_high;
    uint64_t outside = 0;
    for (size_t i = 0; i < count; i++) {
        double v = in->real[i];
        outside |= (bits_of_real(v) & INT64_MAX) + (UINT64_C(1) << 52);
        outside |= bits_of_real(v - low) | bits_of_real(high - v);
    }
    return outside >> 63 == 0;
}

static bool any_null_bits(const step *s, const lanes *in, size_t count)
{
    uint64_t same = 0;
    for (size_t n = 0; n < s->field->null_if_count; n++)
        for (size_t i = 0; i < count; i++)
            same |= in->bits[i] == s->field->null_if[n].u;
    return same != 0;
}

static bool any_null_real(const step *s, const lanes *in, size_t count)
{
    unsigned same = 0;
    for (size_t n = 0; n < s->field->null_if_count; n++)
        for (size_t i = 0; i < count; i++)
            same |= in->real[i] == s->field->null_if[n].f;
    return same != 0;
}

/* Two's complement makes one store serve signed and unsigned of a width. */
static void store_bits(size_t width, const lanes *in, size_t count, void *data, uint32_t row)
{
    if (width == 1)
        for (size_t i = 0; i < count; i++)
            ((uint8_t *)data)[row + i] = (uint8_t)in->bits[i];
    else if (width == 2)
        for (size_t i = 0; i < count; i++)
            ((uint16_t *)data)[row + i] = (uint16_t)in->bits[i];
    else if (width == 4)
        for (size_t i = 0; i < count; i++)
            ((uint32_t *)data)[row + i] = (uint32_t)in->bits[i];
    else
        memcpy((uint64_t *)data + row, in->bits, count * sizeof(uint64_t));
}

/* Integers into integers, positions into enums, truths into bools. */
static bool kernel_bits(const step *s, lanes *in, size_t count, void *data, uint32_t row)
{
    if (!bits_within(s, in, count) || any_null_bits(s, in, count))
        return false;
    if (data)
        store_bits(cp_type_width(s->field->type), in, count, data, row);
    return true;
}

static bool store_singles(const step *s, const lanes *in, size_t count, float *out)
{
    unsigned inexact = 0;
    for (size_t i = 0; i < count; i++) {
        float single = (float)in->real[i];
        inexact |= (double)single != in->real[i];
        if (out)
            out[i] = single;
    }
    return inexact == 0 || s->covers;
}

static bool kernel_real(const step *s, lanes *in, size_t count, void *data, uint32_t row)
{
    if (!s->covers && !reals_within(s, in, count))
        return false;
    if (any_null_real(s, in, count))
        return false;
    if (s->field->type == CP_TYPE_FLOAT32)
        return store_singles(s, in, count, data ? (float *)data + row : NULL);
    if (data)
        memcpy((double *)data + row, in->real, count * sizeof(double));
    return true;
}

/* Integers into floats. */
static bool kernel_whole_real(const step *s, lanes *in, size_t count, void *data, uint32_t row)
{
    if (!bits_within(s, in, count))
        return false;
    lanes reals;
    for (size_t i = 0; i < count; i++)
        reals.real[i] = (double)(int64_t)in->bits[i];
    return kernel_real(s, &reals, count, data, row);
}

/* Integers into timestamps: low and span leave out what would overflow. */
static bool kernel_whole_time(const step *s, lanes *in, size_t count, void *data, uint32_t row)
{
    if (!bits_within(s, in, count))
        return false;
    for (size_t i = 0; i < count; i++)
        in->bits[i] *= s->multiplier;
    if (any_null_bits(s, in, count))
        return false;
    if (data)
        store_bits(sizeof(int64_t), in, count, data, row);
    return true;
}

/* Reals into timestamps, exactly: v = w + f with w the nearest integer, so that f is exact. The
 * multiplier 10^k is 2^k * 5^k; from real_low on, f has so few bits that f * 5^k fits 53, and the
 * product is exact too. Adding 1.5 * 2^52 to a double below 2^51 rounds it to an integer, ties to
 * even, that stands in the low bits of the sum; w * 10^k is even (or f * 1 rounds to 0), so the
 * tie of the whole is the tie of the part. */
static bool kernel_real_time(const step *s, lanes *in, size_t count, void *data, uint32_t row)
{
    static const double shifter = 0x1.8p52;
    if (!reals_within(s, in, count))
        return false;
    const uint64_t shifter_bits = bits_of_real(shifter), multiplier = s->multiplier;
    const double real_multiplier = (double)multiplier;
    lanes times;
    for (size_t i = 0; i < count; i++) {
        double shifted = in->real[i] + shifter;
        double part = in->real[i] - (shifted - shifter);
        uint64_t units = bits_of_real(part * real_multiplier + shifter) - shifter_bits;
        times.bits[i] = (bits_of_real(shifted) - shifter_bits) * multiplier + units;
    }
    return kernel_bits(s, &times, count, data, row);
}

/* ---- feeds: one value, through the cells ---- */

static cp_reason feed_signed(const step *s, value v, cp_column *column, uint32_t row)
{
    return cp_cell_int(s->field, column, row, v.whole);
}

static cp_reason feed_unsigned(const step *s, value v, cp_column *column, uint32_t row)
{
    return cp_cell_uint(s->field, column, row, v.natural);
}

static cp_reason feed_truth(const step *s, value v, cp_column *column, uint32_t row)
{
    return cp_cell_bool(s->field, column, row, v.truth);
}

static cp_reason feed_real(const step *s, value v, cp_column *column, uint32_t row)
{
    bool exact = s->field->type == CP_TYPE_FLOAT64 || (double)(float)v.real == v.real;
    if (!exact && !isnan(v.real))
        return CP_OUT_OF_RANGE;
    return cp_cell_float(s->field, column, row, v.real);
}

static cp_reason feed_signed_real(const step *s, value v, cp_column *column, uint32_t row)
{
    double real = (double)v.whole;
    if (!(real < 0x1p63) || (int64_t)real != v.whole)
        return CP_OUT_OF_RANGE;
    return feed_real(s, (value){.real = real}, column, row);
}

static cp_reason feed_unsigned_real(const step *s, value v, cp_column *column, uint32_t row)
{
    double real = (double)v.natural;
    if (!(real < 0x1p64) || (uint64_t)real != v.natural)
        return CP_OUT_OF_RANGE;
    return feed_real(s, (value){.real = real}, column, row);
}

static cp_reason feed_signed_code(const step *s, value v, cp_column *column, uint32_t row)
{
    return v.whole < 0 ? CP_UNKNOWN_SYMBOL : cp_cell_code(s->field, column, row, (uint64_t)v.whole);
}

static cp_reason feed_unsigned_code(const step *s, value v, cp_column *column, uint32_t row)
{
    return cp_cell_code(s->field, column, row, v.natural);
}

static cp_reason finish_time(const step *s, cp_time_rc rc, int64_t time, cp_column *column,
                             uint32_t row)
{
    static const cp_reason reasons[] = {
        [CP_TIME_MALFORMED] = CP_INVALID_TIME,
        [CP_TIME_RANGE] = CP_TIME_OUT_OF_RANGE,
    };
    return rc == CP_TIME_OK ? cp_cell_time(s->field, column, row, time) : reasons[rc];
}

static cp_reason feed_signed_time(const step *s, value v, cp_column *column, uint32_t row)
{
    int64_t time = 0;
    cp_time_rc rc = cp_time_from_int(v.whole, s->field->encoding, s->field->unit, &time);
    return finish_time(s, rc, time, column, row);
}

static cp_reason feed_unsigned_time(const step *s, value v, cp_column *column, uint32_t row)
{
    if (v.natural <= INT64_MAX)
        return feed_signed_time(s, (value){.whole = (int64_t)v.natural}, column, row);
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

static cp_reason feed_real_time(const step *s, value v, cp_column *column, uint32_t row)
{
    if (!isfinite(v.real))
        return CP_INVALID_TIME;
    int64_t time = 0;
    cp_time_rc rc = cp_time_from_double(v.real, s->field->encoding, s->field->unit, &time);
    return finish_time(s, rc, time, column, row);
}

static cp_reason feed_text(const step *s, value v, cp_column *column, uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    return cp_cell_text(s->field, column, row, v.text);
}

static cp_reason feed_symbol(const step *s, value v, cp_column *column, uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    return cp_cell_symbol(s->field, column, row, v.text);
}

static cp_reason feed_text_time(const step *s, value v, cp_column *column, uint32_t row)
{
    if (cp_utf8_valid(v.text) != v.text.size)
        return CP_INVALID_UTF8;
    int64_t time = 0;
    cp_time_rc rc = cp_time_parse(v.text, s->field->unit, s->field->zone_utc, &time);
    return finish_time(s, rc, time, column, row);
}

/* ---- plan ---- */

/* Wide enough for both int64 and uint64. */
typedef __int128 wide;

/* The kernel accepts [low, high]; an empty range leaves all to the cells. */
static void set_range(step *s, wide low, wide high)
{
    unsigned bits = s->size * 8;
    wide code_low = s->kind == KIND_SIGNED ? -((wide)1 << (bits - 1)) : 0;
    wide code_high = ((wide)1 << (s->kind == KIND_SIGNED ? bits - 1 : bits)) - 1;
    s->covers = low <= code_low && high >= code_high;
    low = low > code_low ? low : code_low;
    high = high < code_high ? high : code_high;
    if (low > high)
        s->kernel = NULL;
    s->low = (uint64_t)low;
    s->span = (uint64_t)(high - low);
}

/* Of an integer or timestamp field: its type's range within its bounds. */
static void field_range(const cp_field *field, wide *low, wide *high)
{
    bool natural = cp_type_is_unsigned(field->type);
    size_t bits = cp_type_width(field->type) * 8;
    *low = natural ? 0 : -((wide)1 << (bits - 1));
    *high = ((wide)1 << (natural ? bits : bits - 1)) - 1;
    wide min = natural ? (wide)field->min.u : (wide)field->min.i;
    wide max = natural ? (wide)field->max.u : (wide)field->max.i;
    if (field->has_min && min > *low)
        *low = min;
    if (field->has_max && max < *high)
        *high = max;
}

static void prepare_integer(step *s)
{
    wide low, high;
    field_range(s->field, &low, &high);
    set_range(s, low, high);
}

static void prepare_code(step *s)
{
    set_range(s, 0, (wide)s->field->symbol_count - 1);
    if (s->field->null_if_count)
        s->kernel = NULL; /* those are symbols, not positions */
}

static void prepare_truth(step *s)
{
    s->covers = true;
    if (s->field->null_if_count)
        s->kernel = NULL;
}

static void set_reals(step *s)
{
    const cp_field *field = s->field;
    s->real_low = field->has_min ? field->min.f : -DBL_MAX;
    s->real_high = field->has_max ? field->max.f : DBL_MAX;
}

static void prepare_real(step *s)
{
    bool exact = s->field->type == CP_TYPE_FLOAT64 || s->code != 'd';
    bool bounded = s->field->has_min || s->field->has_max;
    s->covers = exact && !bounded && s->field->nan == CP_NAN_KEEP;
    set_reals(s);
}

static void prepare_whole_real(step *s)
{
    wide exact = (wide)1 << (s->field->type == CP_TYPE_FLOAT64 ? DBL_MANT_DIG : FLT_MANT_DIG);
    set_range(s, -exact, exact);
    s->covers = false; /* the bounds below may refuse still */
    set_reals(s);
}

/* false: the input's unit is finer than the field's, which is for the cells. */
static bool set_multiplier(step *s, unsigned *exponent)
{
    static const uint64_t powers[] = {1, 1000, 1000000, 1000000000};
    int finer = (int)s->field->unit - ((int)s->field->encoding - (int)CP_TIME_EPOCH_S);
    if (finer < 0)
        return false;
    *exponent = (unsigned)finer;
    s->multiplier = powers[finer];
    return true;
}

static wide divide_down(wide a, wide b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static void prepare_whole_time(step *s)
{
    unsigned exponent;
    wide low, high;
    if (!set_multiplier(s, &exponent)) {
        s->kernel = NULL;
        return;
    }
    field_range(s->field, &low, &high);
    set_range(s, -divide_down(-low, (wide)s->multiplier), divide_down(high, (wide)s->multiplier));
}

static void prepare_real_time(step *s)
{
    /* By power of 1000: from where on the part's product is exact, to where the shift rounds and
     * the result fits int64 (see kernel_real_time). */
    static const struct {
        double low, high;
    } exact[] = {{0, 0x1p50}, {0x1p6, 0x1p50}, {0x1p13, 0x1p42}, {0x1p20, 0x1p32}};
    unsigned exponent;
    if (!set_multiplier(s, &exponent)) {
        s->kernel = NULL;
        return;
    }
    s->real_low = exact[exponent].low;
    s->real_high = exact[exponent].high;
    wide low, high;
    field_range(s->field, &low, &high);
    if (low > high)
        s->kernel = NULL;
    s->covers = low == INT64_MIN && high == INT64_MAX;
    s->low = (uint64_t)low;
    s->span = (uint64_t)(high - low);
}

typedef enum type_group {
    GROUP_BOOL,
    GROUP_INTEGER,
    GROUP_FLOAT,
    GROUP_STRING,
    GROUP_ENUM,
    GROUP_TIME,
    GROUP_JSON,
    GROUP_COUNT
} type_group;

static const type_group groups[] = {
    [CP_TYPE_BOOL] = GROUP_BOOL,      [CP_TYPE_INT8] = GROUP_INTEGER,
    [CP_TYPE_INT16] = GROUP_INTEGER,  [CP_TYPE_INT32] = GROUP_INTEGER,
    [CP_TYPE_INT64] = GROUP_INTEGER,  [CP_TYPE_UINT8] = GROUP_INTEGER,
    [CP_TYPE_UINT16] = GROUP_INTEGER, [CP_TYPE_UINT32] = GROUP_INTEGER,
    [CP_TYPE_UINT64] = GROUP_INTEGER, [CP_TYPE_FLOAT32] = GROUP_FLOAT,
    [CP_TYPE_FLOAT64] = GROUP_FLOAT,  [CP_TYPE_STRING] = GROUP_STRING,
    [CP_TYPE_ENUM] = GROUP_ENUM,      [CP_TYPE_TIMESTAMP] = GROUP_TIME,
    [CP_TYPE_JSON] = GROUP_JSON,
};

typedef struct pairing {
    feed_fn *feed; /* NULL: code and field do not fit */
    kernel_fn *kernel;
    void (*prepare)(step *);
} pairing;

static const pairing pairings[KIND_COUNT][GROUP_COUNT] = {
    [KIND_SIGNED] =
        {
            [GROUP_INTEGER] = {feed_signed, kernel_bits, prepare_integer},
            [GROUP_FLOAT] = {feed_signed_real, kernel_whole_real, prepare_whole_real},
            [GROUP_ENUM] = {feed_signed_code, kernel_bits, prepare_code},
            [GROUP_TIME] = {feed_signed_time, kernel_whole_time, prepare_whole_time},
        },
    [KIND_UNSIGNED] =
        {
            [GROUP_INTEGER] = {feed_unsigned, kernel_bits, prepare_integer},
            [GROUP_FLOAT] = {feed_unsigned_real, kernel_whole_real, prepare_whole_real},
            [GROUP_ENUM] = {feed_unsigned_code, kernel_bits, prepare_code},
            [GROUP_TIME] = {feed_unsigned_time, kernel_whole_time, prepare_whole_time},
        },
    [KIND_TRUTH] = {[GROUP_BOOL] = {feed_truth, kernel_bits, prepare_truth}},
    [KIND_REAL] =
        {
            [GROUP_FLOAT] = {feed_real, kernel_real, prepare_real},
            [GROUP_TIME] = {feed_real_time, kernel_real_time, prepare_real_time},
        },
    [KIND_TEXT] =
        {
            [GROUP_STRING] = {feed_text, NULL, NULL},
            [GROUP_ENUM] = {feed_symbol, NULL, NULL},
            [GROUP_TIME] = {feed_text_time, NULL, NULL},
        },
};

static value_kind kind_of_code(char code)
{
    static const char *const codes[KIND_COUNT] = {
        [KIND_SIGNED] = "bhilq", [KIND_UNSIGNED] = "BHILQ", [KIND_TRUTH] = "?",
        [KIND_REAL] = "efd",     [KIND_TEXT] = "cs",
    };
    value_kind kind = KIND_SIGNED;
    while (!strchr(codes[kind], code))
        kind++;
    return kind;
}

static bool encoding_fits(const step *s)
{
    bool textual = s->field->encoding == CP_TIME_RFC3339;
    return s->field->type != CP_TYPE_TIMESTAMP || textual == (s->kind == KIND_TEXT);
}

__attribute__((format(printf, 3, 4))) static cp_rc fail_field(cp_error *err, const char *name,
                                                              const char *format, ...)
{
    char message[CP_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    cp_fail(err, CP_E_CONFIG, "bad_layout", "%s", message);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", name);
    return CP_E_CONFIG;
}

static cp_rc check_pairing(const step *s, const pairing *pair, cp_error *err)
{
    const char *name = s->field->name;
    char type[CP_TYPE_NAME_BYTES];
    if (s->field->type == CP_TYPE_JSON)
        return fail_field(err, name, "values of struct records cannot be json");
    if (!pair->feed)
        return fail_field(err, name, "layout code '%c' cannot feed a field of type %s", s->code,
                          cp_type_name(s->field, type));
    if (!encoding_fits(s))
        return fail_field(err, name, "layout code '%c' cannot feed a time in encoding %s", s->code,
                          s->kind == KIND_TEXT ? "epoch" : "rfc3339");
    return CP_OK;
}

static cp_rc make_step(const plan *p, size_t number, step *s, cp_error *err)
{
    const cp_layout_value *from = &p->layout.values[number];
    size_t column = p->schema->layout_fields[number];
    *s = (step){.field = &p->schema->fields[column],
                .column = column,
                .offset = from->offset,
                .size = from->size,
                .code = from->code,
                .kind = kind_of_code(from->code)};
    const pairing *pair = &pairings[s->kind][groups[s->field->type]];
    cp_rc rc = check_pairing(s, pair, err);
    if (rc)
        return rc;
    s->feed = pair->feed;
    s->kernel = pair->kernel;
    if (s->kind == KIND_TEXT)
        return CP_OK;
    bool machine_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    s->load = loads[s->kind][__builtin_ctz(s->size)][p->layout.big_endian != machine_is_big];
    pair->prepare(s);
    s->unruled =
        s->kernel && s->covers && s->kernel != kernel_real_time && s->field->null_if_count == 0;
    return CP_OK;
}

static cp_rc make_steps(plan *p, bool *fed, cp_error *err)
{
    cp_rc rc = cp_calloc(p->layout.value_count, sizeof *p->steps, &p->steps, err);
    for (size_t i = 0; !rc && i < p->layout.value_count; i++) {
        size_t column = p->schema->layout_fields[i];
        if (fed[column])
            return fail_field(err, p->schema->fields[column].name,
                              "layout_fields names the field twice");
        fed[column] = true;
        rc = make_step(p, i, &p->steps[p->step_count++], err);
    }
    return rc;
}

static cp_rc list_absent(plan *p, const bool *fed, cp_error *err)
{
    cp_rc rc = cp_calloc(p->schema->field_count, sizeof *p->absent, &p->absent, err);
    for (size_t i = 0; !rc && i < p->schema->field_count; i++) {
        if (fed[i])
            continue;
        if (p->schema->fields[i].required)
            return fail_field(err, p->schema->fields[i].name,
                              "the field is required, but no value of the layout feeds it");
        p->absent[p->absent_count++] = i;
    }
    return rc;
}

static cp_rc fill_plan(plan *p, cp_error *err)
{
    if (!p->schema->layout)
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "struct records need a layout and layout_fields");
    cp_rc rc = cp_layout_parse(p->schema->layout, &p->layout, err);
    if (rc)
        return rc;
    if (p->layout.value_count != p->schema->layout_field_count)
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "layout: it has %zu values, but layout_fields has %zu names",
                       p->layout.value_count, p->schema->layout_field_count);
    bool *fed = NULL;
    rc = cp_calloc(p->schema->field_count, sizeof *fed, &fed, err);
    if (!rc)
        rc = make_steps(p, fed, err);
    if (!rc)
        rc = list_absent(p, fed, err);
    free(fed);
    return rc;
}

static void plan_close(cp_format *format)
{
    plan *p = (plan *)format;
    if (!p)
        return;
    cp_layout_close(&p->layout);
    free(p->steps);
    free(p->absent);
    free(p);
}

static cp_rc plan_open(const cp_schema *schema, const cp_format_options *options, cp_format **out,
                       cp_error *err)
{
    plan *p = NULL;
    cp_rc rc = cp_calloc(1, sizeof *p, &p, err);
    if (rc)
        return rc;
    p->base.type = &cp_struct_format;
    p->schema = schema;
    p->max_record_bytes = options->max_record_bytes;
    p->use_kernels = true;
    rc = fill_plan(p, err);
    if (rc)
        plan_close(&p->base);
    else
        *out = &p->base;
    return rc;
}

void cp_struct_use_kernels(cp_format *format, bool use)
{
    ((plan *)format)->use_kernels = use;
}

/* A run of numbers looks like any other. */
static int probe(cp_span head, bool whole)
{
    (void)head;
    (void)whole;
    return 0;
}

/* ---- splitter ---- */

static cp_rc splitter_open(const cp_format *format, cp_splitter **out, cp_error *err)
{
    size_t record_bytes = ((const plan *)format)->layout.record_bytes;
    struct_splitter *s = NULL;
    cp_rc rc = cp_calloc(1, sizeof *s, &s, err);
    if (rc)
        return rc;
    s->base.type = &cp_struct_format;
    s->block_bytes = CP_BLOCK_TARGET_BYTES / record_bytes * record_bytes;
    *out = &s->base;
    return CP_OK;
}

static void splitter_close(cp_splitter *splitter)
{
    free(splitter);
}

static cp_rc split(cp_splitter *splitter, cp_span bytes, bool at_end, cp_cut *cut, cp_error *err)
{
    (void)err;
    size_t block_bytes = ((const struct_splitter *)splitter)->block_bytes;
    *cut = (cp_cut){0};
    if (bytes.size < block_bytes && !at_end)
        return CP_MORE;
    if (bytes.size == 0)
        return CP_END;
    cut->size = bytes.size < block_bytes ? bytes.size : block_bytes;
    return CP_BLOCK;
}

/* ---- decoder: a run of records into the batch ---- */

static value read_value(const step *s, const uint8_t *record)
{
    const uint8_t *at = record + s->offset;
    if (s->kind == KIND_TEXT) {
        size_t size = s->size;
        while (s->code == 's' && size > 0 && at[size - 1] == 0)
            size--;
        return (value){.text = {at, size}};
    }
    lanes one;
    s->load(at, 0, 1, &one);
    if (s->kind == KIND_REAL)
        return (value){.real = one.real[0]};
    if (s->kind == KIND_TRUTH)
        return (value){.truth = one.bits[0] != 0};
    return (value){.natural = one.bits[0]};
}

static cp_reason decode_value(const step *s, const uint8_t *record, cp_column *column, uint32_t row)
{
    cp_reason reason = s->feed(s, read_value(s, record), column, row);
    if (reason != CP_ACCEPTED_NULL)
        return reason;
    if (s->field->required)
        return CP_NULL_VALUE;
    if (column->data)
        cp_column_set_null(column, row);
    return CP_ACCEPTED;
}

static void decode_singly(const plan *p, size_t number, run *r, cp_column *column)
{
    const step *s = &p->steps[number];
    for (size_t i = 0; i < r->count; i++) {
        if (r->bad >> i & 1)
            continue;
        cp_reason reason =
            decode_value(s, r->records + i * p->layout.record_bytes, column, r->row + (uint32_t)i);
        if (reason == CP_ACCEPTED)
            continue;
        r->bad |= UINT64_C(1) << i;
        r->step[i] = (uint16_t)number;
        r->why[i] = (uint8_t)reason;
    }
}

static void decode_columns(const plan *p, run *r, cp_batch *batch)
{
    size_t stride = p->layout.record_bytes;
    for (size_t n = 0; n < p->step_count; n++) {
        const step *s = &p->steps[n];
        cp_column *column = &batch->columns[s->column];
        if (s->unruled && !column->data)
            continue;
        lanes values;
        if (s->kernel && p->use_kernels) {
            s->load(r->records + s->offset, stride, r->count, &values);
            if (s->kernel(s, &values, r->count, column->data, r->row))
                continue;
        }
        decode_singly(p, n, r, column);
    }
}

/* ---- decoder: rejects ---- */

/* The value as people write it; what is not verbatim in the record is spelled into `out`. */
static cp_span spell_value(const step *s, const uint8_t *record, char out[CP_DOUBLE_BYTES])
{
    value v = read_value(s, record);
    size_t size = 0;
    if (s->kind == KIND_TEXT)
        return v.text;
    if (s->kind == KIND_REAL && isnan(v.real))
        return cp_span_of("nan");
    if (s->kind == KIND_REAL && isinf(v.real))
        return cp_span_of(v.real < 0 ? "-inf" : "inf");
    if (s->kind == KIND_REAL && s->code == 'd')
        size = cp_double_write(v.real, out);
    else if (s->kind == KIND_REAL)
        size = cp_float_write((float)v.real, out);
    else if (s->kind == KIND_SIGNED)
        size = cp_int64_write(v.whole, out);
    else
        size = cp_uint64_write(v.natural, out);
    return (cp_span){(const uint8_t *)out, size};
}

static cp_reject place_of(const plan *p, const cp_cursor *cursor, cp_span record)
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

static cp_rc refuse(const plan *p, const run *r, size_t i, const cp_cursor *cursor,
                    cp_rejects *rejects, cp_error *err)
{
    const step *s = &p->steps[r->step[i]];
    cp_span record = {r->records + i * p->layout.record_bytes, p->layout.record_bytes};
    char spelled[CP_DOUBLE_BYTES];
    cp_refusal why = {
        .reason = (cp_reason)r->why[i],
        .field = s->field,
        .value = spell_value(s, record.data, spelled),
        .detail = s->kind == KIND_TEXT ? "RFC 3339" : "a finite number",
    };
    if (why.reason == CP_INVALID_UTF8)
        why.at = cp_utf8_valid(why.value);
    cp_reject where = place_of(p, cursor, record);
    return cp_rejects_add(rejects, p->schema, &where, &why, err);
}

/* The block's end cuts a record short; there is room for a reject. */
static cp_rc refuse_tail(const plan *p, const cp_block *block, cp_cursor *cursor,
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

/* Moves the cursor over the run, adding its rejects; stops before the record whose reject would
 * find no room. *kept: the accepted ones among the records passed. */
static cp_rc pass_run(const plan *p, const run *r, cp_cursor *cursor, cp_rejects *rejects,
                      uint64_t *kept, cp_error *err)
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

/* ---- decoder: rows that stand densely ---- */

/* The bits of `mask` at rows row, row + 1, ... of a bitmap; the word behind is touched only where
 * the mask reaches it. */
static void set_bits(uint64_t *bitmap, uint32_t row, uint64_t mask)
{
    unsigned shift = row % 64;
    bitmap[row / 64] |= mask << shift;
    if (shift && mask >> (64 - shift))
        bitmap[row / 64 + 1] |= mask >> (64 - shift);
}

static void clear_bits(uint64_t *bitmap, uint32_t row, uint64_t mask)
{
    unsigned shift = row % 64;
    bitmap[row / 64] &= ~(mask << shift);
    if (shift && mask >> (64 - shift))
        bitmap[row / 64 + 1] &= ~(mask >> (64 - shift));
}

static void compact_validity(cp_column *column, const run *r, uint64_t kept)
{
    uint64_t was_null = 0, is_null = 0;
    size_t to = 0;
    for (size_t i = 0; i < r->count; i++) {
        uint64_t null = !cp_column_is_valid(column, r->row + (uint32_t)i);
        was_null |= null << i;
        if (kept >> i & 1)
            is_null |= null << to++;
    }
    set_bits(column->valid, r->row, low_bits(r->count));
    clear_bits(column->valid, r->row, is_null);
    column->null_count -= (uint32_t)__builtin_popcountll(was_null & ~kept);
}

static void compact_column(cp_column *column, const run *r, uint64_t kept)
{
    size_t width = cp_type_width(column->type);
    uint8_t *first = (uint8_t *)column->data + r->row * width;
    uint8_t *to = first;
    for (uint64_t left = kept; left; left &= left - 1, to += width) {
        const uint8_t *from = first + (size_t)__builtin_ctzll(left) * width;
        if (from != to)
            memcpy(to, from, width);
    }
    if (column->null_count)
        compact_validity(column, r, kept);
}

static void compact(const plan *p, const run *r, cp_batch *batch, uint64_t kept)
{
    for (size_t n = 0; n < p->step_count; n++) {
        cp_column *column = &batch->columns[p->steps[n].column];
        if (column->data)
            compact_column(column, r, kept);
    }
}

static void mark_absent(const plan *p, cp_batch *batch, uint32_t row, uint32_t count)
{
    for (size_t n = 0; n < p->absent_count; n++) {
        cp_column *column = &batch->columns[p->absent[n]];
        if (!column->data)
            continue;
        clear_bits(column->valid, row, low_bits(count));
        column->null_count += count;
    }
}

static cp_rc decode_run(const plan *p, run *r, cp_cursor *cursor, cp_batch *batch,
                        cp_rejects *rejects, cp_error *err)
{
    uint64_t kept = low_bits(r->count);
    decode_columns(p, r, batch);
    if (r->bad) {
        cp_rc rc = pass_run(p, r, cursor, rejects, &kept, err);
        if (rc)
            return rc;
        compact(p, r, batch, kept);
    } else {
        cursor->records += r->count;
        cursor->offset += r->count * p->layout.record_bytes;
    }
    uint32_t added = (uint32_t)__builtin_popcountll(kept);
    mark_absent(p, batch, r->row, added);
    batch->rows += added;
    batch->selection_count = batch->rows;
    return CP_OK;
}

static cp_rc decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor, cp_batch *batch,
                    cp_rejects *rejects, cp_error *err)
{
    const plan *p = ((const struct_decoder *)decoder)->plan;
    size_t record_bytes = p->layout.record_bytes;
    for (size_t left; (left = (block->bytes.size - cursor->offset) / record_bytes) > 0;) {
        uint32_t room = batch->capacity - batch->rows;
        if (room == 0 || cp_rejects_full(rejects))
            return CP_MORE;
        left = left < room ? left : room;
        run r;
        r.records = block->bytes.data + cursor->offset;
        r.count = left < RUN_ROWS ? left : RUN_ROWS;
        r.row = batch->rows;
        r.bad = 0;
        cp_rc rc = decode_run(p, &r, cursor, batch, rejects, err);
        if (rc)
            return rc;
    }
    if (cursor->offset == block->bytes.size)
        return CP_OK;
    if (cp_rejects_full(rejects))
        return CP_MORE;
    return refuse_tail(p, block, cursor, rejects, err);
}

static cp_rc decoder_open(const cp_format *format, cp_decoder **out, cp_error *err)
{
    struct_decoder *d = NULL;
    cp_rc rc = cp_calloc(1, sizeof *d, &d, err);
    if (rc)
        return rc;
    d->base.type = &cp_struct_format;
    d->plan = (const plan *)format;
    *out = &d->base;
    return CP_OK;
}

static void decoder_close(cp_decoder *decoder)
{
    free(decoder);
}

const cp_format_type cp_struct_format = {
    .name = "struct",
    .has_lines = false,
    .probe = probe,
    .plan = plan_open,
    .plan_close = plan_close,
    .splitter_open = splitter_open,
    .splitter_close = splitter_close,
    .split = split,
    .decoder_open = decoder_open,
    .decoder_close = decoder_close,
    .decode = decode,
};
