/* The places of bits, one by one; for json_bytes_*.h, with KERNEL_TARGET defined. */
#ifndef CP_FORMATS_JSON_JSON_PLACES_H
#define CP_FORMATS_JSON_JSON_PLACES_H

#include <stdint.h>

/* The place of each bit, `base` that of the first; up to 64 places behind the last are written to.
 */
KERNEL_TARGET static inline __attribute__((always_inline)) void places64(uint64_t bits,
                                                                         uint32_t base,
                                                                         uint16_t *at)
{
    enum { AT_ONCE = 8 }; /* how many there are is hard to foretell */
    for (; bits; at += AT_ONCE)
        for (unsigned i = 0; i < AT_ONCE; i++, bits &= bits - 1) {
            uint32_t place = base + (unsigned)__builtin_ctzll(bits | UINT64_C(1) << 63);
            __asm__("" : "+r"(place)); /* no vector of them: it would be made one by one */
            at[i] = (uint16_t)place;
        }
}

#endif
