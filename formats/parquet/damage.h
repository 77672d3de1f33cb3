/* What is wrong with a Parquet file, and where. */
#ifndef CP_FORMATS_PARQUET_DAMAGE_H
#define CP_FORMATS_PARQUET_DAMAGE_H

#include "pipeline/core/error.h"

/* "corrupt_input" at a byte of the file; returns CP_E_DATA. */
cp_rc cp_parquet_damaged(cp_error *err, uint64_t byte, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
