/* The Thrift compact protocol, as far as Parquet's metadata needs it (apache/thrift,
 * doc/specs/thrift-compact-protocol.md).
 *
 *   struct   field field ... 0
 *   field    one byte: id minus the last field's id (1 to 15), and the type; else the type and the
 *            id; then the value. Fields are written by ascending id.
 *   list     one byte: count below 15, and the type; else 15, the type and the count
 *
 * The first failure is kept in `rc` and all that follows does nothing, so that a struct is written
 * as a plain list of calls. One thread at a time. */
#ifndef CP_FORMATS_PARQUET_THRIFT_H
#define CP_FORMATS_PARQUET_THRIFT_H

#include "formats/parquet/bytes.h"

typedef enum cp_thrift_type {
    CP_THRIFT_TRUE = 1, /* of a field; the type of a list of bools, too */
    CP_THRIFT_FALSE = 2,
    CP_THRIFT_I8 = 3,
    CP_THRIFT_I16 = 4,
    CP_THRIFT_I32 = 5,
    CP_THRIFT_I64 = 6,
    CP_THRIFT_BINARY = 8,
    CP_THRIFT_LIST = 9,
    CP_THRIFT_STRUCT = 12,
} cp_thrift_type;

enum { CP_THRIFT_DEPTH = 8 };

typedef struct cp_thrift {
    cp_bytes *out;
    cp_error *err;
    cp_rc rc; /* CP_E_MEMORY */
    unsigned depth;
    int16_t last_id[CP_THRIFT_DEPTH];
} cp_thrift;

/* Begins a struct that stands for itself; its end is cp_thrift_end. */
cp_thrift cp_thrift_begin(cp_bytes *out, cp_error *err);

/* Fields of the innermost struct. */
void cp_thrift_bool(cp_thrift *t, int16_t id, bool value);
void cp_thrift_i8(cp_thrift *t, int16_t id, int8_t value);
void cp_thrift_i16(cp_thrift *t, int16_t id, int16_t value);
void cp_thrift_i32(cp_thrift *t, int16_t id, int32_t value);
void cp_thrift_i64(cp_thrift *t, int16_t id, int64_t value);
void cp_thrift_binary(cp_thrift *t, int16_t id, cp_span value);
void cp_thrift_struct(cp_thrift *t, int16_t id);
void cp_thrift_empty_struct(cp_thrift *t, int16_t id);
/* A struct that is written already, end included. */
void cp_thrift_written(cp_thrift *t, int16_t id, cp_span structure);
void cp_thrift_list(cp_thrift *t, int16_t id, cp_thrift_type type, size_t count);
void cp_thrift_end(cp_thrift *t); /* of the innermost struct */

/* Elements of a list. */
void cp_thrift_item_bool(cp_thrift *t, bool value);
void cp_thrift_item_int(cp_thrift *t, int64_t value); /* i32, i64 */
void cp_thrift_item_binary(cp_thrift *t, cp_span value);
void cp_thrift_item_struct(cp_thrift *t);

#endif
