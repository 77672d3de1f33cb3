/* Strided bytes to lanes, a loop for each code and byte order.
 *
 *   r0 ..vv.... r1 ..vv.... r2 ..vv....  -->  lanes v0 v1 v2 of 8 bytes each */
#include "formats/records/struct_load.h"

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
        return cp_struct_real_of_bits(cp_struct_bits_of_real((double)fraction * 0x1p-24) | sign);
    uint64_t wide = exponent == 31 ? 2047 : exponent + (1023 - 15);
    return cp_struct_real_of_bits(sign | wide << 52 | fraction << 42);
}

#define LOADER(name, raw_type, lane, converted)                                                    \
    static void name(const uint8_t *at, size_t stride, size_t count, cp_struct_lanes *out)         \
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
LOADER(load_double, uint64_t, real, cp_struct_real_of_bits(raw))
LOADER(load_double_swapped, uint64_t, real, cp_struct_real_of_bits(__builtin_bswap64(raw)))

cp_struct_load_fn *cp_struct_load_of(cp_struct_kind kind, uint32_t size, bool big_endian)
{
    /* By kind, log2 of the size, and whether the order is not the machine's. */
    static cp_struct_load_fn *const loads[CP_STRUCT_TEXT][4][2] = {
        [CP_STRUCT_SIGNED] = {{load_i8, load_i8},
                              {load_i16, load_i16_swapped},
                              {load_i32, load_i32_swapped},
                              {load_64, load_64_swapped}},
        [CP_STRUCT_UNSIGNED] = {{load_u8, load_u8},
                                {load_u16, load_u16_swapped},
                                {load_u32, load_u32_swapped},
                                {load_64, load_64_swapped}},
        [CP_STRUCT_TRUTH] = {{load_truth, load_truth}},
        [CP_STRUCT_REAL] = {[1] = {load_half, load_half_swapped},
                            [2] = {load_single, load_single_swapped},
                            [3] = {load_double, load_double_swapped}},
    };
    bool machine_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return loads[kind][__builtin_ctz(size)][big_endian != machine_is_big];
}
