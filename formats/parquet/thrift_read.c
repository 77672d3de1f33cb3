/* The Thrift compact protocol: fields, varints, and what to pass over. */
#include "formats/parquet/thrift_read.h"

#include <stdarg.h>
#include <stdio.h>

/* Types that Parquet's own structs do not have, but fields of later versions may. */
enum { THRIFT_DOUBLE = 7, THRIFT_SET = 10, THRIFT_MAP = 11, THRIFT_UUID = 13 };

enum { STOP = 0, DEPTH_MAX = 32 };

cp_rc cp_thrift_damaged(const cp_thrift_reader *r, cp_error *err, const char *format, ...)
{
    char text[CP_ERROR_MESSAGE_BYTES / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cp_fail(err, CP_E_DATA, "corrupt_input", "the %s is damaged: %s", r->what, text);
    cp_error_at_byte(err, r->offset + r->at);
    return CP_E_DATA;
}

static cp_rc ends_early(cp_thrift_reader *r, cp_error *err)
{
    r->cut = true;
    cp_fail(err, CP_E_DATA, "truncated_input",
            "the %s is cut off or damaged: it ends inside a "
            "field",
            r->what);
    cp_error_at_byte(err, r->offset + r->bytes.size);
    return CP_E_DATA;
}

static cp_rc read_byte(cp_thrift_reader *r, uint8_t *out, cp_error *err)
{
    *out = 0;
    if (r->at == r->bytes.size)
        return ends_early(r, err);
    *out = r->bytes.data[r->at++];
    return CP_OK;
}

/* ULEB128 of at most 64 bits. */
static cp_rc read_varint(cp_thrift_reader *r, uint64_t *out, cp_error *err)
{
    uint64_t value = 0;
    *out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte;
        cp_rc rc = read_byte(r, &byte, err);
        if (rc)
            return rc;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *out = value;
            return CP_OK;
        }
    }
    return cp_thrift_damaged(r, err, "a number has more than 64 bits");
}

/* An integer of `bits` bits. */
static cp_rc read_int(cp_thrift_reader *r, unsigned bits, int64_t *out, cp_error *err)
{
    uint64_t zigzag;
    cp_rc rc = read_varint(r, &zigzag, err);
    *out = 0;
    if (rc)
        return rc;
    if (bits < 64 && zigzag >> bits != 0)
        return cp_thrift_damaged(r, err, "a number has more than %u bits", bits);
    *out = cp_unzigzag(zigzag);
    return CP_OK;
}

static cp_rc pass_bytes(cp_thrift_reader *r, uint64_t size, cp_error *err)
{
    if (size > r->bytes.size - r->at)
        return ends_early(r, err);
    r->at += (size_t)size;
    return CP_OK;
}

cp_rc cp_thrift_read_bool(cp_thrift_reader *r, bool *out, cp_error *err)
{
    uint8_t byte;
    cp_rc rc = read_byte(r, &byte, err);
    if (rc)
        return rc;
    if (byte > CP_THRIFT_FALSE) /* 0 is false, too, to some writers */
        return cp_thrift_damaged(r, err, "%u is neither true nor false", byte);
    *out = byte == CP_THRIFT_TRUE;
    return CP_OK;
}

cp_rc cp_thrift_read_i32(cp_thrift_reader *r, int32_t *out, cp_error *err)
{
    int64_t value;
    cp_rc rc = read_int(r, 32, &value, err);
    if (!rc)
        *out = (int32_t)value;
    return rc;
}

cp_rc cp_thrift_read_i64(cp_thrift_reader *r, int64_t *out, cp_error *err)
{
    return read_int(r, 64, out, err);
}

cp_rc cp_thrift_read_binary(cp_thrift_reader *r, cp_span *out, cp_error *err)
{
    uint64_t size;
    cp_rc rc = read_varint(r, &size, err);
    size_t start = r->at;
    if (!rc)
        rc = pass_bytes(r, size, err);
    if (!rc)
        *out = (cp_span){r->bytes.data + start, (size_t)size};
    return rc;
}

/* ---- passing over ---- */

static cp_rc pass_value(cp_thrift_reader *r, unsigned type, bool is_item, unsigned depth,
                        cp_error *err);

/* Type and number of a list's items; each has at least one byte. */
static cp_rc read_list_head(cp_thrift_reader *r, unsigned *type, size_t *count, cp_error *err)
{
    uint8_t head;
    cp_rc rc = read_byte(r, &head, err);
    uint64_t n = head >> 4;
    if (!rc && n == 15)
        rc = read_varint(r, &n, err);
    if (rc)
        return rc;
    if (n > r->bytes.size - r->at)
        return ends_early(r, err);
    *type = head & 15;
    *count = (size_t)n;
    return CP_OK;
}

static cp_rc pass_items(cp_thrift_reader *r, unsigned type, size_t count, unsigned depth,
                        cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < count; i++)
        rc = pass_value(r, type, true, depth, err);
    return rc;
}

static cp_rc pass_list(cp_thrift_reader *r, unsigned depth, cp_error *err)
{
    unsigned type;
    size_t count;
    cp_rc rc = read_list_head(r, &type, &count, err);
    return rc ? rc : pass_items(r, type, count, depth, err);
}

static cp_rc pass_map(cp_thrift_reader *r, unsigned depth, cp_error *err)
{
    uint64_t count;
    uint8_t types = 0;
    cp_rc rc = read_varint(r, &count, err);
    if (!rc && count > 0)
        rc = read_byte(r, &types, err);
    if (!rc && count > r->bytes.size - r->at)
        rc = ends_early(r, err);
    for (uint64_t i = 0; !rc && i < count; i++) {
        rc = pass_value(r, types >> 4, true, depth, err);
        if (!rc)
            rc = pass_value(r, types & 15, true, depth, err);
    }
    return rc;
}

/* The next field of a struct; *type is STOP at its end. */
static cp_rc read_field_head(cp_thrift_reader *r, int16_t *id, unsigned *type, cp_error *err)
{
    uint8_t head;
    cp_rc rc = read_byte(r, &head, err);
    if (rc)
        return rc;
    *type = head & 15;
    if (head == STOP)
        return CP_OK;
    int64_t next = *id + (head >> 4);
    if (head >> 4 == 0)
        rc = read_int(r, 16, &next, err);
    if (!rc && (next > INT16_MAX || *type == STOP))
        rc = cp_thrift_damaged(r, err, "a field has no number or no type");
    if (!rc)
        *id = (int16_t)next;
    return rc;
}

static cp_rc pass_struct(cp_thrift_reader *r, unsigned depth, cp_error *err)
{
    int16_t id = 0;
    unsigned type;
    cp_rc rc;
    do {
        rc = read_field_head(r, &id, &type, err);
        if (!rc && type != STOP)
            rc = pass_value(r, type, false, depth, err);
    } while (!rc && type != STOP);
    return rc;
}

/* Bools among fields have their value in the type; as items they have a byte. */
static cp_rc pass_value(cp_thrift_reader *r, unsigned type, bool is_item, unsigned depth,
                        cp_error *err)
{
    int64_t number;
    cp_span bytes;
    bool flag;
    if (depth == DEPTH_MAX)
        return cp_thrift_damaged(r, err, "it is nested more than %d deep", (int)DEPTH_MAX);
    switch (type) {
    case CP_THRIFT_TRUE:
    case CP_THRIFT_FALSE:
        return is_item ? cp_thrift_read_bool(r, &flag, err) : CP_OK;
    case CP_THRIFT_I8:
        return pass_bytes(r, 1, err);
    case CP_THRIFT_I16:
    case CP_THRIFT_I32:
    case CP_THRIFT_I64:
        return read_int(r, 64, &number, err);
    case THRIFT_DOUBLE:
        return pass_bytes(r, 8, err);
    case CP_THRIFT_BINARY:
        return cp_thrift_read_binary(r, &bytes, err);
    case CP_THRIFT_LIST:
    case THRIFT_SET:
        return pass_list(r, depth + 1, err);
    case THRIFT_MAP:
        return pass_map(r, depth + 1, err);
    case CP_THRIFT_STRUCT:
        return pass_struct(r, depth + 1, err);
    case THRIFT_UUID:
        return pass_bytes(r, 16, err);
    default:
        return cp_thrift_damaged(r, err, "%u is no type", type);
    }
}

/* ---- fields that are wanted ---- */

static bool same_type(unsigned type, cp_thrift_type wanted)
{
    return type == wanted || (wanted == CP_THRIFT_TRUE && type == CP_THRIFT_FALSE);
}

static cp_rc read_list(cp_thrift_reader *r, const cp_thrift_slot *slot, cp_thrift_items *out,
                       cp_error *err)
{
    unsigned type;
    cp_rc rc = read_list_head(r, &type, &out->count, err);
    if (!rc && out->count > 0 && !same_type(type, slot->item))
        rc = cp_thrift_damaged(r, err, "the items of %s have the type %u instead of %u", slot->name,
                               type, (unsigned)slot->item);
    size_t start = r->at;
    if (!rc)
        rc = pass_items(r, type, out->count, 0, err);
    if (!rc)
        out->reader = (cp_thrift_reader){.what = r->what,
                                         .bytes = {r->bytes.data + start, r->at - start},
                                         .offset = r->offset + start};
    return rc;
}

static cp_rc read_integer(cp_thrift_reader *r, cp_thrift_type type, uint8_t *out, cp_error *err)
{
    static const unsigned bits[] = {
        [CP_THRIFT_I16] = 16, [CP_THRIFT_I32] = 32, [CP_THRIFT_I64] = 64};
    int64_t value;
    cp_rc rc = read_int(r, bits[type], &value, err);
    if (rc)
        return rc;
    if (type == CP_THRIFT_I16)
        memcpy(out, &(int16_t){(int16_t)value}, sizeof(int16_t));
    else if (type == CP_THRIFT_I32)
        memcpy(out, &(int32_t){(int32_t)value}, sizeof(int32_t));
    else
        memcpy(out, &value, sizeof value);
    return CP_OK;
}

static cp_rc read_value(cp_thrift_reader *r, const cp_thrift_slot *slot, unsigned type,
                        uint8_t *out, cp_error *err)
{
    switch (slot->type) {
    case CP_THRIFT_TRUE:
    case CP_THRIFT_FALSE:
        *(bool *)out = type == CP_THRIFT_TRUE;
        return CP_OK;
    case CP_THRIFT_I8:
        return read_byte(r, out, err);
    case CP_THRIFT_BINARY:
        return cp_thrift_read_binary(r, (cp_span *)(void *)out, err);
    case CP_THRIFT_LIST:
        return read_list(r, slot, (cp_thrift_items *)(void *)out, err);
    case CP_THRIFT_STRUCT:
        return slot->shape ? cp_thrift_read(r, slot->shape, out, err) : pass_struct(r, 0, err);
    default:
        return read_integer(r, slot->type, out, err);
    }
}

static const cp_thrift_slot *find_slot(const cp_thrift_shape *shape, int16_t id)
{
    for (size_t i = 0; i < shape->slot_count; i++)
        if (shape->slots[i].id == id)
            return &shape->slots[i];
    return NULL;
}

static cp_rc read_slot(cp_thrift_reader *r, const cp_thrift_shape *shape,
                       const cp_thrift_slot *slot, unsigned type, uint8_t *out, cp_error *err)
{
    uint64_t *has = (uint64_t *)(void *)out;
    if (!same_type(type, slot->type))
        return cp_thrift_damaged(r, err, "%s.%s has the type %u instead of %u", shape->name,
                                 slot->name, type, (unsigned)slot->type);
    if (cp_thrift_has(*has, slot->id))
        return cp_thrift_damaged(r, err, "%s.%s stands twice", shape->name, slot->name);
    *has |= UINT64_C(1) << slot->id;
    return read_value(r, slot, type, out + slot->offset, err);
}

static cp_rc check_required(const cp_thrift_reader *r, const cp_thrift_shape *shape,
                            const uint8_t *out, cp_error *err)
{
    uint64_t has;
    memcpy(&has, out, sizeof has);
    for (size_t i = 0; i < shape->slot_count; i++)
        if (shape->slots[i].required && !cp_thrift_has(has, shape->slots[i].id))
            return cp_thrift_damaged(r, err, "%s.%s is missing", shape->name, shape->slots[i].name);
    return CP_OK;
}

/* Recursion is as deep as shapes are nested, which is in the program and not in the bytes. */
cp_rc cp_thrift_read(cp_thrift_reader *r, const cp_thrift_shape *shape, void *out, cp_error *err)
{
    int16_t id = 0;
    unsigned type = STOP;
    cp_rc rc;
    do {
        rc = read_field_head(r, &id, &type, err);
        const cp_thrift_slot *slot = find_slot(shape, id);
        if (rc || type == STOP)
            continue;
        rc = slot ? read_slot(r, shape, slot, type, out, err) : pass_value(r, type, false, 0, err);
    } while (!rc && type != STOP);
    return rc ? rc : check_required(r, shape, out, err);
}
