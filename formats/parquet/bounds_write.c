/* Bounds as they are written: numbers PLAIN, texts cut and rounded, and struct Statistics. */
#include "formats/parquet/bounds.h"
#include "pipeline/text/utf8.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint32_t float_bits(double value)
{
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    return bits;
}

static cp_parquet_written_bound write_number(cp_parquet_type type, const cp_parquet_bound *bound)
{
    cp_parquet_written_bound written = {.exact = true};
    uint8_t *end = written.bytes;
    switch (type) {
    case CP_PARQUET_BOOLEAN:
        *end++ = (uint8_t)bound->u;
        break;
    case CP_PARQUET_INT32:
        end = cp_put_u32(end, (uint32_t)bound->u);
        break;
    case CP_PARQUET_FLOAT:
        end = cp_put_u32(end, float_bits(bound->f));
        break;
    case CP_PARQUET_DOUBLE:
        end = cp_put_u64(end, bits_of(bound->f));
        break;
    default:
        end = cp_put_u64(end, bound->u);
        break;
    }
    written.size = (size_t)(end - written.bytes);
    return written;
}

/* The whole text, or a prefix of whole characters. */
static cp_parquet_written_bound cut_text(cp_span text)
{
    cp_parquet_written_bound written = {.exact = text.size <= CP_PARQUET_BOUND_BYTES_MAX};
    written.size = written.exact ? text.size : cp_utf8_cut(text, CP_PARQUET_BOUND_BYTES_MAX);
    if (written.size)
        memcpy(written.bytes, text.data, written.size);
    return written;
}

/* Where the last character of `text`, which is not empty, begins. */
static size_t last_character(cp_span text)
{
    size_t at = text.size - 1;
    while (at > 0 && (text.data[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* The scalar value of a character that stands alone in `text` (RFC 3629, section 3). */
static uint32_t decode(cp_span text)
{
    static const uint8_t head_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t character = text.data[0] & head_bits[text.size <= 4 ? text.size : 4];
    for (size_t i = 1; i < text.size; i++)
        character = character << 6 | (text.data[i] & 0x3F);
    return character;
}

/* The next scalar value: the surrogates are none. 0: there is none. */
static uint32_t next_character(uint32_t character)
{
    if (character >= 0x10FFFF)
        return 0;
    return character == 0xD7FF ? 0xE000 : character + 1;
}

/* The least short text above all that begin with what is written: its last character that has a
 * next one, and room for it, is replaced by that, and what follows is dropped. */
static void round_up(cp_parquet_written_bound *written)
{
    while (written->size > 0) {
        size_t at = last_character((cp_span){written->bytes, written->size});
        uint32_t next = next_character(decode((cp_span){written->bytes + at, written->size - at}));
        uint8_t bytes[4];
        size_t size = next ? cp_utf8_put(next, bytes) : 0;
        written->size = at;
        if (size > 0 && at + size <= CP_PARQUET_BOUND_BYTES_MAX) {
            memcpy(written->bytes + at, bytes, size);
            written->size = at + size;
            return;
        }
    }
    written->absent = true;
}

cp_parquet_written_bound cp_parquet_write_least(cp_parquet_type type, const cp_parquet_bound *bound)
{
    return type == CP_PARQUET_BYTE_ARRAY ? cut_text(bound->text) : write_number(type, bound);
}

cp_parquet_written_bound cp_parquet_write_greatest(cp_parquet_type type,
                                                   const cp_parquet_bound *bound)
{
    if (type != CP_PARQUET_BYTE_ARRAY)
        return write_number(type, bound);
    cp_parquet_written_bound written = cut_text(bound->text);
    if (!written.exact)
        round_up(&written);
    return written;
}

cp_rc cp_parquet_statistics_put(cp_parquet_type type, const cp_parquet_bounds *bounds,
                                cp_bytes *out, cp_error *err)
{
    cp_parquet_written_bound least = cp_parquet_write_least(type, &bounds->least);
    cp_parquet_written_bound greatest = cp_parquet_write_greatest(type, &bounds->greatest);
    bool has_greatest = cp_parquet_bounds_hold(bounds) && !greatest.absent;
    cp_thrift t = cp_thrift_begin(out, err);
    cp_thrift_i64(&t, 3, (int64_t)bounds->null_count);
    if (has_greatest)
        cp_thrift_binary(&t, 5, cp_parquet_written_span(&greatest));
    if (bounds->any)
        cp_thrift_binary(&t, 6, cp_parquet_written_span(&least));
    if (has_greatest)
        cp_thrift_bool(&t, 7, greatest.exact);
    if (bounds->any)
        cp_thrift_bool(&t, 8, least.exact);
    if (type == CP_PARQUET_FLOAT || type == CP_PARQUET_DOUBLE)
        cp_thrift_i64(&t, 9, (int64_t)bounds->nan_count);
    cp_thrift_end(&t);
    return t.rc;
}
