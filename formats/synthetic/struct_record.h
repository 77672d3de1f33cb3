/* A record as 15 bytes: "<dHfB" in the grammar of Python's struct module.
 *
 *   0         8            10        14
 *   timestamp | sensor_id | value   | status
 *   float64     uint16      float32   uint8      little endian, no padding */
#ifndef CP_FORMATS_SYNTHETIC_STRUCT_RECORD_H
#define CP_FORMATS_SYNTHETIC_STRUCT_RECORD_H

#include "formats/synthetic/case_record.h"
#include "formats/synthetic/gen_out.h"

enum {
    CP_GEN_AT_TIMESTAMP = 0,
    CP_GEN_AT_SENSOR_ID = 8,
    CP_GEN_AT_VALUE = 10,
    CP_GEN_AT_STATUS = 14,
    CP_GEN_STRUCT_BYTES = 15,
};

void cp_gen_put_struct(cp_gen_out *out, const cp_gen_case *c);

/* The low `size` bytes of `bits`, little endian. */
static inline void cp_gen_store_le(uint8_t *to, uint64_t bits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(bits >> 8 * i);
}

#endif
