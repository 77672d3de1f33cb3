/* Values passed by, one after the other. */
#include "formats/parquet/plain_count.h"

enum { LENGTH_BITS = 32 };

cp_plain_count cp_plain_count_of(const cp_parquet_schema_element *element)
{
    static const uint64_t widths[CP_PARQUET_TYPE_COUNT] = {
        [CP_PARQUET_INT32] = 4, [CP_PARQUET_INT64] = 8,  [CP_PARQUET_INT96] = 12,
        [CP_PARQUET_FLOAT] = 4, [CP_PARQUET_DOUBLE] = 8,
    };
    uint64_t width = element->type == CP_PARQUET_FIXED_LEN_BYTE_ARRAY
                         ? (uint64_t)element->type_length
                         : widths[element->type];
    return (cp_plain_count){.width = width};
}

/* A byte of the length, lowest first. */
static void take_length_byte(cp_plain_count *count, uint8_t byte)
{
    count->length |= (uint32_t)byte << count->length_bits;
    count->length_bits += 8;
    if (count->length_bits < LENGTH_BITS)
        return;
    count->left = count->length;
    count->in_value = count->left > 0;
    count->values += count->left == 0;
    count->length = 0;
    count->length_bits = 0;
}

/* As many bytes of the value as are there. */
static size_t take_value(cp_plain_count *count, size_t size)
{
    size_t taken = size < count->left ? size : (size_t)count->left;
    count->left -= taken;
    if (count->left == 0) {
        count->values++;
        count->in_value = false;
    }
    return taken;
}

void cp_plain_count_add(cp_plain_count *count, cp_span bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        if (!count->in_value && count->width > 0) {
            count->left = count->width;
            count->in_value = true;
        }
        if (count->in_value)
            at += take_value(count, bytes.size - at);
        else
            take_length_byte(count, bytes.data[at++]);
    }
}

bool cp_plain_count_is(const cp_plain_count *count, uint64_t values)
{
    return count->values == values && !count->in_value && count->length_bits == 0;
}
