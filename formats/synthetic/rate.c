/* Rates as exact parts in a million. */
#include "formats/synthetic/generator.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool cp_gen_rate_parse(cp_span text, uint32_t *per_million)
{
    if (text.size == 0 || (text.data[0] != '0' && text.data[0] != '1'))
        return false;
    if (text.size == 2 || (text.size > 1 && text.data[1] != '.'))
        return false;
    uint32_t parts = text.data[0] == '1' ? CP_GEN_BAD_MAX : 0;
    uint32_t weight = CP_GEN_BAD_MAX / 10;
    for (size_t i = 2; i < text.size; i++) {
        if (!is_digit(text.data[i]) || (weight == 0 && text.data[i] != '0'))
            return false;
        parts += (uint32_t)(text.data[i] - '0') * weight;
        weight /= 10;
    }
    *per_million = parts;
    return parts <= CP_GEN_BAD_MAX;
}
