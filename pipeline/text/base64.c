/* Base64, RFC 4648: three bytes as four characters of six bits each, the highest first. */
#include "pipeline/text/escape.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static inline void put_group(uint32_t bits, char out[4])
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = alphabet[bits >> (18 - 6 * i) & 63];
}

size_t cp_base64(cp_span bytes, char *out)
{
    char *start = out;
    const uint8_t *p = bytes.data;
    size_t left = bytes.size;
    for (; left >= 3; left -= 3, p += 3, out += 4)
        put_group((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2], out);
    if (left > 0) {
        put_group((uint32_t)p[0] << 16 | (left == 2 ? (uint32_t)p[1] << 8 : 0), out);
        memset(out + 1 + left, '=', 3 - left);
        out += 4;
    }
    return (size_t)(out - start);
}
