/* Keys as most records spell them: plainly, and the few that the schema has. One product and one
 * compare tell which it is, without a look for where the key ends. */
#ifndef CP_FORMATS_JSON_JSON_SPELLING_H
#define CP_FORMATS_JSON_JSON_SPELLING_H

#include "formats/json/key_tree.h"
#include "pipeline/text/swar.h"

enum {
    CP_LITERAL_BYTES = 32,
    CP_SPELLINGS_LOG2 = 6,
    CP_SPELLINGS = 1 << CP_SPELLINGS_LOG2,
};

/* Bytes to be compared with those of a record. */
typedef struct cp_json_literal {
    uint8_t text[CP_LITERAL_BYTES]; /* then zeros */
    uint8_t mask[CP_LITERAL_BYTES]; /* 0xff for its bytes, then zeros */
} cp_json_literal;

/* A key from behind its opening quote up to and with the closing one. */
typedef struct cp_json_spelling {
    cp_json_literal literal;
    int32_t index; /* CP_NAME_ABSENT: the slot is empty, and its literal is the same as any key */
} cp_json_spelling;

typedef struct cp_json_spellings {
    uint32_t factor;
    cp_json_spelling slots[CP_SPELLINGS];
} cp_json_spellings;

/* Of the node's keys those that can be spelled plainly and have a slot of their own. */
void cp_json_spellings_build(const cp_key_node *node, cp_json_spellings *out);

/* Where the key at p would be, by its first three bytes with the quote; eight are readable. */
static inline const cp_json_spelling *cp_json_spelling_at(const cp_json_spellings *spellings,
                                                          const uint8_t *p)
{
    uint32_t product = (uint32_t)(cp_load8(p) << 8) * spellings->factor;
    return &spellings->slots[product >> (32 - CP_SPELLINGS_LOG2)];
}

#endif
