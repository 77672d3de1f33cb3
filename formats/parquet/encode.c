/* The encodings, one function each, but for those with files of their own. */
#include "formats/parquet/encode.h"

#include "formats/parquet/byte_split.h"
#include "formats/parquet/delta.h"
#include "formats/parquet/delta_text.h"
#include "formats/parquet/plain.h"
#include "formats/parquet/rle.h"
#include "pipeline/core/bits.h"

void cp_parquet_body_clear(cp_parquet_body *body)
{
    body->bytes.size = 0;
    body->part_count = 0;
}

void cp_parquet_body_close(cp_parquet_body *body)
{
    cp_bytes_free(&body->bytes);
    cp_bytes_free(&body->room);
    *body = (cp_parquet_body){0};
}

static void end_part(cp_parquet_body *body)
{
    body->part_ends[body->part_count++] = body->bytes.size;
}

/* "Dictionary Encoding": the width, then the indices without their length. */
static cp_rc encode_indices(const cp_parquet_coding *coding,
                            const cp_parquet_dictionary *dictionary, size_t first, size_t count,
                            cp_parquet_body *body, cp_error *err)
{
    uint8_t width = (uint8_t)coding->index_width;
    cp_rc rc = cp_bytes_put(&body->bytes, &width, 1, err);
    if (!rc)
        rc = cp_rle_put(&body->bytes, dictionary->indices + first, count, width, err);
    return rc;
}

/* "Run Length Encoding": levels and bools have the length of the runs before them. */
static cp_rc put_length(cp_bytes *out, cp_error *err)
{
    return cp_bytes_put(out, "\0\0\0", 4, err);
}

static void set_length(cp_bytes *out, size_t at)
{
    cp_put_u32(out->data + at, (uint32_t)(out->size - at - 4));
}

/* Levels that say nothing are no part of their own. */
cp_rc cp_parquet_encode_levels(const cp_parquet_levels *levels, size_t first, size_t count,
                               cp_parquet_body *body, cp_error *err)
{
    size_t at = body->bytes.size;
    cp_rc rc = put_length(&body->bytes, err);
    if (!rc)
        rc = levels->valid ? cp_rle_put_bits(&body->bytes, levels->valid, first, count, err)
                           : cp_rle_put_ones(&body->bytes, count, err);
    if (rc)
        return rc;
    set_length(&body->bytes, at);
    if (levels->valid)
        end_part(body);
    return CP_OK;
}

static cp_rc encode_bools(const uint8_t *bools, size_t count, cp_parquet_body *body, cp_error *err)
{
    body->room.size = 0;
    cp_rc rc = cp_bytes_reserve(&body->room, cp_bit_words(count) * sizeof(uint64_t), err);
    if (rc)
        return rc;
    uint64_t *words = (uint64_t *)(void *)body->room.data;
    cp_plain_bits(words, bools, count);
    size_t at = body->bytes.size;
    rc = put_length(&body->bytes, err);
    if (!rc)
        rc = cp_rle_put_bits(&body->bytes, words, 0, count, err);
    if (!rc)
        set_length(&body->bytes, at);
    return rc;
}

/* Numbers are little-endian in memory, as in the file. */
static cp_rc encode_plain(const cp_parquet_values *values, size_t first, size_t count,
                          cp_bytes *out, cp_error *err)
{
    if (values->type == CP_PARQUET_BOOLEAN)
        return cp_plain_put_bools(out, values->bools + first, count, err);
    if (values->type == CP_PARQUET_BYTE_ARRAY)
        return cp_plain_put_texts(out, values->texts + first, count, err);
    if (cp_parquet_is_wide(values->type))
        return cp_bytes_put(out, values->words64 + first, count * sizeof(uint64_t), err);
    return cp_bytes_put(out, values->words32 + first, count * sizeof(uint32_t), err);
}

static cp_rc encode_delta(const cp_parquet_coding *coding, const cp_parquet_values *values,
                          size_t first, size_t count, cp_bytes *out, cp_error *err)
{
    if (cp_parquet_is_wide(values->type))
        return cp_delta_put_64(out, values->words64 + first, count, coding->is_uniform, err);
    return cp_delta_put_32(out, values->words32 + first, count, coding->is_uniform, err);
}

/* "Byte Stream Split": a part for each stream, and none that begins with levels. */
static cp_rc encode_split(const cp_parquet_values *values, size_t first, size_t count,
                          cp_parquet_body *body, cp_error *err)
{
    size_t streams = cp_parquet_is_wide(values->type) ? 8 : 4;
    if (body->part_count == 0 && body->bytes.size > 0)
        end_part(body);
    cp_rc rc = cp_bytes_reserve(&body->bytes, streams * count, err);
    for (unsigned i = 0; !rc && i < streams; i++) {
        uint8_t *to = body->bytes.data + body->bytes.size;
        if (cp_parquet_is_wide(values->type))
            cp_byte_split_64(to, values->words64 + first, count, i);
        else
            cp_byte_split_32(to, values->words32 + first, count, i);
        body->bytes.size += count;
        if (i + 1 < streams)
            end_part(body);
    }
    return rc;
}

/* "Delta-length byte array": lengths and bytes are two parts. */
static cp_rc encode_lengths(const cp_parquet_coding *coding, const cp_span *texts, size_t count,
                            cp_parquet_body *body, cp_error *err)
{
    cp_rc rc =
        cp_delta_put_lengths(&body->bytes, texts, count, coding->is_uniform, &body->room, err);
    if (rc)
        return rc;
    end_part(body);
    return cp_delta_put_bytes(&body->bytes, texts, count, err);
}

cp_rc cp_parquet_encode(const cp_parquet_coding *coding, const cp_parquet_values *values,
                        const cp_parquet_dictionary *dictionary, size_t first, size_t count,
                        cp_parquet_body *body, cp_error *err)
{
    cp_rc rc = CP_OK;
    switch (coding->encoding) {
    case CP_PARQUET_PLAIN:
        rc = encode_plain(values, first, count, &body->bytes, err);
        break;
    case CP_PARQUET_RLE:
        rc = encode_bools(values->bools + first, count, body, err);
        break;
    case CP_PARQUET_DELTA_BINARY_PACKED:
        rc = encode_delta(coding, values, first, count, &body->bytes, err);
        break;
    case CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY:
        rc = encode_lengths(coding, values->texts + first, count, body, err);
        break;
    case CP_PARQUET_DELTA_BYTE_ARRAY:
        rc = cp_delta_put_texts(&body->bytes, values->texts + first, count, coding->is_uniform,
                                &body->room, err);
        break;
    case CP_PARQUET_RLE_DICTIONARY:
        rc = encode_indices(coding, dictionary, first, count, body, err);
        break;
    case CP_PARQUET_BYTE_STREAM_SPLIT:
        rc = encode_split(values, first, count, body, err);
        break;
    }
    if (!rc)
        end_part(body);
    return rc;
}

cp_rc cp_parquet_encode_dictionary(const cp_parquet_dictionary *dictionary, cp_parquet_type type,
                                   cp_parquet_body *body, cp_error *err)
{
    cp_rc rc = cp_parquet_dictionary_put(dictionary, type, &body->bytes, err);
    if (!rc)
        end_part(body);
    return rc;
}
