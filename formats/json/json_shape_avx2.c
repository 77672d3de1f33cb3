/* The short cuts to rows, on machines with AVX2 and carry-less multiplication. */
#include "formats/json/json_shape.h"
#ifdef __x86_64__
#define CP_SHAPE_AVX2
#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#include "formats/json/json_bytes_avx2.h"
#include "formats/json/json_shape_body.h"

const cp_json_kernels *cp_json_kernels_avx2(void)
{
    bool is_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
                    __builtin_cpu_supports("pclmul");
    return is_there ? &kernels : NULL;
}
#else
const cp_json_kernels *cp_json_kernels_avx2(void)
{
    return NULL;
}
#endif
