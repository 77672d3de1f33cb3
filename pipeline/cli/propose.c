/* Looking at each column of the sample. */
#include "pipeline/cli/propose.h"

#include "pipeline/config/schema_yaml.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/time.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct propose_sink {
    cp_sink base;
    bool written;
} propose_sink;

typedef struct proposal {
    cp_encoded base;
    cp_schema *schema;
} proposal;

/* ---- texts ---- */

/* Digits behind the point of a second. */
static unsigned fraction_digits(cp_span text)
{
    const uint8_t *point = memchr(text.data, '.', text.size);
    unsigned digits = 0;
    for (const uint8_t *p = point ? point + 1 : NULL;
         p && p < text.data + text.size && *p >= '0' && *p <= '9'; p++)
        digits++;
    return digits;
}

/* Digits behind the point, the most of any text; false where one is no time. */
static bool are_times(const cp_gathered *column, bool zone_utc, unsigned *digits)
{
    const cp_span *texts = column->values;
    *digits = 0;
    for (uint64_t i = 0; i < column->count; i++) {
        int64_t time;
        if (cp_time_parse(texts[i], CP_UNIT_S, zone_utc, &time) == CP_TIME_MALFORMED)
            return false;
        unsigned places = fraction_digits(texts[i]);
        *digits = places > *digits ? places : *digits;
    }
    return column->count > 0;
}

static cp_unit unit_for(unsigned digits)
{
    return digits == 0   ? CP_UNIT_S
           : digits <= 3 ? CP_UNIT_MS
           : digits <= 6 ? CP_UNIT_US
                         : CP_UNIT_NS;
}

static bool all_fit(const cp_gathered *column, cp_unit unit, bool zone_utc)
{
    const cp_span *texts = column->values;
    for (uint64_t i = 0; i < column->count; i++) {
        int64_t time;
        if (cp_time_parse(texts[i], unit, zone_utc, &time) != CP_TIME_OK)
            return false;
    }
    return true;
}

/* In the unit of the finest fraction, or the next one that all times fit. */
static bool propose_text_time(const cp_gathered *column, cp_field *field)
{
    unsigned digits;
    bool with_offset = are_times(column, false, &digits);
    if (!with_offset && !are_times(column, true, &digits))
        return false;
    cp_unit unit = unit_for(digits);
    while (!all_fit(column, unit, !with_offset))
        if (unit-- == CP_UNIT_S)
            return false;
    field->type = CP_TYPE_TIMESTAMP;
    field->unit = unit;
    field->encoding = CP_TIME_RFC3339;
    field->zone_utc = !with_offset;
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    return cp_span_compare(*(const cp_span *)a, *(const cp_span *)b);
}

/* In byte order, each once. */
static cp_rc propose_enum(const cp_gathered *column, cp_field *field, cp_error *err)
{
    enum { SYMBOLS_MAX = 20, TIMES_EACH = 5, SYMBOL_BYTES_MAX = 40 };
    size_t count = (size_t)column->count, distinct = 0;
    cp_span *texts;
    cp_rc rc = cp_calloc(count, sizeof *texts, &texts, err);
    if (rc)
        return rc;
    if (count)
        memcpy(texts, column->values, count * sizeof *texts);
    qsort(texts, count, sizeof *texts, compare_texts);
    bool fits = count > 0;
    for (size_t i = 0; i < count; i++) {
        fits = fits && texts[i].size <= SYMBOL_BYTES_MAX;
        if (i == 0 || !cp_span_equal(texts[i], texts[distinct - 1]))
            texts[distinct++] = texts[i];
    }
    if (fits && distinct <= SYMBOLS_MAX && distinct * TIMES_EACH <= count) {
        field->type = CP_TYPE_ENUM;
        rc = cp_field_set_symbols(field, texts, distinct, err);
    }
    free(texts);
    return rc;
}

/* ---- numbers ---- */

static bool speaks_of_time(const char *name)
{
    static const char *const words[] = {"time", "date", "stamp", "created", "updated", "when"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i]))
            return true;
    return strcasecmp(name, "ts") == 0 || strcasecmp(name, "at") == 0 ||
           (size > 3 &&
            (strcasecmp(name + size - 3, "_at") == 0 || strcasecmp(name + size - 3, "_ts") == 0));
}

static double number_at(const cp_gathered *column, cp_type type, uint64_t i)
{
    return type == CP_TYPE_INT64 ? (double)((const int64_t *)column->values)[i]
                                 : ((const double *)column->values)[i];
}

/* Whether all numbers are times of 1980 to 2100 in units of 10^-digits s. */
static bool are_epochs(const cp_gathered *column, cp_type type, double per_second)
{
    for (uint64_t i = 0; i < column->count; i++) {
        double seconds = number_at(column, type, i) / per_second;
        if (!(seconds >= 315532800 && seconds < 4102444800))
            return false;
    }
    return column->count > 0;
}

static void propose_epoch(const cp_gathered *column, cp_field *field)
{
    static const struct {
        double per_second;
        cp_time_encoding encoding;
        cp_unit unit;
    } encodings[] = {{1, CP_TIME_EPOCH_S, CP_UNIT_S},
                     {1e3, CP_TIME_EPOCH_MS, CP_UNIT_MS},
                     {1e6, CP_TIME_EPOCH_US, CP_UNIT_US},
                     {1e9, CP_TIME_EPOCH_NS, CP_UNIT_NS}};
    if (!speaks_of_time(field->name))
        return;
    cp_type type = field->type;
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        if (!are_epochs(column, type, encodings[i].per_second))
            continue;
        field->type = CP_TYPE_TIMESTAMP;
        field->encoding = encodings[i].encoding;
        field->unit = encodings[i].unit;
        if (type == CP_TYPE_FLOAT64 && field->unit < CP_UNIT_US)
            field->unit = CP_UNIT_US; /* fractions are kept */
        return;
    }
}

/* ---- the schema ---- */

/* Bounds and null_if are spelled in the field's type, which then stays. */
static bool has_literals(const cp_field *field)
{
    return field->has_min || field->has_max || field->null_if_count > 0;
}

static cp_rc propose_field(const cp_gathered *column, cp_field *field, cp_error *err)
{
    field->required |= column->count == column->rows && column->rows > 0;
    if (has_literals(field))
        return CP_OK;
    if (field->type == CP_TYPE_STRING && !propose_text_time(column, field))
        return propose_enum(column, field, err);
    if (field->type == CP_TYPE_INT64 || field->type == CP_TYPE_FLOAT64)
        propose_epoch(column, field);
    return CP_OK;
}

/* A field without a column, one that a layout leaves out for example, stays as it is. */
static cp_rc propose_fields(const cp_group *group, cp_schema *out, cp_error *err)
{
    cp_gathered column = {0};
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < group->schema->field_count; i++) {
        const cp_field *from = &group->schema->fields[i];
        cp_field *field;
        rc = cp_schema_add_copy(out, from, NULL, &field, err);
        if (!rc && from->wanted)
            rc = cp_group_gather(group, i, &column, err);
        if (!rc && from->wanted)
            rc = propose_field(&column, field, err);
    }
    cp_gathered_close(&column);
    return rc;
}

static cp_rc copy_layout(const cp_schema *from, cp_schema *out, cp_error *err)
{
    cp_span *names;
    cp_rc rc = cp_calloc(from->layout_field_count, sizeof *names, &names, err);
    for (size_t i = 0; !rc && i < from->layout_field_count; i++)
        names[i] = cp_span_of(from->fields[from->layout_fields[i]].name);
    if (!rc)
        rc = cp_schema_set_layout(out, from->layout, names, from->layout_field_count, err);
    free(names);
    return rc;
}

static cp_rc propose(const cp_group *group, cp_schema **out, cp_error *err)
{
    const cp_schema *from = group->schema;
    cp_rc rc = cp_schema_new("proposed", out, err);
    if (rc)
        return rc;
    (*out)->reject_unknown = from->reject_unknown;
    (*out)->duplicates = from->duplicates;
    rc = propose_fields(group, *out, err);
    return !rc && from->layout ? copy_layout(from, *out, err) : rc;
}

/* ---- the sink ---- */

static cp_rc encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err)
{
    cp_rc rc = cp_calloc(1, sizeof **out, out, err);
    if (!rc)
        (*out)->type = sink->type;
    return rc;
}

static void encoder_close(cp_encoder *encoder)
{
    free(encoder);
}

static void encoded_free(cp_encoded *encoded)
{
    if (!encoded)
        return;
    cp_schema_free(((proposal *)encoded)->schema);
    free(encoded);
}

static cp_rc encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                    cp_encoded **out, cp_error *err)
{
    (void)encoder;
    proposal *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base = (cp_encoded){.type = sink->type, .rows = group->rows};
    rc = propose(group, &self->schema, err);
    if (rc)
        encoded_free(&self->base);
    else
        *out = &self->base;
    return rc;
}

static cp_rc append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err)
{
    char *yaml;
    ((propose_sink *)sink)->written = true;
    cp_rc rc = cp_schema_to_yaml(((const proposal *)encoded)->schema, &yaml, err);
    if (rc)
        return rc;
    rc = cp_writef(writer, err, "# A proposal from %" PRIu64 " records, to be read and edited.\n",
                   encoded->rows);
    if (!rc)
        rc = cp_write(writer, yaml, strlen(yaml), err);
    free(yaml);
    return rc;
}

static cp_rc finish(cp_sink *sink, cp_writer *writer, cp_error *err)
{
    (void)writer;
    return ((propose_sink *)sink)->written
               ? CP_OK
               : cp_fail(err, CP_E_DATA, "no_records",
                         "there is no good record to make a schema from");
}

static void sink_close(cp_sink *sink)
{
    free(sink);
}

static const cp_sink_type propose_type = {
    .name = "schema",
    .extension = ".yaml",
    .encoder_open = encoder_open,
    .encoder_close = encoder_close,
    .encode = encode,
    .encoded_free = encoded_free,
    .append = append,
    .finish = finish,
    .close = sink_close,
};

cp_rc cp_propose_open(cp_sink **out, cp_error *err)
{
    propose_sink *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    if (rc)
        return rc;
    self->base.type = &propose_type;
    *out = &self->base;
    return CP_OK;
}
