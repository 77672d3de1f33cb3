/* The short cuts to rows, on every machine. */
#define KERNEL_TARGET
#include "formats/json/json_bytes_portable.h"
#include "formats/json/json_shape_body.h"

const cp_json_kernels *cp_json_kernels_portable(void)
{
    return &kernels;
}
