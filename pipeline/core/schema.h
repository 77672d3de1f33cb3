/* The schema: fields, types and rules, the one place that says what a valid record is.
 *
 * Built once (cp_schema_case, pipeline/config/schema_file.h, inference), then immutable and shared
 * by all threads. All strings belong to the schema. */
#ifndef CP_CORE_SCHEMA_H
#define CP_CORE_SCHEMA_H

#include "pipeline/core/error.h"
#include "pipeline/core/names.h"
#include "pipeline/core/span.h"

typedef enum cp_type {
    CP_TYPE_BOOL,
    CP_TYPE_INT8,
    CP_TYPE_INT16,
    CP_TYPE_INT32,
    CP_TYPE_INT64,
    CP_TYPE_UINT8,
    CP_TYPE_UINT16,
    CP_TYPE_UINT32,
    CP_TYPE_UINT64,
    CP_TYPE_FLOAT32,
    CP_TYPE_FLOAT64,
    CP_TYPE_STRING,
    CP_TYPE_ENUM,
    CP_TYPE_TIMESTAMP,
    CP_TYPE_JSON,
} cp_type;

typedef enum cp_unit { CP_UNIT_S, CP_UNIT_MS, CP_UNIT_US, CP_UNIT_NS } cp_unit;

/* How a timestamp is spelled in the input. */
typedef enum cp_time_encoding {
    CP_TIME_RFC3339,
    CP_TIME_EPOCH_S,
    CP_TIME_EPOCH_MS,
    CP_TIME_EPOCH_US,
    CP_TIME_EPOCH_NS,
} cp_time_encoding;

/* What becomes of a float that is NaN or infinite. */
typedef enum cp_nan_policy { CP_NAN_REJECT, CP_NAN_NULL, CP_NAN_KEEP } cp_nan_policy;

typedef enum cp_duplicate_policy {
    CP_DUPLICATE_REJECT,
    CP_DUPLICATE_FIRST,
    CP_DUPLICATE_LAST,
} cp_duplicate_policy;

/* A bound, or a value that stands for null, in the field's own kind: `i` for signed integers and
 * timestamps (in the field's unit), `u` for unsigned ones, `f` for floats, `text` for strings,
 * enums (the symbol) and json. */
typedef struct cp_literal {
    union {
        int64_t i;
        uint64_t u;
        double f;
    };
    cp_span text;
} cp_literal;

typedef struct cp_field {
    char *name;
    cp_type type;
    cp_unit unit;              /* timestamps only */
    cp_time_encoding encoding; /* timestamps only */
    cp_nan_policy nan;         /* floats only */
    bool zone_utc;             /* RFC 3339 times may lack their offset, and are then UTC */
    bool required;             /* neither absent nor null */
    bool has_min, has_max;
    bool wanted; /* somebody downstream reads the column; others are validated, not stored */
    cp_literal min, max;
    cp_literal *null_if;
    size_t null_if_count;
    /* Strings for an output of fixed-width records (0: any): more bytes do not fit, fewer only
     * where `is_padded` with NULs, which then cannot be the last of them. */
    uint32_t fixed_bytes;
    bool is_padded;
    /* Floats for an output of a narrower code (0: any): finite ones that are larger do not fit. */
    double finite_max;
    cp_span *symbols; /* enums: code i is symbols[i] */
    size_t symbol_count;
    cp_names *symbol_codes;
    cp_span *path;     /* keys from the record's root; {name} where the schema gives no path */
    size_t path_count; /* 0: the record as a whole (cp_schema_verbatim) */
} cp_field;

enum { CP_SCHEMA_FIELDS_MAX = 1024, CP_SYMBOLS_MAX = 65535 };

typedef struct cp_schema {
    char *name;
    cp_field *fields;
    size_t field_count;
    size_t field_capacity;
    char *layout;          /* struct records, in the grammar of Python's struct; NULL: none */
    size_t *layout_fields; /* field numbers, one for each value of the layout */
    size_t layout_field_count;
    bool reject_unknown; /* unknown_fields: reject */
    cp_duplicate_policy duplicates;
    bool inferred; /* a guess from a sample: messages say so and name the remedy */
} cp_schema;

/* An empty schema. CP_E_MEMORY. Free with cp_schema_free (NULL is allowed). */
cp_rc cp_schema_new(const char *name, cp_schema **out, cp_error *err);
void cp_schema_free(cp_schema *schema);

/* Appends a nullable, wanted field named `name` (which may be empty, as JSON keys and columns of
 * CSV may) of `type`, at path {name}, rules empty, and gives it for completion; the pointer is good
 * until the next add. CP_E_MEMORY; CP_E_CONFIG for a second field of that name, or more than
 * CP_SCHEMA_FIELDS_MAX. */
cp_rc cp_schema_add(cp_schema *schema, const char *name, cp_type type, cp_field **out,
                    cp_error *err);

/* Setters copy what they are given. CP_E_MEMORY; CP_E_CONFIG for a symbol that stands twice, no
 * symbols or more than CP_SYMBOLS_MAX, an empty path segment. */
cp_rc cp_field_set_symbols(cp_field *field, const cp_span *symbols, size_t count, cp_error *err);
cp_rc cp_field_set_path(cp_field *field, const cp_span *path, size_t count, cp_error *err);
cp_rc cp_field_add_null_if(cp_field *field, cp_literal value, cp_error *err);

/* Copies `layout` and resolves the names. CP_E_CONFIG for a name that is no field. Whether the
 * string is a layout is for formats/records to say. */
cp_rc cp_schema_set_layout(cp_schema *schema, const char *layout, const cp_span *names,
                           size_t count, cp_error *err);

/* A deep copy of a field onto another schema's end, as `name` (NULL: its own). */
cp_rc cp_schema_add_copy(cp_schema *schema, const cp_field *field, const char *name, cp_field **out,
                         cp_error *err);

/* A schema of some fields of `from`, in the order given, each a deep copy; without a layout.
 * CP_E_MEMORY; CP_E_CONFIG for a field that is given twice. */
cp_rc cp_schema_project(const cp_schema *from, const size_t *fields, size_t count, cp_schema **out,
                        cp_error *err);

/* The field's number, or SIZE_MAX. */
size_t cp_schema_find(const cp_schema *schema, cp_span name);

/* The built-in schema `case`: DESIGN section 5 without min, null_if and path. */
cp_rc cp_schema_case(cp_schema **out, cp_error *err);

/* The schema of records that are taken as they stand: one json field that is the record's text.
 * CP_E_MEMORY. */
cp_rc cp_schema_verbatim(cp_schema **out, cp_error *err);
bool cp_schema_is_verbatim(const cp_schema *schema);

/* "uint16", "timestamp[us]"; into `out`, which holds at least CP_TYPE_NAME_BYTES. Returns out. */
enum { CP_TYPE_NAME_BYTES = 16 };
const char *cp_type_name(const cp_field *field, char out[CP_TYPE_NAME_BYTES]);

/* Reads a type's name, "timestamp[us]" included; false where it is none. */
bool cp_type_parse(cp_span text, cp_type *type, cp_unit *unit);

static inline bool cp_type_is_signed(cp_type type)
{
    return type >= CP_TYPE_INT8 && type <= CP_TYPE_INT64;
}

static inline bool cp_type_is_unsigned(cp_type type)
{
    return type >= CP_TYPE_UINT8 && type <= CP_TYPE_UINT64;
}

static inline bool cp_type_is_integer(cp_type type)
{
    return type >= CP_TYPE_INT8 && type <= CP_TYPE_UINT64;
}

static inline bool cp_type_is_float(cp_type type)
{
    return type == CP_TYPE_FLOAT32 || type == CP_TYPE_FLOAT64;
}

/* Bytes of one value in a column's data array: integers, floats and bool at their own width,
 * enum 2 (uint16_t code), timestamp 8 (int64_t), string and json 16 (cp_span). */
size_t cp_type_width(cp_type type);

#endif
