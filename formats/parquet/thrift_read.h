/* Reading the Thrift compact protocol (apache/thrift, doc/specs/thrift-compact-protocol.md), by
 * tables: a shape lists the fields of a struct that somebody wants, and where they go.
 *
 *   bytes --shape--> the caller's struct    integers, bools, spans into the bytes, inner structs
 *                    lists                  checked and passed over; read later, item by item
 *
 * Nothing is allocated, and no byte is looked at more often than lists are nested: what the bytes
 * say can cost neither memory nor time. Fields that no slot names are passed over. */
#ifndef CP_FORMATS_PARQUET_THRIFT_READ_H
#define CP_FORMATS_PARQUET_THRIFT_READ_H

#include "formats/parquet/thrift.h"

/* Bytes being read; one thread at a time. */
typedef struct cp_thrift_reader {
    const char *what; /* static; "footer", for messages */
    cp_span bytes;
    uint64_t offset; /* of the first byte in the file */
    size_t at;
    bool cut; /* the failure was that the bytes ended too early */
} cp_thrift_reader;

/* A list within the reader's bytes, whose items are whole. */
typedef struct cp_thrift_items {
    cp_thrift_reader reader; /* a copy of it reads them, from the first on */
    size_t count;
} cp_thrift_items;

struct cp_thrift_shape;

/* One field. What is read goes to `offset` of the struct that is filled: bool, int8_t, int16_t,
 * int32_t, int64_t, cp_span, cp_thrift_items, or the struct of `shape`. */
typedef struct cp_thrift_slot {
    int16_t id;          /* below 64 */
    cp_thrift_type type; /* CP_THRIFT_TRUE: bool */
    cp_thrift_type item; /* lists: of the items */
    bool required;
    size_t offset;
    const char *name;
    const struct cp_thrift_shape *shape; /* structs; NULL: nobody wants its fields */
} cp_thrift_slot;

/* The struct that is filled begins with a uint64_t: bit `id` is set for each field that stood
 * there. */
typedef struct cp_thrift_shape {
    const char *name;
    const cp_thrift_slot *slots;
    size_t slot_count;
} cp_thrift_shape;

static inline bool cp_thrift_has(uint64_t has, int id)
{
    return (has >> id & 1) != 0;
}

/* Each of the rest moves the reader on. Failures are CP_E_DATA and say the byte in the file:
 * "truncated_input" where the bytes end too early, else "corrupt_input".
 *
 * A struct into `out`, which is zeroed: required fields are there, no field stands twice, all have
 * the type of their slot. */
cp_rc cp_thrift_read(cp_thrift_reader *r, const cp_thrift_shape *shape, void *out, cp_error *err);

/* Items of a list. */
cp_rc cp_thrift_read_bool(cp_thrift_reader *r, bool *out, cp_error *err);
cp_rc cp_thrift_read_i32(cp_thrift_reader *r, int32_t *out, cp_error *err);
cp_rc cp_thrift_read_i64(cp_thrift_reader *r, int64_t *out, cp_error *err);
cp_rc cp_thrift_read_binary(cp_thrift_reader *r, cp_span *out, cp_error *err);

/* What is wrong at the reader's place; returns CP_E_DATA. */
cp_rc cp_thrift_damaged(const cp_thrift_reader *r, cp_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
