/* Probing and guessing. Each column collects the kinds of its values; one kind alone, or int64 with
 * float64, is the guess, everything else is string, which holds any text. So does an integer that
 * float64 would change, beside a float. */
#include "formats/text/csv_infer.h"

#include "formats/text/csv_header.h"
#include "formats/text/csv_record.h"
#include "formats/text/text_probe.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/number.h"

/* ---- probe ---- */

enum { PROBED_RECORDS = 10, GUESS = 10 };

/* JSON is for the formats of JSON to tell. */
static bool may_be_csv(cp_span head)
{
    return head.size > 0 && head.data[0] != '{' && head.data[0] != '[' && !cp_looks_binary(head);
}

static bool is_name(cp_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        bool is_other = c == '_' || c == '.' || c == '-' || (c >= '0' && c <= '9');
        if (!is_letter && !(is_other && i > 0))
            return false;
    }
    return text.size > 0;
}

/* A header without records is told by its names alone. */
static bool are_names(const uint8_t *start, const cp_csv_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        if (!is_name(cp_csv_field(start, record->ends, i)))
            return false;
    return true;
}

/* What the first records have in common. */
typedef struct likeness {
    size_t records, alike; /* alike: as many fields as the first, two at least */
    bool names;            /* the first one's fields could be names */
} likeness;

static likeness compare_records(cp_span head, bool whole, cp_csv_record *record)
{
    const cp_csv_dialect commas = {',', UINT64_MAX};
    likeness found = {0};
    size_t fields = 0;
    for (size_t at = 0; at < head.size && found.records < PROBED_RECORDS; at += record->whole) {
        cp_span rest = {head.data + at, head.size - at};
        if (cp_csv_record_read(rest, &commas, record, NULL) || (!record->is_ended && !whole))
            break;
        if (cp_csv_is_blank(record))
            continue;
        if (found.records++ == 0) {
            fields = record->fault.reason || record->count < 2 ? 0 : record->count;
            found.names = are_names(rest.data, record);
        }
        found.alike += !record->fault.reason && record->count == fields;
    }
    return found;
}

/* A few bad records change nothing; one alone is a header, or any text with a comma. */
int cp_csv_probe(cp_span head, bool whole)
{
    size_t mark = cp_mark_bytes(head);
    head = (cp_span){head.data + mark, head.size - mark};
    if (!may_be_csv(head))
        return 0;
    cp_csv_record record = {0};
    likeness found = compare_records(head, whole, &record);
    cp_csv_record_close(&record);
    bool is_csv = found.records > 1 ? found.alike > 1 && found.alike * 2 > found.records
                                    : found.alike == 1 && whole && found.names;
    return is_csv ? GUESS : 0;
}

/* ---- infer ---- */

enum kind { KIND_BOOL = 1, KIND_INT = 2, KIND_FLOAT = 4, KIND_STRING = 8, KIND_LONG_INT = 16 };

static unsigned kind_of(cp_span text)
{
    const uint8_t *end = text.data + text.size;
    cp_decimal number;
    int64_t whole;
    double real;
    if (cp_span_equal(text, cp_span_of("true")) || cp_span_equal(text, cp_span_of("false")))
        return KIND_BOOL;
    if (cp_decimal_read(text.data, end, &number) != end)
        return KIND_STRING;
    if (!number.integral)
        return cp_decimal_to_double(&number, &real) ? KIND_FLOAT : KIND_STRING;
    /* Beyond 64 bits text keeps every digit. */
    if (cp_decimal_to_int64(&number, &whole) != CP_INTEGER_OK)
        return KIND_STRING;
    return cp_int64_is_double(whole) ? KIND_INT : KIND_LONG_INT;
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
    default:
        return CP_TYPE_STRING;
    }
}

static unsigned kind_of_field(cp_span field)
{
    if (field.size == 0)
        return 0;
    bool is_quoted = *field.data == '"';
    return kind_of(is_quoted ? (cp_span){field.data + 1, field.size - 2} : field);
}

/* The kinds of all columns over the sample's records; bad records say nothing. */
static cp_rc note_sample(cp_span sample, bool whole, const cp_csv_dialect *dialect,
                         const cp_csv_names *names, uint64_t most, unsigned *kinds,
                         uint64_t *records, cp_error *err)
{
    cp_csv_record record = {0};
    cp_rc rc = CP_OK;
    size_t at = (size_t)names->bytes;
    for (; !rc && at < sample.size && *records < most; at += record.whole) {
        cp_span rest = {sample.data + at, sample.size - at};
        rc = cp_csv_record_read(rest, dialect, &record, err);
        if (rc || (!record.is_ended && !whole))
            break;
        *records += names->count == 1 || !cp_csv_is_blank(&record);
        if (record.fault.reason || record.count != names->count)
            continue;
        for (size_t i = 0; i < record.count; i++)
            kinds[i] |= kind_of_field(cp_csv_field(rest.data, record.ends, i));
    }
    cp_csv_record_close(&record);
    return rc;
}

/* Names that cannot be fields (holding a NUL, met before, or one too many) stay unknown ones. */
static bool can_be_field(const cp_schema *schema, cp_span name)
{
    bool has_nul = name.size > 0 && memchr(name.data, '\0', name.size);
    return !has_nul && schema->field_count < CP_SCHEMA_FIELDS_MAX &&
           cp_schema_find(schema, name) == SIZE_MAX;
}

static cp_rc add_field(cp_schema *schema, cp_span name, cp_type type, cp_error *err)
{
    char *text;
    cp_field *field;
    cp_rc rc = cp_calloc(name.size + 1, 1, &text, err);
    if (rc)
        return rc;
    if (name.size)
        memcpy(text, name.data, name.size);
    rc = cp_schema_add(schema, text, type, &field, err);
    free(text);
    return rc;
}

static cp_rc make_schema(const cp_csv_names *names, const unsigned *kinds, cp_schema **out,
                         cp_error *err)
{
    cp_schema *schema;
    cp_rc rc = cp_schema_new("inferred", &schema, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < names->count; i++)
        if (can_be_field(schema, names->items[i]))
            rc = add_field(schema, names->items[i], type_of(kinds[i]), err);
    schema->inferred = true;
    if (rc)
        cp_schema_free(schema);
    else
        *out = schema;
    return rc;
}

cp_rc cp_csv_infer(cp_span sample, bool whole, const cp_csv_dialect *dialect,
                   const cp_format_options *options, cp_guess *out, cp_error *err)
{
    cp_csv_names names;
    unsigned *kinds = NULL;
    *out = (cp_guess){0};
    cp_rc rc = cp_csv_names_read(sample, whole, dialect, options->columns, options->column_count,
                                 &names, err);
    bool has_names = rc == CP_OK;
    if (rc == CP_MORE) /* the header goes on behind the sample: no record, then */
        rc = CP_OK;
    if (!rc)
        rc = cp_calloc(names.count, sizeof *kinds, &kinds, err);
    if (!rc && has_names)
        rc = note_sample(sample, whole, dialect, &names, cp_sample_records(options), kinds,
                         &out->records, err);
    if (!rc)
        rc = make_schema(&names, kinds, &out->schema, err);
    free(kinds);
    cp_csv_names_free(&names);
    return rc;
}
