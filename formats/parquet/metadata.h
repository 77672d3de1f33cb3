/* The structs of Parquet's metadata as they are read, named and numbered as in
 * src/main/thrift/parquet.thrift of apache/parquet-format. In each `has` tells which fields stood
 * there (cp_thrift_has by the field's number); spans and lists lie in the bytes that were read. */
#ifndef CP_FORMATS_PARQUET_METADATA_H
#define CP_FORMATS_PARQUET_METADATA_H

#include "formats/parquet/parquet.h"
#include "formats/parquet/thrift_read.h"

/* A union whose members have no fields of interest: `has` tells which it is. */
typedef struct cp_parquet_marker {
    uint64_t has;
} cp_parquet_marker;

typedef struct cp_parquet_decimal_type {
    uint64_t has;
    int32_t scale, precision;
} cp_parquet_decimal_type;

typedef struct cp_parquet_time_type {
    uint64_t has;
    bool is_utc;
    cp_parquet_marker unit; /* of cp_parquet_time_unit */
} cp_parquet_time_type;

typedef struct cp_parquet_int_type {
    uint64_t has;
    int8_t bit_width;
    bool is_signed;
} cp_parquet_int_type;

/* union LogicalType: `has` tells which. TIME and TIMESTAMP share `time`. */
typedef struct cp_parquet_logical_type {
    uint64_t has;
    cp_parquet_decimal_type decimal;
    cp_parquet_time_type time;
    cp_parquet_int_type integer;
} cp_parquet_logical_type;

enum {
    CP_ELEMENT_TYPE = 1,
    CP_ELEMENT_TYPE_LENGTH = 2,
    CP_ELEMENT_REPETITION = 3,
    CP_ELEMENT_CHILD_COUNT = 5,
    CP_ELEMENT_CONVERTED = 6,
    CP_ELEMENT_FIELD_ID = 9,
    CP_ELEMENT_LOGICAL = 10,
};

typedef struct cp_parquet_schema_element {
    uint64_t has;
    int32_t type, type_length, repetition, child_count, converted, scale, precision, field_id;
    cp_span name;
    cp_parquet_logical_type logical;
} cp_parquet_schema_element;

enum {
    CP_STATISTICS_OLD_MAX = 1,
    CP_STATISTICS_OLD_MIN = 2,
    CP_STATISTICS_NULL_COUNT = 3,
    CP_STATISTICS_DISTINCT_COUNT = 4,
    CP_STATISTICS_MAX = 5,
    CP_STATISTICS_MIN = 6,
    CP_STATISTICS_MAX_EXACT = 7,
    CP_STATISTICS_MIN_EXACT = 8,
    CP_STATISTICS_NAN_COUNT = 9,
};

typedef struct cp_parquet_statistics {
    uint64_t has;
    cp_span old_max, old_min; /* in an order that nobody wrote down */
    cp_span max, min;
    int64_t null_count, distinct_count, nan_count;
    bool max_exact, min_exact;
} cp_parquet_statistics;

enum {
    CP_COLUMN_KEY_VALUES = 8,
    CP_COLUMN_DICTIONARY_OFFSET = 11,
    CP_COLUMN_STATISTICS = 12,
    CP_COLUMN_ENCODING_STATS = 13,
    CP_COLUMN_BLOOM_OFFSET = 14,
    CP_COLUMN_BLOOM_LENGTH = 15,
};

typedef struct cp_parquet_column_metadata {
    uint64_t has;
    int32_t type, codec;
    cp_thrift_items encodings; /* i32 */
    cp_thrift_items path;      /* binary */
    int64_t value_count, plain_bytes, stored_bytes;
    int64_t data_page_offset, dictionary_page_offset;
    cp_parquet_statistics statistics;
    cp_thrift_items encoding_stats; /* struct PageEncodingStats */
    int64_t bloom_offset;
    int32_t bloom_length;
} cp_parquet_column_metadata;

typedef struct cp_parquet_encoding_stats {
    uint64_t has;
    int32_t page_type, encoding, count;
} cp_parquet_encoding_stats;

enum {
    CP_CHUNK_FILE_PATH = 1,
    CP_CHUNK_METADATA = 3,
    CP_CHUNK_OFFSET_INDEX_OFFSET = 4,
    CP_CHUNK_OFFSET_INDEX_LENGTH = 5,
    CP_CHUNK_COLUMN_INDEX_OFFSET = 6,
    CP_CHUNK_COLUMN_INDEX_LENGTH = 7,
    CP_CHUNK_CRYPTO = 8,
    CP_CHUNK_ENCRYPTED_METADATA = 9,
};

typedef struct cp_parquet_column_chunk {
    uint64_t has;
    cp_span file_path;
    cp_parquet_column_metadata metadata;
    int64_t offset_index_offset, column_index_offset;
    int32_t offset_index_length, column_index_length;
} cp_parquet_column_chunk;

enum { CP_GROUP_FILE_OFFSET = 5, CP_GROUP_STORED_BYTES = 6, CP_GROUP_ORDINAL = 7 };

typedef struct cp_parquet_row_group {
    uint64_t has;
    cp_thrift_items columns; /* struct ColumnChunk */
    int64_t plain_bytes, row_count, file_offset, stored_bytes;
    int16_t ordinal;
} cp_parquet_row_group;

typedef struct cp_parquet_key_value {
    uint64_t has; /* bit 2: the value */
    cp_span key, value;
} cp_parquet_key_value;

enum { CP_FILE_CREATED_BY = 6, CP_FILE_COLUMN_ORDERS = 7, CP_FILE_ENCRYPTION = 8 };

/* union EncryptionAlgorithm */
enum { CP_ENCRYPTION_AES_GCM = 1, CP_ENCRYPTION_AES_GCM_CTR = 2 };

/* union ColumnOrder */
enum { CP_ORDER_BY_TYPE = 1 };

typedef struct cp_parquet_file_metadata {
    uint64_t has;
    int32_t version;
    cp_thrift_items schema; /* struct SchemaElement */
    int64_t row_count;
    cp_thrift_items row_groups;    /* struct RowGroup */
    cp_thrift_items key_values;    /* struct KeyValue */
    cp_thrift_items column_orders; /* union ColumnOrder: cp_parquet_marker */
    cp_span created_by;
    cp_parquet_marker encryption;
} cp_parquet_file_metadata;

/* struct FileCryptoMetaData */
typedef struct cp_parquet_crypto_metadata {
    uint64_t has;
    cp_parquet_marker algorithm;
} cp_parquet_crypto_metadata;

typedef struct cp_parquet_data_page {
    uint64_t has;
    int32_t value_count, encoding, definition_encoding, repetition_encoding;
} cp_parquet_data_page;

typedef struct cp_parquet_dictionary_page {
    uint64_t has;
    int32_t value_count, encoding;
} cp_parquet_dictionary_page;

enum { CP_PAGE_V2_IS_COMPRESSED = 7 };

typedef struct cp_parquet_data_page_v2 {
    uint64_t has;
    int32_t value_count, null_count, row_count, encoding, definition_bytes, repetition_bytes;
    bool is_compressed;
} cp_parquet_data_page_v2;

enum {
    CP_PAGE_CRC = 4,
    CP_PAGE_DATA = 5,
    CP_PAGE_INDEX = 6,
    CP_PAGE_DICTIONARY = 7,
    CP_PAGE_V2 = 8
};

typedef struct cp_parquet_page_header {
    uint64_t has;
    int32_t type, plain_bytes, stored_bytes, crc;
    cp_parquet_data_page data;
    cp_parquet_dictionary_page dictionary;
    cp_parquet_data_page_v2 v2;
} cp_parquet_page_header;

typedef struct cp_parquet_page_location {
    uint64_t has;
    int64_t offset;
    int32_t stored_bytes; /* header included */
    int64_t first_row;
} cp_parquet_page_location;

typedef struct cp_parquet_offset_index {
    uint64_t has;
    cp_thrift_items pages; /* struct PageLocation */
} cp_parquet_offset_index;

enum { CP_COLUMN_INDEX_NULL_COUNTS = 5 };

typedef struct cp_parquet_column_index {
    uint64_t has;
    cp_thrift_items null_pages; /* bool */
    cp_thrift_items min, max;   /* binary */
    int32_t boundary_order;
    cp_thrift_items null_counts; /* i64 */
} cp_parquet_column_index;

extern const cp_thrift_shape cp_parquet_file_metadata_shape;
extern const cp_thrift_shape cp_parquet_schema_element_shape;
extern const cp_thrift_shape cp_parquet_row_group_shape;
extern const cp_thrift_shape cp_parquet_column_chunk_shape;
extern const cp_thrift_shape cp_parquet_encoding_stats_shape;
extern const cp_thrift_shape cp_parquet_key_value_shape;
extern const cp_thrift_shape cp_parquet_column_order_shape;
extern const cp_thrift_shape cp_parquet_crypto_metadata_shape;
extern const cp_thrift_shape cp_parquet_page_header_shape;
extern const cp_thrift_shape cp_parquet_page_location_shape;
extern const cp_thrift_shape cp_parquet_offset_index_shape;
extern const cp_thrift_shape cp_parquet_column_index_shape;

#endif
