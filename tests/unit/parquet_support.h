/* Reading what the Parquet encoders write: small decoders made from the specification alone, a bit
 * and a byte at a time, so that they share no code and no idea with the encoders. */
#ifndef CP_TESTS_UNIT_PARQUET_SUPPORT_H
#define CP_TESTS_UNIT_PARQUET_SUPPORT_H

#include "formats/parquet/encode.h"
#include "tests/unit/support.h"

/* Bytes being read; reading beyond their end fails the test. */
typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
} reader;

static inline reader reader_of(const cp_bytes *bytes)
{
    return (reader){bytes->data, bytes->size, 0};
}

static inline uint8_t read_byte(reader *r)
{
    assert_true(r->at < r->size);
    return r->bytes[r->at++];
}

static inline uint64_t read_little(reader *r, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)read_byte(r) << (8 * i);
    return value;
}

static inline uint64_t read_varint(reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = read_byte(r);
        assert_true(shift < 64);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
}

static inline int64_t read_zigzag(reader *r)
{
    uint64_t value = read_varint(r);
    return (int64_t)(value >> 1) * (value & 1 ? -1 : 1) - (int64_t)(value & 1);
}

/* Value `i` of those packed from the reader's place on. */
static inline uint64_t packed_value(const reader *r, size_t i, unsigned width)
{
    uint64_t value = 0;
    for (unsigned bit = 0; bit < width; bit++) {
        size_t at = i * width + bit;
        assert_true(r->at + at / 8 < r->size);
        value |= (uint64_t)(r->bytes[r->at + at / 8] >> (at % 8) & 1) << bit;
    }
    return value;
}

/* ---- RLE / bit-packing hybrid ---- */

/* `count` values; the reader ends behind the run that holds the last one, and padding is zero. */
static inline uint32_t *read_hybrid(reader *r, size_t count, unsigned width)
{
    uint32_t *values = calloc(count + 1, sizeof *values);
    assert_non_null(values);
    size_t n = 0;
    while (n < count) {
        uint64_t header = read_varint(r);
        assert_true(header >> 1 > 0);
        if (header & 1) {
            size_t length = (size_t)(header >> 1) * 8;
            for (size_t i = 0; i < length; i++) {
                uint64_t value = packed_value(r, i, width);
                if (n + i < count)
                    values[n + i] = (uint32_t)value;
                else
                    assert_int_equal(value, 0);
            }
            r->at += length / 8 * width;
            n += length;
        } else {
            uint32_t value = (uint32_t)read_little(r, (width + 7) / 8);
            assert_true(header >> 1 <= count - n);
            for (uint64_t i = 0; i < header >> 1; i++)
                values[n++] = value;
        }
    }
    return values;
}

/* ---- DELTA_BINARY_PACKED ---- */

static inline size_t read_miniblock(reader *r, unsigned width, uint64_t least, size_t per_block,
                                    uint64_t *values, size_t n, size_t count)
{
    for (size_t i = 0; i < per_block; i++) {
        uint64_t packed = packed_value(r, i, width);
        if (n < count) {
            values[n] = values[n - 1] + least + packed;
            n++;
        } else {
            assert_int_equal(packed, 0);
        }
    }
    r->at += per_block / 8 * width;
    return n;
}

/* All values, as 64 bits; *count is told by the header. Widths are at most `width_max`. */
static inline uint64_t *read_delta(reader *r, size_t *count, unsigned width_max)
{
    size_t block = (size_t)read_varint(r), miniblocks = (size_t)read_varint(r);
    assert_true(block % 128 == 0 && block / miniblocks % 32 == 0);
    *count = (size_t)read_varint(r);
    uint64_t *values = calloc(*count + 1, sizeof *values);
    assert_non_null(values);
    values[0] = (uint64_t)read_zigzag(r);
    for (size_t n = 1; n < *count;) {
        uint64_t least = (uint64_t)read_zigzag(r);
        const uint8_t *widths = r->bytes + r->at;
        for (size_t i = 0; i < miniblocks; i++)
            read_byte(r);
        for (size_t i = 0; i < miniblocks; i++) {
            assert_true(widths[i] <= width_max);
            if (n < *count)
                n = read_miniblock(r, widths[i], least, block / miniblocks, values, n, *count);
            else
                assert_int_equal(widths[i], 0);
        }
    }
    return values;
}

/* ---- texts ---- */

/* The bytes of `count` texts, each with a copy of its own at 16 more readable bytes. */
typedef struct texts {
    cp_span *items;
    size_t count;
} texts;

static inline void texts_free(texts *t)
{
    for (size_t i = 0; i < t->count; i++)
        free((void *)(uintptr_t)t->items[i].data);
    free(t->items);
    *t = (texts){0};
}

static inline void add_text(texts *t, const void *bytes, size_t size)
{
    t->items = realloc(t->items, (t->count + 1) * sizeof *t->items);
    assert_non_null(t->items);
    uint8_t *copy = calloc(size + CP_TEXT_KEY_BYTES, 1);
    assert_non_null(copy);
    if (size)
        memcpy(copy, bytes, size);
    t->items[t->count++] = (cp_span){copy, size};
}

static inline texts read_lengths_and_bytes(reader *r)
{
    texts out = {0};
    size_t count;
    uint64_t *lengths = read_delta(r, &count, 32);
    for (size_t i = 0; i < count; i++) {
        assert_true(lengths[i] <= r->size - r->at);
        add_text(&out, r->bytes + r->at, (size_t)lengths[i]);
        r->at += (size_t)lengths[i];
    }
    free(lengths);
    return out;
}

static inline texts read_delta_texts(reader *r)
{
    texts out = {0};
    text whole = {0}, before = {0};
    size_t count;
    uint64_t *prefixes = read_delta(r, &count, 32);
    texts suffixes = read_lengths_and_bytes(r);
    assert_int_equal(suffixes.count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(prefixes[i] <= before.size);
        whole.size = 0;
        put_bytes(&whole, shown(&before), (size_t)prefixes[i]);
        put_bytes(&whole, suffixes.items[i].data, suffixes.items[i].size);
        add_text(&out, whole.bytes, whole.size);
        before.size = 0;
        put_bytes(&before, whole.bytes, whole.size);
    }
    text_free(&whole);
    text_free(&before);
    texts_free(&suffixes);
    free(prefixes);
    return out;
}

static inline void assert_same_texts(const texts *got, const cp_span *expected, size_t count)
{
    assert_int_equal(got->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(got->items[i].size, expected[i].size);
        assert_memory_equal(got->items[i].data, expected[i].data, expected[i].size);
    }
}

/* ---- lengths that are at an edge of something ---- */

static const size_t edge_counts[] = {0,    1,    2,    7,    8,    9,    31,   32,   33,   34,
                                     63,   64,   65,   96,   97,   98,   127,  128,  129,  130,
                                     160,  161,  162,  255,  256,  257,  258,  384,  385,  386,
                                     1000, 1024, 1025, 1026, 1153, 2048, 2049, 2050, 4095, 4097};
enum { EDGE_COUNTS = sizeof edge_counts / sizeof *edge_counts, EDGE_COUNT_MAX = 4097 };

/* A random number of up to `bits` bits, most often with all of them in use. */
static inline uint64_t random_of_width(unsigned bits)
{
    return bits ? random_bits() >> (64 - bits) : 0;
}

#endif
