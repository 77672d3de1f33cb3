/* The scan for records' ends, on machines with AVX2 and carry-less multiplication. */
#include "formats/json/json_scan.h"
#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define KERNEL_VECTOR KERNEL_TARGET static inline __attribute__((always_inline))

typedef struct bytes64 {
    __m256i low, high;
} bytes64;

KERNEL_VECTOR bytes64 load64(const uint8_t *p)
{
    return (bytes64){_mm256_loadu_si256((const __m256i *)(const void *)p),
                     _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}

KERNEL_VECTOR uint64_t bits64(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32 |
           (uint32_t)_mm256_movemask_epi8(low);
}

KERNEL_VECTOR uint64_t equal64(const bytes64 *bytes, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return bits64(_mm256_cmpeq_epi8(bytes->low, wanted), _mm256_cmpeq_epi8(bytes->high, wanted));
}

KERNEL_VECTOR uint64_t either64(const bytes64 *bytes, char byte)
{
    __m256i bit = _mm256_set1_epi8(0x20);
    bytes64 folded = {_mm256_or_si256(bytes->low, bit), _mm256_or_si256(bytes->high, bit)};
    return equal64(&folded, byte);
}

/* A product without carries, by all ones. */
KERNEL_VECTOR uint64_t running_xor(uint64_t bits)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

#include "formats/json/json_scan_body.h"

static bool is_there(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

cp_json_scanner *cp_json_scanner_avx2(void)
{
    return is_there() ? scan_run : NULL;
}

cp_json_gap_finder *cp_json_gap_finder_avx2(void)
{
    return is_there() ? has_gaps : NULL;
}
#else
cp_json_scanner *cp_json_scanner_avx2(void)
{
    return NULL;
}

cp_json_gap_finder *cp_json_gap_finder_avx2(void)
{
    return NULL;
}
#endif
