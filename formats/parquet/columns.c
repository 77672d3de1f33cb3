/* Fields to columns: one row for each type, and the schema elements in the footer. */
#include "formats/parquet/columns.h"

#include "pipeline/core/narrow.h"

/* LogicalTypes.md; the converted types are the ones that it tells to write beside. int32 is the
 * smallest integer there is, and enums are strings, since few readers know ENUM. Times are set
 * apart by their unit. */
static const cp_parquet_column by_type[] = {
    [CP_TYPE_BOOL] = {.type = CP_PARQUET_BOOLEAN,
                      .order = CP_PARQUET_UNSIGNED,
                      .converted = CP_PARQUET_NO_CONVERTED},
    [CP_TYPE_INT8] = {.type = CP_PARQUET_INT32,
                      .order = CP_PARQUET_SIGNED,
                      .converted = CP_PARQUET_INT_8,
                      .logical = CP_PARQUET_LOGICAL_INTEGER,
                      .integer_bits = 8},
    [CP_TYPE_INT16] = {.type = CP_PARQUET_INT32,
                       .order = CP_PARQUET_SIGNED,
                       .converted = CP_PARQUET_INT_16,
                       .logical = CP_PARQUET_LOGICAL_INTEGER,
                       .integer_bits = 16},
    [CP_TYPE_INT32] = {.type = CP_PARQUET_INT32,
                       .order = CP_PARQUET_SIGNED,
                       .converted = CP_PARQUET_INT_32,
                       .logical = CP_PARQUET_LOGICAL_INTEGER,
                       .integer_bits = 32},
    [CP_TYPE_INT64] = {.type = CP_PARQUET_INT64,
                       .order = CP_PARQUET_SIGNED,
                       .converted = CP_PARQUET_INT_64,
                       .logical = CP_PARQUET_LOGICAL_INTEGER,
                       .integer_bits = 64},
    [CP_TYPE_UINT8] = {.type = CP_PARQUET_INT32,
                       .order = CP_PARQUET_UNSIGNED,
                       .converted = CP_PARQUET_UINT_8,
                       .logical = CP_PARQUET_LOGICAL_INTEGER,
                       .integer_bits = 8},
    [CP_TYPE_UINT16] = {.type = CP_PARQUET_INT32,
                        .order = CP_PARQUET_UNSIGNED,
                        .converted = CP_PARQUET_UINT_16,
                        .logical = CP_PARQUET_LOGICAL_INTEGER,
                        .integer_bits = 16},
    [CP_TYPE_UINT32] = {.type = CP_PARQUET_INT32,
                        .order = CP_PARQUET_UNSIGNED,
                        .converted = CP_PARQUET_UINT_32,
                        .logical = CP_PARQUET_LOGICAL_INTEGER,
                        .integer_bits = 32},
    [CP_TYPE_UINT64] = {.type = CP_PARQUET_INT64,
                        .order = CP_PARQUET_UNSIGNED,
                        .converted = CP_PARQUET_UINT_64,
                        .logical = CP_PARQUET_LOGICAL_INTEGER,
                        .integer_bits = 64},
    [CP_TYPE_FLOAT32] = {.type = CP_PARQUET_FLOAT,
                         .order = CP_PARQUET_FLOATING,
                         .converted = CP_PARQUET_NO_CONVERTED},
    [CP_TYPE_FLOAT64] = {.type = CP_PARQUET_DOUBLE,
                         .order = CP_PARQUET_FLOATING,
                         .converted = CP_PARQUET_NO_CONVERTED},
    [CP_TYPE_STRING] = {.type = CP_PARQUET_BYTE_ARRAY,
                        .order = CP_PARQUET_BYTEWISE,
                        .converted = CP_PARQUET_UTF8,
                        .logical = CP_PARQUET_LOGICAL_STRING},
    [CP_TYPE_ENUM] = {.type = CP_PARQUET_BYTE_ARRAY,
                      .order = CP_PARQUET_BYTEWISE,
                      .converted = CP_PARQUET_UTF8,
                      .logical = CP_PARQUET_LOGICAL_STRING},
    [CP_TYPE_TIMESTAMP] = {.type = CP_PARQUET_INT64,
                           .order = CP_PARQUET_SIGNED,
                           .converted = CP_PARQUET_NO_CONVERTED,
                           .logical = CP_PARQUET_LOGICAL_TIMESTAMP},
    [CP_TYPE_JSON] = {.type = CP_PARQUET_BYTE_ARRAY,
                      .order = CP_PARQUET_BYTEWISE,
                      .converted = CP_PARQUET_JSON,
                      .logical = CP_PARQUET_LOGICAL_JSON},
};

/* LogicalTypes.md, "TIMESTAMP": there are no seconds. */
static void set_time_unit(cp_parquet_column *column, cp_unit unit)
{
    column->time_unit = unit == CP_UNIT_NS   ? CP_PARQUET_NANOS
                        : unit == CP_UNIT_US ? CP_PARQUET_MICROS
                                             : CP_PARQUET_MILLIS;
    if (column->time_unit == CP_PARQUET_MILLIS)
        column->converted = CP_PARQUET_TIMESTAMP_MILLIS;
    else if (column->time_unit == CP_PARQUET_MICROS)
        column->converted = CP_PARQUET_TIMESTAMP_MICROS;
}

static cp_parquet_column column_of(const cp_schema *schema, size_t number)
{
    const cp_field *field = &schema->fields[number];
    cp_parquet_column column = by_type[field->type];
    column.field = field;
    column.field_number = number;
    if (field->type == CP_TYPE_TIMESTAMP)
        set_time_unit(&column, field->unit);
    return column;
}

/* Seconds, which the file has as milliseconds; those of RFC 3339 have four-digit years anyway. */
static bool may_overflow(const cp_field *field)
{
    return field->type == CP_TYPE_TIMESTAMP && field->unit == CP_UNIT_S &&
           field->encoding != CP_TIME_RFC3339;
}

cp_rc cp_parquet_narrow(cp_schema *schema, cp_error *err)
{
    (void)err;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].wanted && may_overflow(&schema->fields[i]))
            cp_narrow_signed(&schema->fields[i], INT64_MIN / CP_MILLIS_PER_SECOND,
                             INT64_MAX / CP_MILLIS_PER_SECOND);
    return CP_OK;
}

cp_rc cp_parquet_columns_make(const cp_schema *schema, cp_parquet_column **out, size_t *count,
                              cp_error *err)
{
    *count = 0;
    cp_rc rc = cp_calloc(schema->field_count, sizeof **out, out, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].wanted)
            (*out)[(*count)++] = column_of(schema, i);
    if (*count > 0)
        return CP_OK;
    free(*out);
    *out = NULL;
    return cp_fail(err, CP_E_CONFIG, "no_columns", "a Parquet file needs at least one column");
}

/* union LogicalType */
static void put_logical(const cp_parquet_column *column, cp_thrift *t)
{
    cp_thrift_struct(t, 10);
    if (column->logical == CP_PARQUET_LOGICAL_INTEGER) {
        cp_thrift_struct(t, CP_PARQUET_LOGICAL_INTEGER);
        cp_thrift_i8(t, 1, column->integer_bits);
        cp_thrift_bool(t, 2, column->order == CP_PARQUET_SIGNED);
        cp_thrift_end(t);
    } else if (column->logical == CP_PARQUET_LOGICAL_TIMESTAMP) {
        cp_thrift_struct(t, CP_PARQUET_LOGICAL_TIMESTAMP);
        cp_thrift_bool(t, 1, true); /* isAdjustedToUTC */
        cp_thrift_struct(t, 2);
        cp_thrift_empty_struct(t, (int16_t)column->time_unit);
        cp_thrift_end(t);
        cp_thrift_end(t);
    } else {
        cp_thrift_empty_struct(t, (int16_t)column->logical);
    }
    cp_thrift_end(t);
}

/* struct SchemaElement */
static void put_element(const cp_parquet_column *column, cp_thrift *t)
{
    cp_thrift_item_struct(t);
    cp_thrift_i32(t, 1, (int32_t)column->type);
    cp_thrift_i32(t, 3, column->field->required ? CP_PARQUET_REQUIRED : CP_PARQUET_OPTIONAL);
    cp_thrift_binary(t, 4, cp_span_of(column->field->name));
    if (column->converted != CP_PARQUET_NO_CONVERTED)
        cp_thrift_i32(t, 6, column->converted);
    if (column->logical != CP_PARQUET_LOGICAL_NONE)
        put_logical(column, t);
    cp_thrift_end(t);
}

void cp_parquet_columns_put(const cp_parquet_column *columns, size_t count, cp_thrift *t,
                            int16_t id)
{
    cp_thrift_list(t, id, CP_THRIFT_STRUCT, count + 1);
    cp_thrift_item_struct(t);
    cp_thrift_binary(t, 4, cp_span_of("schema"));
    cp_thrift_i32(t, 5, (int32_t)count);
    cp_thrift_end(t);
    for (size_t i = 0; i < count; i++)
        put_element(&columns[i], t);
}
