/* The kernels for AVX2, on machines that have it. FMA is not asked for: a fused multiply and
 * add rounds once where the portable kernels round twice. */
#ifdef __x86_64__
#define KERNEL_TARGET __attribute__((target("avx2")))
#include "formats/records/struct_kernel_bodies.h"

const cp_struct_kernels *cp_struct_kernels_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? &kernels : NULL;
}
#else
#include "formats/records/struct_kernels.h"

const cp_struct_kernels *cp_struct_kernels_avx2(void)
{
    return NULL;
}
#endif
