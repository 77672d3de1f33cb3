/* Columns of the file: the wanted fields of a schema, each with its types in the file. */
#ifndef CP_FORMATS_PARQUET_COLUMNS_H
#define CP_FORMATS_PARQUET_COLUMNS_H

#include "formats/parquet/parquet.h"
#include "formats/parquet/thrift.h"
#include "pipeline/core/schema.h"

/* How values compare (README.md, "Sort Order"; LogicalTypes.md at each type). */
typedef enum cp_parquet_order {
    CP_PARQUET_SIGNED,
    CP_PARQUET_UNSIGNED, /* false before true, too */
    CP_PARQUET_FLOATING,
    CP_PARQUET_BYTEWISE,
} cp_parquet_order;

typedef struct cp_parquet_column {
    const cp_field *field; /* borrowed from the schema */
    size_t field_number;
    cp_parquet_type type;
    cp_parquet_order order;
    cp_parquet_converted converted;
    cp_parquet_logical logical;
    int8_t integer_bits;            /* INTEGER */
    cp_parquet_time_unit time_unit; /* TIMESTAMP */
} cp_parquet_column;

/* The file has no seconds: times in them are written as milliseconds. */
enum { CP_MILLIS_PER_SECOND = 1000 };

/* The narrow of cp_sink_type: bounds for times whose milliseconds are beyond int64. */
cp_rc cp_parquet_narrow(cp_schema *schema, cp_error *err);

/* The columns of `schema`; *out is the caller's to free. CP_E_CONFIG where no field is wanted,
 * CP_E_MEMORY. */
cp_rc cp_parquet_columns_make(const cp_schema *schema, cp_parquet_column **out, size_t *count,
                              cp_error *err);

/* FileMetaData.schema: the root and the columns, as field `id`. */
void cp_parquet_columns_put(const cp_parquet_column *columns, size_t count, cp_thrift *t,
                            int16_t id);

#endif
