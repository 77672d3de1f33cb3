/* The kernels in the instructions that every machine of the build's kind has. */
#define KERNEL_TARGET
#include "formats/records/struct_kernel_bodies.h"

const cp_struct_kernels *cp_struct_kernels_portable(void)
{
    return &kernels;
}
