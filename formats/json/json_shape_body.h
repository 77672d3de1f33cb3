/* The short cuts to rows: the same text for each instruction set. The file that includes it
 * defines KERNEL_TARGET and, where SIMD is at hand, CP_SHAPE_AVX2.
 *
 * The cursor's way through a record is the bottleneck: each step waits for the one before. So a
 * literal is compared whole, of a value only its end is found at once, and what the value is comes
 * aside of that. */
#include "formats/json/json_leaf.h"
#include "formats/json/json_shape.h"
#include "formats/json/json_value.h"

#ifdef CP_SHAPE_AVX2
#include "formats/json/json_shape_avx2.h"
#else
#include "formats/json/json_shape_words.h"
#endif
#include "formats/json/json_tokens.h"

#define KERNEL_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

/* The rows to fill, and what is told of the one at hand. */
typedef struct target {
    const uint8_t *line, *end; /* the record's start, the block's end */
    cp_batch *batch;
    uint64_t nulls; /* wanted fields whose value is null */
    bool nested;    /* a value was read that may have white space in it */
    cp_json_form form;
    const cp_json_plan *verbatim; /* NULL: the plan has fields */
} target;

static bool is_null_at(const uint8_t *p)
{
    return memcmp(p, "null", 4) == 0;
}

/* Every kind of value, every rule; p is at its first byte. */
__attribute__((noinline)) static const uint8_t *value_read_in_full(const uint8_t *p,
                                                                   const cp_json_cell *cell,
                                                                   target *to)
{
    cp_json_check check = {.record = to->line, .end = to->end, .form = to->form};
    to->nested |= *p == '{' || *p == '[';
    if (!cell->field)
        return cp_json_value_skip(p, &check, cell->depth);
    cp_reason reason = CP_ACCEPTED_NULL;
    p = is_null_at(p) ? p + 4
                      : cp_json_value_read(p, &check, cell->depth, cell->field, cell->column,
                                           to->batch, &reason);
    if (p && reason == CP_ACCEPTED_NULL) {
        to->nulls |= (uint64_t)cell->field->wanted << cell->number;
        return cell->field->required ? NULL : p;
    }
    return p;
}

/* The same for a string, from behind its opening quote to its closing one. */
static const uint8_t *string_read_in_full(const uint8_t *p, const cp_json_cell *cell, target *to)
{
    p = value_read_in_full(p - 1, cell, to);
    return p ? p - 1 : NULL;
}

/* A number, a plain string, or an array of plain strings. */
KERNEL_INLINE const uint8_t *plain_json(const uint8_t *p, const machine *m)
{
    const uint8_t *end = short_array_skip(p);
    if (end)
        return end;
    if (*p == '"') {
        end = string_scan(p + 1, m);
        return *end == '"' ? end + 1 : NULL;
    }
    if (*p != '[') {
        cp_leaf_number ignored;
        return number_read(p, &ignored, m);
    }
    do {
        if (p[1] != '"')
            return NULL;
        p = string_scan(p + 2, m);
        if (*p++ != '"')
            return NULL;
    } while (*p == ',');
    return *p == ']' ? p + 1 : NULL;
}

KERNEL_INLINE int32_t plain_symbol(const cp_field *field, const uint8_t *p, const uint8_t *end)
{
    return *end == '"'
               ? cp_names_find_readable(field->symbol_codes, (cp_span){p, (size_t)(end - p)})
               : CP_NAME_ABSENT;
}

/* p is behind what ends the record; `missing`: wanted fields that the record does not have;
 * `tight`: there is no white space between its values. */
static bool end_record(const uint8_t *p, uint64_t missing, bool tight, const target *to,
                       size_t max_record_bytes)
{
    if ((size_t)(p - to->line) > max_record_bytes)
        return false;
    for (uint64_t nulls = to->nulls | missing; nulls; nulls &= nulls - 1)
        cp_column_set_null(&to->batch->columns[__builtin_ctzll(nulls)], to->batch->rows);
    return !to->verbatim ||
           cp_json_row_keep(to->verbatim, to->batch, to->line, p - (to->form != CP_JSON_VALUES),
                            tight && !to->nested);
}

/* Keeps an eye on the sizes of a node's values. */
KERNEL_INLINE void observe(cp_shape_node *node, size_t bytes)
{
    enum { TRUSTED = 8, TRUST_MAX = 15 };
    if (bytes == node->value_bytes)
        node->trust = (uint8_t)(node->trust < TRUST_MAX ? node->trust + 1 : TRUST_MAX);
    else
        node->trust /= 2;
    node->is_steady = node->trust >= TRUSTED;
    node->value_bytes = (uint32_t)bytes;
}

/* The end of the value at p. Where most values of a node are of one size, that size is put in
 * place of the one that was found: the same number, but the processor need not wait for it and
 * goes on with the literal behind, on the word of its branch prediction. */
KERNEL_INLINE const uint8_t *move_over(const uint8_t *p, const uint8_t *end,
                                       const cp_shape_node *node)
{
    size_t foretold = node->value_bytes, same = foretold;
    if (!node->is_steady)
        return end;
    /* The compiler must neither know that it may take `end`, nor choose without a branch. */
    __asm__("" : "+r"(same));
    if ((size_t)(end - p) != foretold)
        return end;
    __asm__ volatile("" ::: "memory");
    return p + same;
}

/* Where the closing quote is of the string that p is behind the opening quote of, or NULL. */
KERNEL_INLINE const uint8_t *string_read(const uint8_t *p, const cp_json_cell *cell, uint32_t row,
                                         target *to, const machine *m)
{
    const uint8_t *end = string_scan(p, m);
    if (*end != '"')
        return string_read_in_full(p, cell, to);
    if (cell->value == CP_SHAPE_STRING)
        ((cp_span *)cell->column->data)[row] = (cp_span){p, (size_t)(end - p)};
    return end;
}

KERNEL_INLINE const uint8_t *symbol_read(const uint8_t *p, const cp_json_cell *cell, uint32_t row,
                                         target *to, const machine *m)
{
    const uint8_t *end = string_scan(p, m);
    int32_t code = plain_symbol(cell->field, p, end);
    if (code < 0)
        return string_read_in_full(p, cell, to);
    if (cell->column->data)
        ((uint16_t *)cell->column->data)[row] = (uint16_t)code;
    return end;
}

/* Where the number at p ends, or NULL: look at it in full. `in_shape`: a literal tells whether it
 * has ended; else what follows may be an exponent. */
KERNEL_INLINE const uint8_t *plain_number(const uint8_t *p, bool in_shape, cp_leaf_kind kind,
                                          const cp_json_cell *cell, uint32_t row, const machine *m)
{
    cp_leaf_number number;
    const uint8_t *end = number_read(p, &number, m);
    int exponent;
    if (!in_shape && end && (*end | 0x20) == 'e') {
        end = cp_leaf_exponent_at(end, &exponent);
        return end && cp_leaf_keep_scaled(&number, exponent, kind, cell->field, cell->column, row)
                   ? end
                   : NULL;
    }
    return end && cp_leaf_keep(&number, kind, cell->field, cell->column, row) ? end : NULL;
}

/* The byte behind the value at p, or NULL; it goes into `row`. `in_shape`: strings go from behind
 * their opening quote to the closing one, and a literal tells whether a number has ended. */
KERNEL_INLINE const uint8_t *value_read(const uint8_t *p, bool in_shape, const cp_json_cell *cell,
                                        uint32_t row, target *to, const machine *m)
{
    const uint8_t *end = NULL;
    switch ((cp_shape_value)cell->value) {
    case CP_SHAPE_OPAQUE:
    case CP_SHAPE_STRING:
        if (in_shape)
            return string_read(p, cell, row, to, m);
        end = *p == '"' ? string_read(p + 1, cell, row, to, m) : NULL;
        return end ? end + 1 : value_read_in_full(p, cell, to);
    case CP_SHAPE_ENUM:
        if (in_shape)
            return symbol_read(p, cell, row, to, m);
        end = *p == '"' ? symbol_read(p + 1, cell, row, to, m) : NULL;
        return end ? end + 1 : value_read_in_full(p, cell, to);
    case CP_SHAPE_UINT16:
        end = plain_number(p, in_shape, CP_LEAF_UINT16, cell, row, m);
        break;
    case CP_SHAPE_INT64:
        end = plain_number(p, in_shape, CP_LEAF_INT64, cell, row, m);
        break;
    case CP_SHAPE_FLOAT64:
        end = plain_number(p, in_shape, CP_LEAF_FLOAT64, cell, row, m);
        break;
    case CP_SHAPE_EPOCH_S:
        end = plain_number(p, in_shape, CP_LEAF_EPOCH_S, cell, row, m);
        break;
    case CP_SHAPE_JSON:
        end = plain_json(p, m);
        if (end && cell->field && cell->column->data)
            ((cp_span *)cell->column->data)[row] = (cp_span){p, (size_t)(end - p)};
        break;
    case CP_SHAPE_NULL:
        to->nulls |= (uint64_t)cell->field->wanted << cell->number;
        return p;
    case CP_SHAPE_MORE:
        return p;
    case CP_SHAPE_FIELD:
    case CP_SHAPE_END: /* no value: never asked for */
        break;
    }
    bool is_whole = end && (in_shape || (*end | 0x20) != 'e');
    return is_whole ? end : value_read_in_full(p, cell, to);
}

/* To the node whose literal is at p, or NULL. */
KERNEL_INLINE cp_shape_node *find_literal(const uint8_t *p, cp_shape_node *node)
{
    while (!literal_is_at(&node->literal, p)) {
        node = node->other;
        if (!node)
            return NULL;
    }
    return node;
}

/* The byte behind what ends the record, or NULL: it is for others to read. */
KERNEL_INLINE const uint8_t *record_read(cp_json_shapes *shapes, target *to, bool observes,
                                         const machine *m)
{
    cp_shape_node *node = shapes->nodes->next;
    uint32_t row = to->batch->rows;
    const uint8_t *p = to->line;
    to->nulls = 0;
    to->nested = false;
    for (;; node = node->next) {
        node = find_literal(p, node);
        if (!node)
            return NULL;
        p += node->size;
        if (!node->next)
            return end_record(p, node->nulls, node->is_tight, to, shapes->max_record_bytes) ? p
                                                                                            : NULL;
        const uint8_t *end = value_read(p, true, &node->cell, row, to, m);
        if (!end)
            return NULL;
        if (observes)
            observe(node, (size_t)(end - p));
        p = move_over(p, end, node);
    }
}

KERNEL_TARGET static const uint8_t *records_read(cp_json_shapes *shapes, const uint8_t *line,
                                                 const uint8_t *end, cp_batch *batch)
{
    /* Blocks are often decompressed by another core, and lie in its cache. */
    enum { AHEAD_BYTES = 1024, AHEAD_LINES = 3, CACHE_LINE_BYTES = 64 };
    enum { OBSERVED = 32 }; /* one record in so many */
    const machine *m = machine_get();
    target to = {.end = end,
                 .batch = batch,
                 .form = shapes->form,
                 .verbatim = shapes->plan->find_gaps ? shapes->plan : NULL};
    while (line < end && batch->rows < batch->capacity) {
        to.line = line;
        for (size_t i = 0; i < AHEAD_LINES; i++)
            __builtin_prefetch(line + AHEAD_BYTES + i * CACHE_LINE_BYTES);
        const uint8_t *next = batch->rows % OBSERVED == 0 ? record_read(shapes, &to, true, m)
                                                          : record_read(shapes, &to, false, m);
        if (!next)
            break;
        batch->rows++;
        line = next;
    }
    return line;
}

/* Where the values of a record's keys begin, and how it goes on behind the last. */
typedef struct values {
    const uint8_t *at[CP_SHAPE_FIELDS_MAX]; /* by key, where `present` has its bit */
    uint64_t present;
    const uint8_t *behind;
} values;

/* In place of a key's index: it is for others to read. */
enum { KEY_LEFT = CP_JSON_KEY_MEMORY };

/* Keys with escapes, or text beyond ASCII. */
__attribute__((noinline)) static int32_t odd_key_find(const uint8_t *p, const cp_key_node *root,
                                                      const target *to)
{
    cp_json_check check = {.record = to->line, .end = to->end, .form = to->form};
    cp_json_string name;
    if (!cp_json_string_read(p, &check, &name))
        return KEY_LEFT;
    return cp_json_key_find(root, &name, to->batch);
}

/* Keys that have no quick spelling, or another one here. */
KERNEL_TARGET __attribute__((noinline)) static int32_t any_key_find(const uint8_t *p,
                                                                    const cp_key_node *root,
                                                                    const target *to)
{
    const uint8_t *end = string_scan(p, machine_get());
    return *end == '"' ? cp_names_find_readable(root->names, (cp_span){p, (size_t)(end - p)})
                       : odd_key_find(p, root, to);
}

/* The index of the key that p is behind the opening quote of, CP_NAME_ABSENT or KEY_LEFT. */
KERNEL_INLINE int32_t key_find(const uint8_t *p, const cp_json_shapes *shapes, const target *to)
{
    const cp_json_spelling *spelling = cp_json_spelling_at(&shapes->plan->spellings, p);
    return literal_is_at(&spelling->literal, p) && spelling->index != CP_NAME_ABSENT
               ? spelling->index
               : any_key_find(p, shapes->plan->keys.root, to);
}

/* The token behind the value of which the bracket is token i, going by the number of brackets. */
static inline uint32_t pass_brackets(const uint8_t *record, const tokens *t, uint32_t i)
{
    unsigned depth = 1;
    for (i++; depth > 0 && i < t->count; i++) {
        uint8_t c = record[t->at[i]] | 0x20;
        depth += (c == '{') - (unsigned)(c == '}');
    }
    return i;
}

/* Whether a value that ends there has ended. */
static inline bool ends_value(uint8_t c)
{
    return c == ',' || c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A key of the schema and its value are noted, the value of another key is checked here and now.
 * false: it is for others to read. */
KERNEL_INLINE bool pair_find(const uint8_t *key, const uint8_t *value, const cp_json_shapes *shapes,
                             target *to, values *out, const machine *m)
{
    int32_t found = key_find(key + 1, shapes, to);
    if (found >= 0) {
        uint64_t bit = UINT64_C(1) << found;
        bool repeated = out->present & bit; /* the schema says what that means */
        out->present |= bit;
        out->at[found] = value;
        return !repeated;
    }
    if (found == KEY_LEFT || shapes->plan->schema->reject_unknown)
        return false;
    const cp_json_cell *cell = &shapes->cells[shapes->plan->keys.root->key_count];
    const uint8_t *end = value_read(value, false, cell, 0, to, m);
    return end && ends_value(*end);
}

/* Goes from token to token: key, colon, value, and the comma or brace behind it. */
KERNEL_INLINE bool values_find(const uint8_t *record, const tokens *t, const cp_json_shapes *shapes,
                               target *to, values *out, const machine *m)
{
    uint32_t i = 1;
    uint8_t separator;
    out->present = 0;
    do {
        const uint8_t *key = record + t->at[i], *value = record + t->at[i + 2];
        if (*key != '"' || record[t->at[i + 1]] != ':' ||
            !pair_find(key, value, shapes, to, out, m))
            return false;
        i += 2;
        i = (*value | 0x20) == '{' ? pass_brackets(record, t, i) : i + 1;
        separator = record[t->at[i++]];
    } while (separator == ',');
    out->behind = record + t->at[i - 1] + 1;
    return separator == '}';
}

/* *seen: a bit for each field that the record has. */
KERNEL_INLINE bool values_read(const values *v, const cp_json_shapes *shapes, target *to,
                               uint64_t *seen, const machine *m)
{
    uint32_t row = to->batch->rows, count = shapes->plan->keys.root->key_count;
    *seen = 0;
    for (uint32_t i = 0; i < count; i++) {
        const cp_json_cell *cell = &shapes->cells[i];
        if (!(v->present >> i & 1))
            continue;
        if (cell->value == CP_SHAPE_END)
            return false;
        const uint8_t *end = value_read(v->at[i], false, cell, row, to, m);
        if (!end || !ends_value(*end))
            return false;
        *seen |= UINT64_C(1) << cell->number;
    }
    return true;
}

KERNEL_TARGET static const uint8_t *any_record_read(cp_json_shapes *shapes, const uint8_t *line,
                                                    const uint8_t *end, cp_batch *batch)
{
    target to = {.line = line,
                 .end = end,
                 .batch = batch,
                 .form = shapes->form,
                 .verbatim = shapes->plan->find_gaps ? shapes->plan : NULL};
    const machine *m = machine_get();
    const uint8_t *start = cp_json_space(line, shapes->form);
    tokens t;
    values v;
    uint64_t seen;
    if (*start != '{' || !tokens_find(&t, start, end, shapes->form) ||
        !values_find(start, &t, shapes, &to, &v, m) || !values_read(&v, shapes, &to, &seen, m) ||
        (shapes->plan->required[0] & ~seen) != 0)
        return NULL;
    const uint8_t *record_end = cp_json_record_end(v.behind, shapes->form);
    if (!record_end)
        return NULL;
    uint64_t missing = shapes->plan->wanted[0] & ~seen;
    const uint8_t *next = cp_json_record_next(record_end, shapes->form);
    return end_record(next, missing, false, &to, shapes->max_record_bytes) ? next : NULL;
}

static const cp_json_kernels kernels = {records_read, any_record_read};
