/* Each top-level key collects the kinds of its values; the narrowest type that holds them all is
 * the guess:
 *
 *   null  -> (says nothing)       bool -> bool          int64 -> int64
 *   int64 and float64 -> float64  string -> string      anything else, or mixed -> json
 *
 * An integer beyond 64 bits is kept as json, which keeps its text: float64 would change it. So is,
 * beside a float, an int64 that float64 would change. */
#include "formats/json/json_infer.h"

#include "pipeline/core/checked.h"
#include "pipeline/text/escape.h"
#include "pipeline/text/number.h"

enum kind {
    KIND_BOOL = 1,
    KIND_INT = 2,
    KIND_FLOAT = 4,
    KIND_STRING = 8,
    KIND_OTHER = 16,
    KIND_LONG_INT = 32, /* that float64 would change */
};

static unsigned number_kind(const uint8_t *p, const uint8_t *end)
{
    cp_decimal decimal;
    int64_t value;
    cp_decimal_read(p, end, &decimal);
    double real;
    if (!cp_decimal_to_double(&decimal, &real))
        return KIND_OTHER;
    if (!decimal.integral)
        return KIND_FLOAT;
    if (cp_decimal_to_int64(&decimal, &value) != CP_INTEGER_OK)
        return KIND_OTHER;
    return cp_int64_is_double(value) ? KIND_INT : KIND_LONG_INT;
}

/* The kind of the checked value from p to end; 0 for null. */
static unsigned kind_of(const uint8_t *p, const uint8_t *end)
{
    switch (*p) {
    case 'n':
        return 0;
    case 't':
    case 'f':
        return KIND_BOOL;
    case '"':
        return KIND_STRING;
    case '{':
    case '[':
        return KIND_OTHER;
    default:
        return number_kind(p, end);
    }
}

static cp_type type_of(unsigned kinds)
{
    switch (kinds) {
    case KIND_BOOL:
        return CP_TYPE_BOOL;
    case KIND_INT:
    case KIND_LONG_INT:
    case KIND_LONG_INT | KIND_INT:
        return CP_TYPE_INT64;
    case KIND_FLOAT:
    case KIND_FLOAT | KIND_INT:
        return CP_TYPE_FLOAT64;
    case KIND_STRING:
        return CP_TYPE_STRING;
    default:
        return CP_TYPE_JSON;
    }
}

static cp_rc add_field(cp_json_guess *found, cp_span name, cp_error *err)
{
    size_t number = found->schema->field_count;
    cp_rc rc = cp_grow(&found->kinds, &found->capacity, number + 1, sizeof *found->kinds, err);
    char *text = rc ? NULL : cp_arena_take(&found->arena, name.size + 1);
    if (!text)
        return rc ? rc : cp_fail_memory(err, name.size + 1);
    if (name.size)
        memcpy(text, name.data, name.size);
    text[name.size] = '\0';
    found->kinds[number] = 0;
    cp_field *field;
    return cp_schema_add(found->schema, text, CP_TYPE_JSON, &field, err);
}

/* Keys that cannot be fields (holding a NUL, or one too many) stay unknown ones. */
static bool can_be_field(const cp_json_guess *found, cp_span name)
{
    bool has_nul = name.size > 0 && memchr(name.data, '\0', name.size);
    return !has_nul && found->schema->field_count < CP_SCHEMA_FIELDS_MAX;
}

/* Most records have their keys in the order of those before. */
static size_t find_field(cp_json_guess *found, cp_span name)
{
    const cp_schema *schema = found->schema;
    size_t next = found->next < schema->field_count ? found->next : 0;
    if (next == schema->field_count || !cp_span_equal(cp_span_of(schema->fields[next].name), name))
        next = cp_schema_find(schema, name);
    return next;
}

static cp_rc note(cp_json_guess *found, cp_span name, unsigned kind, cp_error *err)
{
    size_t number = find_field(found, name);
    if (number == SIZE_MAX) {
        if (!can_be_field(found, name))
            return CP_OK;
        cp_rc rc = add_field(found, name, err);
        if (rc)
            return rc;
        number = found->schema->field_count - 1;
    }
    found->kinds[number] |= kind;
    found->next = number + 1;
    return CP_OK;
}

static cp_rc key_text(cp_json_guess *found, const cp_json_string *key, cp_span *text, cp_error *err)
{
    *text = key->inside;
    if (!key->has_escapes)
        return CP_OK;
    uint8_t *plain = cp_arena_take(&found->arena, key->inside.size);
    if (!plain)
        return cp_fail_memory(err, key->inside.size);
    *text = (cp_span){plain, cp_unescape(key->inside, plain)};
    return CP_OK;
}

/* Walks the top-level keys of a record that has been checked whole. */
static cp_rc note_record(cp_json_guess *found, const uint8_t *p, cp_json_check *check,
                         cp_error *err)
{
    cp_json_form form = check->form;
    p = cp_json_space(p + 1, form);
    while (*p == '"') {
        cp_json_string key;
        cp_span name;
        p = cp_json_space(cp_json_string_read(p + 1, check, &key), form);
        p = cp_json_space(p + 1, form);
        const uint8_t *end = cp_json_value_skip(p, check, 1);
        cp_rc rc = key_text(found, &key, &name, err);
        if (!rc)
            rc = note(found, name, kind_of(p, check->end), err);
        if (rc)
            return rc;
        p = cp_json_space(end, form);
        if (*p == ',')
            p = cp_json_space(p + 1, form);
    }
    return CP_OK;
}

cp_rc cp_json_guess_open(cp_json_guess *guess, cp_error *err)
{
    *guess = (cp_json_guess){0};
    return cp_schema_new("inferred", &guess->schema, err);
}

cp_rc cp_json_guess_add(cp_json_guess *guess, const uint8_t *p, const uint8_t *end,
                        cp_json_form form, cp_error *err)
{
    cp_json_check check = {.record = p, .end = end, .form = form};
    guess->records++;
    if (*p != '{')
        return CP_OK;
    const uint8_t *value_end = cp_json_value_skip(p, &check, 0);
    if (!value_end || cp_json_record_end(value_end, form) != end)
        return CP_OK;
    return note_record(guess, p, &check, err);
}

void cp_json_guess_end(cp_json_guess *guess, cp_guess *out)
{
    for (size_t i = 0; i < guess->schema->field_count; i++)
        guess->schema->fields[i].type = type_of(guess->kinds[i]);
    guess->schema->inferred = true;
    *out = (cp_guess){guess->schema, guess->records};
    guess->schema = NULL;
}

void cp_json_guess_close(cp_json_guess *guess)
{
    free(guess->kinds);
    cp_arena_free(&guess->arena);
    cp_schema_free(guess->schema);
    *guess = (cp_json_guess){0};
}

static cp_rc add_lines(cp_json_guess *guess, cp_span sample, bool whole, uint64_t most,
                       cp_error *err)
{
    const uint8_t *p = sample.data, *end = sample.data + sample.size;
    cp_rc rc = CP_OK;
    if (sample.size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3;
    while (!rc && p < end && guess->records < most) {
        const uint8_t *line_end = memchr(p, '\n', (size_t)(end - p));
        if (!line_end && !whole)
            break;
        if (!line_end)
            line_end = end; /* a '\n' is readable there */
        const uint8_t *record = cp_json_space(p, CP_JSON_LINES);
        if (*record != '\n')
            rc = cp_json_guess_add(guess, record, line_end, CP_JSON_LINES, err);
        p = line_end + 1;
    }
    return rc;
}

cp_rc cp_json_infer(const cp_format_options *options, cp_span sample, bool whole, cp_guess *out,
                    cp_error *err)
{
    cp_json_guess guess;
    cp_rc rc = cp_json_guess_open(&guess, err);
    if (!rc)
        rc = add_lines(&guess, sample, whole, cp_sample_records(options), err);
    if (!rc)
        cp_json_guess_end(&guess, out);
    cp_json_guess_close(&guess);
    return rc;
}
