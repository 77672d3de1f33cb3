/* The loop over an object's keys, in whatever order they come. */
#include "formats/json/json_row.h"

#include "formats/json/json_leaf.h"
#include "formats/json/json_minify.h"
#include "formats/json/json_value.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/escape.h"

cp_rc cp_json_plan_open(const cp_schema *schema, cp_json_plan *out, cp_error *err)
{
    *out = (cp_json_plan){.schema = schema};
    if (cp_schema_is_verbatim(schema))
        out->find_gaps = cp_json_gap_finder_best();
    cp_rc rc = cp_key_tree_build(schema, &out->keys, err);
    out->words = out->keys.number_count / 64 + 1;
    if (!rc)
        rc = cp_calloc(out->words, sizeof(uint64_t), &out->required, err);
    if (!rc)
        rc = cp_calloc(out->words, sizeof(uint64_t), &out->wanted, err);
    for (size_t i = 0; !rc && !out->find_gaps && i < schema->field_count; i++) {
        out->required[i / 64] |= (uint64_t)schema->fields[i].required << (i % 64);
        out->wanted[i / 64] |= (uint64_t)schema->fields[i].wanted << (i % 64);
    }
    if (rc)
        cp_json_plan_close(out);
    else
        cp_json_spellings_build(out->keys.root, &out->spellings);
    return rc;
}

void cp_json_plan_close(cp_json_plan *plan)
{
    cp_key_tree_free(&plan->keys);
    free(plan->required);
    free(plan->wanted);
    *plan = (cp_json_plan){0};
}

cp_rc cp_json_row_open(const cp_json_plan *plan, cp_json_row *out, cp_error *err)
{
    *out = (cp_json_row){.plan = plan};
    cp_rc rc = cp_calloc(plan->words, sizeof(uint64_t), &out->seen, err);
    if (!rc)
        rc = cp_calloc(plan->words, sizeof(uint64_t), &out->filled, err);
    if (rc)
        cp_json_row_close(out);
    return rc;
}

void cp_json_row_close(cp_json_row *row)
{
    free(row->seen);
    free(row->filled);
    *row = (cp_json_row){0};
}

static bool test(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void set(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void clear(uint64_t *bits, uint32_t i)
{
    bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static const uint8_t *refuse(cp_json_check *check, cp_reason reason, const cp_field *field,
                             cp_span value)
{
    check->refusal = (cp_refusal){.reason = reason, .field = field, .value = value};
    return NULL;
}

/* What one object's keys need at hand. */
typedef struct context {
    cp_json_row *row;
    cp_json_check *check;
    cp_batch *batch;
    unsigned depth; /* open brackets around the object's values */
} context;

static const uint8_t *object_read(const uint8_t *p, context *c, const cp_key_node *node);

/* `end` NULL: the value was refused, and so is the record. */
static void note_value(context *c, const uint8_t *start, const uint8_t *end, const cp_key *key)
{
    cp_json_notes *notes = c->row->notes;
    if (notes->count == CP_JSON_NOTES_MAX)
        notes->incomplete = true;
    else
        notes->items[notes->count++] = (cp_json_note){start, end, key, c->depth};
}

/* Every kind of value, every rule. */
__attribute__((noinline)) static const uint8_t *leaf_read_in_full(const uint8_t *p, context *c,
                                                                  const cp_key *key)
{
    const cp_field *field = &c->row->plan->schema->fields[key->number];
    cp_column *column = &c->batch->columns[key->number];
    cp_reason reason;
    p = cp_json_value_read(p, c->check, c->depth, field, column, c->batch, &reason);
    if (reason == CP_ACCEPTED)
        set(c->row->filled, key->number);
    else
        clear(c->row->filled, key->number);
    return p;
}

static inline __attribute__((always_inline)) const uint8_t *leaf_read(const uint8_t *p, context *c,
                                                                      const cp_key *key)
{
    const uint8_t *end =
        cp_leaf_read(p, key->kind, key->field, &c->batch->columns[key->number], c->batch->rows);
    if (!end)
        return leaf_read_in_full(p, c, key);
    set(c->row->filled, key->number);
    return end;
}

static const cp_field *first_field(const cp_json_plan *plan, const cp_key *key)
{
    while (key->inner)
        key = &key->inner->keys[0];
    return &plan->schema->fields[key->number];
}

__attribute__((noinline)) static const uint8_t *inner_read(const uint8_t *p, context *c,
                                                           const cp_key *key)
{
    if (*p == '{') {
        if (c->depth >= CP_JSON_DEPTH_MAX) {
            c->check->refusal =
                (cp_refusal){.reason = CP_NESTING_TOO_DEEP, .at = CP_JSON_DEPTH_MAX};
            return NULL;
        }
        c->depth++;
        p = object_read(p + 1, c, key->inner);
        c->depth--;
        return p;
    }
    const uint8_t *end = cp_json_value_skip(p, c->check, c->depth);
    if (!end || *p == 'n')
        return end; /* null: what lies within is missing */
    refuse(c->check, CP_WRONG_TYPE, first_field(c->row->plan, key),
           (cp_span){p, (size_t)(end - p)});
    c->check->refusal.detail = "object";
    return NULL;
}

/* A later object replaces the whole of an earlier one. */
static void forget(cp_json_row *row, const cp_key *key)
{
    for (uint32_t i = 0; key->inner && i < key->inner->key_count; i++) {
        const cp_key *below = &key->inner->keys[i];
        clear(row->seen, below->number);
        if (below->inner)
            forget(row, below);
        else
            clear(row->filled, below->number);
    }
}

/* A key that the record had before. */
__attribute__((noinline)) static const uint8_t *repeated_read(const uint8_t *p, context *c,
                                                              const cp_key *key)
{
    const cp_json_plan *plan = c->row->plan;
    if (c->row->notes)
        c->row->notes->incomplete = true;
    switch (plan->schema->duplicates) {
    case CP_DUPLICATE_REJECT:
        return refuse(c->check, CP_DUPLICATE_KEY, first_field(plan, key), key->name);
    case CP_DUPLICATE_FIRST:
        return cp_json_value_skip(p, c->check, c->depth);
    default:
        forget(c->row, key);
        return key->inner ? inner_read(p, c, key) : leaf_read(p, c, key);
    }
}

static inline __attribute__((always_inline)) const uint8_t *known_read(const uint8_t *p, context *c,
                                                                       const cp_key *key)
{
    if (test(c->row->seen, key->number))
        return repeated_read(p, c, key);
    set(c->row->seen, key->number);
    return key->inner ? inner_read(p, c, key) : leaf_read(p, c, key);
}

int32_t cp_json_key_find(const cp_key_node *node, const cp_json_string *name, cp_batch *batch)
{
    if (!name->has_escapes)
        return cp_names_find_readable(node->names, name->inside);
    uint8_t *text = cp_arena_take(&batch->arena, name->inside.size);
    if (!text)
        return CP_JSON_KEY_MEMORY;
    size_t size = cp_unescape(name->inside, text);
    return cp_names_find(node->names, (cp_span){text, size});
}

/* `"key" :`, up to the value. *key NULL: nobody asked for it. */
static inline __attribute__((always_inline)) const uint8_t *key_read(const uint8_t *p, context *c,
                                                                     const cp_key_node *node,
                                                                     const cp_key **key)
{
    if (*p != '"')
        return cp_json_syntax(p, c->check, "expected a key");
    cp_json_string name;
    p = cp_json_string_read(p + 1, c->check, &name);
    if (!p)
        return NULL;
    p = cp_json_space(p, c->check->form);
    if (*p != ':')
        return cp_json_syntax(p, c->check, "expected ':'");
    int32_t found = cp_json_key_find(node, &name, c->batch);
    if (found == CP_JSON_KEY_MEMORY)
        return refuse(c->check, CP_ACCEPTED, NULL, name.inside);
    if (found == CP_NAME_ABSENT && c->row->plan->schema->reject_unknown)
        return refuse(c->check, CP_UNKNOWN_FIELD, NULL, name.inside);
    *key = found == CP_NAME_ABSENT ? NULL : &node->keys[found];
    return cp_json_space(p + 1, c->check->form);
}

/* One `key: value`. */
static inline __attribute__((always_inline)) const uint8_t *pair_read(const uint8_t *p, context *c,
                                                                      const cp_key_node *node)
{
    const cp_key *key = NULL;
    p = key_read(p, c, node, &key);
    if (!p)
        return NULL;
    const uint8_t *end = key ? known_read(p, c, key) : cp_json_value_skip(p, c->check, c->depth);
    if (c->row->notes && !(key && key->inner))
        note_value(c, p, end, key);
    return end;
}

/* p is behind the '{'. */
static const uint8_t *object_read(const uint8_t *p, context *c, const cp_key_node *node)
{
    p = cp_json_space(p, c->check->form);
    if (*p == '}')
        return p + 1;
    for (;;) {
        p = pair_read(p, c, node);
        if (!p)
            return NULL;
        p = cp_json_space(p, c->check->form);
        if (*p == '}')
            return p + 1;
        if (*p != ',')
            return cp_json_syntax(p, c->check, "expected ',' or '}'");
        p = cp_json_space(p + 1, c->check->form);
    }
}

bool cp_json_row_complete(const cp_json_row *row, cp_json_check *check, cp_batch *batch)
{
    const cp_json_plan *plan = row->plan;
    for (uint32_t w = 0; w < plan->words; w++) {
        uint64_t lacking = plan->required[w] & ~row->filled[w];
        if (lacking) {
            uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(lacking);
            cp_reason reason = test(row->seen, number) ? CP_NULL_VALUE : CP_MISSING_FIELD;
            refuse(check, reason, &plan->schema->fields[number], (cp_span){0});
            return false;
        }
    }
    for (uint32_t w = 0; w < plan->words; w++)
        for (uint64_t nulls = plan->wanted[w] & ~row->filled[w]; nulls; nulls &= nulls - 1)
            cp_column_set_null(&batch->columns[w * 64 + (uint32_t)__builtin_ctzll(nulls)],
                               batch->rows);
    return true;
}

const uint8_t *cp_json_row_read(cp_json_row *row, const uint8_t *p, cp_json_check *check,
                                cp_batch *batch)
{
    if (*p != '{') {
        const uint8_t *end = cp_json_value_skip(p, check, 0);
        if (row->plan->find_gaps)
            return end;
        return end ? refuse(check, CP_NOT_AN_OBJECT, NULL, (cp_span){p, (size_t)(end - p)}) : NULL;
    }
    for (uint32_t w = 0; w < row->plan->words; w++)
        row->seen[w] = row->filled[w] = 0;
    if (row->notes)
        row->notes->count = row->notes->incomplete = 0;
    context c = {row, check, batch, 1};
    return object_read(p + 1, &c, row->plan->keys.root);
}

cp_span cp_json_row_text(const uint8_t *start, const uint8_t *end)
{
    while (cp_json_is_space(*start))
        start++;
    while (cp_json_is_space(end[-1]))
        end--;
    return (cp_span){start, (size_t)(end - start)};
}

bool cp_json_row_keep(const cp_json_plan *plan, cp_batch *batch, const uint8_t *start,
                      const uint8_t *end, bool tight)
{
    cp_span text = cp_json_row_text(start, end);
    if (!tight && plan->find_gaps(text.data, text.data + text.size) &&
        !cp_json_minify_aside(&text, &batch->arena))
        return false;
    ((cp_span *)batch->columns[0].data)[batch->rows] = text;
    return true;
}
