/* Two short cuts to rows, beside cp_json_row and never instead of it: a record that neither of them
 * takes, or that has a value that is not plainly accepted, is left to cp_json_row_read, which knows
 * every rule and refusal.
 *
 * By shape: what records look like between their values is learned from those read before.
 *
 *   {"id":"CASE-7","sensor_id":343}\n        {"id":" | ","sensor_id": | }\n
 *           value             value    -->   literal   literal          literal that ends a record
 *
 * In an array the comma ends a record, and the white space behind it opens the next.
 *
 * Logs repeat their keys, order and spacing. A record whose literals are a known shape's, byte for
 * byte, has the same keys at the same places as the record that the shape was learned from, so
 * only its values are left to be read and checked. Shapes that begin alike share what they have in
 * common: they are a tree of literals, each with the ways in which a record may go on.
 *
 * In any order: first the places of all tokens are found (json_tokens.h), and by them those of the
 * values; then the values are read, in the schema's order. So no step waits for the end of the
 * value before it, and what kind of value comes next can be foretold, whatever order they stand in.
 * For records whose fields are all on one level. */
#ifndef CP_FORMATS_JSON_JSON_SHAPE_H
#define CP_FORMATS_JSON_JSON_SHAPE_H

#include "formats/json/json_row.h"

enum {
    CP_SHAPE_NODES = 256,
    CP_SHAPE_FIELDS_MAX = 64, /* for schemas with more keys there are no short cuts */
};

/* How a value is read. */
typedef enum cp_shape_value {
    CP_SHAPE_MORE,   /* no value: the literal goes on */
    CP_SHAPE_END,    /* no value: the record has ended, with what ends it */
    CP_SHAPE_NULL,   /* no value: the literal ends with a field's null */
    CP_SHAPE_FIELD,  /* a field's value, every rule in question */
    CP_SHAPE_JSON,   /* a value that is only checked to be JSON, and kept as its text */
    CP_SHAPE_OPAQUE, /* a string that is only checked to be one */
    CP_SHAPE_STRING, /* the others have short cuts */
    CP_SHAPE_ENUM,
    CP_SHAPE_UINT16,
    CP_SHAPE_INT64,
    CP_SHAPE_FLOAT64,
    CP_SHAPE_EPOCH_S,
} cp_shape_value;

/* Where a value goes. */
typedef struct cp_json_cell {
    const cp_field *field; /* NULL: nobody's */
    cp_column *column;     /* the field's in the batch at hand */
    uint16_t number;       /* the field's */
    uint16_t depth;        /* open brackets around the value */
    uint8_t value;         /* cp_shape_value */
} cp_json_cell;

typedef struct cp_shape_node {
    cp_json_literal literal;     /* longer ones take several nodes */
    struct cp_shape_node *next;  /* to try behind the value; NULL behind CP_SHAPE_END */
    struct cp_shape_node *other; /* to try in place of this one; NULL: none */
    cp_json_cell cell;           /* strings begin behind their quote, which is the literal's */
    uint8_t size;                /* of the literal */
    bool is_steady;              /* the values are mostly of value_bytes */
    bool is_tight;               /* CP_SHAPE_END: no literal has white space between tokens */
    uint8_t trust;               /* that they are */
    uint32_t value_bytes;
    uint64_t nulls; /* CP_SHAPE_END: wanted fields that such records do not have */
} cp_shape_node;

typedef struct cp_json_shapes cp_json_shapes;

/* The loops over bytes, one set for each instruction set; all give the same. */
typedef struct cp_json_kernels {
    /* Reads records by shape, from `line` on, for as long as they fit and the batch has room; each
     * becomes a row of the batch. `line` is behind what ended the record before, `end` the block's;
     * of lines, the last one's '\n' may stand there. Returns the first line not read; `end` + 1
     * behind that '\n'. There is at least one shape. */
    const uint8_t *(*by_shape)(cp_json_shapes *, const uint8_t *line, const uint8_t *end,
                               cp_batch *);
    /* The same for one record in any order; NULL where it is for cp_json_row_read. */
    const uint8_t *(*in_any_order)(cp_json_shapes *, const uint8_t *line, const uint8_t *end,
                                   cp_batch *);
} cp_json_kernels;

const cp_json_kernels *cp_json_kernels_portable(void);
const cp_json_kernels *cp_json_kernels_avx2(void);   /* NULL where the machine has no AVX2 */
const cp_json_kernels *cp_json_kernels_avx512(void); /* likewise */

static inline const cp_json_kernels *cp_json_kernels_best(void)
{
    const cp_json_kernels *avx2 = cp_json_kernels_avx2(), *avx512 = cp_json_kernels_avx512();
    return avx512 ? avx512 : avx2 ? avx2 : cp_json_kernels_portable();
}

/* One worker's. */
struct cp_json_shapes {
    const cp_json_plan *plan;
    size_t max_record_bytes;
    cp_json_form form;
    const cp_json_kernels *kernels;
    cp_column *columns;   /* the batch's that all cells are bound to */
    cp_json_cell *cells;  /* by key of the root, and one for keys that nobody asked for */
    cp_shape_node *nodes; /* nodes[0]: before a record; NULL: no short cuts for this plan */
    uint32_t node_count;
    bool full;        /* the last record that was to be learned had no room */
    int32_t luck;     /* records that fitted against those that did not, bounded */
    uint32_t pause;   /* records to come before shapes are tried again */
    uint32_t unknown; /* records that fitted no shape since the tree is full */
    bool learns;      /* the record that was left is to be noted and learned */
};

/* CP_E_MEMORY. */
cp_rc cp_json_shapes_open(const cp_json_plan *plan, size_t max_record_bytes, cp_json_form form,
                          cp_json_shapes *out, cp_error *err);
void cp_json_shapes_close(cp_json_shapes *shapes); /* may be called twice */

/* Reads records, as cp_json_kernels.by_shape, up to one that is for cp_json_row_read; where
 * shapes->learns, that should take notes. */
const uint8_t *cp_json_shapes_read(cp_json_shapes *shapes, const uint8_t *line, const uint8_t *end,
                                   cp_batch *batch);

/* Learns from an accepted record: from `line` up to and with what ends it at `record_end`. */
void cp_json_shapes_learn(cp_json_shapes *shapes, const uint8_t *line, const uint8_t *record_end,
                          const cp_json_notes *notes);

#endif
