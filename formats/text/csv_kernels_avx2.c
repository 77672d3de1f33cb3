/* The kernels of csv_scan.h on machines with AVX2. */
#include "formats/text/csv_scan.h"
#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AVX2_INLINE   KERNEL_TARGET static inline __attribute__((always_inline))

AVX2_INLINE __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2_INLINE uint64_t joined(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

AVX2_INLINE uint64_t bytes_equal(const uint8_t *p, uint8_t byte)
{
    __m256i wanted = _mm256_set1_epi8((char)byte);
    return joined(_mm256_cmpeq_epi8(load(p), wanted), _mm256_cmpeq_epi8(load(p + 32), wanted));
}

AVX2_INLINE uint64_t high_bits(const uint8_t *p)
{
    return joined(load(p), load(p + 32));
}

/* Eight at a time, however many there are: how many is hard to foretell. */
AVX2_INLINE void put_bits(uint64_t bits, uint32_t at, uint32_t *to)
{
    for (; bits; to += 8)
        for (unsigned i = 0; i < 8; i++) {
            to[i] = at + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
}

#include "formats/text/csv_kernels_body.h"

const cp_csv_kernels *cp_csv_kernels_avx2(void)
{
    bool is_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    return is_there ? &kernels : NULL;
}
#else
const cp_csv_kernels *cp_csv_kernels_avx2(void)
{
    return NULL;
}
#endif
