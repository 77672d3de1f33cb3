/* The Thrift compact protocol: structs, lists and varints. */
#include "formats/parquet/thrift.h"

enum { HEADER_BYTES = 1 + CP_VARINT_BYTES };

/* Room for `more`; NULL once anything has failed. */
static uint8_t *room(cp_thrift *t, size_t more)
{
    if (!t->rc)
        t->rc = cp_bytes_reserve(t->out, more, t->err);
    return t->rc ? NULL : t->out->data + t->out->size;
}

static void written_to(cp_thrift *t, const uint8_t *end)
{
    t->out->size = (size_t)(end - t->out->data);
}

static void put_byte(cp_thrift *t, uint8_t byte)
{
    uint8_t *to = room(t, 1);
    if (!to)
        return;
    *to = byte;
    written_to(t, to + 1);
}

static void put_varint(cp_thrift *t, uint64_t value)
{
    uint8_t *to = room(t, CP_VARINT_BYTES);
    if (to)
        written_to(t, cp_put_varint(to, value));
}

static void put_field(cp_thrift *t, int16_t id, cp_thrift_type type)
{
    int delta = id - t->last_id[t->depth];
    uint8_t *to = room(t, HEADER_BYTES);
    if (!to)
        return;
    if (delta > 0 && delta <= 15) {
        *to++ = (uint8_t)(delta << 4 | (int)type);
    } else {
        *to++ = (uint8_t)type;
        to = cp_put_varint(to, cp_zigzag(id));
    }
    written_to(t, to);
    t->last_id[t->depth] = id;
}

static void enter(cp_thrift *t)
{
    if (!t->rc && t->depth + 1 == CP_THRIFT_DEPTH)
        t->rc = cp_fail(t->err, CP_E_BUG, "thrift_depth", "metadata is nested too deep");
    if (!t->rc)
        t->last_id[++t->depth] = 0;
}

cp_thrift cp_thrift_begin(cp_bytes *out, cp_error *err)
{
    return (cp_thrift){.out = out, .err = err};
}

void cp_thrift_bool(cp_thrift *t, int16_t id, bool value)
{
    put_field(t, id, value ? CP_THRIFT_TRUE : CP_THRIFT_FALSE);
}

void cp_thrift_i8(cp_thrift *t, int16_t id, int8_t value)
{
    put_field(t, id, CP_THRIFT_I8);
    put_byte(t, (uint8_t)value);
}

void cp_thrift_i16(cp_thrift *t, int16_t id, int16_t value)
{
    put_field(t, id, CP_THRIFT_I16);
    put_varint(t, cp_zigzag(value));
}

void cp_thrift_i32(cp_thrift *t, int16_t id, int32_t value)
{
    put_field(t, id, CP_THRIFT_I32);
    put_varint(t, cp_zigzag(value));
}

void cp_thrift_i64(cp_thrift *t, int16_t id, int64_t value)
{
    put_field(t, id, CP_THRIFT_I64);
    put_varint(t, cp_zigzag(value));
}

void cp_thrift_binary(cp_thrift *t, int16_t id, cp_span value)
{
    put_field(t, id, CP_THRIFT_BINARY);
    cp_thrift_item_binary(t, value);
}

void cp_thrift_struct(cp_thrift *t, int16_t id)
{
    put_field(t, id, CP_THRIFT_STRUCT);
    enter(t);
}

void cp_thrift_empty_struct(cp_thrift *t, int16_t id)
{
    cp_thrift_struct(t, id);
    cp_thrift_end(t);
}

void cp_thrift_written(cp_thrift *t, int16_t id, cp_span structure)
{
    put_field(t, id, CP_THRIFT_STRUCT);
    if (!t->rc)
        t->rc = cp_bytes_put(t->out, structure.data, structure.size, t->err);
}

void cp_thrift_list(cp_thrift *t, int16_t id, cp_thrift_type type, size_t count)
{
    put_field(t, id, CP_THRIFT_LIST);
    if (count < 15) {
        put_byte(t, (uint8_t)(count << 4 | (unsigned)type));
    } else {
        put_byte(t, (uint8_t)(0xF0 | (unsigned)type));
        put_varint(t, count);
    }
}

void cp_thrift_end(cp_thrift *t)
{
    put_byte(t, 0);
    if (t->depth > 0)
        t->depth--;
}

void cp_thrift_item_bool(cp_thrift *t, bool value)
{
    put_byte(t, value ? CP_THRIFT_TRUE : CP_THRIFT_FALSE);
}

void cp_thrift_item_int(cp_thrift *t, int64_t value)
{
    put_varint(t, cp_zigzag(value));
}

void cp_thrift_item_binary(cp_thrift *t, cp_span value)
{
    put_varint(t, value.size);
    if (!t->rc)
        t->rc = cp_bytes_put(t->out, value.data, value.size, t->err);
}

void cp_thrift_item_struct(cp_thrift *t)
{
    enter(t);
}
