/* The tables by which parquet.thrift's structs are read: numbers, names and which fields are
 * required are those of src/main/thrift/parquet.thrift. */
#include "formats/parquet/metadata.h"

#define SHAPE(name, slots)                                                                         \
    {                                                                                              \
        name, slots, sizeof(slots) / sizeof *(slots)                                               \
    }

/* ---- schema ---- */

#define AT(member) offsetof(cp_parquet_marker, member)
static const cp_thrift_slot time_unit_slots[] = {
    {1, CP_THRIFT_STRUCT, 0, false, 0, "MILLIS", NULL},
    {2, CP_THRIFT_STRUCT, 0, false, 0, "MICROS", NULL},
    {3, CP_THRIFT_STRUCT, 0, false, 0, "NANOS", NULL},
};
#undef AT
static const cp_thrift_shape time_unit_shape = SHAPE("TimeUnit", time_unit_slots);

#define AT(member) offsetof(cp_parquet_decimal_type, member)
static const cp_thrift_slot decimal_type_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(scale), "scale", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(precision), "precision", NULL},
};
#undef AT
static const cp_thrift_shape decimal_type_shape = SHAPE("DecimalType", decimal_type_slots);

#define AT(member) offsetof(cp_parquet_time_type, member)
static const cp_thrift_slot time_type_slots[] = {
    {1, CP_THRIFT_TRUE, 0, true, AT(is_utc), "isAdjustedToUTC", NULL},
    {2, CP_THRIFT_STRUCT, 0, true, AT(unit), "unit", &time_unit_shape},
};
#undef AT
static const cp_thrift_shape time_type_shape = SHAPE("TimeType", time_type_slots);

#define AT(member) offsetof(cp_parquet_int_type, member)
static const cp_thrift_slot int_type_slots[] = {
    {1, CP_THRIFT_I8, 0, true, AT(bit_width), "bitWidth", NULL},
    {2, CP_THRIFT_TRUE, 0, true, AT(is_signed), "isSigned", NULL},
};
#undef AT
static const cp_thrift_shape int_type_shape = SHAPE("IntType", int_type_slots);

#define AT(member) offsetof(cp_parquet_logical_type, member)
static const cp_thrift_slot logical_type_slots[] = {
    {1, CP_THRIFT_STRUCT, 0, false, 0, "STRING", NULL},
    {2, CP_THRIFT_STRUCT, 0, false, 0, "MAP", NULL},
    {3, CP_THRIFT_STRUCT, 0, false, 0, "LIST", NULL},
    {4, CP_THRIFT_STRUCT, 0, false, 0, "ENUM", NULL},
    {5, CP_THRIFT_STRUCT, 0, false, AT(decimal), "DECIMAL", &decimal_type_shape},
    {6, CP_THRIFT_STRUCT, 0, false, 0, "DATE", NULL},
    {7, CP_THRIFT_STRUCT, 0, false, AT(time), "TIME", &time_type_shape},
    {8, CP_THRIFT_STRUCT, 0, false, AT(time), "TIMESTAMP", &time_type_shape},
    {10, CP_THRIFT_STRUCT, 0, false, AT(integer), "INTEGER", &int_type_shape},
    {11, CP_THRIFT_STRUCT, 0, false, 0, "UNKNOWN", NULL},
    {12, CP_THRIFT_STRUCT, 0, false, 0, "JSON", NULL},
    {13, CP_THRIFT_STRUCT, 0, false, 0, "BSON", NULL},
    {14, CP_THRIFT_STRUCT, 0, false, 0, "UUID", NULL},
    {15, CP_THRIFT_STRUCT, 0, false, 0, "FLOAT16", NULL},
    {16, CP_THRIFT_STRUCT, 0, false, 0, "VARIANT", NULL},
    {17, CP_THRIFT_STRUCT, 0, false, 0, "GEOMETRY", NULL},
    {18, CP_THRIFT_STRUCT, 0, false, 0, "GEOGRAPHY", NULL},
};
#undef AT
static const cp_thrift_shape logical_type_shape = SHAPE("LogicalType", logical_type_slots);

#define AT(member) offsetof(cp_parquet_schema_element, member)
static const cp_thrift_slot schema_element_slots[] = {
    {1, CP_THRIFT_I32, 0, false, AT(type), "type", NULL},
    {2, CP_THRIFT_I32, 0, false, AT(type_length), "type_length", NULL},
    {3, CP_THRIFT_I32, 0, false, AT(repetition), "repetition_type", NULL},
    {4, CP_THRIFT_BINARY, 0, true, AT(name), "name", NULL},
    {5, CP_THRIFT_I32, 0, false, AT(child_count), "num_children", NULL},
    {6, CP_THRIFT_I32, 0, false, AT(converted), "converted_type", NULL},
    {7, CP_THRIFT_I32, 0, false, AT(scale), "scale", NULL},
    {8, CP_THRIFT_I32, 0, false, AT(precision), "precision", NULL},
    {9, CP_THRIFT_I32, 0, false, AT(field_id), "field_id", NULL},
    {10, CP_THRIFT_STRUCT, 0, false, AT(logical), "logicalType", &logical_type_shape},
};
#undef AT
const cp_thrift_shape cp_parquet_schema_element_shape =
    SHAPE("SchemaElement", schema_element_slots);

/* ---- row groups ---- */

#define AT(member) offsetof(cp_parquet_statistics, member)
static const cp_thrift_slot statistics_slots[] = {
    {1, CP_THRIFT_BINARY, 0, false, AT(old_max), "max", NULL},
    {2, CP_THRIFT_BINARY, 0, false, AT(old_min), "min", NULL},
    {3, CP_THRIFT_I64, 0, false, AT(null_count), "null_count", NULL},
    {4, CP_THRIFT_I64, 0, false, AT(distinct_count), "distinct_count", NULL},
    {5, CP_THRIFT_BINARY, 0, false, AT(max), "max_value", NULL},
    {6, CP_THRIFT_BINARY, 0, false, AT(min), "min_value", NULL},
    {7, CP_THRIFT_TRUE, 0, false, AT(max_exact), "is_max_value_exact", NULL},
    {8, CP_THRIFT_TRUE, 0, false, AT(min_exact), "is_min_value_exact", NULL},
    {9, CP_THRIFT_I64, 0, false, AT(nan_count), "nan_count", NULL},
};
#undef AT
static const cp_thrift_shape statistics_shape = SHAPE("Statistics", statistics_slots);

#define AT(member) offsetof(cp_parquet_column_metadata, member)
static const cp_thrift_slot column_metadata_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(type), "type", NULL},
    {2, CP_THRIFT_LIST, CP_THRIFT_I32, true, AT(encodings), "encodings", NULL},
    {3, CP_THRIFT_LIST, CP_THRIFT_BINARY, true, AT(path), "path_in_schema", NULL},
    {4, CP_THRIFT_I32, 0, true, AT(codec), "codec", NULL},
    {5, CP_THRIFT_I64, 0, true, AT(value_count), "num_values", NULL},
    {6, CP_THRIFT_I64, 0, true, AT(plain_bytes), "total_uncompressed_size", NULL},
    {7, CP_THRIFT_I64, 0, true, AT(stored_bytes), "total_compressed_size", NULL},
    {9, CP_THRIFT_I64, 0, true, AT(data_page_offset), "data_page_offset", NULL},
    {11, CP_THRIFT_I64, 0, false, AT(dictionary_page_offset), "dictionary_page_offset", NULL},
    {12, CP_THRIFT_STRUCT, 0, false, AT(statistics), "statistics", &statistics_shape},
    {13, CP_THRIFT_LIST, CP_THRIFT_STRUCT, false, AT(encoding_stats), "encoding_stats", NULL},
    {14, CP_THRIFT_I64, 0, false, AT(bloom_offset), "bloom_filter_offset", NULL},
    {15, CP_THRIFT_I32, 0, false, AT(bloom_length), "bloom_filter_length", NULL},
};
#undef AT
static const cp_thrift_shape column_metadata_shape = SHAPE("ColumnMetaData", column_metadata_slots);

#define AT(member) offsetof(cp_parquet_encoding_stats, member)
static const cp_thrift_slot encoding_stats_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(page_type), "page_type", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(encoding), "encoding", NULL},
    {3, CP_THRIFT_I32, 0, true, AT(count), "count", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_encoding_stats_shape =
    SHAPE("PageEncodingStats", encoding_stats_slots);

#define AT(member) offsetof(cp_parquet_column_chunk, member)
static const cp_thrift_slot column_chunk_slots[] = {
    {1, CP_THRIFT_BINARY, 0, false, AT(file_path), "file_path", NULL},
    {3, CP_THRIFT_STRUCT, 0, false, AT(metadata), "meta_data", &column_metadata_shape},
    {4, CP_THRIFT_I64, 0, false, AT(offset_index_offset), "offset_index_offset", NULL},
    {5, CP_THRIFT_I32, 0, false, AT(offset_index_length), "offset_index_length", NULL},
    {6, CP_THRIFT_I64, 0, false, AT(column_index_offset), "column_index_offset", NULL},
    {7, CP_THRIFT_I32, 0, false, AT(column_index_length), "column_index_length", NULL},
    {8, CP_THRIFT_STRUCT, 0, false, 0, "crypto_metadata", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_column_chunk_shape = SHAPE("ColumnChunk", column_chunk_slots);

#define AT(member) offsetof(cp_parquet_row_group, member)
static const cp_thrift_slot row_group_slots[] = {
    {1, CP_THRIFT_LIST, CP_THRIFT_STRUCT, true, AT(columns), "columns", NULL},
    {2, CP_THRIFT_I64, 0, true, AT(plain_bytes), "total_byte_size", NULL},
    {3, CP_THRIFT_I64, 0, true, AT(row_count), "num_rows", NULL},
    {5, CP_THRIFT_I64, 0, false, AT(file_offset), "file_offset", NULL},
    {6, CP_THRIFT_I64, 0, false, AT(stored_bytes), "total_compressed_size", NULL},
    {7, CP_THRIFT_I16, 0, false, AT(ordinal), "ordinal", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_row_group_shape = SHAPE("RowGroup", row_group_slots);

/* ---- the file ---- */

#define AT(member) offsetof(cp_parquet_key_value, member)
static const cp_thrift_slot key_value_slots[] = {
    {1, CP_THRIFT_BINARY, 0, true, AT(key), "key", NULL},
    {2, CP_THRIFT_BINARY, 0, false, AT(value), "value", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_key_value_shape = SHAPE("KeyValue", key_value_slots);

#define AT(member) offsetof(cp_parquet_marker, member)
static const cp_thrift_slot column_order_slots[] = {
    {1, CP_THRIFT_STRUCT, 0, false, 0, "TYPE_ORDER", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_column_order_shape = SHAPE("ColumnOrder", column_order_slots);

#define AT(member) offsetof(cp_parquet_marker, member)
static const cp_thrift_slot encryption_algorithm_slots[] = {
    {1, CP_THRIFT_STRUCT, 0, false, 0, "AES_GCM_V1", NULL},
    {2, CP_THRIFT_STRUCT, 0, false, 0, "AES_GCM_CTR_V1", NULL},
};
#undef AT
static const cp_thrift_shape encryption_algorithm_shape =
    SHAPE("EncryptionAlgorithm", encryption_algorithm_slots);

#define AT(member) offsetof(cp_parquet_file_metadata, member)
static const cp_thrift_slot file_metadata_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(version), "version", NULL},
    {2, CP_THRIFT_LIST, CP_THRIFT_STRUCT, true, AT(schema), "schema", NULL},
    {3, CP_THRIFT_I64, 0, true, AT(row_count), "num_rows", NULL},
    {4, CP_THRIFT_LIST, CP_THRIFT_STRUCT, true, AT(row_groups), "row_groups", NULL},
    {5, CP_THRIFT_LIST, CP_THRIFT_STRUCT, false, AT(key_values), "key_value_metadata", NULL},
    {6, CP_THRIFT_BINARY, 0, false, AT(created_by), "created_by", NULL},
    {7, CP_THRIFT_LIST, CP_THRIFT_STRUCT, false, AT(column_orders), "column_orders", NULL},
    {8, CP_THRIFT_STRUCT, 0, false, AT(encryption), "encryption_algorithm",
     &encryption_algorithm_shape},
};
#undef AT
const cp_thrift_shape cp_parquet_file_metadata_shape = SHAPE("FileMetaData", file_metadata_slots);

#define AT(member) offsetof(cp_parquet_crypto_metadata, member)
static const cp_thrift_slot crypto_metadata_slots[] = {
    {1, CP_THRIFT_STRUCT, 0, true, AT(algorithm), "encryption_algorithm",
     &encryption_algorithm_shape},
};
#undef AT
const cp_thrift_shape cp_parquet_crypto_metadata_shape =
    SHAPE("FileCryptoMetaData", crypto_metadata_slots);

/* ---- pages ---- */

#define AT(member) offsetof(cp_parquet_data_page, member)
static const cp_thrift_slot data_page_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(value_count), "num_values", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(encoding), "encoding", NULL},
    {3, CP_THRIFT_I32, 0, true, AT(definition_encoding), "definition_level_encoding", NULL},
    {4, CP_THRIFT_I32, 0, true, AT(repetition_encoding), "repetition_level_encoding", NULL},
};
#undef AT
static const cp_thrift_shape data_page_shape = SHAPE("DataPageHeader", data_page_slots);

#define AT(member) offsetof(cp_parquet_dictionary_page, member)
static const cp_thrift_slot dictionary_page_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(value_count), "num_values", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(encoding), "encoding", NULL},
};
#undef AT
static const cp_thrift_shape dictionary_page_shape =
    SHAPE("DictionaryPageHeader", dictionary_page_slots);

#define AT(member) offsetof(cp_parquet_data_page_v2, member)
static const cp_thrift_slot data_page_v2_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(value_count), "num_values", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(null_count), "num_nulls", NULL},
    {3, CP_THRIFT_I32, 0, true, AT(row_count), "num_rows", NULL},
    {4, CP_THRIFT_I32, 0, true, AT(encoding), "encoding", NULL},
    {5, CP_THRIFT_I32, 0, true, AT(definition_bytes), "definition_levels_byte_length", NULL},
    {6, CP_THRIFT_I32, 0, true, AT(repetition_bytes), "repetition_levels_byte_length", NULL},
    {7, CP_THRIFT_TRUE, 0, false, AT(is_compressed), "is_compressed", NULL},
};
#undef AT
static const cp_thrift_shape data_page_v2_shape = SHAPE("DataPageHeaderV2", data_page_v2_slots);

#define AT(member) offsetof(cp_parquet_page_header, member)
static const cp_thrift_slot page_header_slots[] = {
    {1, CP_THRIFT_I32, 0, true, AT(type), "type", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(plain_bytes), "uncompressed_page_size", NULL},
    {3, CP_THRIFT_I32, 0, true, AT(stored_bytes), "compressed_page_size", NULL},
    {4, CP_THRIFT_I32, 0, false, AT(crc), "crc", NULL},
    {5, CP_THRIFT_STRUCT, 0, false, AT(data), "data_page_header", &data_page_shape},
    {6, CP_THRIFT_STRUCT, 0, false, 0, "index_page_header", NULL},
    {7, CP_THRIFT_STRUCT, 0, false, AT(dictionary), "dictionary_page_header",
     &dictionary_page_shape},
    {8, CP_THRIFT_STRUCT, 0, false, AT(v2), "data_page_header_v2", &data_page_v2_shape},
};
#undef AT
const cp_thrift_shape cp_parquet_page_header_shape = SHAPE("PageHeader", page_header_slots);

/* ---- the page index ---- */

#define AT(member) offsetof(cp_parquet_page_location, member)
static const cp_thrift_slot page_location_slots[] = {
    {1, CP_THRIFT_I64, 0, true, AT(offset), "offset", NULL},
    {2, CP_THRIFT_I32, 0, true, AT(stored_bytes), "compressed_page_size", NULL},
    {3, CP_THRIFT_I64, 0, true, AT(first_row), "first_row_index", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_page_location_shape = SHAPE("PageLocation", page_location_slots);

#define AT(member) offsetof(cp_parquet_offset_index, member)
static const cp_thrift_slot offset_index_slots[] = {
    {1, CP_THRIFT_LIST, CP_THRIFT_STRUCT, true, AT(pages), "page_locations", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_offset_index_shape = SHAPE("OffsetIndex", offset_index_slots);

#define AT(member) offsetof(cp_parquet_column_index, member)
static const cp_thrift_slot column_index_slots[] = {
    {1, CP_THRIFT_LIST, CP_THRIFT_TRUE, true, AT(null_pages), "null_pages", NULL},
    {2, CP_THRIFT_LIST, CP_THRIFT_BINARY, true, AT(min), "min_values", NULL},
    {3, CP_THRIFT_LIST, CP_THRIFT_BINARY, true, AT(max), "max_values", NULL},
    {4, CP_THRIFT_I32, 0, true, AT(boundary_order), "boundary_order", NULL},
    {5, CP_THRIFT_LIST, CP_THRIFT_I64, false, AT(null_counts), "null_counts", NULL},
};
#undef AT
const cp_thrift_shape cp_parquet_column_index_shape = SHAPE("ColumnIndex", column_index_slots);
