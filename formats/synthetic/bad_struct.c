/* Bad struct records: some bytes of a good one replaced. */
#include "formats/synthetic/bad.h"
#include "formats/synthetic/struct_record.h"

typedef struct bad_bytes {
    cp_gen_fault fault;
    size_t at, size;
    uint64_t bits;
} bad_bytes;

/* Floats by their IEEE 754 bits. */
static const bad_bytes kinds[] = {
    {{CP_NOT_FINITE, "value"}, CP_GEN_AT_VALUE, 4, 0x7fc00000},                   /* NaN */
    {{CP_NOT_FINITE, "value"}, CP_GEN_AT_VALUE, 4, 0x7f800000},                   /* infinity */
    {{CP_INVALID_TIME, "timestamp"}, CP_GEN_AT_TIMESTAMP, 8, 0x7ff8000000000000}, /* NaN */
    {{CP_TIME_OUT_OF_RANGE, "timestamp"}, CP_GEN_AT_TIMESTAMP, 8, 0x7e37e43c8800759c}, /* 1e300 */
    {{CP_UNKNOWN_SYMBOL, "status"}, CP_GEN_AT_STATUS, 1, 5},
    {{CP_NOT_FINITE, "value"}, CP_GEN_AT_VALUE, 4, 0xff800000},                   /* -infinity */
    {{CP_INVALID_TIME, "timestamp"}, CP_GEN_AT_TIMESTAMP, 8, 0xfff0000000000000}, /* -infinity */
    {{CP_TIME_OUT_OF_RANGE, "timestamp"}, CP_GEN_AT_TIMESTAMP, 8, 0xfe37e43c8800759c}, /* -1e300 */
    {{CP_UNKNOWN_SYMBOL, "status"}, CP_GEN_AT_STATUS, 1, 255},
};

size_t cp_gen_bad_struct_count(void)
{
    return sizeof kinds / sizeof *kinds;
}

cp_gen_fault cp_gen_put_bad_struct(cp_gen_out *out, const cp_gen_case *c, size_t kind)
{
    const bad_bytes *bad = &kinds[kind];
    uint8_t *record = out->bytes + out->used;
    cp_gen_put_struct(out, c);
    cp_gen_store_le(record + bad->at, bad->bits, bad->size);
    return bad->fault;
}
