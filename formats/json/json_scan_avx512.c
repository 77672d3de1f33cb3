/* The scan for records' ends, on machines with AVX-512 and carry-less multiplication. */
#include "formats/json/json_scan.h"
#ifdef __x86_64__
#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt,pclmul")))
#include "formats/json/json_bytes_avx512.h"
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
