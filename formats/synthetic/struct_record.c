/* Struct records; the floats' bits are put together from integers (IEEE 754-2008, 3.4). */
#include "formats/synthetic/struct_record.h"

/* The bits of magnitude / 2^scale in a format with `fraction_bits`; exact, as magnitude is below
 * 2^(fraction_bits + 1). */
static inline uint64_t float_bits(uint64_t magnitude, unsigned scale, unsigned fraction_bits,
                                  unsigned bias)
{
    if (magnitude == 0)
        return 0;
    unsigned top = 63 - (unsigned)__builtin_clzll(magnitude);
    uint64_t fraction = magnitude << (fraction_bits - top);
    uint64_t hidden = UINT64_C(1) << fraction_bits;
    return (uint64_t)(bias + top - scale) << fraction_bits | (fraction & (hidden - 1));
}

static inline uint64_t double_bits_of_quarters(uint64_t quarters)
{
    return float_bits(quarters, 2, 52, 1023);
}

static inline uint32_t float_bits_of_sixteenths(int32_t value16)
{
    uint32_t magnitude = (uint32_t)(value16 < 0 ? -value16 : value16);
    uint32_t sign = value16 < 0 ? UINT32_C(1) << 31 : 0;
    return sign | (uint32_t)float_bits(magnitude, 4, 23, 127);
}

void cp_gen_put_struct(cp_gen_out *out, const cp_gen_case *c)
{
    uint8_t *to = out->bytes + out->used;
    cp_gen_store_le(to + CP_GEN_AT_TIMESTAMP, double_bits_of_quarters(c->quarters), 8);
    cp_gen_store_le(to + CP_GEN_AT_SENSOR_ID, c->sensor_id, 2);
    cp_gen_store_le(to + CP_GEN_AT_VALUE, float_bits_of_sixteenths(c->value16), 4);
    cp_gen_store_le(to + CP_GEN_AT_STATUS, c->status, 1);
    out->used += CP_GEN_STRUCT_BYTES;
}
