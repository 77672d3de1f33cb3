/* Strided loads: the values of one code in a run of records, to lanes. */
#ifndef CP_FORMATS_RECORDS_STRUCT_LOAD_H
#define CP_FORMATS_RECORDS_STRUCT_LOAD_H

#include "formats/records/struct_step.h"

/* For any kind but text; `size` is one that the kind's codes have. */
cp_struct_load_fn *cp_struct_load_of(cp_struct_kind kind, uint32_t size, bool big_endian);

#endif
