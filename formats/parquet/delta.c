/* DELTA_BINARY_PACKED: differences, their minimum, and packed miniblocks. */
#include "formats/parquet/delta.h"

#include "formats/parquet/bit_pack.h"

enum {
    BLOCK_VALUES = 128,
    MINIBLOCKS = 4,
    MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS,
    HEADER_BYTES = 4 * CP_VARINT_BYTES,
    BLOCK_BYTES = CP_VARINT_BYTES + MINIBLOCKS + BLOCK_VALUES * 8,
};

/* Values of either width; one of the two is NULL. */
typedef struct delta_source {
    const uint32_t *words32;
    const uint64_t *words64;
    size_t count;
} delta_source;

/* `count` differences, from value `first` to the next on. Those of 32 bits wrap around at 32 bits,
 * so that none needs more to be packed. */
static void load_deltas(const delta_source *source, size_t first, size_t count, int64_t *deltas)
{
    if (source->words32) {
        const uint32_t *values = source->words32 + first;
        for (size_t i = 0; i < count; i++)
            deltas[i] = (int32_t)(values[i + 1] - values[i]);
    } else {
        const uint64_t *values = source->words64 + first;
        for (size_t i = 0; i < count; i++)
            deltas[i] = (int64_t)(values[i + 1] - values[i]);
    }
}

static int64_t least(const int64_t *deltas, size_t count)
{
    int64_t minimum = deltas[0];
    for (size_t i = 1; i < count; i++)
        minimum = deltas[i] < minimum ? deltas[i] : minimum;
    return minimum;
}

static size_t block_count_at(const delta_source *source, size_t at)
{
    size_t left = source->count - 1 - at;
    return left < BLOCK_VALUES ? left : BLOCK_VALUES;
}

static int64_t least_of_all(const delta_source *source)
{
    int64_t deltas[BLOCK_VALUES] = {0};
    int64_t minimum = INT64_MAX;
    for (size_t i = 0; i + 1 < source->count; i += BLOCK_VALUES) {
        size_t count = block_count_at(source, i);
        load_deltas(source, i, count, deltas);
        int64_t of_block = least(deltas, count);
        minimum = of_block < minimum ? of_block : minimum;
    }
    return minimum;
}

static unsigned width_of(const uint64_t *values)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < MINIBLOCK_VALUES; i++)
        bits |= values[i];
    return cp_bit_width(bits);
}

/* A miniblock that is begun is written whole, the rest of it zeros; those not begun have a width of
 * 0 and no bytes. */
static uint8_t *put_block(uint8_t *to, const int64_t *deltas, size_t count, int64_t minimum)
{
    uint64_t above[BLOCK_VALUES] = {0};
    for (size_t i = 0; i < count; i++)
        above[i] = (uint64_t)deltas[i] - (uint64_t)minimum;
    to = cp_put_varint(to, cp_zigzag(minimum));
    uint8_t *widths = to;
    to += MINIBLOCKS;
    for (size_t m = 0; m < MINIBLOCKS; m++) {
        const uint64_t *values = above + m * MINIBLOCK_VALUES;
        unsigned width = width_of(values);
        widths[m] = (uint8_t)width;
        if (width)
            to = cp_bit_pack_64(to, values, MINIBLOCK_VALUES, width);
    }
    return to;
}

static int64_t first_value(const delta_source *source)
{
    if (source->count == 0)
        return 0;
    return source->words32 ? (int32_t)source->words32[0] : (int64_t)source->words64[0];
}

static cp_rc put_delta(cp_bytes *out, const delta_source *source, bool shared_minimum,
                       cp_error *err)
{
    size_t blocks = source->count / BLOCK_VALUES + 1;
    cp_rc rc =
        cp_bytes_reserve(out, HEADER_BYTES + blocks * BLOCK_BYTES + CP_BIT_PACK_SPARE_BYTES, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    to = cp_put_varint(to, BLOCK_VALUES);
    to = cp_put_varint(to, MINIBLOCKS);
    to = cp_put_varint(to, source->count);
    to = cp_put_varint(to, cp_zigzag(first_value(source)));
    int64_t shared = shared_minimum ? least_of_all(source) : 0;
    for (size_t i = 0; i + 1 < source->count; i += BLOCK_VALUES) {
        int64_t deltas[BLOCK_VALUES] = {0};
        size_t count = block_count_at(source, i);
        load_deltas(source, i, count, deltas);
        to = put_block(to, deltas, count, shared_minimum ? shared : least(deltas, count));
    }
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

cp_rc cp_delta_put_32(cp_bytes *out, const uint32_t *values, size_t count, bool shared_minimum,
                      cp_error *err)
{
    return put_delta(out, &(delta_source){.words32 = values, .count = count}, shared_minimum, err);
}

cp_rc cp_delta_put_64(cp_bytes *out, const uint64_t *values, size_t count, bool shared_minimum,
                      cp_error *err)
{
    return put_delta(out, &(delta_source){.words64 = values, .count = count}, shared_minimum, err);
}
