/* The tree of literals: how it grows, and when it is worth looking into.
 *
 * What is learned changes how fast a record is read, never what it means. */
#include "formats/json/json_shape.h"

#include "formats/json/json_leaf.h"
#include "pipeline/core/checked.h"

enum {
    WAYS_MAX = 8,         /* of going on behind one value */
    LUCK_MAX = 64,        /* as far as it counts */
    PAUSE_RECORDS = 1000, /* without luck; so trying costs next to nothing */
    UNKNOWN_MAX = 4000,   /* then a full tree is given up for a new one */
};

static bool is_plain_json(const cp_field *field)
{
    return field->type == CP_TYPE_JSON && !field->has_min && !field->has_max &&
           field->null_if_count == 0;
}

static cp_shape_value value_of_key(const cp_key *key)
{
    switch (key->kind) {
    case CP_LEAF_STRING:
        return key->field->wanted ? CP_SHAPE_STRING : CP_SHAPE_OPAQUE;
    case CP_LEAF_ENUM:
        return CP_SHAPE_ENUM;
    case CP_LEAF_UINT16:
        return CP_SHAPE_UINT16;
    case CP_LEAF_INT64:
        return CP_SHAPE_INT64;
    case CP_LEAF_FLOAT64:
        return CP_SHAPE_FLOAT64;
    case CP_LEAF_EPOCH_S:
        return CP_SHAPE_EPOCH_S;
    default:
        return is_plain_json(key->field) ? CP_SHAPE_JSON : CP_SHAPE_FIELD;
    }
}

/* Inner objects are not for reading in any order: no value, to say so. */
static void fill_cells(const cp_key_node *root, cp_json_cell *cells)
{
    for (uint32_t i = 0; i < root->key_count; i++) {
        const cp_key *key = &root->keys[i];
        cells[i] = (cp_json_cell){.depth = 1, .value = CP_SHAPE_END};
        if (key->inner)
            continue;
        cells[i].field = key->field;
        cells[i].number = (uint16_t)key->number;
        cells[i].value = (uint8_t)value_of_key(key);
    }
    cells[root->key_count] = (cp_json_cell){.depth = 1, .value = CP_SHAPE_JSON};
}

cp_rc cp_json_shapes_open(const cp_json_plan *plan, size_t max_record_bytes, cp_json_form form,
                          cp_json_shapes *out, cp_error *err)
{
    *out = (cp_json_shapes){
        .plan = plan,
        .max_record_bytes = max_record_bytes,
        .form = form,
        .kernels = cp_json_kernels_best(),
        .node_count = 1,
    };
    if (plan->keys.number_count > CP_SHAPE_FIELDS_MAX)
        return CP_OK;
    const cp_key_node *root = plan->keys.root;
    cp_rc rc = cp_calloc(root->key_count + (size_t)1, sizeof *out->cells, &out->cells, err);
    if (!rc)
        rc = cp_calloc(CP_SHAPE_NODES, sizeof *out->nodes, &out->nodes, err);
    if (rc)
        cp_json_shapes_close(out);
    else
        fill_cells(root, out->cells);
    return rc;
}

void cp_json_shapes_close(cp_json_shapes *shapes)
{
    free(shapes->cells);
    free(shapes->nodes);
    *shapes = (cp_json_shapes){0};
}

static void bind(cp_json_shapes *shapes, cp_column *columns)
{
    for (uint32_t i = 1; i < shapes->node_count; i++)
        shapes->nodes[i].cell.column = &columns[shapes->nodes[i].cell.number];
    for (uint32_t i = 0; i <= shapes->plan->keys.root->key_count; i++)
        shapes->cells[i].column = &columns[shapes->cells[i].number];
    shapes->columns = columns;
}

static void forget_all(cp_json_shapes *shapes)
{
    memset(shapes->nodes, 0, CP_SHAPE_NODES * sizeof *shapes->nodes);
    shapes->node_count = 1;
    shapes->full = false;
    shapes->unknown = 0;
    shapes->luck = 0;
}

/* Counts a record that fits no shape; whether it should be learned. */
static bool miss(cp_json_shapes *shapes)
{
    if (shapes->pause > 0) {
        shapes->pause--;
    } else if (--shapes->luck < -LUCK_MAX) {
        shapes->luck = 0;
        shapes->pause = PAUSE_RECORDS;
    }
    if (!shapes->full)
        return true;
    if (++shapes->unknown < UNKNOWN_MAX)
        return false;
    forget_all(shapes);
    return true;
}

static const uint8_t *read_by_shape(cp_json_shapes *shapes, const uint8_t *line, const uint8_t *end,
                                    cp_batch *batch)
{
    if (shapes->node_count <= 1 || shapes->pause > 0)
        return line;
    uint32_t before = batch->rows;
    line = shapes->kernels->by_shape(shapes, line, end, batch);
    int32_t fitted = (int32_t)(batch->rows - before);
    shapes->luck = fitted < LUCK_MAX - shapes->luck ? shapes->luck + fitted : LUCK_MAX;
    return line;
}

const uint8_t *cp_json_shapes_read(cp_json_shapes *shapes, const uint8_t *line, const uint8_t *end,
                                   cp_batch *batch)
{
    shapes->learns = false;
    if (!shapes->nodes)
        return line;
    if (shapes->columns != batch->columns)
        bind(shapes, batch->columns);
    for (;;) {
        line = read_by_shape(shapes, line, end, batch);
        if (line >= end || batch->rows == batch->capacity)
            return line;
        shapes->learns = miss(shapes);
        const uint8_t *next =
            shapes->learns ? NULL : shapes->kernels->in_any_order(shapes, line, end, batch);
        if (!next)
            return line;
        batch->rows++;
        line = next;
    }
}

static bool same_step(const cp_shape_node *a, const cp_shape_node *b)
{
    return a->size == b->size && a->cell.value == b->cell.value && a->cell.field == b->cell.field &&
           memcmp(a->literal.text, b->literal.text, a->size) == 0;
}

/* To the node behind *at that is like `step`, which is made where there is none. false: there is
 * no room. That can only be where no node was made before, since a new one has nothing behind it:
 * nothing is ever half learned. */
static bool take_step(cp_json_shapes *shapes, const cp_shape_node *step, cp_shape_node **at)
{
    cp_shape_node **link = &(*at)->next;
    for (unsigned ways = 1; *link; ways++) {
        if (same_step(*link, step)) {
            *at = *link;
            return true;
        }
        if (ways == WAYS_MAX)
            return false;
        link = &(*link)->other;
    }
    *at = *link = &shapes->nodes[shapes->node_count++];
    **at = *step;
    return true;
}

/* A literal, in as many steps as it takes; `step` tells what follows it. */
static bool take_literal(cp_json_shapes *shapes, const uint8_t *text, const uint8_t *end,
                         cp_shape_node *step, cp_shape_node **at)
{
    cp_shape_node more = {.cell.value = CP_SHAPE_MORE, .size = CP_LITERAL_BYTES};
    memset(more.literal.mask, 0xff, sizeof more.literal.mask);
    for (; end - text > CP_LITERAL_BYTES; text += CP_LITERAL_BYTES) {
        memcpy(more.literal.text, text, CP_LITERAL_BYTES);
        if (!take_step(shapes, &more, at))
            return false;
    }
    step->size = (uint8_t)(end - text);
    memcpy(step->literal.text, text, step->size);
    memset(step->literal.mask, 0xff, step->size);
    return take_step(shapes, step, at);
}

/* Short cuts for strings begin behind the quote. */
static cp_shape_value value_at(const cp_json_note *note)
{
    bool is_string = *note->start == '"';
    if (!note->key)
        return is_string ? CP_SHAPE_OPAQUE : CP_SHAPE_JSON;
    if (*note->start == 'n')
        return CP_SHAPE_NULL;
    return value_of_key(note->key);
}

static bool has_quotes(cp_shape_value value)
{
    return value == CP_SHAPE_OPAQUE || value == CP_SHAPE_STRING || value == CP_SHAPE_ENUM;
}

/* At least as many nodes as the record can take. */
static size_t nodes_at_most(const cp_json_notes *notes, size_t record_bytes)
{
    size_t literal_bytes = record_bytes;
    for (uint32_t i = 0; i < notes->count; i++)
        literal_bytes -= (size_t)(notes->items[i].end - notes->items[i].start);
    /* Beside the value's own, a literal may have its quotes or the text of a null. */
    return 2 * (size_t)notes->count + 1 + literal_bytes / CP_LITERAL_BYTES;
}

static bool take_values(cp_json_shapes *shapes, const uint8_t **text, const cp_json_notes *notes,
                        uint64_t *present, cp_shape_node **at)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        const cp_json_note *note = &notes->items[i];
        cp_shape_value value = value_at(note);
        cp_shape_node step = {.cell = {.value = (uint8_t)value, .depth = (uint16_t)note->depth}};
        if (note->key) {
            step.cell.field = note->key->field;
            step.cell.number = (uint16_t)note->key->number;
            *present |= UINT64_C(1) << step.cell.number;
        }
        const uint8_t *end = value == CP_SHAPE_NULL ? note->end : note->start + has_quotes(value);
        if (!take_literal(shapes, *text, end, &step, at))
            return false;
        *text = note->end - has_quotes(value);
    }
    return true;
}

/* Where the record has no white space between tokens, its literals have none. */
static bool is_tight(const cp_json_plan *plan, const uint8_t *start, const uint8_t *end)
{
    cp_span text = cp_json_row_text(start, end);
    return plan->find_gaps && !plan->find_gaps(text.data, text.data + text.size);
}

void cp_json_shapes_learn(cp_json_shapes *shapes, const uint8_t *line, const uint8_t *record_end,
                          const cp_json_notes *notes)
{
    size_t room = CP_SHAPE_NODES - shapes->node_count;
    if (notes->incomplete)
        return;
    shapes->columns = NULL; /* new nodes are to be bound */
    const uint8_t *start = line;
    uint64_t present = 0;
    cp_shape_node *at = &shapes->nodes[0];
    shapes->full = nodes_at_most(notes, (size_t)(record_end - line)) > room ||
                   !take_values(shapes, &line, notes, &present, &at);
    if (shapes->full)
        return;
    cp_shape_node end = {.cell.value = CP_SHAPE_END,
                         .nulls = shapes->plan->wanted[0] & ~present,
                         .is_tight = is_tight(shapes->plan, start, record_end)};
    shapes->full =
        !take_literal(shapes, line, cp_json_record_next(record_end, shapes->form), &end, &at);
}
