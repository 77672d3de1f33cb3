/* The loops over slots, on every machine. */
#define KERNEL_TARGET
#include "stages/stats_kernel_body.h"

const cp_stats_kernels *cp_stats_kernels_portable(void)
{
    return &kernels;
}
