/* What reading by shape does with bytes, in 64-bit words and whatever every machine has. */
#ifndef CP_FORMATS_JSON_JSON_SHAPE_WORDS_H
#define CP_FORMATS_JSON_JSON_SHAPE_WORDS_H

#include "formats/json/json_leaf.h"
#include "formats/json/json_shape.h"

/* Nothing has to be at hand. */
typedef struct machine machine;

static inline const machine *machine_get(void)
{
    return NULL;
}

static inline bool literal_is_at(const cp_json_literal *literal, const uint8_t *p)
{
    uint64_t text[CP_LITERAL_BYTES / 8], mask[CP_LITERAL_BYTES / 8], here[CP_LITERAL_BYTES / 8];
    memcpy(text, literal->text, sizeof text);
    memcpy(mask, literal->mask, sizeof mask);
    memcpy(here, p, sizeof here);
    uint64_t differs = 0;
    for (size_t i = 0; i < CP_LITERAL_BYTES / 8; i++)
        differs |= (here[i] ^ text[i]) & mask[i];
    return differs == 0;
}

static inline const uint8_t *string_scan(const uint8_t *p, const machine *m)
{
    (void)m;
    return cp_json_string_scan(p);
}

static inline const uint8_t *short_array_skip(const uint8_t *p)
{
    return p[0] == '[' && p[1] == ']' ? p + 2 : NULL;
}

static inline const uint8_t *number_read(const uint8_t *p, cp_leaf_number *out, const machine *m)
{
    (void)m;
    return cp_leaf_number_at(p, out);
}

#endif
