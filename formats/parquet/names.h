/* The names of the format's numbers, as src/main/thrift/parquet.thrift spells them. */
#ifndef CP_FORMATS_PARQUET_NAMES_H
#define CP_FORMATS_PARQUET_NAMES_H

#include <stdint.h>

/* Static. The numbers have been checked; NULL for one that has no name. */
const char *cp_parquet_type_name(int32_t type);
const char *cp_parquet_repetition_name(int32_t repetition);
const char *cp_parquet_converted_name(int32_t converted);
const char *cp_parquet_encoding_name(int32_t encoding);
const char *cp_parquet_codec_name(int32_t codec);

#endif
