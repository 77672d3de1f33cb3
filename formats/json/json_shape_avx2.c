/* Reading records by shape, on machines with AVX2. */
#include "formats/json/json_shape.h"
#ifdef __x86_64__
#define CP_SHAPE_AVX2
#define KERNEL_TARGET __attribute__((target("avx2,bmi,bmi2")))
#include "formats/json/json_shape_body.h"

cp_json_shapes_fn *cp_json_shapes_read_avx2(void)
{
    bool is_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
    return is_there ? records_read : NULL;
}
#else
cp_json_shapes_fn *cp_json_shapes_read_avx2(void)
{
    return NULL;
}
#endif
