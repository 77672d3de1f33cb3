/* The scan for records' ends, on machines with AVX-512 and carry-less multiplication. */
#include "formats/json/json_scan.h"
#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt,pclmul")))
#define KERNEL_VECTOR KERNEL_TARGET static inline __attribute__((always_inline))

typedef __m512i bytes64;

KERNEL_VECTOR bytes64 load64(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

KERNEL_VECTOR uint64_t equal64(const bytes64 *bytes, char byte)
{
    return _mm512_cmpeq_epi8_mask(*bytes, _mm512_set1_epi8(byte));
}

KERNEL_VECTOR uint64_t either64(const bytes64 *bytes, char byte)
{
    bytes64 folded = _mm512_or_si512(*bytes, _mm512_set1_epi8(0x20));
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
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
}

cp_json_scanner *cp_json_scanner_avx512(void)
{
    return is_there() ? scan_run : NULL;
}

cp_json_gap_finder *cp_json_gap_finder_avx512(void)
{
    return is_there() ? has_gaps : NULL;
}
#else
cp_json_scanner *cp_json_scanner_avx512(void)
{
    return NULL;
}

cp_json_gap_finder *cp_json_gap_finder_avx512(void)
{
    return NULL;
}
#endif
