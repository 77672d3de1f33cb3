/* The loops over slots, on machines with FMA. */
#ifdef __x86_64__
#define CP_STATS_FOUR
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#include "stages/stats_kernel_body.h"

const cp_stats_kernels *cp_stats_kernels_fma(void)
{
    bool is_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return is_there ? &kernels : NULL;
}
#else
#include "stages/stats_slot.h"

const cp_stats_kernels *cp_stats_kernels_fma(void)
{
    return NULL;
}
#endif
