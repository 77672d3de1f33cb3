/* PLAIN bools and texts. */
#include "formats/parquet/plain.h"

/* The first 64 bools at most, least bit first. */
static uint64_t word_of(const uint8_t *bools, size_t count)
{
    uint64_t word = 0;
    for (size_t k = 0; k < count && k < 64; k++)
        word |= (uint64_t)bools[k] << k;
    return word;
}

void cp_plain_bits(uint64_t *words, const uint8_t *bools, size_t count)
{
    for (size_t i = 0; i < count; i += 64)
        words[i / 64] = word_of(bools + i, count - i);
}

cp_rc cp_plain_put_bools(cp_bytes *out, const uint8_t *bools, size_t count, cp_error *err)
{
    cp_rc rc = cp_bytes_reserve(out, count / 8 + sizeof(uint64_t), err);
    if (rc)
        return rc;
    for (size_t i = 0; i < count; i += 64) {
        size_t part = count - i < 64 ? count - i : 64;
        cp_put_u64(out->data + out->size, word_of(bools + i, part));
        out->size += (part + 7) / 8;
    }
    return CP_OK;
}

cp_rc cp_plain_put_texts(cp_bytes *out, const cp_span *texts, size_t count, cp_error *err)
{
    size_t size = 4 * count;
    for (size_t i = 0; i < count; i++)
        size += texts[i].size;
    cp_rc rc = cp_bytes_reserve(out, size, err);
    if (rc)
        return rc;
    uint8_t *to = out->data + out->size;
    for (size_t i = 0; i < count; i++)
        to = cp_plain_put_text(to, texts[i]);
    out->size += size;
    return CP_OK;
}
