/* DELTA_BINARY_PACKED: differences, their minimum, and packed miniblocks. */
#include "formats/parquet/delta.h"

#include "formats/parquet/bit_pack.h"

enum {
    MINIBLOCKS_MAX = 8,
    BLOCK_VALUES_MAX = 1024,
    HEADER_BYTES = 4 * CP_VARINT_BYTES,
};

/* How a page is cut, and what its blocks have in common. */
typedef struct delta_layout {
    unsigned block_values, miniblocks;
    bool is_uniform; /* `minimum` and `width` are for all blocks */
    int64_t minimum;
    unsigned width;
} delta_layout;

static const delta_layout own_bounds = {.block_values = 128, .miniblocks = 4};

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

typedef struct bounds {
    int64_t least, greatest;
} bounds;

static bounds bounds_of(const int64_t *deltas, size_t count)
{
    bounds b = {deltas[0], deltas[0]};
    for (size_t i = 1; i < count; i++) {
        b.least = deltas[i] < b.least ? deltas[i] : b.least;
        b.greatest = deltas[i] > b.greatest ? deltas[i] : b.greatest;
    }
    return b;
}

static size_t block_count_at(const delta_source *source, const delta_layout *layout, size_t at)
{
    size_t left = source->count - 1 - at;
    return left < layout->block_values ? left : layout->block_values;
}

/* A width of whole bytes. */
static delta_layout uniform(const delta_source *source)
{
    delta_layout layout = {
        .block_values = BLOCK_VALUES_MAX, .miniblocks = MINIBLOCKS_MAX, .is_uniform = true};
    bounds all = {INT64_MAX, INT64_MIN};
    for (size_t i = 0; i + 1 < source->count; i += layout.block_values) {
        int64_t deltas[BLOCK_VALUES_MAX] = {0};
        size_t count = block_count_at(source, &layout, i);
        load_deltas(source, i, count, deltas);
        bounds b = bounds_of(deltas, count);
        all.least = b.least < all.least ? b.least : all.least;
        all.greatest = b.greatest > all.greatest ? b.greatest : all.greatest;
    }
    layout.minimum = all.least;
    layout.width = (cp_bit_width((uint64_t)all.greatest - (uint64_t)all.least) + 7) / 8 * 8;
    return layout;
}

static unsigned width_of(const uint64_t *values, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= values[i];
    return cp_bit_width(bits);
}

/* A miniblock that is begun is written whole, the rest of it zeros; those not begun have a width of
 * 0 and no bytes. */
static uint8_t *put_block(uint8_t *to, const delta_layout *layout, const int64_t *deltas,
                          size_t count)
{
    uint64_t above[BLOCK_VALUES_MAX] = {0};
    int64_t minimum = layout->is_uniform ? layout->minimum : bounds_of(deltas, count).least;
    size_t size = layout->block_values / layout->miniblocks;
    for (size_t i = 0; i < count; i++)
        above[i] = (uint64_t)deltas[i] - (uint64_t)minimum;
    to = cp_put_varint(to, cp_zigzag(minimum));
    uint8_t *widths = to;
    to += layout->miniblocks;
    for (size_t m = 0; m < layout->miniblocks; m++) {
        const uint64_t *values = above + m * size;
        unsigned width = layout->is_uniform ? layout->width : width_of(values, size);
        widths[m] = m * size < count ? (uint8_t)width : 0;
        if (widths[m])
            to = cp_bit_pack_64(to, values, size, width);
    }
    return to;
}

static int64_t first_value(const delta_source *source)
{
    if (source->count == 0)
        return 0;
    return source->words32 ? (int32_t)source->words32[0] : (int64_t)source->words64[0];
}

static cp_rc put_delta(cp_bytes *out, const delta_source *source, bool is_uniform, cp_error *err)
{
    delta_layout layout = is_uniform && source->count > 1 ? uniform(source) : own_bounds;
    size_t blocks = source->count / layout.block_values + 1;
    size_t block_bytes = CP_VARINT_BYTES + layout.miniblocks + (size_t)layout.block_values * 8;
    cp_rc rc =
        cp_bytes_reserve(out, HEADER_BYTES + blocks * block_bytes + CP_BIT_PACK_SPARE_BYTES, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    to = cp_put_varint(to, layout.block_values);
    to = cp_put_varint(to, layout.miniblocks);
    to = cp_put_varint(to, source->count);
    to = cp_put_varint(to, cp_zigzag(first_value(source)));
    for (size_t i = 0; i + 1 < source->count; i += layout.block_values) {
        int64_t deltas[BLOCK_VALUES_MAX] = {0};
        size_t count = block_count_at(source, &layout, i);
        load_deltas(source, i, count, deltas);
        to = put_block(to, &layout, deltas, count);
    }
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

cp_rc cp_delta_put_32(cp_bytes *out, const uint32_t *values, size_t count, bool is_uniform,
                      cp_error *err)
{
    return put_delta(out, &(delta_source){.words32 = values, .count = count}, is_uniform, err);
}

cp_rc cp_delta_put_64(cp_bytes *out, const uint64_t *values, size_t count, bool is_uniform,
                      cp_error *err)
{
    return put_delta(out, &(delta_source){.words64 = values, .count = count}, is_uniform, err);
}
