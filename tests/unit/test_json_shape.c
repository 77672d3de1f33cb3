/* The short cuts to rows (formats/json/json_shape.h): whatever was learned, each record becomes
 * what it is by itself.
 *
 *   lines --> a new decoder for each line                       rows, rejects   the reference
 *         --> one decoder, which learns                         rows, rejects   the same
 *         --> its loop over each set of kernels                 rows, refused   the same
 *         --> these, with nothing learned: keys in any order    rows, refused   the same
 *
 * First random schemas and records, then one kind of value after the other, then what is learned
 * and given up. */
#include "formats/json/json_shape.h"
#include "tests/unit/json_support.h"

/* ---- the reference: each line alone ---- */

/* With its '\n', if it has one. */
static size_t line_bytes(const uint8_t *line, const uint8_t *end)
{
    const uint8_t *newline = memchr(line, '\n', (size_t)(end - line));
    return (size_t)((newline ? newline + 1 : end) - line);
}

/* The reject of a line that stood alone, with its place behind `before`. */
static void put_moved(text *out, const text *reject, const cp_cursor *before)
{
    uint64_t length;
    int rest = 0;
    if (reject->size == 0)
        return;
    assert_int_equal(sscanf(reject->bytes, "0 0 0+%" SCNu64 "%n", &length, &rest), 1);
    put(out, "%" PRIu64 " %" PRIu64 " %zu+%" PRIu64 "%s", before->records, before->lines,
        before->offset, length, reject->bytes + rest);
}

static decoded decode_alone(const cp_format *format, const cp_schema *schema, cp_span bytes)
{
    decoded all = {0};
    while (all.end.offset < bytes.size) {
        const uint8_t *line = bytes.data + all.end.offset;
        cp_span alone = {line, line_bytes(line, bytes.data + bytes.size)};
        decoded one = decode_at(format, schema, alone, 1, 1);
        put_bytes(&all.rows, one.rows.bytes, one.rows.size);
        put_moved(&all.rejects, &one.rejects, &all.end);
        all.accepted += one.accepted;
        all.end.records += one.end.records;
        all.end.lines += one.end.lines;
        all.end.offset += alone.size;
        decoded_free(&one);
    }
    return all;
}

/* The numbers of the records that were refused, a line each. */
static text refused_records(const text *rejects)
{
    text out = {0};
    for (const char *p = shown(rejects); *p; p = strchr(p, '\n') + 1) {
        put_bytes(&out, p, strcspn(p, " "));
        put(&out, "\n");
    }
    return out;
}

/* ---- the decoder's loop, with kernels of choice ---- */

typedef struct reader {
    cp_json_shapes shapes; /* the first: what the kernels are given is the reader, too */
    const cp_json_kernels *kernels;
    bool learns;
    cp_json_plan plan;
    cp_json_row row;
    cp_json_notes notes;
    text rows, refused;
    uint64_t record;                 /* of the block */
    uint64_t by_shape, in_any_order; /* records read so, of all blocks */
} reader;

static const uint8_t *counted_by_shape(cp_json_shapes *shapes, const uint8_t *line,
                                       const uint8_t *end, cp_batch *batch)
{
    reader *r = (reader *)shapes;
    uint32_t before = batch->rows;
    line = r->kernels->by_shape(shapes, line, end, batch);
    r->by_shape += batch->rows - before;
    return line;
}

static const uint8_t *counted_in_any_order(cp_json_shapes *shapes, const uint8_t *line,
                                           const uint8_t *end, cp_batch *batch)
{
    reader *r = (reader *)shapes;
    const uint8_t *next = r->kernels->in_any_order(shapes, line, end, batch);
    r->in_any_order += next != NULL;
    return next;
}

static void reader_open(reader *r, const cp_schema *schema, const cp_json_kernels *kernels,
                        bool learns)
{
    static const cp_json_kernels counting = {counted_by_shape, counted_in_any_order};
    *r = (reader){.kernels = kernels, .learns = learns};
    assert_int_equal(cp_json_plan_open(schema, &r->plan, NULL), CP_OK);
    assert_int_equal(cp_json_row_open(&r->plan, &r->row, NULL), CP_OK);
    assert_int_equal(cp_json_shapes_open(&r->plan, MEBIBYTE, CP_JSON_LINES, &r->shapes, NULL),
                     CP_OK);
    r->shapes.kernels = &counting;
}

static void reader_close(reader *r)
{
    cp_json_shapes_close(&r->shapes);
    cp_json_shapes_close(&r->shapes);
    assert_null(r->shapes.nodes);
    cp_json_row_close(&r->row);
    cp_json_plan_close(&r->plan);
    text_free(&r->rows);
    text_free(&r->refused);
}

static void hand_over(reader *r, cp_batch *batch)
{
    batch->selection_count = batch->rows;
    put_batch(&r->rows, batch);
    cp_batch_reset(batch);
}

/* A tree that is full is tried in vain while it is empty, too, and what it misses is not learned.
 */
static void read_short(reader *r, const uint8_t **line, const uint8_t *end, cp_batch *batch)
{
    uint32_t before = batch->rows;
    if (!r->learns) {
        r->shapes.full = true;
        r->shapes.unknown = 0;
    }
    const uint8_t *next = cp_json_shapes_read(&r->shapes, *line, end, batch);
    assert_true(batch->rows <= batch->capacity);
    assert_true(next <= end + 1);
    assert_true(next == *line || next[-1] == '\n');
    r->record += batch->rows - before;
    *line = next;
}

/* What no short cut has read. */
static bool read_in_full(reader *r, const uint8_t *line, const uint8_t *end, cp_batch *batch)
{
    cp_json_check check = {.record = line, .end = end};
    r->row.notes = r->learns && r->shapes.learns ? &r->notes : NULL;
    const uint8_t *p = cp_json_row_read(&r->row, cp_json_space(line, CP_JSON_LINES), &check, batch);
    const uint8_t *line_end = p ? cp_json_space(p, CP_JSON_LINES) : NULL;
    if (!p || *line_end != '\n' || !cp_json_row_complete(&r->row, &check, batch))
        return false;
    if (r->row.notes)
        cp_json_shapes_learn(&r->shapes, line, line_end, &r->notes);
    assert_true(r->shapes.node_count <= CP_SHAPE_NODES);
    batch->rows++;
    return true;
}

static void read_line(reader *r, const uint8_t **line, const uint8_t *end, cp_batch *batch)
{
    if (*cp_json_space(*line, CP_JSON_LINES) != '\n') {
        if (!read_in_full(r, *line, end, batch))
            put(&r->refused, "%" PRIu64 "\n", r->record);
        r->record++;
    }
    *line += line_bytes(*line, end);
}

static void read_block(reader *r, const cp_schema *schema, cp_span bytes, uint32_t capacity)
{
    uint8_t *memory = block_memory(bytes.data, bytes.size);
    const uint8_t *line = memory, *end = memory + bytes.size;
    cp_batch batch;
    assert_int_equal(cp_batch_open(&batch, schema, capacity, NULL), CP_OK);
    r->record = r->rows.size = r->refused.size = 0;
    while (line < end) {
        read_short(r, &line, end, &batch);
        if (batch.rows == capacity)
            hand_over(r, &batch);
        else if (line < end)
            read_line(r, &line, end, &batch);
    }
    hand_over(r, &batch);
    cp_batch_close(&batch);
    free(memory);
}

/* ---- all of them on the same lines ---- */

enum { KERNELS = 3 };

typedef struct trial {
    cp_schema *schema;
    cp_format *format;
    cp_decoder *decoder;
    reader learners[KERNELS], others[KERNELS]; /* the latter learn nothing */
    size_t reader_count;                       /* of each */
    uint64_t accepted;                         /* of all blocks */
} trial;

/* The schema becomes the trial's. */
static void trial_open(trial *t, cp_schema *schema)
{
    const cp_json_kernels *kernels[KERNELS] = {cp_json_kernels_portable(), cp_json_kernels_avx2(),
                                               cp_json_kernels_avx512()};
    *t = (trial){.schema = schema, .format = plan_of(schema)};
    assert_int_equal(t->format->type->decoder_open(t->format, &t->decoder, NULL), CP_OK);
    for (size_t i = 0; i < KERNELS; i++) {
        if (!kernels[i])
            continue;
        reader_open(&t->learners[t->reader_count], schema, kernels[i], true);
        reader_open(&t->others[t->reader_count++], schema, kernels[i], false);
    }
}

static void trial_close(trial *t)
{
    for (size_t i = 0; i < t->reader_count; i++) {
        reader_close(&t->learners[i]);
        reader_close(&t->others[i]);
    }
    t->format->type->decoder_close(t->decoder);
    t->format->type->plan_close(t->format);
    cp_schema_free(t->schema);
}

/* Fails with the first line that is another one. */
static void assert_same(const char *what, const text *got, const text *wanted)
{
    const char *a = got->size ? got->bytes : "", *b = wanted->size ? wanted->bytes : "";
    while (*a && *b && strcspn(a, "\n") == strcspn(b, "\n") &&
           memcmp(a, b, strcspn(a, "\n")) == 0) {
        a = strchr(a, '\n') + 1;
        b = strchr(b, '\n') + 1;
    }
    if (*a || *b)
        fail_msg("%s: %.*s\nis not %.*s", what, (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
}

static void check_decoder(trial *t, cp_span bytes, uint32_t capacity, const decoded *wanted)
{
    decoded out = {0};
    uint8_t *memory = block_memory(bytes.data, bytes.size);
    cp_block block = {.bytes = {memory, bytes.size}, .offset = 1};
    decode_block(t->decoder, t->schema, &block, capacity, &out);
    assert_same("a row", &out.rows, &wanted->rows);
    assert_same("a reject", &out.rejects, &wanted->rejects);
    assert_int_equal(out.end.records, wanted->end.records);
    assert_int_equal(out.end.lines, wanted->end.lines);
    decoded_free(&out);
    free(memory);
}

static void check_reader(reader *r, const trial *t, cp_span bytes, uint32_t capacity,
                         const decoded *wanted)
{
    text refused = refused_records(&wanted->rejects);
    read_block(r, t->schema, bytes, capacity);
    assert_same("a row", &r->rows, &wanted->rows);
    assert_same("a refused record", &r->refused, &refused);
    assert_int_equal(r->record, wanted->end.records);
    text_free(&refused);
}

static void check_bytes(trial *t, cp_span bytes, uint32_t capacity)
{
    decoded wanted = decode_alone(t->format, t->schema, bytes);
    check_decoder(t, bytes, capacity, &wanted);
    for (size_t i = 0; i < t->reader_count; i++) {
        check_reader(&t->learners[i], t, bytes, capacity, &wanted);
        check_reader(&t->others[i], t, bytes, capacity, &wanted);
    }
    t->accepted += wanted.accepted;
    decoded_free(&wanted);
}

/* The lines as a block, which are used up. */
static void check(trial *t, text *lines)
{
    static const uint32_t capacities[] = {1, 2, 7, 64, ALL_ROWS};
    check_bytes(t, (cp_span){(const uint8_t *)lines->bytes, lines->size},
                capacities[random_below(sizeof capacities / sizeof *capacities)]);
    text_free(lines);
}

/* The short cuts were tried, and not only passed by. */
static void assert_read_by_shape(const trial *t, uint64_t at_least)
{
    for (size_t i = 0; i < t->reader_count; i++)
        assert_in_range(t->learners[i].by_shape, at_least, UINT64_MAX);
}

static void assert_read_in_any_order(const trial *t, uint64_t at_least)
{
    for (size_t i = 0; i < t->reader_count; i++) {
        assert_in_range(t->others[i].in_any_order, at_least, UINT64_MAX);
        assert_int_equal(t->others[i].by_shape, 0);
    }
}

static void assert_read_short(const trial *t, uint64_t at_least)
{
    assert_read_by_shape(t, at_least);
    assert_read_in_any_order(t, at_least);
}

/* ---- random values ---- */

static const char *pick(const char *const *from, size_t count)
{
    return from[random_below(count)];
}

#define PICK(array) pick(array, sizeof(array) / sizeof *(array))

/* Without a zero in front, but for 0 itself. */
static void put_digits(text *out, size_t count)
{
    put(out, "%c", (int)(count > 1 ? '1' + random_below(9) : '0' + random_below(10)));
    while (count-- > 1)
        put(out, "%c", (int)('0' + random_below(10)));
}

static void put_number(text *out, size_t whole, size_t fraction)
{
    static const char *const exponents[] = {"e0", "E1", "e+2", "e-3", "E-05", "e30", "e-400"};
    put_digits(out, whole);
    if (fraction)
        put(out, ".");
    while (fraction-- > 0)
        put(out, "%c", (int)('0' + random_below(10)));
    if (random_below(20) == 0)
        put(out, "%s", PICK(exponents));
}

/* In any spelling, up to 30 digits. */
static void put_any_number(text *out)
{
    put(out, "%s", random_below(3) ? "" : "-");
    size_t whole = 1 + random_below(random_below(4) ? 6 : 30);
    put_number(out, whole, random_below(2) ? random_below(31 - whole) : 0);
}

static const char *const parts[] = {"\\\"",
                                    "\\\\",
                                    "\\n",
                                    "\\u0041",
                                    "\\u00e9",
                                    "\\ud83d\\ude00",
                                    "\xC3\xA9",
                                    "\xE2\x82\xAC",
                                    "\xF0\x9F\x98\x80",
                                    "]",
                                    "[",
                                    "\x7F",
                                    ",",
                                    ":",
                                    "{}",
                                    "/",
                                    "\\u0000"};

static void put_letters(text *out, size_t count)
{
    while (count-- > 0)
        put(out, "%c", (int)('a' + random_below(26)));
}

/* `size` letters, in one of four strings with other things in between. */
static void put_string(text *out, size_t size)
{
    put(out, "\"");
    for (size_t pieces = random_below(4) ? 0 : 1 + random_below(4); pieces > 0; pieces--) {
        size_t before = random_below(size + 1);
        put_letters(out, before);
        put(out, "%s", PICK(parts));
        size -= before;
    }
    put_letters(out, size);
    put(out, "\"");
}

static size_t random_size(void)
{
    return random_below(random_below(4) ? 20 : 201);
}

static void put_array_of_texts(text *out)
{
    static const char *const commas[] = {",", ", ", " ,\t"};
    const char *comma = PICK(commas);
    put(out, random_below(10) ? "[" : "[ ");
    for (size_t i = random_below(6), first = i; i > 0; i--) {
        put(out, "%s", i < first ? comma : "");
        put_string(out, random_size());
    }
    put(out, random_below(10) ? "]" : " ]");
}

static void put_any(text *out, unsigned budget)
{
    static const char *const words[] = {"null", "true", "false", "{}", "[]", "[[]]", "[{\"a\":1}]"};
    switch (random_below(budget ? 7 : 4)) {
    case 0:
        put(out, "%s", PICK(words));
        break;
    case 1:
        put_any_number(out);
        break;
    case 2:
        put_string(out, random_size());
        break;
    case 3:
    case 4:
        put_array_of_texts(out);
        break;
    case 5:
        put(out, "[");
        put_any(out, budget - 1);
        put(out, ",");
        put_any(out, budget - 1);
        put(out, "]");
        break;
    default:
        put(out, "{\"a\":");
        put_any(out, budget - 1);
        put(out, "}");
        break;
    }
}

/* ---- random schemas ---- */

enum { FIELDS_MAX = 12 };

/* Short ones, such as take more than one load to compare, and few that are no plain text. */
static text random_name(size_t number)
{
    static const char *const plain[] = {
        "k", "sensor_id_", "a key of more than thirty-two bytes ",
        "a key of more than sixty-four bytes, it takes three loads to compare "};
    static const char *const others[] = {"\xC3\xA9t\xC3\xA9", "\"quoted\" and \\ "};
    text out = {0};
    put(&out, "%s%zu", random_below(16) ? PICK(plain) : PICK(others), number);
    return out;
}

static void set_random_symbols(cp_field *field)
{
    static const char *const symbols[] = {
        "NEW", "OPEN", "SHUT", "",  "a symbol of more than sixteen bytes",
        "A",   "AB",   "ABC",  "N", "\xC3\xA9t\xC3\xA9"};
    cp_span some[sizeof symbols / sizeof *symbols];
    size_t count = 1 + random_below(sizeof symbols / sizeof *symbols);
    for (size_t i = 0; i < count; i++)
        some[i] = cp_span_of(symbols[i]);
    assert_int_equal(cp_field_set_symbols(field, some, count, NULL), CP_OK);
}

static void add_null(cp_field *field, cp_literal value)
{
    assert_int_equal(cp_field_add_null_if(field, value, NULL), CP_OK);
}

/* Such as most values pass. */
static void set_random_rules(cp_field *field)
{
    bool is_text = field->type >= CP_TYPE_STRING && field->type != CP_TYPE_TIMESTAMP;
    if (field->type == CP_TYPE_BOOL)
        return;
    if (is_text) {
        add_null(field, (cp_literal){.text = cp_span_of("OPEN")});
        add_null(field, (cp_literal){.text = cp_span_of("[]")});
        return;
    }
    field->has_min = random_below(2);
    field->has_max = random_below(2);
    if (cp_type_is_float(field->type)) {
        field->min.f = -5000;
        field->max.f = 1e6;
        add_null(field, (cp_literal){.f = 7});
    } else if (cp_type_is_unsigned(field->type)) {
        field->min.u = 2;
        field->max.u = 5000000000;
        add_null(field, (cp_literal){.u = 7});
    } else {
        field->min.i = -80;
        field->max.i = INT64_C(1) << 60;
        add_null(field, (cp_literal){.i = 7});
    }
}

/* At the top, or in one of two objects, or in the object that is in one of these. */
static void set_random_path(cp_field *field)
{
    static const char *const outer[] = {"reading", "an object with a name beyond 32 bytes"};
    cp_span path[3] = {cp_span_of(PICK(outer))};
    size_t count = 1;
    if (random_below(3))
        return;
    if (random_below(3) == 0)
        path[count++] = cp_span_of("inner");
    path[count++] = cp_span_of(field->name);
    assert_int_equal(cp_field_set_path(field, path, count, NULL), CP_OK);
}

static void add_random_field(cp_schema *schema, size_t number, bool is_flat)
{
    static const cp_type with_short_cut[] = {CP_TYPE_STRING, CP_TYPE_ENUM,    CP_TYPE_UINT16,
                                             CP_TYPE_INT64,  CP_TYPE_FLOAT64, CP_TYPE_TIMESTAMP,
                                             CP_TYPE_JSON};
    text name = random_name(number);
    cp_type type =
        random_below(3) ? with_short_cut[random_below(7)] : (cp_type)random_below(CP_TYPE_JSON + 1);
    cp_field *field;
    assert_int_equal(cp_schema_add(schema, name.bytes, type, &field, NULL), CP_OK);
    text_free(&name);
    field->unit = (cp_unit)random_below(CP_UNIT_NS + 1);
    field->encoding = random_below(2) ? CP_TIME_EPOCH_S : (cp_time_encoding)random_below(5);
    field->zone_utc = random_below(2);
    field->required = random_below(6) == 0;
    field->wanted = random_below(4) > 0;
    if (type == CP_TYPE_ENUM)
        set_random_symbols(field);
    if (random_below(4) == 0)
        set_random_rules(field);
    if (!is_flat)
        set_random_path(field);
}

static cp_schema *random_schema(void)
{
    cp_schema *schema;
    assert_int_equal(cp_schema_new("random", &schema, NULL), CP_OK);
    schema->reject_unknown = random_below(4) == 0;
    schema->duplicates = (cp_duplicate_policy)random_below(CP_DUPLICATE_LAST + 1);
    bool is_flat = random_below(2);
    for (size_t i = 0, count = 1 + random_below(FIELDS_MAX); i < count; i++)
        add_random_field(schema, i, is_flat);
    return schema;
}

/* ---- values that a field takes, most often ---- */

static void put_fitting_integer(text *out, const cp_field *field)
{
    static const size_t most_digits[] = {2, 4, 9, 18};
    bool is_signed = cp_type_is_signed(field->type);
    size_t size = (size_t)field->type - (is_signed ? CP_TYPE_INT8 : CP_TYPE_UINT8);
    put(out, "%s", is_signed && random_below(4) == 0 ? "-" : "");
    put_digits(out, 1 + random_below(most_digits[size]));
}

static void put_rfc3339(text *out)
{
    static const char *const zones[] = {"Z", "+01:00", "-23:59", ""};
    put(out, "\"20%02d-1%d-1%dT08:3%d:59", (int)random_below(100), (int)random_below(3),
        (int)random_below(10), (int)random_below(10));
    if (random_below(2))
        put(out, ".%d", (int)random_below(1000000000));
    put(out, "%s\"", PICK(zones));
}

static void put_fitting_time(text *out, const cp_field *field)
{
    static const size_t epoch_digits[] = {0, 10, 13, 16, 19};
    if (field->encoding == CP_TIME_RFC3339)
        put_rfc3339(out);
    else
        put_number(out, random_below(8) ? epoch_digits[field->encoding] - 1 : 1,
                   random_below(2) ? random_below(11) : 0);
}

static void put_fitting_symbol(text *out, const cp_field *field)
{
    cp_span symbol = field->symbols[random_below(field->symbol_count)];
    put(out, "\"%.*s\"", (int)symbol.size, (const char *)symbol.data);
}

/* `size`: of a string; SIZE_MAX: any. */
static void put_fitting(text *out, const cp_field *field, size_t size)
{
    switch (field->type) {
    case CP_TYPE_BOOL:
        put(out, "%s", random_below(2) ? "true" : "false");
        break;
    case CP_TYPE_FLOAT32:
    case CP_TYPE_FLOAT64:
        put_any_number(out);
        break;
    case CP_TYPE_STRING:
        put_string(out, size == SIZE_MAX ? random_size() : size);
        break;
    case CP_TYPE_ENUM:
        put_fitting_symbol(out, field);
        break;
    case CP_TYPE_TIMESTAMP:
        put_fitting_time(out, field);
        break;
    case CP_TYPE_JSON:
        put_any(out, 2);
        break;
    default:
        put_fitting_integer(out, field);
        break;
    }
}

/* ---- forms: what records of one shape have in common ---- */

enum { VALUES_MAX = 64 };

typedef struct value_place {
    size_t literal_end;    /* in the form's text */
    const cp_field *field; /* NULL: nobody's, or another type than it should be */
    size_t text_bytes;     /* of a string that is mostly of one size; SIZE_MAX: any */
} value_place;

typedef struct form {
    text literals;
    value_place values[VALUES_MAX];
    size_t count;
} form;

typedef struct style {
    const char *before, *open, *colon, *comma, *close, *after;
} style;

/* The second is what Python's json.dumps writes. */
static const style styles[] = {{"", "{", ":", ",", "}", "\n"},
                               {"", "{", ": ", ", ", "}", "\n"},
                               {"", "{", ":", ",", "}", "\r\n"},
                               {" \t", "{ ", " :\t", " , ", "\t}", " \r \n"},
                               {"", "{", ":                                  ", ",\r", "}", "\n"}};

/* Where a form is being made. */
typedef struct author {
    const cp_schema *schema;
    const style *style;
    form *form;
    size_t order[FIELDS_MAX]; /* of the fields */
} author;

static void put_value_place(author *a, const cp_field *field)
{
    form *f = a->form;
    assert_true(f->count < VALUES_MAX);
    f->values[f->count++] =
        (value_place){f->literals.size, field, random_below(2) ? random_size() : SIZE_MAX};
}

static void put_key(author *a, cp_span name)
{
    text *out = &a->form->literals;
    put(out, "\"");
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.data[i];
        if (c == '"' || c == '\\')
            put(out, "\\%c", c);
        else if (c < 0x80 && random_below(200) == 0)
            put(out, "\\u%04x", c);
        else
            put_bytes(out, &c, 1);
    }
    put(out, "\"%s", a->style->colon);
}

static bool same_object(const cp_field *a, const cp_field *b, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        if (i >= a->path_count || !cp_span_equal(a->path[i], b->path[i]))
            return false;
    return true;
}

static void put_members(author *a, const cp_field *within, size_t depth);

/* The key of `field`'s path at `depth`, and what it stands for. */
static void put_member(author *a, const cp_field *field, size_t depth)
{
    put_key(a, field->path[depth]);
    if (depth + 1 == field->path_count)
        put_value_place(a, field);
    else if (random_below(16) == 0)
        put(&a->form->literals, "%s", random_below(2) ? "null" : "{}");
    else if (random_below(60) == 0)
        put_value_place(a, NULL);
    else
        put_members(a, field, depth + 1);
}

/* Whether an object on the way to the field was met with a field before it. */
static bool met_before(const author *a, size_t at, size_t depth)
{
    const cp_field *fields = a->schema->fields, *field = &fields[a->order[at]];
    for (size_t i = 0; i < at; i++)
        if (same_object(&fields[a->order[i]], field, depth + 1))
            return true;
    return false;
}

static void put_unknown_member(author *a)
{
    static const char *const names[] = {"zz", "", "k",
                                        "an unknown key of forty bytes or so, it may be"};
    put_key(a, cp_span_of(PICK(names)));
    put_value_place(a, NULL);
}

/* Once as a rule, never at times, seldom twice. */
static size_t times_to_put(const cp_field *field)
{
    if (random_below(80) == 0)
        return 2;
    return random_below(field->required ? 60 : 6) > 0;
}

/* The object that lies `depth` keys down the path of `within`. */
static void put_members(author *a, const cp_field *within, size_t depth)
{
    text *out = &a->form->literals;
    const char *comma = "";
    put(out, "%s", a->style->open);
    for (size_t i = 0; i < a->schema->field_count; i++) {
        const cp_field *field = &a->schema->fields[a->order[i]];
        if (!same_object(field, within, depth) || met_before(a, i, depth))
            continue;
        for (size_t times = times_to_put(field); times > 0; times--, comma = a->style->comma) {
            put(out, "%s", comma);
            put_member(a, field, depth);
        }
        if (random_below(a->schema->reject_unknown ? 200 : 6) == 0) {
            put(out, "%s", comma);
            put_unknown_member(a);
            comma = a->style->comma;
        }
    }
    put(out, "%s", a->style->close);
}

static form random_form(const cp_schema *schema)
{
    form f = {0};
    author a = {.schema = schema,
                .style = &styles[random_below(sizeof styles / sizeof *styles)],
                .form = &f};
    for (size_t i = 0; i < schema->field_count; i++) {
        size_t other = random_below(i + 1);
        a.order[i] = a.order[other];
        a.order[other] = i;
    }
    put(&f.literals, "%s", a.style->before);
    put_members(&a, &schema->fields[0], 0);
    put(&f.literals, "%s", a.style->after);
    return f;
}

static void put_value(text *out, const value_place *place)
{
    const cp_field *field = place->field;
    size_t size = random_below(8) ? place->text_bytes : SIZE_MAX;
    if (!field || random_below(100) == 0)
        put_any(out, 2);
    else if (random_below(field->required ? 200 : 20) == 0)
        put(out, "null");
    else
        put_fitting(out, field, size);
}

static void put_record(text *out, const form *f)
{
    size_t at = 0;
    for (size_t i = 0; i < f->count; i++) {
        put_bytes(out, f->literals.bytes + at, f->values[i].literal_end - at);
        put_value(out, &f->values[i]);
        at = f->values[i].literal_end;
    }
    put_bytes(out, f->literals.bytes + at, f->literals.size - at);
}

/* ---- damage ---- */

static char random_byte(void)
{
    static const char likely[] = "{}[]\":,\\u0123456789.eE+-ntrufalse \t\r\n\x01\x1F\x80\xC3";
    return random_below(4) ? likely[random_below(sizeof likely - 1)] : (char)random_bits();
}

typedef enum damage { DELETED, DOUBLED, REPLACED, INSERTED, CUT_OFF, DAMAGE_KINDS } damage;

/* The bytes with the one at `at` damaged; `other` is what is put in its place, or before it. */
static void put_damaged(text *out, cp_span bytes, size_t at, damage how, char other)
{
    const uint8_t *rest = bytes.data + at + (how != INSERTED);
    put_bytes(out, bytes.data, at + (how == DOUBLED));
    if (how == DOUBLED)
        rest--;
    if (how == REPLACED || how == INSERTED)
        put_bytes(out, &other, 1);
    if (how == CUT_OFF)
        put(out, "\n");
    else
        put_bytes(out, rest, (size_t)(bytes.data + bytes.size - rest));
}

static void put_damaged_record(text *out, const form *f)
{
    text record = {0};
    put_record(&record, f);
    put_damaged(out, (cp_span){(const uint8_t *)record.bytes, record.size},
                random_below(record.size), (damage)random_below(DAMAGE_KINDS), random_byte());
    text_free(&record);
}

/* ---- random records ---- */

enum { ROUNDS = 30, BLOCKS = 5, FORMS_MAX = 5, RECORDS = 250 };

static text random_lines(const form *forms, size_t form_count)
{
    text lines = {0};
    for (size_t i = 0; i < RECORDS; i++) {
        const form *f = &forms[random_below(form_count)];
        if (random_below(60) == 0)
            put(&lines, "%s", random_below(2) ? "\n" : " \t\r\n");
        if (random_below(10) == 0)
            put_damaged_record(&lines, f);
        else
            put_record(&lines, f);
    }
    if (random_below(4) == 0)
        lines.size -= lines.bytes[lines.size - 1] == '\n';
    return lines;
}

/* What trials came to, so that it can be seen that the short cuts were tried. */
typedef struct totals {
    uint64_t accepted, by_shape, in_any_order;
} totals;

static void add_up(totals *sum, const trial *t)
{
    sum->accepted += t->accepted;
    sum->by_shape += t->learners[0].by_shape;
    sum->in_any_order += t->others[0].in_any_order;
}

static void assert_totals(const totals *sum, uint64_t accepted, uint64_t by_shape,
                          uint64_t in_any_order)
{
    print_message("accepted %" PRIu64 ", by shape %" PRIu64 ", in any order %" PRIu64 "\n",
                  sum->accepted, sum->by_shape, sum->in_any_order);
    assert_in_range(sum->accepted, accepted, UINT64_MAX);
    assert_in_range(sum->by_shape, by_shape, UINT64_MAX);
    assert_in_range(sum->in_any_order, in_any_order, UINT64_MAX);
}

static void check_random_schema(totals *sum)
{
    trial t;
    trial_open(&t, random_schema());
    form forms[FORMS_MAX];
    size_t count = 1 + random_below(FORMS_MAX);
    for (size_t i = 0; i < count; i++)
        forms[i] = random_form(t.schema);
    for (size_t i = 0; i < BLOCKS; i++) {
        text lines = random_lines(forms, count);
        check(&t, &lines);
    }
    add_up(sum, &t);
    for (size_t i = 0; i < count; i++)
        text_free(&forms[i].literals);
    trial_close(&t);
}

/* Most records are to be good, and most good ones read by shape. */
static void test_records_of_a_few_shapes(void **state)
{
    (void)state;
    enum { ALL = ROUNDS * BLOCKS * RECORDS };
    totals sum = {0};
    for (size_t i = 0; i < ROUNDS; i++)
        check_random_schema(&sum);
    assert_totals(&sum, ALL / 2, ALL / 3, ALL / 16);
}

/* Each record has a form of its own: keys in any order, some twice, some of nobody. */
static void test_records_of_many_shapes(void **state)
{
    (void)state;
    enum { ALL = ROUNDS * 2 * RECORDS };
    totals sum = {0};
    for (size_t i = 0; i < ROUNDS * 2; i++) {
        trial t;
        text lines = {0};
        trial_open(&t, random_schema());
        for (size_t k = 0; k < RECORDS; k++) {
            form f = random_form(t.schema);
            put_record(&lines, &f);
            text_free(&f.literals);
        }
        check(&t, &lines);
        add_up(&sum, &t);
        trial_close(&t);
    }
    assert_totals(&sum, ALL / 2, 1, ALL / 16);
}

/* ---- one good record, and all that can become of it ---- */

/* The next of a list of which each item ends with a '\n'. */
static text next_item(const char **at)
{
    text out = {0};
    size_t size = strcspn(*at, "\n");
    put_bytes(&out, *at, size);
    *at += size + 1;
    return out;
}

/* A good line between any two that may be bad, so that shapes are not given up for a while. */
static void put_after(text *lines, const char *good, const text *other)
{
    put(lines, "%s\n", good);
    put_bytes(lines, other->bytes, other->size);
    put(lines, "\n");
}

static void put_all_damage(text *lines, const char *good)
{
    static const char others[] = "\"\\{}[]:, \t\r\n01-.eEn\x01\x1F\x7F\x80\xC3\xED\xFF";
    cp_span bytes = cp_span_of(good);
    for (size_t at = 0; at < bytes.size; at++)
        for (int how = DELETED; how < DAMAGE_KINDS; how++)
            for (size_t i = 0; i < (how == REPLACED || how == INSERTED ? sizeof others : 1); i++) {
                text bad = {0};
                put_damaged(&bad, bytes, at, (damage)how, others[i]);
                put_after(lines, good, &bad);
                text_free(&bad);
            }
}

static const char typed[] = "id:string! n:int64 u:uint16 x:float64 e:enum t:timestamp[us] j:json "
                            "b:bool f:float32 i:int8 o.s:string o.n:int64 o.p.e:enum";

static void check_all_damage(const char *record, bool is_flat)
{
    trial t;
    trial_open(&t, schema_of(typed));
    text lines = {0};
    put_all_damage(&lines, record);
    size_t good = 0;
    for (size_t i = 0; i < lines.size; i++)
        good += lines.bytes[i] == '\n';
    good /= 2;
    check(&t, &lines);
    assert_read_by_shape(&t, good * 9 / 10);
    assert_read_in_any_order(&t, is_flat ? good * 9 / 10 : 0);
    trial_close(&t);
}

static void test_damage_of_every_byte(void **state)
{
    (void)state;
    check_all_damage("{\"id\":\"CASE-7\",\"n\":-12,\"u\":300,\"x\":2.50,\"e\":\"OPEN\","
                     "\"t\":1700000000.25,\"zz\":[\"a\",\"b\"]}",
                     true);
    check_all_damage(
        "{\"j\": [\"]\"], \"id\": \"\xC3\xA9\\n\", \"b\": true, \"f\": 1e3, \"i\": -1, "
        "\"n\": null, \"zz\": \"text\"}\r",
        true);
    check_all_damage("{\"zz\":[\"one string\"],\"id\":\"\",\"j\":[\"another\"],\"n\":1}", true);
    check_all_damage("{\"o\":{\"s\":\"x\",\"n\":1,\"p\":{\"e\":\"NEW\"}},\"id\":\"\",\"j\":[],"
                     "\"o2\":{},\"j2\":{\"a\":[0]}}",
                     false);
}

/* ---- strings ---- */

/* Into strings of every kind: kept, only checked, of nobody's key, and kept as JSON. */
static void put_in_strings(text *lines, cp_span string)
{
    static const char *const keys[] = {"s", "skipped", "zz", "j"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        text line = {0}, good = {0};
        put(&good, "{\"%s\":\"\",\"n\":1}", keys[i]);
        put(&line, "{\"%s\":\"", keys[i]);
        put_bytes(&line, string.data, string.size);
        put(&line, "\",\"n\":1}");
        put_after(lines, good.bytes, &line);
        text_free(&line);
        text_free(&good);
    }
}

/* `size` letters with `piece` behind `at` of them. */
static void put_string_with(text *lines, size_t size, size_t at, const char *piece)
{
    text string = {0};
    put_letters(&string, at);
    put(&string, "%s", piece);
    put_letters(&string, size - at);
    put_in_strings(lines, (cp_span){(const uint8_t *)string.bytes, string.size});
    text_free(&string);
}

static cp_schema *strings_schema(void)
{
    cp_schema *schema = schema_of("s:string skipped:string j:json n:int64");
    field_of(schema, "skipped")->wanted = false;
    return schema;
}

static void test_strings_of_every_size(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, strings_schema());
    text lines = {0};
    for (size_t size = 0; size <= 200; size++)
        put_string_with(&lines, size, 0, "");
    check(&t, &lines);
    assert_read_short(&t, 201 * 8 - 4);
    trial_close(&t);
}

/* Whatever is no plain text, at every place of the 32 bytes that are looked at together. */
static void test_odd_bytes_at_every_place(void **state)
{
    (void)state;
    enum { LONGEST = 65, PARTS = sizeof parts / sizeof *parts, FEW = 3 };
    static const char *const odd[] = {"\"", "\\", "\x01", "\t", "\x1F", "\x80", "\xED\xA0\x80"};
    trial t;
    trial_open(&t, strings_schema());
    text lines = {0};
    for (size_t size = 31; size <= LONGEST; size = size == 32 ? LONGEST : size + 1)
        for (size_t at = 0; at <= size; at++) {
            put_string_with(&lines, size, at, odd[(size + at) % (sizeof odd / sizeof *odd)]);
            put_string_with(&lines, size, at, "\\\"");
            for (size_t k = 0; k < FEW; k++)
                put_string_with(&lines, size, at, parts[(FEW * at + k) % PARTS]);
        }
    check(&t, &lines);
    assert_read_short(&t, t.accepted * 9 / 10);
    trial_close(&t);
}

/* Symbols that begin alike, all of their sizes, and what is like them but none. */
static void test_symbols_of_every_size(void **state)
{
    (void)state;
    enum { LONGEST = 40 };
    char letters[LONGEST + 2];
    cp_span symbols[LONGEST];
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < LONGEST; i++)
        symbols[i] = (cp_span){(const uint8_t *)letters, i};
    cp_schema *schema = schema_of("e:enum skipped:enum");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cp_field_set_symbols(&schema->fields[i], symbols, LONGEST, NULL), CP_OK);
    schema->fields[1].wanted = false;
    trial t;
    trial_open(&t, schema);
    text lines = {0};
    for (int size = 0; size <= LONGEST + 1; size++)
        for (int last = 'a'; last <= 'b'; last++) {
            text line = {0};
            put(&line, "{\"e\":\"%.*s\",\"skipped\":\"%.*s%c\"}", size, letters, size, letters,
                last);
            put_after(&lines, "{\"e\":\"\",\"skipped\":\"\"}", &line);
            text_free(&line);
        }
    check(&t, &lines);
    assert_read_short(&t, LONGEST * 2);
    trial_close(&t);
}

/* ---- arrays of strings ---- */

static void put_in_arrays(text *lines, const char *array)
{
    text line = {0};
    put(&line, "{\"j\":%s,\"n\":2}", array);
    put_after(lines, "{\"j\":[],\"n\":1}", &line);
    line.size = 0;
    put(&line, "{\"zz\":%s,\"n\":2}", array);
    put_after(lines, "{\"zz\":[],\"n\":1}", &line);
    text_free(&line);
}

/* One string, which ends about where the bytes end that are looked at together: with something else
 * inside, with another end than it should have, and with another byte in place of a quote. */
static void put_arrays_of_one_string(text *lines, size_t size)
{
    static const char *const pieces[] = {"]",  "[",  ",",        "\\\"", "\\\\",
                                         "\"", "\\", "\xC3\xA9", "\t"};
    static const char *const ends[] = {"\"]", "\"}", "\",", "\"", "]", "\" ]", "\"]]"};
    static const char *const others[] = {"\x80", "\x01", "\\", "\xC3", "a", "\xC3\xA9", "\x1F"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    text array = {0};
    for (size_t at = 1; at < size; at++) {
        array.size = 0;
        put(&array, "[\"%0*d%s%0*d\"]", (int)at, 0, pieces[(size + at) % PIECES], (int)(size - at),
            0);
        put_in_arrays(lines, array.bytes);
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        array.size = 0;
        put(&array, "[\"%.*s%s", (int)size, "........................................", ends[i]);
        put_in_arrays(lines, array.bytes);
    }
    for (size_t i = 0; i < 2 * sizeof others / sizeof *others; i++) {
        array.size = 0;
        put(&array, "[%s%.*s%s]", i % 2 ? "\"" : others[i / 2], (int)size,
            "........................................", i % 2 ? others[i / 2] : "\"");
        put_in_arrays(lines, array.bytes);
    }
    text_free(&array);
}

static void test_arrays_of_one_string(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("j:json n:int64"));
    text lines = {0};
    for (size_t size = 0; size <= 36; size++)
        put_arrays_of_one_string(&lines, size);
    check(&t, &lines);
    assert_read_short(&t, t.accepted * 9 / 10);
    trial_close(&t);
}

static void test_what_is_almost_an_array(void **state)
{
    (void)state;
    static const char arrays[] =
        "[\n]\n[]\n[ "
        "]\n[]]\n[[]]\n[\"]\n[\"\"]\n[\"a]\n[a\"]\n[\"a\"]]\n[\"a\"\n[\"a\"b]\n[\"a\",]\n"
        "[,\"a\"]\n[\"a\" ]\n[ \"a\"]\n[\"\"\"\"]\n[\"a\"\"b\"]\n[\"a\":\"b\"]\n[\"a\",1]\n[1]\n"
        "[1,\"a\"]\n[\"a\",\"b\"]\n[\"a\", "
        "\"b\"]\n[\"a\",,\"b\"]\n[\"a\"}\n{\"a\"]\n[\"a\",[\"b\"]]\n"
        "[\"]\"]\n[\"]\",\"]\"]\n[\"[\",\",\"]\n[\"\\\"]\"]\n[\"\\\\\"]\n[\"\\\\\"],\"]\n[null]\n["
        "nul]\n"
        "[true,false]\n[\"\x01\"]\n[\"\xC3\"]\n[\"\xC3\xA9\"]\n[-]\n[\"a\"].\n[\"\",\"\",\"\"]\n["
        "\t]\n";
    trial t;
    trial_open(&t, schema_of("j:json n:int64"));
    text lines = {0};
    for (const char *at = arrays; *at;) {
        text array = next_item(&at);
        put_in_arrays(&lines, array.bytes);
        text_free(&array);
    }
    check(&t, &lines);
    assert_read_short(&t, t.accepted * 9 / 10);
    trial_close(&t);
}

static void test_arrays_of_many_strings(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("j:json n:int64"));
    text lines = {0};
    for (size_t i = 0; i < 2000; i++) {
        text array = {0};
        put_array_of_texts(&array);
        put_in_arrays(&lines, array.bytes);
        text_free(&array);
    }
    check(&t, &lines);
    assert_read_short(&t, t.accepted * 9 / 10);
    trial_close(&t);
}

/* ---- numbers ---- */

static const char numbers[] = "a:uint16 b:int64 c:float64 d:timestamp[s] e:timestamp[us] "
                              "f:timestamp[ns] g:json h:uint64";

/* A number for one of the fields, or for nobody's. */
static void put_in_numbers(text *lines, int key, const char *number)
{
    text line = {0}, good = {0};
    put(&good, "{\"%c\":1}", key);
    put(&line, "{\"%c\":%s}", key, number);
    put_after(lines, good.bytes, &line);
    text_free(&line);
    text_free(&good);
}

/* Up to where sixteen bytes end and beyond, with a point at every place. */
static void test_numbers_of_every_size(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of(numbers));
    text lines = {0};
    for (size_t whole = 1; whole <= 20; whole++)
        for (size_t fraction = 0; fraction <= 18; fraction++)
            for (int key = 'a'; key <= 'i'; key++) {
                text number = {0};
                put(&number, "%s", random_below(3) ? "" : "-");
                put_number(&number, whole, fraction);
                put_in_numbers(&lines, key, number.bytes);
                text_free(&number);
            }
    check(&t, &lines);
    assert_read_short(&t, 20 * 19 * 9);
    trial_close(&t);
}

static void test_edges_of_numbers(void **state)
{
    (void)state;
    static const char edges[] =
        "0\n-0\n00\n01\n-01\n0.0\n-0.0\n0.\n.5\n-\n--1\n+1\n1.\n1.e1\n1e\n1e+\n0e0\n0E-0\n1e1\n1E+"
        "1\n"
        "1.5e0\n10e-1\n65535\n65536\n-1\n9223372036854775807\n9223372036854775808\n"
        "-9223372036854775808\n-9223372036854775809\n18446744073709551615\n18446744073709551616\n"
        "999999999999999\n-999999999999999\n1000000000000000\n9999999999999999\n"
        "0.00000000000001\n0.000000000000001\n12345678.1234567\n1234567.12345678\n"
        "1e400\n-1e400\n1e-400\n4e-324\n9223372036.854775807\n9223372036.854775808\n"
        "999999999\n1000000000\n999999999.9999999\n0.0000005\n0.0000015\n0.9999999\n"
        "1 "
        "\n1\t\n1\r\n1a\n1:\n1\"\n1]\n1,\n1.5.5\n1-1\n1/"
        "\n0x1\nNaN\nInfinity\nnull\ntrue\n\"1\"\n[1]\n"
        "1\x01\n1\x80\n1\xC3\xA9\n 1\n\n";
    trial t;
    trial_open(&t, schema_of(numbers));
    text lines = {0};
    uint64_t good = 0;
    for (const char *at = edges; *at;) {
        text edge = next_item(&at);
        for (int key = 'a'; key <= 'i'; key++, good++)
            put_in_numbers(&lines, key, shown(&edge));
        text_free(&edge);
    }
    check(&t, &lines);
    assert_read_short(&t, good - 9);
    trial_close(&t);
}

/* ---- sizes that are foretold ---- */

static bool any_is_steady(const cp_json_shapes *shapes)
{
    for (uint32_t i = 0; i < shapes->node_count; i++)
        if (shapes->nodes[i].is_steady)
            return true;
    return false;
}

static void put_of_size(text *lines, size_t letters, size_t digits)
{
    put(lines, "{\"s\":\"");
    put_letters(lines, letters);
    put(lines, "\",\"n\":");
    put_digits(lines, digits);
    put(lines, ",\"j\":[\"");
    put_letters(lines, letters);
    put(lines, "\"],\"zz\":\"");
    put_letters(lines, letters);
    put(lines, "\"}\n");
}

/* Long runs of one size, and then others, shorter and longer: no word of it is taken on trust. */
static void test_sizes_that_change(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("s:string n:int64 j:json"));
    for (size_t size = 0; size < 20; size++) {
        text lines = {0};
        for (size_t i = 0; i < 500; i++)
            put_of_size(&lines, size, size % 15 + 1);
        check_bytes(&t, (cp_span){(const uint8_t *)lines.bytes, lines.size}, ALL_ROWS);
        for (size_t i = 0; i < t.reader_count; i++)
            assert_true(any_is_steady(&t.learners[i].shapes));
        for (size_t i = 0; i < 40; i++)
            put_of_size(&lines, random_below(2) ? size : i,
                        random_below(2) ? size % 15 + 1 : i % 20 + 1);
        check(&t, &lines);
    }
    assert_read_short(&t, t.accepted * 9 / 10);
    trial_close(&t);
}

/* ---- what is learned, and what is given up ---- */

/* Records of a shape of their own: an unknown key that no other has. */
static void put_strange(text *lines, size_t count)
{
    while (count-- > 0)
        put(lines, "{\"%016" PRIx64 "\":%d,\"n\":%d}\n", random_bits(), (int)random_below(10),
            (int)random_below(100));
}

static void put_regular(text *lines, size_t count)
{
    while (count-- > 0)
        put(lines, "{\"s\":\"a\",\"n\":%d}\n", (int)random_below(100));
}

static uint64_t check_regular(trial *t, size_t count)
{
    uint64_t before = t->learners[0].by_shape;
    text lines = {0};
    put_regular(&lines, count);
    check(t, &lines);
    for (size_t i = 1; i < t->reader_count; i++)
        assert_int_equal(t->learners[i].by_shape, t->learners[0].by_shape);
    return t->learners[0].by_shape - before;
}

static void check_strange(trial *t, size_t count)
{
    text lines = {0};
    put_strange(&lines, count);
    check(t, &lines);
}

static void test_the_second_record_is_read_by_shape(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("s:string n:int64"));
    assert_int_equal(check_regular(&t, 100), 99);
    assert_int_equal(check_regular(&t, 100), 100);
    trial_close(&t);
}

/* Ways of going on have an end, also where there is room for more. */
static void test_ways_are_few(void **state)
{
    (void)state;
    enum { WAYS_MAX = 8 };
    trial t;
    trial_open(&t, schema_of("s:string n:int64"));
    check_strange(&t, 50);
    for (size_t i = 0; i < t.reader_count; i++) {
        const cp_json_shapes *shapes = &t.learners[i].shapes;
        size_t ways = 0;
        for (const cp_shape_node *n = shapes->nodes->next; n; n = n->other)
            ways++;
        assert_int_equal(ways, WAYS_MAX);
        assert_true(shapes->full);
    }
    trial_close(&t);
}

/* A stream that has changed for good gets a tree of its own. */
static void test_a_full_tree_is_given_up(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("s:string n:int64"));
    check_strange(&t, 50);
    assert_int_equal(check_regular(&t, 1000), 0); /* there is no room for it */
    assert_true(t.learners[0].shapes.full);
    assert_in_range(check_regular(&t, 10000), 4000, 9000);
    assert_false(t.learners[0].shapes.full);
    assert_int_equal(t.learners[0].shapes.unknown, 0);
    assert_int_equal(check_regular(&t, 1000), 1000);
    trial_close(&t);
}

/* Without luck shapes are left alone for a while, but not forever. */
static void test_a_stream_without_shapes(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("s:string n:int64"));
    assert_int_equal(check_regular(&t, 100), 99);
    size_t paused = 0;
    for (size_t i = 0; i < 40; i++) {
        check_strange(&t, 100);
        paused += t.learners[0].shapes.pause > 0;
    }
    assert_in_range(paused, 10, 40);
    assert_in_range(check_regular(&t, 10000), 4000, 10000);
    trial_close(&t);
}

/* A few strange records among others cost no shape. */
static void test_luck_lasts(void **state)
{
    (void)state;
    trial t;
    trial_open(&t, schema_of("s:string n:int64"));
    check_regular(&t, 100);
    for (size_t i = 0; i < 100; i++) {
        check_strange(&t, 20);
        assert_int_equal(t.learners[0].shapes.pause, 0);
        assert_int_equal(check_regular(&t, 30), 30);
    }
    trial_close(&t);
}

/* ---- limits ---- */

/* Three records alike, with `count` values and one key of `key_bytes`; how many of the three each
 * reader has read by shape. */
static uint64_t check_three(size_t count, size_t key_bytes)
{
    trial t;
    trial_open(&t, schema_of("n:int64"));
    text lines = {0};
    for (int record = 0; record < 3; record++) {
        put(&lines, "{\"n\":%d", record);
        for (size_t i = 1; i < count; i++)
            put(&lines, ",\"%0*zu\":%d", i == 1 ? (int)key_bytes : 3, i, record);
        put(&lines, "}\n");
    }
    check_bytes(&t, (cp_span){(const uint8_t *)lines.bytes, lines.size}, ALL_ROWS);
    uint64_t by_shape = t.learners[0].by_shape;
    for (size_t i = 1; i < t.reader_count; i++)
        assert_int_equal(t.learners[i].by_shape, by_shape);
    text_free(&lines);
    trial_close(&t);
    return by_shape;
}

static void test_records_of_many_values(void **state)
{
    (void)state;
    for (size_t count = 1; count < 80; count++)
        assert_int_equal(check_three(count, 3), count <= CP_JSON_NOTES_MAX ? 2 : 0);
}

static void test_long_literals(void **state)
{
    (void)state;
    size_t all = CP_SHAPE_NODES * CP_LITERAL_BYTES;
    for (size_t key_bytes = 3; key_bytes < 200; key_bytes++)
        assert_int_equal(check_three(2, key_bytes), 2);
    for (size_t key_bytes = all - 300; key_bytes < all - 200; key_bytes += 7)
        assert_int_equal(check_three(2, key_bytes), 2);
    for (size_t key_bytes = all - 199; key_bytes < all; key_bytes += 7)
        check_three(2, key_bytes); /* either, as long as there is room */
    for (size_t key_bytes = all; key_bytes < all + 300; key_bytes += 7)
        assert_int_equal(check_three(2, key_bytes), 0);
}

enum { NULLS_MAX = CP_JSON_NOTES_MAX - 2, NULL_KEY_BYTES = CP_LITERAL_BYTES - 7 };

/* Fields whose `,"name":null` is a byte more than a node holds. */
static cp_schema *schema_of_nulls(void)
{
    text described = {0};
    for (int i = 0; i < NULLS_MAX; i++)
        put(&described, "%s%0*d:int64", i ? " " : "", NULL_KEY_BYTES, i);
    cp_schema *schema = schema_of(described.bytes);
    text_free(&described);
    return schema;
}

/* A record that takes `count` nodes, and one that takes as many as so many bytes can, for which
 * there may be just as many left. */
static void check_room(size_t count, int nulls)
{
    trial t;
    trial_open(&t, schema_of_nulls());
    text lines = {0};
    put(&lines, "{\"%0*d\":1}\n{", (int)(CP_LITERAL_BYTES * (count - 2) + 1), 0);
    for (int i = 0; i < nulls; i++)
        put(&lines, "%s\"%0*d\":null", i ? "," : "", NULL_KEY_BYTES, i);
    put(&lines, "}\n");
    check(&t, &lines);
    assert_in_range(t.learners[0].shapes.node_count, 1 + count, CP_SHAPE_NODES);
    trial_close(&t);
}

static void test_the_last_nodes(void **state)
{
    (void)state;
    for (size_t count = 3; count < CP_SHAPE_NODES - 1; count++) {
        check_room(count, 1);
        if (count % 4 == 0)
            check_room(CP_SHAPE_NODES / 2 - 32 + count / 4, NULLS_MAX);
    }
}

/* For more keys than a word has bits there are no shapes. */
static void test_schemas_of_many_fields(void **state)
{
    (void)state;
    for (int count = CP_SHAPE_FIELDS_MAX - 1; count <= CP_SHAPE_FIELDS_MAX + 1; count++) {
        text described = {0}, lines = {0};
        for (int i = 0; i < count; i++)
            put(&described, "%sf%d:int64", i ? " " : "", i);
        for (int record = 0; record < 3; record++)
            put(&lines, "{\"f%d\":%d,\"f0\":null,\"f%d\":2}\n", count - 1, record, count / 2);
        trial t;
        trial_open(&t, schema_of(described.bytes));
        check(&t, &lines);
        bool has_shapes = count <= CP_SHAPE_FIELDS_MAX;
        assert_int_equal(t.learners[0].by_shape, has_shapes ? 2 : 0);
        assert_int_equal(t.learners[0].shapes.nodes != NULL, has_shapes);
        text_free(&described);
        trial_close(&t);
    }
}

static void put_times(text *out, const char *piece, size_t times)
{
    while (times-- > 0)
        put(out, "%s", piece);
}

/* Brackets around a record's value count, also where a shape has them: the longest path that has
 * shapes, and behind it as many brackets as there may be, or one more. */
static void test_the_deepest_values(void **state)
{
    (void)state;
    enum { DEPTH = CP_SHAPE_FIELDS_MAX, MORE = CP_JSON_DEPTH_MAX - DEPTH };
    cp_span path[DEPTH];
    for (size_t i = 0; i < DEPTH; i++)
        path[i] = cp_span_of("a");
    for (int key = 'a'; key <= 'b'; key++) {
        cp_schema *schema = schema_of("j:json");
        trial t;
        text lines = {0};
        assert_int_equal(cp_field_set_path(&schema->fields[0], path, DEPTH, NULL), CP_OK);
        trial_open(&t, schema);
        for (size_t i = 0; i < 9; i++) {
            size_t brackets = i % 3 ? MORE - 1 + i % 3 : 0;
            put_times(&lines, "{\"a\":", DEPTH - 1);
            put(&lines, "{\"%c\":", key);
            put_times(&lines, "[", brackets);
            put(&lines, "1");
            put_times(&lines, "]", brackets);
            put_times(&lines, "}", DEPTH);
            put(&lines, "\n");
        }
        check(&t, &lines);
        assert_int_equal(t.accepted, 6);
        assert_read_by_shape(&t, 5);
        trial_close(&t);
    }
}

/* A '\n' at the end of a record that is also the block's. */
static void test_last_lines(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "", "\r\n", "\r", " ", "\n\n", "x", "\n{", "\n{}"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        trial t;
        trial_open(&t, schema_of("s:string n:int64"));
        for (size_t count = 0; count < 5; count++) {
            text lines = {0};
            put_regular(&lines, count);
            put(&lines, "{\"s\":\"a\",\"n\":1}%s", ends[i]);
            check(&t, &lines);
        }
        trial_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_records_of_a_few_shapes, start_random),
        cmocka_unit_test_setup(test_records_of_many_shapes, start_random),
        cmocka_unit_test_setup(test_damage_of_every_byte, start_random),
        cmocka_unit_test_setup(test_strings_of_every_size, start_random),
        cmocka_unit_test_setup(test_odd_bytes_at_every_place, start_random),
        cmocka_unit_test_setup(test_symbols_of_every_size, start_random),
        cmocka_unit_test_setup(test_arrays_of_one_string, start_random),
        cmocka_unit_test_setup(test_what_is_almost_an_array, start_random),
        cmocka_unit_test_setup(test_arrays_of_many_strings, start_random),
        cmocka_unit_test_setup(test_numbers_of_every_size, start_random),
        cmocka_unit_test_setup(test_edges_of_numbers, start_random),
        cmocka_unit_test_setup(test_sizes_that_change, start_random),
        cmocka_unit_test_setup(test_the_second_record_is_read_by_shape, start_random),
        cmocka_unit_test_setup(test_ways_are_few, start_random),
        cmocka_unit_test_setup(test_a_full_tree_is_given_up, start_random),
        cmocka_unit_test_setup(test_a_stream_without_shapes, start_random),
        cmocka_unit_test_setup(test_luck_lasts, start_random),
        cmocka_unit_test(test_records_of_many_values),
        cmocka_unit_test(test_long_literals),
        cmocka_unit_test_setup(test_the_last_nodes, start_random),
        cmocka_unit_test_setup(test_schemas_of_many_fields, start_random),
        cmocka_unit_test_setup(test_the_deepest_values, start_random),
        cmocka_unit_test_setup(test_last_lines, start_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
