/* Kernels: the lanes of a run into a column at once, while every value is ordinary.
 *
 *   lanes --all within the rules, none null, none rare--> column, true
 *     |                                          else --> false: the feeds go value by value
 *
 * There is a portable set, and one for AVX2 from the same text; results are the same bits. */
#ifndef CP_FORMATS_RECORDS_STRUCT_KERNELS_H
#define CP_FORMATS_RECORDS_STRUCT_KERNELS_H

#include "formats/records/struct_step.h"

/* Stores `count` values from `row` on; data NULL: only checks. The lanes are the kernel's to
 * spoil. false: at least one value is not plainly accepted, or not for this kernel to judge; what
 * is stored then counts for nothing. */
typedef bool cp_struct_kernel_fn(const cp_struct_step *s, cp_struct_lanes *in, size_t count,
                                 void *data, uint32_t row);

/* CP_STRUCT_KERNEL_BITS         integers into integers, positions into enums, truths into bools
 * CP_STRUCT_KERNEL_REALS        reals into floats
 * CP_STRUCT_KERNEL_WHOLE_REALS  integers into floats
 * CP_STRUCT_KERNEL_WHOLE_TIMES  integers into timestamps
 * CP_STRUCT_KERNEL_REAL_TIMES   reals into timestamps
 * NULL at CP_STRUCT_KERNEL_NONE. */
typedef struct cp_struct_kernels {
    cp_struct_kernel_fn *run[CP_STRUCT_KERNEL_COUNT];
} cp_struct_kernels;

const cp_struct_kernels *cp_struct_kernels_portable(void);

/* NULL where the machine has no AVX2. */
const cp_struct_kernels *cp_struct_kernels_avx2(void);

#endif
