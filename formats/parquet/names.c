/* Tables of names. */
#include "formats/parquet/names.h"

#include "formats/parquet/parquet.h"

#include <stddef.h>

static const char *name_of(const char *const *names, int32_t count, int32_t number)
{
    return number >= 0 && number < count ? names[number] : NULL;
}

const char *cp_parquet_type_name(int32_t type)
{
    static const char *const names[CP_PARQUET_TYPE_COUNT] = {
        "BOOLEAN", "INT32",  "INT64",      "INT96",
        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY",
    };
    return name_of(names, CP_PARQUET_TYPE_COUNT, type);
}

const char *cp_parquet_repetition_name(int32_t repetition)
{
    static const char *const names[CP_PARQUET_REPETITION_COUNT] = {"REQUIRED", "OPTIONAL",
                                                                   "REPEATED"};
    return name_of(names, CP_PARQUET_REPETITION_COUNT, repetition);
}

const char *cp_parquet_converted_name(int32_t converted)
{
    static const char *const names[CP_PARQUET_CONVERTED_COUNT] = {
        "UTF8",
        "MAP",
        "MAP_KEY_VALUE",
        "LIST",
        "ENUM",
        "DECIMAL",
        "DATE",
        "TIME_MILLIS",
        "TIME_MICROS",
        "TIMESTAMP_MILLIS",
        "TIMESTAMP_MICROS",
        "UINT_8",
        "UINT_16",
        "UINT_32",
        "UINT_64",
        "INT_8",
        "INT_16",
        "INT_32",
        "INT_64",
        "JSON",
        "BSON",
        "INTERVAL",
    };
    return name_of(names, CP_PARQUET_CONVERTED_COUNT, converted);
}

const char *cp_parquet_encoding_name(int32_t encoding)
{
    static const char *const names[CP_PARQUET_ENCODING_COUNT] = {
        [CP_PARQUET_PLAIN] = "PLAIN",
        [CP_PARQUET_PLAIN_DICTIONARY] = "PLAIN_DICTIONARY",
        [CP_PARQUET_RLE] = "RLE",
        [CP_PARQUET_BIT_PACKED] = "BIT_PACKED",
        [CP_PARQUET_DELTA_BINARY_PACKED] = "DELTA_BINARY_PACKED",
        [CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY] = "DELTA_LENGTH_BYTE_ARRAY",
        [CP_PARQUET_DELTA_BYTE_ARRAY] = "DELTA_BYTE_ARRAY",
        [CP_PARQUET_RLE_DICTIONARY] = "RLE_DICTIONARY",
        [CP_PARQUET_BYTE_STREAM_SPLIT] = "BYTE_STREAM_SPLIT",
    };
    return name_of(names, CP_PARQUET_ENCODING_COUNT, encoding);
}

const char *cp_parquet_codec_name(int32_t codec)
{
    static const char *const names[CP_PARQUET_CODEC_COUNT] = {
        "UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW",
    };
    return name_of(names, CP_PARQUET_CODEC_COUNT, codec);
}
