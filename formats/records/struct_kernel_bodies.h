/* The text of the kernels, included once by the file of each instruction set, which defines
 * KERNEL_TARGET, the attribute of its functions, before.
 *
 * Every operation on reals is one that IEEE 754 defines, and none is fused with another: the sets
 * cannot differ in a bit. */
#include "formats/records/struct_kernels.h"

KERNEL_TARGET static bool bits_within(const cp_struct_step *s, const cp_struct_lanes *in,
                                      size_t count)
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
KERNEL_TARGET static bool reals_within(const cp_struct_step *s, const cp_struct_lanes *in,
                                       size_t count)
{
    double low = s->real_low, high = s->real_high;
    uint64_t outside = 0;
    for (size_t i = 0; i < count; i++) {
        double v = in->real[i];
        outside |= (cp_struct_bits_of_real(v) & INT64_MAX) + (UINT64_C(1) << 52);
        outside |= cp_struct_bits_of_real(v - low) | cp_struct_bits_of_real(high - v);
    }
    return outside >> 63 == 0;
}

KERNEL_TARGET static bool any_null_bits(const cp_struct_step *s, const cp_struct_lanes *in,
                                        size_t count)
{
    uint64_t same = 0;
    for (size_t n = 0; n < s->field->null_if_count; n++)
        for (size_t i = 0; i < count; i++)
            same |= in->bits[i] == s->field->null_if[n].u;
    return same != 0;
}

KERNEL_TARGET static bool any_null_real(const cp_struct_step *s, const cp_struct_lanes *in,
                                        size_t count)
{
    unsigned same = 0;
    for (size_t n = 0; n < s->field->null_if_count; n++)
        for (size_t i = 0; i < count; i++)
            same |= in->real[i] == s->field->null_if[n].f;
    return same != 0;
}

/* Two's complement makes one store serve signed and unsigned of a width. */
KERNEL_TARGET static void store_bits(size_t width, const cp_struct_lanes *in, size_t count,
                                     void *data, uint32_t row)
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
KERNEL_TARGET static bool kernel_bits(const cp_struct_step *s, cp_struct_lanes *in, size_t count,
                                      void *data, uint32_t row)
{
    if (!bits_within(s, in, count) || any_null_bits(s, in, count))
        return false;
    if (data)
        store_bits(s->width, in, count, data, row);
    return true;
}

KERNEL_TARGET static bool store_singles(const cp_struct_step *s, const cp_struct_lanes *in,
                                        size_t count, float *out)
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

KERNEL_TARGET static bool kernel_real(const cp_struct_step *s, cp_struct_lanes *in, size_t count,
                                      void *data, uint32_t row)
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
KERNEL_TARGET static bool kernel_whole_real(const cp_struct_step *s, cp_struct_lanes *in,
                                            size_t count, void *data, uint32_t row)
{
    if (!bits_within(s, in, count))
        return false;
    cp_struct_lanes reals;
    for (size_t i = 0; i < count; i++)
        reals.real[i] = (double)(int64_t)in->bits[i];
    return kernel_real(s, &reals, count, data, row);
}

/* Integers into timestamps: low and span leave out what would overflow. */
KERNEL_TARGET static bool kernel_whole_time(const cp_struct_step *s, cp_struct_lanes *in,
                                            size_t count, void *data, uint32_t row)
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
KERNEL_TARGET static bool kernel_real_time(const cp_struct_step *s, cp_struct_lanes *in,
                                           size_t count, void *data, uint32_t row)
{
    static const double shifter = 0x1.8p52;
    if (!reals_within(s, in, count))
        return false;
    const uint64_t shifter_bits = cp_struct_bits_of_real(shifter), multiplier = s->multiplier;
    const double real_multiplier = (double)multiplier;
    cp_struct_lanes times;
    for (size_t i = 0; i < count; i++) {
        double shifted = in->real[i] + shifter;
        double part = in->real[i] - (shifted - shifter);
        uint64_t units = cp_struct_bits_of_real(part * real_multiplier + shifter) - shifter_bits;
        times.bits[i] = (cp_struct_bits_of_real(shifted) - shifter_bits) * multiplier + units;
    }
    return kernel_bits(s, &times, count, data, row);
}

static const cp_struct_kernels kernels = {{
    [CP_STRUCT_KERNEL_BITS] = kernel_bits,
    [CP_STRUCT_KERNEL_REALS] = kernel_real,
    [CP_STRUCT_KERNEL_WHOLE_REALS] = kernel_whole_real,
    [CP_STRUCT_KERNEL_WHOLE_TIMES] = kernel_whole_time,
    [CP_STRUCT_KERNEL_REAL_TIMES] = kernel_real_time,
}};
