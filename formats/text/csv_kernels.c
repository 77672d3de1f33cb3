/* The kernels of csv_scan.h on every machine, eight bytes at a time. */
#include "pipeline/text/swar.h"

#define KERNEL_TARGET

/* The high bits of eight bytes, the first lowest. */
static inline uint64_t gather_high(uint64_t word)
{
    return (word >> 7 & CP_BYTES(1)) * UINT64_C(0x0102040810204080) >> 56;
}

/* A byte's low seven bits plus 0x7f set its high bit unless they are all 0: exact in every byte,
 * as no sum runs over (Henry S. Warren, "Hacker's Delight", 2nd edition, section 6-1). */
static inline uint64_t bytes_equal(const uint8_t *p, uint8_t byte)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++) {
        uint64_t word = cp_load8(p + 8 * i) ^ CP_BYTES(byte);
        uint64_t other = ((word & CP_BYTES(0x7f)) + CP_BYTES(0x7f)) | word;
        bits |= gather_high(~other) << (8 * i);
    }
    return bits;
}

static inline uint64_t high_bits(const uint8_t *p)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++)
        bits |= gather_high(cp_load8(p + 8 * i)) << (8 * i);
    return bits;
}

static inline void put_bits(uint64_t bits, uint32_t at, uint32_t *to)
{
    for (; bits; bits &= bits - 1)
        *to++ = at + (uint32_t)__builtin_ctzll(bits);
}

#include "formats/text/csv_kernels_body.h"

const cp_csv_kernels *cp_csv_kernels_portable(void)
{
    return &kernels;
}

const cp_csv_kernels *cp_csv_kernels_best(void)
{
    const cp_csv_kernels *avx2 = cp_csv_kernels_avx2();
    return avx2 ? avx2 : &kernels;
}
