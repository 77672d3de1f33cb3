/* RLE / bit-packing hybrid: which values make a run, and writing the two kinds of runs. */
#include "formats/parquet/rle.h"

#include "formats/parquet/bit_pack.h"
#include "pipeline/core/bits.h"

enum { HEADER_BYTES = 5 }; /* run lengths are below 2^31 */

/* ---- values of any width ---- */

static size_t value_bytes(unsigned width)
{
    return (width + 7) / 8;
}

/* From this length on an rle run is smaller than the same values packed, with room for its own
 * header and the one of the packed run that it parts. */
static size_t shortest_run(unsigned width)
{
    size_t length = 8 * (4 + value_bytes(width)) / width;
    return length < 8 ? 8 : length;
}

static size_t equal_values(const uint32_t *values, size_t count)
{
    size_t n = 1;
    while (n < count && values[n] == values[0])
        n++;
    return n;
}

static uint8_t *put_run(uint8_t *to, uint32_t value, size_t length, unsigned width)
{
    to = cp_put_varint(to, length << 1);
    for (size_t i = 0; i < value_bytes(width); i++)
        *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

/* Only the last run of all can end inside of a group, which is filled up with zeros. */
static uint8_t *put_packed(uint8_t *to, const uint32_t *values, size_t count, unsigned width)
{
    if (count == 0)
        return to;
    size_t whole = count - count % 8;
    to = cp_put_varint(to, (count + 7) / 8 << 1 | 1);
    to = cp_bit_pack_32(to, values, whole, width);
    if (whole == count)
        return to;
    uint32_t last[8] = {0};
    memcpy(last, values + whole, (count - whole) * sizeof *last);
    return cp_bit_pack_32(to, last, 8, width);
}

cp_rc cp_rle_put(cp_bytes *out, const uint32_t *values, size_t count, unsigned width, cp_error *err)
{
    /* Every 8 values begin at most one packed and one rle run. */
    size_t group_bytes = width + sizeof(uint32_t) + 2 * (size_t)HEADER_BYTES;
    cp_rc rc = cp_bytes_reserve(out, (count / 8 + 1) * group_bytes + CP_BIT_PACK_SPARE_BYTES, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    size_t shortest = shortest_run(width);
    size_t packed_from = 0;
    for (size_t i = 0; i < count;) {
        size_t length = equal_values(values + i, count - i);
        if (length < shortest) {
            i += 8;
            continue;
        }
        to = put_packed(to, values + packed_from, i - packed_from, width);
        to = put_run(to, values[i], length, width);
        i += length;
        packed_from = i;
    }
    if (packed_from < count)
        to = put_packed(to, values + packed_from, count - packed_from, width);
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

/* ---- bits ---- */

/* A run being made of words of up to 64 bits: all 0, all 1, or to be packed. */
typedef enum run_kind { ZEROS, ONES, PACKED } run_kind;

typedef struct bit_run {
    run_kind kind;
    size_t first, count;
} bit_run;

static run_kind kind_of(uint64_t bits, size_t count)
{
    return bits == 0 ? ZEROS : bits == cp_bits_mask(count) ? ONES : PACKED;
}

static uint8_t *put_packed_bits(uint8_t *to, const uint64_t *words, const bit_run *run)
{
    size_t groups = (run->count + 7) / 8;
    uint8_t *bytes = cp_put_varint(to, groups << 1 | 1);
    uint8_t *end = bytes + groups;
    for (size_t i = 0; i < run->count; i += 64, bytes += 8) {
        size_t part = run->count - i < 64 ? run->count - i : 64;
        cp_put_u64(bytes, cp_bits_get(words, run->first + i, part));
    }
    return end;
}

static uint8_t *put_bit_run(uint8_t *to, const uint64_t *words, const bit_run *run)
{
    if (run->count == 0)
        return to;
    if (run->kind == PACKED)
        return put_packed_bits(to, words, run);
    return put_run(to, run->kind == ONES, run->count, 1);
}

cp_rc cp_rle_put_bits(cp_bytes *out, const uint64_t *words, size_t first, size_t count,
                      cp_error *err)
{
    size_t room = (count / 64 + 1) * (sizeof(uint64_t) + HEADER_BYTES);
    cp_rc rc = cp_bytes_reserve(out, room + CP_BIT_PACK_SPARE_BYTES, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    bit_run run = {.first = first};
    for (size_t i = 0; i < count; i += 64) {
        size_t part = count - i < 64 ? count - i : 64;
        run_kind kind = kind_of(cp_bits_get(words, first + i, part), part);
        if (kind != run.kind) {
            to = put_bit_run(to, words, &run);
            run = (bit_run){kind, first + i, 0};
        }
        run.count += part;
    }
    to = put_bit_run(to, words, &run);
    out->size = (size_t)(to - out->data);
    return CP_OK;
}

cp_rc cp_rle_put_ones(cp_bytes *out, size_t count, cp_error *err)
{
    cp_rc rc = cp_bytes_reserve(out, HEADER_BYTES + 1, err);
    if (!rc && count)
        out->size = (size_t)(put_run(out->data + out->size, 1, count, 1) - out->data);
    return rc;
}
