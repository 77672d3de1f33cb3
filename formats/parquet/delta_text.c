/* Texts as lengths and bytes, with or without the prefix that they share with the one before. */
#include "formats/parquet/delta_text.h"

#include "formats/parquet/delta.h"
#include "pipeline/core/text_key.h"

/* `count` lengths, `columns` times over. */
static cp_rc make_room(cp_bytes *room, size_t count, size_t columns, uint32_t **out, cp_error *err)
{
    room->size = 0;
    cp_rc rc = cp_bytes_reserve(room, count * columns * sizeof(uint32_t), err);
    *out = (uint32_t *)(void *)room->data;
    return rc;
}

cp_rc cp_delta_put_lengths(cp_bytes *out, const cp_span *texts, size_t count, bool is_uniform,
                           cp_bytes *room, cp_error *err)
{
    uint32_t *lengths;
    cp_rc rc = make_room(room, count, 1, &lengths, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < count; i++)
        lengths[i] = (uint32_t)texts[i].size;
    return cp_delta_put_32(out, lengths, count, is_uniform, err);
}

cp_rc cp_delta_put_bytes(cp_bytes *out, const cp_span *texts, size_t count, cp_error *err)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += texts[i].size;
    cp_rc rc = cp_bytes_reserve(out, size, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].size)
            memcpy(to, texts[i].data, texts[i].size);
        to += texts[i].size;
    }
    out->size += size;
    return CP_OK;
}

static size_t shared_prefix(cp_span a, cp_span b)
{
    size_t most = a.size < b.size ? a.size : b.size;
    size_t n = 0;
    for (; n + 8 <= most; n += 8) {
        uint64_t differ = cp_text_word8(a.data + n) ^ cp_text_word8(b.data + n);
        if (differ)
            return n + (size_t)__builtin_ctzll(differ) / 8;
    }
    while (n < most && a.data[n] == b.data[n])
        n++;
    return n;
}

static size_t split_texts(const cp_span *texts, size_t count, uint32_t *prefixes,
                          uint32_t *suffixes)
{
    size_t suffix_bytes = 0;
    cp_span before = {0};
    for (size_t i = 0; i < count; i++) {
        prefixes[i] = (uint32_t)shared_prefix(before, texts[i]);
        suffixes[i] = (uint32_t)texts[i].size - prefixes[i];
        suffix_bytes += suffixes[i];
        before = texts[i];
    }
    return suffix_bytes;
}

cp_rc cp_delta_put_texts(cp_bytes *out, const cp_span *texts, size_t count, bool is_uniform,
                         cp_bytes *room, cp_error *err)
{
    uint32_t *prefixes;
    cp_rc rc = make_room(room, count, 2, &prefixes, err);
    if (rc)
        return rc;
    uint32_t *suffixes = prefixes + count;
    size_t suffix_bytes = split_texts(texts, count, prefixes, suffixes);
    rc = cp_delta_put_32(out, prefixes, count, is_uniform, err);
    if (!rc)
        rc = cp_delta_put_32(out, suffixes, count, is_uniform, err);
    if (!rc)
        rc = cp_bytes_reserve(out, suffix_bytes, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        if (suffixes[i])
            memcpy(to, texts[i].data + prefixes[i], suffixes[i]);
        to += suffixes[i];
    }
    out->size += suffix_bytes;
    return CP_OK;
}
