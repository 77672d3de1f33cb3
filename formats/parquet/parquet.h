/* The numbers of the Parquet format (apache/parquet-format). The enums are named as in
 * src/main/thrift/parquet.thrift; their numbers are what stands in files. What casepipe reads about
 * and never writes has enums of its own, without a name, behind each. */
#ifndef CP_FORMATS_PARQUET_PARQUET_H
#define CP_FORMATS_PARQUET_PARQUET_H

#include <stdbool.h>

#define CP_PARQUET_MAGIC           "PAR1" /* README.md, "File format" */
#define CP_PARQUET_ENCRYPTED_MAGIC "PARE" /* Encryption.md, "Encrypted Footer Mode" */
enum { CP_PARQUET_MAGIC_BYTES = 4, CP_PARQUET_VERSION = 1 };

/* enum Type */
typedef enum cp_parquet_type {
    CP_PARQUET_BOOLEAN = 0,
    CP_PARQUET_INT32 = 1,
    CP_PARQUET_INT64 = 2,
    CP_PARQUET_FLOAT = 4,
    CP_PARQUET_DOUBLE = 5,
    CP_PARQUET_BYTE_ARRAY = 6,
} cp_parquet_type;
enum { CP_PARQUET_INT96 = 3, CP_PARQUET_FIXED_LEN_BYTE_ARRAY = 7, CP_PARQUET_TYPE_COUNT = 8 };

/* Eight bytes, where other numbers have four. */
static inline bool cp_parquet_is_wide(cp_parquet_type type)
{
    return type == CP_PARQUET_INT64 || type == CP_PARQUET_DOUBLE;
}

/* enum ConvertedType */
typedef enum cp_parquet_converted {
    CP_PARQUET_NO_CONVERTED = -1,
    CP_PARQUET_UTF8 = 0,
    CP_PARQUET_TIMESTAMP_MILLIS = 9,
    CP_PARQUET_TIMESTAMP_MICROS = 10,
    CP_PARQUET_UINT_8 = 11,
    CP_PARQUET_UINT_16 = 12,
    CP_PARQUET_UINT_32 = 13,
    CP_PARQUET_UINT_64 = 14,
    CP_PARQUET_INT_8 = 15,
    CP_PARQUET_INT_16 = 16,
    CP_PARQUET_INT_32 = 17,
    CP_PARQUET_INT_64 = 18,
    CP_PARQUET_JSON = 19,
} cp_parquet_converted;
enum {
    CP_PARQUET_MAP = 1,
    CP_PARQUET_MAP_KEY_VALUE = 2,
    CP_PARQUET_LIST = 3,
    CP_PARQUET_ENUM = 4,
    CP_PARQUET_DECIMAL = 5,
    CP_PARQUET_DATE = 6,
    CP_PARQUET_TIME_MILLIS = 7,
    CP_PARQUET_TIME_MICROS = 8,
    CP_PARQUET_BSON = 20,
    CP_PARQUET_INTERVAL = 21,
    CP_PARQUET_CONVERTED_COUNT = 22,
};

/* union LogicalType: the field that is set */
typedef enum cp_parquet_logical {
    CP_PARQUET_LOGICAL_NONE = 0,
    CP_PARQUET_LOGICAL_STRING = 1,
    CP_PARQUET_LOGICAL_TIMESTAMP = 8,
    CP_PARQUET_LOGICAL_INTEGER = 10,
    CP_PARQUET_LOGICAL_JSON = 12,
} cp_parquet_logical;
enum {
    CP_PARQUET_LOGICAL_MAP = 2,
    CP_PARQUET_LOGICAL_LIST = 3,
    CP_PARQUET_LOGICAL_ENUM = 4,
    CP_PARQUET_LOGICAL_DECIMAL = 5,
    CP_PARQUET_LOGICAL_DATE = 6,
    CP_PARQUET_LOGICAL_TIME = 7,
    CP_PARQUET_LOGICAL_UNKNOWN = 11, /* nothing but nulls */
    CP_PARQUET_LOGICAL_BSON = 13,
    CP_PARQUET_LOGICAL_UUID = 14,
    CP_PARQUET_LOGICAL_FLOAT16 = 15,
    CP_PARQUET_LOGICAL_VARIANT = 16,
    CP_PARQUET_LOGICAL_GEOMETRY = 17,
    CP_PARQUET_LOGICAL_GEOGRAPHY = 18,
    CP_PARQUET_LOGICAL_COUNT = 19,
};

/* union TimeUnit */
typedef enum cp_parquet_time_unit {
    CP_PARQUET_MILLIS = 1,
    CP_PARQUET_MICROS = 2,
    CP_PARQUET_NANOS = 3,
} cp_parquet_time_unit;

/* enum FieldRepetitionType */
typedef enum cp_parquet_repetition {
    CP_PARQUET_REQUIRED = 0,
    CP_PARQUET_OPTIONAL = 1,
} cp_parquet_repetition;
enum { CP_PARQUET_REPEATED = 2, CP_PARQUET_REPETITION_COUNT = 3 };

/* enum Encoding; Encodings.md, "Supported Encodings" */
typedef enum cp_parquet_encoding {
    CP_PARQUET_PLAIN = 0,
    CP_PARQUET_RLE = 3,
    CP_PARQUET_DELTA_BINARY_PACKED = 5,
    CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY = 6,
    CP_PARQUET_DELTA_BYTE_ARRAY = 7,
    CP_PARQUET_RLE_DICTIONARY = 8,
    CP_PARQUET_BYTE_STREAM_SPLIT = 9,
} cp_parquet_encoding;
enum { CP_PARQUET_PLAIN_DICTIONARY = 2, CP_PARQUET_BIT_PACKED = 4, CP_PARQUET_ENCODING_COUNT = 10 };

/* enum CompressionCodec */
typedef enum cp_parquet_codec {
    CP_PARQUET_UNCOMPRESSED = 0,
    CP_PARQUET_GZIP = 2,
    CP_PARQUET_ZSTD = 6,
} cp_parquet_codec;
enum {
    CP_PARQUET_SNAPPY = 1,
    CP_PARQUET_LZO = 3,
    CP_PARQUET_BROTLI = 4,
    CP_PARQUET_LZ4 = 5, /* in a framing that nobody wrote down */
    CP_PARQUET_LZ4_RAW = 7,
    CP_PARQUET_CODEC_COUNT = 8,
};

/* enum PageType */
typedef enum cp_parquet_page_type {
    CP_PARQUET_DATA_PAGE = 0,
    CP_PARQUET_DICTIONARY_PAGE = 2,
} cp_parquet_page_type;
enum { CP_PARQUET_INDEX_PAGE = 1, CP_PARQUET_DATA_PAGE_V2 = 3, CP_PARQUET_PAGE_TYPE_COUNT = 4 };

/* enum BoundaryOrder */
typedef enum cp_parquet_boundary_order {
    CP_PARQUET_UNORDERED = 0,
    CP_PARQUET_ASCENDING = 1,
    CP_PARQUET_DESCENDING = 2,
} cp_parquet_boundary_order;
enum { CP_PARQUET_BOUNDARY_ORDER_COUNT = 3 };

#endif
