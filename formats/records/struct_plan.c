/* From schema and layout to steps.
 *
 *   layout         "<dHfB"        -->  value  d   H   f   B     at their offsets
 *   layout_fields  [time, ...]    -->  field  time ...          each fed once
 *                                      step   load, feed, kernel and what it accepts */
#include "formats/records/struct_plan.h"

#include "formats/records/struct_feeds.h"
#include "formats/records/struct_format.h"
#include "formats/records/struct_load.h"
#include "formats/records/struct_rules.h"
#include "pipeline/core/checked.h"

#include <stdio.h>

static const cp_struct_group groups[] = {
    [CP_TYPE_BOOL] = CP_STRUCT_TO_BOOL,      [CP_TYPE_INT8] = CP_STRUCT_TO_INTEGER,
    [CP_TYPE_INT16] = CP_STRUCT_TO_INTEGER,  [CP_TYPE_INT32] = CP_STRUCT_TO_INTEGER,
    [CP_TYPE_INT64] = CP_STRUCT_TO_INTEGER,  [CP_TYPE_UINT8] = CP_STRUCT_TO_INTEGER,
    [CP_TYPE_UINT16] = CP_STRUCT_TO_INTEGER, [CP_TYPE_UINT32] = CP_STRUCT_TO_INTEGER,
    [CP_TYPE_UINT64] = CP_STRUCT_TO_INTEGER, [CP_TYPE_FLOAT32] = CP_STRUCT_TO_FLOAT,
    [CP_TYPE_FLOAT64] = CP_STRUCT_TO_FLOAT,  [CP_TYPE_STRING] = CP_STRUCT_TO_STRING,
    [CP_TYPE_ENUM] = CP_STRUCT_TO_ENUM,      [CP_TYPE_TIMESTAMP] = CP_STRUCT_TO_TIME,
    [CP_TYPE_JSON] = CP_STRUCT_TO_JSON,
};

static cp_struct_kind kind_of_code(char code)
{
    static const char *const codes[CP_STRUCT_KIND_COUNT] = {
        [CP_STRUCT_SIGNED] = "bhilq", [CP_STRUCT_UNSIGNED] = "BHILQ", [CP_STRUCT_TRUTH] = "?",
        [CP_STRUCT_REAL] = "efd",     [CP_STRUCT_TEXT] = "cs",
    };
    cp_struct_kind kind = CP_STRUCT_SIGNED;
    while (!strchr(codes[kind], code))
        kind++;
    return kind;
}

static bool encoding_fits(const cp_struct_step *s)
{
    bool textual = s->field->encoding == CP_TIME_RFC3339;
    return s->field->type != CP_TYPE_TIMESTAMP || textual == (s->kind == CP_STRUCT_TEXT);
}

/* `rc`, which cp_fail has just told, is about this field. */
static cp_rc name_field(cp_error *err, const cp_field *field, cp_rc rc)
{
    if (err)
        snprintf(err->field, sizeof err->field, "%s", field->name);
    return rc;
}

static cp_rc check_pairing(const cp_struct_step *s, cp_error *err)
{
    char type[CP_TYPE_NAME_BYTES];
    if (s->field->type == CP_TYPE_JSON)
        return cp_fail(err, CP_E_CONFIG, "bad_layout", "values of struct records cannot be json");
    if (!s->feed)
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "layout code '%c' cannot feed a field of type %s", s->code,
                       cp_type_name(s->field, type));
    if (!encoding_fits(s))
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "layout code '%c' cannot feed a time in encoding %s", s->code,
                       s->kind == CP_STRUCT_TEXT ? "epoch" : "rfc3339");
    return CP_OK;
}

static cp_rc make_step(const cp_struct_plan *p, size_t number, cp_struct_step *s, cp_error *err)
{
    const cp_layout_value *from = &p->layout.values[number];
    size_t column = p->schema->layout_fields[number];
    *s = (cp_struct_step){.field = &p->schema->fields[column],
                          .column = column,
                          .offset = from->offset,
                          .size = from->size,
                          .code = from->code,
                          .kind = kind_of_code(from->code)};
    s->width = cp_type_width(s->field->type);
    cp_struct_group group = groups[s->field->type];
    s->feed = cp_struct_feed_of(s->kind, group);
    cp_rc rc = check_pairing(s, err);
    if (rc)
        return name_field(err, s->field, rc);
    if (s->kind == CP_STRUCT_TEXT)
        return CP_OK;
    s->load = cp_struct_load_of(s->kind, s->size, p->layout.big_endian);
    cp_struct_rules_prepare(s, group);
    return CP_OK;
}

static cp_rc make_steps(cp_struct_plan *p, bool *fed, cp_error *err)
{
    cp_rc rc = cp_calloc(p->layout.value_count, sizeof *p->steps, &p->steps, err);
    for (size_t i = 0; !rc && i < p->layout.value_count; i++) {
        size_t column = p->schema->layout_fields[i];
        if (fed[column])
            return name_field(
                err, &p->schema->fields[column],
                cp_fail(err, CP_E_CONFIG, "bad_layout", "layout_fields names the field twice"));
        fed[column] = true;
        rc = make_step(p, i, &p->steps[p->step_count++], err);
    }
    return rc;
}

/* Absent fields are null in every record, required ones too: a layout may leave out what other
 * formats of the same schema must bring. `required` is judged where a value is fed. */
static cp_rc list_absent(cp_struct_plan *p, const bool *fed, cp_error *err)
{
    cp_rc rc = cp_calloc(p->schema->field_count, sizeof *p->absent, &p->absent, err);
    for (size_t i = 0; !rc && i < p->schema->field_count; i++)
        if (!fed[i])
            p->absent[p->absent_count++] = i;
    return rc;
}

static cp_rc fill_plan(cp_struct_plan *p, cp_error *err)
{
    if (!p->schema->layout)
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "struct records need a layout and layout_fields");
    cp_rc rc = cp_layout_parse(p->schema->layout, &p->layout, err);
    if (rc)
        return rc;
    if (p->layout.value_count != p->schema->layout_field_count)
        return cp_fail(err, CP_E_CONFIG, "bad_layout",
                       "layout: it has %zu values, but layout_fields has %zu names",
                       p->layout.value_count, p->schema->layout_field_count);
    bool *fed = NULL;
    rc = cp_calloc(p->schema->field_count, sizeof *fed, &fed, err);
    if (!rc)
        rc = make_steps(p, fed, err);
    if (!rc)
        rc = list_absent(p, fed, err);
    free(fed);
    return rc;
}

void cp_struct_plan_close(cp_format *format)
{
    cp_struct_plan *p = (cp_struct_plan *)format;
    if (!p)
        return;
    cp_layout_close(&p->layout);
    free(p->steps);
    free(p->absent);
    free(p);
}

bool cp_struct_feeds(const cp_schema *schema, size_t field)
{
    for (size_t i = 0; i < schema->layout_field_count; i++)
        if (schema->layout_fields[i] == field)
            return true;
    return false;
}

cp_rc cp_struct_plan_open(const cp_schema *schema, const cp_format_options *options,
                          cp_format **out, cp_error *err)
{
    cp_struct_plan *p = NULL;
    cp_rc rc = cp_calloc(1, sizeof *p, &p, err);
    if (rc)
        return rc;
    p->base.type = &cp_struct_format;
    p->schema = schema;
    p->max_record_bytes = options->max_record_bytes;
    p->skip_bytes = options->skip_bytes;
    const cp_struct_kernels *avx2 = cp_struct_kernels_avx2();
    p->kernels = avx2 ? avx2 : cp_struct_kernels_portable();
    rc = fill_plan(p, err);
    if (rc)
        cp_struct_plan_close(&p->base);
    else
        *out = &p->base;
    return rc;
}
