/* The JSON reader against a second one: a plain recursive descent that builds a tree and then looks
 * at the schema, on random records and random damage to them. Same verdict, same reason, same
 * field, same row. */
#include "formats/json/json_minify.h"
#include "tests/unit/json_support.h"

#include <math.h>

enum { CASES = 200000, LINES_PER_BLOCK = 400, FIELDS_MAX = 16 };

/* ---- the slow reader: text to tree ---- */

typedef enum kind { NULL_VALUE, BOOL, NUMBER, STRING, ARRAY, OBJECT } kind;

typedef struct node {
    kind kind;
    cp_span raw;    /* as it stands */
    cp_span string; /* STRING: escapes resolved */
    cp_span key;    /* in an object */
    struct node *first, *next;
} node;

typedef struct parser {
    const uint8_t *p, *end;
    cp_arena *arena;
    cp_reason reason;
} parser;

static bool refuse(parser *s, cp_reason reason)
{
    if (s->reason == CP_ACCEPTED)
        s->reason = reason;
    return false;
}

static int peek(const parser *s)
{
    return s->p < s->end ? *s->p : -1;
}

static void space(parser *s)
{
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\r')
        s->p++;
}

static bool expect(parser *s, int byte)
{
    if (peek(s) != byte)
        return refuse(s, CP_JSON_SYNTAX);
    s->p++;
    return true;
}

static bool hex4(parser *s, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *at = peek(s) > 0 ? strchr(digits, peek(s)) : NULL;
        if (!at)
            return refuse(s, CP_JSON_SYNTAX);
        *out = *out * 16 + (uint32_t)((at - digits) % 16);
        s->p++;
    }
    return true;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (uint8_t)c;
        return out;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    *out++ = (uint8_t)((0xF0 << (3 - more)) | (int)(c >> (6 * more)));
    while (more-- > 0)
        *out++ = (uint8_t)(0x80 | (c >> (6 * more) & 0x3F));
    return out;
}

/* Behind "\u". */
static bool unicode_escape(parser *s, uint8_t **out)
{
    uint32_t high, low;
    if (!hex4(s, &high))
        return false;
    if (high >= 0xD800 && high < 0xDC00) {
        parser ahead = *s;
        bool pair = expect(&ahead, '\\') && expect(&ahead, 'u') && hex4(&ahead, &low) &&
                    low >= 0xDC00 && low < 0xE000;
        if (!pair)
            return refuse(s, CP_INVALID_ESCAPE);
        s->p = ahead.p;
        high = 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
    } else if (high >= 0xDC00 && high < 0xE000) {
        return refuse(s, CP_INVALID_ESCAPE);
    }
    *out = put_utf8(*out, high);
    return true;
}

static bool escape(parser *s, uint8_t **out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int letter = peek(s);
    const char *at = letter > 0 ? strchr(letters, letter) : NULL;
    if (letter == 'u') {
        s->p++;
        return unicode_escape(s, out);
    }
    if (!at)
        return refuse(s, CP_JSON_SYNTAX);
    s->p++;
    *(*out)++ = (uint8_t)meanings[at - letters];
    return true;
}

/* One character beyond ASCII. */
static bool wide_character(parser *s, uint8_t **out)
{
    uint8_t again[4];
    uint8_t lead = *s->p;
    int more = lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 0;
    uint32_t c = lead & (0x3FU >> more);
    for (int i = 1; i <= more; i++) {
        if (s->p + i >= s->end || s->p[i] >> 6 != 2)
            return refuse(s, CP_INVALID_UTF8);
        c = c << 6 | (s->p[i] & 0x3F);
    }
    bool shortest =
        more && c <= 0x10FFFF && c >> 11 != 0x1B && put_utf8(again, c) - again == more + 1;
    if (!shortest)
        return refuse(s, CP_INVALID_UTF8);
    *out = put_utf8(*out, c);
    s->p += more + 1;
    return true;
}

static bool string(parser *s, cp_span *out)
{
    uint8_t *plain = cp_arena_take(s->arena, (size_t)(s->end - s->p) + 4), *at = plain;
    assert_non_null(plain);
    if (!expect(s, '"'))
        return false;
    while (peek(s) != '"') {
        int byte = peek(s);
        bool good = true;
        if (byte < 0x20)
            return refuse(s, CP_JSON_SYNTAX);
        if (byte == '\\') {
            s->p++;
            good = escape(s, &at);
        } else if (byte >= 0x80) {
            good = wide_character(s, &at);
        } else {
            *at++ = *s->p++;
        }
        if (!good)
            return false;
    }
    s->p++;
    *out = (cp_span){plain, (size_t)(at - plain)};
    return true;
}

static bool digits(parser *s)
{
    const uint8_t *start = s->p;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->p++;
    return s->p > start || refuse(s, CP_JSON_SYNTAX);
}

static bool number(parser *s)
{
    if (peek(s) == '-')
        s->p++;
    if (peek(s) == '0')
        s->p++;
    else if (!digits(s))
        return false;
    if (peek(s) == '.') {
        s->p++;
        if (!digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->p++;
        if (peek(s) == '+' || peek(s) == '-')
            s->p++;
        return digits(s);
    }
    return true;
}

static bool value(parser *s, node **out);

/* The inside of an array or object. */
static bool members(parser *s, node *parent, int close)
{
    node **last = &parent->first;
    s->p++;
    space(s);
    if (peek(s) == close) {
        s->p++;
        return true;
    }
    for (;;) {
        cp_span key = {0};
        if (close == '}') {
            if (!string(s, &key))
                return false;
            space(s);
            if (!expect(s, ':'))
                return false;
            space(s);
        }
        if (!value(s, last))
            return false;
        (*last)->key = key;
        last = &(*last)->next;
        space(s);
        if (peek(s) == close) {
            s->p++;
            return true;
        }
        if (!expect(s, ','))
            return false;
        space(s);
    }
}

static bool word(parser *s, const char *spelled)
{
    for (; *spelled; spelled++)
        if (!expect(s, *spelled))
            return false;
    return true;
}

static bool inner_value(parser *s, node *n)
{
    switch (peek(s)) {
    case '{':
        n->kind = OBJECT;
        return members(s, n, '}');
    case '[':
        n->kind = ARRAY;
        return members(s, n, ']');
    case '"':
        n->kind = STRING;
        return string(s, &n->string);
    case 't':
        n->kind = BOOL;
        return word(s, "true");
    case 'f':
        n->kind = BOOL;
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        n->kind = NUMBER;
        return number(s);
    }
}

static bool value(parser *s, node **out)
{
    node *n = cp_arena_take(s->arena, sizeof *n);
    assert_non_null(n);
    *n = (node){.raw.data = s->p};
    *out = n;
    bool good = inner_value(s, n);
    n->raw.size = (size_t)(s->p - n->raw.data);
    return good;
}

static node *parse(cp_span record, cp_arena *arena, cp_reason *reason)
{
    parser s = {record.data, record.data + record.size, arena, CP_ACCEPTED};
    node *root = NULL;
    space(&s);
    bool good = value(&s, &root);
    space(&s);
    if (good && s.p < s.end)
        refuse(&s, CP_JSON_SYNTAX);
    *reason = s.reason;
    return root;
}

/* ---- numbers, digit by digit ---- */

/* digits * 10^exponent, without zeros at either end. */
typedef struct decimal {
    char digits[512];
    int count;
    long exponent;
    bool negative;
} decimal;

static decimal decimal_of(cp_span spelled)
{
    decimal d = {.negative = spelled.data[0] == '-'};
    size_t i = d.negative;
    bool fraction = false;
    for (; i < spelled.size && (spelled.data[i] | 0x20) != 'e'; i++) {
        char c = (char)spelled.data[i];
        if (c == '.') {
            fraction = true;
            continue;
        }
        assert_true(d.count < (int)sizeof d.digits);
        if (d.count > 0 || c != '0')
            d.digits[d.count++] = c;
        d.exponent -= fraction;
    }
    if (i < spelled.size) {
        text exponent = {0};
        put(&exponent, "%.*s", (int)(spelled.size - i - 1), (const char *)spelled.data + i + 1);
        long written = strtol(exponent.bytes, NULL, 10);
        d.exponent += written > 1000000 ? 1000000 : written < -1000000 ? -1000000 : written;
        text_free(&exponent);
    }
    while (d.count > 0 && d.digits[d.count - 1] == '0') {
        d.count--;
        d.exponent++;
    }
    return d;
}

/* The whole number nearest to the decimal, ties to even; false beyond 64 bits and sign by far. */
static bool whole_of(const decimal *d, __int128 *out)
{
    long whole = d->count + d->exponent; /* digits before the point */
    *out = 0;
    if (d->count == 0 || whole < 0)
        return true;
    if (whole > 20)
        return false;
    for (long i = 0; i < whole; i++)
        *out = *out * 10 + (i < d->count ? d->digits[i] - '0' : 0);
    if (whole < d->count) {
        int next = d->digits[whole] - '0';
        bool exactly_half = next == 5 && whole + 1 == d->count;
        *out += exactly_half ? (int)(*out & 1) : next >= 5;
    }
    *out = d->negative ? -*out : *out;
    return true;
}

static cp_reason to_integer(const node *n, __int128 low, __int128 high, __int128 *out)
{
    decimal d = decimal_of(n->raw);
    if (d.count > 0 && d.exponent < 0)
        return CP_NOT_AN_INTEGER;
    return whole_of(&d, out) && *out >= low && *out <= high ? CP_ACCEPTED : CP_OUT_OF_RANGE;
}

/* ---- tree to row, as the schema has it ---- */

typedef struct verdict {
    cp_reason reason;
    const char *field; /* NULL: none */
    text cells[FIELDS_MAX];
} verdict;

static bool wrong(verdict *v, cp_reason reason, const char *field)
{
    v->reason = reason;
    v->field = field;
    return false;
}

static void set_cell(text *cell, const char *shown_value)
{
    cell->size = 0;
    put(cell, "%s", shown_value);
}

static cp_reason check_limits(const cp_field *field, double x)
{
    bool is_float = cp_type_is_float(field->type);
    for (size_t i = 0; i < field->null_if_count; i++)
        if ((is_float ? field->null_if[i].f : (double)field->null_if[i].i) == x)
            return CP_ACCEPTED_NULL;
    if (field->has_min && x < (is_float ? field->min.f : (double)field->min.i))
        return CP_BELOW_MIN;
    if (field->has_max && x > (is_float ? field->max.f : (double)field->max.i))
        return CP_ABOVE_MAX;
    return CP_ACCEPTED;
}

static cp_reason integer_cell(const cp_field *field, const node *n, text *cell)
{
    __int128 x, low = INT64_MIN, high = INT64_MAX;
    if (field->type == CP_TYPE_INT32) {
        low = INT32_MIN;
        high = INT32_MAX;
    } else if (field->type == CP_TYPE_UINT16) {
        low = 0;
        high = UINT16_MAX;
    }
    cp_reason reason = to_integer(n, low, high, &x);
    if (reason == CP_ACCEPTED) {
        put(cell, "%" PRId64, (int64_t)x);
        reason = check_limits(field, (double)x);
    }
    return reason;
}

static cp_reason float_cell(const cp_field *field, const node *n, text *cell)
{
    text spelled = {0};
    put_bytes(&spelled, n->raw.data, n->raw.size);
    bool single = field->type == CP_TYPE_FLOAT32;
    double x = single ? (double)strtof(spelled.bytes, NULL) : strtod(spelled.bytes, NULL);
    text_free(&spelled);
    put(cell, single ? "%.9g" : "%.17g", x);
    return isinf(x) ? CP_FLOAT_OVERFLOW : check_limits(field, x);
}

static cp_reason time_cell(const node *n, text *cell)
{
    __int128 x;
    decimal d = decimal_of(n->raw);
    d.exponent += 6;
    if (!whole_of(&d, &x) || x < INT64_MIN || x > INT64_MAX)
        return CP_TIME_OUT_OF_RANGE;
    put(cell, "%" PRId64, (int64_t)x);
    return CP_ACCEPTED;
}

static cp_reason string_cell(const cp_field *field, const node *n, text *cell)
{
    for (size_t i = 0; i < field->null_if_count; i++)
        if (cp_span_equal(field->null_if[i].text, n->string))
            return CP_ACCEPTED_NULL;
    if (field->type == CP_TYPE_STRING) {
        put_text_cell(cell, n->string);
        return CP_ACCEPTED;
    }
    for (size_t i = 0; i < field->symbol_count; i++)
        if (cp_span_equal(field->symbols[i], n->string)) {
            put_visible(cell, n->string);
            return CP_ACCEPTED;
        }
    return CP_UNKNOWN_SYMBOL;
}

/* Without white space between tokens, which test_json_minify.c looks after. */
static cp_reason json_cell(const node *n, text *cell)
{
    uint8_t *tight = malloc(n->raw.size);
    assert_non_null(tight);
    put_text_cell(cell, (cp_span){tight, (size_t)(cp_json_minify(n->raw, tight) - tight)});
    free(tight);
    return CP_ACCEPTED;
}

static cp_reason cell_of(const cp_field *field, const node *n, text *cell)
{
    if (n->kind == NULL_VALUE)
        return CP_ACCEPTED_NULL;
    if (field->type == CP_TYPE_JSON)
        return json_cell(n, cell);
    bool is_text = field->type == CP_TYPE_STRING || field->type == CP_TYPE_ENUM;
    kind wanted = field->type == CP_TYPE_BOOL ? BOOL : is_text ? STRING : NUMBER;
    if (n->kind != wanted)
        return CP_WRONG_TYPE;
    if (wanted == BOOL) {
        put(cell, "%s", n->raw.data[0] == 't' ? "true" : "false");
        return CP_ACCEPTED;
    }
    if (is_text)
        return string_cell(field, n, cell);
    if (field->type == CP_TYPE_TIMESTAMP)
        return time_cell(n, cell);
    return cp_type_is_float(field->type) ? float_cell(field, n, cell)
                                         : integer_cell(field, n, cell);
}

/* Field numbers below a path's beginning. */
typedef struct below {
    size_t numbers[FIELDS_MAX];
    size_t count;
} below;

static below fields_below(const cp_schema *schema, const below *above, size_t depth, cp_span key)
{
    below out = {.count = 0};
    for (size_t i = 0; i < above->count; i++) {
        const cp_field *field = &schema->fields[above->numbers[i]];
        if (field->path_count > depth && cp_span_equal(field->path[depth], key))
            out.numbers[out.count++] = above->numbers[i];
    }
    return out;
}

static bool object_cells(const cp_schema *schema, const node *object, const below *above,
                         size_t depth, verdict *v);

static bool member_cells(const cp_schema *schema, const node *n, const below *fields, size_t depth,
                         verdict *v)
{
    const cp_field *first = &schema->fields[fields->numbers[0]];
    if (first->path_count > depth + 1) {
        if (n->kind == NULL_VALUE)
            return true;
        if (n->kind != OBJECT)
            return wrong(v, CP_WRONG_TYPE, first->name);
        return object_cells(schema, n, fields, depth + 1, v);
    }
    text *cell = &v->cells[fields->numbers[0]];
    cell->size = 0;
    cp_reason reason = cell_of(first, n, cell);
    if (reason == CP_ACCEPTED_NULL)
        set_cell(cell, "null");
    return reason <= CP_ACCEPTED_NULL || wrong(v, reason, first->name);
}

static bool met_before(const node *object, const node *n)
{
    for (const node *other = object->first; other != n; other = other->next)
        if (cp_span_equal(other->key, n->key))
            return true;
    return false;
}

static bool object_cells(const cp_schema *schema, const node *object, const below *above,
                         size_t depth, verdict *v)
{
    for (const node *n = object->first; n; n = n->next) {
        below fields = fields_below(schema, above, depth, n->key);
        if (fields.count == 0) {
            if (schema->reject_unknown)
                return wrong(v, CP_UNKNOWN_FIELD, NULL);
            continue;
        }
        bool again = met_before(object, n);
        if (again && schema->duplicates == CP_DUPLICATE_REJECT)
            return wrong(v, CP_DUPLICATE_KEY, schema->fields[fields.numbers[0]].name);
        if (again && schema->duplicates == CP_DUPLICATE_FIRST)
            continue;
        if (!member_cells(schema, n, &fields, depth, v))
            return false;
    }
    return true;
}

/* The one required field is the first. */
static bool required_is_there(const cp_schema *schema, const node *object, verdict *v)
{
    const cp_field *field = &schema->fields[0];
    if (!field->required || strcmp(shown(&v->cells[0]), "null") != 0)
        return true;
    for (const node *n = object->first; n; n = n->next)
        if (cp_span_equal(n->key, field->path[0]))
            return wrong(v, CP_NULL_VALUE, field->name);
    return wrong(v, CP_MISSING_FIELD, field->name);
}

static void judge(const cp_schema *schema, cp_span record, verdict *v)
{
    cp_arena arena = {0};
    below all = {.count = schema->field_count};
    v->field = NULL;
    for (size_t i = 0; i < all.count; i++) {
        all.numbers[i] = i;
        set_cell(&v->cells[i], "null");
    }
    node *root = parse(record, &arena, &v->reason);
    if (v->reason == CP_ACCEPTED && root->kind != OBJECT)
        wrong(v, CP_NOT_AN_OBJECT, NULL);
    else if (v->reason == CP_ACCEPTED && object_cells(schema, root, &all, 0, v))
        required_is_there(schema, root, v);
    cp_arena_free(&arena);
}

/* ---- random records ---- */

static const char *pick(const char *const *from, size_t count)
{
    return from[random_below(count)];
}

#define PICK(array) pick(array, sizeof(array) / sizeof *(array))

static void put_number(text *out)
{
    static const char *const edges[] = {"0",
                                        "-0",
                                        "65535",
                                        "65536",
                                        "2147483647",
                                        "-2147483648",
                                        "2147483648",
                                        "9223372036854775807",
                                        "-9223372036854775809",
                                        "1e5",
                                        "1.0",
                                        "10E-1",
                                        "1e400",
                                        "-1e-400",
                                        "5e-324",
                                        "3.4028236e38",
                                        "1e39",
                                        "-9999",
                                        "9223372036854.775807",
                                        "9223372036854.775808",
                                        "0.0000005",
                                        "0.0000015",
                                        "1e15",
                                        "1e-7",
                                        "16777217",
                                        "0.1"};
    switch (random_below(5)) {
    case 0:
        put(out, "%s", PICK(edges));
        break;
    case 1:
        put(out, "%zu", random_below(100000));
        break;
    case 2:
        put(out, "%.*f", (int)random_below(9), (double)random_below(2000000) / 64);
        break;
    case 3:
        put(out, "%.17g", ldexp((double)(int64_t)random_bits(), (int)random_below(80) - 100));
        break;
    default:
        put(out, "%" PRId64, (int64_t)random_bits() >> random_below(64));
        break;
    }
}

static void put_string(text *out)
{
    static const char *const parts[] = {
        "a",
        "NEW",
        "OPEN",
        "hello world",
        "",
        "\\n",
        "\\u0041",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\u0000",
        "\xC3\xA9",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
        "\\\"",
        "\\\\",
        "\\/",
        "0123456789abcdef0123456789abcdef",
        "\\ud83d",
        "\xC3",
        "N/A",
        "{\\\"",
        "\x7F",
    };
    put(out, "\"");
    for (size_t i = random_below(4); i-- > 0;)
        put(out, "%s", PICK(parts));
    if (random_below(3) == 0)
        put(out, "%s", random_below(2) ? "NEW" : "SHUT");
    put(out, "\"");
}

static void put_space(text *out)
{
    static const char *const spaces[] = {" ", "\t", "\r", "  ", " \t "};
    if (random_below(12) == 0)
        put(out, "%s", PICK(spaces));
}

static void put_object(text *out, const cp_schema *schema, int depth, int budget);

static void put_value(text *out, const cp_schema *schema, int depth, int budget)
{
    switch (random_below(budget > 0 ? 8 : 6)) {
    case 0:
        put(out, "null");
        break;
    case 1:
        put(out, "%s", random_below(2) ? "true" : "false");
        break;
    case 2:
    case 3:
        put_number(out);
        break;
    case 4:
    case 5:
        put_string(out);
        break;
    case 6:
        put_object(out, schema, depth, budget - 1);
        break;
    default:
        put(out, "[");
        for (size_t i = random_below(4), first = i; i-- > 0;) {
            put(out, i + 1 < first ? "," : "");
            put_space(out);
            put_value(out, schema, depth, budget - 1);
            put_space(out);
        }
        put(out, "]");
        break;
    }
}

/* A value that the field takes, most often. */
static void put_fitting(text *out, const cp_schema *schema, const cp_field *field, int depth)
{
    bool is_text = field->type == CP_TYPE_STRING || field->type == CP_TYPE_ENUM;
    if (random_below(16) == 0 || field->type == CP_TYPE_JSON)
        put_value(out, schema, depth, 3);
    else if (field->path_count > (size_t)depth)
        put_object(out, schema, depth, 2);
    else if (field->type == CP_TYPE_ENUM && random_below(8))
        put(out, "\"%s\"", random_below(2) ? "OPEN" : "SHUT");
    else if (is_text)
        put_string(out);
    else if (field->type == CP_TYPE_BOOL)
        put(out, "%s", random_below(2) ? "true" : "false");
    else if (random_below(4))
        put(out, "%zu", random_below(70));
    else
        put_number(out);
}

static void put_name(text *out, cp_span name)
{
    put(out, "\"");
    for (size_t i = 0; i < name.size; i++)
        put(out, random_below(30) ? "%c" : "\\u%04x", name.data[i]);
    put(out, "\"");
}

/* `depth` keys of the way to a field lie behind. */
static void put_object(text *out, const cp_schema *schema, int depth, int budget)
{
    static const char *const unknown[] = {"\"zz\"", "\"\"", "\"idd\"", "\"i\"", "\"\\n\""};
    put(out, "{");
    for (size_t i = random_below(8), first = i; i-- > 0;) {
        bool first_field = i == 0 && random_below(2); /* the one that may be required */
        const cp_field *field =
            &schema->fields[first_field ? 0 : random_below(schema->field_count)];
        put(out, i + 1 < first ? "," : "");
        put_space(out);
        if ((size_t)depth >= field->path_count || random_below(12) == 0)
            put(out, "%s", PICK(unknown));
        else
            put_name(out, field->path[depth]);
        put_space(out);
        put(out, ":");
        put_space(out);
        if (budget > 0)
            put_fitting(out, schema, field, depth + 1);
        else
            put(out, "1");
        put_space(out);
    }
    put(out, "}");
}

static char random_byte(void)
{
    static const char likely[] = "{}[]\":,\\u0123456789.eE+-ntrufalse \t\r";
    char byte = random_below(4) ? likely[random_below(sizeof likely - 1)] : (char)random_bits();
    return byte == '\n' ? ' ' : byte;
}

/* Removes, inserts, changes or repeats a few bytes, or cuts the end off. */
static void damage(text *record)
{
    size_t at = random_below(record->size), size = 1 + random_below(4);
    size = size > record->size - at ? record->size - at : size;
    char piece[8] = {0};
    memcpy(piece, record->bytes + at, size);
    text out = {0};
    put_bytes(&out, record->bytes, at);
    switch (random_below(5)) {
    case 0:
        put_bytes(&out, record->bytes + at + size, record->size - at - size);
        break;
    case 1:
        piece[0] = random_byte();
        put_bytes(&out, piece, 1);
        put_bytes(&out, record->bytes + at, record->size - at);
        break;
    case 2:
        piece[0] = random_byte();
        put_bytes(&out, piece, 1);
        put_bytes(&out, record->bytes + at + 1, record->size - at - 1);
        break;
    case 3:
        put_bytes(&out, piece, size);
        put_bytes(&out, record->bytes + at, record->size - at);
        break;
    default:
        put_bytes(&out, "x", out.size == 0);
        break;
    }
    text_free(record);
    *record = out;
}

static bool is_blank(const text *record)
{
    size_t i = 0;
    while (i < record->size && strchr(" \t\r", record->bytes[i]) && record->bytes[i])
        i++;
    return i == record->size;
}

static void random_record(const cp_schema *schema, text *out)
{
    put_space(out);
    if (random_below(40))
        put_object(out, schema, 0, 3);
    else
        put_value(out, schema, 0, 3);
    put_space(out);
    for (size_t i = random_below(2) ? random_below(4) : 0; i-- > 0 && out->size > 0;)
        damage(out);
    if (is_blank(out))
        put(out, "x");
}

/* ---- both readers on the same lines ---- */

static void put_verdict(text *out, const cp_schema *schema, const verdict *v)
{
    if (v->reason != CP_ACCEPTED) {
        put(out, "%s %s", cp_reason_name(v->reason), v->field ? v->field : "-");
        return;
    }
    for (size_t i = 0; i < schema->field_count; i++) {
        put_bytes(out, " ", i > 0);
        put(out, "%s", shown(&v->cells[i]));
    }
}

/* What the decoder says of record `number`: the next reject where that is its, else the next row.
 */
static text next_answer(const char **rows, const char **rejects, size_t number)
{
    text out = {0};
    size_t record;
    char reason[64], field[64];
    if (**rejects &&
        sscanf(*rejects, "%zu %*u %*u+%*u %63s %63[^:]", &record, reason, field) == 3 &&
        record == number) {
        put(&out, "%s %s", reason, field);
        *rejects = strchr(*rejects, '\n') + 1;
        return out;
    }
    size_t size = strcspn(*rows, "\n");
    put_bytes(&out, *rows, size);
    *rows += size + ((*rows)[size] == '\n');
    return out;
}

static size_t compare_block(const cp_format *format, const cp_schema *schema, verdict *v)
{
    text lines = {0}, expected[LINES_PER_BLOCK] = {{0}};
    size_t starts[LINES_PER_BLOCK + 1] = {0}, refused = 0;
    for (size_t i = 0; i < LINES_PER_BLOCK; i++) {
        text record = {0};
        random_record(schema, &record);
        judge(schema, (cp_span){(const uint8_t *)record.bytes, record.size}, v);
        put_verdict(&expected[i], schema, v);
        refused += v->reason != CP_ACCEPTED;
        put_bytes(&lines, record.bytes, record.size);
        put(&lines, "\n");
        starts[i + 1] = lines.size;
        text_free(&record);
    }
    decoded out =
        decode_at(format, schema, (cp_span){(const uint8_t *)lines.bytes, lines.size}, ALL_ROWS, 1);
    const char *rows = shown(&out.rows), *rejects = shown(&out.rejects);
    for (size_t i = 0; i < LINES_PER_BLOCK; i++) {
        text answer = next_answer(&rows, &rejects, i);
        if (strcmp(shown(&answer), shown(&expected[i])) != 0)
            fail_msg("%.*sbecame  %s\nnot     %s", (int)(starts[i + 1] - starts[i]),
                     lines.bytes + starts[i], shown(&answer), shown(&expected[i]));
        text_free(&answer);
        text_free(&expected[i]);
    }
    decoded_free(&out);
    text_free(&lines);
    return refused;
}

/* About half of the records are to be good, so that both verdicts are tried. */
static void compare(cp_schema *schema, size_t cases)
{
    cp_format *format = plan_of(schema);
    verdict v = {0};
    size_t refused = 0, blocks = cases / LINES_PER_BLOCK;
    for (size_t i = 0; i < blocks; i++)
        refused += compare_block(format, schema, &v);
    assert_in_range(refused, blocks * LINES_PER_BLOCK / 10, blocks * LINES_PER_BLOCK * 9 / 10);
    for (size_t i = 0; i < FIELDS_MAX; i++)
        text_free(&v.cells[i]);
    cp_jsonl_format.plan_close(format);
    cp_schema_free(schema);
}

static const char flat[] = "id:string n:int32 u:uint16 x:float64 f:float32 e:enum b:bool j:json "
                           "t:timestamp[us] a_longer_name_than_13:int64";
static const char nested[] = "id:string n:int32 o.p:int64 x:float64 o.q.r:string e:enum o.q.s:json "
                             "t:timestamp[us] m.n:bool";

static void test_plain(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(flat);
    schema->duplicates = CP_DUPLICATE_FIRST;
    compare(schema, CASES / 4);
}

static void test_last_duplicates_and_rules(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(flat);
    schema->duplicates = CP_DUPLICATE_LAST;
    cp_field *n = field_of(schema, "n"), *x = field_of(schema, "x"), *id = field_of(schema, "id");
    n->has_min = n->has_max = x->has_max = true;
    n->min.i = -50;
    n->max.i = 60;
    x->max.f = 1e6;
    assert_int_equal(cp_field_add_null_if(n, (cp_literal){.i = 7}, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(x, (cp_literal){.f = -9999}, NULL), CP_OK);
    assert_int_equal(cp_field_add_null_if(id, (cp_literal){.text = cp_span_of("a")}, NULL), CP_OK);
    compare(schema, CASES / 4);
}

static void test_nested_paths(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(nested);
    schema->duplicates = CP_DUPLICATE_FIRST;
    schema->fields[0].required = true;
    compare(schema, CASES / 4);
}

static void test_strict(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(nested);
    schema->duplicates = CP_DUPLICATE_REJECT;
    schema->reject_unknown = true;
    compare(schema, CASES / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plain, start_random),
        cmocka_unit_test_setup(test_last_duplicates_and_rules, start_random),
        cmocka_unit_test_setup(test_nested_paths, start_random),
        cmocka_unit_test_setup(test_strict, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
